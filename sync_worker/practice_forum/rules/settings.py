"""The site settings that the practice forum knows, and how often one user may do something."""

from __future__ import annotations

import math
import re
import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.practice_forum.server.requests import Refusal
from sync_worker.practice_forum.tables import SiteSetting

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.tables import User


_LISTS = frozenset(
    {"top_menu", "authorized_extensions", "authorized_extensions_for_staff", "allowed_internal_hosts"},
)


PLUGIN_SWITCH = "lcm_enabled"
"""The switch of the discourse-lcm plugin; only a forum that has the plugin has it."""


@dataclass(frozen=True, slots=True)
class SettingDefault:
    """A site setting: its default tells its type (bool, int or str)."""

    name: str
    default: bool | int | str
    category: str
    minimum: int = 0
    maximum: int = 2_000_000_000
    secret: bool = False
    hidden: bool = False
    fact: str = ""
    """What a dialect must have for the forum to have the setting."""
    upcoming: str = ""
    """How far an upcoming change is; nothing for what is none."""

    @property
    def type(self) -> str:
        """The type as the admin pages name it."""
        if isinstance(self.default, bool):
            return "bool"
        if isinstance(self.default, int):
            return "integer"
        if self.name.endswith("_groups"):
            return "group_list"
        return "list" if self.name in _LISTS else "string"


