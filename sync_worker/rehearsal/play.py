"""Play a cohort's whole playbook on a practice forum, with the roster's people standing in, on a virtual clock."""

from __future__ import annotations

import re
import tempfile
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests

from sync_worker import extras
from sync_worker.config.load import complete_cohort
from sync_worker.config.mail import MailSettings
from sync_worker.config.settings import CohortSettings, ForumSettings, LimitSettings
from sync_worker.errors import ForumError, UsageError
from sync_worker.forum import Forum
from sync_worker.membership import sync
from sync_worker.model import Person, Role, Roster, RosterKind, fold
from sync_worker.playbook.schedule import NO_END, occurrences
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from sync_worker.store.database import open_store
from sync_worker.store.ledger import decide_draft, draft_from_json, drafts, published_rows
from sync_worker.worker.run import run_due

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from sync_worker.config.settings import Settings
    from sync_worker.model import Cohort, Draft, Enrolment
    from sync_worker.playbook.load import Playbook
    from sync_worker.store.database import Store
    from sync_worker.worker.run_report import Happening


LONGEST_NAME = 20  # Discourse's default for usernames
SHORTEST = 3
UNDELIVERABLE = "rehearsal.invalid"  # RFC 2606: no such address can exist


@dataclass(frozen=True, slots=True)
class StandIn:
    """An account on the practice forum for a person of the roster."""

    username: str
    name: str
    enrolment: Enrolment

    @property
    def email(self) -> str:
        """An address to which nothing can be sent; the person's own one is not used."""
        return f"{self.username}@{UNDELIVERABLE}"

    @property
    def is_learner(self) -> bool:
        """Whether the person learns in the cohort."""
        return self.enrolment.role is Role.LEARNER


def stand_ins(enrolments: Iterable[Enrolment]) -> list[StandIn]:
    """Return an account for each enrolment that was not withdrawn, with usernames that are all different."""
    taken: set[str] = set()
    bosses: dict[str, str] = {}
    found = []
    for number, enrolment in enumerate((one for one in enrolments if not one.withdrawn), 1):
        person = enrolment.person
        name = person.name or person.username or f"Person {number}"
        username = _free(_username(name) or f"person_{number}", taken)
        taken.add(username)
        managers = _managers(person.manager_email, bosses)
        as_person = Person(username=username, name=name, manager_email=managers)
        found.append(StandIn(username, name, replace(enrolment, person=as_person)))
    return found


def _managers(written: str | None, known: dict[str, str]) -> str | None:
    """Return an address to which nothing can be sent for each manager, the same for the same one."""
    addresses = [fold(one) for one in (written or "").split(";") if one.strip()]
    stand_ins = (known.setdefault(one, f"manager{len(known) + 1}@{UNDELIVERABLE}") for one in addresses)
    return "; ".join(stand_ins) or None


