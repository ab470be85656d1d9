"""Facts about posts, and what proves them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sync_worker.signals.contributions import contributions, evidence, open_questions, participation
from tests.talk import NOON, Talk

WEEK = timedelta(days=7)
STAFF = frozenset({"system"})


def test_evidence_counts_people_and_not_posts(talk: Talk) -> None:
    topic = talk.open("Meetings", "ana", "A thing I found out.")
    for _ in range(3):
        talk.say(topic, "bob", "I have more to say.", reply_to=1)
    talk.say(topic, "carl", "I tried it on Monday and it worked.", reply_to=1)
    found = evidence(talk.all[0], talk.all[0].posts[0], NOON)
    assert found.repliers == ("bob", "carl")
    assert found.noticed == 2


def test_bots_neither_count_nor_contribute_and_who_is_not_to_be_quoted_only_counts(talk: Talk) -> None:
    topic = talk.open("Meetings", "ana", "A thing I found out.")
    talk.say(topic, "helper", "I am a program.", reply_to=1, user_id=-1212, quotable=False)
    talk.say(topic, "bob", "I replied.", reply_to=1, quotable=False)
    assert evidence(talk.all[0], talk.all[0].posts[0], NOON).repliers == ("bob",)
    assert [item.post.username for item in contributions(talk.all, NOON - WEEK, NOON, STAFF)] == ["ana"]
    assert participation(talk.all, NOON - WEEK, NOON, STAFF).people == 2


def test_under_a_prompt_the_next_answer_is_no_reply_to_the_one_before(talk: Talk) -> None:
    topic = talk.open("This week", "system", "Try something.")
    first = talk.say(topic, "ana", "I wrote a list.")
    talk.say(topic, "bob", "I wrote none.")
    assert evidence(talk.all[0], first, NOON, STAFF).repliers == ()


def test_a_prompt_whose_first_post_the_plugin_does_not_report_is_a_prompt_all_the_same(talk: Talk) -> None:
    talk.open("This week", "system", "Try something.")
    first = talk.say(100, "ana", "I wrote a list.")
    talk.say(100, "bob", "I wrote none.")
    without = replace(talk.all[0], posts=talk.all[0].posts[1:])
    ours = replace(without, external_id="lcm-spring-27-weekly-20270301-0123456789ab")
    assert [topic.opened_by(STAFF) for topic in (talk.all[0], ours, without)] == [True, True, False]
    assert evidence(ours, first, NOON, STAFF).repliers == ()


def test_what_was_not_known_yet_does_not_count(talk: Talk) -> None:
    topic = talk.open("Meetings", "ana", "A thing I found out.")
    talk.say(topic, "bob", "I tried it.", reply_to=1, days_ago=-2)
    assert evidence(talk.all[0], talk.all[0].posts[0], NOON).repliers == ()


def test_an_accepted_answer_knows_how_long_the_question_stood(talk: Talk) -> None:
    topic = talk.open("How do you do it?", "ana", "How do you do it?", days_ago=11)
    answer = talk.say(topic, "bob", "Like this.", accepted=True, days_ago=2)
    found = evidence(talk.all[0], answer, NOON)
    assert (found.accepted, found.own_question, found.open_days) == (True, False, 9)


def test_a_post_that_only_asks_is_no_contribution(talk: Talk) -> None:
    topic = talk.open("How do you do it?", "ana", "How do you do it?")
    talk.say(topic, "ana", "It still does not work here.")
    talk.say(topic, "bob", "Like this.")
    talk.say(topic, "ana", "I found the reason, it was the list.")
    found = contributions(talk.all, NOON - WEEK, NOON, STAFF)
    assert [item.post.number for item in found] == [3, 4]


def test_a_question_with_one_answer_and_the_asker_back_is_still_open(talk: Talk) -> None:
    topic = talk.open("How do you plan the holidays?", "ana", "How do you plan the holidays of fifteen people?")
    talk.say(topic, "bob", "With a list.")
    assert open_questions(talk.all, NOON, WEEK, STAFF) == []
    talk.say(topic, "ana", "A list is what I have, and they quarrel about it.")
    found = open_questions(talk.all, NOON, WEEK, STAFF)
    assert [question.topic.id for question in found] == [topic]
    assert found[0].question == "How do you plan the holidays of fifteen people?"


def test_old_solved_closed_and_staff_questions_are_not_open(talk: Talk) -> None:
    talk.open("How do you do it?", "ana", "How do you do it?", days_ago=30)
    talk.open("[Solved] How do you do it?", "ana", "How do you do it?")
    talk.open("How would you do it?", "system", "How would you do it?")
    assert open_questions(talk.all, NOON, WEEK, STAFF) == []


def test_participation_is_plain_counts_without_staff(talk: Talk) -> None:
    topic = talk.open("Meetings", "ana", "How?")
    talk.say(topic, "bob", "So.", accepted=True)
    talk.say(topic, "bob", "And so.")
    talk.say(topic, "system", "Welcome.")
    counts = participation(talk.all, NOON - WEEK, NOON, STAFF)
    assert (counts.posts, counts.people, counts.topics, counts.answered) == (3, 2, 1, 1)
