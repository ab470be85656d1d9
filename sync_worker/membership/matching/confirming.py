"""Whether an account is still the person that roster and memory say; and settling it by a person where it is not.

One identifier that changes while the others stay is an ordinary change. An identifier that names another account, an id
that stays while address and name both change, or an account that is another one under the same id is a contradiction:
somebody has to settle it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update

from sync_worker.errors import RefusedError, UsageError
from sync_worker.membership.matching.accounts import (
    EMAIL,
    EXTERNAL_ID,
    SETTLED,
    USERNAME,
    Differences,
    Directory,
    NoMatch,
    Recognised,
    account_evidence,
    account_renamed,
    compare,
    evidence_of,
    fingerprint,
    identifier_key,
    in_words,
    other_account,
)
from sync_worker.model import fold
from sync_worker.store.tables import IdentityRow, SettlementRow
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.records import ForumUser
    from sync_worker.membership.matching.accounts import Match
    from sync_worker.membership.state import Account
    from sync_worker.model import Person, Roster


SETTLE = "Settle it with 'lcm people settle'"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a remembered match.

    `contradiction` says why it does not hold (`others` are further accounts that may be meant, `unsure` says that only
    a look-up is missing), `followed` which ordinary changes were followed.
    """

    contradiction: str = ""
    followed: str = ""
    others: tuple[int, ...] = ()
    unsure: bool = False


def is_doubted(person: Person, known: Recognised, seen: Account | None, order: Sequence[str]) -> bool:
    """Whether a remembered match has to be looked at again: roster, or the account's names, are not as they were."""
    if known.is_settled_for(person):
        return False
    if compare(person, known.evidence):
        return True
    if seen is None or _same_username(seen, known):
        return False
    named_so = USERNAME in order and person.username is not None and _is(person.username, known.account.username)
    return named_so or account_renamed(seen, known)


def confirm(
    person: Person,
    known: Recognised,
    fresh: Account,
    directory: Directory | None,
    order: Sequence[str],
    *,
    standing: bool,
) -> Verdict:
    """Return whether an account is still the person's; `fresh` is the account as it is now.

    `standing` says whether the account is in a group of ours through us: somebody who is there may marry; somebody who
    comes back under another name with nothing but the address may be another person.
    """
    was = f"'{known.account.username}'" + (f" on {known.at:%Y-%m-%d}" if known.at else "")
    if other := other_account(fresh, known):
        return Verdict(
            f"{other}: {person.label} was matched to {was}, and it is called '{fresh.username}' now. Was the forum "
            f"restored? {SETTLE}."
        )
    if known.is_settled_for(person):
        return Verdict()
    roster = compare(person, known.evidence)
    if contradiction := _of_roster(roster, standing=standing):
        return Verdict(f"{contradiction} than when {was} was matched to this person of the roster. {SETTLE}.")
    changes = _changes(roster, known, fresh)
    look = _Look(person, directory, order)
    verdict = look.contradiction(fresh, was) or look.of_renamed_account(fresh, known, was)
    if verdict:
        return verdict
    if look.unasked and is_doubted(person, known, fresh, order):
        return Verdict(f"{changes}; not looked up yet: {in_words(look.unasked)}.", unsure=True)
    return Verdict(followed=changes)


