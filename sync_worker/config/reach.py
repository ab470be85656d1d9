"""The shape of `reach` in `lcm.yaml`: how often and when one learner may be written to, for all and for one cohort."""

from __future__ import annotations

import re
from datetime import time
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator, WithJsonSchema

from sync_worker.config.strict import Strict
from sync_worker.model import Reach

WRITTEN = re.compile(r"(\d{1,2}:\d{2}) ?- ?(\d{1,2}:\d{2})")
FORM = "expected two times of a clock like 20:00-07:30, or none"
Times = tuple[time, time]


def parse_quiet(value: object) -> Times | None:
    """Return the times of `20:00-07:30`, None for `none`.

    Raises:
        ValueError: it is written otherwise, or both times are the same.

    """
    if value is None or value == "none":
        return None
    match = WRITTEN.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        start, end = (time.fromisoformat(clock.zfill(5)) for clock in (match.groups() if match else ("", "")))
    except ValueError:
        raise ValueError(FORM) from None
    if start == end:
        raise ValueError(
            "the two times are the same, so that nothing could ever be sent; write none for no quiet hours"
        )
    return start, end


def _written(value: Times | None) -> str:
    return "none" if value is None else f"{value[0]:%H:%M}-{value[1]:%H:%M}"


Quiet = Annotated[
    Times | None,
    PlainValidator(parse_quiet),
    PlainSerializer(_written),
    WithJsonSchema({"type": ["string", "null"], "examples": ["20:00-07:30", "none"]}),
]
Cap = Annotated[int, Field(ge=0, le=100)] | None


class ReachSettings(Strict):
    """What one learner may receive, from all cohorts and playbooks together, as messages to them alone.

    So many messages `per_day` and `per_week` (Monday to Sunday; null: no cap, 0: none at all), none in the `quiet`
    hours and, unless `weekend` says so, none on Saturdays and Sundays, all on the cohort's clock. A cohort's own
    `reach` replaces what it names.
    """

    per_day: Cap = 1
    per_week: Cap = 3
    quiet: Quiet = (time(20), time(7, 30))
    weekend: bool = False

    def with_changes(self, own: ReachSettings) -> ReachSettings:
        """Return these settings with those that a cohort names itself."""
        return self.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})

    @property
    def as_data(self) -> Reach:
        """The rules as they are applied."""
        return Reach(self.per_day, self.per_week, self.quiet, self.weekend)
