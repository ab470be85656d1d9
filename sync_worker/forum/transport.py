"""Sending calls to Discourse: counted by operation, within the budget, repeated with patience; stopping in between."""

from __future__ import annotations

import contextlib
import logging
import math
import re
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import requests
from pydiscourse import DiscourseClient

from sync_worker import __version__
from sync_worker.errors import Outcome, RefusedError
from sync_worker.forum.answers import Answer, check_answer
from sync_worker.forum.patience import FailedCall, Patience, no_answer
from sync_worker.http import LARGEST_ANSWER, Bounds, fetch, open_session, shown_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sync_worker.config import ForumSettings
    from sync_worker.forum.budget import Budget


# Words of Discourse's routes; all else in a path is a name or an id, and is not counted separately.
_ROUTE_WORDS = frozenset(
    re.findall(
        r"\S+",
        "about active activity admin by-external by-id by_number c categories cohorts create-multiple "
        "create_or_update current desk discourse-post-event emails events explorer external_id groups "
        "heartbeat hide invited invitees invites l latest lcm list logs members owners playbooks plugins "
        "post_actions post_localizations posts preferences private-messages public queries revisions run runs "
        "scopes search session show site site_settings srv status t tags timer topic_localizations topics u uploads "
        "users web_hooks "
        "work",
    )
)


def operation_of(verb: str, path: str) -> str:
    """Return the operation a request belongs to, such as `GET /groups/*/members`, free of names and ids."""
    parts = re.sub(r"\.json$", "", path.partition("?")[0]).strip("/").split("/")
    known = (part if part in _ROUTE_WORDS else "*" for part in parts)
    return f"{verb} /{'/'.join(known)}"


class CallCounter:
    """How many calls were sent, in all and by operation; refused and repeated ones count too."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: Counter[str] = Counter()

    def add(self, operation: str) -> None:
        """Count one call."""
        with self._lock:
            self._counts[operation] += 1

    @property
    def total(self) -> int:
        """Number of calls sent."""
        with self._lock:
            return self._counts.total()

    @property
    def by_operation(self) -> dict[str, int]:
        """Number of calls of each operation, most frequent first."""
        with self._lock:
            return dict(self._counts.most_common())


# Stop between two calls: a process that is asked to stop finishes the call under way and makes no other.


@dataclass(frozen=True, slots=True)
class StoppableBudget:
    """A budget of calls, None for an unlimited one; `sleep` is asked before each call and raises to stop."""

    budget: Budget | None
    sleep: Callable[[float], None]

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Hold room for one call.

        Raises:
            StoppedWaiting: the process was asked to stop.

        """
        self.sleep(0.0)
        if self.budget is None:
            yield
            return
        with self.budget.slot():
            yield

    def pause(self, seconds: float) -> None:
        """Hold everybody's calls back."""
        if self.budget:
            self.budget.pause(seconds)


# The one place that sends HTTP to Discourse: pydiscourse on a pooled session, with bounds and repeats.


log = logging.getLogger(__name__)
USER_AGENT = f"discourse-lcm/{__version__}"
POOL_SIZE = 8
LONGEST_CALL = 60.0


