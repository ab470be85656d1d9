"""The practice forum as pages that a person can look at, under the same addresses as Discourse's."""

from __future__ import annotations

from sync_worker.practice_forum.pages.views import blueprint

__all__ = ["blueprint"]
