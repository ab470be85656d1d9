"""The shape of `lcm.yaml`."""

from __future__ import annotations

import re
from datetime import date  # noqa: TC003  (pydantic reads it)
from pathlib import Path  # noqa: TC003
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

GROUP_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{1,18}[A-Za-z0-9]")
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,38}[a-z0-9]")


class Strict(BaseModel):
    """A part of a file we read: unknown keys are errors, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ForumSettings(Strict):
    """Where the forum is and how to speak to it. The key itself never stands in the file."""

    url: str
    api_username: str = "system"
    key_env: str | None = "DISCOURSE_API_KEY"
    key_file: Path | None = None
    calls_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 55
    connect_timeout: Annotated[float, Field(gt=0)] = 5.0
    read_timeout: Annotated[float, Field(gt=0)] = 35.0

    @field_validator("url")
    @classmethod
    def _plain_address(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/@?#]+(/[^\s@?#]*)?", value):
            raise ValueError("expected an address like https://forum.example.org, without user, password or query")
        return value.rstrip("/")


class CsvRosterSettings(Strict):
    """A CSV roster: the file, what absence means, and its columns where they have names of their own."""

    csv: Path
    kind: Literal["snapshot", "delta"] = "snapshot"
    columns: dict[str, str] = Field(default_factory=dict)
    date_format: str = "%Y-%m-%d"
    max_age_days: Annotated[int, Field(ge=1)] | None = None


class CohortSettings(Strict):
    """A cohort as an admin declares it; what is left out is derived from `key` and `name`."""

    key: str
    name: str
    start: date
    end: date
    timezone: str
    locale: Literal["en", "fr"] = "en"
    group: str | None = None
    lcm_group: str | None = None
    category: str | None = None
    category_slug: str | None = None
    playbook: str | None = None
    tags: tuple[str, ...] = ()
    also_reads: tuple[str, ...] = ()

    @field_validator("key")
    @classmethod
    def _key(cls, value: str) -> str:
        if not KEY.fullmatch(value):
            raise ValueError("use 2 to 40 lower-case letters, digits and hyphens")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"'{value}' is not a time zone; use a name like Europe/Lisbon") from None
        return value

    @field_validator("group", "lcm_group")
    @classmethod
    def _group(cls, value: str | None) -> str | None:
        if value is not None and not GROUP_NAME.fullmatch(value):
            raise ValueError("Discourse takes 3 to 20 letters, digits, '_', '-' and '.' as a group's name")
        return value

    @model_validator(mode="after")
    def _dates(self) -> CohortSettings:
        if self.end < self.start:
            raise ValueError(f"the cohort ends ({self.end}) before it starts ({self.start})")
        return self


class LimitSettings(Strict):
    """What one run of `lcm sync` may do at most."""

    allow: tuple[Literal["add", "remove", "owners", "create"], ...] = ("add", "owners", "create")
    max_removal_fraction: Annotated[float, Field(ge=0, le=1)] = 0.25
    max_removals: Annotated[int, Field(ge=0)] = 50
    small_group: Annotated[int, Field(ge=0)] = 10
    small_group_removals: Annotated[int, Field(ge=0)] = 3
    max_rejected_rows: Annotated[int, Field(ge=0)] = 0
    protected: tuple[str, ...] = ()


class Settings(Strict):
    """The whole of `lcm.yaml`."""

    forum: ForumSettings
    store: str = "sqlite:///lcm.db"
    roster: CsvRosterSettings | None = None
    cohorts: tuple[CohortSettings, ...] = ()
    playbooks: tuple[Path, ...] = ()
    limits: LimitSettings = LimitSettings()

    @model_validator(mode="after")
    def _unique(self) -> Settings:
        keys = [cohort.key for cohort in self.cohorts]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"cohort keys must be unique; twice: {', '.join(twice)}")
        return self
