"""The demo's worker, as a process of its own: does on each tick what the real one does, with the real code.

It reads `TICK <time>` lines and answers each with `DONE <json>`. It may be killed at any instruction, started again
and given the same tick.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync_worker import membership
from sync_worker.config import load_settings
from sync_worker.config.load import api_key
from sync_worker.demo.scenario import SYNC_HOUR
from sync_worker.demo.workplace import SETTINGS
from sync_worker.errors import ForumError, LcmError
from sync_worker.forum import Forum
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.rosters import read_roster
from sync_worker.store.database import open_store
from sync_worker.worker.run import run_due

if TYPE_CHECKING:
    from sync_worker.config import Settings
    from sync_worker.store.database import Store

SYNC_TRIES = 5


def main(folder: Path) -> None:
    """Answer ticks until standard input is closed."""
    settings = load_settings(folder / SETTINGS)
    store = open_store(settings.store)
    playbooks = playbooks_of(settings, REGISTRY)
    with Forum.connect(settings.forum, api_key(settings.forum)) as forum:
        _say("READY")
        for line in sys.stdin:
            now = datetime.fromisoformat(line.removeprefix("TICK ").strip())
            before = forum.calls.total
            failures: list[str] = []
            happenings: list[Any] = []
            if now.astimezone(UTC).hour == SYNC_HOUR:
                failures += _sync(forum, store, settings, now)
            try:
                report = run_due(forum, store, settings, playbooks, now)
                failures += report.failures
                happenings = report.to_json()["happenings"]
            except ForumError as error:
                failures.append(str(error))
            done = {"calls": forum.calls.total - before, "happenings": happenings, "failures": failures}
            _say(f"DONE {json.dumps(done, ensure_ascii=True, default=str)}")
    store.close()


def _sync(forum: Forum, store: Store, settings: Settings, now: datetime) -> list[str]:
    """Make the forum agree with the roster; where the forum fails, try again as the next run of `lcm sync` would."""
    failures: list[str] = []
    for _ in range(SYNC_TRIES):
        try:
            _, report = membership.sync(settings, read_roster(settings, now=now), forum, store, now=now)
        except LcmError as error:
            failures.append(f"sync: {error}")
            continue
        failures += [f"sync: {failure.change.target}: {failure.reason}" for failure in report.failed]
        if not report.failed:
            break
    return failures


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except LcmError as problem:
        _say(f"FAILED {problem}")
