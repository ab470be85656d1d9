"""Drafts as rows: entries of the ledger, or drafts that wait for an LCM."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_worker.model import Approval, Draft, Occurrence
from sync_worker.publish.guard import objections
from sync_worker.publish.keys import occurrence_key
from sync_worker.store.ledger import REMOVING
from sync_worker.store.payload import draft_from_json, draft_to_json
from sync_worker.store.tables import DraftRow, LedgerRow, OccurrenceRow

if TYPE_CHECKING:
    from collections.abc import Sequence

PIN = "pin"
OF_ANOTHER = (PIN, REMOVING)  # entries that change what another entry made


@dataclass(frozen=True, slots=True)
class Entries:
    """Everything that one transaction writes about an occurrence."""

    over: OccurrenceRow
    ledger: tuple[LedgerRow, ...] = ()
    waiting: tuple[DraftRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """Where an occurrence's drafts go: the forum, the cohort's category, and the play that wrote them."""

    forum: str
    category_id: int
    play: str


def close_occurrence(forum: str, occurrence: Occurrence, outcome: str, reason: str, now: datetime) -> OccurrenceRow:
    """Return the row that says an occurrence is over."""
    return OccurrenceRow(
        key=occurrence_key(forum, occurrence),
        forum=forum,
        cohort=occurrence.cohort.key,
        playbook=occurrence.playbook,
        step=occurrence.step,
        slot=occurrence.slot,
        follow_up=occurrence.follow_up,
        outcome=outcome,
        reason=reason,
        at=now,
    )


def build_entries(place: Place, occurrence: Occurrence, drafts: Sequence[Draft], reason: str, now: datetime) -> Entries:
    """Return the rows of a drafted occurrence; every draft goes to the ledger, or to an LCM first."""
    if len({draft.part for draft in drafts}) != len(drafts):
        raise ValueError(f"play '{place.play}' gave two drafts of one occurrence the same part")
    ledger: list[LedgerRow] = []
    waiting: list[DraftRow] = []
    for position, draft in enumerate(drafts):
        key = occurrence_key(place.forum, occurrence, draft.part)
        body = {
            **draft_to_json(draft),
            "play": place.play,
            "category_id": place.category_id,
            "cohort_name": occurrence.cohort.name,
            "playbook": occurrence.playbook,
            "step": occurrence.step,
            "slot": occurrence.slot.isoformat(),
            "position": position * 2,
            **_followed(occurrence),
        }
        if draft.approval is Approval.LCM:
            waiting.append(_waiting(key, place.forum, occurrence.cohort.key, body, now))
        else:
            ledger += ledger_rows(key, place.forum, occurrence.cohort.key, body, now)
    outcome = "nothing" if not drafts else "done" if ledger else "waiting"
    over = close_occurrence(place.forum, occurrence, outcome, reason, now)
    return Entries(over, tuple(ledger), tuple(waiting))


def _followed(occurrence: Occurrence) -> dict[str, str]:
    """Return what says which follow-up it is, nothing for a step itself."""
    if occurrence.follows is None:
        return {}
    return {"follow_up": occurrence.follow_up, "follows": occurrence.follows.isoformat()}


def _waiting(key: str, forum: str, cohort: str, body: dict[str, Any], now: datetime) -> DraftRow:
    return DraftRow(
        key=key, forum=forum, cohort=cohort, state="pending", body=body, reason=body["reason"], created_at=now
    )


def ledger_rows(key: str, forum: str, cohort: str, body: dict[str, Any], now: datetime) -> list[LedgerRow]:
    """Return the entry of a draft, and one for its pin; an entry that the guard refuses is `failed` from the start."""
    draft = draft_from_json(body)
    refused = "; ".join(objections(draft))

    def row(row_key: str, part: str, action: str, payload: dict[str, Any]) -> LedgerRow:
        return LedgerRow(
            key=row_key,
            forum=forum,
            cohort=cohort,
            playbook=body["playbook"],
            step=body["step"],
            slot=datetime.fromisoformat(body["slot"]),
            part=part,
            action=action,
            state="failed" if refused else "intended",
            payload=payload,
            result={},
            reason=refused,
            attempts=0,
            created_at=now,
            updated_at=now,
        )

    rows = [row(key, draft.part, draft.kind.value, body)]
    if draft.pin_days and not refused:
        until = (now + timedelta(days=draft.pin_days)).isoformat()
        pin = {"of": key, "until": until, "position": body["position"] + 1}
        rows.append(row(f"{key[:-4]}-pin", f"{draft.part}-pin".strip("-"), PIN, pin))
    return rows
