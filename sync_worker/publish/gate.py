"""The gate before what goes to learners themselves: caps, quiet hours, opt-outs, and whom the step is still for.

What may not go out now waits for the next moment at which it may, or is left out where that would be too late. The
moment of sending is written into the ledger before the call, in the transaction that counts: two workers never use the
same place, and after a crash a message that may have been sent counts until the forum was looked at.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from sync_worker.activity.choices import refusing, take_in_choices, unheard, unwilling
from sync_worker.activity.practices import ASKS_AUTHOR
from sync_worker.content.reasons import held_reason, reasons_for
from sync_worker.membership.observing.observe import members_of
from sync_worker.model import TOGETHER, UNTIL_BACK, Approval, Draft, DraftKind, Reach, Use, behind_mark, fold
from sync_worker.model.drafts import Opening, Sent, opening
from sync_worker.publish.citations import Trouble
from sync_worker.store.forgotten import read_forgotten
from sync_worker.store.ledger import WITHDRAWN
from sync_worker.store.tables import DraftRow, IdentityRow, LedgerRow

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort
    from sync_worker.publish.last_check import Writer
    from sync_worker.store.database import Store


COUNTED = timedelta(days=9)  # a week, on whichever clock
PATIENCE = timedelta(days=3)  # of what has no step that says otherwise
CONSENT = frozenset({"consent", "consent-again", ASKS_AUTHOR})
GREENWICH = ZoneInfo("UTC")
LATER = "later"
SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Held:
    """Why a message does not go out: `later` (not before `until`) or `skipped` for good, for a reason in words."""

    state: str
    reason: str
    until: datetime | None = None


def learners_of(payload: Mapping[str, Any]) -> tuple[int, ...]:
    """Return the accounts of the learners whom an entry reaches: one alone, or those whom it brings together."""
    if payload.get("to_learner") is not None:
        return (payload["to_learner"],)
    return tuple(payload.get("about_users", ())) if brings_together(payload) else ()


def brings_together(payload: Mapping[str, Any]) -> bool:
    """Whether an entry is a message to several learners, who get it as one conversation or not at all."""
    return TOGETHER in payload.get("refs", ())


def depends_on(payload: Mapping[str, Any]) -> frozenset[int]:
    """Return the accounts without whose last words an entry may not go out: whom it reaches, quotes or names.

    An answer to what a learner has just written depends on nothing else.
    """
    if payload.get("answers_learner"):
        return frozenset()
    shown = [one for one in payload.get("citations", ()) if one.get("use") not in (Use.LINK, Use.OWN)]
    cited = {number for one in shown if (number := one.get("user_id")) is not None}
    return frozenset(learners_of(payload)) | cited


def counts(payload: Mapping[str, Any]) -> bool:
    """Whether an entry uses up what learners may receive: whatever reaches them themselves, but for answers to them."""
    return bool(learners_of(payload)) and not payload.get("answers_learner")


def is_exempt(payload: Mapping[str, Any]) -> bool:
    """Whether neither caps nor quiet hours hold an entry back.

    That is an answer to what the learner has just done, and a question for consent that an LCM approved or asked for.
    """
    asks = CONSENT & set(payload.get("refs", ()))
    decided = payload.get("approval") == Approval.LCM or payload.get("asked_for", False)
    return not counts(payload) or bool(asks and decided)


def is_in_line(row: LedgerRow) -> bool:
    """Whether an entry was never tried and competes with others for what learners may receive."""
    return row.sent_at is None and not is_exempt(row.payload)


def place_in_line(row: LedgerRow) -> tuple[int, str, datetime, datetime, int, int, str]:
    """Return what orders entries that compete: the highest precedence first, then what is too late soonest."""
    payload = row.payload
    due = (row.created_at, row.slot, payload.get("position", 0), row.to_learner or 0, row.key)
    last = send_by(row).astimezone(UTC).isoformat() if payload.get("send_by") else ""
    return -payload.get("precedence", 0), last, *due


def send_by(row: LedgerRow) -> datetime:
    """Return the last moment at which an entry is still of use.

    What brings people together names a date, and is of use until then, however late its step is.
    """
    written = row.payload.get("not_after") if brings_together(row.payload) else None
    written = written or row.payload.get("send_by")
    return datetime.fromisoformat(written) if written else row.created_at + PATIENCE


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets entries of the ledger through to their learners, or holds them."""

    forum: Forum
    store: Store
    now: datetime
    writer: Writer | None = None

    def until_heard(self, row: LedgerRow) -> Held | None:
        """Return why an entry waits although all that people wrote was asked for: not all of it could be read.

        What would come too late by now is left out. Calls: none.
        """
        concerned = depends_on(row.payload)
        with self.store.begin() as session:
            if not unheard(session, row.forum).includes(concerned):
                return None
        say = reasons_for(self._locale(row))
        if counts(row.payload) and self.now > send_by(row):
            return Held(SKIPPED, say.too_late(say.unheard(), self.now.astimezone(self._zone(row.cohort))))
        return Held(LATER, say.unheard())

    def first_look(self, row: LedgerRow) -> Held | None:
        """Return why an entry that was never tried is held, by what the store knows. Calls: none."""
        with self.store.begin() as session:
            return (
                self._left_out(session, row)
                or self._refused(session, row)
                or self._judged(row, self._opening(session, row))
            )

    def last_word(self, row: LedgerRow, draft: Draft) -> tuple[Draft, Held | None]:
        """Return the draft as it goes out now, or why it does not; one that goes counts from here on.

        Whom `lcm.yaml` left out of the step since it was written gets nothing of it, nor who is no longer as the rule
        of the step asks. What brings people together goes to all of them or to none.

        It goes to the learner by the username of today. What was chosen on the forum is read again first.

        Calls: 1 for the account; those of `members_of` for a message about silence, which is void once the learner has
        written; with the plugin 1 for the choices made since last time, 1 more a hundred; those of
        `Writer.is_still_for`. For an entry that is exempt only the last of these, and for one that brings people
        together: their accounts and choices were read with what it shows.

        Raises:
            ForumError: it cannot be looked up now; nothing is sent.

        """
        if held := self.until_heard(row):
            return draft, held
        if self.writer is not None and not self.writer.is_still_for(row):
            together = brings_together(row.payload)
            return draft, Held(SKIPPED, reasons_for(self._locale(row)).not_for_them(together=together))
        if draft.to_learner is not None and not is_exempt(row.payload):
            plugin = self.forum.plugin
            if plugin is not None:
                take_in_choices(plugin, self.store, self.forum.name)
            account = self.forum.user_by_id(draft.to_learner)
            if account is None or account.suspended or account.silenced:
                return draft, Held(SKIPPED, reasons_for(self._locale(row)).account_away())
            if reason := self._not_silent(row, draft):
                return draft, Held(SKIPPED, reason)
            if draft.recipients:
                draft = replace(draft, recipients=(account.username, *draft.recipients[1:]))
        with self.store.begin() as session:
            return draft, self._reserve(session, row)

    def _not_silent(self, row: LedgerRow, draft: Draft) -> str:
        """Return why a message about silence is void: the learner has written since, or left; "" where it is not."""
        since = behind_mark(draft.refs, UNTIL_BACK)
        cohort = self._cohort(row.cohort)
        if not since or cohort is None:
            return ""
        members = members_of(self.forum, self.store.sessions, cohort, cohort.group)
        member = next((one for one in members if one.id == draft.to_learner), None)
        if member is None:
            return held_reason(cohort.locale, "LEFT")
        wrote = member.last_posted_at
        is_back = wrote is not None and wrote > datetime.fromisoformat(max(since))
        return reasons_for(cohort.locale).came_back() if is_back else ""

    def _reserve(self, session: Session, row: LedgerRow) -> Held | None:
        """Write down that an entry is sent now, unless it may not be; one worker at a time for each learner."""
        if session.get_bind().dialect.name != "sqlite":  # there the first write below locks the whole store
            texts = [f"{row.forum} {learner}" for learner in learners_of(row.payload)]
            numbers = {int.from_bytes(hashlib.sha256(text.encode()).digest()[:7]) for text in texts}
            for number in sorted(numbers):  # always in one order: two workers never wait for each other
                session.execute(select(func.pg_advisory_xact_lock(number)))
        entry = update(LedgerRow).where(LedgerRow.key == row.key)
        session.execute(entry.values(sent_at=self.now))
        held = self._left_out(session, row)
        if held is None and not is_exempt(row.payload):
            held = self._refused(session, row) or self._judged(row, self._opening(session, row))
        if held is not None:
            session.execute(entry.values(sent_at=None))
        return held

    def _left_out(self, session: Session, row: LedgerRow) -> Held | None:
        """Return that the cohort left somebody out of the step, by the username of the draft or by who they are."""
        named = self.writer.left_out(row.cohort, row.step) if self.writer is not None else ()
        learners = learners_of(row.payload)
        if not named or not learners:
            return None
        recipients = row.payload.get("recipients", ())[: len(learners)]  # LCMs may read along behind them
        usernames = {fold(name): number for name, number in zip(recipients, learners, strict=False)}
        if accounts_named(session, row.forum, named, usernames).isdisjoint(learners):
            return None
        return Held(SKIPPED, reasons_for(self._locale(row)).left_out())

    def _refused(self, session: Session, row: LedgerRow) -> Held | None:
        """Return that a learner wants no such message, or was forgotten."""
        together = brings_together(row.payload)
        refused = unwilling(session, row.forum, row.cohort) if together else refusing(session, row.forum, "nudges")
        forgotten = read_forgotten(session, row.forum)
        if not any(one in refused or forgotten.has_account(one) for one in learners_of(row.payload)):
            return None
        if together:
            return Held(SKIPPED, held_reason(self._locale(row), Trouble.UNWILLING.name))
        return Held(SKIPPED, reasons_for(self._locale(row)).no_nudges())

    def _opening(self, session: Session, row: LedgerRow) -> Opening:
        """Return when an entry may go out, by all else that each of its learners got."""
        got: dict[int, list[Sent]] = {learner: [] for learner in learners_of(row.payload)}
        for sent in received(session, row.forum, tuple(got), self.now - COUNTED):
            if sent.key != row.key:
                got[sent.learner].append(Sent(sent.at, self._zone(sent.cohort)))
        reach = self.writer.reach(row.cohort) if self.writer else Reach()
        return opening(reach, self._zone(row.cohort), self.now, *got.values())

    def _judged(self, row: LedgerRow, found: Opening) -> Held | None:
        """Return what follows from when an entry may go out: what waited while the worker was off may be of no use."""
        say, latest = reasons_for(self._locale(row)), send_by(row)
        if found.at == self.now or found.why is None:
            is_late = self.now > latest
            return Held(SKIPPED, say.missed(latest.astimezone(self._zone(row.cohort)))) if is_late else None
        why = say.held_back(found.why.value, together=brings_together(row.payload))
        if found.at is None:
            return Held(SKIPPED, why)
        local = found.at.astimezone(self._zone(row.cohort))
        if found.at > latest:
            return Held(SKIPPED, say.too_late(why, local))
        return Held(LATER, say.waits_until(why, local), found.at.astimezone(UTC))

    def _cohort(self, key: str) -> Cohort | None:
        return self.writer.cohort(key) if self.writer else None

    def _zone(self, key: str) -> ZoneInfo:
        cohort = self._cohort(key)
        return cohort.zone if cohort is not None else GREENWICH

    def _locale(self, row: LedgerRow) -> str:
        cohort = self._cohort(row.cohort)
        return cohort.locale if cohort is not None else "en"


