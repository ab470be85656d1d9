"""How the syncs of `lcm run` stand: when the last one was, what came of it, what waits for a person."""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sync_worker.store.tables import CursorRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.config.options import SyncSettings
    from sync_worker.store.database import Store

NAME = "people-sync"
REMEMBERED_PROBLEMS = 20
QUIET = timedelta(days=1)
"""A problem that went away and comes back is reported again after this."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """How the syncs of one forum stand.

    Args:
        at: when the last one began; None before the first.
        outcome: `done`, `nothing` to do, `planned` (apply: false), `partial`, `refused`
            (by a guard), `source` (of the roster), `forum`, `unreachable` or `failed` (a mistake of lcm's).
        counts: the lines done, or planned, of each kind.
        calls: how many calls the last one made.
        run: what it is called in the journal, where it changed something.
        problem: what went wrong, one or more lines; empty where nothing did.
        since: when this problem was there first.
        waits: what waits for a person, beside the problem.
        told: when which problems were told, by what makes them distinct.

    """

    at: datetime | None = None
    outcome: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    calls: int = 0
    run: str = ""
    problem: str = ""
    since: datetime | None = None
    waits: tuple[str, ...] = ()
    told: Mapping[str, str] = field(default_factory=dict)

    def after(self, now: datetime, outcome: str, **more: Any) -> SyncState:
        """Return the state after another sync."""
        problem = more.get("problem", "")
        same = bool(problem) and distinct(problem) == distinct(self.problem)
        since = self.since if same else now if problem else None
        state = SyncState(at=now, outcome=outcome, since=since, told=self.told, **more)
        return state if problem else replace(state, told=_still_quiet(self.told, now))

    @property
    def is_news(self) -> bool:
        """Whether the problem was not reported yet."""
        return bool(self.problem) and distinct(self.problem) not in self.told

    def as_told(self, now: datetime) -> SyncState:
        """Return the state with its problem noted as reported; of many, the latest are kept."""
        told = {**self.told, distinct(self.problem): now.isoformat()}
        return replace(self, told=dict(sorted(told.items(), key=lambda item: item[1])[-REMEMBERED_PROBLEMS:]))

    def next_at(self, options: SyncSettings, now: datetime) -> datetime:
        """Return when the next sync is due; not after `now` where it is due already.

        A last sync in the future, by a clock that was ahead, counts as none.
        """
        late = self.at is None or self.at > now
        return within_hours(options, now if late or self.at is None else max(self.at + options.every, now))


def within_hours(options: SyncSettings, moment: datetime) -> datetime:
    """Return the moment, or the next beginning of the hours in which people are synced."""
    if options.between is None:
        return moment
    first, last = options.between
    local = moment.astimezone(options.zone)
    clock = local.time().replace(tzinfo=None)
    inside = first <= clock < last if first < last else (clock >= first or clock < last)
    if inside:
        return moment
    day = local.date() if clock < first else local.date() + timedelta(days=1)
    return datetime.combine(day, first, options.zone).astimezone(moment.tzinfo)


def distinct(problem: str) -> str:
    """Return what makes a problem another one than the last: its words, whatever its numbers."""
    return re.sub(r"\d+", "#", problem.partition("\n")[0])[:200]


def read_state(store: Store, forum: str) -> SyncState:
    """Return how the syncs of a forum stand."""
    with store.begin() as session:
        row = session.get(CursorRow, (forum, NAME))
        if row is None:
            return SyncState()
        kept = json.loads(row.value)
    times = {name: datetime.fromisoformat(kept[name]) if kept[name] else None for name in ("at", "since")}
    return SyncState(**{**kept, **times, "waits": tuple(kept["waits"])})


def write_state(store: Store, forum: str, state: SyncState) -> None:
    """Keep how the syncs of a forum stand."""
    value = json.dumps(asdict(state), ensure_ascii=False, default=lambda moment: moment.isoformat())
    with store.begin() as session:
        session.merge(CursorRow(forum=forum, name=NAME, value=value))


def _still_quiet(told: Mapping[str, str], now: datetime) -> dict[str, str]:
    return {name: at for name, at in told.items() if now - datetime.fromisoformat(at) < QUIET}
