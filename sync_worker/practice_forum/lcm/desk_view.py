"""The whole desk of a cohort, as its page on the forum reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum import context, people
from sync_worker.practice_forum.clock import iso
from sync_worker.practice_forum.lcm.callers import require_lead
from sync_worker.practice_forum.lcm.decisions import blocker_json, draft_json, learner_json, story_json
from sync_worker.practice_forum.tables import Category, Group, GroupUser, LcmItem, Post, Topic, User

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.practice_forum.tables import LcmCohort

blueprint = Blueprint("lcm_desk_view", __name__)


@blueprint.get("/lcm/desk/<key>", endpoint="discourse_lcm/desks/show")
def show(key: str) -> dict[str, Any]:
    """Show a cohort's desk to its LCMs and to staff."""
    cohort = require_lead(key)
    learners = [learner_json(item) for item in items(cohort, "learners")]
    drafts = [draft_json(item) for item in items(cohort, "drafts")]
    blockers = [blocker_json(item) for item in items(cohort, "blockers")]
    stories = [story_json(item) for item in items(cohort, "stories")]
    return {
        "cohort": _heading(cohort),
        "as_of": iso(cohort.as_of),
        "counters": {
            "learners": len(learners),
            "active_this_week": sum(row["weeks"][-1] > 0 for row in learners),
            "posts_this_week": sum(row["weeks"][-1] for row in learners),
            "need_a_hand": sum(row["needs_hand"] for row in learners),
            "drafts_pending": sum(row["state"] == "pending" for row in drafts),
            "blockers_open": sum(row["state"] == "open" for row in blockers),
            "stories_waiting": sum(row["state"] in ("candidate", "agreed") for row in stories),
        },
        "calendar": cohort.calendar.get("entries", []),
        "learners": learners,
        "drafts": drafts,
        "blockers": blockers,
        "stories": stories,
        "practices": [_practice_json(item) for item in items(cohort, "practices")],
        "lcms": _lcms(cohort),
    }


def items(cohort: LcmCohort, section: str) -> Sequence[LcmItem]:
    """Return the rows of a section, always in the same order."""
    wanted = select(LcmItem).where(LcmItem.cohort == cohort.key, LcmItem.section == section)
    return context.session().scalars(wanted.order_by(LcmItem.subject)).all()


def _heading(cohort: LcmCohort) -> dict[str, Any]:
    session = context.session()
    group = session.get_one(Group, cohort.group_id)
    category = session.get(Category, cohort.category_id) if cohort.category_id else None
    facts = {name: cohort.declaration[name] for name in ("name", "start", "end", "timezone")}
    place = f"/c/{category.slug}/{category.id}" if category else None
    return {"key": cohort.key, **facts, "group_name": group.name, "category_url": place}


def _practice_json(item: LcmItem) -> dict[str, Any]:
    session = context.session()
    post = session.get_one(Post, int(item.subject))
    topic, author = session.get_one(Topic, post.topic_id), session.get(User, post.user_id)
    return {
        "post_id": post.id,
        "url": f"/t/{topic.slug}/{topic.id}/{post.post_number}",
        "title": item.body.get("title", topic.title),
        "author": people.basic_user(author) if author else None,
        "evidence": item.body.get("evidence", []),
        "marked_by": item.decided.get("marked_by"),
    }


def _lcms(cohort: LcmCohort) -> list[dict[str, Any]]:
    members = select(User).join(GroupUser, GroupUser.user_id == User.id)
    lcms = members.where(GroupUser.group_id == cohort.lcm_group_id).order_by(User.username_lower)
    return [people.basic_user(user) for user in context.session().scalars(lcms)]
