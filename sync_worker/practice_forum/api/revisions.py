"""Endpoints about the earlier texts of posts: looking at them, and hiding them from all but staff."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api.posts import empty, find_post
from sync_worker.practice_forum.rules import people, rights
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.database import SYSTEM_ID
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.tables import HiddenRevision, PostRevision, User

if TYPE_CHECKING:
    from flask import Response

    from sync_worker.practice_forum.tables import Post, Topic

blueprint = Blueprint("revisions", __name__)


@dataclass(slots=True)
class _Version:
    """What a post was before a revision, or is now; `number` is the revision's, of the present one the next."""

    number: int
    hidden: bool
    was: dict[str, Any] = field(default_factory=dict)


def _versions(post: Post, topic: Topic) -> list[_Version]:
    """Return the versions of a post that the calling user may see, oldest first."""
    session = context.session()
    hidden = set(session.scalars(select(HiddenRevision.number).where(HiddenRevision.post_id == post.id)))
    query = select(PostRevision).where(PostRevision.post_id == post.id).order_by(PostRevision.number)
    rows = list(session.scalars(query))
    found = [
        _Version(row.number, row.number in hidden, {name: pair[0] for name, pair in row.modifications.items()})
        for row in rows
    ]
    now = {"raw": post.raw, "title": topic.title, "edit_reason": post.edit_reason, "user_id": post.user_id}
    found.append(_Version(rows[-1].number + 1 if rows else 2, post.hidden, now))
    for earlier, later in zip(found[-2::-1], found[:0:-1], strict=True):
        earlier.was = later.was | earlier.was
    return [one for one in found if context.guardian().is_staff or not one.hidden]


def _find(post_id: int, number: int | None) -> tuple[Post, Topic, PostRevision]:
    """Return a revision, the latest that can be seen where none is named, with its post and topic.

    Raises:
        Refusal: 400, 404 or 403 as Discourse answers.

    """
    if number is not None and number < 2:
        raise requests.invalid_parameters("revision")
    session, is_staff = context.session(), context.guardian().is_staff
    hidden = select(HiddenRevision.number).where(HiddenRevision.post_id == post_id)
    query = select(PostRevision).where(PostRevision.post_id == post_id).order_by(PostRevision.number.desc())
    if number is not None:
        query = query.where(PostRevision.number == number)
    elif not is_staff:
        query = query.where(PostRevision.number.not_in(hidden))
    revision = session.scalar(query.limit(1))
    if revision is None:
        raise requests.not_found()
    post, topic = find_post(post_id)
    if not is_staff and (post.hidden or revision.number in set(session.scalars(hidden))):
        raise requests.not_found() if post.hidden else requests.invalid_access()
    return post, topic, revision


@blueprint.get("/posts/<int:post_id>/revisions/latest", endpoint="posts/latest_revision")
def latest(post_id: int) -> dict[str, Any]:
    """Show the last change of a post."""
    return _shown(*_find(post_id, None))


@blueprint.get("/posts/<int:post_id>/revisions/<int:number>", endpoint="posts/revisions")
def show(post_id: int, number: int) -> dict[str, Any]:
    """Show a change of a post: how it read before, and after it."""
    return _shown(*_find(post_id, number))


@blueprint.put("/posts/<int:post_id>/revisions/<int:number>/hide", endpoint="posts/hide_revision")
def hide(post_id: int, number: int) -> Response:
    """Hide how a post read before a change; a second time takes one more from the count that others see."""
    row = _find_hidden(post_id, number)
    if row is None:
        context.session().add(HiddenRevision(post_id=post_id, number=number))
    else:
        row.times += 1
    return empty()


@blueprint.put("/posts/<int:post_id>/revisions/<int:number>/show", endpoint="posts/show_revision")
def show_again(post_id: int, number: int) -> Response:
    """Let everybody see again how a post read before a change."""
    row = _find_hidden(post_id, number)
    if row is not None:
        context.session().delete(row)
    return empty()


def _find_hidden(post_id: int, number: int) -> HiddenRevision | None:
    """Return what says that a revision is hidden, None where it is not.

    Raises:
        Refusal: the revision is not there, or the calling user is no staff.

    """
    context.require_user()
    _find(post_id, number)
    if not context.guardian().is_staff:
        raise requests.invalid_access()
    return context.session().get(HiddenRevision, (post_id, number))


def _shown(post: Post, topic: Topic, revision: PostRevision) -> dict[str, Any]:
    session, guardian = context.session(), context.guardian()
    versions = _versions(post, topic)
    before = [one for one in versions if one.number <= revision.number]
    after = [one for one in versions if one.number > revision.number]
    previous, current = before[-1], after[0]
    by = session.get(User, revision.user_id) or session.get_one(User, SYSTEM_ID)
    answer: dict[str, Any] = {
        "created_at": iso(revision.created_at),
        "post_id": post.id,
        "previous_hidden": previous.hidden,
        "current_hidden": current.hidden,
        "first_revision": versions[0].number,
        "previous_revision": next((one.number for one in reversed(before) if one.number < revision.number), None),
        "current_revision": revision.number,
        "next_revision": next((one.number for one in after if one.number <= post.version), None),
        "last_revision": next((one.number for one in reversed(versions) if one.number <= post.version), None),
        "current_version": len(before) + 1,
        "version_count": len(versions),
        "username": by.username_lower,
        "display_username": by.username,
        "acting_user_name": by.name,
        "avatar_template": people.avatar_template(by),
        "body_changes": _body_changes(previous.was["raw"], current.was["raw"]),
    }
    if guardian.is_staff or current.number == previous.number + 1:
        answer["edit_reason"] = current.was["edit_reason"]
    if post.post_number == 1:
        answer["title_changes"] = _title_changes(previous.was["title"], current.was["title"])
    return answer | {"can_edit": rights.can_edit_post(guardian, post, topic)}


def _body_changes(before: str, after: str) -> dict[str, str]:
    """Return the change of a text, line by line; Discourse marks single words and shows the HTML as well."""
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    marks = {"- ": "del", "+ ": "ins"}
    inline = "".join(_marked(escape(line[2:]), marks.get(line[:2])) for line in lines if not line.startswith("? "))
    return {
        "inline": f'<div class="inline-diff">{inline}</div>',
        "side_by_side": f'<div class="revision-content">{escape(before)}</div>'
        f'<div class="revision-content">{escape(after)}</div>',
        "side_by_side_markdown": f'<table class="markdown"><tr><td class="diff-del">{escape(before)}</td>'
        f'<td class="diff-ins">{escape(after)}</td></tr></table>',
    }


def _marked(text: str, mark: str | None) -> str:
    return f"<p><{mark}>{text}</{mark}></p>" if mark else f"<p>{text}</p>"


def _title_changes(before: str, after: str) -> dict[str, str]:
    if before == after:
        shown = f"<div>{escape(before)}</div>"
        return {"inline": f'<div class="inline-diff">{shown}</div>', "side_by_side": shown}
    return {
        "inline": f'<div class="inline-diff"><del>{escape(before)}</del><ins>{escape(after)}</ins></div>',
        "side_by_side": f'<div class="revision-content">{escape(before)}</div>'
        f'<div class="revision-content">{escape(after)}</div>',
    }
