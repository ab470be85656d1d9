"""What `lcm check` says of the roster: can it be read, who is in it, what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.checks import Finding, fail, failed, ok, warn
from sync_worker.errors import LcmError
from sync_worker.rosters.source_cohorts import take_stock
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync_worker.config.settings import Settings
    from sync_worker.model import Roster
    from sync_worker.store.database import Store

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
