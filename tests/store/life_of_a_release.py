"""A life that a released version led on a practice forum, and how it goes on; `make_release` writes it down."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import requests
from click.testing import CliRunner
from sqlalchemy import func, select

from sync_worker.cli import main as lcm
from sync_worker.config import load_settings
from sync_worker.desk.loop import DeskLoop
from sync_worker.forum import Forum, Patience
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from sync_worker.practice_forum.tables import Post, Topic
from sync_worker.store.database import open_store
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.run import run_due

RELEASES = Path(__file__).parent / "releases"
FILES = ("lcm.yaml", "other.yaml", "roster.csv", "harbour.csv")
STORE, FORUM, WENT_ON = "store.sql", "forum.sql", "went_on.txt"
PORT = 4290  # where the forum of that life was; its address is part of every key

COLUMNS = "external_id,email,name,cohort,role,manager_email,manager_name"
PEOPLE = {
    "ana": "Ana Almeida", "ben": "Ben Brandt", "cleo": "Cleo Costa", "dora": "Dora Dahl", "eva": "Eva Engel",
    "finn": "Finn Faber", "gus": "Gus Graf", "lea": "Lea Lund", "ida": "Ida Imbert", "jan": "Jan Jolivet",
    "kim": "Kim Kern", "olga": "Olga Orth", "rita": "Rita Roth", "sam": "Sam Sand", "tom": "Tom Thal",
}  # fmt: skip
COHORT_OF = {"ida": "summer", "jan": "summer", "kim": "winter"}
SITE = {
    "allow_duplicate_topic_titles": "true",
    "enable_category_group_moderation": "true",
    "default_trust_level": "1",
}


class Killed(BaseException):
    """The process ends here."""


def day(number: int, hour: float = 12) -> datetime:
    """Return a moment of March 2027."""
    return datetime(2027, 3, 1, tzinfo=UTC) + timedelta(days=number - 1, hours=hour)


@dataclass
class Life:
    """A practice forum, and a folder with the files and the store of a worker."""

    folder: Path
    now: datetime
    port: int = PORT
    server: ForumServer | None = None

    @contextmanager
    def forum_is_up(self, *, plugin: bool) -> Iterator[None]:
        """Serve the forum, with our plugin or without."""
        options = ForumOptions(plugin=plugin, settings=SITE, now=self.now)
        with ForumServer(self.folder / "forum.db", port=self.port, options=options) as self.server:
            yield

    def write(self, *, without: tuple[str, ...] = (), lcms: tuple[str, ...] = ("lea",)) -> None:
        """Write the roster."""
        lines = [COLUMNS]
        for number, (name, full) in enumerate(PEOPLE.items(), 1):
            if name in without:
                continue
            role = "lcm" if name in lcms else "learner"
            manager = "bea@example.org,Bea Boss" if name in ("ana", "ben") else ","
            for cohort in ("spring", "summer", "winter") if name == "lea" else (COHORT_OF.get(name, "spring"),):
                lines.append(
                    f"{'' if name == 'olga' else f'p{number}'},{name}@example.org,{full},{cohort},{role},{manager}"
                )
        lines.append("p90,nora@example.org,Nora Nagel,spring,learner,,")
        (self.folder / "roster.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def lcm(self, *arguments: str, now: bool = True, codes: tuple[int, ...] = (0,)) -> str:
        """Run a command."""
        config = ["--config", str(self.folder / "lcm.yaml"), *(["--now", self.now.isoformat()] if now else [])]
        result = CliRunner().invoke(lcm, [*arguments, *config], env={"PRACTICE_KEY": DEFAULT_KEY})
        if result.exit_code not in codes:
            raise SystemExit(f"{arguments}: {result.exit_code}\n{result.output}\n{result.exception!r}")
        return result.output

    def call(self, verb: str, path: str, username: str = "forumadmin", **more: Any) -> Any:
        """Call the forum as somebody."""
        assert self.server is not None
        headers = {"Api-Key": DEFAULT_KEY, "Api-Username": username}
        answer = requests.request(verb, f"{self.server.url}{path}", headers=headers, timeout=30, **more)
        assert answer.ok, f"{verb} {path}: {answer.text}"
        return answer.json() if answer.content else None

    def at(self, now: datetime) -> None:
        """Make it that time."""
        self.now = now
        self.call("PUT", "/practice/clock.json", json={"now": now.isoformat()})

    def work(self, now: datetime) -> None:
        """Let a worker that has just been started do what is due."""
        self.at(now)
        settings = load_settings(self.folder / "lcm.yaml")
        playbooks = playbooks_of(settings, REGISTRY)
        with (
            closing(open_store(settings.store)) as store,
            Forum.connect(settings.forum, DEFAULT_KEY, patience=Patience(attempts=1)) as forum,
        ):
            desks = DeskLoop(forum, store, settings, playbooks, "worker")
            desks.listen(now)
            desks.look(now, publish=True)
            run_due(forum, store, settings, playbooks, now)

    def sync(self, now: datetime) -> None:
        """Make the forum agree with the roster."""
        self.at(now)
        self.lcm("sync", "plan", "--apply", codes=(0, 4))

    def topic(self, words: str) -> int:
        """Return the newest topic with these words in its title."""
        assert self.server is not None
        with self.server.forum.database.session() as session:
            found = select(Topic.id).where(Topic.title.contains(words)).order_by(Topic.id.desc())
            return session.scalars(found).first() or 0

    def say(self, username: str, raw: str, topic: int) -> dict[str, Any]:
        """Reply."""
        return dict(self.call("POST", "/posts.json", username, json={"topic_id": topic, "raw": raw}))

    def open(self, username: str, title: str, raw: str, cohort: str = "spring") -> dict[str, Any]:
        """Open a topic in a cohort's category."""
        site = self.call("GET", "/site.json")
        category = next(one["id"] for one in site["categories"] if one["slug"] == cohort)
        return dict(self.call("POST", "/posts.json", username, json={"title": title, "raw": raw, "category": category}))

    def like(self, username: str, post: dict[str, Any]) -> None:
        """Like a post."""
        self.call("POST", "/post_actions.json", username, json={"id": post["id"], "post_action_type_id": 2})

    def talk(self, number: int) -> None:
        """Let most people talk about a day, or silence would mean nothing."""
        self.at(day(number, 13))
        raw = "It was long, and we handed over late. What was yours like?"
        post = self.open("ben", f"What day {number} was like", raw)
        for name in ("ana", "dora", "eva", "cleo", "olga"):
            self.say(name, f"It was no shorter for us, says {name}.", post["topic_id"])

    def draft(self, username: str) -> str:
        """Return the draft to somebody that waits."""
        lines = self.lcm("drafts", "list", now=False).splitlines()
        rows = [re.split(r"\s{2,}", line) for line in lines[1:]]
        return next(row[1] for row in rows if len(row) > 4 and row[4].split(",")[0] == username)

    def write_to_worker(self, username: str, title: str, raw: str) -> None:
        """Open a conversation with the worker's account."""
        body = {"title": title, "raw": raw, "archetype": "private_message", "target_recipients": "forumadmin"}
        self.call("POST", "/posts.json", username, json=body)

    @contextmanager
    def dying(self, words: str) -> Iterator[None]:
        """Let the worker die right after it has sent a text with these words; its store does not know that yet."""
        send = requests.Session.send

        def deadly(session: requests.Session, request: Any, **more: Any) -> requests.Response:
            body = request.body if isinstance(request.body, str) else (request.body or b"").decode("utf-8", "replace")
            is_it = request.method == "POST" and "/posts" in str(request.url) and words in body
            answer = send(session, request, **more)
            if is_it:
                raise Killed
            return answer

        with patch.object(requests.Session, "send", deadly):
            try:
                yield
            except Killed:
                return
        raise SystemExit(f"nobody died at {words}")


