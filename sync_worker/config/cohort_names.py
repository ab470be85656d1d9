"""Names of groups and categories for cohorts, within Discourse's limits and without collisions. Pure."""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync_worker.model import Cohort

MAX_GROUP_NAME = 20
MAX_CATEGORY_NAME = 50
DIGEST = 6
LCM = "-lcm"
RESERVED = re.compile(r"everyone|admins|moderators|staff|trust[-_]level[-_][0-4]")


@dataclass(frozen=True, slots=True)
class Names:
    """What a cohort's group, LCM group, category and category's slug are called."""

    group: str
    lcm_group: str
    category: str
    category_slug: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A cohort whose group or category (`kind`) has the name that another's has already."""

    key: str
    kind: str
    name: str
    owner: str


def group_name(key: str, suffix: str = "") -> str:
    """Return a group name of 3 to 20 characters for a cohort key; long keys keep a digest, so none collide."""
    room = MAX_GROUP_NAME - len(suffix)
    stem = key
    if len(stem) > room:
        digest = hashlib.sha256(key.encode()).hexdigest()[:5]
        stem = f"{key[: room - 6].rstrip('-')}-{digest}"
    return f"{stem}{suffix}" if len(stem) + len(suffix) >= 3 else f"{stem}-c{suffix}"


def source_names(key: str, name: str, *, plain: bool) -> Names:
    """Return names for a cohort that comes from a source: by its full name, told apart by a digest of its key.

    They depend on key and name alone, not on what other cohorts there are. Without digest where the name is the key, or
    where `plain`; always with it where the name is that of one of Discourse's own groups.
    """
    stem = slug(name)
    if stem and (plain or stem == key) and not RESERVED.fullmatch(stem):
        return Names(group_name(stem), group_name(stem, LCM), cut_at_word(name, MAX_CATEGORY_NAME), key)
    digest = base64.b32encode(hashlib.sha256(key.encode()).digest()).decode().casefold()[:DIGEST]
    group, lcm_group = (
        f"{stem[: MAX_GROUP_NAME - len(suffix) - DIGEST - 1].rstrip('-') or 'c'}-{digest}{suffix}"
        for suffix in ("", LCM)
    )
    category = f"{cut_at_word(name, MAX_CATEGORY_NAME - DIGEST - 3)} ({digest})"
    return Names(group, lcm_group, category, key)


def slug(text: str) -> str:
    """Return text in lower-case ASCII letters, digits and hyphens; empty where nothing of it is left."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def first_clash(cohorts: Iterable[Cohort]) -> Clash | None:
    """Return the first two cohorts that would meet in one group or category, or whose LCMs share their learners' group.

    On the forum, names differ by more than their case.
    """
    owners: dict[tuple[str, str], str] = {}
    for cohort in cohorts:
        names = (
            ("group", cohort.group),
            ("group", cohort.lcm_group),
            ("category", cohort.category),
            ("category_slug", cohort.category_slug),
        )
        for kind, name in names:
            owner = owners.setdefault((kind, name.casefold()), cohort.key)
            if owner != cohort.key:
                return Clash(cohort.key, kind, name, owner)
        if cohort.group.casefold() == cohort.lcm_group.casefold():
            return Clash(cohort.key, "group", cohort.group, cohort.key)
    return None


def cut_at_word(name: str, length: int) -> str:
    """Return a name that is no longer than that, ending with a whole word where the last one is not most of it."""
    if len(name) <= length:
        return name
    head = name[:length]
    words = head if name[length].isspace() else head.rsplit(maxsplit=1)[0]
    whole = words.rstrip(" ,;:.-–—(/&+")
    return whole if len(whole) > length // 2 else head.rstrip()
