"""Steps that post nothing: topics are pinned, unpinned and closed once, and left alone where a moderator was there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests

from sync_worker.config.settings import CohortSettings, ForumSettings, Settings
from sync_worker.forum import Forum, Patience
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.publish import acts
from sync_worker.store import pauses
from sync_worker.store.database import Store, open_store
from sync_worker.store.ledger import recent
from sync_worker.worker.run import run_due
from sync_worker.worker.run_report import RunReport
from tests.worker.conftest import deadly_lives

PLAYBOOK = """\
playbook: ends
title: {en: Ends}
version: 1
steps:
  - {id: plan, at: start 09:00, play: topic, with: {template: plan}}
  - {id: question, at: start +1d 09:00, play: topic, with: {template: question}}
  - {id: pin-it, at: start +1d 10:00, play: pin, with: {topic: plan, until: end}}
  - {id: unpin-it, at: start +3d 10:00, play: pin, with: {topic: plan, off: true}}
  - {id: close-them, at: end +1d 10:00, play: close, with: {topics: [plan, question]}}
  - {id: archive-too-soon, at: end 10:00, play: archive}
  - {id: archive-it, at: end +3d 10:00, play: archive}
  - {id: close-quiet, at: end +2d 10:00, play: close, with: {quiet: 3d, limit: 2}}
"""
TEXT = '---\ntitle: "{title} of {{{{ cohort.name }}}}"\n---\nThis is the text that everybody in the cohort reads.\n'
START, END = date(2026, 9, 7), date(2026, 9, 18)


def day(number: int, hour: float = 10) -> datetime:
    """That hour of a day, counted from the cohort's first."""
    return datetime(2026, 9, 7, tzinfo=UTC) + timedelta(days=number, hours=hour)


@dataclass
class Place:
    """A cohort on a practice forum whose playbook pins and closes."""

    server: ForumServer
    settings: Settings
    category_id: int

    def store(self) -> closing[Store]:
        return closing(open_store(self.settings.store))

    def run(self, now: datetime) -> RunReport:
        """Do what is due, as a worker does that was just started."""
        self.set_clock(now)
        with self.store() as store, self.forum() as forum:
            return run_due(forum, store, self.settings, playbooks_of(self.settings, REGISTRY), now)

    @contextmanager
    def forum(self) -> Iterator[Forum]:
        """A client of the forum that does not wait."""
        with Forum.connect(self.settings.forum, DEFAULT_KEY, patience=Patience(attempts=1)) as forum:
            yield forum

    def set_clock(self, now: datetime) -> None:
        self.call("PUT", "/practice/clock.json", now=now.isoformat())

    def call(self, method: str, path: str, as_user: str = "system", **data: Any) -> Any:
        headers = {"Api-Key": DEFAULT_KEY, "Api-Username": as_user}
        answer = requests.request(method, f"{self.server.url}{path}", headers=headers, json=data or None, timeout=60)
        answer.raise_for_status()
        return answer.json() if answer.text.strip() else None

    def topic(self, number: int) -> Any:
        return self.call("GET", f"/t/{number}.json")

    def status(self, number: int, status: str, *, on: bool = True, **more: str) -> None:
        """Change what a topic is, as a moderator does."""
        self.call("PUT", f"/t/{number}/status.json", status=status, enabled="true" if on else "false", **more)

    def write(self, title: str) -> int:
        """Open a topic as a person."""
        text = "What do you do when nobody in the team answers the question?"
        made = self.call("POST", "/posts.json", "forumadmin", title=title, raw=text, category=self.category_id)
        return int(made["topic_id"])

    def reply(self, number: int, raw: str) -> None:
        self.call("POST", "/posts.json", "forumadmin", topic_id=number, raw=raw)

    def entries(self) -> dict[str, tuple[str, str]]:
        """State and reason of each entry of the ledger without a text, by step and part."""
        with self.store() as store, store.begin() as session:
            rows = recent(session, self.settings.forum.name, self.settings.cohorts[0].key, 100)
            return {row.step: (row.state, row.reason) for row in rows if row.action in acts.ACTIONS}

    def posted(self, report: RunReport, step: str) -> int:
        return next(deed.topic_id or 0 for deed in report.deeds if deed.step == step)


