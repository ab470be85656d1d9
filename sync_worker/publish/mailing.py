"""An entry of the ledger that is a mail: handed to the mail server at most once, and told to the LCM where it was not.

A forum can be asked whether a message is there; a mail server cannot. So the moment of handing over is written down
first (`sent_at`). An entry that has it and no outcome may have been sent: it is reported as "unknown whether sent" and
never sent again, unless a person says so.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import select, update

from sync_worker.errors import ConfigError, MailError, NoMailServerError, Outcome, in_words
from sync_worker.languages.parts import CASES, MAILS
from sync_worker.mail.delivery import post_office
from sync_worker.mail.letter import Letter, write_mail
from sync_worker.model import Draft, DraftKind
from sync_worker.model.drafts import MAIL_LINK
from sync_worker.publish.acts import FOUND, Carried, Outage
from sync_worker.publish.entries import note_about
from sync_worker.publish.gate import LATER, withdraw
from sync_worker.publish.last_check import note_key
from sync_worker.store.ledger import draft_from_json, drafts
from sync_worker.store.mails import (
    ANSWERS,
    ASKS,
    CORROBORATES,
    FORGOTTEN,
    REFUSED,
    STOP,
    TO_MANAGER,
    UNSUBSCRIBED,
    mail_secret,
    recipient_of,
    said_yes,
    seal,
    stop,
    stopped,
)
from sync_worker.store.tables import LedgerRow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from email.message import EmailMessage

    from sqlalchemy.orm import Session

    from sync_worker.config.mail import MailSettings
    from sync_worker.languages.sentences import MailSentences
    from sync_worker.mail.delivery import PostOffice
    from sync_worker.model import Cohort, Manager
    from sync_worker.publish.last_check import Writer
    from sync_worker.store.database import Store
    from sync_worker.store.tables import DraftRow

LOG = logging.getLogger(__name__)
AN_HOUR = timedelta(hours=1)
PAGES = "/briefing"
NO_MAIL = "lcm.yaml says nothing about `mail`, so that no mail can be sent."
NO_ADDRESS = "the mail is for no address"
NOTE = "not-delivered"


def choices_of(refs: Collection[str], locale: str) -> Mapping[str, str]:
    """Return what the links of a mail say, by their words: what a manager has seen, or whether there is time."""
    return CASES.of(locale).seen if CORROBORATES in refs else MAILS.of(locale).answers


@dataclass(frozen=True, slots=True)
class Mailing:
    """Sends the mails of one forum's ledger; none after the first of them found no server."""

    store: Store
    forum: str
    settings: MailSettings | None
    now: datetime
    writer: Writer | None = None
    outage: Outage = field(default_factory=Outage)

    def carry_out(self, row: LedgerRow, last_words: Callable[[], tuple[LedgerRow, Draft, Carried | None]]) -> Carried:
        """Send one mail, or find out that it was sent.

        Args:
            row: its entry, intended.
            last_words: looks up what the mail shows once more, and returns it as it goes out.

        Raises:
            MailError: it was not sent and may be tried again.
            ForumError: what it shows cannot be looked up now.

        """
        draft = draft_from_json(row.payload)
        if row.sent_at is None and draft.not_after is not None and self.now >= draft.not_after:
            return self._expired(row)
        if self.settings is None:
            do = "See docs/mail.md, or leave out the steps that send mails."
            raise MailError(NO_MAIL, where="lcm.yaml", do=do, outcome=Outcome.POSTPONED, unreachable=True)
        return self._deliver(self.settings, row, draft, last_words)

    def _deliver(
        self,
        settings: MailSettings,
        row: LedgerRow,
        draft: Draft,
        last_words: Callable[[], tuple[LedgerRow, Draft, Carried | None]],
    ) -> Carried:
        manager = recipient_of(draft.recipients)
        if manager is None:
            return Carried("skipped", reason=NO_ADDRESS)
        office = self._office(settings)
        if row.sent_at is not None:
            handed_over = office.has(self._mail(settings, row, draft, manager))
            if handed_over is not False:
                return Carried("done", reason=FOUND) if handed_over else self._unknown(row)
        if self.outage.of_mail is not None:
            raise self.outage.of_mail
        row, draft, stays = last_words()
        stays = stays or self._stopped(row, manager) or self._full(row)
        if stays is not None:
            return stays
        message = self._mail(settings, row, draft, manager)
        if not self._begin(row):
            return self._meanwhile(row)
        try:
            office.send(message, manager.address)
        except MailError as error:
            return self._not_sent(row, manager, error)
        return Carried("done")

    def _office(self, settings: MailSettings) -> PostOffice:
        try:
            return post_office(settings)
        except ConfigError as error:  # as where the server does not take the password: nothing is lost meanwhile
            raise MailError(
                error.what, where=error.where, do=error.do, outcome=Outcome.POSTPONED, unreachable=True
            ) from None

    def _meanwhile(self, row: LedgerRow) -> Carried:
        """Return what another process made of a mail; where it has not settled it, nobody knows."""
        with self.store.begin() as session:
            state, reason = session.execute(
                select(LedgerRow.state, LedgerRow.reason).where(LedgerRow.key == row.key)
            ).one()
        return self._unknown(row) if state == "intended" else Carried(state, reason=reason)

    def _mail(self, settings: MailSettings, row: LedgerRow, draft: Draft, manager: Manager) -> EmailMessage:
        words = MAILS.of(draft.locale or self._locale(row))
        links, ends = self._links(settings, row, draft, words) if TO_MANAGER in draft.refs else ({}, ())
        letter = Letter(
            row.key,
            manager.address,
            manager.name,
            draft.title or "",
            draft.raw,
            draft.locale or self._locale(row),
            settings.replies_to(row.cohort),
            links,
            ends,
        )
        return write_mail(letter, settings, self.now)

    def _links(
        self, settings: MailSettings, row: LedgerRow, draft: Draft, words: MailSentences
    ) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return where the links of a mail to a manager lead, and the addresses that end such mails."""
        with self.store.begin() as session:
            secret = mail_secret(session, self.forum)
        said = {**choices_of(draft.refs, draft.locale or self._locale(row)), STOP: words.stop}
        offered = (*(ANSWERS if ASKS in draft.refs else ()), STOP)
        codes = {word: seal(secret, row.key, word) for word in offered}

        def by_mail(word: str) -> str:
            mailbox = settings.unsubscribe_at(row.cohort) if word == STOP else settings.replies_to(row.cohort)
            subject = words.subject.format(choice=said[word], code=codes[word])
            return f"mailto:{mailbox}?subject={quote(subject)}"

        if settings.answers_at is None:
            return {f"{MAIL_LINK}{word}": by_mail(word) for word in offered}, (by_mail(STOP),)
        pages = {word: f"{settings.answers_at}{PAGES}/{code}" for word, code in codes.items()}
        return {f"{MAIL_LINK}{word}": page for word, page in pages.items()}, (pages[STOP], by_mail(STOP))

    def _stopped(self, row: LedgerRow, manager: Manager) -> Carried | None:
        words = MAILS.of(self._locale(row))
        with self.store.begin() as session:
            why = stopped(session, self.forum, [manager.address]).get(manager.key)
            refs = row.payload.get("refs", ())
            to_manager = TO_MANAGER in refs and CORROBORATES not in refs  # of that one, each is about another learner
            has_agreed = to_manager and said_yes(session, self.forum, row.cohort, row.step, manager)
        if why is None:
            return Carried("skipped", reason=words.agreed) if has_agreed else None
        said = {UNSUBSCRIBED: words.unsubscribed, REFUSED: words.refused_before, FORGOTTEN: words.forgotten}
        return Carried("skipped", reason=said[why])

    def _full(self, row: LedgerRow) -> Carried | None:
        """Return until when a mail waits where as many went out in the last hour as may."""
        limit = self.settings.per_hour if self.settings is not None else 0
        with self.store.begin() as session:
            sent = session.scalars(
                select(LedgerRow.sent_at)
                .where(
                    LedgerRow.forum == self.forum,
                    LedgerRow.action == DraftKind.MAIL,
                    LedgerRow.sent_at > self.now - AN_HOUR,
                    LedgerRow.sent_at <= self.now,
                    LedgerRow.key != row.key,
                )
                .order_by(LedgerRow.sent_at.desc())
                .limit(limit)
            ).all()
        if len(sent) < limit or sent[-1] is None:
            return None
        reason = f"{limit} mails went out in the last hour (mail.per_hour)"
        return Carried(LATER, reason=reason, not_before=sent[-1] + AN_HOUR)

    def _begin(self, row: LedgerRow) -> bool:
        """Write down that a mail is handed over now; False where another process has done so meanwhile."""
        with self.store.begin() as session:
            unchanged = LedgerRow.sent_at.is_(None) if row.sent_at is None else LedgerRow.sent_at == row.sent_at
            entry = update(LedgerRow).where(LedgerRow.key == row.key, LedgerRow.state == "intended", unchanged)
            result: Any = session.execute(entry.values(sent_at=self.now))
        return bool(result.rowcount == 1)

    def _not_sent(self, row: LedgerRow, manager: Manager, error: MailError) -> Carried:
        """Settle a mail that was not taken, or of which nobody knows whether it was."""
        if isinstance(error, NoMailServerError):
            self.outage.of_mail = error
        if error.outcome is Outcome.DOUBTFUL:
            return self._unknown(row, error.what)
        with self.store.begin() as session:
            if error.outcome is Outcome.POSTPONED:
                session.execute(update(LedgerRow).where(LedgerRow.key == row.key).values(sent_at=None))
            else:
                if error.of_recipient:
                    stop(session, self.forum, manager.address, REFUSED, self.now, reason=in_words(error))
                self.give_up(session, row, in_words(error))
        if error.outcome is Outcome.POSTPONED:
            raise error
        return Carried("failed", reason=in_words(error))

    def _expired(self, row: LedgerRow) -> Carried:
        """Leave out a mail whose time has passed, and all others of its step and date; the LCMs get one message of all.

        Nothing is said of a morning note: the next one has what waits.
        """
        words = MAILS.of(self._locale(row))
        if TO_MANAGER not in row.payload.get("refs", ()):
            return Carried("skipped", reason=words.expired)
        with self.store.begin() as session:
            late = [one for one in self._of_same_date(session, row) if self._is_late(one.payload)]
            if not late:
                return self._meanwhile(row)
            approved = [
                one for one in drafts(session, row.forum, row.cohort, ("approved",)) if self._is_as_late(one, row)
            ]
            for key in (*(one.key for one in late), *(one.key for one in approved)):
                withdraw(session, key, words.expired)
            session.execute(
                update(LedgerRow)
                .where(LedgerRow.key.in_([one.key for one in late]))
                .values(state="skipped", reason=words.expired, updated_at=self.now)
            )
            known = [*(one.payload for one in late), *(one.body for one in approved)]
            mails = "\n".join(f"- {payload.get('reason', '')}" for payload in known)
            waited = f"{row.reason}\n\n" if row.reason else ""
            text = words.expired_body[len(known) == 1].format(mails=mails, reason=waited)
            self._tell(session, row, words.expired_title[len(known) == 1], text)
        return Carried("skipped", reason=words.expired)

    def _of_same_date(self, session: Session, row: LedgerRow) -> Sequence[LedgerRow]:
        """Return the mails of an entry's step and date that were not handed over, and no other process does now."""
        same = (LedgerRow.forum == row.forum, LedgerRow.cohort == row.cohort, LedgerRow.step == row.step)
        query = select(LedgerRow).where(*same, LedgerRow.slot == row.slot, LedgerRow.action == DraftKind.MAIL)
        query = query.where(LedgerRow.state == "intended", LedgerRow.sent_at.is_(None))
        return session.scalars(query.order_by(LedgerRow.key).with_for_update()).all()

    def _is_as_late(self, draft: DraftRow, row: LedgerRow) -> bool:
        """Whether an approved draft is a mail of an entry's step and date, and too late as well."""
        of_same_date = draft.body["step"] == row.step and datetime.fromisoformat(draft.body["slot"]) == row.slot
        return of_same_date and draft.body.get("kind") == DraftKind.MAIL and self._is_late(draft.body)

    def _is_late(self, payload: Mapping[str, Any]) -> bool:
        latest = draft_from_json(payload).not_after
        return TO_MANAGER in payload.get("refs", ()) and latest is not None and self.now >= latest

    def _unknown(self, row: LedgerRow, what: str = "") -> Carried:
        words = MAILS.of(self._locale(row))
        reason = f"{words.unknown} ({what})" if what else words.unknown
        with self.store.begin() as session:
            self._fail(session, row, reason)
            self._tell(session, row, words.unknown_title, words.unknown_body.format(why=row.payload.get("reason", "")))
        return Carried("failed", reason=reason)

    def give_up(self, session: Session, row: LedgerRow, reason: str) -> None:
        """Enter that a mail is not sent, and the message that tells the LCMs so, in one transaction."""
        words = MAILS.of(self._locale(row))
        self._fail(session, row, reason)
        text = words.not_sent.format(reason=reason, why=row.payload.get("reason", ""))
        self._tell(session, row, words.not_sent_title, text)

    def _fail(self, session: Session, row: LedgerRow, reason: str) -> None:
        entry = update(LedgerRow).where(LedgerRow.key == row.key)
        session.execute(entry.values(state="failed", reason=reason, updated_at=self.now))

    def _tell(self, session: Session, row: LedgerRow, title: str, text: str) -> None:
        """Intend a message to the LCMs, once for each mail."""
        cohort = self._cohort(row)
        key = note_key(row.key)
        if cohort is None or session.get(LedgerRow, key) is not None:
            return
        note = Draft(DraftKind.MESSAGE, text, title, NOTE, title, recipients=(cohort.lcm_group,), refs=(NOTE,))
        session.add(note_about(row, key, note, self.now))

    def _cohort(self, row: LedgerRow) -> Cohort | None:
        return self.writer.cohort(row.cohort) if self.writer is not None else None

    def _locale(self, row: LedgerRow) -> str:
        cohort = self._cohort(row)
        return cohort.locale if cohort is not None else "en"
