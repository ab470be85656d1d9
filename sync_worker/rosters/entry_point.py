"""A source of one's own, found by its entry point -> a roster."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Protocol

from sync_worker.config.rosters import IDENTIFIERS
from sync_worker.errors import ConfigError, LcmError, SourceError
from sync_worker.model import RejectedRow
from sync_worker.rosters.row import Row, RowError
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.tabular.table import about
from sync_worker.rosters.web_answers import kind_of, text
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from typing import Any

    from sync_worker.config.rosters import PluginRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.row_reader import KnownCohorts

GROUP = "discourse_lcm.rosters"


class RowSource(Protocol):
    """What the entry point names: a function that yields every row of the source, or raises.

    It gets `options` from `lcm.yaml`, the present time (aware) and the environment, for secrets. It raises
    `RosterError` for data that cannot be trusted and `SourceError` for a source that does not answer in full.
    """

    def __call__(
        self, options: Mapping[str, Any], now: datetime, environment: Mapping[str, str]
    ) -> Iterable[Row | RejectedRow]:
        """Return the rows."""


def read_plugin_roster(
    settings: PluginRosterSettings, known: KnownCohorts, now: datetime, environment: Mapping[str, str]
) -> Roster:
    """Return the roster of a source of one's own.

    Raises:
        ConfigError: no such entry point, or it cannot be loaded.
        RosterError: as the source says, or a snapshot without one good row.
        SourceError: as the source says, or it broke.

    """
    source = _load(settings.plugin)
    where = f"plugin {settings.plugin}"
    rows = _rows(source, settings, now, environment)
    return build_roster(settings, where, rows, known, now=now, empty="the source yields nobody.")


def _rows(
    source: RowSource, settings: PluginRosterSettings, now: datetime, environment: Mapping[str, str]
) -> Iterator[Row | RejectedRow]:
    """Yield the rows as they come; whatever the source raises says that it broke."""
    where = f"plugin {settings.plugin}"
    try:
        for row in source(settings.options, now, environment):
            yield _checked(row, where)
    except LcmError:
        raise
    except Exception as error:
        raise SourceError(f"the source broke: {type(error).__name__}: {error}.", where=where) from error


def _checked(row: object, where: str) -> Row | RejectedRow:
    """Return a row of the source with its cells as text; one with a cell that is no readable text is rejected.

    Raises:
        SourceError: it is no row.

    """
    if isinstance(row, RejectedRow):
        return row
    if not isinstance(row, Row):
        raise SourceError(f"the source yields {kind_of(row)}, not a Row.", where=where)
    try:
        return Row(row.where, {column: text(row.cells, column) for column in row.cells})
    except RowError as error:
        told = {name: cell for name in IDENTIFIERS if isinstance(cell := row.cells.get(name), str)}
        return RejectedRow(row.where, error.what, error.do or "", about(told))


def _load(name: str) -> RowSource:
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise ConfigError(
            f"no installed package has an entry point '{name}' in the group {GROUP}.{nearest(name, found)}",
            where=f"plugin {name}",
            do="Install the package into the worker's environment.",
        )
    try:
        loaded: RowSource = found[name].load()
    except Exception as error:
        raise ConfigError(
            f"the entry point '{name}' ({found[name].value}) cannot be loaded: {type(error).__name__}: {error}.",
            where=f"plugin {name}",
        ) from error
    return loaded
