"""People of whom a source gives no address are matched by external id, or reported: nobody is guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert

from sync_worker.practice_forum.tables import AssociatedAccount, SsoRecord
from tests.rosters.oneroster.exports import export, write_folder
from tests.rosters.scim.service import each_user
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk
from tests.rosters.web.loopback import edited

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

THEN = datetime(2027, 1, 12, 9, tzinfo=UTC)
NOW = ("--now", "2027-03-10T09:00+00:00")
PEOPLE = ("marta", "ines", "tomas", "ana", "ben")
CONNECT = {"enable_discourse_connect": "true", "discourse_connect_secret": "a-secret-of-tests"}
FORUMS: dict[str, dict[str, Any]] = {
    "core": {"settings": CONNECT},
    "explorer": {"settings": {**CONNECT, "data_explorer_enabled": "true"}},
    "plugin": {"settings": CONNECT, "plugin": True},
}


def open_lti(request: pytest.FixtureRequest, desk: Desk, **more: Any) -> str:
    """A platform that shares neither names nor addresses, as most do until somebody allows it."""
    source: Setting = request.getfixturevalue("lti")
    source.data.sees_names = False
    source.open(desk, **more)
    return "u-{}"


def open_canvas(request: pytest.FixtureRequest, desk: Desk, **more: Any) -> str:
    source: Setting = request.getfixturevalue("canvas")
    for user in source.data.users.values():
        user.email = None
    source.open(desk, **more)
    return "E{}"


def open_moodle(request: pytest.FixtureRequest, desk: Desk, **more: Any) -> str:
    source: Setting = request.getfixturevalue("moodle")
    for user in source.data.users.values():
        user.email = ""
    source.open(desk, **more)
    return "E{}"


def open_scim(request: pytest.FixtureRequest, desk: Desk, **more: Any) -> str:
    source: Setting = request.getfixturevalue("scim")

    def without_addresses(told: dict[str, Any]) -> dict[str, Any]:
        each_user(told, emails=[])
        return told

    source.server.fault = edited(without_addresses, "/Users")
    source.open(desk, **more)
    return "E{}"


def open_oneroster(request: pytest.FixtureRequest, desk: Desk, **more: Any) -> str:
    del request
    users = "".join(f"u{n},,,true,o1,student,,,{name.title()},X,,,,,,,,\n" for n, name in enumerate(PEOPLE, 1))
    places = [
        (1, "c1", "teacher"),
        (2, "c1", "student"),
        (3, "c1", "student"),
        (4, "c2", "student"),
        (5, "c2", "student"),
    ]
    enrolments = "".join(f"e{n},,,{course},o1,u{n},{role},,,\n" for n, course, role in places)
    files = export()
    head = {name: files[name].partition("\n")[0] + "\n" for name in ("users", "enrollments")}
    write_folder(
        desk.folder / "x", files | {"users": head["users"] + users, "enrollments": head["enrollments"] + enrolments}
    )
    desk.write({"oneroster": "x", "cohorts": {"c1": "spring", "c2": "autumn"}, "roles": {"teacher": "lcm"}}, **more)
    return "u{}"


OPEN: dict[str, Callable[..., str]] = {
    "lti": open_lti,
    "canvas": open_canvas,
    "moodle": open_moodle,
    "scim": open_scim,
    "oneroster": open_oneroster,
}


def at(make_forum: Callable[..., Any], folder: Path, **options: Any) -> Desk:
    forum = make_forum(**options)
    forum.add_users(*PEOPLE)
    return Desk(folder, forum)


def know(desk: Desk, ids: str, *, provider: str = "", leave_out: int = 0) -> None:
    """Let the forum know everybody's id from the single sign-on, but for one."""
    numbers = {user["username"]: user["id"] for user in desk.forum.get("/admin/users/list/active.json")}
    for number, name in enumerate(PEOPLE, 1):
        if number == leave_out:
            continue
        with desk.forum.session() as session:
            if provider:
                row = {"provider": provider, "uid": ids.format(number), "user_id": numbers[name]}
                session.execute(insert(AssociatedAccount).values(row))
            else:
                row = {"user_id": numbers[name], "external_id": ids.format(number)}
                session.execute(insert(SsoRecord).values({**row, "created_at": THEN, "updated_at": THEN}))


