"""LTI Advantage NRPS as a roster: signed assertions, tokens, pages as the links lead, and what may not be guessed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import jwt
import pytest

from sync_worker.config.load import load_settings
from sync_worker.model import Person, Role
from sync_worker.rosters.nrps import probe_nrps
from tests.rosters.faulty import Fault, check_fault
from tests.rosters.loopback import Loopback, broken_off, content, edited, header, status
from tests.rosters.lti_platform import CLIENT, KEY_ID, MEMBERSHIP, Platform, elliptic, key, member, pem
from tests.rosters.syncing import Desk

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
TOKEN_PATH = "/login/oauth2/token"
MEMBERS_PATH = "/api/lti/courses/s27/names_and_roles"
INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person"


def platform() -> Platform:
    """Return a platform with two courses and the five people whose accounts the forum has."""
    return Platform(
        courses={"s27": {"label": "LEAD", "title": "Leading"}, "a27": {"label": "TEACH", "title": "Teaching"}},
        members={
            "s27": [
                member(1, "Marta Lopes", "Instructor"),
                member(2, "Ines Duarte", "Learner"),
                member(3, "Tomas Reis", "Learner"),
            ],
            "a27": [member(4, "Ana Neves", "Learner"), member(5, "Ben Costa", "Learner")],
        },
    )  # fmt: skip


@dataclass
class Setting:
    """A platform that listens, and the tool's key in a file."""

    platform: Platform
    server: Loopback
    key_file: Path
    roster: dict[str, Any] = field(default_factory=dict)


@pytest.fixture
def lti(tmp_path: Path) -> Iterator[Setting]:
    """A platform on loopback, and the settings that name it."""
    found = platform()
    key_file = tmp_path / "lti-key.pem"
    key_file.write_bytes(pem(key()))
    with Loopback(found.app()) as server:
        roster = {
            "nrps": server.url,
            "client_id": CLIENT,
            "token_url": f"{server.url}{TOKEN_PATH}",
            "key_file": "lti-key.pem",
            "key_id": KEY_ID,
            "contexts": [context(server, "s27", "spring"), context(server, "a27", "autumn")],
        }
        yield Setting(found, server, key_file, roster)


def context(server: Loopback, course: str, cohort: str, **more: str) -> dict[str, str]:
    """Return a course as lcm.yaml names it."""
    return {"url": f"{server.url}/api/lti/courses/{course}/names_and_roles", "cohort": cohort, **more}


def open_desk(desk: Desk, lti: Setting, **more: Any) -> None:
    """Write the settings."""
    desk.write(lti.roster | more)


def test_two_courses_become_two_groups_with_their_people(desk: Desk, lti: Setting) -> None:
    open_desk(desk, lti)
    result = desk.lcm("sync", "--apply")
    assert result.exit_code == 0, result.output
    assert desk.members("spring") == {"marta": True, "ines": False, "tomas": False}
    assert desk.members("autumn") == {"ana": False, "ben": False}
    assert "Nothing to do" in desk.lcm("sync").stdout


def test_who_shares_neither_name_nor_address_is_known_by_external_id_alone(desk: Desk, lti: Setting) -> None:
    lti.platform.sees_names = False
    open_desk(desk, lti)
    people = {enrolment.person for enrolment in desk.roster(NOW).enrolments}
    assert people == {Person(external_id=f"u-{number}") for number in range(1, 6)}
    result = desk.lcm("sync")
    assert result.exit_code == 0, result.output
    assert "u-3" in result.stdout


def test_a_member_becomes_a_person(desk: Desk, lti: Setting) -> None:
    open_desk(desk, lti, external_id="lis_person_sourcedid")
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


@pytest.mark.parametrize(
    ("roles", "role"),
    [
        ([f"{MEMBERSHIP}#Learner"], Role.LEARNER),
        (["Learner"], Role.LEARNER),
        (["learner"], Role.LEARNER),
        ([f"{MEMBERSHIP}#Learner", f"{MEMBERSHIP}#Instructor"], Role.LCM),
        ([f"{MEMBERSHIP}/Instructor#TeachingAssistant"], Role.FACILITATOR),
        ([f"{MEMBERSHIP}#Learner", f"{INSTITUTION}#Administrator"], Role.LEARNER),
        ([f"{MEMBERSHIP}#Mentor"], None),
        ("Instructor,Learner", Role.LCM),
    ],
)
def test_roles_are_uris_or_short_forms(roles: Any, role: Role | None, desk: Desk, lti: Setting) -> None:
    lti.platform.members["s27"][1]["roles"] = roles
    open_desk(desk, lti)
    found = {e.person.external_id: e.role for e in desk.roster(NOW).enrolments}
    assert found.get("u-2") == role


