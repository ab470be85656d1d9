"""Whom we added by e-mail without having looked the account up, and which accounts came of it.

Such an account is ours only when we know whose it is: until then nothing removes it. What the server answered (the
usernames it found) and two readings of the members (before and after) tell who was in the group before us.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, select

from sync_worker.membership.ties import State, TieKey, TieRecord
from sync_worker.store.database import upsert
from sync_worker.store.tables import EmailedRow, SeenRow, UnpairedRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from sqlalchemy import BindParameter, Select
    from sqlalchemy.orm import Session, sessionmaker

SENDING, SENT, UNSURE = "sending", "sent", "unsure"
BEFORE = "before"


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

    people: Mapping[tuple[str, str], EmailedPerson] = field(default_factory=dict)
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
            accounts: dict[str, dict[int, EmailedAccount]] = {}
            for row in session.scalars(select(UnpairedRow).where(UnpairedRow.forum == self.forum)):
                accounts.setdefault(row.group_name, {})[row.user_id] = EmailedAccount(row.username, row.run, row.left)
            return Emailed(
                {
                    (row.group_name, row.person): EmailedPerson(
                        row.group_name, row.person, row.cohort, row.email, row.state
                    )
                    for row in people
                },
                accounts,
                {row.name: frozenset(row.content["members"]) for row in session.scalars(self._before())},
            )

    def write_people(self, people: Iterable[EmailedPerson], run: str, now: datetime) -> None:
        """Write down who is being added, or how it came out."""
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

    def forget(self, people: Collection[tuple[str, str]], accounts: Collection[tuple[str, int]] = ()) -> None:
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
