"""What is wrong with a setting is said in plain words: what is there, what is allowed there, and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from sync_worker.cli import main
from sync_worker.config.load import load_settings
from sync_worker.content.decks import read_deck
from sync_worker.errors import ConfigError

GOOD = """\
forum: {url: "https://forum.example.org"}
roster: {csv: roster.csv}
limits: {allow: [add]}
lookup: {rungs: [terms]}
cohorts:
  - {key: spring, name: Spring, start: 2027-03-01, end: 2027-05-31, timezone: Europe/Lisbon}
"""
SPRING = "key: spring, name: Spring"


def problems(folder: Path, text: str) -> list[str]:
    (folder / "lcm.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(folder / "lcm.yaml")
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("start: 2027-03-01", "start: 25/11/2026",
         "6:33: start: '25/11/2026' is not valid here; it must be a day, such as 2027-12-31."),
        ("[add]", "[add, delete]",
         "3:23: number 2 of allow: 'delete' is not valid here; allowed: add, remove, owners, create, adopt"),
        (SPRING, f"locale: de, {SPRING}", "6:6: locale: 'de' is not valid here; allowed: en, fr."),
        (SPRING, "key: spring, name: 2027",
         "6:19: name: '2027' is not valid here; it must be text (put it in quotes)."),
        (SPRING, 'key: spring, name: " "', "6:19: name: write one line of text, not an empty one."),
        (SPRING, 'key: spring, name: "Two\\nlines"', "6:19: name: write one line of text, not an empty one."),
        (SPRING, 'key: spring, name: "a\\u202Eb"', "6:19: name: write one line of text, not an empty one."),
        (SPRING, f'category: "", {SPRING}', "6:6: category: write one line of text, not an empty one."),
        (SPRING, f"tags: one, {SPRING}", "6:6: tags: 'one' is not valid here; it must be a list, such as [one, two]."),
        (SPRING, f"archive_after: -1, {SPRING}", "6:6: archive_after: '-1' is not valid here; it must be at least 0."),
        (SPRING, f"archive_after: soon, {SPRING}",
         "6:6: archive_after: 'soon' is not valid here; it must be a whole number."),
        ("csv: roster.csv", "csv: roster.csv, roles: {tutor: lmc}",
         "2:35: tutor: 'lmc' is not valid here; allowed: learner, lcm, facilitator, ignore. Did you mean 'lcm'?"),
        ("csv: roster.csv", "csv: roster.csv, people_only: maybe",
         "2:27: people_only: 'maybe' is not valid here; it must be true or false."),
        ("csv: roster.csv", "csv: roster.csv, kind: no",
         "2:27: kind: 'false' (YAML reads yes, no, on and off so) is not valid here; allowed: snapshot, delta."),
        ("csv: roster.csv", "csv: [roster.csv]", "2:10: csv: a list is not valid here; it must be the path of a file"),
        ("csv: roster.csv", "roles: {}", "2:1: roster: say what kind of source this is by one of csv, xlsx"),
        ("{csv: roster.csv}", "roster.csv", "2:1: roster: say what kind of source this is by one of csv, xlsx"),
        ("rungs: [terms]", "singly: '5 or so'",
         "4:10: singly: '5 or so' is not valid here; it must be a whole number."),
        ("lookup: {rungs: [terms]}", "join_by: []",
         "4:1: join_by: a list is not valid here; it must be at least 1 entry."),
        ("lookup: {rungs: [terms]}", "lookup:", "4:1: lookup: an empty value is not valid here; it must be keys"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_what_may_stand_there(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in GOOD
    (line,) = problems(tmp_path, GOOD.replace(old, new))
    assert line.startswith(f"lcm.yaml:{says}"), line
    assert not any(word in line for word in ("Input should", "validation", "<csv>", "literal"))


def test_all_problems_are_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD.replace("terms", "trems").replace("[add]", "[ad]").replace("https://", "").replace("2027-05-31", "x")
    assert [line.split(" ")[0] for line in problems(tmp_path, text)] == [
        "lcm.yaml:1:9:", "lcm.yaml:3:18:", "lcm.yaml:4:18:", "lcm.yaml:6:52:"
    ]  # fmt: skip


def check(folder: Path, *more: str) -> str:
    return CliRunner().invoke(main, ["check", "--config", str(folder / "lcm.yaml"), *more], env={"K": ""}).stdout


def test_without_settings_check_says_how_to_get_them(tmp_path: Path) -> None:
    assert "'lcm init' writes a first one here; --config names one elsewhere." in check(tmp_path)
    (tmp_path / "lcm.yml").write_text(GOOD, encoding="utf-8")
    assert f"There is lcm.yml: rename it to lcm.yaml, or say '--config {tmp_path}/lcm.yml'." in check(tmp_path)


def test_check_says_each_thing_once_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "lcm.yaml").write_text(GOOD.replace("[add]", "[ad]"), encoding="utf-8")
    shown = check(tmp_path)
    assert "number 1 of allow: 'ad' is not valid here" in shown
    assert f"Change what is named above in {tmp_path}/lcm.yaml, and check again." in shown
    (tmp_path / "lcm.yaml").write_text(GOOD.replace('org"', 'org", key_env: K'), encoding="utf-8")
    assert check(tmp_path).count("Make one in Discourse under Admin > API") == 1


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("csv: rooster.csv", "rooster.csv: the roster does not exist. Correct its path in the settings"),
        ("csv: people.xlsx", "this is an Excel workbook or a zip archive, not CSV. Name it under 'xlsx:'"),
        ("csv: .", "the roster is a folder. Name a file."),
    ],
)
def test_a_file_that_is_not_the_roster_is_told_by_its_own_name(tmp_path: Path, source: str, says: str) -> None:
    (tmp_path / "people.xlsx").write_bytes(b"PK\x03\x04 and so on")
    (tmp_path / "t.yaml").write_text(GOOD.replace("csv: roster.csv", source), encoding="utf-8")
    result = CliRunner().invoke(main, ["sync", "--config", str(tmp_path / "t.yaml")])
    assert result.exit_code == 2
    assert says in result.stderr


def test_a_list_whose_entries_are_wrong_is_not_called_too_short_as_well(tmp_path: Path) -> None:
    deck = tmp_path / "ask.en.yml"
    text = "Say whether the time that you spent here was worth it to you."
    poll = "poll: {options: [Yes, Partly, No]}"
    deck.write_text(f"prompts:\n  - {{id: worth, title: Worth your time, text: {text}, {poll}}}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_deck(deck)
    lines = str(caught.value).splitlines()
    assert [line for line in lines if "at least" in line] == []
    assert [line.split(": ")[1] for line in lines if "put it in quotes" in line] == [
        "number 1 of options",
        "number 3 of options",
    ]