def last_days(life: Life) -> None:
    """What comes then: the worker starts again, a draft is approved, a failed post is tried again, the cohort ends."""
    life.work(day(17, 10))
    life.lcm("sync", "plan", "--apply")
    life.lcm("drafts", "approve", life.draft("tom"), "--by", "lea", now=False)
    life.work(day(17, 15))
    life.lcm("retry", "--all", now=False)
    for moment in (day(19, 9), day(24, 18)):
        life.work(moment)
    life.at(day(26, 10))
    life.lcm("sync", "plan", "--apply")
    life.work(day(26, 10))


def went_on(life: Life) -> list[str]:
    """What came of everything: each entry of the ledger, and each topic and message on the forum with its posts."""
    settings = load_settings(life.folder / "lcm.yaml")
    with closing(open_store(settings.store)) as store, store.begin() as session:
        rows = [
            f"{row.cohort} {row.step} {row.slot:%m-%dT%H:%M} {row.action} to {row.to_learner} {row.state}"
            for row in session.scalars(select(LedgerRow))
        ]
    assert life.server is not None
    ours = Topic.external_id.startswith("lcm-"), Topic.deleted_at.is_(None), Post.deleted_at.is_(None)
    with life.server.forum.database.session() as session:
        found = select(Topic.external_id, Topic.archetype, Topic.closed, func.count()).join(
            Post, Post.topic_id == Topic.id
        )
        for key, kind, closed, posts in session.execute(found.where(*ours).group_by(Topic.id)):
            rows.append(f"{key} {kind} {'closed' if closed else 'open'} {posts} posts")
    return sorted(rows)
