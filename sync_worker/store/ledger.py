"""Questions to the ledger: what is intended, over, already there, waiting; and drafts as JSON, as it keeps them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, cast, false, func, or_, select

from sync_worker.model import Approval, Bar, Citation, Draft, DraftKind, Figure, Translation, Use
from sync_worker.store.tables import DraftRow, LedgerRow, OccurrenceRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import InstrumentedAttribute, Session


def draft_to_json(draft: Draft) -> dict[str, Any]:
    """Return the draft as plain JSON data."""
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(draft).items()}
    values["not_after"] = draft.not_after.isoformat() if draft.not_after else None
    return values


def draft_body(
    draft: Draft,
    *,
    play: str,
    step: str,
    slot: datetime,
    playbook: str = "",
    cohort_name: str = "",
    category_id: int = 0,
    position: int = 0,
    **more: Any,
) -> dict[str, Any]:
    """Return a draft as the ledger and the drafts keep it: with what wrote it, for which date, and where it goes."""
    return {
        **draft_to_json(draft),
        "play": play,
        "category_id": category_id,
        "cohort_name": cohort_name,
        "playbook": playbook,
        "step": step,
        "slot": slot.isoformat(),
        "position": position,
        **more,
    }


def draft_from_json(data: Mapping[str, Any]) -> Draft:
    """Return the draft that `draft_to_json` wrote; other keys beside it are ignored."""
    values = {field.name: data[field.name] for field in fields(Draft) if field.name in data}
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    values["citations"] = tuple(_citation(one) for one in values.get("citations", ()))
    drawn = values.get("figure")
    values["figure"] = Figure(drawn["title"], tuple(Bar(**one) for one in drawn["bars"])) if drawn else None
    values["translations"] = tuple(Translation(**one) for one in values.get("translations", ()))
    written = values.get("not_after")
    values["not_after"] = datetime.fromisoformat(written) if written else None
    values["kind"] = DraftKind(values["kind"])
    values["approval"] = Approval(values.get("approval", Approval.NONE))
    return Draft(**values)


def _citation(data: Mapping[str, Any]) -> Citation:
    lists = {"passages": tuple(data["passages"]), "pieces": tuple(data.get("pieces", ()))}
    return Citation(**{**data, "use": Use(data["use"]), **lists})


def intended_entry(
    key: str,
    *,
    forum: str,
    cohort: str,
    action: str,
    payload: dict[str, Any],
    step: str,
    slot: datetime,
    now: datetime,
    playbook: str = "",
    part: str | None = None,
) -> LedgerRow:
    """Return a new entry of something that is to be done; its `part` is called as its action where nothing is said."""
    return LedgerRow(
        key=key,
        forum=forum,
        cohort=cohort,
        playbook=playbook,
        step=step,
        slot=slot,
        part=action if part is None else part,
        action=action,
        state="intended",
        payload=payload,
        result={},
        reason="",
        attempts=0,
        created_at=now,
        updated_at=now,
    )


# Questions to the ledger: what is intended, what is over, what a cohort already got, what waits for an LCM.


DRAFTING = "draft"  # an occurrence that could not be drafted yet
CATCH_UP = "catch-up"  # an occurrence that a person wants although it is late
OF_THE_WORKER = (DRAFTING, CATCH_UP)  # entries that nothing on the forum answers to
GIVEN_UP = "failed"
DROPPED = "dropped"
HANDED = "hand-over:"  # before the subjects of tasks (`WaitingRow`) that a message of hand-over made
TO_KEEP = "practice:"  # before a post's number, in the subjects of tasks that ask whether it is kept
WROTE = "wrote:"  # before the subjects of tasks that a learner's own words made
PUBLISHING = ("topic", "reply", "message", "mail")
REMOVING = "unpublish"
REVISING = "revision"  # parts taken out of a topic that another entry made
TRANSLATING = "translation"  # a further language of a topic that another entry made
WITHDRAWN = "withdrawn"  # the state of a draft that is not needed any more
DECIDED = ("sent", "rejected", WITHDRAWN)
DRAFT_STATES = ("pending", "approved", *DECIDED)


def is_entered(session: Session, key: str) -> bool:
    """Whether something is in the ledger, or waits for an LCM."""
    return session.get(LedgerRow, key) is not None or session.get(DraftRow, key) is not None


def intended_rows(session: Session, forum: str, cohort: str | None = None) -> list[LedgerRow]:
    """Return what was intended and not settled, in the order in which it was intended."""
    query = select(LedgerRow).where(
        LedgerRow.forum == forum, LedgerRow.state == "intended", LedgerRow.action.not_in(OF_THE_WORKER)
    )
    if cohort is not None:
        query = query.where(LedgerRow.cohort == cohort)
    rows = session.scalars(query.order_by(LedgerRow.created_at, LedgerRow.slot, LedgerRow.key)).all()
    return sorted(rows, key=lambda row: (row.created_at, row.slot, row.payload.get("position", 0), row.to_learner or 0))


def occurrences_over(session: Session, forum: str, cohort: str, playbook: str) -> dict[str, OccurrenceRow]:
    """Return every occurrence of a cohort's playbook that is over, by key."""
    rows = session.scalars(
        select(OccurrenceRow).where(
            OccurrenceRow.forum == forum, OccurrenceRow.cohort == cohort, OccurrenceRow.playbook == playbook
        )
    )
    return {row.key: row for row in rows}


