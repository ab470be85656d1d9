"""Whatever is renumbered, given on, swapped, renamed or restored: nobody is matched whom roster and forum do not agree
on by at least one identifier that has not changed, and no one that contradicts.

The oracle keeps everything in plain words and knows nothing of digests.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from sync_worker.forum.records import ForumUser
from sync_worker.membership.matching.accounts import Directory, Match, Memory, NoMatch, Recognised
from sync_worker.membership.matching.confirming import is_doubted
from sync_worker.membership.observing.match import identify
from sync_worker.membership.state import Account
from sync_worker.model import Person
from tests.membership.model_books import recall

ORDER = ("external_id", "email", "username")
FIRST = ("Ana", "Ben", "Cleo", "Dan")
LAST = ("Silva", "Okafor", "Novak")
START = datetime(2027, 1, 1, tzinfo=UTC)
numbers = st.integers(0, 3)


@dataclass(frozen=True)
class Row:
    """A row of the roster, in plain words; what is empty is not given."""

    external_id: str = ""
    email: str = ""
    username: str = ""
    name: str = ""

    def person(self) -> Person:
        """The row as a person; rows without an identifier are left out by every source."""
        return Person(self.external_id or None, self.email or None, self.username or None, self.name)

    def differs(self, other: Row) -> set[str]:
        """What both give, and give otherwise."""
        kinds = ("external_id", "email", "username")
        found = {kind for kind in kinds if getattr(self, kind) and getattr(other, kind)}
        changed = {kind for kind in found if getattr(self, kind) != getattr(other, kind)}
        if self.name and other.name and not same_name(self.name, other.name):
            changed.add("name")
        return changed

    def completed(self, before: Row | None) -> Row:
        """The row, with what was said before where it says nothing now."""
        if before is None:
            return self
        return Row(*(getattr(self, kind) or getattr(before, kind) for kind in (*ORDER, "name")))


@dataclass(frozen=True)
class Seen:
    """What the oracle wrote down when a person was matched last: what the roster had said so far, and the account."""

    row: Row
    number: int
    made_at: datetime
    account_name: str
    username: str


def same_name(one: str, other: str) -> bool:
    """Whether one name has all the words of the other."""
    left, right = set(one.lower().split()), set(other.lower().split())
    return left <= right or right <= left


class Identities(RuleBasedStateMachine):
    """A roster of four rows and a forum of a few accounts, and what may befall them."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.serial = 100
        self.accounts: dict[int, ForumUser] = {}
        self.roster: list[Row] = []
        self.recognised: dict[str, Recognised] = {}
        self.log: dict[str, Seen] = {}
        self.kept: tuple[dict[str, Recognised], dict[str, Seen]] = ({}, {})
        self.standing: set[int] = set()
        self.who: dict[str, Match | NoMatch] = {}
        for index, name in enumerate(FIRST):
            user, full = name.lower(), f"{name} {LAST[index % 3]}"
            self.accounts[index + 1] = self._account(index + 1, user, full, f"{user}@x.org", f"E{index}")
            self.roster.append(Row(f"E{index}", f"{user}@x.org", "", full))

    def _account(self, number: int, username: str, name: str, email: str, external: str) -> ForumUser:
        return ForumUser(number, username, name, email, created_at=self.now, external_id=external or None)

    def _change(self, which: int, **columns: object) -> None:
        number = sorted(self.accounts)[which % len(self.accounts)]
        self.accounts[number] = replace(self.accounts[number], **columns)  # type: ignore[arg-type]

    def _swap_rows(self, one: int, other: int, kind: str) -> None:
        first, second = self.roster[one], self.roster[other]
        self.roster[one] = replace(first, **{kind: getattr(second, kind)})
        self.roster[other] = replace(second, **{kind: getattr(first, kind)})

    @rule(one=numbers, other=numbers, kind=st.sampled_from(["external_id", "email", "username", "name"]))
    def swap_in_the_roster(self, one: int, other: int, kind: str) -> None:
        """Two rows change places in a column."""
        self._swap_rows(one, other, kind)

    @rule()
    def renumber(self) -> None:
        """Every id moves on by one row."""
        ids = [row.external_id for row in self.roster]
        self.roster = [replace(row, external_id=new) for row, new in zip(self.roster, ids[1:] + ids[:1], strict=True)]

    @rule(which=numbers, first=st.sampled_from(FIRST), last=st.sampled_from(LAST), keep=st.sets(st.sampled_from(ORDER)))
    def replace_by_a_newcomer(self, which: int, first: str, last: str, keep: set[str]) -> None:
        """Somebody else comes, and is given what a leaver had."""
        self.serial += 1
        old, new = self.roster[which], Row(f"E{self.serial}", f"n{self.serial}@x.org", "", f"{first} {last}")
        self.roster[which] = replace(new, **{kind: getattr(old, kind) for kind in keep})

    @rule(which=numbers, kind=st.sampled_from(["external_id", "email", "username", "name"]))
    def change_one_thing(self, which: int, kind: str) -> None:
        """One cell of a row changes."""
        self.serial += 1
        special = {"email": f"m{self.serial}@x.org", "name": f"{FIRST[which]} Costa{self.serial}"}
        self.roster[which] = replace(self.roster[which], **{kind: special.get(kind, f"u{self.serial}")})

    @rule(which=numbers, kind=st.sampled_from(["external_id", "email", "name"]))
    def leave_out(self, which: int, kind: str) -> None:
        """A cell of a row is empty."""
        row = replace(self.roster[which], **{kind: ""})
        if row.external_id or row.email or row.username:
            self.roster[which] = row

    @rule(which=numbers, account=numbers)
    def name_the_username(self, which: int, account: int) -> None:
        """A row says a username."""
        number = sorted(self.accounts)[account % len(self.accounts)]
        self.roster[which] = replace(self.roster[which], username=self.accounts[number].username)

    @rule(which=numbers, name=st.booleans(), email=st.booleans())
    def rename_on_the_forum(self, which: int, name: bool, email: bool) -> None:
        """An account is renamed, and perhaps gets another name and address."""
        self.serial += 1
        more: dict[str, object] = {"username": f"u{self.serial}"}
        more |= {"name": f"Somebody {self.serial}"} if name else {}
        more |= {"email": f"f{self.serial}@x.org"} if email else {}
        self._change(which, **more)

    @rule(one=numbers, other=numbers, kind=st.sampled_from(["email", "username", "external_id", "name"]))
    def swap_on_the_forum(self, one: int, other: int, kind: str) -> None:
        """Two accounts change places in a column."""
        ids = sorted(self.accounts)
        first, second = (self.accounts[ids[each % len(ids)]] for each in (one, other))
        self.accounts[first.id] = replace(first, **{kind: getattr(second, kind)})
        if second.id != first.id:
            self.accounts[second.id] = replace(second, **{kind: getattr(first, kind)})

    @rule(which=numbers)
    def take_a_username_over(self, which: int) -> None:
        """An account is renamed, and a stranger takes its name."""
        number = sorted(self.accounts)[which % len(self.accounts)]
        old = self.accounts[number].username
        self.serial += 1
        self._change(which, username=f"u{self.serial}")
        stranger = max(self.accounts) + 1
        self.accounts[stranger] = self._account(stranger, old, f"Stranger {self.serial}", f"s{self.serial}@x.org", "")

    @rule(which=numbers, keeps_email=st.booleans())
    def give_the_id_again(self, which: int, keeps_email: bool) -> None:
        """The forum is restored, and the id of an account is given to somebody new."""
        self.serial += 1
        number = sorted(self.accounts)[which % len(self.accounts)]
        email = self.accounts[number].email if keeps_email else f"r{self.serial}@x.org"
        self.accounts[number] = self._account(number, f"u{self.serial}", f"New {self.serial}", email or "", "")

    @rule(which=numbers)
    def delete_account(self, which: int) -> None:
        """An account is deleted."""
        if len(self.accounts) > 2:
            del self.accounts[sorted(self.accounts)[which % len(self.accounts)]]

    @rule()
    def lose_the_store(self) -> None:
        """Nothing is remembered any more."""
        self.recognised, self.log, self.standing = {}, {}, set()

    @rule()
    def keep_the_store(self) -> None:
        """A copy of the store is made."""
        self.kept = dict(self.recognised), dict(self.log)

    @rule()
    def restore_the_store(self) -> None:
        """The store is as it was when the copy was made."""
        self.recognised, self.log = dict(self.kept[0]), dict(self.kept[1])

    @rule(whole=st.booleans())
    def sync(self, whole: bool) -> None:
        """A run finds out who is who, by the whole list of accounts or by what a run would ask."""
        self.now += timedelta(days=1)
        people = list({row.person().key: row.person() for row in self.roster}.values())
        seen = {n: Account(n, user.username, user.name) for n, user in self.accounts.items() if n in self.standing}
        memory = Memory(dict(self.recognised), {}, self.standing.__contains__)
        directory = self._whole() if whole else self._asked(people, seen)
        self.who = identify(people, memory, seen, directory, ORDER)
        rows = {row.person().key: row for row in self.roster}
        for key, match in self.who.items():
            if isinstance(match, Match):
                self._judge(key, rows[key], match, looked=directory.by_id.keys())
        self.recognised = recall(self.recognised, self.who, self.now)
        for key, match in self.who.items():
            if isinstance(match, Match):
                user = self.accounts[match.account.id]
                before = self.log.get(key)
                said = rows[key].completed(before.row if before and before.number == user.id else None)
                made = user.created_at or START
                self.log[key] = Seen(said, user.id, made, user.name, user.username)
                self.standing.add(user.id)

    def _whole(self) -> Directory:
        external = {user.external_id: n for n, user in self.accounts.items() if user.external_id}
        directory = Directory.of(self.accounts.values(), external)
        directory.looked_at |= self.accounts.keys()
        return directory

    def _asked(self, people: list[Person], seen: dict[int, Account]) -> Directory:
        """What a run asks: all about those who are new or doubted, nothing about others whom a member list shows."""
        whole, directory = self._whole(), Directory(whole=frozenset())
        for person in people:
            known = self.recognised.get(person.key)
            placed = known is not None and known.account.id in seen
            if placed and known and not is_doubted(person, known, seen[known.account.id], ORDER):
                continue
            numbers = {known.account.id} if known else set()
            for kind in ORDER:
                if value := getattr(person, kind):
                    directory.ask(kind, value)
                    numbers |= whole.find(kind, value)
            if known:
                directory.ask("id", str(known.account.id))
            for number in numbers & self.accounts.keys():
                directory.add(self.accounts[number])
                directory.note_external_id(number, self.accounts[number].external_id)
        return directory

    def _judge(self, key: str, row: Row, match: Match, *, looked: object) -> None:
        """Cry out where roster and forum do not agree on a match; what no look-up showed is not held against it."""
        user, before = self.accounts[match.account.id], self.log.get(key)
        if before and before.number == user.id:
            changed = row.differs(before.row)
            assert not ({"email", "name"} <= changed), (key, row, before)
            assert not ("name" in changed and len(changed) > 1), (key, row, before)
        if user.id not in looked:  # type: ignore[operator]
            return  # a member list showed the account under a name of before, and the roster says what it said
        if before and before.number == user.id:
            assert abs((user.created_at or START) - before.made_at) < timedelta(seconds=2), (key, user, before)
        held = {
            kind: {n for n, each in self.accounts.items() if getattr(each, kind) == said}
            for kind in ORDER
            if (said := getattr(row, kind))
        }
        others = {kind: numbers - {user.id} for kind, numbers in held.items() if numbers - {user.id}}
        assert not others, (key, row, user, others)
        assert not (row.external_id and user.external_id and row.external_id != user.external_id), (key, row, user)
        unchanged = any(user.id in numbers for numbers in held.values())
        remembered = before is not None and before.number == user.id and row.differs(before.row) <= {"email"}
        renamed = before is not None and before.number == user.id and len(row.differs(before.row)) <= 1
        assert unchanged or remembered or renamed, (key, row, user, before)
        if not unchanged and before:
            assert user.username == before.username or same_name(user.name, before.account_name), (
                key,
                row,
                user,
                before,
            )

    @invariant()
    def no_account_is_two_peoples(self) -> None:
        """Two people never have one account."""
        matched = [match.account.id for match in self.who.values() if isinstance(match, Match)]
        assert len(matched) == len(set(matched))


Identities.TestCase.settings = settings(max_examples=250, stateful_step_count=30, deadline=None)
TestIdentities = Identities.TestCase
