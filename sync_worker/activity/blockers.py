"""What people said about blockers, on the desk and on the command line: one journal, to which rows are only added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.model import BlockerWord
from sync_worker.signals.blockers import Said
from sync_worker.store.database import rows_of_cohort
from sync_worker.store.personal import GONE
from sync_worker.store.tables import BlockerWordRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

LONGEST_NAME, LONGEST_NOTE = 60, 500


def said_of_blockers(session: Session, forum: str, cohort: str) -> dict[int, tuple[Said, ...]]:
    """Return what was said about each topic of a cohort, in order."""
    rows = rows_of_cohort(session, BlockerWordRow, forum, cohort, BlockerWordRow.topic_id, BlockerWordRow.number)
    found: dict[int, tuple[Said, ...]] = {}
    for row in rows:
        owner = row.owner if row.owner != GONE else ""  # who was forgotten looks after nothing
        said = Said(BlockerWord(row.word), row.by, row.at, owner, row.note)
        found[row.topic_id] = (*found.get(row.topic_id, ()), said)
    return found


def say(session: Session, forum: str, cohort: str, topic_id: int, said: Said) -> bool:
    """Enter what somebody said, unless that is how it stands already; return whether it was new."""
    query = select(BlockerWordRow).where(BlockerWordRow.forum == forum, BlockerWordRow.topic_id == topic_id)
    rows = session.scalars(query.order_by(BlockerWordRow.number)).all()
    if _stands(rows, said):
        return False
    session.add(
        BlockerWordRow(
            forum=forum,
            topic_id=topic_id,
            number=len(rows) + 1,
            cohort=cohort,
            word=said.word.value,
            owner=said.owner[:LONGEST_NAME],
            note=said.note[:LONGEST_NOTE],
            by=said.by[:LONGEST_NAME],
            at=said.at,
        )
    )
    session.flush()
    return True


def _stands(rows: Sequence[BlockerWordRow], said: Said) -> bool:
    """Whether the last word of this kind says the same."""
    if said.word is BlockerWord.ASSIGN:
        owner = next((row.owner for row in reversed(rows) if row.word == BlockerWord.ASSIGN), "")
        return owner == said.owner[:LONGEST_NAME]
    last = next((row for row in reversed(rows) if row.word != BlockerWord.ASSIGN), None)
    if last is None:
        return False
    both_open = BlockerWord.SOLVE not in (last.word, said.word)
    return (both_open or last.word == said.word) and said.note[:LONGEST_NOTE] in ("", last.note)


def solved_by_word(session: Session, forum: str, topics: Sequence[int]) -> frozenset[int]:
    """Return the topics of which the last word is that they are solved."""
    query = select(BlockerWordRow).where(BlockerWordRow.forum == forum, BlockerWordRow.topic_id.in_(topics))
    rows = session.scalars(query.order_by(BlockerWordRow.number))
    last = {row.topic_id: row.word for row in rows if row.word != BlockerWord.ASSIGN}
    return frozenset(number for number, word in last.items() if word == BlockerWord.SOLVE)
