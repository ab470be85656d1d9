"""A rehearsal: a whole playbook with the real roster on a practice forum, before a cohort sees any of it."""

from __future__ import annotations

from sync_worker.rehearsal.page import write_page
from sync_worker.rehearsal.play import Rehearsed, rehearse

__all__ = ["Rehearsed", "rehearse", "write_page"]
