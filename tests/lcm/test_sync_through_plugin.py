"""`lcm sync` where the forum has the plugin: the same outcome as without it, for a handful of calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete

from sync_worker.config.settings import CohortSettings, LimitSettings, LookupSettings, Settings
from sync_worker.forum import FailedCall, Forum, Outcome, Patience
from sync_worker.membership import ApplyReport, Prepared, prepare, sync
from sync_worker.membership.planning.roster_guard import NOTHING_ACCEPTED, Acceptance
from sync_worker.model import ChangeKind, Enrolment, Person, Role, Roster, RosterKind
from sync_worker.practice_forum.tables import Group
from sync_worker.store.database import open_store
from sync_worker.store.tables import Table
from tests.lcm.conftest import Site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.conftest import PracticeForum

NOW = datetime(2027, 3, 10, 10, tzinfo=UTC)
LIMITS = LimitSettings(
    allow=("add", "remove", "owners", "create", "adopt"),
    grace_days=0,
    max_removals=20_000,
    max_removal_fraction=1,
    max_overall_removal_fraction=1,
    max_shrink_fraction=1,
    max_overall_shrink_fraction=1,
)


@dataclass
class Place:
    """A site with the plugin, and a worker that syncs one cohort to it."""

    site: Any
    folder: Path
    people: dict[int, Role] = field(default_factory=dict)
    limits: LimitSettings = LIMITS
    lookup: LookupSettings = field(default_factory=LookupSettings)
    cohort: dict[str, Any] = field(default_factory=dict)
    calls: dict[str, int] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        dates = {"start": date(2027, 3, 1), "end": date(2027, 4, 30), "timezone": "Europe/Lisbon"}
        cohort = CohortSettings.model_validate({"key": "spring-27", "name": "Spring 2027", **dates, **self.cohort})
        return Settings(
            forum=self.site.forum.settings,
            store=f"sqlite:///{self.folder / 'lcm.db'}",
            cohorts=(cohort,),
            limits=self.limits,
            lookup=self.lookup,
        )

    def enrol(self, numbers: Iterable[int], role: Role = Role.LEARNER) -> None:
        self.people |= dict.fromkeys(numbers, role)

    def roster(self) -> Roster:
        rows = (
            Enrolment(Person(email=f"bulk{n:04d}@example.org"), "spring-27", role, where=f"r.csv:{n}")
            for n, role in self.people.items()
        )
        return Roster("r.csv", RosterKind.SNAPSHOT, tuple(rows))

    def sync(self, now: datetime = NOW, accept: Acceptance = NOTHING_ACCEPTED) -> tuple[Prepared, ApplyReport]:
        store = open_store(self.settings.store)
        try:
            with Forum.connect(self.settings.forum, self.site.forum.key, patience=Patience(attempts=1)) as forum:
                done = sync(self.settings, self.roster(), forum, store, now=now, acceptance=accept)
                self.calls = forum.calls.by_operation
                return done
        finally:
            store.close()

    def plan(self) -> Prepared:
        store = open_store(self.settings.store)
        try:
            key, patience = self.site.forum.key, Patience(attempts=1)
            with Forum.connect(self.settings.forum, key, read_only=True, patience=patience) as forum:
                return prepare(self.settings, self.roster(), forum, store, now=NOW)
        finally:
            store.close()

    @property
    def made(self) -> int:
        return sum(self.calls.values())

    def members(self, group: str = "spring-27") -> set[str]:
        listed: list[Any] = []
        while True:
            path = f"/groups/{group}/members.json?limit=1000&offset={len(listed)}"
            page = self.site.forum.get(path)["members"]
            listed += page
            if len(page) < 1000:
                return {row["username"] for row in listed}


@pytest.fixture
def place(site: Any, tmp_path: Path) -> Place:
    return Place(site, tmp_path)


def names(numbers: Iterable[int]) -> set[str]:
    return {f"bulk{number:04d}" for number in numbers}


def test_ten_thousand_people_cost_four_calls_and_one_when_nothing_changed(place: Place) -> None:
    place.site.forum.add_many_users(10_000)
    place.enrol(range(1, 10_000))
    place.enrol((10_000,), Role.LCM)
    _, report = place.sync()
    assert (place.made, report.failed) == (4, ())
    assert place.members() == names(range(1, 10_001))
    assert place.members("spring-27-lcm") == names((10_000,))
    prepared, _ = place.sync(NOW + timedelta(hours=1))
    assert (place.calls, prepared.plan.effective) == ({"GET /lcm/cohorts": 1}, ())
    for number in range(1, 51):
        del place.people[number]
    _, report = place.sync(NOW + timedelta(hours=2))
    assert len(report.done) == 50
    assert place.made <= 3
    assert place.members() == names(range(51, 10_001))


def test_a_plan_writes_nothing_not_even_a_declaration(place: Place) -> None:
    place.site.forum.add_many_users(5)
    place.enrol(range(1, 6))
    assert len(place.plan().plan.of(ChangeKind.ADD)) == 5
    assert place.site.ask("GET", "/lcm/cohorts.json")["cohorts"] == []
    assert place.site.forum.call("GET", "/groups/spring-27.json").status_code == 404


def test_a_run_with_the_name_of_one_whose_ledger_and_members_were_lost_adds_everybody_again(place: Place) -> None:
    place.site.forum.add_many_users(5)
    place.enrol((1,))
    place.sync()
    place.enrol(range(2, 6))
    _, first = place.sync(NOW + timedelta(hours=1))
    group = place.site.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["group"]["id"]
    gone = {"usernames": ",".join(names(range(2, 6)))}
    assert place.site.forum.call("DELETE", f"/groups/{group}/members.json", json=gone).status_code == 200
    store = open_store(place.settings.store)
    with store.begin() as session:
        for table in reversed(Table.metadata.sorted_tables):
            if table.name != "created":
                session.execute(delete(table))
    store.close()
    _, again = place.sync(NOW + timedelta(hours=1))
    assert (again.run, again.failed) == (first.run, ())
    assert place.members() == names(range(1, 6))


def test_a_category_that_somebody_opened_to_everyone_is_left_so(place: Place) -> None:
    place.site.forum.add_many_users(5)
    place.enrol(range(1, 5))
    place.sync()
    category = place.site.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["category"]
    form = {"name": category["name"], "permissions[everyone]": "1"}
    assert place.site.forum.call("PUT", f"/categories/{category['id']}.json", data=form).status_code == 200
    place.enrol((5,))
    prepared, _ = place.sync(NOW + timedelta(days=2))
    assert [change.kind for change in prepared.plan.effective] == [ChangeKind.ADD]
    state = place.site.ask("GET", "/lcm/cohorts.json")["cohorts"][0]
    assert state["category"]["permissions"] == {"everyone": 1}


@pytest.mark.parametrize("plugin", [True, False])
def test_a_site_that_calls_discourses_own_groups_in_its_own_language_comes_to_rest_too(
    make_practice_forum: Callable[..., PracticeForum], tmp_path: Path, plugin: bool
) -> None:
    settings = {"enable_category_group_moderation": "true"}
    forum = make_practice_forum(plugin=plugin, settings=settings, now=NOW)
    forum.add_many_users(5)
    with forum.session() as session:
        for number, name in ((0, "tous"), (3, "responsables")):
            session.get_one(Group, number).name = name
            session.get_one(Group, number).name_lower = name
    place = Place(Site(forum), tmp_path)
    place.enrol(range(1, 4))
    _, report = place.sync()
    assert report.failed == ()
    place.enrol((4,))
    prepared, _ = place.sync(NOW + timedelta(days=2))
    assert [change.kind for change in prepared.plan.effective] == [ChangeKind.ADD]
    category = next(c for c in forum.get("/site.json")["categories"] if c["slug"] == "spring-27")
    form = {"name": category["name"], "permissions[everyone]": "1"}
    assert forum.call("PUT", f"/categories/{category['id']}.json", data=form).status_code == 200
    place.enrol((5,))
    prepared, _ = place.sync(NOW + timedelta(days=4))
    assert [change.kind for change in prepared.plan.effective] == [ChangeKind.ADD]


def test_only_whom_we_added_is_removed(place: Place) -> None:
    place.site.forum.add_many_users(6)
    place.enrol(range(1, 5))
    place.sync()
    group = place.site.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["group"]["id"]
    place.site.forum.call("PUT", f"/groups/{group}/members.json", json={"usernames": "bulk0006"})
    del place.people[1]
    prepared, _ = place.sync(NOW + timedelta(hours=1))
    assert place.members() == names((2, 3, 4, 6))
    kept = {change.username for change in prepared.plan.of(ChangeKind.KEPT)}
    assert "bulk0006" in kept


def test_who_left_is_not_dragged_back(place: Place) -> None:
    place.site.forum.add_many_users(4)
    place.enrol(range(1, 5))
    place.sync()
    group = place.site.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["group"]["id"]
    place.site.forum.call("DELETE", f"/groups/{group}/members.json", json={"usernames": "bulk0002"})
    _, report = place.sync(NOW + timedelta(hours=1))
    assert report.done == ()
    assert place.members() == names((1, 3, 4))


def test_an_lcm_owns_the_group_and_stops_owning_it(place: Place) -> None:
    place.site.forum.add_many_users(3)
    place.enrol((1, 2))
    place.enrol((3,), Role.LCM)
    place.sync()
    assert owners(place) == names((3,))
    place.enrol((3,))
    place.sync(NOW + timedelta(hours=1))
    assert owners(place) == set()
    assert place.members("spring-27-lcm") == set()


def test_people_without_an_account_are_told_and_added_once_they_have_one(place: Place) -> None:
    place.site.forum.add_many_users(2)
    place.enrol((1, 2, 3))
    prepared, _ = place.sync()
    assert len(prepared.plan.of(ChangeKind.UNKNOWN)) == 1
    place.site.forum.add_user("bulk0003", email="bulk0003@example.org")
    place.sync(NOW + timedelta(minutes=5))
    assert place.members() == names((1, 2, 3))


def test_groups_that_were_there_before_the_plugin_are_taken_up_as_they_are(place: Place) -> None:
    place.site.forum.add_many_users(4)
    place.enrol((1, 2, 3))
    place.lookup = LookupSettings(rungs=("crawl",))
    place.sync()
    place.lookup = LookupSettings()
    assert place.site.ask("GET", "/lcm/cohorts.json")["cohorts"] == []
    place.enrol((4,))
    place.sync(NOW + timedelta(days=2))
    assert place.members() == names((1, 2, 3, 4))
    assert [row["key"] for row in place.site.ask("GET", "/lcm/cohorts.json")["cohorts"]] == ["spring-27"]


def test_a_plugin_that_is_installed_later_hears_of_a_cohort_in_which_nothing_changes(place: Place) -> None:
    place.site.forum.add_many_users(3)
    place.enrol((1, 2, 3))
    place.lookup = LookupSettings(rungs=("crawl",))
    place.sync()
    number = next(one["id"] for one in place.site.forum.get("/site.json")["categories"] if one["slug"] == "spring-27")
    before = place.site.forum.get(f"/c/{number}/show.json")["category"]
    place.lookup = LookupSettings()
    place.plan()
    assert place.site.ask("GET", "/lcm/cohorts.json")["cohorts"] == []
    prepared, report = place.sync(NOW + timedelta(days=2))
    assert (prepared.plan.effective, report.failed) == ((), ())
    [declared] = place.site.ask("GET", "/lcm/cohorts.json")["cohorts"]
    assert (declared["key"], declared["category"]["id"]) == ("spring-27", number)
    assert place.site.forum.get(f"/c/{number}/show.json")["category"] == before
    place.sync(NOW + timedelta(days=2, hours=1))
    assert place.calls == {"GET /lcm/cohorts": 1}


def test_a_cohort_that_the_plugin_refuses_is_reported_again_at_the_next_sync(place: Place, monkeypatch: Any) -> None:
    from sync_worker.forum.plugin import Plugin

    def refuse(*_: object) -> None:
        raise FailedCall("no", outcome=Outcome.REFUSED)

    place.site.forum.add_many_users(1)
    place.enrol((1,))
    place.lookup = LookupSettings(rungs=("crawl",))
    place.sync()
    place.lookup = LookupSettings()
    with monkeypatch.context() as patched:
        patched.setattr(Plugin, "declare", refuse)
        assert place.sync(NOW + timedelta(days=2))[1].failed == ()
    assert place.site.ask("GET", "/lcm/cohorts.json")["cohorts"] == []
    place.sync(NOW + timedelta(days=2, hours=1))
    assert len(place.site.ask("GET", "/lcm/cohorts.json")["cohorts"]) == 1


def test_members_who_changed_between_look_and_change_stop_the_change(place: Place, monkeypatch: Any) -> None:
    from sync_worker.forum.plugin import Plugin

    place.site.forum.add_many_users(4)
    place.enrol((1, 2))
    place.sync()
    place.enrol((3,))
    change = Plugin.change_members

    def after_somebody_else(self: Plugin, key: str, *args: Any, **more: Any) -> Any:
        group = place.site.ask("GET", "/lcm/cohorts.json")["cohorts"][0]["group"]["id"]
        place.site.forum.call("PUT", f"/groups/{group}/members.json", json={"usernames": "bulk0004"})
        return change(self, key, *args, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Plugin, "change_members", after_somebody_else)
        _, report = place.sync(NOW + timedelta(hours=1))
    assert [failure.change.username for failure in report.failed] == ["bulk0003"]
    assert place.members() == names((1, 2, 4))
    place.sync(NOW + timedelta(hours=2))
    assert place.members() == names((1, 2, 3, 4))


def owners(place: Place) -> set[str]:
    return {row["username"] for row in place.site.forum.get("/groups/spring-27/members.json")["owners"]}


def test_a_category_that_was_there_before_hinders_neither_groups_nor_people(place: Place) -> None:
    forum = place.site.forum
    forum.add_many_users(5)
    body = {"name": "Spring 2027", "slug": "spring-27", "color": "0088CC", "text_color": "FFFFFF"}
    body |= {"permissions": {"everyone": 1}}
    assert forum.call("POST", "/categories.json", json=body).status_code == 200
    place.limits = LIMITS.model_copy(update={"allow": ("add", "owners", "create", "remove")})
    place.enrol((1, 2, 3))
    place.enrol((4,), Role.LCM)
    prepared, report = place.sync()
    assert report.failed == ()
    assert len(report.done) == len(prepared.plan.effective) == 8
    assert (place.members(), place.members("spring-27-lcm")) == (names(range(1, 5)), names((4,)))
    assert any("allow 'adopt' and 'close_public'" in line.reason for line in prepared.plan.of(ChangeKind.KEPT))
    rights = {
        row["group_name"]: row["permission_type"]
        for listed in forum.get("/site.json")["categories"]
        if listed["slug"] == "spring-27"
        for row in forum.get(f"/c/{listed['id']}/show.json")["category"]["group_permissions"]
    }
    assert rights == {"everyone": 1}
    prepared, report = place.sync(NOW + timedelta(hours=1))
    assert (prepared.plan.effective, report.failed) == ((), ())
    del place.people[3]
    place.enrol((5,))
    _, report = place.sync(NOW + timedelta(hours=2))
    assert (len(report.done), report.failed) == (2, ())
    assert place.members() == names((1, 2, 4, 5))
    place.limits = LIMITS.model_copy(update={"allow": (*LIMITS.allow, "close_public")})
    prepared, report = place.sync(NOW + timedelta(hours=3))
    assert [line.kind for line in prepared.plan.effective] == [ChangeKind.UPDATE_CATEGORY]
    assert report.failed == ()
    prepared, report = place.sync(NOW + timedelta(hours=4))
    assert (prepared.plan.effective, report.failed) == ((), ())


def test_a_category_that_the_plan_does_not_make_is_not_made_with_the_groups(place: Place) -> None:
    forum = place.site.forum
    forum.add_many_users(2)
    body = {"name": "School", "slug": "school", "color": "0088CC", "text_color": "FFFFFF", "permissions": {"staff": 1}}
    assert forum.call("POST", "/categories.json", json=body).status_code == 200
    place.limits = LIMITS.model_copy(update={"allow": ("add", "owners", "create")})
    place.cohort = {"parent_category": "school"}
    place.enrol((1, 2))
    prepared, report = place.sync()
    assert report.failed == ()
    assert ChangeKind.CREATE_CATEGORY not in {line.kind for line in prepared.plan.effective}
    assert "spring-27" not in {row["slug"] for row in forum.get("/site.json")["categories"]}
    assert place.members() == names((1, 2))
