"""Rows of any source -> a roster: one reading of roles, days, statuses and cohorts, one look at consistency."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.config.rosters import IDENTIFIERS, FactSettings, FactSource, GivenNameSource
from sync_worker.errors import RosterError
from sync_worker.model import Listed, RejectedRow, Role, Roster, RosterKind, SourceCohort, SourceFacts, fold
from sync_worker.rosters.enrolments import Ledger, OnePlace, PackedEnrolments, key_of, label_of
from sync_worker.rosters.facts import FactReader
from sync_worker.rosters.row import (
    MAX_COHORTS,
    MAX_REJECTED,
    FoundCohort,
    Row,
    RowError,
    cohort_end,
    open_start,
    too_many_rows,
)
from sync_worker.rosters.row_reader import CohortKeys, KnownCohorts, RowReader, Seat, person_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.rosters import RosterSource
    from sync_worker.rosters.row_reader import Meaning, Who


FIRST_NAME = "first_name"  # both our name of the column and the fact by which texts greet
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
                f"({self._ledger.where(row)}) in its case alone.",
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


# Rows of any source -> a roster: one reading of roles, days, statuses and cohorts, one look at consistency.


ISO_DAY = "%Y-%m-%d"
NOWHERE = Seat("", Role.LEARNER, None, None, withdrawn=False)
NAMED, SHOWN_NAME = 10, 60  # cohorts that a message names, and characters of each
NOTHING = "An empty roster removes nobody; export it again."


def build_roster(
    settings: RosterSource,
    source: str,
    rows: Iterable[Row | RejectedRow | None],
    known: KnownCohorts,
    *,
    now: datetime,
    found: Iterable[FoundCohort] | None = None,
    found_all: bool = True,
    kind: RosterKind | None = None,
    words: Mapping[str, Meaning] | None = None,
    date_format: str = ISO_DAY,
    folder: str = "",
    head: str = "",
    empty: str = "the roster has a header but no rows.",
) -> Roster:
    """Return the roster that a source's rows state; bad rows are rejected one by one, in the order they came in.

    Rows of one person in one cohort count together: as one place, that which holds at `now` (see `one_place`).

    Args:
        settings: the source's part of `lcm.yaml`.
        source: what to call the source in messages: a path, an address without secrets.
        rows: the rows, those that the source itself could not read, and None for one that the source knows nobody asks
            for. A source that fails half-way raises.
        known: the cohorts that rows may be about.
        now: the present moment, aware.
        found: cohorts as the source knows them, with name and dates; None (and any other) takes them from the rows.
        found_all: `found` are all cohorts that the source has, so that one in the settings' map must be among them.
        kind: what absence means, where the source itself says so; else as the settings have it.
        words: the source's standard words for roles, in any case.
        date_format: how cells hold days (strptime).
        folder: a prefix of places that is left out where plans name a row.
        head: the place named where the whole is wrong; else `source`.
        empty: what is said of a source without one row.

    Raises:
        RosterError: a snapshot without one good row, the settings name a cohort that the source does not have, or there
            are more rows, cohorts or rejected rows than may be.

    """
    keys = CohortKeys(settings, known)
    builder = _Builder(settings, keys, RowReader(settings, keys, words or {}, date_format), folder, head or source)
    if found is not None:
        builder.take_cohorts(list(found), (head or source) if found_all else None)
    for count, row in enumerate(rows, 1):
        if count > settings.max_rows:
            raise too_many_rows(settings.max_rows, head or source)
        builder.take(row)
    enrolments = builder.settled(now)
    kind = kind or RosterKind(settings.kind)
    if kind is RosterKind.SNAPSHOT and not (enrolments or builder.people):
        raise _no_good_row(head or source, builder, empty)
    return Roster(
        source,
        kind,
        enrolments,
        tuple(builder.rejected),
        cohorts=tuple(builder.cohorts.values()),
        people=tuple(builder.people),
        remarks=tuple(builder.remarks()),
        ignored=builder.ignored,
        facts={source: SourceFacts(kind, builder.facts.stated())},
    )


@dataclass(slots=True)
class _Builder:
    """What was taken so far."""

    settings: RosterSource
    keys: CohortKeys
    reader: RowReader
    folder: str
    head: str
    ledger: Ledger = field(default_factory=Ledger)
    seen: SeenRows = field(init=False)
    places: OnePlace = field(init=False)
    facts: FactReader = field(init=False)
    rejected: list[RejectedRow] = field(default_factory=list)
    cohorts: dict[str, SourceCohort] = field(default_factory=dict)
    people: list[Listed] = field(default_factory=list)
    ignored: int = 0
    unasked: list[str] = field(default_factory=list)
    """The source's cohorts as messages show them; empty where one of them is asked for."""

    def __post_init__(self) -> None:
        self.seen = SeenRows(self.ledger)
        self.places = OnePlace(self.ledger)
        self.facts = FactReader(_declared_facts(self.settings), self.reader.date_format)

    def take_cohorts(self, found: Sequence[FoundCohort], all_of: str | None) -> None:
        """Take the cohorts that are asked for; if they are `all_of` a place, every one in the map must be there."""
        there = {fold(cohort.written) for cohort in found}
        for written in self.settings.cohorts:
            if all_of is not None and fold(written) not in there:
                raise RosterError(
                    f"there is no cohort '{written}' here.",
                    where=all_of,
                    do="Correct the roster's cohorts in lcm.yaml; they map the source's ids to your keys.",
                )
        asked = False
        for cohort in found:
            try:
                key = self.keys.key(cohort.written, cohort.name)
            except RowError:
                asked = True
                continue  # only rows of such a cohort are wrong; it may well have none
            if key is not None:
                asked = True
                self._take_cohort(key, cohort)
        if not asked:
            self.unasked = [_shown(cohort) for cohort in found]

    def take(self, row: Row | RejectedRow | None) -> None:
        """Take a row, or note why not."""
        if row is None:
            self.ignored += 1
            return
        if isinstance(row, RejectedRow):
            self._reject(row)
            return
        try:
            if self.settings.people_only:
                self._take_person(row)
            else:
                self._take_enrolment(row)
        except RowError as error:
            about = tuple((kind, fold(row.cells[kind])) for kind in IDENTIFIERS if row.cells.get(kind))
            self._reject(RejectedRow(row.where, error.what, error.do or "", about, self._cohort_key(row)))

    def _reject(self, row: RejectedRow) -> None:
        if len(self.rejected) >= MAX_REJECTED:
            first = self.rejected[0]
            raise RosterError(
                f"more than {MAX_REJECTED:,} rows cannot be used. The first: {first.reason}",
                where=first.where,
                do=first.do,
            )
        self.rejected.append(row)

    def _cohort_key(self, row: Row) -> str:
        """Return the cohort that a rejected row is about, "" where that cannot be told."""
        try:
            return self.reader.cohort(row.cells) or ""
        except RowError:
            return ""

    def _take_person(self, row: Row) -> None:
        who = self.reader.who(row.cells, row.where.removeprefix(self.folder))
        where = row.where.removeprefix(self.folder)
        values = self.facts.values(row) if self.facts.facts else {}
        if self.seen.earlier(who, "") is None:
            self.ledger.add(who, NOWHERE, where)
            self.people.append(Listed(person_of(who), where))
        else:
            self.places.repeats += 1
        if values:
            self.facts.take(who, "", values, where)

    def _take_enrolment(self, row: Row) -> None:
        seat = self.reader.seat(row.cells)
        if seat is None:
            self.ignored += 1
            return
        who = self.reader.who(row.cells, row.where.removeprefix(self.folder))
        values = self.facts.values(row) if self.facts.facts else {}
        first = self.seen.earlier(who, seat.cohort)
        if values:
            self.facts.take(who, seat.cohort, values, row.where.removeprefix(self.folder))
        if seat.cohort not in self.cohorts and seat.cohort not in self.keys.known.declared_keys:
            self._take_cohort(seat.cohort, self._cohort_of(row))
        where = row.where.removeprefix(self.folder)
        if first is None:
            self.ledger.add(who, seat, where)
        else:
            self.places.add(first, who, seat, where)

    def _cohort_of(self, row: Row) -> FoundCohort:
        start, end = self.reader.day(row.cells, "cohort_start"), self.reader.day(row.cells, "cohort_end")
        written = row.cells.get("cohort", self.settings.default_cohort or "")
        return FoundCohort(written, row.cells.get("cohort_name", ""), start, end, row.where)

    def _take_cohort(self, key: str, cohort: FoundCohort) -> None:
        if key in self.keys.known.declared_keys or key in self.cohorts:
            return
        if len(self.cohorts) >= MAX_COHORTS:
            raise RosterError(
                f"there are more than {MAX_COHORTS:,} cohorts, such as '{cohort.written[:60]}'.",
                where=cohort.where or self.head,
                do="Is the right column mapped to 'cohort'? Narrow 'match' under cohorts_from.",
            )
        written, name = (" ".join(text.split()) for text in (cohort.written, cohort.name))
        start, end = open_start(cohort.start), cohort_end(cohort.end)
        self.cohorts[key] = SourceCohort(key, written, name, start, end, cohort.where)

    def settled(self, now: datetime) -> PackedEnrolments:
        """Return the enrolments: one for each person and cohort."""
        self.rejected += self.places.settle(lambda cohort: self.keys.known.day_of(cohort, now))
        self.places.set_aside_the_doubtful(self.rejected, lambda cohort: self.keys.known.day_of(cohort, now))
        people = None if self.places.dropped else self.seen.people
        return PackedEnrolments(self.ledger, () if self.settings.people_only else self.places.kept(), people)

    def remarks(self) -> Iterable[str]:
        """Yield what should be known of the rows as a whole."""
        yield from self.places.remarks()
        yield from self.reader.remarks()
        yield from self.facts.remarks()


