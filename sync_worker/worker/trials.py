"""Whom chance left out of messages about silence, and who came back of them and of the others: from the store alone.

Somebody came back who wrote in a category that the worker reads, from the step's moment on until the day that was set
for it then. A word in the conversation with the worker is no return: those who were held out have no such conversation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.plays import HeldOut
from sync_worker.signals.effect import FEWEST_OF_A_SIDE, Effect, Finding, Side, Sides, effect_of
from sync_worker.store.database import in_parts, rows_of_cohort
from sync_worker.store.tables import LedgerRow, PostRow, TrialRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Occurrence

A_DAY = timedelta(days=1)
DEFAULT_DAYS = 14


def held_out_of(session: Session, forum: str, occurrence: Occurrence) -> dict[int, tuple[HeldOut, ...]]:
    """Return whom chance left out in a cohort, oldest first, by account; leaving the occurrence itself out."""
    rows = session.scalars(
        select(TrialRow)
        .where(TrialRow.forum == forum, TrialRow.cohort == occurrence.cohort.key, TrialRow.held_out)
        .order_by(TrialRow.slot, TrialRow.key)
    )
    found: dict[int, tuple[HeldOut, ...]] = {}
    itself = (occurrence.playbook, occurrence.step, occurrence.slot)
    for row in rows:
        if (row.playbook, row.step, row.slot) != itself:
            found[row.user_id] = (*found.get(row.user_id, ()), HeldOut(row.slot, row.until))
    return found


@dataclass(frozen=True, slots=True)
class StepTrial:
    """What is known of one step of one cohort, for one share held out.

    Args:
        cohort: its key.
        step: the step's id.
        share: of the people, who was held out, 0 to 0.5.
        days: for how many days it is looked whether they wrote; each person's own number where it was changed.
        sides: those of whom it is known, each person once, with the first time.
        running: of how many people it is not known yet.
        written_to: how many of those to be written to got a message; the others came back before, or an LCM said no.

    """

    cohort: str
    step: str
    share: float
    days: frozenset[int]
    sides: Sides
    running: int
    written_to: int


def trials_of(session: Session, forum: str, cohort: str, known_until: datetime) -> list[StepTrial]:
    """Return the trials of a cohort, by step and share. No call to the forum.

    Each person counts once in a cohort, with the first time that chance decided about them: what was done then may
    still work later.

    Args:
        session: of the store.
        forum: its name.
        cohort: its key.
        known_until: up to when the posts of its categories are in the store.

    """
    rows = rows_of_cohort(session, TrialRow, forum, cohort, TrialRow.slot, TrialRow.key)
    first: dict[int, TrialRow] = {}
    for row in rows:
        first.setdefault(row.user_id, row)
    wrote = _posts_after(session, forum, first)
    sent = _sent(session, [row.key for row in first.values() if not row.held_out])
    groups: dict[tuple[str, str, float], list[TrialRow]] = {}
    for row in first.values():
        groups.setdefault((row.playbook, row.step, row.share), []).append(row)
    return [
        _figures(cohort, step, share, found, wrote, sent, known_until)
        for (_, step, share), found in sorted(groups.items())
    ]


def effect_over(trials: Iterable[StepTrial]) -> Effect:
    """Return what can be said of several trials together, each compared within itself."""
    return effect_of([one.sides for one in trials])


def _figures(  # noqa: PLR0917
    cohort: str,
    step: str,
    share: float,
    rows: Sequence[TrialRow],
    wrote: Mapping[int, Sequence[datetime]],
    sent: Collection[str],
    known_until: datetime,
) -> StepTrial:
    over = [row for row in rows if row.until <= known_until]
    back = {row.user_id for row in over if any(row.slot <= at <= row.until for at in wrote.get(row.user_id, ()))}

    def side(*, held_out: bool) -> Side:
        people = [row.user_id for row in over if row.held_out is held_out]
        return Side(sum(number in back for number in people), len(people))

    return StepTrial(
        cohort=cohort,
        step=step,
        share=share,
        days=frozenset(round((row.until - row.slot) / A_DAY) for row in rows),
        sides=Sides(side(held_out=False), side(held_out=True)),
        running=len(rows) - len(over),
        written_to=sum(row.key in sent for row in over),
    )


def _posts_after(session: Session, forum: str, first: Mapping[int, TrialRow]) -> dict[int, list[datetime]]:
    """Return when each of these people wrote in the time that counts for them."""
    found: dict[int, list[datetime]] = {}
    for part in in_parts(sorted(first)):
        since, until = min(first[one].slot for one in part), max(first[one].until for one in part)
        rows = session.execute(
            select(PostRow.user_id, PostRow.created_at).where(
                PostRow.forum == forum, PostRow.user_id.in_(part), PostRow.created_at.between(since, until)
            )
        )
        for user_id, at in rows:
            found.setdefault(user_id, []).append(at)
    return found


def _sent(session: Session, keys: Sequence[str]) -> frozenset[str]:
    found: set[str] = set()
    for part in in_parts(keys):
        found |= set(session.scalars(select(LedgerRow.key).where(LedgerRow.key.in_(part), LedgerRow.state == "done")))
    return frozenset(found)


# What can be said of the effect, in words.


def effect_in_words(effect: Effect, days: Collection[int], words: Mapping[str, str]) -> str:
    """Return in one sentence what can be said, with the numbers."""
    nudged, held_out = effect.sides
    if effect.difference is None:
        return words["effect_few"].format(n=f"{nudged.people} + {held_out.people}", fewest=FEWEST_OF_A_SIDE)
    value, low, high = (_points(one, words["decimal_sign"]) for one in effect.difference)
    numbers = words["effect_numbers"].format(
        days=_days(days), nudged=_share(nudged), held_out=_share(held_out), difference=value, low=low, high=high
    )
    return f"{finding_in_words(effect, words)} {numbers}"


def finding_in_words(effect: Effect, words: Mapping[str, str]) -> str:
    """Return in one sentence what can be said, without a number of people."""
    if effect.finding is Finding.TOO_FEW:
        return words["effect_hidden"].format(fewest=FEWEST_OF_A_SIDE)
    return words[{Finding.NONE: "effect_none", Finding.MORE: "effect_more"}.get(effect.finding, "effect_fewer")]


def _points(difference: float, decimal_sign: str) -> str:
    return f"{100 * difference:+.1f}".replace("-", "\u2212").replace(".", decimal_sign)


def _share(side: Side) -> str:
    return f"{side.back}/{side.people} ({100 * side.share:.0f}\u00a0%)"


def _days(days: Collection[int]) -> str:
    return "-".join(str(one) for one in sorted({min(days, default=DEFAULT_DAYS), max(days, default=DEFAULT_DAYS)}))
