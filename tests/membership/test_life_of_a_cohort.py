"""Grace, undo, drift, the end of a cohort, and categories below others, on a practice forum over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sync_worker.config.settings import Settings
from sync_worker.errors import ConfigError, ForumError, RefusedError, UnsafePlanError, UsageError
from sync_worker.forum import Forum
from sync_worker.membership import Journal, drift, prepare_undo, sync, undo
from sync_worker.membership.planning.roster_guard import Acceptance
from sync_worker.model import ChangeKind, Role
from sync_worker.store import pauses
from sync_worker.store.tables import ChangeRow

Site = Any
K = ChangeKind
NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
NAMES = [f"bulk{number:04}" for number in range(121)]


class KilledError(BaseException):
    """The process is gone."""


def days(number: int) -> datetime:
    return NOW + timedelta(days=number)


def last_run(site: Site) -> str:
    with site.forum(read_only=True) as forum:
        return Journal(site.store.sessions, forum.name).runs()[0].id


def take_back(site: Site, run: str, now: datetime) -> Any:
    with site.forum() as forum:
        return undo(site.settings, forum, site.store, run, now=now)


def lines_of_undo(site: Site, run: str, now: datetime) -> dict[tuple[str, str], str]:
    with site.forum(read_only=True) as forum:
        plan = prepare_undo(site.settings, forum, site.store, run, now=now).plan
    return {(line.kind.value, line.username or line.target): line.reason for line in plan.changes}


def category(site: Site, slug: str) -> Any:
    with site.forum(read_only=True) as forum:
        return forum.category(next(found.id for found in forum.categories() if found.slug == slug))


# Grace


def test_whoever_vanishes_waits_for_a_week_and_two_runs_before_they_are_removed(site: Site) -> None:
    a, _ = site.keys
    site.limits = {"grace_days": 7, "grace_runs": 2}
    site.enrol(a, range(1, 5))
    site.sync(only=a)
    del site.rows[a, 4]
    prepared, _, _ = site.sync(only=a)
    assert [line.reason for line in prepared.plan.of(K.GRACE)] == [
        "to be removed on 2027-03-22, if 1 more run finds them gone: no longer in the roster"
    ]
    assert site.sync(only=a, now=days(6))[0].plan.of(K.GRACE)[0].reason.startswith("to be removed on 2027-03-22: ")
    assert NAMES[4] in site.members(a)
    prepared, _, _ = site.sync(only=a, now=days(7))
    assert [line.username for line in prepared.plan.of(K.REMOVE)] == [NAMES[4]]
    assert NAMES[4] not in site.members(a)


def test_a_dry_run_marks_nobody(site: Site) -> None:
    a, _ = site.keys
    site.limits = {"grace_days": 7, "grace_runs": 1}
    site.enrol(a, range(1, 5))
    site.sync(only=a)
    del site.rows[a, 4]
    site.plan()
    assert site.sync(only=a, now=days(30))[0].plan.of(K.REMOVE) == ()


def test_whoever_reappears_is_no_longer_to_be_removed(site: Site) -> None:
    a, _ = site.keys
    site.limits = {"grace_days": 7, "grace_runs": 1}
    site.enrol(a, range(1, 5))
    site.sync(only=a)
    row = site.rows.pop((a, 4))
    site.sync(only=a)
    site.rows[a, 4] = row
    prepared, _, _ = site.sync(only=a, now=days(1))
    assert [line.reason for line in prepared.plan.of(K.KEPT)] == ["in the roster again: the removal is called off"]
    del site.rows[a, 4]
    assert site.sync(only=a, now=days(9))[0].plan.of(K.REMOVE) == ()


def test_whoever_reappears_with_a_later_start_waits_anew_when_they_vanish_again(site: Site) -> None:
    a, _ = site.keys
    site.limits = {"grace_days": 7, "grace_runs": 2}
    site.enrol(a, range(1, 5))
    site.sync(only=a)
    del site.rows[a, 4]
    assert [line.username for line in site.sync(only=a, now=days(1))[0].plan.of(K.GRACE)] == [NAMES[4]]
    site.enrol(a, (4,), start=date(2027, 4, 20))
    assert "starts on 2027-04-20" in site.sync(only=a, now=days(2))[0].plan.of(K.KEPT)[0].reason
    del site.rows[a, 4]
    for day in (12, 13):
        plan = site.sync(only=a, now=days(day))[0].plan
        assert [line.username for line in plan.of(K.GRACE)] == [NAMES[4]]
        assert "to be removed on 2027-04-03" in plan.of(K.GRACE)[0].reason


def test_a_run_whose_roster_proves_nothing_does_not_count(site: Site) -> None:
    a, _ = site.keys
    site.limits = {"grace_days": 1, "grace_runs": 2}
    site.enrol(a, range(1, 5))
    site.sync(only=a)
    del site.rows[a, 4]
    site.sync(only=a)
    site.limits |= {"max_rejected_rows": 1}
    assert site.sync(only=a, now=days(2), rejected=1)[0].plan.of(K.REMOVE, K.GRACE) == ()
    assert site.sync(only=a, now=days(3))[0].plan.of(K.REMOVE) != ()


def test_where_the_roster_says_so_in_words_grace_can_be_left_out(site: Site) -> None:
    a, _ = site.keys
    site.limits = {"grace_days": 7, "grace_when_told": False}
    site.enrol(a, range(1, 6))
    site.sync(only=a)
    site.enrol(a, (4,), withdrawn=True)
    del site.rows[a, 5]
    prepared, _, _ = site.sync(only=a)
    assert [line.username for line in prepared.plan.of(K.REMOVE)] == [NAMES[4]]
    assert [line.username for line in prepared.plan.of(K.GRACE)] == [NAMES[5]]


@pytest.mark.parametrize("protected", ["bulk0004", "BULK0004@example.org", "e4"])
def test_protected_people_stay_by_username_address_or_external_id(site: Site, protected: str) -> None:
    a, _ = site.keys
    site.limits = {"protected": [protected]}
    site.enrol(a, range(1, 5))
    known = site.rows[a, 4]
    site.rows[a, 4] = replace(known, person=replace(known.person, external_id="E4"))
    site.sync(only=a)
    del site.rows[a, 4]
    prepared, _, _ = site.sync(only=a)
    assert [line.reason for line in prepared.plan.of(K.KEPT)] == ["protected (limits.protected)"]
    assert NAMES[4] in site.members(a)


@pytest.mark.parametrize("protected", ["bulk0004@example.org", "new4@example.org", "e4"])
def test_protected_people_stay_by_all_that_the_roster_has_said_of_them(site: Site, protected: str) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 5))
    site.sync(only=a)
    known = site.rows[a, 4]
    for day, email in enumerate(("bulk0004@example.org", "new4@example.org"), 1):
        site.rows[a, 4] = replace(known, person=replace(known.person, external_id="E4", email=email))
        assert site.sync(only=a, now=days(day))[0].plan.effective == ()
    del site.rows[a, 4]
    site.limits = {"protected": [protected]}
    prepared, _, _ = site.sync(only=a, now=days(3))
    assert [line.reason for line in prepared.plan.of(K.KEPT)] == ["protected (limits.protected)"]
    assert NAMES[4] in site.members(a)


# Undo


def test_a_run_is_taken_back_to_the_state_before(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 10))
    site.enrol(a, (10, 11), Role.LCM)
    site.sync(only=a)
    before = site.state()
    site.enrol(a, (10,))
    site.enrol(a, (12,), Role.LCM)
    del site.rows[a, 11]
    site.sync(only=a, now=days(1))
    assert site.state() != before
    run = last_run(site)
    _, report = take_back(site, run, days(2))
    assert report.failed == ()
    assert site.state() == before
    again, report = take_back(site, run, days(3))
    assert again.plan.effective == report.done == ()
    assert {line.reason for line in again.plan.of(K.UNCHANGED)} == {f"taken back already by {last_run(site)}"}


def test_undoing_the_first_run_empties_the_groups_and_says_what_is_left(site: Site) -> None:
    a, _ = site.keys
    site.limits = {"max_removal_fraction": 1, "max_overall_removal_fraction": 1, "small_group_removals": 10}
    site.enrol(a, range(1, 4))
    site.sync(only=a)
    run = last_run(site)
    reasons = lines_of_undo(site, run, days(1))
    assert "delete the group in Discourse" in reasons["kept", a]
    assert "with what was written in it" in reasons["kept", a.upper()]
    take_back(site, run, days(1))
    assert site.members(a) == {}


def test_an_undo_is_held_to_the_same_limits(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 21))
    site.sync(only=a)
    run = last_run(site)
    with pytest.raises(UnsafePlanError, match="takes 20 of 20 people"):
        take_back(site, run, days(1))
    site.limits = {"allow": ["add"]}
    with pytest.raises(RefusedError, match="Switch remove on"):
        take_back(site, run, days(1))
    assert len(site.members(a)) == 20


def test_what_changed_since_is_left_alone_and_told(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 5))
    site.sync(only=a)
    site.enrol(a, (5, 6, 7))
    site.sync(only=a, now=days(1))
    run = last_run(site)
    site.by_hand(a, remove=[NAMES[5]])
    del site.rows[a, 6]
    site.sync(only=a, now=days(2))
    site.by_hand(a, add=[NAMES[6]])
    reasons = lines_of_undo(site, run, days(3))
    assert reasons["kept", NAMES[5]] == "not there any more: left, or removed manually"
    assert reasons["kept", NAMES[6]].startswith("changed again since by sync-")
    assert reasons["remove", NAMES[7]] == f"added by {run}"


def test_an_undo_can_be_undone(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 5))
    site.enrol(a, (5,), Role.LCM)
    site.sync(only=a)
    site.enrol(a, (6,), Role.LCM)
    site.sync(only=a, now=days(1))
    after = site.state()
    take_back(site, last_run(site), days(2))
    take_back(site, last_run(site), days(3))
    assert site.state() == after


def test_an_unknown_run_is_a_usage_error(site: Site) -> None:
    with pytest.raises(UsageError, match="no run 'x' changed anything"):
        take_back(site, "x", NOW)


def test_a_run_killed_between_call_and_record_is_taken_back_by_what_the_forum_shows(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 5))
    site.sync(only=a)
    before = site.state()
    site.enrol(a, (5,))
    real = Forum.add_members

    def dying(forum: Forum, *args: Any) -> None:
        real(forum, *args)
        raise KilledError

    monkeypatch.setattr(Forum, "add_members", dying)
    with pytest.raises(KilledError):
        site.sync(only=a, now=days(1))
    monkeypatch.undo()
    with site.store.begin() as session:
        assert set(session.scalars(select(ChangeRow.state).where(ChangeRow.username == NAMES[5]))) == {"intended"}
    take_back(site, last_run(site), days(2))
    assert site.state() == before


def test_permissions_that_a_run_set_are_put_back(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 4))
    site.sync(only=a)
    found = category(site, a)
    with site.forum() as forum:
        forum.update_category(found.id, name=found.name, permissions={f"{a}-lcm": 1, "staff": 1})
    before = category(site, a)
    site.sync(only=a, now=days(1))
    assert category(site, a).permissions[a] == 1
    take_back(site, last_run(site), days(2))
    assert category(site, a) == before


# The end of a cohort


def test_a_cohort_that_is_over_becomes_an_archive_and_its_learners_alumni(site: Site) -> None:
    a, _ = site.keys
    alumni = f"{site.prefix}-alumni"
    site.cohort = {"end": date(2027, 3, 20), "archive_after": 10, "alumni_group": alumni}
    site.enrol(a, range(1, 4), end=date(2027, 3, 20))
    site.enrol(a, (5,), Role.LCM)
    site.sync(only=a)
    assert site.sync(only=a, now=days(10))[0].plan.effective == ()
    _, report, _ = site.sync(only=a, now=days(16))
    assert report.failed == ()
    assert category(site, a).permissions == {a: 3, f"{a}-lcm": 1, "staff": 1}
    assert category(site, a).moderating_group_ids != ()
    assert set(site.members(alumni)) == {NAMES[1], NAMES[2], NAMES[3]}
    assert set(site.members(a)) == {NAMES[1], NAMES[2], NAMES[3], NAMES[5]}
    assert site.sync(only=a, now=days(17))[0].plan.effective == ()


def test_a_cohort_that_was_made_an_archive_before_its_time_stays_one_until_it_is_reopened(site: Site) -> None:
    a, _ = site.keys
    alumni = f"{site.prefix}-alumni"
    site.cohort = {"end": date(2027, 6, 20), "alumni_group": alumni}
    site.enrol(a, range(1, 4))
    site.sync(only=a)
    with site.forum(read_only=True) as forum, site.store.begin() as session:
        pauses.archive(session, forum.name, a, days(1))
    prepared, report, _ = site.sync(only=a, now=days(1))
    assert report.failed == ()
    assert [line.reason for line in prepared.plan.of(K.ARCHIVE_CATEGORY)] == [
        "the cohort was archived: its learners may read it and no longer write"
    ]
    assert category(site, a).permissions == {a: 3, f"{a}-lcm": 1, "staff": 1}
    assert set(site.members(alumni)) == set(site.members(a)) == {NAMES[1], NAMES[2], NAMES[3]}
    assert site.sync(only=a, now=days(2))[0].plan.effective == ()
    with site.forum(read_only=True) as forum:
        assert drift(site.settings, forum, site.store, now=days(2), only=a) == []
        with site.store.begin() as session:
            pauses.reopen(session, forum.name, a)
    site.sync(only=a, now=days(3))
    assert category(site, a).permissions[a] == 1
    assert not site.members(alumni)


def test_a_renamed_alumni_group_is_not_made_a_second_time(site: Site) -> None:
    a, _ = site.keys
    alumni = f"{site.prefix}-alumni"
    site.cohort = {"end": date(2027, 3, 20), "archive_after": 0, "alumni_group": alumni}
    site.enrol(a, range(1, 4))
    site.sync(only=a)
    site.sync(only=a, now=days(6))
    with site.forum() as forum:
        forum.update_group(next(group.id for group in forum.groups() if group.name == alumni), name=f"{alumni}x")
    with pytest.raises(ConfigError, match=f"the group '{alumni}' is called '{alumni}x' on the forum now"):
        site.sync(only=a, now=days(7))
    assert len(site.members(f"{alumni}x")) == 3


def test_archiving_is_off_until_it_is_allowed(site: Site) -> None:
    a, _ = site.keys
    site.cohort = {"end": date(2027, 3, 20)}
    site.enrol(a, (1,))
    site.sync(only=a)
    site.limits = {"allow": ["add", "create", "remove"]}
    prepared, _, _ = site.sync(only=a, now=days(40))
    assert prepared.plan.effective == ()
    assert prepared.plan.of(K.KEPT)[0].reason.startswith(
        "archiving is not switched on (limits.allow): the cohort ended"
    )


def test_a_cohort_that_goes_on_after_all_is_opened_again_and_its_alumni_return(site: Site) -> None:
    a, _ = site.keys
    alumni = f"{site.prefix}-alumni"
    site.cohort = {"end": date(2027, 3, 20), "archive_after": 0, "alumni_group": alumni}
    site.enrol(a, range(1, 4))
    site.sync(only=a)
    site.sync(only=a, now=days(6))
    site.cohort |= {"end": date(2027, 6, 1)}
    prepared, _, _ = site.sync(only=a, now=days(7))
    assert [line.kind for line in prepared.plan.effective] == [K.UPDATE_CATEGORY, K.REMOVE, K.REMOVE, K.REMOVE]
    assert category(site, a).permissions[a] == 1
    assert site.members(alumni) == {}


def test_alumni_of_two_cohorts_stay_while_one_of_them_is_over(site: Site) -> None:
    a, b = site.keys
    alumni = f"{site.prefix}-old"
    site.enrol(a, (1, 2, 3))
    site.enrol(b, (3, 4, 5))
    site.sync()
    ends = {a: date(2027, 3, 20), b: date(2027, 3, 20)}

    def effective(day: int) -> set[tuple[K, str | None]]:
        document = site.settings.model_dump()
        common = {"alumni_group": alumni, "archive_after": 0}
        document["cohorts"] = [dict(one) | common | {"end": ends[one["key"]]} for one in document["cohorts"]]
        with site.forum() as forum:
            chosen: Any = {"now": days(day), "acceptance": Acceptance(dates=True)}
            prepared, _ = sync(Settings.model_validate(document), site.roster(), forum, site.store, **chosen)
        return {(line.kind, line.username) for line in prepared.plan.effective if line.target == alumni}

    effective(6)
    assert set(site.members(alumni)) == {NAMES[number] for number in range(1, 6)}
    ends[a] = date(2027, 9, 30)
    assert effective(7) == {(K.REMOVE, NAMES[1]), (K.REMOVE, NAMES[2])}
    assert effective(8) == set()
    ends[b] = date(2027, 9, 30)
    assert effective(9) == {(K.REMOVE, NAMES[3]), (K.REMOVE, NAMES[4]), (K.REMOVE, NAMES[5])}


def test_a_cohort_that_has_ended_may_vanish_from_the_roster(site: Site) -> None:
    a, b = site.keys
    site.cohort = {"end": date(2027, 3, 20)}
    site.enrol(a, range(1, 12))
    site.enrol(b, range(1, 12))
    site.sync()
    site.rows = {}
    prepared, _, _ = site.sync(now=days(6))
    assert prepared.plan.effective == ()
    assert {line.reason for line in prepared.plan.of(K.KEPT)} == {"the cohort is over: who was in it at its end stays"}


# Categories below others, tags, notifications


def test_a_programmes_category_is_made_and_opened_before_those_of_its_cohorts(site: Site) -> None:
    a, b = site.keys
    slug = f"{site.prefix}-school"
    site.cohort = {"parent_category": slug}
    site.enrol(a, (1,))
    site.enrol(b, (2,))
    prepared, report, _ = site.sync()
    assert report.failed == ()
    assert [line.kind for line in prepared.plan.of(K.CREATE_CATEGORY, K.OPEN_CATEGORY)] == [
        K.CREATE_CATEGORY,
        K.CREATE_CATEGORY,
        K.OPEN_CATEGORY,
        K.CREATE_CATEGORY,
    ]
    parent = category(site, slug)
    assert parent.permissions == {a: 3, f"{a}-lcm": 1, b: 3, f"{b}-lcm": 1, "staff": 1}
    assert category(site, a).parent_id == category(site, b).parent_id == parent.id
    assert site.sync(now=days(1))[0].plan.effective == ()


def test_a_category_below_another_is_found_again_after_a_death_on_the_way(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = site.keys
    site.cohort = {"parent_category": f"{site.prefix}-school"}
    real = Forum.create_category

    def dying(forum: Forum, name: str, *args: Any, **more: Any) -> Any:
        made = real(forum, name, *args, **more)
        if more.get("parent_category_id"):
            raise KilledError
        return made

    monkeypatch.setattr(Forum, "create_category", dying)
    with pytest.raises(KilledError):
        site.sync(only=a)
    monkeypatch.undo()
    _, report, _ = site.sync(only=a, now=days(1))
    assert report.failed == ()
    assert site.sync(only=a, now=days(2))[0].plan.effective == ()


def test_a_parent_that_was_there_before_us_is_opened_only_if_adopting_is_allowed(site: Site) -> None:
    a, _ = site.keys
    slug = f"{site.prefix}-school"
    with site.forum() as forum:
        made = forum.create_category(slug.title(), slug, {"staff": 1})
    site.cohort = {"parent_category": slug}
    prepared, _, _ = site.sync(only=a)
    kept = [line.reason for line in prepared.plan.of(K.KEPT)]
    assert "the parent category is not open to it; allow 'adopt' in limits.allow" in kept
    assert f"the category is not made: its parent '{slug}' is not open to the cohort" in kept
    site.limits = {"allow": ["create", "adopt"]}
    _, report, _ = site.sync(only=a, now=days(1))
    assert report.failed == ()
    assert category(site, slug).permissions == {"staff": 1, a: 3, f"{a}-lcm": 1}
    assert category(site, a).parent_id == made.id


def test_tags_and_notifications_are_set_when_group_and_category_are_made(site: Site) -> None:
    a, _ = site.keys
    with site.forum() as forum:
        forum._http.ask("POST", "/tag_groups.json", json={"tag_group": {"name": "t", "tag_names": ["pilot"]}})
    site.cohort = {
        "tags": ["pilot"],
        "group_notifications": "tracking",
        "category_notifications": "watching_first_post",
    }
    site.enrol(a, (1,))
    _, report, _ = site.sync(only=a)
    assert report.failed == ()
    with site.forum() as forum:
        group = forum._http.ask("GET", f"/groups/{a}.json").json()["group"]
        shown = forum._http.ask("GET", f"/c/{category(site, a).id}/show.json").json()["category"]
    assert group["default_notification_level"] == 2
    assert group["watching_first_post_category_ids"] == [shown["id"]]
    assert [tag if isinstance(tag, str) else tag["name"] for tag in shown["allowed_tags"]] == ["pilot"]
    assert shown["allow_global_tags"] is True


def test_a_cohort_that_is_over_and_was_never_there_is_not_made(site: Site) -> None:
    a, _ = site.keys
    site.cohort = {"end": date(2027, 3, 2), "archive_after": 0}
    site.enrol(a, (1,))
    assert site.sync(only=a)[0].plan.effective == ()
    with pytest.raises(ForumError):
        site.members(a)
