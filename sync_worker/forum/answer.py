"""One answer over HTTP, and whether it is Discourse's own: only Discourse's words are a refusal.

What is in front of a forum (a proxy, a log-in or maintenance page, a captive portal) answers with any status, in HTML
or in JSON of its own. Such an answer says nothing about what was asked.

Source: Discourse's application_controller.rb and lib/json_error.rb (`errors` with `error_type`; `failed_json`), Rails'
own answers to what Discourse does not rescue (`status` and `error`), and RequestTracker (limits, in plain text).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

ROUTE = "X-Discourse-Route"
LIMIT_CODE = "Discourse-Rate-Limit-Error-Code"
RUNTIME = "X-Runtime"
PAGE = "text/html"


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer; `seconds` is the server's own measured time, else ours."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def content_type(self) -> str:
        """The media type without parameters; empty where the forum gave none."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()

    @property
    def date(self) -> datetime | None:
        """The server's time as its Date header gives it, None without a usable one."""
        return http_date(self.headers.get("Date", ""))

    def json(self) -> Any:
        """Return the body as JSON, None where it is empty.

        Raises:
            ValueError: the body is something else, cut off, or nested too deep.

        """
        try:
            return json.loads(self.body) if self.body.strip() else None
        except RecursionError:
            raise ValueError("nested too deep") from None


def http_date(text: str) -> datetime | None:
    """Return the time of a header such as Date or Retry-After in UTC, None where the text is no such time."""
    try:
        moment = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def is_own_refusal(answer: Answer, body: Any) -> bool:
    """Whether Discourse itself says no.

    Args:
        answer: an answer that is no success, or one that says in its body that it is none.
        body: its JSON; None where it has none.

    """
    if LIMIT_CODE in answer.headers:
        return True
    if answer.content_type == PAGE:
        return False
    if not isinstance(body, dict):
        # Discourse's controllers name themselves; some refuse without a word (sync_sso while it is off).
        return body is None and not answer.body.strip() and ROUTE in answer.headers
    if has_errors(body) or body.get("failed") == "FAILED":
        return True
    # Gateways use the same few words, but do not say which route it was or how long Rails took.
    signed = ROUTE in answer.headers or RUNTIME in answer.headers
    of_rails = body.keys() == {"status", "error"} and body["status"] == answer.status
    return signed and (of_rails or isinstance(body.get("message"), str))


def has_errors(body: dict[str, Any]) -> bool:
    """Whether `errors` is there as Discourse writes it: a list of texts, or texts by field."""
    errors = body.get("errors")
    if isinstance(errors, list):
        return bool(errors) and all(isinstance(text, str) for text in errors)
    if isinstance(errors, dict):
        return bool(errors) and all(_is_texts(texts) for texts in errors.values())
    return False


def _is_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(text, str) for text in value))
