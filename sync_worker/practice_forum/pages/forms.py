"""What people do on the pages: sign up, write, change a setting. Each form leads back to the page it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, g, make_response, redirect

from sync_worker.practice_forum.api import context, invitations, posts, site_settings
from sync_worker.practice_forum.api.invitations import is_address
from sync_worker.practice_forum.pages.render import (
    COOKIE,
    FORMS,
    forbid_scripts,
    render_page,
    require_own_form,
    set_viewer,
    way_back,
)
from sync_worker.practice_forum.rules import accounts, people, text_rules
from sync_worker.practice_forum.rules.settings import DEFAULTS
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.refusals import Refusal
from sync_worker.practice_forum.server.requests import Params
from sync_worker.practice_forum.tables import User

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    accounts.create(session, user, email)
    accounts.activate(session, user, settings, context.now())
    invitations.let_in_by_address(user)
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
        raise refusals.not_found()
    back = way_back()
    g.params = Params({name: context.params().text("value") or ""})
    site_settings.update(name)
    return done(back)
