"""The base of every part of a file that we read."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Strict(BaseModel):
    """A part of a file we read: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)
