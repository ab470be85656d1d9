"""Who gets no more mails, what managers answered, and the sealed words by which a link or a subject says so.

A sealed word is the key of a mail, what its reader chose, and a keyed digest of both: nobody can make one up, and one
answers for one mail alone. The secret is in the store.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, select

from sync_worker.model import WHILE_MAY_ASK, Manager, fold, mail_address, managers_in
from sync_worker.store.database import rows_of_cohort
from sync_worker.store.facts import facts_of, set_fact
from sync_worker.store.forgotten import read_forgotten
from sync_worker.store.tables import BriefingAnswerRow, CursorRow, LedgerRow, MailStopRow

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

SECRET = "mail-secret"  # noqa: S105  (the name of a row)
SECRET_BYTES, SEAL_BYTES = 32, 10
MAIL = "mail"
TO_MANAGER = "to-manager"
"""Among the refs of a mail that its reader can end: to a manager, not to somebody who looks after the cohort."""
ASKS = "asks"
"""Among the refs of a mail that asks its reader something."""
CORROBORATES = "corroborates"
"""Among the refs of one that asks what a manager has seen of one learner: its answers say nothing about support."""
YES, NOT_YET, TALK, STOP = "yes", "not-yet", "talk", "stop"
ANSWERS = {YES: "yes", NOT_YET: "not yet", TALK: "talk"}
"""What a link calls an answer, and what it is in the store."""
UNSUBSCRIBED, REFUSED, FORGOTTEN = "unsubscribed", "refused", "forgotten"
FACT, SOURCE = "manager_answer", "briefings"
SEALED = re.compile(r"(?P<key>lcm-[a-z0-9-]{1,46})\.(?P<word>yes|not-yet|talk|stop)\.(?P<seal>[a-z2-7]{16})")


class Sealed(NamedTuple):
    """What somebody chose in the mail with a key."""

    key: str
    word: str


def mail_secret(session: Session, forum: str) -> bytes:
    """Return the secret of a forum's mails; it is made when it is needed first."""
    row = session.get(CursorRow, (forum, SECRET))
    if row is None:
        row = CursorRow(forum=forum, name=SECRET, value=secrets.token_hex(SECRET_BYTES))
        session.add(row)
        session.flush()
    return bytes.fromhex(row.value)


def seal(secret: bytes, key: str, word: str) -> str:
    """Return a sealed word: letters, digits, `-` and `.`, as it may stand in a subject or in an address."""
    return f"{key}.{word}.{_digest(secret, key, word)}"


def unsealed(secret: bytes, text: str) -> Sealed | None:
    """Return what the first sealed word in a text says; None where there is none, or it is none of ours."""
    found = SEALED.search(text.casefold())
    if found is None:
        return None
    good = hmac.compare_digest(found["seal"], _digest(secret, found["key"], found["word"]))
    return Sealed(found["key"], found["word"]) if good else None


def _digest(secret: bytes, key: str, word: str) -> str:
    made = hmac.new(secret, f"{key} {word}".encode(), hashlib.sha256).digest()[:SEAL_BYTES]
    return base64.b32encode(made).decode().lower()


# Who gets no more mails: kept for all cohorts of a forum, whatever the roster says.


def stopped(session: Session, forum: str, addresses: Collection[str]) -> dict[str, str]:
    """Return which of these addresses get no mails, as addresses are compared, and why."""
    keys = {fold(address) for address in addresses}
    query = select(MailStopRow).where(MailStopRow.forum == forum, MailStopRow.email.in_(sorted(keys)))
    found: dict[str, str] = {row.email: row.why for row in session.scalars(query)}
    forgotten = read_forgotten(session, forum)
    found |= {key: FORGOTTEN for key in keys if forgotten.digests and forgotten.digest("e", key) in forgotten.digests}
    return found


def stop(session: Session, forum: str, address: str, why: str, now: datetime, *, reason: str = "") -> None:
    """Send nothing more to an address; who unsubscribed stays so, whatever a mail server says later."""
    key = fold(address)
    row = session.get(MailStopRow, (forum, key))
    if row is not None and row.why == UNSUBSCRIBED:
        return
    session.merge(MailStopRow(forum=forum, email=key, why=why, reason=reason, at=now))


def start_again(session: Session, forum: str, address: str) -> bool:
    """Send mails to an address again; return whether any were stopped."""
    result = session.execute(delete(MailStopRow).where(MailStopRow.forum == forum, MailStopRow.email == fold(address)))
    return bool(result.rowcount)  # type: ignore[attr-defined]


