"""Rows of any source -> a roster: one reading of roles, days, statuses and cohorts, one look at consistency."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.config.rosters import IDENTIFIERS, FactSettings, FactSource, GivenNameSource
from sync_worker.errors import RosterError
from sync_worker.model import Listed, RejectedRow, Role, Roster, RosterKind, SourceCohort, SourceFacts, fold
from sync_worker.rosters.enrolments import Ledger, OnePlace, PackedEnrolments
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
from sync_worker.rosters.seen_rows import SeenRows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.rosters import RosterSource
    from sync_worker.rosters.row_reader import Meaning


FIRST_NAME = "first_name"  # both our name of the column and the fact by which texts greet
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
