"""Demos that are over, and everything that stands on their forums, for comparing two of them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from sync_worker.demo.driver import Played, play
from sync_worker.demo.scenario import FORUM, Scenario
from sync_worker.practice_forum.server.options import parse_moment

OWN = re.compile(r"http://127\.0\.0\.1:\d+|<!-- lcm:\S+ -->")
SEEDED = 6  # the topics with which every forum starts
Rows = list[tuple[Any, ...]]
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_DIGEST = re.compile(r"\b(lcm-[a-z0-9-]*-)[0-9a-f]{12,16}\b")
_SECONDS = re.compile(r'"seconds": [0-9.]+')
_QUERIES = {
    "lcm_reports": "SELECT * FROM lcm_reports WHERE kind != 'worker'",
    # Which option people of the demo choose follows from the number of the post with the poll.
    "poll_votes": "SELECT poll_id, user_id, created_at FROM poll_votes",
    "lcm_feed_posts": "SELECT category_id, post_id, topic_id, at, gone FROM lcm_feed_posts",
}
_DEMOS_BEGIN = parse_moment("2027-01-01")
assert _DEMOS_BEGIN is not None
_FIRST_MILLISECOND = int(_DEMOS_BEGIN.timestamp() * 1000)
_A_MILLISECOND = 1_000_000_000_000  # nothing else that a forum counts is so large


def play_and_stop(scenario: Scenario, folder: Path, **more: Any) -> Played:
    played = play(scenario, folder, **more)
    played.stop()
    return played


def forum_texts(folder: Path) -> list[tuple[Any, ...]]:
    """Everything that stands on the forum, in order, without its own address and the marks made from that."""
    queries = (
        f"""SELECT t.id, t.title, t.slug, t.archetype, t.category_id, t.created_at, t.bumped_at, t.pinned_until,
           t.posts_count FROM topics t WHERE t.id > {SEEDED} ORDER BY t.id""",
        f"""SELECT p.id, p.topic_id, p.post_number, u.username, p.raw, p.cooked, p.created_at, p.like_count,
           p.reply_to_post_number FROM posts p JOIN users u ON u.id = p.user_id WHERE p.topic_id > {SEEDED}
           ORDER BY p.topic_id, p.post_number""",
        "SELECT post_id, user_id, created_at FROM likes ORDER BY post_id, user_id",
        """SELECT g.name, u.username, m.owner FROM group_users m JOIN groups g ON g.id = m.group_id
           JOIN users u ON u.id = m.user_id ORDER BY g.name, u.username""",
        "SELECT topic_id, user_id FROM topic_allowed_users ORDER BY topic_id, user_id",
    )
    with closing(sqlite3.connect(folder / "forum.db")) as database:
        rows = [row for query in queries for row in database.execute(query)]
    return [tuple(OWN.sub("", cell) if isinstance(cell, str) else cell for cell in row) for row in rows]


def decisions(folder: Path) -> list[tuple[str, str, str]]:
    """What people decided on the plugin's pages: its kind, the cohort, and who did."""
    query = "SELECT d.kind, d.cohort, u.username FROM lcm_decisions d JOIN users u ON u.id = d.user_id ORDER BY d.id"
    with closing(sqlite3.connect(folder / "forum.db")) as database:
        return list(database.execute(query))


def whole_forum(folder: Path) -> dict[str, Rows]:
    """Every row of every table of the forum's database, as sorted rows by table.

    What is of the run and not of the demo is left out: the forum's address (in texts, in the digest at the end of keys,
    and in fingerprints of texts), when the forum was set up, in real time, before the demo's own began, how long the
    forum took for a call, and what the worker said of itself: how many calls it made.
    """
    with closing(sqlite3.connect(folder / FORUM)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {table: _rows(database, table) for table in tables}


_ORIGINAL = re.compile(r'(?<="original_post_id": )(\d+)')
_PLACES = "SELECT id, topic_id, post_number FROM posts"


def _rows(database: sqlite3.Connection, table: str) -> Rows:
    """Return the rows of a table. Posts are told by their places: of two that are due together one may be refused once.

    It is then written behind the other, so that they change numbers.
    """
    found = database.execute(_QUERIES.get(table, f'SELECT * FROM "{table}"'))
    of_posts = [at for at, column in enumerate(found.description) if _is_number_of_a_post(table, column[0])]
    rows = [list(map(_plain, row)) for row in found.fetchall()]
    places = {number: f"{topic}/{place}" for number, topic, place in database.execute(_PLACES)}
    for row in rows:
        for at in of_posts:
            row[at] = places.get(row[at], row[at])
        row[:] = [_with_places(cell, places) for cell in row]
    return sorted(map(tuple, rows), key=repr)


def _with_places(cell: Any, places: Mapping[int, str]) -> Any:
    if not isinstance(cell, str):
        return cell
    return _ORIGINAL.sub(lambda found: places.get(int(found[1]), found[1]), cell)


def _is_number_of_a_post(table: str, column: str) -> bool:
    return column.endswith("post_id") or (table == "posts" and column == "id")


def _plain(cell: Any) -> Any:
    if isinstance(cell, str):
        return _SECONDS.sub("", _DIGEST.sub(r"\1", _ADDRESS.sub("", cell)))
    if isinstance(cell, int) and _A_MILLISECOND < cell < _FIRST_MILLISECOND:
        return "when the forum was set up"
    return cell