_KNOWN = (
    SettingDefault("default_locale", "en", "required"),
    SettingDefault("title", "Discourse", "required"),
    SettingDefault("site_description", "", "required"),
    SettingDefault("contact_email", "", "required"),
    SettingDefault("contact_url", "", "required"),
    SettingDefault("top_menu", "latest|new|unread|hot|categories", "basic"),
    SettingDefault("login_required", False, "login"),
    SettingDefault("must_approve_users", False, "login"),
    SettingDefault("allow_new_registrations", True, "login"),
    SettingDefault("hide_email_address_taken", True, "login"),
    SettingDefault("auth_overrides_email", False, "login"),
    SettingDefault("auth_overrides_username", False, "login"),
    SettingDefault("auth_overrides_name", False, "login"),
    SettingDefault("enable_discourse_connect", False, "login"),
    SettingDefault("discourse_connect_url", "", "login"),
    SettingDefault("discourse_connect_secret", "", "login", secret=True),
    SettingDefault("discourse_connect_overrides_groups", False, "login"),
    SettingDefault("discourse_connect_overrides_bio", False, "login"),
    SettingDefault("discourse_connect_overrides_location", False, "login"),
    SettingDefault("discourse_connect_overrides_website", False, "login"),
    SettingDefault("min_username_length", 3, "users", minimum=1),
    SettingDefault("max_username_length", 20, "users", minimum=1),
    SettingDefault("unicode_usernames", False, "users"),
    SettingDefault("min_password_length", 10, "users", minimum=8, maximum=500),
    SettingDefault("enable_names", True, "users"),
    SettingDefault("invite_allowed_groups", "1|2|12", "users"),
    SettingDefault("invite_expiry_days", 90, "users", maximum=36_500),
    SettingDefault("invite_link_max_redemptions_limit", 5000, "users", minimum=2),
    SettingDefault("max_invites_per_day", 10, "rate_limits"),
    SettingDefault("max_api_invites", 200, "rate_limits", hidden=True),
    SettingDefault("delete_user_max_post_age", 60, "users"),
    SettingDefault("delete_all_posts_max", 15, "users", minimum=1),
    SettingDefault("prioritize_username_in_ux", True, "users"),
    SettingDefault("enable_user_directory", True, "users"),
    SettingDefault("hide_new_user_profiles", True, "users"),
    SettingDefault("use_name_for_username_suggestions", True, "users"),
    SettingDefault("use_email_for_username_and_name_suggestions", False, "users"),
    SettingDefault("send_welcome_message", True, "users"),
    SettingDefault("enable_group_directory", True, "groups"),
    SettingDefault(
        "granular_anonymous_and_logged_in_groups_permissions",
        True,
        "groups",
        fact="everyone_is_split",
        upcoming="beta",
    ),
    SettingDefault("dashboard_improvements", False, "groups", fact="upcoming_changes", upcoming="alpha"),
    SettingDefault("nested_replies_enabled", False, "posting", fact="nested_replies"),
    SettingDefault("discourse_workflows_enabled", False, "plugins", fact="workflows", upcoming="beta"),
    SettingDefault("enable_category_group_moderation", False, "groups"),
    SettingDefault("moderators_manage_categories_and_groups", False, "groups"),
    SettingDefault("min_post_length", 20, "posting", minimum=1),
    SettingDefault("min_first_post_length", 20, "posting", minimum=1),
    SettingDefault("min_personal_message_post_length", 10, "posting", minimum=1),
    SettingDefault("max_post_length", 32_000, "posting", maximum=150_000),
    SettingDefault("body_min_entropy", 7, "posting"),
    SettingDefault("min_topic_title_length", 15, "posting", minimum=1),
    SettingDefault("max_topic_title_length", 255, "posting", minimum=5, maximum=255),
    SettingDefault("title_min_entropy", 10, "posting"),
    SettingDefault("min_personal_message_title_length", 2, "posting", minimum=1),
    SettingDefault("title_prettify", True, "posting"),
    SettingDefault("allow_uppercase_posts", False, "posting"),
    SettingDefault("allow_uncategorized_topics", False, "posting"),
    SettingDefault("allow_duplicate_topic_titles", False, "posting"),
    SettingDefault("allow_duplicate_topic_titles_category", False, "posting"),
    SettingDefault("max_consecutive_replies", 3, "posting"),
    SettingDefault("editing_grace_period", 300, "posting"),
    SettingDefault("editing_grace_period_max_diff", 100, "posting"),
    SettingDefault("enable_mentions", True, "posting"),
    SettingDefault("max_mentions_per_post", 10, "posting"),
    SettingDefault("max_users_notified_per_group_mention", 100, "posting"),
    SettingDefault("newuser_max_links", 2, "posting"),
    SettingDefault("newuser_max_mentions_per_post", 2, "posting"),
    SettingDefault("newuser_max_embedded_media", 1, "posting"),
    SettingDefault("newuser_max_replies_per_topic", 3, "posting"),
    SettingDefault("max_allowed_message_recipients", 30, "posting", minimum=1),
    SettingDefault("personal_message_enabled_groups", "1|2|11", "posting"),
    SettingDefault("create_topic_allowed_groups", "1|2|10", "trust"),
    SettingDefault("default_trust_level", 0, "trust", maximum=4),
    SettingDefault("unique_posts_mins", 5, "rate_limits"),
    SettingDefault("rate_limit_create_topic", 15, "rate_limits"),
    SettingDefault("rate_limit_create_post", 5, "rate_limits"),
    SettingDefault("rate_limit_new_user_create_post", 30, "rate_limits"),
    SettingDefault("max_topics_per_day", 20, "rate_limits"),
    SettingDefault("max_topics_in_first_day", 3, "rate_limits"),
    SettingDefault("max_replies_in_first_day", 10, "rate_limits"),
    SettingDefault("max_personal_messages_per_day", 20, "rate_limits"),
    SettingDefault("max_likes_per_day", 50, "rate_limits"),
    SettingDefault("max_edits_per_day", 30, "rate_limits"),
    SettingDefault("max_prints_per_hour_per_user", 5, "rate_limits"),
    SettingDefault("tagging_enabled", True, "tags"),
    SettingDefault("max_tags_per_topic", 5, "tags"),
    SettingDefault("max_tag_length", 20, "tags"),
    SettingDefault("force_lowercase_tags", True, "tags"),
    SettingDefault("create_tag_allowed_groups", "1|2|13", "tags"),
    SettingDefault("tag_topic_allowed_groups", "1|2|10", "tags"),
    SettingDefault("search_page_size", 50, "search", minimum=1, hidden=True),
    SettingDefault("min_search_term_length", 3, "search", minimum=1),
    SettingDefault("max_image_size_kb", 10_240, "files"),
    SettingDefault("max_attachment_size_kb", 10_240, "files"),
    SettingDefault("authorized_extensions", "jpg|jpeg|png|gif|heic|heif|webp|avif", "files"),
    SettingDefault("authorized_extensions_for_staff", "", "files"),
    SettingDefault("allowed_internal_hosts", "", "security"),
    SettingDefault("retry_web_hook_events", False, "developer"),
    SettingDefault("data_explorer_enabled", False, "plugins"),
    SettingDefault("poll_enabled", True, "plugins"),
    SettingDefault("poll_maximum_options", 20, "plugins", minimum=2, maximum=100),
    SettingDefault("poll_edit_window_mins", 5, "plugins"),
    SettingDefault("poll_create_allowed_groups", "11", "plugins"),
    SettingDefault("discourse_local_dates_enabled", True, "plugins"),
    SettingDefault("calendar_enabled", False, "plugins"),
    SettingDefault("discourse_post_event_enabled", False, "plugins"),
    SettingDefault("discourse_post_event_allowed_on_groups", "", "plugins"),
    SettingDefault("content_localization_enabled", False, "content_localization"),
    SettingDefault("content_localization_allowed_groups", "1|2", "content_localization"),
    SettingDefault("lazy_load_categories_groups", "", "experimental"),
    SettingDefault(PLUGIN_SWITCH, True, "plugins"),
    SettingDefault("suppress_secured_categories_from_admin", False, "security"),
)

