"""Which occurrences are due, too late, or still to come; tried again, wanted after all, or moved with their dates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import zip_longest
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, update

from sync_worker.playbook.schedule import FURTHEST, instant, next_day, occurrences, tailored
from sync_worker.publish.acts import MAX_ATTEMPTS, Verdict, is_resting
from sync_worker.publish.entries import occurrence_key, since_approved
from sync_worker.store.ledger import CATCH_UP, DRAFTING, DROPPED, intended_entry, occurrences_over, waiting_entries
from sync_worker.store.mails import MAIL
from sync_worker.store.pauses import read_clock
from sync_worker.store.tables import LedgerRow, OccurrenceRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Cohort, Occurrence
    from sync_worker.playbook.format import PlaybookFile, Step
    from sync_worker.playbook.load import Playbook
    from sync_worker.store.database import Store


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
    followed = tailored(playbook, cohort)
    steps = {step.id: step for step in followed.steps}
    happened = {(row.step, row.follow_up): row for row in over.values() if row.outcome not in DID_NOT_HAPPEN}
    late = late or Late()
    planned = []
    for occurrence in occurrences(playbook, cohort, until):
        key = occurrence_key(forum, occurrence)
        step = steps[occurrence.step]
        row = over.get(key) or (happened.get((step.id, occurrence.follow_up)) if step.at else None)
        latest = None if key in late.wanted else _latest(occurrence, step, followed, late.tried.get(key))
        planned.append(Planned(occurrence, step, key, row, latest))
    return planned


def overtaken(planned: Sequence[Planned], now: datetime) -> list[Planned]:
    """Return what is due and is not done, because a later date of the same step is due as well.

    A step says with `catch_up: all` that every date counts. What a person asked for is never left out. Of the
    follow-ups of one date the latest counts as well, so that nobody gets two reminders at once; none overtakes the step
    itself, nor another follow-up of another date.
    """
    due = [one for one in planned if one.is_due(now)]
    last = {series: one for one in due for series in _series(one)}
    return [
        one
        for one in due
        if one.latest is not None
        and one.step.missed.rule != "all"
        and any(last[series] is not one for series in _series(one))
    ]


def _series(planned: Planned) -> list[tuple[str, str | datetime]]:
    """Return in which series a date is, of which the latest counts: of the step or follow-up, and of one date's."""
    occurrence = planned.occurrence
    found: list[tuple[str, str | datetime]] = [(planned.step.id, occurrence.follow_up)]
    return [*found, (planned.step.id, occurrence.follows)] if occurrence.follows is not None else found


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


# Occurrences that were written off too early are due again: a clock that ran ahead had them skipped.


# A step may be moved so far beyond its slot; what is too late after all is skipped again.
FURTHEST_MOVED = timedelta(days=FURTHEST)


def unskip(session: Session, forum: str, cohort: str, playbook: PlaybookFile, now: datetime) -> None:
    """Forget that occurrences came too late which, at `now`, do not come too late."""
    rows = session.scalars(
        select(OccurrenceRow).where(
            OccurrenceRow.forum == forum,
            OccurrenceRow.cohort == cohort,
            OccurrenceRow.playbook == playbook.playbook,
            OccurrenceRow.outcome == SKIPPED,
            OccurrenceRow.at > now,
        )
    )
    for row in rows:
        step = playbook.step(row.step)
        if step is not None and row.slot + FURTHEST_MOVED + step.patience >= now:
            session.delete(row)


# What a person settles: entries given up are tried again or dropped, late occurrences are wanted after all.


def try_again(session: Session, rows: Iterable[LedgerRow], now: datetime) -> None:
    """Let the next run try entries that were given up, as if they had never been tried; however late it is."""
    for row in rows:
        if row.action == DRAFTING:
            _want(session, row, now)
        if row.action == MAIL:  # a person wants it sent, whether or not it was before
            row.sent_at = None
        row.state, row.attempts, row.reason = "intended", 0, ""
        row.payload = since_approved(row.payload, now)
        row.created_at = row.updated_at = now


def drop(session: Session, rows: Iterable[LedgerRow], now: datetime) -> None:
    """Leave entries that were given up undone for good; they are not reported any more."""
    del session
    for row in rows:
        row.state, row.updated_at = DROPPED, now


def _want(session: Session, row: LedgerRow, now: datetime) -> None:
    """Let an occurrence whose drafting was given up be due again."""
    session.execute(delete(OccurrenceRow).where(OccurrenceRow.key == row.payload["of"]))
    session.merge(_entry(row.forum, row, row.payload["of"], now))


def catch_up(session: Session, forum: str, planned: Planned, now: datetime) -> None:
    """Let an occurrence that came too late be due, however late it is."""
    session.execute(delete(OccurrenceRow).where(OccurrenceRow.key == planned.key))
    session.merge(_entry(forum, planned.occurrence, planned.key, now))


def _entry(forum: str, of: LedgerRow | Occurrence, key: str, now: datetime) -> LedgerRow:
    cohort = of.cohort if isinstance(of, LedgerRow) else of.cohort.key
    return intended_entry(
        catch_up_key(key),
        forum=forum,
        cohort=cohort,
        playbook=of.playbook,
        step=of.step,
        slot=of.slot,
        action=CATCH_UP,
        payload={"of": key},
        now=now,
    )


