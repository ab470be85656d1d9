"""What people decide on the plugin's pages: sent on to where the plugin's own pages send it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.lcm import decisions, desk, topics
from sync_worker.practice_forum.pages.forms import done, refuse
from sync_worker.practice_forum.pages.render import FORMS, forbid_scripts, require_own_form, set_viewer
from sync_worker.practice_forum.server.refusals import Refusal
from sync_worker.practice_forum.server.requests import Params

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from werkzeug.wrappers import Response

blueprint = Blueprint("lcm_forms", __name__, url_prefix=f"{FORMS}/lcm")
blueprint.before_request(require_own_form)
blueprint.before_request(set_viewer)
blueprint.after_request(forbid_scripts)
blueprint.register_error_handler(Refusal, refuse)

DAYS = ("until", "at")


def _given(*left_out: str) -> None:
    """Let what was left empty in the form be absent, and a day be its first moment."""
    tree = {name: value for name, value in context.params().tree.items() if value != "" and name not in left_out}
    for name in DAYS:
        if isinstance(day := tree.get(name), str) and len(day) == len("2027-01-31"):
            tree[name] = f"{day}T00:00:00Z"
    g.params = Params(tree)


def _decide(decision: Callable[..., dict[str, Any]], *subject: object) -> Response:
    _given()
    decision(*subject)
    return done()


@blueprint.post("/<key>/drafts/<draft_key>", endpoint="practice/decide_draft")
def draft(key: str, draft_key: str) -> Response:
    """Approve a draft (as it was edited), keep an edit, or reject it with a reason."""
    return _decide(decisions.decide_draft, key, draft_key)


@blueprint.post("/<key>/learners/<int:user_id>", endpoint="practice/attend_learner")
def learner(key: str, user_id: int) -> Response:
    """Put a sign aside until a day, dismiss it with a reason, or take that back."""
    return _decide(decisions.attend_learner, key, user_id)


@blueprint.post("/<key>/blockers/<int:topic_id>", endpoint="practice/decide_blocker")
def blocker(key: str, topic_id: int) -> Response:
    """Give a blocker to somebody, or say that it is solved or open again."""
    return _decide(decisions.decide_blocker, key, topic_id)


@blueprint.post("/<key>/stories/<int:post_id>", endpoint="practice/decide_story")
def story(key: str, post_id: int) -> Response:
    """Ask the author, put a story into the spotlight, or set it aside."""
    return _decide(decisions.decide_story, key, post_id)


@blueprint.post("/topics/<int:topic_id>/<action>", endpoint="practice/mark_topic")
def topic(topic_id: int, action: str) -> Response:
    """Do what a topic's menu offers an LCM."""
    actions: dict[str, Callable[[int], dict[str, Any]]] = {
        "pin": topics.pin,
        "unpin": topics.unpin,
        "blocker": topics.mark_blocker,
        "solved": topics.clear_blocker,
        "spotlight": topics.spotlight,
        "practice": topics.mark_practice,
        "no-practice": topics.unmark_practice,
    }
    if action not in actions:
        raise Refusal(404, {"errors": [f"There is no action '{action}'."]})
    return _decide(actions[action], topic_id)


@blueprint.post("/preferences", endpoint="practice/save_choices")
def choices() -> Response:
    """Keep what the one who looks allows; a box that is not ticked says no."""
    given = context.params()
    back = given.text("back")
    g.params = Params({**{name: name in given for name in decisions.CHOICES}, "back": back})
    decisions.save()
    return done()


@blueprint.post("/stories/<int:post_id>/consent", endpoint="practice/answer_consent")
def consent(post_id: int) -> Response:
    """Take the answer of an author who looks."""
    return _decide(decisions.answer_consent, post_id)


@blueprint.post("/requests", endpoint="practice/request_run")
def request_run() -> Response:
    """Ask the worker for a run or a preview, or to pause, resume or shift a cohort."""
    _given()
    desk.request_run()
    return done()
