"""`lcm retry`, `lcm recover`, `lcm status` and `lcm check`: what went wrong is said until a person has settled it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.store.database import open_store
from sync_worker.store.pauses import hold, remember
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.start import DOUBT
from tests.cli import test_playbook_run
from tests.worker.backup import back_up, put_back

if TYPE_CHECKING:
    from pathlib import Path

folder = test_playbook_run.folder
NINE = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)
RUN = ("playbook", "run", "first-steps", "--cohort", "spring-27", "--now")


def lcm(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


def store_of(place: Path, practice_forum: Any, *rows: LedgerRow, **held: str) -> None:
    """Write rows into the store, and what is remembered of the forum."""
    store = open_store(f"sqlite:///{place / 'lcm.db'}")
    name = practice_forum.settings.name
    with store.begin() as session:
        session.add_all(rows)
        for key, value in held.items():
            hold(session, name, value) if key == "held" else remember(session, name, DOUBT, value)
    store.close()


def failed(practice_forum: Any, key: str = "lcm-x") -> LedgerRow:
    """An entry that was given up."""
    draft = {"kind": "topic", "raw": "Words enough for a topic.", "reason": "r", "title": "A title that is long enough",
             "category_id": 5, "cohort_name": "Spring", "refs": [], "play": "topic"}  # fmt: skip
    return LedgerRow(key=key, forum=practice_forum.settings.name, cohort="spring-27", playbook="first-steps",
                     step="welcome", slot=NINE, action="topic", state="failed", reason="the title is taken",
                     payload=draft, attempts=1, created_at=NINE, updated_at=NINE)  # fmt: skip


@pytest.mark.parametrize("command", [("history",), ("status",), ("retry",), (*RUN, "2027-02-01T09:00Z")])
def test_what_was_given_up_ends_every_look_with_exit_code_4(
    folder: Path, practice_forum: Any, command: tuple[str, ...]
) -> None:
    assert lcm(*command).exit_code == 0
    store_of(folder, practice_forum, failed(practice_forum))
    result = lcm(*command)
    assert result.exit_code == 4, result.output
    assert "the title is taken" in result.output
    assert "lcm retry" in result.stderr


def test_one_is_tried_again_and_the_others_are_left_undone(folder: Path, practice_forum: Any) -> None:
    store_of(folder, practice_forum, failed(practice_forum), failed(practice_forum, "lcm-y"))
    listed = json.loads(lcm("retry", "--json").stdout)
    assert {entry["key"] for entry in listed["entries"]} == {"lcm-x", "lcm-y"}
    assert lcm("retry", "lcm-x").exit_code == 0
    assert lcm("retry", "--drop", "--all").exit_code == 0
    assert lcm("retry").stdout == "Nothing was given up.\n"
    result = lcm(*RUN, "2027-02-01T09:00Z")
    assert (result.exit_code, "topic done" in result.stdout) == (0, True), result.output
    assert lcm("status").exit_code == 0


@pytest.mark.usefixtures("folder", "practice_forum")
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("retry", "lcm-none"), "nothing that was given up has the key"),
        (("retry", "--drop"), "say which one"),
        (("retry", "lcm-x", "--all"), "say which one"),
        (("recover", "--cohort", "spring-27"), "--was OLD or --is-new"),
        (("recover", "--moved-from", "old.example.org"), "the store knows no forum 'old.example.org'"),
        (("recover", "--not-restored"), "nothing is held"),
        (("recover", "--cohort", "spring-27", "--was", "printemps-27"), "is a cohort of lcm.yaml still"),
        (("recover", "--cohort", "spring-27", "--was", "old-27", "--apply"), "the store knows no cohort 'old-27'"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(arguments: tuple[str, ...], says: str) -> None:
    result = lcm(*arguments)
    assert (result.exit_code, says in result.stderr) == (2, True), result.output


def test_a_restored_forum_is_shown_and_recovered(folder: Path, practice_forum: Any) -> None:
    backup = back_up(practice_forum.server.app)
    begun = lcm(*RUN, "2027-03-01T09:30Z")
    assert begun.exit_code == 0, begun.output
    put_back(practice_forum.server.app, backup)
    practice_forum.set_clock(None)
    checked = lcm("check", "--json")
    assert "restored from a backup" in checked.stdout
    held = lcm(*RUN, "2027-03-02T09:30Z")
    assert (held.exit_code, "restored from a backup" in held.stderr) == (3, True), held.output
    assert "restored from a backup" in lcm("status").stdout
    shown = json.loads(lcm("recover", "--json").stdout)
    assert [(line["title"], line["what"]) for line in shown["missing"]] == [("Spring: who we are", "post again")]
    assert lcm(*RUN, "2027-03-02T09:31Z").exit_code == 3
    applied = lcm("recover", "--apply", "--now", "2027-03-02T09:32Z")
    assert applied.exit_code == 0, applied.output
    assert lcm(*RUN, "2027-03-02T09:40Z").exit_code == 0
    titles = [topic["title"] for topic in practice_forum.get("/latest.json")["topic_list"]["topics"]]
    assert titles.count("Spring: who we are") == 1
    assert "Nothing of ours is missing" in lcm("recover").stdout


def test_status_and_check_say_why_nothing_is_done(folder: Path, practice_forum: Any) -> None:
    store_of(folder, practice_forum, held="It looks as if it had been restored.", doubt="The clock is wrong.")
    assert "note: The clock is wrong." in lcm("status").stdout
    assert "note: It looks as if it had been restored." in lcm("status").stdout
    findings = json.loads(lcm("check", "--json").stdout)["findings"]
    told = {finding["what"] for finding in findings if finding["verdict"] == "fail"}
    assert {"It looks as if it had been restored.", "The clock is wrong."} <= told


def test_check_fails_where_a_playbook_is_missing_or_not_sound(folder: Path, practice_forum: Any) -> None:
    del practice_forum
    text = (folder / "lcm.yaml").read_text(encoding="utf-8")
    assert json.loads(lcm("check", "--json").stdout)["ok"]
    (folder / "lcm.yaml").write_text(
        text.replace("playbook: first-steps", "playbook: frist-steps", 1), encoding="utf-8"
    )
    result = lcm("check")
    assert result.exit_code == 5
    assert (
        "there is no playbook 'frist-steps', which spring-27 should follow. Did you mean 'first-steps'?"
        in result.stdout
    )


def test_check_says_when_a_deck_runs_out(folder: Path, practice_forum: Any) -> None:
    del practice_forum
    text = (folder / "lcm.yaml").read_text(encoding="utf-8")
    (folder / "lcm.yaml").write_text(text.replace("end: 2027-04-09", "end: 2027-08-27"), encoding="utf-8")
    said = "deck 'apply-it' has 13 prompts for 25 dates: from 2027-05-31 on nothing is posted on 12 of them."
    assert f"spring-27: {said}" in lcm("check").stdout
    shown = lcm("playbook", "show", "first-steps", "--cohort", "spring-27", "--now", "2027-02-01T00:00Z").stdout
    assert said in shown
    assert "2027-03-08 09:00  Mon  weekly-prompt    prompt   to come  The sentence you opened with" in shown


def test_a_cohort_without_an_end_shows_no_end(folder: Path, practice_forum: Any) -> None:
    del practice_forum
    text = (folder / "lcm.yaml").read_text(encoding="utf-8")
    (folder / "lcm.yaml").write_text(text.replace("end: 2027-04-09", "end: 9999-12-31", 1), encoding="utf-8")
    result = lcm("status", "--json", "--now", "2027-02-01T00:00Z")
    lines = {line["cohort"]: line for line in json.loads(result.stdout)["cohorts"]}
    assert (lines["spring-27"]["next"], lines["spring-27"]["problem"]) == ("welcome 2027-03-01 09:00", "")
    assert lines["printemps-27"]["next"] == "welcome 2027-03-01 09:00"
