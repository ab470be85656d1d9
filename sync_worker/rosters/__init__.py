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
from sync_worker.extras import load
from sync_worker.rosters.join import Part, join_rosters
from sync_worker.rosters.row_reader import KnownCohorts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sync_worker.config.rosters import RosterSource
    from sync_worker.config.settings import Settings
    from sync_worker.model import Roster

    Reader = Callable[[Any, KnownCohorts, datetime, Mapping[str, str]], Roster]

__all__ = ["READERS", "read_roster"]


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
