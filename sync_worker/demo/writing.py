"""What learners write: each function composes one text from the phrasebook, the writer and a random generator."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from sync_worker.demo.people import Chapter, fill, read_chapters

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sync_worker.demo.people import Colleague, Learner


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a learner: what it is called in the phrasebook, and its text."""

    name: str
    title: str
    raw: str


class Writer:
    """Writes for the learners of one cohort.

    The same calls in the same order give the same texts: chance comes from seed, cohort, learner and occasion, and
    among what could be said the least used is taken.
    """

    def __init__(self, seed: str, cohort: str, locale: str) -> None:
        self.seed = seed
        self.cohort = cohort
        self.locale = locale
        self.stories = read_chapters(locale, "stories.txt")
        self.questions = read_chapters(locale, "questions.txt")
        self.talk = read_chapters(locale, "talk.txt")
        self.work = read_chapters(locale, "work.txt")
        self._used: Counter[str] = Counter()
        self._spoken_of: Counter[tuple[str, str]] = Counter()

    def rng(self, *occasion: object) -> Random:
        """Return the generator for an occasion of this cohort."""
        return Random(":".join(map(str, (self.seed, self.cohort, *occasion))))  # noqa: S311 - not secret

    def theme_of(self, text: str, fallback: str) -> str:
        """Return the theme whose keywords a text uses most; without any, one chosen by `fallback`."""
        folded = text.casefold()
        score = {
            name: sum(folded.count(word.casefold()) for word in chapter["keywords"].fragments)
            for name, chapter in self.stories.parts.items()
        }
        best = max(score, key=lambda name: score[name])
        return best if score[best] else self.rng("theme", fallback).choice(list(self.stories.parts))

    def hello(self, me: Learner) -> str:
        """Introduce the learner."""
        rng = self.rng("hello", me.username)
        slots = self._slots(me, rng)
        hello = self.talk["hello"]
        parts = [
            self._least_used(hello["who"].fragments, rng),
            self._least_used(hello["why"].fragments, rng),
        ]
        if rng.random() < 0.6:
            parts.append(self._least_used(hello["free"].fragments, rng))
        return _paragraphs([fill(part, slots, rng, self.locale) for part in parts], rng)

    def answer(self, me: Learner, theme: str, occasion: str, known: Sequence[str]) -> str | None:
        """Answer a prompt: mostly with a story of what was tried, sometimes with a plan. `known` are first names.

        None when everything that can be told about the theme has been told: people do not tell each other's stories.
        """
        rng = self.rng("answer", me.username, occasion)
        slots = self._slots(me, rng, rng.choice(known) if known else None)
        plans = [plan for plan in self.talk["intent"][theme].fragments if not self._used[plan]]
        threads = [chapter for name, chapter in self.stories[theme].parts.items() if name != "keywords"]
        if not known:
            threads = [thread for thread in threads if not _mentions(thread, "{author}")] or threads
        order = ["situation", "tried", "outcome", "lesson"]
        if rng.random() < 0.2:
            order.remove("lesson")
        untold = [(thread, story) for thread in threads for story in self._untold(thread)]
        if plans and (not untold or rng.random() < 0.15):
            return fill(self._least_used(plans, rng), slots, rng, self.locale)
        if not untold:
            return None
        least = min(self._uses(thread) for thread, _ in untold)
        thread, story = rng.choice([one for one in untold if self._uses(one[0]) == least])
        parts = [thread[part].fragments[story] for part in order]
        self._used.update(parts)
        if rng.random() < 0.1:
            parts.append(self._least_used(self.talk["aside"]["any"].fragments, rng))
        text = _paragraphs([fill(part, slots, rng, self.locale) for part in parts], rng)
        self._spoken_of.update((me.username, one.name) for one in me.colleagues if one.name in text)
        return text

    def said(self, me: Learner, kind: str, other: str | None = None) -> str:
        """Write a plan, the answer to a task, a word to those who come next or to one `other`, by first name."""
        rng = self.rng(kind, me.username)
        fragment = self._least_used(self.talk[kind]["any"].fragments, rng)
        return fill(fragment, self._slots(me, rng, other), rng, self.locale)

    def question(self, me: Learner, occasion: str, *, answerable: bool) -> Question | None:
        """Ask for help in a topic of one's own; None when every question has been asked."""
        rng = self.rng("question", me.username, occasion)
        names = [
            name
            for name, chapter in self.questions.parts.items()
            if bool(chapter["answer"].fragments) is answerable and not self._used[name]
        ]
        if not names:
            return None
        name = self._least_used(names, rng)
        slots = self._slots(me, rng)
        titles, bodies = self.questions[name]["title"].fragments, self.questions[name]["body"].fragments
        title, body = rng.choice(list(zip(titles, bodies, strict=True)))  # what is asked at the same place is the same
        return Question(name, fill(title, slots, rng, self.locale), fill(body, slots, rng, self.locale))

    def advice(self, me: Learner, name: str, given: Collection[int]) -> tuple[int, str] | None:
        """Answer a question in a way that is not among those `given`; None when all that can be said has been said."""
        left = [number for number in range(1, len(self.questions[name]["answer"].fragments) + 1) if number not in given]
        if not left:
            return None
        rng = self.rng("advice", me.username, name)
        number = rng.choice(left)
        return number, fill(
            self.questions[name]["answer"].fragments[number - 1], self._slots(me, rng), rng, self.locale
        )

    def report(self, me: Learner, name: str, helpers: Mapping[int, str]) -> str | None:
        """Say what came of an answer to one's own question; `helpers` are the first names by number of the answer."""
        told = []
        for fragment in self.questions[name]["report"].fragments:
            number, text = fragment.split(": ", 1)
            if int(number) in helpers:
                told.append((helpers[int(number)], text))
        if not told:
            return None
        rng = self.rng("report", me.username, name)
        helper, text = rng.choice(told)
        return fill(text, self._slots(me, rng, helper), rng, self.locale)

    def kind_of(self, title: str) -> str | None:
        """Tell by its title what a topic or message of the learning community manager is."""
        for kind, chapter in self.talk["titles"].parts.items():
            if any(sign.strip().casefold() in title.casefold() for sign in chapter.fragments):
                return kind
        return None

    def comment(self, me: Learner, theme: str, occasion: str) -> str:
        """Say something about somebody's story."""
        rng = self.rng("comment", me.username, theme, occasion)
        own = [text for text in self.talk["comment"][theme].fragments if not self._used[text]]
        pool = own if own and rng.random() < 0.3 else self.talk["comment"]["any"].fragments
        return fill(self._least_used(pool, rng), self._slots(me, rng), rng, self.locale)

    def thanks(self, me: Learner, helper: str, occasion: str) -> str:
        """Thank somebody by first name."""
        rng = self.rng("thanks", me.username, helper, occasion)
        fragments = self.talk["thanks"]["any"].fragments
        return fill(self._least_used(fragments, rng), self._slots(me, rng, helper), rng, self.locale)

    def consent(self, me: Learner, answer: str, occasion: str) -> str:
        """Answer the request to show a post as a story: "yes", "no" or "on one condition"."""
        rng = self.rng("consent", me.username, occasion)
        fragments = self.talk["consent"][answer].fragments
        return fill(rng.choice(fragments), self._slots(me, rng), rng, self.locale)

    def _untold(self, thread: Chapter) -> list[int]:
        """Return the places of a thread's stories that nobody told so far.

        What stands at the same place of each part was written as one story: the end follows from the beginning.
        """
        stories = min(len(part.fragments) for part in thread.parts.values())
        return [at for at in range(stories) if not self._used[thread["situation"].fragments[at]]]

    def _uses(self, thread: Chapter) -> int:
        return sum(self._used[fragment] for part in thread.parts.values() for fragment in part.fragments)

    def _least_used(self, fragments: Sequence[str], rng: Random) -> str:
        """Return a fragment that was used least so far: nobody repeats what the others have just said."""
        chosen = min(rng.sample(list(fragments), len(fragments)), key=lambda fragment: self._used[fragment])
        self._used[chosen] += 1
        return chosen

    def _slots(self, me: Learner, rng: Random, author: str | None = None) -> Mapping[str, str]:
        work = self.work[me.kind]
        first, second = self._two(me, rng)
        day = self.work["people"]["day"].fragments
        slots = {
            "me": me.name if rng.random() < 0.6 else me.first_name,
            "employer": me.employer,
            "town": me.town,
            "team": me.team,
            "clients": rng.choice(work["clients"].fragments),
            "task": rng.choice(work["task"].fragments),
            "event": rng.choice(work["event"].fragments),
            "day": rng.choice(day),
            "jour": rng.choice(day),
            "month": rng.choice(self.work["people"]["month"].fragments),
            "c": first.name,
            "d": second.name,
            "author": author or "",
        }
        if "place" in work.parts:
            slots["place"] = work["place"].fragments[0]
        pronouns = _PRONOUNS[self.locale]
        for letter, person in (("c", first), ("d", second)):
            for name, woman, man in pronouns:
                slots[f"{letter}.{name}"] = woman if person.woman else man
        for name, woman, man in _SELF[self.locale]:
            slots[name] = woman if me.woman else man
        return slots

    def _two(self, me: Learner, rng: Random) -> tuple[Colleague, Colleague]:
        """Return two colleagues of whom the learner told least, never two women: French texts say "ils" of them."""
        order = rng.sample(list(me.colleagues), len(me.colleagues))
        first, second, *others = sorted(order, key=lambda one: self._spoken_of[me.username, one.name])
        if first.woman and second.woman:
            second = next(person for person in others if not person.woman)
        return first, second