# What managers answered.


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a sealed word: which entry it is about, what was chosen, whether it was the same before.

    `former`: nothing was entered, because the person is the manager of nobody whom the mail was about any more.
    """

    key: str
    cohort: str
    word: str
    address: str
    before: bool = False
    former: bool = False


def take(session: Session, forum: str, chosen: Sealed, source: str, now: datetime) -> Taken | None:
    """Keep what somebody chose in a mail; the last answer counts. None where the mail is not known any more.

    An answer is a fact about each learner whom the mail was about, too: `manager_answer`, in the mail's cohort. It
    counts for those of them whose manager the person still is; somebody else's manager can only end the mails. What a
    manager has seen of somebody's use is no fact: it is kept as an answer alone.
    """
    row = session.get(LedgerRow, chosen.key)
    if row is None or row.forum != forum or row.action != MAIL:
        return None
    manager = recipient_of(row.payload.get("recipients", ()))
    if manager is None:
        return None
    if chosen.word == STOP:
        before = stopped(session, forum, [manager.address]).get(manager.key) == UNSUBSCRIBED
        stop(session, forum, manager.address, UNSUBSCRIBED, now)
        return Taken(row.key, row.cohort, STOP, manager.address, before)
    if ASKS not in row.payload.get("refs", ()):
        return None
    about = _still_managed(session, row, manager)
    if not about:
        return Taken(row.key, row.cohort, chosen.word, manager.address, former=True)
    answer = ANSWERS[chosen.word]
    kept = session.get(BriefingAnswerRow, (forum, row.key))
    before = kept is not None and kept.answer == answer
    if not before:
        session.merge(
            BriefingAnswerRow(
                forum=forum,
                key=row.key,
                cohort=row.cohort,
                step=row.step,
                email=manager.key,
                name=manager.name,
                about_users=about,
                answer=answer,
                source=source,
                settled_at=None,
                at=now,
            )
        )
        for number in about if CORROBORATES not in row.payload["refs"] else ():
            set_fact(session, forum, number, FACT, answer, SOURCE, now, cohort=row.cohort)
    return Taken(row.key, row.cohort, chosen.word, manager.address, before)


def is_former(session: Session, forum: str, chosen: Sealed) -> bool:
    """Whether an answer comes from somebody who is the manager of nobody any more whom the mail was about."""
    row = session.get(LedgerRow, chosen.key)
    manager = recipient_of(row.payload.get("recipients", ())) if row is not None and row.forum == forum else None
    return row is not None and manager is not None and chosen.word != STOP and not _still_managed(session, row, manager)


def _still_managed(session: Session, row: LedgerRow, manager: Manager) -> list[int]:
    """Return of those whom a mail was about the accounts whose manager its reader is now, as far as is known."""
    about = [int(number) for number in row.payload.get("about_users", ())]
    known = facts_of(session, row.forum, row.cohort, about)
    return [number for number in about if manager.key in {one.key for one in managers_in(known.get(number, {}))}]


def answers_of(session: Session, forum: str, cohort: str) -> Sequence[BriefingAnswerRow]:
    """Return what the managers of a cohort's learners answered, oldest first."""
    return rows_of_cohort(session, BriefingAnswerRow, forum, cohort, BriefingAnswerRow.at, BriefingAnswerRow.key)


def corroborations(session: Session, forum: str, cohort: str) -> dict[str, list[str]]:
    """Return what managers of a cohort answered who were asked what they have seen of one learner.

    By the key of the message in which that learner was asked; only the latest answer to each mail.
    """
    found: dict[str, list[str]] = {}
    for row in answers_of(session, forum, cohort):
        entry = session.get(LedgerRow, row.key)
        refs = entry.payload.get("refs", ()) if entry is not None else ()
        for ref in refs if CORROBORATES in refs else ():
            if ref.startswith(WHILE_MAY_ASK):
                found.setdefault(ref.removeprefix(WHILE_MAY_ASK), []).append(row.answer)
    return found


def said_yes(session: Session, forum: str, cohort: str, step: str, manager: Manager) -> bool:
    """Whether a manager answered yes to a mail of a step: then no other of that step goes to them."""
    row = BriefingAnswerRow
    query = select(row.key).where(row.forum == forum, row.cohort == cohort, row.step == step)
    return session.scalar(query.where(row.email == manager.key, row.answer == ANSWERS[YES]).limit(1)) is not None


def last_question_to(session: Session, forum: str, address: str) -> LedgerRow | None:
    """Return the latest mail to an address that asked something and went out, or may have."""
    rows = session.scalars(
        select(LedgerRow)
        .where(LedgerRow.forum == forum, LedgerRow.action == MAIL, LedgerRow.sent_at.is_not(None))
        .order_by(LedgerRow.sent_at.desc(), LedgerRow.key)
    )
    wanted = fold(address)
    for row in rows:
        found = recipient_of(row.payload.get("recipients", ()))
        if found is not None and found.key == wanted and ASKS in row.payload.get("refs", ()):
            return row
    return None


def sent_mails(session: Session, forum: str, cohort: str | None) -> Sequence[LedgerRow]:
    """Return the entries of mails, oldest first."""
    query = select(LedgerRow).where(LedgerRow.forum == forum, LedgerRow.action == MAIL)
    if cohort is not None:
        query = query.where(LedgerRow.cohort == cohort)
    return session.scalars(query.order_by(LedgerRow.created_at, LedgerRow.key)).all()


def recipient_of(recipients: Sequence[str]) -> Manager | None:
    """Return to whom a mail goes, by its one recipient: an address, perhaps with a name before it."""
    if len(recipients) != 1:
        return None
    name, bracket, rest = recipients[0].rpartition("<")
    address = mail_address(rest.rstrip("> ") if bracket else recipients[0])
    return Manager(address, name.strip()) if address is not None else None