class Transport(DiscourseClient):  # type: ignore[misc]  # pydiscourse has no types
    """Sends calls for one API user; every method of pydiscourse goes through `ask`.

    Args:
        settings: address, API user and timeouts.
        key: the API key; never logged, never part of an error.
        read_only: refuse anything but reading before it is sent.
        budget: the site's call budget; None for none.
        patience: how often to repeat where a repeat is harmless.
        longest_call: seconds that a call may take in all, from connecting to the last byte; never less than the
            settings allow for connecting and the first part.
        largest_answer: bytes of an answer, unpacked.

    """

    def __init__(
        self,
        settings: ForumSettings,
        key: str,
        *,
        read_only: bool = False,
        budget: Budget | None = None,
        patience: Patience | None = None,
        longest_call: float = LONGEST_CALL,
        largest_answer: int = LARGEST_ANSWER,
    ) -> None:
        connect, read = settings.connect_timeout, settings.read_timeout
        super().__init__(settings.url, settings.api_username, key, timeout=(connect, read))
        self._bounds = Bounds(connect, read, max(longest_call, connect + read), largest_answer)
        self.forum_name = settings.name
        self.people_a_call = settings.people_a_call
        self.read_only = read_only
        self.calls = CallCounter()
        self._budget = budget
        self.patience = patience or Patience()
        self._session = open_session(
            {"Api-Key": key, "Api-Username": settings.api_username, "User-Agent": USER_AGENT}, connections=POOL_SIZE
        )

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def ask(
        self,
        verb: str,
        path: str,
        *,
        harmless: bool | None = None,
        redirect: bool = False,
        only_reads: bool = False,
        expects: str | None = None,
        **content: Any,
    ) -> Answer:
        """Send one call and return its good answer; repeats what is harmless to repeat.

        Args:
            verb: HTTP method.
            path: path on the forum; `.json` is added where it is missing.
            harmless: whether a repeat does no harm even if the first one worked; by default so for reading.
            redirect: whether a 301 is an answer; redirects are never followed.
            only_reads: whether the call changes nothing in spite of its method; it is then sent in read-only mode too.
            expects: a key that a success has; for calls whose answer is not read further.
            content: `params`, `data`, `json` or `files` as requests takes them.

        Raises:
            RefusedError: a write in read-only mode; nothing was sent.
            FailedCall: the forum refused or failed.

        """
        reading = only_reads or verb in ("GET", "HEAD")
        head, mark, query = path.partition("?")
        path = f"{head if head.endswith('.json') else f'{head}.json'}{mark}{query}"
        url = shown_url(self.host, path, self.api_key)
        if self.read_only and not reading:
            raise RefusedError("this run only looks; the change was not sent.", where=url, do="Run it with --apply.")
        harmless = reading if harmless is None else harmless
        attempt, waited, doubtful = 1, 0.0, False
        while True:
            try:
                answer = self._once(verb, path, content)
                if not (redirect and answer.status == 301):
                    check_answer(answer, url, self.api_key, reading=reading, expects=expects)
            except FailedCall as error:
                self._tell_budget(error)
                doubtful = doubtful or (error.doubtful and not reading)
                pause = self.patience.pause_after(error, attempt, harmless=harmless, waited=waited)
                if pause is None:
                    # A limit that stops a repeat says nothing about the attempts before it.
                    error.outcome = Outcome.DOUBTFUL if doubtful and not error.refused else error.outcome
                    raise
                log.warning("%s: %s Again in %.1f s.", operation_of(verb, path), error.what, pause)
            else:
                return answer
            self.patience.sleep(pause)
            attempt, waited = attempt + 1, waited + pause

    def _once(self, verb: str, path: str, content: Mapping[str, Any]) -> Answer:
        operation = operation_of(verb, path)
        with self._budget.slot() if self._budget else contextlib.nullcontext():
            self.calls.add(operation)
            started = time.monotonic()
            try:
                response, body = fetch(self._session, verb, self.host + path, self._bounds, **content)
            except (requests.RequestException, OSError) as error:
                log.debug("%s: %s after %.2f s", operation, type(error).__name__, time.monotonic() - started)
                raise no_answer(error, shown_url(self.host, path, self.api_key), self.api_key) from None
        elapsed = time.monotonic() - started
        log.debug("%s: %d in %.2f s", operation, response.status_code, elapsed)
        return Answer(response.status_code, response.headers, body, _runtime(response, elapsed))

    def _tell_budget(self, error: FailedCall) -> None:
        if self._budget and error.site_wide and error.wait:
            self._budget.pause(error.wait)

    def _request(  # noqa: PLR0917  (pydiscourse's own signature)
        self,
        verb: str,
        path: str,
        params: Any = None,
        files: Any = None,
        data: Any = None,
        json: Any = None,
        override_request_kwargs: Any = None,
    ) -> Any:
        del override_request_kwargs
        return self.ask(verb, path, params=params, files=files, data=data, json=json).json()


def _runtime(response: requests.Response, elapsed: float) -> float:
    """Return the server's own time in seconds, ours where it gives none."""
    try:
        seconds = float(response.headers.get("X-Runtime", elapsed))
    except ValueError:
        return elapsed
    return seconds if math.isfinite(seconds) else elapsed
