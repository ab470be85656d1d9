"""Endpoints about single posts: creating, reading, changing, deleting, marking."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy import bindparam, delete, insert, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.json.posts import Shape, post_json
from sync_worker.practice_forum.rules import post_changes, rights, writing
from sync_worker.practice_forum.rules.posting import Poster, Submission
from sync_worker.practice_forum.rules.settings import TooFast, UserLimits
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.options import iso, parse_moment
from sync_worker.practice_forum.server.requests import Params, to_i
from sync_worker.practice_forum.tables import Post, PostMemo, Topic

if TYPE_CHECKING:
    from sync_worker.practice_forum.tables import User

blueprint = Blueprint("posts", __name__)

MEMO = timedelta(seconds=120)
NO_WHISPERS = "Either whispers are not enabled or you do not have access to create whisper posts"
WARNING_IN_PUBLIC = "You can only attach warnings to personal messages."
_POST_AND_TOPIC = select(Post, Topic).join(Topic, Topic.id == Post.topic_id).where(Post.id == bindparam("post"))
_PERMITTED = (
    "raw", "topic_id", "archetype", "category", "target_recipients", "reply_to_post_number", "auto_track",
    "typing_duration_msecs", "composer_open_duration_msecs", "visible", "draft_key", "composer_version", "locale",
    "skip_validations", "import_mode", "embed_url", "created_at", "external_id", "is_warning", "no_bump", "title",
    "tags", "featured_link", "unlist_topic", "whisper",
)  # fmt: skip

Answer = tuple[dict[str, Any], int]


def user_limits() -> UserLimits:
    """Return the running forum's limits on single users."""
    limits: UserLimits = current_app.extensions.setdefault("user_limits", UserLimits())
    return limits


def poster(user: User) -> Poster:
    """Return what posts for `user` in this request."""
    return Poster(context.guardian(), user, user_limits(), context.base_url())


@blueprint.post("/posts", endpoint="posts/create")
def create() -> Answer:
    """Open a topic or message, or reply; the same request within 120 seconds gets the first answer again."""
    user = context.require_user()
    digest = _digest(context.params())
    body = _remembered(user, digest)
    if body is None:
        body = _post_or_reject(user)
        _remember(user, digest, body)
    status = 422 if body.get("errors") else 200
    if status == 200 and "post" in body and not context.params().flag("nested_post"):
        return body["post"], status
    return body, status


def _digest(params: Params) -> str:
    asked = {name: params.raw(name) for name in _PERMITTED if params.raw(name) is not None}
    caller = request.headers.get("User-Agent", "")
    return hashlib.sha256(json.dumps([asked, caller], sort_keys=True, default=str).encode()).hexdigest()


def _remembered(user: User, digest: str) -> dict[str, Any] | None:
    memo = context.session().get(PostMemo, (user.id, digest))
    if memo is None or not timedelta(0) <= context.now() - memo.created_at < MEMO:
        return None
    body: dict[str, Any] = json.loads(memo.body)
    return body


def _remember(user: User, digest: str, body: dict[str, Any]) -> None:
    memo = {
        "user_id": user.id,
        "digest": digest,
        "status": 422 if body.get("errors") else 200,
        "body": json.dumps(body),
        "created_at": context.now(),
    }
    session = context.session()
    if body.get("errors") or not _purged_lately():
        session.execute(delete(PostMemo).where(PostMemo.created_at <= context.now() - MEMO))
    session.execute(insert(PostMemo).values(**memo).prefix_with("OR REPLACE"))


def _purged_lately() -> bool:
    """Whether old memos were thrown away within the time that one is kept; if not, count it as done now."""
    latest, now = current_app.extensions.get("memos_purged"), context.now()
    if latest is not None and timedelta(0) <= now - latest < MEMO:
        return True
    current_app.extensions["memos_purged"] = now
    return False