class Received(NamedTuple):
    """That a learner got an entry of the ledger, or may have got it."""

    key: str
    learner: int
    at: datetime
    cohort: str


def received(session: Session, forum: str, learners: Collection[int], since: datetime) -> list[Received]:
    """Return what these learners got from all cohorts since a moment, alone or with others.

    A message to several has one entry, which names no single learner. Of such entries only these and mails have a
    moment of sending, so that the index by learner and moment leads to them.
    """
    entries = select(LedgerRow.key, LedgerRow.sent_at, LedgerRow.cohort, LedgerRow.to_learner).where(
        LedgerRow.forum == forum, LedgerRow.sent_at >= since, LedgerRow.state.in_(("done", "intended"))
    )
    alone = session.execute(entries.where(LedgerRow.to_learner.in_(learners)))
    with_others = session.execute(
        entries.add_columns(LedgerRow.payload["about_users"], LedgerRow.payload["refs"]).where(
            LedgerRow.to_learner.is_(None), LedgerRow.action == DraftKind.MESSAGE
        )
    )
    found = [(key, at, cohort, (learner,)) for key, at, cohort, learner in alone]
    found += [
        (key, at, cohort, tuple(group or ()))
        for key, at, cohort, _, group, refs in with_others
        if TOGETHER in (refs or ())
    ]
    return [
        Received(key, learner, at, cohort)
        for key, at, cohort, group in found
        for learner in group
        if learner is not None and learner in learners and at is not None
    ]


def accounts_named(
    session: Session, forum: str, named: Collection[str], usernames: Mapping[str, int]
) -> frozenset[int]:
    """Return the accounts of people who are named by their username or by their key in the roster.

    Args:
        session: of the store, which knows who is who.
        forum: its name.
        named: usernames and keys (`id:4711`, `mail:ana@example.org`).
        usernames: accounts by folded username, as the forum has them now.

    """
    wanted = {fold(one) for one in named}
    if not wanted:
        return frozenset()
    rows = session.execute(select(IdentityRow.user_id, IdentityRow.person).where(IdentityRow.forum == forum))
    by_key = {number for number, person in rows if fold(person) in wanted}
    return frozenset(by_key | {number for name, number in usernames.items() if name in wanted})


def withdraw(session: Session, key: str, reason: str) -> None:
    """Say on the draft that an LCM approved that it was left out, and why, unless that is said already."""
    draft = session.get(DraftRow, key)
    if draft is not None and draft.state != WITHDRAWN:
        draft.state, draft.decision_reason = WITHDRAWN, reason
