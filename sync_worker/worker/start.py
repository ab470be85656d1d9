"""What a worker finds out before it changes anything: the clock, the forum as it was left; the lines of `lcm check`."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.engine import make_url

from sync_worker.activity.choices import unread_in_words
from sync_worker.checks import Finding, fail, ok, warn
from sync_worker.config.load import complete_cohort
from sync_worker.errors import ForumError, RefusedError
from sync_worker.forum.site_checks import made_rows, restored
from sync_worker.model import RosterKind
from sync_worker.publish.entries import StepOfCohort, day_of, key_of
from sync_worker.store.database import files_of, open_to_others
from sync_worker.store.ledger import given_up
from sync_worker.store.moving import known_forums, knows_anything
from sync_worker.store.pauses import DO, held, hold, remember, remembered
from sync_worker.store.tables import LedgerRow, MembershipRow, OccurrenceRow
from sync_worker.wording import counted
from sync_worker.worker.in_force import in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sqlalchemy.orm import Session

    from sync_worker.config.settings import CohortSettings, Settings
    from sync_worker.forum.client import Forum
    from sync_worker.model import Roster
    from sync_worker.store.database import Store


JUMP = timedelta(minutes=2)  # more than this between two looks is no drift
APART = timedelta(minutes=5)  # how far two machines' clocks may be apart
RESTART = timedelta(minutes=15)  # a longer pause than a restart takes; the forum's clock says whether it was one
ASK_AGAIN = 60.0
SAVE_EVERY = timedelta(minutes=5)
LAST_TIME, DOUBT = "clock", "clock in doubt"


def present() -> datetime:
    """Return the time of this machine's clock."""
    return datetime.now(UTC)


