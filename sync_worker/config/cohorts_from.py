"""The shape of `cohorts_from` in `lcm.yaml`: which cohorts of the sources to take, and what they do not say."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, model_validator

from sync_worker.config.strict import Strict


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"'{value}' is not a time zone; use a name like Europe/Lisbon") from None
    return value


Zone = Annotated[str, AfterValidator(_known_zone)]


class CohortsFromSettings(Strict):
    """Cohorts that come from the source: `match` and `leave` are patterns (`*`, `?`) for their names or ids there.

    `start` and `end` stand for dates that the source does not give; the rest goes to every such cohort. Group and
    category are named after the cohort and bear a short digest of its key, so that two of the same name never meet;
    with `plain_names` they bear none, and two that meet are an error.
    """

    match: tuple[str, ...] = ("*",)
    leave: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    timezone: Zone
    locale: Literal["en", "fr"] = "en"
    playbook: str | None = None
    tags: tuple[str, ...] = ()
    also_reads: tuple[str, ...] = ()
    plain_names: bool = False

    @model_validator(mode="after")
    def _dates(self) -> CohortsFromSettings:
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"the cohorts end ({self.end}) before they start ({self.start})")
        return self