def _declared_facts(settings: RosterSource) -> Mapping[str, FactSettings]:
    """Return which facts the rows of a source state, as its settings say."""
    if isinstance(settings, FactSource):
        return settings.facts
    keeps_names = isinstance(settings, GivenNameSource) and settings.first_names
    return {FIRST_NAME: FactSettings()} if keeps_names else {}


def _no_good_row(where: str, builder: _Builder, empty: str) -> RosterError:
    if builder.rejected:
        first, count = builder.rejected[0], len(builder.rejected)
        return RosterError(
            f"no usable rows ({count} rejected). The first: {first.reason}", where=first.where, do=first.do
        )
    if builder.unasked:
        more = len(builder.unasked) - NAMED
        names = f"{', '.join(builder.unasked[:NAMED])}{f' and {more} more' if more > 0 else ''}"
        return RosterError(
            f"none of its cohorts is asked for in lcm.yaml; they are: {names}.",
            where=where,
            do="Correct match and leave under cohorts_from, or name cohorts under the roster's cohorts.",
        )
    if builder.ignored:
        return RosterError(
            f"none of its {builder.ignored} enrolments is in a cohort and a role that lcm.yaml asks for.",
            where=where,
            do="Name the source's cohorts under the roster's cohorts, or take them with cohorts_from.",
        )
    return RosterError(empty, where=where, do=NOTHING)


def _shown(cohort: FoundCohort) -> str:
    """Return a cohort's name, and what the source calls it if that is something else, in one line."""
    name = " ".join(cohort.name.split())[:SHOWN_NAME]
    written = " ".join(cohort.written.split())[:SHOWN_NAME]
    return f"{name} ({written})" if name and name != written else written
