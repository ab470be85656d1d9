"""Two places to sync to: a world of sets without any I/O, and a site on a practice forum over real HTTP."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sync_worker.config.settings import ForumSettings, LimitSettings, Settings
from sync_worker.forum import Forum, Patience
from sync_worker.forum.records import ForumUser
from sync_worker.membership import ApplyReport, Prepared, prepare, sync
from sync_worker.membership.matching.accounts import Match, Memory, NoMatch
from sync_worker.membership.observing.match import Directory, identify
from sync_worker.membership.planning.build import build_plan, settle
from sync_worker.membership.planning.desired import Desired, build_desired
from sync_worker.membership.planning.guard import check_plan
from sync_worker.membership.planning.roster_guard import NOTHING_ACCEPTED, Acceptance
from sync_worker.membership.prepared import mark_of
from sync_worker.membership.records.memberships import Created, Remembered
from sync_worker.membership.records.ties import State, Tie, TieBook, TieKey, TieRecord
from sync_worker.membership.state import Account, CategoryState, CohortState, GroupState, Observed
from sync_worker.model import Change, ChangeKind, Cohort, Enrolment, Person, Plan, RejectedRow, Role, Roster, RosterKind
from sync_worker.model.details import CategoryChange, CategorySpec
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from sync_worker.store.database import open_store
from tests.accounts import account_ids
from tests.membership.model_books import recall
from tests.membership.school import School

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from tests.conftest import PracticeForum

COHORT = Cohort(
    key="spring",
    name="Spring",
    start=date(2027, 3, 1),
    end=date(2027, 5, 31),
    timezone="Europe/Lisbon",
    locale="en",
    group="spring",
    lcm_group="spring-lcm",
    category="Spring",
    category_slug="spring",
)
STAFF = {"Api-Key": DEFAULT_KEY, "Api-Username": "system"}
EVERY_CLASS = ("add", "remove", "owners", "create", "archive")
ALL = LimitSettings(allow=EVERY_CLASS, grace_days=0)
IDENTIFIERS = ("external_id", "email", "username")
Sets = tuple[set[int], set[int]]


@dataclass
class World:
    """People 1 to 20 have accounts u1 to u20; a group is two sets of numbers, its members and its owners."""

    limits: LimitSettings = ALL
    now: datetime = datetime(2027, 3, 15, 9, tzinfo=UTC)
    cohort: Cohort = COHORT
    kind: RosterKind = RosterKind.SNAPSHOT
    enrolments: dict[int, Enrolment] = field(default_factory=dict)
    rejected: tuple[RejectedRow, ...] = ()
    users: dict[int, ForumUser] = field(
        default_factory=lambda: {n: ForumUser(n, f"u{n}", f"Person {n}", f"u{n}@x.org") for n in range(1, 21)}
    )
    groups: dict[str, Sets | None] = field(default_factory=lambda: {"spring": None, "spring-lcm": None})
    category: CategoryState | None = None
    group_moderation: bool = True
    memory: Remembered = field(default_factory=Remembered)
    who: dict[str, Match | NoMatch] = field(default_factory=dict)

    @property
    def day(self) -> date:
        """The cohort's day."""
        return self.now.date()

    def enrol(self, *numbers: int, role: Role = Role.LEARNER, **more: object) -> None:
        """Put people into the roster."""
        for n in numbers:
            person = Person(email=f"u{n}@x.org", name=f"Person {n}")
            self.enrolments[n] = Enrolment(person, "spring", role, where=f"r.csv:{n}", **more)  # type: ignore[arg-type]

    def observed(self) -> Observed:
        """What the forum has."""
        states = {}
        for number, (name, sets) in enumerate(self.groups.items(), 41):
            accounts = {n: Account(n, self.users[n].username, self.users[n].name) for n in (sets[0] if sets else ())}
            states[name] = GroupState(name, "", accounts, frozenset(sets[1]), number) if sets else None
        return Observed(
            {"spring": CohortState(states["spring"], states["spring-lcm"], self.category)},
            group_moderation=self.group_moderation,
        )

    def desired(self) -> Desired:
        """What the roster wants."""
        roster = Roster("r.csv", self.kind, tuple(self.enrolments.values()), self.rejected)
        people = [enrolment.person for enrolment in roster.enrolments]
        directory = Directory.of(self.users.values())
        self.who = identify(people, self.memory.memory, {}, directory, IDENTIFIERS)
        return build_desired(self.cohort, roster, self.who, self.day)

    def plan(self) -> Plan:
        """The plan for now."""
        return build_plan([self.desired()], self.observed(), self.memory, self.limits, self.rejected, now=self.now)

    def check(self) -> None:
        """Ask the guard."""
        sizes = {name: len(sets[0]) if sets else 0 for name, sets in self.groups.items()}
        check_plan(self.plan(), sizes, self.limits)

    def carry_out(self) -> Plan:
        """Do what the plan says, with sets, and remember it."""
        plan, desired, observed = self.plan(), self.desired(), self.observed()
        ties = dict(self.memory.ties.items()) | settle([desired], observed, self.memory.ties)
        ties |= dict(map(mark_of, plan.of(ChangeKind.GRACE)))
        created = dict(self.memory.created)
        for change in plan.effective:
            self._do(change, ties, created)
        book = TieBook.of(ties.items())
        recognised = recall(self.memory.memory.recognised, self.who, self.now)
        self.memory = Remembered(book, Memory(recognised, self.memory.memory.nobody, book.stands), created)
        return plan

    def _do(self, change: Change, ties: dict[TieKey, TieRecord], created: dict[tuple[str, str], Created]) -> None:
        if change.kind is ChangeKind.CREATE_GROUP:
            self.groups[change.target] = (set(), set())
        elif isinstance(wanted := change.detail, CategorySpec | CategoryChange):
            moderators = frozenset(wanted.moderators)
            self.category = CategoryState(change.target, wanted.slug, wanted.permissions, moderators, 7)
            created["category", wanted.slug] = Created(7)
        else:
            self._move(change, ties)

    def _move(self, change: Change, ties: dict[TieKey, TieRecord]) -> None:
        sets, number = self.groups[change.target], change.user_id
        assert sets is not None
        assert number is not None
        joins = change.kind in (ChangeKind.ADD, ChangeKind.ADD_OWNER)
        tie = Tie.OWNER if change.kind in (ChangeKind.ADD_OWNER, ChangeKind.REMOVE_OWNER) else Tie.MEMBER
        touched = sets[1] if tie is Tie.OWNER else sets[0]
        touched ^= {number}
        state = State.ADDED if joins else State.REMOVED
        ties[TieKey(change.target, number, tie)] = TieRecord(
            state, change.username or "", change.key, "spring", change.digests
        )
        owner = TieKey(change.target, number, Tie.OWNER)
        if change.kind is ChangeKind.REMOVE:
            sets[1].discard(number)
            if owner in ties:
                ties[owner] = replace(ties[owner], state=State.REMOVED)

    def members(self, group: str = "spring") -> set[int]:
        """Who is in a group."""
        sets = self.groups[group]
        return sets[0] if sets else set()

    def lines(self, *kinds: ChangeKind, group: str = "spring") -> dict[str | None, str]:
        """The plan's lines of these kinds about a group: username (or name) to reason."""
        lines = [change for change in self.plan().everything() if change.kind in kinds and change.target == group]
        return {change.username or change.person: change.reason for change in lines}


