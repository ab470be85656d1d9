"""A practice forum over real HTTP, and cohorts on it whose playbook uses plays made for these tests."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from unittest.mock import patch

import pytest
import requests
from sqlalchemy import event, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from sync_worker.config.settings import CohortSettings, ForumSettings, Settings, Strict
from sync_worker.forum import Forum, Patience
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.model import Approval, Draft, DraftKind
from sync_worker.playbook.load import Playbook, playbooks_of
from sync_worker.plays.context import Drafted, Play, PlayContext
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import Post, Topic
from sync_worker.store.database import NOT_COPIED, Store, open_store
from sync_worker.store.tables import DraftRow
from sync_worker.worker.run import run_due
from sync_worker.worker.run_report import RunReport
from tests.search import SEARCH
from tests.worker.story_site import TRIED, YES, StorySite, day, make_site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flask import Flask

MONDAY = datetime(2026, 9, 7, tzinfo=UTC)
WRITING = re.compile(r"\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM)\s+(?P<table>\w+)", re.IGNORECASE)
PLAYBOOK = """\
playbook: journey
title: {en: A journey}
version: 1
steps:
  - {id: welcome, at: start 09:00, play: welcome, approval: none}
  - {id: answer, at: start 10:00, play: answer}
  - {id: ask, at: start 10:00, play: ask}
  - {id: digest, every: monday 11:00, until: start +1d, play: digest}
"""


class NoOptions(Strict):
    """These plays need no options."""


def welcome(context: PlayContext) -> Drafted:
    """Post a pinned topic and write to a learner."""
    name = context.occurrence.cohort.name
    topic = Draft(
        DraftKind.TOPIC,
        f"This is where {name} meets and talks.",
        "the cohort starts",
        title=f"Welcome to you all in {name}",
        pin_days=5,
    )
    message = Draft(
        DraftKind.MESSAGE,
        f"Welcome to {name}, Ines. What brings you here?",
        "ines is new",
        part="ines",
        title=f"Welcome to {name}, Ines",
        recipients=("ines",),
        approval=context.approval,
    )
    return Drafted((topic, message), "the cohort starts")


def answer(context: PlayContext) -> Drafted:
    """Reply to the welcome topic twice, with the same words."""
    past = next(past for past in context.history.drafts() if past.draft.kind is DraftKind.TOPIC)
    reply = Draft(DraftKind.REPLY, "One more thing: say where you work.", "to break the ice", topic_id=past.topic_id)
    return Drafted((replace(reply, part="first"), replace(reply, part="second")), "to break the ice")


def ask(context: PlayContext) -> Drafted:
    """Write a message that waits for the LCM."""
    name = context.occurrence.cohort.name
    message = Draft(
        DraftKind.MESSAGE,
        f"May we show your answer in {name}?",
        "a good answer",
        title=f"A question from {name}",
        recipients=("ines",),
        approval=context.approval,
    )
    return Drafted((message,), "a good answer")


def digest(context: PlayContext) -> Drafted:
    """Post how many topics there are that we did not write."""
    topics = [
        topic
        for topic in context.activity.topics()
        if topic.opening and topic.opening.username not in context.own_usernames
    ]
    name = context.occurrence.cohort.name
    return Drafted(
        (
            Draft(
                DraftKind.TOPIC,
                f"We have {len(topics)} topics of yours in {name} so far.",
                "it is Monday",
                title=f"What happened in {name}",
            ),
        ),
        "it is Monday",
    )


PLAYS: dict[str, Play] = {
    "welcome": Play("welcome", NoOptions, welcome),
    "answer": Play("answer", NoOptions, answer),
    "ask": Play("ask", NoOptions, ask, default_approval=Approval.LCM),
    "digest": Play("digest", NoOptions, digest, reads_activity=True),
}


@dataclass
class World:
    """A practice forum in a thread of its own, a folder for stores, and a playbook."""

    url: str
    app: Flask
    folder: Path
    cohorts: int = 0

    def __post_init__(self) -> None:
        self.write_playbook("journey", PLAYBOOK)

    def write_playbook(self, name: str, text: str) -> None:
        """Write a playbook that cohorts can follow."""
        (self.folder / name).mkdir()
        (self.folder / name / "playbook.yml").write_text(text, encoding="utf-8")

    @contextmanager
    def forum(self) -> Iterator[Forum]:
        """A client of the forum that does not wait."""
        settings = ForumSettings(url=self.url)
        with Forum.connect(settings, DEFAULT_KEY, patience=Patience(attempts=1)) as forum:
            yield forum

    def set_clock(self, now: datetime) -> None:
        """Make it that time on the forum."""
        headers = {"Api-Key": DEFAULT_KEY, "Api-Username": "system"}
        answer = requests.put(
            f"{self.url}/practice/clock.json", headers=headers, json={"now": now.isoformat()}, timeout=60
        )
        answer.raise_for_status()

    def add_user(self, username: str) -> None:
        """Make an account."""
        answer = requests.post(
            f"{self.url}/users.json",
            headers={"Api-Key": DEFAULT_KEY, "Api-Username": "system"},
            json={
                "username": username,
                "name": username.title(),
                "email": f"{username}@example.org",
                "password": "correct-horse-battery",
                "active": True,
                "approved": True,
            },
            timeout=60,
        )
        assert answer.json()["success"], answer.text

    def add_cohort(
        self, store: str | None = None, playbook: str = "journey", plays: Mapping[str, Play] = PLAYS
    ) -> Journey:
        """Make a cohort with its category; it gets a store of its own, in a file unless an address is given."""
        self.cohorts += 1
        key, name = f"cohort-{self.cohorts:03}", f"Cohort {self.cohorts:03}"
        with self.forum() as forum:
            category = forum.create_category(name, key, {"everyone": 1})
        settings = Settings(
            forum=ForumSettings(url=self.url),
            store=store or f"sqlite:///{self.folder / f'{key}.db'}",
            playbooks=(self.folder / playbook,),
            cohorts=(
                CohortSettings(
                    key=key,
                    name=name,
                    start=date(2026, 9, 7),
                    end=date(2026, 9, 25),
                    timezone="UTC",
                    playbook=playbook,
                ),
            ),
        )
        journey = Journey(self, settings, playbooks_of(settings, plays), category.id)
        with journey.store() as opened:  # as the sync that made it
            memory = MembershipStore(opened.sessions, settings.forum.name)
            memory.write_created("category", key, category.id, "sync", datetime(2026, 9, 1, tzinfo=UTC))
        return journey


@dataclass
class Journey:
    """One cohort on the forum, its settings and its store."""

    world: World
    settings: Settings
    playbooks: dict[str, Playbook]
    category_id: int
    plays: ClassVar[dict[str, Play]] = PLAYS

    @property
    def key(self) -> str:
        return self.settings.cohorts[0].key

    def store(self) -> closing[Store]:
        """The cohort's store."""
        return closing(open_store(self.settings.store))

    def run(self, now: datetime, **more: Any) -> RunReport:
        """Do what is due, as a worker that has just been started does it."""
        return work(self.settings, now, **more)

    def lose_store(self) -> None:
        """Go on with an empty store."""
        self.settings = self.settings.model_copy(update={"store": f"sqlite:///{self.world.folder / self.key}-new.db"})

    def decide(self, state: str) -> None:
        """Decide on every draft that waits."""
        with self.store() as store, store.begin() as session:
            for row in session.scalars(select(DraftRow).where(DraftRow.state == "pending")):
                row.state = state

    def seen_on_forum(self) -> list[tuple[Any, ...]]:
        """Return all topics and messages about this cohort, without ids, times and the cohort's own name."""
        name = self.settings.cohorts[0].name
        with self.world.app.extensions["forum"].database.session() as session:
            topics = session.scalars(select(Topic).where(Topic.title.contains(name)).order_by(Topic.id)).all()
            return [
                (
                    topic.archetype,
                    topic.title.replace(name, "NAME"),
                    topic.pinned_until,
                    [(post.post_type, _words(post.raw).replace(name, "NAME")) for post in _posts(session, topic)],
                )
                for topic in topics
                if not topic.title.startswith("About the ")
            ]


