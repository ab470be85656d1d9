"""What people allow ("don't quote me", no nudges, no pairing): kept by account id, taken in before anything is shown.

The desk takes choices in with everything else that people decide on the forum. Whatever publishes without it reads the
same work through a cursor of its own, so that a choice holds from the moment at which it was made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.store.facts import facts_of
from sync_worker.store.tables import ChoiceRow, CursorRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import WorkItem
    from sync_worker.store.database import Store

PREFERENCE = "preference"
DESK_CURSOR = "work"
CURSOR = "work:choices"
PAIRING = "pairing"
NAMES = ("nudges", "quoting", PAIRING)


def take_in_choices(plugin: Plugin, store: Store, forum_name: str) -> None:
    """Read what people chose since last time, here or on the desk. Calls: 1 a hundred items, at least 1.

    Killed at any moment, the next reading takes in what this one did not; entering a choice twice changes nothing.
    """
    for items in _unread(plugin, store, forum_name):
        with store.begin() as session:
            for item in items:
                if item.kind == PREFERENCE:
                    enter_choice(session, forum_name, item)
            session.merge(CursorRow(forum=forum_name, name=CURSOR, value=str(items[-1].id)))


def _unread(plugin: Plugin, store: Store, forum_name: str) -> Iterator[Sequence[WorkItem]]:
    """Yield what people decided since choices were read last, a page at a time, oldest first."""
    after, more = _cursor(store, forum_name), True
    while more:
        items, more = plugin.work(after)
        if not items:
            return
        yield items
        after = items[-1].id


def enter_choice(session: Session, forum_name: str, item: WorkItem) -> None:
    """Enter what one person chose, unless a later choice of theirs is entered already."""
    row = session.get(ChoiceRow, (forum_name, item.user_id))
    if row is not None and row.at > item.at:
        return
    allowed = {name: item.data.get(name) is not False for name in NAMES}
    session.merge(ChoiceRow(forum=forum_name, user_id=item.user_id, username=item.username, at=item.at, **allowed))


def unquoted(session: Session, forum_name: str) -> frozenset[int]:
    """Return the ids of the accounts that asked not to be quoted, whatever they are called by now."""
    return refusing(session, forum_name, "quoting")


def refusing(session: Session, forum_name: str, name: str) -> frozenset[int]:
    """Return the ids of the accounts that chose against one of `NAMES`."""
    query = select(ChoiceRow.user_id).where(ChoiceRow.forum == forum_name, getattr(ChoiceRow, name).is_(False))
    return frozenset(session.scalars(query))


def unwilling(session: Session, forum_name: str, cohort: str) -> frozenset[int]:
    """Return the ids of the accounts that are not brought together with others.

    They chose so on the forum, or the fact `pairing` about them says no: for forums without the plugin.
    """
    known = facts_of(session, forum_name, cohort)
    said = {number for number, facts in known.items() if PAIRING in facts and facts[PAIRING].value is False}
    return refusing(session, forum_name, PAIRING) | said


def _cursor(store: Store, forum_name: str) -> int:
    """Return how far the choices were read, by this reader or with the rest of the work."""
    with store.begin() as session:
        rows = [session.get(CursorRow, (forum_name, name)) for name in (CURSOR, DESK_CURSOR)]
    return max((int(row.value) for row in rows if row is not None), default=0)
