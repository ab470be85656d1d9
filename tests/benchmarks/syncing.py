"""Calls of membership syncs, counted on practice forums: what is asked of a forum, and how often.

`python tests/benchmarks/syncing.py` prints the tables of docs/costs.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sync_worker import membership
from sync_worker.config import ForumSettings
from sync_worker.config.settings import CohortSettings, LimitSettings, LookupSettings, Settings
from sync_worker.forum import Forum
from sync_worker.model import Enrolment, Person, Role, Roster, RosterKind
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from sync_worker.store.database import Store, open_store

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
LATER = timedelta(hours=1)
RUNGS = ("core", "terms", "explorer", "plugin")
SHAPES = ((100, 1), (1000, 1), (10_000, 1), (10_000, 10), (10_000, 100))


@dataclass(frozen=True)
class Costs:
    """How many calls a first sync, one with nothing to do, and the first two of a 1 % change took."""

    people: int
    cohorts: int
    rung: str
    first: int
    unchanged: int
    changed: int
    again: int
    operations: dict[str, dict[str, int]]


@dataclass
class Bench:
    """A forum with `people` accounts and a hundredth more, a store, and a roster of cohorts of the same size."""

    forum_settings: ForumSettings
    store: Store
    people: int
    cohorts: int
    check: str = "log"
    now: datetime = NOW

    def sync(self, shift: int = 0) -> dict[str, int]:
        """Sync the roster, shifted by so many people, and return the calls by operation."""
        self.now += LATER
        with Forum.connect(self.forum_settings, DEFAULT_KEY) as forum:
            _, report = membership.sync(self._settings(), self._roster(shift), forum, self.store, now=self.now)
            assert report.failed == (), report.failed[:3]
            return forum.calls.by_operation

    def _settings(self) -> Settings:
        dates = {"start": "2027-01-11", "end": "2027-02-21", "timezone": "UTC"}
        cohorts = [
            CohortSettings.model_validate({"key": f"bench{number}", "name": f"Bench {number}", **dates})
            for number in range(self.cohorts)
        ]
        limits = LimitSettings(
            allow=("add", "remove", "owners", "create"), max_removals=1_000_000, grace_days=0, grace_runs=1
        )
        lookup = LookupSettings(check=self.check)
        return Settings(forum=self.forum_settings, cohorts=tuple(cohorts), limits=limits, lookup=lookup)

    def _roster(self, shift: int) -> Roster:
        size = self.people // self.cohorts
        enrolments = []
        for cohort in range(self.cohorts):
            moved = shift // self.cohorts
            numbers = range(cohort * size + 1 + moved, (cohort + 1) * size + 1 + moved)
            for number in numbers:
                person = Person(email=f"bulk{number:04}@example.org", name=f"Bulk {number}")
                role = Role.LCM if number % size == size // 2 else Role.LEARNER
                enrolments.append(Enrolment(person, f"bench{cohort}", role, where=f"roster:{number}"))
        return Roster("bench", RosterKind.SNAPSHOT, tuple(enrolments))


@contextmanager
def bench(people: int, cohorts: int, rung: str, check: str = "log") -> Iterator[Bench]:
    """Give a forum of one kind: `core` an older one, `terms` one of 2026, `explorer` one with the Data Explorer,
    `plugin` one with our plugin."""
    settings = {"enable_category_group_moderation": "true"}
    if rung == "explorer":
        settings["data_explorer_enabled"] = "true"
    accounts = people + people // 50 + 2 * cohorts
    options = ForumOptions(
        bulk_users=accounts,
        settings=settings,
        user_filter="many" if rung == "terms" else "single",
        plugin=rung == "plugin",
    )
    with TemporaryDirectory() as folder, ForumServer(":memory:", options=options) as server:
        store = open_store(f"sqlite:///{Path(folder) / 'bench.db'}")
        try:
            forum = ForumSettings(url=server.url, api_username="forumadmin", calls_per_minute=1_000_000)
            yield Bench(forum, store, people, cohorts, check)
        finally:
            store.close()


def measure(people: int, cohorts: int, rung: str, check: str = "log") -> Costs:
    """Sync four times and return what each took."""
    hundredth = max(people // 100, cohorts)
    with bench(people, cohorts, rung, check) as one:
        calls = {"first": one.sync(), "unchanged": one.sync()}
        calls |= {"changed": one.sync(shift=hundredth), "again": one.sync(shift=2 * hundredth)}
    totals = {name: sum(counted.values()) for name, counted in calls.items()}
    return Costs(people, cohorts, rung, **totals, operations=calls)


def count_calls(people: int) -> list[tuple[str, int, int]]:
    """Return what was done, how many people it concerned, and how many calls it took, on an older core."""
    costs = measure(people, 1, "core")
    return [
        ("first sync", people, costs.first),
        ("sync with nothing to do", people, costs.unchanged),
        ("sync of a 1 % change", 2 * (people // 100), costs.changed),
    ]


def main() -> None:
    """Print the measured calls as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", choices=("log", "count"), default="log")
    parser.add_argument("--operations", action="store_true", help="show each sync's calls by operation")
    options = parser.parse_args()
    print("| people | cohorts | rung | first sync | nothing changed | 1 % changed | 1 % changed again |")
    print("|---:|---:|---|---:|---:|---:|---:|")
    for people, cohorts in SHAPES:
        for rung in RUNGS:
            costs = measure(people, cohorts, rung, options.check)
            figures = f"{costs.first} | {costs.unchanged} | {costs.changed} | {costs.again}"
            print(f"| {people:,} | {cohorts} | {rung} | {figures} |", flush=True)
            if options.operations:
                for name, counted in costs.operations.items():
                    print(f"    {name}: {counted}")


if __name__ == "__main__":
    main()