class _Look:
    """What a look at the forum says about a person's identifiers."""

    def __init__(self, person: Person, directory: Directory | None, order: Sequence[str]) -> None:
        self.person, self.directory, self.order = person, directory, order
        self.given = [(kind, value) for kind in order if (value := getattr(person, kind))]
        self.unasked = frozenset(kind for kind, value in self.given if not (directory and directory.knows(kind, value)))

    def contradiction(self, fresh: Account, was: str) -> Verdict | None:
        """Return the contradiction where an identifier is another account's, or the account's external id another's."""
        person, directory = self.person, self.directory
        if directory is None:
            return None
        others: dict[int, str] = {}
        for kind, value in self.given:
            for number in directory.find(kind, value) - {fresh.id}:
                others.setdefault(number, kind)
        if others:
            names = {number: directory.by_id[number].username for number in others}
            fits = ", ".join(f"{_word(kind)} fits '{names[number]}'" for number, kind in sorted(others.items()))
            return Verdict(f"its {fits}, and {person.label} was matched to {was}. {SETTLE}.", others=tuple(others))
        own = directory.external_ids.get(fresh.id)
        if EXTERNAL_ID in self.order and person.external_id and own and own != person.external_id.strip():
            return Verdict(
                f"the account '{fresh.username}' has the external id {own} on the forum, and {person.label} has "
                f"{person.external_id} in the roster. {SETTLE}."
            )
        return None

    def of_renamed_account(self, fresh: Account, known: Recognised, was: str) -> Verdict | None:
        """Return the contradiction where both names of an account are others, and it has nothing of the roster's."""
        if self.unasked or _same_username(fresh, known) or not account_renamed(fresh, known):
            return None
        if self.directory and any(self.directory.find(kind, value) for kind, value in self.given):
            return None
        return Verdict(
            f"the account {fresh.id} was {was}, is called '{fresh.username}' by another name now, and has nothing of "
            f"what the roster gives of {self.person.label}. {SETTLE}."
        )


def doubt_about(  # noqa: PLR0917
    person: Person, number: int, by: str, directory: Directory, order: Sequence[str], former: Iterable[Recognised]
) -> str:
    """Return why an account that fits what the roster gives may be somebody else's; empty where nothing says so.

    `by` is the strongest identifier that fits, `former` who was this account and is not in the roster any more.
    """
    account = directory.account(number)
    external = person.external_id if EXTERNAL_ID in order else None
    own = directory.external_ids.get(number)
    if external and own and own != external.strip():
        return (
            f"its {_word(by)} fits '{account.username}', which has the external id {own} on the forum, and not "
            f"{external}. {SETTLE}."
        )
    if by == USERNAME and person.email and EMAIL in order:
        return f"its username fits '{account.username}', and no account has the email {person.email}. {SETTLE}."
    for known in former:
        if other_account(account, known):
            continue
        roster = compare(person, known.evidence)
        thin = roster.rests_on_one or (roster.changed and not roster.named_as_before and len(roster.same) == 1)
        if roster.contradiction or thin:
            day = f" on {known.at:%Y-%m-%d}" if known.at else ""
            changed = roster.contradiction or _differences(roster)
            return (
                f"its {_word(by)} fits '{account.username}', which was matched to somebody else of the roster{day}: "
                f"{changed} now. {SETTLE}."
            )
    return ""


def _of_roster(roster: Differences, *, standing: bool) -> str:
    if roster.contradiction:
        verb = "is" if len(roster.same) == 1 else "are"
        kept = f"{in_words(roster.same)} {verb} as before, and " if roster.same else ""
        return f"{kept}{roster.contradiction}"
    if roster.rests_on_one and not standing:
        return f"{in_words(roster.same)} alone is as before, and the name is another"
    return ""


def _changes(roster: Differences, known: Recognised, fresh: Account) -> str:
    """Return what has changed since the match, in words."""
    parts = [_differences(roster)] if roster else []
    if not _same_username(fresh, known):
        parts.append(f"called '{known.account.username}' on the forum before")
    return "; ".join(parts)


def _differences(roster: Differences) -> str:
    parts = [in_words(roster.changed)] if roster.changed else []
    parts += ["name"] if roster.renamed else []
    text = " and ".join(parts)
    return f"{text} changed in the roster"


def _same_username(account: Account, known: Recognised) -> bool:
    return _is(account.username, known.account.username)


def _is(one: str, other: str) -> bool:
    return identifier_key(USERNAME, one) == identifier_key(USERNAME, other)


def _word(kind: str) -> str:
    return kind.replace("_", " ")


# Settling by a person whose an account is, where roster, forum and memory contradict each other.


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
