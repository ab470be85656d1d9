from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import jsonschema
import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.store.database import open_store
from sync_worker.store.tables import DraftRow, LedgerRow, OccurrenceRow

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """\
forum: {url: https://forum.example.org, api_username: system}
store: sqlite:///lcm.db
playbooks: [mine]
cohorts:
  - {key: spring-27, name: Spring, start: 2027-03-01, end: 2027-03-19, timezone: Europe/Lisbon, playbook: mine}
"""
PLAYBOOK = """\
playbook: mine
title: {en: My own steps}
version: 1
steps:
  - {id: welcome, at: start 09:00, play: topic, with: {template: welcome}}
  - {id: again, every: monday 10:00, play: topic, with: {template: welcome}}
"""
NINE = datetime(2027, 3, 1, 9, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings and one playbook, and the present in it."""
    templates = tmp_path / "mine" / "templates"
    templates.mkdir(parents=True)
    (templates / "welcome.en.md").write_text("---\ntitle: Welcome to all of you\n---\nHello there.\n", encoding="utf-8")
    (tmp_path / "mine" / "playbook.yml").write_text(PLAYBOOK, encoding="utf-8")
    (tmp_path / "lcm.yaml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lcm(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def remember(folder: Path, *rows: object) -> None:
    store = open_store(f"sqlite:///{folder / 'lcm.db'}")
    with store.begin() as session:
        session.add_all(rows)
    store.close()


def draft_row(**more: object) -> DraftRow:
    body = {"kind": "message", "title": "A question for you", "raw": "May we show your answer?", "recipients": ["ines"],
            "playbook": "mine", "step": "ask", "slot": NINE.isoformat(), "reason": "a good answer"}  # fmt: skip
    values = {"key": "lcm-one", "forum": "forum.example.org", "cohort": "spring-27", "state": "pending", "body": body,
              "reason": "a good answer", "created_at": NINE, **more}  # fmt: skip
    return DraftRow(**values)


def test_list_names_own_playbooks_and_where_they_are(folder: Path) -> None:
    found = {row["playbook"]: row for row in json.loads(lcm("playbook", "list", "--json").stdout)}
    assert found["mine"] == {
        "playbook": "mine",
        "title": "My own steps",
        "steps": 2,
        "folder": str((folder / "mine").resolve()),
    }
    assert "My own steps" in lcm("playbook", "list").stdout


def test_check_says_that_a_playbook_is_sound_or_every_reason_why_not(folder: Path) -> None:
    assert "mine: sound, 2 steps" in lcm("playbook", "check", "mine").stdout
    (folder / "mine" / "playbook.yml").write_text(PLAYBOOK.replace("every:", "evry:"), encoding="utf-8")
    result = lcm("playbook", "check", "mine")
    assert result.exit_code == 2
    assert "playbook.yml:6:17: unknown key 'evry'. Did you mean 'every'?" in result.stderr


def test_check_looks_into_the_texts(folder: Path) -> None:
    (folder / "mine" / "templates" / "welcome.en.md").write_text("---\ntitle: Hi\n---\n{{ oops", encoding="utf-8")
    result = lcm("playbook", "check", "mine")
    assert result.exit_code == 2
    assert "welcome.en.md" in result.stderr


def test_schema_prints_a_json_schema(folder: Path) -> None:
    schema = json.loads(lcm("playbook", "schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)


def test_show_prints_what_will_happen_on_the_clock_of_the_cohort(folder: Path) -> None:
    result = lcm("playbook", "show", "mine", "--cohort", "spring-27", "--now", "2027-02-01T00:00+00:00", "--json")
    assert [(line["when"], line["step"], line["state"]) for line in json.loads(result.stdout)] == [
        ("2027-03-01T09:00+00:00", "welcome", "to come"),
        ("2027-03-01T10:00+00:00", "again", "to come"),
        ("2027-03-08T10:00+00:00", "again", "to come"),
        ("2027-03-15T10:00+00:00", "again", "to come"),
    ]
    assert "2027-03-08 10:00  Mon  again" in lcm("playbook", "show", "mine", "--cohort", "spring-27").stdout


def test_show_tells_what_has_happened_is_due_and_was_missed(folder: Path) -> None:
    shown = json.loads(lcm("playbook", "show", "mine", "--cohort", "spring-27", "--json",
                           "--now", "2027-03-08T09:30+00:00").stdout)  # fmt: skip
    assert [line["state"] for line in shown] == ["missed", "missed", "to come", "to come"]
    row = OccurrenceRow(key="k", forum="forum.example.org", cohort="spring-27", playbook="mine", step="welcome",
                        slot=NINE, outcome="done", reason="because", at=NINE)  # fmt: skip
    remember(folder, row)
    shown = json.loads(lcm("playbook", "show", "mine", "--cohort", "spring-27", "--json",
                           "--now", "2027-03-01T10:30+00:00").stdout)  # fmt: skip
    assert [line["state"] for line in shown] == ["done", "due", "to come", "to come"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("playbook", "show", "mine", "--cohort", "spring-28"), "Did you mean 'spring-27'"),
        (("playbook", "show", "mime", "--cohort", "spring-27"), "Did you mean 'mine'"),
        (("playbook", "show", "mine", "--cohort", "spring-27", "--now", "soon"), "is not a time"),
        (("playbook", "show", "mine", "--cohort", "spring-27", "--now", "2027-03-01T09:00"), "has no offset"),
        (("playbook", "show", "mine", "--cohort", "x", "--config", "none.yaml"), "none.yaml"),
        (("playbook", "run", "mine", "--cohort", "spring-27"), "no API key in environment variable"),
    ],
)
def test_wrong_calls_exit_with_2_and_say_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.delenv("DISCOURSE_API_KEY", raising=False)
    result = lcm(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr


def test_drafts_are_listed_shown_and_approved_once(folder: Path) -> None:
    remember(folder, draft_row())
    assert "lcm-one" in lcm("drafts", "list").stdout
    assert "May we show your answer?" in lcm("drafts", "show", "lcm-one").stdout
    assert lcm("drafts", "show", "1").stdout == lcm("drafts", "show", "lcm-one").stdout
    assert lcm("drafts", "approve", "lcm-one", "--by", "marta").exit_code == 0
    shown = json.loads(lcm("drafts", "show", "lcm-one", "--json").stdout)
    assert (shown["state"], shown["decided_by"]) == ("approved", "marta")
    assert lcm("drafts", "list").stdout == "No drafts wait.\n"
    again = lcm("drafts", "reject", "lcm-one", "--reason", "no")
    assert (again.exit_code, "is approved already" in again.stderr) == (2, True)


def test_a_rejection_needs_and_keeps_its_reason(folder: Path) -> None:
    remember(folder, draft_row())
    assert lcm("drafts", "reject", "lcm-one").exit_code == 2
    assert lcm("drafts", "reject", "lcm-one", "--reason", "too early", "--by", "marta").exit_code == 0
    assert "Decided by marta: too early" in lcm("drafts", "show", "lcm-one").stdout


def test_drafts_are_decided_by_their_numbers_all_of_them_or_none(folder: Path) -> None:
    for key in ("lcm-one", "lcm-two", "lcm-three"):
        remember(folder, draft_row(key=key))
    listed = json.loads(lcm("drafts", "list", "--json").stdout)
    numbers = {row["key"]: row["number"] for row in listed}
    assert sorted(numbers.values()) == [1, 2, 3]
    assert json.loads(lcm("drafts", "list", "--json").stdout) == listed
    refused = lcm("drafts", "approve", "1", "7")
    assert (refused.exit_code, "no draft has the number 7" in refused.stderr) == (2, True)
    first, last = str(numbers["lcm-one"]), str(numbers["lcm-three"])
    assert lcm("drafts", "approve", first, last, "--by", "marta").exit_code == 0
    states = {row["key"]: row["state"] for row in json.loads(lcm("drafts", "list", "--state", "all", "--json").stdout)}
    assert states == {"lcm-one": "approved", "lcm-two": "pending", "lcm-three": "approved"}
    assert "is approved already" in lcm("drafts", "reject", first, "--reason", "no").stderr
    assert lcm("drafts", "reject", "--all", "--reason", "too early").stdout == "lcm-two: rejected.\n"
    assert lcm("drafts", "approve").exit_code == 2
    assert lcm("drafts", "approve", "--all").stdout == "No drafts wait.\n"


def test_an_unknown_draft_is_a_wrong_call(folder: Path) -> None:
    assert lcm("drafts", "show", "lcm-none").exit_code == 2


def test_history_and_status_tell_what_was_done_and_what_comes(folder: Path) -> None:
    assert lcm("history").stdout == "Nothing was posted yet.\n"
    row = LedgerRow(key="lcm-x", forum="forum.example.org", cohort="spring-27", playbook="mine", step="welcome",
                    slot=NINE, action="topic", state="done", payload={"title": "Welcome"}, result={"topic_id": 7},
                    created_at=NINE, updated_at=NINE)  # fmt: skip
    remember(folder, row, draft_row())
    assert "Welcome" in lcm("history", "--cohort", "spring-27").stdout
    assert json.loads(lcm("history", "--json").stdout)[0]["topic"] == 7
    result = lcm("status", "--json", "--now", "2027-03-01T08:00+00:00")
    assert result.exit_code == 0, result.stderr
    line = json.loads(result.stdout)["cohorts"][0]
    assert line == {"cohort": "spring-27", "playbook": "mine", "done": 1, "intended": 0, "failed": 0, "missed": 0,
                    "drafts": 1, "blockers": None, "next": "welcome 2027-03-01 09:00", "problem": ""}  # fmt: skip
    assert "spring-27" in lcm("status").stdout
    assert "None" not in lcm("status").stdout
