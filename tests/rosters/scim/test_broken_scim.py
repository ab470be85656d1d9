"""A directory refuses, changes meanwhile, leaves pages out or holds wrong users: nothing changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Response

from tests.rosters.scim.service import each_user
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk
from tests.rosters.web.faulty import Fault, check_fault
from tests.rosters.web.loopback import Failing, broken_off, content, edited, status

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
NAMES = ("Boss Big", "Marta Lopes", "Ines Duarte", "Tomas Reis", "Ana Neves", "Ben Costa")


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
    Fault("no token", "there is no token", 2, secret=None, where="environment variable SCIM_TOKEN: "),
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
        "a number of people that changes all the time",
        "there were 6 Users, now 7",
        roster=SMALL,
        fault=edited(lambda told: told | {"totalResults": 6 + (told["startIndex"] > 1)}, "/Users?"),
        where="/v2/Users",
    ),
    Fault(
        "somebody twice, so that somebody is missing",
        "different Users came of 6",
        roster={"cohorts_by": "department", "cohorts": {"Sales": "spring"}, "page_size": 2},
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
        where="scim group 'Spring learners': ",
    ),
    Fault("a log-in page", "text/html, not JSON", fault=content("<html>", "text/html"), where="/v2/Groups"),
    Fault(
        "a redirect to another host",
        "redirects to another address",
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
        "there is no such group",
        2,
        roster={"cohorts_by": "id", "cohorts": {"abc": "spring"}},
        where="scim group abc: ",
    ),
    Fault(
        "two groups of one name",
        "2 groups are called 'autumn'",
        2,
        change=lambda directory: directory.add_group("Autumn", "ana"),
        where="/v2",
    ),
    Fault(
        "groups without members",
        "no one is in the cohorts that lcm.yaml asks for",
        2,
        fault=group_change(members=[]),
        where="",
    ),
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
        "nothing that says who", "the row has no identifier", 3, fault=first_user(emails=[], externalId=None), where=ROW
    ),
    Fault(
        "one number for two people",
        "is in cohort 'spring' already",
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
    check_fault(fault, quiet_desk, scim, naps)