def steady() -> float:
    """Return seconds that only go forward, at one pace, while the machine sleeps as well."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


@dataclass(slots=True)
class ClockWatch:
    """Notices that the clock was set, and waits until it agrees with the forum's again.

    Args:
        store: remembers the last time seen, so that a restart does not hide a jump.
        forum: whose clock is asked where the machine's is in doubt.
        wall: the machine's clock, aware.
        steady: seconds that only go forward.

    """

    store: Store
    forum: Forum
    wall: Callable[[], datetime] = present
    steady: Callable[[], float] = steady
    _last: tuple[datetime, float] | None = None
    _saved: datetime | None = None
    _doubt: str = ""
    _apart: bool = False
    _asked: float | None = field(default=None)

    def look(self) -> str:
        """Return why the clock is in doubt, "" where it is not. Calls: none; 1 a minute while it is in doubt."""
        now, ticks = self.wall(), self.steady()
        if self._doubt or self._jumped(now, ticks):
            self._doubt = self._compare(now, ticks)
        self._last = (now, ticks)
        if not self._doubt:
            self._save(now)
        return self._doubt

    def _jumped(self, now: datetime, ticks: float) -> bool:
        if self._last is not None:
            before, ticks_before = self._last
            return abs((now - before) - timedelta(seconds=ticks - ticks_before)) > JUMP
        with self.store.begin() as session:
            written = remembered(session, self.forum.name, LAST_TIME)
            was_in_doubt = remembered(session, self.forum.name, DOUBT)
        if written is None or was_in_doubt:
            return True
        return not -JUMP <= now - datetime.fromisoformat(written) <= RESTART

    def _compare(self, now: datetime, ticks: float) -> str:
        if self._asked is not None and self._doubt and ticks - self._asked < ASK_AGAIN:
            return self._doubt
        self._asked = ticks
        try:
            theirs = self.forum.itself.server_time()
        except ForumError as error:
            return self._note(
                f"this machine's clock may be wrong, and cannot be compared with the forum's: {error.what}"
            )
        if theirs is None:
            return self._note(self._without_comparison(now))
        apart = now - theirs
        if abs(apart) <= APART:
            self._apart = False
            return self._note("")
        if self._doubt and self._apart:
            return self._doubt
        self._apart = True
        side = "ahead of" if apart > timedelta(0) else "behind"
        return self._note(
            f"this machine's clock says {now:%Y-%m-%d %H:%M} UTC and is {side} the forum's, which says "
            f"{theirs:%Y-%m-%d %H:%M} UTC. Nothing is posted, skipped or synced until the two agree."
        )

    def _without_comparison(self, now: datetime) -> str:
        """Return the doubt about a clock with which no other can be compared: only one that was set is in doubt.

        A worker that starts for the first time, or after a long stop, has seen nobody set it.
        """
        with self.store.begin() as session:
            written = remembered(session, self.forum.name, LAST_TIME)
        went_back = written is not None and now - datetime.fromisoformat(written) < -JUMP
        if self._last is None and not went_back:
            return ""
        return (
            f"this machine's clock was set, to {now:%Y-%m-%d %H:%M} UTC, and no answer of the forum carries a time to "
            "compare it with. Compare both manually; when this machine's clock is right, start the worker again."
        )

    def _note(self, doubt: str) -> str:
        """Keep the doubt for `lcm status`, and for the next start."""
        if doubt != self._doubt or not doubt:
            with self.store.begin() as session:
                remember(session, self.forum.name, DOUBT, doubt)
        return doubt

    def _save(self, now: datetime) -> None:
        if self._saved is not None and abs(now - self._saved) < SAVE_EVERY:
            return
        with self.store.begin() as session:
            remember(session, self.forum.name, LAST_TIME, now.isoformat())
        self._saved = now


# What a worker finds out about the forum before it changes anything on it: is it the same one, and as it was left?


SITE = "site"
COHORT = "cohort "
NEW_COHORT = "new cohort "
KEYS_TRIED = 3


def look_at_the_forum(forum: Forum, store: Store, settings: Settings) -> None:
    """Find out whether the forum is another one than it was, was moved, or was restored; hold everything where it is.

    Calls: as `find_out`.
    """
    found = find_out(forum, store)
    if found.why is None:
        remember_forum(forum, store, settings, found)
        return
    with store.begin() as session:
        hold(session, forum.name, found.why)


def remember_forum(forum: Forum, store: Store, settings: Settings, found: Found) -> None:
    """Keep by what the forum and its cohorts are recognised next time."""
    with store.begin() as session:
        if found.identity:
            remember(session, forum.name, SITE, found.identity)
        remember_cohorts(session, forum.name, settings.cohorts)


@dataclass(frozen=True, slots=True)
class Found:
    """What a forum says of itself, and why nothing may be changed on it, if so."""

    identity: str
    why: str | None = None


def find_out(forum: Forum, store: Store) -> Found:
    """Return whether this is the forum that the store knows, and in the state that it was left in. Writes nothing.

    Calls: 1 to ask which site it is; where the store knows another address, up to 3 more for each; and those of
    `restored`.
    """
    identity = _identity(forum)
    with store.begin() as session:
        known = remembered(session, forum.name, SITE)
        is_new = not knows_anything(session, forum.name)
        others = [name for name in known_forums(session) if name != forum.name] if is_new else []
        keys = {name: _newest_keys(session, name) for name in others}
        sites = {name: remembered(session, name, SITE) for name in others}
    if known and identity and known != identity:
        return Found(identity, _other_site(forum, known, identity))
    for name in others:
        if _is_same(forum, identity, sites[name], keys[name]):
            return Found(identity, _moved(forum, name))
    return Found(identity, restored(forum, store.sessions))


def _identity(forum: Forum) -> str:
    """Return the site's identity, "" where it does not say: a forum of its own may hide /about."""
    try:
        return forum.itself.site_identity()
    except ForumError as error:
        if error.refused_with(403, 404):
            return ""
        raise


def _is_same(forum: Forum, identity: str, site: str | None, keys: list[str]) -> bool:
    """Whether the forum is the one that the store knows under another name."""
    if site and identity:
        return site == identity
    return any(forum.topic_id_of(key) is not None for key in keys)


def _newest_keys(session: Session, forum: str) -> list[str]:
    return [row.key for row in made_rows(session, forum)[:KEYS_TRIED]]


def _moved(forum: Forum, old: str) -> str:
    return (
        f"this is the forum that the store knows as '{old}': it was moved, or is a copy. Nothing is changed on it. "
        f"If it was moved: `lcm recover --moved-from {old} --apply` carries over what was done. If it is a copy, give "
        f"it a store of its own in lcm.yaml."
    )


def _other_site(forum: Forum, known: str, identity: str) -> str:
    return (
        f"at {forum.url} there is another site now (created {identity}) than the one that the store knows (created "
        f"{known}). Nothing is changed on it. Correct forum.url, or give this site a store of its own in lcm.yaml."
    )


def remember_cohorts(session: Session, forum: str, cohorts: Iterable[CohortSettings]) -> None:
    """Keep what a cohort is known by beside its key."""
    for declared in cohorts:
        shown = json.dumps(_traits(declared), sort_keys=True)
        if remembered(session, forum, f"{COHORT}{declared.key}") != shown and _is_begun(session, forum, declared.key):
            remember(session, forum, f"{COHORT}{declared.key}", shown)