@pytest.fixture(scope="module")
def new_place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Place]]:
    """Make a cohort nobody else uses."""
    folder, numbers = tmp_path_factory.mktemp("ends"), count(1)
    (folder / "ends" / "templates").mkdir(parents=True)
    (folder / "ends" / "playbook.yml").write_text(PLAYBOOK, encoding="utf-8")
    for name in ("plan", "question"):
        text = TEXT.format(title=f"The {name}")
        (folder / "ends" / "templates" / f"{name}.en.md").write_text(text, encoding="utf-8")
    with ForumServer(":memory:") as server:
        yield lambda: make_place(server, folder, f"e{next(numbers):03}")


def make_place(server: ForumServer, folder: Path, key: str) -> Place:
    cohort = CohortSettings(key=key, name=f"Team {key}", start=START, end=END, timezone="UTC", playbook="ends")
    settings = Settings(
        forum=ForumSettings(url=server.url, calls_per_minute=1_000_000),
        store=f"sqlite:///{folder / key}.db",
        playbooks=(folder / "ends",),
        cohorts=(cohort,),
    )
    place = Place(server, settings, 0)
    place.set_clock(day(0, 8))
    with place.forum() as forum, place.store() as store:
        place.category_id = forum.create_category(f"Team {key}", key, {"everyone": 1}).id
        memory = MembershipStore(store.sessions, settings.forum.name)
        memory.write_created("category", key, place.category_id, "sync", day(0, 8))
    return place


@pytest.fixture
def place(new_place: Callable[[], Place]) -> Place:
    return new_place()


def actions_in(topic: Any) -> list[str]:
    return [post["action_code"] for post in topic["post_stream"]["posts"] if post.get("action_code")]


def test_the_topic_of_a_step_is_pinned_until_the_end_and_unpinned_by_a_later_step(place: Place) -> None:
    plan = place.posted(place.run(day(0)), "plan")
    place.run(day(1))
    topic = place.topic(plan)
    assert topic["pinned_at"]
    assert datetime.fromisoformat(topic["pinned_until"]) == datetime(2026, 9, 19, tzinfo=UTC)
    place.run(day(3))
    assert place.topic(plan)["pinned_at"] is None
    assert actions_in(place.topic(plan)) == ["pinned.enabled", "pinned.disabled"]
    assert place.run(day(3, 11)).is_empty


def test_the_topics_of_steps_are_closed_and_one_that_was_opened_again_stays_open(place: Place) -> None:
    plan = place.posted(place.run(day(0)), "plan")
    question = place.posted(place.run(day(1)), "question")
    place.run(day(12))
    assert place.topic(plan)["closed"]
    assert place.topic(question)["closed"]
    place.status(plan, "closed", on=False)
    place.run(day(13))
    assert not place.topic(plan)["closed"]


def test_quiet_topics_are_closed_the_quietest_first_and_no_more_than_the_limit(place: Place) -> None:
    place.run(day(0))
    place.set_clock(day(2))
    old = [place.write(f"Question number {number} of {place.settings.cohorts[0].key}") for number in range(3)]
    place.set_clock(day(12))
    place.reply(old[0], "I ask two of them by name, on the day before.")
    report = place.run(day(13))
    assert [place.topic(number)["closed"] for number in old] == [False, True, True]
    assert [one.reason for one in report.happenings if one.step == "close-quiet"] == ["Two topics are closed."]
    about = place.call("GET", f"/c/{place.category_id}/show.json")["category"]["topic_url"]
    assert not place.topic(int(about.rsplit("/", 1)[1]))["closed"]


