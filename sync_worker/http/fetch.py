"""One HTTP call with bounds: seconds for each wait and for the whole, and a size for the body, unpacked too."""

from __future__ import annotations

import time
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any

import requests
from urllib3.exceptions import HTTPError

from sync_worker.http.deadline import DeadlineAdapter, until
from sync_worker.http.unpack import ACCEPTED, TooLargeError, Unpacker, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

CHUNK = 64 * 1024
LARGEST_ANSWER = 64 * 1024 * 1024
LONGEST_LENGTH = 18
ROUNDING = 0.01


class OverdueError(OSError):
    """A call took longer in all than it may; `limit` is in seconds."""

    def __init__(self, limit: float) -> None:
        super().__init__(f"longer than {limit:.0f} s in all")
        self.limit = limit


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a call may take: seconds to connect, to wait for the next part, and in all; bytes of its unpacked body."""

    connect: float
    read: float
    whole: float
    size: int = LARGEST_ANSWER


def fetch(
    session: requests.Session, verb: str, url: str, bounds: Bounds, **content: Any
) -> tuple[requests.Response, bytes]:
    """Send one call, follow no redirect, and return the answer with its whole body, unpacked.

    Args:
        session: one of `open_session`.
        verb: HTTP method.
        url: the whole address.
        bounds: how long and how large.
        content: `headers`, `params`, `data`, `json` or `files` as requests takes them.

    Raises:
        OverdueError: the whole took too long.
        TooLargeError: the body is larger than it may be; the rest was not read.
        UnreadableError: the body cannot be unpacked.
        requests.RequestException: no answer.
        OSError: the connection broke.

    """
    deadline = time.monotonic() + bounds.whole
    timeouts = (min(bounds.connect, bounds.whole), min(bounds.read, bounds.whole))
    try:
        with (
            until(deadline),
            session.request(verb, url, timeout=timeouts, allow_redirects=False, stream=True, **content) as response,
        ):
            return response, _body(response, bounds.size)
    except (TooLargeError, UnreadableError):
        raise
    except (requests.RequestException, HTTPError, OSError) as error:
        if time.monotonic() >= deadline - ROUNDING:
            raise OverdueError(bounds.whole) from None
        if isinstance(error, HTTPError):
            raise requests.ConnectionError(error) from None
        raise


def _body(response: requests.Response, limit: int) -> bytes:
    declared = response.headers.get("Content-Length", "")
    if declared.isascii() and declared.isdigit() and (len(declared) > LONGEST_LENGTH or int(declared) > limit):
        raise TooLargeError(limit)
    if isinstance(read := vars(response).get("_content"), bytes):  # by a response hook, as tests have them
        return read
    unpacker = Unpacker(response.headers.get("Content-Encoding", ""), limit)
    while part := response.raw.read(CHUNK, decode_content=False):
        unpacker.take(part)
    return unpacker.body()


class _Session(requests.Session):
    """Looks at no Location: requests parses one even where it is not to follow it, and breaks at what is no address."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        del resp


def open_session(headers: Mapping[str, str], *, connections: int) -> requests.Session:
    """Return a session that keeps no cookies, follows nothing, and takes no log-in from ~/.netrc.

    Args:
        headers: what every call carries.
        connections: how many connections to one host are kept open.

    """
    session = _Session()
    adapter = DeadlineAdapter(pool_connections=2, pool_maxsize=connections, max_retries=0)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    session.headers.update({"Accept": "application/json", "Accept-Encoding": ACCEPTED, **headers})
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    # Without this, requests would add the log-in of ~/.netrc to every call.
    session.auth = _no_log_in
    return session


def _no_log_in(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
