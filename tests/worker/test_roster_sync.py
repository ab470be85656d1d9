"""`lcm run` brings the groups in step with the roster on a timer, and tells what it cannot do once."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from sync_worker.cli import main
from sync_worker.cli.run import about_people
from sync_worker.config import load_settings
from sync_worker.config.options import SyncSettings
from sync_worker.config.settings import Settings
from sync_worker.errors import StoppedWaiting, StoreError
from sync_worker.forum import Forum, Patience
from sync_worker.forum.transport import StoppableBudget
from sync_worker.store.database import Store, open_store
from sync_worker.store.pauses import hold, release
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.roster_sync import RosterSync, SyncState, read_state
from sync_worker.worker.run import run_due
from sync_worker.worker.service import Stopping

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.conftest import PracticeForum

START = datetime(2027, 3, 15, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
ANSWER = "GET /groups/search"


@dataclass
class Worker:
    """A worker in a folder with lcm.yaml and roster.csv, for the cohort `spring` of a practice forum."""

    forum: PracticeForum
    folder: Path
    sync: dict[str, Any] = field(default_factory=lambda: {"every": "1h"})
    limits: str = "allow: [add, owners, create, remove], grace_days: 0"
    calls: dict[str, int] = field(default_factory=dict)
    cohort: str = "key: spring, name: Spring"

    def people(self, *numbers: int, more: str = "") -> None:
        """Write the roster: number 1 is the LCM."""
        key = self.cohort.partition(",")[0].removeprefix("key: ")
        rows = [f"p{n}@x.org,P{n},{key},{'lcm' if n == 1 else 'learner'}\n" for n in numbers]
        (self.folder / "roster.csv").write_text("email,name,cohort,role\n" + "".join(rows) + more, encoding="utf-8")

    @property
    def settings(self) -> Settings:
        lines = [
            f"forum: {{url: {self.forum.url}, key_env: PRACTICE_KEY, api_username: forumadmin,",
            "  calls_per_minute: 100000}",
            "roster: {csv: roster.csv}",
            f"sync: {json.dumps(self.sync)}",
            f"limits: {{{self.limits}}}",
            "cohorts:",
            f"- {{{self.cohort}, timezone: UTC, start: 2027-03-01, end: 2027-06-01}}",
        ]
        (self.folder / "lcm.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load_settings(self.folder / "lcm.yaml")

    def store(self) -> closing[Store]:
        return closing(open_store(self.settings.store))

    @contextmanager
    def syncing(self, stopping: Stopping | None = None) -> Iterator[RosterSync]:
        """A worker that was just started."""
        options = self.settings.sync
        assert options is not None
        budget = StoppableBudget(None, stopping.sleep) if stopping else None
        connect = {"read_only": not options.apply, "budget": budget, "patience": Patience(attempts=1)}
        with self.store() as store, Forum.connect(self.settings.forum, self.forum.key, **connect) as forum:  # type: ignore[arg-type]
            try:
                yield RosterSync(forum, store, self.settings, options)
            finally:
                self.calls = forum.calls.by_operation

    def look(self, now: datetime) -> SyncState:
        """Look once whether it is time, as a worker that was just started."""
        with self.syncing() as syncing:
            syncing.look(now)
        return self.state()

    def state(self) -> SyncState:
        with self.store() as store:
            return read_state(store, self.settings.forum.name)

    def members(self) -> set[str]:
        answer = self.forum.get("/groups/spring/members.json")
        return {row["username"] for row in answer.get("members", [])}

    def messages(self) -> list[LedgerRow]:
        """What the ledger has for staff."""
        with self.store() as store, store.begin() as session:
            return list(session.scalars(select(LedgerRow).where(LedgerRow.step == "people")))

    def lcm(self, *arguments: str) -> Any:
        options = ["--config", str(self.folder / "lcm.yaml")]
        return CliRunner().invoke(main, [*arguments, *options], env={"PRACTICE_KEY": self.forum.key})


@pytest.fixture
def worker(make_practice_forum: Callable[..., PracticeForum], tmp_path: Path) -> Worker:
    """A forum with the accounts p1 to p60, and a roster with ten of them."""
    return filled(make_practice_forum(settings={"enable_category_group_moderation": "true"}), tmp_path)


def filled(forum: PracticeForum, folder: Path) -> Worker:
    names = [f"p{n}" for n in range(1, 61)]
    forum.add_users(*names, emails=[f"{name}@x.org" for name in names])
    made = Worker(forum, folder)
    made.people(*range(1, 11))
    return made


def test_people_join_and_leave_without_anybody_typing_a_command(worker: Worker) -> None:
    state = worker.look(START)
    assert (state.outcome, state.counts["add"]) == ("done", 11)
    worker.people(*range(1, 10), 11)
    worker.look(START + timedelta(minutes=59))
    assert "p11" not in worker.members()
    worker.look(START + HOUR)
    assert worker.members() == {f"p{n}" for n in (*range(1, 10), 11)}


def test_a_run_that_finds_nothing_to_do_costs_what_a_sync_costs_and_one_that_is_not_due_costs_nothing(
    worker: Worker,
) -> None:
    worker.look(START)
    worker.look(START + timedelta(minutes=30))
    assert worker.calls == {}
    state = worker.look(START + HOUR)
    assert (state.outcome, state.calls) == ("nothing", 5)  # docs/costs.md: one cohort, core, nothing changed
    assert sum(worker.calls.values()) == 5


def test_with_our_plugin_a_run_that_finds_nothing_to_do_costs_one_call(
    make_practice_forum: Callable[..., PracticeForum], tmp_path: Path
) -> None:
    settings = {"enable_category_group_moderation": "true"}
    worker = filled(make_practice_forum(plugin=True, settings=settings), tmp_path)
    assert worker.look(START).outcome == "done"
    assert worker.look(START + HOUR).calls == 1


def test_several_workers_on_one_store_sync_once(worker: Worker) -> None:
    settings, calls = worker.settings, []
    assert settings.sync
    worker.state()

    def work(options: SyncSettings) -> None:
        store = open_store(settings.store)
        with Forum.connect(settings.forum, worker.forum.key) as forum:
            RosterSync(forum, store, settings, options).look(START)
            calls.append(forum.calls.total)
        store.close()

    workers = [threading.Thread(target=work, args=(settings.sync,)) for _ in range(4)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(calls)[:3] == [0, 0, 0]
    assert sorted(calls)[3] > 0


def test_with_apply_off_it_only_plans_and_says_what_waits(worker: Worker) -> None:
    worker.sync = {"every": "1h", "apply": False}
    state = worker.look(START)
    assert (state.outcome, state.problem) == ("planned", "")
    assert state.waits == ("15 changes planned; 'lcm sync' shows them",)
    assert worker.forum.client.get(f"{worker.forum.url}/groups/spring.json", timeout=10).status_code == 404


@pytest.mark.parametrize(
    ("broken", "outcome", "words"),
    [
        ("roster", "source", "the roster does not exist"),
        ("rows", "refused", "1 row of the roster rejected"),
        ("shrunk", "refused", "had 10 people in the roster and has 2 now"),
        ("exchanged", "refused", "8 of those of the last 28 days are not among them"),
        ("forum", "unreachable", ""),
    ],
)
def test_what_cannot_be_followed_changes_nothing_and_is_told_once(
    worker: Worker, broken: str, outcome: str, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    worker.look(START)
    before = worker.members()
    if broken == "roster":
        (worker.folder / "roster.csv").unlink()
    elif broken == "rows":
        worker.people(*range(1, 11), more="nobody,Ana,spring,learner\n")
    elif broken == "shrunk":
        worker.people(1, 2)
    elif broken == "exchanged":
        worker.people(1, 2, *range(21, 29))
    else:
        worker.forum = Down(worker.forum)  # type: ignore[assignment]
    caplog.clear()
    with caplog.at_level(logging.WARNING, "sync_worker.worker.roster_sync"):
        states = [worker.look(START + hours * HOUR) for hours in range(1, 6)]
    assert {state.outcome for state in states} == {outcome}
    assert {state.since for state in states} == {START + HOUR}
    assert words.lower() in states[0].problem.lower()
    assert sum("not reported again" in record.message for record in caplog.records) == 1
    if broken == "forum":
        worker.forum = worker.forum.real
        assert worker.messages() == []
    else:
        assert len(worker.messages()) == 1
    assert worker.members() == before


class Down:
    """A forum that nobody answers for."""

    def __init__(self, real: PracticeForum) -> None:
        self.real, self.key, self.url = real, real.key, "http://127.0.0.1:9"


def test_another_problem_is_told_as_well_and_one_that_comes_back_the_next_day(worker: Worker) -> None:
    worker.look(START)
    worker.people(1, 2)
    worker.look(START + HOUR)
    worker.people(*range(1, 11), more="nobody,Ana,spring,learner\n")
    worker.look(START + 2 * HOUR)
    assert len(worker.messages()) == 2
    worker.people(*range(1, 11))
    assert worker.look(START + 3 * HOUR).problem == ""
    worker.people(1, 2)
    worker.look(START + 4 * HOUR)
    assert len(worker.messages()) == 2
    worker.people(*range(1, 11))
    worker.look(START + 30 * HOUR)
    worker.people(1, 2)
    worker.look(START + 31 * HOUR)
    assert len(worker.messages()) == 3


def test_the_message_reaches_the_moderators_once_and_quotes_what_people_wrote_as_text(worker: Worker) -> None:
    worker.look(START)
    worker.people(*range(1, 11), more="nobody,@here ```,spring,learner\n")
    worker.look(START + HOUR)
    with worker.store() as store, Forum.connect(worker.settings.forum, worker.forum.key) as forum:
        for _ in range(2):
            run_due(forum, store, worker.settings, {}, START + HOUR)
    (row,) = worker.messages()
    assert (row.state, row.reason) == ("done", "")
    topic = worker.forum.get(f"/t/{row.result['topic_id']}.json")
    assert topic["title"] == "The members of your cohorts were not synced"
    assert [group["name"] for group in topic["details"]["allowed_groups"]] == ["moderators"]
    cooked = topic["post_stream"]["posts"][0]["cooked"]
    assert 'class="mention' not in cooked
    assert "1 row of the roster rejected" in cooked
    assert "Nothing was changed." in cooked


def test_nobody_is_written_to_where_the_settings_name_nobody(worker: Worker) -> None:
    worker.sync = {"every": "1h", "tell": []}
    worker.look(START)
    worker.people(1, 2)
    assert worker.look(START + HOUR).problem
    assert worker.messages() == []


def test_where_there_is_a_desk_the_problem_stands_there_and_no_message_is_sent(
    make_practice_forum: Callable[..., PracticeForum], tmp_path: Path
) -> None:
    worker = filled(make_practice_forum(plugin=True), tmp_path)
    worker.look(START)
    worker.people(1, 2)
    worker.look(START + HOUR)
    assert worker.messages() == []
    with worker.syncing() as syncing:
        assert [text.partition(":")[0] for text in syncing.problems()] == ["People are not synced"]


def test_no_address_is_kept_or_logged(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    worker.people(1, 2, more="ana@@x.org,Ana,spring,learner\n")
    with caplog.at_level(logging.DEBUG):
        state = worker.look(START)
    assert "@x.org" not in state.problem
    assert "ana@@x.org" not in caplog.text


def test_a_service_that_is_stopped_makes_no_call_more_and_the_next_start_goes_on(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping, real = Stopping(), Forum.create_group

    def stop(forum: Forum, *given: Any, **more: Any) -> Any:
        made = real(forum, *given, **more)
        stopping.ask()
        return made

    monkeypatch.setattr(Forum, "create_group", stop)
    with worker.syncing(stopping) as syncing, pytest.raises(StoppedWaiting):
        syncing.look(START)
    assert worker.calls["POST /admin/groups"] == 1
    assert "POST /categories" not in worker.calls
    monkeypatch.undo()
    assert worker.state() == SyncState()
    assert worker.look(START + timedelta(minutes=1)).outcome == "done"
    assert worker.members() == {f"p{n}" for n in range(1, 11)}


@pytest.mark.parametrize("applies", [True, False])
def test_a_cohort_whose_key_was_changed_is_not_begun_anew(worker: Worker, *, applies: bool) -> None:
    worker.look(START)
    before = worker.members()
    worker.cohort = "key: spring-27, name: Spring, group: spring, category: Spring, category_slug: spring"
    worker.sync = {"every": "1h", "apply": applies}
    worker.people(*range(1, 9), 11, 12)
    state = worker.look(START + HOUR)
    assert (state.outcome, "lcm recover --cohort spring-27 --was spring" in state.problem) == ("refused", True)
    assert worker.members() == before
    assert worker.lcm("recover", "--cohort", "spring-27", "--was", "spring", "--apply").exit_code == 0
    assert worker.look(START + 2 * HOUR).problem == ""


@pytest.mark.parametrize(("name", "people"), [("Spring", (1, 11, 12)), ("Leading teams", (*range(1, 8), 11, 12))])
def test_a_cohort_that_the_timer_synced_is_recognised_by_its_dates_and_its_name_or_people_under_another_key(
    worker: Worker, name: str, people: tuple[int, ...]
) -> None:
    worker.look(START)
    worker.cohort = f"key: spring-27, name: {name}"  # its group and its category have other names as well
    worker.people(*people)
    assert "--was spring" in worker.look(START + HOUR).problem


def test_a_cohort_on_the_same_dates_with_few_of_its_people_is_another_one(worker: Worker) -> None:
    worker.look(START)
    worker.cohort = "key: autumn, name: Autumn"
    worker.people(*range(1, 6), *range(11, 16))
    assert worker.look(START + HOUR).problem == ""


@pytest.mark.parametrize("applies", [True, False])
def test_on_a_held_forum_the_timer_calls_nothing_and_what_was_due_is_done_when_it_is_released(
    worker: Worker, *, applies: bool
) -> None:
    worker.look(START)
    worker.sync = {"every": "1h", "apply": applies}
    worker.people(*range(1, 10), 11)
    before, name = worker.members(), worker.settings.forum.name
    with worker.store() as store, store.begin() as session:
        hold(session, name, "the forum was restored")
    worker.calls = {"none": 0}
    assert worker.look(START + 2 * HOUR).at == START
    assert (worker.calls, worker.members(), worker.messages()) == ({}, before, [])
    with worker.syncing() as syncing:
        assert syncing.problems() == ["People are not synced: the forum was restored"]
    with worker.store() as store, store.begin() as session:
        release(session, name)
    state = worker.look(START + 2 * HOUR + timedelta(minutes=1))
    assert state.outcome == ("done" if applies else "planned")
    assert ("p11" in worker.members()) is applies


def test_a_sync_by_hand_that_is_under_way_is_no_problem(worker: Worker) -> None:
    with worker.store() as store, store.exclusive(f"sync:{worker.settings.forum.name}"):
        assert worker.look(START) == SyncState()
    assert worker.look(START + timedelta(minutes=1)).outcome == "done"


def test_a_mistake_of_ours_is_told_once_too(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("spring")

    monkeypatch.setattr("sync_worker.worker.roster_sync.take_stock", broken)
    states = [worker.look(START + hours * HOUR) for hours in range(3)]
    assert [(state.outcome, state.problem) for state in states] == [("failed", "unexpected KeyError: 'spring'")] * 3


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error")),
        StoreError("this lock of the store cannot be used."),
    ],
)
def test_a_store_that_fails_is_no_mistake_of_ours_and_the_next_look_syncs(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away(*_: object, **__: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr("sync_worker.worker.roster_sync.take_stock", away)
        with pytest.raises(type(error)):
            worker.look(START)
    assert worker.state() == SyncState()
    assert worker.look(START + timedelta(minutes=1)).outcome == "done"


def test_status_shows_the_last_sync_the_next_and_what_waits(worker: Worker) -> None:
    worker.sync = {"every": "1h", "between": "06:00-22:00", "timezone": "Europe/Lisbon"}
    worker.people(*range(1, 11), 99)
    worker.look(START)
    shown = worker.lcm("status", "--now", "2027-03-15T09:30Z").stdout
    assert (
        "People: synced every 1h between 06:00-22:00 (Europe/Lisbon) while `lcm run` runs; next 2027-03-15 10:00."
        in shown
    )
    assert "last sync 2027-03-15 09:00: " in shown
    assert "waits for you: 1 person of the roster unknown to the forum" in shown
    worker.people(1, 2)
    worker.look(START + HOUR)
    people = json.loads(worker.lcm("status", "--json", "--now", "2027-03-15T21:59Z").stdout)["people"]
    assert people["outcome"] == "refused"
    assert people["since"] == people["last"] == "2027-03-15T10:00:00+00:00"
    assert people["next"] == "2027-03-15T21:59:00+00:00"
    assert people["problem"].startswith("roster.csv" if people["problem"].startswith("roster") else str(worker.folder))
    assert "waits for you since 2027-03-15 10:00" in worker.lcm("status").stdout


def test_status_says_that_a_group_which_was_there_before_keeps_people_out(worker: Worker) -> None:
    worker.forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring"}})
    assert worker.look(START).waits == (
        "spring: nobody is added to the group 'spring', which lcm did not make; 'lcm sync' says more",
    )
    assert "waits for you: spring: nobody is added to the group 'spring'" in worker.lcm("status").stdout
    worker.limits = "allow: [add, owners, create, remove, adopt], grace_days: 0"
    assert worker.look(START + HOUR).waits == ()
    assert worker.members() == {f"p{n}" for n in range(1, 11)}


def test_status_says_that_nobody_syncs_where_the_settings_say_nothing(worker: Worker) -> None:
    text = (worker.settings, (worker.folder / "lcm.yaml").read_text(encoding="utf-8"))[1]
    lines = [line for line in text.splitlines() if not line.startswith("sync:")]
    (worker.folder / "lcm.yaml").write_text("\n".join(lines), encoding="utf-8")
    assert "`lcm run` does not sync them, because lcm.yaml has no `sync`" in worker.lcm("status").stdout
    assert "people are not synced" in about_people(None)


# When


@pytest.mark.parametrize(
    ("at", "due"),
    [
        ("2027-03-15T05:59+00:00", "2027-03-15T06:00+00:00"),
        ("2027-03-15T06:00+00:00", "2027-03-15T06:00+00:00"),
        ("2027-03-15T21:59+00:00", "2027-03-15T21:59+00:00"),
        ("2027-03-15T22:00+00:00", "2027-03-16T06:00+00:00"),
        ("2027-03-27T23:00+00:00", "2027-03-28T05:00+00:00"),  # the night in which Lisbon's clocks go forward
    ],
)
def test_people_are_synced_at_the_hours_that_the_settings_name(at: str, due: str) -> None:
    options = SyncSettings.model_validate({"between": "06:00-22:00", "timezone": "Europe/Lisbon"})
    assert SyncState().next_at(options, datetime.fromisoformat(at)) == datetime.fromisoformat(due)


def test_the_hours_may_go_past_midnight() -> None:
    options = SyncSettings.model_validate({"between": "22:00-06:00"})
    moment = datetime(2027, 3, 15, tzinfo=UTC)
    for hour in range(24):
        now = moment + timedelta(hours=hour)
        due = SyncState().next_at(options, now)
        assert due == (now if hour < 6 or hour >= 22 else moment.replace(hour=22))


@given(hours=st.integers(0, 24 * 365 * 2), ago=st.integers(-400, 400), night=st.booleans())
def test_the_next_sync_never_stands_still_whatever_the_clock_did(hours: int, ago: int, *, night: bool) -> None:
    options = SyncSettings.model_validate(
        {"every": "2h", "between": "22:00-06:00" if night else "06:00-22:00", "timezone": "America/Sao_Paulo"}
    )
    moment = START + timedelta(hours=hours, minutes=17)
    due = SyncState(at=moment - timedelta(hours=ago)).next_at(options, moment)
    assert moment <= due <= moment + timedelta(hours=19)
    assert SyncState().next_at(options, due) == due


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"every": "1m"}, "expected 5m to 7d"),
        ({"every": "8d"}, "expected 5m to 7d"),
        ({"every": 60}, "a number and a unit"),
        ({"every": "0h"}, "a number and a unit"),
        ({"between": "6-22"}, "two times like"),
        ({"between": "06:00-06:00"}, "the same"),
        ({"timezone": "Lisbon"}, "not a time zone"),
        ({"big_over": 20}, "big_over needs 'between'"),
        ({"aply": True}, "Extra inputs"),
    ],
)
def test_settings_that_mean_nothing_are_refused_in_words(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SyncSettings.model_validate(given)


def test_the_log_says_when_people_are_synced() -> None:
    options = SyncSettings.model_validate({"every": "90m", "between": "06:00-22:00", "apply": False})
    expected = "people are synced every 90m between 06:00 and 22:00 (UTC), planned only (apply: false)"
    assert about_people(options) == expected


# Big syncs


def test_a_big_sync_waits_for_its_hours_and_a_small_one_does_not(worker: Worker) -> None:
    worker.sync = {"every": "1h", "between": "20:00-06:00", "big_over": 5}
    state = worker.look(START)
    assert state.outcome == "planned"
    assert state.waits[0].startswith("10 people join or leave groups: a big sync, done between 20:00 and 06:00 (UTC)")
    assert "PUT /groups/*/members" not in worker.calls
    assert worker.look(START + 11 * HOUR).outcome == "done"
    assert worker.members() == {f"p{n}" for n in range(1, 11)}
    worker.people(*range(1, 13))
    assert worker.look(START + 24 * HOUR).outcome == "done"
    assert worker.members() == {f"p{n}" for n in range(1, 13)}


def test_the_log_says_for_which_syncs_the_hours_are() -> None:
    options = SyncSettings.model_validate({"between": "20:00-06:00", "big_over": 20})
    expected = "people are synced every 1h, more than 20 people at once only between 20:00 and 06:00 (UTC)"
    assert about_people(options) == expected
