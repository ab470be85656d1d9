"""The forum of a simulated year, what people do on it, its backups, and the roster as somebody saved it."""

from __future__ import annotations

import csv
import io
import json
import random
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import requests
from sqlalchemy import insert, select, text

from sync_worker.config import load_settings
from sync_worker.playbook.load import shipped_folder
from sync_worker.practice_forum.server.database import ADMIN_ID
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import Category, Group, GroupUser, Post, Topic, User, UserEmail
from tests.worker.backup import back_up, put_back

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from datetime import date

    from sync_worker.config import Settings
    from sync_worker.practice_forum.app import ForumServer
    from tests.soak.year import CohortOfYear, Event, Person, Year

STEPS = Path(__file__).with_name("steps.yml")
COLUMNS = ("external_id", "email", "name", "cohort", "role", "manager_email")
HERE = shipped_folder()
SWITCHED_ON = ("allow_duplicate_topic_titles", "enable_category_group_moderation")
TOKEN = "zq{:05}zq"
"""A word that only one post has: wherever it stands, it came from there."""

TRIED = (
    "Our hand-over {0} used to lose half of the questions. Last week I tried reading the list {0} aloud before anybody "
    "left. It worked {0}: we had two calls back instead of seven, and nobody stayed late {0}."
)
ASKED = (
    "Which list {0} do you use for the hand-over, and who reads it? Ours {0} has forty lines and nobody can help me."
)
SHORT = "It was no shorter {0} for us, and we handed over late {0} on two days of this week."
OUTSIDER = "outsider"
REFUSALS = {
    "don't quote me": ("quote",),
    "no nudges, please": ("nudge",),
    "no pairs, please": ("pair",),
    "stop, please": ("quote", "nudge", "pair"),
}
"""What somebody refuses by which words: see docs/desk.md."""


