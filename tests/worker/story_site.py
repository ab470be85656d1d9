"""A cohort on a practice forum without the plugin, from a learner's post to a story and what follows it."""

from __future__ import annotations

import re
import shutil
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import requests
from sqlalchemy import select

from sync_worker.config.settings import CohortSettings, ForumSettings, Settings
from sync_worker.forum import Forum, Patience
from sync_worker.playbook.load import playbooks_of, shipped_folder
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import Post, Topic
from sync_worker.store.database import Store, open_store
from sync_worker.store.moving import move_forum
from sync_worker.store.tables import ConsentRow, DraftRow
from sync_worker.worker.run import run_due
from sync_worker.worker.start import renewed_key

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from sync_worker.worker.run_report import RunReport

START = date(2027, 3, 1)
TRIED = (
    "Our hand-over used to lose half of the questions. Last week I tried reading the list aloud before anybody left. "
    "It worked: we had two calls back instead of seven, and nobody stayed late."
)
YES = "Yes, you may show it."


def day(number: int, hour: float = 12) -> datetime:
    """Return a moment of March 2027; in April and later days go on counting."""
    return datetime(2027, 3, 1, tzinfo=UTC) + timedelta(days=number - 1, hours=hour)


@dataclass
class StorySite:
    """A cohort of ana and ben with the LCM lea; `settings` are the worker's."""

    server: ForumServer
    settings: Settings
    key: str
    category: int
    post: dict[str, Any] = field(default_factory=dict)

    @property
    def learner(self) -> str:
        """The learner who has something to tell."""
        return f"ana_{self.key}"

    @property
    def lcm(self) -> str:
        """The LCM."""
        return f"lea_{self.key}"

    def store(self) -> closing[Store]:
        """The cohort's store."""
        return closing(open_store(self.settings.store))

    def call(self, verb: str, path: str, username: str = "forumadmin", **more: Any) -> Any:
        """Call the forum as somebody; the answer must be a success."""
        headers = {"Api-Key": DEFAULT_KEY, "Api-Username": username}
        answer = requests.request(verb, f"{self.server.url}{path}", headers=headers, timeout=30, **more)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def set_clock(self, now: datetime) -> None:
        """Make it that time on the forum."""
        self.call("PUT", "/practice/clock.json", json={"now": now.isoformat()})

    def tell(self, tried: str = TRIED) -> None:
        """Let ana tell what she tried, ben like it, and try it as well."""
        self.set_clock(day(15, 8))
        body = {"title": f"What worked at our hand-over {self.key}", "raw": tried, "category": self.category}
        self.post = self.call("POST", "/posts.json", self.learner, json=body)
        ben = f"ben_{self.key}"
        self.call("POST", "/post_actions.json", ben, json={"id": self.post["id"], "post_action_type_id": 2})
        raw = "I tried the same on my ward and it worked for us as well, thank you."
        if self.settings.cohorts[0].locale == "fr":
            raw = "J’ai essayé la même chose dans mon service, et cela a marché chez nous aussi, merci."
        self.call("POST", "/posts.json", ben, json={"raw": raw, "topic_id": self.post["topic_id"]})

    def run(self, now: datetime, **more: Any) -> RunReport:
        """Do what is due, as a worker that has just been started does it."""
        self.set_clock(now)
        with (
            self.store() as store,
            Forum.connect(self.settings.forum, DEFAULT_KEY, patience=Patience(attempts=1)) as forum,
        ):
            return run_due(forum, store, self.settings, playbooks_of(self.settings, REGISTRY), now, **more)

    def move(self) -> None:
        """Let the forum have another address, of which the store is told."""
        old = self.settings.forum
        moved = old.model_copy(update={"url": old.url.replace("127.0.0.1", "localhost")})
        assert moved.name != old.name
        with self.store() as store, store.begin() as session:
            move_forum(session, old.name, moved.name, renewed_key)
        self.settings = self.settings.model_copy(update={"forum": moved})

    def let_stories_wait(self, folder: Path) -> None:
        """Have the LCM approve each story as well, by a playbook of the cohort's own."""
        own = folder / "own" / "first-steps"
        shutil.copytree(shipped_folder() / "first-steps", own)
        text = (own / "playbook.yml").read_text("utf-8")
        (own / "playbook.yml").write_text(f"{text.rstrip()}\n    approval: lcm\n", encoding="utf-8")
        self.settings = self.settings.model_copy(update={"playbooks": (own.parent,)})

    def approve(self, **edits: str) -> int:
        """Let the LCM approve every draft that waits, perhaps with other words; return how many."""
        with self.store() as store, store.begin() as session:
            rows = session.scalars(select(DraftRow).where(DraftRow.state == "pending")).all()
            for row in rows:
                row.body = {**row.body, **edits}
                row.state, row.decided_by = "approved", self.lcm
            return len(rows)

    def ask(self) -> None:
        """Let the question be drafted, approved and sent, on Tuesday."""
        self.run(day(16, 10))
        assert self.approve() == 1
        self.run(day(16, 11))

    def say(self, username: str, raw: str, now: datetime, topic: int | None = None) -> int:
        """Write in the conversation about the story, or in another topic; return the post's id."""
        self.set_clock(now)
        body = {"topic_id": topic or self.conversation.id, "raw": raw}
        return int(self.call("POST", "/posts.json", username, json=body)["id"])

    def answer(self) -> str:
        """The consent as it is stored."""
        with self.store() as store, store.begin() as session:
            return session.get_one(ConsentRow, (self.settings.forum.name, self.post["id"])).answer

    @property
    def conversation(self) -> Topic:
        """The message that asked."""
        return next(
            topic for topic in self.messages() if "may I show" in topic.title or "puis-je montrer" in topic.title
        )

    def messages(self) -> list[Topic]:
        """The messages of this cohort."""
        return [topic for topic in self._ours() if topic.archetype == "private_message"]

    def note(self, words: str) -> str:
        """What stands in the one message that has these words in its title."""
        [topic] = [topic for topic in self.messages() if words in topic.title]
        return self.texts(topic)[0]

    def stories(self) -> list[Topic]:
        """The stories that stand in the category."""
        return [
            topic
            for topic in self._ours()
            if topic.archetype == "regular" and self.learner.split("_")[0].title() in topic.title
        ]

    def _ours(self) -> list[Topic]:
        with self.server.forum.database.session() as session:
            topics = session.scalars(select(Topic).where(Topic.deleted_at.is_(None)).order_by(Topic.id)).all()
            own = [topic for topic in topics if (topic.external_id or "").startswith(f"lcm-{self.key[:10]}-")]
            session.expunge_all()
            return own

    def texts(self, topic: Topic) -> list[str]:
        """The posts of a topic."""
        with self.server.forum.database.session() as session:
            query = select(Post.raw).where(Post.topic_id == topic.id, Post.deleted_at.is_(None), Post.post_type == 1)
            return [raw.split("<!--")[0].strip() for raw in session.scalars(query.order_by(Post.post_number))]

    def seen(self) -> list[tuple[str, str, tuple[str, ...]]]:
        """Everything that the cohort got, without the forum's numbers and this cohort's key."""
        found = []
        for topic in self._ours():
            texts = tuple(self._anonymous(text) for text in self.texts(topic))
            found.append((topic.archetype, self._anonymous(topic.title), texts))
        return found

    def _anonymous(self, text: str) -> str:
        bare = text.replace(self.server.url, "").replace(self.key, "KEY")
        return re.sub(r"(?<=/[tp]/)(?:[\w-]+/)?\d+(?:/\d+)?|(?<=topic:)\d+", "N", bare)


