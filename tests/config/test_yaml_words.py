"""Plain words of which YAML 1.1 makes something else are refused with their place, never taken as something else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sync_worker.config.load import load_settings
from sync_worker.errors import ConfigError
from sync_worker.playbook.load import load_playbook
from sync_worker.plays import REGISTRY

SETTINGS = """\
forum: {url: "https://forum.example.org"}
roster: {csv: roster.csv}
cohorts:
  - {key: spring, name: Spring, start: 2027-03-01, end: 2027-05-31, timezone: Europe/Lisbon}
"""
PLAYBOOK = """\
playbook: mine
title: {en: Mine}
version: 1
steps:
  - id: hello
    at: start +0d 09:00
    play: topic
    with: {template: hello}
"""


@pytest.mark.parametrize(
    ("plain", "word"),
    [
        ("Europe/Lisbon}", "Europe/Lisbon, locale: no}"),
        ("Europe/Lisbon}", "no}"),
        ("Europe/Lisbon}", "Europe/Lisbon, tags: [2027]}"),
        ("Europe/Lisbon}", "Europe/Lisbon, tags: [on]}"),
        ("Europe/Lisbon}", "Europe/Lisbon, group: 1_000}"),
        ("name: Spring", "name: 12:30"),
        ("name: Spring", "name: 1.0e+3"),
        ("name: Spring", "name: .inf"),
        ("name: Spring", "name: 2027-03-01"),
        ("name: Spring", "name: null"),
        ("key: spring", "key: 2027"),
        ("key: spring", "key: 0x1F"),
        ("key: spring", "key: y, y: spring"),
        ("start: 2027-03-01", "start: 20270301"),
        ("start: 2027-03-01", "start: 2027-03-01T09:00:00Z"),
        ("start: 2027-03-01", "start: yes"),
        ("csv: roster.csv", "csv: 2027"),
        ("csv: roster.csv", 'csv: "a\\0b"'),
        ("name: Spring", 'name: "Spr\\u0000ing"'),
    ],
)
def test_in_the_settings(tmp_path: Path, plain: str, word: str) -> None:
    assert plain in SETTINGS
    (tmp_path / "lcm.yaml").write_text(SETTINGS.replace(plain, word), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(tmp_path / "lcm.yaml")
    line = 2 if "csv" in plain else 4
    assert re.search(rf"lcm\.yaml:{line}:\d+: ", str(caught.value)), caught.value


@pytest.mark.parametrize(
    "when",
    [
        "at: 9:00",
        "every: 09:00",
        "at: start +0d 9:00",
        "on: start +0d 09:00",
        "at: 2027-03-01",
        "every: no",
        "at: 32400",
    ],
)
def test_in_a_playbook(tmp_path: Path, when: str) -> None:
    folder = tmp_path / "mine"
    (folder / "templates").mkdir(parents=True)
    (folder / "templates" / "hello.en.md").write_text('---\ntitle: "Hello to you all"\n---\nHello.\n', encoding="utf-8")
    (folder / "playbook.yml").write_text(PLAYBOOK, encoding="utf-8")
    load_playbook(folder, REGISTRY)
    (folder / "playbook.yml").write_text(PLAYBOOK.replace("at: start +0d 09:00", when), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"playbook\.yml:6:5: "):
        load_playbook(folder, REGISTRY)
