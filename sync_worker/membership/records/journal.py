"""What each run changed and what became of its lines, so that it can be looked up and taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from sync_worker.membership.state import STAFF
from sync_worker.model import Change, ChangeKind
from sync_worker.model.details import CategorySpec, ParentOpening, detail_of
from sync_worker.store.database import in_parts
from sync_worker.store.tables import ChangeRow, RunRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.model import Plan


COUNTED_A_DAY = (
    *(ChangeKind.ADD.value, ChangeKind.ADD_BY_EMAIL.value, ChangeKind.REMOVE.value),
    *(ChangeKind.ADD_OWNER.value, ChangeKind.REMOVE_OWNER.value),
)
"""The kinds of lines that the limits count over a day."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that a run carried out or began, with when that run began."""

    run: str
    started_at: datetime
    position: int
    state: str
    change: Change


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run as a list of runs shows it."""

    id: str
    command: str
    started_at: datetime
    finished_at: datetime | None
    outcome: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class RunJournal:
    """The journal of one run: its lines are there before the first is carried out, and settled one after another."""

    sessions: sessionmaker[Session]
    forum: str
    run: str
    positions: Mapping[int, int]

    def settle(self, changes: Sequence[Change], state: str, now: datetime, reason: str = "") -> None:
        """Write down what became of lines: `done` or `failed`."""
        places = [self.positions[id(change)] for change in changes]
        with self.sessions.begin() as session:
            for part in in_parts(places):
                session.execute(
                    update(ChangeRow)
                    .where(
                        ChangeRow.forum == self.forum,
                        ChangeRow.run == self.run,
                        ChangeRow.position.in_(part),
                    )
                    .values(state=state, reason=reason, at=now)
                )

    def settle_report(self, report: ApplyReport, now: datetime) -> None:
        """Write down what became of all lines of a report; those in doubt stay open."""
        self.settle(report.done, "done", now)
        for failure in report.failed:
            if not failure.doubtful:
                self.settle([failure.change], "failed", now, failure.reason)


@dataclass(frozen=True, slots=True)
class Journal:
    """The journals of all runs on one forum; every write is committed when it returns."""

    sessions: sessionmaker[Session]
    forum: str

    def begin(self, run: str, command: str, plan: Plan, now: datetime) -> RunJournal:
        """Write down what a run is about to do."""
        effective = plan.effective
        rows = [
            {
                "forum": self.forum,
                "run": run,
                "position": position,
                "cohort": change.cohort,
                "kind": change.kind.value,
                "target": change.target,
                "user_id": change.user_id,
                "username": change.username,
                "person": change.person,
                "detail": change.detail.to_json(),
                "state": "intended",
                "reason": change.reason,
                "at": now,
            }
            for position, change in enumerate(effective)
        ]
        with self.sessions.begin() as session:
            session.add(RunRow(id=run, command=command, started_at=now, outcome="running", summary={}))
            session.execute(insert(ChangeRow), rows)
        return RunJournal(self.sessions, self.forum, run, {id(change): n for n, change in enumerate(effective)})

    def finish(self, run: str, now: datetime, outcome: str, summary: Mapping[str, int]) -> None:
        """Write down how a run ended."""
        with self.sessions.begin() as session:
            session.execute(
                update(RunRow).where(RunRow.id == run).values(finished_at=now, outcome=outcome, summary=dict(summary))
            )

    def free_id(self, wanted: str) -> str:
        """Return a run's id that no run has yet: the wanted one, or with a number."""
        with self.sessions() as session:
            taken = set(session.scalars(select(RunRow.id).where(RunRow.id.startswith(wanted, autoescape=True))))
        candidates = [wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 2))]
        return next(name for name in candidates if name not in taken)

    def entries(self, run: str | None = None, *, since: datetime | None = None) -> list[Entry]:
        """Return the lines of a run, or of all runs since a moment, oldest first."""
        query = select(ChangeRow, RunRow.started_at).join(RunRow, RunRow.id == ChangeRow.run)
        query = query.where(ChangeRow.forum == self.forum)
        if run is not None:
            query = query.where(ChangeRow.run == run)
        if since is not None:
            query = query.where(RunRow.started_at >= since)
        with self.sessions() as session:
            rows = session.execute(query.order_by(RunRow.started_at, RunRow.id, ChangeRow.position)).all()
            return [Entry(row.run, started, row.position, row.state, _change(row)) for row, started in rows]

    def changes_since(self, moment: datetime, plan: Plan) -> tuple[Change, ...]:
        """Return what runs did to people since a moment, or may have done; without what takes it back.

        What the plan does again was not done, or was taken back: it is left out, or it would count twice.
        """
        columns = (
            *(ChangeRow.kind, ChangeRow.cohort, ChangeRow.target),
            *(ChangeRow.username, ChangeRow.user_id, ChangeRow.person),
        )
        query = select(*columns).where(
            ChangeRow.forum == self.forum,
            ChangeRow.at > moment,
            ChangeRow.state.in_(("done", "intended")),
            ChangeRow.kind.in_(COUNTED_A_DAY),
        )
        with self.sessions() as session:
            rows = session.execute(query.order_by(ChangeRow.run, ChangeRow.position)).all()
        again = {_whom(change) for change in plan.effective}
        done = (
            Change(ChangeKind(kind), cohort, target, "", name, number, person)
            for kind, cohort, target, name, number, person in rows
        )
        return tuple(change for change in done if _whom(change) not in again)

    def settle_open(self, stands: Callable[[Change], bool | None], now: datetime) -> None:
        """Settle the lines of runs that were killed, by what the forum shows; None leaves a line as it is."""
        with self.sessions.begin() as session:
            open_rows = session.scalars(
                select(ChangeRow).where(ChangeRow.forum == self.forum, ChangeRow.state == "intended")
            )
            for row in open_rows:
                found = stands(_change(row))
                if found is not None:
                    row.state, row.at = ("done" if found else "failed"), now
            session.execute(
                update(RunRow)
                .where(RunRow.outcome == "running", RunRow.id.in_(self._runs()))
                .values(outcome="killed", finished_at=now)
            )

    def opened(self) -> dict[str, set[str]]:
        """Return which groups runs let into categories, when they made or opened them, by the category's slug."""
        kinds = (ChangeKind.CREATE_CATEGORY.value, ChangeKind.OPEN_CATEGORY.value)
        query = select(ChangeRow.kind, ChangeRow.detail).where(
            ChangeRow.forum == self.forum, ChangeRow.state == "done", ChangeRow.kind.in_(kinds)
        )
        found: dict[str, set[str]] = {}
        with self.sessions() as session:
            for kind, kept in session.execute(query):
                detail = detail_of(kind, kept)
                if isinstance(detail, CategorySpec | ParentOpening):
                    groups = detail.permissions if isinstance(detail, CategorySpec) else detail.open_to
                    found.setdefault(detail.slug, set()).update(name for name in groups if name != STAFF)
        return found

    def _runs(self) -> Any:
        return select(ChangeRow.run).where(ChangeRow.forum == self.forum).distinct().scalar_subquery()

    def runs(self, limit: int | None = None) -> list[RunLine]:
        """Return the latest runs, or all of them, newest first, with the number of lines done of each kind."""
        with self.sessions() as session:
            rows = session.scalars(
                select(RunRow)
                .where(RunRow.id.in_(self._runs()))
                .order_by(RunRow.started_at.desc(), RunRow.id.desc())
                .limit(limit)
            ).all()
            listed = [row.id for row in rows]
            counts = session.execute(
                select(ChangeRow.run, ChangeRow.kind, func.count())
                .where(ChangeRow.forum == self.forum, ChangeRow.state == "done", ChangeRow.run.in_(listed))
                .group_by(ChangeRow.run, ChangeRow.kind)
            ).all()
        found: dict[str, dict[str, int]] = {}
        for run, kind, number in counts:
            found.setdefault(run, {})[kind] = number
        return [
            RunLine(row.id, row.command, row.started_at, row.finished_at, row.outcome, found.get(row.id, {}))
            for row in rows
        ]


