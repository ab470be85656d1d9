"""Crawls lists that change while they are read, without losing or doubling anybody who was there throughout."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from sync_worker.errors import ForumError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Item = TypeVar("Item")
OVERLAP = 10
CRAWLS = 3


class Page(NamedTuple):
    """One page: its rows with their ids, and how many rows the forum says there are in all."""

    rows: list[tuple[int, object]]
    total: int


def crawl_by_offset(fetch: Callable[[int], Page], limit: int) -> dict[int, object]:
    """Return every row by id from a list read by offset, in an order where newcomers come last.

    Each page begins with a few rows already read: if the first of them is missing, rows before it have left and moved
    the rest up, so we step back until we meet a known row. Calls: 1 up to `limit` rows, then 1 for each `limit` - 10.

    Raises:
        ForumError: the forum counts more rows than it lists, or does not turn the pages.

    """
    for _ in range(CRAWLS):
        rows, total = _crawl_once(fetch, limit)
        if len(rows) >= total:
            return rows
    raise ForumError(f"the forum says there are {total} and lists {len(rows)}.", do="Try again when it is quieter.")


def _crawl_once(fetch: Callable[[int], Page], limit: int) -> tuple[dict[int, object], int]:
    seen: dict[int, object] = {}
    offset, step_back = 0, OVERLAP
    while True:
        page = fetch(offset)
        if page.rows and offset >= max(page.total, 1):
            raise _stuck(f"rows {offset:,} and on", page.total)
        known = bool(page.rows) and page.rows[0][0] in seen
        if offset and not known:
            offset = max(0, offset - step_back)
            step_back *= 2
            continue
        seen.update(page.rows)
        last = len(page.rows) < limit or offset + len(page.rows) >= page.total
        if last or len(page.rows) <= OVERLAP:
            return seen, page.total
        offset += len(page.rows) - OVERLAP
        step_back = OVERLAP


def crawl_by_number(fetch: Callable[[int], list[tuple[int, Item]]], *, first: int, per_page: int) -> Iterator[Item]:
    """Yield every row once from a list read by page number, until a page is not full.

    Raises:
        ForumError: a full page brings nothing new, so the forum does not turn the pages.

    """
    seen: set[int] = set()
    number = first
    while True:
        rows = fetch(number)
        fresh = {identity: row for identity, row in rows if identity not in seen}
        seen.update(fresh)
        yield from fresh.values()
        if len(rows) < per_page:
            return
        if not fresh:
            raise _stuck(f"page {number}", len(seen))
        number += 1


def _stuck(where: str, total: int) -> ForumError:
    return ForumError(
        f"the forum repeats a list instead of turning its pages ({where}, of {total:,}).",
        do="Is there a cache in front of it?",
    )