DEFAULTS: dict[str, SettingDefault] = {setting.name: setting for setting in _KNOWN}


_CHANGED = select(SiteSetting.name, SiteSetting.value)


class Settings:
    """The site settings as one request sees them, read when first asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changed: dict[str, str] | None = None

    def text(self, name: str) -> str:
        """The value as Discourse stores it: booleans are `true` and `false`, lists are joined by `|`.

        Raises:
            KeyError: the practice forum does not know the setting.

        """
        if self._changed is None:
            self._changed = {row[0]: row[1] for row in self._session.execute(_CHANGED)}
        return self._changed[name] if name in self._changed else as_stored(DEFAULTS[name].default)

    def flag(self, name: str) -> bool:
        """The value of a boolean setting."""
        return self.text(name) == "true"

    def number(self, name: str) -> int:
        """The value of an integer setting."""
        return int(self.text(name))

    def group_ids(self, name: str) -> set[int]:
        """The groups of a group list setting; what does not begin with a number is 0, everyone, as with Discourse."""
        numbers = (re.match(r"\s*-?\d+", part) for part in self.text(name).split("|") if part)
        return {int(number.group()) if number else 0 for number in numbers}

    def change(self, name: str, value: str) -> None:
        """Set a setting (unchecked)."""
        self._session.merge(SiteSetting(name=name, value=value))
        self._session.flush()
        self._changed = None


def as_stored(value: bool | int | str) -> str:
    """Return a default as the text in which settings are stored."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


# How often one user may do something, and how fast one may post; kept in memory, as Discourse keeps it in Redis.


