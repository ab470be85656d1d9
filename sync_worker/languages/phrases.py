"""What roundups and stories need said about people and posts; each language says it in its `phrases.py`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.languages.language import Language
    from sync_worker.wording import Markdown


class Counts(Protocol):
    """Plain counts of a period."""

    @property
    def posts(self) -> int:
        """How many posts were written."""
        ...

    @property
    def people(self) -> int:
        """By how many people."""
        ...

    @property
    def topics(self) -> int:
        """In how many topics."""
        ...

    @property
    def answered(self) -> int:
        """How many questions were answered."""
        ...


class Phrases(ABC):
    """Sentences about who did what, in one language."""

    language: Language

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
    def asked_and_answered(self, author: str, people: int, question: str, answer: str) -> Markdown:
        """Return who asked about the heading's topic, and where; how many replied, or where the answer is.

        `question` and `answer` are addresses; `answer` is "" where none was accepted.
        """

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
    def first_time(self, names: Sequence[str]) -> Markdown:
        """Return who wrote here for the first time."""

    @abstractmethod
    def numbers(self, counts: Counts) -> str:
        """Return the period in one line."""
