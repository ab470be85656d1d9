"""The journey's clock: the dates of playbooks against bare dates, and a tick with nothing due against bare queries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import select

from sync_worker.config.load import complete_cohort
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings
from sync_worker.forum import Forum, Patience
from sync_worker.playbook.load import Playbook, playbooks_of
from sync_worker.playbook.schedule import occurrences
from sync_worker.plays import REGISTRY
from sync_worker.publish.entries import close_occurrence
from sync_worker.store.database import Store, open_store
from sync_worker.store.tables import OccurrenceRow
from sync_worker.worker.run import run_due

COHORTS = 200
STEPS = 10
START = date(2026, 1, 5)  # a Monday
NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)  # between two steps, eight weeks later
ZONES = ("Europe/Lisbon", "Pacific/Auckland", "America/New_York", "UTC")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")


@dataclass(frozen=True)
class Case:
    """Two ways to the same dates, and a tick beside the queries that it cannot do without.

    `count` is how many dates there are, `calls` how many calls the tick made.
    """

    count: int
    bare_dates: Callable[[], object]
    dates: Callable[[], object]
    bare_tick: Callable[[], object]
    tick: Callable[[], object]
    calls: Callable[[], int]


@contextmanager
def case(wanted: int) -> Iterator[Case]:
    """Give cohorts that have as many dates as `wanted`, rounded up to whole weeks; all that has come is done."""
    weeks = -(-wanted // (COHORTS * STEPS))
    with TemporaryDirectory() as name:
        settings = _settings(Path(name), weeks)
        playbook = playbooks_of(settings, REGISTRY)["bench"]
        cohorts = [complete_cohort(one) for one in settings.cohorts]
        with closing(open_store(settings.store)) as store, _silent(settings) as forum:
            _all_done(store, settings, playbook)

            def dates() -> int:
                return sum(len(occurrences(playbook.file, cohort)) for cohort in cohorts)

            def bare_dates() -> int:
                found = 0
                for cohort in cohorts:
                    days = (
                        START + timedelta(weeks=week, days=step % 5) for week in range(weeks) for step in range(STEPS)
                    )
                    moments = [datetime.combine(day, time(9), cohort.zone).astimezone(UTC) for day in days]
                    found += len(sorted(moments))
                return found

            def tick() -> None:
                report = run_due(forum, store, settings, {"bench": playbook}, NOW)
                assert report.is_empty, report
                assert not report.standing, report.standing

            def bare_tick() -> None:
                for cohort in cohorts:
                    with store.begin() as session:
                        session.scalars(select(OccurrenceRow).where(OccurrenceRow.cohort == cohort.key)).all()

            assert dates() == bare_dates() == COHORTS * STEPS * weeks
            yield Case(dates(), bare_dates, dates, bare_tick, tick, lambda: forum.calls.total)


def _settings(folder: Path, weeks: int) -> Settings:
    (folder / "bench" / "templates").mkdir(parents=True)
    (folder / "bench" / "templates" / "note.en.md").write_text("---\ntitle: A note\n---\nA note.\n", encoding="utf-8")
    steps = "".join(
        f"  - {{id: step-{number}, every: {WEEKDAYS[number % 5]} 09:00, play: topic, with: {{template: note}}}}\n"
        for number in range(STEPS)
    )
    head = "playbook: bench\ntitle: {en: Bench}\nversion: 1\nsteps:\n"
    (folder / "bench" / "playbook.yml").write_text(head + steps, encoding="utf-8")
    end = START + timedelta(weeks=weeks) - timedelta(days=1)
    cohorts = tuple(
        CohortSettings(
            key=f"cohort-{number}",
            name=f"Cohort {number}",
            start=START,
            end=end,
            timezone=ZONES[number % len(ZONES)],
            playbook="bench",
        )
        for number in range(COHORTS)
    )
    forum = ForumSettings(url="http://127.0.0.1:1")  # nobody answers: a call would fail
    return Settings(forum=forum, store=f"sqlite:///{folder / 'lcm.db'}", playbooks=(folder / "bench",), cohorts=cohorts)


@contextmanager
def _silent(settings: Settings) -> Iterator[Forum]:
    with Forum.connect(settings.forum, "key", patience=Patience(attempts=1)) as forum:
        yield forum


def _all_done(store: Store, settings: Settings, playbook: Playbook) -> None:
    """Write down that everything up to now was done."""
    with store.begin() as session:
        for declared in settings.cohorts:
            for one in occurrences(playbook.file, complete_cohort(declared), NOW):
                session.add(close_occurrence(settings.forum.name, one, "done", "", NOW))
