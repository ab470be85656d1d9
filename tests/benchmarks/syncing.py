"""Calls of a membership sync without the plugin, counted on a practice forum."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import forum as practice

from sync_worker import membership
from sync_worker.config.settings import CohortSettings, ForumSettings, LimitSettings, Settings
from sync_worker.forum import Forum
from sync_worker.model import Enrolment, Person, Roster, RosterKind
from sync_worker.store.database import Store, open_store

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)


def count_calls(people: int) -> list[tuple[str, int, int]]:
    """Return what was done, how many people it concerned, and how many calls it took."""
    changed = people // 100
    with TemporaryDirectory() as folder, practice.running(people + changed) as forum_settings:
        store = open_store(f"sqlite:///{Path(folder) / 'bench.db'}")
        try:
            first = _sync(forum_settings, store, 1, people)
            unchanged = _sync(forum_settings, store, 1, people)
            shifted = _sync(forum_settings, store, 1 + changed, people + changed)
        finally:
            store.close()
    return [
        ("first sync", people, first),
        ("sync with nothing to do", people, unchanged),
        ("sync of a 1 % change", 2 * changed, shifted),
    ]


def _sync(forum_settings: ForumSettings, store: Store, first: int, last: int) -> int:
    cohort = CohortSettings.model_validate(
        {"key": "bench", "name": "Bench", "start": "2027-01-11", "end": "2027-02-21", "timezone": "UTC"}
    )
    limits = LimitSettings(allow=("add", "remove", "owners", "create"), grace_days=0)
    settings = Settings(forum=forum_settings, cohorts=(cohort,), limits=limits)
    enrolments = tuple(
        Enrolment(
            Person(email=f"bulk{number:04}@example.org", name=f"Bulk {number}"), "bench", where=f"roster:{number}"
        )
        for number in range(first, last + 1)
    )
    with Forum.connect(forum_settings, practice.KEY) as forum:
        _, report = membership.sync(settings, Roster("bench", RosterKind.SNAPSHOT, enrolments), forum, store, now=NOW)
        assert not report.failed
        return forum.calls.total
