"""Reading a request as Rails does: the path to a route, parameters; and every way in which the forum says no."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Request


NOT_FOUND = "The requested URL or resource could not be found."
INVALID_ACCESS = "You are not permitted to view the requested resource."
INVALID_CREDENTIALS = "You are not permitted to view the requested resource. The API username or key is invalid."
NOT_LOGGED_IN = "You need to be logged in to do that."
READ_ONLY = "The site is in read only mode. Interactions are disabled."


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the program
    """Ends a request with an error answer; what the request wrote is rolled back.

    Args:
        status: HTTP status.
        body: the JSON object to answer, or None for an empty plain-text body.
        headers: further headers.
        kind: Discourse's `error_type` where Discourse raised the error itself (such answers carry no
            cache-control, and those of topics/show get `extras`).

    """

    def __init__(
        self,
        status: int,
        body: dict[str, Any] | None,
        *,
        headers: dict[str, str] | None = None,
        kind: str | None = None,
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status = status
        self.body = body
        self.headers = headers or {}
        self.kind = kind

    @property
    def message(self) -> str:
        """The first error text."""
        errors = (self.body or {}).get("errors") or [""]
        return str(errors[0])


def _raised(status: int, text: str, kind: str) -> Refusal:
    return Refusal(status, {"errors": [text], "error_type": kind}, kind=kind)


def not_found() -> Refusal:
    """Return 404 as Discourse raises it for something that is not there (or hidden)."""
    return _raised(404, NOT_FOUND, "not_found")


def no_route() -> Refusal:
    """Return 404 of the router: same body as `not_found`, but no x-discourse headers."""
    refusal = not_found()
    refusal.kind = "no_route"
    return refusal


def invalid_access(text: str = INVALID_ACCESS) -> Refusal:
    """Return 403: the current user may not do this."""
    return _raised(403, text, "invalid_access")


def invalid_credentials() -> Refusal:
    """Return 403 for a bad key, an unknown user, a key without the scope."""
    return _raised(403, INVALID_CREDENTIALS, "invalid_access")


def not_logged_in() -> Refusal:
    """Return 403 for a call that needs a user and has none."""
    return _raised(403, NOT_LOGGED_IN, "not_logged_in")


def read_only() -> Refusal:
    """Return 503: the site is in read-only mode."""
    return _raised(503, READ_ONLY, "read_only")


def invalid_parameters(what: str) -> Refusal:
    """Return 400 with a parameter's name or a sentence."""
    return _raised(400, f"You supplied invalid parameters to the request: {what}", "invalid_parameters")


def record_invalid(text: str) -> Refusal:
    """Return 422 as Discourse raises it for a record that does not validate."""
    return _raised(422, text, "record_invalid")


def missing_parameter(name: str) -> Refusal:
    """Return 400 as Rails words a required parameter that is absent or empty."""
    text = f"param is missing or the value is empty or invalid: {name}"
    return Refusal(400, {"errors": [text]}, kind="parameter_missing")


def record_not_found() -> Refusal:
    """Return 404 as Rails answers for a record looked up by id (no `errors`)."""
    return Refusal(404, {"status": 404, "error": "Not Found"}, kind="leaked")


def crash() -> Refusal:
    """Return 500 as Rails answers for an exception nobody expected."""
    return Refusal(500, {"status": 500, "error": "Internal Server Error"}, kind="leaked")


def bad_request() -> Refusal:
    """Return 400 as Rails answers for a body that cannot be parsed."""
    return Refusal(400, {"status": 400, "error": "Bad Request"}, kind="leaked")


def unprocessable(*errors: str, status: int = 422, **more: Any) -> Refusal:
    """Return the model's complaints (422 unless given); `more` are further keys of the body."""
    return Refusal(status, {**more, "errors": list(errors)})


def failed(message: str, status: int = 422) -> Refusal:
    """Return the older shape: `{"failed": "FAILED", "message": ...}`."""
    return Refusal(status, {"failed": "FAILED", "message": message})


def rate_limited(seconds: int, code: str | None = None) -> Refusal:
    """Return 429 as Discourse's own limiter words it."""
    left = f"{seconds} second{'' if seconds == 1 else 's'}"
    refusal = _raised(
        429,
        f"You’ve performed this action too many times. Please wait {left} before trying again.",
        "rate_limit",
    )
    assert refusal.body is not None  # noqa: S101 - for the type checker
    refusal.body["extras"] = {"wait_seconds": seconds, "time_left": left}
    refusal.headers["Retry-After"] = str(seconds)
    if code:
        refusal.headers["Discourse-Rate-Limit-Error-Code"] = code
    return refusal


# Reading a request as Rails does: the path to a route, and parameters from query, form, multipart or JSON.


PAGES = "/-page"
_NO_FORMAT = ("/srv/", "/practice/", "/uploads/")
_ALIASES = {"/users": "/u", "/g": "/groups"}


