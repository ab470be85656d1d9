"""The shape of `lcm.yaml`."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, InstanceOf, field_validator, model_validator

from sync_worker.config.base import Duration, Locale, Strict, Zone
from sync_worker.config.language_model import LanguageModelSettings
from sync_worker.config.mail import MailSettings
from sync_worker.config.options import (
    DaysOffSettings,
    LibrarySettings,
    ReachSettings,
    RetentionSettings,
    ServiceSettings,
    Steps,
    SyncSettings,
)
from sync_worker.config.sources import (
    KEY,
    AnySource,
    ByMessage,
    CategorySlug,
    CohortsFromSettings,
    GroupName,
    Notifications,
    Programme,
    refuse_foreign_locale,
)
from sync_worker.model import SourceCohort

if TYPE_CHECKING:
    from sync_worker.config.rosters import RosterSource
    from sync_worker.model import Reach

Identifier = Literal["external_id", "email", "username"]
ChangeClass = Literal["add", "remove", "owners", "create", "adopt", "close_public", "archive", "invite"]
INVITATION_WORDS = ("cohort", "start", "end")
MAX_INVITATION_MESSAGE = 900
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")  # ends a line, or turns text around
LONGEST_WINDOW = timedelta(days=366)


class ForumSettings(Strict):
    """Where the forum is and how to speak to it. The key itself never stands in the file.

    `people_a_call` is how many people one call adds to a group, or takes out of it, at most.
    """

    url: str
    api_username: str = "system"
    key_env: str | None = "DISCOURSE_API_KEY"
    key_file: Path | None = None
    calls_per_minute: Annotated[int, Field(ge=1, le=1_000_000)] = 55
    connect_timeout: Annotated[float, Field(gt=0)] = 5.0
    read_timeout: Annotated[float, Field(gt=0)] = 35.0
    people_a_call: Annotated[int, Field(ge=1, le=1000)] = 1000

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
    """A cohort as an admin declares it; what is left out is derived from `key` and `name`.

    `by_message` says whether its LCMs decide by reply to messages and have their desk in one: `auto` where the forum
    has no plugin, `always` with it as well, `never` by `lcm drafts` alone.
    """

    key: str
    name: str
    start: date
    end: date
    timezone: Zone
    locale: Locale = "en"
    languages: tuple[Locale, ...] = ()
    group: GroupName | None = None
    lcm_group: GroupName | None = None
    category: str | None = None
    category_slug: str | None = None
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

    @field_validator("key")
    @classmethod
    def _key(cls, value: str) -> str:
        if not KEY.fullmatch(value):
            raise ValueError("use 2 to 40 lower-case letters, digits and hyphens")
        return value

    @field_validator("name", "category")
    @classmethod
    def _one_line(cls, value: str | None) -> str | None:
        if value is not None and (not value.strip() or CONTROL.search(value)):
            raise ValueError("write one line of text, not an empty one")
        return value

    @model_validator(mode="after")
    def _dates(self) -> CohortSettings:
        refuse_foreign_locale(self.locale, self.languages)
        if self.end < self.start:
            raise ValueError(f"the cohort ends ({self.end}) before it starts ({self.start})")
        return self


class SourcedCohortSettings(CohortSettings):
    """A cohort that a source brought along; it is never written in `lcm.yaml`."""

    source: InstanceOf[SourceCohort]


class LimitSettings(Strict):
    """What one run of `lcm sync` may do at most.

    `allow` switches classes of change on: `add` and `remove` people, `owners`, `create` what is missing, `adopt` a
    category that was there before us (its permissions are then ours to set), `close_public` takes a category that
    everybody reads away from the public, `archive` the category of a cohort
    that is over, `invite` people without an account. A group of up to `small_group` members is held to
    `small_group_removals`, a larger one to `max_removal_fraction` and `max_group_removals`; all groups together to
    `max_removals` and `max_overall_removal_fraction`, additions to `max_additions`: each counts what was done in the
    last 24 hours, whichever run did it. `max_shrink_fraction` is how many of the people of the last weeks
    (`shrink_window`) a snapshot's cohort may lose, `max_overall_shrink_fraction` all of them together. A cohort that is
    under way takes `small_group_additions` strangers a day, or `max_addition_fraction` of its people. As many LCMs as
    `small_group_role_changes`, or `max_role_change_fraction` of them, may be demoted or promoted, in one cohort and in
    all. An end that moves forward by more than `max_end_shift` in a day, or into the past, waits for a person.
    A person is removed or demoted after `grace_days` (0: at once) and in the `grace_runs`-th run that finds
    them gone; `grace_when_told` says whether that holds as well where the roster says in so many words that they
    left. `bring_back` adds people again who left a group that the roster wants them in. `protected` are usernames,
    e-mail addresses or external ids.
    """

    allow: tuple[ChangeClass, ...] = ("add",)
    max_removal_fraction: Annotated[float, Field(ge=0, le=1)] = 0.25
    max_group_removals: Annotated[int, Field(ge=0)] | None = None
    max_overall_removal_fraction: Annotated[float, Field(ge=0, le=1)] = 0.25
    max_removals: Annotated[int, Field(ge=0)] = 50
    max_additions: Annotated[int, Field(ge=0)] | None = None
    small_group: Annotated[int, Field(ge=0)] = 10
    small_group_removals: Annotated[int, Field(ge=0)] = 3
    max_rejected_rows: Annotated[int, Field(ge=0)] = 0
    max_shrink_fraction: Annotated[float, Field(ge=0, le=1)] = 0.25
    max_overall_shrink_fraction: Annotated[float, Field(ge=0, le=1)] = 0.25
    shrink_window: Duration = timedelta(days=28)
    max_addition_fraction: Annotated[float, Field(ge=0)] = 0.25
    small_group_additions: Annotated[int, Field(ge=0)] = 10
    max_role_change_fraction: Annotated[float, Field(ge=0, le=1)] = 0.25
    small_group_role_changes: Annotated[int, Field(ge=0)] = 2
    max_end_shift: Duration = timedelta(days=60)
    grace_days: Annotated[int, Field(ge=0)] = 7
    grace_runs: Annotated[int, Field(ge=1)] = 2
    grace_when_told: bool = True
    bring_back: bool = False
    protected: tuple[str, ...] = ()

    @field_validator("shrink_window")
    @classmethod
    def _bounded(cls, value: timedelta) -> timedelta:
        if not timedelta(days=1) <= value <= LONGEST_WINDOW:
            raise ValueError(f"expected 1d to {LONGEST_WINDOW.days}d")
        return value


class LookupSettings(Strict):
    """How accounts are looked up on the forum, and how often what is known of it is read again.

    `external_ids` says where the roster's external ids are found: with DiscourseConnect (where the forum has it on), or
    with the log-in provider of that name (`oidc`, `saml`, `google_oauth2`, ...). `ignore_plus` takes `ann+b@x.org` and
    `ann@x.org` for one address. `rungs` are the ways that may be used; of those that the forum has, the cheapest is.
    `singly` is how many accounts one run may look up one by one. A look-up of more than `by_email_over` calls is left
    to the forum's server where an address is all there is to go by: people are added by it, and looked up when they are
    to be removed. A person who was not found is looked for again when the number of accounts changed or after
    `again_hours`. Members (and with `check: count` permissions) are read in full at least every
    `full_read_hours` (0: always); between two such readings a group whose count of members is the same is taken to be
    unchanged, with `check: log` only if its log says so too.
    """

    external_ids: str = "discourse_connect"
    ignore_plus: bool = False
    rungs: tuple[Literal["plugin", "explorer", "terms", "singly", "crawl", "by_email"], ...] = (
        "plugin",
        "explorer",
        "terms",
        "singly",
        "crawl",
        "by_email",
    )
    singly: Annotated[int, Field(ge=0)] = 200
    by_email_over: Annotated[int, Field(ge=0)] = 30
    again_hours: Annotated[int, Field(ge=0)] = 24
    full_read_hours: Annotated[int, Field(ge=0)] = 24
    check: Literal["log", "count"] = "log"

    @property
    def takes_plugin(self) -> bool:
        """Whether our plugin may be used: it knows DiscourseConnect's ids only, and addresses as they are spelt."""
        return "plugin" in self.rungs and self.external_ids == "discourse_connect" and not self.ignore_plus

    @field_validator("external_ids")
    @classmethod
    def _provider(cls, value: str) -> str:
        if not re.fullmatch(r"[a-z0-9_]{1,60}", value):
            raise ValueError("give discourse_connect, or a log-in provider's name as Discourse has it, like oidc")
        return value


