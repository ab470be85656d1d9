"""The only place that speaks HTTP to Discourse, built on pydiscourse."""

from __future__ import annotations

from sync_worker.errors import Outcome
from sync_worker.forum.client import Forum
from sync_worker.forum.failures import FailedCall, Patience
from sync_worker.forum.transport import CallCounter

__all__ = ["CallCounter", "FailedCall", "Forum", "Outcome", "Patience"]
