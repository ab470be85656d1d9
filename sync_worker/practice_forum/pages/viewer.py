"""As whom somebody looks at the pages: anybody, since this is for practice; the administrator unless they say so."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from flask import g, make_response, redirect, request

from sync_worker.practice_forum import context, people
from sync_worker.practice_forum.paths import PAGES
from sync_worker.practice_forum.seed import ADMIN_ID
from sync_worker.practice_forum.tables import User

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

COOKIE = "practice_forum_as"
NOBODY = "-"


def set_viewer() -> Response | None:
    """Take `?as=NAME` into a cookie and lead back to the page; else look as the one whom key or cookie names."""
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
