"""HTTP with bounds of time and size, for the forum and for sources of rosters alike; knows nothing about either."""

from __future__ import annotations

import http.client
import io
import re
import time
import zlib
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Mapping

    from urllib3.poolmanager import PoolManager


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


# Connections whose reads end at a deadline for the whole call.
# A time-out of `requests` is one for each read: a server that sends one byte a second, in the headers or in the body,
# would hold a call for ever. Here every read gets only what is left until the deadline that is in force when the call
# is sent (`until`).


_DEADLINE: ContextVar[float | None] = ContextVar("deadline", default=None)


@contextmanager
def until(deadline: float) -> Iterator[None]:
    """Let every read of calls sent in this context end at `deadline`, in seconds of `time.monotonic`."""
    token = _DEADLINE.set(deadline)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


class _TimedReads(io.RawIOBase):
    """Reads from a socket, each time with the time-out that is left."""

    def __init__(self, inner: io.RawIOBase, connection: socket.socket) -> None:
        self._inner = inner
        self._connection = connection
        self._each = connection.gettimeout()
        self._deadline = _DEADLINE.get()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if self._deadline is not None:
            left = self._deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the deadline of the whole call has passed")
            self._connection.settimeout(left if self._each is None else min(self._each, left))
        return self._inner.readinto(buffer)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
        super().close()


def in_time(reads: io.RawIOBase, connection: socket.socket) -> io.BufferedReader:
    """Return what reads from a socket, as `reads` does, until the deadline that is in force now."""
    return io.BufferedReader(_TimedReads(reads, connection))


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp = in_time(self.fp.detach(), sock)


class _Connection(HTTPConnection):
    response_class = _Response


class _TlsConnection(HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class DeadlineAdapter(HTTPAdapter):
    """The adapter of `requests` with such connections, through proxies too."""

    def init_poolmanager(self, *args: Any, **more: Any) -> None:
        """Make the pools."""
        super().init_poolmanager(*args, **more)
        _use_own_pools(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **more: Any) -> Any:
        """Return the pools for a proxy."""
        manager = super().proxy_manager_for(proxy, **more)
        _use_own_pools(manager)
        return manager


def _use_own_pools(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}


# Unpacks what a server compressed, never more than a given size: a small answer may unpack to gigabytes.


ACCEPTED = "gzip, deflate"
_GZIP, _ZLIB, _BARE_DEFLATE = 31, 15, -15
_KINDS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_MAGIC = b"\x1f\x8b"


class TooLargeError(OSError):
    """An answer is larger than it may be; `limit` is in bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"larger than {limit} bytes")
        self.limit = limit


class UnreadableError(OSError):
    """An answer is not packed as its header says, or in a way that was not asked for."""


class Unpacker:
    """Takes a body in parts, as it comes, and keeps it unpacked.

    Args:
        encoding: the value of the header Content-Encoding.
        limit: bytes that the unpacked body may have.

    Raises:
        UnreadableError: an encoding that is not known.

    """

    def __init__(self, encoding: str, limit: int) -> None:
        kind = encoding.strip().lower()
        if kind not in ("", "identity") and kind not in _KINDS:
            raise UnreadableError("packed in a way that was not asked for")
        self._bits = _KINDS.get(kind)
        self._inflate = zlib.decompressobj(self._bits) if self._bits else None
        self._limit = limit
        self._begun = False
        self._body = bytearray()

    def take(self, part: bytes) -> None:
        """Take the next part of the body.

        Raises:
            TooLargeError: the body outgrows the limit.
            UnreadableError: the part does not unpack.

        """
        if self._inflate is None:
            self._keep(part)
            return
        while part:
            self._keep(self._inflated(part))
            part = self._inflate.unused_data
            self._begun = True
            if part:
                part = self._next_member(part)

    def body(self) -> bytes:
        """Return the whole body.

        Raises:
            UnreadableError: it breaks off.

        """
        if self._inflate is not None and self._begun and not self._inflate.eof:
            raise UnreadableError("the packed answer breaks off")
        return bytes(self._body)

    def _inflated(self, part: bytes) -> bytes:
        assert self._inflate is not None  # noqa: S101 - for the type checker
        room = self._limit - len(self._body) + 1
        try:
            return self._inflate.decompress(part, room)
        except zlib.error:
            if self._bits != _ZLIB or self._begun:
                raise UnreadableError("not packed as its header says") from None
        # Some servers send deflate without the head that the standard asks for.
        self._bits = _BARE_DEFLATE
        self._inflate = zlib.decompressobj(_BARE_DEFLATE)
        return self._inflated(part)

    def _next_member(self, rest: bytes) -> bytes:
        """A gzip may have several members; anything else after its end is padding."""
        if self._bits != _GZIP or not rest.startswith(_MAGIC):
            return b""
        self._inflate = zlib.decompressobj(_GZIP)
        return rest

    def _keep(self, unpacked: bytes) -> None:
        self._body += unpacked
        if len(self._body) > self._limit:
            raise TooLargeError(self._limit)


# Takes keys and e-mail addresses out of what people and logs get to read.


_EMAIL = re.compile(r"[^\s@/<>\"'(),;:=&?]+(?:@|%40)[^\s@/<>\"'(),;:=&?]+", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,200}>")
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)")  # ESC and the like begin what a terminal obeys
LONGEST_TEXT = 300


def redact(text: str, secret: str = "") -> str:
    """Return `text` as one line of at most 300 characters, without markup, the secret, or e-mail addresses."""
    if secret:
        text = text.replace(secret, "[key]")
    text = _EMAIL.sub("[e-mail]", _TAG.sub("", without_controls(text)))
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}..."


def without_controls(text: str) -> str:
    """Return `text` with blanks for the characters by which it could control a terminal; tabs and line ends stay."""
    return _CONTROL.sub(" ", text)


def without_emails(text: str) -> str:
    """Return `text` with its lines, without e-mail addresses."""
    return _EMAIL.sub("[e-mail]", text)


def shown_url(base: str, path: str, secret: str) -> str:
    """Return the address of a call as errors show it: without its query, which may name people."""
    return redact(f"{base}{urlsplit(path).path}", secret)
