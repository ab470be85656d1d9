"""The shape of `sync` in `lcm.yaml`: how often `lcm run` brings the groups in step with the roster."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema, field_validator

from sync_worker.config.durations import Duration, duration_in_words
from sync_worker.config.locale import Zone
from sync_worker.config.strict import Strict

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(days=7)
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d"
_HOURS = re.compile(rf"(?P<first>{_CLOCK})-(?P<last>{_CLOCK})")
Hours = tuple[time, time]


def parse_hours(value: object) -> Hours:
    """Return the two times of `06:00-22:00`.

    Raises:
        ValueError: it is written otherwise, or both are the same.

    """
    match = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('expected two times like "06:00-22:00"')
    first, last = time.fromisoformat(match["first"]), time.fromisoformat(match["last"])
    if first == last:
        raise ValueError("the two times are the same; leave 'between' out to sync at any hour")
    return first, last


def hours_in_words(hours: Hours) -> str:
    """Return two times as they are written in lcm.yaml."""
    return f"{hours[0]:%H:%M}-{hours[1]:%H:%M}"


class SyncSettings(Strict):
    """When `lcm run` reads the roster and syncs.

    Every `every`; with `between`, only at these hours of the clocks of `timezone` (the first counts, the last does
    not; "22:00-06:00" is the night). With `apply: false` it plans and tells, and changes nothing. `tell` are the
    usernames or groups that get a message about a problem where the forum has no desk for it; empty: nobody.
    """

    every: Duration = timedelta(hours=1)
    apply: bool = True
    between: (
        Annotated[
            Hours, PlainValidator(parse_hours), PlainSerializer(hours_in_words), WithJsonSchema({"type": "string"})
        ]
        | None
    ) = None
    timezone: Zone = "UTC"
    tell: tuple[str, ...] = ("moderators",)

    @field_validator("every")
    @classmethod
    def _bounded(cls, value: timedelta) -> timedelta:
        if not SHORTEST <= value <= LONGEST:
            raise ValueError("expected 5m to 7d")
        return value

    @property
    def zone(self) -> ZoneInfo:
        """The zone of `between`."""
        return ZoneInfo(self.timezone)

    def in_words(self) -> str:
        """Return when and how people are synced, as the end of a sentence."""
        hours = (
            f" between {hours_in_words(self.between).replace('-', ' and ')} ({self.timezone})" if self.between else ""
        )
        return f"every {duration_in_words(self.every)}{hours}{'' if self.apply else ', planned only (apply: false)'}"