def make_site(
    server: ForumServer, folder: Path, key: str, *, store: str | None = None, locale: str = "en"
) -> StorySite:
    """Make the people, the groups and the category of a cohort, and the worker's settings for it."""
    forum_settings = ForumSettings(url=server.url, api_username="forumadmin", calls_per_minute=1_000_000)
    names = [f"{name}_{key}" for name in ("ana", "ben", "lea")]
    ids = [add_user(server, name) for name in names]
    with Forum.connect(forum_settings, DEFAULT_KEY) as forum:
        groups = {}
        for name, members in ((key, ids), (f"{key}-lcm", ids[2:])):
            groups[name] = forum.create_group(name, name, messageable_level=3)
            forum.add_members(groups[name].id, members)
        category = forum.create_category(key, key, {key: 1, f"{key}-lcm": 1})
    cohort = CohortSettings(
        key=key,
        name=f"Cohort {key}",
        start=START,
        end=date(2027, 5, 30),
        timezone="UTC",
        locale=locale,
        group=key,
        lcm_group=f"{key}-lcm",
        category_slug=key,
        playbook="first-steps",
    )
    settings = Settings(forum=forum_settings, store=store or f"sqlite:///{folder / f'{key}.db'}", cohorts=(cohort,))
    return StorySite(server, settings, key, category.id)


def add_user(server: ForumServer, username: str) -> int:
    """Make an account whose name is the first part of its username; return its id."""
    first = username.split("_", maxsplit=1)[0]
    account = {
        "username": username,
        "name": first.title(),
        "email": f"{username}@example.org",
        "password": "correct-horse-battery",
        "active": True,
        "approved": True,
    }
    headers = {"Api-Key": DEFAULT_KEY, "Api-Username": "system"}
    answer = requests.post(f"{server.url}/users.json", headers=headers, json=account, timeout=30).json()
    assert answer["success"], answer
    found = requests.get(f"{server.url}/u/{username}.json", headers=headers, timeout=30).json()
    return int(found["user"]["id"])
