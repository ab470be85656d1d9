"""The shape of `cohorts_from` in `lcm.yaml`: which cohorts of the sources to take, and what they do not say."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from sync_worker.config.days_off import DaysOffSettings
from sync_worker.config.locale import Locale, Zone
from sync_worker.config.reach import ReachSettings
from sync_worker.config.step_changes import Steps
from sync_worker.config.strict import Strict

GROUP_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{1,18}[A-Za-z0-9]")
KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,38}[a-z0-9]")


def _group_name(value: str) -> str:
    if not GROUP_NAME.fullmatch(value):
        raise ValueError("Discourse takes 3 to 20 letters, digits, '_', '-' and '.' as a group's name")
    return value


def _category_slug(value: str) -> str:
    if not KEY.fullmatch(value):
        raise ValueError("give the parent category's slug: lower-case letters, digits and hyphens")
    return value


def _programme(value: str) -> str:
    if not KEY.fullmatch(value):
        raise ValueError("use 2 to 40 lower-case letters, digits and hyphens")
    return value


def refuse_foreign_locale(locale: str, languages: tuple[str, ...]) -> None:
    """Let no cohort past whose own language is not among those in which its people read.

    Raises:
        ValueError: it is not, or a language is named twice.

    """
    if languages and locale not in languages:
        raise ValueError(f"`languages` must name the cohort's own language, `locale: {locale}`, as well")
    if len(set(languages)) != len(languages):
        raise ValueError("`languages` names a language twice")


GroupName = Annotated[str, AfterValidator(_group_name)]
Programme = Annotated[str, AfterValidator(_programme)]
CategorySlug = Annotated[str, AfterValidator(_category_slug)]
Notifications = Literal["regular", "tracking", "watching", "watching_first_post"]


class CohortsFromSettings(Strict):
    """Cohorts that come from the source: `match` and `leave` are patterns (`*`, `?`) for their names or ids there.

    `start` and `end` stand for dates that the source does not give; the rest goes to every such cohort. Group and
    category are named after the cohort and end in a short digest of its key, so that two of the same name never meet;
    with `plain_names` they bear none, and two that meet are an error.
    """

    match: tuple[str, ...] = ("*",)
    leave: tuple[str, ...] = ()
    start: date | None = None
    end: date | None = None
    timezone: Zone
    locale: Locale = "en"
    languages: tuple[Locale, ...] = ()
    playbook: str | None = None
    programme: Programme | None = None
    tags: tuple[str, ...] = ()
    also_reads: tuple[str, ...] = ()
    archive_after: Annotated[int, Field(ge=0)] = 14
    alumni_group: GroupName | None = None
    parent_category: CategorySlug | None = None
    group_notifications: Notifications | None = None
    category_notifications: Notifications | None = None
    days_off: DaysOffSettings = DaysOffSettings()
    reach: ReachSettings = ReachSettings()
    steps: Annotated[Steps, Field(default_factory=dict)]
    plain_names: bool = False

    @model_validator(mode="after")
    def _dates(self) -> CohortsFromSettings:
        refuse_foreign_locale(self.locale, self.languages)
        if self.start and self.end and self.end < self.start:
            raise ValueError(f"the cohorts end ({self.end}) before they start ({self.start})")
        return self
