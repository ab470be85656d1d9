"""Which conversations are worth opening: votes of equal weight; an answer to a prompt is a conversation of its own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from sync_worker.signals.conversations import Conversation, conversations, ranked
from tests.talk import NOON, Talk

if TYPE_CHECKING:
    from collections.abc import Sequence

STAFF = frozenset({"system"})
SINCE = NOON - timedelta(days=7)


def found(talk: Talk) -> list[Conversation]:
    return conversations(talk.all, SINCE, NOON, STAFF)


def titles(order: Sequence[Conversation]) -> list[str]:
    return [one.topic.title for one in order]


def test_a_liked_new_topic_with_company_comes_before_an_old_one_that_goes_on(talk: Talk) -> None:
    old = talk.open("Where is the coffee machine?", "ana", "Where is it?", days_ago=30)
    talk.say(old, "bob", "On the second floor.")
    new = talk.open("How we hand over at night", "eva", "We read one page aloud at the door every night.", likes=4)
    talk.say(new, "rui", "We do that as well.")
    assert titles(ranked(found(talk))) == ["How we hand over at night", "Where is the coffee machine?"]


def test_a_small_thread_is_not_beaten_by_length_alone(talk: Talk) -> None:
    long = talk.open("Chat about everything", "zoe", "Hello all.")
    for number in range(40):
        talk.say(long, f"talker{number % 2}", "Yes, and no, and yes again.")
    talk.open("One page for the night shift", "bob", "One page with five boxes, read aloud at the door.", likes=3)
    assert titles(ranked(found(talk)))[0] == "One page for the night shift"


def test_each_answer_to_a_prompt_is_a_conversation_with_the_replies_to_it(talk: Talk) -> None:
    prompt = talk.open("Spring, week 2: One thing to stop", "system", "What will you stop?")
    first = talk.say(prompt, "ana", "We stopped the Monday report.")
    second = talk.say(prompt, "bob", "We stopped the second approval.")
    reply = talk.say(prompt, "eva", "Who asked for it?", reply_to=first.number)
    talk.say(prompt, "ana", "Nobody.", reply_to=reply.number)
    parts = {one.opening.username: [post.username for post in one.written] for one in found(talk)}
    assert parts == {"ana": ["ana", "eva", "ana"], "bob": ["bob"]}
    assert all(one.hosted for one in found(talk))
    assert second.number == 3


def test_what_staff_and_machines_write_is_no_conversation(talk: Talk) -> None:
    talk.open("A notice", "system", "The forum is down on Sunday.")
    talk.open("From a helper", "helper", "Here is a summary.", user_id=-1200)
    assert found(talk) == []


def test_only_the_posts_of_the_period_count(talk: Talk) -> None:
    topic = talk.open("Meetings", "ana", "What do you do?", days_ago=20)
    talk.say(topic, "bob", "We write first.", days_ago=10)
    assert found(talk) == []
    talk.say(topic, "eva", "We walk.", days_ago=1)
    (one,) = found(talk)
    assert [post.username for post in one.written] == ["eva"]
    assert not one.is_new


@given(st.permutations(range(6)))
def test_the_order_in_which_topics_come_makes_no_difference(order: list[int]) -> None:
    talk = Talk()
    for number in range(6):
        topic = talk.open(
            f"Topic {number}", f"author{number}", "A text of some words. " * (number + 1), likes=number % 3
        )
        talk.say(topic, "bob", "A reply.", likes=number % 2)
    topics = list(talk.all)
    expected = titles(ranked(conversations(topics, SINCE, NOON, STAFF)))
    shuffled = [topics[number] for number in order]
    assert titles(ranked(conversations(shuffled, SINCE, NOON, STAFF))) == expected
