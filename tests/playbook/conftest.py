from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import pytest

from sync_worker.config.base import Strict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from sync_worker.content.template_words import Word
    from sync_worker.timeline import FollowUp

TEXT = """\
playbook: first-steps
title: {en: First steps, fr: Premiers pas}
version: 1
steps:
  - id: welcome
    at: start +0d 09:00
    play: topic
    with: {template: welcome, tags: [welcome]}
  - id: challenge
    every: monday 09:00
    from: welcome +7d
    play: prompt
    with: {deck: apply-it}
"""


class TopicOptions(Strict):
    template: str
    tags: tuple[str, ...] = ()


class PromptOptions(Strict):
    deck: str
    template: str = "prompt"
    pick: Literal["next", "random"] = "next"


@dataclass(frozen=True)
class OptionsOnly:
    """A play of which only the options matter."""

    options: type[Strict]
    counts_days: bool = False
    addresses_people: bool = False
    acts: bool = False
    names_steps: tuple[str, ...] = ()
    texts: Mapping[str, tuple[Word, ...]] = field(default_factory=lambda: {"template": ()})

    @staticmethod
    def follow_ups(options: Strict) -> tuple[FollowUp, ...]:
        """Nothing is done again."""
        del options
        return ()


@pytest.fixture
def plays() -> dict[str, OptionsOnly]:
    return {"topic": OptionsOnly(TopicOptions), "prompt": OptionsOnly(PromptOptions)}


@pytest.fixture
def write_playbook(tmp_path: Path) -> Callable[..., Path]:
    """Write a playbook with every text it needs; returns its folder."""

    def write(text: str = TEXT, name: str = "first-steps") -> Path:
        folder = tmp_path / "library" / name
        for file in ("templates/welcome.{}.md", "templates/prompt.{}.md", "decks/apply-it.{}.yml"):
            for language in ("en", "fr"):
                path = folder / file.format(language)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("", encoding="utf-8")
        (folder / "playbook.yml").write_text(text, encoding="utf-8")
        return folder

    return write


@pytest.fixture
def playbook_text() -> str:
    return TEXT
