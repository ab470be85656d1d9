"""Sources of rosters: each reads what it knows and rejects what is wrong, row by row, with place and reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.errors import ConfigError
from sync_worker.rosters.csv_roster import read_csv_roster

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.config.settings import Settings
    from sync_worker.model import Roster

__all__ = ["read_roster"]


def read_roster(settings: Settings, *, now: datetime) -> Roster:
    """Return the roster that the settings name.

    Raises:
        ConfigError: no roster or no cohort is configured.
        RosterError: the source cannot be trusted as a whole.

    """
    if settings.roster is None:
        raise ConfigError("no roster is configured.", where="lcm.yaml", do="Add 'roster: {csv: roster.csv}'.")
    if not settings.cohorts:
        raise ConfigError("no cohort is declared.", where="lcm.yaml", do="Declare one under cohorts.")
    return read_csv_roster(settings.roster, [cohort.key for cohort in settings.cohorts], now)
