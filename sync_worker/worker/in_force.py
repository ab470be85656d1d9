"""Which playbook a cohort follows, and what changes when it is given another one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.publish.entries import close_occurrence
from sync_worker.store.ledger import published_rows
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.tables import OccurrenceRow
from sync_worker.worker.due import DID_NOT_HAPPEN, REPLACED, plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.worker.due import Planned

DONE, TO_COME = "done", "to come"


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """What becomes of one occurrence of the new playbook: `done`, `replaced` or `to come`, and why."""

    planned: Planned
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Before:
    """What other playbooks did for the cohort, by step, by step and date, and by text; each with a reason in words.

    A step is its id and the name of its follow-up, "" for itself.
    """

    steps: Mapping[tuple[str, str], str]
    dates: Mapping[tuple[str, datetime, str], str]
    texts: Mapping[str, str]


def in_force(session: Session, forum: str, cohort: str, named: str) -> str | None:
    """Return the playbook that a cohort follows, None where it has begun none.

    Args:
        session: of the store.
        forum: its name.
        cohort: the cohort's key.
        named: the playbook that lcm.yaml names, which counts where it has done anything for the cohort before.

    """
    confirmed = remembered(session, forum, _name(cohort))
    if confirmed is not None:
        return confirmed
    query = (
        select(OccurrenceRow.playbook)
        .where(OccurrenceRow.forum == forum, OccurrenceRow.cohort == cohort)
        .order_by(OccurrenceRow.at.desc())
    )
    begun = list(session.scalars(query))
    return named if named in begun else next(iter(begun), None)


def _name(cohort: str) -> str:
    return f"playbook of {cohort}"


def switch_plan(session: Session, forum: str, playbook: Playbook, cohort: Cohort, now: datetime) -> list[SwitchLine]:
    """Return what becomes of every occurrence of the new playbook: what was done counts as done.

    A step that happens once is done where one of the same id, or one with the same text, was done before; a date of a
    weekly step where a step of the same id was done for that date ahead of its time. What was to come before now stays
    undone. Decks go on: a cohort gets no prompt twice, whatever playbook asks.
    """
    rows = session.scalars(
        select(OccurrenceRow).where(OccurrenceRow.forum == forum, OccurrenceRow.cohort == cohort.key)
    ).all()
    done: dict[tuple[str, str], str] = {}
    done_dates: dict[tuple[str, datetime, str], str] = {}
    for row in rows:
        if row.outcome not in DID_NOT_HAPPEN and row.playbook != playbook.name:
            said = f"'{row.playbook}' did it on {row.slot:%Y-%m-%d}"
            done[row.step, row.follow_up] = done_dates[row.step, row.slot, row.follow_up] = said
    posted = {
        ref: f"'{row.playbook}' posted this text on {row.slot:%Y-%m-%d}"
        for row in published_rows(session, forum, cohort.key)
        for ref in row.payload.get("refs", ())
        if ref.startswith("topic:")
    }
    over = {row.key: row for row in rows if row.playbook == playbook.name}
    before = _Before(done, done_dates, posted)
    return [_switched(one, playbook, before, now) for one in plan(forum, playbook.file, cohort, over)]


def _switched(planned: Planned, playbook: Playbook, before: _Before, now: datetime) -> SwitchLine:
    if planned.over is not None:
        return SwitchLine(planned, planned.over.outcome, planned.over.reason)
    step = planned.step
    slot, name = planned.occurrence.slot, planned.occurrence.follow_up
    text = f"topic:{getattr(playbook.options_of(step.id, planned.occurrence.cohort), 'template', '')}"
    if step.at:
        reason = before.steps.get((step.id, name)) or (None if name else before.texts.get(text))
    else:
        reason = before.dates.get((step.id, slot, name)) if planned.occurrence.at > now else None
    if reason:
        return SwitchLine(planned, DONE, reason)
    if planned.occurrence.at <= now:
        return SwitchLine(planned, REPLACED, "it was to happen before the change of playbook")
    return SwitchLine(planned, TO_COME, "")


def switch(  # noqa: PLR0917
    session: Session, forum: str, playbook: Playbook, cohort: Cohort, lines: Sequence[SwitchLine], now: datetime
) -> None:
    """Let a cohort follow a playbook from now on, as the lines of `switch_plan` say."""
    for line in lines:
        if line.planned.over is None and line.state != TO_COME:
            session.add(close_occurrence(forum, line.planned.occurrence, line.state, line.reason, now))
    remember(session, forum, _name(cohort.key), playbook.name)
