"""Carrying out what a plan says of people without a known account: added by address, or invited."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from string import Template
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.reading import NAMES_A_CALL
from sync_worker.forum.writing import INVITES_A_CALL
from sync_worker.languages.language import NBSP
from sync_worker.languages.parts import MEMBERSHIP, language
from sync_worker.membership.matching.accounts import EMAIL, identifier_key
from sync_worker.membership.observing.forum_view import NEVER, Aftermath, calls_to_read, mark_of
from sync_worker.membership.observing.unseen import as_made
from sync_worker.membership.records.journal import ApplyReport, Failure
from sync_worker.membership.records.unseen import SENDING, SENT, UNSURE, EmailedAccount, EmailedPerson, Invited, Stage
from sync_worker.membership.state import Account, InCohort
from sync_worker.model import Change, ChangeKind, Cohort, fold
from sync_worker.model.details import ABSENT, Mailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sync_worker.config.settings import InvitationSettings
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import EmailBatch, Member
    from sync_worker.languages.language import Language
    from sync_worker.membership.observing.asking import GroupSnapshot
    from sync_worker.membership.observing.forum_view import ForumView
    from sync_worker.membership.records.unseen import EmailedStore, InvitationStore
    from sync_worker.model import Plan


@dataclass(frozen=True, slots=True)
class EmailAdder:
    """Carries the lines out that add people by e-mail; `accounts` are the people whom the run found, by id."""

    forum: Forum
    store: EmailedStore
    view: ForumView
    accounts: Mapping[int, Account]
    run: str
    now: datetime

    def carry_out(self, plan: Plan, so_far: ApplyReport, group_ids: Mapping[str, int]) -> ApplyReport:
        """Add them after what the run has done `so_far`. Calls: as `EmailAddition.do` for each group."""
        done: list[Change] = []
        failed: list[Failure] = []
        for group in dict.fromkeys(change.target for change in plan.of(ChangeKind.ADD_BY_EMAIL)):
            lines = [change for change in plan.of(ChangeKind.ADD_BY_EMAIL) if change.target == group]
            if group not in group_ids:
                failed += [Failure(line, f"the group '{group}' could not be made") for line in lines]
                continue
            before = Aftermath(self.view, self.accounts, self.now).group(group, group_ids[group], so_far)
            addition = EmailAddition(self.forum, self.store, group_ids[group], group, before, self.run, self.now)
            did, did_not, snapshot = addition.do(lines)
            done += did
            failed += did_not
            if snapshot:
                self.view.groups[group] = snapshot
        return ApplyReport(tuple(done), tuple(failed))


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
        people = {_mailed(line).email.strip().lower(): line for line in lines}
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
        rows = [EmailedPerson(self.group, line.key, line.cohort, _mailed(line).email, state) for line in lines]
        self.store.write_people(rows, self.run, self.now)


def _knew_all(batch: EmailBatch) -> bool:
    return batch.usernames is not None and len(set(batch.usernames)) == len(batch.emails)


# Carrying out what a plan says about invitations.


LONGEST = 1000
NOT_SURE = "the forum did not say whether it sent them; the next run will know"
GONE = "it was no longer there"


@dataclass(slots=True)
class Inviter:
    """Carries out a plan's lines about invitations; `known` are those of earlier runs."""

    forum: Forum
    store: InvitationStore
    known: Mapping[InCohort, Invited]
    options: InvitationSettings
    group_ids: Mapping[str, int]
    run: str
    now: datetime
    done: list[Change] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)

    def carry_out(self, plan: Plan, cohorts: Mapping[str, Cohort]) -> ApplyReport:
        """Invite, remind and withdraw. Calls: 1 per 200 invited or reminded in a cohort and role, 1 per withdrawal.

        Each is written down before its call. A refusal is reported with the forum's reason, and stops nobody else;
        where an answer is in doubt the next run looks on the forum first. A person who is invited into several cohorts
        gets one mail.
        """
        for kind in (ChangeKind.INVITE, ChangeKind.REMIND):
            parcels: dict[tuple[str, tuple[str, ...], bool], list[list[Change]]] = {}
            for lines in _by_email(plan.of(kind)).values():
                groups = dict.fromkeys(name for line in lines for name in _groups(line))
                quiet = kind is ChangeKind.INVITE and self._is_invited(_mailed(lines[0]).email)
                parcels.setdefault((lines[0].cohort, tuple(groups), quiet), []).append(lines)
            for (cohort, names, quiet), people in parcels.items():
                for start in range(0, len(people), INVITES_A_CALL):
                    some = people[start : start + INVITES_A_CALL]
                    self._send(some, cohorts[cohort], names, mail=self.options.mail and not quiet)
        for line in plan.of(ChangeKind.WITHDRAW):
            self._withdraw(line)
        return ApplyReport(tuple(self.done), tuple(self.failed))

    def _is_invited(self, email: str) -> bool:
        """Whether the person waits for an invitation into another cohort, to which this one is then added unmailed."""
        return any(one.is_open(self.now) and _same(one.email, email) for one in self.known.values())

    def _send(self, people: Sequence[list[Change]], cohort: Cohort, groups: Sequence[str], *, mail: bool) -> None:
        lines = [line for one in people for line in one]
        missing = [name for name in groups if name not in self.group_ids]
        if missing:
            self._fail(lines, f"the group '{missing[0]}' could not be made")
            return
        self._write([self._begun(line) for line in lines])
        try:
            result = self.forum.invite(
                [_mailed(one[0]).email for one in people],
                [self.group_ids[name] for name in groups],
                message=invitation_text(cohort, self.options),
                expires_at=self.now + timedelta(days=self.options.expiry_days),
                mail=mail,
            )
        except ForumError as error:
            if error.doubtful:
                self._fail(lines, f"{error} {NOT_SURE}.", doubtful=True)
            else:
                self._write([self.known.get(_key(line)) or _never(self._begun(line)) for line in lines])
                self._fail(lines, str(error))
            return
        settled = []
        for line in lines:
            email, begun = _mailed(line).email, self._begun(line)
            if email in result.made:
                settled.append(as_made(begun, result.made[email], self.now))
                if settled[-1].stage is Stage.GRANTS:  # it was given these rights after the plan looked
                    self._fail([line], settled[-1].reason)
                else:
                    self.done.append(line)
            else:
                reason = result.refused.get(email) or "the forum did not say why"
                settled.append(replace(begun, stage=Stage.REFUSED, reason=reason))
                self._fail([line], reason)
        self._write(settled)

    def _withdraw(self, line: Change) -> None:
        """Take an invitation back, or only its groups of this cohort where it leads into others as well."""
        row = self.known[_key(line)]
        others = [
            one
            for one in self.known.values()
            if one.invite_id == row.invite_id and one.cohort != row.cohort and one.is_open(self.now)
        ]
        there = True
        try:
            if others and row.invite_id is not None:
                left = dict.fromkeys(name for one in others for name in one.groups if name in self.group_ids)
                self.forum.change_invitation_groups(row.invite_id, [self.group_ids[name] for name in left])
            else:
                there = row.invite_id is not None and self.forum.withdraw_invitation(row.invite_id)
        except ForumError as error:
            self._fail([line], str(error))
            return
        gone = replace(row, stage=Stage.WITHDRAWN, reason="" if there else GONE)
        self.known = {**self.known, _key(line): gone}
        self._write([gone])
        self.done.append(line)

    def _begun(self, line: Change) -> Invited:
        """Return the record of an invitation whose call is under way; a reminder counts from here on."""
        known = self.known.get(_key(line))
        if line.kind is ChangeKind.REMIND and known:
            return replace(known, stage=Stage.INVITING, reminders=known.reminders + 1, reminded_at=self.now)
        return Invited(line.cohort, line.key, line.target, _groups(line), _mailed(line).email, Stage.INVITING)

    def _write(self, rows: Sequence[Invited]) -> None:
        self.store.write(rows, self.run, self.now)

    def _fail(self, lines: Sequence[Change], reason: str, *, doubtful: bool = False) -> None:
        self.failed += [Failure(line, reason, doubtful) for line in lines]


