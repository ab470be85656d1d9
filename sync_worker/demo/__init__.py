"""The demo: two cohorts of simulated learners, a virtual clock, and the real worker looking after them over HTTP."""

from __future__ import annotations
