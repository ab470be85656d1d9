"""`lcm run` and people: it reads the roster on a timer, keeps the groups in step, and tells staff where it cannot."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy.exc import DBAPIError

from sync_worker import membership
from sync_worker.config.options import hours_in_words
from sync_worker.errors import BusyError, ForumError, LcmError, RefusedError, StoreError
from sync_worker.languages.parts import SYNC, language
from sync_worker.membership.facts import keep_roster_facts
from sync_worker.membership.planning.guard import check_rejected
from sync_worker.membership.state import PEOPLE
from sync_worker.model import ChangeKind, Draft, DraftKind
from sync_worker.model.details import Namesake
from sync_worker.publish.entries import ledger_rows
from sync_worker.rosters.source_cohorts import take_stock
from sync_worker.store.ledger import draft_body
from sync_worker.store.pauses import held
from sync_worker.store.tables import CursorRow, LedgerRow
from sync_worker.wording import counted
from sync_worker.worker.start import refuse_renamed_cohorts, remember_cohorts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.config.options import SyncSettings
    from sync_worker.config.settings import CohortSettings, Settings
    from sync_worker.config.sources import CohortsFromSettings
    from sync_worker.forum.client import Forum
    from sync_worker.membership import ApplyReport, Prepared
    from sync_worker.model import Change, Roster
    from sync_worker.store.database import Store


NAME = "people-sync"
MOVING = (*PEOPLE, ChangeKind.ADD_BY_EMAIL)
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
        due = now if late or self.at is None else max(self.at + options.every, now)
        return due if options.big_over is not None else within_hours(options, due)


class TooBigNowError(LcmError):
    """More people would join or leave groups than may at this hour; nothing was changed."""


def refuse_big_now(options: SyncSettings, prepared: Prepared, now: datetime) -> None:
    """Let a big sync wait for its hours.

    Raises:
        TooBigNowError: it is big, and this is not one of its hours.

    """
    if options.big_over is None or options.between is None or within_hours(options, now) == now:
        return
    moving = len({line.user_id or line.key for line in prepared.plan.of(*MOVING)})
    if moving > options.big_over:
        hours = hours_in_words(options.between).replace("-", " and ")
        people = counted(moving, "person joins or leaves groups", "people join or leave groups")
        raise TooBigNowError(f"{people}: a big sync, done between {hours} ({options.timezone}); 'lcm sync' shows it")


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


# A message to staff that people could not be synced, where the forum has no desk to show it on.


_Reader: TypeAlias = "CohortSettings | CohortsFromSettings"
LONGEST = 4_000


def write_message(  # noqa: PLR0917
    store: Store, forum: str, options: SyncSettings, state: SyncState, reader: _Reader | None, now: datetime
) -> bool:
    """Put a message about a problem into the ledger, once; the next tick sends it. Returns whether it is new.

    It is in the language and by the clock of `reader`, a cohort of the forum; without one in English and by UTC.
    """
    locale, zone = (reader.locale, ZoneInfo(reader.timezone)) if reader else ("en", ZoneInfo("UTC"))
    local, said = now.astimezone(zone), SYNC.of(locale)
    problem = state.problem
    digest = hashlib.sha256(f"{forum}\n{distinct(problem)}\n{now.isoformat()}".encode()).hexdigest()[:12]
    key = f"lcm-people-{now:%Y%m%d}-{digest}"
    shown = problem.replace("```", "'''")[:LONGEST]
    draft = Draft(
        DraftKind.MESSAGE,
        said.text.format(
            day=language(locale).day(local.date()),
            clock=language(locale).clock(local),
            done=said.part_done if state.outcome == "partial" else said.nothing_done,
            problem=shown,
            every=_length(options.every, locale),
        ),
        "the roster could not be followed",
        title=said.title,
        recipients=options.tell,
    )
    body = draft_body(draft, play="people", playbook="lcm", step="people", slot=now)
    with store.begin() as session:
        if session.get(LedgerRow, key) is not None:
            return False
        session.add_all(ledger_rows(key, forum, "", body, now))
    return True


def _length(length: timedelta, locale: str) -> str:
    """Return a length of time in words, in the largest unit that is whole."""
    units = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
    unit = next((name for name, one in units.items() if length % one == timedelta(0)), "minute")
    return language(locale).count(length // units[unit], unit)


# `lcm run` and people: it reads the roster on a timer and brings the forum's groups in step, within the limits.


LOG = logging.getLogger(__name__)
ADDRESS = re.compile(r"[^\s'\"<>()]+@[^\s'\"<>()]+")
SHOWN_FAILURES = 3
OUTCOMES = {
    "partial": "done in part",
    "refused": "refused by a guard, nothing was changed",
    "source": "the roster could not be used, nothing was changed",
    "forum": "the forum refused, nothing was changed",
    "unreachable": "the forum did not answer",
    "failed": "a mistake in lcm, please report it",
}
TOLD_BY_MESSAGE = ("refused", "source", "partial")
"""What a person can do something about; where the forum itself fails, no message would arrive."""


@dataclass(frozen=True, slots=True)
class RosterSync:
    """Syncs the people of one forum when it is time; several workers on one store do it once.

    `settings` are those written; `forum` must be a connection of its own, that only reads where `apply` is off.
    """

    forum: Forum
    store: Store
    settings: Settings
    options: SyncSettings
    environment: Mapping[str, str] | None = None

    def look(self, now: datetime) -> None:
        """Sync if it is time, and the forum is not held.

        Calls: none before it is time, or while nothing may be changed on the forum (what is due then is done as soon as
        it may); else those of a sync (docs/costs.md).
        """
        if self._state().next_at(self.options, now) > now or self._held():
            return
        with self.store.exclusive(f"people:{self.forum.name}") as is_ours:
            before = self._state()  # another worker may have been at it meanwhile
            if not is_ours or before.next_at(self.options, now) > now or self._held():
                return
            calls = self.forum.calls.total
            try:
                state = self._sync(before, now)
            except BusyError:
                LOG.info("people: another sync is running, started manually; trying again when it is done")
                return
            except (DBAPIError, StoreError):  # nothing can be kept of this sync, and the next look tries again
                raise
            except LcmError as error:
                state = before.after(now, _outcome(error), problem=_without_addresses(str(error)))
            except Exception as error:  # a mistake of ours must not be told each minute
                LOG.debug("people", exc_info=True)
                problem = f"unexpected {type(error).__name__}: {error}"
                state = before.after(now, "failed", problem=_without_addresses(problem))
            state = self._tell(state, calls, now)
            write_state(self.store, self.forum.name, state)

    def problems(self) -> list[str]:
        """Return for the desk why people are not synced: the forum is held, or what went wrong the last time."""
        problem = self._held() or self._state().problem
        return [f"People are not synced: {problem}"] if problem else []

    def _state(self) -> SyncState:
        return read_state(self.store, self.forum.name)

    def _held(self) -> str | None:
        with self.store.begin() as session:
            return held(session, self.forum.name)

    def _sync(self, before: SyncState, now: datetime) -> SyncState:
        settings, roster = take_stock(self.settings, self.store, now=now, environment=self.environment)
        check_rejected(roster, settings.limits)
        self._refuse_renamed(settings, roster)
        if not self.options.apply:
            prepared = membership.prepare(settings, roster, self.forum, self.store, now=now)
            membership.check_limits(prepared)
            keep_roster_facts(self.store, self.forum.name, roster, prepared, now)
            return self._planned(before, prepared, now)
        seen: list[Prepared] = []

        def look_first(prepared: Prepared) -> None:
            seen.append(prepared)
            refuse_big_now(self.options, prepared, now)

        try:
            prepared, report = membership.sync(settings, roster, self.forum, self.store, now=now, before=look_first)
        except TooBigNowError as error:
            keep_roster_facts(self.store, self.forum.name, roster, seen[0], now)
            counts = _counts(seen[0].plan.effective)
            return before.after(now, "planned", counts=counts, waits=(error.what, *_waiting(seen[0])))
        with self.store.begin() as session:
            remember_cohorts(session, self.forum.name, settings.cohorts)
        return _applied(before, prepared, report, now)

    def _refuse_renamed(self, settings: Settings, roster: Roster) -> None:
        """Refuse to begin a cohort anew that had another key before, as `lcm sync` does."""
        with self.store.begin() as session:
            keys = [declared.key for declared in settings.cohorts]
            refuse_renamed_cohorts(session, self.forum.name, settings.cohorts, keys, roster)

    def _planned(self, before: SyncState, prepared: Prepared, now: datetime) -> SyncState:
        lines = prepared.plan.effective
        waits = [f"{counted(len(lines), 'change')} planned; 'lcm sync' shows them"] if lines else []
        outcome = "planned" if lines else "nothing"
        return before.after(now, outcome, counts=_counts(lines), waits=(*waits, *_waiting(prepared)))

    def _tell(self, state: SyncState, calls_before: int, now: datetime) -> SyncState:
        """Log what came of it; tell a problem once, on the desk or by a message."""
        state = replace(state, calls=self.forum.calls.total - calls_before)
        if not state.problem:
            LOG.info("people: %s", summary(state))
            return state
        if not state.is_news:
            LOG.debug("people: still %s: %s", state.outcome, state.problem)
            return state
        LOG.warning("people: %s (not reported again until it changes): %s", OUTCOMES[state.outcome], state.problem)
        if state.outcome in TOLD_BY_MESSAGE and self.options.tell and not self._has_desk():
            reader = next(iter(self.settings.cohorts), self.settings.cohorts_from)
            write_message(self.store, self.forum.name, self.options, state, reader, now)
        return state.as_told(now)

    def _has_desk(self) -> bool:
        """Whether the forum has our plugin, whose desk shows problems. Calls: 1 the first time, as `Forum.plugin`."""
        try:
            return self.forum.plugin is not None
        except ForumError:
            return False


def summary(state: SyncState) -> str:
    """Return in words what the last sync did."""
    done = ", ".join(f"{number} {kind.replace('_', ' ')}" for kind, number in state.counts.items()) or "nothing to do"
    words = {"planned": f"planned only: {done}", "partial": f"done in part: {done}"}
    return f"{words.get(state.outcome, done)} ({counted(state.calls, 'call')})"


def _applied(before: SyncState, prepared: Prepared, report: ApplyReport, now: datetime) -> SyncState:
    waits, counts = _waiting(prepared), _counts(report.done)
    if not report.failed:
        outcome = "done" if report.done else "nothing"
        return before.after(now, outcome, counts=counts, run=report.run, waits=waits)
    reasons = list(dict.fromkeys(f"{line.change.target}: {line.reason}" for line in report.failed))
    more = f"\nand {len(reasons) - SHOWN_FAILURES} more reasons" if len(reasons) > SHOWN_FAILURES else ""
    told = "\n".join(reasons[:SHOWN_FAILURES])
    problem = f"{counted(len(report.failed), 'line')} of the plan not done:\n{told}{more}"
    outcome = "unreachable" if report.unreachable and not report.done else "partial"
    return before.after(now, outcome, counts=counts, run=report.run, waits=waits, problem=_without_addresses(problem))


def _waiting(prepared: Prepared) -> tuple[str, ...]:
    """Return what of a plan waits for a person.

    That is people without an account, contradictions, groups that were there before us, ends that moved too far.
    """
    unknown = len(prepared.plan.of(ChangeKind.UNKNOWN))
    people = [f"{counted(unknown, 'person', 'people')} of the roster unknown to the forum"] if unknown else []
    contradictions = len(prepared.plan.of(ChangeKind.CONTRADICTION))
    if contradictions:
        people.append(f"{counted(contradictions, 'contradiction')} about who is who; 'lcm sync' shows them")
    groups = [
        f"{line.cohort}: nobody is added to the group '{line.target}', which lcm did not make; 'lcm sync' says more"
        for line in prepared.plan.of(ChangeKind.KEPT)
        if isinstance(line.detail, Namesake)
    ]
    return (*people, *groups, *(f"{one.cohort.key}: {one.held}" for one in prepared.desired if one.held))


def _counts(lines: Sequence[Change]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for line in lines:
        counts[line.kind.value] = counts.get(line.kind.value, 0) + 1
    return counts


def _outcome(error: LcmError) -> str:
    """Return in a word what kind of problem it is."""
    if isinstance(error, ForumError):
        return "unreachable" if error.unreachable else "forum"
    return "refused" if isinstance(error, RefusedError) else "source"


def _without_addresses(text: str) -> str:
    """Return a message without e-mail addresses: it is logged, and kept."""
    return ADDRESS.sub("(address)", text)
