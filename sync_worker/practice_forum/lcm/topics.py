"""The topic buttons of LCMs: pin until, spotlight, blocker, practice, timer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import delete, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.lcm.cohorts import note_decision, require_lead_of_topic
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso, parse_moment
from sync_worker.practice_forum.tables import LcmItem, Post, TopicTimer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_worker.practice_forum.tables import LcmCohort, Topic

blueprint = Blueprint("lcm_topics", __name__)

LONGEST = timedelta(days=366)


@blueprint.put("/lcm/topics/<int:topic_id>/pin", endpoint="discourse_lcm/topics/pin")
def pin(topic_id: int) -> dict[str, Any]:
    """Pin a topic in its category until a time."""
    topic, cohort = require_lead_of_topic(topic_id)
    until = _future("until")
    topic.pinned_at, topic.pinned_until, topic.pinned_globally = context.now(), until, False
    note_decision("pin", cohort.key, str(topic.id), {"until": iso(until)})
    return _state(topic, cohort)


@blueprint.delete("/lcm/topics/<int:topic_id>/pin", endpoint="discourse_lcm/topics/unpin")
def unpin(topic_id: int) -> dict[str, Any]:
    """Take the pin away."""
    topic, cohort = require_lead_of_topic(topic_id)
    topic.pinned_at = topic.pinned_until = None
    note_decision("unpin", cohort.key, str(topic.id), {})
    return _state(topic, cohort)


@blueprint.put("/lcm/topics/<int:topic_id>/timer", endpoint="discourse_lcm/topics/set_timer")
def set_timer(topic_id: int) -> dict[str, Any]:
    """Close or open the topic at a time."""
    topic, cohort = require_lead_of_topic(topic_id)
    kind, at = context.params().require("kind"), _future("at")
    if kind not in ("close", "open"):
        raise requests.invalid_parameters("kind")
    session = context.session()
    session.execute(delete(TopicTimer).where(TopicTimer.topic_id == topic.id))
    user_id = context.require_user().id
    session.add(
        TopicTimer(topic_id=topic.id, user_id=user_id, status_type=kind, execute_at=at, created_at=context.now())
    )
    session.flush()
    return _state(topic, cohort)


@blueprint.delete("/lcm/topics/<int:topic_id>/timer", endpoint="discourse_lcm/topics/clear_timer")
def clear_timer(topic_id: int) -> dict[str, Any]:
    """Take the topic's timers away."""
    topic, cohort = require_lead_of_topic(topic_id)
    context.session().execute(delete(TopicTimer).where(TopicTimer.topic_id == topic.id))
    return _state(topic, cohort)


@blueprint.put("/lcm/topics/<int:topic_id>/blocker", endpoint="discourse_lcm/topics/mark_blocker")
def mark_blocker(topic_id: int) -> dict[str, Any]:
    """Mark the topic as a blocker."""
    topic, cohort = require_lead_of_topic(topic_id)
    note = context.params().text("note") or topic.title
    body = {"topic_id": topic.id, "question": note, "since": iso(topic.created_at), "evidence": []}
    item = _by_hand(cohort, "blockers", topic.id, body)
    item.state = "open"
    item.decided = {**item.decided, "marked_by": context.require_user().username, "state_at": iso(context.now())}
    note_decision("open_blocker", cohort.key, str(topic.id), {"note": note})
    return _state(topic, cohort)


@blueprint.delete("/lcm/topics/<int:topic_id>/blocker", endpoint="discourse_lcm/topics/clear_blocker")
def clear_blocker(topic_id: int) -> dict[str, Any]:
    """Say that the blocker is solved."""
    topic, cohort = require_lead_of_topic(topic_id)
    item = context.session().get(LcmItem, (cohort.key, "blockers", str(topic.id)))
    if item is None:
        raise requests.not_found()
    item.state = "solved"
    item.decided = {**item.decided, "state": "solved", "state_at": iso(context.now())}
    note_decision("solve_blocker", cohort.key, str(topic.id), {})
    return _state(topic, cohort)


