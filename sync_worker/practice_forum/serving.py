"""Serving a practice forum over HTTP, in the foreground or in a thread."""

from __future__ import annotations

import logging
import signal
import socket
import threading
from typing import TYPE_CHECKING

from waitress import create_server
from waitress.wasyncore import close_all, loop

from sync_worker.practice_forum.app import create_app
from sync_worker.practice_forum.server.options import LOOPBACK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from sync_worker.practice_forum.server.forum import Forum
    from sync_worker.practice_forum.server.options import ForumOptions


_THREADS = 4


class ForumServer:
    """A practice forum that listens; port 0 takes a free one. A context manager that serves in a thread."""

    def __init__(
        self,
        database: Path | str,
        *,
        host: str = LOOPBACK,
        port: int = 0,
        options: ForumOptions | None = None,
    ) -> None:
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)
        self.app = create_app(database, options=options)
        self.forum: Forum = self.app.extensions["forum"]
        address = socket.gethostbyname(host)
        self._server = create_server(
            self.app,
            host=address,
            port=port,
            threads=_THREADS,
            clear_untrusted_proxy_headers=False,
            ident="practice-forum",
            max_request_body_size=64 * 1024 * 1024,
        )
        self.port = int(self._server.effective_port)
        self.url = f"http://{host}:{self.port}"
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        self._pulled = threading.Event()

    def run(self) -> None:
        """Serve until the process is asked to end (or `stop` is called from another thread), then clean up."""
        sockets = self._server._map
        try:
            while not self._ending.is_set():
                loop(timeout=1.0, use_poll=True, map=sockets, count=1)
        except KeyboardInterrupt:
            self._ending.set()
        finally:
            if self._thread is not None:
                # Any other pull may have woken the loop for `stop`, which must not then write into a closed trigger.
                self._pulled.wait(timeout=10)
            self._server.task_dispatcher.shutdown()
            close_all(sockets, ignore_all=True)
            self.forum.close()

    def start(self) -> None:
        """Serve in a thread."""
        self._thread = threading.Thread(target=self.run, name="practice-forum", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End what `start` began, and wait for it."""
        if self._thread is not None:
            self._server.trigger.pull_trigger(self._ending.set)
            self._pulled.set()
            self._thread.join(timeout=10)
            self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def serve(
    host: str,
    port: int,
    database: Path | str,
    *,
    options: ForumOptions | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve a practice forum until SIGTERM or Ctrl-C.

    Args:
        host: address to listen on; loopback unless the forum is to be seen from elsewhere (it has no login).
        port: 0 takes a free one.
        database: the SQLite file, made where absent, or `:memory:`.
        options: how the forum is to behave.
        ready: called with the forum's address once it listens.

    """
    server = ForumServer(database, host=host, port=port, options=options)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _end)
    if ready is not None:
        ready(server.url)
    server.run()


def _end(*_: object) -> None:
    raise SystemExit(0)
