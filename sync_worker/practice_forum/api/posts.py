"""Endpoints about single posts: creating, reading, changing, deleting, marking; and the files that they show."""

from __future__ import annotations

import hashlib
import json
import struct
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
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso, parse_moment
from sync_worker.practice_forum.server.requests import Params, to_i
from sync_worker.practice_forum.tables import Post, PostMemo, Topic, Upload

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
        raise requests.crash()
    if "topic_id" in params and isinstance(params.raw("topic_id"), (list, dict)):
        raise requests.bad_request()
    topic_id = params.text("topic_id")
    reply_to = params.text("reply_to_post_number")
    created_at = params.text("created_at")
    unlist = params.text("unlist_topic")
    visible = params.text("visible")
    _refuse_what_is_not_there(params)
    if params.flag("no_bump") and not rights.staff_or_leader(context.guardian()):
        raise requests.invalid_parameters("no_bump")
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
        locale=params.text("locale") or None,
    )


def _refuse_what_is_not_there(params: Params) -> None:
    """Refuse warnings in public and whispers, as a forum does whose whispers are off."""
    if params.flag("whisper"):
        raise requests.invalid_access(NO_WHISPERS)
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
        raise requests.not_found()
    post, topic = found
    if post.deleted_at is not None and not guardian.can_moderate_category(topic.category_id):
        raise requests.not_found()
    if not guardian.can_see_topic(topic):
        raise requests.invalid_access()
    return post, topic


@blueprint.get("/posts/<int:post_id>", endpoint="posts/show")
def show(post_id: int) -> dict[str, Any]:
    """Show one post with its source."""
    post, topic = find_post(post_id)
    return post_json(context.guardian(), post, topic, Shape(raw=True))


@blueprint.get("/posts/by_number/<int:topic_id>/<int:number>", endpoint="posts/by_number")
def by_number(topic_id: int, number: int) -> dict[str, Any]:
    """Show the post with a number of a topic."""
    post = writing.at_number(context.session(), topic_id, number)
    if post is None:
        raise requests.not_found()
    return show(post.id)


@blueprint.put("/posts/<int:post_id>", endpoint="posts/update")
def update(post_id: int) -> dict[str, Any]:
    """Change a post's text, and the title of its topic where it is the first one."""
    user = context.require_user()
    changes = context.params().require_section("post", ("raw", "edit_reason"))
    post, topic = find_post(post_id)
    if not rights.can_edit_post(context.guardian(), post, topic):
        raise requests.invalid_access()
    original = changes.text("original_text") or changes.text("raw_old")
    if original and original != post.raw:
        text = "That post was edited by another user and your changes can no longer be saved."
        raise requests.unprocessable(text, status=409)
    wanted = post_changes.Edit(
        raw=changes.text("raw") or "",
        reason=changes.text("edit_reason"),
        title=context.params().text("title") if post.post_number == 1 else None,
    )
    try:
        post_changes.revise(poster(user), post, topic, wanted)
    except RejectedError as error:
        raise requests.unprocessable(*error.args) from None
    shape = Shape(raw=True, draft_sequence=post.version - 1)
    return {"post": post_json(context.guardian(), post, topic, shape)}


@blueprint.delete("/posts/<int:post_id>", endpoint="posts/destroy")
def destroy(post_id: int) -> Response:
    """Delete an answer: out of sight for staff, a note in its place for an author."""
    user = context.require_user()
    post, topic = find_post(post_id)
    guardian = context.guardian()
    if not rights.can_delete_post(guardian, post, topic):
        raise requests.invalid_access()
    post_changes.remove(poster(user), post, topic)
    return empty()


@blueprint.put("/posts/<int:post_id>/recover", endpoint="posts/recover")
def recover(post_id: int) -> dict[str, Any]:
    """Bring a deleted post back."""
    context.require_user()
    post, topic = find_post(post_id)
    if not rights.can_recover_post(context.guardian(), post, topic):
        raise requests.invalid_access()
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
        raise requests.invalid_access()
    post.locked_by_id = user.id if context.params().raw("locked") == "true" else None
    return {"locked": post.locked_by_id is not None}


# Uploads: images and files that posts show; kept in the database.


_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MEDIA = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp"}
_IMAGES = frozenset({*_MEDIA, "heic", "heif", "avif"})
_WIDEST = 690


