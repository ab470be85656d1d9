"""The one place where the list of cohorts is made: those declared, and those that come from the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.rosters import read_roster
from sync_worker.rosters.source_cohorts import read_remembered, settle_cohorts, with_remembered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync_worker.config.settings import Settings
    from sync_worker.model import Roster
    from sync_worker.store.database import Store


def take_stock(
    settings: Settings, store: Store, *, now: datetime, environment: Mapping[str, str] | None = None
) -> tuple[Settings, Roster]:
    """Read the roster; return the settings with every cohort there is now, and the roster.

    Raises:
        ConfigError, RosterError, SourceError: as `read_roster` and `settle_cohorts`.

    """
    roster = read_roster(settings, now=now, environment=environment)
    remembered = read_remembered(store, settings.forum.name) if settings.cohorts_from else {}
    return settle_cohorts(settings, roster, remembered, now.date())


def known_cohorts(settings: Settings, store: Store) -> Settings:
    """Return the settings with every cohort that a sync has made known; reads no source."""
    if settings.cohorts_from is None:
        return settings
    return with_remembered(settings, read_remembered(store, settings.forum.name))
