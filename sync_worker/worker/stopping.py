"""Waits that end at once when the process is asked to stop."""

from __future__ import annotations

import threading

from sync_worker.errors import StoppedWaiting


class Stopping:
    """Whether this process was asked to stop, and a sleep that ends then."""

    def __init__(self) -> None:
        self._asked = threading.Event()

    def ask(self) -> None:
        """Ask the process to stop; every sleep ends."""
        self._asked.set()

    def sleep(self, seconds: float) -> None:
        """Sleep.

        Raises:
            StoppedWaiting: the process was asked to stop; what is going on ends here, as if the process were killed.

        """
        if self._asked.wait(seconds):
            raise StoppedWaiting
