"""One budget for everybody who calls a forum: used to the full, never exceeded, people first, nobody starved."""

from __future__ import annotations

import heapq
import multiprocessing
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateSchema, DropSchema

from sync_worker.config import ForumSettings
from sync_worker.errors import ForumError, Outcome
from sync_worker.forum import Forum, Patience
from sync_worker.forum.budget import CallBudget, open_budget
from sync_worker.forum.patience import Priority, Rules, Waiter
from sync_worker.store.tables import Table
from tests.absent import NO_POSTGRES, absent
from tests.forum.shared_clock import STUCK_AFTER, SharedClock

SITE = "talk.example.org"
START = 1_000_000.0


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    Table.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def shared_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """A database that processes share, of each kind that is at hand."""
    server = os.environ.get("LCM_TEST_POSTGRES")
    if request.param == "sqlite":
        shared = create_engine(f"sqlite:///{tmp_path / 'calls.db'}")
        Table.metadata.create_all(shared)
        yield shared
        shared.dispose()
    elif not server:
        absent(NO_POSTGRES)
    else:
        schema = f"budget_{uuid.uuid4().hex[:12]}"
        admin = create_engine(server)
        with admin.begin() as connection:
            connection.execute(CreateSchema(schema))
        shared = create_engine(admin.url.update_query_dict({"options": f"-csearch_path={schema}"}))
        Table.metadata.create_all(shared)
        yield shared
        shared.dispose()
        with admin.begin() as connection:
            connection.execute(DropSchema(schema, cascade=True))
        admin.dispose()


@dataclass
class Site:
    """Workers that call one site on a clock of its own; each call is counted by the site half-way through."""

    engine: Engine
    rules: Rules
    now: float = START
    arrivals: list[tuple[float, str]] = field(default_factory=list)
    waits: dict[str, list[float]] = field(default_factory=dict)
    agenda: list[tuple[float, int, str, Any]] = field(default_factory=list)
    steps: int = 0

    def budget(self, priority: Priority = Priority.NORMAL) -> CallBudget:
        return CallBudget(self.engine, SITE, self.rules, priority, clock=lambda: self.now)

    def worker(self, name: str, priority: Priority, *, takes: float, pause: float = 0.0, begins: float = 0.0) -> None:
        """A worker that makes one call after the other, each taking `takes` seconds."""
        self._later(begins, name, self._calls(name, self.budget(priority), takes, pause))

    def run(self, seconds: float) -> None:
        end = START + seconds
        while self.agenda and self.agenda[0][0] < end:
            self.now, _, name, steps = heapq.heappop(self.agenda)
            self._later(next(steps), name, steps)

    def by(self, name: str) -> list[float]:
        return [moment - START for moment, who in self.arrivals if who == name]

    def most_in_a_window(self) -> int:
        moments = sorted(moment for moment, _ in self.arrivals)
        return max(
            sum(1 for other in moments[index:] if other < first + self.rules.window)
            for index, first in enumerate(moments)
        )

    def _later(self, seconds: float, name: str, steps: Any) -> None:
        self.steps += 1
        heapq.heappush(self.agenda, (self.now + seconds, self.steps, name, steps))

    def _calls(self, name: str, budget: CallBudget, takes: float, pause: float) -> Iterator[float]:
        while True:
            asked = self.now
            verdict = budget.ask(None)
            while verdict.wait:
                yield verdict.wait
                verdict = budget.ask(verdict.ticket)
            self.waits.setdefault(name, []).append(self.now - asked)
            yield takes / 2
            self.arrivals.append((self.now, name))
            yield takes / 2
            budget.settle(verdict.ticket)
            yield pause


@pytest.mark.parametrize("priority", [Priority.PERSON, Priority.NORMAL, Priority.BACKGROUND])
def test_under_load_at_least_95_percent_is_used_and_never_more_than_the_limit(
    engine: Engine, priority: Priority
) -> None:
    site = Site(engine, Rules(55))
    for number in range(4):
        site.worker(f"w{number}", priority, takes=0.3 + 0.1 * number)
    site.run(4 * 60)
    steady = [moment for moment, _ in site.arrivals if moment >= START + 60]
    assert site.most_in_a_window() <= 55
    assert len(steady) >= 0.95 * 55 * 3


