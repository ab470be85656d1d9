"""Lists that change while they are read."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_worker.errors import ForumError
from sync_worker.forum.accounts import Page, crawl_by_number, crawl_by_offset

LIMIT = 30


class ChangingList:
    """A list in order of joining, of which some leave and to which others come between pages."""

    def __init__(self, size: int, seed: int, leaving: int, joining: int, changes: int) -> None:
        self.rng = random.Random(seed)
        self.ids = list(range(1, size + 1))
        self.stayed = set(self.ids)
        self.leaving, self.joining, self.changes = leaving, joining, changes
        self.next_id = size + 1
        self.fetches = 0

    def fetch(self, offset: int) -> Page:
        self.fetches += 1
        rows = [(identity, object()) for identity in self.ids[offset : offset + LIMIT]]
        page = Page(rows, len(self.ids))
        if self.changes:
            self.changes -= 1
            for identity in self.rng.sample(self.ids, min(self.leaving, len(self.ids))):
                self.ids.remove(identity)
                self.stayed.discard(identity)
            self.ids += range(self.next_id, self.next_id + self.joining)
            self.next_id += self.joining
        return page


@settings(deadline=None)
@given(
    size=st.integers(0, 200),
    seed=st.integers(0, 10_000),
    leaving=st.integers(0, 40),
    joining=st.integers(0, 15),
    changes=st.integers(0, 6),
)
def test_nobody_who_stays_is_lost_and_nobody_is_made_up(
    size: int, seed: int, leaving: int, joining: int, changes: int
) -> None:
    changing = ChangingList(size, seed, leaving, joining, changes)
    found = crawl_by_offset(changing.fetch, LIMIT)
    assert changing.stayed <= set(found) <= set(range(1, changing.next_id))


@pytest.mark.parametrize(("size", "calls"), [(0, 1), (1, 1), (29, 1), (30, 1), (31, 2), (50, 2), (51, 3), (200, 10)])
def test_a_quiet_list_costs_one_call_a_page(size: int, calls: int) -> None:
    quiet = ChangingList(size, 0, 0, 0, 0)
    assert len(crawl_by_offset(quiet.fetch, LIMIT)) == size
    assert quiet.fetches == calls


def test_a_forum_that_lists_fewer_than_it_counts_is_not_believed() -> None:
    with pytest.raises(ForumError, match="says there are 3 and lists 2"):
        crawl_by_offset(lambda _offset: Page([(1, ""), (2, "")], 3), LIMIT)


@given(st.lists(st.integers(1, 50), unique=True, max_size=50), st.integers(0, 5))
def test_numbered_pages_yield_each_row_once_though_rows_slide_to_later_pages(ids: list[int], shift: int) -> None:
    def fetch(page: int) -> list[tuple[int, int]]:
        start = max(0, page * 10 - (shift if page else 0))
        return [(identity, identity) for identity in ids[start : start + 10]]

    assert list(crawl_by_number(fetch, first=0, per_page=10)) == ids


def test_a_forum_that_does_not_turn_the_page_is_an_error_and_not_a_loop() -> None:
    with pytest.raises(ForumError, match=r"instead of turning its pages \(page 2"):
        list(crawl_by_number(lambda _page: [(1, "a"), (2, "b")], first=1, per_page=2))


def test_a_forum_that_ignores_the_offset_is_an_error_and_not_a_loop() -> None:
    rows: list[tuple[int, object]] = [(number, "") for number in range(1, LIMIT + 1)]
    with pytest.raises(ForumError, match=r"says there are|instead of turning its pages"):
        crawl_by_offset(lambda _offset: Page(rows, LIMIT + 4), LIMIT)
