"""A topic comes to the LCMs at most once, and at most once more loudly, whatever happens in what order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sync_worker.model import Approval, Role
from sync_worker.plays import REGISTRY, ChosenPerson, PastDraft
from sync_worker.plays.first_reply import Options
from sync_worker.plays.topics_told import UNANSWERED, UNANSWERED_STILL
from tests.plays.conftest import Desk
from tests.talk import NOON

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.model import Draft

HERE = 5
PEOPLE = ("ana", "ben", "cleo")
OPENED = NOON - timedelta(days=3)


@dataclass
class Watching(Desk):
    """A cohort whose LCMs hear of topics without a reply; `now` is its clock."""

    now: datetime = OPENED
    own_category_id: int = HERE
    got: list[Draft] = field(default_factory=list)

    def left_in_peace(self, cohort: str) -> frozenset[int]:
        """Return that everybody may be asked."""
        del cohort
        return frozenset()

    def look(self, *, arrives: bool = True) -> None:
        """Let the step happen; a message that does not arrive was given up, and is none of the history's."""
        people = tuple(ChosenPerson(sum(map(ord, name)), name, name.title(), Role.LEARNER) for name in PEOPLE)
        context = self.context("first_reply", self.now, Approval.NONE)
        drafted = REGISTRY["first_reply"].draft(replace(context, people=people, members=people))
        if arrives:
            self.got += drafted.drafts
            self.past += [PastDraft("alone", self.now, draft, 7) for draft in drafted.drafts]

    def happen(self, event: str, number: int) -> None:
        """Let something happen to one of the topics."""
        topic = self.talk.topics[100 + number]
        ago = (NOON - self.now) / timedelta(days=1)
        if event == "later":
            self.now += timedelta(hours=13 * (number + 1))
        elif event == "look":
            self.look()
        elif event == "lost":
            self.look(arrives=False)
        elif event == "reply":
            self.talk.say(topic.id, "ben" if topic.posts[0].username != "ben" else "ana", "Like this.", days_ago=ago)
        elif event == "more":
            self.talk.say(topic.id, topic.posts[0].username, "And one thing more.", days_ago=ago)
        elif event == "take back":
            self.talk.topics[topic.id] = replace(topic, posts=topic.posts[:1])
        else:
            self.talk.topics[topic.id] = replace(topic, **{event: not getattr(topic, event)})


EVENTS = ("later", "look", "lost", "reply", "more", "take back", "closed", "pinned", "archived")


def watching() -> Watching:
    desk = Watching()
    for number, author in enumerate(PEOPLE):
        desk.talk.open(f"Who keeps the keys of house {number}?", author, "Who keeps them, and where?", days_ago=3)
    return desk


@given(st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 2)), max_size=40))
def test_a_topic_comes_once_and_once_more_at_most_whatever_happens_in_what_order(
    events: list[tuple[str, int]],
) -> None:
    desk = watching()
    for event, number in events:
        desk.happen(event, number)
        refs = [ref for draft in desk.got for ref in draft.refs]
        for topic in desk.talk.topics:
            assert refs.count(f"{UNANSWERED}{topic}") <= 1
            assert refs.count(f"{UNANSWERED_STILL}{topic}") <= refs.count(f"{UNANSWERED}{topic}")


def test_the_longest_waiting_come_first_and_ten_at_a_time() -> None:
    desk = watching()
    for number in range(3, 14):
        desk.talk.open(f"Who keeps the keys of house {number}?", "ana", "Who keeps them?", days_ago=2.9)
    desk.now = NOON
    desk.look()
    desk.look()
    told = [[ref for ref in draft.refs if ref.startswith(UNANSWERED)] for draft in desk.got]
    assert [len(refs) for refs in told] == [10, 4]
    assert told[0][0] == f"{UNANSWERED}100"


def test_people_are_named_for_one_topic_of_a_message() -> None:
    desk = watching()
    desk.talk.open("Where the keys of each house are", "system", "Tell us.", days_ago=9)
    desk.talk.say(103, "cleo", "In our house the porter keeps all keys, where the nurse finds them.", days_ago=9)
    desk.now = NOON
    desk.look()
    assert desk.got[0].raw.count("[Cleo](https://forum.example/u/cleo), who wrote in [Where the keys") == 1


@pytest.mark.parametrize("options", [{"after": "3d"}, {"loud_after": "1d"}, {"suggest": 4}])
def test_options_that_make_no_sense_are_refused(options: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate(options)
