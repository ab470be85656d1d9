"""What lcm.yaml says of a group or category later than it was made, on a practice forum over HTTP."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sync_worker.config.settings import Settings
from sync_worker.forum import Forum, reading
from sync_worker.membership import DriftKind, Journal, drift, sync, undo
from sync_worker.membership.planning.roster_guard import Acceptance
from sync_worker.model import ChangeKind
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import ForumOptions
from tests.membership.conftest import Site as RealSite

Site = Any
K = ChangeKind
NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)
CHANGES = (K.UPDATE_CATEGORY, K.UPDATE_GROUP, K.OPEN_CATEGORY, K.CREATE_CATEGORY)
CALLS = {
    "GET /groups/search": 1,
    "GET /site": 1,
    "GET /c/*/show": 1,
    "GET /groups/*/members": 2,
}


class KilledError(BaseException):
    """The process is gone."""


def days(number: int) -> datetime:
    return NOW + timedelta(days=number)


def shown(site: Site, slug: str) -> Any:
    with site.forum(read_only=True) as forum:
        number = next(found.id for found in forum.categories() if found.slug == slug)
        return forum._http.ask("GET", f"/c/{number}/show.json").json()["category"]


def tags(site: Site, slug: str) -> list[str]:
    return sorted(tag if isinstance(tag, str) else tag["name"] for tag in shown(site, slug)["allowed_tags"])


def by_hand(site: Site, slug: str, **fields: Any) -> None:
    found = shown(site, slug)
    with site.forum() as forum:
        forum.update_category(found["id"], name=found["name"], **fields)


def level(site: Site, group: str) -> int:
    with site.forum(read_only=True) as forum:
        return int(forum._http.ask("GET", f"/groups/{group}.json").json()["group"]["default_notification_level"])


def changes(site: Site, only: str, number: int) -> list[tuple[ChangeKind, str, str]]:
    """Sync, and say what was changed of groups and categories; nothing may fail or be left for another run."""
    prepared, report, _ = site.sync(only=only, now=days(number))
    assert report.failed == ()
    assert site.sync(only=only, now=days(number))[0].plan.effective == ()
    return [(line.kind, line.target, line.reason) for line in prepared.plan.of(*CHANGES)]


def kept(site: Site, only: str, number: int) -> list[str]:
    prepared, _, _ = site.sync(only=only, now=days(number))
    assert prepared.plan.of(*CHANGES) == ()
    return [line.reason for line in prepared.plan.of(K.KEPT)]


def drifted(site: Site, now: datetime = NOW) -> list[tuple[DriftKind, str, str]]:
    with site.forum(read_only=True) as forum:
        return [(line.kind, line.target, line.what) for line in drift(site.settings, forum, site.store, now=now)]


def take_back(site: Site, number: int) -> list[tuple[ChangeKind, str]]:
    with site.forum() as forum:
        run = Journal(site.store.sessions, forum.name).runs()[0].id
        prepared, report = undo(site.settings, forum, site.store, run, now=days(number))
        assert report.failed == ()
        return [(line.kind, line.reason.replace(run, "RUN")) for line in prepared.plan.changes]


# Tags


def test_a_tag_that_lcm_yaml_names_later_is_allowed_in_the_category(site: Site) -> None:
    a, _ = site.keys
    site.sync(only=a)
    site.cohort = {"tags": ["Pilot 1", "spring"]}
    assert changes(site, a, 1) == [(K.UPDATE_CATEGORY, a.upper(), "lacks the tags Pilot 1, spring")]
    assert tags(site, a) == ["pilot-1", "spring"]
    assert shown(site, a)["allow_global_tags"] is True


def test_tags_that_somebody_allowed_by_hand_stay(site: Site) -> None:
    a, _ = site.keys
    site.cohort = {"tags": ["spring"]}
    site.sync(only=a)
    by_hand(site, a, allowed_tags=["mine"], allow_global_tags=False)
    assert changes(site, a, 1) == [(K.UPDATE_CATEGORY, a.upper(), "lacks the tag spring")]
    assert tags(site, a) == ["mine", "spring"]
    assert shown(site, a)["allow_global_tags"] is False
    site.cohort = {}
    assert changes(site, a, 2) == []
    assert tags(site, a) == ["mine", "spring"]


def test_tags_come_in_one_line_with_permissions(site: Site) -> None:
    a, _ = site.keys
    site.sync(only=a)
    by_hand(site, a, permissions={f"{a}-lcm": 1, "staff": 1, "moderators": 2})
    site.cohort = {"tags": ["spring"]}
    assert changes(site, a, 1) == [
        (K.UPDATE_CATEGORY, a.upper(), f"{a} will read and write in it; lacks the tag spring")
    ]
    assert {row["group_name"]: row["permission_type"] for row in shown(site, a)["group_permissions"]} == {
        a: 1,
        f"{a}-lcm": 1,
        "staff": 1,
        "moderators": 2,
    }


def test_a_tag_longer_than_the_forum_lets_it_be_is_asked_for_once(site: Site) -> None:
    a, _ = site.keys
    site.sync(only=a)
    site.cohort = {"tags": ["leadership-programme-2027"]}
    assert len(changes(site, a, 1)) == 1
    assert tags(site, a) == ["leadership-programme"]


def test_tags_of_a_category_that_was_there_before_us_are_set_only_if_adopting_is_allowed(site: Site) -> None:
    a, _ = site.keys
    with site.forum() as forum:
        forum.create_group(a, "")
        forum.create_group(f"{a}-lcm", "")
        forum.create_category(a.upper(), a, {a: 1, f"{a}-lcm": 1, "staff": 1})
    site.cohort = {"tags": ["spring"], "group_notifications": "tracking"}
    reasons = kept(site, a, 0)
    assert f"nothing is done about the category: the group '{a}' is not ours" in reasons
    assert reasons[0].startswith(f"would adopt the group '{a}' that exists already: 0 members, made by somebody else.")
    site.limits = {"allow": ["create", "adopt"]}
    found = changes(site, a, 1)
    assert {kind for kind, _, _ in found} == {K.UPDATE_CATEGORY, K.UPDATE_GROUP}
    assert tags(site, a) == ["spring"]


def test_what_is_not_switched_on_is_told(site: Site) -> None:
    a, _ = site.keys
    site.sync(only=a)
    site.cohort = {"tags": ["spring"], "group_notifications": "tracking"}
    site.limits = {"allow": ["add"]}
    reasons = kept(site, a, 1)
    assert "changing categories is not switched on (limits.allow: create): lacks the tag spring" in reasons
    not_tracking = "its members start with 'watching', not 'tracking'"
    assert reasons.count(f"changing groups is not switched on (limits.allow: create): {not_tracking}") == 2


def test_where_tagging_is_off_no_line_is_made(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    a, _ = site.keys
    site.sync(only=a)
    site.cohort = {"tags": ["spring"]}
    real = reading.parse_category

    def without_tags(shape: Any) -> Any:
        keys = ("allowed_tags", "allowed_tag_groups", "allow_global_tags")
        value = {name: found for name, found in shape.value.items() if name not in keys}
        return real(reading.Shape(value, shape.path))

    monkeypatch.setattr(reading, "parse_category", without_tags)
    assert changes(site, a, 1) == []


# Parents


def test_a_category_is_moved_below_the_parent_that_lcm_yaml_names_later(site: Site) -> None:
    a, _ = site.keys
    slug = f"{site.prefix}-school"
    name = slug.replace("-", " ").capitalize()
    site.sync(only=a)
    site.cohort = {"parent_category": slug}
    assert changes(site, a, 1) == [
        (K.CREATE_CATEGORY, name, "the forum has no such parent category"),
        (K.UPDATE_CATEGORY, a.upper(), f"not below '{slug}'"),
    ]
    assert shown(site, a)["parent_category_id"] == shown(site, slug)["id"]


def test_a_second_cohort_is_moved_below_the_same_parent_after_it_was_opened(site: Site) -> None:
    a, b = site.keys
    slug = f"{site.prefix}-school"
    site.sync()
    site.cohort = {"parent_category": slug}
    prepared, report, _ = site.sync(now=days(1))
    assert report.failed == ()
    kinds = [K.CREATE_CATEGORY, K.UPDATE_CATEGORY, K.OPEN_CATEGORY, K.UPDATE_CATEGORY]
    assert [line.kind for line in prepared.plan.of(*CHANGES)] == kinds
    above = shown(site, slug)["id"]
    assert [shown(site, key)["parent_category_id"] for key in (a, b)] == [above, above]
    assert site.sync(now=days(1))[0].plan.effective == ()


def test_a_category_is_never_moved_out_of_a_parent(site: Site) -> None:
    a, _ = site.keys
    site.cohort = {"parent_category": f"{site.prefix}-school"}
    site.sync(only=a)
    above = shown(site, a)["parent_category_id"]
    for number, cohort in enumerate([{}, {"parent_category": f"{site.prefix}-college"}], 1):
        site.cohort = cohort
        assert changes(site, a, number) == []
        assert shown(site, a)["parent_category_id"] == above


def test_a_category_that_somebody_opened_to_more_groups_than_its_parent_is_not_moved(site: Site) -> None:
    a, _ = site.keys
    site.sync(only=a)
    by_hand(site, a, permissions={a: 1, f"{a}-lcm": 1, "staff": 1, "moderators": 2})
    site.cohort = {"parent_category": f"{site.prefix}-school"}
    reason = f"not moved below '{site.prefix}-school': moderators may see it, and would have to see its parent as well"
    assert reason in kept(site, a, 1)


def test_a_category_with_others_below_it_is_not_moved(site: Site) -> None:
    a, _ = site.keys
    site.sync(only=a)
    with site.forum() as forum:
        forum.create_category("Below", f"{a}-below", {"staff": 1}, parent_category_id=shown(site, a)["id"])
    site.cohort = {"parent_category": f"{site.prefix}-school"}
    assert f"not moved below '{site.prefix}-school': it has categories below itself" in kept(site, a, 1)


def test_a_parent_that_is_not_open_and_not_ours_holds_the_move_back(site: Site) -> None:
    a, _ = site.keys
    slug = f"{site.prefix}-school"
    site.sync(only=a)
    with site.forum() as forum:
        forum.create_category(slug.title(), slug, {"staff": 1})
    site.cohort = {"parent_category": slug}
    assert f"not moved below '{slug}': that is not open to the cohort" in kept(site, a, 1)
    site.limits = {"allow": ["create", "adopt"]}
    assert [kind for kind, _, _ in changes(site, a, 2)] == [K.OPEN_CATEGORY, K.UPDATE_CATEGORY]


def test_a_group_that_lost_both_parent_and_category_gets_both_back(site: Site) -> None:
    a, _ = site.keys
    slug = f"{site.prefix}-school"
    site.cohort = {"parent_category": slug}
    site.sync(only=a)
    by_hand(site, a, permissions={f"{a}-lcm": 1, "staff": 1})
    by_hand(site, slug, permissions={f"{a}-lcm": 1, "staff": 1})
    assert [kind for kind, _, _ in changes(site, a, 1)] == [K.OPEN_CATEGORY, K.UPDATE_CATEGORY]


# Notification levels


def test_a_notification_level_that_lcm_yaml_names_later_is_set_for_new_members(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, (1,))
    site.sync(only=a)
    site.cohort = {"group_notifications": "tracking"}
    reason = "its members start with 'watching', not 'tracking'"
    assert changes(site, a, 1) == [(K.UPDATE_GROUP, a, reason), (K.UPDATE_GROUP, f"{a}-lcm", reason)]
    assert (level(site, a), level(site, f"{a}-lcm")) == (2, 2)


# Costs, drift, undo, the end


def test_an_unchanged_run_costs_no_call_more(site: Site) -> None:
    a, _ = site.keys
    site.cohort = {"tags": ["spring"], "parent_category": f"{site.prefix}-school", "group_notifications": "tracking"}
    site.enrol(a, (1,))
    site.sync(only=a)
    prepared, _, calls = site.sync(only=a, now=days(1))
    assert prepared.plan.effective == ()
    probing = {"GET /admin/plugins/explorer/queries", "GET /admin/site_settings"}
    assert {name: number for name, number in calls.items() if name not in probing and "lcm" not in name} == CALLS


def test_what_was_changed_by_hand_and_what_lcm_yaml_asks_for_anew_is_told(site: Site) -> None:
    a, _ = site.keys
    slug = f"{site.prefix}-school"
    site.cohort = {"tags": ["spring"]}
    site.sync()
    assert drifted(site) == []
    by_hand(site, a, allowed_tags=["mine"])
    site.cohort = {"tags": ["spring"], "parent_category": slug, "group_notifications": "tracking"}
    found = [line for line in drifted(site) if line[1] in (a, a.upper())]
    assert found == [
        (DriftKind.NOTIFICATIONS, a, "its members start with 'watching', not 'tracking'; a sync sets it"),
        (DriftKind.TAGS, a.upper(), "lacks the tag spring; a sync sets it"),
        (DriftKind.TAGS, a.upper(), "the tag mine as well, set manually; left so"),
        (DriftKind.PLACE, a.upper(), f"not below '{slug}'; a sync moves it"),
    ]
    site.sync(now=days(1))
    assert [line[0] for line in drifted(site)] == [DriftKind.TAGS]
    site.cohort["parent_category"] = f"{site.prefix}-college"
    places = [line for line in drifted(site) if line[0] is DriftKind.PLACE]
    assert places[0] == (DriftKind.PLACE, a.upper(), f"below '{slug}', not '{site.prefix}-college'; left so")


def test_an_undo_puts_tags_place_and_notifications_back(site: Site) -> None:
    a, _ = site.keys
    site.sync(only=a)
    by_hand(site, a, allowed_tags=["mine"])
    site.cohort = {
        "tags": ["spring"],
        "parent_category": f"{site.prefix}-school",
        "group_notifications": "tracking",
    }
    assert len(changes(site, a, 1)) == 4
    after = (tags(site, a), shown(site, a)["parent_category_id"], level(site, a))
    found = take_back(site, 2)
    assert (K.UPDATE_CATEGORY, "as it was before RUN") in found
    assert found.count((K.UPDATE_GROUP, "as it was before RUN")) == 2
    assert (tags(site, a), level(site, a)) == (["mine"], 3)
    assert shown(site, a).get("parent_category_id") is None
    take_back(site, 3)
    assert (tags(site, a), shown(site, a)["parent_category_id"], level(site, a)) == after


def test_an_undo_takes_away_all_tags_where_there_were_none(site: Site) -> None:
    a, _ = site.keys
    site.sync(only=a)
    site.cohort = {"tags": ["spring"]}
    site.sync(only=a, now=days(1))
    take_back(site, 2)
    assert tags(site, a) == []
    assert shown(site, a)["allow_global_tags"] is False


@pytest.mark.parametrize("changed", ["tags", "place", "level"])
def test_an_undo_leaves_what_somebody_changed_since(site: Site, changed: str) -> None:
    a, _ = site.keys
    site.sync(only=a)
    site.cohort = {"tags": ["spring"], "parent_category": f"{site.prefix}-school", "group_notifications": "tracking"}
    site.sync(only=a, now=days(1))
    if changed == "tags":
        by_hand(site, a, allowed_tags=["spring", "mine"])
    elif changed == "place":
        by_hand(site, a, parent_category_id="")
    else:
        with site.forum() as forum:
            number = next(group.id for group in forum.groups() if group.name == a)
            forum.update_group(number, default_notification_level=1)
    found = take_back(site, 2)
    if changed == "level":
        assert (K.KEPT, "its notification level was changed again since, manually; left so") in found
        assert level(site, a) == 1
    else:
        assert (K.KEPT, "it was changed again since, manually; left so") in found
        assert "spring" in tags(site, a)


def test_nothing_of_a_cohort_that_is_over_is_brought_in_line(site: Site) -> None:
    a, _ = site.keys
    site.sync(only=a)
    site.cohort = {
        "end": date(2027, 3, 16),
        "archive_after": 0,
        "tags": ["spring"],
        "parent_category": f"{site.prefix}-school",
        "group_notifications": "tracking",
    }
    prepared, report, _ = site.sync(only=a, now=days(5), accept=Acceptance(dates=True))
    assert [line.kind for line in prepared.plan.effective] == [K.ARCHIVE_CATEGORY]
    assert report.failed == ()
    assert drifted(site, days(5)) == []


def test_a_run_killed_after_the_call_is_seen_as_done(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    a, _ = site.keys
    site.sync(only=a)
    site.cohort = {"tags": ["spring"], "parent_category": f"{site.prefix}-school"}
    real = Forum.update_category

    def dying(forum: Forum, number: int, **fields: Any) -> None:
        real(forum, number, **fields)
        raise KilledError

    monkeypatch.setattr(Forum, "update_category", dying)
    with pytest.raises(KilledError):
        site.sync(only=a, now=days(1))
    monkeypatch.undo()
    assert site.sync(only=a, now=days(2))[0].plan.effective == ()
    take_back(site, 3)
    assert tags(site, a) == []
    assert shown(site, a).get("parent_category_id") is None


def test_the_data_explorer_gives_the_same_plan(tmp_path: Any) -> None:
    options = ForumOptions(settings={"enable_category_group_moderation": "true", "data_explorer_enabled": "true"})
    with ForumServer(":memory:", options=options) as server:
        site: Site = RealSite(server.url, tmp_path, "ex")
        a, _ = site.keys
        site.sync()
        site.cohort = {"tags": ["spring"], "parent_category": "ex-school", "group_notifications": "tracking"}
        assert len(changes(site, a, 1)) == 4
        site.sync(now=days(1))
        prepared, _, calls = site.sync(now=days(2))
        assert prepared.plan.effective == ()
        assert "GET /c/*/show" not in calls
        site.store.close()


def test_what_somebody_opened_since_the_last_full_reading_stays_open_in_the_archive(site: Site) -> None:
    a, _ = site.keys

    def run(number: int) -> Any:
        settings = Settings.model_validate(site.settings.model_dump() | {"lookup": {"check": "count"}})
        with site.forum() as forum:
            moment = NOW + timedelta(hours=number)
            accept = Acceptance(dates=True)
            return sync(settings, site.roster(), forum, site.store, now=moment, only=a, acceptance=accept)[0].plan

    run(0)
    by_hand(site, a, permissions={a: 1, f"{a}-lcm": 1, "staff": 1, "moderators": 2})
    site.cohort = {"end": date(2027, 3, 13), "archive_after": 0}
    assert [line.kind for line in run(1).effective] == [K.ARCHIVE_CATEGORY]
    rights = {row["group_name"]: row["permission_type"] for row in shown(site, a)["group_permissions"]}
    assert rights == {a: 3, f"{a}-lcm": 1, "staff": 1, "moderators": 2}
    assert run(2).effective == ()


def test_groups_that_somebody_lets_moderate_go_on_doing_so(site: Site) -> None:
    a, b = site.keys
    site.sync()
    with site.forum() as forum:
        ids = {group.name: group.id for group in forum.groups()}
    by_hand(site, a, moderating_group_ids=[ids[f"{a}-lcm"], ids[b]])
    site.cohort = {"tags": ["spring"]}
    changes(site, a, 1)
    assert sorted(shown(site, a)["moderating_group_ids"]) == sorted([ids[f"{a}-lcm"], ids[b]])
