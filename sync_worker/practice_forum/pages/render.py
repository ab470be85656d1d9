"""How every page is made: its viewer, the layout's values, the security policy, and where a form may come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import g, make_response, redirect, render_template, request

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server.database import ADMIN_ID
from sync_worker.practice_forum.server.requests import PAGES
from sync_worker.practice_forum.tables import User

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

COOKIE = "practice_forum_as"
NOBODY = "-"


def set_viewer() -> Response | None:
    """Keep `?as=NAME` in a cookie and redirect to the page; else the viewer is the user of the key or cookie."""
    if "as" in request.args:
        return _switch(request.args["as"].strip())
    if context.user() is None:
        g.user = _of_cookie(request.cookies.get(COOKIE))
        g.pop("guardian", None)
    return None


def _of_cookie(value: str | None) -> User | None:
    if value == NOBODY:
        return None
    chosen = people.by_username(context.session(), value) if value else None
    return chosen or context.session().get(User, ADMIN_ID)


def _switch(name: str) -> Response:
    rest = [(key, value) for key, value in request.args.items(multi=True) if key != "as"]
    path = request.path.removeprefix(PAGES) or "/"
    answer = make_response(redirect(f"/{path.lstrip('/')}" + (f"?{urlencode(rest)}" if rest else "")))
    if name == NOBODY:
        answer.set_cookie(COOKIE, NOBODY, samesite="Lax", httponly=True)
    elif name and people.by_username(context.session(), name):
        answer.set_cookie(COOKIE, name, samesite="Lax", httponly=True)
    else:
        answer.delete_cookie(COOKIE)
    return answer


POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'self'; "
    "base-uri 'none'"
)
FORMS = "/practice/forms"
"""Where the pages' forms are sent to: an address that Discourse does not have."""


def forbid_scripts(answer: Response) -> Response:
    """Add the policy that keeps scripts, frames and foreign pictures out."""
    answer.headers["content-security-policy"] = POLICY
    return answer


def render_page(template: str, **values: Any) -> str:
    """Return a page."""
    forum = context.forum()
    return render_template(
        f"practice_forum/{template}.html",
        viewer=context.user(),
        nobody=NOBODY,
        now=context.now(),
        virtual=forum.clock.virtual is not None,
        plugin=forum.options.plugin,
        path=request.path.removeprefix(PAGES) or "/",
        forms=FORMS,
        **values,
    )


def require_own_form() -> None:
    """Refuse a form that another site's page sends: nobody logs in here, so only its origin distinguishes it.

    Raises:
        Refusal: 403.

    """
    if request.headers.get("Origin") != context.base_url():
        raise refusals.invalid_access()


def way_back() -> str:
    """Return the page from which a form was sent, the home page where it names none of this forum."""
    path = context.params().text("back") or "/"
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
