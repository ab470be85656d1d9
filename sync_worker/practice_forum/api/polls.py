"""Endpoints of Discourse's poll plugin: voting, taking a vote back, closing, who voted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.rules import polls
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.requests import to_i
from sync_worker.practice_forum.tables import Post, Topic

if TYPE_CHECKING:
    from sync_worker.practice_forum.tables import Poll

blueprint = Blueprint("polls", __name__)


@blueprint.put("/polls/vote", endpoint="discourse_poll/polls/vote")
def vote() -> dict[str, Any]:
    """Let the user's vote be the given options."""
    user = context.require_user()
    post_id, name = _post_id(), context.params().require("poll_name")
    wanted = context.params().items("options")
    if not wanted:
        raise refusals.missing_parameter("options")
    try:
        poll = _open(post_id, name)
        chosen = polls.vote(context.guardian(), poll, user, wanted)
    except RejectedError as error:
        raise refusals.unprocessable(*error.args) from None
    return {"poll": polls.poll_json(context.guardian(), poll), "vote": chosen}


@blueprint.delete("/polls/vote", endpoint="discourse_poll/polls/remove_vote")
def remove_vote() -> dict[str, Any]:
    """Take the user's vote back."""
    user = context.require_user()
    post_id, name = _post_id(), context.params().require("poll_name")
    try:
        poll = _open(post_id, name)
    except RejectedError as error:
        raise refusals.unprocessable(*error.args) from None
    polls.take_back(context.session(), poll, user)
    return {"poll": polls.poll_json(context.guardian(), poll)}


@blueprint.put("/polls/toggle_status", endpoint="discourse_poll/polls/toggle_status")
def toggle_status() -> dict[str, Any]:
    """Open or close a poll: its author, or staff."""
    user = context.require_user()
    post_id, name = _post_id(), context.params().require("poll_name")
    status = context.params().require("status")
    try:
        post, topic = _post(post_id)
        poll = polls.own_poll(context.guardian(), post, topic, user, name)
    except RejectedError as error:
        raise refusals.unprocessable(*error.args) from None
    if status not in polls.STATUSES:
        raise refusals.crash()
    poll.status = status
    return {"poll": polls.poll_json(context.guardian(), poll)}


@blueprint.get("/polls/voters", endpoint="discourse_poll/polls/voters")
def voters() -> dict[str, Any]:
    """Who voted for what, of a poll that shows it."""
    post_id, name = _post_id(), context.params().require("poll_name")
    if context.session().get(Post, post_id) is None:
        raise refusals.invalid_parameters("post_id")
    try:
        post, _ = _post(post_id)
        shown = polls.poll_json(context.guardian(), polls.find(context.session(), post, name))
    except RejectedError:
        raise refusals.invalid_parameters("poll_name") from None
    if not shown.get("public") or not all("votes" in option for option in shown["options"]):
        raise refusals.invalid_parameters("poll_name")
    return {"voters": shown["preloaded_voters"]}


def _post_id() -> int:
    return to_i(context.params().require("post_id"))


def _post(post_id: int) -> tuple[Post, Topic]:
    """Return a post that the user can see, with its topic.

    Raises:
        RejectedError: there is none, or it was deleted.

    """
    session = context.session()
    post = session.get(Post, post_id)
    if post is None or post.deleted_at is not None:
        raise RejectedError("Cannot act on a deleted post.")
    return post, session.get_one(Topic, post.topic_id)


def _open(post_id: int, name: str) -> Poll:
    post, topic = _post(post_id)
    if not context.guardian().can_see_topic(topic):
        raise RejectedError("You can't vote because you can't post in this topic.")
    return polls.open_poll(context.guardian(), post, topic, name)
