"""Where looking up would cost more, the server adds people by their address; what is ours of them stays exact."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_worker.config.settings import Settings
from sync_worker.forum import FailedCall, Forum, Outcome, writing
from sync_worker.membership import DriftKind, drift, prepare_undo, sync
from sync_worker.model import ChangeKind, Enrolment, Person, Role

Site = Any
K = ChangeKind
NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
BY_EMAIL = {"by_email_over": 0, "rungs": ("singly", "crawl", "by_email")}


def run(site: Site, hours: int = 1, **lookup: object) -> Any:
    """Sync so many hours later, adding by e-mail everybody who may be; give the plan, the report and the calls."""
    limits = {**site.limits, "allow": ("add", "remove", "owners", "create"), "max_shrink_fraction": 1}
    limits |= {"small_group_removals": 50, "max_removal_fraction": 1, "grace_days": 0}
    document = site.settings.model_dump() | {"lookup": {**BY_EMAIL, **lookup}, "limits": limits}
    settings = Settings.model_validate(document)
    with site.forum() as forum:
        prepared, report = sync(settings, site.roster(), forum, site.store, now=NOW + timedelta(hours=hours))
        return prepared.plan, report, forum.calls.by_operation


def drifted(site: Site) -> list[tuple[DriftKind, str | None]]:
    """What people did manually since then."""
    with site.forum(read_only=True) as forum:
        found = drift(site.settings, forum, site.store, now=NOW + timedelta(hours=2))
        return [(one.kind, one.username) for one in found]


def test_people_are_added_without_a_look_at_their_accounts(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 31))
    plan, report, calls = run(site)
    assert len(plan.of(K.ADD_BY_EMAIL)) == 30
    assert report.failed == ()
    assert set(site.members(a)) == {f"bulk{n:04}" for n in range(1, 31)}
    assert "GET /admin/users/list/active" not in calls


def test_a_second_run_has_nothing_to_do_and_looks_nobody_up(site: Site) -> None:
    site.enrol(site.keys[0], range(1, 31))
    run(site)
    plan, _, calls = run(site, hours=2)
    assert plan.effective == ()
    assert len([line for line in plan.of(K.UNCHANGED) if "account not looked up" in line.reason]) == 30
    assert sum(calls.values()) == 8


def test_whom_we_added_by_address_nobody_added_by_hand(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 31))
    run(site)
    assert drifted(site) == []
    site.by_hand(a, add=["bulk0040"], remove=["bulk0007"])
    assert drifted(site) == [(DriftKind.ADDED, "bulk0040"), (DriftKind.LEFT, "bulk0007")]
    run(site, hours=30)
    assert drifted(site) == [(DriftKind.ADDED, "bulk0040"), (DriftKind.LEFT_BEFORE, "bulk0007")]


def test_lcms_are_looked_up_all_the_same(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 10))
    site.enrol(a, (10,), Role.LCM)
    plan, _, _ = run(site)
    assert len(plan.of(K.ADD_BY_EMAIL)) == 9
    assert site.members(a)["bulk0010"] is True


def test_whoever_leaves_the_roster_is_looked_up_then_and_removed(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 31))
    run(site)
    del site.rows[a, 7]
    plan, report, calls = run(site, hours=2)
    assert [change.username for change in plan.of(K.REMOVE)] == ["bulk0007"]
    assert calls["GET /admin/users/list/active"] == 1
    assert report.failed == ()
    assert "bulk0007" not in site.members(a)
    assert run(site, hours=3)[0].effective == ()


def test_whoever_was_a_member_by_hand_before_us_is_never_removed(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 4))
    run(site)
    site.by_hand(a, add=["bulk0050", "bulk0051"])
    site.enrol(a, range(48, 53))
    plan, report, _ = run(site, hours=2)
    assert len(plan.of(K.ADD_BY_EMAIL)) == 5
    assert report.failed == ()
    for n in range(48, 53):
        del site.rows[a, n]
    plan, _, _ = run(site, hours=3)
    assert {change.username for change in plan.of(K.REMOVE)} == {"bulk0048", "bulk0049", "bulk0052"}
    assert {"bulk0050", "bulk0051"} <= set(site.members(a))


def test_an_address_that_the_forum_does_not_know_is_found_out_and_reported(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 10))
    site.rows[a, 99] = Enrolment(Person(email="zoe@example.net", name="Zoe"), a, where="r.csv:99")
    run(site)
    assert len(site.members(a)) == 9
    plan, _, _ = run(site, hours=2)
    assert [(line.person, line.kind) for line in plan.of(K.UNKNOWN)] == [("Zoe", K.UNKNOWN)]
    assert "no account has email zoe@example.net" in plan.of(K.UNKNOWN)[0].reason
    plan, _, calls = run(site, hours=3)
    assert plan.effective == ()
    assert "GET /admin/users/list/active" not in calls


def test_whoever_left_the_group_by_themselves_is_shown_and_not_dragged_back(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 10))
    run(site)
    site.by_hand(a, remove=["bulk0004"])
    plan, _, _ = run(site, hours=2)
    assert plan.effective == ()
    assert [line.username for line in plan.of(K.KEPT)] == ["bulk0004"]
    assert "left the group" in plan.of(K.KEPT)[0].reason


def with_ids(site: Site) -> None:
    """Let the roster give everybody an external id, as it does from the day on which the column is added."""
    for place, row in site.rows.items():
        site.rows[place] = replace(row, person=replace(row.person, external_id=f"E{place[1]}"))


def test_whoever_gets_another_id_in_the_roster_is_not_added_again(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 10))
    first = run(site)[1].run
    site.by_hand(a, remove=["bulk0004"])
    with_ids(site)
    plan, _, _ = run(site, hours=2)
    assert plan.effective == ()
    assert [line.username for line in plan.of(K.KEPT)] == ["bulk0004"]
    del site.rows[a, 5]
    assert [line.username for line in run(site, hours=3)[0].of(K.REMOVE)] == ["bulk0005"]
    with site.forum() as forum:
        undone = prepare_undo(site.settings, forum, site.store, first, now=NOW + timedelta(hours=4)).plan
    gone = {line.username for line in undone.of(K.REMOVE)}
    assert gone == {f"bulk{n:04}" for n in range(1, 10)} - {"bulk0004", "bulk0005"}


def test_an_address_that_is_corrected_takes_the_wrong_account_out_and_lets_the_right_one_in(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 10))
    with_ids(site)
    run(site)
    row = site.rows[a, 4]
    site.rows[a, 4] = replace(row, person=replace(row.person, email="bulk0099@example.org", name="Zoe"))
    plan, _, _ = run(site, hours=2)
    assert [line.username for line in plan.of(K.REMOVE)] == ["bulk0004"]
    assert set(site.members(a)) == {f"bulk{n:04}" for n in (1, 2, 3, 5, 6, 7, 8, 9, 99)}


def test_a_failed_batch_is_sent_again_and_what_it_did_is_still_ours(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = site.keys
    site.limits = {**site.limits, "max_addition_fraction": 1}
    site.enrol(a, range(1, 31))
    run(site, rungs=("singly", "crawl"), hours=0)
    site.enrol(a, range(31, 61))
    real, broken = writing._send_addresses, []

    def once(*args: Any) -> Any:
        answer = real(*args)
        if not broken:
            broken.append(True)
            raise FailedCall("the connection broke.", outcome=Outcome.DOUBTFUL)
        return answer

    monkeypatch.setattr(writing, "_send_addresses", once)
    _, report, _ = run(site, hours=1)
    assert broken
    assert report.failed == ()
    for n in range(31, 61):
        del site.rows[a, n]
    plan, _, _ = run(site, hours=2)
    assert len(plan.of(K.REMOVE)) == 30


def test_killed_before_the_look_the_next_run_knows_who_was_there_before(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    class KilledError(BaseException):
        pass

    a, _ = site.keys
    site.enrol(a, (1,))
    run(site, hours=0)
    site.by_hand(a, add=["bulk0005"])
    site.enrol(a, range(1, 6))
    real = Forum.add_by_email

    def die(forum: Forum, group_id: int, emails: list[str]) -> Any:
        list(real(forum, group_id, emails))
        raise KilledError

    monkeypatch.setattr(Forum, "add_by_email", die)
    with pytest.raises(KilledError):
        run(site)
    monkeypatch.undo()
    plan, report, _ = run(site, hours=2)
    assert report.failed == ()
    assert plan.effective == ()
    site.rows.clear()
    site.enrol(a, (1,))
    plan, _, _ = run(site, hours=3)
    assert [change.username for change in plan.of(K.REMOVE)] == ["bulk0002", "bulk0003", "bulk0004"]


def test_when_the_forum_stops_answering_the_lines_are_reported(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*_: object) -> Any:
        raise FailedCall("no answer.", outcome=Outcome.DOUBTFUL)

    site.enrol(site.keys[0], range(1, 6))
    monkeypatch.setattr(Forum, "add_by_email", silent)
    _, report, _ = run(site)
    assert {failure.reason for failure in report.failed} == {"no answer."}
    monkeypatch.undo()
    plan, report, _ = run(site, hours=2)
    assert report.failed == ()
    assert set(site.members(site.keys[0])) == {f"bulk{n:04}" for n in range(1, 6)}
    assert len(plan.of(K.ADD)) == 5


def test_with_a_username_beside_the_address_nobody_is_added_unseen(site: Site) -> None:
    a, _ = site.keys
    person = Person(email="bulk0001@example.org", username="bulk0002")
    site.rows[a, 1] = Enrolment(person, a, where="r.csv:1")
    plan, _, _ = run(site)
    assert plan.of(K.ADD_BY_EMAIL, K.ADD) == ()
    assert "ambiguous" in plan.of(K.UNKNOWN)[0].reason


def test_whoever_left_and_came_back_by_hand_is_not_ours_any_more(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 10))
    run(site)
    site.by_hand(a, remove=["bulk0004"])
    run(site, hours=2)
    site.by_hand(a, add=["bulk0004"])
    del site.rows[a, 4]
    plan, _, _ = run(site, hours=3)
    assert plan.of(K.REMOVE) == ()
    assert "bulk0004" in site.members(a)


def test_a_group_that_was_deleted_is_made_and_filled_again(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 10))
    run(site)
    with site.forum() as forum:
        number = next(group.id for group in forum.groups() if group.name == a)
        forum._http.ask("DELETE", f"/admin/groups/{number}.json")
    _, report, _ = run(site, hours=2)
    assert report.failed == ()
    assert len(site.members(a)) == 9
    assert run(site, hours=3)[0].effective == ()


def test_whoever_left_both_roster_and_group_and_came_back_by_hand_is_not_ours_any_more(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 10))
    run(site)
    del site.rows[a, 4]
    site.by_hand(a, remove=["bulk0004"])
    run(site, hours=2)
    site.by_hand(a, add=["bulk0004"])
    plan, _, _ = run(site, hours=3)
    assert plan.of(K.REMOVE) == ()
