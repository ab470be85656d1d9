"""Enrolments of a source, packed: a million of them in some hundred megabytes, each made into an object when asked for.

What identifies and names a person is kept as UTF-8 in one block of bytes; the place in a cohort, which many share, is
a number.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, overload

from sync_worker.errors import RosterError
from sync_worker.model import Enrolment, GroupedEnrolments, fold
from sync_worker.rosters.row_reader import person_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync_worker.rosters.row_reader import Seat, Who

BREAK = "\x1f"
BLOCK = 1 << 14  # rows in a stretch of bytes
MAX_BYTES = 1_000_000_000


class Ledger:
    """Rows one after the other, each with a number from 0."""

    def __init__(self) -> None:
        self._blocks = [bytearray()]
        self._filled = 0
        self._starts = array("I")
        self._seat_of = array("I")
        self._prefix_of = array("I")
        self._seats: dict[Seat, int] = {}
        self._prefixes: dict[str, int] = {}
        self.seats: list[Seat] = []
        self.prefixes: list[str] = []

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, who: Who, seat: Seat, where: str) -> int:
        """Add a row; return its number."""
        number = len(self._starts)
        prefix, colon, tail = where.rpartition(":")
        head = prefix + colon
        try:
            self._prefix_of.append(self._prefixes[head])
        except KeyError:
            self._prefixes[head] = len(self.prefixes)
            self._prefix_of.append(len(self.prefixes))
            self.prefixes.append(head)
        if not number % BLOCK and number:
            self._close_block(where)
        block = self._blocks[-1]
        self._starts.append(len(block))
        block += BREAK.join((*who, tail)).encode("utf-8", "surrogatepass")
        self._seat_of.append(self.seat_number(seat))
        return number

    def _close_block(self, where: str) -> None:
        """Begin a new stretch of bytes: one that grows for ever would be copied again and again."""
        self._filled += len(self._blocks[-1])
        if self._filled > MAX_BYTES:
            raise RosterError(f"the texts about people are longer than {MAX_BYTES // 1_000_000:,} MB.", where=where)
        self._blocks[-1] = bytearray(self._blocks[-1])
        self._blocks.append(bytearray())

    def seat_number(self, seat: Seat) -> int:
        """Return the number of a seat, a new one if it was not there."""
        try:
            return self._seats[seat]
        except KeyError:
            self._seats[seat] = number = len(self.seats)
            self.seats.append(seat)
            return number

    def seat(self, number: int) -> Seat:
        """Return the seat of a row."""
        return self.seats[self._seat_of[number]]

    def reseat(self, number: int, seat: Seat) -> None:
        """Give a row another seat."""
        self._seat_of[number] = self.seat_number(seat)

    def who(self, number: int) -> Who:
        """Return the person that a row is about."""
        external_id, email, username, name, manager_email, _ = self._fields(number)
        return external_id, email, username, name, manager_email

    def where(self, number: int) -> str:
        """Return the place of a row."""
        return self.prefixes[self._prefix_of[number]] + self._fields(number)[5]

    def _fields(self, number: int) -> list[str]:
        block = self._blocks[number // BLOCK]
        following = number + 1
        end = self._starts[following] if following % BLOCK and following < len(self._starts) else len(block)
        return block[self._starts[number] : end].decode("utf-8", "surrogatepass").split(BREAK, 5)

    def enrolment(self, number: int) -> Enrolment:
        """Return a row as the object that the rest of the program knows."""
        external_id, email, username, name, manager_email, tail = self._fields(number)
        cohort, role, start, end, withdrawn = self.seats[self._seat_of[number]]
        person = person_of((external_id, email, username, name, manager_email))
        where = self.prefixes[self._prefix_of[number]] + tail
        return Enrolment(person, cohort, role, start, end, where, withdrawn)

    def numbers_by_cohort(self, numbers: Sequence[int]) -> dict[str, array[int]]:
        """Return the rows of each cohort, in their order."""
        cohorts = [seat.cohort for seat in self.seats]
        found: dict[str, array[int]] = {}
        seat_of = self._seat_of
        for number in numbers:
            cohort = cohorts[seat_of[number]]
            try:
                found[cohort].append(number)
            except KeyError:
                found[cohort] = array("I", (number,))
        return found


class PackedEnrolments(GroupedEnrolments):
    """Some rows of a ledger as a sequence of enrolments; each access makes a new, equal object."""

    def __init__(self, ledger: Ledger, numbers: Sequence[int], people: int | None = None) -> None:
        self._ledger = ledger
        self._numbers = numbers
        self._people = people

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> Enrolment: ...
    @overload
    def __getitem__(self, place: slice) -> PackedEnrolments: ...
    def __getitem__(self, place: int | slice) -> Enrolment | PackedEnrolments:
        if isinstance(place, slice):
            return PackedEnrolments(self._ledger, self._numbers[place])
        return self._ledger.enrolment(self._numbers[place])

    def __iter__(self) -> Iterator[Enrolment]:
        return map(self._ledger.enrolment, self._numbers)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, tuple | list | PackedEnrolments):
            return NotImplemented
        return len(self) == len(other) and all(one == two for one, two in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def by_cohort(self) -> Mapping[str, Sequence[Enrolment]]:
        """Return the enrolments of each cohort, in their order."""
        found = self._ledger.numbers_by_cohort(self._numbers)
        return {cohort: PackedEnrolments(self._ledger, numbers) for cohort, numbers in found.items()}

    def people(self) -> int:
        """Return how many different people there are."""
        if self._people is None:
            return len({enrolment.person.key for enrolment in self})
        return self._people


def key_of(who: Who) -> str:
    """Return a person's key in our records, as `Person` has it, without making one."""
    if who[0]:
        return f"id:{fold(who[0])}"
    return f"mail:{fold(who[1])}" if who[1] else f"name:{fold(who[2])}"


def label_of(who: Who) -> str:
    """Return how to call a person in a message read by staff, as `Person` has it."""
    return who[3] or who[2] or who[1] or who[0]
