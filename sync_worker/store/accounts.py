"""One person has another account: what is kept of the one counts for the other from then on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, and_, delete, false, insert, or_, select, update

from sync_worker.model import TOGETHER
from sync_worker.store.ledger import HANDED
from sync_worker.store.personal import ACCOUNTS, LISTS_OF_ACCOUNTS, PART_WITH_ACCOUNTS, account_columns, text_columns
from sync_worker.store.tables import ACTIVITY_COUNTS, CursorRow, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Table as SqlTable
    from sqlalchemy.orm import Session

Row = dict[str, Any]
OF_SYNCS = frozenset({"identities", "memberships", "unpaired", "settlements", "changes", "seen"})
"""Tables of what syncs did to accounts: they go on to tell what was done to which account, and syncs read the forum."""
COUNTED_ANEW = frozenset({"activity_days", "answer_weeks"})
"""Tables that are counted from posts and likes."""
PAIRING = "pairing"  # of all facts the one that is a wish
NO = "no"


@dataclass(frozen=True, slots=True)
class Move:
    """From which account to which, and what the second is called."""

    forum: str
    source: int
    target: int
    username: str

    def value(self, value: Any, name: str = "") -> Any:
        """Return a value of a column, or any part of JSON, with the second account in the place of the first."""
        if isinstance(value, dict):
            return {key: self.value(one, str(key)) for key, one in value.items()}
        if isinstance(value, list | tuple):
            moved = [self.value(one, name) for one in value]
            return list(dict.fromkeys(moved)) if name in LISTS_OF_ACCOUNTS else moved
        if name == "part" and isinstance(value, str):
            return PART_WITH_ACCOUNTS.sub(lambda found: re.sub(r"\d+", self._number, found[0]), value)
        is_account = name in ACCOUNTS | LISTS_OF_ACCOUNTS and isinstance(value, int) and not isinstance(value, bool)
        return self.target if is_account and value == self.source else value

    def _number(self, found: re.Match[str]) -> str:
        return str(self.target) if int(found[0]) == self.source else found[0]


def move_account(session: Session, forum: str, source: int, target: int, username: str) -> None:
    """Let everything that is kept of one account count for another: choices, facts, what it got, what waits for it.

    Call it in the transaction in which the person gets the other account, where the first is not on the forum any more.
    Where both have a row of the same kind, one is made of both; of two wishes the stricter one stands.

    Args:
        session: of the store.
        forum: its name.
        source: the account that is gone.
        target: the one that the person has now.
        username: its name.

    """
    move = Move(forum, source, target, username)
    for table in Table.metadata.sorted_tables:
        if "forum" not in table.columns or table.name in OF_SYNCS | COUNTED_ANEW:
            continue
        for row in _rows(session, move, table):
            _move_row(session, move, table, row)
    session.execute(delete(CursorRow).where(CursorRow.forum == forum, CursorRow.name == ACTIVITY_COUNTS))
    session.expire_all()


def move_wishes(session: Session, forum: str, source: int, target: int, username: str) -> None:
    """Let what a person does not want hold for their new account; arguments are those of `move_account`.

    Of an account that was anonymised nothing else goes along: the forum cut the ties between it and the person.
    """
    move = Move(forum, source, target, username)
    choices, facts = Table.metadata.tables["choices"], Table.metadata.tables["facts"]
    for row in _rows(session, move, choices):
        _move_row(session, move, choices, row)
    for row in _rows(session, move, facts):
        if row["name"] == PAIRING and row["value"] == NO:
            _move_row(session, move, facts, row)
    session.expire_all()


def _rows(session: Session, move: Move, table: SqlTable) -> Iterator[Row]:
    """Yield the rows of a table in which the account is named, as they are."""
    query = select(table).where(table.c.forum == move.forum)
    if not any(isinstance(column.type, JSON) for column in table.columns):
        query = query.where(or_(false(), *(column == move.source for column in account_columns(table))))
    for found in session.execute(query).mappings().all():
        row = dict(found)
        if _moved(move, table, row) != row:
            yield row


def _moved(move: Move, table: SqlTable, row: Mapping[str, Any]) -> Row:
    named = {one.name for one in (*account_columns(table), *text_columns(table))} | {"part"}
    moved = {name: move.value(value, name) if name in named else value for name, value in row.items()}
    if row.get("user_id") == move.source and row.get("username"):
        moved["username"] = move.username
    subject = row.get("subject")
    if isinstance(subject, str) and subject.startswith(HANDED) and subject.endswith(f":{move.source}"):
        moved["subject"] = f"{subject.rpartition(':')[0]}:{move.target}"
    if table.name in ("ledger", "drafts") and _is_left_alone(row, moved):
        moved |= {"state": {"intended": "skipped"}.get(row["state"], "withdrawn")}
    return moved


def _is_left_alone(row: Mapping[str, Any], moved: Mapping[str, Any]) -> bool:
    """Whether an entry that was to bring two accounts together would bring a person together with themselves."""
    before, after = (one.get("payload") or one.get("body") or {} for one in (row, moved))
    alone = len(after.get("about_users") or ()) == 1 < len(before.get("about_users") or ())
    return alone and TOGETHER in after.get("refs", ()) and row["state"] in ("intended", "pending", "approved")


def _move_row(session: Session, move: Move, table: SqlTable, row: Row) -> None:
    moved = _moved(move, table, row)
    keys = list(table.primary_key.columns)
    here, there = (and_(*(column == one[column.name] for column in keys)) for one in (row, moved))
    if all(row[column.name] == moved[column.name] for column in keys):
        session.execute(update(table).where(here).values({name: moved[name] for name in moved if name not in keys}))
        return
    session.execute(delete(table).where(here))
    other = session.execute(select(table).where(there)).mappings().first()
    if table.name == "likes" and moved["user_id"] == moved["author_id"]:
        return  # nobody likes their own post
    if other is None:
        session.execute(insert(table).values(moved))
    else:
        both = ONE_OF_BOTH[table.name](moved, dict(other))
        session.execute(update(table).where(there).values(both))


# Of two rows of one person, the one that both come to; the second is that of the account that stays.


def _choice(moved: Row, kept: Row) -> Row:
    """Return what both accounts allow, said when either said it last: then no older word undoes it."""
    names = ("nudges", "quoting", "pairing")
    allowed = {name: moved[name] and kept[name] for name in names}
    times = [f"{name}_at" for name in names] + ["at"]
    said = {name: max((one[name] for one in (moved, kept) if one[name] is not None), default=None) for name in times}
    return {**kept, **allowed, **said}


def _fact(moved: Row, kept: Row) -> Row:
    """Return the fact that was observed last, and of two wishes the no."""
    if moved["name"] == PAIRING and NO in (moved["value"], kept["value"]):
        return moved if moved["value"] == NO else kept
    return moved if moved["at"] > kept["at"] else kept


def _dismissal(moved: Row, kept: Row) -> Row:
    """Return the sign that is put aside for longer; without a day it is put aside for good."""
    if moved["until"] is None or kept["until"] is None:
        return kept if kept["until"] is None else moved
    return moved if moved["until"] > kept["until"] else kept


def _visit(moved: Row, kept: Row) -> Row:
    return {**kept, **{name: moved[name] + kept[name] for name in ("posts_read", "seconds_read")}}


def _plan(moved: Row, kept: Row) -> Row:
    """Return the plan that was written first, as the topic is read; what was asked about either is not asked again."""
    first, second = (moved, kept) if moved["written_at"] < kept["written_at"] else (kept, moved)
    asked = first if first["asked_at"] or not second["asked_at"] else second
    later = first if first["later_at"] or not second["later_at"] else second
    return {
        **first,
        **{name: asked[name] for name in ("asked_at", "asked_key", "talk")},
        **{name: later[name] for name in ("later_at", "later_key")},
    }


def _first(moved: Row, kept: Row) -> Row:
    del moved
    return kept


ONE_OF_BOTH: Mapping[str, Callable[[Row, Row], Row]] = {
    "choices": _choice,
    "facts": _fact,
    "dismissals": _dismissal,
    "visits": _visit,
    "commitments": _plan,
    "likes": _first,
}
"""Tables of which an account is a part of the key."""
