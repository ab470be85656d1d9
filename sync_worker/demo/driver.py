"""Plays a demo: learners, LCMs and the worker take turns on a virtual clock, each over HTTP."""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sync_worker.activity.collect import cohort_categories, collect
from sync_worker.activity.practices import mark
from sync_worker.activity.reader import ActivityReader
from sync_worker.config import load_settings
from sync_worker.config.load import api_key, complete_cohort
from sync_worker.demo.behaviour import CohortLife
from sync_worker.demo.browser import Browser
from sync_worker.demo.inbox import read_the_mailbox
from sync_worker.demo.outcome import Outcome, count
from sync_worker.demo.people import visits
from sync_worker.demo.processes import ForumProcess, WorkerProcess
from sync_worker.demo.scenario import (
    ADMIN,
    LCM_HOUR,
    MAILS,
    PRACTICES,
    REPORT,
    SETTINGS,
    SYNC_HOUR,
    UTC,
    WorkerClock,
    is_working_hour,
    prepare_folder,
    write_roster,
    write_settings,
)
from sync_worker.demo.writing import Writer
from sync_worker.errors import ForumError
from sync_worker.forum import Forum, Patience
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.report import gather, write_report
from sync_worker.store.database import open_store, scratch_copy
from sync_worker.store.ledger import decide_draft, drafts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sync_worker.demo.browser import Json
    from sync_worker.demo.people import Lcm, Learner
    from sync_worker.demo.scenario import DemoCohort, Scenario
    from sync_worker.model import Cohort
    from sync_worker.report import CohortReport
    from sync_worker.store.database import Store


def at_the_desk(browser: Browser, cohort: DemoCohort) -> None:
    """Open the cohort's desk on the forum and approve what waits there, as the desk's own page would send it."""
    username = cohort.lcm.username
    desk = browser.get(f"/lcm/desk/{cohort.key}.json", username)
    for draft in desk["drafts"] if desk else ():
        if draft["state"] == "pending":
            path = f"/lcm/desk/{cohort.key}/drafts/{draft['key']}.json"
            browser.send(path, username, {"decision": "approve"}, method="PUT")


def at_the_command_line(settings_file: Path, cohort: DemoCohort, now: datetime) -> None:
    """Do what `lcm drafts approve` does, on a forum that has no desk."""
    settings = load_settings(settings_file)
    store = open_store(settings.store)
    try:
        with store.begin() as session:
            for draft in drafts(session, settings.forum.name, cohort.key):
                decide_draft(draft, "approved", cohort.lcm.username, now)
    finally:
        store.close()


def mark_practice(
    browser: Browser, cohort: DemoCohort, marked: set[int], settings_file: Path | None, now: datetime
) -> None:
    """Let an LCM mark what was received best of the latest answers to prompts and is not yet among `marked`.

    It is done by command where a settings file is given: where the forum has no button for it.
    """
    username = cohort.lcm.username
    site = browser.get("/site.json", username) or {"categories": []}
    [number] = [one["id"] for one in site["categories"] if one["slug"] == cohort.key] or [0]
    listed = browser.get(f"/c/{cohort.key}/{number}/l/latest.json?per_page={LISTED}", username)
    topics = listed["topic_list"]["topics"] if listed else ()
    learners = {each.username for each in cohort.learners}
    prompts = Writer("", cohort.key, cohort.locale)
    liked = []
    for topic in topics:
        answered = topic["posts_count"] > 1 and prompts.kind_of(topic["title"]) == "prompt"
        read = browser.read(topic, username) if answered else None
        answers = read["posts"] if read is not None else ()
        found = [
            one
            for one in answers
            if one["username"] in learners
            and one["reply_to_post_number"] is None
            and len(one["cooked"]) >= SHORTEST_MARKED
        ]
        liked += [(_likes(one), -one["id"], one) for one in found if one["post_number"] > 1 and _likes(one)]
    new = [one for one in liked if one[2]["id"] not in marked]
    for _, _, post in sorted(new, key=lambda one: one[:2])[-1:]:
        marked.add(post["id"])
        if settings_file is not None:
            _mark_by_command(settings_file, post["id"], cohort.key, now)
        else:
            path = f"/lcm/topics/{post['topic_id']}/practice.json"
            browser.send(path, username, {"post_number": post["post_number"]}, method="PUT")