def _post_or_reject(user: User) -> dict[str, Any]:
    session = context.session()
    action = "create_post"
    try:
        wanted = _submission(context.params())
        if post_changes.needs_approval(context.guardian(), wanted):
            action = "enqueued"
            return _queued(post_changes.enqueue(poster(user), wanted))
        post = poster(user).create(wanted)
    except RejectedError as error:
        session.rollback()
        return {"action": action, "errors": list(error.args)}
    except TooFast as refusal:
        _use_up_id(refusal)
        raise
    topic = session.get_one(Topic, post.topic_id)
    shown = post_json(context.guardian(), post, topic, Shape(raw=True, fresh=True, draft_sequence=0))
    if wanted.import_mode and wanted.opens_topic:
        shown["posts_count"] = 0
    return {"action": action, "post": shown, "success": True}


def _use_up_id(refusal: TooFast) -> None:
    """Leave the gap in the ids that PostgreSQL leaves behind a row that was rolled back."""
    if refusal.uses_up is None:
        return
    session = context.session()
    session.rollback()
    writing.burn_id(session, refusal.uses_up)
    session.commit()


def _queued(queued: dict[str, Any]) -> dict[str, Any]:
    row = queued["row"]
    return {
        "action": "enqueued",
        "success": True,
        "pending_count": queued["count"],
        "pending_post": {"id": row.id, "raw": row.payload["raw"], "created_at": iso(row.created_at)},
    }


def _submission(params: Params) -> Submission:
    tags = params.raw("tags")
    if isinstance(tags, str) and tags:
        raise refusals.crash()
    if "topic_id" in params and isinstance(params.raw("topic_id"), (list, dict)):
        raise refusals.bad_request()
    topic_id = params.text("topic_id")
    reply_to = params.text("reply_to_post_number")
    created_at = params.text("created_at")
    unlist = params.text("unlist_topic")
    visible = params.text("visible")
    _refuse_what_is_not_there(params)
    if params.flag("no_bump") and not rights.staff_or_leader(context.guardian()):
        raise refusals.invalid_parameters("no_bump")
    return Submission(
        raw=(params.text("raw") or "").rstrip(),
        title=params.text("title"),
        topic_id=to_i(topic_id) if topic_id else None,
        category=params.text("category") or None,
        tags=tuple(params.items("tags")),
        message=params.text("archetype") == rights.PRIVATE,
        recipients=params.text("target_recipients") or "",
        reply_to=to_i(reply_to) if reply_to else None,
        external_id=params.text("external_id") or None,
        created_at=parse_moment(created_at) if created_at else None,
        visible=unlist == "false" if unlist else visible != "false",
        auto_track=params.text("auto_track") != "false",
        skip_validations=params.flag("skip_validations"),
        import_mode=params.flag("import_mode"),
        bump=not params.flag("no_bump"),
    )


def _refuse_what_is_not_there(params: Params) -> None:
    """Refuse warnings in public and whispers, as a forum does whose whispers are off."""
    if params.flag("whisper"):
        raise refusals.invalid_access(NO_WHISPERS)
    if params.flag("is_warning") and params.text("archetype") != rights.PRIVATE:
        raise RejectedError(WARNING_IN_PUBLIC)


def find_post(post_id: int) -> tuple[Post, Topic]:
    """Return a post and its topic if the calling user may see them.

    Raises:
        Refusal: 404 where there is no such post, 403 where it is not for the user.

    """
    guardian = context.guardian()
    found = context.session().execute(_POST_AND_TOPIC, {"post": post_id}).first()
    if found is None:
        raise refusals.not_found()
    post, topic = found
    if post.deleted_at is not None and not guardian.can_moderate_category(topic.category_id):
        raise refusals.not_found()
    if not guardian.can_see_topic(topic):
        raise refusals.invalid_access()
    return post, topic


