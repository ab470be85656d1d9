"""The demo's folder: the roster and settings that an admin would have written."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import yaml

from sync_worker.config.private_files import write_private
from sync_worker.demo.scenario import START
from sync_worker.errors import UsageError
from sync_worker.practice_forum.server.options import DEFAULT_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sync_worker.demo.scenario import Scenario

ADMIN = "forumadmin"
SETTINGS, ROSTER, KEY, FORUM, STORE = "lcm.yaml", "roster.csv", "api-key", "forum.db", "lcm.db"
REPORT = "report"
PLUGIN, NO_PLUGIN = "plugin", "no-plugin"
COLUMNS = ("external_id", "email", "name", "cohort", "role")


def prepare_folder(folder: Path) -> None:
    """Make the folder; refuse one in which a demo, or something else of that name, already is.

    Raises:
        UsageError: it cannot be used.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot be made: {error.strerror}.", where=str(folder), do="Name another --dir.") from None
    there = [name for name in (SETTINGS, ROSTER, FORUM, STORE) if (folder / name).exists()]
    if there:
        raise UsageError(f"there is a {there[0]} already.", where=str(folder), do="Name an empty folder with --dir.")


def write_settings(folder: Path, scenario: Scenario, url: str) -> None:
    """Write `lcm.yaml` and the key's file."""
    write_private(folder / KEY, DEFAULT_KEY)
    settings: dict[str, Any] = {
        "forum": {"url": url, "api_username": ADMIN, "key_file": KEY, "calls_per_minute": 1_000_000},
        "store": f"sqlite:///{STORE}",
        "roster": {"csv": ROSTER},
        "cohorts": [
            {
                "key": cohort.key,
                "name": cohort.name,
                "start": START.isoformat(),
                "end": cohort.end.isoformat(),
                "timezone": cohort.timezone,
                "locale": cohort.locale,
                "playbook": "first-steps",
            }
            for cohort in scenario.cohorts
        ],
        "limits": {"allow": ["add", "remove", "owners", "create"], "grace_days": 1},
    }
    text = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
    (folder / SETTINGS).write_text(text, encoding="utf-8")


def write_roster(folder: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write the roster; a reader sees the old one or the new one, never half."""
    new = folder / f"{ROSTER}.new"
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    write_private(new, text.getvalue())
    new.replace(folder / ROSTER)
