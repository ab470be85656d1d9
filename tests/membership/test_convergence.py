"""Whatever happens to roster and forum, runs converge, remove only what they added, stay within their caps and the
classes of change that are switched on, do nothing twice, and can be taken back.

Everything but HTTP, SQL and the look at the forum is the worker's own: plans, guards, bulk changes, what is done after
a failure, marks and grace, the journal, undo, drift.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from sync_worker.config.settings import InvitationSettings, LimitSettings, LookupSettings
from sync_worker.errors import UnsafePlanError
from sync_worker.membership.access import CoreAccess
from sync_worker.membership.drift_lines import DriftKind, find_drift
from sync_worker.membership.matching.abilities import Abilities
from sync_worker.membership.matching.accounts import Match
from sync_worker.membership.observing.forum_view import CoreView
from sync_worker.membership.observing.match import Found, Matched
from sync_worker.membership.observing.unseen import Unseen
from sync_worker.membership.planning.build import build_plan
from sync_worker.membership.planning.desired import build_desired
from sync_worker.membership.planning.roster_guard import Acceptance, RosterGuard
from sync_worker.membership.planning.upkeep import Scene, clean_tag
from sync_worker.membership.prepared import Books, Prepared
from sync_worker.membership.records.ties import OURS, State, Tie, TieKey
from sync_worker.membership.state import Account
from sync_worker.membership.sync import check_limits, perform
from sync_worker.membership.undo_plan import plan_undo
from sync_worker.membership.undo_runs import UNDO, PreparedUndo, take_back
from sync_worker.model import ChangeKind, Cohort, Enrolment, Person, RejectedRow, Role, Roster, RosterKind
from tests.membership.model_books import ModelJournal, ModelMemory, NobodyUnseen, NothingFound
from tests.membership.model_forum import PEOPLE, KilledError, ModelForum
from tests.search import examples

K = ChangeKind
PLACES = (K.ADD, K.REMOVE)
CLASSES = ("add", "remove", "owners", "create", "archive")
START = datetime(2027, 3, 15, 9, tzinfo=UTC)
GRACE = 3
FAULTS = ("refused", "kill_before", "kill_after", "lost_before", "lost_after", "half", "silent", "silent_after")
TOUCHY = LimitSettings(
    allow=CLASSES,
    small_group=4,
    small_group_removals=2,
    max_removals=4,
    max_shrink_fraction=1,
    max_overall_shrink_fraction=1,
    max_overall_removal_fraction=0.5,
    grace_days=GRACE,
    grace_runs=2,
    max_addition_fraction=1,
    small_group_additions=100,
    small_group_role_changes=100,
)
BOLD = TOUCHY.model_copy(
    update={
        "max_removal_fraction": 1,
        "small_group_removals": 100,
        "max_removals": 100,
        "max_overall_removal_fraction": 1,
    }
)


def cohort(key: str, end: date) -> Cohort:
    return Cohort(
        key=key,
        name=key.title(),
        start=date(2027, 3, 1),
        end=end,
        timezone="UTC",
        locale="en",
        group=key,
        lcm_group=f"{key}-lcm",
        category=key.title(),
        category_slug=f"{key}-talk",
        archive_after=5,
        alumni_group="alumni",
        parent_category="school",
    )


numbers = st.sampled_from(sorted(PEOPLE.values()))
keys = st.sampled_from(("spring", "summer"))
group_names = st.sampled_from(("spring", "spring-lcm", "summer", "summer-lcm", "alumni"))
faults = st.one_of(st.just({}), st.dictionaries(st.integers(1, 4), st.sampled_from(FAULTS), min_size=1, max_size=2))


class Life(RuleBasedStateMachine):
    """Edits of the roster, edits manually on the forum, time, runs, failures, and undoing."""

    def __init__(self) -> None:
        super().__init__()
        self.forum: Any = ModelForum(watch=self.watch, allowed=self.allowed)
        self.memory: Any = ModelMemory()
        self.journal: Any = ModelJournal()
        self.now = START
        self.limits = TOUCHY
        summer = replace(cohort("summer", date(2027, 9, 1)), parent_category=None)
        self.cohorts = {"spring": cohort("spring", date(2027, 4, 10)), "summer": summer}
        self.rows: dict[tuple[str, int], Enrolment] = {}
        self.rejected: tuple[RejectedRow, ...] = ()
        self.ours: set[tuple[str, int]] = set()
        self.left: set[tuple[str, int]] = set()
        self.removed: list[tuple[str, int]] = []
        self.of_the_day: list[tuple[datetime, str, int]] = []

    # What the forum tells us about the worker

    def watch(self, what: str, group: str, number: int) -> None:
        if what == "add":
            assert (group, number) not in self.left, f"u{number} left {group} and was dragged back"
            self.ours.add((group, number))
        else:
            assert (group, number) in self.ours, f"u{number} was removed from {group} and not added by us"
            self.removed.append((group, number))
            self.of_the_day.append((self.now, group, number))

    def allowed(self, needed: str) -> None:
        assert needed in self.limits.allow, f"'{needed}' is not switched on"

    # The roster

    @initialize(
        spring=st.sets(numbers, min_size=3, max_size=10),
        summer=st.sets(numbers, max_size=8),
        lcms=st.sets(numbers, max_size=2),
    )
    def cohorts_are_under_way(self, spring: set[int], summer: set[int], lcms: set[int]) -> None:
        self.enrol_many("spring", spring)
        self.enrol_many("summer", summer)
        for number in lcms:
            self.enrol("spring", number, Role.LCM, False, None)
        self.perform(self.prepared(), {})

    @rule(
        key=keys,
        number=numbers,
        role=st.sampled_from([Role.LEARNER, Role.LEARNER, Role.LCM]),
        withdrawn=st.sampled_from([False, False, False, True]),
        ends=st.sampled_from([None, None, -2, 4, 40]),
    )
    def enrol(self, key: str, number: int, role: Role, withdrawn: bool, ends: int | None) -> None:
        person = Person(email=f"u{number}@x.org", name=f"Person {number}")
        end = None if ends is None else self.now.date() + timedelta(days=ends)
        self.rows[key, number] = Enrolment(person, key, role, end=end, where=f"r:{number}", withdrawn=withdrawn)

    @rule(key=keys, some=st.sets(numbers, min_size=2, max_size=8))
    def enrol_many(self, key: str, some: set[int]) -> None:
        for number in some:
            self.enrol(key, number, Role.LEARNER, False, None)

    @rule(key=keys, some=st.lists(st.integers(0, 11), min_size=1, max_size=3))
    def drop_from_the_roster(self, key: str, some: list[int]) -> None:
        for place in some:
            there = sorted(number for cohort, number in self.rows if cohort == key)
            if place < len(there):
                del self.rows[key, there[place]]

    @rule(key=keys, place=st.integers(0, 11), withdrawn=st.booleans(), role=st.sampled_from(list(Role)))
    def change_a_row(self, key: str, place: int, withdrawn: bool, role: Role) -> None:
        there = sorted(number for cohort, number in self.rows if cohort == key)
        if place < len(there):
            row = self.rows[key, there[place]]
            self.rows[key, there[place]] = replace(row, withdrawn=withdrawn, role=role)

    @rule(bad=st.sampled_from([0, 0, 0, 1]))
    def a_row_is_rejected_or_not(self, bad: int) -> None:
        self.rejected = (RejectedRow("r:9", "bad"),) * bad
        self.limits = self.limits.model_copy(update={"max_rejected_rows": 1})

    @rule(days=st.sampled_from([1, 3, 8]))
    def time_goes_by(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(days=st.sampled_from([-20, 20]))
    def spring_ends_on_another_day(self, days: int) -> None:
        spring = self.cohorts["spring"]
        self.cohorts["spring"] = replace(spring, end=max(spring.start, spring.end + timedelta(days=days)))

    @rule(key=keys, tags=st.sets(st.sampled_from(("pilot", "Spring 27", "mine")), max_size=2))
    def lcm_yaml_names_other_tags(self, key: str, tags: set[str]) -> None:
        self.cohorts[key] = replace(self.cohorts[key], tags=tuple(sorted(tags)))

    @rule(key=keys)
    def lcm_yaml_names_a_parent(self, key: str) -> None:
        self.cohorts[key] = replace(self.cohorts[key], parent_category="school")

    @rule(key=keys, level=st.sampled_from([None, "tracking", "watching_first_post"]))
    def lcm_yaml_names_a_notification_level(self, key: str, level: str | None) -> None:
        self.cohorts[key] = replace(self.cohorts[key], group_notifications=level)

    @rule(off=st.sets(st.sampled_from(CLASSES), max_size=2))
    def classes_are_switched_on_and_off(self, off: set[str]) -> None:
        allow = tuple(name for name in CLASSES if name not in off)
        self.limits = self.limits.model_copy(update={"allow": allow})

    # Hands

    @rule(group=group_names, number=numbers)
    def somebody_adds_or_takes_out_by_hand(self, group: str, number: int) -> None:
        there = self.forum.groups.get(group)
        if there is None:
            return
        there.members.symmetric_difference_update({number})
        there.owners.intersection_update(there.members)
        record = self.memory.ties.get(TieKey(group, number))
        self.left.discard((group, number))
        if record and record.state is State.ADDED and number not in there.members:
            self.left.add((group, number))
        if record and record.state in (State.ADDING, State.REMOVING):
            # A person who does what a killed run had just begun cannot be told from that run.
            self.ours.add((group, number))

    @rule(group=group_names, number=numbers)
    def somebody_changes_an_owner_by_hand(self, group: str, number: int) -> None:
        there = self.forum.groups.get(group)
        if there and number in there.members:
            there.owners.symmetric_difference_update({number})

    @rule(
        slug=st.sampled_from(["spring-talk", "summer-talk", "school"]),
        group=st.sampled_from(["spring", "summer-lcm", "team"]),
    )
    def somebody_changes_a_category_by_hand(self, slug: str, group: str) -> None:
        category = self.forum.categories.get(slug)
        if category is None or not self.forum.lets(category, group):
            return
        if group in category.permissions:
            del category.permissions[group]
        else:
            category.permissions[group] = 2

    @rule(slug=st.sampled_from(["spring-talk", "summer-talk"]), tag=st.sampled_from(("pilot", "mine", "yours")))
    def somebody_changes_tags_by_hand(self, slug: str, tag: str) -> None:
        category = self.forum.categories.get(slug)
        if category is not None:
            category.tags ^= {tag}

    # Runs

    @rule(failing=faults)
    def run(self, failing: dict[int, str]) -> None:
        before = self.forum.state()
        prepared = self.prepared()
        outcome = self.perform(prepared, failing)
        assert failing or outcome in {"done", "refused"}
        if outcome == "refused":
            assert self.forum.state() == before
        if outcome == "done":
            again = self.prepared()
            assert again.plan.effective == ()
            self.every_tag_is_there_that_was_or_is_asked_for(before)
            assert self.drifted() <= {DriftKind.ADDED, DriftKind.MADE_OWNER, DriftKind.LEFT_BEFORE, *self.not_mended()}
            self.everybody_is_where_the_roster_wants_them(again)

    @rule(key=keys, some=st.sets(numbers, min_size=1, max_size=5), role=st.sampled_from(list(Role)), failing=faults)
    def newcomers_and_a_run(self, key: str, some: set[int], role: Role, failing: dict[int, str]) -> None:
        for number in some:
            self.enrol(key, number, role, False, None)
        self.run(failing)

    @rule(key=keys, some=st.lists(st.integers(0, 11), min_size=1, max_size=3), failing=faults)
    def leavers_and_runs(self, key: str, some: list[int], failing: dict[int, str]) -> None:
        self.drop_from_the_roster(key, some)
        self.run({})
        self.now += timedelta(days=GRACE)
        self.run(failing)

    @rule(key=keys, some=st.sets(numbers, min_size=1, max_size=5), failing=faults)
    def newcomers_and_a_run_that_is_taken_back(self, key: str, some: set[int], failing: dict[int, str]) -> None:
        self.enrol_many(key, some)
        self.run_and_take_it_back(failing, {})

    @rule(key=keys, some=st.lists(st.integers(0, 11), min_size=1, max_size=3), failing=faults)
    def leavers_and_a_run_that_is_taken_back(self, key: str, some: list[int], failing: dict[int, str]) -> None:
        self.drop_from_the_roster(key, some)
        self.run({})
        self.now += timedelta(days=GRACE)
        self.run_and_take_it_back({}, failing)

    @rule(failing=faults, failing_undo=faults)
    def run_and_take_it_back(self, failing: dict[int, str], failing_undo: dict[int, str]) -> None:
        groups, categories = self.forum.state()
        known = len(self.journal.of_run)
        self.perform(self.prepared(), failing)
        if len(self.journal.of_run) == known:
            return
        run = list(self.journal.of_run)[-1]
        limits, self.limits = self.limits, BOLD
        with suppress(KilledError):
            self.take_back(run, failing_undo)
        assert self.take_back(run).failed == ()
        assert self.undo_of(run).plan.effective == ()
        self.limits = limits
        groups_now, categories_now = self.forum.state()
        assert {name: groups_now[name] for name in groups} == groups
        assert all(sets == (set(), set()) for name, sets in groups_now.items() if name not in groups)
        assert {slug: categories_now[slug] for slug in categories if slug != "school"} == {
            slug: state for slug, state in categories.items() if slug != "school"
        }

    @precondition(lambda self: len(self.journal.of_run) > 2)
    @rule(data=st.data(), failing=faults)
    def take_an_older_run_back(self, data: st.DataObject, failing: dict[int, str]) -> None:
        run = data.draw(st.sampled_from(list(self.journal.of_run)))
        limits, self.limits = self.limits, BOLD
        order = list(self.journal.of_run)
        later = [entry for name in order[order.index(run) + 1 :] for entry in self.journal.of_run[name]]
        touched = {(e.change.target, e.change.user_id) for e in later if e.state == "done" and e.change.kind in PLACES}
        plan = self.undo_of(run).plan
        assert not touched & {(line.target, line.user_id) for line in plan.of(*PLACES)}
        with suppress(KilledError):
            self.take_back(run, failing)
        self.limits = limits

    @precondition(lambda self: self.added_by_a_run())
    @rule(data=st.data())
    def somebody_leaves_and_returns_and_the_run_that_added_them_is_taken_back(self, data: st.DataObject) -> None:
        run, group, number = data.draw(st.sampled_from(self.added_by_a_run()))
        for _ in range(2):
            self.somebody_adds_or_takes_out_by_hand(group, number)
            if self.perform(self.prepared(), {}) != "done":
                return
        limits, self.limits = self.limits, BOLD
        self.take_back(run)
        self.limits = limits
        assert number in self.forum.groups[group].members

    @rule()
    def all_is_left_in_peace_for_long_enough(self) -> None:
        """With everything allowed and nothing going wrong, a dismissed person whom we added is gone after the grace."""
        limits, self.limits = self.limits, BOLD.model_copy(update={"max_rejected_rows": 1})
        dismissed = self.dismissed(self.prepared())
        for _ in range(3):
            if self.perform(self.prepared(), {}) != "done":
                break
            self.now += timedelta(days=GRACE)
        else:
            assert not dismissed & self.dismissed(self.prepared())
        self.limits = limits

    def added_by_a_run(self) -> list[tuple[str, str, int]]:
        """Runs, and who is in a group since."""
        entries = [entry for lines in self.journal.of_run.values() for entry in lines]
        added = {(e.change.target, e.change.user_id): e.run for e in entries if e.change.kind is K.ADD}
        there = {(name, n) for name, group in self.forum.groups.items() for n in group.members}
        added_now = [key for key, tie in self.memory.ties.items() if tie.state is State.ADDED]
        known = {(key.group, key.user_id) for key in added_now if key.tie is Tie.MEMBER}
        ours = {key for key in added if key in there and key in self.ours & known}
        return [(added[key], *key) for key in sorted(ours)]

    # How they are made

    def roster(self) -> Roster:
        return Roster("r", RosterKind.SNAPSHOT, tuple(self.rows.values()), self.rejected)

    def prepared(self) -> Prepared:
        roster, cohorts = self.roster(), list(self.cohorts.values())
        remembered, observed = self.memory.read(), self.forum.observed(cohorts)
        who = {f"mail:{name}@x.org": Match(Account(n, name, f"Person {n}"), "email") for name, n in PEOPLE.items()}
        rosters = RosterGuard.of(
            roster, cohorts, remembered.rosters, self.limits, now=self.now, acceptance=Acceptance()
        )
        desired = tuple(
            build_desired(each, roster, who, self.now.date(), held=rosters.held.get(each.key, "")) for each in cohorts
        )
        plan = build_plan(desired, observed, remembered, self.limits, self.rejected, now=self.now)
        recent = self.journal.changes_since(self.now - timedelta(days=1), plan)
        abilities = Abilities(self.now)
        return Prepared(
            plan,
            desired,
            observed,
            remembered,
            rosters,
            self.limits,
            CoreAccess(CoreView.plain(self.forum), abilities, LookupSettings(), self.now),
            Matched(Found(who), abilities),
            Unseen(),
            InvitationSettings(),
            recent=recent,
        )

    def perform(self, prepared: Prepared, failing: dict[int, str]) -> str:
        """Run; say `refused`, `killed`, `partial` or `done`. The caps are held against what the forum saw."""
        self.now += timedelta(minutes=1)
        self.forum.begin(failing)
        self.removed = []
        sizes = {name: len(group.members) for name, group in self.forum.groups.items()}
        try:
            prepared.rosters.check(self.roster(), self.limits)
            check_limits(prepared)
        except UnsafePlanError:
            return "refused"
        self.see()
        wanted = {
            (group.name, n) for one in prepared.desired for group in (one.group, one.lcm_group) for n in group.members
        }
        self.left &= wanted
        try:
            books = Books(self.memory, self.journal, NobodyUnseen(), NothingFound())
            report = perform(prepared, self.forum, books, now=self.now)
        except KilledError:
            return "killed"
        finally:
            self.within_the_caps(sizes)
        return report.outcome

    def every_tag_is_there_that_was_or_is_asked_for(self, before: Any) -> None:
        for each in self.cohorts.values():
            category = self.forum.categories.get(each.category_slug)
            if category is None:
                continue
            if each.category_slug in before[1]:
                assert before[1][each.category_slug][3] <= category.tags
                assert category.parent or not before[1][each.category_slug][2], "moved out of its parent"
            if "create" in self.limits.allow and not each.over_on(self.now.date()):
                assert {clean_tag(tag) for tag in each.tags} <= {clean_tag(tag) for tag in category.tags}

    def see(self) -> None:
        """Strike out of our books the people who are no longer where we put them: runs only see the forum."""
        there = {(name, n) for name, group in self.forum.groups.items() for n in group.members}
        self.ours &= there

    def within_the_caps(self, sizes: dict[str, int]) -> None:
        assert len(self.removed) <= self.limits.max_removals
        out = {name: group.members for name, group in self.forum.groups.items()}
        today = {  # without those whom somebody put back: of a run that was killed, nobody can tell then what it did
            (group, n)
            for at, group, n in self.of_the_day
            if at > self.now - timedelta(days=1) and n not in out.get(group, ())
        }
        if self.removed:
            assert len(today) <= self.limits.max_removals, "several runs of a day removed more than a day may"
        for group in {name for name, _ in self.removed}:
            leaving = sum(name == group for name, _ in self.removed)
            members, small = sizes[group], sizes[group] <= self.limits.small_group
            most = self.limits.small_group_removals if small else int(members * self.limits.max_removal_fraction)
            assert leaving <= most

    def undo_of(self, run: str) -> PreparedUndo:
        entries = self.journal.of_run[run]
        order = list(self.journal.of_run)
        later = [entry for name in order[order.index(run) + 1 :] for entry in self.journal.of_run[name]]
        cohorts = tuple(self.cohorts.values())
        observed = self.forum.observed(cohorts)
        undoing = {n: c.removeprefix(UNDO) for n, c in self.journal.commands.items() if c.startswith(UNDO)}
        scene, ties = Scene.of(cohorts, observed), self.memory.read().ties
        plan = plan_undo(entries, later, scene, ties, self.limits, undoing=undoing, usernames={}, now=self.now)
        recent = self.journal.changes_since(self.now - timedelta(days=1), plan)
        return PreparedUndo(run, plan, cohorts, observed, self.limits, ties=ties, recent=recent)

    def take_back(self, run: str, failing: dict[int, str] | None = None) -> Any:
        self.now += timedelta(minutes=1)
        self.forum.begin(failing)
        self.removed = []
        return take_back(self.undo_of(run), self.forum, self.memory, self.journal, now=self.now)

    # What must hold

    def drifted(self) -> set[DriftKind]:
        cohorts = list(self.cohorts.values())
        days = {each.key: self.now.date() for each in cohorts}
        found = find_drift(
            cohorts,
            self.forum.observed(cohorts),
            self.memory.read(),
            days,
            {},
            opened=self.journal.opened(),
            allow=("create", "archive"),
        )
        return {line.kind for line in found}

    def not_mended(self) -> set[DriftKind]:
        return {
            *(DriftKind.PERMISSIONS, DriftKind.MODERATION, DriftKind.TAGS, DriftKind.PLACE, DriftKind.NOTIFICATIONS)
        }

    def everybody_is_where_the_roster_wants_them(self, prepared: Prepared) -> None:
        if "add" not in self.limits.allow:
            return
        for one in prepared.desired:
            for wanted in (one.group, one.lcm_group):
                there = self.forum.groups.get(wanted.name)
                if there is None:
                    continue
                for number in wanted.members - there.members:
                    record = self.memory.ties.get(TieKey(wanted.name, number))
                    assert record, f"u{number} is missing in {wanted.name}"
                    assert record.state is State.LEFT

    def dismissed(self, prepared: Prepared) -> set[tuple[str, int]]:
        """Who is in a group through us, and dismissed from it by the roster."""
        found = set()
        for one in prepared.desired:
            for wanted in (one.group, one.lcm_group):
                there = self.forum.groups.get(wanted.name)
                for number in (there.members if there else set()) - set(wanted.members):
                    record = self.memory.ties.get(TieKey(wanted.name, number))
                    account = Account(number, f"u{number}", f"Person {number}")
                    if record and record.state in OURS and one.dismissal(account).dismissed:
                        found.add((wanted.name, number))
        return found & self.ours


@pytest.mark.slow
def test_any_life_converges() -> None:
    lives = settings(
        max_examples=examples(400, 40_000),
        stateful_step_count=25,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Life, settings=lives)  # type: ignore[no-untyped-call]


def test_whoever_leaves_after_an_undo_was_killed_before_it_came_to_them_is_not_dragged_back() -> None:
    life = Life()
    life.cohorts_are_under_way(spring={1, 2, 3}, summer=set(), lcms={2})
    life.limits = BOLD
    first = next(iter(life.journal.of_run))
    with pytest.raises(KilledError):
        life.take_back(first, {1: "kill_before"})
    undo = list(life.journal.of_run)[-1]
    assert {entry.state for entry in life.journal.of_run[undo]} == {"intended"}
    life.somebody_adds_or_takes_out_by_hand(group="spring", number=1)
    life.take_back(undo)
    assert 1 not in life.forum.groups["spring"].members


def test_a_category_is_not_opened_to_a_group_to_which_its_parent_could_not_be_opened() -> None:
    life = Life()
    life.cohorts_are_under_way(spring={1, 2, 3}, summer=set(), lcms=set())
    for slug in ("spring-talk", "school"):
        life.somebody_changes_a_category_by_hand(group="spring", slug=slug)
    life.run(failing={1: "refused"})
    assert "spring" not in life.forum.categories["spring-talk"].permissions
    life.run(failing={})
    assert "spring" in life.forum.categories["spring-talk"].permissions


def test_an_undo_takes_back_owners_made_by_a_call_whose_answer_was_lost() -> None:
    life = Life()
    life.cohorts_are_under_way(spring={1, 2, 3}, summer=set(), lcms=set())
    life.newcomers_and_a_run(failing={}, key="summer", role=Role.FACILITATOR, some={2, 5})
    for number in (1, 4, 5):
        life.enrol("summer", number, Role.LCM, False, None)
    life.run_and_take_it_back(failing={1: "silent_after"}, failing_undo={})
    assert life.forum.groups["summer"].owners == set()