def plain_settings(url: str, store: Path, *cohorts: CohortSettings) -> Settings:
    """Settings with these cohorts and no limit of calls."""
    forum = ForumSettings(url=url, api_username="forumadmin", calls_per_minute=1_000_000)
    return Settings(forum=forum, store=f"sqlite:///{store}", cohorts=cohorts)


def work(settings: Settings, now: datetime, **more: Any) -> RunReport:
    """Start, do what is due, and end."""
    with (
        closing(open_store(settings.store)) as store,
        Forum.connect(settings.forum, DEFAULT_KEY, patience=Patience(attempts=1)) as forum,
    ):
        plays = more.pop("plays", PLAYS)
        return run_due(forum, store, settings, playbooks_of(settings, {**PLAYS, **plays}), now, plays=plays, **more)


class Killed(BaseException):
    """The process ends here; nothing of ours may catch it."""


def _raise_killed() -> None:
    raise Killed


class Reaper:
    """Counts the moments at which a process can end, and ends it at the given ones.

    `changes` are the numbers of the moments at which the store or the forum has just been changed: who dies at another
    one leaves behind what who dies at the one before it leaves.
    """

    Killed = Killed

    def __init__(self, *moments: int, end: Callable[[], None] = _raise_killed) -> None:
        self.moments = moments
        self.end = end
        self.count = 0
        self.changes: list[int] = []
        self._wrote = False

    def moment(self, *_: object) -> None:
        """Pass one moment, or end; the forum's own threads do not count."""
        if threading.current_thread() is threading.main_thread():
            self.count += 1
            if self.count in self.moments:
                self.end()

    def change(self) -> None:
        """Pass one moment, right after a change."""
        if threading.current_thread() is threading.main_thread():
            self.changes.append(self.count + 1)
        self.moment()

    def committed(self, _: object) -> None:
        """Pass the moment after a commit, perhaps of something."""
        wrote, self._wrote = self._wrote, False
        if wrote:
            self.change()
        else:
            self.moment()

    def carried_out(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        """See a statement; how many calls were made is nothing that a worker goes by."""
        if threading.current_thread() is threading.main_thread() and (written := WRITING.match(statement)):
            self._wrote |= written["table"] not in NOT_COPIED

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Count before and after every call, and before and after every commit."""
        send = requests.Session.send

        def counted(session: requests.Session, *args: Any, **more: Any) -> requests.Response:
            self.moment()
            answer = send(session, *args, **more)
            if answer.request.method == "GET":
                self.moment()
            else:
                self.change()
            return answer

        self._wrote = False
        event.listen(Engine, "after_cursor_execute", self.carried_out)
        event.listen(Session, "before_commit", self.moment)
        event.listen(Session, "after_commit", self.committed)
        try:
            with patch.object(requests.Session, "send", counted):
                yield
        finally:
            event.remove(Engine, "after_cursor_execute", self.carried_out)
            event.remove(Session, "before_commit", self.moment)
            event.remove(Session, "after_commit", self.committed)

    def to_the_end(self, work: Callable[..., object], *args: Any, **more: Any) -> None:
        """Start a piece of work anew after each death, until it lives to its end."""
        while True:
            with suppress(Killed), self.at_work():
                work(*args, **more)
                return


def deadly_lives(counted: Sequence[Reaper], at_most: int = 1000) -> list[list[Reaper]]:
    """Return the lives that show what becomes of a death at any moment, each with a reaper for each run.

    Between two changes it makes no difference when a worker dies, so each run dies once after each of its changes; with
    `make search` at each moment all the same.

    Args:
        counted: what a life without a death counted in each run.
        at_most: how many lives there is time for without `make search`; they are spread evenly.

    """
    if SEARCH:
        return [[Reaper(moment) for _ in counted] for moment in range(1, max(one.count for one in counted) + 1)]
    longest = max(len(one.changes) for one in counted)
    chosen = range(0, longest, ceil(longest / at_most))
    return [[Reaper(*one.changes[number : number + 1]) for one in counted] for number in chosen]


def _posts(session: Session, topic: Topic) -> Sequence[Post]:
    return session.scalars(select(Post).where(Post.topic_id == topic.id).order_by(Post.post_number)).all()


def _words(raw: str | None) -> str:
    return (raw or "").split("<!--", maxsplit=1)[0].strip()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ForumServer(":memory:") as server:
        made = World(server.url, server.app, tmp_path_factory.mktemp("world"))
        made.set_clock(at(9))
        made.add_user("ines")
        yield made


@pytest.fixture(scope="module")
def story_server() -> Iterator[ForumServer]:
    """A forum for cohorts that tell stories."""
    with ForumServer(":memory:") as server:
        yield server


@pytest.fixture(scope="module")
def new_site(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., StorySite]:
    """Make a cohort nobody else uses; the arguments are those of `make_site`."""
    folder, numbers = tmp_path_factory.mktemp("stories"), count(1)
    return lambda **more: make_site(story_server, folder, f"s{next(numbers):03}", **more)


@pytest.fixture
def site(new_site: Callable[..., StorySite]) -> StorySite:
    """A learner told something that is worth a story."""
    made = new_site()
    made.tell()
    return made


@pytest.fixture
def asked(site: StorySite) -> StorySite:
    """The question was sent."""
    site.ask()
    return site


@pytest.fixture
def told(asked: StorySite) -> StorySite:
    """The author said yes, and the story was told on Friday."""
    asked.say(asked.learner, YES, day(16, 14))
    asked.run(day(19, 10))
    assert len(asked.stories()) == 1
    return asked


@pytest.fixture
def told_of_ben(new_site: Callable[..., StorySite]) -> StorySite:
    """A story was told that says "Last week Ben and I tried"."""
    site = new_site()
    site.tell(TRIED.replace("Last week I tried", "Last week Ben and I tried"))
    site.ask()
    site.say(site.learner, YES, day(16, 14))
    site.run(day(19, 10))
    return site


@pytest.fixture
def journey(world: World) -> Journey:
    """A cohort nobody else uses."""
    return world.add_cohort()


def at(hours: float) -> datetime:
    """That many hours after midnight of the cohort's first day."""
    return MONDAY + timedelta(hours=hours)


@pytest.fixture(name="at", scope="session")
def at_fixture() -> Any:
    return at


@pytest.fixture
def plays() -> dict[str, Play]:
    """The plays of these tests, to change."""
    return dict(PLAYS)


@pytest.fixture(scope="session")
def reaper() -> type[Reaper]:
    return Reaper


@pytest.fixture(scope="session")
def conftest_file() -> str:
    """This file, for processes of their own that need the same plays."""
    return __file__
