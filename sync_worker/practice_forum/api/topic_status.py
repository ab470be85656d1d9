"""Endpoints about what a topic is: open or closed, archived, listed, pinned; and its timers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import bindparam, delete, or_, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.topics import live_topic
from sync_worker.practice_forum.json.topics import timer_json
from sync_worker.practice_forum.rules import post_changes, rights, writing
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.clock import iso, parse_moment
from sync_worker.practice_forum.tables import Topic, TopicTimer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.tables import User

blueprint = Blueprint("topic_status", __name__)

STATUSES = ("closed", "visible", "archived", "pinned", "pinned_globally")
TIMERS = (
    "close", "open", "publish_to_category", "delete", "reminder", "bump", "delete_replies", "silent_close",
    "clear_slow_mode",
)  # fmt: skip
_RELISTED, _UNLISTED = 4, 3
_LONGEST_HOURS = 20 * 365 * 24


@blueprint.put("/t/<int:topic_id>/status", endpoint="topics/status")
@blueprint.put("/t/<slug>/<int:topic_id>/status", endpoint="topics/status")
def status(topic_id: int, slug: str = "") -> dict[str, Any]:
    """Set one status of a topic. `enabled` counts as true only as the string "true"."""
    params = context.params()
    name = params.require("status")
    params.require("enabled")
    user = context.require_user()
    if name not in STATUSES:
        raise refusals.invalid_parameters("status")
    enabled = params.raw("enabled") == "true"
    topic = live_topic(topic_id)
    if topic is None or not _may(topic, name):
        raise refusals.invalid_access()
    _set(topic, user, name, params.text("until") or None, enabled=enabled)
    timer = context.session().scalar(select(TopicTimer).where(TopicTimer.topic_id == topic.id).limit(1))
    return {"success": "OK", "topic_status_update": timer_json(timer) if timer else None}


def _may(topic: Topic, name: str) -> bool:
    guardian = context.guardian()
    if name in ("closed", "archived", "visible", "pinned"):
        return rights.moderates(guardian, topic)
    return rights.staff_or_leader(guardian)


def _set(topic: Topic, user: User, name: str, until: str | None, *, enabled: bool) -> None:
    session, now = context.session(), context.now()
    if name in ("pinned", "pinned_globally"):
        _pin(topic, until, globally=name == "pinned_globally", enabled=enabled)
        changed = True
    else:
        changed = getattr(topic, name) != enabled
        setattr(topic, name, enabled)
    if name == "visible":
        topic.visibility_reason_id = _RELISTED if enabled else _UNLISTED
    if name == "closed":
        kinds = ("close", "silent_close") if enabled else ("open",)
        wiped = delete(TopicTimer).where(TopicTimer.topic_id == topic.id, TopicTimer.status_type.in_(kinds))
        session.execute(wiped)
    if changed:
        code = f"{name}.{'enabled' if enabled else 'disabled'}"
        opening = name == "closed" and not enabled
        writing.small_action(session, topic, user.id, code, now, bump=opening)


def _pin(topic: Topic, until: str | None, *, globally: bool, enabled: bool) -> None:
    moment = parse_moment(until) if until else None
    if until and moment is None:
        raise refusals.invalid_parameters("pinned_until")
    topic.pinned_at = context.now() if enabled else None
    topic.pinned_globally = globally
    topic.pinned_until = moment if enabled else None


@blueprint.post("/t/<int:topic_id>/timer", endpoint="topics/timer")
@blueprint.post("/t/<slug>/<int:topic_id>/timer", endpoint="topics/timer")
def timer(topic_id: int, slug: str = "") -> dict[str, Any]:
    """Set or delete what is to happen to a topic later; `time` is a number of hours or a future moment."""
    params = context.params()
    kind = params.require("status_type")
    if kind not in TIMERS:
        raise refusals.invalid_parameters("status_type")
    based_on_last_post = params.text("based_on_last_post") == "true"
    if based_on_last_post:
        params.require("duration_minutes")
    user = context.require_user()
    topic = live_topic(topic_id)
    guardian = context.guardian()
    if topic is None or not rights.staff_or_leader(guardian):
        raise refusals.invalid_access()
    if kind in ("delete", "delete_replies") and not rights.can_delete_topic(guardian, topic):
        raise refusals.invalid_access()
    minutes = params.integer("duration_minutes") or None
    at = _moment(params.text("time"), minutes)
    session = context.session()
    session.execute(delete(TopicTimer).where(TopicTimer.topic_id == topic.id))
    row = None
    if at is not None:
        row = TopicTimer(
            topic_id=topic.id,
            user_id=user.id,
            status_type=kind,
            execute_at=at,
            duration_minutes=minutes,
            based_on_last_post=based_on_last_post,
            category_id=params.integer("category_id") or None,
            created_at=context.now(),
        )
        session.add(row)
        session.flush()
    return {
        "success": "OK",
        "execute_at": iso(row.execute_at) if row else None,
        "duration_minutes": row.duration_minutes if row else None,
        "based_on_last_post": row.based_on_last_post if row else None,
        "closed": topic.closed,
        "category_id": row.category_id if row else None,
    }


def _moment(time: str | None, minutes: int | None) -> datetime | None:
    now = context.now()
    if not time:
        return now + timedelta(minutes=minutes) if minutes else None
    try:
        hours = float(time)
    except ValueError:
        moment = parse_moment(time)
        if moment is None:
            raise refusals.invalid_parameters("Discourse::InvalidParameters") from None
        if moment < now:
            raise refusals.invalid_parameters("time") from None
        return moment
    if not 0 < hours <= _LONGEST_HOURS:
        raise refusals.invalid_parameters("time")
    return now + timedelta(hours=hours)


_ANYTHING_DUE = select(
    or_(
        select(Topic.id).where(Topic.pinned_until.is_not(None), Topic.pinned_until <= bindparam("now")).exists(),
        select(TopicTimer.id).where(TopicTimer.execute_at <= bindparam("now")).exists(),
    )
)


def carry_out_due(session: Session, now: datetime) -> None:
    """Do what timers and pins with an end ask for by now; called before lists and topics are read."""
    if not session.scalar(_ANYTHING_DUE, {"now": now}):
        return
    for topic in session.scalars(select(Topic).where(Topic.pinned_until.is_not(None), Topic.pinned_until <= now)):
        topic.pinned_at = topic.pinned_until = None
        topic.pinned_globally = False
    for row in list(session.scalars(select(TopicTimer).where(TopicTimer.execute_at <= now))):
        topic = session.get_one(Topic, row.topic_id)
        _carry_out(session, topic, row, now)
        session.delete(row)


def _carry_out(session: Session, topic: Topic, row: TopicTimer, now: datetime) -> None:
    if row.status_type in ("close", "silent_close", "open"):
        close = row.status_type != "open"
        if topic.closed != close:
            topic.closed = close
            code = f"autoclosed.{'enabled' if close else 'disabled'}"
            writing.small_action(session, topic, -1, code, now, bump=not close)
    elif row.status_type == "publish_to_category" and row.category_id:
        topic.category_id = row.category_id
    elif row.status_type == "bump":
        topic.bumped_at = now
    elif row.status_type == "delete":
        topic.deleted_at, topic.deleted_by_id = now, row.user_id
        first = post_changes.at_number(session, topic.id, 1)
        if first is not None:
            first.deleted_at, first.deleted_by_id = now, row.user_id
