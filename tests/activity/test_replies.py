"""What LCMs decide by number in a reply, and what learners choose in one word: a closed grammar, nothing is guessed."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sync_worker.activity.replies import Choice, read_choice, read_decisions
from sync_worker.languages.parts import CHOICES

NBSP = "\u00a0"


def said(raw: str) -> str | None:
    """The decisions of a clear reply of Lea's, None where it decides nothing for certain."""
    reading = read_decisions(raw, ("Lea Haddad", "lea"))
    return reading.in_words("en") if reading.is_clear else None


@pytest.mark.parametrize(
    ("raw", "decisions"),
    [
        ("yes 1 3, no 2: too early", "yes 1 3, no 2"),
        ("Yes 1, 3 and 4", "yes 1 3 4"),
        ("yes 1. no 2. later 5; done 6", "yes 1, no 2, later 5, done 6"),
        ("oui 1 3, non 2 : c’est trop tôt", "yes 1 3, no 2"),
        (f"Oui{NBSP}1{NBSP}3, non{NBSP}2{NBSP}: trop tôt", "yes 1 3, no 2"),
        ("OUI TOUT", "yes all"),
        ("yes all, no 2: she is on leave", "no 2, yes all"),
        ("no 2: because she is away, and I know why", "no 2"),
        ("plus tard 4\nfait 5", "later 4, done 5"),
        ("done 7", "done 7"),
        ("approve 1 & 2", "yes 1 2"),
        ("Hello,\n\nyes 1\n\nThanks a lot\nLea", "yes 1"),
        ("yes 1\n\n-- \nLea Haddad\nyes 2", "yes 1"),
        ("yes 1\nSent from my phone, no 2", "yes 1"),
        ("oui 1\n\nEnvoyé de mon iPhone", "yes 1"),
        ("yes 1\n\nOn Tue, 9 March 2027, Cohort wrote:\nno 1", "yes 1"),
        ("oui 1\n\nLe mardi 9 mars, Cohorte a écrit :\n> non 1", "yes 1"),
        ("> no 1\nyes 1", "yes 1"),
        ('[quote="lcm, post:1, topic:9"]\n> yes 2\nyes 1 3, no 2: why\n[/quote]\n\nyes 1', "yes 1"),
        ("[quote]a [quote]yes 1[/quote] yes 2[/quote] yes 3", "yes 3"),
        ("yes 1\n<details class='elided'>\n<summary>…</summary>\nno 1\n</details>", "yes 1"),
        ("yes 1 1", "yes 1"),
        ("yes 1, thank you", "yes 1"),
        ("oui tout, merci.", "yes all"),
        ("done 4 please", "done 4"),
        ("yes 1! no 2!", "yes 1, no 2"),
        ("“yes all, thank you”", "yes all"),
        ("**oui 1**", "yes 1"),
        ("Thank you!", ""),
        ("", ""),
    ],
)
def test_a_well_formed_reply_decides(raw: str, decisions: str) -> None:
    assert said(raw) == decisions


@pytest.mark.parametrize(
    "raw",
    [
        "yes",
        "1",
        "yes please",
        "please yes 1",
        "yes 1 thank you very much indeed",
        "yes to 1",
        "I would say yes 1",
        "yes 1 but not before Monday",
        "not yes 1",
        "yes 1-3",
        "yes 1, no 1: or not",
        "yes all, no all",
        "no 2: too long, yes 3",
        "no 2: the same as no 4",
        "yes 1: with pleasure",
        "no 2:",
        "later tomorrow",
        "yes 1\nWhat do you think, Ben?",
        "yes -1",
        "yes 1234567",
        "yes <b>1</b>",
        "<!-- yes 1 -->",
        "`yes 1`",
        "yes 1 😀",
        "oui 1 sauf si elle est là",
        "y\u200bes 1",
        "yes " + "1 " * 2_000,
    ],
)
def test_anything_else_decides_nothing(raw: str) -> None:
    assert said(raw) is None


