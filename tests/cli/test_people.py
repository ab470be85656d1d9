"""`lcm people settle`: a person says whose an account is, and what was said is kept and can be taken back."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from tests.conftest import PracticeForum

HEAD = "external_id,email,name,cohort,role\n"


@dataclass
class Office:
    """Where somebody runs `lcm` on a roster in a file."""

    forum: PracticeForum
    folder: Path

    def write(self, *rows: str) -> None:
        """Write the roster."""
        text = HEAD + "".join(f"{row},learner\n" for row in rows)
        (self.folder / "roster.csv").write_text(text, encoding="utf-8")

    def lcm(self, *arguments: str) -> Result:
        """Run a command."""
        options = ["--config", str(self.folder / "lcm.yaml"), "--now", "2027-03-15T09:00:00Z"]
        return CliRunner().invoke(main, [*arguments, *options], env={"PRACTICE_KEY": self.forum.key})

    def settle(self, *arguments: str) -> Result:
        """Run `lcm people settle`."""
        return self.lcm("people", "settle", *arguments)

    def listed(self) -> dict[str, Any]:
        """What it lists."""
        found: dict[str, Any] = json.loads(self.settle("--json").output)
        return found

    def sync(self) -> Result:
        """Run `lcm sync --apply`."""
        return self.lcm("sync", "plan", "--apply")

    def members(self, group: str) -> set[str]:
        """Who is in a group."""
        return {row["username"] for row in self.forum.get(f"/groups/{group}/members.json")["members"]}


@pytest.fixture
def office(make_practice_forum: Callable[..., PracticeForum], tmp_path: Path) -> Office:
    """An office where id 1, Ana's, was given to Zoe."""
    forum = make_practice_forum()
    forum.add_users("ana", "ben", "zoe")
    (tmp_path / "lcm.yaml").write_text(
        f"forum: {{url: '{forum.url}', api_username: forumadmin, key_env: PRACTICE_KEY, calls_per_minute: 1000000}}\n"
        "store: 'sqlite:///lcm.db'\n"
        "roster: {csv: roster.csv}\n"
        "limits: {allow: [add, remove, create, owners], grace_days: 0, max_removal_fraction: 1.0}\n"
        "cohorts:\n"
        "- {key: spring, name: Spring, timezone: UTC, start: 2027-03-01, end: 2027-05-31}\n"
        "- {key: autumn, name: Autumn, timezone: UTC, start: 2027-03-01, end: 2027-05-31}\n",
        encoding="utf-8",
    )
    place = Office(forum, tmp_path)
    place.write("1,ana@example.org,Ana Silva,spring", "2,ben@example.org,Ben Okafor,spring")
    first = place.sync()
    assert first.exit_code == 0, first.output
    place.write("1,zoe@example.org,Zoe Novak,spring", "2,ben@example.org,Ben Okafor,spring")
    return place


def test_what_is_to_be_settled_is_listed_with_both_sides(office: Office) -> None:
    result = office.settle()
    assert result.exit_code == 0, result.output
    assert "Zoe Novak (cohort spring, " in result.output
    assert "'ana' on 2027-03-15" in result.output
    (one,) = office.listed()["unsettled"]
    assert (one["cohort"], one["label"]) == ("spring", "Zoe Novak")


def test_an_account_that_somebody_settles_is_theirs_from_the_next_sync_on(office: Office) -> None:
    assert "contradiction" in office.lcm("sync", "plan").output
    result = office.settle("Zoe Novak", "--cohort", "spring", "--account", "zoe", "--by", "Ines", "--reason", "new id")
    assert result.exit_code == 0, result.output
    assert "Settled by Ines: Zoe Novak is 'zoe'" in result.output
    assert office.sync().exit_code == 0
    assert office.members("spring") == {"ben", "zoe"}
    listed = office.listed()
    assert listed["unsettled"] == []
    assert [(one["label"], one["by"], one["username"], one["reason"]) for one in listed["settled"]] == [
        ("Zoe Novak", "Ines", "zoe", "new id")
    ]


def test_that_an_account_is_nobodys_holds_as_well(office: Office) -> None:
    assert office.settle("zoe@example.org", "--cohort", "spring", "--nobody", "--by", "Ines").exit_code == 0
    output = office.sync().output
    assert "settled by Ines on 2027-03-15: none of the accounts is theirs" in output
    assert office.members("spring") == {"ben"}
    assert office.listed()["unsettled"] == []


def test_what_was_settled_can_be_taken_back(office: Office) -> None:
    office.settle("Zoe Novak", "--cohort", "spring", "--account", "zoe", "--by", "Ines")
    result = office.settle("Zoe Novak", "--cohort", "spring", "--undo", "--by", "Tom")
    assert "Taken back by Tom" in result.output
    office.sync()
    assert office.members("spring") == {"ana", "ben"}
    (one,) = office.listed()["settled"]
    assert (one["by"], one["undone_by"]) == ("Ines", "Tom")
    assert office.listed()["unsettled"] != []
    assert office.settle("Zoe Novak", "--cohort", "spring", "--undo").exit_code == 2


def test_a_settlement_holds_only_for_what_the_roster_said_then(office: Office) -> None:
    office.settle("Zoe Novak", "--cohort", "spring", "--account", "zoe", "--by", "Ines")
    office.sync()
    office.write("1,max@example.org,Max Roth,spring", "2,ben@example.org,Ben Okafor,spring")
    office.sync()
    assert office.members("spring") == {"ben", "zoe"}
    assert [one["label"] for one in office.listed()["unsettled"]] == ["Max Roth"]


def test_an_account_of_somebody_else_in_the_roster_is_refused(office: Office) -> None:
    result = office.settle("Zoe Novak", "--cohort", "spring", "--account", "ben")
    assert result.exit_code == 3
    assert "is remembered as that of 'id:2'" in result.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Zoe Novak", "--cohort", "spring"), "say what is settled"),
        (("Zoe Novak", "--cohort", "spring", "--nobody", "--undo"), "say what is settled"),
        (("Zoe Novak", "--nobody"), "say in which cohort"),
        (("Zoe Novak", "--cohort", "winter", "--nobody"), "no cohort has the key 'winter'"),
        (("Zoe Nowak", "--cohort", "spring", "--nobody"), "nobody called 'Zoe Nowak'"),
        (("Zoe Novak", "--cohort", "spring", "--account", "nosuch"), "no account 'nosuch'"),
        (("--nobody",), "say whom it is about"),
    ],
)
def test_what_cannot_be_meant_is_said(office: Office, arguments: tuple[str, ...], said: str) -> None:
    result = office.settle(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_settling_changes_nothing_on_the_forum(office: Office) -> None:
    before = office.members("spring")
    office.settle("Zoe Novak", "--cohort", "spring", "--account", "zoe")
    assert office.members("spring") == before
