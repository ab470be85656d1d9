"""The guard refuses what could do damage, with the numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.config.settings import LimitSettings
from sync_worker.errors import RefusedError, UnsafePlanError
from sync_worker.membership.planning.guard import check_allowed, check_plan
from sync_worker.membership.planning.roster_guard import check_roster
from sync_worker.model import Change, ChangeKind, Plan, RejectedRow, Roster, RosterKind

LIMITS = LimitSettings()


def removals(count: int, group: str = "g", kind: ChangeKind = ChangeKind.REMOVE) -> tuple[Change, ...]:
    return tuple(Change(kind, "c", group, "gone", f"u{n}", n) for n in range(count))


def roster(rejected: int = 0, kind: RosterKind = RosterKind.SNAPSHOT) -> Roster:
    return Roster("r.csv", kind, (), tuple(RejectedRow(f"r.csv:{n + 2}", "bad.", "Fix it.") for n in range(rejected)))


def test_a_quarter_of_a_large_group_may_go_and_no_more() -> None:
    check_plan(Plan(removals(10)), {"g": 40}, LIMITS)
    with pytest.raises(UnsafePlanError, match="takes 11 of 40 people") as caught:
        check_plan(Plan(removals(11)), {"g": 40}, LIMITS)
    assert caught.value.numbers == {"removals": 11, "members": 40, "allowed": 10}
    assert caught.value.exit_code == 3


def test_a_small_group_is_held_to_a_number() -> None:
    check_plan(Plan(removals(3)), {"g": 10}, LIMITS)
    with pytest.raises(UnsafePlanError, match="small_group_removals allows 3"):
        check_plan(Plan(removals(4)), {"g": 10}, LIMITS)


def test_the_whole_run_is_held_to_a_number() -> None:
    lines = removals(30, "a") + removals(21, "b")
    with pytest.raises(UnsafePlanError, match="takes 51 people out of groups"):
        check_plan(Plan(lines), {"a": 1000, "b": 1000}, LIMITS)


def test_every_limit_that_is_passed_is_named_at_once() -> None:
    with pytest.raises(UnsafePlanError) as caught:
        check_plan(Plan(removals(60, "a") + removals(4, "b")), {"a": 100, "b": 8}, LIMITS)
    assert str(caught.value).splitlines() == [
        "the plan passes 4 limits. Look at each line; raise them in lcm.yaml if they are all meant:",
        "  the plan takes 64 people out of groups, limits.max_removals is 50.",
        "  the plan takes 60 of 100 people out of the group 'a'; limits.max_removal_fraction allows 25.",
        "  the plan takes 4 of 8 people out of the group 'b'; limits.small_group_removals allows 3.",
        "  the plan takes 64 of 108 people out of all groups together; limits.max_overall_removal_fraction allows 27.",
    ]
    many = Plan(tuple(change for number in range(21) for change in removals(2, f"g{number}")))
    with pytest.raises(UnsafePlanError, match=r"  and 3 more\.$"):
        check_plan(many, {}, LimitSettings(small_group_removals=1, max_removals=1))


def test_demotions_count_too() -> None:
    with pytest.raises(UnsafePlanError):
        check_plan(Plan(removals(4, kind=ChangeKind.REMOVE_OWNER)), {"g": 8}, LIMITS)


@given(st.integers(0, 200), st.integers(0, 60), st.floats(0, 1), st.integers(0, 20), st.integers(0, 5))
def test_what_passes_is_within_every_cap(members: int, gone: int, fraction: float, small: int, few: int) -> None:
    limits = LimitSettings(max_removal_fraction=fraction, small_group=small, small_group_removals=few, max_removals=50)
    try:
        check_plan(Plan(removals(gone)), {"g": members}, limits)
    except UnsafePlanError:
        return
    assert gone <= 50
    assert gone <= (few if members <= small else members * fraction)


@pytest.mark.parametrize(
    ("kind", "allow", "missing"),
    [
        (ChangeKind.REMOVE, ("add",), "remove"),
        (ChangeKind.ADD, ("remove",), "add"),
        (ChangeKind.REMOVE_OWNER, ("owners",), "remove"),
        (ChangeKind.CREATE_GROUP, ("add",), "create"),
    ],
)
def test_a_class_of_change_that_is_not_switched_on_is_refused(
    kind: ChangeKind, allow: tuple[str, ...], missing: str
) -> None:
    limits = LimitSettings.model_validate({"allow": allow})
    with pytest.raises(RefusedError, match=f"Switch {missing} on"):
        check_allowed(Plan(removals(1, kind=kind)), limits)


def test_rejected_rows_are_listed_and_refused() -> None:
    with pytest.raises(UnsafePlanError) as caught:
        check_roster(roster(rejected=25), {}, {}, LIMITS)
    assert "25 rows of the roster rejected, 0 allowed" in str(caught.value)
    assert "r.csv:2: bad. Fix it." in str(caught.value)
    assert "and 5 more." in str(caught.value)


def test_rejected_rows_within_the_limit_pass() -> None:
    check_roster(roster(rejected=2), {}, {}, LimitSettings(max_rejected_rows=2))


@pytest.mark.parametrize(("before", "now"), [(40, 29), (40, 0), (1, 0), (10, 6)])
def test_a_cohort_that_shrank_too_far_is_refused(before: int, now: int) -> None:
    with pytest.raises(UnsafePlanError, match=f"had {before} people in the roster and has {now} now") as caught:
        check_roster(roster(), {"spring": now}, {"spring": before}, LIMITS)
    assert caught.value.numbers["before"] == before


@pytest.mark.parametrize(("before", "now"), [(40, 30), (0, 0), (10, 7), (0, 40)])
def test_a_cohort_that_shrank_a_little_or_grew_passes(before: int, now: int) -> None:
    check_roster(roster(), {"spring": now}, {"spring": before}, LIMITS)


def test_a_delta_may_be_as_short_as_it_likes() -> None:
    check_roster(roster(kind=RosterKind.DELTA), {"spring": 1}, {"spring": 40}, LIMITS)


def test_all_cohorts_together_may_not_shrink_too_far_either() -> None:
    before = {f"c{n}": 8 for n in range(10)}
    sizes = {f"c{n}": 5 for n in range(10)}
    with pytest.raises(UnsafePlanError, match="had 80 people in the roster, and have lost 30 of them") as caught:
        check_roster(roster(), sizes, before, LIMITS)
    assert caught.value.numbers == {"before": 80, "lost": 30, "allowed": 20}
    check_roster(roster(), {**before, "c0": 5}, before, LIMITS)


def test_a_cohort_that_grows_does_not_hide_those_that_shrink() -> None:
    before = {"grown": 100, **{f"c{n}": 10 for n in range(20)}}
    sizes = {"grown": 300, **{f"c{n}": 7 for n in range(20)}}
    check_roster(roster(), sizes, before, LIMITS)
    with pytest.raises(UnsafePlanError, match="have lost 60 of them"):
        check_roster(roster(), sizes, before, LimitSettings(max_overall_shrink_fraction=0.1))


def test_all_groups_together_are_held_to_a_fraction() -> None:
    limits = LimitSettings(max_overall_removal_fraction=0.1)
    lines = removals(6, "a") + removals(6, "b")
    check_plan(Plan(lines), {"a": 60, "b": 60}, limits)
    with pytest.raises(UnsafePlanError, match="takes 12 of 100 people out of all groups together"):
        check_plan(Plan(lines), {"a": 50, "b": 50}, limits)


def test_one_group_can_be_held_to_a_number() -> None:
    with pytest.raises(UnsafePlanError, match="max_group_removals allows 5"):
        check_plan(Plan(removals(6)), {"g": 100}, LimitSettings(max_group_removals=5))


def test_additions_can_be_held_to_a_number() -> None:
    with pytest.raises(UnsafePlanError, match="adds 6 people") as caught:
        check_plan(Plan(removals(6, kind=ChangeKind.ADD)), {"g": 100}, LimitSettings(max_additions=5))
    assert caught.value.numbers == {"additions": 6, "max_additions": 5}


def test_a_change_of_permissions_needs_a_class_that_covers_it() -> None:
    change = Change(ChangeKind.UPDATE_CATEGORY, "c", "Category", "lacking")
    with pytest.raises(RefusedError, match="Switch create on"):
        check_allowed(Plan((change,)), LimitSettings())
    check_allowed(Plan((change,)), LimitSettings(allow=("adopt",)))
