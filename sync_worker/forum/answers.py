"""Validate Discourse's answers: successes pass; refusals, failures and what is not Discourse's become errors."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from sync_worker.errors import Outcome
from sync_worker.forum.failures import FailedCall
from sync_worker.forum.own_words import LIMIT_CODE, PAGE, is_own_refusal
from sync_worker.http.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

WAIT_WHEN_UNSAID = 10.0
GOOD = (200, 201, 202, 204)
BEFORE_IT = "See what stands in front of the forum (a proxy, a log-in, a maintenance page), and forum.url in lcm.yaml."
IN_TROUBLE = "The forum or what stands in front of it is in trouble; try again later."
_ADVICE = {
    400: "The forum does not understand this call; if it repeats, report it with the forum's version.",
    403: "Run `lcm check`: the key, its scopes or the API user's rights do not cover this.",
    404: "Check that the thing still exists, and that the API user may see it.",
    422: "Change what the forum names, then try again.",
    429: "Something else uses the forum's call budget; lower forum.calls_per_minute or wait.",
}
_FOREIGN_ADVICE = {
    401: "A proxy in front of the forum wants a log-in of its own: let the worker's calls pass it.",
    413: "A proxy in front of the forum refuses calls of this size.",
    429: _ADVICE[429],
}


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

    def json(self) -> Any:
        """Return the body as JSON, None where it is empty.

        Raises:
            ValueError: the body is something else, cut off, or nested too deep.

        """
        try:
            return json.loads(self.body) if self.body.strip() else None
        except RecursionError:
            raise ValueError("nested too deep") from None


def check_answer(answer: Answer, url: str, secret: str, *, reading: bool, says: str | None = None) -> None:
    """Let good answers pass.

    Args:
        answer: what came.
        url: the address as errors show it.
        secret: a text that no error may show.
        reading: whether the call only read, so that an empty answer is none.
        says: a key that the answer must have to be Discourse's yes.

    Raises:
        FailedCall: a refusal, a failure, or something that is not Discourse's; with the words Discourse used.

    """
    if answer.status in GOOD:
        _check_success(answer, url, secret, reading=reading, says=says)
    elif 300 <= answer.status < 400:
        raise _redirected(answer, url, secret)
    elif is_own_refusal(answer, _json_or_none(answer)):
        raise _refusal(answer, url, secret)
    else:
        raise _foreign(answer, url, secret)


def _redirected(answer: Answer, url: str, secret: str) -> FailedCall:
    """Return the error for a redirect: nothing was done, and nobody says that the forum would not do it."""
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
    """Return the error for what Discourse itself answers."""
    said, error_type = words(answer, secret)
    limited = answer.status == 429
    wait = wait_seconds(answer) if limited else None
    return FailedCall(
        _sentence(f"the forum answered {answer.status}: {said}" if said else f"the forum answered {answer.status}"),
        outcome=_outcome(answer.status, error_type),
        wait=wait,
        site_wide=limited and _is_site_wide(answer),
        status=answer.status,
        url=url,
        error_type=error_type,
        do=_with_wait(_ADVICE.get(answer.status) or _server_advice(error_type), wait),
    )


def _foreign(answer: Answer, url: str, secret: str) -> FailedCall:
    """Return the error for an answer of something else than Discourse; its words are not shown but for a title."""
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
        do=_with_wait(_FOREIGN_ADVICE.get(answer.status, IN_TROUBLE if answer.status >= 500 else BEFORE_IT), wait),
    )


def _with_wait(advice: str, wait: float | None) -> str:
    """Return advice with how long the forum wants no call, where that is longer than people notice."""
    if wait is None or wait < 60:
        return advice
    asked = f"{wait / 60:,.0f} min" if wait < 7200 else f"{wait / 3600:,.0f} h"
    return f"{advice} It asks for {asked} without calls."


def _check_success(answer: Answer, url: str, secret: str, *, reading: bool, says: str | None) -> None:
    def no_success(what: str) -> FailedCall:
        return FailedCall(
            what,
            outcome=Outcome.DOUBTFUL,
            unreachable=True,
            status=answer.status,
            url=url,
            do=f"If it stays so: {BEFORE_IT[0].lower()}{BEFORE_IT[1:]}",
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
    if body is None and (reading or says):
        raise no_success("the forum's answer is empty.")
    if isinstance(body, dict) and (body.get("errors") or body.get("failed") or body.get("success") is False):
        if not is_own_refusal(answer, body):
            raise no_success("the forum's address answered neither yes nor no in Discourse's words.")
        said, error_type = words(answer, secret)
        raise FailedCall(
            _sentence(f"the forum refused: {said or 'without saying why'}"),
            outcome=Outcome.REFUSED,
            status=answer.status,
            url=url,
            error_type=error_type,
        )
    if says and not (isinstance(body, dict) and says in body):
        raise no_success("the forum's address answered, but not with Discourse's yes.")


def _json_or_none(answer: Answer) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _outcome(status: int, error_type: str | None) -> Outcome:
    """Return what Discourse's own answer means."""
    if status == 429 or error_type == "read_only":
        return Outcome.POSTPONED
    if status == 408 or status >= 500:
        return Outcome.DOUBTFUL
    return Outcome.REFUSED


def _server_advice(error_type: str | None) -> str:
    if error_type == "read_only":
        return "The forum is in read-only mode (a backup or an upgrade?); try again later."
    return IN_TROUBLE


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
    """Return for how long a 429 sends us away: the longest the answer names, 10 seconds where it names none."""
    named = [_retry_after(answer), _extras_wait(answer)]
    return max((seconds for seconds in named if seconds is not None), default=WAIT_WHEN_UNSAID)


def _is_site_wide(answer: Answer) -> bool:
    """Whether a 429 speaks of all our calls (the key's or the address's limit), not of one user or of searching."""
    return LIMIT_CODE in answer.headers or answer.content_type != "application/json"


def _retry_after(answer: Answer) -> float | None:
    text = answer.headers.get("Retry-After", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        pass
    else:
        return seconds if math.isfinite(seconds) and seconds >= 0 else None
    try:
        until = parsedate_to_datetime(text)
        return max(0.0, (until - parsedate_to_datetime(answer.headers.get("Date", ""))).total_seconds())
    except (TypeError, ValueError):
        return None


def _extras_wait(answer: Answer) -> float | None:
    try:
        told = answer.json()["extras"]["wait_seconds"]
        seconds = float(told) if isinstance(told, (int, float)) and not isinstance(told, bool) else math.nan
    except (ValueError, TypeError, KeyError, OverflowError):
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None
