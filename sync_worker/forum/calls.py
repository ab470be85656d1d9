"""Counts the calls made to a forum, by operation."""

from __future__ import annotations

import re
from collections import Counter
from threading import Lock

# Words of Discourse's routes; all else in a path is a name or an id, and is not counted separately.
_ROUTE_WORDS = frozenset(
    re.findall(
        r"\S+",
        "about active activity admin by-external by-id by_number c categories cohorts create-multiple "
        "create_or_update current desk discourse-post-event emails events explorer external_id groups "
        "heartbeat invited invitees invites l latest lcm list logs members owners playbooks plugins "
        "post_actions post_localizations posts preferences public queries run runs scopes search session show "
        "site site_settings srv status t tags timer topic_localizations topics u uploads users work",
    )
)


def operation_of(verb: str, path: str) -> str:
    """Return the operation a request belongs to, such as `GET /groups/*/members`, free of names and ids."""
    parts = re.sub(r"\.json$", "", path.partition("?")[0]).strip("/").split("/")
    known = (part if part in _ROUTE_WORDS else "*" for part in parts)
    return f"{verb} /{'/'.join(known)}"


class CallCounter:
    """How many calls were sent, in all and by operation; refused and repeated ones count too."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    def add(self, operation: str) -> None:
        """Count one call."""
        with self._lock:
            self._counts[operation] += 1

    @property
    def total(self) -> int:
        """Number of calls sent."""
        with self._lock:
            return self._counts.total()

    @property
    def by_operation(self) -> dict[str, int]:
        """Number of calls of each operation, most frequent first."""
        with self._lock:
            return dict(self._counts.most_common())
