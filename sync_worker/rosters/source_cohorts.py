"""Cohorts from the source become cohorts like those declared; their names on the forum are remembered."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.config.cohort_names import Names, first_clash, source_names
from sync_worker.config.load import complete_cohort
from sync_worker.config.settings import CohortSettings, SourcedCohortSettings
from sync_worker.errors import ConfigError
from sync_worker.model import RejectedRow, SourceCohort
from sync_worker.store.tables import CursorRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sync_worker.config.cohorts_from import CohortsFromSettings
    from sync_worker.config.settings import Settings
    from sync_worker.model import Cohort, Roster
    from sync_worker.store.database import Store

PREFIX = "cohort:"


@dataclass(frozen=True, slots=True)
class Remembered:
    """A cohort that a sync made known: as the source had it then, and what its group and category are called."""

    cohort: SourceCohort
    names: Names


def settle_cohorts(
    settings: Settings, roster: Roster, remembered: Mapping[str, Remembered], today: date
) -> tuple[Settings, Roster]:
    """Return the settings with the roster's cohorts among the declared ones, and the roster without what cannot be.

    A cohort without dates is rejected with its enrolments. One that was there and is not any more is remarked.

    Raises:
        ConfigError: two cohorts would meet in one group or category.

    """
    if settings.cohorts_from is None:
        return settings, roster
    made: list[CohortSettings] = []
    rejected: list[RejectedRow] = []
    for cohort in roster.cohorts:
        try:
            made.append(_settle(cohort, settings.cohorts_from, remembered.get(cohort.key)))
        except ValueError as error:
            count = sum(enrolment.cohort == cohort.key for enrolment in roster.enrolments)
            people = "1 enrolment" if count == 1 else f"{count} enrolments"
            what = f"the cohort '{cohort.name}' with {people} cannot be taken: {error}."
            rejected.append(RejectedRow(cohort.where, what, "Mend it there, or give start and end under cohorts_from."))
    complete = settings.model_copy(update={"cohorts": (*settings.cohorts, *made)})
    _refuse_clashes(complete, roster.cohorts, remembered)
    known = {cohort.key for cohort in complete.cohorts}
    gone = [
        f"the cohort '{one.cohort.name}' ({key}) is no longer in the roster; its group and category stay as they are."
        for key, one in remembered.items()
        if key not in known and one.cohort.end and one.cohort.end >= today
    ]
    return complete, replace(
        roster,
        enrolments=tuple(enrolment for enrolment in roster.enrolments if enrolment.cohort in known),
        rejected=(*roster.rejected, *rejected),
        remarks=(*roster.remarks, *gone),
    )


def with_remembered(settings: Settings, remembered: Mapping[str, Remembered]) -> Settings:
    """Return the settings with the cohorts that earlier syncs took from the source."""
    if settings.cohorts_from is None:
        return settings
    declared = {cohort.key for cohort in settings.cohorts}
    made = [_settle(one.cohort, settings.cohorts_from, one) for key, one in remembered.items() if key not in declared]
    return settings.model_copy(update={"cohorts": (*settings.cohorts, *made)})


def _settle(cohort: SourceCohort, given: CohortsFromSettings, before: Remembered | None) -> SourcedCohortSettings:
    """Return the cohort with all that the source, `cohorts_from` and memory say of it.

    Raises:
        ValueError: it has no dates, or they are the wrong way round.

    """
    name = cohort.name if cohort.name != cohort.key or before is None else before.cohort.name
    start = cohort.start or (before and before.cohort.start) or given.start
    end = cohort.end or (before and before.cohort.end) or given.end
    if start is None or end is None:
        raise ValueError(f"it has no {'first' if start is None else 'last'} day")
    if end < start:
        raise ValueError(f"it ends ({end}) before it starts ({start})")
    names = before.names if before else source_names(cohort.key, name, plain=given.plain_names)
    return SourcedCohortSettings(
        key=cohort.key,
        name=name,
        start=start,
        end=end,
        timezone=given.timezone,
        locale=given.locale,
        group=names.group,
        lcm_group=names.lcm_group,
        category=names.category,
        category_slug=names.category_slug,
        playbook=given.playbook,
        tags=given.tags,
        also_reads=given.also_reads,
    )


def _refuse_clashes(settings: Settings, found: Iterable[SourceCohort], remembered: Mapping[str, Remembered]) -> None:
    """Refuse names that meet, also those of cohorts that were there before: their groups may still be."""
    everybody = with_remembered(settings, remembered)
    clash = first_clash(complete_cohort(cohort) for cohort in everybody.cohorts)
    if clash:
        places = {cohort.key: cohort.where for cohort in found}
        raise ConfigError(
            f"the {clash.kind} '{clash.name}' would serve both {clash.owner} and {clash.key}.",
            where=places.get(clash.key) or places.get(clash.owner),
            do=f"Declare one of them in lcm.yaml under cohorts, with a '{clash.kind}' of its own.",
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
            if cohort.from_source:
                kept = {
                    "name": cohort.name,
                    "start": cohort.start.isoformat(),
                    "end": cohort.end.isoformat(),
                    "names": [cohort.group, cohort.lcm_group, cohort.category, cohort.category_slug],
                }
                value = json.dumps(kept, ensure_ascii=False)
                session.merge(CursorRow(forum=forum, name=f"{PREFIX}{cohort.key}", value=value))


def _read(key: str, value: str) -> Remembered:
    kept = json.loads(value)
    start, end = date.fromisoformat(kept["start"]), date.fromisoformat(kept["end"])
    return Remembered(SourceCohort(key, kept["name"], start, end), Names(*kept["names"]))
