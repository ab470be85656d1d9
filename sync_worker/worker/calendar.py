"""What a playbook has done and will do for a cohort, line by line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.content.decks import read_deck
from sync_worker.content.templates import PlaybookTexts
from sync_worker.errors import ConfigError
from sync_worker.playbook.checks import decks_used, prompts_to_come
from sync_worker.plays.prompt import asked
from sync_worker.publish.last_check import WITHDRAWN
from sync_worker.store.ledger import drafts, occurrences_over
from sync_worker.store.pauses import read_clock
from sync_worker.worker.due import plan, read_late
from sync_worker.worker.history import LedgerHistory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.store.database import Store
    from sync_worker.store.tables import DraftRow
    from sync_worker.worker.due import Planned

DRAFT_STATES = ("pending", "approved", "sent", "rejected", WITHDRAWN)
Slot = tuple[str, datetime, str]


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """An occurrence: when on the cohort's clock, which step and play, what became of it.

    `prompt` is the title of the prompt that will come, of a step that takes prompts from a deck; `follow_up` the name
    of the step's follow-up that it is, "" for the step itself.
    """

    when: str
    step: str
    play: str
    state: str
    reason: str = ""
    prompt: str = ""
    follow_up: str = ""

    @property
    def label(self) -> str:
        """The step, and which follow-up of it."""
        return f"{self.step}/{self.follow_up}" if self.follow_up else self.step


def calendar(session: Session, forum: str, playbook: Playbook, cohort: Cohort, now: datetime) -> list[CalendarLine]:
    """Return every occurrence of a cohort's playbook in order, by the cohort's own clock where it was shifted.

    An occurrence whose drafts wait for an LCM is, once all are decided, what came of them.
    """
    cohort = read_clock(session, forum, cohort.key).shifted(cohort)
    over = occurrences_over(session, forum, cohort.key, playbook.name)
    decided: dict[Slot, list[DraftRow]] = {}
    for row in drafts(session, forum, cohort.key, DRAFT_STATES):
        if row.body["playbook"] == playbook.name:
            slot = datetime.fromisoformat(row.body["slot"])
            decided.setdefault((row.body["step"], slot, row.body.get("follow_up", "")), []).append(row)
    dates = plan(forum, playbook.file, cohort, over, read_late(session, forum, cohort.key))
    titles = _prompts(session, forum, playbook, cohort, dates, now)
    return [
        replace(
            _line(planned, decided, now),
            prompt="" if planned.occurrence.follow_up else titles.get((planned.step.id, planned.occurrence.slot), ""),
            follow_up=planned.occurrence.follow_up,
        )
        for planned in dates
    ]


def _prompts(  # noqa: PLR0917
    session: Session, forum: str, playbook: Playbook, cohort: Cohort, dates: Sequence[Planned], now: datetime
) -> dict[tuple[str, datetime], str]:
    """Return the titles of the prompts to come, by step and slot."""
    if not decks_used(playbook):
        return {}
    past = LedgerHistory(session, forum, None, cohort.key).drafts()
    texts = PlaybookTexts(playbook.folder, cohort.locale)
    try:
        used = {name: asked(read_deck(texts.deck_path(name)), name, past) for name in decks_used(playbook)}
        over = {
            (one.step.id, one.occurrence.slot)
            for one in dates
            if (one.over is not None or one.is_missed(now)) and not one.occurrence.follow_up
        }
        return prompts_to_come(playbook, cohort, used, over)
    except ConfigError:  # `lcm playbook check` says what is wrong with a deck
        return {}


def next_moment(
    store: Store, forum: str, cohorts: Iterable[Cohort], playbooks: Mapping[str, Playbook], now: datetime
) -> datetime | None:
    """Return when the next occurrence of any cohort that is not paused will be due; None where nothing is to come."""
    moments: list[datetime] = []
    with store.begin() as session:
        for cohort in cohorts:
            playbook, clock = playbooks.get(cohort.playbook or ""), read_clock(session, forum, cohort.key)
            if playbook is None or clock.stands_still(now):
                continue
            over = occurrences_over(session, forum, cohort.key, playbook.name)
            moments += [
                max(planned.occurrence.at, now)
                for planned in plan(
                    forum, playbook.file, clock.shifted(cohort), over, read_late(session, forum, cohort.key)
                )
                if planned.over is None and not planned.is_missed(now)
            ]
    return min(moments, default=None)


def _line(planned: Planned, decided: Mapping[Slot, Sequence[DraftRow]], now: datetime) -> CalendarLine:
    when = planned.occurrence.local_at.isoformat(timespec="minutes")
    step = planned.step
    if planned.over is not None:
        state, reason = planned.over.outcome, planned.over.reason
        if state == "waiting":
            state, reason = _came_of(
                decided.get((step.id, planned.occurrence.slot, planned.occurrence.follow_up), ()), reason
            )
        return CalendarLine(when, step.id, step.play, state, reason)
    if planned.is_missed(now):
        return CalendarLine(when, step.id, step.play, "missed", "too late to happen")
    return CalendarLine(when, step.id, step.play, "due" if planned.is_due(now) else "to come")


def _came_of(rows: Sequence[DraftRow], reason: str) -> tuple[str, str]:
    """Return state and reason of an occurrence by its drafts."""
    states = {row.state for row in rows}
    if not states or states & {"pending", "approved"}:
        return "waiting", reason
    if "sent" in states:
        return "done", reason
    last = rows[-1]
    if last.state == WITHDRAWN:
        return "skipped", last.decision_reason or reason
    return "skipped", f"rejected by {last.decided_by or 'an LCM'}: {last.decision_reason or 'no reason given'}"