def groups(desk: Desk) -> tuple[set[str], set[str]]:
    return set(desk.members("spring")), set(desk.members("autumn"))


@pytest.mark.parametrize("source", OPEN)
@pytest.mark.parametrize("rung", FORUMS)
def test_they_are_matched_by_external_id_and_added(
    rung: str, source: str, make_practice_forum: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    desk = at(make_practice_forum, tmp_path, **FORUMS[rung])
    know(desk, OPEN[source](request, desk))
    result = desk.lcm("sync", "--apply", *NOW)
    assert result.exit_code == 0, result.output
    assert "0 unknown" in result.stdout, result.stdout
    spring, autumn = groups(desk)
    assert (spring | autumn, spring & autumn) == (set(PEOPLE), set())
    assert {"ines", "tomas"} <= spring
    assert {"ana", "ben"} <= autumn
    assert "Nothing to do" in desk.lcm("sync", *NOW).stdout


@pytest.mark.parametrize("source", OPEN)
def test_where_the_forum_has_no_external_ids_they_are_reported_and_nobody_is_added(
    source: str, make_practice_forum: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    desk = at(make_practice_forum, tmp_path)
    know(desk, OPEN[source](request, desk))
    result = desk.lcm("sync", "--apply", *NOW)
    assert result.exit_code == 0, result.output
    assert "5 unknown" in result.stdout, result.stdout
    assert groups(desk) == (set(), set())


def test_one_whose_id_the_forum_does_not_know_is_reported_and_the_others_are_added(
    make_practice_forum: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    desk = at(make_practice_forum, tmp_path, **FORUMS["core"])
    know(desk, open_lti(request, desk), leave_out=3)
    result = desk.lcm("sync", "--apply", *NOW)
    assert "no account has external id u-3. (nrps spring, member u-3)" in result.stdout
    assert groups(desk) == ({"marta", "ines"}, {"ana", "ben"})


def test_an_id_is_never_taken_for_a_username_or_for_one_in_another_spelling(
    make_practice_forum: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    desk = at(make_practice_forum, tmp_path, **FORUMS["core"])
    know(desk, open_lti(request, desk).upper())
    desk.forum.add_users(*(f"u-{number}" for number in range(1, 6)))
    result = desk.lcm("sync", "--apply", *NOW)
    assert "5 unknown" in result.stdout
    assert groups(desk) == (set(), set())


@pytest.mark.parametrize("rung", ["core", "explorer"])
def test_the_ids_may_be_those_of_another_log_in_provider(
    rung: str, make_practice_forum: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    explorer = {"settings": {"data_explorer_enabled": "true"}} if rung == "explorer" else {}
    desk = at(make_practice_forum, tmp_path, **explorer)
    ids = open_lti(request, desk)
    desk.write(request.getfixturevalue("lti").roster, lookup={"external_ids": "oidc"})
    know(desk, ids, provider="oidc")
    assert desk.lcm("sync", "--apply", *NOW).exit_code == 0
    assert groups(desk) == ({"marta", "ines", "tomas"}, {"ana", "ben"})


def test_where_single_sign_on_is_switched_off_members_stay_and_newcomers_are_reported(
    make_practice_forum: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    desk = at(make_practice_forum, tmp_path, **FORUMS["core"])
    know(desk, open_lti(request, desk), leave_out=3)
    assert desk.lcm("sync", "--apply", *NOW).exit_code == 0
    answer = desk.forum.call(
        "PUT", "/admin/site_settings/enable_discourse_connect", json={"enable_discourse_connect": "false"}
    )
    assert answer.status_code == 200
    result = desk.lcm("sync", "--apply", "--now", "2027-03-12T09:00+00:00")
    assert result.exit_code == 0
    assert "1 unknown" in result.stdout, result.stdout
    assert groups(desk) == ({"marta", "ines"}, {"ana", "ben"})