def test_a_reason_is_kept_as_it_was_written() -> None:
    [decision] = read_decisions("non 2 : Trop tôt, elle revient lundi.").decisions
    assert (decision.number, decision.reason) == (2, "Trop tôt, elle revient lundi.")


def test_what_could_be_read_of_an_unclear_reply_can_be_said() -> None:
    reading = read_decisions("yes 1 3, and ask Ben about 2")
    assert (reading.is_clear, reading.in_words("en")) == (False, "yes 1 3")


ORDERS = st.tuples(
    st.sampled_from(["yes", "no", "later", "done", "", "maybe"]),
    st.lists(st.integers(1, 12), max_size=3).map(lambda numbers: " ".join(map(str, numbers))),
    st.sampled_from(["", ".", ",", ", and", " but"]),
).map(lambda order: f"{order[0]} {order[1]}{order[2]}".strip())


@given(st.lists(ORDERS, min_size=1, max_size=3).map("\n".join))
@example("yes 1 2\nno 3")
def test_a_number_is_decided_only_if_a_verb_stands_before_it(raw: str) -> None:
    reading = read_decisions(raw)
    decided = [one.number for one in reading.decisions]
    assert len(decided) == len(set(decided))
    for one in reading.decisions:
        assert re.search(rf"\b{one.verb.value}\b(?: \d+)* {one.number}\b", raw)
    if reading.is_clear:
        assert set(decided) == {int(number) for number in re.findall(r"\d+", raw)}


@given(st.text())
def test_no_text_makes_it_fail(raw: str) -> None:
    read_decisions(raw, ("Lea",))
    read_choice(raw, ("Lea",))


@pytest.mark.parametrize(
    ("raw", "choice", "language"),
    [
        ("no nudges", Choice.NO_NUDGES, "en"),
        ("No nudges, please.", Choice.NO_NUDGES, "en"),
        ("stop, merci", Choice.STOP, ""),
        ("please", None, ""),
        ("Don’t quote me!", Choice.NO_QUOTES, "en"),
        ("STOP", Choice.STOP, ""),
        ("Start again", Choice.START_AGAIN, "en"),
        ("You may quote me.", Choice.QUOTES, "en"),
        ("Vous pouvez me citer, merci", Choice.QUOTES, "fr"),
        ("Pas de relances.", Choice.NO_NUDGES, "fr"),
        ("ne me citez pas", Choice.NO_QUOTES, "fr"),
        ("Bonjour,\n\nPlus de relances\n\nMerci", Choice.NO_NUDGES, "fr"),
        ("Later.", Choice.NOT_NOW, "en"),
        ("stop\n\n-- \nAna", Choice.STOP, ""),
        ("> no nudges\nstop", Choice.STOP, ""),
        ("Please stop writing to me about the ward", None, ""),
        ("Stop? Start again?", None, ""),
        ("no nudges\nstop", None, ""),
        ("I would like no nudges", None, ""),
        ("", None, ""),
    ],
)
def test_a_choice_is_one_of_a_few_phrases_and_nothing_else(raw: str, choice: Choice | None, language: str) -> None:
    assert read_choice(raw, ("Ana", "ana")) == (None if choice is None else (choice, language))


def test_every_phrase_of_every_language_is_read_as_what_it_is() -> None:
    for words in CHOICES.all().values():
        for choice in Choice:
            for phrase in getattr(words, choice.value):
                found = read_choice(f"{phrase.capitalize()}.")
                assert found is not None, phrase
                assert found[0] is choice, phrase


@pytest.mark.parametrize(
    ("raw", "choice"),
    [
        ("“Start again”", Choice.START_AGAIN),
        (f"«{NBSP}Stop, merci{NBSP}»", Choice.STOP),
        ("**stop, please**", Choice.STOP),
        ('"No nudges, please."', Choice.NO_NUDGES),
        ("~~stop~~", None),
        ("“stop” and “start”", None),
    ],
)
def test_a_choice_counts_as_our_texts_show_it_with_quotation_marks(raw: str, choice: Choice | None) -> None:
    found = read_choice(raw)
    assert (found[0] if found else None) is choice
