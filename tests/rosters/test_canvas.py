"""Canvas's sections and courses as a roster: all pages, all states, and never a part taken for the whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.config.load import load_settings
from sync_worker.model import Role
from sync_worker.rosters.canvas import probe_canvas
from tests.rosters.canvas_school import TOKEN, CanvasUser, Enrollment, School
from tests.rosters.faulty import Fault, check_fault
from tests.rosters.loopback import Loopback, broken_off, content, edited, header, status
from tests.rosters.syncing import Desk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)


def school() -> School:
    """Return a school with a course of two sections and the five people whose accounts the forum has."""
    names = ["Marta Lopes", "Ines Duarte", "Tomas Reis", "Ana Neves", "Ben Costa"]
    users = {
        number: CanvasUser(number, name, f"{name.split()[0].lower()}@example.org", f"E{number}")
        for number, name in enumerate(names, start=1)
    }
    course = {"name": "Leading", "start_at": "2027-03-01T08:00:00Z", "end_at": "2027-06-01T03:59:59Z", "term": 5}
    return School(
        courses={101: course | {"sis_course_id": "LEAD-27"}},
        sections={
            42: {"name": "Lisbon", "course_id": 101, "sis_section_id": "LIS"},
            43: {"name": "Paris", "course_id": 101, "start_at": "2027-09-01T00:00:00Z"},
        },
        users=users,
        enrollments=[
            Enrollment(1, 1, 42, "TeacherEnrollment"),
            Enrollment(2, 2, 42),
            Enrollment(3, 3, 42),
            Enrollment(4, 4, 43),
            Enrollment(5, 5, 43, "TaEnrollment"),
        ],
    )


@dataclass
class Setting:
    """A school that listens."""

    school: School
    server: Loopback
    roster: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def canvas() -> Iterator[Setting]:
    """A Canvas on loopback, and the settings that name it."""
    found = school()
    with Loopback(found.app()) as server:
        yield Setting(found, server, {"canvas": server.url, "cohorts": {42: "spring", 43: "autumn"}})


def open_desk(desk: Desk, canvas: Setting, **more: Any) -> None:
    """Write the settings and put the token in the environment."""
    desk.environment["CANVAS_TOKEN"] = TOKEN
    desk.write(canvas.roster | more)


def test_two_sections_become_two_groups_with_their_people(desk: Desk, canvas: Setting) -> None:
    open_desk(desk, canvas)
    result = desk.lcm("sync", "--apply")
    assert result.exit_code == 0, result.output
    assert desk.members("spring") == {"marta": True, "ines": False, "tomas": False}
    assert desk.members("autumn") == {"ana": False, "ben": False}
    assert "Nothing to do" in desk.lcm("sync").stdout


def test_two_sections_can_be_one_group(desk: Desk, canvas: Setting) -> None:
    canvas.school.enrollments.append(Enrollment(6, 2, 43))
    open_desk(desk, canvas, cohorts={42: "spring", 43: "spring"})
    assert sorted(e.person.external_id or "" for e in desk.roster(NOW).enrolments) == ["E1", "E2", "E3", "E4", "E5"]


def test_a_course_can_be_one_group_whatever_its_sections(desk: Desk, canvas: Setting) -> None:
    open_desk(desk, canvas, cohorts_by="course", cohorts={"sis_course_id:LEAD-27": "spring"})
    roster = desk.roster(NOW)
    assert {e.cohort for e in roster.enrolments} == {"spring"}
    assert len(roster.enrolments) == 5


def test_a_section_is_called_by_its_sis_id_where_the_settings_do_so(desk: Desk, canvas: Setting) -> None:
    open_desk(desk, canvas, cohorts={"sis_section_id:LIS": "spring"})
    assert {e.where for e in desk.roster(NOW).enrolments} == {
        f"canvas section 42, enrollment {number}" for number in (1, 2, 3)
    }


def test_all_sections_of_the_courses_of_a_term_bring_names_and_days(desk: Desk, canvas: Setting) -> None:
    desk.environment["CANVAS_TOKEN"] = TOKEN
    source = {"canvas": canvas.server.url, "account": 1, "term": 5, "timezone": "America/New_York"}
    desk.write(source, cohorts=[], cohorts_from={"timezone": "UTC"})
    cohorts = {cohort.name: cohort for cohort in desk.roster(NOW).cohorts}
    assert set(cohorts) == {"Lisbon", "Paris"}
    assert cohorts["Paris"].start == date(2027, 8, 31)
    desk.write(source | {"cohorts_by": "course"}, cohorts=[], cohorts_from={"timezone": "UTC"})
    (leading,) = desk.roster(NOW).cohorts
    assert (leading.start, leading.end) == (date(2027, 3, 1), date(2027, 5, 31))


def test_who_has_completed_or_is_inactive_is_withdrawn_and_who_was_deleted_is_gone(desk: Desk, canvas: Setting) -> None:
    for place, state in zip(canvas.school.enrollments[1:4], ("completed", "inactive", "deleted"), strict=True):
        place.state = state
    open_desk(desk, canvas)
    found = {e.person.external_id: e.withdrawn for e in desk.roster(NOW).enrolments}
    assert found == {"E1": False, "E2": True, "E3": True, "E5": False}


def test_who_was_invited_comes_in_on_accepting_or_where_asked_for(desk: Desk, canvas: Setting) -> None:
    canvas.school.enrollments[1].state = "invited"
    open_desk(desk, canvas)
    assert "E2" not in {e.person.external_id for e in desk.roster(NOW).enrolments}
    open_desk(desk, canvas, enrolled=["active", "invited"], external_id="id")
    assert "2" in {e.person.external_id for e in desk.roster(NOW).enrolments}


def test_observers_designers_and_the_test_student_are_let_be(desk: Desk, canvas: Setting) -> None:
    canvas.school.users[9] = CanvasUser(9, "Test Student", None, fake=True)
    canvas.school.enrollments += [
        Enrollment(6, 9, 42),
        Enrollment(7, 4, 42, "ObserverEnrollment"),
        Enrollment(8, 5, 42, "DesignerEnrollment"),
    ]
    open_desk(desk, canvas)
    assert sorted(e.person.external_id or "" for e in desk.roster(NOW).enrolments) == ["E1", "E2", "E3", "E4", "E5"]


def test_a_role_of_the_schools_own_counts_where_it_is_given_a_meaning(desk: Desk, canvas: Setting) -> None:
    canvas.school.enrollments[2].role = "Peer coach"
    open_desk(desk, canvas)
    assert {e.role for e in desk.roster(NOW).enrolments if e.person.external_id == "E3"} == {Role.LEARNER}
    open_desk(desk, canvas, roles={"peer coach": "facilitator", "TaEnrollment": "lcm"})
    roles = {e.person.external_id: e.role for e in desk.roster(NOW).enrolments}
    assert (roles["E3"], roles["E5"]) == (Role.FACILITATOR, Role.LCM)


def test_an_enrolments_own_days_come_along(desk: Desk, canvas: Setting) -> None:
    canvas.school.enrollments[1].start_at = "2027-03-08T12:00:00Z"
    canvas.school.enrollments[1].end_at = "2027-04-08T12:00:00Z"
    open_desk(desk, canvas)
    (ines,) = [e for e in desk.roster(NOW).enrolments if e.person.external_id == "E2"]
    assert (ines.start, ines.end) == (date(2027, 3, 8), date(2027, 4, 8))


def test_a_page_is_not_the_last_one_for_being_short(desk: Desk, canvas: Setting) -> None:
    """The test student is taken out of a page after it was cut."""
    canvas.school.users = {0: CanvasUser(0, "Test Student", None, fake=True), **canvas.school.users}
    canvas.school.enrollments.append(Enrollment(6, 0, 42))
    open_desk(desk, canvas, page_size=1)
    assert len(desk.roster(NOW).enrolments) == 5


def test_what_it_costs_is_what_the_guide_says(desk: Desk, canvas: Setting) -> None:
    for number in range(100, 340):
        canvas.school.users[number] = CanvasUser(number, f"Person {number}", f"p{number}@example.org", f"E{number}")
        canvas.school.enrollments.append(Enrollment(number, number, 42))
    open_desk(desk, canvas, courses=[101])
    desk.roster(NOW)
    api = "/api/v1/courses/101"
    assert canvas.server.paths() == [api, f"{api}/sections", *[f"{api}/users"] * 3]


def test_types_and_states_are_always_sent(desk: Desk, canvas: Setting) -> None:
    open_desk(desk, canvas)
    desk.roster(NOW)
    (query,) = [seen.query for seen in canvas.server.seen if seen.path.endswith("/users")]
    assert query.count("enrollment_state") == 5
    assert query.count("enrollment_type") == 5


@pytest.mark.parametrize(
    "fault", [status(429, times=2), status(403, "403 Forbidden (Rate Limit Exceeded)", times=2)], ids=["429", "403"]
)
def test_a_school_that_throttles_is_waited_for(
    fault: Any, quiet_desk: Desk, canvas: Setting, naps: list[float]
) -> None:
    canvas.server.fault = fault
    open_desk(quiet_desk, canvas)
    assert len(quiet_desk.roster(NOW).enrolments) == 5
    assert naps == [1.0, 4.0]


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
    Fault("no token", "no token in environment variable CANVAS_TOKEN", 2, secret=None, where=""),
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
        "elsewhere (https://evil.example.org)",
        fault=strange_next("https://evil.example.org/api/v1/courses/101/users"),
    ),
    Fault(
        "a next page on another port", "elsewhere (http://127.0.0.1:1)", fault=strange_next("http://127.0.0.1:1/api")
    ),
    Fault(
        "pages in a circle",
        "go round in a circle",
        roster={"page_size": 2},
        fault=header("Link", lambda r: f'<{SAME_PAGE}>; rel="next"', "/users"),
    ),
    Fault("a school that throttles for too long", "429", fault=status(429, "Rate Limit Exceeded"), **BUSY),
    Fault("a log-in page", "text/html, not JSON", fault=content("<html>Log in</html>", "text/html")),
    Fault(
        "a redirect to the log-in",
        "sends to another address (302: https://sso.example.org/login)",
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
    Fault("nobody", "nobody is enrolled there", 2, change=lambda s: s.enrollments.clear(), where=""),
    Fault("nothing asked for", "nothing says which courses or sections", 2, roster={"cohorts": {}}, where=""),
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
        "stands in cohort 'spring' already",
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
        count_no_students(canvas.school)
    check_fault(fault, quiet_desk, canvas.server, canvas.school, canvas.roster, ("CANVAS_TOKEN", TOKEN), naps)


def test_the_check_asks_once(quiet_desk: Desk, canvas: Setting) -> None:
    open_desk(quiet_desk, canvas)
    settings: Any = load_settings(quiet_desk.file).sources[0]
    assert probe_canvas(settings, quiet_desk.environment) == "it answers, with the section 'Lisbon'."
    assert len(canvas.server.seen) == 1
