"""The formula of docs/costs.md says how many calls a sync makes, whatever the cohorts and what happens to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from sync_worker.config.settings import ForumSettings, Settings
from sync_worker.forum import Forum
from sync_worker.membership import sync
from sync_worker.model import Enrolment, Person, Role, Roster, RosterKind
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from sync_worker.store.database import Store, open_store
from tests.benchmarks import formula
from tests.conftest import PracticeForum
from tests.search import examples
from tests.untouched import CallCount

if TYPE_CHECKING:
    from pathlib import Path

RUNGS = ("core", "terms", "explorer", "plugin")
ACCOUNTS = 350
START = datetime(2027, 3, 15, 9, tzinfo=UTC)
SERIAL = count(1)
ALLOW = ["add", "remove", "owners", "create"]
LIMITS = {
    "grace_days": 0,
    "grace_runs": 1,
    "max_removal_fraction": 1.0,
    "small_group_removals": 1000,
    "max_removals": 1000,
    "max_overall_removal_fraction": 1.0,
    "max_shrink_fraction": 1.0,
    "max_overall_shrink_fraction": 1.0,
}
LCM, LEARNER = Role.LCM, Role.LEARNER
Place = tuple[str, Role]  # of a person: "a" or "b", and the role there
Rosters = dict[str, Place]
KNOWN = tuple(f"bulk{number:04}" for number in range(1, 8))
STRANGERS = ("stranger1", "stranger2", "stranger3")
STEADY: Rosters = {"bulk0098": ("a", LEARNER), "bulk0099": ("b", LEARNER)}  # no cohort is ever empty


@dataclass(frozen=True)
class Story:
    """A first roster and two changes of it; who registers in between; and whether a day passes before the third."""

    first: Rosters
    second: Rosters
    third: Rosters
    invites: bool
    registers: bool
    next_day: bool


THREE_COME_BACK = Story(  # with three new LCMs: once a hundred terms a call were tried for these alone, for nothing
    first={**STEADY, **dict.fromkeys(KNOWN[:3], ("a", LEARNER))},
    second=STEADY,
    third={**STEADY, **dict.fromkeys(KNOWN[:4], ("a", LEARNER)), **dict.fromkeys(KNOWN[4:], ("a", LCM))},
    invites=False,
    registers=False,
    next_day=True,
)
places = st.tuples(st.sampled_from("ab"), st.sampled_from([LEARNER, LEARNER, LCM]))
people = st.dictionaries(st.sampled_from([*KNOWN, *STRANGERS]), places, max_size=8)
rosters = people.map(lambda some: {**STEADY, **some})
stories = st.builds(
    Story, rosters, rosters, rosters, invites=st.booleans(), registers=st.booleans(), next_day=st.booleans()
)


@dataclass
class Model:
    """What the forum and the worker know, as sets of names; gives the work of the next sync."""

    rung: str
    invites: bool
    accounts: set[str]
    groups: dict[str, set[str]] | None = None
    owners: dict[str, set[str]] = field(default_factory=lambda: {"a": set(), "b": set()})
    met: set[str] = field(default_factory=set)
    unfound: set[str] = field(default_factory=set)
    invited: dict[str, str] = field(default_factory=dict)
    terms_tried: bool = False

    def sync(
        self, roster: Rosters, *, accounts: int, pending: int, first_today: bool, ask_again: bool
    ) -> tuple[int, formula.Work]:
        """Return the calls that the formula gives for this roster, and know the world as it is afterwards."""
        forum = formula.Forum(self.rung, accounts, first_today, self.terms_tried and not first_today)
        work = replace(self._work(roster, ask_again=ask_again or self.rung == "plugin"), pending=pending)
        self.terms_tried = forum.terms_tried or formula.tries_terms(forum, work)
        return formula.calls(forum, work), work

    def _work(self, roster: Rosters, *, ask_again: bool) -> formula.Work:
        before, owned = self.groups, self.owners
        there = before or {name: set() for name in ("a", "b", "a-lcm", "b-lcm")}
        seen = set().union(*there.values())
        found = {name for name in roster if name in self.accounts}
        wanted = {name: {who for who in found if roster[who][0] == name} for name in "ab"}
        lcms = {name: {who for who in wanted[name] if roster[who][1] is LCM} for name in "ab"}
        after = wanted | {f"{name}-lcm": some for name, some in lcms.items()}
        asked = {who for who in roster if who not in self.met and (ask_again or who not in self.unfound)}
        leaves = [len(there[name] - after[name]) for name in after]
        promoted = {name: lcms[name] - owned[name] for name in "ab"}
        joining = {name: after[name] - there[name] for name in after}
        staying = set().union(*(wanted[name] & there[name] for name in "ab"))
        joins = [0 if some <= promoted.get(name, set()) else len(some) for name, some in joining.items()]
        demoted = {name: (owned[name] - lcms[name]) & wanted[name] for name in "ab"}
        strangers = {who: place for who, place in roster.items() if who not in self.accounts}
        new = {who: place for who, place in strangers.items() if self.invites and self.invited.get(who) != place[0]}
        gone = [who for who, cohort in self.invited.items() if who not in strangers or strangers[who][0] != cohort]
        work = formula.Work(
            groups=[len(some) for some in there.values()] if before else (),
            categories=2 if before else 0,
            addresses=len(asked),
            numbers=len((found & self.met) - (seen if self.rung != "plugin" else staying)),
            made=0 if before else 6,
            furnished=0 if before else 2,
            joins=joins,
            leaves=leaves,
            owned=sum(map(bool, promoted.values())),
            demoted=sum(map(len, demoted.values())),
            invited=list(Counter((place, who in self.invited) for who, place in new.items()).values()),
            withdrawn=len(gone),
            waiting=bool(self.invited) and ask_again,
            unknown=0 if before else 2,
            changed=sum(
                (after[name], lcms[name], lcms[name]) != (there[name], there[f"{name}-lcm"], owned[name])
                for name in "ab"
            ),
        )
        self.groups, self.owners = after, lcms
        self.met |= found
        self.unfound = set(strangers)
        self.invited = {who: strangers[who][0] for who in {*self.invited, *new} if who in strangers}
        return work


@dataclass
class Site:
    """A forum of one rung, and a store; each story has cohorts of its own."""

    rung: str
    forum: PracticeForum
    folder: Path
    operations: dict[str, int] = field(default_factory=dict)

    def sync(self, store: Store, prefix: str, story: Story, roster: Rosters, now: datetime) -> int:
        """Sync and return how many calls the forum had."""
        counted = CallCount.of(self.forum.server)
        before = counted.calls
        with Forum.connect(ForumSettings(url=self.forum.url, calls_per_minute=1_000_000), DEFAULT_KEY) as forum:
            people = [
                Enrolment(Person(email=f"{who}@example.org"), prefix + cohort, role, where=f"r.csv:{who}")
                for who, (cohort, role) in roster.items()
            ]
            whole = Roster("r.csv", RosterKind.SNAPSHOT, tuple(people))
            _, report = sync(self.settings(prefix, story), whole, forum, store, now=now)
        assert report.failed == ()
        self.operations = forum.calls.by_operation
        return counted.calls - before

    def settings(self, prefix: str, story: Story) -> Settings:
        """Settings with two cohorts."""
        dates = {"start": "2027-03-01", "end": "2027-05-31", "timezone": "UTC"}
        return Settings.model_validate(
            {
                "forum": {"url": self.forum.url},
                "cohorts": [{"key": prefix + key, "name": f"{prefix} {key}", **dates} for key in "ab"],
                "limits": {"allow": [*ALLOW, "invite"] if story.invites else ALLOW, **LIMITS},
            }
        )

    def pending(self) -> int:
        """How many invitations of the API user wait on the forum."""
        counted: int = self.forum.get("/u/system/invited.json?filter=pending", as_user="system")["counts"]["pending"]
        return counted

    def accounts(self) -> int:
        """How many accounts the forum counts."""
        groups = self.forum.get("/groups.json?filter=trust_level_0")["groups"]
        return next(group["user_count"] for group in groups if group["name"] == "trust_level_0")


@pytest.fixture(scope="module", params=RUNGS)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A forum with 350 accounts, and more with every story in which somebody registers."""
    rung = request.param
    values = {"enable_category_group_moderation": "true", "data_explorer_enabled": str(rung == "explorer").lower()}
    options = ForumOptions(
        bulk_users=ACCOUNTS,
        settings=values,
        user_filter="many" if rung == "terms" else "single",
        plugin=rung == "plugin",
    )
    with ForumServer(":memory:", options=options) as server:
        forum = PracticeForum(server, DEFAULT_KEY)
        yield Site(rung, forum, tmp_path_factory.mktemp(rung))
        forum.client.close()