def _traits(declared: CohortSettings) -> dict[str, Any]:
    cohort = complete_cohort(declared)
    return {
        "dates": [cohort.start.isoformat(), cohort.end.isoformat()],
        "group": cohort.group,
        "category": cohort.category_slug,
        "name": cohort.name,
    }


def _is_begun(session: Session, forum: str, cohort: str) -> bool:
    tables = (OccurrenceRow, LedgerRow, MembershipRow)
    return any(
        session.scalar(select(table.cohort).where(table.forum == forum, table.cohort == cohort).limit(1))
        for table in tables
    )


def renamed_from(
    session: Session, forum: str, declared: CohortSettings, keys: Iterable[str], roster: Roster | None = None
) -> str | None:
    """Return the key that a cohort of which the store knows nothing seems to have had before.

    Args:
        session: of the store.
        forum: its name.
        declared: the cohort.
        keys: of all cohorts there are.
        roster: who is in it now, where that was read.

    """
    if _is_begun(session, forum, declared.key) or remembered(session, forum, f"{NEW_COHORT}{declared.key}"):
        return None
    traits, present = _traits(declared), set(keys)
    people = _people_in(roster, declared.key) if roster is not None else frozenset()
    for old in cohorts_begun(session, forum):
        if old not in present and _resembles(session, forum, old, traits, people):
            return old
    return None


def _people_in(roster: Roster, cohort: str) -> frozenset[str]:
    """Return the people of a cohort; of a delta nobody, as it is silent about cohorts that are still there."""
    if roster.kind_of(cohort) is RosterKind.DELTA:
        return frozenset()
    return frozenset(enrolment.person.key for enrolment in roster.of(cohort))


def cohorts_begun(session: Session, forum: str) -> list[str]:
    """Return the keys of the cohorts for which anything was done."""
    found: list[str] = []
    for table in (OccurrenceRow, LedgerRow, MembershipRow):
        found += session.scalars(select(table.cohort).where(table.forum == forum).distinct()).all()
    return sorted({key for key in found if key})


def _resembles(session: Session, forum: str, old: str, traits: dict[str, Any], people: frozenset[str]) -> bool:
    """Whether a cohort that is gone had the same group or category, or the same dates and the same name or people."""
    text = remembered(session, forum, f"{COHORT}{old}")
    if text:
        before = json.loads(text)
        same = {name for name in traits if before.get(name) == traits[name]}
        return (
            bool(same & {"group", "category"})
            or {"name", "dates"} <= same
            or ("dates" in same and _are_mostly(people, _people_of(session, forum, old)))
        )
    group = session.scalar(
        select(MembershipRow.group_name)
        .where(MembershipRow.forum == forum, MembershipRow.cohort == old, MembershipRow.group_name == traits["group"])
        .limit(1)
    )
    names = {
        row.payload.get("cohort_name")
        for row in session.scalars(select(LedgerRow).where(LedgerRow.forum == forum, LedgerRow.cohort == old))
    }
    return group is not None or traits["name"] in names


def _people_of(session: Session, forum: str, cohort: str) -> frozenset[str]:
    """Return the people whom the worker has in a cohort's group."""
    query = select(MembershipRow.person).where(
        *(MembershipRow.forum == forum, MembershipRow.cohort == cohort, MembershipRow.role == "member"),
        MembershipRow.state.in_(("adding", "added", "marked")),
    )
    return frozenset(session.scalars(query))


