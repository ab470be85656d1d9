"""A set of texts, each with the number of the row that has it: twelve bytes an entry and a bit."""

from __future__ import annotations

from array import array

FIRST_SIZE = 4_099
FULL = 0.75
GROWTH = 1.6


class SeenTexts:
    """Finds the row that first had a text.

    Open addressing with linear probing (Knuth, The Art of Computer Programming, volume 3, section 6.4) over 64-bit
    hashes: a dictionary of a million texts would fill a hundred megabytes. Two texts of one hash are told apart by the
    caller, who looks at the row.
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
