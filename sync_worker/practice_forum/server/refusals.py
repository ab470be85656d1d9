"""Every way in which the forum says no, in Discourse's shapes and words."""

from __future__ import annotations

from typing import Any

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
