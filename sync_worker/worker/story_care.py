"""What follows a question about a story: the LCM reads the answer, the author hears, a withdrawal counts. Pure.

Everything is worked out from how things stand, never from what changed: doing it again after any interruption finds
the same entries with the same keys.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from sync_worker.activity.consents import Shown

GIVEN_UP = 3  # failed attempts after which an LCM hears that a story is still up


class Care(StrEnum):
    """What is to be done."""

    READ_ANSWER = "answer"
    TAKE_DOWN = "down"
    SAY_DOWN = "down-note"
    SAY_TOLD = "told"
    SAY_NOT_TOLD = "not-told"


@dataclass(frozen=True, slots=True)
class Told:
    """A story that was posted: its entry's key, its topic and title, when."""

    key: str
    topic_id: int
    title: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    """How far its removal is: the entry's state, why, after how many attempts, with how many replies."""

    state: str
    reason: str = ""
    attempts: int = 0
    replies: int = 0

    @property
    def settled(self) -> bool:
        """Whether there is something to tell the LCM."""
        return self.state != "intended" or self.attempts >= GIVEN_UP

    @property
    def failed(self) -> bool:
        """Whether the story is still there."""
        return self.state != "done"


@dataclass(frozen=True, slots=True)
class StoryCase:
    """One post whose author was asked: the present answer, and what was done with it."""

    post_id: int
    user_id: int
    answer: str
    answer_post: int | None = None
    words: str = ""
    decided_by: str = ""
    shown: Shown | None = None
    talk: int | None = None
    told: Told | None = None
    removal: Removal | None = None
    underway: bool = False
    over: bool = False
    thanked_late: bool = False
    asked_long_ago: bool = False

    @property
    def unclear(self) -> bool:
        """Whether the LCM must read it: no plain answer, or a story that is up without the yes that it had."""
        return self.answer == "unclear" or (self.told is not None and self.answer == "asked")

    @property
    def answer_mark(self) -> str:
        """What tells these words from others."""
        return f"{self.answer_post or 0}-{hashlib.sha256(self.words.encode()).hexdigest()[:8]}"


def due(case: StoryCase) -> Iterator[tuple[Care, str]]:
    """Yield what is to be done about a story, each with what tells it from the same done at another time."""
    if case.removal is not None:
        if case.removal.settled:
            yield Care.SAY_DOWN, "failed" if case.removal.failed else ""
        return
    if case.told is not None and case.answer == "no":
        yield Care.TAKE_DOWN, ""
    elif case.unclear:
        yield Care.READ_ANSWER, case.answer_mark
    elif case.answer == "yes" and case.talk is not None:
        if case.told is not None and not case.thanked_late:
            yield Care.SAY_TOLD, ""
        elif case.told is None and case.over and not case.underway and not case.asked_long_ago:
            yield Care.SAY_NOT_TOLD, ""


def care_key(forum: str, cohort: str, post_id: int, care: Care, mark: str = "") -> str:
    """Return the key of an entry, at most 50 letters, digits and hyphens."""
    digest = hashlib.sha256(json.dumps([forum, "story-care", cohort, post_id, care.value, mark]).encode()).hexdigest()
    return f"lcm-{cohort[:10].strip('-')}-{care.value}-{digest[:16]}"


def new_keys(case: StoryCase, forum: str, cohort: str, known: Collection[str]) -> list[tuple[str, Care]]:
    """Return the keys of what is to be done and was not entered before."""
    wanted = [(care_key(forum, cohort, case.post_id, care, mark), care) for care, mark in due(case)]
    return [(key, care) for key, care in wanted if key not in known]
