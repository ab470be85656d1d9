"""The plan says of everybody what happens to them, or why nothing does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from sync_worker.config.settings import LimitSettings
from sync_worker.errors import RefusedError
from sync_worker.forum.records import ForumUser
from sync_worker.membership.matching.accounts import Memory
from sync_worker.membership.planning.guard import check_allowed
from sync_worker.membership.records.ties import State, TieBook, TieKey, TieRecord
from sync_worker.membership.state import CategoryState, TagRules
from sync_worker.model import ChangeKind, RejectedRow, Role, RosterKind

World = Any
K = ChangeKind


def test_a_new_cohort_gets_its_groups_its_category_and_its_people(world: World) -> None:
    world.enrol(1, 2)
    world.enrol(3, role=Role.LCM)
    kinds = [(c.kind.value, c.target, c.username) for c in world.plan().effective]
    assert kinds == [
        ("create_group", "spring", None),
        ("create_group", "spring-lcm", None),
        ("create_category", "Spring", None),
        ("add", "spring", "u1"),
        ("add", "spring", "u2"),
        ("add", "spring", "u3"),
        ("add_owner", "spring", "u3"),
        ("add", "spring-lcm", "u3"),
    ]


def test_the_category_opens_to_the_cohort_its_lcms_and_staff_only(world: World) -> None:
    detail = world.plan().of(K.CREATE_CATEGORY)[0].detail.to_json()
    assert detail["permissions"] == {"spring": 1, "spring-lcm": 1, "staff": 1}
    assert detail["moderators"] == ["spring-lcm"]


def test_a_second_run_has_nothing_to_do_and_says_who_is_unchanged(world: World) -> None:
    world.enrol(1, 2)
    world.carry_out()
    assert world.plan().effective == ()
    assert world.lines(K.UNCHANGED)["u1"] == "learner in the roster (r.csv:1)"


def test_a_person_without_an_account_is_unknown_with_place_and_reason(world: World) -> None:
    world.enrol(1)
    world.enrolments[1] = replace(world.enrolments[1], person=replace(world.enrolments[1].person, email="zoe@x.org"))
    assert world.lines(K.UNKNOWN) == {"Person 1": "no account has email zoe@x.org. (r.csv:1)"}


def test_whoever_is_no_longer_in_the_roster_is_removed_if_we_added_them(world: World) -> None:
    world.enrol(1, 2, 3)
    world.carry_out()
    del world.enrolments[2]
    assert world.lines(K.REMOVE) == {"u2": "no longer in the roster"}


def test_people_added_by_hand_stay(world: World) -> None:
    world.enrol(1)
    world.carry_out()
    world.members().add(9)
    assert world.lines(K.KEPT) == {"u9": "added manually, not by us"}
    assert world.plan().effective == ()


def test_removal_is_off_until_it_is_allowed(world: World) -> None:
    world.limits = LimitSettings(allow=("add", "create"))
    world.enrol(1, 2)
    world.carry_out()
    del world.enrolments[2]
    assert world.plan().effective == ()
    expected = "removal is not switched on (limits.allow): no longer in the roster"
    assert world.lines(K.KEPT) == {"u2": expected}


def test_adding_can_be_switched_off(world: World) -> None:
    world.limits = LimitSettings(allow=("create",))
    world.enrol(1)
    assert world.plan().of(K.ADD) == ()
    assert world.lines(K.KEPT)["u1"].startswith("adding is not switched on")


def test_without_create_nothing_is_made_and_nobody_is_added_to_nothing(world: World) -> None:
    world.limits = LimitSettings(allow=("add",))
    world.enrol(1)
    assert world.plan().effective == ()
    assert world.lines(K.KEPT)["u1"] == "there is no group to add to: learner in the roster (r.csv:1)"


def test_whoever_left_is_not_dragged_back(world: World) -> None:
    world.enrol(1, 2)
    world.carry_out()
    world.members().remove(2)
    assert world.plan().effective == ()
    assert "not dragged back" in world.lines(K.KEPT)["u2"]
    world.carry_out()
    assert world.members() == {1}


def test_whoever_left_is_brought_back_if_that_is_configured(world: World) -> None:
    world.limits = world.limits.model_copy(update={"bring_back": True})
    world.enrol(1)
    world.carry_out()
    world.members().remove(1)
    assert set(world.lines(K.ADD)) == {"u1"}


def test_whoever_left_and_came_back_by_themselves_is_no_longer_ours_to_remove(world: World) -> None:
    world.enrol(1, 2)
    world.carry_out()
    world.members().remove(2)
    world.carry_out()
    world.members().add(2)
    world.carry_out()
    del world.enrolments[2]
    assert world.lines(K.REMOVE) == {}
    assert world.lines(K.KEPT) == {"u2": "added manually, not by us"}


def test_whoever_was_removed_and_enrols_again_is_added_again(world: World) -> None:
    world.enrol(1, 2)
    world.carry_out()
    del world.enrolments[2]
    world.carry_out()
    world.enrol(2)
    assert set(world.lines(K.ADD)) == {"u2"}


def test_an_lcm_who_was_removed_and_comes_back_owns_the_group_again(world: World) -> None:
    world.enrol(1, 2, 4)
    world.enrol(3, role=Role.LCM)
    world.carry_out()
    lcm = world.enrolments.pop(3)
    world.carry_out()
    world.enrolments[3] = lcm
    assert set(world.lines(K.ADD_OWNER)) == {"u3"}


def test_a_demoted_lcm_loses_ownership_and_the_lcm_group_but_stays_a_member(world: World) -> None:
    world.enrol(1)
    world.enrol(2, 3, role=Role.LCM)
    world.carry_out()
    world.enrol(3)
    assert set(world.lines(K.REMOVE_OWNER)) == {"u3"}
    assert world.lines(K.REMOVE, group="spring-lcm") == {"u3": "not an LCM any more: learner in the roster (r.csv:3)"}
    assert world.lines(K.REMOVE) == {}


def test_an_owner_made_by_hand_stays_owner(world: World) -> None:
    world.enrol(1)
    world.carry_out()
    world.groups["spring"][1].add(1)
    assert world.plan().effective == ()
    assert world.lines(K.KEPT) == {"u1": "owner manually, not by us"}


def test_protected_people_stay(world: World) -> None:
    world.limits = world.limits.model_copy(update={"protected": ("U2", "u3@x.org")})
    world.enrol(1, 2, 3, 4)
    world.carry_out()
    for number in (2, 3, 4):
        del world.enrolments[number]
    assert set(world.lines(K.REMOVE)) == {"u4"}
    assert world.lines(K.KEPT) == dict.fromkeys(("u2", "u3"), "protected (limits.protected)")


def test_rejected_rows_mean_that_absence_proves_nothing(world: World) -> None:
    world.enrol(1, 2)
    world.carry_out()
    del world.enrolments[2]
    world.rejected = (RejectedRow("r.csv:2", "bad"),)
    assert world.lines(K.REMOVE) == {}
    assert world.lines(K.KEPT) == {"u2": "1 row of the roster was rejected, so absence from it proves nothing"}


def test_a_delta_removes_only_whom_it_names(world: World) -> None:
    world.enrol(1, 2, 3)
    world.carry_out()
    world.kind = RosterKind.DELTA
    world.enrolments.clear()
    world.enrol(3, withdrawn=True)
    assert world.lines(K.REMOVE) == {"u3": "the roster says so (r.csv:3)"}
    assert set(world.lines(K.KEPT)) == {"u1", "u2"}


def test_an_enrolment_that_ended_is_removed_and_one_that_has_not_begun_waits(world: World) -> None:
    world.enrol(1, 2)
    world.carry_out()
    world.enrol(2, end=date(2027, 3, 14))
    world.enrol(3, start=date(2027, 3, 16))
    assert world.lines(K.REMOVE) == {"u2": "the enrolment ended on 2027-03-14 (r.csv:2)"}
    assert world.lines(K.WAITING) == {"Person 3": "starts on 2027-03-16 (r.csv:3)"}


def test_both_days_of_an_enrolment_count(world: World) -> None:
    world.enrol(1, start=world.day, end=world.day)
    assert set(world.lines(K.ADD)) == {"u1"}


def test_whoever_may_be_somebody_in_the_roster_is_not_removed(world: World) -> None:
    world.enrol(1, 2)
    world.carry_out()
    changed = replace(world.enrolments.pop(2).person, email="new-address@x.org")
    world.enrol(3)
    world.enrolments[3] = replace(world.enrolments[3], person=changed)
    assert world.lines(K.REMOVE) == {}
    assert world.lines(K.KEPT) == {"u2": "may be Person 2, who is in the roster and matches no account"}


def test_an_ambiguous_person_is_reported_and_neither_candidate_is_removed(world: World) -> None:
    world.enrol(1, 2)
    world.carry_out()
    world.memory = replace(world.memory, memory=Memory())
    doubtful = replace(world.enrolments[2].person, username="u1", name="Somebody")
    world.enrolments[2] = replace(world.enrolments[2], person=doubtful)
    del world.enrolments[1]
    assert world.plan().effective == ()
    assert "email fits u2, username fits u1" in world.lines(K.UNKNOWN)["Somebody"]
    assert set(world.lines(K.KEPT)) == {"u1", "u2"}


def test_suspended_people_are_added_with_a_note(world: World) -> None:
    world.users[1] = ForumUser(1, "u1", "", "u1@x.org", suspended=True)
    world.enrol(1)
    assert world.lines(K.ADD) == {"u1": "learner in the roster (r.csv:1), suspended"}


def test_a_killed_addition_is_settled_by_what_the_forum_shows(world: World) -> None:
    world.enrol(1, 2, 3)
    world.groups = {"spring": ({1, 3}, set()), "spring-lcm": (set(), set())}
    ties = {TieKey("spring", n): TieRecord(State.ADDING, f"u{n}", "") for n in (1, 2)}
    world.memory = replace(world.memory, ties=TieBook.of(ties.items()))
    world.carry_out()
    states = {key.user_id: tie.state for key, tie in world.memory.ties.items()}
    assert states == {1: State.ADDED, 2: State.ADDED}
    assert world.members() == {1, 2, 3}


def test_a_killed_removal_is_settled_by_what_the_forum_shows(world: World) -> None:
    world.enrol(1, 2, 3)
    world.carry_out()
    ties = dict(world.memory.ties.items())
    for number in (2, 3):
        del world.enrolments[number]
        ties[TieKey("spring", number)] = TieRecord(State.REMOVING, f"u{number}", "")
    world.memory = replace(world.memory, ties=TieBook.of(ties.items()))
    world.members().remove(2)
    assert set(world.lines(K.REMOVE)) == {"u3"}
    world.carry_out()
    assert world.members() == {1}


def test_a_group_that_was_deleted_is_made_again_with_everybody(world: World) -> None:
    world.enrol(1, 2)
    world.carry_out()
    world.groups["spring"] = None
    assert set(world.lines(K.ADD)) == {"u1", "u2"}


def test_a_category_that_lost_a_permission_gets_it_back_and_keeps_what_was_added_by_hand(world: World) -> None:
    world.carry_out()
    world.category = replace(world.category, permissions={"spring-lcm": 1, "Staff": 1, "alumni": 3})
    change = world.plan().of(K.UPDATE_CATEGORY)[0]
    assert change.reason == "spring will read and write in it"
    assert change.detail.to_json()["permissions"] == {"alumni": 3, "spring": 1, "spring-lcm": 1, "staff": 1}
    assert world.lines(K.KEPT, group="Spring") == {None: "open to alumni as well, set manually; left so"}


@pytest.mark.parametrize("over", [False, True])
def test_a_category_that_somebody_opened_to_everyone_is_left_so_once_and_for_all(world: World, over: bool) -> None:
    """Discourse keeps no other permission of a category where everyone has full access."""
    world.carry_out()
    world.category = replace(world.category, permissions={"everyone": 1})
    if over:
        world.cohort = replace(world.cohort, end=world.day - timedelta(days=1))
        world.limits = world.limits.model_copy(update={"allow": (*world.limits.allow, "archive")})
    assert world.plan().effective == ()
    assert world.lines(K.KEPT, group="Spring") == {None: "open to everyone as well, set manually; left so"}


def test_a_category_that_was_there_before_us_is_left_alone_until_adopted(world: World) -> None:
    world.category = CategoryState("Spring", "spring", {"staff": 1, "board": 1}, frozenset(), 7)
    assert world.plan().of(K.UPDATE_CATEGORY, K.CREATE_CATEGORY) == ()
    reason = world.lines(K.KEPT, group="Spring")[None]
    assert "was there before us; allow 'adopt' in limits.allow" in reason
    assert "open to board as well" in reason
    world.limits = world.limits.model_copy(update={"allow": (*world.limits.allow, "adopt")})
    change = world.plan().of(K.UPDATE_CATEGORY)[0]
    assert change.detail.to_json()["permissions"] == {"spring": 1, "spring-lcm": 1, "staff": 1}
    assert change.reason == (
        "spring and spring-lcm will read and write in it; spring-lcm will moderate it; board will not see it any more"
    )


@pytest.mark.parametrize("readers", [{"everyone": 1}, {"everyone": 3, "staff": 1}, {"trust_level_0": 1}, {}])
def test_what_everybody_reads_is_closed_only_where_that_is_allowed_in_so_many_words(
    world: World, readers: dict[str, int]
) -> None:
    world.enrol(1, 2, 3)
    world.category = CategoryState("Spring", "spring", readers, frozenset(), 7, topics=253)
    outcome = "will be readable by 3 people of the cohort and staff only; today everyone reads its 253 topics"
    for allowed, missing in ((), "'adopt' and 'close_public'"), (("adopt",), "'close_public'"):
        world.limits = LimitSettings.model_validate({"allow": ["add", "create", *allowed], "grace_days": 0})
        assert world.plan().of(K.UPDATE_CATEGORY) == ()
        reason = world.lines(K.KEPT, group="Spring")[None]
        assert f"the category was there before us; allow {missing} in limits.allow" in reason
        assert f"allowed, it {outcome}" in reason
    world.limits = LimitSettings.model_validate({"allow": ["adopt", "close_public"], "grace_days": 0})
    (change,) = world.plan().of(K.UPDATE_CATEGORY)
    assert change.reason.startswith(outcome)
    assert change.closes
    with pytest.raises(RefusedError, match="Switch close_public on"):
        check_allowed(world.plan(), LimitSettings(allow=("adopt",)))


def test_a_public_category_that_was_there_gets_no_tags_either_where_it_is_not_taken(world: World) -> None:
    world.cohort = replace(world.cohort, tags=("spring",))
    world.category = CategoryState("Spring", "spring", {"everyone": 1}, frozenset(), 7, tags=TagRules(frozenset()))
    world.limits = LimitSettings.model_validate({"allow": ["create", "adopt"], "grace_days": 0})
    assert world.plan().of(K.UPDATE_CATEGORY) == ()


def test_without_group_moderation_the_category_is_made_and_the_way_out_is_shown(world: World) -> None:
    world.group_moderation = False
    assert world.plan().of(K.CREATE_CATEGORY)[0].detail.to_json()["moderators"] == []
    world.carry_out()
    assert world.plan().effective == ()
    assert "enable_category_group_moderation is off" in world.lines(K.KEPT, group="Spring")[None]
    world.group_moderation = True
    assert world.plan().of(K.UPDATE_CATEGORY)[0].reason == "spring-lcm will moderate it"


def test_the_same_world_gives_the_same_lines_whatever_the_order_of_rows(world: World) -> None:
    world.enrol(3, 1, 2)
    forwards = world.plan()
    world.enrolments = dict(reversed(world.enrolments.items()))
    assert world.plan() == forwards


def test_a_category_whose_name_is_cut_short_says_so(world: World) -> None:
    long = "Leading teams across places and time zones, spring and summer 2027"
    world.cohort = replace(world.cohort, name=long, category="Leading teams across places and time zones, spring")
    reason = world.plan().of(K.CREATE_CATEGORY)[0].reason
    assert "its name is cut short, because Discourse takes 50 characters" in reason
    world.cohort = replace(world.cohort, name=long, category="Spring and summer")
    assert world.plan().of(K.CREATE_CATEGORY)[0].reason == "the forum has no such category"
