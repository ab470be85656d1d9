"""What Discourse demands of titles, bodies and names, and how it refuses the others."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.practice_forum.tables import Group, User

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.settings import Settings

UNCLEAR_TITLE = "Title seems unclear, most of the words contain the same letters over and over?"
UNCLEAR_BODY = "Body seems unclear, is it a complete sentence?"
LONG_WORD_TITLE = "Title seems unclear, one or more words is very long?"
LOUD_TITLE = "Title seems unclear, did you mean to enter it in ALL CAPS?"
EXTERNAL_ID_LENGTH = 50
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_-]+")
_ENTROPY_SHARE = 0.7


class RejectedError(Exception):
    """What somebody wants to post does not hold up; the arguments are Discourse's complaints."""


def title_errors(title: str, settings: Settings, *, admin: bool, message: bool) -> list[str]:
    """Return the complaints about a (cleaned) title, in Discourse's order."""
    errors: list[str] = []
    if message:
        least = 1 if admin else settings.number("min_personal_message_title_length")
    else:
        least = 1 if admin else settings.number("min_topic_title_length")
    most = settings.number("max_topic_title_length")
    if not title.strip():
        errors.append("Title can't be blank")
    if len(title) < least:
        errors.append(f"Title is too short (minimum is {least} character{'' if least == 1 else 's'})")
    if len(title) > most:
        errors.append(f"Title is too long (maximum is {most} characters)")
    if not message and (unclear := _title_quality(title, settings)):
        errors.append(unclear)
    return errors


def _title_quality(title: str, settings: Settings) -> str | None:
    shortest, entropy = settings.number("min_topic_title_length"), settings.number("title_min_entropy")
    if not _meaningful(title, entropy if shortest > entropy else int(shortest * _ENTROPY_SHARE)):
        return UNCLEAR_TITLE
    if re.search(r"[^\W_]{31,}", title):
        return LONG_WORD_TITLE
    if not _quiet(title, settings):
        return LOUD_TITLE
    return None if _pronounceable(title) else "Title seems unclear, is it a complete sentence?"


def body_errors(raw: str, settings: Settings, *, first: bool, message: bool) -> list[str]:
    """Return the complaints about the length and the sense of a body."""
    name = "min_personal_message_post_length" if message else "min_first_post_length" if first else "min_post_length"
    least, most = settings.number(name), settings.number("max_post_length")
    text = raw.strip()
    errors: list[str] = []
    if not text:
        errors.append("Body can't be blank")
    elif len(text) < least:
        errors.append(f"Body is too short (minimum is {least} characters)")
    elif len(text) > most:
        errors.append(f"Body is limited to {most} characters; you entered {len(text)}.")
    if not _body_makes_sense(raw, settings, message=message):
        errors.append(UNCLEAR_BODY)
    return errors


def _body_makes_sense(raw: str, settings: Settings, *, message: bool) -> bool:
    entropy, shortest = settings.number("body_min_entropy"), settings.number("min_post_length")
    if message:
        least = settings.number("min_personal_message_post_length")
        entropy = int(entropy * least / shortest)
        entropy = int(least * _ENTROPY_SHARE) if entropy > least else entropy
    elif entropy > shortest:
        entropy = int(shortest * _ENTROPY_SHARE)
    return _meaningful(raw, entropy) and _pronounceable(raw) and _quiet(raw, settings)


def external_id_errors(external_id: str) -> list[str]:
    """Return the complaints about the form of an external id (not whether it is taken)."""
    errors: list[str] = []
    if len(external_id) > EXTERNAL_ID_LENGTH:
        errors.append(f"External is too long (maximum is {EXTERNAL_ID_LENGTH} characters)")
    if not _EXTERNAL_ID.fullmatch(external_id):
        errors.append("External is invalid")
    return errors


def word_count(raw: str) -> int:
    """Return the number of words as Discourse counts them."""
    return len(re.findall(r"\w+", raw))


def _meaningful(text: str, entropy: int) -> bool:
    return bool(text.strip()) and len(set(text.strip().encode())) >= entropy


def _pronounceable(text: str) -> bool:
    return any(character.isalnum() for character in text)


def _quiet(text: str, settings: Settings) -> bool:
    if settings.flag("allow_uppercase_posts"):
        return True
    kinds = {unicodedata.category(character) for character in text if character.isalpha()}
    return not kinds or bool(kinds & {"Ll", "Lo"})


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