def _likes(post: Json) -> int:
    return sum(one.get("count", 0) for one in post.get("actions_summary", ()) if one["id"] == LIKE)


def _mark_by_command(settings_file: Path, post_id: int, cohort: str, now: datetime) -> None:
    """Do what `lcm practices mark` does, on a forum that has no button for it."""
    settings = load_settings(settings_file)
    store = open_store(settings.store)
    try:
        with store.begin() as session:
            mark(session, settings.forum.name, post_id, cohort, now)
    finally:
        store.close()


def at_the_mailbox(settings_file: Path, seed: str, now: datetime) -> None:
    """Do what `lcm briefing answer` and `lcm briefing settle` do, for the LCMs who read what managers answered."""
    settings = load_settings(settings_file)
    store = open_store(settings.store)
    try:
        with store.begin() as session:
            read_the_mailbox(session, settings.forum.name, settings_file.parent / MAILS, seed, now)
    finally:
        store.close()


# Plays a demo: learners and the worker take turns on a virtual clock, each over HTTP.


ADMIN_NAME = "Learning community"
LISTED, LIKE = 6, 2  # topics that an LCM looks through; Discourse's number of the action
MARKING_DAY = 2  # Wednesdays
SHORTEST_MARKED = 320  # characters: a shorter answer is a plan, or agrees with somebody
PASSWORD = "a long password that nobody needs"  # noqa: S105 - practice accounts are never logged into


@dataclass(frozen=True, slots=True)
class Tick:
    """What the worker reported about one tick, and how long it took.

    Args:
        at: virtual time.
        seconds: real seconds it took.
        calls: calls to the forum.
        waited: virtual seconds for which the worker held back before trying again.
        failures: what did not work at first or at all.
        happenings: what became of the occurrences.

    """

    at: datetime
    seconds: float
    calls: int
    waited: float
    failures: Sequence[str]
    happenings: Sequence[Mapping[str, Any]]


@dataclass(slots=True)
class Log:
    """What happened while a demo was played."""

    ticks: list[Tick] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    killed: int = 0


@dataclass(frozen=True, slots=True)
class Played:
    """A demo that was played: its forum still serves until `stop`.

    `desks` and `console` are the addresses of the LCMs' and the administrators' pages, where the forum has our plugin;
    `mails` is the folder with the mails to managers, `library` the address of the practice library, where there is one.
    """

    outcome: Outcome
    log: Log
    report: Path
    mails: Path
    forum: ForumProcess
    desks: tuple[str, ...] = ()
    console: str = ""
    library: str = ""

    @property
    def url(self) -> str:
        """The address of the forum's pages."""
        return self.forum.url

    def stop(self) -> None:
        """End the forum."""
        self.forum.stop()


def play(
    scenario: Scenario,
    folder: Path,
    *,
    port: int = 0,
    faults: str = "none",
    fault_seed: int = 0,
    kills: Mapping[datetime, Sequence[float]] | None = None,
    progress: Callable[[float, datetime], None] | None = None,
) -> Played:
    """Play a scenario in an empty folder.

    Args:
        scenario: what to play.
        folder: where the forum's and the worker's files go.
        port: where the forum serves; 0 takes a free one.
        faults: the practice forum's fault profile for the worker's calls.
        fault_seed: which of the worker's calls fail, and how; another seed, other calls.
        kills: after how many seconds of which tick the worker is killed.
        progress: told, from 0 to 1, how far it is, and the virtual time.

    Raises:
        UsageError: the folder or the port cannot be used.

    """
    started = time.perf_counter()
    prepare_folder(folder)
    forum = ForumProcess(folder, port, faults, fault_seed, plugin=scenario.plugin, dialect=scenario.dialect)
    try:
        write_settings(folder, scenario, forum.url)
        stage = _Stage(scenario, folder, forum.url, kills or {})
        try:
            stage.play(progress or (lambda _share, _now: None))
            outcome, report = stage.finish(started)
        finally:
            stage.close()
    except BaseException:
        forum.stop()
        raise
    library = forum.url + stage.library_path if stage.library_path else ""
    if not scenario.plugin:
        return Played(outcome, stage.log, report, folder / MAILS, forum, library=library)
    desks = tuple(f"{forum.url}/g/{cohort.group}/lcm" for cohort in stage.cohorts())
    return Played(
        outcome, stage.log, report, folder / MAILS, forum, desks, f"{forum.url}/admin/plugins/discourse-lcm", library
    )