def _username(name: str) -> str:
    """Return a name in the letters that Discourse takes in usernames by default; "" where too few are left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    joined = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:LONGEST_NAME].strip("_")
    return joined if len(joined) >= SHORTEST else ""


def _free(username: str, taken: set[str]) -> str:
    candidate, number = username, 2
    while candidate in taken:
        ending = f"_{number}"
        candidate, number = f"{username[: LONGEST_NAME - len(ending)].rstrip('_')}{ending}", number + 1
    return candidate


def people_of(stand_ins: Sequence[StandIn], *, learners: bool) -> list[StandIn]:
    """Return those who learn, or those who look after the learners."""
    return [one for one in stand_ins if one.is_learner == learners]


# The practice forum of a rehearsal: its accounts and its clock.


ADMIN = "forumadmin"
SECONDS = 60


class Stage:
    """A practice forum over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._session = requests.Session()
        self._session.headers.update({"Api-Key": DEFAULT_KEY, "Api-Username": ADMIN})

    def set_clock(self, now: datetime) -> None:
        """Make it that time on the forum."""
        self._call("PUT", "/practice/clock.json", {"now": now.isoformat()})

    def register(self, person: StandIn) -> None:
        """Make an account."""
        account = {
            "username": person.username,
            "name": person.name[:250],
            "email": person.email,
            "password": "nobody-logs-in-to-a-rehearsal",
            "active": True,
            "approved": True,
        }
        answer = self._call("POST", "/users.json", account)
        if not answer.get("success"):
            raise ForumError(f"the account of {person.name} could not be made: {answer.get('message')}.")

    def _call(self, verb: str, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._session.request(verb, f"{self.url}{path}", json=body, timeout=SECONDS)
        if not answer.ok:
            what = f"the practice forum refused {verb} {path}: {answer.text[:200]}"
            raise ForumError(what, status=answer.status_code)
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def close(self) -> None:
        """Close the connections."""
        self._session.close()


@contextmanager
def open_stage(now: datetime) -> Iterator[Stage]:
    """Serve a new practice forum, which is gone afterwards; it begins at `now`.

    Raises:
        ConfigError: the libraries of the extra `demo` are not installed.

    """
    serve = extras.load("sync_worker.practice_forum.app:ForumServer", "a rehearsal")
    with serve(":memory:", options=ForumOptions(now=now)) as server:
        stage = Stage(server.url)
        try:
            yield stage
        finally:
            stage.close()


# Play a cohort's whole playbook on a practice forum, with the real roster, on a virtual clock.


LONGEST = timedelta(days=366)  # of a cohort without an end, so much is rehearsed


@dataclass(frozen=True, slots=True)
class Shown:
    """A text that somebody read in a rehearsal: when it was posted or sent, and whether an LCM had approved it."""

    at: datetime
    step: str
    draft: Draft
    approved: bool


@dataclass(frozen=True, slots=True)
class Quiet:
    """A date on which a step posted nothing, and why."""

    at: datetime
    step: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of a rehearsal: who took part, every text in order, and the dates on which nothing was posted."""

    cohort: Cohort
    playbook: Playbook
    people: tuple[StandIn, ...]
    shown: tuple[Shown, ...]
    quiet: tuple[Quiet, ...]
    problems: tuple[str, ...]
    calls: int


@dataclass
class _Notes:
    """What was seen while it was played."""

    sent: dict[str, datetime] = field(default_factory=dict)
    quiet: list[Quiet] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    calls: int = 0

    def add_quiet(self, quiet: Iterable[Quiet], watching: Collection[str]) -> None:
        """Note dates on which nothing was posted; of a step that looks on many dates, the first alone."""
        for one in quiet:
            if one.step not in watching or one.step not in {known.step for known in self.quiet}:
                self.quiet.append(one)


def rehearse(
    settings: Settings,
    roster: Roster,
    playbook: Playbook,
    declared: CohortSettings,
    progress: Callable[[float, datetime], None] | None = None,
) -> Rehearsed:
    """Play every date of the playbook for a cohort, and return what everybody read.

    Names are the roster's; addresses and accounts are of the practice forum, which nobody else reaches and which is
    gone afterwards. Drafts that wait for an LCM are approved as they are. Nobody writes in a rehearsal, so what quotes
    learners has nothing to say. The cohort's own forum and store are not touched.

    Raises:
        UsageError: the roster has nobody for the cohort, or the playbook no date.
        ConfigError: the practice forum's libraries are not installed.

    """
    cohort = complete_cohort(declared)
    people = stand_ins(roster.of(cohort.key))
    if not people:
        raise UsageError(f"the roster has nobody for '{cohort.key}'.", do="`lcm sync` shows whom it has.")
    last = cohort.start + LONGEST if cohort.end == NO_END else None
    until = datetime.combine(last, time(), UTC) if last else None
    moments = sorted({one.at for one in occurrences(playbook.file, cohort, until)})
    if not moments:
        raise UsageError(f"playbook '{playbook.name}' has no date for '{cohort.key}'.")
    opening = min(moments[0], datetime.combine(cohort.start, time(), cohort.zone).astimezone(UTC)) - timedelta(days=1)
    with tempfile.TemporaryDirectory(prefix="lcm-rehearsal-") as folder, open_stage(opening) as stage:
        rehearsed = _settings(settings, declared, playbook, stage.url, Path(folder))
        store = open_store(rehearsed.store)
        try:
            return _Play(rehearsed, playbook, people, stage, store).to_the_end(opening, moments, progress)
        finally:
            store.close()


def _settings(settings: Settings, declared: CohortSettings, playbook: Playbook, url: str, folder: Path) -> Settings:
    """Return the cohort's settings on the practice forum; limits stop nothing where nothing can be lost.

    No language model is asked: there are no posts of learners.
    """
    fields = {name: getattr(declared, name) for name in CohortSettings.model_fields}
    cohort = CohortSettings(**{**fields, "playbook": playbook.name, "parent_category": None, "also_reads": ()})
    return settings.model_copy(
        update={
            "forum": ForumSettings(url=url, api_username=ADMIN, calls_per_minute=1_000_000),
            "store": f"sqlite:///{folder / 'lcm.db'}",
            "mail": MailSettings.model_validate({"folder": folder / "mails", "from": f"lcm@{UNDELIVERABLE}"}),
            "language_model": None,
            "cohorts": (cohort,),
            "cohorts_from": None,
            "identity": ("username",),
            "limits": LimitSettings(allow=("add", "owners", "create", "remove"), grace_days=0, grace_runs=1),
        }
    )


@dataclass
class _Play:
    """The worker at work on the practice forum."""

    settings: Settings
    playbook: Playbook
    people: Sequence[StandIn]
    stage: Stage
    store: Store
    notes: _Notes = field(default_factory=_Notes)

    def to_the_end(
        self, opening: datetime, moments: Sequence[datetime], progress: Callable[[float, datetime], None] | None
    ) -> Rehearsed:
        """Play every date."""
        cohort = complete_cohort(self.settings.cohorts[0])
        for person in self.people:
            self.stage.register(person)
        with Forum.connect(self.settings.forum, DEFAULT_KEY) as forum:
            self._sync(forum, opening)
            days = self._days_of_change(cohort)
            for number, moment in enumerate(moments, 1):
                while days and days[0] <= moment:
                    self._sync(forum, days.pop(0))
                self._do(forum, cohort, moment)
                if progress:
                    progress(number / len(moments), moment)
            self.notes.calls = forum.calls.total
        shown = self._shown(cohort)
        notes = self.notes
        return Rehearsed(
            cohort, self.playbook, tuple(self.people), shown, tuple(notes.quiet), tuple(notes.problems), notes.calls
        )

    @property
    def _watching(self) -> frozenset[str]:
        return frozenset(step.id for step in self.playbook.file.steps if REGISTRY[step.play].watches)

    def _days_of_change(self, cohort: Cohort) -> list[datetime]:
        """Return when somebody joins or leaves on their own dates."""
        enrolments = [one.enrolment for one in self.people]
        days = {one.start for one in enrolments if one.start}
        days |= {one.end + timedelta(days=1) for one in enrolments if one.end}
        return sorted(datetime.combine(day, time(3), cohort.zone).astimezone(UTC) for day in days)

    def _sync(self, forum: Forum, now: datetime) -> None:
        self.stage.set_clock(now)
        roster = Roster("rehearsal", RosterKind.SNAPSHOT, tuple(one.enrolment for one in self.people))
        _, report = sync(self.settings, roster, forum, self.store, now=now)
        self.notes.problems += [f"{failure.change.target}: {failure.reason}" for failure in report.failed]

    def _do(self, forum: Forum, cohort: Cohort, now: datetime) -> None:
        """Do what is due, approve what waits, and send that."""
        self.stage.set_clock(now)
        active = self.playbook.file.model_copy(update={"active": True})
        playbooks = {self.playbook.name: replace(self.playbook, file=active)}
        for _ in range(2):
            report = run_due(forum, self.store, self.settings, playbooks, now)
            quiet = [_quiet(one) for one in report.happenings if one.outcome not in ("done", "waiting")]
            self.notes.add_quiet(quiet, self._watching)
            self.notes.problems += [*(str(one) for one in report.standing), *report.failures]
            if not self._approve(cohort, now):
                break

    def _approve(self, cohort: Cohort, now: datetime) -> int:
        with self.store.begin() as session:
            rows = drafts(session, self.settings.forum.name, cohort.key)
            for row in rows:
                decide_draft(row, "approved", ADMIN, now)
            return len(rows)

    def _shown(self, cohort: Cohort) -> tuple[Shown, ...]:
        forum = self.settings.forum.name
        with self.store.begin() as session:
            rows = published_rows(session, forum, cohort.key)
            approved = {row.key for row in drafts(session, forum, cohort.key, ("sent", "approved"))}
            found = [
                Shown(row.updated_at, row.step, draft_from_json(row.payload), row.key in approved)
                for row in rows
                if row.state == "done"
            ]
        return tuple(sorted(found, key=lambda one: one.at))


def _quiet(happening: Happening) -> Quiet:
    return Quiet(datetime.fromisoformat(happening.slot), happening.step, happening.outcome, happening.reason)
