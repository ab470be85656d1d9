"""Starting: the command and the service against a bare Python, in time and in memory."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

BARE = "pass"
HELP = "import sys; sys.argv[1:] = ['--help']; from sync_worker.cli import main; main()"
SERVICE = "import sync_worker.cli.run"
"""All that `lcm run` imports, as far as every installation has it."""
TELL = "import atexit, sys; atexit.register(lambda: sys.stderr.write(open('/proc/self/status').read()))"
"""The system adds the parent's memory to that of a child until the child begins; only the child knows its own."""
REPEATS = 5


@dataclass(frozen=True)
class Start:
    """One way to start: seconds until it ended, and the most memory that it held, in megabytes; None where unknown."""

    seconds: float
    megabytes: float | None


def measure(repeats: int = REPEATS) -> tuple[Start, Start, Start]:
    """Return what a bare Python, `lcm --help` and the service take; they take turns, and the shortest time counts."""
    ways = (BARE, HELP, SERVICE)
    seconds = [[_seconds(way) for way in ways] for _ in range(repeats)]
    best = [Start(min(taken), _megabytes(way)) for way, taken in zip(ways, zip(*seconds, strict=True), strict=True)]
    return best[0], best[1], best[2]


def _seconds(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begun


def _megabytes(code: str) -> float | None:
    """Return the most memory that a process held at once, where the system says it (Linux)."""
    if not Path("/proc/self/status").exists():
        return None
    command = [sys.executable, "-c", f"{TELL}\n{code}"]
    told = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True, text=True).stderr
    found = re.search(r"VmHWM:\s+(\d+) kB", told)
    assert found is not None, told
    return int(found[1]) * 1024 / 1e6