@blueprint.post("/uploads", endpoint="uploads/create")
def create_upload() -> dict[str, Any]:
    """Store a file; the same content again gives the same upload."""
    caller, params, session = context.require_user(), context.params(), context.session()
    if not params.text("upload_type") and not params.text("type"):
        raise requests.missing_parameter("upload_type")
    file = request.files.get("file") or next(iter(request.files.getlist("files[]")), None)
    if file is None:
        raise requests.failed("undefined method 'tempfile' for nil")
    name, content = file.filename or "file", file.read()
    extension = name.rpartition(".")[2].lower()
    _refuse_unfit(extension, content)
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    found = session.scalar(select(Upload).where(Upload.sha1 == sha1))
    if found is None:
        width, height = _size(content) if extension in _IMAGES else (None, None)
        if extension in _MEDIA and not width:
            raise requests.unprocessable(
                "Sorry, but we couldn't determine the size of the image. Maybe your image is corrupted?",
            )
        found = Upload(
            user_id=caller.id,
            sha1=sha1,
            original_filename=name,
            filesize=len(content),
            width=width,
            height=height,
            extension=extension,
            url=f"/uploads/default/original/1X/{sha1}.{extension}",
            content=content,
            created_at=context.now(),
        )
        session.add(found)
        session.flush()
    retain = params.text("retain_hours")
    return upload_json(found, retain_hours=to_i(retain) if retain else None)


def _refuse_unfit(extension: str, content: bytes) -> None:
    settings = context.settings()
    names = ["authorized_extensions"]
    if context.guardian().is_staff:
        names.append("authorized_extensions_for_staff")
    allowed = [part for name in names for part in settings.text(name).split("|") if part]
    if "*" not in allowed and extension not in allowed:
        raise requests.unprocessable(
            "Sorry, the file you are trying to upload is not authorized (authorized extensions: "
            f"{', '.join(allowed)}).",
        )
    limit = settings.number("max_image_size_kb" if extension in _IMAGES else "max_attachment_size_kb")
    if len(content) > limit * 1024:
        what = "image" if extension in _IMAGES else "file"
        raise requests.unprocessable(
            f"Sorry, the {what} you are trying to upload is too big (maximum size is {limit // 1024} MB).",
        )


def upload_json(row: Upload, *, retain_hours: int | None = None) -> dict[str, Any]:
    """Return an upload as clients get it."""
    host = context.base_url().partition(":")[2]
    short = f"{_base62(row.sha1)}.{row.extension}"
    width = min(row.width, _WIDEST) if row.width else None
    height = round(row.height * width / row.width) if row.width and row.height and width else None
    return {
        "id": row.id,
        "url": f"{host}{row.url}",
        "original_filename": row.original_filename,
        "filesize": row.filesize,
        "width": row.width,
        "height": row.height,
        "thumbnail_width": width,
        "thumbnail_height": height,
        "extension": row.extension,
        "short_url": f"upload://{short}",
        "short_path": f"/uploads/short-url/{short}",
        "retain_hours": retain_hours,
        "human_filesize": _human(row.filesize),
        "dominant_color": row.sha1[:6].upper() if row.width else None,
        "thumbnail": None,
    }


def _base62(sha1: str) -> str:
    number, text = int(sha1, 16), ""
    while number:
        number, digit = divmod(number, 62)
        text = _DIGITS[digit] + text
    return text


def _human(size: int) -> str:
    if size < 1024:
        return f"{size} Bytes"
    return f"{size / 1024:.3g} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.3g} MB"


def _size(content: bytes) -> tuple[int | None, int | None]:
    """The width and height of a PNG, GIF, JPEG or WebP image; None for what is none of them."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        return struct.unpack(">II", content[16:24])
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        return struct.unpack("<HH", content[6:10])
    if content[:2] == b"\xff\xd8":
        return _jpeg_size(content)
    if content[:4] == b"RIFF" and content[12:16] == b"VP8X" and len(content) >= 30:
        width, height = content[24:27], content[27:30]
        return int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1
    return None, None


def _jpeg_size(content: bytes) -> tuple[int | None, int | None]:
    position = 2
    while position + 9 <= len(content) and content[position] == 0xFF:
        marker, length = content[position + 1], int.from_bytes(content[position + 2 : position + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[position + 5 : position + 9])
            return width, height
        position += 2 + length
    return None, None


@blueprint.get("/uploads/default/original/1X/<name>", endpoint="uploads/show")
@blueprint.get("/uploads/short-url/<name>", endpoint="uploads/show_short")
def show_upload(name: str) -> Response:
    """The file itself, by its SHA-1 or short name."""
    stem, _, extension = name.partition(".")
    rows = context.session().scalars(select(Upload).where(Upload.extension == extension))
    found = next((row for row in rows if stem in (row.sha1, _base62(row.sha1))), None)
    if found is None:
        raise requests.not_found()
    answer = Response(found.content, content_type=_MEDIA.get(extension, "application/octet-stream"))
    answer.headers["cache-control"] = "max-age=31556952, public, immutable"
    return answer
