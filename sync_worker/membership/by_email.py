"""Adding people by their addresses where looking them up would cost more: the lines of a plan, and doing it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.reading import NAMES_A_CALL
from sync_worker.membership.apply import Failure
from sync_worker.membership.emailed import SENDING, SENT, UNSURE, EmailedAccount, EmailedPerson
from sync_worker.membership.identity import Match, NoMatch
from sync_worker.membership.sight import NEVER, calls_to_read, mark_of
from sync_worker.membership.state import Account
from sync_worker.model import Change, ChangeKind, Person, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import EmailBatch, Member
    from sync_worker.membership.emailed import Emailed, EmailedStore
    from sync_worker.membership.snapshots import GroupSnapshot

NOT_LOOKED_UP = "account not looked up, the forum finds it by the address"
WAS_SENT = "was added by e-mail; account not looked up"


def rewrite(
    line: Change,
    found: Mapping[str, str],
    emailed: Emailed,
    *,
    allowed: bool,
    reasons: Mapping[tuple[str, str], str],
    shut: Collection[str] = (),
) -> Change:
    """Return a line of the plan with what is known about additions by e-mail.

    Args:
        line: any line.
        found: the address by person key of those who may be added by it.
        emailed: who was added so before.
        allowed: whether `add` is switched on.
        reasons: why a person is wanted, by cohort and person key.
        shut: cohorts of which a group is somebody else's, and may not be adopted.

    """
    if line.kind is not ChangeKind.UNKNOWN:
        return line
    key = str(line.detail.get("key", ""))
    reason = reasons.get((line.cohort, key), "in the roster")
    if emailed.is_sent(line.target, key):
        return replace(line, kind=ChangeKind.UNCHANGED, reason=f"{reason}; {WAS_SENT}")
    if key not in found:
        return line
    if line.cohort in shut:
        return replace(line, kind=ChangeKind.KEPT, reason=f"the group is not ours: {reason}")
    if not allowed:
        return replace(line, kind=ChangeKind.KEPT, reason=f"adding is not switched on (limits.allow): {reason}")
    detail = {**line.detail, "email": found[key]}
    return replace(line, kind=ChangeKind.ADD_BY_EMAIL, reason=f"{reason}; {NOT_LOOKED_UP}", detail=detail)


def is_unpaired(line: Change, emailed: Emailed) -> bool:
    """Whether a line is about an account that joined by e-mail; the line of its person speaks for it."""
    return line.kind is ChangeKind.KEPT and line.user_id in emailed.accounts.get(line.target, {})


def missing_lines(cohort: str, group: str, emailed: Emailed, members: Collection[int]) -> Iterator[Change]:
    """Yield a line for each account that joined by e-mail and is no longer in the group."""
    for number, account in sorted(emailed.accounts.get(group, {}).items()):
        if number not in members:
            reason = "left the group after we had added them by e-mail; not dragged back"
            yield Change(ChangeKind.KEPT, cohort, group, reason, username=account.username, user_id=number)


@dataclass(frozen=True, slots=True)
class EmailAddition:
    """Adds people to one group by their addresses; `before` is the group until now."""

    forum: Forum
    store: EmailedStore
    group_id: int
    group: str
    before: GroupSnapshot
    run: str
    now: datetime

    def do(self, lines: Sequence[Change]) -> tuple[list[Change], list[Failure], GroupSnapshot | None]:
        """Add them; return the lines done, those not done with the reason, and the group as it is now.

        Calls: 1 per 200 to 1,000 addresses, and to see who came of it 1 up to a hundred, else 1 a thousand members; 1
        more for the log of a group that has more than a thousand.
        """
        people = {str(line.detail["email"]).strip().lower(): line for line in lines}
        self.store.write_before(self.group, self.group_id, self.before.members.keys(), self.now)
        self._write(lines, SENDING)
        batches: list[EmailBatch] = []
        failure, doubtful = "", False
        try:
            for batch in self.forum.add_by_email(self.group_id, list(people)):
                batches.append(batch)
        except ForumError as error:
            failure, doubtful = str(error), error.doubtful
        done = [people[email] for batch in batches for email in batch.emails]
        sure = [people[email] for batch in batches if _knew_all(batch) for email in batch.emails]
        snapshot = self._pair_accounts(batches)
        if snapshot is not None:
            self._write(sure, SENT)
        certain = set(map(id, sure)) if snapshot is not None else set()
        self._write([line for line in lines if id(line) not in certain], UNSURE)
        reached = set(map(id, done))
        return done, [Failure(line, failure, doubtful) for line in lines if id(line) not in reached], snapshot

    def _pair_accounts(self, batches: Sequence[EmailBatch]) -> GroupSnapshot | None:
        """Write down which accounts are in the group because of this; None where the forum cannot be read now."""
        named = {fold(name): name for batch in batches for name in batch.usernames or ()}
        size = self.before.count + len(named)
        try:
            mark = mark_of(self.forum, self.group) if calls_to_read(size) > 1 else NEVER
            found, whole = self._members(list(named.values()), calls_to_read(size))
        except ForumError:
            return None
        joined = [m for m in found if m.id not in self.before.members and fold(m.username) in named]
        accounts = {member.id: EmailedAccount(member.username, self.run) for member in joined}
        self.store.write_accounts(self.group, accounts, self.now)
        now_there = {m.id: Account(m.id, m.username, m.name) for m in (found if whole else joined)}
        return replace(
            self.before,
            members=now_there if whole else {**self.before.members, **now_there},
            owners=frozenset(m.id for m in found if m.owner) if whole else self.before.owners,
            count=len(now_there) if whole else self.before.count + len(now_there),
            mark=mark,
        )

    def _members(self, usernames: Sequence[str], calls: int) -> tuple[list[Member], bool]:
        """Return the members among these accounts, or all members of the group where that is cheaper; and which."""
        if not usernames:
            return [], False
        if calls > 1 and len(usernames) <= NAMES_A_CALL:
            return self.forum.members_named(self.group, usernames), False
        return [member for member in self.forum.members(self.group) if member.id > 0], True

    def _write(self, lines: Sequence[Change], state: str) -> None:
        rows = [
            EmailedPerson(self.group, str(line.detail["key"]), line.cohort, str(line.detail["email"]), state)
            for line in lines
        ]
        self.store.write_people(rows, self.run, self.now)


def _knew_all(batch: EmailBatch) -> bool:
    return batch.usernames is not None and len(set(batch.usernames)) == len(batch.emails)


@dataclass(frozen=True, slots=True)
class Pairing:
    """What becomes of people added by e-mail when their account is known: ours (`ties`), and what is forgotten.

    Of the ties, those in `left` were cut by somebody else since.
    """

    ties: Mapping[tuple[str, int], tuple[str, str]]
    left: frozenset[tuple[str, int]]
    people: tuple[tuple[str, str], ...]
    accounts: tuple[tuple[str, int], ...]


def pair(emailed: Emailed, who: Mapping[str, Match | NoMatch], there: Mapping[str, Collection[int]]) -> Pairing:
    """Return what follows from looking people up who had been added by e-mail.

    `there` are the members of the groups that were looked at, by folded name; of other groups nothing follows. Who was
    in the group before is not ours; whom the forum does not have at all was not added.
    """
    owners = {match.account.id: (match.account.username, key) for key, match in who.items() if isinstance(match, Match)}
    matches = {
        place: who.get(place[1]) or who.get(Person(email=one.email).key) for place, one in emailed.people.items()
    }
    # The roster's key of a person stays theirs, also where only the address was looked up.
    theirs = {
        (group, match.account.id): (match.account.username, key)
        for (group, key), match in matches.items()
        if isinstance(match, Match)
    }
    ties = {
        (group, number): theirs.get((group, number), owners[number])
        for group, accounts in emailed.accounts.items()
        for number in accounts
        if number in owners and fold(group) in there
    }
    people = []
    for (group, key), one in emailed.people.items():
        match, members = matches[group, key], there.get(fold(group))
        if members is None:
            continue
        if isinstance(match, Match):
            people.append((group, key))
            number = match.account.id
            if one.state != SENT and number in members and number not in emailed.before.get(group, {number}):
                ties.setdefault((group, number), theirs[group, number])
        elif match is not None and match.absent:
            people.append((group, key))
    left = frozenset((group, number) for group, number in ties if _has_left(emailed, group, number))
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