@pytest.mark.parametrize(
    ("written", "withdrawn"), [("Active", False), (None, False), ("Inactive", True), ("Deleted", True)]
)
def test_a_status_says_who_takes_part_and_none_means_active(
    written: str | None, withdrawn: bool, desk: Desk, lti: Setting
) -> None:
    lti.platform.members["s27"][1]["status"] = written
    open_desk(desk, lti)
    assert {e.person.external_id: e.withdrawn for e in desk.roster(NOW).enrolments}["u-2"] is withdrawn


def test_a_short_page_is_not_the_last_one_and_who_comes_twice_counts_once(desk: Desk, lti: Setting) -> None:
    people = lti.platform.members["s27"]
    lti.platform.members["s27"] = [people[0], people[1], people[1], people[2], people[0]]
    lti.platform.shorter_pages = 1
    open_desk(desk, lti, page_size=3)
    assert [e.person.external_id for e in desk.roster(NOW).enrolments] == ["u-1", "u-2", "u-3", "u-4", "u-5"]


def test_what_one_course_shares_completes_what_another_keeps(desk: Desk, lti: Setting) -> None:
    lti.platform.members["a27"].append({"user_id": "u-2", "roles": ["Learner"]})
    open_desk(desk, lti)
    emails = {(e.cohort, e.person.email) for e in desk.roster(NOW).enrolments if e.person.external_id == "u-2"}
    assert emails == {("spring", "ines@example.org"), ("autumn", "ines@example.org")}


def test_one_token_serves_all_courses_and_pages(desk: Desk, lti: Setting) -> None:
    open_desk(desk, lti, page_size=1)
    desk.roster(NOW)
    assert lti.platform.given == 1
    assert [lti.server.paths().count(path) for path in (TOKEN_PATH, MEMBERS_PATH)] == [1, 3]


def test_a_token_that_is_about_to_end_is_renewed(desk: Desk, lti: Setting) -> None:
    lti.platform.expires_in = 20
    open_desk(desk, lti)
    assert len(desk.roster(NOW).enrolments) == 5
    assert lti.platform.given == 2


def test_a_token_that_is_refused_is_renewed_once(desk: Desk, lti: Setting) -> None:
    lti.server.fault = status(401, part="names_and_roles", first=2, times=1)
    open_desk(desk, lti)
    assert len(desk.roster(NOW).enrolments) == 5
    assert lti.platform.given == 2


def test_the_assertion_bears_the_claims_of_the_security_framework(desk: Desk, lti: Setting) -> None:
    from urllib.parse import parse_qs

    open_desk(desk, lti)
    desk.roster(NOW)
    form = parse_qs(lti.server.seen[0].body)
    claims = jwt.decode(form["client_assertion"][0], options={"verify_signature": False})
    assert set(claims) == {"iss", "sub", "aud", "iat", "exp", "jti"}
    assert claims["exp"] - claims["iat"] <= 120
    assert jwt.get_unverified_header(form["client_assertion"][0]) == {"alg": "RS256", "kid": KEY_ID, "typ": "JWT"}


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
        "no longer takes the token",
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
        "elsewhere (https://evil.example.org)",
        fault=header("Link", lambda r: '<https://evil.example.org/x>; rel="next"', "names_and_roles"),
        where=MEMBERS_PATH,
    ),
    Fault(
        "pages in a circle",
        "go round in a circle",
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
        "sends to another address (307: https://new.example.org/api)",
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
        "nobody at all", "the contexts have no members", 2, change=lambda p: p.members.update(s27=[], a27=[]), where=""
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
    secret = pem(key()).decode()
    check_fault(fault, quiet_desk, lti.server, lti.platform, lti.roster, ("UNUSED", secret), naps)


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
    content_of_file: bytes, says: str, quiet_desk: Desk, lti: Setting
) -> None:
    lti.key_file.write_bytes(content_of_file)
    open_desk(quiet_desk, lti)
    result = quiet_desk.lcm("sync")
    assert result.exit_code == 2
    assert says in result.stderr
    assert "lti-key.pem" in result.stderr
    assert lti.server.seen == []


def test_another_course_than_the_one_named_is_refused(quiet_desk: Desk, lti: Setting) -> None:
    open_desk(quiet_desk, lti, contexts=[context(lti.server, "a27", "spring", context_id="s27")])
    result = quiet_desk.lcm("sync")
    assert result.exit_code == 5
    assert "the answer is about the course 'a27', not 's27'" in result.stderr


def test_the_check_asks_for_a_token_and_one_member(quiet_desk: Desk, lti: Setting) -> None:
    open_desk(quiet_desk, lti)
    settings: Any = load_settings(quiet_desk.file).sources[0]
    assert probe_nrps(settings, {}) == "it answers for the course 'Leading'."
    assert lti.server.paths() == [TOKEN_PATH, MEMBERS_PATH]
