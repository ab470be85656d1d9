"""The forum's clock: real time, or a virtual now that stands until it is set again."""

from __future__ import annotations

from datetime import UTC, datetime


class Clock:
    """Tells the forum's now."""

    def __init__(self, virtual: datetime | None = None) -> None:
        self.virtual = virtual

    def follow(self, header: str | None) -> None:
        """Set the virtual now to what a call says about itself (`Practice-Forum-Now`), where it says anything."""
        moment = parse_moment(header) if header else None
        if moment is not None:
            self.virtual = moment

    def now(self) -> datetime:
        """The virtual now where one is set, else the real one (aware, UTC, whole milliseconds)."""
        moment = self.virtual or datetime.now(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime | None) -> str | None:
    """Return a moment as Discourse writes it (`2026-11-24T00:28:44.750Z`), None for None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_moment(text: str) -> datetime | None:
    """Return a date or timestamp written by a client, read as UTC where it names no zone; None if it is neither."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
