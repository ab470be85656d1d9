"""Take in what people decided on the forum: each work item once, in order, in one transaction with its number."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.activity.blockers import say
from sync_worker.activity.choices import CONSENT, DESK_CURSOR, PREFERENCE, enter_choice, enter_click
from sync_worker.activity.participation import dismiss, restore
from sync_worker.desk.words import ClockChange
from sync_worker.model import FACT_NAME, BlockerWord, FactType
from sync_worker.signals.blockers import Said
from sync_worker.store.facts import set_fact
from sync_worker.store.ledger import decide_draft
from sync_worker.store.pauses import pause, resume, shift
from sync_worker.store.tables import CursorRow, DraftRow, PracticeMarkRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.forum.plugin import Plugin
    from sync_worker.forum.plugin_records import WorkItem
    from sync_worker.model import FactValue
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
KEPT_BY_THE_FORUM = frozenset({"set_aside_story", "restore_story", "pin", "unpin"})
REQUESTS = frozenset({"run_playbook", "preview_playbook", "ask_consent", "spotlight", "ask_lcm"})
ABOUT_MANAGERS = "manager_"  # whom mails about a learner go to, and what they answered: the roster says it, and they do


ATTEMPT = "work attempt"  # a request that was begun, and how often
TO_REPORT = "work to report:"  # with an item's number: a clock that was changed, which its run does not say yet
PICKED = "work picked"  # a run that was asked for, and the occurrences that it is about
MOST_ATTEMPTS = 3


@dataclass(slots=True)
class Taken:
    """What one reading of the work came to. `request` is for the caller to carry out, then to `pass_over`."""

    decided: int = 0
    request: WorkItem | None = None
    last: int = 0


def take_in(plugin: Plugin, store: Store, forum_name: str) -> Taken:
    """Read the work since last time and enter every decision into the store, up to the first request.

    Calls: 1 a hundred items, at least 1. Killed at any moment, the next reading takes in what this one did not: an
    item's effect and the cursor behind it are committed together. The cursor stays before a request until the caller
    has carried it out, so that none is lost; what was decided after it is read again then.
    """
    taken = Taken(last=_cursor(store, forum_name))
    more = True
    while more:
        items, more = plugin.work(taken.last)
        for item in items:
            if item.kind in REQUESTS:
                taken.request = item
                return taken
            with store.begin() as session:
                _enter(session, forum_name, item, taken)
                session.merge(CursorRow(forum=forum_name, name=DESK_CURSOR, value=str(item.id)))
            taken.last = item.id
        more = more and bool(items)
    return taken


@dataclass(frozen=True, slots=True)
class ClockSet:
    """That a cohort was paused, resumed or shifted, as the run under the name `subject` is to say."""

    number: int
    kind: str
    cohort: str | None
    subject: str
    change: ClockChange


def unreported(store: Store, forum_name: str) -> list[ClockSet]:
    """Return the clocks that were changed and not reported yet, oldest first: also by a worker that was killed."""
    query = select(CursorRow).where(CursorRow.forum == forum_name, CursorRow.name.startswith(TO_REPORT))
    with store.begin() as session:
        kept = {int(row.name.removeprefix(TO_REPORT)): json.loads(row.value) for row in session.scalars(query)}
    return [
        ClockSet(
            *(number, said["kind"], said["cohort"], said["subject"]),
            ClockChange(
                paused=said["paused"],
                until=datetime.fromisoformat(said["until"]) if said["until"] else None,
                shift_days=said["shift_days"],
            ),
        )
        for number, said in sorted(kept.items())
    ]


def note_reported(store: Store, forum_name: str, number: int) -> None:
    """Note that a changed clock was reported, or is not ours to report."""
    with store.begin() as session:
        row = session.get(CursorRow, (forum_name, f"{TO_REPORT}{number}"))
        if row is not None:
            session.delete(row)


def begin(store: Store, forum_name: str, item: WorkItem) -> bool:
    """Note that a request is begun, before it is; False where it was begun too often, so that none stops all others."""
    with store.begin() as session:
        row = session.get(CursorRow, (forum_name, ATTEMPT))
        number, _, attempts = row.value.partition(" ") if row else ("", "", "")
        begun = int(attempts) if number == str(item.id) else 0
        if begun >= MOST_ATTEMPTS:
            LOG.error(
                "%s of %s was begun %d times and never came to its end; it is left out", item.kind, item.cohort, begun
            )
            return False
        session.merge(CursorRow(forum=forum_name, name=ATTEMPT, value=f"{item.id} {begun + 1}"))
    return True


def take_back_begun(store: Store, forum_name: str) -> None:
    """Note that no request is begun after all: the forum could not be reached, so nothing came of it."""
    with store.begin() as session:
        row = session.get(CursorRow, (forum_name, ATTEMPT))
        if row is not None:
            session.delete(row)


@dataclass(slots=True)
class Pick:
    """What a run that was asked for is about: written down before anything of it is done.

    Killed at any moment, it is about the same when it is tried again, and not about the occurrence after that one.
    `is_known` says that an earlier attempt wrote it down.
    """

    store: Store
    forum_name: str
    item: WorkItem
    is_known: bool = False

    def __call__(self, keys: Sequence[str]) -> Collection[str]:
        """Return the occurrences that the run is about: these, unless they were picked before."""
        with self.store.begin() as session:
            row = session.get(CursorRow, (self.forum_name, PICKED))
            number, *picked = row.value.split(" ") if row is not None else [""]
            self.is_known = number == str(self.item.id)
            if self.is_known:
                return picked
            session.merge(CursorRow(forum=self.forum_name, name=PICKED, value=" ".join([str(self.item.id), *keys])))
        return keys


def pass_over(store: Store, forum_name: str, item: WorkItem) -> None:
    """Go on behind a request that was carried out."""
    with store.begin() as session:
        session.merge(CursorRow(forum=forum_name, name=DESK_CURSOR, value=str(item.id)))


def _cursor(store: Store, forum_name: str) -> int:
    with store.begin() as session:
        row = session.get(CursorRow, (forum_name, DESK_CURSOR))
    return int(row.value) if row else 0


def _enter(session: Session, forum_name: str, item: WorkItem, taken: Taken) -> None:
    handler = _HANDLERS.get(item.kind)
    if handler is not None:
        handler(session, forum_name, item)
        taken.decided += 1
    elif item.kind in _CLOCKS:
        change = _CLOCKS[item.kind](session, forum_name, item)
        said = {
            "kind": item.kind,
            "cohort": item.cohort,
            "subject": item.subject,
            "paused": change.paused,
            "until": change.until.isoformat() if change.until else None,
            "shift_days": change.shift_days,
        }
        session.merge(CursorRow(forum=forum_name, name=f"{TO_REPORT}{item.id}", value=json.dumps(said)))
        taken.decided += 1
    elif item.kind not in KEPT_BY_THE_FORUM:
        LOG.warning("work item %d is of a kind that this version does not know: %s", item.id, item.kind)


def _approve(session: Session, forum_name: str, item: WorkItem) -> None:
    row = _pending(session, forum_name, item)
    if row is not None:
        edits = {name: item.data[name] for name in ("title", "raw") if item.data.get(name)}
        row.body = {**row.body, **edits}
        decide_draft(row, "approved", item.username, item.at)


def _reject(session: Session, forum_name: str, item: WorkItem) -> None:
    row = _pending(session, forum_name, item)
    if row is not None:
        decide_draft(row, "rejected", item.username, item.at, str(item.data.get("reason", "")))


def _pending(session: Session, forum_name: str, item: WorkItem) -> DraftRow | None:
    row = session.get(DraftRow, item.subject)
    if row is None or row.forum != forum_name or row.cohort != item.cohort or row.state != "pending":
        LOG.warning("%s %s: there is no such draft that waits", item.kind, item.subject)
        return None
    return row


def _mark(session: Session, forum_name: str, item: WorkItem) -> None:
    key = {"forum": forum_name, "post_id": int(item.subject)}
    session.merge(PracticeMarkRow(**key, cohort=item.cohort or "", at=item.at))


def _unmark(session: Session, forum_name: str, item: WorkItem) -> None:
    row = session.get(PracticeMarkRow, (forum_name, int(item.subject)))
    if row is not None:
        session.delete(row)


def _put_aside(session: Session, forum_name: str, item: WorkItem) -> None:
    """Put the sign that a learner needs a hand aside: until the day that the LCM named, or for a reason."""
    text = item.data.get("until")
    until = datetime.fromisoformat(text) if isinstance(text, str) else None
    reason = str(item.data.get("reason") or "")
    dismiss(session, forum_name, item.cohort or "", int(item.subject), reason, item.username, item.at, until)


def _show_again(session: Session, forum_name: str, item: WorkItem) -> None:
    restore(session, forum_name, item.cohort or "", int(item.subject))


def _blocker(session: Session, forum_name: str, item: WorkItem) -> None:
    """Enter what an LCM said of a blocker: that it is one, is solved, or who looks after it."""
    word = {"own_blocker": BlockerWord.ASSIGN, "solve_blocker": BlockerWord.SOLVE}.get(item.kind, BlockerWord.OPEN)
    note = item.data.get("note") or item.data.get("reason")  # older plugins call an LCM's note a reason
    said = Said(word, item.username, item.at, owner=str(item.data.get("owner") or ""), note=str(note or ""))
    say(session, forum_name, item.cohort or "", int(item.subject), said)


def _set_fact(session: Session, forum_name: str, item: WorkItem) -> None:
    """Keep what a workflow says of a learner of the cohort; without a value it is not known any more."""
    name, user_id = item.data.get("name"), item.subject
    if not isinstance(name, str) or not FACT_NAME.fullmatch(name) or name.startswith(ABOUT_MANAGERS):
        LOG.warning("work item %d sets a fact that a workflow may not set", item.id)
        return
    value = _fact_value(item)
    if value is None and item.data.get("value") is not None:
        LOG.warning("work item %d sets a fact to a value that is not of its type", item.id)
        return
    source = f"workflow {item.data.get('workflow') or ''}".strip()
    set_fact(session, forum_name, int(user_id), name, value, source, item.at, cohort=item.cohort or "")


def _fact_value(item: WorkItem) -> FactValue | None:
    """Return the value as its type says; None where there is none, or none of that type."""
    value, kind = item.data.get("value"), item.data.get("type")
    if kind == FactType.YES_NO:
        return value if isinstance(value, bool) else None
    if kind == FactType.NUMBER:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
    if not isinstance(value, str):
        return None
    if kind == FactType.DATE:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if kind == FactType.TEXT else None


def _pause(session: Session, forum_name: str, item: WorkItem) -> ClockChange:
    text = item.data.get("until")
    until = datetime.fromisoformat(text) if isinstance(text, str) else None
    pause(session, forum_name, item.cohort or "", until)
    return ClockChange(paused=True, until=until)


def _resume(session: Session, forum_name: str, item: WorkItem) -> ClockChange:
    resume(session, forum_name, item.cohort or "")
    return ClockChange()


def _shift(session: Session, forum_name: str, item: WorkItem) -> ClockChange:
    return ClockChange(shift_days=shift(session, forum_name, item.cohort or "", int(item.data.get("days", 0))))


_CLOCKS: dict[str, Callable[[Session, str, WorkItem], ClockChange]] = {
    "pause_cohort": _pause,
    "resume_cohort": _resume,
    "shift_cohort": _shift,
}
_HANDLERS: dict[str, Callable[[Session, str, WorkItem], None]] = {
    "approve_draft": _approve,
    "reject_draft": _reject,
    CONSENT: enter_click,
    PREFERENCE: enter_choice,
    "mark_practice": _mark,
    "unmark_practice": _unmark,
    "snooze_learner": _put_aside,
    "dismiss_learner": _put_aside,
    "restore_learner": _show_again,
    "own_blocker": _blocker,
    "open_blocker": _blocker,
    "solve_blocker": _blocker,
    "set_fact": _set_fact,
}
