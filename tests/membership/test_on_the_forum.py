"""The whole of a sync over HTTP: what the forum has afterwards, and what it cost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sync_worker.errors import ConfigError, ForumError, RefusedError, UnsafePlanError, UsageError
from sync_worker.forum import FailedCall, Forum, Outcome
from sync_worker.forum.records import BulkResult
from sync_worker.membership import prepare, sync, undo
from sync_worker.model import ChangeKind, Role
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from tests.accounts import account_ids
from tests.search import examples

Site = Any
K = ChangeKind
NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
STAFF = {"Api-Key": DEFAULT_KEY, "Api-Username": "system"}


def two_cohorts_of_forty(site: Site) -> None:
    a, b = site.keys
    site.enrol(a, range(1, 39))
    site.enrol(a, (39, 40), Role.LCM)
    site.enrol(b, range(41, 79))
    site.enrol(b, (79, 80), Role.LCM)


def test_the_first_sync_makes_groups_categories_moderation_and_members(site: Site) -> None:
    two_cohorts_of_forty(site)
    _, report, _ = site.sync()
    assert report.failed == ()
    a, _ = site.keys
    members = site.members(a)
    assert len(members) == 40
    assert [name for name, owner in members.items() if owner] == ["bulk0039", "bulk0040"]
    assert set(site.members(f"{a}-lcm")) == {"bulk0039", "bulk0040"}
    _, categories = site.state()
    assert categories[0] == (a, {a: 1, f"{a}-lcm": 1, "staff": 1}, [f"{a}-lcm"])


def test_a_second_sync_has_nothing_to_do_and_takes_eight_calls(site: Site) -> None:
    two_cohorts_of_forty(site)
    _, _, first = site.sync()
    before = site.state()
    prepared, _, second = site.sync()
    assert prepared.plan.effective == ()
    assert (prepared.plan.unchanged, len(prepared.plan.of(K.UNCHANGED))) == (80 + 4, 6)
    assert site.state() == before
    assert sum(first.values()) == 24, first  # 6 of them furnish the two categories
    assert sum(second.values()) == 8, second


def test_a_dry_run_writes_nothing_on_the_forum_or_here(site: Site) -> None:
    two_cohorts_of_forty(site)
    before = site.state()
    assert len(site.plan().effective) == 6 + 80 + 4 + 4
    assert site.state() == before
    with site.store.engine.connect() as connection:
        for table in ("memberships", "identities", "created", "runs", "cursors"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar() == 0


def test_only_the_chosen_cohort_is_touched(site: Site) -> None:
    two_cohorts_of_forty(site)
    a, b = site.keys
    site.sync(only=a)
    with pytest.raises(ForumError) as caught:
        site.members(b)
    assert caught.value.status == 404
    with pytest.raises(UsageError, match="there is no cohort 'x'"):
        site.sync(only="x")


def test_one_person_more_costs_a_call_for_the_change_and_one_to_find_them(site: Site) -> None:
    two_cohorts_of_forty(site)
    site.sync()
    site.enrol(site.keys[0], (90,))
    _, _, calls = site.sync()
    assert "bulk0090" in site.members(site.keys[0])
    assert sum(calls.values()) == 8 + 1 + 1, calls


def test_whoever_leaves_the_roster_is_removed_and_hand_added_people_stay(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 11))
    site.sync()
    site.by_hand(a, add=["bulk0100"])
    del site.rows[a, 3]
    site.sync()
    assert set(site.members(a)) == {f"bulk{n:04}" for n in (1, 2, *range(4, 11), 100)}
    assert site.plan().effective == ()


def test_whoever_left_the_group_stays_out(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, (1, 2))
    site.sync()
    site.by_hand(a, remove=["bulk0002"])
    for is_news in (True, False):  # who is missing may have lost the account: that is looked up once
        _, report, calls = site.sync()
        assert report.done == ()
        assert set(site.members(a)) == {"bulk0001"}
        assert any("users" in operation for operation in calls) is is_news


def test_a_demotion_takes_ownership_and_the_lcm_group_and_is_undone_by_a_promotion(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 5))
    site.enrol(a, (5, 6), Role.LCM)
    site.sync()
    site.enrol(a, (6,))
    site.sync()
    assert site.members(a)["bulk0006"] is False
    assert set(site.members(f"{a}-lcm")) == {"bulk0005"}
    site.enrol(a, (6,), Role.LCM)
    site.sync()
    assert site.members(a)["bulk0006"] is True
    assert set(site.members(f"{a}-lcm")) == {"bulk0005", "bulk0006"}


def test_an_ended_enrolment_ends_on_the_cohorts_own_day(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, (1, 2, 3))
    site.sync()
    site.enrol(a, (3,), end=date(2027, 3, 14))
    site.enrol(a, (4,), start=date(2027, 3, 16))
    site.sync()
    assert set(site.members(a)) == {"bulk0001", "bulk0002"}


def test_a_renamed_account_is_added_to_the_next_cohort_under_its_new_name(site: Site) -> None:
    a, b = site.keys
    site.enrol(a, (110,))
    site.sync()
    with site.forum() as forum:
        group = next(found for found in forum.groups() if found.name == a)
        forum.remove_members(group.id, account_ids(forum, "bulk0110"))
    rename(site.url, "bulk0110", "renamed110")
    try:
        site.enrol(b, (110,))
        site.sync()
        assert set(site.members(b)) == {"renamed110"}
    finally:
        rename(site.url, "renamed110", "bulk0110")


def rename(url: str, old: str, new: str) -> None:
    path = f"{url}/u/{old}/preferences/username.json"
    answer = requests.put(path, json={"new_username": new}, headers=STAFF, timeout=60)
    assert answer.status_code == 200, answer.text


def test_one_cohorts_failure_does_not_stop_the_other(site: Site) -> None:
    a, b = site.keys
    site.enrol(a, (1,))
    site.enrol(b, (2,))
    rename(site.url, "bulk0111", a)
    try:
        _, report, _ = site.sync()
    finally:
        rename(site.url, a, "bulk0111")
    kinds = {(failure.change.kind, failure.change.target) for failure in report.failed}
    assert kinds == {(K.CREATE_GROUP, a), (K.CREATE_CATEGORY, a.upper()), (K.ADD, a)}
    assert "taken" in report.failed[0].reason
    assert set(site.members(b)) == {"bulk0002"}
    _, report, _ = site.sync()
    assert report.failed == ()
    assert set(site.members(a)) == {"bulk0001"}


def test_a_run_that_would_remove_too_many_changes_nothing(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 21))
    site.sync()
    before = site.state()
    site.limits = {"max_shrink_fraction": 1}
    for n in range(1, 8):
        del site.rows[a, n]
    site.enrol(a, (30,))
    with pytest.raises(UnsafePlanError, match="takes 7 of 20 people"):
        site.sync()
    assert site.state() == before


def test_a_roster_that_shrank_is_refused_before_the_forum_is_called(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 21))
    site.sync()
    for n in range(1, 8):
        del site.rows[a, n]
    with site.forum() as forum, pytest.raises(UnsafePlanError, match="had 20 people in the roster and has 13 now"):
        sync(site.settings, site.roster(), forum, site.store, now=NOW)
    assert forum.calls.total == 0


def test_one_of_discourses_own_groups_is_never_ours(site: Site) -> None:
    document = site.settings.model_dump()
    document["cohorts"][0]["group"] = "trust_level_0"
    changed = type(site.settings).model_validate(document)
    with site.forum() as forum, pytest.raises(ConfigError, match="one of Discourse's own"):
        prepare(changed, site.roster(), forum, site.store, now=NOW)


def test_two_syncs_at_once_are_one_too_many(site: Site) -> None:
    with site.forum() as forum, site.store.exclusive(f"sync:{forum.name}") as held:
        assert held
        with pytest.raises(RefusedError, match="another sync of this forum"):
            site.sync()


def test_a_person_whom_the_forum_refuses_is_reported_and_the_others_are_added(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Forum.add_members

    with site.forum() as forum:
        (third,) = account_ids(forum, "bulk0003")

    def refusing(forum: Forum, group_id: int, accounts: list[int]) -> BulkResult:
        if third in accounts:
            raise FailedCall("no, not this one.", outcome=Outcome.REFUSED, status=422)
        return real(forum, group_id, accounts)

    a, _ = site.keys
    site.enrol(a, range(1, 9))
    monkeypatch.setattr(Forum, "add_members", refusing)
    _, report, _ = site.sync()
    assert [failure.change.username for failure in report.failed] == ["bulk0003"]
    assert report.failed[0].reason == "no, not this one."
    monkeypatch.undo()
    _, report, _ = site.sync()
    assert [change.username for change in report.done] == ["bulk0003"]


def test_when_the_forum_stops_answering_the_rest_is_not_tried(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object, **__: object) -> None:
        raise FailedCall("no answer.", outcome=Outcome.DOUBTFUL, unreachable=True)

    site.enrol(site.keys[0], (1,))
    monkeypatch.setattr(Forum, "create_group", silent)
    _, report, _ = site.sync()
    assert report.unreachable
    assert report.done == ()
    assert {failure.reason for failure in report.failed[1:]} == {"not tried: the forum does not answer"}


class KilledError(BaseException):
    """The process is gone."""


WRITES = (
    "create_group",
    "create_category",
    "update_category",
    "add_members",
    "remove_members",
    "add_owners",
    "remove_owner",
)


def kill_at(patch: pytest.MonkeyPatch, moment: int) -> None:
    """Let the process die before (even moments) or after (odd ones) its n-th write."""
    made = [0]
    for name in WRITES:
        real = getattr(Forum, name)

        def write(forum: Forum, *args: Any, real: Callable[..., Any] = real, **more: Any) -> Any:
            made[0] += 1
            if made[0] * 2 == moment:
                raise KilledError
            result = real(forum, *args, **more)
            if made[0] * 2 + 1 == moment:
                raise KilledError
            return result

        patch.setattr(Forum, name, write)


def test_killed_at_any_write_and_run_again_the_forum_is_the_same(
    new_site: Callable[[], Site], monkeypatch: pytest.MonkeyPatch
) -> None:
    def life(site: Site, moment: int) -> str:
        a, _ = site.keys

        def run() -> None:
            with monkeypatch.context() as patch:
                kill_at(patch, moment)
                try:
                    site.sync(only=a)
                except KilledError:
                    patch.undo()
                    site.sync(only=a)

        site.enrol(a, (1, 2, 3, 4))
        site.enrol(a, (5, 6), Role.LCM)
        run()
        del site.rows[a, 2]
        site.enrol(a, (6,))
        site.enrol(a, (8,))
        run()
        del site.rows[a, 1]
        site.sync(only=a)
        return str(site.state()).replace(site.prefix.upper(), "C").replace(site.prefix, "c")

    unkilled = life(new_site(), 0)
    assert "bulk0001" not in unkilled
    assert "bulk0003" in unkilled
    for moment in range(2, 15):
        assert life(new_site(), moment) == unkilled, moment


NUMBERS = st.sets(st.integers(1, 12), max_size=8)


@pytest.mark.slow
@settings(
    max_examples=examples(4, 100),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(edits=st.lists(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), min_size=1, max_size=4))
def test_whatever_is_edited_here_and_there_a_second_run_has_nothing_to_do_and_the_first_can_be_taken_back(
    new_site: Callable[[], Site], edits: list[tuple[set[int], ...]]
) -> None:
    site = new_site()
    a, _ = site.keys
    site.limits = dict.fromkeys(("max_removal_fraction", "max_overall_removal_fraction", "max_shrink_fraction"), 1)
    site.limits |= dict.fromkeys(("small_group_removals", "small_group_additions", "small_group_role_changes"), 20)
    site.limits |= {"max_removals": 1000}
    site.enrol(a, (20,))
    site.sync(only=a)
    ours: set[str] = set()
    for hours, (enrolled, lcms, added, removed) in enumerate(edits):
        site.rows = {}
        site.enrol(a, {*enrolled, 20})
        site.enrol(a, lcms, Role.LCM)
        if added:
            site.by_hand(a, add=[f"bulk{n:04}" for n in added])
        if removed:
            site.by_hand(a, remove=[f"bulk{n:04}" for n in removed])
        before, state = set(site.members(a)), site.state()
        now = NOW + timedelta(hours=3 * hours + 1)
        prepared, report, _ = site.sync(only=a, now=now)
        assert report.failed == ()
        taken = {change.username for change in prepared.plan.of(K.REMOVE) if change.target == a}
        assert taken <= ours & before
        if prepared.plan.effective:
            with site.forum() as forum:
                undo(site.settings, forum, site.store, report.run, now=now + timedelta(hours=1))
            assert site.state() == state
            prepared, _, _ = site.sync(only=a, now=now + timedelta(hours=2))
        ours |= {change.username for change in prepared.plan.of(K.ADD) if change.target == a and change.username}
        assert site.sync(only=a, now=now + timedelta(hours=2))[0].plan.effective == ()


def test_a_group_whose_newcomers_all_become_owners_takes_one_call(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, (1, 2))
    site.sync(only=a)
    site.enrol(a, (3, 4), Role.LCM)
    _, report, calls = site.sync(only=a)
    assert report.failed == ()
    assert calls["PUT /groups/*/owners"] == 1
    assert calls["PUT /groups/*/members"] == 1  # the LCMs' own group
    assert {name for name, owner in site.members(a).items() if owner} == {"bulk0003", "bulk0004"}
    assert {change.kind for change in report.done} == {ChangeKind.ADD, ChangeKind.ADD_OWNER}
    del site.rows[a, 3]
    prepared, _, _ = site.sync(only=a)
    assert len(prepared.plan.of(ChangeKind.REMOVE)) == 2


@pytest.mark.parametrize("done", [True, False])
def test_what_that_call_did_is_seen_when_its_answer_is_lost(
    site: Site, monkeypatch: pytest.MonkeyPatch, done: bool
) -> None:
    a, _ = site.keys
    site.enrol(a, (1, 2))
    site.sync(only=a)
    site.enrol(a, (3, 4), Role.LCM)
    real = Forum.add_owners

    def lost(forum: Forum, *args: Any) -> Any:
        if done:
            real(forum, *args)
        raise FailedCall("busy.", outcome=Outcome.DOUBTFUL, status=503)

    monkeypatch.setattr(Forum, "add_owners", lost)
    _, report, _ = site.sync(only=a)
    assert {failure.reason for failure in report.failed if failure.change.target == a} == (set() if done else {"busy."})
    monkeypatch.undo()
    _, report, _ = site.sync(only=a)
    assert report.failed == ()
    assert {name for name, owner in site.members(a).items() if owner} == {"bulk0003", "bulk0004"}


def test_where_that_call_is_refused_members_and_owners_are_made_one_after_the_other(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = site.keys
    site.enrol(a, (1, 2))
    site.sync(only=a)
    site.enrol(a, (3, 4), Role.LCM)
    real, refused = Forum.add_owners, []

    def once(forum: Forum, *args: Any) -> Any:
        if not refused:
            refused.append(True)
            raise FailedCall("no.", outcome=Outcome.REFUSED, status=422)
        return real(forum, *args)

    monkeypatch.setattr(Forum, "add_owners", once)
    _, report, _ = site.sync(only=a)
    assert report.failed == ()
    assert {name for name, owner in site.members(a).items() if owner} == {"bulk0003", "bulk0004"}


def test_a_cohort_whose_group_was_renamed_is_left_out_and_the_others_go_on(site: Site) -> None:
    a, b = site.keys
    site.enrol(a, (1, 2))
    site.enrol(b, (3, 4))
    site.sync()
    number = next(group.id for group in groups(site) if group.name == a)
    rename_group(site, number, f"{a}x")
    site.enrol(a, (5,))
    site.enrol(b, (6,))
    prepared, report, _ = site.sync()
    words = f"the group '{a}' is called '{a}x' on the forum now."
    advice = "Rename it back there, or give the cohort that name in lcm.yaml (group, lcm_group or alumni_group)."
    assert [line.reason for line in prepared.plan.of(K.KEPT)] == [
        f"nothing is done about this cohort: {words} {advice}"
    ]
    assert [(failure.change.cohort, failure.change.target) for failure in report.failed] == [(a, a)]
    assert set(site.members(b)) == {"bulk0003", "bulk0004", "bulk0006"}
    assert set(site.members(f"{a}x")) == {"bulk0001", "bulk0002"}
    with pytest.raises(ConfigError, match=f"is called '{a}x' on the forum now"):
        site.sync(only=a)
    rename_group(site, number, a)
    _, report, _ = site.sync()
    assert report.failed == ()
    assert set(site.members(a)) == {"bulk0001", "bulk0002", "bulk0005"}


def groups(site: Site) -> Any:
    with site.forum(read_only=True) as forum:
        return forum.groups()


def rename_group(site: Site, number: int, name: str) -> None:
    with site.forum() as forum:
        forum.update_group(number, name=name)
