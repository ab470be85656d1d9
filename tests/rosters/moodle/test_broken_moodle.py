"""Moodle refuses, fails, leaves people out or holds wrong rows: nothing changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.rosters.moodle.site import MoodleSite
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk
from tests.rosters.web.faulty import Fault, check_fault
from tests.rosters.web.loopback import Failing, broken_off, content, edited, status

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
ENDPOINT = "/webservice/rest/server.php"


def nobody_sees(*users: int) -> Callable[[MoodleSite], None]:
    """Hide users from the token's user."""
    return lambda moodle: moodle.hidden_users.update(users)


def with_user(number: int, **columns: Any) -> Callable[[MoodleSite], None]:
    """Change an account."""
    return lambda moodle: [setattr(moodle.users[number], key, value) for key, value in columns.items()]


BUSY = {"waits": 3}
FAULTS = [
    Fault("a wrong token", "Invalid token", secret="stolen-1234567"),
    Fault("no token", "there is no token", 2, secret=None, where="environment variable MOODLE_TOKEN: "),
    Fault(
        "a token with a blank",
        "expected exactly one token here",
        2,
        secret="a b",
        where="environment variable MOODLE_TOKEN: ",
    ),
    Fault(
        "a function that the service lacks",
        "Add the function to the token's service",
        change=lambda m: m.functions.discard("core_cohort_get_cohort_members"),
        where="core_cohort_get_cohort_members",
    ),
    Fault(
        "a cohort that may not be seen",
        "do not currently have permissions",
        change=lambda m: m.forbidden_cohorts.add(12),
    ),
    Fault("a cohort that is not there", "does not show the cohort 99", roster={"cohorts": {99: "spring"}}),
    Fault("a course that is not there", "does not show the course 8", roster={"cohorts": {"course-8": "spring"}}),
    Fault(
        "people who may not be seen", "Moodle shows 4 of 5 people; these users are missing: 3", change=nobody_sees(3)
    ),
    Fault(
        "a member who was deleted",
        "these users are missing: 77",
        change=lambda m: m.cohorts.update({12: ("S", [2, 77])}),
    ),
    Fault("a site in maintenance", "503", fault=status(503, "<html>Maintenance"), **BUSY),
    Fault("a gateway that fails", "502", fault=status(502), **BUSY),
    Fault("too many requests", "429", fault=status(429, Retry_After="7"), **BUSY),
    Fault("a wait of an hour", "429", fault=status(429, Retry_After="3600")),
    Fault("web services that are off", "Turn on web services", fault=status(403, "403 Forbidden")),
    Fault("a wrong path", "the site's own", fault=status(404, "<html>Not found")),
    Fault("a log-in page", "text/html, not JSON", fault=content("<!doctype html><p>Log in", "text/html")),
    Fault(
        "XML, as without the format",
        "application/xml, not JSON",
        fault=content("<?xml?><EXCEPTION/>", "application/xml"),
    ),
    Fault("JSON that breaks off", "is truncated or is not valid JSON", fault=content('[{"id": 12, "na')),
    Fault("an answer of nothing", "no list of cohorts but nothing", fault=content("null")),
    Fault("a list of numbers", "number 1 of the cohorts is a number", fault=content("[12]")),
    Fault("a cohort without id", "a cohort has no id", fault=edited(lambda told: [{"name": "x"}], "get_cohorts")),
    Fault(
        "members that are no ids",
        "userids is a text",
        fault=edited(lambda told: [{"cohortid": 12, "userids": "2"}], "members"),
    ),
    Fault(
        "members of another cohort",
        "does not show the cohort 12",
        fault=edited(lambda told: [{"cohortid": 1, "userids": []}], "members"),
    ),
    Fault("a connection that breaks", "the connection broke", fault=broken_off(), **BUSY),
    Fault(
        "another address",
        "redirects to another address (301: https://new.example.org/x)",
        fault=status(301, Location="https://new.example.org/x?wstoken=1"),
    ),
    Fault(
        "a refusal on the second chunk of people",
        "Moodle refused: Slow down (ratelimit)",
        roster={"chunk": 2},
        fault=Failing(
            content('{"exception": "e", "errorcode": "ratelimit", "message": "Slow down"}').answer, "users_by_field", 2
        ),
    ),
    Fault(
        "empty cohorts",
        "no one is in the cohorts that lcm.yaml asks for",
        2,
        change=lambda m: (m.cohorts.update({12: ("S", [])}), m.enrolled.clear()),
        where="",
    ),
    Fault(
        "a cohort called by a word",
        "'spring-27' is neither a cohort's id nor a course",
        2,
        roster={"cohorts": {"spring-27": "spring"}},
        where="",
    ),
    Fault("nothing asked for", "no cohorts or courses of Moodle are selected", 2, roster={"cohorts": {}}, where=""),
    Fault(
        "an e-mail that is none",
        "email 'ines' is not an e-mail address",
        3,
        change=with_user(2, email="ines"),
        where="moodle cohort 12, user 2: ",
    ),
    Fault(
        "nothing that says who",
        "shows neither idnumber nor e-mail",
        3,
        change=with_user(2, idnumber="", email=""),
        where="moodle cohort 12, user 2: ",
    ),
    Fault(
        "a role of the site's own",
        "the role 'coach' is not known",
        3,
        change=lambda m: m.enrolled[7].update({5: ["coach"]}),
        where="moodle course 7, user 5: ",
    ),
    Fault(
        "roles that are no list",
        "roles is a text",
        3,
        fault=edited(lambda told: [person | {"roles": "student"} for person in told[:1]] + told[1:], "enrolled"),
        where="moodle course 7, user 1: ",
    ),
    Fault(
        "no word about roles",
        "roles is nothing, not a list of roles",
        3,
        fault=edited(
            lambda told: [{key: person[key] for key in person if key != "roles"} for person in told], "enrolled"
        ),
        where="moodle course 7, user 1: ",
    ),
    Fault(
        "two accounts with one number",
        "is in cohort 'autumn' already (moodle course 7, user 4)",
        3,
        change=with_user(5, idnumber="E4"),
        where="moodle course 7, user 5: ",
    ),
    Fault(
        "an invisible character",
        "invisible character U+200B",
        3,
        change=with_user(2, idnumber="E\u200b2"),
        where="moodle cohort 12, user 2: ",
    ),
    Fault(
        "a manager's address that is none",
        "manager_email 'the boss'",
        3,
        change=with_user(2, fields={"boss": "the boss"}),
        roster={"manager_field": "boss"},
        where="moodle cohort 12, user 2: ",
    ),
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_is_wrong_is_told_and_nothing_changes(
    fault: Fault, quiet_desk: Desk, moodle: Setting, naps: list[float]
) -> None:
    check_fault(fault, quiet_desk, moodle, naps)
