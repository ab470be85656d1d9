"""How fast one user may open topics, send messages and reply."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.practice_forum.user_limits import DAY, Limit, UserLimits, refuse_if_over

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.practice_forum.settings import Settings
    from sync_worker.practice_forum.tables import User


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
