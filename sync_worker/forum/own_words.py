"""Whether an answer is Discourse's own: only Discourse's words are a refusal.

What stands before a forum (a proxy, a log-in or maintenance page, a captive portal) answers with any status, in HTML or
in JSON of its own. Such an answer says nothing about what was asked.

Source: Discourse's application_controller.rb and lib/json_error.rb (`errors` with `error_type`; `failed_json`), Rails'
own answers to what Discourse does not rescue (`status` and `error`), and RequestTracker (limits, in plain text).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sync_worker.forum.answers import Answer

ROUTE = "X-Discourse-Route"
LIMIT_CODE = "Discourse-Rate-Limit-Error-Code"
RUNTIME = "X-Runtime"
PAGE = "text/html"


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
