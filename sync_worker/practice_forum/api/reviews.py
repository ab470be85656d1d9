"""Endpoints about what waits for a moderator."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from sqlalchemy import func, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.posts import poster
from sync_worker.practice_forum.rules import people, post_changes
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.clock import iso
from sync_worker.practice_forum.tables import Category, Reviewable, User

blueprint = Blueprint("reviews", __name__)

_STATUSES = {"pending": 0, "approved": 1, "rejected": 2, "ignored": 3, "deleted": 4}
_EDITABLE = (
    ("category_id", "category"),
    ("payload.title", "text"),
    ("payload.tags", "tags"),
    ("payload.raw", "editor"),
)
_SCORES = ((3, "Off-Topic"), (4, "Inappropriate"), (8, "Spam"), (10, "Illegal"), (7, "Something Else"))
_NEEDS_APPROVAL = (9, "Needs Approval")
_FILTERS = (
    "ids", "category_id", "topic_id", "priority", "username", "reviewed_by", "from_date", "to_date", "type",
    "sort_order", "flagged_by", "score_type",
)  # fmt: skip
_ACTIONS = (
    ("approve_post", "check", None, "Approve Post", "Post approved."),
    ("reject_post", "xmark", "reject-post", "Discard Post", None),
    ("delete_user", "user-xmark", None, "Delete User", None),
    ("delete_user_block", "ban", None, "Delete and Block User", None),
    ("revise_and_reject_post", None, None, "Revise Post...", None),
    ("delete", None, None, "Delete", None),
)
_BUNDLES = ["approve_post", "1-reject", "revise_and_reject_post", "delete"]


def _require_reviewer() -> User:
    user = context.require_user()
    guardian = context.guardian()
    moderates = context.settings().flag("enable_category_group_moderation") and guardian.moderated_category_ids
    if not guardian.is_staff and not moderates:
        raise refusals.not_found()
    return user


@blueprint.get("/review", endpoint="reviewables/index")
def index() -> dict[str, Any]:
    """List what waits (or had waited) for a moderator."""
    _require_reviewer()
    params, session = context.params(), context.session()
    status = params.text("status") or "pending"
    query = select(Reviewable).order_by(Reviewable.id.desc())
    if status in _STATUSES:
        query = query.where(Reviewable.status == _STATUSES[status])
    if category_id := params.integer("category_id"):
        query = query.where(Reviewable.category_id == category_id)
    rows = [row for row in session.scalars(query) if context.guardian().can_moderate_category(row.category_id)]
    users = people.by_ids(session, {-1, *(row.created_by_id for row in rows)} if rows else set())
    pending = _pending()
    return {
        "reviewables": [_row(row, users) for row in rows],
        "meta": dict.fromkeys(_FILTERS)
        | {
            "status": status,
            "additional_filters": {},
            "total_rows_reviewables": len(rows),
            "types": {
                "created_by": "user",
                "target_created_by": "user",
                "reviewed_by": "user",
                "claimed_by": "claimed_by",
            },
            "reviewable_types": ["ReviewableFlaggedPost", "ReviewableQueuedPost", "ReviewableUser", "ReviewablePost"],
            "unknown_reviewable_types_and_sources": [],
            "score_types": [{"id": number, "name": name} for number, name in (*_SCORES, _NEEDS_APPROVAL)],
            "reviewable_count": pending,
            "unseen_reviewable_count": pending,
        },
        "users": [people.basic_user(users[key]) | {"custom_fields": {}} for key in sorted(users)],
        "topics": [],
        "reviewable_scores": [_score(row) for row in rows],
        "score_types": [{"id": 9, "title": "Needs Approval", "icon": "flag", "type": "needs_approval"}] if rows else [],
        "reviewable_conversations": [],
        "bundled_actions": _bundles() if rows else [],
        "actions": _actions() if rows else [],
        "reviewable_notes": [],
        "claimed_bies": [],
        "__rest_serializer": "1",
    }


def _pending() -> int:
    query = select(func.count()).select_from(Reviewable).where(Reviewable.status == post_changes.PENDING)
    return context.session().scalar(query) or 0


def _row(row: Reviewable, users: dict[int, User]) -> dict[str, Any]:
    author = users.get(row.created_by_id)
    return {
        "id": row.id,
        "type": row.type,
        "type_source": "core",
        "category_id": row.category_id,
        "created_at": iso(row.created_at),
        "can_edit": True,
        "score": 6.0,
        "version": row.version,
        "target_created_by_trust_level": author.trust_level if author else None,
        "created_from_flag": False,
        "status": row.status,
        "removed_topic_id": None,
        "payload": row.payload,
        "created_by_id": -1,
        "target_created_by_id": row.created_by_id,
        "topic_id": row.topic_id,
        "editable_fields": [{"id": name, "type": kind} for name, kind in _EDITABLE],
        "reviewable_score_ids": [row.id],
        "bundled_action_ids": _BUNDLES if row.status == post_changes.PENDING else [],
        "reviewable_note_ids": [],
        "claimed_by_id": None,
    }


def _score(row: Reviewable) -> dict[str, Any]:
    category = context.session().get(Category, row.category_id) if row.category_id else None
    address = f"{context.base_url()}/c/{category.slug}/edit/settings" if category else ""
    return {
        "id": row.id,
        "score": 6.0,
        "agree_stats": {"agreed": 0, "disagreed": 0, "ignored": 0},
        "reason": f'The <a href="{address}">settings of the category</a> ask for approval of posts.',
        "reason_type": "category",
        "reason_data": None,
        "created_at": iso(row.created_at),
        "reviewed_at": None,
        "status": row.status,
        "user_id": -1,
        "score_type_id": 9,
        "reviewable_conversation_id": None,
        "reviewed_by_id": None,
    }


def _bundles() -> list[dict[str, Any]]:
    rejecting = ["reject_post", "delete_user", "delete_user_block"]
    return [
        {"id": "approve_post", "action_ids": ["approve_post"]},
        {"id": "1-reject", "label": "Reject Post", "action_ids": rejecting},
        {"id": "revise_and_reject_post", "action_ids": ["revise_and_reject_post"]},
        {"id": "delete", "action_ids": ["delete"]},
    ]


def _actions() -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for name, icon, css, label, done in _ACTIONS:
        line = {"id": name, "icon": icon, "button_class": css, "label": label}
        if name == "delete_user_block":
            line["description"] = "The user will be deleted, and their address and IP blocked."
        lines.append(line | {"server_action": name, "completed_message": done})
    return lines


@blueprint.put("/review/<int:row_id>/perform/<action>", endpoint="reviewables/perform")
def perform(row_id: int, action: str) -> dict[str, Any]:
    """Approve or discard a queued post; `version` must be the one that was seen."""
    _require_reviewer()
    session, params = context.session(), context.params()
    row = session.get(Reviewable, row_id)
    if row is None or not context.guardian().can_moderate_category(row.category_id):
        raise refusals.not_found()
    params.require("version")
    if params.integer("version") != row.version:
        text = "There is a conflict: somebody else has changed this item in the meantime."
        raise refusals.unprocessable(text, status=409)
    wanted = {
        "approve_post": post_changes.APPROVED,
        "reject_post": post_changes.REJECTED,
        "delete": post_changes.DELETED,
    }
    if row.status != post_changes.PENDING or action not in wanted:
        raise refusals.invalid_access()
    created = _approve(row) if action == "approve_post" else {}
    row.status = wanted[action]
    row.version += 1
    row.updated_at = context.now()
    session.flush()
    name = {value: key for key, value in _STATUSES.items()}[row.status]
    return {
        "reviewable_perform_result": {
            "success": True,
            "transition_to": name,
            "transition_to_id": row.status,
            **created,
            "remove_reviewable_ids": [row.id],
            "version": row.version,
            "reviewable_count": _pending(),
            "unseen_reviewable_count": _pending(),
        }
    }


def _approve(row: Reviewable) -> dict[str, Any]:
    author = context.session().get_one(User, row.created_by_id)
    try:
        post = poster(author).create(post_changes.submission_of(row))
    except RejectedError as error:
        raise refusals.unprocessable(*error.args) from None
    row.topic_id = post.topic_id
    return {"created_post_id": post.id, "created_post_topic_id": post.topic_id}