@pytest.fixture
def world() -> World:
    """An empty roster and a forum without the cohort's groups."""
    return World()


@pytest.fixture(scope="session")
def new_world() -> type[World]:
    """Makes worlds, for tests that need many."""
    return World


@dataclass
class Site:
    """A practice forum over real HTTP with the accounts bulk0001 to bulk0120, and two cohorts to sync to it."""

    url: str
    folder: Path
    prefix: str
    limits: dict[str, object] = field(default_factory=dict)
    rows: dict[tuple[str, int | str], Enrolment] = field(default_factory=dict)
    cohort: dict[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store = open_store(f"sqlite:///{self.folder / 'lcm.db'}")

    @property
    def settings(self) -> Settings:
        """Settings with the cohorts `PREFIXa` and `PREFIXb`."""
        dates = {"start": date(2027, 3, 1), "end": date(2027, 5, 31), "timezone": "Europe/Lisbon", **self.cohort}
        return Settings.model_validate(
            {
                "forum": {"url": self.url},
                "cohorts": [{"key": key, "name": key.upper(), **dates} for key in self.keys],
                "limits": {"allow": EVERY_CLASS, "grace_days": 0, **self.limits},
            }
        )

    @property
    def keys(self) -> tuple[str, str]:
        """The two cohorts' keys, which are their groups' names as well."""
        return f"{self.prefix}a", f"{self.prefix}b"

    def enrol(self, cohort: str, numbers: Iterable[int], role: Role = Role.LEARNER, **more: object) -> None:
        """Put people into the roster."""
        for n in numbers:
            person = Person(email=f"bulk{n:04}@example.org", name=f"Bulk {n}")
            self.rows[cohort, n] = Enrolment(person, cohort, role, where=f"r.csv:{n}", **more)  # type: ignore[arg-type]

    def newcomer(self, name: str, cohort: str = "", **more: object) -> str:
        """Put somebody without an account into the roster, of the first cohort if none is named; give the address."""
        email, key = f"{name}.{self.prefix}@example.net", cohort or self.keys[0]
        person = Person(email=email, name=name.capitalize())
        self.rows[key, name] = Enrolment(person, key, where=f"r.csv:{name}", **more)  # type: ignore[arg-type]
        return email

    def pending(self) -> dict[str, dict[str, Any]]:
        """The invitations of this site's people that wait on the forum, by address."""
        answer = requests.get(f"{self.url}/u/system/invited.json?filter=pending", headers=STAFF, timeout=60).json()
        return {row["email"]: row for row in answer["invites"] if self.prefix in row["email"]}

    def accept(self, email: str, username: str) -> None:
        """Accept an invitation."""
        key = self.pending()[email]["invite_key"]
        answer = requests.put(f"{self.url}/invites/show/{key}.json", json={"username": username}, timeout=60)
        assert answer.status_code == 200, answer.text

    def roster(self, rejected: int = 0) -> Roster:
        """The roster as a snapshot."""
        bad = tuple(RejectedRow(f"r.csv:{n}", "bad.") for n in range(rejected))
        return Roster("r.csv", RosterKind.SNAPSHOT, tuple(self.rows.values()), bad)

    @contextmanager
    def forum(self, *, read_only: bool = False) -> Iterator[Forum]:
        """A client that does not wait."""
        patience = Patience(attempts=1)
        with Forum.connect(ForumSettings(url=self.url), DEFAULT_KEY, read_only=read_only, patience=patience) as forum:
            yield forum

    def sync(
        self,
        only: str | None = None,
        *,
        now: datetime | None = None,
        rejected: int = 0,
        accept: Acceptance = NOTHING_ACCEPTED,
    ) -> tuple[Prepared, ApplyReport, dict[str, int]]:
        """Sync once, as a process of its own would; give the plan, what became of it, and the calls made."""
        with self.forum() as forum:
            prepared, report = sync(
                *(self.settings, self.roster(rejected), forum, self.store),
                now=now or NOW,
                only=only,
                acceptance=accept,
            )
            return prepared, report, forum.calls.by_operation

    def plan(self) -> Plan:
        """Plan without writing."""
        with self.forum(read_only=True) as forum:
            return prepare(self.settings, self.roster(), forum, self.store, now=NOW).plan

    def members(self, group: str) -> dict[str, bool]:
        """Who is in a group, and whether as owner."""
        with self.forum() as forum:
            return {member.username: member.owner for member in forum.members(group)}

    def by_hand(self, group: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Change a group as staff would."""
        with self.forum() as forum:
            number = next(found.id for found in forum.groups() if found.name == group)
            if add:
                forum.add_members(number, account_ids(forum, *add))
            if remove:
                forum.remove_members(number, account_ids(forum, *remove))

    def state(self) -> object:
        """All that a sync may change about the two cohorts, without ids and times."""
        with self.forum() as forum:
            names = {group.id: group.name for group in forum.groups()}
            ours = sorted(name for name in names.values() if name.startswith(self.prefix))
            categories = [forum.category(c.id) for c in forum.categories() if c.slug.startswith(self.prefix)]
            return (
                {name: {member.username: member.owner for member in forum.members(name)} for name in ours},
                [
                    (c.slug, c.permissions, sorted(names[number] for number in c.moderating_group_ids))
                    for c in sorted(categories, key=lambda category: category.slug)
                ],
            )


NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
SERIAL = count(1)


@pytest.fixture(scope="session")
def bulk_forum() -> Iterator[str]:
    """The address of a practice forum with 120 accounts."""
    options = ForumOptions(bulk_users=120, settings={"enable_category_group_moderation": "true"})
    with ForumServer(":memory:", options=options) as server:
        yield server.url


@pytest.fixture
def new_site(bulk_forum: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Site]]:
    """Makes sites: cohorts of their own on the same forum, and a store of their own."""
    made: list[Site] = []

    def make() -> Site:
        made.append(Site(bulk_forum, tmp_path_factory.mktemp("site"), f"c{next(SERIAL):04}"))
        return made[-1]

    yield make
    for site in made:
        site.store.close()


@pytest.fixture
def site(new_site: Callable[[], Site]) -> Site:
    """Two cohorts that the forum does not know yet."""
    return new_site()


@pytest.fixture(params=["core", "plugin"])
def school(
    request: pytest.FixtureRequest, make_practice_forum: Callable[..., PracticeForum], tmp_path: Path
) -> Iterator[School]:
    """A school whose forum has our plugin, or has not."""
    made = School(make_practice_forum(plugin=request.param == "plugin"), tmp_path)
    yield made
    made.store.close()
