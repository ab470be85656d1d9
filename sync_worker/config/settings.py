"""The shape of `lcm.yaml`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, InstanceOf, field_validator, model_validator

from sync_worker.config.cohorts_from import CohortsFromSettings, Zone
from sync_worker.config.sources import AnySource
from sync_worker.config.strict import Strict
from sync_worker.model import SourceCohort

if TYPE_CHECKING:
    from sync_worker.config.rosters import RosterSource

GROUP_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{1,18}[A-Za-z0-9]")
Identifier = Literal["external_id", "email", "username"]
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,38}[a-z0-9]")


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

    @property
    def name(self) -> str:
        """What identifies the forum in the store: host[:port]/path."""
        parts = urlsplit(self.url)
        return f"{parts.netloc.lower()}{parts.path}"


class CohortSettings(Strict):
    """A cohort as an admin declares it; what is left out is derived from `key` and `name`."""

    key: str
    name: str
    start: date
    end: date
    timezone: Zone
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


class SourcedCohortSettings(CohortSettings):
    """A cohort that a source brought along; it is never written in `lcm.yaml`."""

    source: InstanceOf[SourceCohort]


class LimitSettings(Strict):
    """What one run of `lcm sync` may do at most.

    `allow` switches classes of change on: `add` and `remove` people, `owners`, `create` what is missing, `adopt` a
    category that was there before us (its permissions are then ours to set). A group of up to `small_group` members is
    held to `small_group_removals`, a larger one to `max_removal_fraction`; `max_removals` holds for the whole run.
    `max_shrink_fraction` is how much smaller than last time a snapshot's cohort may be. `bring_back` adds people again
    who left a group that the roster wants them in.
    """

    allow: tuple[Literal["add", "remove", "owners", "create", "adopt"], ...] = ("add", "owners", "create")
    max_removal_fraction: Annotated[float, Field(ge=0, le=1)] = 0.25
    max_removals: Annotated[int, Field(ge=0)] = 50
    small_group: Annotated[int, Field(ge=0)] = 10
    small_group_removals: Annotated[int, Field(ge=0)] = 3
    max_rejected_rows: Annotated[int, Field(ge=0)] = 0
    max_shrink_fraction: Annotated[float, Field(ge=0, le=1)] = 0.25
    bring_back: bool = False
    protected: tuple[str, ...] = ()


class Settings(Strict):
    """The whole of `lcm.yaml`. One source of people stands under `roster`, several that are joined under `rosters`."""

    forum: ForumSettings
    store: str = "sqlite:///lcm.db"
    roster: AnySource | None = None
    rosters: tuple[AnySource, ...] = ()
    join_by: Annotated[tuple[Identifier, ...], Field(min_length=1)] = ("external_id", "email", "username")
    cohorts: tuple[CohortSettings, ...] = ()
    cohorts_from: CohortsFromSettings | None = None
    playbooks: tuple[Path, ...] = ()
    limits: LimitSettings = LimitSettings()
    identity: tuple[Identifier, ...] = ("external_id", "email", "username")

    @model_validator(mode="after")
    def _unique(self) -> Settings:
        keys = [cohort.key for cohort in self.cohorts]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"cohort keys must be unique; twice: {', '.join(twice)}")
        return self

    @model_validator(mode="after")
    def _one_or_several(self) -> Settings:
        if self.roster and self.rosters:
            raise ValueError("one source stands under 'roster', several under 'rosters'; both are given")
        return self

    @property
    def sources(self) -> tuple[RosterSource, ...]:
        """The sources of people, the first with the last word."""
        return (self.roster,) if self.roster else self.rosters
