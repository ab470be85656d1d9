"""What the guides show of `lcm.yaml`, of playbooks and of decks is understood as it is written there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sync_worker.config.load import load_settings
from sync_worker.config.located_yaml import parse_yaml, read_yaml, validate
from sync_worker.config.settings import CohortSettings, Settings
from sync_worker.content.decks import read_deck
from sync_worker.errors import ConfigError
from sync_worker.playbook.format import PlaybookFile, read_options, rule_problems, timeline_problems
from sync_worker.plays import REGISTRY

ROOT = Path(__file__).resolve().parents[2]
GUIDES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
COHORT = {"key": "spring-27", "name": "Spring", "start": "2027-03-01", "end": "2027-05-28", "timezone": "Europe/Lisbon"}
OTHERS = {"at": "start 09:00", "play": "topic", "with": {"template": "welcome"}}
NAMED_ELSEWHERE = ("welcome", "weekly-prompt", "roundup")
"""Steps that examples name and do not show."""
BLOCK = re.compile(r"(?<=\n\n)(?: {4}.*\n|\n(?= {4}))+")


def examples() -> Iterator[tuple[str, Any]]:
    """Yield each block of a guide that is YAML, and more than a sentence, with its place."""
    for guide in GUIDES:
        text = guide.read_text(encoding="utf-8")
        for block in BLOCK.finditer(text):
            written = re.sub(r"^ {4}", "", block[0], flags=re.MULTILINE)
            try:
                told = parse_yaml(written, guide.name).data
            except ConfigError:
                continue  # a command, a table, a template
            if isinstance(told, dict | list):
                yield f"{guide.name}:{text.count(chr(10), 0, block.start()) + 1}", told


EXAMPLES = dict(examples())
MAPPINGS = {place: told for place, told in EXAMPLES.items() if isinstance(told, dict)}
OF_COHORTS = {
    place: {"cohorts": [told]} for place, told in MAPPINGS.items() if told.keys() <= CohortSettings.model_fields.keys()
}
OF_SETTINGS = {
    place: told for place, told in MAPPINGS.items() if told.keys() <= Settings.model_fields.keys()
} | OF_COHORTS
OF_STEPS = {place: told for place, told in EXAMPLES.items() if isinstance(told, list) or "steps" in told}
OF_DECKS = {place: told for place, told in MAPPINGS.items() if "prompts" in told}
OF_SOMETHING_ELSE = {
    "scrape_configs": "a part of Prometheus's settings",
    "used": "what an LCM replies",
}


@pytest.mark.parametrize("place", OF_SETTINGS)
def test_an_example_of_the_settings_is_understood(place: str, tmp_path: Path) -> None:
    told = OF_SETTINGS[place]
    cohorts = told.get("cohorts") or ([] if "cohorts_from" in told else [{}])
    whole = {"forum": {"url": "https://forum.example.org"}} | told | {"cohorts": [COHORT | one for one in cohorts]}
    (tmp_path / "lcm.yaml").write_text(yaml.safe_dump(whole), encoding="utf-8")
    assert load_settings(tmp_path / "lcm.yaml").forum.name == "forum.example.org"


@pytest.mark.parametrize("place", OF_STEPS)
def test_an_example_of_a_playbook_is_understood(place: str, tmp_path: Path) -> None:
    told = OF_STEPS[place]
    written = told if isinstance(told, dict) else {"steps": told}
    shown = {step["id"] for step in written["steps"]}
    whole = {"playbook": "mine", "title": {"en": "Mine", "fr": "Le mien"}, "version": 1}
    whole |= written
    whole["steps"] = [*written["steps"], *(OTHERS | {"id": name} for name in NAMED_ELSEWHERE if name not in shown)]
    file = tmp_path / "playbook.yml"
    file.write_text(yaml.safe_dump(whole), encoding="utf-8")
    document = read_yaml(file)
    playbook = validate(PlaybookFile, document)
    _, problems = read_options(document, playbook, REGISTRY)
    problems += [*timeline_problems(document, playbook), *rule_problems(document, playbook, REGISTRY)]
    assert problems == []


@pytest.mark.parametrize("place", OF_DECKS)
def test_an_example_of_a_deck_is_understood(place: str, tmp_path: Path) -> None:
    file = tmp_path / "ours.en.yml"
    file.write_text(yaml.safe_dump(OF_DECKS[place]), encoding="utf-8")
    assert len(read_deck(file).prompts) == len(OF_DECKS[place]["prompts"])


def test_every_example_is_looked_at() -> None:
    assert len(OF_SETTINGS) > 25
    assert len(OF_STEPS) > 15
    others = EXAMPLES.keys() - OF_SETTINGS.keys() - OF_STEPS.keys() - OF_DECKS.keys()
    assert {next(iter(EXAMPLES[place])) for place in others} == OF_SOMETHING_ELSE.keys()
