"""Who asked to be forgotten, kept as digests, so that nothing new of them comes into the store."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.model import fold
from sync_worker.store.personal import ACCOUNTS, Subject
from sync_worker.store.tables import CursorRow, ForgottenRow

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.model import Person


KEY = "forgotten-key"
KEY_BYTES, DIGEST_BYTES = 32, 16
OF_ACTIVITY = frozenset(
    {
        *("posts", "likes", "visits", "choices", "activity_days", "answer_weeks", "trials", "practices"),
        *("cases", "case_notes"),
    }
)


@dataclass(frozen=True)
class Forgotten:
    """Who asked to be forgotten, as keyed digests: enough to leave them out, and to show nothing."""

    key: bytes = b""
    digests: frozenset[str] = frozenset()

    def has(self, person: Person) -> bool:
        """Whether a person of a roster is one of them; by the username alone where the roster has nothing else."""
        if not self.digests:
            return False
        given = [("i", person.external_id), ("e", person.email)]
        if not (person.external_id or person.email):
            given.append(("u", person.username))
        return any(value and self.digest(kind, value) in self.digests for kind, value in given)

    def has_account(self, number: int) -> bool:
        """Whether an account is one of theirs."""
        return bool(self.digests) and self.digest("a", str(number)) in self.digests

    def of(self, subject: Subject) -> set[str]:
        """Return the digests by which a person is recognised again."""
        given = [("a", str(number)) for number in subject.accounts]
        given += [("i", one) for one in subject.ids] + [("e", one) for one in subject.emails]
        if not (subject.ids or subject.emails):
            given += [("u", one) for one in subject.usernames]
        return {self.digest(kind, value) for kind, value in given}

    def digest(self, kind: str, value: str) -> str:
        """Return the digest of an identifier."""
        text = f"{kind}:{fold(value)}".encode()
        return hashlib.blake2b(text, digest_size=DIGEST_BYTES, key=self.key).hexdigest()

    @cached_property
    def is_empty(self) -> bool:
        """Whether nobody asked."""
        return not self.digests


def read_forgotten(session: Session, forum: str) -> Forgotten:
    """Return who asked to be forgotten."""
    kept = session.get(CursorRow, (forum, KEY))
    if kept is None:
        return Forgotten()
    digests = session.scalars(select(ForgottenRow.digest).where(ForgottenRow.forum == forum))
    return Forgotten(bytes.fromhex(kept.value), frozenset(digests))


def remember_forgotten(session: Session, forum: str, subject: Subject, now: datetime) -> None:
    """Keep by what a person is recognised who is to be left out from now on."""
    if session.get(CursorRow, (forum, KEY)) is None:
        session.add(CursorRow(forum=forum, name=KEY, value=secrets.token_hex(KEY_BYTES)))
        session.flush()
    for digest in read_forgotten(session, forum).of(subject):
        session.merge(ForgottenRow(forum=forum, digest=digest, at=now))


def no_longer_forgotten(session: Session, forum: str, words: str) -> int:
    """Forget that a person asked, by one of their identifiers; return how many digests there were.

    Those that were entered at one moment are of one person.
    """
    forgotten = read_forgotten(session, forum)
    asked = {forgotten.digest(kind, words) for kind in "ieu"}
    of_forum = ForgottenRow.forum == forum
    moments = session.scalars(select(ForgottenRow.at).where(of_forum, ForgottenRow.digest.in_(asked))).all()
    rows = session.scalars(select(ForgottenRow).where(of_forum, ForgottenRow.at.in_(moments))).all()
    for row in rows:
        session.delete(row)
    return len(rows)


def leave_out_forgotten(session: Session, *context: object) -> None:
    """Keep nothing new that forgotten people did on the forum: called before anything new is written."""
    del context
    of_people = [row for row in session.new if _accounts_of(row)]
    known: dict[str, Forgotten] = {}
    for row in of_people:
        if row.forum not in known:
            with session.no_autoflush:
                known[row.forum] = read_forgotten(session, row.forum)
        if any(known[row.forum].has_account(number) for number in _accounts_of(row)):
            session.expunge(row)


def _accounts_of(row: Any) -> Iterable[int]:
    if row.__tablename__ not in OF_ACTIVITY:
        return ()
    return [number for name in ACCOUNTS if (number := getattr(row, name, None)) is not None]