class _Stage:
    """The forum's address, the learners, the worker, and the order of events."""

    def __init__(self, scenario: Scenario, folder: Path, url: str, kills: Mapping[datetime, Sequence[float]]) -> None:
        self.scenario = scenario
        self.folder = folder
        self.log = Log()
        self.browser = Browser(url, DEFAULT_KEY)
        self.worker = WorkerProcess(folder, kills)
        self.lives = {
            cohort.key: CohortLife(
                self.browser,
                Writer(scenario.seed, cohort.key, cohort.locale),
                cohort.learners,
                buttons=scenario.plugin,
            )
            for cohort in scenario.cohorts
        }
        self.library_path = ""
        self._roster: Sequence[Any] = ()
        self._accounts: set[str] = set()
        self._sent = 0
        self._marked: set[int] = set()

    def play(self, progress: Callable[[float, datetime], None]) -> None:
        """Let everything happen in order."""
        self.browser.send(f"/u/{ADMIN}.json", ADMIN, {"name": ADMIN_NAME}, method="PUT")
        if self.scenario.library:
            made = {"name": "Practices", "slug": PRACTICES, "color": "0088CC", "text_color": "FFFFFF"}
            self.browser.send("/categories.json", ADMIN, made)
        first, last = self.scenario.days[0], self.scenario.days[-1]
        span = (last - first).total_seconds() + 86400
        for at, cohort, learner in self._events():
            if learner is None or cohort is None:
                self._tick(at)
                progress(((at.date() - first).total_seconds() + at.hour * 3600) / span, at)
            elif self.lives[cohort.key].category_path:
                self.lives[cohort.key].visit(learner, at)

    def _events(self) -> Iterator[tuple[datetime, DemoCohort | None, Learner | None]]:
        ticks = ((at, 0, 0, None, None) for at in self.scenario.ticks())
        looks = (
            sorted(
                (at.astimezone(UTC), number, learner.number, cohort, learner)
                for learner in cohort.learners
                for at in visits(self.scenario.seed, cohort.key, learner, cohort.presence(learner), cohort.zone)
            )
            for number, cohort in enumerate(self.scenario.cohorts, 1)
        )
        for at, _, _, cohort, learner in heapq.merge(ticks, *looks, key=lambda event: event[:3]):
            yield at, cohort, learner

    def _tick(self, at: datetime) -> None:
        if at.hour == SYNC_HOUR:
            self._change_roster(at)
        now = self.browser.set_clock(at)
        self.browser.keep_clock()
        started = time.perf_counter()
        told = self.worker.tick(now)
        seconds = time.perf_counter() - started
        tick = Tick(now, seconds, told["calls"], told["waited"], told["failures"], told["happenings"])
        self.log.ticks.append(tick)
        self._deliver_mail(now)
        if is_working_hour(at, LCM_HOUR):
            self._let_lcms_decide(now)
        if at.hour == SYNC_HOUR:
            self._find_categories()

    def _let_lcms_decide(self, now: datetime) -> None:
        for cohort in self.scenario.cohorts:
            if self.scenario.plugin:
                at_the_desk(self.browser, cohort)
            else:
                at_the_command_line(self.folder / SETTINGS, cohort, now)
            if self.scenario.library and cohort.after is None and now.weekday() == MARKING_DAY:
                by_command = None if self.scenario.plugin else self.folder / SETTINGS
                mark_practice(self.browser, cohort, self._marked, by_command, now)
        at_the_mailbox(self.folder / SETTINGS, self.scenario.seed, now)

    def cohorts(self) -> list[Cohort]:
        """Return the cohorts as the worker's settings have them."""
        return [complete_cohort(declared) for declared in load_settings(self.folder / SETTINGS).cohorts]

    def _deliver_mail(self, now: datetime) -> None:
        """Do what the forum's mail would: let people know that there are new messages."""
        box = self.browser.get(f"/topics/private-messages-sent/{ADMIN}.json", ADMIN)
        sent = max((topic["id"] for topic in box["topic_list"]["topics"]), default=0) if box else 0
        if sent > self._sent:
            self._sent = sent
            for life in self.lives.values():
                life.hear_of_messages(now)

    def _change_roster(self, at: datetime) -> None:
        """Do what happens outside: people get accounts, and somebody saves a new roster."""
        rows = self.scenario.roster(at.date())
        if rows == self._roster:
            return
        self._roster = rows
        self.browser.set_clock(at)
        listed = {row.email for row in rows}
        for cohort in self.scenario.cohorts:
            people: list[Lcm | Learner] = [cohort.lcm, *cohort.learners]
            for person in people:
                if person.email in listed and person.username not in self._accounts:
                    self._accounts.add(person.username)
                    self._register(person)
        write_roster(self.folder, rows)

    def _register(self, person: Lcm | Learner) -> None:
        account = {
            "name": person.name,
            "username": person.username,
            "email": person.email,
            "password": PASSWORD,
            "active": True,
            "approved": True,
        }
        answer = self.browser.send("/users.json", ADMIN, account)
        if not answer or not answer.get("success"):
            raise ForumError(f"the account {person.username} could not be made: {answer}.")

    def _find_categories(self) -> None:
        site = self.browser.get("/site.json", ADMIN) or {"categories": []}
        for category in site["categories"]:
            path = f"/c/{category['slug']}/{category['id']}"
            if category["slug"] == PRACTICES:
                self.library_path = path
            if life := self.lives.get(category["slug"]):
                life.category_path = path
                life.category_id = category["id"]

    def finish(self, started: float) -> tuple[Outcome, Path]:
        """Count what came of it and write the report."""
        self.worker.stop()
        self.log.refusals, self.log.killed = self.browser.refusals, self.worker.killed
        settings = load_settings(self.folder / SETTINGS)
        cohorts = self.cohorts()
        now = self.log.ticks[-1].at
        store = open_store(settings.store)
        try:
            patience = Patience(sleep=WorkerClock(now).wait)
            with Forum.connect(settings.forum, api_key(settings.forum), patience=patience) as forum:
                managers = (cohort.lcm.username for cohort in self.scenario.cohorts)
                own = frozenset({"system", "discobot", forum.username, *managers})
                with scratch_copy(store, forum.name) as copy:
                    reports = [_report(forum, copy, cohort, own, now) for cohort in cohorts]
                report = write_report(reports, forum.url, self.folder / REPORT, now)
                calls = sum(tick.calls for tick in self.log.ticks)
                seconds = time.perf_counter() - started
                return count(forum, store, self.browser, cohorts, calls, seconds), report
        finally:
            store.close()

    def close(self) -> None:
        """End the worker and close connections."""
        self.worker.stop()
        self.browser.close()


def _report(forum: Forum, store: Store, cohort: Cohort, own: frozenset[str], now: datetime) -> CohortReport:
    """Return a cohort's report, as `lcm report` makes it; what is read for it is kept in `store`, a copy."""
    places = cohort_categories(forum, cohort, store.sessions)
    collect(forum, store, places.readable, now)
    learners = [each for each in forum.members(cohort.group) if each.username not in own]
    with store.begin() as session:
        reader = ActivityReader(session, forum.name, places.readable, places.own)
        return gather(session, forum.name, cohort, reader, own=own, now=now, learners=[one.id for one in learners])
