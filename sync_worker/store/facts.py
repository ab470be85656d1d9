"""Facts about people as the store keeps them: by account, typed, with the source and the day; a newer value replaces.

What is unknown has no row. Values are personal data: nothing here logs them, and they are forgotten with the person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, inspect, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from sync_worker.model import FACT_NAME, MANAGER_EMAIL, Fact, FactType
from sync_worker.store.database import in_parts
from sync_worker.store.forgotten import read_forgotten
from sync_worker.store.tables import EvidenceRow, FactRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import FactValue
    from sync_worker.store.forgotten import Forgotten

ANY_COHORT = ""
MAX_SOURCE = 255
YES, NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a fact belongs: the account, the cohort (`ANY_COHORT`: whichever the person is in), and its name."""

    user_id: int
    name: str
    cohort: str = ANY_COHORT


def facts_of(
    session: Session, forum: str, cohort: str, people: Collection[int] | None = None
) -> dict[int, dict[str, Fact]]:
    """Return what is known about people, by account id and name; a fact of this cohort hides one of the person.

    People without any fact are missing, and so are facts of other cohorts: what is missing is unknown. With `people`,
    it is about these few only.
    """
    query = select(FactRow).where(FactRow.forum == forum, FactRow.cohort.in_((ANY_COHORT, cohort)))
    if people is not None:
        query = query.where(FactRow.user_id.in_(people))
    found: dict[int, dict[str, Fact]] = {}
    for row in session.scalars(query.order_by(FactRow.user_id, FactRow.name, FactRow.cohort)):  # "" comes first
        found.setdefault(row.user_id, {})[row.name] = fact_of(row)
    return found


def fact_of(row: FactRow) -> Fact:
    """Return a row as a fact."""
    return Fact(_from_text(row.type, row.value), row.source, row.at)


def set_fact(  # noqa: PLR0917
    session: Session,
    forum: str,
    user_id: int,
    name: str,
    value: FactValue | None,
    source: str,
    at: datetime,
    *,
    cohort: str = ANY_COHORT,
) -> None:
    """Keep a fact about the person of an account, unless a newer one is kept already; two processes may do so at once.

    Args:
        session: of the store.
        forum: its name.
        user_id: of the account on the forum.
        name: of the fact: lower-case letters, digits and `_`.
        value: None for unknown, which takes away what this source said before.
        source: who says so: "session kick-off", the name of a file.
        at: when it was observed.
        cohort: it is about the person in this cohort only.

    Raises:
        ValueError: the name cannot be one.

    """
    place = Placed(user_id, name, cohort)
    if value is None:
        _take_away(session, forum, place, source)
    else:
        set_facts(session, forum, {place: value}, source, at)


def set_facts(session: Session, forum: str, values: Mapping[Placed, FactValue], source: str, at: datetime) -> None:
    """Keep facts of one source, each unless a newer one is kept already; none of people who asked to be forgotten.

    Raises:
        ValueError: a name cannot be one.

    """
    forgotten = read_forgotten(session, forum)
    rows = [
        _row(forum, place, value, source, at)
        for place, value in values.items()
        if not forgotten.has_account(place.user_id) and not _names_forgotten(forgotten, place, value)
    ]
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgres_insert
    keys = [column.name for column in inspect(FactRow).primary_key]
    for part in in_parts(rows):
        statement = insert(FactRow).values(part)
        new = {name: statement.excluded[name] for name in ("type", "value", "source", "at")}
        session.execute(
            statement.on_conflict_do_update(index_elements=keys, set_=new, where=FactRow.at <= statement.excluded.at)
        )
    session.expire_all()


def _names_forgotten(forgotten: Forgotten, place: Placed, value: FactValue) -> bool:
    """Whether a fact names a manager who asked to be forgotten."""
    if place.name != MANAGER_EMAIL or not forgotten.digests or not isinstance(value, str):
        return False
    return any(forgotten.digest("e", one) in forgotten.digests for one in re.split(r"[;,\s]+", value) if one)


