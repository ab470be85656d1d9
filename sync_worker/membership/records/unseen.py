"""What is remembered of people added by e-mail or invited, and which accounts came of it.

Such an account is ours only when we know whose it is: until then nothing removes it. What the server answered (the
usernames it found) and two readings of the members (before and after) tell who was in the group before us.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import bindparam, delete, select

from sync_worker.membership.matching.accounts import EMAIL, Match, identifier_key
from sync_worker.membership.records.ties import State, TieKey, TieRecord
from sync_worker.membership.state import AccountIn, InCohort, InGroup
from sync_worker.model import Person, fold
from sync_worker.store.database import upsert
from sync_worker.store.tables import EmailedRow, InvitationRow, SeenRow, UnpairedRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sqlalchemy import BindParameter, Select
    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.config.settings import InvitationSettings
    from sync_worker.membership.matching.accounts import NoMatch


SENDING, SENT, UNSURE = "sending", "sent", "unsure"
BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Whose an address is by today's roster, which may call a person by another key than when they were written to."""

    people: Mapping[str, Person]
    owners: Mapping[str, str]

    @classmethod
    def of(cls, people: Mapping[str, Person]) -> Addresses:
        """Return the addresses of people by their keys."""
        return cls(people, {_address(one.email): key for key, one in people.items() if one.email})

    def owner(self, key: str, email: str) -> str:
        """Return the key of the person who has an address now that was the one of the person with that key.

        An address that the roster gives to nobody any more stays its person's, unless they have another one.
        """
        person = self.people.get(key)
        if person is not None and (not person.email or _address(person.email) == _address(email)):
            return key
        return self.owners.get(_address(email)) or (Person(email=email).key if person else key)


def _address(email: str) -> str:
    return identifier_key(EMAIL, email)


@dataclass(frozen=True, slots=True)
class EmailedPerson:
    """A person's key and address, the cohort and group they were added to, and how that came out."""

    group: str
    key: str
    cohort: str
    email: str
    state: str


@dataclass(frozen=True, slots=True)
class EmailedAccount:
    """An account that joined a group so, the run by which it came, and whether a run has found it gone since."""

    username: str
    run: str
    left: bool = False


@dataclass(frozen=True, slots=True)
class Emailed:
    """All such people by group and person key, and the accounts that came of it by group and user id.

    `before` is who was in a group when people were last added to it so: a person who came later, and has the address of
    somebody about whom that run heard no more, came by us.
    """

    people: Mapping[InGroup, EmailedPerson] = field(default_factory=dict)
    accounts: Mapping[str, Mapping[int, EmailedAccount]] = field(default_factory=dict)
    before: Mapping[str, frozenset[int]] = field(default_factory=dict)

    def ties(self) -> dict[TieKey, TieRecord]:
        """Return the ties of these accounts, of whom it is not known yet who they are."""
        return {
            TieKey(group, number): TieRecord(State.LEFT if account.left else State.ADDED, account.username, "")
            for group, accounts in self.accounts.items()
            for number, account in accounts.items()
        }

    def split(self, groups: Collection[str]) -> tuple[Emailed, Emailed]:
        """Return what is known about these groups, and what about all others."""

        def part(*, inside: bool) -> Emailed:
            return Emailed(
                {place: one for place, one in self.people.items() if (place[0] in groups) is inside},
                {group: accounts for group, accounts in self.accounts.items() if (group in groups) is inside},
                {group: members for group, members in self.before.items() if (group in groups) is inside},
            )

        return part(inside=True), part(inside=False)

    def is_sent(self, group: str, key: str) -> bool:
        """Whether a person was added to a group by e-mail, and the forum knew the address."""
        found = self.people.get(InGroup(group, key))
        return found is not None and found.state == SENT


