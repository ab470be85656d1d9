"""Whom we added by e-mail without having looked the account up, and which accounts came of it.

Such an account is ours only when we know whose it is: until then nothing removes it. What the server answered (the
usernames it found) and two readings of the members (before and after) tell who was in the group before us.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from sync_worker.store.people_tables import EmailedRow, UnpairedRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

SENDING, SENT, UNSURE = "sending", "sent", "unsure"


@dataclass(frozen=True, slots=True)
class EmailedPerson:
    """A person's key and address, the cohort and group they were added to, and how that came out."""

    group: str
    key: str
    cohort: str
    email: str
    state: str


@dataclass(frozen=True, slots=True)
class Emailed:
    """All such people by group and person key, and the accounts that came of it by group: usernames by user id."""

    people: Mapping[tuple[str, str], EmailedPerson] = field(default_factory=dict)
    accounts: Mapping[str, Mapping[int, str]] = field(default_factory=dict)

    def is_sent(self, group: str, key: str) -> bool:
        """Whether a person was added to a group by e-mail, and the forum knew the address."""
        found = self.people.get((group, key))
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
            accounts: dict[str, dict[int, str]] = {}
            for row in session.scalars(select(UnpairedRow).where(UnpairedRow.forum == self.forum)):
                accounts.setdefault(row.group_name, {})[row.user_id] = row.username
            return Emailed(
                {
                    (row.group_name, row.person): EmailedPerson(
                        row.group_name, row.person, row.cohort, row.email, row.state
                    )
                    for row in people
                },
                accounts,
            )

    def write_people(self, people: Iterable[EmailedPerson], run: str, now: datetime) -> None:
        """Write down who is being added, or how it came out."""
        with self.sessions.begin() as session:
            for one in people:
                session.merge(
                    EmailedRow(
                        forum=self.forum,
                        group_name=one.group,
                        person=one.key,
                        cohort=one.cohort,
                        email=one.email,
                        state=one.state,
                        run=run,
                        at=now,
                    )
                )

    def write_accounts(self, group: str, accounts: Mapping[int, str], run: str, now: datetime) -> None:
        """Write down which accounts joined a group by it."""
        with self.sessions.begin() as session:
            for number, username in accounts.items():
                row = UnpairedRow(
                    forum=self.forum, group_name=group, user_id=number, username=username, run=run, at=now
                )
                session.merge(row)

    def forget(self, people: Collection[tuple[str, str]], accounts: Collection[tuple[str, int]] = ()) -> None:
        """Take rows away: the person is paired with an account, or has none."""
        with self.sessions.begin() as session:
            for group, key in people:
                condition = (EmailedRow.forum == self.forum, EmailedRow.group_name == group, EmailedRow.person == key)
                session.execute(delete(EmailedRow).where(*condition))
            for group, number in accounts:
                theirs = (UnpairedRow.forum == self.forum, UnpairedRow.group_name == group)
                session.execute(delete(UnpairedRow).where(*theirs, UnpairedRow.user_id == number))
