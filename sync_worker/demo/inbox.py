"""What people do with what they get: learners with messages (yes, no, what became of a plan), managers with mails."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from random import Random
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sqlalchemy import select

from sync_worker.demo.people import Temperament
from sync_worker.store.mails import NOT_YET, SEALED, TALK, YES, mail_secret, take, unsealed
from sync_worker.store.tables import BriefingAnswerRow

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.demo.browser import Browser, Json, Memory
    from sync_worker.demo.people import Learner
    from sync_worker.demo.writing import Writer

CONSENT = {"yes": 0.76, "on one condition": 0.05, "no": 0.09, "": 0.1}
BUTTONS = ("yes", "no")
KEPT = 0.85  # how many let a post of theirs stand in the practice library
PARTS = {
    Temperament.EAGER: 1.0,
    Temperament.STEADY: 0.9,
    Temperament.LATE: 0.7,
    Temperament.SILENT: 0.2,
    Temperament.ABSENT: 0.0,
    Temperament.ISOLATED: 0.8,
}
TAPS = 0.8
USE = (1, 2, 4, 3)  # how many use it not at all, once or twice, several times, almost every week
CLICKS = 0.6  # how many answer with a click where the message has buttons
TALK_WITHIN, TALKED_AFTER = timedelta(days=6), timedelta(days=7)  # the steps of the demo name a date in six days
COME_BACK = 0.6  # how many of the silent write where the nudge leads; the others say "later"
DOOR = re.compile(r"/t/[^/\"]+/(\d+)")


def vote(browser: Browser, writer: Writer, me: Learner, memory: Memory, post: Json) -> None:
    """Vote in the polls of a post of the worker's, each once."""
    for poll in post.get("polls", ()):
        if (post["id"], poll["name"]) in memory.voted:
            continue
        memory.voted.add((post["id"], poll["name"]))
        chosen = writer.rng("vote", me.username, post["id"], poll["name"]).choice(poll["options"])
        data = {"post_id": post["id"], "poll_name": poll["name"], "options": [chosen["id"]]}
        browser.send("/polls/vote", me.username, data, method="PUT")


class Inboxes:
    """The messages of one cohort's learners, and what they answer.

    `buttons` says whether messages that ask for consent have buttons: whether the forum has our plugin.
    """

    def __init__(self, browser: Browser, writer: Writer, learners: Mapping[str, Learner], *, buttons: bool) -> None:
        self.browser = browser
        self.writer = writer
        self.learners = learners
        self.buttons = buttons
        self._agreed: dict[int, int] = {}
        self._talked: set[int] = set()

    def look(self, me: Learner, memory: Memory, at: datetime, rng: Random) -> None:
        """Let a learner read what they were sent, and answer it or not."""
        inbox = self.browser.get(f"/topics/private-messages/{me.username}.json", me.username)
        for message in inbox["topic_list"]["topics"] if inbox else ():
            kind = self.writer.kind_of(message["title"])
            if kind == "outcome":
                self._say_what_became(me, memory, message)
            elif kind == "use":
                self._say_how_much(me, memory, message)
            elif kind == "invitation":
                self._say_what_became(me, memory, message)
            elif kind in {"pair", "introduction"}:
                self._talk(me, memory, message, at)
            elif kind == "nudge":
                self._come_back(me, memory, message)
            elif kind == "consent":
                self._consent(me, memory, message, rng)
            elif kind == "practice":
                self._let_it_be_kept(me, memory, message)

    def _consent(self, me: Learner, memory: Memory, message: Json, rng: Random) -> None:
        if message["id"] in memory.consents:
            return
        memory.consents.add(message["id"])
        answer = rng.choices(list(CONSENT), list(CONSENT.values()))[0]
        occasion = str(len(memory.consents))
        clicks = self.buttons and self.writer.rng("click", me.username, occasion).random() < CLICKS
        if answer and not (clicks and self._click(me, answer)):
            self.browser.reply(me.username, message["id"], self.writer.consent(me, answer, occasion))

    def _let_it_be_kept(self, me: Learner, memory: Memory, message: Json) -> None:
        """Say whether a post may stand in the practice library; most agree, and some say nothing."""
        if message["id"] in memory.consents:
            return
        memory.consents.add(message["id"])
        if self.writer.rng("keep", me.username, message["id"]).random() < KEPT:
            self.browser.reply(me.username, message["id"], self.writer.consent(me, "yes", f"keep {message['id']}"))

    def _click(self, me: Learner, answer: str) -> bool:
        """Answer with one of the two buttons; False where none of them says it, or nothing is asked any more."""
        shown = self.browser.get("/lcm/preferences.json", me.username) if answer in BUTTONS else None
        asked = [consent for consent in shown["consents"] if consent["answer"] == "asked"] if shown else []
        if not asked:
            return False
        path = f"/lcm/stories/{asked[0]['post_id']}/consent.json"
        return self.browser.send(path, me.username, {"answer": answer}, method="PUT") is not None

    def _say_what_became(self, me: Learner, memory: Memory, message: Json) -> None:
        """Answer the question about one's plan with a tap; some do not, and some only the second time."""
        read = self.browser.read(message, me.username, first=True)
        for post in read["posts"] if read is not None else ():
            if self.writer.rng("tap", me.username, post["id"]).random() < TAPS:
                vote(self.browser, self.writer, me, memory, post)

    def _say_how_much(self, me: Learner, memory: Memory, message: Json) -> None:
        """Say how much was used, with a tap, and what came of it, in a sentence; some do neither."""
        rng = self.writer.rng("use", me.username, message["id"])
        willing = rng.random() < TAPS * PARTS[me.temperament]
        if message["id"] in memory.asked_about_use or not willing:
            return
        memory.asked_about_use.add(message["id"])
        read = self.browser.read(message, me.username, first=True)
        post = read["posts"][0] if read is not None else {}
        for poll in post.get("polls", ())[:1]:
            place = rng.choices(range(len(poll["options"])), USE)[0]
            chosen = [poll["options"][place]["id"]]
            data = {"post_id": post["id"], "poll_name": poll["name"], "options": chosen}
            self.browser.send("/polls/vote", me.username, data, method="PUT")
            kind = "used-it" if place >= len(USE) // 2 else "used-little"
            self.browser.reply(me.username, message["id"], self.writer.said(me, kind))

    def _talk(self, me: Learner, memory: Memory, message: Json, at: datetime) -> None:
        """Take the date that a message suggests; when all have talked, one of them says what it brought."""
        number, age = message["id"], at - datetime.fromisoformat(message["created_at"])
        if number not in memory.agreed:
            willing = self.writer.rng("talk", me.username, message["title"]).random() < PARTS[me.temperament]
            if willing and age < TALK_WITHIN:
                memory.agreed.add(number)
                self._write(me, number, "agree-too" if number in self._agreed else "agree")
                self._agreed[number] = self._agreed.get(number, 0) + 1
        elif age > TALKED_AFTER and self._agreed[number] > 1 and number not in self._talked:
            self._talked.add(number)
            self._write(me, number, "talked")

    def _write(self, me: Learner, topic_id: int, kind: str) -> None:
        """Write to the others of a conversation, one of them by first name."""
        read = self.browser.get(f"/t/{topic_id}.json", me.username)
        allowed = [one["username"] for one in read["details"]["allowed_users"]] if read else []
        others = [self.learners[name].first_name for name in allowed if name in self.learners and name != me.username]
        if others:
            self.browser.reply(me.username, topic_id, self.writer.said(me, kind, others[0]))

    def _come_back(self, me: Learner, memory: Memory, message: Json) -> None:
        """Follow a nudge to the topic that it names, or say "later", once; some do neither."""
        if me.temperament is Temperament.ABSENT or memory.nudged:
            return
        memory.nudged = True
        read = self.browser.read(message, me.username, first=True)
        door = DOOR.search(read["posts"][0]["cooked"]) if read is not None else None
        comes = self.writer.rng("back", me.username).random() < COME_BACK
        if comes and door is not None:
            self.browser.reply(me.username, int(door[1]), self.writer.said(me, "back"))
        else:
            self.browser.reply(me.username, message["id"], self.writer.said(me, "later"))


