"""What holds for every source that is a file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.errors import RosterError

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.config.rosters import FileSource


def refuse_old(settings: FileSource, written: datetime, where: str, now: datetime) -> None:
    """Refuse what was written longer ago than the settings allow.

    Raises:
        RosterError: with the day on which it was written.

    """
    if settings.max_age_days is not None and now - written > timedelta(days=settings.max_age_days):
        raise RosterError(
            f"written on {written:%Y-%m-%d}, older than {settings.max_age_days} days.",
            where=where,
            do="Export it again, or raise the roster's max_age_days in lcm.yaml.",
        )


def refuse_stale(settings: FileSource, path: Path, now: datetime) -> None:
    """Refuse a file that was written longer ago than the settings allow.

    Raises:
        RosterError: with the day on which it was written.

    """
    refuse_old(settings, datetime.fromtimestamp(path.stat().st_mtime, UTC), f"{path}:1", now)
