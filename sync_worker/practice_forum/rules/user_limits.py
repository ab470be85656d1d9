"""How often one user may do something, and how fast one may post; kept in memory, as Discourse keeps it in Redis."""

from __future__ import annotations

import math
import threading
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sync_worker.practice_forum.server.refusals import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.practice_forum.rules.settings import Settings
    from sync_worker.practice_forum.tables import User

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
