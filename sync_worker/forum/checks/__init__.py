"""Finds what is wrong with a set-up, and says what to change and where."""

from __future__ import annotations

from sync_worker.checks import Finding, Verdict
from sync_worker.forum.checks.setup import check_setup

__all__ = ["Finding", "Verdict", "check_setup"]
