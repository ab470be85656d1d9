"""What roundups and stories need said about people and posts; each language says it in a module of its own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sync_worker.content.language import capital
from sync_worker.content.markdown import Markdown, escape

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.activity.signals import Contribution, OpenQuestion, Participation
    from sync_worker.content.language import Language
    from sync_worker.model import Post, Topic


class Phrases(ABC):
    """Sentences about who did what, in one language."""

    language: Language

    def why(self, contribution: Contribution) -> Markdown:
        """Return why a contribution is shown: the one or two strongest facts."""
        evidence = contribution.evidence
        facts = []
        if evidence.accepted and evidence.own_question:
            facts.append(self.solved_own(display_name(contribution.post), evidence.open_days))
        elif evidence.accepted:
            facts.append(self.solved(evidence.open_days))
        if len(evidence.took_up) == 1:
            facts.append(self.tried_by(name_in(contribution.topic, evidence.took_up[0])))
        elif evidence.took_up:
            facts.append(self.tried(len(evidence.took_up)))
        if len(facts) < 2 and (evidence.likes or evidence.repliers):
            facts.append(self.received(evidence.likes, len(evidence.repliers)))
        if not facts:
            facts.append(self.unanswered())
        return Markdown(" ".join(f"{capital(fact)}." for fact in facts[:2]))

    @abstractmethod
    def solved(self, days: int) -> str:
        """Return that the post settled a question open for so many days."""

    @abstractmethod
    def solved_own(self, author: str, days: int) -> str:
        """Return that the author asked and came back with the answer."""

    @abstractmethod
    def tried(self, people: int) -> str:
        """Return that several people tried it."""

    @abstractmethod
    def tried_by(self, name: str) -> str:
        """Return that one person tried it."""

    @abstractmethod
    def received(self, likes: int, repliers: int) -> str:
        """Return how many liked it and how many took it further; one of the two may be 0."""

    @abstractmethod
    def unanswered(self) -> str:
        """Return that nobody has answered yet."""

    @abstractmethod
    def credit(self, author: str, where: str | None, address: str) -> Markdown:
        """Return who found it out and where to read it; `where` is None if the heading names the topic."""

    @abstractmethod
    def opening(self, subjects: Sequence[str]) -> Markdown:
        """Return the sentence that says what the week was about."""

    @abstractmethod
    def asked(self, question: OpenQuestion, author: str) -> str:
        """Return who asked and when, in brackets' tone."""

    @abstractmethod
    def call(self, name: str | None, known_for: str | None) -> str:
        """Return the call to the person most likely to know, or to everybody."""

    @abstractmethod
    def numbers(self, counts: Participation) -> str:
        """Return the period in one line."""


def display_name(post: Post) -> Markdown:
    """Return how a post's author is called in a text."""
    return escape(post.name or post.username)


def name_in(topic: Topic, username: str) -> Markdown:
    """Return how somebody who wrote in a topic is called in a text."""
    post = next((post for post in topic.posts if post.username == username), None)
    return display_name(post) if post else escape(username)