def replace_facts(
    session: Session,
    forum: str,
    values: Mapping[Placed, FactValue],
    source: str,
    at: datetime,
    *,
    silent: Collection[str] | None,
) -> None:
    """Keep all that a source states now; what it stated before and states no longer is unknown from now on.

    Args:
        session: of the store.
        forum: its name.
        values: the facts that it states.
        source: its name; facts of other sources stay.
        at: when it was read.
        silent: the cohorts (`ANY_COHORT` for facts of people) in which absence means nothing; None: in all of them.

    """
    if silent is not None:
        kept = session.scalars(select(FactRow).where(FactRow.forum == forum, FactRow.source == source[:MAX_SOURCE]))
        for row in kept:
            if Placed(row.user_id, row.name, row.cohort) not in values and row.cohort not in silent and row.at <= at:
                session.delete(row)
        session.flush()
    set_facts(session, forum, values, source, at)


def list_facts(session: Session, forum: str) -> Sequence[tuple[str, str, int, datetime]]:
    """Return for each fact and source: name, source, of how many people, when it was observed last; no values."""
    people = func.count(FactRow.user_id.distinct())
    query = (
        select(FactRow.name, FactRow.source, people, func.max(FactRow.at))
        .where(FactRow.forum == forum)
        .group_by(FactRow.name, FactRow.source)
        .order_by(FactRow.name, FactRow.source)
    )
    return [(name, source, number, at) for name, source, number, at in session.execute(query)]


def rows_of(session: Session, forum: str, user_id: int | None = None) -> Sequence[FactRow]:
    """Return the rows of a person, or of everybody."""
    query = select(FactRow).where(FactRow.forum == forum)
    if user_id is not None:
        query = query.where(FactRow.user_id == user_id)
    return session.scalars(query.order_by(FactRow.user_id, FactRow.name, FactRow.cohort)).all()


def forget_facts(session: Session, forum: str, users: Iterable[int] = (), name: str | None = None) -> int:
    """Forget all facts of people, or the facts of a name of these people, or (no people) of everybody; return how many.

    What was known of them when a text was written is forgotten too: all of it, or where the fact of that name was read.

    Raises:
        ValueError: neither people nor a name is given.

    """
    wanted = sorted(set(users))
    if not wanted and name is None:
        raise ValueError("say of whom, or which fact")
    query = delete(FactRow).where(FactRow.forum == forum)
    if name is not None:
        query = query.where(FactRow.name == name)
    each = [query.where(FactRow.user_id.in_(part)) for part in in_parts(wanted)] or [query]
    _forget_evidence(session, forum, wanted, name)
    return sum(session.execute(one).rowcount for one in each)  # type: ignore[attr-defined]


def _forget_evidence(session: Session, forum: str, users: Sequence[int], name: str | None) -> None:
    query = select(EvidenceRow).where(EvidenceRow.forum == forum, EvidenceRow.user_id.is_not(None))
    for row in session.scalars(query):
        read = {word for rule in row.content.get("rules", {}).values() for word in rule.get("read", ())}
        if (not users or row.user_id in users) and (name is None or name in read):
            session.delete(row)
    session.flush()


def _take_away(session: Session, forum: str, place: Placed, source: str) -> None:
    row = session.get(FactRow, (forum, place.user_id, place.cohort, place.name))
    if row is not None and row.source == source[:MAX_SOURCE]:
        session.delete(row)
        session.flush()


def _row(forum: str, place: Placed, value: FactValue, source: str, at: datetime) -> dict[str, Any]:
    if not FACT_NAME.fullmatch(place.name):
        raise ValueError("name a fact in up to 40 lower-case letters, digits and '_', a letter first")
    return {
        "forum": forum,
        "user_id": place.user_id,
        "cohort": place.cohort,
        "name": place.name,
        "type": FactType.of(value).value,
        "value": _as_text(value),
        "source": source[:MAX_SOURCE],
        "at": at,
    }


def _as_text(value: FactValue) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, str) else repr(float(value))


def _from_text(kind: str, text: str) -> FactValue:
    match FactType(kind):
        case FactType.YES_NO:
            return text == YES
        case FactType.DATE:
            return date.fromisoformat(text)
        case FactType.NUMBER:
            return float(text)
        case FactType.TEXT:
            return text
