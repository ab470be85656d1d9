"""What LCMs decide on the desk, and what people choose for themselves: preferences, and consent to being shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.lcm.cohorts import note_decision, require_lead
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.rules.writing import cook_post
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso, parse_moment
from sync_worker.practice_forum.server.requests import to_bool
from sync_worker.practice_forum.tables import GroupUser, LcmItem, LcmPreference, Post, Topic, User

if TYPE_CHECKING:
    from sync_worker.practice_forum.server.requests import Params

blueprint = Blueprint("lcm_decisions", __name__)

LONGEST_SNOOZE = timedelta(days=90)


def find_item(cohort: str, section: str, subject: object) -> LcmItem:
    """Return a row of a section.

    Raises:
        Refusal: 404 where there is none.

    """
    item = context.session().get(LcmItem, (cohort, section, str(subject)))
    if item is None:
        raise requests.not_found()
    return item


@blueprint.put("/lcm/desk/<key>/drafts/<draft_key>", endpoint="discourse_lcm/drafts/update")
def decide_draft(key: str, draft_key: str) -> dict[str, Any]:
    """Edit, approve or reject a pending draft."""
    cohort, params = require_lead(key), context.params()
    item = find_item(cohort.key, "drafts", draft_key)
    decision = params.require("decision")
    if item.state != "pending":
        raise requests.unprocessable(f"The draft is {item.state} already.", status=409)
    edits = {name: value for name in ("title", "raw") if (value := params.text(name)) is not None}
    if edits:
        item.body = {**item.body, **edits, "edited": True}
    if decision == "approve":
        data = {name: item.body.get(name) for name in ("title", "raw")} if item.body.get("edited") else {}
        _decide(item, "approved", None)
        note_decision("approve_draft", cohort.key, draft_key, data)
    elif decision == "reject":
        reason = params.require("reason")
        _decide(item, "rejected", reason)
        note_decision("reject_draft", cohort.key, draft_key, {"reason": reason})
    elif decision != "edit":
        raise requests.invalid_parameters("decision")
    return {"draft": draft_json(item)}


def _decide(item: LcmItem, state: str, reason: str | None) -> None:
    item.state = state
    item.decided = {
        "by": context.require_user().username,
        "at": iso(context.now()),
        "reason": reason,
    }


def draft_json(item: LcmItem) -> dict[str, Any]:
    """Return a draft as the desk shows it."""
    body, session = item.body, context.session()
    topic = session.get(Topic, body["topic_id"]) if body.get("topic_id") else None
    card = {"id": topic.id, "title": topic.title, "url": f"/t/{topic.slug}/{topic.id}"} if topic else None
    return {
        **{name: body.get(name) for name in ("key", "kind", "play", "step", "title", "raw", "reason", "created_at")},
        "cooked": cook_post(session, body["raw"], context.require_user(), None, context.base_url()),
        "recipients": body.get("recipients", []),
        "topic": card,
        "evidence": body.get("evidence", []),
        "state": item.state,
        "outcome": body.get("outcome"),
        "edited": bool(body.get("edited")),
        "decided_by": item.decided.get("by"),
        "decided_at": item.decided.get("at"),
        "decision_reason": item.decided.get("reason"),
    }


@blueprint.put("/lcm/desk/<key>/learners/<int:user_id>", endpoint="discourse_lcm/learners/update")
def attend_learner(key: str, user_id: int) -> dict[str, Any]:
    """Snooze, dismiss or restore the sign that a learner needs a hand."""
    cohort, params = require_lead(key), context.params()
    item = find_item(cohort.key, "learners", user_id)
    action = params.require("action")
    data: dict[str, Any] = {}
    if action == "snooze":
        until = parse_moment(params.require("until"))
        if until is None or not context.now() < until <= context.now() + LONGEST_SNOOZE:
            raise requests.invalid_parameters("until")
        data = {"until": iso(until)}
    elif action == "dismiss":
        data = {"reason": params.require("reason")}
    elif action != "restore":
        raise requests.invalid_parameters("action")
    caller = context.require_user()
    decided = {"action": action, "until": None, "reason": None, **data, "by": caller.username, "at": iso(context.now())}
    item.decided = {} if action == "restore" else decided
    note_decision(f"{action}_learner", cohort.key, str(user_id), data)
    return {"learner": learner_json(item)}


def learner_json(item: LcmItem) -> dict[str, Any]:
    """Return a learner as the desk shows them."""
    user = context.session().get_one(User, int(item.subject))
    body = item.body
    partners = people.by_ids(context.session(), body.get("partners", []))
    counted = ("weeks", "posts", "replies_given", "replies_received", "likes_given", "likes_received")
    return {
        "user": people.basic_user(user),
        "last_seen_at": iso(user.last_seen_at),
        "last_posted_at": body.get("last_posted_at"),
        **{name: body[name] for name in counted},
        "days_active": body.get("days_active"),
        "needs_hand": bool(body.get("needs_hand")) and not item.decided,
        "reasons": body.get("reasons", []),
        "partners": [people.basic_user(partner) for partner in partners.values()],
        "attention": item.decided or None,
    }


@blueprint.put("/lcm/desk/<key>/blockers/<int:topic_id>", endpoint="discourse_lcm/blockers/update")
def decide_blocker(key: str, topic_id: int) -> dict[str, Any]:
    """Give a blocker an owner, or say that it is solved or open again."""
    cohort, params = require_lead(key), context.params()
    item = find_item(cohort.key, "blockers", topic_id)
    decided = dict(item.decided)
    if "owner" in params.tree:
        owner = _owner(params, {cohort.group_id, cohort.lcm_group_id})
        decided |= {"owner": owner, "owner_at": iso(context.now())}
        note_decision("own_blocker", cohort.key, str(topic_id), {"owner": owner})
    state = params.text("state")
    if state is not None:
        if state not in ("open", "solved"):
            raise requests.invalid_parameters("state")
        item.state = state
        decided |= {"state": state, "state_at": iso(context.now())}
        note_decision("solve_blocker" if state == "solved" else "open_blocker", cohort.key, str(topic_id), {})
    item.decided = decided
    return {"blocker": blocker_json(item)}


def _owner(params: Params, groups: set[int | None]) -> str | None:
    name = params.text("owner")
    if name is None:
        return None
    user = people.by_username(context.session(), name)
    if user is None or not any(context.session().get(GroupUser, (group, user.id)) for group in groups):
        raise requests.invalid_parameters("owner")
    return user.username


def blocker_json(item: LcmItem) -> dict[str, Any]:
    """Return a blocker as the desk shows it."""
    session = context.session()
    topic = session.get_one(Topic, int(item.subject))
    author, name = session.get(User, topic.user_id), item.decided.get("owner")
    owner = people.by_username(session, name) if name else None
    since = parse_moment(item.body.get("since", "")) or topic.created_at
    return {
        "topic": {"id": topic.id, "title": topic.title, "url": f"/t/{topic.slug}/{topic.id}"},
        "question": item.body.get("question", ""),
        "since": iso(since),
        "days_open": max(0, (context.now() - since).days),
        "state": item.state,
        "owner": people.basic_user(owner) if owner else None,
        "author": people.basic_user(author) if author else None,
        "marked_by": item.decided.get("marked_by"),
        "evidence": item.body.get("evidence", []),
    }


@blueprint.put("/lcm/desk/<key>/stories/<int:post_id>", endpoint="discourse_lcm/stories/update")
def decide_story(key: str, post_id: int) -> dict[str, Any]:
    """Ask for consent, spotlight, set aside, or take that back."""
    cohort, action = require_lead(key), context.params().require("action")
    item = find_item(cohort.key, "stories", post_id)
    moves = {
        "ask_consent": ("asked", "ask_consent"),
        "spotlight": ("spotlighted", "spotlight"),
        "set_aside": ("set_aside", "set_aside_story"),
        "restore": ("candidate", "restore_story"),
    }
    if action not in moves:
        raise requests.invalid_parameters("action")
    if action == "spotlight" and item.consent != "yes":
        raise requests.unprocessable("The author has not agreed to be shown.")
    if action == "ask_consent" and item.consent in ("yes", "no"):
        raise requests.unprocessable("The author has answered already.")
    item.state, kind = moves[action]
    if action == "ask_consent":
        item.consent = "asked"
    item.decided = {"by": context.require_user().username, "at": iso(context.now())}
    note_decision(kind, cohort.key, str(post_id), {})
    return {"story": story_json(item)}


def story_json(item: LcmItem) -> dict[str, Any]:
    """Return a story as the desk shows it."""
    session = context.session()
    post = session.get_one(Post, int(item.subject))
    topic, author = session.get_one(Topic, post.topic_id), session.get(User, post.user_id)
    answered = {"yes": "agreed", "no": "declined"}.get(item.consent)
    return {
        "post_id": post.id,
        "url": f"/t/{topic.slug}/{topic.id}/{post.post_number}",
        "title": item.body.get("title", topic.title),
        "quote": item.body.get("quote", ""),
        "author": people.basic_user(author) if author else None,
        "evidence": item.body.get("evidence", []),
        "state": answered if answered and item.state in ("candidate", "asked") else item.state,
        "consent": item.consent,
    }


CHOICES = ("nudges", "quoting", "pairing")


@blueprint.get("/lcm/preferences", endpoint="discourse_lcm/preferences/show")
def show() -> dict[str, Any]:
    """Show the caller's choices and consents."""
    caller = context.require_user()
    row = context.session().get(LcmPreference, caller.id)
    return {"preferences": _choices(row), "consents": _consents(caller.id)}