@settings(
    max_examples=examples(2, 60),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=stories)
@example(THREE_COME_BACK)
def test_a_first_an_unchanged_and_two_changed_syncs_take_the_calls_of_the_formula(site: Site, story: Story) -> None:
    prefix = f"s{next(SERIAL):03}"
    strangers = {name: f"{prefix}{name}" for name in STRANGERS}

    def named(roster: Rosters) -> Rosters:
        return {strangers.get(who, who): place for who, place in roster.items()}

    bulk = {f"bulk{number:04}" for number in range(1, ACCOUNTS + 1)}
    model = Model(site.rung, story.invites, bulk)
    store = open_store(f"sqlite:///{site.folder / prefix}.db")
    steps = [(story.first, 0), (story.first, 1), (story.second, 2), (story.third, 26 if story.next_day else 3)]
    steps += [(story.third, steps[-1][1] + 1)]
    try:
        for number, (roster, hours) in enumerate(steps):
            comes = number == 2 and story.registers and not story.invites
            if comes:
                who = strangers["stranger1"]
                site.forum.add_user(who)
                model.accounts.add(who)
            fresh = number == 0 or (number == 3 and story.next_day)
            expected, work = model.sync(
                named(roster),
                accounts=site.accounts(),
                pending=site.pending(),
                first_today=fresh,
                ask_again=fresh or comes,
            )
            made = site.sync(store, prefix, story, named(roster), START + timedelta(hours=hours))
            assert made == expected, f"sync {number}: {site.operations} for {work}"
    finally:
        store.close()


def test_whom_the_forum_does_not_have_is_looked_for_again_once_a_day_and_not_with_every_sync(site: Site) -> None:
    if site.rung == "plugin":
        return  # asks about them every time, together with all others
    prefix = f"s{next(SERIAL):03}"
    story = Story(STEADY, STEADY, STEADY, invites=False, registers=False, next_day=False)
    roster: Rosters = {**STEADY, f"{prefix}nobody": ("a", LEARNER)}
    store = open_store(f"sqlite:///{site.folder / prefix}.db")
    calls = [site.sync(store, prefix, story, roster, START + timedelta(hours=hours)) for hours in (0, 1, 26, 27, 28)]
    store.close()
    assert calls[1] < calls[2]
    assert calls[3] == calls[4] == calls[1]
