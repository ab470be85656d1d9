"""Endpoints that read tags and the topics that have them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from sqlalchemy import func, select

from sync_worker.practice_forum import context, refusals, tagging, topic_lists
from sync_worker.practice_forum.lists import answer_list, asked_page
from sync_worker.practice_forum.tables import Category, Tag, Topic, TopicTag

blueprint = Blueprint("tags", __name__)


def _uses() -> dict[int, int]:
    """How many listed topics that the user may see each tag has."""
    guardian = context.guardian()
    seen = select(Category.id).where(guardian.visible_categories())
    query = (
        select(TopicTag.tag_id, func.count())
        .join(Topic, Topic.id == TopicTag.topic_id)
        .where(Topic.deleted_at.is_(None), Topic.archetype == "regular", Topic.category_id.in_(seen))
        .group_by(TopicTag.tag_id)
    )
    return {row[0]: row[1] for row in context.session().execute(query)}


@blueprint.get("/tags", endpoint="tags/index")
def index() -> dict[str, Any]:
    """List the tags; only staff sees those that no topic has."""
    uses = _uses()
    rows = context.session().scalars(select(Tag).order_by(Tag.id))
    shown = [tag for tag in rows if context.guardian().is_staff or uses.get(tag.id)]
    lines = [
        {
            "id": tag.name,
            "text": tag.name,
            "name": tag.name,
            "description": tag.description,
            "count": uses.get(tag.id, 0),
            "pm_only": False,
            "target_tag": None,
        }
        for tag in shown
    ]
    return {"tags": lines, "extras": {"categories": []}}


@blueprint.get("/tag/<name>", endpoint="tags/show")
@blueprint.get("/tag/<name>/l/latest", endpoint="tags/show")
@blueprint.get("/tags/<name>", endpoint="tags/show")
def show(name: str) -> dict[str, Any]:
    """List the topics with a tag."""
    tag = context.session().scalar(select(Tag).where(Tag.name_lower == name.lower()))
    if tag is None or name.lower() in tagging.hidden_names(context.session(), context.guardian()):
        raise refusals.not_found()
    tagged = select(TopicTag.topic_id).where(TopicTag.tag_id == tag.id)
    query = topic_lists.visible_topics(context.guardian()).where(Topic.id.in_(tagged))
    about = {
        "id": tag.id,
        "name": tag.name,
        "topic_count": _uses().get(tag.id, 0),
        "staff": False,
        "description": tag.description,
    }
    return answer_list(query, asked_page(), {"tags": [about]})
