"""Decks: lists of prompts in one language, each with an id that it shares with its sisters in other languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field, model_validator

from sync_worker.config.located_yaml import read_yaml, validate
from sync_worker.config.strict import Strict
from sync_worker.model import Lever

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path


class Prompt(Strict):
    """One prompt: a title, and the text with why it is worth answering; `last` is kept for the step's last date.

    `levers` says what it does for transfer; nobody but `lcm playbook check` reads it.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]
    title: Annotated[str, Field(min_length=8, max_length=90)]
    text: Annotated[str, Field(min_length=40, max_length=900)]
    why: Annotated[str, Field(min_length=20, max_length=400)]
    last: bool = False
    levers: tuple[Lever, ...] = ()


class Deck(Strict):
    """A deck of prompts, in the order in which they are meant to be asked."""

    prompts: Annotated[tuple[Prompt, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _unique(self) -> Deck:
        ids = [prompt.id for prompt in self.prompts]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        if twice:
            raise ValueError(f"prompt ids must be unique; twice: {', '.join(twice)}")
        return self

    def fresh(self, used: Collection[str], *, at_the_end: bool) -> tuple[Prompt, ...]:
        """Return the prompts that may come now, in the order of the deck; none where all were asked.

        Args:
            used: the ids of those asked before.
            at_the_end: whether it is the last date of the step: a prompt with `last: true` comes then, and only then.

        """
        left = [prompt for prompt in self.prompts if prompt.id not in used]
        closing = tuple(prompt for prompt in left if prompt.last)
        return closing if at_the_end and closing else tuple(prompt for prompt in left if not prompt.last)


def read_deck(path: Path) -> Deck:
    """Read a deck.

    Raises:
        ConfigError: missing, not YAML, or not a deck; names file and line.

    """
    return validate(Deck, read_yaml(path))
