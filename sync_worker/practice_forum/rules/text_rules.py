"""What Discourse demands of titles, bodies, names and tags, how it refuses the others, and who may use which tag."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select

from sync_worker.practice_forum.tables import (
    CategoryRequiredTagGroup,
    CategoryTag,
    CategoryTagGroup,
    Group,
    Tag,
    TagGroup,
    TagGroupMember,
    TagGroupPermission,
    Topic,
    TopicTag,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.rights import Guardian
    from sync_worker.practice_forum.rules.settings import Settings
    from sync_worker.practice_forum.tables import Category


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


# Tags: cleaning their names, who may use which, and putting them on topics.


_FORBIDDEN = re.compile(r"""[/?#\[\]@!$&'()*+,;=.%\\`^|{}"<>]+""")
UNABLE = "There was an error tagging the topic."
_USES = select(TopicTag.tag_id, func.count().label("uses")).group_by(TopicTag.tag_id).subquery()
_NAMES_BY_TOPIC = (
    select(TopicTag.topic_id, Tag.name)
    .join(Tag, Tag.id == TopicTag.tag_id)
    .join(_USES, _USES.c.tag_id == Tag.id)
    .where(TopicTag.topic_id.in_(bindparam("topics", expanding=True)))
    .order_by(_USES.c.uses.desc(), Tag.name)
)


class TaggingError(RejectedError):
    """The tags cannot be put on the topic."""


def clean_name(name: str, guardian: Guardian) -> str:
    """Return a tag's name as it is stored."""
    text = name.strip()
    if guardian.settings.flag("force_lowercase_tags"):
        text = text.lower()
    text = re.sub(r"\s+", "-", text)
    text = re.sub(r"-+", "-", _FORBIDDEN.sub("", text))
    return text[: guardian.settings.number("max_tag_length")].strip("-") or ""


def can_create(guardian: Guardian) -> bool:
    """Whether the user may invent tags."""
    return guardian.is_admin or guardian.in_any_group("create_tag_allowed_groups")


def for_saving(session: Session, names: Iterable[str], guardian: Guardian) -> list[str]:
    """Return the names that will be used: cleaned, once each, known ones only for those who may not invent, and no
    more than the site allows for a topic."""
    cleaned = list(dict.fromkeys(name for name in (clean_name(name, guardian) for name in names) if name))
    if not can_create(guardian):
        known = _existing(session, cleaned)
        cleaned = [name for name in cleaned if name.lower() in known]
    return cleaned[: guardian.settings.number("max_tags_per_topic")]


def _existing(session: Session, names: Iterable[str]) -> dict[str, Tag]:
    wanted = [name.lower() for name in names]
    if not wanted:
        return {}
    return {tag.name_lower: tag for tag in session.scalars(select(Tag).where(Tag.name_lower.in_(wanted)))}


def category_errors(session: Session, guardian: Guardian, category: Category | None, names: Sequence[str]) -> list[str]:
    """Return what the category's rules have against a topic with these tags."""
    if category is None:
        return []
    known = _existing(session, (clean_name(name, guardian) for name in names))
    count = len(names) if can_create(guardian) else len(known)
    if not guardian.is_staff:
        least = category.minimum_required_tags
        if count < least:
            return [f"You must select at least {least} tag{'' if least == 1 else 's'}."]
        if errors := _required_groups(session, category, known):
            return errors
    return _restricted(session, category, list(names), known)


def _required_groups(session: Session, category: Category, known: dict[str, Tag]) -> list[str]:
    errors = []
    required = select(CategoryRequiredTagGroup).where(CategoryRequiredTagGroup.category_id == category.id)
    for rule in session.scalars(required):
        group = session.get(TagGroup, rule.tag_group_id)
        members = select(Tag).join(TagGroupMember, TagGroupMember.tag_id == Tag.id)
        tags = list(session.scalars(members.where(TagGroupMember.tag_group_id == rule.tag_group_id).order_by(Tag.id)))
        used = sum(1 for tag in tags if tag.name_lower in known)
        if used < rule.min_count and group is not None:
            what = f"{rule.min_count} {group.name} tag{'' if rule.min_count == 1 else 's'}"
            listed = ", ".join(tag.name for tag in tags)
            errors.append(f"You must include at least {what}. The tags in this group are: {listed}.")
    return errors


def _restricted(session: Session, category: Category, names: list[str], known: dict[str, Tag]) -> list[str]:
    homes: dict[int, set[int]] = {}
    for tag_id, category_id in session.execute(select(CategoryTag.tag_id, CategoryTag.category_id)):
        homes.setdefault(tag_id, set()).add(category_id)
    by_group = select(TagGroupMember.tag_id, CategoryTagGroup.category_id).join(
        CategoryTagGroup, CategoryTagGroup.tag_group_id == TagGroupMember.tag_group_id
    )
    for tag_id, category_id in session.execute(by_group):
        homes.setdefault(tag_id, set()).add(category_id)
    wrong = sorted(tag.name for tag in known.values() if tag.id in homes and category.id not in homes[tag.id])
    if wrong:
        if len(wrong) == 1:
            return [f'The "{wrong[0]}" tag cannot be used in the "{category.name}" category. Please remove it.']
        listed = ", ".join(wrong)
        return [f'The following tags cannot be used in the "{category.name}" category: {listed}. Please remove them.']
    own_tags = any(category.id in places for places in homes.values())
    free = sorted(name for name in names if name.lower() not in known or known[name.lower()].id not in homes)
    if own_tags and not category.allow_global_tags and free:
        refuses = f'The "{category.name}" category does not allow the'
        if len(free) == 1:
            return [f'{refuses} "{free[0]}" tag. Please remove it.']
        return [f'{refuses} following tags: "{", ".join(free)}". Please remove them.']
    return []


def _reserved(session: Session, guardian: Guardian) -> set[str]:
    """The tags of tag groups that the user may not use."""
    if guardian.is_staff:
        return set()
    everyone = select(TagGroupPermission.tag_group_id).where(
        TagGroupPermission.permission_type == 1,
        TagGroupPermission.group_id.in_(guardian.group_ids),
    )
    ruled = select(TagGroupPermission.tag_group_id)
    query = (
        select(Tag.name_lower)
        .join(TagGroupMember, TagGroupMember.tag_id == Tag.id)
        .where(TagGroupMember.tag_group_id.in_(ruled), TagGroupMember.tag_group_id.not_in(everyone))
    )
    return set(session.scalars(query))


def put_on(session: Session, guardian: Guardian, topic: Topic, category: Category | None, names: Iterable[str]) -> None:
    """Make `names` the topic's tags.

    Raises:
        TaggingError: the user may not use one of them, or the category's rules are against it.

    """
    chosen = for_saving(session, names, guardian)
    present = {name.lower() for name in names_of(session, [topic.id]).get(topic.id, [])}
    reserved = _reserved(session, guardian)
    refused = [name for name in chosen if name.lower() in reserved - present]
    if refused:
        raise TaggingError(f'You cannot apply the tag "{" ".join(refused)}".')
    if errors := category_errors(session, guardian, category, chosen):
        raise TaggingError(*errors)
    tags = known_or_new(session, chosen, guardian.now)
    session.execute(delete(TopicTag).where(TopicTag.topic_id == topic.id))
    session.add_all(TopicTag(topic_id=topic.id, tag_id=tag.id) for tag in tags)
    session.flush()


def known_or_new(session: Session, names: Sequence[str], now: datetime) -> list[Tag]:
    """Return the tags of these (cleaned) names, made where they are new."""
    known = _existing(session, names)
    for name in names:
        if name.lower() not in known:
            tag = Tag(name=name, name_lower=name.lower(), created_at=now)
            session.add(tag)
            session.flush()
            known[name.lower()] = tag
    return [known[name.lower()] for name in names]


def hidden_names(session: Session, guardian: Guardian) -> set[str]:
    """Return the (lower-case) names of tags that the user may not see."""
    if guardian.is_staff:
        return set()
    seen = select(TagGroupPermission.tag_group_id).where(TagGroupPermission.group_id.in_(guardian.group_ids))
    ruled = select(TagGroupPermission.tag_group_id)
    query = (
        select(Tag.name_lower)
        .join(TagGroupMember, TagGroupMember.tag_id == Tag.id)
        .where(TagGroupMember.tag_group_id.in_(ruled), TagGroupMember.tag_group_id.not_in(seen))
    )
    return set(session.scalars(query))


def names_of(session: Session, topic_ids: Iterable[int]) -> dict[int, list[str]]:
    """Return the tags of topics, the more used ones first."""
    ids = list(topic_ids)
    if not ids:
        return {}
    found: dict[int, list[str]] = {}
    for topic_id, name in session.execute(_NAMES_BY_TOPIC, {"topics": ids}):
        found.setdefault(topic_id, []).append(name)
    return found
