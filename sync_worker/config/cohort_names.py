"""Names of groups and categories for cohorts, within Discourse's limits and without collisions. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata

MAX_GROUP_NAME = 20
MAX_CATEGORY_NAME = 50


def group_name(key: str, suffix: str = "") -> str:
    """Return a group name of 3 to 20 characters for a cohort key; long keys keep a digest, so none collide."""
    room = MAX_GROUP_NAME - len(suffix)
    stem = key
    if len(stem) > room:
        digest = hashlib.sha256(key.encode()).hexdigest()[:5]
        stem = f"{key[: room - 6].rstrip('-')}-{digest}"
    return f"{stem}{suffix}" if len(stem) + len(suffix) >= 3 else f"{stem}-c{suffix}"


def slug(text: str) -> str:
    """Return text in lower-case ASCII letters, digits and hyphens; empty where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
