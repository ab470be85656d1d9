"""Which row of a roster spoke of somebody first, by every identifier: two rows may not disagree about who it is."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from sync_worker.model import fold
from sync_worker.rosters.enrolments import Ledger, key_of, label_of
from sync_worker.rosters.row import RowError

if TYPE_CHECKING:
    from sync_worker.rosters.row_reader import Who


KINDS = ("external id", "email", "username")
MARKS = ("id:", "mail:", "name:")
FIRST_SIZE = 4_099
FULL = 0.75
GROWTH = 1.6


class SeenRows:
    """The rows of a ledger, by every identifier in them and by their place."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._seen = SeenTexts()
        self.people = 0

    def earlier(self, who: Who, cohort: str) -> int | None:
        """Return the row that gave the person a place in the cohort; None if there is none, and it is remembered.

        Raises:
            RowError: the row contradicts an earlier one about who a person is.

        """
        key = key_of(who)
        first = self._first_place(who, key, cohort)
        if first is not None:
            return first
        new: list[str] = []
        for mark, value in zip(MARKS, who[:3], strict=True):
            if value:
                text = mark + fold(value)
                owner = self._seen.get(text)
                if owner is None:
                    new.append(text)
                else:
                    self._refuse_contradiction(owner, who, mark, value)
        number = len(self._ledger)  # the row that the caller is about to add
        if key in new:
            self.people += 1
        else:  # the first row of a person tells by itself where it gives them a place
            self._seen.put(_place(cohort, key), number)
        for text in new:
            self._seen.put(text, number)
        return None

    def _first_place(self, who: Who, key: str, cohort: str) -> int | None:
        """Return the row that gave the person with that key a place in the cohort.

        Raises:
            RowError: it gives them other identifiers.

        """
        found = self._seen.get(key)
        if found is None:
            return None
        if self._ledger.seat(found).cohort != cohort:
            found = self._seen.get(_place(cohort, key))
            if found is None or self._ledger.seat(found).cohort != cohort:
                return None
        first = self._ledger.who(found)
        if key_of(first) != key:  # two texts of one hash
            return None
        if differs(first, who):
            self._refuse_case(found, who)
            inside = f"in cohort '{cohort}'" if cohort else "here"
            raise RowError(f"{label_of(who)} is {inside} already ({self._ledger.where(found)}).", do="Keep one row.")
        return found

    def _refuse_contradiction(self, owner: int, who: Who, mark: str, value: str) -> None:
        other = self._ledger.who(owner)
        at = MARKS.index(mark)
        if fold(other[at]) != fold(value):  # two texts of one hash
            return
        differing = differs(other, who)
        if differing:
            self._refuse_case(owner, who)
            kind = ("external_id", "email", "username")[at]
            raise RowError(
                f"{kind} '{fold(value)}' belongs to a person with another {differing} in {self._ledger.where(owner)}.",
                do="Correct one of the two rows.",
            )

    def _refuse_case(self, row: int, who: Who) -> None:
        """Say so where two people's ids differ in their case alone.

        Raises:
            RowError: they do.

        """
        other = self._ledger.who(row)
        if other[0] != who[0] and fold(other[0]) == fold(who[0]):
            raise RowError(
                f"the external id '{who[0]}' of {label_of(who)} differs from that of {label_of(other)} "
                f"({self._ledger.where(row)}) only in upper and lower case.",
                do="Correct one of the two rows, or give an email in both.",
            )


def _place(cohort: str, key: str) -> str:
    return f"{cohort}\x1f{key}"


def differs(one: Who, other: Who) -> str | None:
    """Return the first identifier in which two rows about one person differ; given in one row only is a difference.

    Ids that differ in nothing but their case may be two people's, as those of some systems are: a name decides, where
    nothing else identifies them.
    """
    if one[:3] == other[:3]:
        return None
    for at, name in enumerate(KINDS):
        if fold(one[at]) != fold(other[at]):
            return name
    by_id_alone = one[0] != other[0] and not (one[1] or one[2])
    return KINDS[0] if by_id_alone and one[3] and other[3] and fold(one[3]) != fold(other[3]) else None


class SeenTexts:
    """Finds the row that first had a text.

    Open addressing with linear probing (Knuth, The Art of Computer Programming, volume 3, section 6.4) over 64-bit
    hashes: a dictionary of a million texts would fill a hundred megabytes. Two texts of one hash are
    distinguished by the caller, who looks at the row.
    """

    def __init__(self) -> None:
        self._size = FIRST_SIZE
        self._hashes = array("q", (0,)) * FIRST_SIZE
        self._rows = array("I", (0,)) * FIRST_SIZE
        self._count = 0
        self._most = int(FIRST_SIZE * FULL)

    def __len__(self) -> int:
        return self._count

    def get(self, text: str) -> int | None:
        """Return the row that a text was put with, None for a new one."""
        wanted = hash(text) or 1
        hashes, size = self._hashes, self._size
        place = wanted % size
        while found := hashes[place]:
            if found == wanted:
                return self._rows[place]
            place += 1
            if place == size:
                place = 0
        return None

    def put(self, text: str, row: int) -> None:
        """Remember a text that is not there yet."""
        if self._count >= self._most:
            self._grow()
        self._put(hash(text) or 1, row)
        self._count += 1

    def _put(self, wanted: int, row: int) -> None:
        hashes, size = self._hashes, self._size
        place = wanted % size
        while hashes[place]:
            place += 1
            if place == size:
                place = 0
        hashes[place] = wanted
        self._rows[place] = row

    def _grow(self) -> None:
        hashes, rows = self._hashes, self._rows
        self._size = int(self._size * GROWTH) | 1
        self._most = int(self._size * FULL)
        self._hashes, self._rows = array("q", (0,)) * self._size, array("I", (0,)) * self._size
        for place, found in enumerate(hashes):
            if found:
                self._put(found, rows[place])
