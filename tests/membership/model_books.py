"""The books of membership in plain dictionaries: the same methods as those that keep them in the database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sync_worker.membership.matching.accounts import Match, Memory, NoMatch, Recognised
from sync_worker.membership.observing.unseen import Unseen
from sync_worker.membership.records.accepted import Accepted, AcceptedRosters
from sync_worker.membership.records.journal import ApplyReport, Entry
from sync_worker.membership.records.memberships import Created, Remembered
from sync_worker.membership.records.ties import State, Tie, TieBook, TieKey, TieRecord
from sync_worker.membership.state import Account
from sync_worker.model import Change, ChangeKind, Plan
from sync_worker.model.details import CategorySpec, ParentOpening


def recall(
    before: Mapping[str, Recognised], who: Mapping[str, Match | NoMatch], now: datetime
) -> dict[str, Recognised]:
    """What is remembered of who is who after a run, as the store keeps it."""
    after = dict(before)
    for key, match in who.items():
        if isinstance(match, Match):
            known = before.get(key)
            same = known if known and known.account.id == match.account.id else None
            made_at = match.account.made_at or (same.account.made_at if same else None)
            evidence = match.evidence if match.evidence is not None else same.evidence if same else {}
            account = Account(match.account.id, match.account.username, made_at=made_at)
            after[key] = Recognised(account, same.at if same else now, evidence)
    return after


@dataclass
class ModelMemory:
    """What `MembershipStore` keeps."""

    ties: dict[TieKey, TieRecord] = field(default_factory=dict)
    recognised: dict[str, Recognised] = field(default_factory=dict)
    created: dict[tuple[str, str], Created] = field(default_factory=dict)
    accepted: dict[str, Accepted] = field(default_factory=dict)

    def read(self) -> Remembered:
        """All of it."""
        rosters, book = AcceptedRosters(b"key", dict(self.accepted)), TieBook.of(self.ties.items())
        memory = Memory(dict(self.recognised), {}, book.stands)
        return Remembered(book, memory, dict(self.created), rosters)

    def write_ties(self, ties: Mapping[TieKey, TieRecord], run: str, now: datetime) -> None:
        """Keep ties."""
        self.ties.update(ties)

    def end_ownerships(self, group: str, user_ids: Collection[int], now: datetime) -> None:
        """Owners who were removed own it no longer."""
        for number in user_ids:
            key = TieKey(group, number, Tie.OWNER)
            if key in self.ties:
                self.ties[key] = replace(self.ties[key], state=State.REMOVED)

    def remember_people(self, matches: Mapping[str, Match], now: datetime) -> None:
        """Keep who is who."""
        self.recognised = recall(self.recognised, matches, now)

    def write_created(
        self, kind: str, name: str, forum_id: int | None, run: str, now: datetime, *, adopted: bool = False
    ) -> None:
        """Keep what was made."""
        self.created[kind, name] = Created(forum_id, adopted)

    def forget_created(self, kind: str, name: str) -> None:
        """Take that back."""
        self.created.pop((kind, name), None)

    def write_accepted(self, rosters: AcceptedRosters, accepted: Mapping[str, Accepted], now: datetime) -> None:
        """Keep what the accepted rosters had."""
        self.accepted.update(accepted)


@dataclass
class ModelRunJournal:
    """What `RunJournal` keeps."""

    entries: list[Entry]

    def settle(self, changes: Sequence[Change], state: str, now: datetime, reason: str = "") -> None:
        """Say what became of lines."""
        settled = {id(change) for change in changes}
        for place, entry in enumerate(self.entries):
            if id(entry.change) in settled:
                self.entries[place] = replace(entry, state=state)

    def settle_report(self, report: ApplyReport, now: datetime) -> None:
        """Say what became of the lines of a report; those in doubt stay open."""
        self.settle(report.done, "done", now)
        self.settle([failure.change for failure in report.failed if not failure.doubtful], "failed", now)


@dataclass
class ModelJournal:
    """What `Journal` keeps."""

    of_run: dict[str, list[Entry]] = field(default_factory=dict)
    commands: dict[str, str] = field(default_factory=dict)

    def free_id(self, wanted: str) -> str:
        """Never the same twice."""
        return f"{len(self.of_run):04}-{wanted}"

    def begin(self, run: str, command: str, plan: Plan, now: datetime) -> ModelRunJournal:
        """Write down what a run is about to do."""
        lines = enumerate(plan.effective)
        self.of_run[run] = [Entry(run, now, position, "intended", change) for position, change in lines]
        self.commands[run] = command
        return ModelRunJournal(self.of_run[run])

    def finish(self, run: str, now: datetime, outcome: str, summary: Mapping[str, int]) -> None:
        """Nothing asks for it here."""

    def changes_since(self, moment: datetime, plan: Plan) -> tuple[Change, ...]:
        """What runs did since a moment, or may have done, and the plan does not do again."""
        again = {(change.kind, change.target, change.user_id) for change in plan.effective}
        return tuple(
            entry.change
            for entries in self.of_run.values()
            for entry in entries
            if entry.started_at > moment
            and entry.state in ("done", "intended")
            and (entry.change.kind, entry.change.target, entry.change.user_id) not in again
        )

    def opened(self) -> dict[str, set[str]]:
        """Which groups were let into which category."""
        found: dict[str, set[str]] = {}
        for entry in (entry for entries in self.of_run.values() for entry in entries if entry.state == "done"):
            if entry.change.kind in (ChangeKind.CREATE_CATEGORY, ChangeKind.OPEN_CATEGORY):
                detail = entry.change.detail
                assert isinstance(detail, CategorySpec | ParentOpening)
                groups = detail.permissions if isinstance(detail, CategorySpec) else detail.open_to
                found.setdefault(detail.slug, set()).update(groups.keys() - {"staff"})
        return found

    def settle_open(self, stands: Callable[[Change], bool | None], now: datetime) -> None:
        """Settle the lines of runs that were killed."""
        for entries in self.of_run.values():
            for place, entry in enumerate(entries):
                found = stands(entry.change) if entry.state == "intended" else None
                if found is not None:
                    entries[place] = replace(entry, state="done" if found else "failed")


class NobodyUnseen:
    """What `UnseenStore` keeps where nobody is added by e-mail or invited."""

    emailed = None
    invitations = None

    def write_down(self, unseen: Unseen, *_: object) -> None:
        """Keep nothing."""
        assert unseen == Unseen()


class NothingFound:
    """What `FindingStore` keeps where no run asks what an earlier one found out."""

    def write(self, *_: object) -> None:
        """Keep nothing."""

    @property
    def snapshots(self) -> NothingFound:
        """Groups and categories as they were read: none."""
        return self

    def forget(self, groups: Collection[str], categories: Collection[int]) -> None:
        """Forget nothing."""
