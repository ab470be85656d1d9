"""What waits for a first reply, for how much working time, and whose own posts fit it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.signals.contributions import Experts
from sync_worker.signals.waiting import WorkingTime, waiting_topics
from tests.talk import NOON, Talk

if TYPE_CHECKING:
    from sync_worker.signals.waiting import Waiting

OURS = frozenset({"system", "bot"})
LISBON = ZoneInfo("Europe/Lisbon")
HOLIDAY = date(2027, 3, 3)


def works(day: date) -> bool:
    return day.weekday() < 5 and day != HOLIDAY


CLOCK = WorkingTime(LISBON, works)
ANA, BEN = sum(map(ord, "ana")), sum(map(ord, "ben"))


def waiting(talk: Talk) -> list[Waiting]:
    return waiting_topics(talk.all, 5, {ANA, BEN}, OURS, NOON, CLOCK)


@pytest.mark.parametrize(
    ("since", "until", "hours"),
    [
        ("2027-03-04 10:00", "2027-03-05 10:00", 24),
        ("2027-03-05 16:00", "2027-03-08 08:00", 16),  # over a weekend
        ("2027-03-06 10:00", "2027-03-07 10:00", 0),
        ("2027-03-02 12:00", "2027-03-04 12:00", 24),  # over a holiday
        ("2027-03-26 12:00", "2027-03-29 12:00", 24),  # clocks go forward on Sunday, which is no working day
        ("2027-03-05 10:00", "2027-03-05 10:00", 0),
        ("2027-03-05 10:00", "2027-03-04 10:00", 0),
    ],
)
def test_only_time_on_working_days_counts(since: str, until: str, hours: int) -> None:
    first, last = (datetime.fromisoformat(text).replace(tzinfo=LISBON) for text in (since, until))
    assert CLOCK.between(first, last) == timedelta(hours=hours)


@given(st.lists(st.integers(0, 24 * 60 * 40), min_size=3, max_size=3).map(sorted))
def test_working_time_adds_up_and_is_never_longer_than_the_time_itself(minutes: list[int]) -> None:
    start = datetime(2027, 3, 1, tzinfo=UTC)
    first, middle, last = (start + timedelta(minutes=one) for one in minutes)
    whole = CLOCK.between(first, last)
    assert whole == CLOCK.between(first, middle) + CLOCK.between(middle, last)
    assert timedelta(0) <= whole <= last - first


def test_a_learners_topic_waits_until_a_person_other_than_the_author_writes(talk: Talk) -> None:
    topic = talk.open("Who hands over at night?", "ana", "Who hands over at night?", days_ago=1)
    assert [(one.topic.id, one.waited, one.is_first) for one in waiting(talk)] == [(topic, timedelta(days=1), True)]
    talk.say(topic, "ana", "I mean the night before a holiday.", days_ago=0.5)
    talk.say(topic, "helper", "I am a program.", user_id=-1212, days_ago=0.5)
    talk.say(topic, "bot", "The worker says something.", days_ago=0.5)
    assert [one.topic.id for one in waiting(talk)] == [topic]
    talk.say(topic, "marta", "The one who was there.", days_ago=0.1)
    assert waiting(talk) == []


def test_what_needs_no_reply_does_not_wait(talk: Talk) -> None:
    for number, change in enumerate(({"closed": True}, {"archived": True}, {"pinned": True}, {"category_id": 9}), 100):
        talk.open(f"What else is there, number {number}?", "ana", "What else is there?")
        talk.topics[number] = replace(talk.topics[number], **change)
    talk.open("Spring 2027, week 5: Hand-over", "system", "Think of the last time.")
    talk.open("An announcement by an LCM", "marta", "We meet on Tuesday.")
    talk.open("What was this in winter?", "ana", "What was this in winter?", days_ago=29)
    gone = talk.open("Its first post was hidden", "ana", "Something rude.")
    talk.topics[gone] = replace(talk.topics[gone], posts=())
    assert waiting(talk) == []


def test_an_authors_second_topic_is_no_first_post(talk: Talk) -> None:
    talk.open("Hello from the north", "ana", "I lead two teams.", days_ago=6)
    talk.open("Who hands over at night?", "ana", "Who hands over at night?", days_ago=2)
    assert [one.is_first for one in waiting(talk)] == [True, False]


def test_those_are_named_whose_own_posts_are_about_the_same(talk: Talk) -> None:
    asked = talk.open("Hand-over at night: which list?", "ana", "Which list do you use for the hand-over at night?")
    talk.open("Holidays of fifteen people", "ben", "We plan the holidays with a calendar on the wall.")
    prompt = talk.open("What worked this week", "system", "Tell us.")
    fits = talk.say(prompt, "cleo", "Our hand-over at night has a list of five questions, read aloud by the nurse.")
    talk.say(prompt, "dora", "Budget talks went well since everybody saw the figures before.")
    talk.say(prompt, "ana", "My own list for the hand-over at night is too long.")
    talk.say(prompt, "eva", "The hand-over at night has its own list on the ward.", quotable=False)
    everybody = {post.user_id for topic in talk.all for post in topic.posts}
    experts = Experts(talk.all, OURS, welcomed=False)
    found = experts.whose_posts_fit(talk.topics[asked], everybody, 2)
    assert [(one.post.id, one.topic.id) for one in found] == [(fits.id, prompt)]
    assert experts.whose_posts_fit(talk.topics[asked], everybody - {fits.user_id}, 2) == []


def test_somebody_with_the_same_question_is_not_named(talk: Talk) -> None:
    asked = talk.open("Hand-over at night: which list?", "ana", "Which list do you use for the hand-over at night?")
    talk.open("Which list for the hand-over at night?", "ben", "Which list do you use for the hand-over at night?")
    for number in range(5):
        talk.open(f"Something else {number}", "cleo", f"Meetings and budgets and calendars, part {number}.")
    assert Experts(talk.all, OURS, welcomed=False).whose_posts_fit(talk.topics[asked], {BEN}, 2) == []
