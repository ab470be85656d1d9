"""From the path a client asks for to the path the forum's routes know."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PAGES = "/-page"
_NO_FORMAT = ("/srv/", "/practice/", "/uploads/")
_ALIASES = {"/users": "/u", "/g": "/groups"}


class PathLayer:
    """Reads the wanted format off the path and the Accept header.

    `.json` is cut off. A GET that asks for no JSON goes to the pages: their routes live under `/-page`, which is
    never seen from outside. `forum.json` in the environment tells which of the two it is, `forum.path` the path
    as it was asked for.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        asked = environ.get("PATH_INFO") or "/"
        environ["forum.path"] = asked
        path = asked if asked == "/" else asked.rstrip("/") or "/"
        by_suffix = path.endswith(".json")
        if by_suffix:
            path = path.removesuffix(".json")
        by_accept = not by_suffix and _accepts_json(environ)
        environ["forum.by_accept"] = by_accept
        path = _canonical(path)
        is_read = environ.get("REQUEST_METHOD") in ("GET", "HEAD")
        page = is_read and not by_suffix and not by_accept and not path.startswith(_NO_FORMAT)
        environ["forum.json"] = not page
        environ["PATH_INFO"] = PAGES + path if page else path
        return self._app(environ, start_response)


def _accepts_json(environ: WSGIEnvironment) -> bool:
    if environ.get("HTTP_X_REQUESTED_WITH", "").lower() == "xmlhttprequest":
        return True
    return "application/json" in environ.get("HTTP_ACCEPT", "")


def _canonical(path: str) -> str:
    head, slash, rest = path[1:].partition("/")
    known = _ALIASES.get(f"/{head}")
    return f"{known}{slash}{rest}" if known else path
