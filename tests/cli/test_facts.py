"""`lcm facts`, and facts of a roster that syncs: kept with the account, unknown when no longer stated, forgotten."""

from __future__ import annotations

import csv
import json
import re
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from click.testing import CliRunner, Result
from sqlalchemy import update

from sync_worker.cli import main
from sync_worker.model import Fact, Manager, managers_in
from sync_worker.practice_forum.tables import User
from sync_worker.store.database import open_store
from sync_worker.store.facts import facts_of, set_fact

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sync_worker.model import FactValue
    from tests.conftest import PracticeForum

HEAD = "external_id,email,name,cohort,role,site,attendance\n"
ROSTER = f"{HEAD}1,ana@example.org,Ana,spring,learner,Lyon,0.5\n2,ben@example.org,Ben,spring,learner,Porto,n/a\n"


@dataclass
class Office:
    """Where somebody runs `lcm` on a roster in a file that states facts."""

    forum: PracticeForum
    folder: Path
    ids: dict[str, int]

    def write(self, name: str, text: str) -> Path:
        """Write a file."""
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.folder / name

    def lcm(self, *arguments: str, code: int = 0, now: str = "2027-03-15T09:00:00Z") -> Result:
        """Run a command that ends with that code."""
        options = ["--config", str(self.folder / "lcm.yaml")]
        options += ["--now", now] if arguments[0] == "sync" or "import" in arguments else []
        result = CliRunner().invoke(main, [*arguments, *options], env={"PRACTICE_KEY": self.forum.key})
        assert result.exit_code == code, result.output
        return result

    def imported(self, text: str, *options: str, code: int = 0) -> Result:
        """Import a file `quiz.csv` by e-mail."""
        return self.lcm("facts", "import", str(self.write("quiz.csv", text)), "--key", "email", *options, code=code)

    def known(self, username: str, cohort: str = "spring") -> dict[str, FactValue]:
        """What is known of somebody."""
        store = open_store(self.address)
        with store.begin() as session:
            found = facts_of(session, self.forum.settings.name, cohort).get(self.ids[username], {})
        store.close()
        return {name: fact.value for name, fact in found.items()}

    @property
    def address(self) -> str:
        """The store's address."""
        settings = yaml.safe_load((self.folder / "lcm.yaml").read_text(encoding="utf-8"))
        store: str = settings["store"]
        return store


