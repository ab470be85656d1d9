"""Answers over HTTP: whether they are Discourse's own; successes pass, all else becomes an error.

What is in front of a forum (a proxy, a log-in or maintenance page, a captive portal) answers with any status, in HTML
or in JSON of its own. Such an answer says nothing about what was asked.

Source: Discourse's application_controller.rb and lib/json_error.rb (`errors` with `error_type`; `failed_json`), Rails'
own answers to what Discourse does not rescue (`status` and `error`), and RequestTracker (limits, in plain text).
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from sync_worker.errors import Outcome
from sync_worker.forum.patience import FailedCall
from sync_worker.http import redact

if TYPE_CHECKING:
    from collections.abc import Mapping


ROUTE = "X-Discourse-Route"
LIMIT_CODE = "Discourse-Rate-Limit-Error-Code"
RUNTIME = "X-Runtime"
PAGE = "text/html"
READ_ONLY = "read_only"


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


# Validate answers: Discourse's successes pass; refusals, failures and the answers of other software become errors.


WAIT_WHEN_UNSAID = 10.0
GOOD = (200, 201, 202, 204)
CHECK_PROXY = "Check what is in front of the forum (a proxy, a log-in, a maintenance page), and forum.url in lcm.yaml."
TRY_LATER = "The forum, or a proxy in front of it, has a problem; try again later."
_ADVICE = {
    400: "The forum does not understand this call; if it repeats, report it with the forum's version.",
    403: "Run `lcm check`: the key, its scopes or the API user's rights do not cover this.",
    404: "Check that it still exists, and that the API user may see it.",
    409: "Somebody changed it at the same time; look at it, then try again.",
    422: "Change what the forum names, then try again.",
    429: "Something else uses the forum's call budget; lower forum.calls_per_minute or wait.",
}
_FOREIGN_ADVICE = {
    401: "A proxy in front of the forum wants a log-in of its own: let the worker's calls pass it.",
    413: "A proxy in front of the forum refuses calls of this size.",
    429: _ADVICE[429],
}


def check_answer(answer: Answer, url: str, secret: str, *, reading: bool, expects: str | None = None) -> None:
    """Return if the answer is a success of Discourse.

    Args:
        answer: the answer.
        url: the address as errors show it.
        secret: a text that no error may show.
        reading: whether the call only read, so that an empty answer is an error.
        expects: a key that the answer must have to be a success; None where the caller reads the answer itself.

    Raises:
        FailedCall: a refusal or failure in Discourse's words, or an answer that is not Discourse's.

    """
    if answer.status in GOOD:
        _check_success(answer, url, secret, reading=reading, expects=expects)
    elif 300 <= answer.status < 400:
        raise _redirected(answer, url, secret)
    elif is_own_refusal(answer, _json_or_none(answer)):
        raise _refusal(answer, url, secret)
    else:
        raise _foreign(answer, url, secret)


def _redirected(answer: Answer, url: str, secret: str) -> FailedCall:
    """Return the error for a redirect: nothing was done, and the forum itself refused nothing."""
    target = redact(answer.headers.get("Location", "nowhere"), secret)
    return FailedCall(
        f"the forum redirects ({answer.status}) to {target}.",
        outcome=Outcome.POSTPONED,
        hopeless=True,
        unreachable=True,
        status=answer.status,
        url=url,
        do="Put the forum's final address (https, right host and folder) into lcm.yaml; check the key.",
    )


def _refusal(answer: Answer, url: str, secret: str) -> FailedCall:
    """Return the error for a refusal or failure that Discourse itself answers."""
    said, error_type = words(answer, secret)
    limited = answer.status == 429
    wait = wait_seconds(answer) if limited else None
    return FailedCall(
        _sentence(f"the forum answered {answer.status}: {said}" if said else f"the forum answered {answer.status}"),
        outcome=_outcome(answer.status, error_type),
        wait=wait,
        site_wide=error_type == READ_ONLY or (limited and _is_site_wide(answer)),
        status=answer.status,
        url=url,
        error_type=error_type,
        do=_with_wait(_advice(answer.status, error_type), wait),
    )


def _foreign(answer: Answer, url: str, secret: str) -> FailedCall:
    """Return the error for an answer that is not Discourse's; of its words only the title is shown."""
    limited = answer.status == 429
    title = _title(answer, secret)
    wait = wait_seconds(answer) if limited else None
    return FailedCall(
        f"the forum's address answered {answer.status}, but not in Discourse's words{f' ({title})' if title else ''}.",
        outcome=Outcome.POSTPONED if limited else Outcome.DOUBTFUL,
        wait=wait,
        site_wide=limited,
        unreachable=True,
        status=answer.status,
        url=url,
        do=_with_wait(_FOREIGN_ADVICE.get(answer.status, TRY_LATER if answer.status >= 500 else CHECK_PROXY), wait),
    )


