"""A platform refuses assertions, leaves pages out or holds wrong members: nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.rosters.nrps.platform import Platform, context, member
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk
from tests.rosters.web.faulty import Fault, check_fault
from tests.rosters.web.loopback import broken_off, content, edited, header, status

if TYPE_CHECKING:
    pass

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
TOKEN_PATH = "/login/oauth2/token"
MEMBERS_PATH = "/api/lti/courses/s27/names_and_roles"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"


def first(told: Any, **more: Any) -> Any:
    """Change the first member of an answer."""
    return told | {"members": [told["members"][0] | more, *told["members"][1:]]}


def member_change(number: int, **more: Any) -> Callable[[Platform], None]:
    """Change a member of the first course."""
    return lambda found: found.members["s27"][number].update(more)


ROW = "nrps spring, member u-2: "
BUSY = {"waits": 3}
FAULTS = [
    Fault(
        "a client that nobody knows",
        "The platform does not accept the assertion",
        roster={"client_id": "7"},
        where=TOKEN_PATH,
    ),
    Fault("a key id that nobody knows", "unknown key", roster={"key_id": "old"}, where=TOKEN_PATH),
    Fault(
        "another audience", "Audience doesn't match", roster={"audience": "https://other.example.org"}, where=TOKEN_PATH
    ),
    Fault("a token address that is not there", "Check token_url", fault=status(404, part=TOKEN_PATH), where=TOKEN_PATH),
    Fault("a token server that is down", "503", fault=status(503, part=TOKEN_PATH), where=TOKEN_PATH),
    Fault(
        "a token that is none",
        "gave no token",
        fault=edited(lambda told: told | {"access_token": 7}, TOKEN_PATH),
        where=TOKEN_PATH,
    ),
    Fault(
        "a token with a line break",
        "gave no token",
        fault=edited(lambda told: told | {"access_token": "a\nb"}, TOKEN_PATH),
        where=TOKEN_PATH,
    ),
    Fault(
        "a token of another type",
        "no bearer token",
        fault=edited(lambda told: told | {"token_type": "mac"}, TOKEN_PATH),
        where=TOKEN_PATH,
    ),
    Fault(
        "a list where a token should be",
        "not a token's description but a list",
        fault=content("[]", part=TOKEN_PATH),
        where=TOKEN_PATH,
    ),
    Fault(
        "a tool without the service",
        "the token may not read members",
        fault=edited(lambda told: told | {"scope": "https://other"}, TOKEN_PATH),
        where=TOKEN_PATH,
    ),
    Fault(
        "a right taken away", "Insufficient permissions", change=lambda p: setattr(p, "scopes", ()), where=MEMBERS_PATH
    ),
    Fault(
        "a token that is refused again and again",
        "no longer accepts the token",
        fault=status(401, part="names_and_roles"),
        where=MEMBERS_PATH,
    ),
    Fault(
        "a course that is not there",
        "Launch the tool in the course again",
        change=lambda p: p.courses.pop("s27"),
        where=MEMBERS_PATH,
    ),
    Fault(
        "a second page that fails",
        "500",
        roster={"page_size": 2},
        fault=status(500, part="names_and_roles", first=2),
        where=MEMBERS_PATH,
    ),
    Fault("a platform that is busy", "503", fault=status(503, part="names_and_roles"), where=MEMBERS_PATH, **BUSY),
    Fault(
        "a next page on another host",
        "another host (https://evil.example.org)",
        fault=header("Link", lambda r: '<https://evil.example.org/x>; rel="next"', "names_and_roles"),
        where=MEMBERS_PATH,
    ),
    Fault(
        "pages in a circle",
        "form a loop",
        fault=header("Link", lambda r: f'<{MEMBERS_PATH}>; rel="next"', "names_and_roles"),
        where=MEMBERS_PATH,
    ),
    Fault(
        "a log-in page",
        "text/html, not JSON",
        fault=content("<html>", "text/html", "names_and_roles"),
        where=MEMBERS_PATH,
    ),
    Fault(
        "a redirect",
        "redirects to another address (307: https://new.example.org/api)",
        fault=status(307, part="names_and_roles", Location="https://new.example.org/api"),
        where=MEMBERS_PATH,
    ),
    Fault(
        "the older form of the service",
        "the answer names no course",
        fault=content('{"@type": "Page"}', part="names_and_roles"),
        where=MEMBERS_PATH,
    ),
    Fault(
        "a course without members' list",
        "no list of members but nothing",
        fault=edited(lambda told: {"context": told["context"]}, "names_and_roles"),
        where=MEMBERS_PATH,
    ),
    Fault(
        "a member without id",
        "a member of 'Leading' has no user_id",
        fault=edited(lambda told: first(told, user_id=""), "names_and_roles"),
        where=MEMBERS_PATH,
    ),
    Fault(
        "a page about another course",
        "a page is about another course",
        roster={"contexts": None, "page_size": 2},
        fault=edited(lambda told: told | {"context": {"id": "x9", "title": "Other"}}, "from=2"),
        where=MEMBERS_PATH,
    ),
    Fault(
        "a connection that breaks",
        "the connection broke",
        fault=broken_off("names_and_roles"),
        where=MEMBERS_PATH,
        **BUSY,
    ),
    Fault("no key", "the file cannot be read", 2, roster={"key_file": "none.pem"}, where="none.pem"),
    Fault(
        "nobody at all",
        "no one is in the courses that lcm.yaml names",
        2,
        change=lambda p: p.members.update(s27=[], a27=[]),
        where="",
    ),
    Fault(
        "a role that nobody knows",
        "the role 'Wizard' is not known",
        3,
        change=member_change(1, roles=["Wizard"]),
        where=ROW,
    ),
    Fault(
        "a role outside of the course only",
        "the role 'institution/person#Student' is not known",
        3,
        change=member_change(1, roles=[f"{INSTITUTION}#Student"]),
        where=ROW,
    ),
    Fault("roles that are numbers", "roles is not a list of texts", 3, change=member_change(1, roles=[7]), where=ROW),
    Fault(
        "a status that nobody knows",
        "the status 'Asleep' is not known",
        3,
        change=member_change(1, status="Asleep"),
        where=ROW,
    ),
    Fault(
        "an e-mail that is none",
        "email 'ines' is not an e-mail address",
        3,
        change=member_change(1, email="ines"),
        where=ROW,
    ),
    Fault(
        "two addresses for one person",
        "gives two e-mail addresses",
        3,
        change=lambda p: p.members["a27"].append(member(2, "Ines Duarte", "Learner", email="i@x.org")),
        where="nrps autumn, member u-2: ",
    ),
    Fault(
        "no number where one is wanted",
        "neither lis_person_sourcedid nor an e-mail",
        3,
        roster={"external_id": "lis_person_sourcedid"},
        change=member_change(1, lis_person_sourcedid=None, email=None),
        where=ROW,
    ),
    Fault("a name that is a list", "name is a list, not text", 3, change=member_change(1, name=["Ines"]), where=ROW),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_is_wrong_is_told_and_nothing_changes(
    fault: Fault, quiet_desk: Desk, lti: Setting, naps: list[float]
) -> None:
    if "contexts" in fault.roster:
        one = [{"url": context(lti.server, "s27", "")["url"]}]
        fault = Fault(fault.name, fault.says, fault.code, fault.fault, roster={"contexts": one, "page_size": 2})
    check_fault(fault, quiet_desk, lti, naps)
