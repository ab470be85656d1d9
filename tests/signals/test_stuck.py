"""Who says to be stuck is offered as a blocker until somebody helps."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync_worker.signals.contributions import stuck_topics
from tests.talk import NOON, Talk

OLDEST = timedelta(days=60)


def stuck(talk: Talk) -> list[str]:
    return [one.post.username for one in stuck_topics(talk.all, NOON, OLDEST, frozenset({"marta"}))]


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Stuck: the form needs two signatures", "The second person is on leave until May."),
        ("The form with two signatures", "I'm stuck with the second signature, nobody may sign for her."),
        ("Bloquée par le formulaire", "La deuxième personne est en congé jusqu’en mai."),
        ("Le formulaire à deux signatures", "Je suis coincé : personne ne peut signer à sa place."),
    ],
)
@pytest.mark.parametrize("shared", [None, "Same here.", "Moi aussi, depuis lundi."])
def test_an_author_who_is_stuck_is_found_until_somebody_helps(
    talk: Talk, title: str, text: str, shared: str | None
) -> None:
    topic = talk.open(title, "ana", text, days_ago=5)
    if shared:
        talk.say(topic, "bob", shared, days_ago=4)
    assert stuck(talk) == ["ana"]
    talk.say(topic, "cai", "You can let her sign on her phone, ours did that last year.", days_ago=1)
    assert stuck(talk) == []


def test_an_author_who_says_that_it_is_over_is_stuck_no_longer(talk: Talk) -> None:
    topic = talk.open("Stuck: the form needs two signatures", "ana", "The second person is on leave.", days_ago=5)
    talk.say(topic, "ana", "It is solved, she signed by phone.", days_ago=1)
    assert stuck(talk) == []


@pytest.mark.parametrize("title", ["How we got unstuck", "A blocked drain in the office", "The stuck door is repaired"])
def test_the_mere_word_is_nothing(talk: Talk, title: str) -> None:
    talk.open(title, "ana", "We told each other what helped, and wrote it down.", days_ago=5)
    assert stuck(talk) == []


def test_what_hosts_write_is_left_out(talk: Talk) -> None:
    talk.open("Stuck: what to do", "marta", "Tell us where you are stuck this week.", days_ago=5)
    assert stuck(talk) == []
