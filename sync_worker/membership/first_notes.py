"""What a run writes down in the store before it changes anything on the forum."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.membership.matching.identity import Match
from sync_worker.membership.planning.build import settle
from sync_worker.membership.records.memberships import State, Tie, TieKey, TieRecord
from sync_worker.model import ChangeKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_worker.membership.applying.books import Books
    from sync_worker.membership.preparing import Prepared
    from sync_worker.membership.state import CategoryState, GroupState
    from sync_worker.model import Change


def write_first_notes(prepared: Prepared, books: Books, run: str, now: datetime) -> None:
    """Remember who is who, where ties stand, who waits for removal, and what killed runs had done."""
    memory = books.memory
    memory.remember_people({key: match for key, match in prepared.who.items() if isinstance(match, Match)}, now)
    books.journal.settle_open(prepared.scene.shows, now)
    for kind, name, number in _made_unrecorded(prepared):
        adopted = prepared.remembered.created[kind, name].adopted
        memory.write_created(kind, name, number, run, now, adopted=adopted)
    books.unseen.write_down(prepared.unseen, prepared.who, prepared.observed, memory, run, now)
    ties = settle(prepared.desired, prepared.observed, prepared.remembered.ties)
    memory.write_ties(ties | dict(map(mark_of, prepared.plan.of(ChangeKind.GRACE))), run, now)


def mark_of(line: Change) -> tuple[TieKey, TieRecord]:
    """Return what is written down about a person who waits for removal or demotion."""
    detail = line.detail
    record = TieRecord(
        State.MARKED,
        line.username or "",
        detail["key"],
        line.cohort,
        detail["digests"],
        datetime.fromisoformat(detail["since"]),
        detail["clean_runs"],
    )
    return TieKey(line.target, line.user_id or 0, Tie(detail.get("tie", Tie.MEMBER))), record


def _made_unrecorded(prepared: Prepared) -> Iterator[tuple[str, str, int]]:
    """Yield what an earlier run was making when it was killed and the forum has: kind, name, id."""
    for one in prepared.desired:
        there = prepared.observed.cohorts[one.cohort.key]
        pairs: tuple[tuple[str, str, GroupState | CategoryState | None], ...] = (
            ("group", one.cohort.group, there.group),
            ("group", one.cohort.lcm_group, there.lcm_group),
            ("category", one.cohort.category_slug, there.category),
        )
        alumni = one.cohort.alumni_group
        if alumni:
            pairs = (*pairs, ("group", alumni, prepared.observed.alumni.get(alumni)))
        for kind, name, found in pairs:
            ours = prepared.remembered.created.get((kind, name))
            if ours and ours.forum_id is None and found and found.id is not None:
                yield kind, name, found.id
