"""Settling by a person whose an account is, where roster, forum and memory contradict each other."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from sync_worker.errors import RefusedError, UsageError
from sync_worker.membership.matching.confirming import SETTLED, account_evidence, evidence_of, fingerprint
from sync_worker.membership.matching.directory import Directory
from sync_worker.membership.matching.identity import NoMatch
from sync_worker.model import fold
from sync_worker.store.tables import IdentityRow, SettlementRow
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.records import ForumUser
    from sync_worker.membership.matching.identity import Match
    from sync_worker.membership.state import Account
    from sync_worker.model import Person, Roster

BY_HAND = "settled"


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A person of the roster whose account is for somebody to settle, and why."""

    cohort: str
    key: str
    label: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """What somebody settled: the account that is a person's (None for none of them), who, when, and why."""

    key: str
    label: str
    user_id: int | None
    username: str
    by: str
    at: datetime
    reason: str
    undone_by: str | None = None
    undone_at: datetime | None = None


def unsettled(roster: Roster, who: Mapping[str, Match | NoMatch], cohort: str | None = None) -> list[Unsettled]:
    """Return everybody who fits an account that may be somebody else's, in the roster's order; pure."""
    found = []
    for enrolment in roster.enrolments:
        match, person = who.get(enrolment.person.key), enrolment.person
        if cohort in (None, enrolment.cohort) and isinstance(match, NoMatch) and _is_open(match):
            found.append(Unsettled(enrolment.cohort, person.key, person.label, enrolment.where, match.reason))
    return found


def find_person(roster: Roster, cohort: str, wanted: str) -> Person:
    """Return the person of a cohort with this name, address, username or id.

    Raises:
        UsageError: the cohort has nobody so called, or several.

    """
    people = {enrolment.person.key: enrolment.person for enrolment in roster.of(cohort)}
    fitting = [person for person in people.values() if fold(wanted) in map(fold, _names(person))]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(person.email or person.external_id or person.username or "" for person in fitting)
        raise UsageError(f"'{wanted}' is the name of several people of the roster: {names}.", do="Give one of these.")
    labels = [person.label for person in people.values()]
    raise UsageError(f"cohort '{cohort}' has nobody called '{wanted}' in the roster.{nearest(wanted, labels)}")


@dataclass(frozen=True, slots=True)
class SettlementStore:
    """Writes down what was settled on one forum; every write is committed when it returns."""

    sessions: sessionmaker[Session]
    forum: str

    def read(self) -> list[Settlement]:
        """Return all that was ever settled, newest first."""
        with self.sessions() as session:
            query = select(SettlementRow).where(SettlementRow.forum == self.forum)
            rows = session.scalars(query.order_by(SettlementRow.at.desc())).all()
            return [_settlement(row) for row in rows]

    def settle(
        self,
        person: Person,
        account: Account | None,
        *,
        present: Iterable[str],
        by: str,
        reason: str,
        now: datetime,
    ) -> Settlement:
        """Write down whose an account is, or (None) that no account is the person's.

        `present` are the keys of everybody in the roster.

        Raises:
            RefusedError: the account is remembered as somebody else's who is in the roster.

        """
        with self.sessions.begin() as session:
            if account is not None:
                self._refuse_anothers(session, person, account, present)
            known = session.get(IdentityRow, (self.forum, person.key))
            before = _as_json(known) if known else None
            self._end_earlier(session, person.key, by, now)
            row = SettlementRow(
                id=uuid.uuid4().hex,
                forum=self.forum,
                person=person.key,
                label=person.label,
                user_id=account.id if account else None,
                username=account.username if account else "",
                fingerprint=fingerprint(person),
                reason=reason,
                before=before,
                by=by,
                at=now,
            )
            session.add(row)
            if account is None:
                session.execute(delete(IdentityRow).where(*self._identity(person.key)))
            else:
                session.merge(self._matched(person, account, now))
            return _settlement(row)

    def undo(self, person: Person, *, by: str, now: datetime) -> Settlement:
        """Take back what was settled about a person; what was remembered before is remembered again.

        Raises:
            UsageError: nothing is settled about the person.

        """
        with self.sessions.begin() as session:
            row = session.scalars(self._standing(person.key)).first()
            if row is None:
                raise UsageError(f"nothing is settled about '{person.label}'.", do="'lcm people settle' lists what is.")
            row.undone_by, row.undone_at = by, now
            session.execute(delete(IdentityRow).where(*self._identity(person.key)))
            if row.before:
                session.add(_from_json(self.forum, person.key, row.before, now))
            return _settlement(row)

    def _refuse_anothers(self, session: Session, person: Person, account: Account, present: Iterable[str]) -> None:
        query = select(IdentityRow.person).where(IdentityRow.forum == self.forum, IdentityRow.user_id == account.id)
        others = (set(session.scalars(query)) - {person.key}) & set(present)
        if others:
            raise RefusedError(
                f"the account '{account.username}' is remembered as that of '{min(others)}', who is in the roster too.",
                do="Settle that person first: with another account, or with --nobody.",
            )

    def _matched(self, person: Person, account: Account, now: datetime) -> IdentityRow:
        evidence = {**evidence_of(person), **account_evidence(account), SETTLED: fingerprint(person)}
        return IdentityRow(
            forum=self.forum,
            person=person.key,
            user_id=account.id,
            username=account.username,
            matched_by=BY_HAND,
            evidence=evidence,
            made_at=account.made_at,
            at=now,
        )

    def _end_earlier(self, session: Session, key: str, by: str, now: datetime) -> None:
        ended = {"undone_by": by, "undone_at": now}
        standing = (SettlementRow.forum == self.forum, SettlementRow.person == key, SettlementRow.undone_at.is_(None))
        session.execute(update(SettlementRow).where(*standing).values(ended))

    def _standing(self, key: str) -> Any:
        of_them = (SettlementRow.forum == self.forum, SettlementRow.person == key, SettlementRow.undone_at.is_(None))
        return select(SettlementRow).where(*of_them).order_by(SettlementRow.at.desc())

    def _identity(self, key: str) -> tuple[Any, ...]:
        return IdentityRow.forum == self.forum, IdentityRow.person == key


def account_of(user: ForumUser) -> Account:
    """Return a looked-up account as membership compares it."""
    return Directory.of([user]).account(user.id)


def _is_open(match: NoMatch) -> bool:
    return match.contradicted or (bool(match.candidates) and not match.staged)


def _names(person: Person) -> list[str]:
    given = (person.name, person.external_id, person.email, person.username, person.key)
    return [name for name in given if name]


def _as_json(row: IdentityRow) -> dict[str, Any]:
    made_at = row.made_at.isoformat() if row.made_at else None
    return {
        "user_id": row.user_id,
        "username": row.username,
        "matched_by": row.matched_by,
        "evidence": row.evidence,
        "made_at": made_at,
        "at": row.at.isoformat(),
    }


def _from_json(forum: str, key: str, before: Mapping[str, Any], now: datetime) -> IdentityRow:
    made_at = now.fromisoformat(before["made_at"]) if before["made_at"] else None
    return IdentityRow(
        forum=forum,
        person=key,
        user_id=before["user_id"],
        username=before["username"],
        matched_by=before["matched_by"],
        evidence=before["evidence"],
        made_at=made_at,
        at=now.fromisoformat(before["at"]),
    )


def _settlement(row: SettlementRow) -> Settlement:
    return Settlement(
        row.person, row.label, row.user_id, row.username, row.by, row.at, row.reason, row.undone_by, row.undone_at
    )