@dataclass(frozen=True, slots=True)
class EmailedStore:
    """Reads and writes this about one forum; every write is committed when it returns."""

    sessions: sessionmaker[Session]
    forum: str

    def read(self) -> Emailed:
        """Return everything written down."""
        with self.sessions() as session:
            people = session.scalars(select(EmailedRow).where(EmailedRow.forum == self.forum)).all()
            accounts: dict[str, dict[int, EmailedAccount]] = {}
            for row in session.scalars(select(UnpairedRow).where(UnpairedRow.forum == self.forum)):
                accounts.setdefault(row.group_name, {})[row.user_id] = EmailedAccount(row.username, row.run, row.left)
            return Emailed(
                {
                    InGroup(row.group_name, row.person): EmailedPerson(
                        row.group_name, row.person, row.cohort, row.email, row.state
                    )
                    for row in people
                },
                accounts,
                {row.name: frozenset(row.content["members"]) for row in session.scalars(self._before())},
            )

    def write_people(
        self, people: Iterable[EmailedPerson], run: str, now: datetime, *, instead_of: Collection[InGroup] = ()
    ) -> None:
        """Write down who is being added, or how it came out; `instead_of` are rows that these take the place of."""
        rows = [
            {
                "forum": self.forum,
                "group_name": one.group,
                "person": one.key,
                "cohort": one.cohort,
                "email": one.email,
                "state": one.state,
                "run": run,
                "at": now,
            }
            for one in people
        ]
        with self.sessions.begin() as session:
            for group, key in instead_of:
                session.execute(
                    delete(EmailedRow).where(
                        EmailedRow.forum == self.forum, EmailedRow.group_name == group, EmailedRow.person == key
                    )
                )
            upsert(session, EmailedRow, rows)

    def write_before(self, group: str, group_id: int, members: Collection[int], now: datetime) -> None:
        """Write down who is in a group before people are added to it."""
        with self.sessions.begin() as session:
            session.merge(
                SeenRow(
                    forum=self.forum,
                    kind=BEFORE,
                    name=group,
                    forum_id=group_id,
                    count=len(members),
                    mark="",
                    content={"members": sorted(members)},
                    read_at=now,
                )
            )

    def _before(self) -> Select[SeenRow]:
        return select(SeenRow).where(SeenRow.forum == self.forum, SeenRow.kind == BEFORE)

    def write_accounts(self, group: str, accounts: Mapping[int, EmailedAccount], now: datetime) -> None:
        """Write down which accounts joined a group by it, or have left it since."""
        base = {"forum": self.forum, "group_name": group, "at": now}
        rows = [{**base, "user_id": number, **asdict(account)} for number, account in accounts.items()]
        with self.sessions.begin() as session:
            upsert(session, UnpairedRow, rows)

    def forget(self, people: Collection[InGroup], accounts: Collection[AccountIn] = ()) -> None:
        """Take rows away: the person is paired with an account, or has none."""
        group_is: BindParameter[str] = bindparam("of_group")
        with self.sessions.begin() as session:
            connection = session.connection()
            for table, column, keys in (
                (EmailedRow, EmailedRow.person, people),
                (UnpairedRow, UnpairedRow.user_id, accounts),
            ):
                theirs = (table.forum == self.forum, table.group_name == group_is, column == bindparam("of_whom"))
                rows = [{"of_group": group, "of_whom": whom} for group, whom in keys]
                if rows:
                    connection.execute(delete(table).where(*theirs), rows)


class Whose(NamedTuple):
    """Whose an account is: its username, and the key of the person."""

    username: str
    person: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """What becomes of people added by e-mail when their account is known: ours (`ties`), and what is forgotten.

    Of the ties, those in `left` were cut by somebody else since.
    """

    ties: Mapping[AccountIn, Whose]
    left: frozenset[AccountIn]
    people: tuple[InGroup, ...]
    accounts: tuple[AccountIn, ...]


def pair(emailed: Emailed, who: Mapping[str, Match | NoMatch], there: Mapping[str, Collection[int]]) -> Pairing:
    """Return what follows from looking people up who had been added by e-mail.

    `there` are the members of the groups that were looked at, by folded name; of other groups nothing follows. Who was
    in the group before is not ours; whom the forum does not have at all was not added.
    """
    owners = {
        match.account.id: Whose(match.account.username, key) for key, match in who.items() if isinstance(match, Match)
    }
    matches = {
        place: who.get(place.person) or who.get(Person(email=one.email).key) for place, one in emailed.people.items()
    }
    # The roster's key of a person stays theirs, also where only the address was looked up.
    theirs = {
        AccountIn(group, match.account.id): Whose(match.account.username, key)
        for (group, key), match in matches.items()
        if isinstance(match, Match)
    }
    ties = {
        (account := AccountIn(group, number)): theirs.get(account, owners[number])
        for group, accounts in emailed.accounts.items()
        for number in accounts
        if number in owners and fold(group) in there
    }
    people = []
    for place, one in emailed.people.items():
        group = place.group
        match, members = matches[place], there.get(fold(group))
        if members is None:
            continue
        if isinstance(match, Match):
            people.append(place)
            number = match.account.id
            if one.state != SENT and number in members and number not in emailed.before.get(group, {number}):
                ties.setdefault(AccountIn(group, number), theirs[AccountIn(group, number)])
        elif match is not None and match.absent:
            people.append(place)
    left = frozenset(one for one in ties if _has_left(emailed, one.group, one.account))
    return Pairing(ties, left, tuple(people), tuple(ties))


