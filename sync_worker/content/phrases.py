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
        named = set(evidence.took_up)
        if len(evidence.took_up) == 1:
            facts.append(self.tried_by(name_in(contribution.topic, evidence.took_up[0])))
        elif evidence.took_up:
            facts.append(self.tried(len(evidence.took_up)))
        asker = contribution.topic.opening
        if evidence.thanked and not evidence.accepted and asker and asker.username not in named:
            facts.append(self.thanked(display_name(asker)))
            named.add(asker.username)
        repliers = [name_in(contribution.topic, name) for name in evidence.repliers if name not in named]
        if len(facts) < 2 and (evidence.likes or repliers):
            facts.append(self.received(evidence.likes, repliers))
        if not facts:
            facts.append(self.unanswered())
        names = [display_name(post) for post in contribution.topic.posts]
        return Markdown(" ".join(f"{fact if fact.startswith(tuple(names)) else capital(fact)}." for fact in facts[:2]))

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
    def thanked(self, asker: str) -> str:
        """Return that whoever opened the topic said thanks."""

    @abstractmethod
    def received(self, likes: int, repliers: Sequence[str]) -> str:
        """Return how many liked it and who replied; there may be no likes, or nobody who replied."""

    @abstractmethod
    def unanswered(self) -> str:
        """Return that nobody has answered yet."""

    @abstractmethod
    def credit(self, author: str, where: str | None, address: str) -> Markdown:
        """Return who found it out and where to read it; `where` is None if the heading names the topic."""

    @abstractmethod
    def about(self, title: str, *, asks: bool, solved: bool) -> Markdown:
        """Return a heading that names a topic: as what was solved, as a question with an answer, or as a subject."""

    @abstractmethod
    def opening(self, subjects: Sequence[str], voices: int) -> Markdown:
        """Return the sentence that says what the week was about; `voices` people wrote in the first subject."""

    @abstractmethod
    def asked(self, question: OpenQuestion, author: str) -> str:
        """Return who asked and when, in brackets' tone."""

    @abstractmethod
    def call(self, name: str | None, known_for: str | None, turn: int = 0) -> str:
        """Return the call to the person most likely to know, or to everybody; `turn` counts the calls before it."""

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
