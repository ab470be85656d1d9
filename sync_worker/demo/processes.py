"""The demo's two child processes: the practice forum, and a worker that may be killed and is started again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from sync_worker.demo.scenario import FORUM, NO_PLUGIN, PLUGIN
from sync_worker.errors import LcmError, UsageError
from sync_worker.practice_forum.app import serve
from sync_worker.practice_forum.server.options import LOOPBACK, PROFILES, ForumOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime


STOP_SECONDS = 10


def _start(module: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", f"sync_worker.demo.{module}", *arguments]
    return subprocess.Popen(  # noqa: S603 - our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )


def _stop(process: subprocess.Popen[str]) -> None:
    """Close the process's input, which ends it; kill it where it does not end."""
    if process.stdin:
        with suppress(BrokenPipeError):  # a line that a killed process did not read any more is still in the buffer
            process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


class ForumProcess:
    """The practice forum on its own port and file."""

    def __init__(self, folder: Path, port: int, faults: str, fault_seed: int, *, plugin: bool) -> None:
        """Start it.

        Raises:
            UsageError: it cannot be started; says why.

        """
        has = PLUGIN if plugin else NO_PLUGIN
        self._process = _start("processes", str(folder / FORUM), str(port), has, faults, str(fault_seed))
        first = self._process.stdout.readline().strip() if self._process.stdout else ""
        if not first.startswith("READY "):
            _stop(self._process)
            raise UsageError(first.removeprefix("FAILED ") or "the practice forum did not start.")
        self.url = first.removeprefix("READY ")

    def wait(self) -> None:
        """Wait until the forum ends."""
        self._process.wait()

    def stop(self) -> None:
        """End it."""
        _stop(self._process)


class WorkerProcess:
    """The worker; `kills` says after how many seconds of which tick it is killed, once for each number given."""

    def __init__(self, folder: Path, kills: Mapping[datetime, Sequence[float]]) -> None:
        self.killed = 0
        self._folder = folder
        self._kills = {moment: list(delays) for moment, delays in kills.items()}
        self._process: subprocess.Popen[str] | None = None

    def tick(self, now: datetime) -> dict[str, Any]:
        """Let the worker do what is due at `now`, as often as it takes; return what it reports."""
        while True:
            answer = self._try(now)
            if answer is not None and not self._kills.get(now):
                return answer

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            _stop(self._process)
            self._process = None

    def _try(self, now: datetime) -> dict[str, Any] | None:
        process = self._running()
        delays = self._kills.get(now)
        delay = delays.pop(0) if delays else None
        timer = threading.Timer(delay, process.kill) if delay is not None else None
        if timer:
            timer.start()
        line = _exchange(process, f"TICK {now.isoformat()}")
        if timer:
            timer.join()
            process.wait()
            self.killed += 1
            self.stop()
        elif line is None:
            self.stop()
            raise UsageError(f"the worker ended by itself at {now}; see above.", where=str(self._folder))
        return None if line is None else _done(line)

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = _start("worker_process", str(self._folder))
            first = self._process.stdout.readline().strip() if self._process.stdout else ""
            if first != "READY":
                self.stop()
                raise UsageError(first.removeprefix("FAILED ") or "the worker did not start.")
        return self._process


def _exchange(process: subprocess.Popen[str], line: str) -> str | None:
    """Send a line and return the one that comes back; None where the process is gone."""
    if process.stdin is None or process.stdout is None:
        raise ValueError("the process has no pipes")
    try:
        process.stdin.write(f"{line}\n")
        process.stdin.flush()
    except BrokenPipeError:
        return None
    answer = process.stdout.readline()
    return answer if answer.startswith("DONE ") and answer.endswith("\n") else None


def _done(line: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(line.removeprefix("DONE "))
    return answer


# The demo's practice forum, as a process of its own: prints its address, and ends when its parent does.


SETTINGS = {
    "default_trust_level": "1",  # people of the same house know each other: no limits for strangers
    "content_localization_enabled": "true",  # the French cohort's topics are there in English too
}


def main(database: str, port: str, plugin: str, faults: str, fault_seed: str) -> None:
    """Serve the forum until standard input is closed."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        if faults not in PROFILES:
            raise UsageError(f"no fault profile is called '{faults}'.", do=f"Known: {', '.join(PROFILES)}.")
        options = ForumOptions(
            plugin=plugin == PLUGIN, faults=PROFILES[faults], fault_seed=int(fault_seed), settings=SETTINGS
        )
        serve(LOOPBACK, int(port), Path(database), options=options, ready=lambda address: say(f"READY {address}"))
    except LcmError as error:
        say(f"FAILED {error}")
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or error).strip()
        say(f"FAILED {database}: the forum's database cannot be opened: {why}. Name another --dir.")
    except OSError as error:
        say(f"FAILED cannot listen on port {port}: {error.strerror}. Choose another --port.")


def say(line: str) -> None:
    """Tell the parent something."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:6])