def test_slow_and_fast_answers_never_add_up_to_more_than_the_limit(engine: Engine) -> None:
    site = Site(engine, Rules(20, window=10.0))
    for number, takes in enumerate((0.01, 0.05, 4.0, 8.0, 8.0, 0.01)):
        site.worker(f"w{number}", Priority.NORMAL, takes=takes)
    site.run(100)
    assert site.most_in_a_window() <= 20


def test_a_person_goes_first_though_the_budget_is_used_up(engine: Engine) -> None:
    site = Site(engine, Rules(55))
    for number in range(3):
        site.worker(f"sync{number}", Priority.NORMAL, takes=0.2)
        site.worker(f"sweep{number}", Priority.BACKGROUND, takes=0.2)
    site.worker("person", Priority.PERSON, takes=0.2, pause=29.0, begins=45.0)
    site.run(4 * 60)
    assert len(site.waits["person"]) >= 6
    assert max(site.waits["person"]) == 0.0  # a call now and then finds one of those that are kept for people


def test_a_person_with_many_calls_gets_each_place_that_falls_free(engine: Engine) -> None:
    site = Site(engine, Rules(55))
    for number in range(3):
        site.worker(f"sweep{number}", Priority.BACKGROUND, takes=0.2)
    site.worker("person", Priority.PERSON, takes=0.2, begins=200.0)
    site.run(230.0)
    assert len(site.by("person")) >= 24  # the sweep is spread out, so in 30 s about half of its places fall free
    assert max(site.waits["person"]) <= 4.0


def test_the_background_is_slow_but_does_not_starve(engine: Engine) -> None:
    site = Site(engine, Rules(55))
    for number in range(3):
        site.worker(f"person{number}", Priority.PERSON, takes=0.2)
        site.worker(f"sync{number}", Priority.NORMAL, takes=0.2)
    site.worker("sweep", Priority.BACKGROUND, takes=0.2)
    site.run(5 * 60)
    calls = site.by("sweep")
    assert len(calls) >= 5
    assert max(site.waits["sweep"]) <= 120.0
    assert len(site.by("sync0")) > len(calls) / 2
    assert len(site.by("person0")) > 2 * len(site.by("sync0"))


def test_a_dead_workers_call_and_place_in_the_queue_are_freed(engine: Engine) -> None:
    site = Site(engine, Rules(1))
    dead = site.budget()
    assert dead.ask(None).wait == 0.0
    assert dead.ask(None).wait > 0.0  # waits, and is never heard of again
    site.now += 121.0
    assert site.budget(Priority.BACKGROUND).ask(None).wait == 0.0


def test_a_clock_that_was_set_back_does_not_close_the_forum(engine: Engine) -> None:
    site = Site(engine, Rules(1))
    assert site.budget().ask(None).wait == 0.0
    site.now -= 3600.0
    assert site.budget().ask(None).wait == 0.0


def test_a_pause_holds_everybody_back_and_usage_shows_it(engine: Engine) -> None:
    site = Site(engine, Rules(10))
    site.budget().pause(30.0)
    site.budget().pause(5.0)
    person = site.budget(Priority.PERSON)
    ticket = person.ask(None).ticket
    usage = site.budget().usage()
    assert (usage.paused, usage.total, usage.waiting) == (30.0, 0, {Priority.PERSON: 1})
    for _ in range(30):
        assert person.ask(ticket).wait > 0.0
        site.now += 1.0
    assert person.ask(ticket).wait == 0.0


@dataclass
class Sleeper:
    """A budget on the site's clock whose naps move that clock on."""

    site: Site

    def budget(self, **more: Any) -> CallBudget:
        return CallBudget(self.site.engine, SITE, self.site.rules, clock=lambda: self.site.now, sleep=self.nap, **more)

    def nap(self, seconds: float) -> None:
        self.site.now += seconds


