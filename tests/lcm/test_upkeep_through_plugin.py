"""What lcm.yaml says later, and what stands around a cohort, where the forum has the plugin: as without it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.config.settings import LookupSettings
from sync_worker.forum import plugin_parse
from sync_worker.membership.planning.roster_guard import Acceptance
from sync_worker.model import ChangeKind
from tests.lcm.test_sync_through_plugin import NOW, Place, names

if TYPE_CHECKING:
    from pathlib import Path

K = ChangeKind
CHANGES = (K.UPDATE_CATEGORY, K.UPDATE_GROUP, K.CREATE_CATEGORY, K.OPEN_CATEGORY)
LATER = {"tags": ["pilot"], "parent_category": "school", "group_notifications": "tracking"}


@pytest.fixture(params=["plugin", "core"])
def place(site: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Place:
    """A worker that uses the plugin, and one that does not."""
    lookup = LookupSettings() if request.param == "plugin" else LookupSettings(rungs=("crawl",))
    return Place(site, tmp_path, lookup=lookup)


def shown(place: Place) -> Any:
    return place.site.forum.get(f"/c/{category_id(place)}/show.json")["category"]


def category_id(place: Place) -> int:
    rows = place.site.forum.get("/site.json")["categories"]
    return int(next(row["id"] for row in rows if row["slug"] == "spring-27"))


def by_hand(place: Place, **fields: Any) -> None:
    body = {"name": "Spring 2027", **fields}
    assert place.site.forum.call("PUT", f"/categories/{category_id(place)}.json", json=body).status_code == 200


def changed(place: Place, hours: int) -> list[tuple[ChangeKind, str, str]]:
    """Sync; what was changed is done, and done for good."""
    prepared, report = place.sync(NOW + timedelta(hours=hours))
    assert report.failed == ()
    assert place.sync(NOW + timedelta(hours=hours, minutes=30))[0].plan.effective == ()
    return [(line.kind, line.target, line.reason) for line in prepared.plan.of(*CHANGES)]


def test_both_ways_make_the_same_plan(place: Place) -> None:
    place.sync()
    place.cohort = LATER
    level = "its members start with 'watching', not 'tracking'"
    assert changed(place, 1) == [
        (K.UPDATE_GROUP, "spring-27", level),
        (K.UPDATE_GROUP, "spring-27-lcm", level),
        (K.CREATE_CATEGORY, "School", "the forum has no such parent category"),
        (K.UPDATE_CATEGORY, "Spring 2027", "lacks the tag pilot; not below 'school'"),
    ]
    above = shown(place)["parent_category_id"]
    by_hand(place, allowed_tags=["mine"])
    assert changed(place, 30) == [(K.UPDATE_CATEGORY, "Spring 2027", "lacks the tag pilot")]
    assert (sorted(shown(place)["allowed_tags"]), shown(place)["parent_category_id"]) == (["mine", "pilot"], above)


def test_it_costs_no_call_more_where_nothing_changed(place: Place) -> None:
    place.cohort = LATER
    place.sync()
    place.sync(NOW + timedelta(hours=1))
    expected = {"GET /lcm/cohorts": 1} if place.lookup.takes_plugin else {
        "GET /groups/search": 1, "GET /site": 1, "GET /c/*/show": 1, "GET /groups/*/members": 2
    }  # fmt: skip
    assert place.calls == expected


def test_a_category_below_another_stays_there_when_its_cohort_is_declared(place: Place) -> None:
    place.cohort = {"parent_category": "school"}
    lookup, place.lookup = place.lookup, LookupSettings(rungs=("crawl",))
    place.sync()
    above = shown(place)["parent_category_id"]
    assert above
    place.lookup = lookup
    place.site.forum.add_many_users(2)
    place.enrol((1, 2))
    _, report = place.sync(NOW + timedelta(days=2))
    assert report.failed == ()
    assert shown(place)["parent_category_id"] == above
    number = next(row["id"] for row in place.site.forum.get("/groups/search.json") if row["name"] == "spring-27-lcm")
    place.site.forum.call("DELETE", f"/admin/groups/{number}.json")
    _, report = place.sync(NOW + timedelta(days=3))
    assert report.failed == ()
    assert shown(place)["parent_category_id"] == above


def test_groups_let_in_by_hand_stay_when_a_cohort_is_declared(place: Place) -> None:
    lookup, place.lookup = place.lookup, LookupSettings(rungs=("crawl",))
    place.sync()
    rights = {"spring-27": 1, "spring-27-lcm": 1, "staff": 1, "moderators": 2}
    by_hand(place, permissions=rights)
    place.lookup = lookup
    place.site.forum.add_many_users(1)
    place.enrol((1,))
    assert place.sync(NOW + timedelta(days=2))[1].failed == ()
    assert {row["group_name"]: row["permission_type"] for row in shown(place)["group_permissions"]} == rights


def test_an_archive_stays_one_when_its_cohort_is_declared(place: Place) -> None:
    place.limits = place.limits.model_copy(update={"allow": (*place.limits.allow, "archive")})
    lookup, place.lookup = place.lookup, LookupSettings(rungs=("crawl",))
    place.site.forum.add_many_users(1)
    place.enrol((1,))
    place.sync()
    place.lookup = lookup
    place.cohort = {"end": date(2027, 3, 9), "archive_after": 0}
    held, report = place.sync(NOW + timedelta(days=2))
    assert (held.plan.effective, report.failed) == ((), ())
    assert {row["permission_type"] for row in shown(place)["group_permissions"]} == {1}
    prepared, report = place.sync(NOW + timedelta(days=2), Acceptance(dates=True))
    assert [line.kind for line in prepared.plan.effective] == [K.ARCHIVE_CATEGORY]
    assert report.failed == ()
    rights = {row["group_name"]: row["permission_type"] for row in shown(place)["group_permissions"]}
    assert rights == {"spring-27": 3, "spring-27-lcm": 1, "staff": 1}


def test_a_plugin_that_does_not_tell_gets_no_lines(site: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(site, tmp_path)
    place.sync()
    place.cohort = LATER
    real = plugin_parse.parse_cohort
    newer = ("notifications", "parent_slug", "has_below", "tags")

    def older(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: older(item) for name, item in value.items() if name not in newer}
        return value

    def parse(shape: Any) -> Any:
        return real(type(shape)(older(shape.value), shape.path))

    monkeypatch.setattr(plugin_parse, "parse_cohort", parse)
    monkeypatch.setattr("sync_worker.forum.plugin.parse_cohort", parse)
    assert place.sync(NOW + timedelta(hours=1))[0].plan.effective == ()


def test_learners_of_a_cohort_that_is_over_join_alumni_who_are_there_already(place: Place) -> None:
    place.site.forum.add_many_users(4)
    group = place.site.forum.call("POST", "/admin/groups.json", json={"group": {"name": "alumni"}}).json()
    number = group["basic_group"]["id"]
    place.site.forum.call("PUT", f"/groups/{number}/members.json", json={"usernames": "bulk0004"})
    place.cohort = {"end": date(2027, 3, 20), "archive_after": 0, "alumni_group": "alumni"}
    place.enrol((1, 2))
    place.sync()
    prepared, report = place.sync(NOW + timedelta(days=12))
    assert report.failed == ()
    assert prepared.plan.of(K.CREATE_GROUP) == ()
    assert place.members("alumni") == names((1, 2, 4))
    assert place.sync(NOW + timedelta(days=13))[0].plan.effective == ()
