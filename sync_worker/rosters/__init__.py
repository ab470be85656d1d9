"""Sources of rosters: each reads what it knows and rejects what is wrong, row by row, with place and reason."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from sync_worker.config.http_rosters import (
    CanvasRosterSettings,
    MoodleRosterSettings,
    NrpsRosterSettings,
    ScimRosterSettings,
)
from sync_worker.config.rosters import (
    CsvRosterSettings,
    OneRosterSettings,
    PluginRosterSettings,
    SqlRosterSettings,
    TableSource,
    XlsxRosterSettings,
)
from sync_worker.errors import ConfigError
from sync_worker.rosters.canvas.roster import read_canvas_roster
from sync_worker.rosters.csv_roster import read_csv_roster
from sync_worker.rosters.entry_point import read_plugin_roster
from sync_worker.rosters.join import Part, join_rosters
from sync_worker.rosters.moodle.roster import read_moodle_roster
from sync_worker.rosters.nrps.roster import read_nrps_roster
from sync_worker.rosters.oneroster_roster import read_oneroster
from sync_worker.rosters.rows import KnownCohorts
from sync_worker.rosters.scim.roster import read_scim_roster
from sync_worker.rosters.sql_roster import read_sql_roster
from sync_worker.rosters.xlsx_roster import read_xlsx_roster

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.rosters import RosterSource
    from sync_worker.config.settings import Settings
    from sync_worker.model import Roster

    Reader = Callable[[Any, KnownCohorts, datetime, Mapping[str, str]], Roster]

__all__ = ["READERS", "read_roster"]

# A source's settings -> what reads it: (settings, known cohorts, now, environment) -> roster.
READERS: dict[type[RosterSource], Reader] = {
    CsvRosterSettings: read_csv_roster,
    XlsxRosterSettings: read_xlsx_roster,
    OneRosterSettings: read_oneroster,
    SqlRosterSettings: read_sql_roster,
    NrpsRosterSettings: read_nrps_roster,
    ScimRosterSettings: read_scim_roster,
    MoodleRosterSettings: read_moodle_roster,
    CanvasRosterSettings: read_canvas_roster,
    PluginRosterSettings: read_plugin_roster,
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
    return parts[0].roster if len(parts) == 1 else join_rosters(parts, settings.join_by)


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