@blueprint.get("/posts/<int:post_id>", endpoint="posts/show")
def show(post_id: int) -> dict[str, Any]:
    """Show one post with its source."""
    post, topic = find_post(post_id)
    return post_json(context.guardian(), post, topic, Shape(raw=True))


@blueprint.get("/posts/by_number/<int:topic_id>/<int:number>", endpoint="posts/by_number")
def by_number(topic_id: int, number: int) -> dict[str, Any]:
    """Show the post with a number of a topic."""
    post = post_changes.at_number(context.session(), topic_id, number)
    if post is None:
        raise refusals.not_found()
    return show(post.id)


@blueprint.put("/posts/<int:post_id>", endpoint="posts/update")
def update(post_id: int) -> dict[str, Any]:
    """Change a post's text, and the title of its topic where it is the first one."""
    user = context.require_user()
    changes = context.params().require_section("post", ("raw", "edit_reason"))
    post, topic = find_post(post_id)
    if not rights.can_edit_post(context.guardian(), post, topic):
        raise refusals.invalid_access()
    original = changes.text("original_text") or changes.text("raw_old")
    if original and original != post.raw:
        text = "That post was edited by another user and your changes can no longer be saved."
        raise refusals.unprocessable(text, status=409)
    wanted = post_changes.Edit(
        raw=changes.text("raw") or "",
        reason=changes.text("edit_reason"),
        title=context.params().text("title") if post.post_number == 1 else None,
    )
    try:
        post_changes.revise(poster(user), post, topic, wanted)
    except RejectedError as error:
        raise refusals.unprocessable(*error.args) from None
    shape = Shape(raw=True, draft_sequence=post.version - 1)
    return {"post": post_json(context.guardian(), post, topic, shape)}


@blueprint.delete("/posts/<int:post_id>", endpoint="posts/destroy")
def destroy(post_id: int) -> Response:
    """Delete an answer: out of sight for staff, a note in its place for an author."""
    user = context.require_user()
    post, topic = find_post(post_id)
    guardian = context.guardian()
    if not rights.can_delete_post(guardian, post, topic):
        raise refusals.invalid_access()
    post_changes.remove(poster(user), post, topic)
    return empty()


@blueprint.put("/posts/<int:post_id>/recover", endpoint="posts/recover")
def recover(post_id: int) -> dict[str, Any]:
    """Bring a deleted post back."""
    context.require_user()
    post, topic = find_post(post_id)
    if not rights.can_recover_post(context.guardian(), post, topic):
        raise refusals.invalid_access()
    post_changes.bring_back(context.session(), post, topic)
    return post_json(context.guardian(), post, topic, Shape(raw=True))


def empty() -> Response:
    """Return the empty answer of actions that have nothing to say."""
    return Response("", content_type="text/plain; charset=utf-8")


MOST_REPLIES = 20


@blueprint.get("/posts/<int:post_id>/replies", endpoint="posts/replies")
def replies(post_id: int) -> list[dict[str, Any]]:
    """The direct replies to a post, after the post number `after`."""
    post, topic = find_post(post_id)
    after = max(1, context.params().integer("after"))
    query = select(Post).where(Post.topic_id == topic.id, Post.reply_to_post_number == post.post_number)
    query = query.where(Post.deleted_at.is_(None), Post.post_number > after).order_by(Post.post_number)
    found = context.session().scalars(query.limit(MOST_REPLIES))
    return [post_json(context.guardian(), reply, topic, Shape()) for reply in found]


@blueprint.put("/posts/<int:post_id>/locked", endpoint="posts/locked")
def locked(post_id: int) -> dict[str, bool]:
    """Keep everybody but staff from editing a post; true is the word `true` only."""
    user = context.require_user()
    post, _topic = find_post(post_id)
    if not context.guardian().is_staff:
        raise refusals.invalid_access()
    post.locked_by_id = user.id if context.params().raw("locked") == "true" else None
    return {"locked": post.locked_by_id is not None}
