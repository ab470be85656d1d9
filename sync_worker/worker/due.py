"""Which occurrences are due, which are too late, and which are still to come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sync_worker.playbook.schedule import instant, next_day, occurrences, tailored
from sync_worker.publish.keys import occurrence_key
from sync_worker.store.ledger import CATCH_UP, DRAFTING, waiting_entries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Cohort, Occurrence
    from sync_worker.playbook.format import PlaybookFile, Step
    from sync_worker.store.tables import OccurrenceRow

SKIPPED = "skipped"  # it came too late
NOTHING = "nothing"  # it came, and there was nothing to post
REPLACED = "replaced"  # another playbook was in force then
NOT_NOW = "not now"  # the condition of the step did not hold then
DID_NOT_HAPPEN = (SKIPPED, REPLACED, NOT_NOW)


@dataclass(frozen=True, slots=True)
class Late:
    """Why some occurrences may happen later than their steps say.

    `tried` are keys of those that an outage kept from happening, with the last try; `wanted` those that a person asked
    for.
    """

    tried: Mapping[str, datetime] = field(default_factory=dict)
    wanted: frozenset[str] = frozenset()


def read_late(session: Session, forum: str, cohort: str) -> Late:
    """Return which of a cohort's occurrences may happen late."""
    put_off = waiting_entries(session, forum, cohort, DRAFTING)
    return Late(
        {row.payload["of"]: row.updated_at for row in put_off if row.payload.get("outage")},
        frozenset(row.payload["of"] for row in waiting_entries(session, forum, cohort, CATCH_UP)),
    )


def catch_up_key(key: str) -> str:
    """Return the key of the entry that says that a person wants an occurrence, however late."""
    return f"{key[:-3]}~cu"  # no key of an occurrence has this sign


@dataclass(frozen=True, slots=True)
class Planned:
    """An occurrence, its step, its key, the row that says it is over, if it is, and until when it may happen.

    `latest` None: a person asked for it, however late.
    """

    occurrence: Occurrence
    step: Step
    key: str
    over: OccurrenceRow | None
    latest: datetime | None

    def is_due(self, now: datetime) -> bool:
        """Whether it should happen now."""
        return self.over is None and self.occurrence.at <= now and not self._is_late(now)

    def is_missed(self, now: datetime) -> bool:
        """Whether it never happened and it is too late for it now."""
        return self.over is None and self._is_late(now)

    def _is_late(self, now: datetime) -> bool:
        return self.latest is not None and now > self.latest


def plan(  # noqa: PLR0917
    forum: str,
    playbook: PlaybookFile,
    cohort: Cohort,
    over: Mapping[str, OccurrenceRow],
    late: Late | None = None,
    until: datetime | None = None,
) -> list[Planned]:
    """Return every occurrence of a cohort's playbook in order, up to `until`, with what became of it.

    A step that happens once and has happened stays over when the cohort's dates are moved. What an outage kept from
    happening may still happen as long after the last try as after its slot, but not once its step is due again.
    """
    playbook = tailored(playbook, cohort)
    steps = {step.id: step for step in playbook.steps}
    happened = {(row.step, row.follow_up): row for row in over.values() if row.outcome not in DID_NOT_HAPPEN}
    late = late or Late()
    planned = []
    for occurrence in occurrences(playbook, cohort, until):
        key = occurrence_key(forum, occurrence)
        step = steps[occurrence.step]
        row = over.get(key) or (happened.get((step.id, occurrence.follow_up)) if step.at else None)
        latest = None if key in late.wanted else _latest(occurrence, step, playbook, late.tried.get(key))
        planned.append(Planned(occurrence, step, key, row, latest))
    return planned


def overtaken(planned: Sequence[Planned], now: datetime) -> list[Planned]:
    """Return what is due and is not done, because a later date of the same step is due as well.

    A step says with `catch_up: all` that every date counts. What a person asked for is never left out. Of a step's
    follow-ups the latest counts as well, so that nobody gets two reminders at once; none overtakes the step itself.
    """
    last = {_series(one): one for one in planned if one.is_due(now)}
    return [
        one
        for one in planned
        if one.is_due(now)
        and one.latest is not None
        and one.step.missed.rule != "all"
        and last[_series(one)] is not one
    ]


def _series(planned: Planned) -> tuple[str, bool]:
    """Return what dates overtake each other: those of a step, or those of its follow-ups."""
    return planned.step.id, bool(planned.occurrence.follow_up)


def _latest(occurrence: Occurrence, step: Step, playbook: PlaybookFile, tried: datetime | None) -> datetime:
    latest = occurrence.at + step.patience
    if tried is None or tried + step.patience <= latest:
        return latest
    extended = tried + step.patience
    if step.every:
        cohort = occurrence.cohort
        following = next_day(step, playbook, cohort, occurrence.own_day)
        if following:
            following += occurrence.local.date() - occurrence.own_day  # a follow-up comes as long after it
            extended = min(extended, max(latest, instant(cohort.zone, following, occurrence.local.time())))
    return extended