_PRONOUNS = {
    "en": (("she", "she", "he"), ("her", "her", "him"), ("his", "her", "his")),
    "fr": (("il", "elle", "il"), ("e", "e", "")),
}
_SELF = {
    "en": (),
    "fr": (("e", "e", ""), ("fier", "fière", "fier"), ("curieux", "curieuse", "curieux")),
}


def _mentions(chapter: Chapter, slot: str) -> bool:
    return any(slot in fragment for part in chapter.parts.values() for fragment in part.fragments)


def _paragraphs(parts: Sequence[str], rng: Random) -> str:
    """Join the parts the way people do: in one block, in two, or a paragraph each."""
    style = rng.random()
    if style < 0.35 or len(parts) < 3:
        return " ".join(parts)
    if style < 0.75:
        cut = rng.randint(1, len(parts) - 1)
        return " ".join(parts[:cut]) + "\n\n" + " ".join(parts[cut:])
    return "\n\n".join(parts)


# Texts that nobody means well with, written now and then by a learner: whatever quotes them must stay harmless.


TEXTS = (
    "@{other} @system @admins look at this, and @everyone else too.",
    "<script>alert('hello')</script><img src=x onerror=alert(1)> <b>bold</b> <!-- lcm:first-steps-story -->",
    "[poll type=regular]\n* yes\n* no\n[/poll]",
    "```python\nfor person in team:\n    person.ask('what would help?')\n```\nThat is roughly how I see it.",
    '[quote="{other}, post:1, topic:1"]\nI never said this.\n[/quote]\n\nDid you say that?',
    "See https://example.org/a?b=c&d=<e>, [here](javascript:alert(1)) and ![picture](https://example.org/p.png).",
    "{{{{ cohort.name }}}} {{% for x in y %}} ${{HOME}} %s %(x)s \\u0000 \\ `` ` `` *** ___ ~~~",
    "🙂🙂🙂 :smile: :+1: 👩‍👩‍👧‍👦 \u202eevil\u202c z\u0351\u0352\u0353algo ﷽",
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n# Big heading\n\n- [ ] one\n- [x] two\n\n> quoted\n>> twice",
    " ".join(["And another thing, while I am at it, because it has been on my mind since the autumn."] * 60),
)


def nasty_text(turn: int, other: str) -> str:
    """Return the text of that turn; `other` is the username of somebody it drags in."""
    return TEXTS[turn % len(TEXTS)].format(other=other)
