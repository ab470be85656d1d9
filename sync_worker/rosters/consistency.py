"""Whether rows agree with each other: one identifier never two people, and which rows are about the same place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.model import fold
from sync_worker.rosters.packed import key_of
from sync_worker.rosters.row import RowError
from sync_worker.rosters.seen import SeenTexts

if TYPE_CHECKING:
    from sync_worker.rosters.packed import Ledger
    from sync_worker.rosters.row_reader import Who

IDENTIFIERS = ("external id", "email", "username")
PERSON, PLACE = "p", "c"
MARKS = ("id:", "mail:", "name:")


class SeenRows:
    """The rows of a ledger, by every identifier in them and by their place."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seen = SeenTexts()
        self.people = 0

    def earlier(self, who: Who, cohort: str) -> int | None:
        """Return the row that gave the person a place in the cohort, None if there is none.

        Raises:
            RowError: the row contradicts an earlier one in who somebody is.

        """
        key = key_of(who)
        place = f"{cohort}\x1f{key}"
        first = self._seen.get(place)
        if first is not None and key_of(self._ledger.who(first)) == key:
            if differs(self._ledger.who(first), who):
                inside = f"in cohort '{cohort}'" if cohort else "here"
                label = who[3] or who[2] or who[1] or who[0]
                raise RowError(f"{label} stands {inside} already ({self._ledger.where(first)}).", do="Keep one row.")
            return first
        new: list[str] = []
        for mark, value in zip(MARKS, who[:3], strict=True):
            if not value:
                continue
            text = mark + fold(value)
            owner = self._seen.get(text)
            if owner is None:
                new.append(text)
            else:
                self._refuse_contradiction(owner, who, mark, value)
        number = len(self._ledger)  # the row that the caller is about to add
        if new and key in new:
            self.people += 1
        for text in new:
            self._seen.put(text, number)
        if first is None:
            self._seen.put(place, number)
        return None

    def _refuse_contradiction(self, owner: int, who: Who, mark: str, value: str) -> None:
        other = self._ledger.who(owner)
        at = MARKS.index(mark)
        if fold(other[at]) != fold(value):  # two texts of one hash
            return
        differing = differs(other, who)
        if differing:
            kind = ("external_id", "email", "username")[at]
            raise RowError(
                f"{kind} '{value}' belongs to somebody with another {differing} in {self._ledger.where(owner)}.",
                do="Correct one of the two rows.",
            )


def differs(one: Who, other: Who) -> str | None:
    """Return the first identifier in which two rows about one person differ; given in one row only is a difference."""
    if one[:3] == other[:3]:
        return None
    for at, name in enumerate(IDENTIFIERS):
        if fold(one[at]) != fold(other[at]):
            return name
    return None
