"""The sentences of roundups and stories in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.content.language import ENGLISH
from sync_worker.content.markdown import Markdown
from sync_worker.content.phrases import Phrases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.activity.signals import OpenQuestion, Participation


class EnglishPhrases(Phrases):
    """English, as a colleague would write it."""

    language = ENGLISH

    def solved(self, days: int) -> str:
        """Return "it solved a question that had been open for nine days"."""
        if days < 1:
            return "it solved the question the same day"
        if days == 1:
            return "it solved the question within a day"
        return f"it solved a question that had been open for {self.language.count(days, 'day')}"

    def solved_own(self, author: str, days: int) -> str:
        """Return "Ana asked, found the answer, and came back to share it"."""
        if days < 2:
            return f"{author} asked, found the answer, and came back to share it"
        return f"{author} asked, and came back with the answer {self.language.count(days, 'day')} later"

    def tried(self, people: int) -> str:
        """Return "three people have tried it since"."""
        return f"{self.language.count(people, 'person')} have tried it since"

    def tried_by(self, name: str) -> str:
        """Return "Ana has tried it since"."""
        return f"{name} has tried it since"

    def received(self, likes: int, repliers: int) -> str:
        """Return "four people liked it and two replied"."""
        if not repliers:
            return f"{self.language.count(likes, 'person')} liked it"
        if not likes:
            return f"{self.language.count(repliers, 'person')} took it further"
        return f"{self.language.count(likes, 'person')} liked it and {self.language.number(repliers)} replied"

    def unanswered(self) -> str:
        """Return that an answer is still wanting."""
        return "nobody has replied yet, and it is worth a reply"

    def credit(self, author: str, where: str | None, address: str) -> Markdown:
        """Return "**Ana**, in [Title](address):"."""
        if where is None:
            return Markdown(f"**{author}**, [in full here]({address}):")
        return Markdown(f"**{author}**, in {where}:")

    def opening(self, subjects: Sequence[str]) -> Markdown:
        """Return "This week was mostly about A, B and C."."""
        return Markdown(f"This week was mostly about {self.language.listing(subjects)}.")

    def asked(self, question: OpenQuestion, author: str) -> str:
        """Return "Ana asked nine days ago"."""
        when = {0: "today", 1: "yesterday"}.get(
            question.age_days, f"{self.language.count(question.age_days, 'day')} ago"
        )
        return f"{author} asked {when}"

    def call(self, name: str | None, known_for: str | None) -> str:
        """Return "Ben, your answer in [Title](address) was close to this: would you have a look?"."""
        if name is None:
            return "Who has met this before?"
        return f"{name}, your answer in {known_for} was close to this: would you have a look?"

    def numbers(self, counts: Participation) -> str:
        """Return "In numbers: 84 posts by 31 people in 22 topics, five questions answered."."""
        posts = self.language.count_digits(counts.posts, "post")
        people = self.language.count_digits(counts.people, "person")
        topics = self.language.count_digits(counts.topics, "topic")
        line = f"In numbers: {posts} by {people} in {topics}"
        if counts.answered:
            line += f", {self.language.count(counts.answered, 'question')} answered"
        return f"{line}."
