"""Enrolments of a source, packed; and several rows of one person in one cohort -> one place.

What identifies and names a person is kept as UTF-8 in one block of bytes; the place in a cohort, which many share, is
a number.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, overload

from sync_worker.config.rosters import IDENTIFIERS
from sync_worker.errors import RosterError
from sync_worker.model import Enrolment, GroupedEnrolments, RejectedRow, fold
from sync_worker.rosters.doubts import Doubts, first_of, not_counted
from sync_worker.rosters.row_reader import person_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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


# Several rows of one person in one cohort -> one place: who withdrew and came back, a second term, a line twice.
# - Rows that say the same count once.
# - A row that withdraws counts only where no other row of the person gives the place.
# - Of rows with days of their own, those that hold today count, as one place from the first day to the last; else the
#   one that begins next; else the one that ended last.
# - Rows that hold at the same time with different roles contradict each other: none of them counts.
# - A row that ends a place does not count while another row about the person is rejected: that one may say that they
#   are in. A row that gives a place does not count while another row of the same person and cohort is rejected: that
#   one may give another role.


LOOKED_AT = 3  # further rows of a person, in search of one that says the same


@dataclass(slots=True)
class OnePlace:
    """The further rows of people who have a place already, and what becomes of them."""

    ledger: Ledger
    repeats: int = 0
    dropped: set[int] = field(default_factory=set)
    _further: dict[int, list[int]] = field(default_factory=dict)
    _instead: dict[int, int] = field(default_factory=dict)
    _doubtful: list[str] = field(default_factory=list)

    def add(self, first: int, who: Who, seat: Seat, where: str) -> None:
        """Take another row of the person whose first row in the cohort is number `first`."""
        if seat == self.ledger.seat(first):
            self.repeats += 1
            return
        further = self._further.setdefault(first, [])
        if any(self.ledger.seat(number) == seat for number in further[:LOOKED_AT]):
            self.repeats += 1
            return
        further.append(self.ledger.add(who, seat, where))

    def settle(self, today: Callable[[str], date]) -> Iterator[RejectedRow]:
        """Leave one row for each person and cohort; yield the rows that contradict each other."""
        for first, further in self._further.items():
            numbers = [first, *further]
            day = today(self.ledger.seat(first).cohort)
            counted = _counted(numbers, self.ledger, day)
            roles = {self.ledger.seat(number).role for number in counted}
            if len(roles) > 1:
                self.dropped.update(numbers)
                yield from self._contradictions(counted)
                continue
            kept = counted[0]
            self.ledger.reseat(kept, _together([self.ledger.seat(number) for number in counted]))
            self.dropped.update(number for number in numbers if number != kept)
            if kept != first:
                self._instead[first] = kept

    def _contradictions(self, numbers: Sequence[int]) -> Iterator[RejectedRow]:
        one, other = (
            numbers[0],
            next(
                number for number in numbers if self.ledger.seat(number).role is not self.ledger.seat(numbers[0]).role
            ),
        )
        for number, against in ((one, other), (other, one)):
            seat, label = self.ledger.seat(number), label_of(self.ledger.who(number))
            yield RejectedRow(
                self.ledger.where(number),
                f"{label} is in cohort '{seat.cohort}' as {seat.role.value} here and as "
                f"{self.ledger.seat(against).role.value} in {self.ledger.where(against)}; neither counts.",
                "Keep one row.",
            )

    def set_aside_the_doubtful(self, rejected: Sequence[RejectedRow], today: Callable[[str], date]) -> None:
        """Drop the rows about people of whom another row is rejected, where that one may say something else.

        A row that ends a place is dropped for any rejected row that has one of the person's identifiers; one that gives
        a place, with a role, only for a rejected row of the very same person in the very same cohort.
        """
        doubts = Doubts()
        doubts.keep(rejected, IDENTIFIERS)
        if not doubts:
            return
        over = {seat: seat.withdrawn or (seat.end is not None and seat.end < today(seat.cohort))
                for seat in self.ledger.seats}  # fmt: skip
        for number in range(len(self.ledger)):
            if number not in self.dropped:
                seat, who = self.ledger.seat(number), self.ledger.who(number)
                doubt = _doubt(who, seat.cohort, doubts, of_anything=over[seat])
                if doubt:
                    said = "left" if over[seat] else f"is {seat.role.value}"
                    self._doubtful.append(not_counted(self.ledger.where(number), label_of(who), said, doubt))
                    self.dropped.add(number)

    def kept(self) -> Sequence[int]:
        """Return the numbers of the rows that count, each person's at the place of their first row in the cohort."""
        everything = range(len(self.ledger))
        if not self.dropped:
            return everything
        moved = set(self._instead.values())
        order = (self._instead.get(number, number) for number in everything if number not in moved)
        return array("I", (number for number in order if number not in self.dropped))

    def remarks(self) -> Iterator[str]:
        """Yield what should be known: how many rows repeat others, and what does not count because of a doubt."""
        if self.repeats:
            rows = "1 row says" if self.repeats == 1 else f"{self.repeats} rows say"
            yield f"{rows} what another one says, and {'counts' if self.repeats == 1 else 'count'} once."
        yield from first_of(self._doubtful)


def _doubt(who: Who, cohort: str, doubts: Doubts, *, of_anything: bool) -> RejectedRow | None:
    own = {(kind, fold(value)) for kind, value in zip(IDENTIFIERS, who[:3], strict=True) if value}
    return doubts.about(own, cohort, lambda row: own == set(row.about), of_anything=of_anything)


def _counted(numbers: Sequence[int], ledger: Ledger, day: date) -> list[int]:
    """Return the rows that decide a person's place on a day, in their order."""
    seats = {number: ledger.seat(number) for number in numbers}
    given = [number for number in numbers if not seats[number].withdrawn]
    if not given:
        return [numbers[0]]
    holding = [number for number in given if seats[number].holds_on(day)]
    if holding:
        return holding
    coming = [number for number in given if (seats[number].start or date.min) > day]
    if coming:
        soonest = min(seats[number].start or date.min for number in coming)
        return [number for number in coming if seats[number].start == soonest]
    latest = max(seats[number].end or date.max for number in given)
    return [number for number in given if (seats[number].end or date.max) == latest]


def _together(seats: Sequence[Seat]) -> Seat:
    """Return one seat from the first day of several to the last; an open end stays open."""
    starts = [seat.start for seat in seats]
    ends = [seat.end for seat in seats]
    start = None if None in starts else min(day for day in starts if day)
    end = None if None in ends else max(day for day in ends if day)
    return seats[0]._replace(start=start, end=end)
