"""Canvas refuses, throttles, leaves pages out or holds wrong rows: nothing changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.rosters.canvas.school import School
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk
from tests.rosters.web.faulty import Fault, check_fault
from tests.rosters.web.loopback import broken_off, content, edited, header, status

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)


def change(number: int, **columns: Any) -> Callable[[School], None]:
    """Change an enrolment by its place in the list."""
    return lambda found: [setattr(found.enrollments[number], key, value) for key, value in columns.items()]


def change_user(number: int, **columns: Any) -> Callable[[School], None]:
    """Change a user."""
    return lambda found: [setattr(found.users[number], key, value) for key, value in columns.items()]


def places_with(columns: dict[str, Any]) -> Any:
    """Say something else about the second user's enrolments."""

    def other(told: list[dict[str, Any]]) -> None:
        for place in told[1]["enrollments"] if len(told) > 1 else ():
            place.update(columns)

    return edited(other, "/users")


def strange_next(address: str) -> Any:
    """Say that the next page of people is somewhere else."""
    return header("Link", lambda request: f'<{address}>; rel="next"', "/users")


SAME_PAGE = (
    "/api/v1/courses/101/users?page=MQ==&include[]=email&include[]=enrollments"
    "&enrollment_state[]=active&enrollment_type[]=student"
)
ROW = "canvas section 42, enrollment 2: "
BUSY = {"waits": 3}
FAULTS = [
    Fault("a wrong token", "Invalid access token", secret="1~stolen"),
    Fault("no token", "there is no token", 2, secret=None, where="environment variable CANVAS_TOKEN: "),
    Fault(
        "a course that may not be seen",
        "user not authorized",
        change=lambda s: s.forbidden.add(101),
        where="/sections/42",
    ),
    Fault("a section that is not there", "does not exist", roster={"cohorts": {44: "spring"}}, where="/sections/44"),
    Fault("a course that is not there", "does not exist", roster={"courses": [9]}, where="/courses/9"),
    Fault(
        "people who may not be listed",
        "forbidden",
        fault=status(403, '{"message": "forbidden"}', "/users"),
        where="/courses/101/users",
    ),
    Fault(
        "a token that sees its own section only",
        "Canvas shows 2 of the course's 3 students",
        change=lambda s: setattr(s, "own_section_only", 42),
        where="canvas course 101",
    ),
    Fault(
        "a page that is left out",
        "Canvas shows 1 of the course's 3 students",
        roster={"page_size": 2},
        fault=header("Link", lambda r: None, "/users"),
        where="canvas course 101",
    ),
    Fault(
        "a second page that fails",
        "500",
        roster={"page_size": 2},
        fault=status(500, part="/users", first=2),
        where="/courses/101/users",
    ),
    Fault(
        "a second page that is never there",
        "503",
        roster={"page_size": 2},
        fault=status(503, part="/users", first=2),
        **BUSY,
    ),
    Fault(
        "a next page on another host",
        "another host (https://evil.example.org)",
        fault=strange_next("https://evil.example.org/api/v1/courses/101/users"),
    ),
    Fault(
        "a next page on another port", "another host (http://127.0.0.1:1)", fault=strange_next("http://127.0.0.1:1/api")
    ),
    Fault(
        "pages in a circle",
        "form a loop",
        roster={"page_size": 2},
        fault=header("Link", lambda r: f'<{SAME_PAGE}>; rel="next"', "/users"),
    ),
    Fault("a school that throttles for too long", "429", fault=status(429, "Rate Limit Exceeded"), **BUSY),
    Fault(
        "another course than was asked for",
        "gave a course with the id 9 for 101",
        fault=edited(lambda told: told | {"id": 9}, "/courses/101?"),
        where="/courses/101",
    ),
    Fault("a log-in page", "text/html, not JSON", fault=content("<html>Log in</html>", "text/html")),
    Fault(
        "a redirect to the log-in",
        "redirects to another address (302: https://sso.example.org/login)",
        fault=status(302, Location="https://sso.example.org/login"),
    ),
    Fault("a list where a section should be", "not a section but a list", fault=content("[]")),
    Fault("an object where people should be", "no list of people but an object", fault=content("{}", part="/users")),
    Fault(
        "people without enrolments",
        "no list of enrolments of the user 1 but nothing",
        fault=edited(lambda told: [u | {"enrollments": None} for u in told], "/users"),
        where="canvas course 101",
    ),
    Fault(
        "a person without id",
        "has no id",
        fault=edited(lambda told: [u | {"id": None} for u in told], "/users"),
        where="canvas course 101",
    ),
    Fault(
        "a section that nobody listed",
        "in the section 77, which Canvas did not list",
        roster={"courses": [101]},
        fault=places_with({"course_section_id": 77}),
        where="canvas course 101",
    ),
    Fault(
        "sections that are hidden",
        "has no course_section_id",
        fault=places_with({"course_section_id": None}),
        where="canvas course 101",
    ),
    Fault("a connection that breaks", "the connection broke", fault=broken_off("/users"), **BUSY),
    Fault(
        "a day that is none",
        "start_at 'soon' is not a moment",
        change=lambda s: s.sections[42].update(start_at="soon"),
        where="canvas section 42",
    ),
    Fault(
        "nobody", "no one is in the cohorts that lcm.yaml asks for", 2, change=lambda s: s.enrollments.clear(), where=""
    ),
    Fault("nothing asked for", "no courses or sections of Canvas are selected", 2, roster={"cohorts": {}}, where=""),
    Fault("an account without a term", "both: account and term", 2, roster={"account": 1}, where="lcm.yaml:"),
    Fault(
        "an e-mail that is none",
        "email 'ines' is not an e-mail address",
        3,
        change=change_user(2, email="ines"),
        where=ROW,
    ),
    Fault(
        "nobody's number nor e-mail",
        "gives neither sis_user_id nor e-mail of the user 2",
        3,
        change=change_user(2, email=None, sis=None),
        where=ROW,
    ),
    Fault(
        "a type that nobody knows",
        "the role 'Wizard' is not known",
        3,
        fault=places_with({"type": "WizardEnrollment"}),
        where=ROW,
    ),
    Fault(
        "a state that nobody knows",
        "the state 'asleep' is not known",
        3,
        fault=places_with({"enrollment_state": "asleep"}),
        where=ROW,
    ),
    Fault(
        "an enrolment's day that is none",
        "end_at '2027-13-01' is not a moment",
        3,
        change=change(1, end_at="2027-13-01"),
        where=ROW,
    ),
    Fault(
        "one number for two people",
        "is in cohort 'spring' already",
        3,
        change=change_user(3, sis="E2"),
        where="canvas section 42, enrollment 3: ",
    ),
]


def count_no_students(found: School) -> None:
    """Make the school one that does not tell how many students a course has, as before 2016."""
    shown = found.course_json
    found.course_json = lambda number: {k: v for k, v in shown(number).items() if k != "total_students"}  # type: ignore[method-assign]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_what_is_wrong_is_told_and_nothing_changes(
    fault: Fault, quiet_desk: Desk, canvas: Setting, naps: list[float]
) -> None:
    if fault.code == 3:
        count_no_students(canvas.data)
    check_fault(fault, quiet_desk, canvas, naps)
