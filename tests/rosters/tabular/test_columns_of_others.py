"""Columns that bear one of our names and speak of another system do not stand in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.rosters.syncing import Desk

EXPORT = (
    "external_id,email,name,Username,Status\n"
    "E1,ines@example.org,Ines,jsmith99,Full time\n"
    "E2,tomas@example.org,Tomas,jsmith99,Part time\n"
)
ROSTER: dict[str, Any] = {"csv": "r.csv", "default_cohort": "spring", "default_role": "learner"}


def test_usernames_that_identity_does_not_name_may_be_of_another_system(desk: Desk) -> None:
    (desk.folder / "r.csv").write_text(EXPORT, encoding="utf-8")
    desk.write(ROSTER, identity=["external_id", "email"])
    result = desk.lcm("sync", "--apply", "--now", "2027-03-10T09:00+00:00")
    assert result.exit_code == 0, result.output
    assert set(desk.members("spring")) == {"ines", "tomas"}


def test_usernames_that_identity_names_are_compared(desk: Desk) -> None:
    (desk.folder / "r.csv").write_text(EXPORT, encoding="utf-8")
    desk.write(ROSTER)
    result = desk.lcm("sync", "--apply", "--now", "2027-03-10T09:00+00:00")
    assert result.exit_code == 3
    assert "username 'jsmith99' belongs to a person with another external id in r.csv:2" in result.output


def test_a_column_of_usernames_that_is_named_is_read_whatever_identity_says(desk: Desk) -> None:
    (desk.folder / "r.csv").write_text(EXPORT, encoding="utf-8")
    desk.write(ROSTER | {"columns": {"username": "Username"}}, identity=["external_id", "email"])
    assert desk.lcm("sync", "--apply", "--now", "2027-03-10T09:00+00:00").exit_code == 3


def test_a_file_of_usernames_alone_is_refused_where_identity_does_not_name_them(desk: Desk) -> None:
    (desk.folder / "r.csv").write_text("Username\ntomas\n", encoding="utf-8")
    desk.write(ROSTER, identity=["external_id", "email"])
    result = desk.lcm("sync", "--apply", "--now", "2027-03-10T09:00+00:00")
    assert result.exit_code == 2
    assert "Headers not used: Username" in result.output
    assert "Add one of external_id, email, or map it" in result.output
