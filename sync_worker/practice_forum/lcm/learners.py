"""What people choose for themselves: preferences, and consent to being shown."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint
from sqlalchemy import or_, select

from sync_worker.practice_forum import context, refusals
from sync_worker.practice_forum.lcm.callers import find_cohort, note_decision, require_worker
from sync_worker.practice_forum.lcm.members import member_ids
from sync_worker.practice_forum.params import to_bool
from sync_worker.practice_forum.tables import LcmItem, LcmPreference, Post, Topic, User

blueprint = Blueprint("lcm_learners", __name__)

_ID_LIST = re.compile(r"[0-9]{1,9}(,[0-9]{1,9}){0,499}")
CHOICES = ("nudges", "quoting", "pairing")


@blueprint.get("/lcm/cohorts/<key>/preferences", endpoint="discourse_lcm/preferences/index")
def index(key: str) -> dict[str, Any]:
    """List the members who chose something else than the default."""
    require_worker()
    members = member_ids(find_cohort(key))
    unusual = or_(*(getattr(LcmPreference, name).is_(False) for name in CHOICES))
    rows = context.session().scalars(select(LcmPreference).where(unusual).order_by(LcmPreference.user_id))
    return {"preferences": [{"user_id": row.user_id, **_choices(row)} for row in rows if row.user_id in members]}


@blueprint.get("/lcm/choices", endpoint="discourse_lcm/choices/index")
def choices_now() -> dict[str, Any]:
    """Tell what given people allow and what given posts' authors answered."""
    require_worker()
    session, user_ids, post_ids = context.session(), _ids("user_ids"), _ids("post_ids")
    known = session.scalars(select(User.id).where(User.id.in_(user_ids)).order_by(User.id)).all()
    stories = select(LcmItem).where(LcmItem.section == "stories", LcmItem.subject.in_(map(str, post_ids)))
    asked = session.scalars(stories.where(LcmItem.consent != "not_asked").order_by(LcmItem.subject, LcmItem.cohort))
    return {
        "choices": [{"user_id": number, **_choices(session.get(LcmPreference, number))} for number in known],
        "gone": [number for number in user_ids if number not in known],
        "consents": [{"post_id": int(item.subject), "cohort": item.cohort, "answer": item.consent} for item in asked],
    }


def _ids(name: str) -> list[int]:
    text = context.params().text(name) or ""
    if text and not _ID_LIST.fullmatch(text):
        raise refusals.invalid_parameters(name)
    return list(dict.fromkeys(int(part) for part in text.split(",") if part))


@blueprint.get("/lcm/preferences", endpoint="discourse_lcm/preferences/show")
def show() -> dict[str, Any]:
    """Show the caller's choices and consents."""
    caller = context.require_user()
    row = context.session().get(LcmPreference, caller.id)
    return {"preferences": _choices(row), "consents": _consents(caller.id)}


@blueprint.put("/lcm/preferences", endpoint="discourse_lcm/preferences/update")
def save() -> dict[str, Any]:
    """Change the caller's choices."""
    caller, params, session = context.require_user(), context.params(), context.session()
    row = session.get(LcmPreference, caller.id)
    if row is None:
        row = LcmPreference(user_id=caller.id, nudges=True, quoting=True, pairing=True)
        session.add(row)
    for name in CHOICES:
        if name in params:
            setattr(row, name, to_bool(params.raw(name)))
    session.flush()
    note_decision("preference", None, str(caller.id), _choices(row))
    return show()


@blueprint.put("/lcm/stories/<int:post_id>/consent", endpoint="discourse_lcm/consents/update")
def answer_consent(post_id: int) -> dict[str, Any]:
    """Take the author's answer."""
    caller, answer = context.require_user(), context.params().require("answer")
    if answer not in ("yes", "no"):
        raise refusals.invalid_parameters("answer")
    session = context.session()
    post = session.get(Post, post_id)
    query = select(LcmItem).where(LcmItem.section == "stories", LcmItem.subject == str(post_id))
    items = session.scalars(query.where(LcmItem.consent != "not_asked")).all()
    if post is None or post.user_id != caller.id or not items:
        raise refusals.not_found()
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