def _are_mostly(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether more than half of the people of each of two cohorts are in the other one as well."""
    return 2 * len(some & others) > max(len(some), len(others))


def refuse_renamed_cohorts(
    session: Session, forum: str, chosen: Iterable[CohortSettings], keys: Iterable[str], roster: Roster | None = None
) -> None:
    """Let no cohort past that seems to have had another key before; the arguments are those of `renamed_from`.

    Raises:
        RefusedError: one does; says how to say which it is.

    """
    present = list(keys)
    for declared in chosen:
        old = renamed_from(session, forum, declared, present, roster)
        if old is not None:
            key = declared.key
            raise RefusedError(
                f"the cohort '{key}' looks like '{old}', which is not there any more: same group or category, or same "
                "dates and same name or people.",
                do=f"If it is the same: lcm recover --cohort {key} --was {old} --apply. If it is another one: "
                f"lcm recover --cohort {key} --is-new --apply.",
            )


def without_renamed(session: Session, forum: str, settings: Settings) -> Settings:
    """Return the settings without the cohorts that seem to have had another key before: nothing is done for them."""
    keys = [declared.key for declared in settings.cohorts]
    kept = [declared for declared in settings.cohorts if renamed_from(session, forum, declared, keys) is None]
    return settings.model_copy(update={"cohorts": tuple(kept)})


def renewed_key(row: OccurrenceRow) -> str:
    """Return the key of an occurrence under the names that its row has now."""
    day = day_of(row.key)
    return key_of(StepOfCohort(row.forum, row.cohort, row.playbook, row.step, row.follow_up), day) if day else row.key


# The lines of `lcm check` about going on safely: is it the forum that was left, and is anything unsettled?


AREA = "what was done"
FILES = "files"
WRITTEN = (
    *("plan*.json", "report/*.html", "report/*.csv", "rehearsal*.html"),
    *("*.export.json", "*.export.html", "facts*.csv"),
)
SHOWN, MOST_FILES = 5, 200


def check_safety(settings: Settings, forum: Forum, store: Store) -> list[Finding]:
    """Return what must be known before anything is changed on the forum. Writes nothing. Calls: as `find_out`."""
    try:
        why = find_out(forum, store).why
    except ForumError as error:
        return [fail(AREA, error.what, error.do or "")]
    with store.begin() as session:
        why = held(session, forum.name) or why
        findings = [*_cohorts(session, settings, forum.name), *_unsettled(session, forum.name, forum.url)]
    if why is not None:
        return [fail(AREA, why, DO), *findings]
    return findings or [ok(AREA, "store and forum agree; nothing waits to be settled.")]


def check_files(settings: Settings, config_file: Path) -> list[Finding]:
    """Return a line for each file that names people or is a key and that others can read. Calls: none.

    Args:
        settings: say where the store and the files with keys are.
        config_file: `lcm.yaml`; what `lcm` wrote beside it is looked at too: plans, reports, exports.

    """
    mail, model = settings.mail, settings.language_model
    secrets = (settings.forum.key_file, mail and mail.password_file, model and model.key_file)
    keys = [path for path in secrets if path]
    rosters = [path for one in settings.sources for path in one.model_dump().values() if isinstance(path, Path)]
    database = make_url(settings.store).database if settings.store.startswith("sqlite") else None
    paths = [*files_of(database), *keys, *rosters, *_written_beside(config_file.resolve().parent)]
    found = open_to_others(dict.fromkeys(paths))
    lines = [
        warn(FILES, f"{path} can be {'read' if path.is_file() else 'changed'} by other users of this machine.", do)
        for path, mode in found[:SHOWN]
        for do in (f"Run: chmod {mode} {path}",)
    ]
    if len(found) > SHOWN:
        lines.append(warn(FILES, f"and {len(found) - SHOWN} more.", "Run: chmod -R go-rwx on their folders."))
    return lines or [ok(FILES, "store, keys, rosters and what lcm wrote can be read by this account alone.")]


def _written_beside(folder: Path) -> Iterator[Path]:
    """Yield what commands write by default, or as the guides show it: plans, reports, exports."""
    for pattern in WRITTEN:
        yield from islice(sorted(folder.glob(pattern)), MOST_FILES)


def _cohorts(session: Session, settings: Settings, forum: str) -> Iterator[Finding]:
    keys = [declared.key for declared in settings.cohorts]
    for declared in settings.cohorts:
        try:
            refuse_renamed_cohorts(session, forum, [declared], keys)
        except RefusedError as error:
            yield fail(AREA, error.what, error.do or "")
        current = in_force(session, forum, declared.key, declared.playbook or "")
        if declared.playbook and current not in (None, declared.playbook):
            what = f"{declared.key} followed '{current}' and is to follow '{declared.playbook}'; nothing is posted yet."
            yield warn(AREA, what, f"lcm playbook switch --cohort {declared.key}")


def _unsettled(session: Session, forum: str, url: str) -> Iterator[Finding]:
    if doubt := remembered(session, forum, DOUBT):
        yield fail(AREA, doubt, "Set this machine's clock (timedatectl set-ntp true).")
    if rows := given_up(session, forum):
        yield warn(AREA, f"{counted(len(rows), 'thing was', 'things were')} given up: {rows[0].reason}", "lcm retry")
    for line in unread_in_words(session, forum, url):
        yield warn(AREA, line, "See in the forum's own logs (Admin > Logs) why it does not show the message.")