def published_rows(
    session: Session,
    forum: str,
    cohort: str,
    states: Collection[str] = ("intended", "done"),
    refs: Collection[str] | None = None,
) -> Sequence[LedgerRow]:
    """Return the topics, replies and messages that a cohort got or is about to get, or others by state, by slot.

    With `refs`, only those that have one of them.
    """
    query = select(LedgerRow).where(
        LedgerRow.forum == forum,
        LedgerRow.cohort == cohort,
        LedgerRow.action.in_(PUBLISHING),
        LedgerRow.state.in_(states),
    )
    if refs is not None:
        query = query.where(_mentions(LedgerRow.payload, refs))
    rows = session.scalars(query.order_by(LedgerRow.slot, LedgerRow.created_at, LedgerRow.key)).all()
    return [row for row in rows if _has_ref(row.payload, refs)] if refs is not None else rows


def _has_ref(body: Mapping[str, Any], refs: Collection[str]) -> bool:
    """Whether a draft, as the ledger and the drafts keep it, has one of these refs."""
    return not frozenset(refs).isdisjoint(body.get("refs", ()))


def _mentions(body: InstrumentedAttribute[dict[str, Any]], refs: Collection[str]) -> ColumnElement[bool]:
    """Whether a body's JSON has one of these words anywhere: the database leaves out the many that have none."""
    return or_(false(), *(cast(body, Text).contains(json.dumps(ref), autoescape=True) for ref in refs))


def removed_keys(session: Session, forum: str, cohort: str) -> frozenset[str]:
    """Return the keys of a cohort's topics that were taken down again."""
    rows = session.scalars(
        select(LedgerRow).where(
            LedgerRow.forum == forum,
            LedgerRow.cohort == cohort,
            LedgerRow.action == REMOVING,
            LedgerRow.state == "done",
        )
    )
    return frozenset(row.payload["of"] for row in rows)


def acted_on(session: Session, forum: str, cohort: str, action: str) -> dict[int, LedgerRow]:
    """Return by topic the latest entry of an action that was carried out on it, or is to be."""
    rows = session.scalars(
        select(LedgerRow)
        .where(
            LedgerRow.forum == forum,
            LedgerRow.cohort == cohort,
            LedgerRow.action == action,
            LedgerRow.state.in_(("intended", "done")),
        )
        .order_by(LedgerRow.created_at, LedgerRow.key)
    )
    found = ((row.payload.get("topic_id") or row.result.get("topic_id"), row) for row in rows)
    return {number: row for number, row in found if isinstance(number, int)}


def decide_draft(row: DraftRow, state: str, by: str, at: datetime, reason: str | None = None) -> None:
    """Enter an LCM's decision: `approved` or `rejected`."""
    row.state, row.decided_by, row.decision_reason, row.decided_at = state, by, reason, at


def drafts(
    session: Session,
    forum: str,
    cohort: str | None = None,
    states: Sequence[str] = ("pending",),
    refs: Collection[str] | None = None,
) -> Sequence[DraftRow]:
    """Return the drafts in the given states, oldest first, those of one occurrence in the order of the play.

    With `refs`, only those that have one of them.
    """
    query = select(DraftRow).where(DraftRow.forum == forum, DraftRow.state.in_(states))
    if cohort is not None:
        query = query.where(DraftRow.cohort == cohort)
    if refs is not None:
        query = query.where(_mentions(DraftRow.body, refs))
    found = session.scalars(query.order_by(DraftRow.created_at, DraftRow.key)).all()
    rows = [row for row in found if refs is None or _has_ref(row.body, refs)]
    return sorted(rows, key=lambda row: (row.created_at, row.cohort, row.body.get("position", 0)))


def recent(session: Session, forum: str, cohort: str | None, limit: int) -> Sequence[LedgerRow]:
    """Return the latest entries of the ledger, newest first."""
    query = select(LedgerRow).where(LedgerRow.forum == forum)
    if cohort is not None:
        query = query.where(LedgerRow.cohort == cohort)
    return session.scalars(query.order_by(LedgerRow.updated_at.desc(), LedgerRow.key).limit(limit)).all()


def given_up(session: Session, forum: str, cohort: str | None = None) -> Sequence[LedgerRow]:
    """Return what was given up and nobody has settled since, oldest first."""
    query = select(LedgerRow).where(LedgerRow.forum == forum, LedgerRow.state == GIVEN_UP)
    if cohort is not None:
        query = query.where(LedgerRow.cohort == cohort)
    return session.scalars(query.order_by(LedgerRow.updated_at, LedgerRow.key)).all()


def waiting_entries(session: Session, forum: str, cohort: str, action: str) -> Sequence[LedgerRow]:
    """Return a cohort's entries of the worker's own (`DRAFTING`, `CATCH_UP`) that are not settled."""
    return session.scalars(
        select(LedgerRow).where(
            LedgerRow.forum == forum,
            LedgerRow.cohort == cohort,
            LedgerRow.action == action,
            LedgerRow.state == "intended",
        )
    ).all()


def counts_by_state(session: Session, forum: str, cohort: str) -> dict[str, int]:
    """Return how many entries of a cohort are in each state."""
    query = (
        select(LedgerRow.state, func.count())
        .where(LedgerRow.forum == forum, LedgerRow.cohort == cohort, LedgerRow.action != CATCH_UP)
        .group_by(LedgerRow.state)
    )
    return {row[0]: row[1] for row in session.execute(query)}


def text_digest(body: dict[str, Any]) -> str:
    """Return what tells a draft from one that would send something else, or to somebody else."""
    sent = {name: body.get(name) for name in ("kind", "title", "raw", "recipients", "topic_id")}
    return hashlib.sha256(json.dumps(sent, sort_keys=True).encode()).hexdigest()
