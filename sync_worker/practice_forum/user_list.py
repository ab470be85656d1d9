"""The users list of administration: which users, in which order, with which addresses."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, func, or_, select

from sync_worker.practice_forum import context, refusals
from sync_worker.practice_forum.tables import Post, Topic, User, UserEmail

if TYPE_CHECKING:
    from collections.abc import Iterable

PER_PAGE = 100
_MOST_TERMS = 100
_TRUST_LEVELS = {"newuser": 0, "basic": 1, "member": 2, "regular": 3, "leader": 4}


def page_of_users(flag: str | None) -> list[User]:
    """Return one page (1-based) of the list with that flag; `active` and `new` order the list and filter nothing."""
    params = context.params()
    query = select(User).where(*_conditions(flag)).order_by(*_order(flag))
    page = max(params.integer("page") - 1, 0)
    return list(context.session().scalars(query.limit(PER_PAGE).offset(page * PER_PAGE)))


def _conditions(flag: str | None) -> Iterable[ColumnElement[bool]]:
    params, now = context.params(), context.now()
    flags: dict[str, ColumnElement[bool]] = {
        "staff": or_(User.admin, User.moderator),
        "admins": User.admin.is_(True),
        "moderators": User.moderator.is_(True),
        "silenced": User.silenced_till > now,
        "suspended": User.suspended_till > now,
        "pending": User.approved_by_id.is_(None) & User.active.is_(True),
        "staged": User.staged.is_(True),
    }
    if flag in flags:
        yield flags[flag]
    if flag in _TRUST_LEVELS:
        yield User.trust_level == _TRUST_LEVELS[flag]
    if address := params.text("ip"):
        yield User.registration_ip == address.strip()
    if params.text("exclude"):
        yield User.id != params.integer("exclude")
    if email := params.text("email"):
        yield _has_email(UserEmail.email_lower == email.lower())
    elif text := (params.text("filter") or "").strip():
        yield _filter(text)


def _filter(text: str) -> ColumnElement[bool]:
    if _is_address(text):
        return User.registration_ip == text
    if context.forum().options.user_filter == "single":
        return _single_term(text)
    terms = [term for term in re.split(r"[,\s]+", text) if term]
    if len(terms) > _MOST_TERMS:
        raise refusals.invalid_parameters("filter")
    exact = UserEmail.email_lower.in_([term.lower() for term in terms])
    return or_(User.id.in_(select(UserEmail.user_id).where(exact)), *map(_contains, terms))


def _single_term(text: str) -> ColumnElement[bool]:
    """One term: the holder of exactly that address, else the users who have it in the name or primary address."""
    if re.search(r".+@.+", text):
        holder = context.session().get(UserEmail, text.lower())
        if holder is not None:
            return User.id == holder.user_id
    return _contains(text)


def _contains(text: str) -> ColumnElement[bool]:
    like = f"%{text.lower()}%"
    return or_(User.username_lower.like(like), _has_email(UserEmail.email_lower.like(like)))


def _has_email(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return User.id.in_(select(UserEmail.user_id).where(UserEmail.primary.is_(True), condition))


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _order(flag: str | None) -> list[ColumnElement[Any]]:
    params = context.params()
    asked = (params.text("order") or "").lower().split(" ")[0]
    if not asked:
        first = User.last_seen_at.desc().nulls_last() if flag == "active" else User.created_at.desc()
        return [first, User.username.asc(), User.id.asc()]
    posts = select(func.count(Post.id)).where(Post.user_id == User.id, Post.deleted_at.is_(None))
    email = select(UserEmail.email).where(UserEmail.user_id == User.id, UserEmail.primary.is_(True))
    keys: dict[str, Any] = {
        "created": User.created_at,
        "last_emailed": func.coalesce(User.last_emailed_at, 0),
        "seen": func.coalesce(User.last_seen_at, 0),
        "username": User.username,
        "email": email.scalar_subquery(),
        "trust_level": User.trust_level,
        "posts": posts.scalar_subquery(),
        "silence_reason": User.silence_reason,
    }
    key = keys.get(asked)
    if key is None:
        return [User.id.asc()]
    ascending = bool(params.text("asc"))
    # Discourse breaks no ties, so that equal rows stand otherwise on every page.
    page = params.integer("page")
    ties = (User.id * 7919 * page) % 104729 if page > 1 else User.id
    return [(key.asc() if ascending else key.desc()).nulls_last(), ties.asc()]


def emails_of(users: Iterable[User]) -> dict[int, list[str]]:
    """Return every user's addresses, the primary one first."""
    found: dict[int, list[str]] = {}
    query = select(UserEmail).where(UserEmail.user_id.in_([user.id for user in users]))
    for row in context.session().scalars(query.order_by(UserEmail.primary.desc(), UserEmail.email_lower)):
        found.setdefault(row.user_id, []).append(row.email)
    return found


def post_counts(users: Iterable[User]) -> dict[int, int]:
    """Return how many replies each user wrote in public topics (opening posts count as topics)."""
    query = (
        select(Post.user_id, func.count(Post.id))
        .join(Topic, Topic.id == Post.topic_id)
        .where(Post.user_id.in_([user.id for user in users]), Post.deleted_at.is_(None))
        .where(Topic.archetype == "regular", Post.post_number > 1)
        .group_by(Post.user_id)
    )
    return {row[0]: row[1] for row in context.session().execute(query)}
