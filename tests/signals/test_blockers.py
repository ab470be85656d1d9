"""How a blocker stands follows from its topic, from what people said of it, and from what the LCMs heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.model import BlockerWord
from sync_worker.signals.blockers import Blocker, BlockerRule, Found, Heard, Said, blockers, known_tags
from sync_worker.signals.waiting import WorkingTime
from tests.talk import NOON, Talk

ANA = sum(map(ord, "ana"))
CLOCK = WorkingTime(ZoneInfo("UTC"), lambda day: day.weekday() < 5)
RULE = BlockerRule(5, timedelta(days=2), known_tags(()), frozenset({ANA}), frozenset({"system"}), CLOCK)
A_DAY = timedelta(days=1)
HEARD = Heard((NOON - A_DAY,))


def said(word: str, days_ago: float = 0.5, **more: str) -> Said:
    return Said(BlockerWord(word), "lea", NOON - timedelta(days=days_ago), **more)


def ask(talk: Talk, days_ago: float = 3, **change: Any) -> int:
    topic = talk.open("No access to the rota", "ana", "I cannot open the rota.", days_ago=days_ago)
    talk.topics[topic] = replace(talk.topics[topic], **change)
    return topic


def stands(talk: Talk, *words: Said, heard: Heard | None = None, now: datetime = NOON) -> Blocker | None:
    [topic] = talk.topics
    found = blockers(talk.all, {topic: words}, {topic: heard} if heard else {}, RULE, now)
    return found[0] if found else None


def told(one: Blocker | None) -> tuple[str, str, str] | None:
    return (one.found.value, one.state.value, one.end.value if one.end else "") if one else None


@pytest.mark.parametrize(
    ("days_ago", "change", "expected"),
    [
        (1.5, {}, None),
        (2, {}, ("unanswered", "open", "")),
        (61, {}, None),
        (0.1, {"tags": ("Blocker",)}, ("tag", "open", "")),
        (90, {"tags": ("bloqué",)}, ("tag", "open", "")),
        (3, {"tags": ("holiday",), "pinned": True}, None),
        (3, {"tags": ("blocker",), "closed": True}, None),
        (3, {"category_id": 9, "tags": ("blocker",)}, None),
        (3, {"external_id": "lcm-spring-27-ask", "posts": ()}, None),
    ],
)
def test_a_topic_is_a_blocker_by_its_tag_or_because_nobody_answers(
    talk: Talk, days_ago: float, change: dict[str, Any], expected: tuple[str, str, str] | None
) -> None:
    ask(talk, days_ago, **change)
    assert told(stands(talk)) == expected


def test_an_answer_solves_what_nobody_had_answered_and_nothing_that_has_a_tag(talk: Talk) -> None:
    topic = ask(talk)
    assert told(stands(talk, heard=HEARD)) == ("unanswered", "open", "")
    talk.say(topic, "ben", "Ask the porter.")
    assert told(stands(talk, heard=HEARD)) == ("unanswered", "solved", "answered")
    assert stands(talk) is None
    talk.topics[topic] = replace(talk.topics[topic], tags=("stuck",))
    assert told(stands(talk, heard=HEARD)) == ("tag", "open", "")


@pytest.mark.parametrize(
    ("change", "end"), [({"closed": True}, "closed"), ({"archived": True}, "closed"), ({"tags": ("x",)}, "untagged")]
)
def test_a_tagged_one_ends_with_its_tag_or_its_topic(talk: Talk, change: dict[str, Any], end: str) -> None:
    topic = ask(talk, 0.5, tags=("blocker",))
    talk.topics[topic] = replace(talk.topics[topic], **change)
    assert told(stands(talk, heard=HEARD))[2] == end  # type: ignore[index]


def test_an_accepted_answer_ends_it_until_somebody_opens_it_again(talk: Talk) -> None:
    topic = ask(talk, tags=("blocker",))
    talk.say(topic, "ben", "Ask the porter.", accepted=True, days_ago=1)
    assert told(stands(talk, heard=HEARD))[1:] == ("solved", "accepted")  # type: ignore[index]
    again = stands(talk, said("reopen"), heard=HEARD)
    assert told(again) == ("lcm", "open", "")
    assert again is not None
    assert again.since == NOON - timedelta(days=0.5)


def test_what_somebody_said_counts_whatever_the_tag_says(talk: Talk) -> None:
    ask(talk, tags=("blocker",))
    solved = stands(talk, said("solve", 1, note="the key was ordered"))
    assert told(solved) == ("tag", "solved", "lcm")
    assert solved is not None
    assert (solved.by, solved.note) == ("lea", "the key was ordered")
    assert told(stands(talk, said("solve", 1), said("reopen"))) == ("lcm", "open", "")


def test_anybody_can_call_a_topic_a_blocker_and_give_it_to_somebody(talk: Talk) -> None:
    topic = ask(talk, 0.5)
    talk.say(topic, "ben", "The same here.")
    assert stands(talk) is None
    found = stands(talk, said("open", 0.4, note="waits for a key"), said("assign", owner="ben"))
    assert found is not None
    assert (found.found, found.owner, found.note, found.base) == (Found.LCM, "ben", "waits for a key", found.since)
    back = stands(talk, said("open", 0.4), said("assign", owner="ben"), said("assign"))
    assert back is not None
    assert back.owner == ""


def test_escalation_counts_from_when_the_lcms_heard_and_anew_after_it_was_opened_again(talk: Talk) -> None:
    ask(talk, tags=("blocker",))
    heard = Heard((NOON - 2 * A_DAY,), (NOON - A_DAY,))
    found = stands(talk, heard=heard)
    assert found is not None
    assert (found.state.value, found.base, found.escalations) == ("escalated", NOON - 2 * A_DAY, 1)
    again = stands(talk, said("solve", 0.6), said("reopen"), heard=heard)
    assert again is not None
    assert (again.state.value, again.base, again.escalations) == ("open", again.since, 0)


@given(
    st.lists(st.tuples(st.sampled_from([*BlockerWord]), st.floats(0, 4)), max_size=6),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
def test_a_blocker_is_open_or_says_why_not(
    words: list[tuple[BlockerWord, float]], is_closed: bool, is_tagged: bool, was_heard: bool
) -> None:
    talk = Talk()
    ask(talk, closed=is_closed, tags=("blocker",) if is_tagged else ())
    spoken = sorted((said(word.value, ago) for word, ago in words), key=lambda one: one.at)
    found = stands(talk, *spoken, heard=HEARD if was_heard else None)
    if found is not None:
        assert found.is_open == (found.end is None)
        assert not (is_closed and found.is_open)
        last = next((one.word for one in reversed(spoken) if one.word is not BlockerWord.ASSIGN), None)
        assert not (last is BlockerWord.SOLVE and found.is_open)
