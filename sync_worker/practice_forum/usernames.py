"""The rules for names of users and groups, and names suggested where none is given."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.practice_forum.tables import Group, User

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.settings import Settings

_RESERVED = frozenset(
    (
        *("admin", "moderator", "administrator", "mod", "sys", "system", "community", "info", "you", "name"),
        *("username", "user", "nickname", "discourse", "discourseorg", "discourseforum", "support", "all", "here"),
    ),
)
_SUFFIX = re.compile(r"\.(js|json|css|htm|html|xml|jpg|jpeg|png|gif|bmp|ico|tif|tiff|woff)$", re.IGNORECASE)


def complaint(name: str, settings: Settings) -> str | None:
    """Return what is wrong with a name, worded to follow its label; None where it is well formed."""
    low, high = settings.number("min_username_length"), settings.number("max_username_length")
    checks = (
        (name != "", "can't be blank"),
        (len(name) >= low, f"must be at least {low} characters"),
        (len(name) <= high, f"must be no more than {high} characters"),
        (
            re.fullmatch(r"[A-Za-z0-9_.-]+", name) is not None,
            "must only include numbers, letters, dashes, dots, and underscores",
        ),
        (re.match(r"[A-Za-z0-9_]", name) is not None, "must begin with a letter, a number or an underscore"),
        (re.search(r"[A-Za-z0-9]$", name) is not None, "must end with a letter or a number"),
        (
            re.search(r"[-_.]{2,}", name) is None,
            "must not contain a sequence of 2 or more special chars (.-_)",
        ),
        (_SUFFIX.search(name) is None, "must not end with a confusing suffix like .json or .png etc."),
    )
    return next((text for ok, text in checks if not ok), None)


def reserved(name: str) -> bool:
    """Whether nobody may choose this name for an account."""
    return name.lower() in _RESERVED


def taken(session: Session, name: str, *, user_id: int | None = None, group_id: int | None = None) -> bool:
    """Whether another user or group than the given one has the name: both share one namespace."""
    users = select(User.id).where(User.username_lower == name.lower(), User.id != (user_id or 0))
    groups = select(Group.id).where(Group.name_lower == name.lower(), Group.id != (group_id or -1))
    return session.scalar(users) is not None or session.scalar(groups) is not None


def suggest(session: Session, settings: Settings, *wishes: str | None) -> str:
    """Return a free name made from the first usable wish."""
    low, high = settings.number("min_username_length"), settings.number("max_username_length")
    base = next((name for name in (_clean(wish or "", low, high) for wish in wishes) if name), "user")
    if not _occupied(session, base):
        return base
    number = 1
    while True:
        candidate = f"{base[: high - len(str(number))]}{number}"
        if not _occupied(session, candidate):
            return candidate
        number += 1


def _occupied(session: Session, name: str) -> bool:
    return name.lower() in _RESERVED or taken(session, name)


def _clean(wish: str, low: int, high: int) -> str:
    ascii_only = unicodedata.normalize("NFKD", wish.partition("@")[0]).encode("ascii", "ignore").decode()
    name = re.sub(r"[^A-Za-z0-9_.-]+", "_", ascii_only.strip())
    name = re.sub(r"[-_.]{2,}", "_", name)
    name = re.sub(r"^[^A-Za-z0-9_]+|[^A-Za-z0-9]+$", "", name)
    name = re.sub(r"[^A-Za-z0-9]+$", "", name[:high])
    return name + "1" * (low - len(name)) if name else ""
