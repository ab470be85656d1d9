"""Connections whose reads end at a deadline for the whole call.

A time-out of `requests` is one for each read: a server that sends one byte a second, in the headers or in the body,
would hold a call for ever. Here every read gets only what is left until the deadline that is in force when the call is
sent (`until`).
"""

from __future__ import annotations

import http.client
import io
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from urllib3.poolmanager import PoolManager

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


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp = io.BufferedReader(_TimedReads(self.fp.detach(), sock))


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
