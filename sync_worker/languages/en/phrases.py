"""The sentences of roundups and stories in English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.languages.en.grammar import GRAMMAR
from sync_worker.languages.phrases import Phrases
from sync_worker.wording import Markdown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.languages.phrases import Counts


class EnglishPhrases(Phrases):
    """English, as a colleague would write it."""

    language = GRAMMAR

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

    def received(self, likes: int, replies: int) -> str:
        """Return "four people liked it and two replied"."""
        if not replies:
            return f"{self.language.count(likes, 'person')} liked it"
        if not likes:
            return f"{self.language.count(replies, 'person')} replied"
        return f"{self.language.count(likes, 'person')} liked it and {self.language.number(replies)} replied"

    def credit(self, author: str, where: str | None, address: str) -> Markdown:
        """Return "**Ana**, in [Title](address):"."""
        if where is None:
            return Markdown(f"**{author}**, [in full here]({address}):")
        return Markdown(f"**{author}**, in {where}:")

    def pointer(self, author: str, address: str) -> Markdown:
        """Return "What **Ana** wrote about it is [here in full](address)."."""
        return Markdown(f"What **{author}** wrote about it is [here in full]({address}).")

    def asked_and_answered(self, author: str, people: int, question: str, answer: str) -> Markdown:
        """Return "**Ana** [asked](address), and [the answer is here](address)." or "..., and two people replied."."""
        found = f"[the answer is here]({answer})" if answer else f"{self.language.count(people, 'person')} replied"
        return Markdown(f"**{author}** [asked]({question}), and {found}.")

    def about(self, title: str, *, asks: bool, solved: bool) -> Markdown:
        """Return "Solved: Fonts are blurred", "An answer to “How do you start?”" or "On “Fonts”"."""
        if solved:
            return Markdown(f"Solved: {title}")
        return Markdown(f"{'An answer to' if asks else 'On'} {self.language.quoted(title)}")

    def about_prompt(self, author: str, title: str) -> Markdown:
        """Return "Ana, on “One thing to stop”"."""
        return Markdown(f"{author}, on {self.language.quoted(title)}")

    def opening(self, subjects: Sequence[str], voices: int) -> Markdown:
        """Return "The busiest conversation this week was A, with seven people in it; B and C came next."."""
        first, *others = subjects
        if not voices:
            return Markdown(f"Worth opening this week: {self.language.listing(subjects)}.")
        if voices < 2:
            return Markdown(f"This week was mostly about {first}.")
        people = self.language.count(voices, "person")
        if not others:
            return Markdown(f"The conversation of the week was {first}, with {people} in it.")
        return Markdown(
            f"The busiest conversation this week was {first}, with {people} in it; "
            f"{self.language.listing(others)} came next."
        )

    def asked(self, days: int, author: str) -> str:
        """Return "Ana asked nine days ago"."""
        when = {0: "today", 1: "yesterday"}.get(days, f"{self.language.count(days, 'day')} ago")
        return f"{author} asked {when}"

    def call(self, name: str | None, known_for: str | None, turn: int = 0) -> str:
        """Return "Ben, your answer in [Title](address) was close to this: would you have a look?"."""
        if name is None:
            return ("Who has met this before?", "Who knows a way?", "Who can say more?")[turn % 3]
        return f"{name}, your answer in {known_for} was close to this: would you have a look?"

    def first_time(self, names: Sequence[str]) -> Markdown:
        """Return "Ana and Ben wrote here for the first time."."""
        return Markdown(f"{self.language.listing(names)} wrote here for the first time.")

    def numbers(self, counts: Counts) -> str:
        """Return "In numbers: 84 posts by 31 people in 22 topics, five questions answered."."""
        posts = self.language.count_digits(counts.posts, "post")
        people = self.language.count_digits(counts.people, "person")
        topics = self.language.count_digits(counts.topics, "topic")
        line = f"In numbers: {posts} by {people} in {topics}"
        if counts.answered:
            line += f", {self.language.count(counts.answered, 'question')} answered"
        return f"{line}."


PHRASES = EnglishPhrases()