@pytest.mark.parametrize(
    ("manually", "reason"),
    [
        (lambda place, topic: place.call("DELETE", f"/t/{topic}.json"), acts.TOPIC_GONE),
        (lambda place, topic: place.call("PUT", f"/t/-/{topic}.json", category_id=4), acts.TOPIC_MOVED),
        (lambda place, topic: place.status(topic, "closed"), acts.TOPIC_CLOSED),
        (
            lambda place, topic: place.status(topic, "pinned", until="2026-12-24T10:00:00Z"),
            acts.PINNED_BY_OTHERS,
        ),
    ],
    ids=["deleted", "moved", "closed", "pinned"],
)
def test_a_topic_that_a_moderator_changed_is_not_pinned(
    place: Place, manually: Callable[[Place, int], None], reason: str
) -> None:
    plan = place.posted(place.run(day(0)), "plan")
    manually(place, plan)
    before = place.topic(plan)
    report = place.run(day(1))
    assert place.entries()["pin-it"] == ("skipped", reason)
    assert reason in [deed.reason for deed in report.deeds]
    after = place.topic(plan)
    same = ("closed", "pinned_until", "category_id", "deleted_at")
    assert [after[name] for name in same] == [before[name] for name in same]


def test_a_pin_that_a_moderator_set_anew_is_not_taken_away(place: Place) -> None:
    plan = place.posted(place.run(day(0)), "plan")
    place.run(day(1))
    place.status(plan, "pinned", until="2026-12-24T10:00:00Z")
    place.run(day(3))
    assert place.topic(plan)["pinned_at"]
    assert place.entries()["unpin-it"] == ("skipped", acts.PINNED_BY_OTHERS)


def test_a_topic_in_which_somebody_writes_at_the_last_moment_stays_open(place: Place) -> None:
    place.run(day(0))
    place.set_clock(day(2))
    old = place.write("What do you do when nobody answers here")
    with place.forum() as forum:
        objection = forum.close_topic(old, lambda state: "busy" if state.last_posted_at else "")
    assert objection == "busy"
    assert not place.topic(old)["closed"]


def test_a_cohort_becomes_an_archive_once_it_has_ended_and_stays_as_a_person_left_it(place: Place) -> None:
    key, name = place.settings.cohorts[0].key, place.settings.forum.name
    place.run(day(0))
    said = place.run(day(11))
    assert [one.reason for one in said.happenings if one.step == "archive-too-soon"] == [
        "the cohort does not end before Friday 18\u00a0September; it becomes no archive until then"
    ]
    with place.store() as store, store.begin() as session:
        assert pauses.archived_cohorts(session, name) == frozenset()
    place.run(day(14))
    assert place.entries()["archive-it"] == ("done", "")
    with place.store() as store, store.begin() as session:
        assert pauses.archived_cohorts(session, name) == {key}
        pauses.reopen(session, name, key)
    place.run(day(15))
    with place.store() as store, store.begin() as session:
        assert pauses.archived_cohorts(session, name) == frozenset()


DAYS = (0, 1, 3, 12)


def life(place: Place, reapers: list[Any]) -> list[Any]:
    """Live through all steps, dying at the given moments; return what the forum shows."""
    for number, dying in zip(DAYS, reapers, strict=True):
        dying.to_the_end(place.run, day(number))
    found = place.call("GET", f"/c/x/{place.category_id}/l/latest.json")["topic_list"]["topics"]
    topics = [place.topic(topic["id"]) for topic in sorted(found, key=lambda topic: topic["id"])]
    return [(topic["closed"], topic["pinned_at"] is not None, actions_in(topic)) for topic in topics]


@pytest.mark.slow
def test_a_death_at_any_moment_pins_and_closes_everything_once(new_place: Callable[[], Place], reaper: Any) -> None:
    counting = [reaper() for _ in DAYS]
    expected = life(new_place(), counting)
    assert [actions for *_, actions in expected[1:]] == [
        ["pinned.enabled", "pinned.disabled", "closed.enabled"],
        ["closed.enabled"],
    ]
    assert all(len(one.changes) > 2 for one in counting)
    lives = deadly_lives(counting)
    assert [[one.moments for one in dying] for dying in lives if life(new_place(), dying) != expected] == []