class PathLayer:
    """Reads the wanted format off the path and the Accept header.

    `.json` is cut off. A GET that asks for no JSON goes to the pages: their routes live under `/-page`, which is
    never seen from outside. `forum.json` in the environment says which of the two it is, `forum.path` the path
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


_PART = re.compile(r"\[([^\[\]]*)\]")


def parse(request: Request) -> Params:
    """Read all parameters of `request`; names of the body win over those of the query.

    Raises:
        Refusal: 400 where the body claims to be JSON and is not.

    """
    tree: dict[str, Any] = {}
    _fill(tree, _pairs(request.query_string))
    if request.mimetype == "application/json":
        tree.update(_json_body(request))
        return Params(tree, wraps=True)
    if request.mimetype in ("application/x-www-form-urlencoded", "multipart/form-data"):
        body: dict[str, Any] = {}
        form = request.form.items(multi=True) if request.mimetype.startswith("multi") else _pairs(request.get_data())
        _fill(body, form)
        tree.update(body)
    return Params(tree)


def _pairs(data: bytes) -> list[tuple[str, str]]:
    """The names and values of a query or form, in their order (which nested lists need)."""
    return parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True)


def _json_body(request: Request) -> dict[str, Any]:
    data = request.get_data(cache=True)
    if not data.strip():
        return {}
    try:
        value = json.loads(data)
    except ValueError:
        raise bad_request() from None
    return value if isinstance(value, dict) else {"_json": value}


def _fill(tree: dict[str, Any], pairs: Iterable[tuple[str, str]]) -> None:
    for name, value in pairs:
        head, bracket, _ = name.partition("[")
        path = [head, *_PART.findall(name[len(head) :])] if bracket and head else [name]
        _put(tree, path, value)


def _put(tree: dict[str, Any], path: list[str], value: str) -> None:
    """Store `value` at `path`; an empty part means: append to a list."""
    node = tree
    for index, part in enumerate(path[:-1]):
        following = path[index + 1]
        if following == "" and index + 2 == len(path):
            items = node.setdefault(part, [])
            if isinstance(items, list):
                items.append(value)
            return
        if following == "":
            node = _open_item(node.setdefault(part, []), path[index + 2])
            _put(node, path[index + 2 :], value)
            return
        child = node.setdefault(part, {})
        if not isinstance(child, dict):
            raise bad_request()
        node = child
    node[path[-1]] = value


def _open_item(items: Any, key: str) -> dict[str, Any]:
    """Return the hash of a list of hashes that `key` belongs to: the last one, unless it has `key` already."""
    if not isinstance(items, list):
        raise bad_request()
    if not items or key in items[-1]:
        items.append({})
    last: dict[str, Any] = items[-1]
    return last


class Params:
    """Parameters by name, with the readings that Discourse's controllers use.

    Args:
        tree: the parameters.
        wraps: whether a section that is absent is made of the parameters beside it, as Rails does for JSON
            (ActionController::ParamsWrapper).

    """

    def __init__(self, tree: dict[str, Any], *, wraps: bool = False) -> None:
        self.tree = tree
        self.wraps = wraps

    def __contains__(self, name: str) -> bool:
        return self.tree.get(name) is not None

    def raw(self, name: str) -> Any:
        """The value as it came (string, number, boolean, list, dict) or None."""
        return self.tree.get(name)

    def text(self, name: str) -> str | None:
        """The value as text, None where absent or a hash or list; JSON booleans read `true` and `false`."""
        value = self.tree.get(name)
        if value is None or isinstance(value, (dict, list)):
            return None
        return as_text(value)

    def require(self, name: str) -> str:
        """The value as text.

        Raises:
            Refusal: 400 where it is absent or blank.

        """
        value = self.text(name)
        if value is None or not value.strip():
            raise missing_parameter(name)
        return value

    def flag(self, name: str) -> bool:
        """Whether the value is the string or boolean true."""
        return self.text(name) == "true"

    def integer(self, name: str, default: int = 0) -> int:
        """The leading integer of the value as Ruby's to_i reads it, `default` where absent."""
        value = self.text(name)
        return default if value is None else to_i(value)

    def items(self, name: str) -> list[str]:
        """The values of a list parameter (a single value counts as a list of one)."""
        value = self.tree.get(name)
        if value is None or isinstance(value, dict):
            return []
        return [as_text(item) for item in value] if isinstance(value, list) else [as_text(value)]

    def section(self, name: str) -> Params:
        """The nested parameters `name[...]`, empty where absent."""
        value = self.tree.get(name)
        return Params(value if isinstance(value, dict) else {})

    def require_section(self, name: str, columns: Collection[str] = ()) -> Params:
        """The nested parameters `name[...]`; in JSON, those of the `columns` may also come without it.

        Raises:
            Refusal: 400 where there are none.

        """
        value = self.tree.get(name)
        if value is None and self.wraps:
            value = {column: self.tree[column] for column in columns if column in self.tree}
        if not isinstance(value, dict) or not value:
            raise missing_parameter(name)
        return Params(value)


def as_text(value: Any) -> str:
    """Return a scalar as Ruby's to_s writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def to_i(text: str) -> int:
    """Return the integer at the start of `text`, 0 where there is none."""
    match = re.match(r"\s*([+-]?\d+)", text)
    return int(match.group(1)) if match else 0


def to_bool(value: Any) -> bool:
    """Return what a boolean column makes of `value`."""
    return as_text(value).strip().lower() not in ("", "0", "f", "false", "off")
