"""Canvas's sections and courses as a roster: all pages, all states, and never a part taken for the whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sync_worker.model import Role
from tests.rosters.canvas.school import CanvasUser, Enrollment
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk, check_refusal
from tests.rosters.web.loopback import status

if TYPE_CHECKING:
    pass

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)


def test_two_sections_become_two_groups_with_their_people(desk: Desk, canvas: Setting) -> None:
    canvas.open(desk)
    result = desk.lcm("sync", "--apply")
    assert result.exit_code == 0, result.output
    assert desk.members("spring") == {"marta": True, "ines": False, "tomas": False}
    assert desk.members("autumn") == {"ana": False, "ben": False}
    assert "Nothing to do" in desk.lcm("sync").stdout


def test_two_sections_can_be_one_group(desk: Desk, canvas: Setting) -> None:
    canvas.data.enrollments.append(Enrollment(6, 2, 43))
    canvas.open(desk, cohorts={42: "spring", 43: "spring"})
    assert sorted(e.person.external_id or "" for e in desk.roster(NOW).enrolments) == ["E1", "E2", "E3", "E4", "E5"]


def test_while_an_enrolment_is_rejected_no_other_of_the_person_in_that_cohort_counts(
    desk: Desk, canvas: Setting
) -> None:
    canvas.data.enrollments[1].state = "completed"
    canvas.data.enrollments += [
        Enrollment(6, 2, 43, "TaEnrollment", end_at="soon"),
        Enrollment(7, 3, 43, "TeacherEnrollment", end_at="soon"),
    ]
    canvas.open(desk, cohorts={42: "spring", 43: "spring"})
    roster = desk.roster(NOW)
    assert sorted(e.person.external_id or "" for e in roster.enrolments) == ["E1", "E4", "E5"]
    assert [(dict(row.about)["external_id"], row.cohort) for row in roster.rejected] == [
        ("e2", "spring"),
        ("e3", "spring"),
    ]


def test_a_student_whose_enrolment_is_rejected_is_shown_all_the_same(desk: Desk, canvas: Setting) -> None:
    canvas.data.enrollments[1].end_at = "soon"
    canvas.open(desk)
    roster = desk.roster(NOW)
    assert sorted(e.person.external_id or "" for e in roster.enrolments) == ["E1", "E3", "E4", "E5"]
    assert [row.where for row in roster.rejected] == ["canvas section 42, enrollment 2"]


def test_a_course_can_be_one_group_whatever_its_sections(desk: Desk, canvas: Setting) -> None:
    canvas.open(desk, cohorts_by="course", cohorts={"sis_course_id:LEAD-27": "spring"})
    roster = desk.roster(NOW)
    assert {e.cohort for e in roster.enrolments} == {"spring"}
    assert len(roster.enrolments) == 5


def test_a_section_is_called_by_its_sis_id_where_the_settings_do_so(desk: Desk, canvas: Setting) -> None:
    canvas.open(desk, cohorts={"sis_section_id:LIS": "spring"})
    assert {e.where for e in desk.roster(NOW).enrolments} == {
        f"canvas section 42, enrollment {number}" for number in (1, 2, 3)
    }


def test_all_sections_of_the_courses_of_a_term_bring_names_and_days(desk: Desk, canvas: Setting) -> None:
    desk.environment.update(canvas.environment)
    source = {"canvas": canvas.server.url, "account": 1, "term": 5, "timezone": "America/New_York"}
    desk.write(source, cohorts=[], cohorts_from={"timezone": "UTC"})
    cohorts = {cohort.name: cohort for cohort in desk.roster(NOW).cohorts}
    assert set(cohorts) == {"Lisbon", "Paris"}
    assert cohorts["Paris"].start == date(2027, 8, 31)
    desk.write(source | {"cohorts_by": "course"}, cohorts=[], cohorts_from={"timezone": "UTC"})
    (leading,) = desk.roster(NOW).cohorts
    assert (leading.start, leading.end) == (date(2027, 3, 1), date(2027, 5, 31))


def test_a_section_without_days_of_its_own_has_those_of_its_course(desk: Desk, canvas: Setting) -> None:
    desk.environment.update(canvas.environment)
    for source in ({"courses": [101]}, {"sections": [42, 43]}):
        desk.write(
            {"canvas": canvas.server.url, "timezone": "UTC", **source}, cohorts=[], cohorts_from={"timezone": "UTC"}
        )
        found = {cohort.name: (cohort.start, cohort.end) for cohort in desk.roster(NOW).cohorts}
        assert found == {"Lisbon": (date(2027, 3, 1), date(2027, 6, 1)), "Paris": (date(2027, 9, 1), None)}


def test_cohorts_of_which_none_is_asked_for_are_named(desk: Desk, canvas: Setting) -> None:
    desk.environment.update(canvas.environment)
    desk.write(
        {"canvas": canvas.server.url, "courses": [101]},
        cohorts=[],
        cohorts_from={"timezone": "UTC", "match": ["Lead*"]},
    )
    refused = desk.lcm("sync")
    assert refused.exit_code == 2
    assert "none of its cohorts is asked for in lcm.yaml; they are: Lisbon (42), Paris (43)." in refused.stderr
    assert "Correct match and leave under cohorts_from" in refused.stderr


def test_who_has_completed_or_is_inactive_is_withdrawn_and_who_was_deleted_is_gone(desk: Desk, canvas: Setting) -> None:
    for place, state in zip(canvas.data.enrollments[1:4], ("completed", "inactive", "deleted"), strict=True):
        place.state = state
    canvas.open(desk)
    found = {e.person.external_id: e.withdrawn for e in desk.roster(NOW).enrolments}
    assert found == {"E1": False, "E2": True, "E3": True, "E5": False}


def test_who_was_invited_comes_in_on_accepting_or_where_asked_for(desk: Desk, canvas: Setting) -> None:
    canvas.data.enrollments[1].state = "invited"
    canvas.open(desk)
    assert "E2" not in {e.person.external_id for e in desk.roster(NOW).enrolments}
    canvas.open(desk, enrolled=["active", "invited"], external_id="id")
    assert "2" in {e.person.external_id for e in desk.roster(NOW).enrolments}


def test_observers_designers_and_the_test_student_are_let_be(desk: Desk, canvas: Setting) -> None:
    canvas.data.users[9] = CanvasUser(9, "Test Student", None, fake=True)
    canvas.data.enrollments += [
        Enrollment(6, 9, 42),
        Enrollment(7, 4, 42, "ObserverEnrollment"),
        Enrollment(8, 5, 42, "DesignerEnrollment"),
    ]
    canvas.open(desk)
    assert sorted(e.person.external_id or "" for e in desk.roster(NOW).enrolments) == ["E1", "E2", "E3", "E4", "E5"]


def test_a_role_of_the_schools_own_counts_where_it_is_given_a_meaning(desk: Desk, canvas: Setting) -> None:
    canvas.data.enrollments[2].role = "Peer coach"
    canvas.open(desk)
    assert {e.role for e in desk.roster(NOW).enrolments if e.person.external_id == "E3"} == {Role.LEARNER}
    canvas.open(desk, roles={"peer coach": "facilitator", "TaEnrollment": "lcm"})
    roles = {e.person.external_id: e.role for e in desk.roster(NOW).enrolments}
    assert (roles["E3"], roles["E5"]) == (Role.FACILITATOR, Role.LCM)


def test_an_enrolments_own_days_come_along(desk: Desk, canvas: Setting) -> None:
    canvas.data.enrollments[1].start_at = "2027-03-08T12:00:00Z"
    canvas.data.enrollments[1].end_at = "2027-04-08T12:00:00Z"
    canvas.open(desk)
    (ines,) = [e for e in desk.roster(NOW).enrolments if e.person.external_id == "E2"]
    assert (ines.start, ines.end) == (date(2027, 3, 8), date(2027, 4, 8))


@pytest.mark.parametrize(
    ("today", "start", "end"),
    [
        ("2027-03-02", date(2027, 3, 1), date(2027, 3, 4)),
        ("2027-03-06", date(2027, 3, 8), None),
        ("2027-03-10", date(2027, 3, 8), None),
    ],
)
def test_who_left_and_came_back_is_in_by_the_enrolment_that_holds_today(
    today: str, start: date, end: date | None, desk: Desk, canvas: Setting
) -> None:
    first = canvas.data.enrollments[1]
    first.start_at, first.end_at = "2027-03-01T12:00:00Z", "2027-03-04T12:00:00Z"
    canvas.data.enrollments.append(
        replace(first, id=990, start_at="2027-03-08T12:00:00Z", end_at="9999-12-31T00:00:00Z")
    )
    canvas.open(desk)
    roster = desk.roster(datetime.fromisoformat(f"{today}T12:00Z"))
    (ines,) = [e for e in roster.enrolments if e.person.external_id == "E2"]
    assert (ines.start, ines.end) == (start, end)
    assert roster.rejected == ()


def test_enrolments_that_overlap_are_one_with_the_strongest_role(desk: Desk, canvas: Setting) -> None:
    first = canvas.data.enrollments[1]
    first.start_at, first.end_at = "2027-03-01T12:00:00Z", "2027-03-20T12:00:00Z"
    as_teacher = replace(first, id=990, type="TeacherEnrollment", start_at="2027-03-10T12:00:00Z", end_at=None)
    canvas.data.enrollments.append(as_teacher)
    canvas.open(desk)
    (ines,) = [e for e in desk.roster(NOW).enrolments if e.person.external_id == "E2"]
    assert (ines.start, ines.end, ines.role) == (date(2027, 3, 1), None, Role.LCM)


def test_more_people_than_a_roster_may_have_are_refused(quiet_desk: Desk, canvas: Setting) -> None:
    canvas.open(quiet_desk, max_rows=3)
    check_refusal(quiet_desk, "there are more than 3 rows. Is this the right export?", 2, where="canvas section")


def test_a_file_beside_it_adds_the_managers(desk: Desk, canvas: Setting) -> None:
    hr = "external_id,email,manager_email\nE2,ines@example.org,boss@example.org\n"
    (desk.folder / "hr.csv").write_text(hr, encoding="utf-8")
    desk.environment.update(canvas.environment)
    desk.write({}, rosters=[canvas.roster, {"csv": "hr.csv", "people_only": True}])
    settings = yaml.safe_load(desk.file.read_text(encoding="utf-8"))
    del settings["roster"]
    desk.file.write_text(yaml.safe_dump(settings), encoding="utf-8")
    managers = {e.person.external_id: e.person.manager_email for e in desk.roster(NOW).enrolments}
    assert managers == {"E1": None, "E2": "boss@example.org", "E3": None, "E4": None, "E5": None}
    canvas.server.fault = status(500)
    assert desk.lcm("sync").exit_code == 5


def test_a_page_is_not_the_last_one_for_being_short(desk: Desk, canvas: Setting) -> None:
    """The test student is taken out of a page after it was cut."""
    canvas.data.users = {0: CanvasUser(0, "Test Student", None, fake=True), **canvas.data.users}
    canvas.data.enrollments.append(Enrollment(6, 0, 42))
    canvas.open(desk, page_size=1)
    assert len(desk.roster(NOW).enrolments) == 5


def test_what_it_costs_is_what_the_guide_says(desk: Desk, canvas: Setting) -> None:
    for number in range(100, 340):
        canvas.data.users[number] = CanvasUser(number, f"Person {number}", f"p{number}@example.org", f"E{number}")
        canvas.data.enrollments.append(Enrollment(number, number, 42))
    canvas.open(desk, courses=[101])
    desk.roster(NOW)
    api = "/api/v1/courses/101"
    assert canvas.server.paths() == [api, f"{api}/sections", *[f"{api}/users"] * 3]


def test_courses_that_nobody_asks_for_cost_no_pages_of_people(desk: Desk, canvas: Setting) -> None:
    canvas.data.courses[102] = {"name": "Other", "term": 5}
    canvas.data.sections[50] = {"name": "Oslo", "course_id": 102}
    desk.environment.update(canvas.environment)
    source = {"canvas": canvas.server.url, "account": 1, "term": 5}
    desk.write(source, cohorts=[], cohorts_from={"timezone": "UTC", "match": ["Lis*"]})
    roster = desk.roster(NOW)
    assert {cohort.name for cohort in roster.cohorts} == {"Lisbon"}
    assert len(roster.enrolments) == 3
    assert [path for path in canvas.server.paths() if path.endswith("/users")] == ["/api/v1/courses/101/users"]


def test_types_and_states_are_always_sent(desk: Desk, canvas: Setting) -> None:
    canvas.open(desk)
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
    canvas.open(quiet_desk)
    assert len(quiet_desk.roster(NOW).enrolments) == 5
    assert naps == [1.0, 4.0]
