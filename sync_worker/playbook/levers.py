"""Which levers of transfer effectiveness a playbook touches, by which steps, and which not.

A step touches the levers that it names itself; where it names none, those that are usual for its play. The entries of
its deck add theirs. What a step claims is for people to judge: nothing here reads the texts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.content.decks import read_deck
from sync_worker.content.templates import PlaybookTexts
from sync_worker.model import Lever

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync_worker.content.decks import Deck
    from sync_worker.playbook.format import Step
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Play


@dataclass(frozen=True, slots=True)
class Touch:
    """A step that touches a lever; where its deck does it, by so many entries (`entries`) of all that it has (`of`)."""

    step: str
    entries: int = 0
    of: int = 0

    @property
    def said(self) -> str:
        """The step, and by how much of its deck."""
        return f"{self.step} ({self.entries} of {self.of} entries)" if self.entries else self.step


def levers_touched(playbook: Playbook, plays: Mapping[str, Play]) -> dict[Lever, tuple[Touch, ...]]:
    """Return for each of the twelve levers the steps that touch it, in the playbook's order; () where none does.

    Raises:
        ConfigError: a deck cannot be read.

    """
    touches: dict[Lever, list[Touch]] = {lever: [] for lever in Lever}
    for step in playbook.file.steps:
        for lever, touch in _touches(step, playbook, plays[step.play]):
            touches[lever].append(touch)
    return {lever: tuple(found) for lever, found in touches.items()}


def _touches(step: Step, playbook: Playbook, play: Play) -> Iterator[tuple[Lever, Touch]]:
    own = play.levers if step.levers is None else frozenset(step.levers)
    deck = _deck(step, playbook)
    for lever in Lever:
        entries = sum(lever in entry.levers for entry in deck.prompts) if deck else 0
        if entries and deck:
            yield lever, Touch(step.id, entries, len(deck.prompts))
        elif lever in own:
            yield lever, Touch(step.id)


def _deck(step: Step, playbook: Playbook) -> Deck | None:
    """Return the deck that a step draws from, in the playbook's first language: levers are the same in every one."""
    name = getattr(playbook.options[step.id], "deck", None)
    if not isinstance(name, str):
        return None
    return read_deck(PlaybookTexts(playbook.folder, playbook.file.languages[0]).deck_path(name))


def lever_lines(touched: Mapping[Lever, Sequence[Touch]]) -> list[str]:
    """Return what is to be said about the levers, one a line: how many are touched, by which steps, and which not."""
    met = [lever for lever in Lever if touched[lever]]
    missed = [lever.label for lever in Lever if not touched[lever]]
    width = max((len(lever.label) for lever in met), default=0)
    return [
        f"touches {len(met)} of the {len(Lever)} levers of transfer{':' if met else '.'}",
        *(f"  {lever.label:<{width}}  {', '.join(touch.said for touch in touched[lever])}" for lever in met),
        *([f"not touched: {', '.join(missed)}."] if missed else []),
    ]