# What managers do with the mails that were written to a folder, and what the LCM does who reads the mailbox.


CLICKED = {YES: 0.55, TALK: 0.15, NOT_YET: 0.1, "": 0.2}
BY_MAIL = "lcm"  # as `lcm briefing answer` enters it


@dataclass(frozen=True, slots=True)
class ReadMail:
    """A mail as its reader has it: to whom, its subject, when it was written, and the sealed words of its links."""

    to: str
    subject: str
    at: datetime
    sealed: Mapping[str, str]


def mails_in(folder: Path) -> list[ReadMail]:
    """Return the mails that were written to a folder, oldest first; none where nothing was written yet."""
    found = []
    for file in folder.glob("*.eml"):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        body = mail.get_body(("plain",))
        text = unquote(body.get_content()) if body is not None else ""
        sealed = {one["word"]: one[0] for one in SEALED.finditer(text)}
        at = parsedate_to_datetime(str(mail["Date"])).astimezone(UTC)
        found.append(ReadMail(str(mail["To"]), str(mail["Subject"]), at, sealed))
    return sorted(found, key=lambda one: (one.at, one.to, one.subject))


def read_the_mailbox(session: Session, forum: str, folder: Path, seed: str, now: datetime) -> None:
    """Enter what managers answered since yesterday, and settle what the LCM has talked about since then.

    Managers answer on the day after a mail, and an LCM sees to what they answered on the day after that.
    """
    for row in session.scalars(select(BriefingAnswerRow).where(BriefingAnswerRow.settled_at.is_(None))):
        if row.at.date() < now.date():
            row.settled_at = now
    secret = mail_secret(session, forum)
    for code in _answers(folder, seed, now):
        chosen = unsealed(secret, code)
        known = chosen is not None and session.get(BriefingAnswerRow, (forum, chosen.key)) is not None
        if chosen is not None and not known:
            take(session, forum, chosen, BY_MAIL, now)


def _answers(folder: Path, seed: str, now: datetime) -> Iterator[str]:
    """Yield the sealed words that managers chose in the mails of earlier days; some choose none."""
    for mail in mails_in(folder):
        chance = Random(f"{seed}:{mail.to}:{mail.subject}")  # noqa: S311 - repeatable, not secret
        word = chance.choices(list(CLICKED), list(CLICKED.values()))[0]
        if mail.at.date() < now.date() and word in mail.sealed:
            yield mail.sealed[word]
