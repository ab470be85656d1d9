"""`lcm playbook check` says which levers of transfer a playbook touches, by which steps, and which not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from sync_worker.cli import main
from sync_worker.errors import ConfigError
from sync_worker.model import Lever
from sync_worker.playbook.checks import Touch, lever_lines, levers_touched
from sync_worker.playbook.load import find_playbooks, load_playbook
from sync_worker.plays import REGISTRY

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "playbooks.md"
PLAYBOOK = """\
playbook: mine
title: {en: Mine, fr: La mienne}
version: 1
steps:
  - {id: hello, at: start 09:00, play: topic, with: {template: hello}}
  - {id: weekly, every: monday 09:00, play: prompt, with: {deck: ask}}
"""
DECK = """\
prompts:
  - {id: one, title: "The first question", text: "Think of the last time that you asked somebody for help at work.",
     why: "It is worth a minute of your time."}
  - {id: two, title: "The second question", text: "Think of the last time that somebody asked you for help at work.",
     why: "It is worth a minute of your time."}
"""  # fmt: skip
HELLO = '---\ntitle: "Welcome to you all"\n---\nHello, this is the place.\n'
PROMPT = '---\ntitle: "{{ title }}"\n---\n{{ text }}\n\n{{ why }}\n'


def write(folder: Path, playbook: str = PLAYBOOK, deck: str = DECK, french: str = DECK) -> Path:
    """Write a playbook of two steps in two languages; returns its folder."""
    place = folder / "mine"
    for part in ("templates", "decks"):
        (place / part).mkdir(parents=True)
    for language, text in (("en", deck), ("fr", french)):
        (place / "templates" / f"hello.{language}.md").write_text(HELLO, encoding="utf-8")
        (place / "templates" / f"prompt.{language}.md").write_text(PROMPT, encoding="utf-8")
        (place / "decks" / f"ask.{language}.yml").write_text(text, encoding="utf-8")
    (place / "playbook.yml").write_text(playbook, encoding="utf-8")
    return place


def touched(place: Path) -> dict[Lever, tuple[Touch, ...]]:
    found = levers_touched(load_playbook(place, REGISTRY), REGISTRY)
    assert list(found) == list(Lever)
    return {lever: touches for lever, touches in found.items() if touches}


def test_a_step_that_names_none_touches_those_that_are_usual_for_its_play(tmp_path: Path) -> None:
    assert touched(write(tmp_path)) == {lever: (Touch("weekly"),) for lever in REGISTRY["prompt"].levers}


def test_a_step_that_names_its_levers_touches_those_only(tmp_path: Path) -> None:
    place = write(tmp_path, PLAYBOOK.replace("{id: weekly,", "{id: weekly, levers: [firm, manager],"))
    assert touched(place) == {Lever.MANAGER: (Touch("weekly"),), Lever.FIRM: (Touch("weekly"),)}


def test_a_step_can_claim_none(tmp_path: Path) -> None:
    assert touched(write(tmp_path, PLAYBOOK.replace("{id: weekly,", "{id: weekly, levers: [],"))) == {}


def test_the_entries_of_a_deck_add_theirs_and_are_counted(tmp_path: Path) -> None:
    deck = DECK.replace("{id: two,", "{id: two, levers: [time],")
    assert touched(write(tmp_path, deck=deck))[Lever.TIME] == (Touch("weekly", 1, 2),)


def test_levers_are_read_in_the_deck_of_the_first_language(tmp_path: Path) -> None:
    french = DECK.replace("{id: two,", "{id: two, levers: [time],")
    assert Lever.TIME not in touched(write(tmp_path, french=french))


def test_a_lever_that_does_not_exist_is_an_error_with_its_place(tmp_path: Path) -> None:
    place = write(tmp_path, PLAYBOOK.replace("{id: weekly,", "{id: weekly, levers: [motivasion],"))
    with pytest.raises(ConfigError, match=r"playbook.yml:6:\d+: .*motivation"):
        load_playbook(place, REGISTRY)


def test_the_check_prints_the_steps_behind_each_lever_and_those_that_nothing_touches() -> None:
    found = {lever: (Touch("weekly", 3, 40), Touch("goal")) if lever is Lever.TIME else () for lever in Lever}
    lines = lever_lines(found)
    assert lines[:2] == ["touches 1 of the 12 levers of transfer:", "  time  weekly (3 of 40 entries), goal"]
    assert lines[2].startswith("not touched: motivation, belief in oneself, volition,")
    assert "time" not in lines[2]
    assert lever_lines(dict.fromkeys(Lever, ()))[0] == "touches 0 of the 12 levers of transfer."
    assert lever_lines(dict.fromkeys(Lever, (Touch("all"),)))[-1].strip() == "expectation of the firm  all"


def test_the_command_says_it_in_words_and_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    (tmp_path / "lcm.yaml").write_text("forum: {url: https://f.example.org}\nplaybooks: [mine]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    said = CliRunner().invoke(main, ["playbook", "check", "mine"]).stdout
    assert "mine: sound, 2 steps, en and fr\n  touches 2 of the 12 levers of transfer:\n" in said
    (row,) = json.loads(CliRunner().invoke(main, ["playbook", "check", "mine", "--json"]).stdout)
    assert row["levers"]["practice"] == [{"step": "weekly", "entries": 0, "of": 0}]
    assert row["levers"]["firm"] == []


def test_every_lever_has_a_label_and_a_row_of_the_guide() -> None:
    section = GUIDE.read_text(encoding="utf-8").partition("### Levers of transfer\n")[2].partition("\n#")[0]
    assert re.findall(r"^\| `([\w-]+)` \| ([^|]+) \|", section, re.M) == [(one.value, one.label) for one in Lever]


@pytest.mark.parametrize("name", find_playbooks())
def test_the_levers_of_every_shipped_playbook_can_be_told(name: str) -> None:
    assert any(levers_touched(load_playbook(find_playbooks()[name], REGISTRY), REGISTRY).values())
