"""What roundups and stories need said about people and posts; each language says it in a module of its own."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown, escape, visible
from sync_worker.languages.language import capital, shortened
from sync_worker.signals.plain import squeeze

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.languages.language import Language
    from sync_worker.model import Post
    from sync_worker.signals.contributions import Contribution, Participation

NAME_LONGEST = 60


class Phrases(ABC):
    """Sentences about who did what, in one language."""

    language: Language

    def why(self, contribution: Contribution) -> Markdown:
        """Return why a contribution is shown: one or two facts, "" where there is none."""
        evidence = contribution.evidence
        facts = []
        if evidence.accepted and evidence.own_question:
            facts.append(self.solved_own(display_name(contribution.post), evidence.open_days))
        elif evidence.accepted:
            facts.append(self.solved(evidence.open_days))
        if len(facts) < 2 and (evidence.likes or evidence.repliers):
            facts.append(self.received(evidence.likes, len(evidence.repliers)))
        author = display_name(contribution.post)
        return Markdown(" ".join(f"{fact if fact.startswith(author) else capital(fact)}." for fact in facts))

    @abstractmethod
    def solved(self, days: int) -> str:
        """Return that the post settled a question open for so many days."""

    @abstractmethod
    def solved_own(self, author: str, days: int) -> str:
        """Return that the author asked and came back with the answer."""

    @abstractmethod
    def received(self, likes: int, replies: int) -> str:
        """Return how many people liked it and how many replied; at least one of the two is not 0."""

    @abstractmethod
    def credit(self, author: str, where: str | None, address: str) -> Markdown:
        """Return who found it out and where to read it; `where` is None if the heading names the topic."""

    @abstractmethod
    def pointer(self, author: str, address: str) -> Markdown:
        """Return who wrote about the heading's topic and where to read it, where nothing is quoted."""

    @abstractmethod
    def about(self, title: str, *, asks: bool, solved: bool) -> Markdown:
        """Return a heading that names a topic: as what was solved, as a question with an answer, or as a subject."""

    @abstractmethod
    def about_prompt(self, author: str, title: str) -> Markdown:
        """Return a heading for an answer to a prompt: who wrote it, and to which."""

    @abstractmethod
    def opening(self, subjects: Sequence[str], voices: int) -> Markdown:
        """Return the sentence that says what the week was about.

        `voices` people wrote in the first subject, the busiest of all; 0 where another one was busier.
        """

    @abstractmethod
    def asked(self, days: int, author: str) -> str:
        """Return who asked and how many days ago, as it stands in brackets."""

    @abstractmethod
    def call(self, name: str | None, known_for: str | None, turn: int = 0) -> str:
        """Return the call to the person most likely to know, or to everybody; `turn` counts the calls before it."""

    @abstractmethod
    def numbers(self, counts: Participation) -> str:
        """Return the period in one line."""


def display_name(post: Post) -> Markdown:
    """Return how a post's author is called in a text."""
    return escape(plain_name(post))


def plain_name(post: Post) -> str:
    """Return how a post's author is called, as plain text."""
    return person_name(post.name, post.username)


def person_name(name: str, username: str) -> str:
    """Return a name as it can stand in a title: at most 60 characters; the username where no letter is left of it."""
    shown = squeeze(visible(name))
    return shortened(shown, NAME_LONGEST) if re.search(r"[^\W_]", shown) else username
