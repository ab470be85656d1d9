"""How a practice forum is to behave: its options, which of its calls fail, its clock, its limits on calls."""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

from sync_worker.practice_forum.dialects import RECORDED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sync_worker.practice_forum.dialects import DialectName


class Fault(StrEnum):
    """One way in which a call fails. `AFTER` means: what the call asked for has been done all the same."""

    RATE_LIMIT_JSON = "429 with extras"
    RATE_LIMIT_BARE_JSON = "429 without extras"
    RATE_LIMIT_TEXT = "429 as text"
    RATE_LIMIT_HTML = "429 as a page"
    INTERNAL_ERROR = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    BAD_GATEWAY_AFTER = "502 after the effect"
    CLOSED_BEFORE = "closed before the effect"
    CLOSED_AFTER = "closed after the effect"
    CLOSED_DURING = "closed during the answer"
    SLOW = "slow"
    CUT_JSON = "cut JSON"
    LOGIN_PAGE = "login page"
    READ_ONLY = "read-only for a while"
    KILLED = "killed in the middle"


_RATE_LIMITS = (Fault.RATE_LIMIT_JSON, Fault.RATE_LIMIT_BARE_JSON, Fault.RATE_LIMIT_TEXT, Fault.RATE_LIMIT_HTML)
_ERRORS = (Fault.INTERNAL_ERROR, Fault.BAD_GATEWAY, Fault.UNAVAILABLE, Fault.BAD_GATEWAY_AFTER)
_CONNECTIONS = (Fault.CLOSED_BEFORE, Fault.CLOSED_AFTER, Fault.CLOSED_DURING)


@dataclass(frozen=True, slots=True)
class FaultProfile:
    """A named mixture of faults.

    Args:
        name: how the profile is asked for.
        share: of how many calls one fails, from 0 to 1.
        kinds: the faults, each as likely as the others.
        wait_seconds: how long the 429s ask to wait.
        slow_seconds: how long slow answers take.
        read_only_calls: how many calls a read-only spell lasts, the one that begins it included.

    """

    name: str
    share: float
    kinds: tuple[Fault, ...]
    wait_seconds: int = 1
    slow_seconds: float = 0.2
    read_only_calls: int = 5

    def fault_of(self, seed: int, number: int) -> Fault | None:
        """Return how the call with that number fails, None where it does not; always the same for the same seed."""
        chance = random.Random(f"{seed}/{number}")  # noqa: S311 - repeatable, not secret
        if not self.kinds or chance.random() >= self.share:
            return None
        return chance.choice(self.kinds)


NONE = FaultProfile("none", 0.0, ())
PROFILES: dict[str, FaultProfile] = {
    profile.name: profile
    for profile in (
        NONE,
        FaultProfile("rate-limits", 0.2, _RATE_LIMITS),
        FaultProfile("errors", 0.2, _ERRORS),
        FaultProfile("connections", 0.2, _CONNECTIONS),
        FaultProfile("slow", 0.2, (Fault.SLOW,)),
        FaultProfile("nonsense", 0.2, (Fault.CUT_JSON, Fault.LOGIN_PAGE)),
        FaultProfile("read-only", 0.05, (Fault.READ_ONLY,)),
        FaultProfile("kills", 0.5, (Fault.KILLED,)),
        FaultProfile("everything", 0.2, tuple(Fault)),
    )
}


DEFAULT_KEY = "practice-forum-key-of-all-users"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class ForumOptions:
    """Options of a practice forum.

    Args:
        api_key: the administrator's key for all users, made when the forum starts.
        admin_key: a key bound to `forumadmin`, if one is wanted.
        bulk_users: how many users `bulk0001`, ... a new forum starts with.
        admin_requests_per_minute: Discourse's limit for all admin keys together; None means unlimited.
        ip_limits: whether public client addresses (from X-Forwarded-For) are limited as Discourse limits them.
        plugin: whether the forum has the discourse-lcm plugin.
        user_filter: how `filter` of the users list reads commas: newer Discourses split it into terms; None: as the
            dialect does.
        dialect: which Discourse it speaks like (see `dialects`).
        settings: site settings of a new forum that differ from Discourse's defaults.
        now: the virtual now that a new forum starts with; None means real time.
        faults: which calls fail, and how.
        fault_seed: makes the faults repeatable.

    """

    api_key: str = DEFAULT_KEY
    admin_key: str | None = None
    bulk_users: int = 0
    admin_requests_per_minute: int | None = None
    ip_limits: bool = True
    plugin: bool = False
    user_filter: Literal["single", "many"] | None = None
    dialect: DialectName = RECORDED
    settings: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None
    faults: FaultProfile | None = None
    fault_seed: int = 0


# The forum's clock (real time, or a virtual now until it is set again), and limits on calls in a window of seconds.


class Clock:
    """Tells the forum's now."""

    def __init__(self, virtual: datetime | None = None) -> None:
        self.virtual = virtual

    def follow(self, header: str | None) -> None:
        """Set the virtual now to what a call says about itself (`Practice-Forum-Now`), where it says anything."""
        moment = parse_moment(header) if header else None
        if moment is not None:
            self.virtual = moment

    def now(self) -> datetime:
        """The virtual now where one is set, else the real one (aware, UTC, whole milliseconds)."""
        moment = self.virtual or datetime.now(UTC)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def iso(moment: datetime | None) -> str | None:
    """Return a moment as Discourse writes it (`2026-11-24T00:28:44.750Z`), None for None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_moment(text: str) -> datetime | None:
    """Return a date or timestamp written by a client, read as UTC where it names no zone; None if it is neither."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class SlidingWindow:
    """Lets `limit` calls through per `seconds`.

    Args:
        aggressive: whether refused calls count as well, so that hammering never recovers.
        clock: seconds since some moment; a real clock, since clients really wait.

    """

    def __init__(
        self,
        limit: int,
        seconds: int,
        *,
        aggressive: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._limit = limit
        self._seconds = seconds
        self._aggressive = aggressive
        self._clock = clock
        self._times: deque[int] = deque(maxlen=limit)
        self._lock = threading.Lock()

    def enter(self) -> int | None:
        """Count a call: None where it may pass, else the seconds to wait."""
        with self._lock:
            now = int(self._clock())
            full = len(self._times) >= self._limit
            wait = self._seconds - (now - self._times[0]) if full else 0
            if wait <= 0:
                self._times.append(now)
                return None
            if self._aggressive:
                self._times.append(now)
                return self._seconds - (now - self._times[0])
            return wait

    def take_back(self) -> None:
        """Forget the latest call."""
        with self._lock:
            if self._times:
                self._times.pop()
