"""What people did manually, when and by whom, on a practice forum over HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sync_worker.config.settings import ForumSettings
from sync_worker.forum import FailedCall, Forum, Outcome, Patience
from sync_worker.membership import Drift, DriftKind, drift
from sync_worker.model import Role
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from tests.accounts import account_ids

Site = Any
NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
NAMES = [f"bulk{number:04}" for number in range(121)]
LOG_CALL = "GET /groups/*/logs"
ADMIN = "system"


def days(number: int) -> datetime:
    return NOW + timedelta(days=number)


def look(site: Site, now: datetime = NOW) -> tuple[list[Drift], dict[str, int]]:
    with site.forum(read_only=True) as forum:
        return drift(site.settings, forum, site.store, now=now), forum.calls.by_operation


def drifted(site: Site, now: datetime = NOW) -> list[tuple[DriftKind, str | None]]:
    return [(line.kind, line.username) for line in look(site, now)[0]]


def lines(site: Site, now: datetime = NOW) -> list[tuple[DriftKind, str, str]]:
    return [(line.kind, line.cohort, line.target) for line in look(site, now)[0]]


def category(site: Site, slug: str) -> Any:
    with site.forum(read_only=True) as forum:
        return forum.category(next(found.id for found in forum.categories() if found.slug == slug))


def set_permissions(site: Site, slug: str, permissions: dict[str, int]) -> None:
    found = category(site, slug)
    with site.forum() as forum:
        forum.update_category(found.id, name=found.name, permissions=permissions)


def group_id(forum: Forum, name: str) -> int:
    return next(group.id for group in forum.groups() if group.name == name)


# The cohorts' own groups and categories


def test_what_people_did_by_hand_is_told(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 4))
    site.enrol(a, (5,), Role.LCM)
    site.sync()
    assert drifted(site) == []
    found = category(site, a)
    with site.forum() as forum:
        group = next(group for group in forum.groups() if group.name == a)
        forum.add_members(group.id, account_ids(forum, NAMES[20]))
        forum.remove_members(group.id, account_ids(forum, NAMES[2]))
        forum.add_owners(group.id, account_ids(forum, NAMES[1]))
        forum.remove_owner(group.id, next(m.id for m in forum.members(a) if m.username == NAMES[5]))
        forum.update_category(
            found.id,
            name=found.name,
            permissions={f"{a}-lcm": 1, "staff": 1, a: 2, "moderators": 1},
            moderating_group_ids=[""],
        )
    assert drifted(site) == [
        (DriftKind.ADDED, NAMES[20]),
        (DriftKind.MADE_OWNER, NAMES[1]),
        (DriftKind.LEFT, NAMES[2]),
        (DriftKind.NOT_OWNER, NAMES[5]),
        (DriftKind.PERMISSIONS, None),
        (DriftKind.PERMISSIONS, None),
        (DriftKind.MODERATION, None),
    ]
    site.sync(now=days(2))  # rights are read in full once a day
    assert drifted(site) == [
        (DriftKind.ADDED, NAMES[20]),
        (DriftKind.MADE_OWNER, NAMES[1]),
        (DriftKind.LEFT_BEFORE, NAMES[2]),
        (DriftKind.PERMISSIONS, None),
    ]


def test_a_category_opened_to_everyone_is_told_in_one_line_and_a_sync_does_not_try_to_close_it(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 4))
    site.sync(only=a)
    set_permissions(site, a, {"everyone": 1})
    assert drifted(site) == [(DriftKind.PERMISSIONS, None)]
    prepared, _, _ = site.sync(only=a, now=days(2))
    assert prepared.plan.effective == ()
    assert category(site, a).permissions == {"everyone": 1}


def test_a_renamed_group_and_a_deleted_one_are_told_and_stop_nothing(site: Site) -> None:
    a, b = site.keys
    site.enrol(a, (1,))
    site.sync()
    with site.forum() as forum:
        ids = {group.name: group.id for group in forum.groups()}
        forum.update_group(ids[a], name=f"{a}x")
        forum._http.ask("DELETE", f"/admin/groups/{ids[b]}.json")
    assert drifted(site) == [
        (DriftKind.RENAMED, None),
        (DriftKind.GONE, None),
        (DriftKind.PERMISSIONS, None),
    ]


# What cohorts share


@pytest.mark.parametrize("allowed", [True, False])
def test_it_does_not_promise_what_is_switched_off(site: Site, *, allowed: bool) -> None:
    a, _ = site.keys
    site.enrol(a, (1,))
    site.sync()
    site.cohort = {"end": date(2027, 3, 2), "archive_after": 0}
    site.limits = {"allow": ["create", "add", "owners", *(["archive"] if allowed else [])]}
    with site.forum(read_only=True) as forum:
        found = drift(site.settings, forum, site.store, now=days(30), only=a)
    (line,) = [one for one in found if one.kind is DriftKind.PERMISSIONS]
    promise = "a sync sets it" if allowed else "left so, because limits.allow has no 'archive'"
    assert line.what == f"{a} has full access, not read; {promise}"


def over_with_alumni(site: Site) -> str:
    """Two cohorts that are over, and share an alumni group."""
    a, b = site.keys
    alumni = f"{site.prefix}-alumni"
    site.cohort = {"end": date(2027, 3, 20), "archive_after": 0, "alumni_group": alumni}
    site.enrol(a, (1, 2))
    site.enrol(b, (3,))
    site.sync()
    site.sync(now=days(7))
    assert set(site.members(alumni)) == {NAMES[1], NAMES[2], NAMES[3]}
    return alumni


def test_who_joined_and_left_a_shared_alumni_group_by_hand_is_told_once(site: Site) -> None:
    a, _ = site.keys
    alumni = over_with_alumni(site)
    assert drifted(site, days(7)) == []
    site.by_hand(alumni, add=[NAMES[20]], remove=[NAMES[2]])
    found, _ = look(site, days(7))
    assert [(line.kind, line.cohort, line.target, line.username) for line in found] == [
        (DriftKind.ADDED, a, alumni, NAMES[20]),
        (DriftKind.LEFT, a, alumni, NAMES[2]),
    ]
    site.sync(now=days(8))
    assert drifted(site, days(8)) == [(DriftKind.ADDED, NAMES[20]), (DriftKind.LEFT_BEFORE, NAMES[2])]


def test_in_an_alumni_group_that_was_there_before_us_only_those_we_put_there_are_told_of(site: Site) -> None:
    alumni = f"{site.prefix}-alumni"
    with site.forum() as forum:
        group = forum.create_group(alumni, "Alumni")
        forum.add_members(group.id, account_ids(forum, NAMES[40]))
    site.cohort = {"end": date(2027, 3, 20), "archive_after": 0, "alumni_group": alumni}
    site.limits = {"allow": ["add", "create", "owners", "archive", "adopt"]}
    site.enrol(site.keys[0], (1, 2))
    site.sync()
    assert drifted(site) == []
    site.sync(now=days(7))
    site.by_hand(alumni, remove=[NAMES[1]])
    assert drifted(site, days(7)) == [(DriftKind.LEFT, NAMES[1])]


def test_an_alumni_group_that_was_renamed_or_deleted_is_told(site: Site) -> None:
    a, _ = site.keys
    alumni = over_with_alumni(site)
    with site.forum() as forum:
        number = group_id(forum, alumni)
        forum.update_group(number, name=f"{alumni}x")
    assert lines(site, days(7)) == [(DriftKind.RENAMED, a, alumni)]
    with site.forum() as forum:
        forum._http.ask("DELETE", f"/admin/groups/{number}.json")
    assert lines(site, days(7)) == [(DriftKind.GONE, a, alumni)]


def test_a_parent_category_that_was_renamed_lost_a_group_or_got_one_is_told_once(site: Site) -> None:
    a, b = site.keys
    slug = f"{site.prefix}-school"
    site.cohort = {"parent_category": slug}
    site.enrol(a, (1,))
    site.sync()
    assert drifted(site) == []
    parent = category(site, slug)
    with site.forum() as forum:
        forum._http.ask("DELETE", f"/categories/{category(site, a).id}.json")
        forum.update_category(parent.id, name=f"School {site.prefix}")
    set_permissions(site, slug, {b: 3, f"{b}-lcm": 1, f"{a}-lcm": 1, "staff": 1, "moderators": 2})
    found = [(line.kind, line.cohort, line.target, line.what.split(";")[0]) for line in look(site)[0]]
    assert found == [
        (DriftKind.GONE, a, a.upper(), "the category was deleted"),
        (DriftKind.RENAMED, a, parent.name, f"called 'School {site.prefix}' on the forum now"),
        (DriftKind.PERMISSIONS, a, f"School {site.prefix}", f"{a} has no access any more"),
        (DriftKind.PERMISSIONS, a, f"School {site.prefix}", "moderators has reply, set manually"),
    ]


def test_a_parent_category_with_another_slug_or_none_at_all_is_told(site: Site) -> None:
    a, b = site.keys
    slug = f"{site.prefix}-school"
    site.cohort = {"parent_category": slug}
    site.sync()
    parent, ids = category(site, slug), [category(site, key).id for key in (a, b)]
    with site.forum() as forum:
        forum.update_category(parent.id, name=parent.name, slug=f"{slug}-2")
    assert lines(site) == [(DriftKind.RENAMED, a, parent.name)]
    with site.forum() as forum:
        for number in (*ids, parent.id):
            forum._http.ask("DELETE", f"/categories/{number}.json")
    assert lines(site) == [
        (DriftKind.GONE, a, a.upper()),
        (DriftKind.GONE, b, b.upper()),
        (DriftKind.GONE, a, parent.name),
    ]


def test_a_parent_that_was_opened_by_adoption_is_told_of_only_where_it_closes_again(site: Site) -> None:
    a, _ = site.keys
    slug = f"{site.prefix}-school"
    with site.forum() as forum:
        forum.create_category(slug.title(), slug, {"staff": 1, "moderators": 1})
    site.cohort = {"parent_category": slug}
    site.limits = {"allow": ["create", "adopt"]}
    site.sync(only=a)
    assert drifted(site) == []
    with site.forum() as forum:
        forum._http.ask("DELETE", f"/categories/{category(site, a).id}.json")
    set_permissions(site, slug, {"staff": 1, f"{a}-lcm": 1})
    assert [kind for kind, _ in drifted(site)] == [DriftKind.GONE, DriftKind.PERMISSIONS]


# When, and by whom


def by(site: Site, username: str) -> Forum:
    """Somebody else at the forum."""
    settings = ForumSettings(url=site.url, api_username=username)
    return Forum.connect(settings, DEFAULT_KEY, patience=Patience(attempts=1))


def test_the_groups_log_says_when_and_by_whom(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 4))
    site.enrol(a, (5,), Role.LCM)
    site.sync()
    with by(site, NAMES[5]) as lcm:
        number = group_id(lcm, a)
        lcm.add_members(number, account_ids(lcm, NAMES[20]))
        lcm.remove_members(number, account_ids(lcm, NAMES[2]))
    with site.forum() as forum:
        forum.add_owners(number, account_ids(forum, NAMES[1]))
        forum.remove_owner(number, next(m.id for m in forum.members(a) if m.username == NAMES[5]))
        logged = {(event.action, event.user_id): event.at for event in forum.group_events(a)[0]}
    found, calls = look(site)
    assert [(line.kind, line.username, line.by) for line in found] == [
        (DriftKind.ADDED, NAMES[20], NAMES[5]),
        (DriftKind.MADE_OWNER, NAMES[1], ADMIN),
        (DriftKind.LEFT, NAMES[2], NAMES[5]),
        (DriftKind.NOT_OWNER, NAMES[5], ADMIN),
    ]
    assert [line.at for line in found] == [
        logged["add_user_to_group", found[0].user_id],
        logged["make_user_group_owner", found[1].user_id],
        logged["remove_user_from_group", found[2].user_id],
        logged["remove_user_as_group_owner", found[3].user_id],
    ]
    assert calls[LOG_CALL] == 1


def test_who_renamed_a_group_is_told(site: Site) -> None:
    a, _ = site.keys
    site.sync()
    with site.forum() as forum:
        forum.update_group(group_id(forum, a), name=f"{a}x")
    line = look(site)[0][0]
    assert (line.kind, line.by) == (DriftKind.RENAMED, ADMIN)
    assert line.at is not None


def test_no_log_is_read_where_nothing_was_done_by_hand(site: Site) -> None:
    site.enrol(site.keys[0], (1, 2))
    site.sync()
    assert LOG_CALL not in look(site)[1]


def test_what_the_log_contradicts_is_left_open(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 4))
    site.sync()
    site.by_hand(a, add=[NAMES[20]], remove=[NAMES[2]])
    real = Forum.group_events

    def without_removals(forum: Forum, name: str, page: int = 0) -> Any:
        events, last = real(forum, name, page)
        return [event for event in events if event.action != "remove_user_from_group"], last

    monkeypatch.setattr(Forum, "group_events", without_removals)
    found = {line.username: (line.at, line.by) for line in look(site)[0]}
    assert found[NAMES[2]] == (None, None)
    assert found[NAMES[20]][1] == ADMIN


def test_whoever_is_a_member_since_another_day_than_the_log_says_is_left_open(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, _ = site.keys
    site.sync()
    site.by_hand(a, add=[NAMES[20]])
    real = Forum.members

    def members(forum: Forum, name: str) -> Any:
        return [replace(member, added_at=member.added_at + timedelta(hours=1)) for member in real(forum, name)]

    monkeypatch.setattr(Forum, "members", members)
    assert [(line.at, line.by) for line in look(site)[0]] == [(None, None)]


def test_a_long_log_is_read_in_four_calls_at_most(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, (1,))
    site.sync()
    site.by_hand(a, remove=[NAMES[1]])
    site.by_hand(a, add=NAMES[2:101])
    found, calls = look(site)
    assert calls[LOG_CALL] == 4
    told = {line.username: line.by for line in found}
    assert told[NAMES[1]] == ADMIN  # the hundredth entry
    site.by_hand(a, add=[NAMES[102]])
    told = {line.username: line.by for line in look(site)[0]}
    assert told[NAMES[1]] is None


def test_a_log_that_is_closed_to_us_stops_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    a, _ = site.keys
    site.sync()
    site.by_hand(a, add=[NAMES[20]])

    def closed(*_: Any) -> Any:
        raise FailedCall("you may not.", outcome=Outcome.REFUSED, status=403)

    monkeypatch.setattr(Forum, "group_events", closed)
    assert [(line.kind, line.at) for line in look(site)[0]] == [(DriftKind.ADDED, None)]
