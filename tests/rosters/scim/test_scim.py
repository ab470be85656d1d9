"""SCIM 2.0 as a roster, against a real server with real users and groups."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from werkzeug.wrappers import Request, Response

from sync_worker.model import Role
from tests.rosters.scim.service import ENTERPRISE, each_user
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk, check_refusal
from tests.rosters.web.loopback import Call, Failing, content, edited

if TYPE_CHECKING:
    from collections.abc import Callable

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
NAMES = ("Boss Big", "Marta Lopes", "Ines Duarte", "Tomas Reis", "Ana Neves", "Ben Costa")


def test_groups_become_groups_with_their_people(desk: Desk, scim: Setting) -> None:
    scim.open(desk)
    result = desk.lcm("sync", "--apply")
    assert result.exit_code == 0, result.output
    assert desk.members("spring") == {"marta": True, "ines": False, "tomas": False}
    assert desk.members("autumn") == {"ana": False, "ben": False}
    assert "Nothing to do" in desk.lcm("sync").stdout


def test_who_is_taken_out_of_the_group_leaves(desk: Desk, scim: Setting) -> None:
    scim.open(desk)
    assert desk.lcm("sync", "--apply").exit_code == 0
    scim.data.call("DELETE", f"/Users/{scim.data.users['tomas']}")
    scim.data.call("DELETE", f"/Groups/{scim.data.groups['Spring learners']}")
    scim.data.add_group("Spring learners", "ines")
    assert "remove  tomas (Tomas)  spring  no longer in the roster" in desk.lcm("sync").stdout


def test_a_user_becomes_a_person_with_a_manager(desk: Desk, scim: Setting) -> None:
    scim.open(desk)
    found = {e.person.external_id: e for e in desk.roster(NOW).enrolments}
    ines = found["E2"].person
    assert (ines.email, ines.name, ines.manager_email) == ("ines@example.org", "Ines Duarte", "boss@example.org")
    assert found["E1"].role is Role.LCM
    assert found["E2"].where == f"scim group 'Spring learners', user {scim.data.users['ines']}"


@pytest.mark.parametrize("identifier", ["id", "userName", "externalId"])
def test_the_external_id_is_what_the_settings_say(identifier: str, desk: Desk, scim: Setting) -> None:
    scim.open(desk, external_id=identifier)
    wanted = {"id": scim.data.users["ines"], "userName": "ines@corp.example.org", "externalId": "E2"}[identifier]
    assert wanted in {e.person.external_id for e in desk.roster(NOW).enrolments}


def test_groups_within_groups_count_and_may_hold_each_other(desk: Desk, scim: Setting) -> None:
    scim.data.add_group("Inner", "ben", groups=("Autumn",))
    scim.data.add_group("Outer", "ana", groups=("Inner",))
    scim.data.put_group_into("Inner", "Outer")
    scim.open(desk, cohorts={"Outer": "spring"})
    assert sorted(e.person.email or "" for e in desk.roster(NOW).enrolments) == ["ana@example.org", "ben@example.org"]


def test_an_account_that_is_off_is_withdrawn(desk: Desk, scim: Setting) -> None:
    scim.data.change_user("ines", active=False)
    scim.open(desk)
    assert {e.person.external_id for e in desk.roster(NOW).enrolments if e.withdrawn} == {"E2"}


@pytest.mark.parametrize(
    ("active", "withdrawn"),
    [(True, False), (1, False), ("1", False), ("True", False), ("", False), (None, False), (0, True), ("false", True)],
)
def test_whether_an_account_is_on_is_read_however_it_is_written(
    active: Any, withdrawn: bool, desk: Desk, scim: Setting
) -> None:
    scim.server.fault = edited(lambda told: each_user(told, active=active), "/Users")
    scim.open(desk, cohorts={"Spring leads": "spring"})
    assert {e.withdrawn for e in desk.roster(NOW).enrolments} == {withdrawn}


def test_an_account_of_which_it_cannot_be_said_whether_it_is_on_is_rejected_and_nobody_is_out(
    quiet_desk: Desk, scim: Setting
) -> None:
    scim.server.fault = edited(lambda told: each_user(told, active="dormant"), "/Users")
    scim.open(quiet_desk, cohorts={"Spring leads": "spring"})
    check_refusal(quiet_desk, "active 'dormant' is neither yes nor no", 2)


def test_a_department_that_cannot_be_read_is_a_rejected_row(desk: Desk, scim: Setting) -> None:
    scim.open(desk, cohorts_by="department", cohorts={"sales": "spring"}, other_cohorts="ignore", group_roles={})
    everybody = len(desk.roster(NOW).enrolments)

    def listed(told: dict[str, Any]) -> dict[str, Any]:
        user = told["Resources"][0]
        others = told["Resources"][1:]
        return told | {"Resources": [user | {ENTERPRISE: {**user[ENTERPRISE], "department": ["Sales"]}}, *others]}

    scim.server.fault = edited(listed, "/Users?")
    roster = desk.roster(NOW)
    assert len(roster.enrolments) == everybody - 1
    assert [(row.where.partition(" user ")[0], row.reason) for row in roster.rejected] == [
        ("scim", "department is a list, not text.")
    ]


def test_a_department_can_be_a_cohort(desk: Desk, scim: Setting) -> None:
    scim.data.add_user("Zoe Autre", 9, department="Legal")
    scim.open(desk, cohorts_by="department", cohorts={"sales": "spring"}, other_cohorts="ignore", group_roles={})
    scim.server.seen.clear()
    roster = desk.roster(NOW)
    assert {e.cohort for e in roster.enrolments} == {"spring"}
    assert len(roster.enrolments) == 6
    assert len(scim.server.seen) == 1


def test_all_groups_bring_their_names(desk: Desk, scim: Setting) -> None:
    desk.environment.update(scim.environment)
    source = {"scim": scim.data.url, "group_filter": 'displayName sw "Spring"'}
    desk.write(source, cohorts=[], cohorts_from={"timezone": "UTC", "start": "2027-03-01", "end": "2027-05-31"})
    assert {cohort.name for cohort in desk.roster(NOW).cohorts} == {"Spring learners", "Spring leads"}


def test_groups_of_which_none_fits_are_named(desk: Desk, scim: Setting) -> None:
    desk.environment.update(scim.environment)
    given = {"timezone": "UTC", "start": "2027-03-01", "end": "2027-05-31", "match": ["LCM *"]}
    desk.write({"scim": scim.data.url, "group_filter": 'displayName sw "Spring"'}, cohorts=[], cohorts_from=given)
    refused = desk.lcm("sync")
    assert refused.exit_code == 2
    assert "none of its cohorts is asked for in lcm.yaml; they are: Spring learners, Spring leads." in refused.stderr
    desk.write({"scim": scim.data.url, "group_filter": 'displayName sw "LCM"'}, cohorts=[], cohorts_from=given)
    assert "shows none of the groups or departments" in desk.lcm("sync").stderr


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_pages_of_any_size_give_the_same_people(size: int, desk: Desk, scim: Setting) -> None:
    scim.open(desk, page_size=size, all_groups=True, other_cohorts="ignore")
    assert sorted(e.person.external_id or "" for e in desk.roster(NOW).enrolments) == ["E1", "E2", "E3", "E4", "E5"]


def test_a_server_that_gives_fewer_a_page_than_asked_for_is_read_to_the_end(desk: Desk, scim: Setting) -> None:
    scim.server.fault = capped(2)
    scim.open(desk, all_groups=True)
    assert len(desk.roster(NOW).enrolments) == 5


def test_who_goes_away_between_two_pages_takes_nobody_along(desk: Desk, scim: Setting) -> None:
    """The others move up by one, so that one of them is on no page; the list is read again."""

    def delete_the_boss(request: Any, call: Callable[[], Response]) -> Response:
        response = call()
        if "boss" in scim.data.users:
            scim.data.call("DELETE", f"/Users/{scim.data.users.pop('boss')}")
        return response

    scim.server.fault = Failing(delete_the_boss, "/Users?")
    scim.open(desk, page_size=2, all_groups=True)
    assert sorted(e.person.external_id or "" for e in desk.roster(NOW).enrolments) == ["E1", "E2", "E3", "E4", "E5"]
    starts = [
        seen.query.split("&")[0] for seen in scim.server.seen if seen.path == "/v2/Users" and seen.method == "GET"
    ]
    assert starts[:3] == ["startIndex=1", "startIndex=3", "startIndex=1"]


def test_lists_without_members_are_completed_group_by_group(desk: Desk, scim: Setting) -> None:
    scim.server.fault = edited(without_members, "/Groups?")
    scim.open(desk, all_groups=True)
    assert len(desk.roster(NOW).enrolments) == 5
    assert sum("/Groups/" in path for path in scim.server.paths()) == 3


def test_groups_that_nobody_asked_for_are_not_asked_for_their_members(desk: Desk, scim: Setting) -> None:
    scim.server.fault = edited(without_members, "/Groups?")
    scim.open(desk, all_groups=True, cohorts={"Autumn": "autumn"}, other_cohorts="ignore")
    desk.roster(NOW)
    assert sum("/Groups/" in path for path in scim.server.paths()) == 1


def test_few_people_in_a_large_directory_are_read_one_by_one(desk: Desk, scim: Setting) -> None:
    for number in range(20, 80):
        scim.data.add_user(f"P{number} Other", number)
    scim.server.seen.clear()
    scim.open(desk, cohorts={"Autumn": "autumn"}, page_size=10)
    roster = desk.roster(NOW)
    assert len(roster.enrolments) == 2
    assert {e.person.manager_email for e in roster.enrolments} == {"boss@example.org"}
    assert len(scim.server.seen) <= 1 + 1 + 3


def with_numbers(request: Request, call: Call) -> Response:
    """Serve every id as a number of JSON, as services with a database behind them do."""
    path, slash, last = request.environ["PATH_INFO"].rpartition("/")
    if last.isdecimal():
        request.environ["PATH_INFO"] = f"{path}{slash}id-{int(last):08}"
    response = call()
    response.set_data(re.sub(rb'"id-(0*)([0-9]+)"', rb"\2", response.get_data()))
    return response


@pytest.mark.parametrize("others", [0, 60])
def test_ids_that_are_numbers_are_taken_in_lists_and_one_by_one(others: int, desk: Desk, scim: Setting) -> None:
    for number in range(others):
        scim.data.add_user(f"Other{number} X", 100 + number)
    scim.server.fault = with_numbers
    scim.server.seen.clear()
    scim.open(desk, page_size=5 if others else 100)
    found = {e.person.email for e in desk.roster(NOW).enrolments}
    assert found == {f"{name}@example.org" for name in ("marta", "ines", "tomas", "ana", "ben")}
    assert {e.person.manager_email for e in desk.roster(NOW).enrolments} == {"boss@example.org"}
    assert any("/Users/" in path for path in scim.server.paths()) is bool(others)


def test_what_it_costs_is_what_the_guide_says(desk: Desk, scim: Setting) -> None:
    scim.open(desk)
    desk.roster(NOW)
    assert scim.server.paths() == ["/v2/Groups"] * 3 + ["/v2/Users"]


def test_names_of_attributes_count_in_any_case(desk: Desk, scim: Setting) -> None:
    def louder(told: dict[str, Any]) -> dict[str, Any]:
        return {"TOTALRESULTS": told["totalResults"], "resources": [shout(each) for each in told["Resources"]]}

    def shout(record: dict[str, Any]) -> dict[str, Any]:
        return {key if key in ("id", "schemas") else key.upper(): value for key, value in record.items()}

    scim.server.fault = edited(louder)
    scim.open(desk)
    assert {e.person.email for e in desk.roster(NOW).enrolments} >= {"ines@example.org", "ana@example.org"}


@pytest.mark.parametrize(
    ("emails", "email"),
    [
        ([{"value": "a@x.org"}, {"value": "b@x.org", "primary": True}], "b@x.org"),
        ([{"value": "a@x.org"}, {"value": "b@x.org", "primary": "True"}], "b@x.org"),
        ([{"value": "a@x.org", "type": "home"}, {"value": "b@x.org", "type": "work"}], "b@x.org"),
        ([{"value": "a@x.org"}, {"value": "b@x.org"}], "a@x.org"),
        (["a@x.org"], "a@x.org"),
        ([], None),
        (None, None),
    ],
)
def test_which_address_counts(emails: Any, email: str | None, desk: Desk, scim: Setting) -> None:
    scim.server.fault = edited(lambda told: each_user(told, emails=emails), "/Users")
    scim.open(desk, cohorts={"Spring leads": "spring"})
    assert [e.person.email for e in desk.roster(NOW).enrolments] == [email]


def test_the_user_name_is_an_address_only_where_the_settings_say_so(desk: Desk, scim: Setting) -> None:
    scim.server.fault = edited(lambda told: each_user(told, emails=[]), "/Users")
    scim.open(desk, cohorts={"Spring leads": "spring"}, user_name_is_email=True)
    assert [e.person.email for e in desk.roster(NOW).enrolments] == ["marta@corp.example.org"]


@pytest.mark.parametrize(
    ("manager", "email"),
    [({"value": "chief@x.org"}, "chief@x.org"), ("chief@x.org", "chief@x.org"), ({"value": "gone"}, None), (7, None)],
)
def test_a_manager_may_be_an_address_or_nobody_that_is_known(
    manager: Any, email: str | None, desk: Desk, scim: Setting
) -> None:
    scim.server.fault = edited(lambda told: each_user(told, **{ENTERPRISE: {"manager": manager}}), "/Users?")
    scim.open(desk, cohorts={"Spring leads": "spring"})
    assert [e.person.manager_email for e in desk.roster(NOW).enrolments] == [email]


def without_members(told: dict[str, Any]) -> None:
    """Leave members out of a list, as many services do."""
    for group in told["Resources"]:
        group.pop("members", None)


def capped(most: int) -> Callable[..., Response]:
    """Give at most so many a page, whatever is asked for."""

    def fault(request: Any, call: Callable[[], Response]) -> Response:
        environ = request.environ
        environ["QUERY_STRING"] = environ["QUERY_STRING"].replace("count=100", f"count={most}")
        return call()

    return fault


def test_a_directory_of_more_people_than_a_roster_may_have_is_refused(quiet_desk: Desk, scim: Setting) -> None:
    scim.open(quiet_desk, max_rows=4)
    check_refusal(quiet_desk, "there are more than 4 rows. Is this the right export?", 2, where="/v2")


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"Resources":['])
def test_an_answer_of_twenty_thousand_levels_is_broken_and_no_crash(
    opening: str, quiet_desk: Desk, scim: Setting
) -> None:
    scim.server.fault = content(opening * 20_000)
    scim.open(quiet_desk)
    check_refusal(quiet_desk, "the answer is truncated or is not valid JSON", 5, where="/v2/Groups")


def test_a_number_of_a_million_digits_is_broken_and_no_crash(quiet_desk: Desk, scim: Setting) -> None:
    scim.server.fault = content(f'{{"totalResults": {"9" * 1_000_000}, "Resources": []}}')
    scim.open(quiet_desk)
    check_refusal(quiet_desk, "the answer is truncated or is not valid JSON", 5, where="/v2/Groups")
