"""Whatever happens, people added by their address alone and people invited are treated like those who were looked up.

Lives of one cohort on a practice forum over HTTP: edits of the roster, hands on the forum, people who accept, failures,
runs that look people up and runs that do not, and runs that are taken back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from sync_worker.config.settings import Settings
from sync_worker.errors import UsageError
from sync_worker.forum import FailedCall, Forum, Outcome
from sync_worker.membership import ApplyReport, Journal, drift, sync, undo
from sync_worker.model import ChangeKind, Enrolment, Person, Plan
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from tests.search import examples

Site = Any
K = ChangeKind
START = datetime(2027, 3, 15, 9, tzinfo=UTC)
STAFF = {"Api-Key": DEFAULT_KEY, "Api-Username": "system"}
FAULTS = ("kill_before", "kill_after", "lost_before", "lost_after")
WRITES = ("add_by_email", "add_members", "remove_members", "invite", "withdraw_invitation")

people = st.integers(1, 8)
strangers = st.integers(1, 3)
faults = st.one_of(st.none(), st.tuples(st.sampled_from(WRITES), st.sampled_from(FAULTS)))


class KilledError(BaseException):
    """The process is gone."""


def name(number: int) -> str:
    return f"bulk{number:04}"


@contextmanager
def failing(fault: tuple[str, str] | None) -> Iterator[None]:
    """Let one kind of call that writes fail as long as this lasts."""
    if fault is None:
        yield
        return
    call, how = fault
    real = getattr(Forum, call)

    def broken(forum: Forum, *args: Any, **more: Any) -> Any:
        if how.endswith("after"):
            answer = real(forum, *args, **more)
            if call == "add_by_email":
                list(answer)
        if how.startswith("kill"):
            raise KilledError
        raise FailedCall("the connection broke.", outcome=Outcome.DOUBTFUL)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Forum, call, broken)
        yield


class LifeUnseen(RuleBasedStateMachine):
    """One cohort; `ours` is who came into its group by a run and has not been missed by a later one."""

    new_site: Callable[[], Site]

    def __init__(self) -> None:
        super().__init__()
        self.site = self.new_site()
        self.group = self.site.keys[0]
        self.now = START
        self.ours: set[str] = set()
        self.left: set[str] = set()
        self.touched: set[str] = set()

    # What happens

    @initialize(some=st.sets(people, min_size=1, max_size=6))
    def the_cohort_is_under_way(self, some: set[int]) -> None:
        self.site.enrol(self.group, (9,))  # so that the cohort never vanishes from the roster
        self.run(unseen=False, fault=None)
        self.people_enrol(some)
        self.sync(True, None)

    @rule(some=st.sets(people, min_size=1, max_size=5))
    def people_enrol(self, some: set[int]) -> None:
        """Of some the roster has a number as well, which the forum does not know."""
        for n in some:
            person = Person(external_id=f"E{n}" if n % 2 else None, email=f"{name(n)}@example.org", name=f"Bulk {n}")
            self.site.rows[self.group, n] = Enrolment(person, self.group, where=f"r.csv:{n}")

    @rule(some=st.sets(people, min_size=1, max_size=5))
    def people_leave_the_roster(self, some: set[int]) -> None:
        for number in some:
            self.site.rows.pop((self.group, number), None)

    @rule(number=strangers, there=st.booleans())
    def a_stranger_enrols_or_not(self, number: int, there: bool) -> None:
        key = self.group, f"stranger{number}"
        if there:
            person = Person(email=self.address(number), name=f"Stranger {number}")
            self.site.rows[key] = Enrolment(person, self.group, where=f"r.csv:{number}")
        else:
            self.site.rows.pop(key, None)

    @rule(number=people)
    def somebody_adds_or_takes_out_by_hand(self, number: int) -> None:
        self.touched.add(name(number))
        inside = name(number) in self.members()
        self.site.by_hand(self.group, **{"remove" if inside else "add": [name(number)]})

    @precondition(lambda self: self.ours_there())
    @rule(data=st.data(), enrolled=st.booleans())
    def somebody_leaves_and_returns_when_that_was_noticed(self, data: st.DataObject, enrolled: bool) -> None:
        who = data.draw(st.sampled_from(self.ours_there()))
        self.touched.add(who)
        self.site.by_hand(self.group, remove=[who])
        self.sync(True, None)
        self.site.by_hand(self.group, add=[who])
        if not enrolled:
            self.site.rows.pop((self.group, int(who.removeprefix("bulk"))), None)
            self.sync(True, None)

    @rule(number=strangers)
    def a_stranger_accepts(self, number: int) -> None:
        pending = requests.get(f"{self.site.url}/u/system/invited.json?filter=pending", headers=STAFF, timeout=60)
        keys = {row["email"]: row["invite_key"] for row in pending.json()["invites"]}
        key, username = keys.get(self.address(number)), f"s{number}_{self.site.prefix}"
        if key:
            answer = requests.put(f"{self.site.url}/invites/show/{key}.json", json={"username": username}, timeout=60)
            assert answer.ok, answer.text
            self.ours |= self.members() & {username}

    @rule(unseen=st.booleans(), fault=faults)
    def run(self, unseen: bool, fault: tuple[str, str] | None) -> None:
        """A run; when nothing failed the next has nothing to do, and everybody is where the roster wants them."""
        ended = self.sync(unseen, fault)
        if fault or not ended:
            return
        for _ in range(2):  # whom the forum does not have shows to the run after one that looked nobody up
            plan, _ = self.sync(False, None) or (None, None)
        assert plan is not None
        assert plan.effective == (), plan.effective
        assert self.wanted() - self.left <= self.members()
        assert not (self.ours & self.members()) - self.wanted() - self.invited() - self.touched

    @rule(unseen=st.booleans(), fault=faults, fault_of_undo=faults)
    def run_and_take_it_back(
        self, unseen: bool, fault: tuple[str, str] | None, fault_of_undo: tuple[str, str] | None
    ) -> None:
        """An undo restores the state before, however often it was interrupted."""
        self.see()
        before, known = self.state(), self.last_run()
        self.sync(unseen, fault)
        run = self.last_run()
        if run == known or run is None:
            return
        self.undo(run, fault_of_undo)
        self.undo(run, None)
        assert self.state() == before
        assert self.undo(run, None) == ()

    @rule(some=st.sets(people, min_size=2, max_size=6), fault=faults, fault_of_undo=faults)
    def newcomers_and_a_run_that_is_taken_back(
        self, some: set[int], fault: tuple[str, str] | None, fault_of_undo: tuple[str, str] | None
    ) -> None:
        self.people_enrol(some)
        self.run_and_take_it_back(unseen=True, fault=fault, fault_of_undo=fault_of_undo)

    @rule(number=strangers, fault=faults, fault_of_undo=faults)
    def a_stranger_and_a_run_that_is_taken_back(
        self, number: int, fault: tuple[str, str] | None, fault_of_undo: tuple[str, str] | None
    ) -> None:
        self.a_stranger_enrols_or_not(number, True)
        self.run_and_take_it_back(unseen=False, fault=fault, fault_of_undo=fault_of_undo)

    # How it is done

    def sync(self, unseen: bool, fault: tuple[str, str] | None) -> tuple[Plan, ApplyReport] | None:
        """Run and say what came of it, None when it was killed."""
        self.now += timedelta(hours=1)
        self.see()
        self.left &= self.wanted()
        with self.nobody_else_is_touched(), suppress(KilledError), failing(fault), self.site.forum() as forum:
            prepared, report = sync(self.settings(unseen), self.site.roster(), forum, self.site.store, now=self.now)
            return prepared.plan, report
        return None

    def undo(self, run: str, fault: tuple[str, str] | None) -> Any:
        self.now += timedelta(hours=1)
        with (
            self.nobody_else_is_touched(),
            suppress(KilledError, UsageError),
            failing(fault),
            self.site.forum() as forum,
        ):
            prepared, _ = undo(self.settings(unseen=True), forum, self.site.store, run, now=self.now)
            return prepared.plan.effective
        return None

    @contextmanager
    def nobody_else_is_touched(self) -> Iterator[None]:
        """Only whom a run added is ever taken out, and a person who left is not added again."""
        before = self.members()
        yield
        after = self.members()
        assert before - after <= self.ours, "taken out, and not added by us"
        assert not (after - before) & self.left, "left, and dragged back"
        self.ours = (self.ours | (after - before)) & after

    def ours_there(self) -> list[str]:
        """Who of the roster's changing people is in the group through a run."""
        return sorted(self.ours & self.members() & {name(number) for number in range(1, 9)})

    def see(self) -> None:
        """A person who is not where a run put them when the next looks has left."""
        there = self.members()
        self.left = (self.left | (self.ours - there)) - there
        self.ours &= there

    def settings(self, unseen: bool) -> Settings:
        bold = {"small_group_removals": 50, "max_removal_fraction": 1, "max_overall_removal_fraction": 1}
        bold["small_group_additions"] = 1000
        shrink = {"max_shrink_fraction": 1, "max_overall_shrink_fraction": 1}
        allow = {"allow": ("add", "remove", "owners", "create", "invite"), "grace_days": 0}
        lookup = {"by_email_over": 0, "rungs": ("singly", "crawl", *(("by_email",) if unseen else ()))}
        document = {"lookup": lookup, "limits": {**bold, **shrink, **allow}, "invitations": {"max_reminders": 0}}
        return Settings.model_validate(self.site.settings.model_dump() | document)

    def address(self, number: int) -> str:
        return f"stranger{number}.{self.site.prefix}@example.net"

    def wanted(self) -> set[str]:
        return {name(number) for _, number in self.site.rows if isinstance(number, int)}

    def invited(self) -> set[str]:
        """Who is in the roster and has, or may get, an account by an invitation."""
        return {f"s{who[-1]}_{self.site.prefix}" for _, who in self.site.rows if isinstance(who, str)}

    def members(self) -> set[str]:
        with self.site.forum(read_only=True) as forum:
            names = {group.name for group in forum.groups()}
            return {member.username for member in forum.members(self.group)} if self.group in names else set()

    def state(self) -> tuple[set[str], set[str]]:
        """Who is in the group, and whose invitations wait."""
        waiting = requests.get(f"{self.site.url}/u/system/invited.json?filter=pending", headers=STAFF, timeout=60)
        ours = {row["email"] for row in waiting.json()["invites"] if self.site.prefix in row["email"]}
        return self.members(), ours

    def last_run(self) -> str | None:
        with self.site.forum(read_only=True) as forum:
            runs = Journal(self.site.store.sessions, forum.name).runs()
            return runs[0].id if runs else None

    @rule()
    def a_look_at_what_was_done_by_hand_changes_nothing(self) -> None:
        before = self.state()
        with self.site.forum(read_only=True) as forum:
            drift(self.settings(unseen=True), forum, self.site.store, now=self.now)
        assert self.state() == before


@pytest.mark.slow
def test_any_life_of_people_unseen_converges(new_site: Callable[[], Site]) -> None:
    class Life(LifeUnseen):
        pass

    Life.new_site = staticmethod(new_site)
    lives = settings(
        max_examples=examples(5, 300),
        stateful_step_count=8,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Life, settings=lives)  # type: ignore[no-untyped-call]
