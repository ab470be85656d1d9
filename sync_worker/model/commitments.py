"""What people said they would do, as the store keeps it, and what became of it. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime


class Answer(StrEnum):
    """What became of a plan, in its author's own answer."""

    DONE = "done"
    NOT_YET = "not yet"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a person is going to do: the post in which they wrote it, its sentences as they are quoted.

    `day` is the one after which they are asked about it, `named` whether they named it themselves. `talk` is the
    message in which they were asked, `answer` what they answered there, None where they have not.
    """

    step: str
    slot: datetime
    topic_id: int
    post_id: int
    number: int
    user_id: int
    username: str
    name: str
    words: tuple[str, ...]
    day: date
    named: bool
    is_cut: bool = False
    asked_at: datetime | None = None
    talk: int | None = None
    later_at: datetime | None = None
    answer: Answer | None = None
    later_answer: Answer | None = None
    withdrawn_at: datetime | None = None
