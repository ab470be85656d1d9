"""A set of texts, each with the number of the row that has it: twelve bytes an entry and a bit."""

from __future__ import annotations

from array import array

FIRST_SIZE = 1 << 12
FULL = 0.7


class SeenTexts:
    """Finds the row that first had a text.

    Open addressing with linear probing (Knuth, The Art of Computer Programming, volume 3, section 6.4) over 64-bit
    hashes, for a dictionary of a million texts fills a hundred megabytes. Two texts of one hash are told apart by the
    caller, who looks at the row.
    """

    def __init__(self) -> None:
        self._hashes = array("q", bytes(8 * FIRST_SIZE))
        self._rows = array("I", bytes(4 * FIRST_SIZE))
        self._mask = FIRST_SIZE - 1
        self._count = 0
        self._most = int(FIRST_SIZE * FULL)

    def __len__(self) -> int:
        return self._count

    def get(self, text: str) -> int | None:
        """Return the row that a text was put with, None for a new one."""
        wanted = hash(text) or 1
        hashes, mask = self._hashes, self._mask
        place = wanted & mask
        while found := hashes[place]:
            if found == wanted:
                return self._rows[place]
            place = (place + 1) & mask
        return None

    def put(self, text: str, row: int) -> None:
        """Remember a text that is not there yet."""
        if self._count >= self._most:
            self._grow()
        self._put(hash(text) or 1, row)
        self._count += 1

    def _put(self, wanted: int, row: int) -> None:
        hashes, mask = self._hashes, self._mask
        place = wanted & mask
        while hashes[place]:
            place = (place + 1) & mask
        hashes[place] = wanted
        self._rows[place] = row

    def _grow(self) -> None:
        hashes, rows = self._hashes, self._rows
        size = 2 * (self._mask + 1)
        self._hashes, self._rows = array("q", bytes(8 * size)), array("I", bytes(4 * size))
        self._mask, self._most = size - 1, int(size * FULL)
        for place, found in enumerate(hashes):
            if found:
                self._put(found, rows[place])
