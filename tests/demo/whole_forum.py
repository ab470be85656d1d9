"""Everything that stands in a demo's forum, for comparing two of them."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sync_worker.demo.workplace import FORUM
from sync_worker.practice_forum.clock import parse_moment

Rows = list[tuple[Any, ...]]
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_DIGEST = re.compile(r"^(lcm-.*-)[0-9a-f]{12}$")
_DEMOS_BEGIN = parse_moment("2027-01-01")
assert _DEMOS_BEGIN is not None
_FIRST_MILLISECOND = int(_DEMOS_BEGIN.timestamp() * 1000)
_A_MILLISECOND = 1_000_000_000_000  # nothing else that a forum counts is so large


def whole_forum(folder: Path) -> dict[str, Rows]:
    """Every row of every table of the forum's database, as sorted rows by table.

    Three things are left out because they are of the run and not of the demo: the forum's address (in texts, and in the
    digest at the end of external ids), when the forum was set up, in real time, before the demo's own began, and what
    the worker said of itself: how many calls it made.
    """
    with closing(sqlite3.connect(folder / FORUM)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            table: sorted((tuple(map(_plain, row)) for row in database.execute(_query(table))), key=repr)
            for table in tables
        }


def _query(table: str) -> str:
    return f'SELECT * FROM "{table}"' + (" WHERE kind != 'worker'" if table == "lcm_reports" else "")


def _plain(cell: Any) -> Any:
    if isinstance(cell, str):
        return _DIGEST.sub(r"\1", _ADDRESS.sub("", cell))
    if isinstance(cell, int) and _A_MILLISECOND < cell < _FIRST_MILLISECOND:
        return "when the forum was set up"
    return cell