_TEXTS = {
    "create_topic": "You’re creating topics a bit too quickly. Please wait {} before trying again.",
    "create_post": "You’re replying a bit too quickly. Please wait {} before trying again.",
    "topics_per_day": "You’ve reached the maximum new topics allowed per day. You can create more new topics in {}.",
    "pms_per_day": "You’ve reached the maximum messages allowed per day. You can create more new messages in {}.",
    "create_like": "Wow! You’ve been sharing a lot of love! You’ve reached the maximum number of likes within a 24 "
    "hour period, but as you gain trust levels, you’ll earn more daily likes. You’ll be able to like posts again in "
    "{}.",
    "edit_post": "You’ve reached the maximum number of daily edits. You can submit more edits in {}.",
}
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` times `what` in the time `within`."""

    what: str
    most: int
    within: timedelta


class UserLimits:
    """Counts what users did within a stretch of time."""

    def __init__(self) -> None:
        self._done: dict[tuple[int, str], deque[datetime]] = defaultdict(deque)
        self._lock = threading.Lock()

    def wait(self, user_id: int, limit: Limit, now: datetime) -> int:
        """Return how many seconds the user has to wait before doing it again: 0 where it is allowed now."""
        with self._lock:
            done = self._done[user_id, limit.what]
            while done and not timedelta(0) <= now - done[0] < limit.within:
                done.popleft()
            if len(done) < limit.most:
                return 0
            return max(1, math.ceil((done[-limit.most] + limit.within - now).total_seconds()))

    def note(self, user_id: int, limit: Limit, now: datetime) -> None:
        """Count that the user did it."""
        with self._lock:
            self._done[user_id, limit.what].append(now)


class TooFast(Refusal):
    """429 for one user; `uses_up` names the table of which the refused row had taken an id already."""

    uses_up: str | None = None


def refuse_if_over(limits: UserLimits, user: User, limit: Limit, now: datetime, *, uses_up: str | None = None) -> None:
    """Return for staff and for users within the limit.

    Raises:
        TooFast: with the words for what was done too often.

    """
    if user.staff or limit.within <= timedelta(0):
        return
    wait = limits.wait(user.id, limit, now)
    if wait:
        refusal = _too_fast(limit.what, wait)
        refusal.uses_up = uses_up
        raise refusal


def _too_fast(what: str, seconds: int) -> TooFast:
    left = time_left(seconds)
    text = _TEXTS[what].format(left)
    body = {
        "errors": [text],
        "error_type": "rate_limit",
        "extras": {"wait_seconds": seconds, "time_left": left},
    }
    return TooFast(429, body, headers={"Retry-After": str(seconds)}, kind="rate_limit")


def time_left(seconds: int) -> str:
    """Return a waiting time as Discourse words it."""
    for size, name in ((3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = math.ceil(seconds / size)
            return f"{count} {name}{'' if count == 1 else 's'}"
    return f"{seconds} second{'' if seconds == 1 else 's'}"


class PostingLimits:
    """The limits on one user's topics, messages and posts; staff has none."""

    def __init__(self, limits: UserLimits, user: User, settings: Settings, now: datetime) -> None:
        self._limits = limits
        self._user = user
        self._now = now
        new = user.trust_level < 2 and (now - user.created_at < DAY or user.trust_level == 0)
        pause = settings.number("rate_limit_new_user_create_post" if new else "rate_limit_create_post")
        self._post = Limit("create_post", 1, timedelta(seconds=pause))
        self._topic = Limit("create_topic", 1, timedelta(seconds=settings.number("rate_limit_create_topic")))
        self._topics = Limit("topics_per_day", settings.number("max_topics_per_day"), DAY)
        self._messages = Limit("pms_per_day", settings.number("max_personal_messages_per_day"), DAY)

    def check_topic(self, *, message: bool, skip: bool) -> None:
        """Let a topic or message pass.

        Raises:
            Refusal: 429; the topic's id is used up.

        """
        if skip:
            return
        for limit in (self._topic, self._messages if message else self._topics):
            refuse_if_over(self._limits, self._user, limit, self._now, uses_up="topics")

    def check_post(self, *, skip: bool) -> None:
        """Let a post pass.

        Raises:
            Refusal: 429; the post's id is used up.

        """
        if not skip:
            refuse_if_over(self._limits, self._user, self._post, self._now, uses_up="posts")

    def count(self, *, opened: bool, message: bool, skipped: bool) -> None:
        """Count what passed."""
        if self._user.staff or skipped:
            return
        self._limits.note(self._user.id, self._post, self._now)
        if opened:
            self._limits.note(self._user.id, self._topic, self._now)
            self._limits.note(self._user.id, self._messages if message else self._topics, self._now)