def _with_wait(advice: str, wait: float | None) -> str:
    """Return advice, and how long the forum wants no call where that is a minute or more."""
    if wait is None or wait < 60:
        return advice
    asked = f"{wait / 60:,.0f} min" if wait < 7200 else f"{wait / 3600:,.0f} h"
    return f"{advice} The forum wants no call for {asked}."


def _check_success(answer: Answer, url: str, secret: str, *, reading: bool, expects: str | None) -> None:
    def no_success(what: str) -> FailedCall:
        return FailedCall(
            what,
            outcome=Outcome.DOUBTFUL,
            unreachable=True,
            status=answer.status,
            url=url,
            do=f"If this repeats: {CHECK_PROXY[0].lower()}{CHECK_PROXY[1:]}",
        )

    try:
        body = answer.json()
    except ValueError:
        is_page = answer.content_type == PAGE
        raise no_success(
            "the forum answered with a web page instead of JSON (a log-in or maintenance page?)."
            if is_page
            else "the forum's answer was cut off, or is not valid JSON."
        ) from None
    if body is None and (reading or expects):
        raise no_success("the forum's answer is empty.")
    if isinstance(body, dict) and (body.get("errors") or body.get("failed") or body.get("success") is False):
        if not is_own_refusal(answer, body):
            raise no_success("the forum's address answered with an error that is not in Discourse's words.")
        said, error_type = words(answer, secret)
        raise FailedCall(
            _sentence(f"the forum refused: {said or 'without saying why'}"),
            outcome=Outcome.REFUSED,
            status=answer.status,
            url=url,
            error_type=error_type,
        )
    if expects and not (isinstance(body, dict) and expects in body):
        raise no_success(f"the forum's address answered, but not as Discourse does ('{expects}' is missing).")


def _json_or_none(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _outcome(status: int, error_type: str | None) -> Outcome:
    """Return what is known about the effect of a call that Discourse itself answered with an error."""
    if status == 429 or error_type == READ_ONLY:
        return Outcome.POSTPONED
    if status == 408 or status >= 500:
        return Outcome.DOUBTFUL
    return Outcome.REFUSED


def _advice(status: int, error_type: str | None) -> str:
    if error_type == READ_ONLY:
        return "The forum is in read-only mode (a backup or an upgrade?); try again later."
    if status == 408 or status >= 500:
        return TRY_LATER
    return _ADVICE.get(status, _ADVICE[400])


def words(answer: Answer, secret: str) -> tuple[str, str | None]:
    """Return what the forum said about a failure, fit to be shown, and its `error_type`."""
    try:
        body = answer.json()
    except ValueError:
        return _plain_words(answer, secret), None
    if not isinstance(body, dict):
        return "", None
    errors = body.get("errors")
    listed = list(errors) if isinstance(errors, (list, dict)) else [errors]
    texts = [text for text in listed if isinstance(text, str)]
    if not texts:
        texts = [text for key in ("message", "error") if isinstance(text := body.get(key), str)]
    kind = body.get("error_type")
    is_kind = isinstance(kind, str) and re.fullmatch(r"[a-z_]{1,40}", kind)
    return redact(" ".join(texts), secret), kind if is_kind else None


def _plain_words(answer: Answer, secret: str) -> str:
    if answer.content_type != "text/plain":
        return ""
    return redact(answer.body[:20_000].decode("utf-8", "replace"), secret)


def _title(answer: Answer, secret: str) -> str:
    text = answer.body[:20_000].decode("utf-8", "replace")
    title = re.search(r"<title>(.{1,200}?)</title>", text, re.IGNORECASE | re.DOTALL)
    return redact(title[1], secret) if title else ""


def wait_seconds(answer: Answer) -> float:
    """Return how many seconds a 429 asks us to wait: the longest that it names, 10 where it names none."""
    named = [_retry_after(answer), _extras_wait(answer)]
    return max((seconds for seconds in named if seconds is not None), default=WAIT_WHEN_UNSAID)


def _is_site_wide(answer: Answer) -> bool:
    """Whether a 429 is about all our calls (the key's or the address's limit), not about one user or searching."""
    return LIMIT_CODE in answer.headers or answer.content_type != "application/json"


def _retry_after(answer: Answer) -> float | None:
    text = answer.headers.get("Retry-After", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        pass
    else:
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    until, now = http_date(text), answer.date
    return max(0.0, (until - now).total_seconds()) if until and now else None


def _extras_wait(answer: Answer) -> float | None:
    try:
        value = answer.json()["extras"]["wait_seconds"]
        seconds = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
