"""What a run has to ask the forum for: whom to look up, and what was read or not found before and still holds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from sync_worker.membership.matching.confirming import is_doubted
from sync_worker.membership.records.ties import State, TieKey
from sync_worker.membership.state import Account, InGroup
from sync_worker.model import Person, Role, RosterKind, fold
from sync_worker.store.tables import CursorRow, SeenRow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.membership.records.memberships import Remembered
    from sync_worker.membership.records.unseen import Emailed
    from sync_worker.membership.state import Observed
    from sync_worker.model import Cohort, Enrolment, Roster


CURSOR = "unfound"
KEY_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Unfound:
    """Whom the forum did not have: digests of their keys, when it was asked, and how many accounts it had then."""

    at: datetime
    accounts: int
    people: frozenset[str]

    def is_recent(self, accounts: int | None, now: datetime, hours: int) -> bool:
        """Whether nothing speaks for asking again: no new account, and not long ago."""
        return self.at <= now < self.at + timedelta(hours=hours) and accounts == self.accounts

    def still(self, person: Person, accounts: int | None, now: datetime, hours: int) -> bool:
        """Whether nothing speaks for asking about a person again whom the forum did not have."""
        return self.is_recent(accounts, now, hours) and digest(person) in self.people


NOBODY = Unfound(datetime.min.replace(tzinfo=UTC), -1, frozenset())


def digest(person: Person) -> str:
    """Return what recognises a person with these identifiers, without telling who it is."""
    text = json.dumps([person.external_id, person.email, person.username])
    return hashlib.sha256(text.encode()).hexdigest()[:KEY_LENGTH]


@dataclass(frozen=True, slots=True)
class UnfoundStore:
    """Remembers whom one forum did not have."""

    sessions: sessionmaker[Session]
    forum: str

    def read(self) -> Unfound:
        """Return who was not found last time."""
        with self.sessions() as session:
            row = session.get(CursorRow, (self.forum, CURSOR))
            value = json.loads(row.value) if row else None
        if value is None:
            return NOBODY
        return Unfound(datetime.fromisoformat(value["at"]), value["accounts"], frozenset(value["people"]))

    def write(self, unfound: Unfound) -> None:
        """Remember who was not found."""
        value = {"at": unfound.at.isoformat(), "accounts": unfound.accounts, "people": sorted(unfound.people)}
        with self.sessions.begin() as session:
            session.merge(CursorRow(forum=self.forum, name=CURSOR, value=json.dumps(value)))


# Whose accounts have to be looked up on the forum. Pure.


@dataclass(frozen=True, slots=True)
class LookUps:
    """Whose accounts a run needs.

    Args:
        people: everybody whom the roster names, and people whose accounts are needed although it does not.
        must: the keys of those whom neither memory nor a member list places.
        may_by_email: the keys of those whom the server may add by their address, unseen.
        doubted: the keys of those who were matched, and of whom something has changed since.

    """

    people: Sequence[Person]
    must: frozenset[str]
    may_by_email: frozenset[str] = frozenset()
    doubted: frozenset[str] = frozenset()


def whom_to_look_up(
    roster: Roster,
    cohorts: Sequence[Cohort],
    emailed: Emailed,
    *,
    unknown: Collection[str],
    changed: Collection[str],
    now: datetime,
) -> LookUps:
    """Return whose accounts are needed; `unknown` is as `unplaced` says, `changed` as `doubted` does."""
    chosen = {cohort.key: cohort for cohort in cohorts}
    enrolments = [enrolment for enrolment in roster.enrolments if enrolment.cohort in chosen]
    active = [one for one in enrolments if one.active_on(now.astimezone(chosen[one.cohort].zone).date())]
    groups = {cohort.group for key, cohort in chosen.items() if roster.kind_of(key) is RosterKind.SNAPSHOT}
    staying = {InGroup(chosen[one.cohort].group, one.person.key) for one in active}
    departed = _departed(enrolments, staying, groups, emailed)
    sent = _sent_everywhere(active, chosen, emailed) - set(changed)
    return LookUps(
        [*(enrolment.person for enrolment in enrolments), *departed],
        frozenset((set(unknown) | set(changed)) - sent | {person.key for person in departed}),
        frozenset((_may_by_email(enrolments, emailed) | sent) - set(changed)),
        frozenset(changed),
    )


def _sent_everywhere(active: Sequence[Enrolment], cohorts: Mapping[str, Cohort], emailed: Emailed) -> set[str]:
    """Return the keys of people who were added by e-mail wherever the roster wants them."""
    sent: dict[str, bool] = {}
    for enrolment in active:
        key, cohort = enrolment.person.key, cohorts[enrolment.cohort]
        here = enrolment.role is not Role.LCM and emailed.is_sent(cohort.group, key)
        sent[key] = here and sent.get(key, True)
    return {key for key, everywhere in sent.items() if everywhere}


def _departed(
    enrolments: Sequence[Enrolment], staying: Collection[InGroup], groups: Collection[str], emailed: Emailed
) -> list[Person]:
    """Return people added to `groups` by e-mail whom the roster wants no more: their accounts are needed now."""
    if not emailed.people:
        return []
    listed = {fold(enrolment.person.email) for enrolment in enrolments if enrolment.person.email}
    return [
        Person(email=one.email)
        for (group, key), one in emailed.people.items()
        if group in groups and (group, key) not in staying and fold(one.email) not in listed
    ]


def _may_by_email(enrolments: Sequence[Enrolment], emailed: Emailed) -> set[str]:
    """Return the keys of those who may be added by e-mail: no LCMs, and nobody with whom it went wrong before."""
    lcms = {enrolment.person.key for enrolment in enrolments if enrolment.role is Role.LCM}
    unsure = {key for group, key in emailed.people if not emailed.is_sent(group, key)}
    return {enrolment.person.key for enrolment in enrolments} - lcms - unsure


def unplaced(
    roster: Roster,
    *,
    cohorts: Sequence[Cohort],
    observed: Observed,
    remembered: Remembered,
    now: datetime,
    joining: bool,
) -> set[str]:
    """Return the keys of the people whose account or present username is not known.

    With `joining`, those as well who are known and will join the cohort's group: what the plugin reported about the
    members of another group may be old.
    """
    everybody = observed.accounts()
    found: set[str] = set()
    for cohort in cohorts:
        day = now.astimezone(cohort.zone).date()
        group = observed.cohorts[cohort.key].group
        seen = everybody if not joining else group.members if group else {}
        for enrolment in roster.of(cohort.key):
            if enrolment.active_on(day) and not _placed(enrolment.person, cohort, seen, observed, remembered):
                found.add(enrolment.person.key)
    return found


def _placed(
    person: Person, cohort: Cohort, seen: Mapping[int, Account], observed: Observed, remembered: Remembered
) -> bool:
    """Whether a person's account and present username are known, or not needed because the person has left before.

    Who was in the group the last time and is not now may have left, or lost the account: that is looked up, once.
    """
    recognised = remembered.memory.recognised.get(person.key)
    if recognised is None or recognised.account.id in seen:
        return recognised is not None
    tie = remembered.ties.get(TieKey(cohort.group, recognised.account.id))
    return bool(observed.cohorts[cohort.key].group and tie and tie.state is State.LEFT)


def doubted(
    roster: Roster,
    cohorts: Sequence[Cohort],
    observed: Observed,
    remembered: Remembered,
    order: Sequence[str],
) -> set[str]:
    """Return the keys of people who were matched, and of whom roster or member lists say something else by now."""
    seen, recognised = observed.accounts(), remembered.memory.recognised
    return {
        enrolment.person.key
        for cohort in cohorts
        for enrolment in roster.of(cohort.key)
        if (known := recognised.get(enrolment.person.key))
        and is_doubted(enrolment.person, known, seen.get(known.account.id), order)
    }


# Groups and categories as they were last read in full, so that what did not change need not be read again.


GROUP, CATEGORY = "group", "category"


@dataclass(frozen=True, slots=True)
class GroupSnapshot:
    """A group's members and owners by user id.

    `count` is the number of members that the forum's list of groups showed (`UNKNOWN_COUNT` for none), `mark` the
    newest entry of the group's log.
    """

    name: str
    group_id: int
    count: int
    mark: str
    members: Mapping[int, Account]
    owners: frozenset[int]
    read_at: datetime


UNKNOWN_COUNT = -1


@dataclass(frozen=True, slots=True)
class CategorySnapshot:
    """A category's permissions by group name, and the groups that moderate it."""

    category_id: int
    permissions: Mapping[str, int]
    moderators: frozenset[str]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Snapshots:
    """All snapshots of a forum: groups by name, categories by id."""

    groups: Mapping[str, GroupSnapshot] = field(default_factory=dict)
    categories: Mapping[int, CategorySnapshot] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SnapshotStore:
    """Reads and writes the snapshots of one forum."""

    sessions: sessionmaker[Session]
    forum: str

    def read(self, groups: Collection[str]) -> Snapshots:
        """Return the snapshots of these groups, and of all categories."""
        with self.sessions() as session:
            wanted = (SeenRow.kind == CATEGORY) | SeenRow.name.in_(list(groups))
            rows = session.scalars(select(SeenRow).where(SeenRow.forum == self.forum, wanted)).all()
            return Snapshots(
                {row.name: _group(row) for row in rows if row.kind == GROUP},
                {row.forum_id: _category(row) for row in rows if row.kind == CATEGORY},
            )

    def write(self, groups: Iterable[GroupSnapshot], categories: Iterable[CategorySnapshot] = ()) -> None:
        """Keep snapshots."""
        with self.sessions.begin() as session:
            for group in groups:
                session.merge(self._group_row(group))
            for one in categories:
                content: dict[str, Any] = {"permissions": dict(one.permissions), "moderators": sorted(one.moderators)}
                session.merge(
                    SeenRow(
                        forum=self.forum,
                        kind=CATEGORY,
                        name=str(one.category_id),
                        forum_id=one.category_id,
                        count=0,
                        mark="",
                        content=content,
                        read_at=one.read_at,
                    )
                )

    def forget(self, groups: Collection[str], categories: Collection[int] = ()) -> None:
        """Read these in full next time."""
        with self.sessions.begin() as session:
            for kind, names in ((GROUP, list(groups)), (CATEGORY, [str(number) for number in categories])):
                condition = (SeenRow.forum == self.forum, SeenRow.kind == kind, SeenRow.name.in_(names))
                session.execute(delete(SeenRow).where(*condition))

    def _group_row(self, group: GroupSnapshot) -> SeenRow:
        members = [[account.id, account.username, account.name] for account in group.members.values()]
        return SeenRow(
            forum=self.forum,
            kind=GROUP,
            name=group.name,
            forum_id=group.group_id,
            count=group.count,
            mark=group.mark,
            content={"members": members, "owners": sorted(group.owners)},
            read_at=group.read_at,
        )


def _group(row: SeenRow) -> GroupSnapshot:
    members = {number: Account(number, username, name) for number, username, name in row.content["members"]}
    owners = frozenset(row.content["owners"])
    return GroupSnapshot(row.name, row.forum_id, row.count, row.mark, members, owners, row.read_at)


def _category(row: SeenRow) -> CategorySnapshot:
    content = row.content
    return CategorySnapshot(row.forum_id, content["permissions"], frozenset(content["moderators"]), row.read_at)