@blueprint.put("/lcm/topics/<int:topic_id>/spotlight", endpoint="discourse_lcm/topics/spotlight")
def spotlight(topic_id: int) -> dict[str, Any]:
    """Propose a post of the topic as a story."""
    topic, cohort = require_lead_of_topic(topic_id)
    post = _named_post(topic)
    body = {"post_id": post.id, "title": topic.title, "evidence": []}
    item = _by_hand(cohort, "stories", post.id, body)
    item.state = item.state or "candidate"
    note_decision("spotlight", cohort.key, str(post.id), {"consent": item.consent})
    return _state(topic, cohort)


@blueprint.put("/lcm/topics/<int:topic_id>/practice", endpoint="discourse_lcm/topics/mark_practice")
def mark_practice(topic_id: int) -> dict[str, Any]:
    """Mark a post of the topic as a practice."""
    topic, cohort = require_lead_of_topic(topic_id)
    post = _named_post(topic)
    _by_hand(cohort, "practices", post.id, {"post_id": post.id, "title": topic.title, "evidence": []})
    note_decision("mark_practice", cohort.key, str(post.id), {})
    return _state(topic, cohort)


@blueprint.delete("/lcm/topics/<int:topic_id>/practice", endpoint="discourse_lcm/topics/unmark_practice")
def unmark_practice(topic_id: int) -> dict[str, Any]:
    """Take the practice mark of a post away, or all of the topic where none is named."""
    topic, cohort = require_lead_of_topic(topic_id)
    only = str(_named_post(topic).id) if "post_number" in context.params() else None
    for item in _items_of(topic, cohort, "practices"):
        if only not in (None, item.subject):
            continue
        note_decision("unmark_practice", cohort.key, item.subject, {})
        context.session().delete(item)
    context.session().flush()
    return _state(topic, cohort)


def _future(name: str) -> datetime:
    moment = parse_moment(context.params().require(name))
    if moment is None or not context.now() < moment <= context.now() + LONGEST:
        raise requests.invalid_parameters(name)
    return moment


def _named_post(topic: Topic) -> Post:
    number = context.params().integer("post_number", 1)
    query = select(Post).where(Post.topic_id == topic.id, Post.post_number == number, Post.deleted_at.is_(None))
    post = context.session().scalar(query)
    if post is None:
        raise requests.not_found()
    return post


def _by_hand(cohort: LcmCohort, section: str, subject: int, body: dict[str, Any]) -> LcmItem:
    session = context.session()
    item = session.get(LcmItem, (cohort.key, section, str(subject)))
    if item is None:
        item = LcmItem(cohort=cohort.key, section=section, subject=str(subject), body=body, by_hand=True, decided={})
        item.state, item.consent = "", "not_asked"
        session.add(item)
    item.by_hand = True
    session.flush()
    return item


def _items_of(topic: Topic, cohort: LcmCohort, section: str) -> list[LcmItem]:
    session = context.session()
    ids = [str(number) for number in session.scalars(select(Post.id).where(Post.topic_id == topic.id))]
    query = select(LcmItem).where(LcmItem.cohort == cohort.key, LcmItem.section == section, LcmItem.subject.in_(ids))
    return list(session.scalars(query))


def _numbers(topic: Topic, items: Sequence[LcmItem]) -> list[int]:
    """Return the numbers of the posts that items are about, without those that were deleted."""
    ids = [int(item.subject) for item in items]
    query = select(Post.post_number).where(Post.topic_id == topic.id, Post.id.in_(ids), Post.deleted_at.is_(None))
    return sorted(context.session().scalars(query))


def _state(topic: Topic, cohort: LcmCohort) -> dict[str, Any]:
    session = context.session()
    practices = _items_of(topic, cohort, "practices")
    blocker = session.get(LcmItem, (cohort.key, "blockers", str(topic.id)))
    timer = session.scalar(
        select(TopicTimer).where(TopicTimer.topic_id == topic.id, TopicTimer.status_type.in_(("close", "open")))
    )
    return {
        "topic": {
            "id": topic.id,
            "cohort": cohort.key,
            "pinned_until": iso(topic.pinned_until),
            "blocker": blocker.state if blocker else None,
            "story": bool(_items_of(topic, cohort, "stories")),
            "practice": bool(practices),
            "practices": _numbers(topic, practices),
            "timer": {"kind": timer.status_type, "at": iso(timer.execute_at)} if timer else None,
        },
    }
