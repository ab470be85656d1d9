"""Moodle's cohorts and courses as a roster: what the site holds the forum gets; what is missing is an error."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.model import Role
from tests.rosters.faulty import Fault, check_fault
from tests.rosters.loopback import Failing, Loopback, broken_off, content, edited, status
from tests.rosters.moodle_site import TOKEN, MoodleSite, MoodleUser
from tests.rosters.syncing import Desk, check_refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
ENDPOINT = "/webservice/rest/server.php"


def site() -> MoodleSite:
    """Return a site with a cohort, a course and the five people whose accounts the forum has."""
    users = [
        MoodleUser(1, "marta", "Marta Lopes", "E1", fields={"manager": "boss@example.org"}),
        MoodleUser(2, "ines", "Ines Duarte", "E2", fields={"manager": "chief@example.org"}),
        MoodleUser(3, "tomas", "Tomas Reis", "E3"),
        MoodleUser(4, "ana", "Ana O'Neill", "E4"),
        MoodleUser(5, "ben", "Ben Costa", "E5"),
    ]
    return MoodleSite(
        users={user.id: user for user in users},
        cohorts={12: ("Spring &amp; co", [2, 3]), 13: ("Autumn", [4])},
        courses={7: {"fullname": "Leading", "startdate": 1803859200, "enddate": 1811808000}},
        enrolled={7: {1: ["editingteacher"], 4: ["student"], 5: ["teacher", "student"]}},
    )


@dataclass
class Setting:
    """A site that listens."""

    site: MoodleSite
    server: Loopback
    roster: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def moodle() -> Iterator[Setting]:
    """A Moodle on loopback, and the settings that name it."""
    found = site()
    with Loopback(found.app()) as server:
        yield Setting(found, server, {"moodle": server.url, "cohorts": {12: "spring", "course-7": "autumn"}})


def open_desk(desk: Desk, moodle: Setting, **more: Any) -> None:
    """Write the settings and put the token in the environment."""
    desk.environment["MOODLE_TOKEN"] = TOKEN
    desk.write(moodle.roster | more)


def test_a_cohort_and_a_course_become_groups_with_their_people(desk: Desk, moodle: Setting) -> None:
    open_desk(desk, moodle)
    result = desk.lcm("sync", "--apply")
    assert result.exit_code == 0, result.output
    assert desk.members("spring") == {"ines": False, "tomas": False}
    assert desk.members("autumn") == {"marta": True, "ana": False, "ben": False}
    assert "Nothing to do" in desk.lcm("sync").stdout


def test_somebody_taken_out_of_the_cohort_leaves_the_group(desk: Desk, moodle: Setting) -> None:
    open_desk(desk, moodle)
    assert desk.lcm("sync", "--apply").exit_code == 0
    moodle.site.cohorts[12] = ("Spring", [2])
    assert "remove  tomas (Tomas)  spring  no longer in the roster" in desk.lcm("sync").stdout


def test_a_profile_becomes_a_person(desk: Desk, moodle: Setting) -> None:
    open_desk(desk, moodle, manager_field="Manager")
    roster = desk.roster(NOW)
    people = {enrolment.person.external_id: enrolment for enrolment in roster.enrolments}
    ines = people["E2"]
    assert (ines.person.email, ines.person.name) == ("ines@example.org", "Ines Duarte")
    assert ines.person.manager_email == "chief@example.org"
    assert (ines.cohort, ines.role, ines.where) == ("spring", Role.LEARNER, "moodle cohort 12, user 2")
    assert people["E5"].role is Role.FACILITATOR
    assert people["E1"].role is Role.LCM


def test_names_and_days_of_the_source_come_along(desk: Desk, moodle: Setting) -> None:
    desk.environment["MOODLE_TOKEN"] = TOKEN
    source = {"moodle": moodle.server.url, "all_cohorts": True, "courses": [7], "timezone": "Europe/Lisbon"}
    desk.write(source, cohorts=[], cohorts_from={"timezone": "UTC"})
    cohorts = {cohort.name: cohort for cohort in desk.roster(NOW).cohorts}
    assert set(cohorts) == {"Spring & co", "Autumn", "Leading"}
    assert (cohorts["Leading"].start, cohorts["Leading"].end) == (date(2027, 3, 1), date(2027, 6, 1))
    assert cohorts["Autumn"].start is None


def test_a_suspended_account_is_withdrawn(desk: Desk, moodle: Setting) -> None:
    moodle.site.users[3].suspended = True
    open_desk(desk, moodle)
    withdrawn = {enrolment.person.external_id for enrolment in desk.roster(NOW).enrolments if enrolment.withdrawn}
    assert withdrawn == {"E3"}


def test_somebody_in_a_cohort_and_a_course_that_are_one_group_counts_once(desk: Desk, moodle: Setting) -> None:
    moodle.site.cohorts[12] = ("Spring", [1, 4])
    open_desk(desk, moodle, cohorts={12: "spring", "course-7": "spring"})
    roster = desk.roster(NOW)
    assert [(e.person.external_id, e.role) for e in roster.enrolments] == [
        ("E1", Role.LCM), ("E4", Role.LEARNER), ("E5", Role.FACILITATOR)
    ]  # fmt: skip


def test_a_role_can_be_given_another_meaning_or_let_be(desk: Desk, moodle: Setting) -> None:
    open_desk(desk, moodle, roles={"editingteacher": "ignore", "teacher": "lcm"})
    roles = {e.person.external_id: e.role for e in desk.roster(NOW).enrolments if e.cohort == "autumn"}
    assert roles == {"E4": Role.LEARNER, "E5": Role.LCM}


def test_what_it_costs_is_what_the_guide_says(desk: Desk, moodle: Setting) -> None:
    moodle.site.users |= {n: MoodleUser(n, f"u{n}", f"Person {n}", f"E{n}") for n in range(100, 350)}
    moodle.site.cohorts[12] = ("Spring", list(range(100, 350)))
    open_desk(desk, moodle)
    desk.roster(NOW)
    assert moodle.site.calls == [
        "core_cohort_get_cohorts",
        "core_cohort_get_cohort_members",
        "core_course_get_courses_by_field",
        "core_enrol_get_enrolled_users",
        *["core_user_get_users_by_field"] * 3,
    ]


def test_the_token_is_in_no_address(desk: Desk, moodle: Setting) -> None:
    open_desk(desk, moodle)
    desk.roster(NOW)
    assert all(TOKEN not in seen.path + seen.query for seen in moodle.server.seen)


def nobody_sees(*users: int) -> Callable[[MoodleSite], None]:
    """Hide users from the token's user."""
    return lambda moodle: moodle.hidden_users.update(users)


