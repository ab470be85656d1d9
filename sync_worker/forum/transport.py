"""The one place that sends HTTP: pydiscourse on a pooled session, with timeouts, repeats and a read-only mode."""

from __future__ import annotations

import contextlib
import logging
import math
import time
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import requests
from pydiscourse import DiscourseClient
from requests.adapters import HTTPAdapter

from sync_worker import __version__
from sync_worker.errors import RefusedError
from sync_worker.forum.answers import Answer, check_answer
from sync_worker.forum.calls import CallCounter, operation_of
from sync_worker.forum.failures import FailedCall, Outcome, Patience
from sync_worker.forum.redact import redact, shown_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.config import ForumSettings
    from sync_worker.forum.budget import Budget

log = logging.getLogger(__name__)
USER_AGENT = f"discourse-lcm/{__version__}"
POOL_SIZE = 8


class Transport(DiscourseClient):  # type: ignore[misc]  # pydiscourse has no types
    """Sends calls for one API user; every method of pydiscourse goes through `ask`.

    Args:
        settings: address, API user and timeouts.
        key: the API key; never logged, never part of an error.
        read_only: refuse anything but reading before it is sent.
        budget: the site's call budget; None for none.
        patience: how often to repeat where a repeat is harmless.

    """

    def __init__(
        self,
        settings: ForumSettings,
        key: str,
        *,
        read_only: bool = False,
        budget: Budget | None = None,
        patience: Patience | None = None,
    ) -> None:
        timeout = (settings.connect_timeout, settings.read_timeout)
        super().__init__(settings.url, settings.api_username, key, timeout=timeout)
        self.forum_name = settings.name
        self.read_only = read_only
        self.calls = CallCounter()
        self._budget = budget
        self.patience = patience or Patience()
        self._session = _session(settings.api_username, key)

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
        **content: Any,
    ) -> Answer:
        """Send one call and return its good answer; repeats what is harmless to repeat.

        Args:
            verb: HTTP method.
            path: path on the forum; `.json` is added where it is missing.
            harmless: whether a repeat does no harm even if the first one worked; by default so for reading.
            redirect: whether a 301 is an answer; redirects are never followed.
            only_reads: whether the call changes nothing in spite of its method; it is then sent in read-only mode too.
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
        attempt = 1
        while True:
            try:
                answer = self._once(verb, path, content)
                if not (redirect and answer.status == 301):
                    check_answer(answer, url, self.api_key, reading=reading)
            except FailedCall as error:
                self._tell_budget(error)
                pause = self.patience.pause_after(error, attempt, harmless=harmless)
                if pause is None:
                    raise
                log.warning("%s: %s Again in %.1f s.", operation_of(verb, path), error.what, pause)
            else:
                return answer
            self.patience.sleep(pause)
            attempt += 1

    def _once(self, verb: str, path: str, content: Mapping[str, Any]) -> Answer:
        operation = operation_of(verb, path)
        with self._budget.slot() if self._budget else contextlib.nullcontext():
            self.calls.add(operation)
            started = time.monotonic()
            try:
                response = self._session.request(
                    verb, self.host + path, timeout=self.timeout, allow_redirects=False, **content
                )
            except (requests.RequestException, OSError) as error:
                log.debug("%s: %s after %.2f s", operation, type(error).__name__, time.monotonic() - started)
                raise self._no_answer(error, path) from None
        elapsed = time.monotonic() - started
        log.debug("%s: %d in %.2f s", operation, response.status_code, elapsed)
        return Answer(response.status_code, response.headers, response.content, _runtime(response, elapsed))

    def _no_answer(self, error: Exception, path: str) -> FailedCall:
        what, outcome, do = _explain(error)
        return FailedCall(
            redact(what, self.api_key), outcome=outcome, url=shown_url(self.host, path, self.api_key), do=do
        )

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


class _Session(requests.Session):
    """Looks at no Location: requests parses one even where it is not to follow it, and breaks at what is no address."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        del resp


def _session(username: str, key: str) -> requests.Session:
    session = _Session()
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=POOL_SIZE, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.headers.update(
        {"Api-Key": key, "Api-Username": username, "Accept": "application/json", "User-Agent": USER_AGENT}
    )
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Without this, requests would add the log-in of ~/.netrc to every call.
    session.auth = _no_log_in
    return session


def _no_log_in(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _explain(error: Exception) -> tuple[str, Outcome, str]:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text:
        why = text[text.find("CERTIFICATE_VERIFY_FAILED") :].partition("(_ssl")[0]
        return (
            f"the forum's certificate is not accepted: {why.strip()}.",
            Outcome.REFUSED,
            "Renew it, or check the address and this machine's clock.",
        )
    if "NameResolutionError" in text or "Failed to resolve" in text:
        return "the forum's name cannot be resolved.", Outcome.POSTPONED, "Check the address and this machine's DNS."
    if isinstance(error, requests.ConnectTimeout):
        return "the forum cannot be reached in time.", Outcome.POSTPONED, "Check the address and firewalls."
    if "NewConnectionError" in text or "Failed to establish a new connection" in text:
        return "the forum refuses connections.", Outcome.POSTPONED, "Is it running, and the port right?"
    if isinstance(error, requests.Timeout):
        return "the forum did not answer in time.", Outcome.DOUBTFUL, "It may be overloaded; try again later."
    return "the connection broke before the whole answer came.", Outcome.DOUBTFUL, "Try again later."
