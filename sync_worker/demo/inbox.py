"""What learners do with messages: allow a story or not, say what became of a plan or of it all, agree on a date."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.demo.people import Temperament

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from sync_worker.demo.browser import Browser, Json, Memory
    from sync_worker.demo.people import Learner
    from sync_worker.demo.writing import Writer

CONSENT = {"yes": 0.76, "on one condition": 0.05, "no": 0.09, "": 0.1}
BUTTONS = ("yes", "no")
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

    def _consent(self, me: Learner, memory: Memory, message: Json, rng: Random) -> None:
        if message["id"] in memory.consents:
            return
        memory.consents.add(message["id"])
        answer = rng.choices(list(CONSENT), list(CONSENT.values()))[0]
        occasion = str(len(memory.consents))
        clicks = self.buttons and self.writer.rng("click", me.username, occasion).random() < CLICKS
        if answer and not (clicks and self._click(me, answer)):
            self.browser.reply(me.username, message["id"], self.writer.consent(me, answer, occasion))

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
            willing = self.writer.rng("talk", me.username, number).random() < PARTS[me.temperament]
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
