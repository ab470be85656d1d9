"""Moodle's cohorts and courses as a roster: what the site holds the forum gets; what is missing is an error."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.model import Role
from tests.rosters.moodle.site import TOKEN, MoodleUser
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk, check_refusal
from tests.rosters.web.loopback import status

if TYPE_CHECKING:
    pass

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
ENDPOINT = "/webservice/rest/server.php"


def test_a_cohort_and_a_course_become_groups_with_their_people(desk: Desk, moodle: Setting) -> None:
    moodle.open(desk)
    result = desk.lcm("sync", "--apply")
    assert result.exit_code == 0, result.output
    assert desk.members("spring") == {"ines": False, "tomas": False}
    assert desk.members("autumn") == {"marta": True, "ana": False, "ben": False}
    assert "Nothing to do" in desk.lcm("sync").stdout


def test_somebody_taken_out_of_the_cohort_leaves_the_group(desk: Desk, moodle: Setting) -> None:
    moodle.open(desk)
    assert desk.lcm("sync", "--apply").exit_code == 0
    moodle.data.cohorts[12] = ("Spring", [2])
    assert "remove  tomas (Tomas)  spring  no longer in the roster" in desk.lcm("sync").stdout


def test_a_profile_becomes_a_person(desk: Desk, moodle: Setting) -> None:
    moodle.open(desk, manager_field="Manager")
    roster = desk.roster(NOW)
    people = {enrolment.person.external_id: enrolment for enrolment in roster.enrolments}
    ines = people["E2"]
    assert (ines.person.email, ines.person.name) == ("ines@example.org", "Ines Duarte")
    assert ines.person.manager_email == "chief@example.org"
    assert (ines.cohort, ines.role, ines.where) == ("spring", Role.LEARNER, "moodle cohort 12, user 2")
    assert people["E5"].role is Role.FACILITATOR
    assert people["E1"].role is Role.LCM


def test_names_and_days_of_the_source_come_along(desk: Desk, moodle: Setting) -> None:
    desk.environment.update(moodle.environment)
    source = {"moodle": moodle.server.url, "all_cohorts": True, "courses": [7], "timezone": "Europe/Lisbon"}
    desk.write(source, cohorts=[], cohorts_from={"timezone": "UTC"})
    cohorts = {cohort.name: cohort for cohort in desk.roster(NOW).cohorts}
    assert set(cohorts) == {"Spring & co", "Autumn", "Leading"}
    assert (cohorts["Leading"].start, cohorts["Leading"].end) == (date(2027, 3, 1), date(2027, 6, 1))
    assert cohorts["Autumn"].start is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("{mlang en}Leading teams{mlang}{mlang fr}Diriger{mlang}", "Leading teams"),
        ("{mlang fr,fr_ca}Diriger{mlang} {mlang other}Leading{mlang} 27", "Diriger 27"),
        ('<span lang="en" class="multilang">Coaching</span><span lang="fr" class="multilang">Mener</span>', "Coaching"),
        ("&lt;span lang=&quot;en&quot; class=&quot;multilang&quot;&gt;Q &amp;amp; A&lt;/span&gt;", "Q &amp; A"),
        ("{mlang en}Never closed", "Never closed"),
        ("Spring (lang=5) & <b>co</b>", "Spring (lang=5) & <b>co</b>"),
    ],
)
def test_a_name_in_several_languages_is_one_of_them(written: str, name: str, desk: Desk, moodle: Setting) -> None:
    desk.environment.update(moodle.environment)
    moodle.data.cohorts[12] = (written, [2])
    source = {"moodle": moodle.server.url, "moodle_cohorts": [12]}
    desk.write(source, cohorts=[], cohorts_from={"timezone": "UTC"})
    assert [cohort.name for cohort in desk.roster(NOW).cohorts] == [name]


def test_moodle_is_asked_to_apply_its_filters_to_names(desk: Desk, moodle: Setting) -> None:
    moodle.open(desk)
    assert desk.lcm("sync").exit_code == 0
    assert moodle.data.filtered
    assert all(moodle.data.filtered)


@pytest.mark.parametrize("suspended", [True, 1, "1", "true"])
def test_a_suspended_account_is_withdrawn(desk: Desk, moodle: Setting, suspended: Any) -> None:
    moodle.data.users[3].suspended = suspended
    moodle.open(desk)
    withdrawn = {enrolment.person.external_id for enrolment in desk.roster(NOW).enrolments if enrolment.withdrawn}
    assert withdrawn == {"E3"}


def test_somebody_in_a_cohort_and_a_course_that_are_one_group_counts_once(desk: Desk, moodle: Setting) -> None:
    moodle.data.cohorts[12] = ("Spring", [1, 4])
    moodle.open(desk, cohorts={12: "spring", "course-7": "spring"})
    roster = desk.roster(NOW)
    assert [(e.person.external_id, e.role) for e in roster.enrolments] == [
        ("E1", Role.LCM), ("E4", Role.LEARNER), ("E5", Role.FACILITATOR)
    ]  # fmt: skip


def test_a_role_can_be_given_another_meaning_or_let_be(desk: Desk, moodle: Setting) -> None:
    moodle.open(desk, roles={"editingteacher": "ignore", "teacher": "lcm"})
    roles = {e.person.external_id: e.role for e in desk.roster(NOW).enrolments if e.cohort == "autumn"}
    assert roles == {"E4": Role.LEARNER, "E5": Role.LCM}


def test_what_it_costs_is_what_the_guide_says(desk: Desk, moodle: Setting) -> None:
    moodle.data.users |= {n: MoodleUser(n, f"u{n}", f"Person {n}", f"E{n}") for n in range(100, 350)}
    moodle.data.cohorts[12] = ("Spring", list(range(100, 350)))
    moodle.open(desk)
    desk.roster(NOW)
    assert moodle.data.calls == [
        "core_cohort_get_cohorts",
        "core_cohort_get_cohort_members",
        "core_course_get_courses_by_field",
        "core_enrol_get_enrolled_users",
        *["core_user_get_users_by_field"] * 3,
    ]


def test_cohorts_that_nobody_asks_for_cost_nothing(desk: Desk, moodle: Setting) -> None:
    desk.environment.update(moodle.environment)
    source = {"moodle": moodle.server.url, "all_cohorts": True, "courses": [7]}
    desk.write(source, cohorts=[], cohorts_from={"timezone": "UTC", "match": ["Autumn"]})
    assert [cohort.name for cohort in desk.roster(NOW).cohorts] == ["Autumn"]
    assert "core_enrol_get_enrolled_users" not in moodle.data.calls
    assert moodle.data.calls.count("core_user_get_users_by_field") == 1


def test_the_token_is_in_no_address(desk: Desk, moodle: Setting) -> None:
    moodle.open(desk)
    desk.roster(NOW)
    assert all(TOKEN not in seen.path + seen.query for seen in moodle.server.seen)


def test_a_site_that_is_busy_for_a_moment_is_waited_for(quiet_desk: Desk, moodle: Setting, naps: list[float]) -> None:
    moodle.server.fault = status(503, times=2, Retry_After="3")
    moodle.open(quiet_desk)
    assert len(quiet_desk.roster(NOW).enrolments) == 5
    assert naps == [3.0, 3.0]


def test_a_site_that_does_not_answer_in_time_is_an_error(quiet_desk: Desk, moodle: Setting) -> None:
    moodle.server.fault = lambda request, call: (moodle.server.wait(), call())[1]
    moodle.open(quiet_desk, read_timeout=0.05)
    check_refusal(quiet_desk, "did not answer in time", 5, where=ENDPOINT)


def test_a_profile_field_for_managers_that_nobody_has_is_noted(desk: Desk, moodle: Setting) -> None:
    moodle.open(desk, manager_field="boss")
    (note,) = desk.roster(NOW).remarks
    assert note == (
        "no account shows the profile field 'boss' (manager_field), so nobody's manager is known. "
        "Fields that are shown: manager."
    )
    moodle.open(desk, manager_field="Manager")
    assert desk.roster(NOW).remarks == ()
