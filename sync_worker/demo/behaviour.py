"""What learners do on a visit: look at their category, read, answer, help, like; on what they see and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.demo.browser import BETWEEN_POSTS, Memory
from sync_worker.demo.inbox import PARTS, Inboxes, vote
from sync_worker.demo.people import Temperament
from sync_worker.demo.writing import nasty_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from random import Random

    from sync_worker.demo.browser import Browser, Json
    from sync_worker.demo.people import Learner
    from sync_worker.demo.writing import Writer


STILL_OF_INTEREST = timedelta(days=11)
REPORT_AFTER = timedelta(days=3)
NASTY_EVERY = 9
LISTED = 9
MAIL_LASTS = timedelta(days=8)  # so long after the forum sent mail about messages, people look into their inbox


@dataclass(frozen=True, slots=True)
class Ways:
    """How likely a learner does what on one visit; `likes` is the most they give."""

    introduce: float
    answer: float
    comment: float
    help: float
    ask: float
    likes: int


WAYS = {
    Temperament.EAGER: Ways(introduce=1.0, answer=0.85, comment=0.45, help=0.5, ask=0.07, likes=3),
    Temperament.STEADY: Ways(introduce=0.9, answer=0.45, comment=0.25, help=0.3, ask=0.06, likes=2),
    Temperament.LATE: Ways(introduce=0.7, answer=0.4, comment=0.1, help=0.1, ask=0.05, likes=1),
    Temperament.SILENT: Ways(introduce=0.3, answer=0.03, comment=0.0, help=0.0, ask=0.0, likes=1),
    Temperament.ABSENT: Ways(introduce=0.6, answer=0.0, comment=0.0, help=0.0, ask=0.0, likes=0),
    Temperament.ISOLATED: Ways(introduce=0.8, answer=0.7, comment=0.0, help=0.0, ask=0.12, likes=0),
}
TAKES_PART = {"plan": 0.9, "task": 0.7, "leavers": 0.8, "survey": 0.9}  # how many do, of the eager ones
SEEN_LESS = 0.04  # how much less often an isolated learner's posts are taken up


@dataclass(slots=True)
class Asked:
    """A question that a learner opened: what was answered by whom, and how far the asker has come back to it."""

    name: str
    asker: Learner
    topic_id: int
    at: datetime
    given: dict[int, Learner] = field(default_factory=dict)
    thanked: set[str] = field(default_factory=set)
    reported: bool = False


class CohortLife:
    """The learners of one cohort and what they do in its category, in the order in which they come.

    `buttons` says whether messages that ask for consent have buttons: whether the forum has our plugin.
    """

    def __init__(self, browser: Browser, writer: Writer, learners: Sequence[Learner], *, buttons: bool) -> None:
        self.browser = browser
        self.writer = writer
        self.learners = {learner.username: learner for learner in learners}
        self.category_path = ""
        self.category_id = 0
        self._memories = {learner.username: Memory() for learner in learners}
        self._asked: dict[int, Asked] = {}
        self._heard: list[str] = []
        self._answers = 0
        self._inboxes = Inboxes(browser, writer, self.learners, buttons=buttons)
        self._mail_until: datetime | None = None

    def hear_of_messages(self, at: datetime) -> None:
        """Learn, as by mail from the forum, that somebody sent messages."""
        self._mail_until = at + MAIL_LASTS

    def visit(self, me: Learner, at: datetime) -> None:
        """Let a learner look at the forum and do what they feel like."""
        memory = self._memories[me.username]
        memory.visits += 1
        rng = self.writer.rng("visit", me.username, memory.visits)
        self.browser.set_clock(at)
        listed = self.browser.get(f"{self.category_path}/l/latest.json?per_page={LISTED}", me.username)
        if listed is None:
            return
        topics = [topic for topic in listed["topic_list"]["topics"] if self._interests(topic, at)]
        self._introduce(me, memory, topics, rng)
        self._take_part(me, memory, topics)
        likes, comments = rng.randint(0, WAYS[me.temperament].likes), rng.random() < WAYS[me.temperament].comment
        read = self._answer(me, memory, topics, rng)
        if read is None and (likes or comments):
            read = self._read_around(me, topics, rng)
        if read is not None:
            self._take_up(me, memory, read, rng, likes=likes, comments=comments)
        self._help(me, topics, rng)
        self._come_back(me, at, topics)
        self._ask(me, memory, at, rng)
        if memory.answered and self._mail_until is not None and at < self._mail_until:
            self._inboxes.look(me, memory, at, rng)

    def _interests(self, topic: Json, at: datetime) -> bool:
        if self.writer.kind_of(topic["title"]) == "about" or topic["closed"]:
            return False
        return at - datetime.fromisoformat(topic["bumped_at"]) < STILL_OF_INTEREST or bool(topic["pinned"])

    def _introduce(self, me: Learner, memory: Memory, topics: Sequence[Json], rng: Random) -> None:
        for topic in topics:
            if self.writer.kind_of(topic["title"]) == "welcome" and topic["id"] not in memory.answered:
                memory.answered.add(topic["id"])
                if rng.random() < WAYS[me.temperament].introduce:
                    self.browser.reply(me.username, topic["id"], self.writer.hello(me))

    def _take_part(self, me: Learner, memory: Memory, topics: Sequence[Json]) -> None:
        """Write a plan, the answer to a task or a word to those who come next; vote where two questions are asked."""
        for topic in topics:
            kind = self.writer.kind_of(topic["title"])
            if kind not in TAKES_PART or topic["id"] in memory.answered:
                continue
            if self.writer.rng("part", me.username, topic["id"]).random() >= TAKES_PART[kind] * PARTS[me.temperament]:
                continue
            memory.answered.add(topic["id"])
            if kind == "survey":
                read = self.browser.read(topic, me.username, first=True)
                if read is not None:
                    vote(self.browser, self.writer, me, memory, read["posts"][0])
            else:
                self.browser.reply(me.username, topic["id"], self.writer.said(me, kind))

    def _answer(self, me: Learner, memory: Memory, topics: Sequence[Json], rng: Random) -> Json | None:
        """Answer the latest prompt, and return its topic as it was read; None where there is nothing to answer."""
        prompts = [topic for topic in topics if self.writer.kind_of(topic["title"]) == "prompt"]
        open_prompts = [topic for topic in prompts if topic["id"] not in memory.answered]
        if not open_prompts or rng.random() >= WAYS[me.temperament].answer:
            return None
        prompt = max(open_prompts, key=lambda topic: topic["created_at"])
        read = self.browser.read(prompt, me.username, first=True)
        if read is None:
            return None
        memory.answered.add(prompt["id"])
        vote(self.browser, self.writer, me, memory, read["posts"][0])
        opening = read["posts"][0]["cooked"]
        theme = self.writer.theme_of(f"{prompt['title']} {prompt['title']} {opening}", prompt["title"])
        raw = self.writer.answer(me, theme, prompt["title"], [name for name in self._heard if name != me.first_name])
        if raw is None:
            return read
        self._answers += 1
        if self._answers % NASTY_EVERY == 0:
            nasty = nasty_text(self._answers // NASTY_EVERY - 1, rng.choice(list(self.learners)))
            self.browser.reply(me.username, prompt["id"], nasty)
        if self.browser.reply(me.username, prompt["id"], raw):
            self._heard.append(me.first_name)
        return read

    def _read_around(self, me: Learner, topics: Sequence[Json], rng: Random) -> Json | None:
        if not topics:
            return None
        weights = [3 if self.writer.kind_of(topic["title"]) == "prompt" else 1 for topic in topics]
        return self.browser.read(rng.choices(topics, weights)[0], me.username)

    def _take_up(self, me: Learner, memory: Memory, read: Json, rng: Random, *, likes: int, comments: bool) -> None:
        """Like and comment on what was just read."""
        others = [post for post in read["posts"] if post["username"] != me.username and post["post_type"] == 1]
        fresh = [post for post in others if post["id"] not in memory.liked]
        for post in _pick(fresh, [self._weight(post) for post in fresh], likes, rng):
            memory.liked.add(post["id"])
            self.browser.send("/post_actions.json", me.username, {"id": post["id"], "post_action_type_id": 2})
        stories = [post for post in others if post["username"] in self.learners and post["id"] not in memory.taken_up]
        if stories and comments and self.writer.kind_of(read["title"]) == "prompt":
            weights = [self._weight(post) / (1 + 3 * post["reply_count"]) for post in stories]
            for post in _pick(stories, weights, 1, rng):
                memory.taken_up.add(post["id"])
                theme = self.writer.theme_of(f"{read['title']} {post['cooked']}", read["title"])
                raw = self.writer.comment(me, theme, str(memory.visits))
                self.browser.reply(me.username, read["id"], raw, reply_to=post["post_number"])

    def _weight(self, post: Json) -> float:
        author = self.learners.get(post["username"])
        if author is not None and author.temperament is Temperament.ISOLATED:
            return SEEN_LESS
        appeal = self.writer.rng("appeal", post["username"], post["topic_id"]).random() ** 3
        return (0.1 + appeal) * (1.0 if post["reply_to_post_number"] is None else 0.4)

    def _help(self, me: Learner, topics: Sequence[Json], rng: Random) -> None:
        """Answer somebody's question."""
        if rng.random() >= WAYS[me.temperament].help:
            return
        shown = {topic["id"] for topic in topics}
        for asked in self._asked.values():
            ignored = asked.asker.temperament is Temperament.ISOLATED
            if asked.topic_id not in shown or ignored or me in (asked.asker, *asked.given.values()):
                continue
            advice = self.writer.advice(me, asked.name, asked.given)
            if advice and self.browser.reply(me.username, asked.topic_id, advice[1]):
                asked.given[advice[0]] = me
                return

    def _come_back(self, me: Learner, at: datetime, topics: Sequence[Json]) -> None:
        """Thank those who answered one's own question; days later, tell what came of it."""
        shown = {topic["id"] for topic in topics}
        for asked in self._asked.values():
            if asked.asker is not me or asked.topic_id not in shown or not asked.given:
                continue
            new = [helper for helper in asked.given.values() if helper.username not in asked.thanked]
            if new:
                asked.thanked.update(helper.username for helper in new)
                self.browser.reply(
                    me.username, asked.topic_id, self.writer.thanks(me, new[0].first_name, str(len(asked.thanked)))
                )
            elif not asked.reported and at - asked.at > REPORT_AFTER:
                helpers = {number: helper.first_name for number, helper in asked.given.items()}
                report = self.writer.report(me, asked.name, helpers)
                asked.reported = report is not None and self.browser.reply(me.username, asked.topic_id, report)

    def _ask(self, me: Learner, memory: Memory, at: datetime, rng: Random) -> None:
        if rng.random() >= WAYS[me.temperament].ask or memory.visits < 3:
            return
        answerable = me.temperament is not Temperament.ISOLATED and rng.random() < 0.85
        question = self.writer.question(me, str(memory.visits), answerable=answerable)
        if question is None:
            return
        self.browser.wait(BETWEEN_POSTS)
        made = self.browser.send(
            "/posts.json",
            me.username,
            {"title": question.title, "raw": question.raw, "category": self.category_id},
        )
        if made:
            self._asked[made["topic_id"]] = Asked(question.name, me, made["topic_id"], at)


def _pick(items: Sequence[Json], weights: Sequence[float], count: int, rng: Random) -> list[Json]:
    """Return up to `count` different items, by weight."""
    left = list(zip(items, weights, strict=True))
    picked: list[Json] = []
    while left and len(picked) < count:
        chosen = rng.choices(range(len(left)), [weight for _, weight in left])[0]
        picked.append(left.pop(chosen)[0])
    return picked