def with_user(number: int, **columns: Any) -> Callable[[MoodleSite], None]:
    """Change an account."""
    return lambda moodle: [setattr(moodle.users[number], key, value) for key, value in columns.items()]


BUSY = {"waits": 3}
FAULTS = [
    Fault("a wrong token", "Invalid token", secret="stolen-1234567"),
    Fault("no token", "no token in environment variable MOODLE_TOKEN", 2, secret=None, where=""),
    Fault("a token with a blank", "is not one token", 2, secret="a b", where=""),
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
    Fault("people who may not be seen", "Moodle shows 4 of 5 people; missing are the users 3", change=nobody_sees(3)),
    Fault(
        "a member who was deleted", "missing are the users 77", change=lambda m: m.cohorts.update({12: ("S", [2, 77])})
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
    Fault("JSON that breaks off", "breaks off or is broken", fault=content('[{"id": 12, "na')),
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
        "sends to another address (301: https://new.example.org/x)",
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
        "the cohorts have no members",
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
    Fault("nothing asked for", "nothing says which cohorts or courses", 2, roster={"cohorts": {}}, where=""),
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
        "two accounts with one number",
        "stands in cohort 'autumn' already (moodle course 7, user 4)",
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
    check_fault(fault, quiet_desk, moodle.server, moodle.site, moodle.roster, ("MOODLE_TOKEN", TOKEN), naps)


def test_a_site_that_is_busy_for_a_moment_is_waited_for(quiet_desk: Desk, moodle: Setting, naps: list[float]) -> None:
    moodle.server.fault = status(503, times=2, Retry_After="3")
    open_desk(quiet_desk, moodle)
    assert len(quiet_desk.roster(NOW).enrolments) == 5
    assert naps == [3.0, 3.0]


def test_a_site_that_does_not_answer_in_time_is_an_error(quiet_desk: Desk, moodle: Setting) -> None:
    moodle.server.fault = lambda request, call: (moodle.server.wait(), call())[1]
    open_desk(quiet_desk, moodle, read_timeout=0.05)
    check_refusal(quiet_desk, "did not answer in time", 5, where=ENDPOINT)


def test_the_check_asks_once_for_each_kind(quiet_desk: Desk, moodle: Setting) -> None:
    from sync_worker.config.load import load_settings
    from sync_worker.rosters.moodle import probe_moodle

    open_desk(quiet_desk, moodle)
    settings = load_settings(quiet_desk.file).sources[0]
    assert probe_moodle(settings, quiet_desk.environment) == "it answers (cohorts: 1, courses: 1)."
    assert len(moodle.site.calls) == 2
