"""What the `with:` of several plays has in common."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from sync_worker.config.strict import Strict


def read_days(value: object) -> object:
    """Read `7d`, `2w` as a number of days; what is no text and no number stays as it is."""
    if isinstance(value, str):
        match = re.fullmatch(r"(\d{1,3})([dw])", value.strip())
        if not match:
            raise ValueError("expected a number of days or weeks, like 7d or 2w")
        return int(match[1]) * (7 if match[2] == "w" else 1)
    if isinstance(value, int) and not isinstance(value, bool):
        raise ValueError(f"say which unit: {value}d or {value}w")  # noqa: TRY004  (pydantic reads ValueError)
    return value


Days = Annotated[
    int,
    Field(ge=1, le=365),
    BeforeValidator(read_days),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,3}[dw]$", "description": "days or weeks, like 7d or 2w"}),
]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=40)]


class TopicOptions(Strict):
    """A play that opens a topic: how long it stays pinned, and its tags."""

    pin: Days | None = None
    tags: tuple[str, ...] = ()
