"""SCIM 2.0 as a roster, against a real server with real users and groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

from sync_worker.config.load import load_settings
from sync_worker.model import Role
from sync_worker.rosters.scim import probe_scim
from tests.rosters.faulty import Fault, check_fault
from tests.rosters.loopback import Failing, Loopback, broken_off, content, edited, status
from tests.rosters.scim_service import ENTERPRISE, TOKEN, Directory, application
from tests.rosters.syncing import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
NAMES = ("Boss Big", "Marta Lopes", "Ines Duarte", "Tomas Reis", "Ana Neves", "Ben Costa")


@dataclass
class Setting:
    """A service that listens, and what was put into it."""

    directory: Directory
    server: Loopback
    roster: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def scim() -> Iterator[Setting]:
    """A SCIM service on loopback with three groups, and the settings that name it."""
    with Loopback(application()) as server:
        directory = Directory(f"{server.url}/v2")
        for number, name in enumerate(NAMES):
            directory.add_user(name, number, manager="boss" if number else "", department="Sales")
        directory.add_group("Spring learners", "ines", "tomas")
        directory.add_group("Spring leads", "marta")
        directory.add_group("Autumn", "ana", "ben")
        server.seen.clear()
        roster = {
            "scim": directory.url,
            "cohorts": {"Spring learners": "spring", "Spring leads": "spring", "Autumn": "autumn"},
            "group_roles": {"Spring leads": "lcm"},
        }
        yield Setting(directory, server, roster)


def open_desk(desk: Desk, scim: Setting, **more: Any) -> None:
    """Write the settings and put the token in the environment."""
    desk.environment["SCIM_TOKEN"] = TOKEN
    desk.write(scim.roster | more)


def test_groups_become_groups_with_their_people(desk: Desk, scim: Setting) -> None:
    open_desk(desk, scim)
    result = desk.lcm("sync", "--apply")
    assert result.exit_code == 0, result.output
    assert desk.members("spring") == {"marta": True, "ines": False, "tomas": False}
    assert desk.members("autumn") == {"ana": False, "ben": False}
    assert "Nothing to do" in desk.lcm("sync").stdout


def test_who_is_taken_out_of_the_group_leaves(desk: Desk, scim: Setting) -> None:
    open_desk(desk, scim)
    assert desk.lcm("sync", "--apply").exit_code == 0
    scim.directory.call("DELETE", f"/Users/{scim.directory.users['tomas']}")
    scim.directory.call("DELETE", f"/Groups/{scim.directory.groups['Spring learners']}")
    scim.directory.add_group("Spring learners", "ines")
    assert "remove  tomas (Tomas)  spring  no longer in the roster" in desk.lcm("sync").stdout


def test_a_user_becomes_a_person_with_a_manager(desk: Desk, scim: Setting) -> None:
    open_desk(desk, scim)
    found = {e.person.external_id: e for e in desk.roster(NOW).enrolments}
    ines = found["E2"].person
    assert (ines.email, ines.name, ines.manager_email) == ("ines@example.org", "Ines Duarte", "boss@example.org")
    assert found["E1"].role is Role.LCM
    assert found["E2"].where == f"scim group 'Spring learners', user {scim.directory.users['ines']}"


@pytest.mark.parametrize("identifier", ["id", "userName", "externalId"])
def test_the_external_id_is_what_the_settings_say(identifier: str, desk: Desk, scim: Setting) -> None:
    open_desk(desk, scim, external_id=identifier)
    wanted = {"id": scim.directory.users["ines"], "userName": "ines@corp.example.org", "externalId": "E2"}[identifier]
    assert wanted in {e.person.external_id for e in desk.roster(NOW).enrolments}


def test_groups_within_groups_count_and_may_hold_each_other(desk: Desk, scim: Setting) -> None:
    scim.directory.add_group("Inner", "ben", groups=("Autumn",))
    scim.directory.add_group("Outer", "ana", groups=("Inner",))
    scim.directory.put_group_into("Inner", "Outer")
    open_desk(desk, scim, cohorts={"Outer": "spring"})
    assert sorted(e.person.email or "" for e in desk.roster(NOW).enrolments) == ["ana@example.org", "ben@example.org"]


def test_an_account_that_is_off_is_withdrawn(desk: Desk, scim: Setting) -> None:
    scim.directory.change_user("ines", active=False)
    open_desk(desk, scim)
    assert {e.person.external_id for e in desk.roster(NOW).enrolments if e.withdrawn} == {"E2"}


def test_a_department_can_be_a_cohort(desk: Desk, scim: Setting) -> None:
    scim.directory.add_user("Zoe Autre", 9, department="Legal")
    open_desk(desk, scim, cohorts_by="department", cohorts={"sales": "spring"}, other_cohorts="ignore", group_roles={})
    scim.server.seen.clear()
    roster = desk.roster(NOW)
    assert {e.cohort for e in roster.enrolments} == {"spring"}
    assert len(roster.enrolments) == 6
    assert len(scim.server.seen) == 1


def test_all_groups_bring_their_names(desk: Desk, scim: Setting) -> None:
    desk.environment["SCIM_TOKEN"] = TOKEN
    source = {"scim": scim.directory.url, "group_filter": 'displayName sw "Spring"'}
    desk.write(source, cohorts=[], cohorts_from={"timezone": "UTC", "start": "2027-03-01", "end": "2027-05-31"})
    assert {cohort.name for cohort in desk.roster(NOW).cohorts} == {"Spring learners", "Spring leads"}


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_of_any_size_give_the_same_people(size: int, desk: Desk, scim: Setting) -> None:
    open_desk(desk, scim, page_size=size, all_groups=True, other_cohorts="ignore")
    assert sorted(e.person.external_id or "" for e in desk.roster(NOW).enrolments) == ["E1", "E2", "E3", "E4", "E5"]


def test_a_server_that_gives_fewer_a_page_than_asked_for_is_read_to_the_end(desk: Desk, scim: Setting) -> None:
    scim.server.fault = capped(2)
    open_desk(desk, scim, all_groups=True)
    assert len(desk.roster(NOW).enrolments) == 5


def test_lists_without_members_are_completed_group_by_group(desk: Desk, scim: Setting) -> None:
    scim.server.fault = edited(without_members, "/Groups?")
    open_desk(desk, scim, all_groups=True)
    assert len(desk.roster(NOW).enrolments) == 5
    assert sum("/Groups/" in path for path in scim.server.paths()) == 3


def test_groups_that_nobody_asked_for_are_not_asked_for_their_members(desk: Desk, scim: Setting) -> None:
    scim.server.fault = edited(without_members, "/Groups?")
    open_desk(desk, scim, all_groups=True, cohorts={"Autumn": "autumn"}, other_cohorts="ignore")
    desk.roster(NOW)
    assert sum("/Groups/" in path for path in scim.server.paths()) == 1


def test_few_people_in_a_large_directory_are_read_one_by_one(desk: Desk, scim: Setting) -> None:
    for number in range(20, 80):
        scim.directory.add_user(f"P{number} Other", number)
    scim.server.seen.clear()
    open_desk(desk, scim, cohorts={"Autumn": "autumn"}, page_size=10)
    roster = desk.roster(NOW)
    assert len(roster.enrolments) == 2
    assert {e.person.manager_email for e in roster.enrolments} == {"boss@example.org"}
    assert len(scim.server.seen) <= 1 + 1 + 3


def test_what_it_costs_is_what_the_guide_says(desk: Desk, scim: Setting) -> None:
    open_desk(desk, scim)
    desk.roster(NOW)
    assert scim.server.paths() == ["/v2/Groups"] * 3 + ["/v2/Users"]


def test_names_of_attributes_count_in_any_case(desk: Desk, scim: Setting) -> None:
    def louder(told: dict[str, Any]) -> dict[str, Any]:
        return {"TOTALRESULTS": told["totalResults"], "resources": [shout(each) for each in told["Resources"]]}

    def shout(record: dict[str, Any]) -> dict[str, Any]:
        return {key if key in ("id", "schemas") else key.upper(): value for key, value in record.items()}

    scim.server.fault = edited(louder)
    open_desk(desk, scim)
    assert {e.person.email for e in desk.roster(NOW).enrolments} >= {"ines@example.org", "ana@example.org"}


@pytest.mark.parametrize(
    ("emails", "email"),
    [
        ([{"value": "a@x.org"}, {"value": "b@x.org", "primary": True}], "b@x.org"),
        ([{"value": "a@x.org"}, {"value": "b@x.org", "primary": "True"}], "b@x.org"),
        ([{"value": "a@x.org", "type": "home"}, {"value": "b@x.org", "type": "work"}], "b@x.org"),
        ([{"value": "a@x.org"}, {"value": "b@x.org"}], "a@x.org"),
        (["a@x.org"], "a@x.org"),
        ([], None),
        (None, None),
    ],
)
def test_which_address_counts(emails: Any, email: str | None, desk: Desk, scim: Setting) -> None:
    scim.server.fault = edited(lambda told: each_user(told, emails=emails), "/Users")
    open_desk(desk, scim, cohorts={"Spring leads": "spring"})
    assert [e.person.email for e in desk.roster(NOW).enrolments] == [email]


def test_the_user_name_is_an_address_only_where_the_settings_say_so(desk: Desk, scim: Setting) -> None:
    scim.server.fault = edited(lambda told: each_user(told, emails=[]), "/Users")
    open_desk(desk, scim, cohorts={"Spring leads": "spring"}, user_name_is_email=True)
    assert [e.person.email for e in desk.roster(NOW).enrolments] == ["marta@corp.example.org"]


@pytest.mark.parametrize(
    ("manager", "email"),
    [({"value": "chief@x.org"}, "chief@x.org"), ("chief@x.org", "chief@x.org"), ({"value": "gone"}, None), (7, None)],
)
def test_a_manager_may_be_an_address_or_nobody_that_is_known(
    manager: Any, email: str | None, desk: Desk, scim: Setting
) -> None:
    scim.server.fault = edited(lambda told: each_user(told, **{ENTERPRISE: {"manager": manager}}), "/Users?")
    open_desk(desk, scim, cohorts={"Spring leads": "spring"})
    assert [e.person.manager_email for e in desk.roster(NOW).enrolments] == [email]


def without_members(told: dict[str, Any]) -> None:
    """Leave members out of a list, as many services do."""
    for group in told["Resources"]:
        group.pop("members", None)


def each_user(told: dict[str, Any], **values: Any) -> None:
    """Change all users of a list."""
    for user in told.get("Resources", [told]):
        user.update(values)


def capped(most: int) -> Callable[..., Response]:
    """Give at most so many a page, whatever is asked for."""

    def fault(request: Any, call: Callable[[], Response]) -> Response:
        environ = request.environ
        environ["QUERY_STRING"] = environ["QUERY_STRING"].replace("count=100", f"count={most}")
        return call()

    return fault


def group_change(**values: Any) -> Failing:
    """Change the groups of a list."""
    return edited(lambda told: each_user(told, **values), "/Groups?")


def first_user(**values: Any) -> Failing:
    """Change Ines wherever she is listed."""

    def change(told: dict[str, Any]) -> None:
        for user in told.get("Resources", [told]):
            if user.get("displayName") == "Ines Duarte":
                user.update(values)

    return edited(change, "/Users")


def from_the_start(request: Any, call: Callable[[], Response]) -> Response:
    """Give the first page whatever page is asked for."""
    environ = request.environ
    environ["QUERY_STRING"] = environ["QUERY_STRING"].replace("startIndex=3", "startIndex=1")
    return call()


ROW = "scim group 'Spring learners', user "
BUSY = {"waits": 3}
SMALL = {
    "page_size": 2,
    "cohorts": {"Spring learners": "spring", "Autumn": "autumn"},
    "all_groups": True,
    "other_cohorts": "ignore",
}
FAULTS = [
    Fault("a wrong token", "make a new one in your identity provider", secret="stolen-token", where="/v2/Groups"),
    Fault("no token", "no token in environment variable SCIM_TOKEN", 2, secret=None, where=""),
    Fault("no right", "Give the token's owner the right", fault=status(403), where="/v2/Groups"),
    Fault("a wrong address", "Is the address the one under which", fault=status(404), where="/v2/Groups"),
    Fault(
        "a filter that is not taken",
        "does not take the filter",
        fault=status(400, '{"detail": "bad filter"}', "/Groups"),
        where="/v2/Groups",
    ),
    Fault("a service that does not filter", "does not filter", fault=status(501, part="/Groups"), where="/v2/Groups"),
    Fault("a service that is busy", "503", fault=status(503), where="/v2/Groups", **BUSY),
    Fault("too many requests", "429", fault=status(429, part="/Users"), where="/v2/Users", **BUSY),
    Fault("a second page that fails", "500", roster=SMALL, fault=status(500, part="startIndex=3"), where="/v2/"),
    Fault(
        "a page that is empty too early",
        "came, then none",
        roster=SMALL,
        fault=edited(lambda told: told | {"Resources": []}, "/Users?startIndex=3"),
        where="/v2/Users",
    ),
    Fault(
        "people who went away meanwhile",
        "2 of 7 Users came, then none",
        roster=SMALL,
        fault=edited(
            lambda told: told | {"totalResults": 7, "Resources": told["Resources"] if told["startIndex"] == 1 else []},
            "/Users?",
        ),
        where="/v2/Users",
    ),
    Fault(
        "somebody twice, so that somebody is missing",
        "different Users came of 6",
        roster=SMALL,
        fault=edited(lambda told: told | {"Resources": [told["Resources"][0]] * len(told["Resources"])}, "/Users?"),
        where="/v2/Users",
    ),
    Fault(
        "a service that does not page",
        "gives the same Groups again",
        roster=SMALL,
        fault=from_the_start,
        where="/v2/Groups",
    ),
    Fault(
        "a list that does not say how many",
        "totalResults is nothing",
        fault=edited(lambda told: {"Resources": told["Resources"]}, "/Groups?"),
        where="/v2/Groups",
    ),
    Fault(
        "a list that is a text",
        "no list of Groups but a text",
        fault=edited(lambda told: told | {"Resources": "all"}, "/Groups?"),
        where="/v2/Groups",
    ),
    Fault("a group without id", "one of the Groups has no id", fault=group_change(id=None), where="/v2/Groups"),
    Fault(
        "members that are texts", "number 1 of the members of the group", fault=group_change(members=["x"]), where=""
    ),
    Fault("a member without value", "has no value", fault=group_change(members=[{"display": "Ines"}]), where=""),
    Fault(
        "a group within that is not there",
        "which is not there",
        fault=group_change(members=[{"value": "gone", "type": "Group"}]),
        where="",
    ),
    Fault("a log-in page", "text/html, not JSON", fault=content("<html>", "text/html"), where="/v2/Groups"),
    Fault(
        "a redirect to another host",
        "sends to another address",
        fault=status(302, Location="https://login.example.org/x?token=1"),
        where="/v2/Groups",
    ),
    Fault("a connection that breaks", "the connection broke", fault=broken_off("/Users"), where="/v2/Users", **BUSY),
    Fault(
        "a group that is not there",
        "there is no cohort 'Summer' here",
        2,
        roster={"cohorts": {"Summer": "spring"}, "all_groups": True},
        where="",
    ),
    Fault(
        "a group named that is not there", "there is no group 'Summer'", 2, roster={"groups": ["Summer"]}, where="/v2"
    ),
    Fault(
        "an id that is not there",
        "there is no group with the id 'abc'",
        2,
        roster={"cohorts_by": "id", "cohorts": {"abc": "spring"}},
        where="",
    ),
    Fault(
        "two groups of one name",
        "2 groups are called 'autumn'",
        2,
        change=lambda directory: directory.add_group("Autumn", "ana"),
        where="/v2",
    ),
    Fault("groups without members", "the groups have no members", 2, fault=group_change(members=[]), where=""),
    Fault("no groups asked for", "say which groups to read", 2, roster={"cohorts": {}}, where="lcm.yaml:"),
    Fault(
        "a token in the address",
        "must not hold a user or password",
        2,
        roster={"scim": "https://me:secret@idp.example.org"},
        where="lcm.yaml:",
    ),
    Fault("a token over http", "use https", 2, roster={"scim": "http://idp.example.org"}, where="lcm.yaml:"),
    Fault(
        "a member who is no user",
        "has a member who is no user",
        3,
        change=lambda d: d.call("DELETE", f"/Users/{d.users['ines']}"),
        where=ROW,
    ),
    Fault(
        "an e-mail that is none",
        "email 'ines' is not an e-mail address",
        3,
        fault=first_user(emails=[{"value": "ines"}]),
        where=ROW,
    ),
    Fault(
        "two primary addresses",
        "two e-mail addresses are marked as primary",
        3,
        fault=first_user(emails=[{"value": "a@x.org", "primary": True}, {"value": "b@x.org", "primary": True}]),
        where=ROW,
    ),
    Fault(
        "addresses that are no list",
        "emails is a text, not a list",
        3,
        fault=first_user(emails="ines@x.org"),
        where=ROW,
    ),
    Fault("a name that is a text", "name is a text, not an object", 3, fault=first_user(name="Ines"), where=ROW),
    Fault(
        "nothing that says who", "nothing says who this is", 3, fault=first_user(emails=[], externalId=None), where=ROW
    ),
    Fault(
        "one number for two people",
        "stands in cohort 'spring' already",
        3,
        fault=first_user(externalId="E3"),
        where="scim group 'Spring learners'",
    ),
    Fault(
        "a role that nobody knows",
        "the role 'boss' is not known",
        3,
        roster={"group_roles": {"Spring leads": "boss"}},
        where="scim group 'Spring leads'",
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_is_wrong_is_told_and_nothing_changes(
    fault: Fault, quiet_desk: Desk, scim: Setting, naps: list[float]
) -> None:
    check_fault(fault, quiet_desk, scim.server, scim.directory, scim.roster, ("SCIM_TOKEN", TOKEN), naps)


def test_the_check_asks_once(quiet_desk: Desk, scim: Setting) -> None:
    open_desk(quiet_desk, scim)
    settings: Any = load_settings(quiet_desk.file).sources[0]
    assert probe_scim(settings, quiet_desk.environment) == "it answers, with 6 users."
    assert len(scim.server.seen) == 1