@pytest.fixture(params=["sqlite", "postgres"])
def office(request: pytest.FixtureRequest, make_practice_forum: Callable[..., PracticeForum], tmp_path: Path) -> Office:
    """An office after a first sync, with a store of each kind that is at hand."""
    forum = make_practice_forum()
    ids = dict(zip(("ana", "ben", "zoe"), forum.add_users("ana", "ben", "zoe"), strict=True))
    address = f"sqlite:///{tmp_path / 'lcm.db'}"
    if request.param == "postgres":
        address = request.getfixturevalue("postgres_url")
    settings: dict[str, Any] = {
        "forum": {
            "url": forum.url, "api_username": "forumadmin", "key_env": "PRACTICE_KEY", "calls_per_minute": 1000000,
        },
        "store": address,
        "roster": {"csv": "roster.csv", "facts": {"site": "text", "attendance": "number"}},
        "limits": {
            "allow": ["add", "remove", "create", "owners"], "grace_days": 0, "grace_runs": 1,
            "max_removal_fraction": 1.0, "max_shrink_fraction": 1.0, "max_overall_shrink_fraction": 1.0,
            "max_overall_removal_fraction": 1.0,
        },
        "cohorts": [
            {"key": "spring", "name": "Spring", "timezone": "UTC", "start": "2027-03-01", "end": "2027-05-31"}
        ],
    }  # fmt: skip
    (tmp_path / "lcm.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    place = Office(forum, tmp_path, ids)
    place.write("roster.csv", ROSTER)
    place.lcm("sync", "plan", "--apply")
    return place


def test_a_sync_keeps_what_the_roster_states_and_a_plan_keeps_nothing(office: Office) -> None:
    assert office.known("ana") == {"site": "Lyon", "attendance": 0.5}
    assert office.known("ben") == {"site": "Porto"}
    office.write("roster.csv", ROSTER.replace("Lyon", "Paris").replace("n/a", "0.9"))
    office.lcm("sync", "plan")
    assert office.known("ana")["site"] == "Lyon"


def test_what_the_roster_states_no_longer_is_unknown(office: Office) -> None:
    office.write("roster.csv", ROSTER.replace("Lyon", "").replace("2,ben", "3,zoe").replace("ben@", "zoe@"))
    office.lcm("sync", "plan", "--apply", "--accept-roster", now="2027-03-16T09:00:00Z")
    assert office.known("ana") == {"attendance": 0.5}
    assert office.known("zoe") == {"site": "Porto"}
    assert office.known("ben") == {}


def test_a_refused_roster_takes_nothing_away(office: Office) -> None:
    office.write("roster.csv", HEAD)
    office.lcm("sync", "plan", "--apply", code=2, now="2027-03-16T09:00:00Z")
    assert office.known("ana") == {"site": "Lyon", "attendance": 0.5}


def test_a_roster_that_is_named_no_longer_states_nothing(office: Office) -> None:
    office.write("other.csv", ROSTER)
    text = (office.folder / "lcm.yaml").read_text(encoding="utf-8")
    office.write("lcm.yaml", text.replace("roster.csv", "other.csv").replace("site: text", "team: text"))
    office.write("other.csv", ROSTER.replace("site", "team"))
    office.lcm("sync", "plan", "--apply", now="2027-03-16T09:00:00Z")
    assert office.known("ana") == {"team": "Lyon", "attendance": 0.5}


def test_a_file_is_merged_in_by_a_key_and_strangers_are_reported(office: Office) -> None:
    text = 'email,score,passed\nANA@example.org,"12,5",yes\nnobody@example.org,1,no\n'
    dry = office.imported(text, "--dry-run", code=4)
    assert "Would keep 2 values of 1 person: score (number), passed (yes/no)." in dry.output
    assert office.known("ana") == {"site": "Lyon", "attendance": 0.5}
    result = office.imported(text, code=4)
    assert "quiz.csv:3: nobody with this email has an account that is known." in result.output
    assert "nobody@" not in result.output
    assert office.known("ana") == {"site": "Lyon", "attendance": 0.5, "score": 12.5, "passed": True}


def test_a_file_that_names_somebody_as_their_own_manager_is_reported(office: Office) -> None:
    rows = "1,Ana@example.org; bea@example.org,Ana; Bea\n2,jo@example.org,Jo\n"
    path = str(office.write("bosses.csv", f"external_id,manager_email,manager_name\n{rows}"))
    result = office.lcm("facts", "import", path, "--key", "external_id", code=4)
    assert "bosses.csv:2: the manager's address is the person's own; it is ignored there." in result.output
    found = {name: Fact(value, "", datetime.now(UTC)) for name, value in office.known("ana").items()}
    assert managers_in(found) == (Manager("bea@example.org", "Bea"),)
    assert office.known("ben")["manager_email"] == "jo@example.org"


def test_a_second_import_replaces_and_an_empty_cell_is_unknown(office: Office) -> None:
    office.imported("email,score\nana@example.org,1\nben@example.org,2\n")
    office.imported("email,score\nana@example.org,\n")
    assert "score" not in office.known("ana")
    assert office.known("ben")["score"] == 2.0


def test_facts_of_one_cohort_are_kept_apart_and_other_keys_work(office: Office) -> None:
    path = str(office.write("days.csv", "username;Tage\nAna;3\n"))
    office.lcm("facts", "import", path, "--key", "username", "--as", "days=Tage:number", "--cohort", "spring")
    assert office.known("ana")["days"] == 3.0
    assert "days" not in office.known("ana", "autumn")
    path = str(office.write("ids.csv", "Nr,level\n2,B1\n"))
    office.lcm("facts", "import", path, "--key", "external_id", "--key-column", "Nr")
    assert office.known("ben")["level"] == "B1"


def test_values_are_shown_only_where_somebody_asks_for_a_person(office: Office) -> None:
    office.imported("email,score,passed\nana@example.org,17.03125,oui\n")  # no path or date of a test has that number
    listed = office.lcm("facts", "list").output
    assert "score" in listed
    assert "17.03" not in listed
    shown = office.lcm("facts", "show", "ana").output
    assert "17.03125" in shown
    assert "file quiz.csv" in shown
    assert re.search(r"^passed +- +yes ", shown, re.MULTILINE)
    rows = json.loads(office.lcm("facts", "show", "ANA", "--json").output)
    assert {row["name"]: row["value"] for row in rows} == {
        "site": "Lyon",
        "attendance": 0.5,
        "score": 17.03125,
        "passed": True,
    }
    office.lcm("facts", "show", "nobody", code=2)


def test_forgetting_is_shown_first_and_done_when_told(office: Office) -> None:
    office.imported("email,score\nana@example.org,1\nben@example.org,2\n")
    assert "Would forget 3 facts." in office.lcm("facts", "forget", "ana").output
    assert "score" in office.known("ana")
    office.lcm("facts", "forget", "ana", "--apply")
    assert office.known("ana") == {}
    assert "Forgot 1 fact." in office.lcm("facts", "forget", "--fact", "score", "--apply").output
    assert office.known("ben") == {"site": "Porto"}
    office.lcm("facts", "forget", code=2)


def test_everything_is_forgotten_with_the_person(office: Office) -> None:
    office.imported("email,score\nana@example.org,1\nben@example.org,2\n")
    office.write("roster.csv", HEAD + ROSTER.splitlines()[2] + "\n")
    office.lcm("sync", "plan", "--apply", "--accept-roster", now="2027-03-16T09:00:00Z")
    assert office.known("ana") == {}
    assert office.known("ben") == {"site": "Porto", "score": 2.0}
    with office.forum.session() as session:  # as Discourse anonymises an account
        names = {"username": "anon12345", "username_lower": "anon12345", "name": "", "active": True}
        session.execute(update(User).where(User.id == office.ids["ben"]).values(**names))
    office.lcm("sync", "plan", "--apply", now="2027-03-18T09:00:00Z")
    assert office.known("ben") == {}


def test_a_session_of_the_worker_may_set_a_fact(office: Office) -> None:
    store = open_store(office.address)
    with store.begin() as session:
        at = datetime(2027, 3, 20, tzinfo=UTC)
        forum = office.forum.settings.name
        set_fact(session, forum, office.ids["ben"], "kick_off", value=True, source="session kick-off", at=at)
    store.close()
    office.lcm("sync", "plan", "--apply", now="2027-03-21T09:00:00Z")
    assert office.known("ben") == {"site": "Porto", "kick_off": True}


def test_an_export_is_for_its_owner_alone_and_computes_nothing(office: Office) -> None:
    office.imported("email,note,more,score\nana@example.org,'=1+1,\uff1d1+1,-3\n")
    file = office.folder / "facts.csv"
    result = office.lcm("facts", "export", str(file))
    assert "Wrote 6 facts" in result.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    rows = {(row["username"], row["fact"]): row for row in csv.DictReader(file.read_text("utf-8").splitlines())}
    assert rows["ana", "site"]["value"] == "Lyon"
    assert rows["ana", "site"]["cohort"] == "spring"
    assert rows["ana", "score"]["value"] == "-3.0"
    assert not any(row["value"].startswith(("=", "\uff1d")) for row in rows.values())
    office.lcm("facts", "export", str(file), "--fact", "score")
    assert len(file.read_text("utf-8").splitlines()) == 2


def test_an_export_that_cannot_be_written_is_an_error_with_its_place(office: Office) -> None:
    result = office.lcm("facts", "export", str(office.folder / "nowhere" / "facts.csv"), code=2)
    assert "nowhere/facts.csv: the facts cannot be written: No such file or directory." in result.stderr