def _whom(change: Change) -> tuple[object, ...]:
    """Return what is done to whom: by account, and by name where the account is not known."""
    return change.kind, change.target, change.user_id, change.person if change.user_id is None else None


def _change(row: ChangeRow) -> Change:
    detail = detail_of(row.kind, row.detail)
    return Change(
        ChangeKind(row.kind), row.cohort, row.target, row.reason, row.username, row.user_id, row.person, detail
    )


# What became of the lines of a plan.


@dataclass(frozen=True, slots=True)
class Failure:
    """A line of the plan that was not done, and why; a doubtful one may have been done all the same."""

    change: Change
    reason: str
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """What became of every effective line of a plan; `run` is what the run is called in the journal."""

    done: tuple[Change, ...] = ()
    failed: tuple[Failure, ...] = ()
    unreachable: bool = False
    run: str = ""

    @property
    def outcome(self) -> str:
        """How the run ended, in a word."""
        return "partial" if self.failed else "done"

    @property
    def counts(self) -> dict[str, int]:
        """How many lines were done and how many not."""
        return {"done": len(self.done), "failed": len(self.failed)}

    def plus(self, other: ApplyReport) -> ApplyReport:
        """Return both reports as one."""
        unreachable = self.unreachable or other.unreachable
        return replace(self, done=self.done + other.done, failed=self.failed + other.failed, unreachable=unreachable)