@blueprint.put("/lcm/preferences", endpoint="discourse_lcm/preferences/update")
def save() -> dict[str, Any]:
    """Change the caller's choices; the worker hears of it where it is a change."""
    caller, params, session = context.require_user(), context.params(), context.session()
    row = session.get(LcmPreference, caller.id)
    if row is None:
        row = LcmPreference(user_id=caller.id, nudges=True, quoting=True, pairing=True)
        session.add(row)
    before = _choices(row)
    for name in CHOICES:
        if name in params:
            setattr(row, name, to_bool(params.raw(name)))
    session.flush()
    after = _choices(row)
    changed = [name for name in CHOICES if after[name] != before[name]]
    if changed:
        note_decision("preference", None, str(caller.id), {**after, "changed": changed})
    return show()


@blueprint.put("/lcm/stories/<int:post_id>/consent", endpoint="discourse_lcm/consents/update")
def answer_consent(post_id: int) -> dict[str, Any]:
    """Take the author's answer."""
    caller, answer = context.require_user(), context.params().require("answer")
    if answer not in ("yes", "no"):
        raise requests.invalid_parameters("answer")
    session = context.session()
    post = session.get(Post, post_id)
    query = select(LcmItem).where(LcmItem.section == "stories", LcmItem.subject == str(post_id))
    items = session.scalars(query.where(LcmItem.consent != "not_asked")).all()
    if post is None or post.user_id != caller.id or not items:
        raise requests.not_found()
    for item in items:
        item.consent = answer
        note_decision("consent", item.cohort, str(post_id), {"answer": answer})
    session.flush()
    return {"consent": _consent(items[0])}


def _choices(row: LcmPreference | None) -> dict[str, bool]:
    return {name: True if row is None else getattr(row, name) for name in CHOICES}


def _consents(user_id: int) -> list[dict[str, Any]]:
    mine = [str(number) for number in context.session().scalars(select(Post.id).where(Post.user_id == user_id))]
    query = select(LcmItem).where(LcmItem.section == "stories", LcmItem.subject.in_(mine))
    return [_consent(item) for item in context.session().scalars(query.where(LcmItem.consent != "not_asked"))]


def _consent(item: LcmItem) -> dict[str, Any]:
    session = context.session()
    post = session.get_one(Post, int(item.subject))
    topic = session.get_one(Topic, post.topic_id)
    return {
        "post_id": post.id,
        "url": f"/t/{topic.slug}/{topic.id}/{post.post_number}",
        "title": item.body.get("title", topic.title),
        "answer": item.consent,
    }
