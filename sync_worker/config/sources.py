"""Which kinds of source there are, those asked over HTTP, and which cohorts of the sources to take."""

from __future__ import annotations

import re
from datetime import date
from functools import reduce
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from sync_worker.config.base import Locale, Strict, Zone
from sync_worker.config.located_yaml import tag_of
from sync_worker.config.options import DaysOffSettings, ReachSettings, Steps
from sync_worker.config.rosters import (
    CsvRosterSettings,
    GivenNameSource,
    OneRosterSettings,
    PluginRosterSettings,
    RosterSource,
    SqlRosterSettings,
    XlsxRosterSettings,
)

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def _safe_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if not good or any(sign.isspace() for sign in value):
        raise ValueError("expected an address like https://lms.example.org")
    if "@" in parts.netloc:
        raise ValueError("an address in this file must not hold a user or password")
    if parts.fragment:
        raise ValueError("an address must not hold a '#'")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("use https: over http, the token could be read on the way")
    return value


def _safe_base(value: str) -> str:
    if urlsplit(_safe_address(value)).query:
        raise ValueError("an address must not hold a query here")
    return value.rstrip("/")


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


Address = Annotated[str, AfterValidator(_safe_address)]
Base = Annotated[str, AfterValidator(_safe_base)]
Id = Annotated[str, BeforeValidator(_as_text), Field(pattern=r"^[A-Za-z0-9_.:~-]{1,200}$")]
State = Literal["active", "invited", "creation_pending", "completed", "inactive"]
Number = Annotated[int, Field(ge=1)]


class HttpSource(GivenNameSource):
    """A source that is asked over HTTP; times are in seconds."""

    connect_timeout: Annotated[float, Field(gt=0)] = 10.0
    read_timeout: Annotated[float, Field(gt=0)] = 60.0

    @field_validator("cohorts", mode="before")
    @classmethod
    def _numbers_are_names(cls, value: Any) -> Any:
        """Take `42: spring-27` for `"42": spring-27`, as ids are written."""
        return {_as_text(key): key_of for key, key_of in value.items()} if isinstance(value, dict) else value


class TokenSource(HttpSource):
    """A source whose token stands in the environment or in a file."""

    token_env: str | None = None
    token_file: Path | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.token_file is None and not self.token_env:
            raise ValueError("say where the token is: token_env or token_file")
        return self


class NrpsContext(Strict):
    """One course: the address of its members from a launch, the cohort it is, the id that its answer must bear."""

    url: Address
    cohort: str | None = None
    context_id: str | None = None


class NrpsRosterSettings(HttpSource):
    """LTI Advantage Names and Role Provisioning Services 2.0; `nrps` is the platform's own address (its issuer)."""

    TELLING: ClassVar[str] = "nrps"

    nrps: Base
    client_id: Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
    token_url: Address
    audience: str | None = None
    key_file: Path
    key_id: Annotated[str, Field(min_length=1)]
    contexts: Annotated[tuple[NrpsContext, ...], Field(min_length=1)]
    external_id: Literal["user_id", "lis_person_sourcedid"] = "user_id"
    page_size: Annotated[int, Field(ge=1, le=1_000)] = 100


class ScimRosterSettings(TokenSource):
    """SCIM 2.0; `scim` is the address under which Users and Groups are."""

    TELLING: ClassVar[str] = "scim"

    scim: Base
    token_env: str | None = "SCIM_TOKEN"  # noqa: S105  (a name, not the token)
    groups: tuple[str, ...] = ()
    group_filter: str | None = None
    all_groups: bool = False
    cohorts_by: Literal["displayName", "id", "department"] = "displayName"
    group_roles: dict[str, str] = Field(default_factory=dict)
    external_id: Literal["externalId", "id", "userName"] = "externalId"
    user_name_is_email: bool = False
    page_size: Annotated[int, Field(ge=1, le=1_000)] = 100

    @model_validator(mode="after")
    def _some_groups(self) -> Self:
        if self.cohorts_by != "department" and not (
            self.groups or self.group_filter or self.all_groups or self.cohorts
        ):
            raise ValueError("say which groups to read: groups, group_filter, cohorts or all_groups: true")
        return self


class MoodleRosterSettings(TokenSource):
    """Moodle's web services; `moodle` is the site's address."""

    TELLING: ClassVar[str] = "moodle"

    moodle: Base
    token_env: str | None = "MOODLE_TOKEN"  # noqa: S105  (a name, not the token)
    moodle_cohorts: tuple[Number, ...] = ()
    all_cohorts: bool = False
    courses: tuple[Number, ...] = ()
    external_id: Literal["id", "idnumber", "username"] = "idnumber"
    manager_field: str | None = None
    timezone: Zone = "UTC"
    chunk: Annotated[int, Field(ge=1, le=1_000)] = 100

    @property
    def zone(self) -> ZoneInfo:
        """Where the site's days begin."""
        return ZoneInfo(self.timezone)


class CanvasRosterSettings(TokenSource):
    """Canvas; `canvas` is the site's address."""

    TELLING: ClassVar[str] = "canvas"

    canvas: Base
    token_env: str | None = "CANVAS_TOKEN"  # noqa: S105  (a name, not the token)
    courses: tuple[Id, ...] = ()
    sections: tuple[Id, ...] = ()
    account: Id | None = None
    term: Id | None = None
    cohorts_by: Literal["section", "course"] = "section"
    enrolled: Annotated[tuple[State, ...], Field(min_length=1)] = ("active",)
    external_id: Literal["sis_user_id", "id", "login_id"] = "sis_user_id"
    timezone: Zone = "UTC"
    page_size: Annotated[int, Field(ge=1, le=100)] = 100

    @property
    def zone(self) -> ZoneInfo:
        """Where the site's days begin."""
        return ZoneInfo(self.timezone)

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if (self.account is None) != (self.term is None):
            raise ValueError("the courses of a term are listed by both: account and term")
        if self.sections and self.cohorts_by == "course":
            raise ValueError("sections are named, but cohorts_by is course")
        return self


# Which kinds of source there are, and how a part of `lcm.yaml` tells which one it is.


SOURCES: tuple[type[RosterSource], ...] = (
    CsvRosterSettings,
    XlsxRosterSettings,
    OneRosterSettings,
    SqlRosterSettings,
    NrpsRosterSettings,
    ScimRosterSettings,
    MoodleRosterSettings,
    CanvasRosterSettings,
    PluginRosterSettings,
)


def _which(value: Any) -> str | None:
    """Return the tag of the source that a mapping (or a model) is."""
    if isinstance(value, RosterSource):
        return tag_of(value.TELLING)
    told = [source.TELLING for source in SOURCES if isinstance(value, dict) and source.TELLING in value]
    return tag_of(told[0]) if told else None


if TYPE_CHECKING:
    AnySource = RosterSource
else:
    AnySource = Annotated[
        reduce(or_, [Annotated[source, Tag(tag_of(source.TELLING))] for source in SOURCES]),
        Discriminator(
            _which,
            custom_error_type="source",
            custom_error_message=f"say what kind of source this is by one of {', '.join(s.TELLING for s in SOURCES)}",
        ),
    ]


# The shape of `cohorts_from` in `lcm.yaml`: which cohorts of the sources to take, and what they do not say.


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


ByMessage = Literal["auto", "always", "never"]
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
    by_message: ByMessage = "auto"
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
