"""The one place where the list of cohorts is made, and what `lcm check` says of the roster.

The names that cohorts from the source have on the forum are remembered.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.checks import Finding, fail, failed, ok, warn
from sync_worker.config.load import ALUMNI, Names, complete_cohort, first_clash, source_names
from sync_worker.config.settings import CohortSettings, SourcedCohortSettings
from sync_worker.config.sources import CohortsFromSettings
from sync_worker.errors import ConfigError, LcmError
from sync_worker.model import RejectedRow, SourceCohort
from sync_worker.rosters import completed, read_roster
from sync_worker.store.forgotten import read_forgotten
from sync_worker.store.tables import CursorRow
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.settings import Settings
    from sync_worker.model import Cohort, Roster
    from sync_worker.store.database import Store
    from sync_worker.store.forgotten import Forgotten


PREFIX = "cohort:"
# What `cohorts_from` gives to each cohort: every option that a declared one has too, but for the dates.
GIVEN = (CohortsFromSettings.model_fields.keys() & CohortSettings.model_fields.keys()) - {"start", "end"}


@dataclass(frozen=True, slots=True)
class Remembered:
    """A cohort that a sync made known: as the source had it then, and what its group and category are called."""

    cohort: SourceCohort
    names: Names


def settle_cohorts(
    settings: Settings, roster: Roster, remembered: Mapping[str, Remembered], today: date
) -> tuple[Settings, Roster]:
    """Return the settings with the roster's cohorts among the declared ones, and the roster without what cannot be.

    A cohort without dates is rejected with its enrolments, or remarked where it has none. One that was there and is not
    any more is remarked.

    Raises:
        ConfigError: two cohorts would meet in one group or category.

    """
    if settings.cohorts_from is None:
        return settings, roster
    made: list[CohortSettings] = []
    rejected: list[RejectedRow] = []
    empty: list[str] = []
    for cohort in roster.cohorts:
        try:
            made.append(_settle(cohort, settings.cohorts_from, remembered.get(cohort.key)))
        except ValueError as error:
            count = len(roster.of(cohort.key))
            if not count:
                empty.append(f"the cohort '{cohort.label}' ({cohort.key}) is left out: no one is in it, and {error}.")
                continue
            people = "1 enrolment" if count == 1 else f"{count} enrolments"
            what = f"the cohort '{cohort.label}' with {people} cannot be taken: {error}."
            rejected.append(
                RejectedRow(cohort.where, what, "Correct it there, or give start and end under cohorts_from.")
            )
    complete = settings.model_copy(update={"cohorts": (*settings.cohorts, *made)})
    _refuse_clashes(complete, roster.cohorts, remembered)
    known = {cohort.key for cohort in complete.cohorts}
    new = [cohort.key for cohort in made if cohort.key not in remembered]
    gone = [
        f"the cohort '{one.cohort.label}' ({key}) is no longer in the roster; its group and category stay as they are."
        f"{_renamed(key, new)}"
        for key, one in remembered.items()
        if key not in known and (one.cohort.end or settings.cohorts_from.end or today) >= today
    ]
    return complete, replace(
        roster,
        enrolments=roster.enrolments
        if known >= roster.by_cohort.keys()
        else tuple(enrolment for enrolment in roster.enrolments if enrolment.cohort in known),
        rejected=(*roster.rejected, *rejected),
        remarks=(*roster.remarks, *empty, *gone),
    )


def _renamed(old: str, new: Sequence[str]) -> str:
    """Return how to say that a cohort which is gone is one of those that are new, "" where none is."""
    key = new[0] if len(new) == 1 else "KEY"
    return f" If it has another key there now: lcm recover --cohort {key} --was {old} --apply." if new else ""


def with_remembered(settings: Settings, remembered: Mapping[str, Remembered]) -> Settings:
    """Return the settings with the cohorts that earlier syncs took from the source.

    Raises:
        ConfigError: one has no dates any more, because `cohorts_from` gave them and does so no longer.

    """
    if settings.cohorts_from is None:
        return settings
    declared = {cohort.key for cohort in settings.cohorts}
    made: list[CohortSettings] = []
    for key, one in remembered.items():
        if key not in declared:
            try:
                made.append(_settle(one.cohort, settings.cohorts_from, one))
            except ValueError as error:
                what = f"the cohort '{one.cohort.label}' of the source can no longer be looked after: {error}."
                raise ConfigError(what, where="cohorts_from", do="Give start and end there.") from None
    return settings.model_copy(update={"cohorts": (*settings.cohorts, *made)})


def _settle(cohort: SourceCohort, given: CohortsFromSettings, before: Remembered | None) -> SourcedCohortSettings:
    """Return the cohort with all that the source, memory and `cohorts_from` say of it, in this order.

    Raises:
        ValueError: it has no dates, or they are the wrong way round.

    """
    known = completed(cohort, before.cohort) if before else cohort
    start, end = known.start or given.start, known.end or given.end
    if start is None or end is None:
        raise ValueError(f"it has no {'first' if start is None else 'last'} day")
    if end < start:
        raise ValueError(f"it ends ({end}) before it starts ({start})")
    names = before.names if before else source_names(known.key, known.label, plain=given.plain_names)
    return SourcedCohortSettings(
        key=known.key,
        name=known.label,
        start=start,
        end=end,
        group=names.group,
        lcm_group=names.lcm_group,
        category=names.category,
        category_slug=names.category_slug,
        source=known,
        **{name: getattr(given, name) for name in GIVEN},
    )


def _refuse_clashes(settings: Settings, found: Iterable[SourceCohort], remembered: Mapping[str, Remembered]) -> None:
    """Refuse names that meet, also those of cohorts that were there before: their groups may still be."""
    everybody = with_remembered(settings, remembered)
    clash = first_clash(complete_cohort(cohort) for cohort in everybody.cohorts)
    if clash:
        places = {cohort.key: cohort.where for cohort in found}
        there = {cohort.key for cohort in settings.cohorts}
        both = (clash.owner, clash.key)
        gone, new = [key for key in both if key not in there], [key for key in both if key not in remembered]
        declare = f"Declare one of them in lcm.yaml under cohorts, with a '{clash.kind}' of its own."
        do = f"{_renamed(gone[0], new).strip()} Else: {declare}" if gone and new else declare
        raise ConfigError(
            clash.words,
            where=places.get(clash.key) or places.get(clash.owner),
            do=clash.do if clash.kind == ALUMNI else do,
        )


def read_remembered(store: Store, forum: str) -> dict[str, Remembered]:
    """Return the cohorts that earlier syncs took from the source, by key."""
    with store.sessions() as session:
        rows = session.scalars(
            select(CursorRow)
            .where(CursorRow.forum == forum, CursorRow.name.startswith(PREFIX))
            .order_by(CursorRow.name)
        ).all()
        return {row.name.removeprefix(PREFIX): _read(row.name.removeprefix(PREFIX), row.value) for row in rows}


def remember_cohorts(store: Store, forum: str, cohorts: Iterable[Cohort]) -> None:
    """Keep cohorts from the source, so that they are known between syncs and their names never change."""
    with store.begin() as session:
        for cohort in cohorts:
            if source := cohort.from_source:
                kept = {
                    "written": source.written,
                    "name": source.name,
                    "start": source.start.isoformat() if source.start else None,
                    "end": source.end.isoformat() if source.end else None,
                    "names": [cohort.group, cohort.lcm_group, cohort.category, cohort.category_slug],
                }
                value = json.dumps(kept, ensure_ascii=False)
                session.merge(CursorRow(forum=forum, name=f"{PREFIX}{cohort.key}", value=value))


def _read(key: str, value: str) -> Remembered:
    kept = json.loads(value)
    start, end = (date.fromisoformat(kept[day]) if kept[day] else None for day in ("start", "end"))
    return Remembered(SourceCohort(key, kept["written"], kept["name"], start, end), Names(*kept["names"]))


def take_stock(
    settings: Settings, store: Store, *, now: datetime, environment: Mapping[str, str] | None = None
) -> tuple[Settings, Roster]:
    """Read the roster; return the settings with every cohort there is now, and the roster.

    Raises:
        ConfigError, RosterError, SourceError: as `read_roster` and `settle_cohorts`.

    """
    roster = read_roster(settings, now=now, environment=environment)
    with store.sessions() as session:
        roster = without_forgotten(roster, read_forgotten(session, settings.forum.name))
    remembered = read_remembered(store, settings.forum.name) if settings.cohorts_from else {}
    return settle_cohorts(settings, roster, remembered, now.date())


def without_forgotten(roster: Roster, forgotten: Forgotten) -> Roster:
    """Return the roster without the people who asked to be forgotten, and with a remark where it has any."""
    if forgotten.is_empty:
        return roster
    enrolments = tuple(one for one in roster.enrolments if not forgotten.has(one.person))
    people = tuple(one for one in roster.people if not forgotten.has(one.person))
    facts = {
        name: replace(part, stated=tuple(one for one in part.stated if not forgotten.has(one.person)))
        for name, part in roster.facts.items()
    }
    left_out = len(roster.enrolments) - len(enrolments) + len(roster.people) - len(people)
    if not left_out:
        return replace(roster, facts=facts)
    rows = "1 row is" if left_out == 1 else f"{left_out} rows are"
    remark = f"{rows} left out, of people who asked to be forgotten (lcm forget); take them out of the source."
    return replace(roster, enrolments=enrolments, people=people, facts=facts, remarks=(*roster.remarks, remark))


def known_cohorts(settings: Settings, store: Store) -> Settings:
    """Return the settings with every cohort that a sync has made known; reads no source."""
    if settings.cohorts_from is None:
        return settings
    return with_remembered(settings, read_remembered(store, settings.forum.name))


# What `lcm check` says of the roster: can it be read, who is in it, what is wrong with it.


SHOWN = 3


def check_roster(
    settings: Settings, store: Store, environment: Mapping[str, str], now: datetime
) -> tuple[Settings, list[Finding]]:
    """Read the roster; return the settings with its cohorts, and a line for each thing seen."""
    if not settings.sources:
        what = "none is configured, so no one can be placed in groups."
        return settings, [warn("roster", what, "Add 'roster: {csv: roster.csv}' to lcm.yaml.")]
    try:
        complete, roster = take_stock(settings, store, now=now, environment=environment)
    except LcmError as error:
        return settings, [failed("roster", error)]
    findings = [ok("roster", _in_words(roster)), *_rejected(roster, settings.limits.max_rejected_rows)]
    if roster.remarks:
        findings.append(warn("roster", _first(roster.remarks), "No action needed if this is intended."))
    if settings.cohorts_from:
        declared = {cohort.key for cohort in settings.cohorts}
        taken = [cohort.key for cohort in complete.cohorts if cohort.key not in declared]
        findings.append(
            ok("cohorts", f"{counted(len(taken), 'cohort')} from the source{': ' * bool(taken)}{_some(taken)}.")
        )
    empty = [cohort.key for cohort in complete.cohorts if cohort.key not in roster.by_cohort]
    if empty:
        what = f"no one is enrolled in {_some(empty)}."
        findings.append(
            warn("roster", what, "No action needed if they have not begun; otherwise check the keys of the cohorts.")
        )
    return complete, findings


def _in_words(roster: Roster) -> str:
    cohorts = len(roster.by_cohort)
    shown = (
        f"{counted(roster.people_enrolled, 'person', 'people')} in {counted(cohorts, 'cohort')}, a {roster.kind.value}"
    )
    if roster.ignored:
        shown += f"; {counted(roster.ignored, 'enrolment')} ignored"
    return f"{roster.source}: {shown}."


def _rejected(roster: Roster, allowed: int) -> list[Finding]:
    if not roster.rejected:
        return []
    count = len(roster.rejected)
    what = f"{counted(count, 'row')} rejected: {_first([f'{row.where}: {row.reason}' for row in roster.rejected])}"
    do = roster.rejected[0].do
    if count > allowed:
        return [fail("roster", what, f"{do} lcm sync refuses more than {allowed} (limits.max_rejected_rows).".strip())]
    return [warn("roster", what, do)]


def _first(lines: list[str] | tuple[str, ...]) -> str:
    more = len(lines) - SHOWN
    return f"{' '.join(lines[:SHOWN])}{f' And {more} more.' if more > 0 else ''}"


def _some(words: list[str]) -> str:
    more = len(words) - SHOWN
    return f"{', '.join(words[:SHOWN])}{f' and {more} more' if more > 0 else ''}"
