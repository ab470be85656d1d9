"""Rows of any source -> a roster: one reading of roles, days, statuses and cohorts, one look at consistency."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.errors import RosterError
from sync_worker.model import Enrolment, Listed, RejectedRow, Roster, RosterKind, SourceCohort, fold
from sync_worker.rosters.cohort_keys import CohortKeys, KnownCohorts
from sync_worker.rosters.consistency import SeenRows
from sync_worker.rosters.row import FoundCohort, Row, RowError
from sync_worker.rosters.row_reader import RowReader, read_person

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sync_worker.config.rosters import RosterSource
    from sync_worker.rosters.row_reader import Meaning

__all__ = ["FoundCohort", "KnownCohorts", "Row", "RowError", "build_roster"]
ISO_DAY = "%Y-%m-%d"
NOTHING = "An empty roster removes nobody; export it again."


def build_roster(
    settings: RosterSource,
    source: str,
    rows: Iterable[Row | RejectedRow | None],
    known: KnownCohorts,
    *,
    found: Iterable[FoundCohort] | None = None,
    found_all: bool = True,
    kind: RosterKind | None = None,
    words: Mapping[str, Meaning] | None = None,
    date_format: str = ISO_DAY,
    folder: str = "",
    head: str = "",
    empty: str = "the roster has a header and nobody below it.",
) -> Roster:
    """Return the roster that a source's rows state; bad rows are rejected one by one, in the order they came in.

    Args:
        settings: the source's part of `lcm.yaml`.
        source: what to call the source in messages: a path, an address without secrets.
        rows: the rows, those that the source itself could not read, and None for one that the source knows nobody asks
            for. A source that fails half-way raises.
        known: the cohorts that rows may be about.
        found: cohorts as the source knows them, with name and dates; None (and any other) takes them from the rows.
        found_all: `found` are all cohorts that the source has, so that one in the settings' map must be among them.
        kind: what absence means, where the source itself says so; else as the settings have it.
        words: the source's standard words for roles, in any case.
        date_format: how cells hold days (strptime).
        folder: a prefix of places that is left out where plans name a row.
        head: the place named where the whole is wrong; else `source`.
        empty: what is said of a source without one row.

    Raises:
        RosterError: a snapshot without one good row, or the settings name a cohort that the source does not have.

    """
    keys = CohortKeys(settings, known)
    builder = _Builder(settings, keys, RowReader(settings, keys, words or {}, date_format), folder)
    if found is not None:
        builder.take_cohorts(list(found), (head or source) if found_all else None)
    for row in rows:
        builder.take(row)
    kind = kind or RosterKind(settings.kind)
    if kind is RosterKind.SNAPSHOT and not (builder.enrolments or builder.people):
        raise _no_good_row(head or source, builder, empty)
    return Roster(
        source,
        kind,
        tuple(builder.enrolments),
        tuple(builder.rejected),
        cohorts=tuple(builder.cohorts.values()),
        people=tuple(builder.people),
        ignored=builder.ignored,
    )


@dataclass(slots=True)
class _Builder:
    """What was taken so far."""

    settings: RosterSource
    keys: CohortKeys
    reader: RowReader
    folder: str
    seen: SeenRows = field(default_factory=SeenRows)
    enrolments: list[Enrolment] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    cohorts: dict[str, SourceCohort] = field(default_factory=dict)
    people: list[Listed] = field(default_factory=list)
    ignored: int = 0

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
        for cohort in found:
            try:
                key = self.keys.key(cohort.written, cohort.name)
            except RowError:
                continue  # only rows of such a cohort are wrong; it may well have none
            if key is not None:
                self._take_cohort(key, cohort)

    def take(self, row: Row | RejectedRow | None) -> None:
        """Take a row, or note why not."""
        if row is None:
            self.ignored += 1
            return
        if isinstance(row, RejectedRow):
            self.rejected.append(row)
            return
        try:
            if self.settings.people_only:
                self._take_person(row)
            else:
                self._take_enrolment(row)
        except RowError as error:
            self.rejected.append(RejectedRow(row.where, error.what, error.do or ""))

    def _take_person(self, row: Row) -> None:
        person = read_person(row.cells)
        nowhere = Enrolment(person, cohort="", where=row.where.removeprefix(self.folder))
        if problem := self.seen.problem(nowhere):
            raise RowError(problem[0], do=problem[1])
        self.seen.take(nowhere)
        self.people.append(Listed(person, nowhere.where))

    def _take_enrolment(self, row: Row) -> None:
        enrolment = self.reader.enrolment(row, row.where.removeprefix(self.folder))
        if enrolment is None:
            self.ignored += 1
            return
        if problem := self.seen.problem(enrolment):
            raise RowError(problem[0], do=problem[1])
        if enrolment.cohort not in self.cohorts and enrolment.cohort not in self.keys.known.declared:
            self._take_cohort(enrolment.cohort, self._cohort_of(row))
        self.seen.take(enrolment)
        self.enrolments.append(enrolment)

    def _cohort_of(self, row: Row) -> FoundCohort:
        start, end = self.reader.day(row.cells, "cohort_start"), self.reader.day(row.cells, "cohort_end")
        written = row.cells.get("cohort", self.settings.default_cohort or "")
        return FoundCohort(written, row.cells.get("cohort_name", ""), start, end, row.where)

    def _take_cohort(self, key: str, cohort: FoundCohort) -> None:
        if key not in self.keys.known.declared:
            written, name = (" ".join(text.split()) for text in (cohort.written, cohort.name))
            self.cohorts.setdefault(key, SourceCohort(key, written, name, cohort.start, cohort.end, cohort.where))


def _no_good_row(where: str, builder: _Builder, empty: str) -> RosterError:
    if builder.rejected:
        first, count = builder.rejected[0], len(builder.rejected)
        return RosterError(
            f"not one row can be used ({count} rejected). The first: {first.reason}", where=first.where, do=first.do
        )
    if builder.ignored:
        return RosterError(
            f"none of its {builder.ignored} enrolments is in a cohort and a role that lcm.yaml asks for.",
            where=where,
            do="Name the source's cohorts under the roster's cohorts, or take them with cohorts_from.",
        )
    return RosterError(empty, where=where, do=NOTHING)
