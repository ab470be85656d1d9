"""A cohort in which something worth publishing was written, on a forum where something then happens to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from sync_worker.config.options import ReachSettings
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings
from sync_worker.desk.loop import DeskLoop
from sync_worker.forum import Forum, Patience
from sync_worker.membership.applying.making import GROUP_FIELDS
from sync_worker.playbook.load import Playbook, playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.store.database import Store, open_store
from sync_worker.store.tables import ChoiceRow, DraftRow, LedgerRow
from sync_worker.worker.run import run_due
from tests.journey.site import Site

SHIPPED = Path(__file__).resolve().parents[2] / "playbooks" / "first-steps"
PLAYBOOK = """\
playbook: matrix
title: {en: Matrix}
version: 1
steps:
  - {id: ask-dora, at: start +15d 09:00, play: consent, with: {look_back: 60d}, approval: none}
  - {id: ask-ana, at: start +20d 08:00, play: consent, with: {look_back: 60d, limit: 5}, approval: lcm}
  - {id: roundup, at: start +20d 09:00, play: roundup, with: {days: 30d}, approval: lcm}
  - {id: story, at: start +20d 10:00, play: story, with: {look_back: 60d}, approval: lcm}
"""
DORA = (
    "Our hand-over depends on who is on. With some I know everything, with others I find out at ten in the morning.\n\n"
    "I asked everybody to write one page with five boxes, and no box may stay empty.\n\n"
    "The hand-over takes seven minutes instead of 15. Since then one thing was lost.\n\n"
    "The box with what I am unsure about is the one that matters."
)
ANA = (
    "Every Monday our team meeting began late, and nobody in the room could say why we were meeting at all.\n\n"
    "I wrote the agenda as three open questions, and sent it to everybody on the day before the meeting.\n\n"
    "The meeting takes 25 minutes instead of 60. Since then nobody repeats the same argument twice.\n\n"
    "A question as agenda item works better than a topic."
)
CARL = "You can ask everybody to write for two minutes, and only then let the first person speak about it."
BEN = "How do you plan the summer holidays of fifteen people who all want the same two weeks?"
ASKED = "What do you do where you work, and what came of it in the end for"
EDITED = "I took something out here, because my employer wished it so. Please do not look for it any more."
SECRETS = {
    "ana": ("three open questions", "25 minutes", "same argument twice", "better than a topic"),
    "ben": ("fifteen people",),
    "dora": ("one page with five boxes", "seven minutes", "unsure about"),
}
APPROVING_ROUNDS = 4
TRIES, WAIT_SECONDS = 90, 1.0


@dataclass
class Place:
    """A forum to play on: its plugin, how a post is hidden there, whether it ends with the tests, how long to wait."""

    site: Site
    plugin: bool
    hide: Callable[[int], None]
    ends: bool = True
    patience: Patience = field(default_factory=lambda: Patience(attempts=1))


@dataclass
class Scene:
    """One cohort of a forum; `post_of` and `topic_of` are the ids of what Ana, Ben, Carl and Dora wrote.

    `posts` are the ids of all posts that people wrote, `likes` who likes which of them.

    With `answers`, Ana and Dora wrote answers in topics that Eva opened.
    """

    place: Place
    folder: Path
    suffix: str
    post_of: dict[str, int] = field(default_factory=dict)
    topic_of: dict[str, int] = field(default_factory=dict)
    own: dict[str, int] = field(default_factory=dict)
    posts: set[int] = field(default_factory=set)
    likes: set[tuple[int, int]] = field(default_factory=set)
    event: str = ""
    answers: bool = False
    forum_has: dict[int, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.cohort = f"m-{self.suffix}"
        self.now = datetime.now(UTC) + timedelta(minutes=5)
        self.start = self.now.date() - timedelta(days=10)

    @property
    def site(self) -> Site:
        return self.place.site

    def user(self, name: str) -> str:
        """The account of Ana and the others in this cohort."""
        return f"{name}_{self.suffix}"

    @property
    def settings(self) -> Settings:
        forum = ForumSettings(
            url=self.site.url, api_username=self.site.admin, calls_per_minute=self.site.calls_per_minute
        )
        cohort = CohortSettings(
            key=self.cohort,
            name=f"Matrix {self.suffix}",
            start=self.start,
            end=self.start + timedelta(days=60),
            timezone="UTC",
            playbook="matrix",
        )
        store = f"sqlite:///{self.folder / 'lcm.db'}"
        at_any_time = ReachSettings(per_day=None, per_week=None, quiet=None, weekend=True)  # the clock is the real one
        return Settings(forum=forum, store=store, playbooks=(self.folder,), cohorts=(cohort,), reach=at_any_time)

    def playbooks(self) -> dict[str, Playbook]:
        return playbooks_of(self.settings, REGISTRY)

    @contextmanager
    def at_work(self) -> Iterator[tuple[Forum, Store]]:
        """The forum and the store, as a worker opens them."""
        store = open_store(self.settings.store)
        try:
            with Forum.connect(self.settings.forum, self.site.key, patience=self.place.patience) as forum:
                yield forum, store
        finally:
            store.close()

    # What comes before.

    def prepare(self) -> None:
        """Make the cohort, let people write, let Dora agree to her story, and draft everything for the LCM."""
        (self.folder / "matrix").mkdir(parents=True)
        (self.folder / "matrix" / "playbook.yml").write_text(PLAYBOOK, encoding="utf-8")
        shutil.copytree(SHIPPED / "templates", self.folder / "matrix" / "templates")
        for name in ("ana", "ben", "carl", "dora", "eva", "lea"):
            self.site.add_account(self.user(name), name.title())
        self._make_cohort()
        self._write("dora", f"How we hand over now {self.suffix}", DORA)
        self._like("dora", "ana", "ben", "eva")
        self._look_at_all_of_it()
        self.run("ask-dora")
        self._say_yes()
        self._write("ana", f"How we start our weekly team meeting {self.suffix}", ANA)
        self._like("ana", "ben", "carl", "eva")
        self._answer("ana", "eva", f"We have the same on the ward, and it is worse in the summer ({self.suffix}).")
        self._answer("ana", "carl", f"Thank you for writing all of this down for us ({self.suffix}).")
        self._write("carl", f"Silent meetings with many people {self.suffix}", CARL)
        self._like("carl", "ana", "ben", "eva")
        self._write("ben", f"How do you plan the holidays {self.suffix}?", BEN)
        self._look_at_all_of_it()
        for step in ("ask-ana", "roundup", "story"):
            self.run(step)
        self.forum_has = self.written()

    def _make_cohort(self) -> None:
        people = [self.site.accounts[self.user(name)] for name in ("ana", "ben", "carl", "dora", "eva", "lea")]
        names = (self.cohort, f"{self.cohort}-lcm")
        if self.place.plugin:
            declaration = {
                "name": f"Matrix {self.suffix}",
                "start": self.start.isoformat(),
                "end": (self.start + timedelta(days=60)).isoformat(),
                "timezone": "UTC",
                "locale": "en",
                "playbook": "matrix",
                "group": {"name": names[0], "full_name": "Matrix"},
                "lcm_group": {"name": names[1], "full_name": "Matrix (LCM)"},
                "category": {"name": f"Matrix {self.suffix}", "slug": self.cohort},
            }
            self.site.done("PUT", f"/lcm/cohorts/{self.cohort}.json", json=declaration)
            change = {"change": f"join-{self.suffix}", "group": {"add": people}, "lcm_group": {"add": people[-1:]}}
            self.site.done("PUT", f"/lcm/cohorts/{self.cohort}/members.json", json=change)
        with self.at_work() as (forum, _):
            if not self.place.plugin:
                group, lcms = (forum.create_group(name, name.title(), **GROUP_FIELDS) for name in names)
                forum.add_members(group.id, people)
                forum.add_members(lcms.id, people[-1:])
                forum.create_category(f"Matrix {self.suffix}", self.cohort, {names[0]: 1})
            staff = forum.create_group(f"{self.cohort}-x", "Others")
            self.own["elsewhere"] = forum.create_category(
                f"Elsewhere {self.suffix}", f"{self.cohort}-x", {staff.name: 1}
            ).id
            self.own["category"] = next(one.id for one in forum.categories() if one.slug == self.cohort)

    def _write(self, name: str, title: str, raw: str) -> None:
        opens = {"title": title, "category": self.own["category"]}
        if self.answers and name in ("ana", "dora"):
            topic = self.site.post(self.user("eva"), f"{ASKED} {self.suffix} {name}?", **opens)["topic_id"]
            opens = {"topic_id": topic}
        post = self.site.post(self.user(name), raw, **opens)
        self.post_of[name], self.topic_of[name] = post["id"], post["topic_id"]
        self.posts.add(post["id"])

    def _answer(self, whom: str, name: str, raw: str) -> None:
        self.posts.add(self.site.post(self.user(name), raw, topic_id=self.topic_of[whom])["id"])

    def _like(self, name: str, *others: str) -> None:
        for other in others:
            self.site.like(self.user(other), self.post_of[name])
            self.likes.add((self.site.accounts[self.user(other)], self.post_of[name]))

    def _look_at_all_of_it(self) -> None:
        """Look after the desks when the plugin tells of all that was written: it keeps back the youngest second."""
        if not self.place.plugin:
            return
        if not self.place.ends:
            for _ in range(TRIES):
                if self._is_told():
                    break
                self.site.wait(WAIT_SECONDS)
            assert self._is_told()
        self.look()

    def _is_told(self) -> bool:
        posts: set[int] = set()
        likes: set[tuple[int, int]] = set()
        more, cursor = True, None
        with self.at_work() as (forum, _):
            assert forum.plugin is not None
            while more:
                page = forum.plugin.activity(self.cohort, cursor)
                more, cursor = page.more, page.cursor
                posts |= {post.id for post in page.posts}
                likes |= {(like.user_id, like.post_id) for like in page.likes}
        return self.posts <= posts and self.likes <= likes

    def _say_yes(self) -> None:
        with self.at_work() as (_, store), store.begin() as session:
            asked = session.scalars(select(LedgerRow).where(LedgerRow.step == "ask-dora")).one()
            self.own["message"] = asked.result["topic_id"]
        self.site.post(self.user("dora"), "Yes, with pleasure.", topic_id=self.own["message"])

    # The worker.

    def run(self, step: str | None = None) -> None:
        """Do a step ahead of its time, or whatever is to be done."""
        with self.at_work() as (forum, store):
            run_due(forum, store, self.settings, self.playbooks(), self.now, self.cohort, step, early=step is not None)

    def look(self) -> None:
        """Look after the desks."""
        with self.at_work() as (forum, store):
            DeskLoop(forum, store, self.settings, self.playbooks(), "matrix").look(self.now)

    def approve_and_publish(self) -> None:
        """Approve whatever waits, and publish it, until nothing waits any more."""
        for _ in range(APPROVING_ROUNDS):
            with self.at_work() as (_, store), store.begin() as session:
                waiting = session.scalars(select(DraftRow).where(DraftRow.state == "pending")).all()
                for row in waiting:
                    row.state = "approved"
            if not waiting:
                return
            self.run()
        raise AssertionError("drafts came back again and again")

    def spotlight(self) -> None:
        """Let the LCM pick Dora's story on the desk."""
        path = f"/lcm/desk/{self.cohort}/stories/{self.post_of['dora']}.json"
        self.site.call("PUT", path, as_user=self.user("lea"), json={"action": "spotlight"})
        self.look()

    def written(self) -> dict[int, dict[str, Any]]:
        """What the worker has on the forum: title, text and readers of each topic and message, by its id."""
        with self.at_work() as (_, store), store.begin() as session:
            rows = session.scalars(select(LedgerRow).where(LedgerRow.state == "done", LedgerRow.action != "pin")).all()
        found = {}
        for row in rows:
            topic = self.site.get(f"/t/{row.result['topic_id']}.json?include_raw=true")
            raw = topic["post_stream"]["posts"][0]["raw"]
            found[topic["id"]] = {
                "step": row.step,
                "part": row.part,
                "title": topic["title"],
                "raw": raw,
                "to": row.payload["recipients"],
            }
        return found

    def published(self, step: str) -> list[str]:
        """Title and text of what a step has published since everything was drafted."""
        news = {number: one for number, one in self.written().items() if number not in self.forum_has}
        return [
            f"{one['title']}\n{one['raw']}"
            for one in news.values()
            if one["step"].endswith(step) and one["part"] != "held"
        ]

    def decided(self) -> dict[str, tuple[str, str, str]]:
        """State, reason and outcome of every draft, by its step."""
        with self.at_work() as (_, store), store.begin() as session:
            rows = session.scalars(select(DraftRow)).all()
        return {row.body["step"]: (row.state, row.reason, row.decision_reason or "") for row in rows}

    def told_the_lcms(self) -> bool:
        """Whether a note about a held story went to the LCMs."""
        return any(one["part"] == "held" and one["to"] == [f"{self.cohort}-lcm"] for one in self.written().values())

    def choose_not_to_be_quoted(self, name: str) -> None:
        """Ask on the forum not to be quoted; without the plugin, it was asked while the forum had it."""
        if self.place.plugin:
            self.site.done("PUT", "/lcm/preferences.json", as_user=self.user(name), json={"quoting": False})
            return
        with self.at_work() as (forum, store), store.begin() as session:
            number = self.site.accounts[self.user(name)]
            session.add(
                ChoiceRow(forum=forum.name, user_id=number, username="earlier-name", quoting=False, at=self.now)
            )

    def tidy(self) -> None:
        """Delete what was made: categories with their topics, groups, accounts."""
        names = [name for name in self.site.accounts if name.endswith(self.suffix)]
        mine = {name: self.site.accounts.pop(name) for name in names}
        if self.place.ends:
            return
        for slug in (self.cohort, f"{self.cohort}-x"):
            self.site.tidy(slug, (slug, f"{slug}-lcm"))
        for identity in mine.values():
            self.site.done("DELETE", f"/admin/users/{identity}.json", data={"delete_posts": "true"})
