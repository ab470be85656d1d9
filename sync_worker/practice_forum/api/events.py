"""Endpoints of Discourse's calendar and of its content localisation, as far as the worker and its readers need them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.posts import find_post
from sync_worker.practice_forum.rules import events, people
from sync_worker.practice_forum.rules.writing import cook_post
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.requests import to_i
from sync_worker.practice_forum.tables import Event, Post, PostLocalization, Topic, TopicLocalization, User

if TYPE_CHECKING:
    from sync_worker.practice_forum.tables import Invitee

blueprint = Blueprint("events", __name__)


def _event(post_id: int) -> Event:
    if not events.are_on(context.guardian()):
        raise requests.not_found()
    event = context.session().get(Event, post_id)
    if event is None:
        raise requests.not_found()
    find_post(post_id)
    return event


@blueprint.get("/discourse-post-event/events/<int:post_id>/invitees", endpoint="discourse_post_event/invitees/index")
def invitees(post_id: int) -> dict[str, Any]:
    """Who answered whether they come: 200 at most, those who come first."""
    context.require_user()
    found = events.answers(context.session(), _event(post_id), context.params().text("type"))
    return {"invitees": [_invitee(one, user) for one, user in found]}


@blueprint.post("/discourse-post-event/events/<int:post_id>/invitees", endpoint="discourse_post_event/invitees/create")
def create_invitee(post_id: int) -> dict[str, Any]:
    """Let the caller say whether they come; another answer takes the place of the first."""
    user, event = context.require_user(), _event(post_id)
    status = context.params().section("invitee").require("status")
    if status not in events.STATUSES:
        raise requests.invalid_parameters("status")
    if (event.ends_at or event.starts_at) <= context.now():
        raise requests.invalid_access()
    return {"invitee": _invitee(events.answer(context.session(), event, user, status, context.now()), user)}


def _invitee(invitee: Invitee, user: User) -> dict[str, Any]:
    shown = {
        "id": user.id,
        "username": user.username,
        "name": user.name,
        "avatar_template": people.avatar_template(user),
    }
    return {"id": invitee.id, "status": invitee.status, "user": shown, "post_id": invitee.post_id}


def _may_localize() -> User:
    user = context.require_user()
    if not context.settings().flag("content_localization_enabled"):
        raise requests.invalid_access()
    if not context.guardian().in_any_group("content_localization_allowed_groups"):
        raise requests.invalid_access()
    return user


@blueprint.get("/post_localizations/<int:post_id>", endpoint="post_localizations/show")
def post_localizations(post_id: int) -> dict[str, Any]:
    """All languages that were added to a post; of a first post with the title."""
    _may_localize()
    session = context.session()
    post = session.get(Post, post_id)
    if post is None:
        raise requests.not_found()
    rows = session.scalars(select(PostLocalization).where(PostLocalization.post_id == post_id)).all()
    return {"post_localizations": [_localization(post, row) for row in rows]}


def _localization(post: Post, row: PostLocalization) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": row.id,
        "post_id": row.post_id,
        "post_version": row.post_version,
        "locale": row.locale,
        "raw": row.raw,
    }
    title = _title(post.topic_id, row.locale) if post.post_number == 1 else None
    if title is not None:
        shown["topic_localization"] = {
            "id": title.id, "topic_id": title.topic_id, "locale": title.locale, "title": title.title
        }  # fmt: skip
    return shown


def _title(topic_id: int, locale: str) -> TopicLocalization | None:
    return context.session().scalar(
        select(TopicLocalization).where(TopicLocalization.topic_id == topic_id, TopicLocalization.locale == locale)
    )


@blueprint.post("/post_localizations/create_or_update", endpoint="post_localizations/create_or_update")
def localize_post() -> tuple[dict[str, Any], int]:
    """Add a language to a post, or replace it."""
    user, params, session = _may_localize(), context.params(), context.session()
    post_id, locale, raw = to_i(params.require("post_id")), params.require("locale"), params.require("raw")
    post = session.get(Post, post_id)
    if post is None:
        raise requests.not_found()
    kept = session.scalar(
        select(PostLocalization).where(PostLocalization.post_id == post_id, PostLocalization.locale == locale)
    )
    status = 201 if kept is None else 200
    if kept is None:
        kept = PostLocalization(post_id=post_id, locale=locale)
        session.add(kept)
    kept.raw, kept.cooked = raw, cook_post(session, raw, user, post.topic_id, context.base_url())
    kept.post_version, kept.localizer_user_id = post.version, user.id
    return {"success": "OK"}, status


@blueprint.post("/topic_localizations/create_or_update", endpoint="topic_localizations/create_or_update")
def localize_topic() -> tuple[dict[str, Any], int]:
    """Add a topic's title in a language, or replace it."""
    user, params, session = _may_localize(), context.params(), context.session()
    topic_id, locale, title = to_i(params.require("topic_id")), params.require("locale"), params.require("title")
    if session.get(Topic, topic_id) is None:
        raise requests.not_found()
    kept = _title(topic_id, locale)
    status = 201 if kept is None else 200
    if kept is None:
        kept = TopicLocalization(topic_id=topic_id, locale=locale)
        session.add(kept)
    kept.title, kept.localizer_user_id = title, user.id
    return {"success": "OK"}, status
