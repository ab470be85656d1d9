"""Which prompt of a deck comes when, and when a deck runs out for a cohort. Pure but for reading the decks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.content.decks import Deck, read_deck
from sync_worker.content.templates import PlaybookTexts
from sync_worker.playbook.schedule import is_last, occurrences

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from sync_worker.config.strict import Strict
    from sync_worker.model import Cohort, Occurrence
    from sync_worker.playbook.load import Playbook

Slot = tuple[str, "datetime"]


@dataclass(frozen=True, slots=True)
class DeckUse:
    """How a cohort's dates use a deck up: how many dates it has, how many prompts, and the first date without one."""

    deck: str
    dates: int
    prompts: int
    missing: int
    first_without: date | None

    @property
    def said(self) -> str:
        """The use in a sentence."""
        if not self.missing:
            return f"deck '{self.deck}': {self.prompts} prompts for {self.dates} dates."
        return (
            f"deck '{self.deck}' has {self.prompts} prompts for {self.dates} dates: from {self.first_without} on "
            f"nothing is posted on {self.missing} of them."
        )


def prompts_to_come(
    playbook: Playbook, cohort: Cohort, asked: Mapping[str, Collection[str]], over: Collection[Slot] = ()
) -> dict[Slot, str]:
    """Return by step and slot the title of the prompt that comes, "" where the deck is used up by then.

    Args:
        playbook: the plan.
        cohort: whose.
        asked: by deck, the ids of prompts that the cohort got already.
        over: the steps and slots that are over, and take no prompt any more.

    """
    options = playbook.options_for(cohort)
    decks = _decks(playbook, cohort, options)
    used = {name: set(asked.get(name, ())) for name in decks}
    found: dict[Slot, str] = {}
    for occurrence in occurrences(playbook.file, cohort):
        name = getattr(options[occurrence.step], "deck", None)
        if name not in decks or occurrence.follow_up or (occurrence.step, occurrence.slot) in over:
            continue
        found[occurrence.step, occurrence.slot] = _next(playbook, occurrence, options, decks[name], used[name])
    return found


def _next(playbook: Playbook, occurrence: Occurrence, options: Mapping[str, Strict], deck: Deck, used: set[str]) -> str:
    fresh = deck.fresh(used, at_the_end=is_last(playbook.file, occurrence))
    if not fresh:
        return ""
    used.add(fresh[0].id)
    if getattr(options[occurrence.step], "pick", "next") == "random" and len(fresh) > 1:
        return f"one of {len(fresh)} prompts"
    return fresh[0].title


def deck_uses(playbook: Playbook, cohort: Cohort) -> list[DeckUse]:
    """Return how each deck of a playbook is used up by a cohort's whole journey."""
    options = playbook.options_for(cohort)
    decks = _decks(playbook, cohort, options)
    slots: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for (step, slot), title in prompts_to_come(playbook, cohort, {}).items():
        slots[getattr(options[step], "deck", "")].append((slot, title))
    uses = []
    for name, dates in sorted(slots.items()):
        without = [slot for slot, title in sorted(dates) if not title]
        deck = decks[name]
        first = without[0].astimezone(cohort.zone).date() if without else None
        uses.append(DeckUse(name, len(dates), len(deck.prompts), len(without), first))
    return uses


def _decks(playbook: Playbook, cohort: Cohort, options: Mapping[str, Strict]) -> dict[str, Deck]:
    texts = PlaybookTexts(playbook.folder, cohort.locale)
    names = {getattr(one, "deck", None) for one in options.values()}
    return {name: read_deck(texts.deck_path(name)) for name in sorted(name for name in names if isinstance(name, str))}
