"""What people do on the pages: sign up, write, decide on the desk. Each form leads back to its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, make_response, redirect

from sync_worker.practice_forum.api import context, invites, posts, staff
from sync_worker.practice_forum.api.invites import is_address
from sync_worker.practice_forum.lcm import decisions, desk, topics
from sync_worker.practice_forum.pages import group_lists
from sync_worker.practice_forum.pages.reading import (
    COOKIE,
    FORMS,
    forbid_scripts,
    render_page,
    require_own_form,
    set_viewer,
    way_back,
)
from sync_worker.practice_forum.rules import notifying, people, text_rules
from sync_worker.practice_forum.rules.settings import DEFAULTS
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.requests import Params, Refusal
from sync_worker.practice_forum.tables import User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from werkzeug.wrappers import Response


MOST_CHARACTERS_OF_A_NAME = 255

blueprint = Blueprint("page_forms", __name__, url_prefix=FORMS)
blueprint.before_request(require_own_form)
blueprint.before_request(set_viewer)
blueprint.after_request(forbid_scripts)


@blueprint.errorhandler(Refusal)
def refuse(refusal: Refusal) -> tuple[str, int]:
    """Show why the forum refused, and lead back."""
    back = way_back()
    context.session().rollback()
    g.pop("guardian", None)
    return render_page("refused", reasons=(refusal.body or {}).get("errors", [refusal.message]), back=back), 422


def done(path: str | None = None) -> Response:
    """Lead back to the page from which the form came."""
    return redirect(path or way_back(), 303)


@blueprint.post("/signup", endpoint="practice/sign_up")
def sign_up() -> Response:
    """Make an account that is active at once, and look at the forum as its owner."""
    params, session, settings = context.params(), context.session(), context.settings()
    username, email = params.require("username").strip(), params.require("email").strip()
    complaints = list(_complaints(username, email))
    if complaints:
        raise Refusal(422, {"errors": complaints})
    user = User(
        username=username,
        username_lower=username.lower(),
        name=(params.text("name") or "").strip()[:MOST_CHARACTERS_OF_A_NAME],
        trust_level=settings.number("default_trust_level"),
        created_at=context.now(),
    )
    people.create(session, user, email)
    notifying.activate(session, user, settings, context.now())
    invites.let_in_by_address(user)
    answer = make_response(done("/"))
    answer.set_cookie(COOKIE, user.username, samesite="Lax", httponly=True)
    return answer


def _complaints(username: str, email: str) -> Iterable[str]:
    if not context.settings().flag("allow_new_registrations"):
        yield "New account registrations are not allowed at this time."
    complaint = text_rules.complaint(username, context.settings())
    if text_rules.reserved(username):
        complaint = "is not allowed"
    elif complaint is None and text_rules.taken(context.session(), username):
        complaint = "must be unique"
    if complaint:
        yield f"Username {complaint}."
    if not is_address(email):
        yield "The e-mail address is invalid."
    elif people.by_emails(context.session(), [email]):
        yield "The e-mail address has already been taken."


@blueprint.post("/write", endpoint="practice/write")
def write() -> Response:
    """Open a topic in a category, or reply to a topic or message, as the one who looks."""
    params = context.params()
    wanted = {name: params.text(name) for name in ("raw", "title", "category", "topic_id")}
    g.params = Params({name: value for name, value in wanted.items() if value})
    body, status = posts.create()
    g.params = params
    if status != 200:
        raise Refusal(status, {"errors": body.get("errors", ["The forum refused the post."])})
    return done(f"/t/{body['topic_id']}/{body['post_number']}" if "topic_id" in body else None)


@blueprint.post("/settings/<name>", endpoint="practice/change_setting")
def change_setting(name: str) -> Response:
    """Change a site setting, as an administrator."""
    context.require_admin()
    setting = DEFAULTS.get(name)
    if setting is None or setting.hidden:
        raise requests.not_found()
    back = way_back()
    value = context.params().text("value") or ""
    if setting.type == "group_list":
        value = group_lists.in_ids(context.session(), value)
    g.params = Params({name: value})
    staff.update(name)
    return done(back)


# What people decide on the plugin's pages: sent on to where the plugin's own pages send it.


lcm_blueprint = Blueprint("lcm_forms", __name__, url_prefix=f"{FORMS}/lcm")
lcm_blueprint.before_request(require_own_form)
lcm_blueprint.before_request(set_viewer)
lcm_blueprint.after_request(forbid_scripts)
lcm_blueprint.register_error_handler(Refusal, refuse)

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


@lcm_blueprint.post("/<key>/drafts/<draft_key>", endpoint="practice/decide_draft")
def draft(key: str, draft_key: str) -> Response:
    """Approve a draft (as it was edited), keep an edit, or reject it with a reason."""
    return _decide(decisions.decide_draft, key, draft_key)


@lcm_blueprint.post("/<key>/learners/<int:user_id>", endpoint="practice/attend_learner")
def learner(key: str, user_id: int) -> Response:
    """Put a sign aside until a day, dismiss it with a reason, or take that back."""
    return _decide(decisions.attend_learner, key, user_id)


@lcm_blueprint.post("/<key>/blockers/<int:topic_id>", endpoint="practice/decide_blocker")
def blocker(key: str, topic_id: int) -> Response:
    """Give a blocker to somebody, or say that it is solved or open again."""
    return _decide(decisions.decide_blocker, key, topic_id)


@lcm_blueprint.post("/<key>/stories/<int:post_id>", endpoint="practice/decide_story")
def story(key: str, post_id: int) -> Response:
    """Ask the author, put a story into the spotlight, or set it aside."""
    return _decide(decisions.decide_story, key, post_id)


@lcm_blueprint.post("/topics/<int:topic_id>/<action>", endpoint="practice/mark_topic")
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


@lcm_blueprint.post("/preferences", endpoint="practice/save_choices")
def choices() -> Response:
    """Keep what the one who looks allows; a box that is not ticked says no."""
    given = context.params()
    back = given.text("back")
    g.params = Params({**{name: name in given for name in decisions.CHOICES}, "back": back})
    decisions.save()
    return done()


@lcm_blueprint.post("/stories/<int:post_id>/consent", endpoint="practice/answer_consent")
def consent(post_id: int) -> Response:
    """Take the answer of an author who looks."""
    return _decide(decisions.answer_consent, post_id)


@lcm_blueprint.post("/requests", endpoint="practice/request_run")
def request_run() -> Response:
    """Ask the worker for a run or a preview, or to pause, resume or shift a cohort."""
    _given()
    desk.request_run()
    return done()