@dataclass
class Stage:
    """The forum and the people on it.

    Args:
        server: the practice forum, over HTTP.
        folder: with lcm.yaml, the roster, the playbook and, unless it is elsewhere, the store.
        year: what is to happen.
        store: the address of the worker's store.

    """

    server: ForumServer
    folder: Path
    year: Year
    store: str
    http: requests.Session = field(default_factory=requests.Session)
    written_by: dict[str, str] = field(default_factory=dict)
    written_at: dict[str, str] = field(default_factory=dict)
    titles: set[str] = field(default_factory=set)
    ids: dict[str, int] = field(default_factory=dict)
    names: dict[int, str] = field(default_factory=dict)
    posts_of_people: int = 0
    disaster: str = ""
    adopt: tuple[str, ...] = ()
    written: str = ""
    _roster: str = ""

    def build(self) -> None:
        """Make all accounts, the playbook and the files of the worker."""
        for name in SWITCHED_ON:
            self.call("PUT", f"/admin/site_settings/{name}.json", json={name: "true"})
        self.set_clock(self.year.ticks[0] - timedelta(days=1))
        everybody = {one.username: one for cohort in self.year.cohorts for one in cohort.people}
        self._add_accounts([*everybody, OUTSIDER])
        own = self.folder / "soak"
        for part in ("templates", "decks"):
            shutil.copytree(HERE / "first-steps" / part, own / part)
        steps = STEPS.read_text("utf-8")
        (own / "playbook.yml").write_text(steps, encoding="utf-8")

    def _add_accounts(self, usernames: Sequence[str]) -> None:
        now = self.server.forum.clock.now()
        rows = [
            {"username": name, "username_lower": name, "name": name.replace("_", " ").title(), "trust_level": 1}
            for name in usernames
        ]
        with self.server.forum.database.session() as session:
            session.execute(insert(User), [{**row, "created_at": now} for row in rows])
            found = session.execute(select(User.username_lower, User.id)).all()
            self.ids = {name: number for name, number in found if name in set(usernames)}
            addresses = [(name, f"{name}@example.org") for name in usernames]
            session.execute(
                insert(UserEmail),
                [
                    {"user_id": self.ids[name], "email": mail, "email_lower": mail, "primary": True}
                    for name, mail in addresses
                ],
            )
        self.names = {number: name for name, number in self.ids.items()}

    def call(self, verb: str, path: str, username: str = "system", **more: Any) -> Any:
        """Call the forum as somebody, without faults; None where it refuses."""
        headers = {"Api-Key": DEFAULT_KEY, "Api-Username": username, "Practice-Forum-Faults": "off"}
        answer = self.http.request(verb, f"{self.server.url}{path}", headers=headers, timeout=60, **more)
        if answer.status_code >= 500:
            raise AssertionError(f"{verb} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.ok and answer.content else None

    def set_clock(self, now: datetime) -> None:
        """Make it that time on the forum."""
        with self.server.forum.database.session() as session:
            self.server.forum.set_clock(session, now)

    # What the administrator keeps: lcm.yaml and the roster.

    def write_files(self, day: date) -> bool:
        """Write lcm.yaml and the roster of a day; return whether lcm.yaml changed."""
        cohorts = [one for one in self.year.cohorts if one.is_declared(day)]
        self._write_roster(day, cohorts)
        settings: dict[str, Any] = {
            "forum": {"url": self.server.url, "api_username": "forumadmin", "calls_per_minute": 1_000_000},
            "store": self.store,
            "roster": {"csv": "roster.csv"},
            "playbooks": ["soak"],
            "sync": {"every": "12h"},
            "mail": {"folder": "mails", "from": "lcm@example.org"},
            "limits": {"allow": ["add", "remove", "owners", "create", *self.adopt], "grace_days": 1},
            "cohorts": [_as_written(one) for one in cohorts],
        }
        written = json.dumps(settings, indent=1)
        changed = written != self.written
        if changed:
            self.written = written
            (self.folder / "lcm.yaml").write_text(written, encoding="utf-8")
        return changed

    def settings(self) -> Settings:
        """The settings as they are written at present."""
        return load_settings(self.folder / "lcm.yaml")

    def _write_roster(self, day: date, cohorts: Sequence[CohortOfYear]) -> None:
        rows = [
            [f"x-{one.username}", one.email, one.name, cohort.key, "lcm" if one.is_lcm else "learner", _boss(one)]
            for cohort in cohorts
            for one in cohort.present(day)
        ]
        table = io.StringIO(newline="")
        writer = csv.writer(table)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
        whole = table.getvalue()
        wanted = damaged(whole, self.disaster, self.year.chance("disaster", day)) if self.disaster else whole
        if wanted != self._roster:
            self._roster = wanted
            (self.folder / "roster.csv").write_text(wanted, encoding="utf-8", newline="")

    # What people do.

    def token(self, author: str, place: str = "") -> str:
        """Return a word for one post of somebody, in a category or (`place` "") in a conversation."""
        word = TOKEN.format(len(self.written_by))
        self.written_by[word], self.written_at[word] = author, place
        return word

    def live(self, day: date, now: datetime) -> None:
        """Let everybody who is about that day do what they feel like, at noon."""
        self.set_clock(now)
        for cohort in self.year.cohorts:
            if cohort.start <= day <= cohort.end + timedelta(days=2):
                self._live_in(cohort, day)

    def _live_in(self, cohort: CohortOfYear, day: date) -> None:
        rng = self.year.chance("day", cohort.key, day)
        topics = self.topics_of(cohort.key)
        if topics is None:
            return
        category, open_topics = topics
        for one in cohort.present(day):
            if rng.random() >= one.talks:
                continue
            word, subject = self.token(one.username, cohort.key), self.token(one.username, cohort.key)
            self.titles.add(subject)
            if open_topics and rng.random() < 0.85:
                body: dict[str, Any] = {
                    "raw": rng.choice((TRIED, SHORT)).format(word),
                    "topic_id": rng.choice(open_topics),
                }
            else:
                raw = rng.choice((TRIED, ASKED)).format(word)
                body = {"raw": raw, "title": f"What this week was like for {subject}", "category": category}
            made = self.call("POST", "/posts.json", one.username, json=body)
            self.posts_of_people += made is not None
            if made and rng.random() < 0.5 and (friend := rng.choice(cohort.present(day))) != one:
                self.call(
                    "POST", "/post_actions.json", friend.username, json={"id": made["id"], "post_action_type_id": 2}
                )

    def topics_of(self, slug: str) -> tuple[int, list[int]] | None:
        """The category of a cohort and its open topics; None where there is none."""
        with self.server.forum.database.session() as session:
            category = session.scalar(select(Category.id).where(Category.slug == slug))
            if category is None:
                return None
            query = select(Topic.id).where(
                Topic.category_id == category,
                Topic.deleted_at.is_(None),
                Topic.closed.is_(False),
                ~Topic.title.startswith("About the "),
            )
            return category, list(session.scalars(query.order_by(Topic.id.desc()).limit(6)))

    def refuse(self, who: Person) -> datetime | None:
        """Let somebody write to the worker what they refuse; return when, None where the forum did not take it."""
        if self.year.plugin:
            chosen = {"quote": "quoting", "nudge": "nudges", "pair": "pairing"}
            choices = {chosen[what]: False for what in REFUSALS[who.refuses]}
            done = self.call("PUT", "/lcm/preferences.json", who.username, json=choices)
            return self.server.forum.clock.now() if done else None
        body = {
            "title": f"A word from {who.name} to you",
            "raw": who.refuses,
            "archetype": "private_message",
            "target_recipients": "forumadmin",
        }
        made = self.call("POST", "/posts.json", who.username, json=body)
        return datetime.fromisoformat(made["created_at"]) if made else None

    def answer(self, username: str, topic: int, raw: str) -> None:
        """Let somebody answer in a conversation."""
        self.posts_of_people += (
            self.call("POST", "/posts.json", username, json={"topic_id": topic, "raw": raw}) is not None
        )

    # What staff does beside the worker.

    def edit_by_hand(self, event: Event, cohorts: Sequence[CohortOfYear]) -> tuple[str, str, str] | None:
        """Let a moderator or an owner do something; return what, to which cohort, and whom or what it concerns."""
        rng = random.Random(event.number)
        cohort = rng.choice(cohorts)
        if event.kind in ("add outsider", "remove member"):
            return self._change_people(event.kind, cohort, rng)
        if event.kind == "open":
            return self._open_category(cohort.key)
        with self.server.forum.database.session() as session:
            mine = select(Topic.id).join(Category, Category.id == Topic.category_id).where(Category.slug == cohort.key)
            own = session.scalars(mine.where(Topic.user_id == ADMIN_ID, Topic.deleted_at.is_(None))).all()
            own = [one for one in own if not self._is_about(session, one)]
        if not own:
            return None
        topic = rng.choice(own)
        if event.kind == "delete":
            self.call("DELETE", f"/t/{topic}.json")
        elif event.kind == "close":
            self.call("PUT", f"/t/{topic}/status.json", json={"status": "closed", "enabled": "true"})
        elif event.kind == "move":
            self.call("PUT", f"/t/-/{topic}.json", json={"category_id": 4})
        else:
            with self.server.forum.database.session() as session:
                first = session.scalar(select(Post.id).where(Post.topic_id == topic, Post.post_number == 1))
            raw = f"A moderator wrote this text anew, and this is how it has to stay from now on. {topic}"
            self.call("PUT", f"/posts/{first}.json", json={"post": {"raw": raw, "edit_reason": "clearer"}})
        return event.kind, cohort.key, str(topic)

    def _open_category(self, slug: str) -> tuple[str, str, str] | None:
        """Let an administrator open a cohort's category to everybody, by mistake."""
        with self.server.forum.database.session() as session:
            row = session.scalar(select(Category).where(Category.slug == slug))
        if row is None:
            return None
        body = {"name": row.name, "color": row.color, "text_color": row.text_color}
        rights = {"everyone": 1, slug: 1, f"{slug}-lcm": 1}
        self.call("PUT", f"/categories/{row.id}.json", json={**body, "permissions": rights})
        return "open", slug, str(row.id)

    @staticmethod
    def _is_about(session: Any, topic: int) -> bool:
        title: str = session.scalar(select(Topic.title).where(Topic.id == topic))
        return title.startswith("About the ")

    def _change_people(self, kind: str, cohort: CohortOfYear, rng: random.Random) -> tuple[str, str, str] | None:
        members = self.members(cohort.key)
        group = self.group_id(cohort.key)
        if group is None:
            return None
        if kind == "add outsider":
            self.call("PUT", f"/groups/{group}/members.json", json={"usernames": OUTSIDER})
            return kind, cohort.key, OUTSIDER
        learners = sorted(one.username for one in cohort.people if not one.is_lcm and self.ids[one.username] in members)
        if not learners:
            return None
        who = rng.choice(learners)
        if kind == "remove member":
            self.call("DELETE", f"/groups/{group}/members.json", json={"user_id": self.ids[who]})
        return kind, cohort.key, who

    def members(self, group: str) -> set[int]:
        """The accounts in a group."""
        with self.server.forum.database.session() as session:
            query = select(GroupUser.user_id).join(Group, Group.id == GroupUser.group_id).where(Group.name == group)
            return set(session.scalars(query))

    def group_id(self, name: str) -> int | None:
        """The number of a group, None where there is none."""
        with self.server.forum.database.session() as session:
            return session.scalar(select(Group.id).where(Group.name == name))

    # Backups.

    def back_up(self) -> sqlite3.Connection:
        """Return a copy of everything on the forum."""
        return back_up(self.server.app)

    def put_back(self, copy: sqlite3.Connection, now: datetime) -> None:
        """Make the forum what it was; its clock goes on."""
        put_back(self.server.app, copy)
        with self.server.forum.database.session() as session:
            session.execute(text("SELECT 1"))
        self.set_clock(now)


def _as_written(cohort: CohortOfYear) -> dict[str, Any]:
    return {
        "key": cohort.key,
        "name": f"Cohort {cohort.key.upper()}",
        "start": cohort.start.isoformat(),
        "end": cohort.end.isoformat(),
        "timezone": cohort.timezone,
        "playbook": "soak",
    }


def _boss(one: Person) -> str:
    return "" if one.is_lcm else f"boss_{one.username.partition('_')[0]}@example.com"


def damaged(whole: str, kind: str, rng: random.Random) -> str:
    """Return a roster as it looks when something went wrong where it comes from."""
    head, *lines = whole.splitlines(keepends=True)
    rows = [line.split(",") for line in lines]
    gone = rng.choice(sorted({row[3] for row in rows}) or [""])
    addresses = [row[1] for row in rows]
    kept = {
        "empty": [],
        "cohort gone": [row for row in rows if row[3] != gone],
        "strangers": [[f"y-{row[0]}", f"other_{row[1]}", f"Other {row[2]}", *row[3:]] for row in rows],
        "shuffled": [  # the column of addresses has slipped by one row
            [row[0], mail, *row[2:]] for row, mail in zip(rows, [*addresses[1:], *addresses[:1]], strict=True)
        ],
    }
    texts = {
        "half": whole[: len(whole) // 2],
        "no header": "".join(lines),
        "garbage": "\x00\x01 not a roster at all \x7f\n" * 5,
    }
    return texts[kind] if kind in texts else head + "".join(",".join(row) for row in kept[kind])


def noon(day: date) -> datetime:
    """The moment of a day at which people do what they do."""
    return datetime.combine(day, time(12), UTC)