def _mailed(line: Change) -> Mailed:
    """Return the address and the groups that a line about somebody without a known account has."""
    assert isinstance(line.detail, Mailed)  # noqa: S101 - lines of these kinds have them
    return line.detail


def _groups(line: Change) -> tuple[str, ...]:
    groups = _mailed(line).groups
    return () if groups is ABSENT else groups


def _key(line: Change) -> InCohort:
    return InCohort(line.cohort, line.key)


def _same(one: str, other: str) -> bool:
    return identifier_key(EMAIL, one) == identifier_key(EMAIL, other)


def _by_email(lines: Sequence[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for line in lines:
        found.setdefault(_mailed(line).email, []).append(line)
    return found


def _never(row: Invited) -> Invited:
    """Return the record of somebody whom the forum did not invite after all: as if withdrawn, to be invited again."""
    return replace(row, stage=Stage.WITHDRAWN)


def invitation_text(cohort: Cohort, options: InvitationSettings) -> str:
    """Return the text in the cohort's language; at most 1,000 characters, which is what Discourse takes."""
    text = Template(options.message.get(cohort.locale) or MEMBERSHIP.of(cohort.locale).invitation)
    start, end = (_date(day, language(cohort.locale)) for day in (cohort.start, cohort.end))
    return text.substitute(cohort=cohort.name, start=start, end=end)[:LONGEST]


def _date(day: date, words: Language) -> str:
    return f"{words.day_and_month(day)}{NBSP}{day.year}"
