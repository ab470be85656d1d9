"""LTI Advantage NRPS as a roster: signed assertions, tokens, pages as the links lead, and what may not be guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from sync_worker.model import Person, Role
from tests.rosters.nrps.platform import KEY_ID, MEMBERSHIP, context, elliptic, key, pem
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk
from tests.rosters.web.loopback import status

if TYPE_CHECKING:
    pass

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
TOKEN_PATH = "/login/oauth2/token"
MEMBERS_PATH = "/api/lti/courses/s27/names_and_roles"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"


def test_two_courses_become_two_groups_with_their_people(desk: Desk, lti: Setting) -> None:
    lti.open(desk)
    result = desk.lcm("sync", "--apply")
    assert result.exit_code == 0, result.output
    assert desk.members("spring") == {"marta": True, "ines": False, "tomas": False}
    assert desk.members("autumn") == {"ana": False, "ben": False}
    assert "Nothing to do" in desk.lcm("sync").stdout


def test_who_shares_neither_name_nor_address_is_known_by_external_id_alone(desk: Desk, lti: Setting) -> None:
    lti.data.sees_names = False
    lti.open(desk)
    people = {enrolment.person for enrolment in desk.roster(NOW).enrolments}
    assert people == {Person(external_id=f"u-{number}") for number in range(1, 6)}
    result = desk.lcm("sync")
    assert result.exit_code == 0, result.output
    assert "u-3" in result.stdout


def test_a_member_becomes_a_person(desk: Desk, lti: Setting) -> None:
    lti.open(desk, external_id="lis_person_sourcedid")
    found = {e.person.external_id: e for e in desk.roster(NOW).enrolments}
    ines = found["E2"]
    assert (ines.person.email, ines.person.name) == ("ines@example.org", "Ines Duarte")
    assert (ines.role, ines.where) == (Role.LEARNER, "nrps spring, member u-2")
    assert found["E1"].role is Role.LCM


def test_the_name_of_the_course_comes_along(desk: Desk, lti: Setting) -> None:
    contexts = [{"url": each["url"]} for each in lti.roster["contexts"]]
    desk.write(lti.roster | {"contexts": contexts}, cohorts=[], cohorts_from={"timezone": "UTC"})
    assert {(cohort.key, cohort.name) for cohort in desk.roster(NOW).cohorts} == {
        ("s27", "Leading"),
        ("a27", "Teaching"),
    }


def test_courses_can_be_asked_for_by_their_titles(desk: Desk, lti: Setting) -> None:
    contexts = [{"url": each["url"]} for each in lti.roster["contexts"]]
    desk.write(lti.roster | {"contexts": contexts}, cohorts=[], cohorts_from={"timezone": "UTC", "match": ["Lead*"]})
    assert {e.cohort for e in desk.roster(NOW).enrolments} == {"s27"}


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ([f"{MEMBERSHIP}#Learner"], Role.LEARNER),
        (["Learner"], Role.LEARNER),
        (["learner"], Role.LEARNER),
        ([f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor"], Role.LCM),
        ([f"{MEMBERSHIP}/Instructor#TeachingAssistant"], Role.FACILITATOR),
        ([f"{MEMBERSHIP}/Instructor#TeachingAssistant", f"{MEMBERSHIP}#Instructor"], Role.FACILITATOR),
        ([f"{MEMBERSHIP}#Instructor", f"{MEMBERSHIP}/Instructor#TeachingAssistant"], Role.FACILITATOR),
        (["Instructor", "TeachingAssistant"], Role.FACILITATOR),
        ([f"{MEMBERSHIP}#Learner", f"{INSTITUTION}#Administrator"], Role.LEARNER),
        ([f"{MEMBERSHIP}#Mentor"], None),
        ("Instructor,Learner", Role.LCM),
    ],
)
def test_roles_are_uris_or_short_forms(roles: Any, role: Role | None, desk: Desk, lti: Setting) -> None:
    lti.data.members["s27"][1]["roles"] = roles
    lti.open(desk)
    found = {e.person.external_id: e.role for e in desk.roster(NOW).enrolments}
    assert found.get("u-2") == role


@pytest.mark.parametrize(
    ("written", "withdrawn"),
    [
        ("Active", False),
        (None, False),
        ("Inactive", True),
        ("Deleted", True),
        ("liss:Active", False),
        ("http://purl.imsglobal.org/vocab/lis/v2/membership/status#Inactive", True),
    ],
)
def test_a_status_says_who_takes_part_and_none_means_active(
    written: str | None, withdrawn: bool, desk: Desk, lti: Setting
) -> None:
    lti.data.members["s27"][1]["status"] = written
    lti.open(desk)
    assert {e.person.external_id: e.withdrawn for e in desk.roster(NOW).enrolments}["u-2"] is withdrawn


@pytest.mark.parametrize("role", ["http://purl.imsglobal.org/vocab/lti/system/person#TestUser", "TestUser"])
@pytest.mark.parametrize("as_text", [False, True])
def test_the_account_by_which_teachers_see_the_course_as_students_do_is_nobody(
    role: str, as_text: bool, desk: Desk, lti: Setting
) -> None:
    roles = [f"{MEMBERSHIP}#Learner", role]
    preview = {"user_id": "u-9", "status": "Active", "email": "preview@example.org", "name": "Preview"}
    lti.data.members["s27"].append(preview | {"roles": ",".join(roles) if as_text else roles})
    lti.open(desk)
    roster = desk.roster(NOW)
    assert "preview@example.org" not in {enrolment.person.email for enrolment in roster.enrolments}
    assert (roster.ignored, roster.rejected) == (1, ())


def test_a_short_page_is_not_the_last_one_and_who_comes_twice_counts_once(desk: Desk, lti: Setting) -> None:
    people = lti.data.members["s27"]
    lti.data.members["s27"] = [people[0], people[1], people[1], people[2], people[0]]
    lti.data.shorter_pages = 1
    lti.open(desk, page_size=3)
    assert [e.person.external_id for e in desk.roster(NOW).enrolments] == ["u-1", "u-2", "u-3", "u-4", "u-5"]


def test_what_one_course_shares_completes_what_another_keeps(desk: Desk, lti: Setting) -> None:
    lti.data.members["a27"].append({"user_id": "u-2", "roles": ["Learner"]})
    lti.open(desk)
    emails = {(e.cohort, e.person.email) for e in desk.roster(NOW).enrolments if e.person.external_id == "u-2"}
    assert emails == {("spring", "ines@example.org"), ("autumn", "ines@example.org")}


def test_one_token_serves_all_courses_and_pages(desk: Desk, lti: Setting) -> None:
    lti.open(desk, page_size=1)
    desk.roster(NOW)
    assert lti.data.given == 1
    assert [lti.server.paths().count(path) for path in (TOKEN_PATH, MEMBERS_PATH)] == [1, 3]


def test_a_token_that_is_about_to_end_is_renewed(desk: Desk, lti: Setting) -> None:
    lti.data.expires_in = 20
    lti.open(desk)
    assert len(desk.roster(NOW).enrolments) == 5
    assert lti.data.given == 2


def test_a_token_that_is_refused_is_renewed_once(desk: Desk, lti: Setting) -> None:
    lti.server.fault = status(401, part="names_and_roles", first=2, times=1)
    lti.open(desk)
    assert len(desk.roster(NOW).enrolments) == 5
    assert lti.data.given == 2


def test_the_assertion_bears_the_claims_of_the_security_framework(desk: Desk, lti: Setting) -> None:
    from urllib.parse import parse_qs

    lti.open(desk)
    desk.roster(NOW)
    form = parse_qs(lti.server.seen[0].body)
    claims = jwt.decode(form["client_assertion"][0], options={"verify_signature": False})
    assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "jti"}
    assert claims["exp"] - claims["iat"] <= 120
    assert jwt.get_unverified_header(form["client_assertion"][0]) == {"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}


@pytest.mark.parametrize(
    ("content_of_file", "says"),
    [
        (b"not a key", "not a private key in PEM"),
        (b"", "does not hold a token or key"),
        (b"\xff\xfe\x00", "does not hold a token or key"),
        (elliptic(), "another kind of key"),
        (pem(key(1024)), "1024 bits, fewer than 2048"),
        (pem(key(), "secret"), "protected by a password"),
    ],
    ids=["text", "empty", "binary", "elliptic", "short", "locked"],
)
def test_a_key_that_cannot_sign_is_a_configuration_error(
    content_of_file: bytes, says: str, quiet_desk: Desk, lti: Setting, tmp_path: Path
) -> None:
    (tmp_path / "lti-key.pem").write_bytes(content_of_file)
    lti.open(quiet_desk)
    result = quiet_desk.lcm("sync")
    assert result.exit_code == 2
    assert says in result.stderr
    assert "lti-key.pem" in result.stderr
    assert lti.server.seen == []


def test_another_course_than_the_one_named_is_refused(quiet_desk: Desk, lti: Setting) -> None:
    lti.open(quiet_desk, contexts=[context(lti.server, "a27", "spring", context_id="s27")])
    result = quiet_desk.lcm("sync")
    assert result.exit_code == 5
    assert "the answer is about the course 'a27', not 's27'" in result.stderr