# Occurrences that could not be drafted: tried again with growing pauses, a bounded number of times.


@dataclass(frozen=True, slots=True)
class Retries:
    """Keeps an entry of the ledger for each occurrence whose drafting failed."""

    store: Store
    forum: str
    now: datetime

    def resting(self, cohort: str) -> set[str]:
        """Return the keys of a cohort's occurrences that it is too early to try again."""
        with self.store.begin() as session:
            rows = waiting_entries(session, self.forum, cohort, DRAFTING)
        return {
            row.payload["of"]
            for row in rows
            if row.reason and is_resting(row.attempts, row.created_at, row.updated_at, self.now)
        }

    def note(self, planned: Planned, reason: str, verdict: Verdict) -> bool:
        """Remember a failed attempt; False where it was the last one.

        An outage of the forum counts for nothing; the occurrence then keeps its time to be caught up.
        """
        occurrence = planned.occurrence
        key = occurrence_key(self.forum, occurrence, DRAFTING)
        with self.store.begin() as session:
            row = session.get(LedgerRow, key)
            if row is None:
                row = intended_entry(
                    key,
                    forum=self.forum,
                    cohort=occurrence.cohort.key,
                    playbook=occurrence.playbook,
                    step=occurrence.step,
                    slot=occurrence.slot,
                    action=DRAFTING,
                    payload={"of": planned.key},
                    now=self.now,
                )
                session.add(row)
            row.attempts += verdict is not Verdict.OUTAGE
            row.payload = {"of": planned.key, "outage": verdict is Verdict.OUTAGE}
            row.state = "failed" if row.attempts >= MAX_ATTEMPTS else "intended"
            row.reason, row.updated_at = reason, self.now
            return row.state == "intended"

    def settle(self, planned: Planned) -> None:
        """Remember that an occurrence was drafted after all, if it had failed before or was asked for late."""
        keys = [occurrence_key(self.forum, planned.occurrence, DRAFTING), catch_up_key(planned.key)]
        with self.store.begin() as session:
            session.execute(update(LedgerRow).where(LedgerRow.key.in_(keys)).values(state="done", updated_at=self.now))


# What a pause or a shift does to the dates of a cohort's journey, before it is made.


TOO_LATE = "it will be too late for it"
AT_ONCE = "it will be done at once"
AFTERWARDS = "it will be done when the pause ends"


@dataclass(frozen=True, slots=True)
class MovedDate:
    """A date of a step that is still to come, and when it will be instead, on the cohort's clock.

    `before` is None for a date that the move brings, `after` for one that it takes away, or that is not known yet.
    """

    step: str
    before: datetime | None
    after: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Journey:
    """What is still to come of a cohort's playbook at `now`."""

    session: Session
    forum: str
    playbook: Playbook
    cohort: Cohort
    now: datetime

    def paused(self, until: datetime | None) -> list[MovedDate]:
        """Return the dates that fall into a pause until then, and what becomes of them once the journey goes on."""
        found = []
        for one in self._to_come(self._all(0)):
            planned = one.occurrence.local_at
            if until is None:
                found.append(MovedDate(one.occurrence.label, planned, None))
            elif one.occurrence.at < until:
                late = one.is_missed(until)
                after = None if late else until.astimezone(self.cohort.zone)
                found.append(MovedDate(one.occurrence.label, planned, after, TOO_LATE if late else AFTERWARDS))
        return found

    def shifted(self, days: int) -> list[MovedDate]:
        """Return the dates that a further shift by some days moves, brings or takes away, step by step."""
        before, after = self._all(0), self._all(days)
        found: list[MovedDate] = []
        labels = [(step.id, name) for step in self.playbook.file.steps for name in ("", *_names(step))]
        for label in labels:
            old = [one for one in self._to_come(before) if _label(one) == label]
            new = [one for one in self._to_come(after) if _label(one) == label]
            is_late = any(_label(one) == label and one.is_missed(self.now) for one in after)
            moved = [self._moved(*pair, is_late=is_late) for pair in zip_longest(old, new)]
            found += [one for one in moved if one.before != one.after]
        return found

    def _moved(self, old: Planned | None, new: Planned | None, *, is_late: bool) -> MovedDate:
        was, comes = (one.occurrence.local_at if one else None for one in (old, new))
        step = next(one.occurrence.label for one in (old, new) if one)
        if new is None:
            return MovedDate(step, was, None, TOO_LATE if is_late else "")
        return MovedDate(step, was, comes, AT_ONCE if new.is_due(self.now) else "")

    def _to_come(self, planned: list[Planned]) -> list[Planned]:
        return [one for one in planned if one.over is None and not one.is_missed(self.now)]

    def _all(self, more_days: int) -> list[Planned]:
        clock = read_clock(self.session, self.forum, self.cohort.key)
        clock = replace(clock, shift_days=clock.shift_days + more_days)
        over = occurrences_over(self.session, self.forum, self.cohort.key, self.playbook.name)
        return plan(self.forum, self.playbook.file, clock.shifted(self.cohort), over)


def _names(step: Step) -> list[str]:
    return [one.name for one in step.follow_ups]


def _label(planned: Planned) -> tuple[str, str]:
    return planned.step.id, planned.occurrence.follow_up
