"""Sources of rosters: each reads what it knows and rejects what is wrong; several are joined into one."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sync_worker.config.rosters import (
    IDENTIFIERS,
    CsvRosterSettings,
    OneRosterSettings,
    PluginRosterSettings,
    SqlRosterSettings,
    TableSource,
    XlsxRosterSettings,
)
from sync_worker.config.sources import (
    CanvasRosterSettings,
    MoodleRosterSettings,
    NrpsRosterSettings,
    ScimRosterSettings,
)
from sync_worker.errors import ConfigError
from sync_worker.extras import load
from sync_worker.model import (
    MANAGER_EMAIL,
    Enrolment,
    Person,
    RejectedRow,
    Roster,
    RosterKind,
    SourceCohort,
    SourceFacts,
    fold,
    without_own,
)
from sync_worker.rosters.doubts import Doubts, first_of, not_counted
from sync_worker.rosters.row_reader import OWN_MANAGER, KnownCohorts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from sync_worker.config.rosters import RosterSource
    from sync_worker.config.settings import Settings
    from sync_worker.model import StatedFacts

__all__ = ["READERS", "read_roster"]


if TYPE_CHECKING:
    Reader = Callable[[Any, KnownCohorts, datetime, Mapping[str, str]], Roster]


def _reader(target: str, feature: str) -> Reader:
    """Return what imports a reader when it is needed: a roster in CSV shall not wait for the libraries of others."""

    def read(source: Any, known: KnownCohorts, now: datetime, environment: Mapping[str, str]) -> Roster:
        reader: Reader = load(f"sync_worker.rosters.{target}", feature)
        return reader(source, known, now, environment)

    return read


# A source's settings -> what reads it: (settings, known cohorts, now, environment) -> roster.
READERS: dict[type[RosterSource], Reader] = {
    CsvRosterSettings: _reader("tabular.csv_file:read_csv_roster", "a roster in CSV"),
    XlsxRosterSettings: _reader("tabular.xlsx_file:read_xlsx_roster", "a roster in Excel's format"),
    OneRosterSettings: _reader("oneroster:read_oneroster", "a OneRoster export"),
    SqlRosterSettings: _reader("sql:read_sql_roster", "a roster in a database"),
    NrpsRosterSettings: _reader("nrps:read_nrps_roster", "a roster over LTI"),
    ScimRosterSettings: _reader("scim:read_scim_roster", "a roster over SCIM"),
    MoodleRosterSettings: _reader("moodle:read_moodle_roster", "a roster in Moodle"),
    CanvasRosterSettings: _reader("canvas:read_canvas_roster", "a roster in Canvas"),
    PluginRosterSettings: _reader("entry_point:read_plugin_roster", "a roster of your own source"),
}


def read_roster(settings: Settings, *, now: datetime, environment: Mapping[str, str] | None = None) -> Roster:
    """Return the roster that the settings name, joined where there are several sources.

    Raises:
        ConfigError: no roster or no cohort is configured.
        RosterError: a source cannot be trusted as a whole.
        SourceError: a source could not be reached or did not answer in full.

    """
    if not settings.sources:
        raise ConfigError("no roster is configured.", where="lcm.yaml", do="Add 'roster: {csv: roster.csv}'.")
    if not settings.cohorts and not settings.cohorts_from:
        do = "Declare one under cohorts, or take them from the source with cohorts_from."
        raise ConfigError("no cohort is declared.", where="lcm.yaml", do=do)
    zones = {cohort.key: cohort.timezone for cohort in settings.cohorts}
    known = KnownCohorts(tuple(zones), settings.cohorts_from, zones)
    given = os.environ if environment is None else environment
    parts = [Part(source, READERS[type(source)](source, known, now, given)) for source in _sources(settings)]
    if len(parts) == 1:
        return parts[0].roster
    return join_rosters(parts, settings.join_by, today=lambda cohort: known.day_of(cohort, now))


def _sources(settings: Settings) -> Sequence[RosterSource]:
    """Return the sources; a column of usernames that nothing asks for is not read: it may be of another system."""
    joined = len(settings.sources) > 1 and "username" in settings.join_by
    if joined or "username" in settings.identity:
        return settings.sources
    return [_without_usernames(source) for source in settings.sources]


def _without_usernames(source: RosterSource) -> RosterSource:
    if not isinstance(source, TableSource) or "username" in source.columns:
        return source
    return source.model_copy(update={"columns": {**source.columns, "username": None}})


# Several rosters -> one: who is who across sources, the first source with the last word. Pure.


FIELDS = ("external_id", "email", "username", "name", "manager_email")
SHOWN = ("name", "manager_email", "email", "username", "external_id")


@dataclass(frozen=True, slots=True)
class Part:
    """One source's settings and what it read."""

    settings: RosterSource
    roster: Roster