def test_a_pause_is_waited_out_and_that_is_said(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    site = Site(engine, Rules(10))
    budget = Sleeper(site).budget()
    budget.pause(150.0)
    with budget.slot():
        assert site.now == START + 150.0
    said = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert said == [f"waiting for {SITE}: it allows no call for another {left} s." for left in (150, 90, 30)]


def test_a_pause_of_a_day_is_no_reason_to_wait_and_the_error_says_until_when(engine: Engine) -> None:
    site = Site(engine, Rules(10))
    budget = Sleeper(site).budget()
    budget.pause(86_400.0)
    with pytest.raises(ForumError, match=r"allows no call until 1970-01-12 14:46:40 UTC") as caught, budget.slot():
        pass
    assert (caught.value.outcome, caught.value.unreachable, caught.value.exit_code) == (Outcome.POSTPONED, True, 5)
    assert site.now == START
    assert budget.usage().waiting == {}


def test_after_an_hour_the_forum_is_asked_again_whatever_it_said(engine: Engine) -> None:
    site = Site(engine, Rules(10))
    budget = Sleeper(site).budget()
    budget.pause(86_400.0)
    site.now += 3600.0
    with budget.slot():
        assert site.now == START + 3600.0


def test_a_pause_that_an_older_version_kept_or_a_clock_that_was_set_back_ends_within_an_hour(engine: Engine) -> None:
    site = Site(engine, Rules(10))
    budget = Sleeper(site).budget()
    budget.pause(30.0)
    site.now -= 86_400.0
    assert budget.usage().paused == 3600.0
    site.now += 3600.0
    assert budget.usage().paused == 0.0


def test_a_used_up_budget_is_waited_for_with_a_word_and_with_an_end(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    site = Site(engine, Rules(1))
    sleeper = Sleeper(site)
    with sleeper.budget().slot():
        pass
    with sleeper.budget().slot():
        assert site.now == START + 60.0
    assert f"waiting for {SITE}: its budget of 1 calls a minute is used up." in caplog.messages
    with pytest.raises(ForumError, match="waits for 10 s at most"), sleeper.budget(longest_wait=10.0).slot():
        pass


def test_usage_shows_who_uses_what_and_when_the_next_call_is_free(engine: Engine) -> None:
    site = Site(engine, Rules(3))
    tickets = [site.budget(priority).ask(None).ticket for priority in reversed(Priority)]
    for ticket in tickets:
        site.budget().settle(ticket)
    site.now += 20.0
    usage = site.budget().usage()
    assert usage.used == {Priority.PERSON: 1, Priority.NORMAL: 1, Priority.BACKGROUND: 1}
    assert (usage.limit, usage.total, usage.next_free) == (3, 3, 40.0)


def test_forums_do_not_share_a_budget(engine: Engine) -> None:
    clock = lambda: START  # noqa: E731
    assert CallBudget(engine, "one", Rules(1), clock=clock).ask(None).wait == 0.0
    assert CallBudget(engine, "two", Rules(1), clock=clock).ask(None).wait == 0.0
    assert CallBudget(engine, "one", Rules(1), clock=clock).ask(None).wait > 0.0


def test_a_call_that_fails_frees_its_place_all_the_same(engine: Engine) -> None:
    site = Site(engine, Rules(1))

    def sleep(seconds: float) -> None:
        site.now += seconds

    budget = CallBudget(engine, SITE, Rules(1), clock=lambda: site.now, sleep=sleep)
    for _ in range(3):
        with pytest.raises(RuntimeError), budget.slot():
            raise RuntimeError
    assert budget.usage().waiting == {}
    assert 120.0 <= site.now - START < 121.0  # each place was free again one window after its call


def test_rank_is_priority_then_patience() -> None:
    rules = Rules(55)
    sweep, normal = Waiter("b", Priority.BACKGROUND, 80.0), Waiter("n", Priority.NORMAL, 90.0)
    person = Waiter("p", Priority.PERSON, 92.0)
    everybody = [sweep, normal, person]

    def order(now: float) -> str:
        return "".join(waiter.id for waiter in sorted(everybody, key=lambda waiter: rules.rank(waiter, now)))

    assert order(93.0) == "pnb"
    assert order(96.0) == "pbn"  # the sweep has waited a quarter of a minute
    assert order(141.0) == "bpn"  # the sweep has waited a minute
    assert [rules.ahead(waiter, everybody, 93.0) for waiter in everybody] == [2, 1, 0]


@pytest.mark.parametrize(("limit", "kept"), [(1, 0), (10, 0), (25, 1), (55, 2), (600, 24)])
def test_a_small_share_is_kept_for_people(limit: int, kept: int) -> None:
    assert Rules(limit).kept_for_people == kept
    assert kept <= limit * 0.04


def test_every_attempt_counts_and_a_429_of_the_whole_site_stops_everybody(
    engine: Engine, scripted: Any, key: str, naps: Any
) -> None:
    limit = scripted.reply(
        {"errors": ["Slow"], "extras": {"wait_seconds": 9}}, 429,
        {"Discourse-Rate-Limit-Error-Code": "admin_api_key_rate_limit"},
    )  # fmt: skip
    scripted.on("GET", "/groups/search.json", limit, scripted.reply([]))
    budget = CallBudget(engine, SITE, Rules(10), clock=lambda: START)
    settings = ForumSettings(url=scripted.url)
    forum = Forum.connect(settings, key, budget=budget, patience=Patience(attempts=1, sleep=naps))
    with pytest.raises(ForumError, match="Slow"):
        forum.groups()
    assert budget.usage().total == 1
    assert budget.usage().paused == 9.0


def test_a_429_of_one_kind_of_call_stops_nobody_else(engine: Engine, scripted: Any, key: str, naps: Any) -> None:
    slow = {"errors": ["You’re creating topics a bit too quickly."], "extras": {"wait_seconds": 15}}
    created = {"id": 7, "topic_id": 5, "post_number": 2}
    scripted.on("POST", "/posts.json", scripted.reply(slow, 429), scripted.reply(created))
    budget = CallBudget(engine, SITE, Rules(10), clock=lambda: START)
    settings = ForumSettings(url=scripted.url)
    with Forum.connect(settings, key, budget=budget, patience=Patience(sleep=naps)) as forum:
        forum.reply(5, "Hello.")
    assert budget.usage().paused == 0.0
    assert budget.usage().total == 2


def test_a_sqlite_store_gets_a_file_of_its_own_and_a_practice_forum_no_limit(tmp_path: Path) -> None:
    store = create_engine(f"sqlite:///{tmp_path / 'lcm.db'}")
    budget = open_budget(store, SITE, 55, Priority.PERSON)
    assert budget is not None
    with store.begin() as writing:
        writing.exec_driver_sql("CREATE TABLE t (x)")
        writing.exec_driver_sql("INSERT INTO t VALUES (1)")
        with budget.slot():  # somebody is writing to the store; the call does not wait for that
            pass
    again = open_budget(store, SITE, 55, Priority.NORMAL)
    assert again is not None
    assert again.usage().used == {Priority.PERSON: 1}
    assert open_budget(store, SITE, 100_000, Priority.PERSON) is None
    for engine in (store, budget.engine, again.engine):
        engine.dispose()


LIMIT, WINDOWS = 55, 3
LANES = (Priority.NORMAL, Priority.NORMAL, Priority.BACKGROUND)


def call_on(database: str, clock: SharedClock, place: int, out: Any) -> None:
    """Call as fast as the budget lets us for `WINDOWS` windows after the first one; runs in its own process."""
    engine = create_engine(database)
    rules = Rules(LIMIT)
    budget = CallBudget(
        engine, SITE, rules, LANES[place], clock=clock.now, sleep=lambda seconds: clock.sleep(place, seconds)
    )
    made: list[float] = []
    try:
        while clock.now() < START + rules.window * (WINDOWS + 1):
            with budget.slot():
                made.append(clock.now())
                clock.sleep(place, 0.1)
    finally:
        clock.leave(place)
        engine.dispose()
        out.put(made)


@pytest.mark.slow
def test_processes_share_the_budget_to_the_full_and_not_beyond(shared_engine: Engine) -> None:
    context = multiprocessing.get_context("spawn")
    clock, out = SharedClock(context, len(LANES), START), context.Queue()
    url = shared_engine.url.render_as_string(hide_password=False)
    processes = [context.Process(target=call_on, args=(url, clock, place, out)) for place in range(len(LANES))]
    for process in processes:
        process.start()
    each = [out.get(timeout=STUCK_AFTER) for _ in processes]
    for process in processes:
        process.join()
    made = sorted(moment for calls in each for moment in calls)
    window = Rules(LIMIT).window
    steady = [moment for moment in made if START + window <= moment < START + (WINDOWS + 1) * window]
    most = max(sum(1 for other in made if first <= other < first + window) for first in made)
    assert all(each), "every process came to call"
    assert most <= LIMIT
    assert len(steady) >= 0.95 * LIMIT * WINDOWS, f"{len(steady) / (LIMIT * WINDOWS):.1%} used"
