"""Questions to the ledger, in both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sync_worker.model import Draft, DraftKind
from sync_worker.store.ledger import draft_body, drafts, intended_entry, published_rows
from sync_worker.store.tables import DraftRow

if TYPE_CHECKING:
    from sync_worker.store.database import Store

FORUM, COHORT = "forum.example.org", "spring"
MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)


def body(*refs: str, raw: str = "Hello.") -> dict[str, object]:
    draft = Draft(DraftKind.TOPIC, reason="It is Monday.", raw=raw, title="A title", refs=refs)
    return draft_body(draft, play="prompt", step="week", slot=MONDAY)


BODIES = {
    "roundup": body("roundup"),
    "story": body("shared", "story"),
    "speaks": body("prompt", raw='She wrote "roundup" and "story".'),
    "escaped": body('100%_"é"'),
    "alike": body("100x_é"),
    "none": body(),
}


def found_in(store: Store, *refs: str) -> tuple[list[str], list[str]]:
    """Return what is published, and what waits for an LCM, with one of these refs."""
    with store.begin() as session:
        published = [row.key for row in published_rows(session, FORUM, COHORT, refs=refs)]
        waiting = [row.key for row in drafts(session, FORUM, COHORT, refs=refs)]
    return published, waiting


@pytest.mark.parametrize(
    ("refs", "expected"),
    [
        (("roundup",), ["roundup"]),
        (("story", "roundup"), ["roundup", "story"]),
        (('100%_"é"',), ["escaped"]),
        (("sto",), []),
        ((), []),
    ],
)
def test_texts_are_found_by_their_refs_and_not_by_the_words_in_them(
    store: Store, refs: tuple[str, ...], expected: list[str]
) -> None:
    with store.begin() as session:
        for place, (key, payload) in enumerate(BODIES.items()):
            at = MONDAY + timedelta(minutes=place)
            of = {"forum": FORUM, "cohort": COHORT}
            session.add(intended_entry(key, **of, action="topic", payload=payload, step="week", slot=at, now=at))
            session.add(DraftRow(key=key, **of, body=payload, state="pending", created_at=at))
    assert found_in(store, *refs) == (expected, expected)