def join_rosters(parts: Sequence[Part], join_by: Sequence[str], *, today: Callable[[str], date]) -> Roster:
    """Return one roster of several, all of which were read in full.

    People are the same if they agree in an identifier of `join_by`; a row that agrees in one and differs in another
    is rejected. For everything else the first source that says something counts, and differences are remarked. While a
    source's row is rejected, those after it have no word on what it may say. A cohort that a delta may have fed is a
    delta. `today` is the day by a cohort's key.
    """
    joined = _Joined(join_by, today)
    for part in parts:
        joined.take(part)
    kind, deltas = _kinds(parts)
    facts = joined.facts()
    return Roster(
        source=" + ".join(part.roster.source for part in parts),
        kind=kind,
        enrolments=tuple(joined.enrolments()),
        rejected=(*(row for part in parts for row in part.roster.rejected), *joined.rejected),
        cohorts=_cohorts(cohort for part in parts for cohort in part.roster.cohorts),
        deltas=deltas,
        remarks=(
            *(remark for part in parts for remark in part.roster.remarks),
            *joined.remarks,
            *first_of(joined.not_counted),
        ),
        ignored=sum(part.roster.ignored for part in parts),
        facts=facts,
    )


@dataclass(slots=True)
class _Entry:
    """A person, as the sources read so far describe them; where each part was written."""

    person: Person
    where: str


@dataclass(slots=True)
class _Joined:
    """Everybody and every enrolment taken so far."""

    join_by: Sequence[str]
    today: Callable[[str], date]
    rejected: list[RejectedRow] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    not_counted: list[str] = field(default_factory=list)
    _doubts: Doubts = field(default_factory=Doubts)
    _stated: list[tuple[str, RosterKind, list[tuple[_Entry, StatedFacts]]]] = field(default_factory=list)
    _index: dict[tuple[str, str], _Entry] = field(default_factory=dict)
    _enrolments: dict[tuple[str, int], tuple[_Entry, Enrolment]] = field(default_factory=dict)

    def take(self, part: Part) -> None:
        """Take what a source says; it is as if it spoke after those before it."""
        entries: dict[str, _Entry | str] = {}
        rejected_before = len(self.rejected)
        for listed in part.roster.people:
            found = entries[listed.person.key] = self._entry(listed.person, listed.where)
            if isinstance(found, str):
                self._reject(listed.where, found, listed.person)
        for enrolment in part.roster.enrolments:
            key = enrolment.person.key
            if key not in entries:
                entries[key] = self._entry(enrolment.person, enrolment.where)
            found = entries[key]
            if isinstance(found, str):
                self._reject(enrolment.where, found, enrolment.person, enrolment.cohort)
            else:
                self._enrol(found, enrolment)
        for name, facts in part.roster.facts.items():
            of_entries = [(entries.get(one.person.key), one) for one in facts.stated]
            known = [(entry, one) for entry, one in of_entries if isinstance(entry, _Entry)]
            self._stated.append((name, facts.kind, known))
        if not part.settings.people_only:  # such a source gives nobody a place
            self._doubts.keep((*part.roster.rejected, *self.rejected[rejected_before:]), self.join_by)

    def facts(self) -> dict[str, SourceFacts]:
        """Return what each source states, of people as all sources together describe them."""
        return {
            name: SourceFacts(kind, tuple(self._of_entry(entry, one) for entry, one in stated))
            for name, kind, stated in self._stated
        }

    def _of_entry(self, entry: _Entry, stated: StatedFacts) -> StatedFacts:
        """Return what was stated, of the person as all sources describe them; nobody is their own manager."""
        values, written = stated.values, stated.values.get(MANAGER_EMAIL)
        if isinstance(written, str) and (others := without_own(written, entry.person.email)) != written:
            self.remarks.append(f"{stated.where}: {OWN_MANAGER}")
            values = {name: value for name, value in values.items() if name != MANAGER_EMAIL}
            values |= {MANAGER_EMAIL: others} if others else {}
        return replace(stated, person=entry.person, values=values)

    def enrolments(self) -> Iterable[Enrolment]:
        """Return the enrolments, of people as all sources together describe them."""
        return (replace(enrolment, person=entry.person) for entry, enrolment in self._enrolments.values())

    def _entry(self, person: Person, where: str) -> _Entry | str:
        """Return the entry of a person, with what is new about them, or why it is not clear who it is."""
        keys = [(kind, fold(value)) for kind in self.join_by if (value := getattr(person, kind))]
        found = list({id(entry): entry for key in keys if (entry := self._index.get(key))}.values())
        if len(found) > 1:
            both = " and ".join(f"{entry.person.label} ({entry.where})" for entry in found)
            return f"{person.label} may be {both}."
        if not found:
            entry = _Entry(person, where)
        else:
            entry = found[0]
            differs = next((kind for kind in self.join_by if _differ(entry.person, person, kind)), None)
            if differs:
                what = f"{person.label} is {entry.person.label} of {entry.where} with another {differs}"
                return f"{what} ('{getattr(person, differs)}', there '{getattr(entry.person, differs)}')."
            self._complete(entry, person, where)
        for key in keys:
            self._index[key] = entry
        return entry

    def _reject(self, where: str, reason: str, person: Person, cohort: str = "") -> None:
        do = "Correct one of the sources, or say in lcm.yaml what people have in common in all of them: join_by."
        about = tuple((kind, fold(value)) for kind in IDENTIFIERS if (value := getattr(person, kind)))
        self.rejected.append(RejectedRow(where, reason, do, about, cohort))

    def _doubt(self, person: Person, cohort: str, *, of_anything: bool) -> RejectedRow | None:
        """Return an earlier source's rejected row that may say something else of a person's place in a cohort."""
        own = {kind: fold(value) for kind in self.join_by if (value := getattr(person, kind))}

        def is_same(row: RejectedRow) -> bool:
            return all(own.get(kind, value) == value for kind, value in row.about if kind in self.join_by)

        return self._doubts.about(own.items(), cohort, is_same, of_anything=of_anything)

    def _complete(self, entry: _Entry, person: Person, where: str) -> None:
        """Fill in what the sources before did not say; remark on what they said differently."""
        for name in SHOWN:
            if _differ(entry.person, person, name):
                self.remarks.append(
                    f"{entry.person.label}: {name} is '{getattr(entry.person, name)}' by {entry.where}, "
                    f"not '{getattr(person, name)}' by {where}."
                )
        filled = {name: getattr(entry.person, name) or getattr(person, name) for name in FIELDS}
        managers = filled["manager_email"]
        others = managers and without_own(managers, filled["email"])
        if others != managers:
            self.remarks.append(f"{where}: {OWN_MANAGER}")
        entry.person = Person(**{**filled, "manager_email": others or None})

    def _enrol(self, entry: _Entry, enrolment: Enrolment) -> None:
        key = (enrolment.cohort, id(entry))
        if key not in self._enrolments:
            if not self._is_doubtful(entry, enrolment):
                self._enrolments[key] = (entry, enrolment)
            return
        _, earlier = self._enrolments[key]
        for name in ("role", "start", "end", "withdrawn"):
            one, other = getattr(earlier, name), getattr(enrolment, name)
            if one is not None and other is not None and one != other:
                told = f"{entry.person.label} in {enrolment.cohort}: {name} is {one} by {earlier.where}"
                self.remarks.append(f"{told}, not {other} by {enrolment.where}.")
        start, end = earlier.start or enrolment.start, earlier.end or enrolment.end
        if start and end and end < start:  # each source's day is right by itself; the first one's count
            start, end = earlier.start, earlier.end
        self._enrolments[key] = (entry, replace(earlier, start=start, end=end))

    def _is_doubtful(self, entry: _Entry, enrolment: Enrolment) -> bool:
        """Whether a place does not count because of a row that an earlier source had, and that was rejected."""
        if not self._doubts:
            return False
        ended = enrolment.end is not None and enrolment.end < self.today(enrolment.cohort)
        over = enrolment.withdrawn or ended
        doubt = self._doubt(entry.person, enrolment.cohort, of_anything=over)
        if doubt is not None:
            said = "left" if over else f"is {enrolment.role.value}"
            self.not_counted.append(not_counted(enrolment.where, entry.person.label, said, doubt))
        return doubt is not None


