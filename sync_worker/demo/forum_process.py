"""The demo's practice forum, as a process of its own: prints its address, and ends when its parent does."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from sync_worker.demo.scenario import PLUGIN
from sync_worker.errors import LcmError, UsageError
from sync_worker.practice_forum.app import serve
from sync_worker.practice_forum.server.options import LOOPBACK, PROFILES, ForumOptions

SETTINGS = {"default_trust_level": "1"}  # people of the same house know each other: no limits for strangers


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
