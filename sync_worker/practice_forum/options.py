"""How a practice forum is to behave."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sync_worker.practice_forum.fault_profiles import FaultProfile

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
        user_filter: how `filter` of the users list reads commas: newer Discourses split it into terms.
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
    user_filter: Literal["single", "many"] = "single"
    settings: Mapping[str, str] = field(default_factory=dict)
    now: datetime | None = None
    faults: FaultProfile | None = None
    fault_seed: int = 0