class InvitationSettings(Strict):
    """How people without an account are invited, once `invite` is allowed.

    `message` replaces the sentence that Discourse puts into its mail, by language; $cohort, $start and $end stand for
    the cohort's name and dates. An invitation holds for `expiry_days`; who does not answer is reminded after
    `remind_after_days`, `max_reminders` times at most. `per_run` is how many people one run invites or reminds at most.
    With `mail: false` Discourse sends nothing, and the links are yours to hand out.
    """

    message: dict[Locale, str] = Field(default_factory=dict)
    expiry_days: Annotated[int, Field(ge=1, le=365)] = 30
    remind_after_days: Annotated[int, Field(ge=1)] = 7
    max_reminders: Annotated[int, Field(ge=0)] = 2
    per_run: Annotated[int, Field(ge=0)] = 200
    mail: bool = True

    @field_validator("message")
    @classmethod
    def _known_words(cls, value: dict[str, str]) -> dict[str, str]:
        for text in value.values():
            template = Template(text)
            unknown = sorted(set(template.get_identifiers()) - set(INVITATION_WORDS))
            if unknown or not template.is_valid():
                raise ValueError(f"only ${', $'.join(INVITATION_WORDS)} stand for something; write $$ for a dollar")
            if len(text) > MAX_INVITATION_MESSAGE:
                raise ValueError(f"Discourse takes at most {MAX_INVITATION_MESSAGE} characters")
        return value


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
    lookup: LookupSettings = LookupSettings()
    invitations: InvitationSettings = InvitationSettings()
    reach: ReachSettings = ReachSettings()
    mail: MailSettings | None = None
    language_model: LanguageModelSettings | None = None
    sync: SyncSettings | None = None
    service: ServiceSettings = ServiceSettings()
    retention: RetentionSettings = RetentionSettings()
    library: LibrarySettings | None = None

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

    def reach_of(self, cohort: str) -> Reach:
        """Return how often and when a learner of a cohort may be written to."""
        own = next((one.reach for one in self.cohorts if one.key == cohort), ReachSettings())
        return self.reach.with_changes(own).as_data

    @property
    def sources(self) -> tuple[RosterSource, ...]:
        """The sources of people, the first with the last word."""
        return (self.roster,) if self.roster else self.rosters