def found_gone(
    emailed: Emailed, there: Mapping[str, Collection[int]]
) -> Iterator[tuple[str, dict[int, EmailedAccount]]]:
    """Yield, by group, accounts that joined by e-mail and are found gone for the first time; `there` as in `pair`."""
    for group, accounts in emailed.accounts.items():
        members = there.get(fold(group))
        if members is not None:
            gone = {n: one for n, one in accounts.items() if n not in members and not one.left}
            yield group, {number: replace(account, left=True) for number, account in gone.items()}


def _has_left(emailed: Emailed, group: str, number: int) -> bool:
    account = emailed.accounts.get(group, {}).get(number)
    return account is not None and account.left


# What is remembered of invitations, and how far each has come; every write is committed when it returns.


class Stage(StrEnum):
    """How far an invitation has come; none that grants rights over the forum, or granted them, is ours."""

    INVITING = "inviting"
    INVITED = "invited"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    LAPSED = "lapsed"
    GRANTS = "grants"
    GRANTED = "granted"


OF_AN_ADDRESS = frozenset({Stage.INVITING, Stage.INVITED, Stage.REFUSED, Stage.GRANTS})
"""The stages that say something of an address, and nothing of a person who has another one by now."""


@dataclass(frozen=True, slots=True)
class Invited:
    """A person's invitation into a cohort, as far as we know; an LCM's leads into the LCM group as well."""

    cohort: str
    key: str
    group: str
    groups: tuple[str, ...]
    email: str
    stage: Stage
    invite_id: int | None = None
    reason: str = ""
    reminders: int = 0
    invited_at: datetime | None = None
    reminded_at: datetime | None = None
    expires_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether the person can still accept."""
        return self.stage is Stage.INVITED and (self.expires_at is None or self.expires_at > now)

    def is_due(self, now: datetime, options: InvitationSettings) -> bool:
        """Whether it is time to remind the person."""
        last = self.reminded_at or self.invited_at
        waited = last is not None and last + timedelta(days=options.remind_after_days) <= now
        return self.is_open(now) and options.mail and waited and self.reminders < options.max_reminders


@dataclass(frozen=True, slots=True)
class InvitationStore:
    """Reads and writes the invitations of one forum."""

    sessions: sessionmaker[Session]
    forum: str

    def read(self) -> dict[InCohort, Invited]:
        """Return every invitation by cohort and person key."""
        with self.sessions() as session:
            rows = session.scalars(select(InvitationRow).where(InvitationRow.forum == self.forum)).all()
            return {
                InCohort(row.cohort, row.person): Invited(
                    cohort=row.cohort,
                    key=row.person,
                    group=row.group_name,
                    groups=tuple(row.groups) or (row.group_name,),
                    email=row.email,
                    stage=Stage(row.state),
                    invite_id=row.invite_id,
                    reason=row.reason,
                    reminders=row.reminders,
                    invited_at=row.invited_at,
                    reminded_at=row.reminded_at,
                    expires_at=row.expires_at,
                )
                for row in rows
            }

    def write(
        self, invited: Iterable[Invited], run: str, now: datetime, *, instead_of: Collection[InCohort] = ()
    ) -> None:
        """Write down how far invitations have come; `instead_of` are rows that these take the place of."""
        rows = [
            {
                "forum": self.forum,
                "cohort": one.cohort,
                "person": one.key,
                "group_name": one.group,
                "groups": list(one.groups),
                "email": one.email,
                "invite_id": one.invite_id,
                "state": one.stage.value,
                "reason": one.reason,
                "reminders": one.reminders,
                "run": run,
                "invited_at": one.invited_at,
                "reminded_at": one.reminded_at,
                "expires_at": one.expires_at,
                "at": now,
            }
            for one in invited
        ]
        with self.sessions.begin() as session:
            for cohort, key in instead_of:
                session.execute(
                    delete(InvitationRow).where(
                        InvitationRow.forum == self.forum, InvitationRow.cohort == cohort, InvitationRow.person == key
                    )
                )
            upsert(session, InvitationRow, rows)
