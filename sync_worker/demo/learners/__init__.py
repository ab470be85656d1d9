"""Simulated learners: who they are, when they act, and what they write. All of it follows from a seed."""

from __future__ import annotations