def _differ(one: Person, other: Person, name: str) -> bool:
    """Whether both say something, and not the same."""
    mine, theirs = getattr(one, name), getattr(other, name)
    return bool(mine and theirs and fold(mine) != fold(theirs))


def completed(first: SourceCohort, other: SourceCohort) -> SourceCohort:
    """Return a cohort with what the first does not say from another word on it."""
    return replace(first, name=first.name or other.name, start=first.start or other.start, end=first.end or other.end)


def _cohorts(cohorts: Iterable[SourceCohort]) -> tuple[SourceCohort, ...]:
    """Return each cohort once, with the first name and dates that a source gives."""
    merged: dict[str, SourceCohort] = {}
    for cohort in cohorts:
        first = merged.setdefault(cohort.key, cohort)
        merged[cohort.key] = completed(first, cohort)
    return tuple(merged.values())


def _kinds(parts: Sequence[Part]) -> tuple[RosterKind, frozenset[str]]:
    """Return the kind of the whole, and the cohorts in which absence means nothing although it is a snapshot."""
    feeding = [part for part in parts if not part.settings.people_only]
    deltas: set[str] = set()
    for part in feeding:
        if part.roster.kind is RosterKind.DELTA:
            if not part.settings.feeds:
                return RosterKind.DELTA, frozenset()
            deltas.update(part.settings.feeds)
        deltas |= part.roster.deltas
    return RosterKind.SNAPSHOT, frozenset(deltas)
