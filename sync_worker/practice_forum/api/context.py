"""The request that is being answered: its caller, session, settings and parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from flask import current_app, g, request

from sync_worker.practice_forum.rules.rights import Guardian
from sync_worker.practice_forum.rules.settings import Settings
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.server import requests as parameters

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from werkzeug.routing import Rule

    from sync_worker.practice_forum.server.forum import Forum
    from sync_worker.practice_forum.server.requests import Params
    from sync_worker.practice_forum.tables import ApiKey, User


def forum() -> Forum:
    """The practice forum that answers."""
    return cast("Forum", current_app.extensions["forum"])


def session() -> Session:
    """The request's transaction."""
    return cast("Session", g.session)


def now() -> datetime:
    """The forum's now."""
    return forum().clock.now()


def user() -> User | None:
    """The user who calls, None for an anonymous visitor."""
    return cast("User | None", g.get("user"))


def require_user() -> User:
    """The user who calls.

    Raises:
        Refusal: 403 not_logged_in for an anonymous visitor.

    """
    caller = user()
    if caller is None:
        raise refusals.not_logged_in()
    return caller


def require_admin() -> User:
    """The administrator who calls.

    Raises:
        Refusal: 403 for anybody else.

    """
    caller = require_user()
    if not caller.admin:
        raise refusals.invalid_access()
    return caller


def api_key() -> ApiKey | None:
    """The API key of the call, if it came with one."""
    return cast("ApiKey | None", g.get("api_key"))


def settings() -> Settings:
    """The site settings."""
    if "settings" not in g:
        g.settings = Settings(session())
    return cast("Settings", g.settings)


def guardian() -> Guardian:
    """The rights of the user who calls."""
    if "guardian" not in g:
        g.guardian = Guardian(session(), user(), settings(), now())
    return cast("Guardian", g.guardian)


def params() -> Params:
    """The request's parameters."""
    if "params" not in g:
        g.params = parameters.parse(request)
    return cast("Params", g.params)


def wants_json() -> bool:
    """Whether the answer is to be JSON rather than a page."""
    return bool(request.environ.get("forum.json", True))


def base_url() -> str:
    """The forum's address as the client called it, without a trailing slash."""
    return request.host_url.rstrip("/")


def url_rules() -> list[Rule]:
    """Every route of the forum."""
    return list(current_app.url_map.iter_rules())


def remember_read_only() -> None:
    """Let the answer tell the mode in which the request began, whatever it changes."""
    g.was_read_only = forum().read_only


def bounded_integer(name: str, *, default: int, low: int = 0, high: int | None = None) -> int:
    """Return the parameter as an integer.

    Raises:
        Refusal: 400 naming the parameter, where it is no integer or out of bounds.

    """
    text = params().text(name)
    if text is None:
        return default
    try:
        value = int(text)
    except ValueError:
        raise refusals.invalid_parameters(name) from None
    if value < low or (high is not None and value > high):
        raise refusals.invalid_parameters(name)
    return value
