"""Plays a simulated year with the worker's own service, on virtual time, and keeps count of what went wrong."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from sync_worker.config.load import complete_cohort
from sync_worker.config.settings import ForumSettings
from sync_worker.errors import ForumError, LcmError
from sync_worker.model import DraftKind
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.server.options import NONE, PROFILES, FaultProfile
from sync_worker.store.database import open_store
from sync_worker.store.ledger import DRAFTING, decide_draft, drafts, occurrences_over
from sync_worker.store.pauses import held
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.due import plan, read_late
from sync_worker.worker.recovery import plan_recovery, recover
from sync_worker.worker.roster_sync import read_state
from tests.soak.oracle import Oracle
from tests.soak.running import Log, Running
from tests.soak.stage import REFUSALS, noon
from tests.soak.year import Event, Trouble
from tests.worker.conftest import Killed, Reaper
from tests.worker.test_clock_watch import Machine
from tests.worker.test_outages import maintenance, unreachable

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from sync_worker.config import Settings
    from sync_worker.playbook.load import Playbook
    from tests.soak.oracle import Said
    from tests.soak.stage import Stage
    from tests.soak.stores import Database
    from tests.soak.year import CohortOfYear

EVERYTHING = PROFILES["everything"]
FAULTY = FaultProfile("a faulty day", 0.1, EVERYTHING.kinds, slow_seconds=0.0)
MOMENTS = (20, 60, 200, 600)  # so many moments of a run at which it may be killed
BACKED_UP_EVERY = timedelta(days=2)
DISASTER_LASTS = timedelta(days=2)
MINUTE = timedelta(minutes=1)


@dataclass
class Played:
    """What came of a year."""

    oracle: Oracle
    counts: Counter[str]

    @property
    def problems(self) -> list[str]:
        """Everything that must not be, in words."""
        return [f"{kind}: {one}" for kind, found in self.oracle.problems.items() for one in found]


@dataclass
class Soak:
    """One year under way."""

    stage: Stage
    database: Database
    counts: Counter[str] = field(default_factory=Counter)
    away: list[tuple[datetime, datetime]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin before the first day."""
        self.year = self.stage.year
        self.oracle = Oracle(self.stage)
        self.machine = Machine(self.year.ticks[0], began=self.year.ticks[0])
        self.log = Log()
        self.worker: Running | None = None
        self.to_answer: list[tuple[str, Said]] = []
        self.until = dict.fromkeys(Trouble, self.year.ticks[0])
        self.forum_copies: list[tuple[datetime, sqlite3.Connection]] = []
        self.store_copied: list[datetime] = []
        self.refused: set[tuple[str, str]] = set()
        self.jump = timedelta(0)
        self.outage: Callable[[], Any] = unreachable
        self.works_since = self.year.ticks[0]
        self.restored = False
        self.judged: set[str] = set()
        self.loaded: dict[str, tuple[Settings, dict[str, Playbook]]] = {}

    def play(self, progress: Callable[[datetime], None] | None = None) -> Played:
        """Live through the whole year."""
        logger = logging.getLogger("sync_worker")
        logger.addHandler(self.log)
        try:
            self.stage.build()
            for number, at in enumerate(self.year.ticks):
                self._tick(number, at)
                if progress is not None:
                    progress(at)
            self._end()
        finally:
            logger.removeHandler(self.log)
            if self.worker is not None:
                self.worker.stop()
        return Played(self.oracle, self.counts)

    # A tick: what people and staff did since, what goes wrong, the worker, and what it came to.

    def _tick(self, number: int, at: datetime) -> None:
        day = at.date()
        if not any(one.is_declared(day) for one in self.year.cohorts):
            return
        self.counts["ticks"] += 1
        if at.hour == self.year.hours[0]:
            self._new_day(day, at)
        if at.hour == self.year.hours[-1]:
            self._people(day)
        self.machine.true = max(self.machine.true, at)
        self.stage.set_clock(at)
        prepared = [self._prepare(one) for one in self.year.events.get(at, ())]
        self._work(at, [reaper for reaper in prepared if reaper], number)
        self._read(at)

    def _new_day(self, day: date, at: datetime) -> None:
        if self.until[Trouble.ROSTER] <= at:
            self.stage.disaster = ""
        if self.stage.write_files(day) and self.worker is not None:
            self._restart()
        if (day - self.year.ticks[0].date()).days % BACKED_UP_EVERY.days == 0:
            self._back_up(at)

    def _back_up(self, at: datetime) -> None:
        self.forum_copies = [*self.forum_copies[-1:], (at, self.stage.back_up())]
        self._restart()
        self.database.copy()
        self.store_copied = [*self.store_copied[-1:], at]

    def _people(self, day: date) -> None:
        now = noon(day)
        self.stage.live(day, now)
        for cohort in self.year.cohorts:
            age = (day - cohort.start).days
            if not 0 <= age <= (cohort.end - cohort.start).days:
                continue
            for one in cohort.present(day):
                if one.refuses and age >= one.refuses_on and (cohort.key, one.username) not in self.refused:
                    self._refuse(cohort, one.username)
        waiting, self.to_answer = self.to_answer, []
        for username, said in waiting:
            self._answer(username, said)
        self._approve(now)

    def _refuse(self, cohort: CohortOfYear, username: str) -> None:
        one = next(person for person in cohort.people if person.username == username)
        if self.stage.ids[username] not in self.stage.members(cohort.key):
            return
        at = self.stage.refuse(one)
        if at is not None:
            self.refused.add((cohort.key, username))
            self.counts["refusals"] += 1
            for what in REFUSALS[one.refuses]:
                self.oracle.refused[username].setdefault(what, at)

    def _answer(self, username: str, said: Said) -> None:
        """Let somebody answer a message that they got."""
        rng = self.year.chance("answer", username, said.key)
        if "may I show" in said.title:
            raw = rng.choice(("Yes, you may show it.", "Yes, you may show it.", "No, please do not show it.", ""))
        else:
            word = self.stage.token(username)
            raw = rng.choice(("", f"I have to think about that {word}, and tell you on Friday {word}."))
        if raw:
            self.stage.answer(username, said.topic, raw)

    def _approve(self, now: datetime) -> None:
        """Let the LCMs decide, as `lcm drafts approve` does."""
        with self._session() as session:
            for row in drafts(session, self.name):
                rng = self.year.chance("decide", row.key)
                decide_draft(row, "approved" if rng.random() < 0.85 else "rejected", "lcm_01", now)

    @property
    def name(self) -> str:
        """What the store calls the forum."""
        return ForumSettings(url=self.stage.server.url).name

    @contextmanager
    def _session(self) -> Iterator[Session]:
        """The store, by a connection beside those of the worker."""
        with closing(open_store(self.stage.store)) as store, store.begin() as session:
            yield session

    # What goes wrong.

    def _prepare(self, one: Event) -> Reaper | None:
        """Let a trouble begin; return what ends a run in its middle, where it is that."""
        at, what = one.at, one.what
        moment = 1 + one.number % MOMENTS[one.number // 7 % len(MOMENTS)]
        length = timedelta(hours=1 + one.number % 40)
        if what is Trouble.KILL:
            return Reaper(moment)
        if what is Trouble.DATABASE:
            return Reaper(moment, end=self._break_database)
        self.counts[what] += 1
        if what is Trouble.RESTART:
            self._restart()
        elif what in (Trouble.FAULTS, Trouble.OUTAGE, Trouble.CLOCK):
            self.until[what] = at + (timedelta(days=1) if what is Trouble.FAULTS else length)
            if what is Trouble.CLOCK:
                self.jump = (timedelta(days=365), timedelta(hours=-3), timedelta(days=2), timedelta(minutes=40))[
                    one.number % 4
                ]
            self.outage = (unreachable, maintenance)[one.number % 2]
        elif what in (Trouble.RESTORE_STORE, Trouble.LOSE_STORE):
            self._put_store_back(at, lose=what is Trouble.LOSE_STORE)
        elif what is Trouble.RESTORE_FORUM:
            self._put_forum_back(at, one.number)
        elif what is Trouble.ROSTER:
            self.until[what] = at + DISASTER_LASTS
            self.stage.disaster = one.kind
            self.stage.write_files(at.date())
        elif what is Trouble.HAND:
            self._by_hand(one)
        return None

    def _restart(self) -> None:
        if self.worker is not None:
            self.worker.stop()
        self.worker = None

    def _put_store_back(self, at: datetime, *, lose: bool) -> None:
        self._restart()
        if lose:
            self.database.lose()
        else:
            self.database.put_back()
        self.oracle.stores_put_back += 1
        self.stage.adopt = ("adopt",)  # groups of which the store knows nothing any more: see the guide
        self.stage.write_files(at.date())
        self._forget_whom_the_store_forgot()
        self.away.append((self.year.ticks[0] if lose else self.store_copied[0], at))

    def _forget_whom_the_store_forgot(self) -> None:
        """Members whom the store does not know any more stay, as people do whom somebody added."""
        for cohort in self.year.cohorts:
            for number in self.stage.members(cohort.key):
                self.oracle.by_hand.add((cohort.key, self.stage.names.get(number, "")))

    def _put_forum_back(self, at: datetime, number: int) -> None:
        since, copy = self.forum_copies[0]
        self.stage.put_back(copy, at)
        self.oracle.forum_was_put_back()
        self.restored = True
        if number % 2:
            self._recover(at)
        self.away.append((since, at + timedelta(days=1)))
        self.to_answer = []
        for name, said in list(self.oracle.refused.items()):  # what was said after the backup is said again
            for what, when in list(said.items()):
                if when > since:
                    del said[what]
                    self.refused = {one for one in self.refused if one[1] != name}

    def _by_hand(self, one: Event) -> None:
        cohorts = [cohort for cohort in self.year.cohorts if cohort.start <= one.at.date() <= cohort.end]
        done = self.stage.edit_by_hand(one, cohorts) if cohorts else None
        if done is None:
            return
        kind, key, target = done
        if kind == "add outsider":
            self.oracle.by_hand.add((key, target))
        elif kind == "remove member":
            self.oracle.left_by_hand.add((key, target))

    def _break_database(self) -> None:
        self.counts[Trouble.DATABASE] += 1
        self.database.fail()

    # The worker.

    def _work(self, at: datetime, reapers: Sequence[Reaper], number: int) -> None:
        faulty, away, wrong = (self.until[what] > at for what in (Trouble.FAULTS, Trouble.OUTAGE, Trouble.CLOCK))
        self.machine.error = self.jump if wrong else timedelta(0)
        layer = self.stage.server.app.extensions["faults"]
        layer.set(FAULTY if faulty else NONE, number)
        race = any(one.what is Trouble.RACE for one in self.year.events.get(at, ()))
        broke = self.counts[Trouble.DATABASE]
        with ExitStack() as stack:
            if away:
                stack.enter_context(self.outage())
            for reaper in reapers:
                with self.database.may_fail():
                    self._attempt(reaper)
                self.machine.pass_time(minutes=1)
            self._attempt(Reaper(), race=race)
        self.counts["faults"] += layer.happened.total()
        layer.set(NONE, 0)
        if self.counts[Trouble.DATABASE] == broke:
            for mistake in self.log.mistakes:
                self.oracle.note("broken", f"{at}: {mistake}")
        self.log.mistakes.clear()
        if self._is_held() or away or wrong or faulty or self.counts[Trouble.DATABASE] != broke:
            self.away.append((self.works_since, at))
        else:
            self.works_since = at
        if self.restored and not (away or wrong):
            if not self._is_held():
                self._excuse_who_counts_as_left(at.date())
            self._recover(at)

    def _attempt(self, reaper: Reaper, *, race: bool = False) -> None:
        """Let the worker work once, from its start where it does not run; it may be killed meanwhile."""
        broke = self.counts[Trouble.DATABASE]
        try:
            with reaper.at_work():
                if self.worker is None:
                    self.worker = self._start()
                if race:
                    self._race(self.worker)
                else:
                    self.worker.tick(desks=self._is_desk_time)
        except Killed:
            self.counts[Trouble.KILL] += 1
            self._restart()
        except (LcmError, DBAPIError):
            if self.counts[Trouble.DATABASE] == broke:
                raise
            self._restart()  # it could not start
        if self.worker is not None:
            self.counts["calls"] += self.worker.real.calls.total - self._counted
            self._counted = self.worker.real.calls.total

    _counted = 0

    @property
    def _is_desk_time(self) -> bool:
        """Once a day; every other day where a day has one tick only: desks cost most of all."""
        now, hours = self.machine.true, self.year.hours
        return now.hour == hours[-1] and (len(hours) > 1 or now.toordinal() % 2 == 0)

    def _start(self) -> Running:
        self._counted = 0
        if self.stage.written not in self.loaded:
            settings = self.stage.settings()
            self.loaded = {self.stage.written: (settings, playbooks_of(settings, REGISTRY))}
        return Running(self.machine, *self.loaded[self.stage.written])

    def _race(self, worker: Running) -> None:
        """Let another worker on the same store work at the same time."""
        other = self._start()
        thread = threading.Thread(target=lambda: other.tick(desks=False))
        thread.start()
        worker.tick(desks=False)
        thread.join(300)
        other.stop()

    def _is_held(self) -> bool:
        with self._session() as session:
            return held(session, self.name) is not None

    def _excuse_who_counts_as_left(self, day: date) -> None:
        """A restore that the worker could not recognise, and that nobody reported: see docs/when-things-go-wrong.md."""
        for cohort in self.year.cohorts:
            members = self.stage.members(cohort.key)
            gone = [one.username for one in cohort.present(day) if self.stage.ids[one.username] not in members]
            self.oracle.left_by_hand.update((cohort.key, name) for name in gone)

    def _recover(self, at: datetime) -> None:
        """Do what `lcm recover --apply` does, as the guide says to do after every restore."""
        if self.worker is None:
            self.worker = self._start()
        ends = {one.key: complete_cohort(one).end for one in self.worker.settings.cohorts}
        with suppress(ForumError):
            found = plan_recovery(self.worker.real, self.worker.store, ends, at)
            recover(self.worker.store, self.worker.real.name, found, at)
            self.restored = False

    # What it came to.

    def _read(self, at: datetime) -> None:
        for said in self.oracle.look():
            for name in said.learner_alone:
                self.to_answer.append((name, said))
        if at.hour != self.year.hours[0]:
            return
        synced = self._was_synced(at)
        self.oracle.judge_members(at.date(), synced=synced)
        self._judge_occurrences(at)
        if at.weekday() == 0:
            self.oracle.judge_all_that_stands(at)
            self._judge_posts(at)

    def _was_synced(self, at: datetime) -> bool:
        if self.worker is None or self.stage.disaster:
            return False
        with closing(open_store(self.stage.store)) as store:
            state = read_state(store, self.name)
        if state.problem and not self.stage.disaster:
            self.counts[f"sync {state.outcome}"] += 1
        return state.at is not None and state.at >= at - MINUTE and state.outcome in ("done", "nothing")

    def _judge_occurrences(self, at: datetime) -> None:
        """Find what came and neither happened, nor waits, nor was left out by a rule."""
        if self.worker is None or self._is_away(at):
            return
        name, file = self.name, self.worker.playbooks["soak"].file
        with self._session() as session:
            for declared in self.worker.settings.cohorts:
                cohort = complete_cohort(declared)
                over = occurrences_over(session, name, cohort.key, "soak")
                waits = read_late(session, name, cohort.key)
                for one in plan(name, file, cohort, over, waits, at - timedelta(hours=6)):
                    self.judged.add(one.key)
                    if one.key in waits.tried and self._excused(one.occurrence.at, one.latest):
                        continue
                    if one.over is None:
                        self.oracle.note(
                            "lost", f"{cohort.key} {one.occurrence.label} of {one.occurrence.at}: nothing became of it"
                        )
                    elif one.over.outcome == "skipped" and not self._excused(one.occurrence.at, one.latest):
                        self.oracle.note(
                            "lost",
                            f"{cohort.key} {one.occurrence.label} of {one.occurrence.at}: left out: {one.over.reason}",
                        )

    def _is_away(self, at: datetime) -> bool:
        """Whether the worker cannot be expected to have done everything by now."""
        return bool(self.away) and max(until for _, until in self.away) >= at

    def _judge_posts(self, at: datetime) -> None:
        """Find what the ledger says was posted, and what the forum has never heard of."""
        if self._is_away(at):
            return
        posted = (DraftKind.TOPIC, DraftKind.MESSAGE, DraftKind.REPLY)
        with self._session() as session:
            rows = session.scalars(select(LedgerRow).where(LedgerRow.state == "done", LedgerRow.action.in_(posted)))
            self.oracle.judge_posts({row.key: row.result["topic_id"] for row in rows if row.result.get("topic_id")})

    def _excused(self, since: datetime, until: datetime | None) -> bool:
        """Whether the worker could not work at some time while an occurrence could have happened."""
        last = until or since
        return any(begun <= last and since <= ended for begun, ended in self.away)

    def _end(self) -> None:
        """Let two calm ticks pass, and judge everything once more."""
        at = self.year.ticks[-1]
        for hours in (1, 2):
            now = at + timedelta(hours=hours)
            self.machine.true = now
            self.stage.set_clock(now)
            self._work(now, [], 0)
            self._read(now)
        self.oracle.judge_all_that_stands(at)
        self._judge_occurrences(at)
        self._judge_posts(at)
        self.counts["occurrences"] = len(self.judged)
        self.counts["mails"] = self.oracle.judge_mails()
        self._judge_ledger()

    def _judge_ledger(self) -> None:
        """Find what was begun and never settled, or given up."""
        with self._session() as session:
            for row in session.scalars(select(LedgerRow).where(LedgerRow.state.in_(("intended", "failed")))):
                if row.action == DRAFTING and self._excused(row.slot, row.slot + timedelta(days=7)):
                    continue  # it waits until it is too late for it
                if row.not_before is None or row.not_before < self.year.ticks[-1]:
                    self.oracle.note("lost", f"{row.key} ({row.action}) is {row.state}: {row.reason}")
