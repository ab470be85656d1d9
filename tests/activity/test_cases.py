"""What a reply says to the two questions, what it allows, and what a line of notes is about: closed grammars."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.activity.case_replies import answer_in, consents_in, notes_in
from sync_worker.activity.cases import allows
from sync_worker.languages.parts import CASES
from sync_worker.model import Allowed, NoteKind

TALK, NAMED, MANAGER = Allowed.TALK, Allowed.NAMED, Allowed.MANAGER


@pytest.mark.parametrize(
    ("raw", "used", "words"),
    [
        ("3. We ask first now, and it takes less time.", 2, "We ask first now, and it takes less time."),
        ("4", 3, ""),
        ("2 - once with the night shift", 1, "once with the night shift"),
        ("Several times: the list is read aloud now.", 2, "the list is read aloud now."),
        ("NOT AT ALL. Nobody gave me the time.", 0, "Nobody gave me the time."),
        ("Presque chaque semaine, avec mon équipe.", 3, "avec mon équipe."),
        ("2 weeks ago I tried it with a colleague.", None, "2 weeks ago I tried it with a colleague."),
        ("3.5 hours saved in the first week alone.", None, "3.5 hours saved in the first week alone."),
        ("2-week sprints are shorter now.", None, "2-week sprints are shorter now."),
        ("9. That is not one of the answers.", None, "9. That is not one of the answers."),
        ("Thank you very much", None, ""),
        ("No nudges, please", None, ""),
        ("[quote=\"lcm, post:1\"]\nWhat came of it?\n[/quote]\nOften, at the hand-over.", 3, "at the hand-over."),
        ("", None, ""),
    ],
)  # fmt: skip
def test_a_reply_says_how_much_and_what_came_of_it(raw: str, used: int | None, words: str) -> None:
    found = answer_in(raw)
    assert (found.used, found.words) == (used, words)


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_each_answer_and_each_line_that_we_show_is_read_as_what_it_says(locale: str) -> None:
    words = CASES.of(locale)
    assert [answer_in(option).used for option in words.options] == [0, 1, 2, 3]
    for name, options in words.consents.items():
        assert [dict(consents_in(line).said) for line in options] == [{Allowed(name): True}, {Allowed(name): False}]
        assert min(map(len, options)) >= 10  # Discourse takes no shorter message
    for kind, listed in words.notes.items():
        for word in listed:
            assert [note.kind for note in notes_in(f"{word} : something")] == [NoteKind(kind)]
    for lever, listed in words.factors.items():
        assert {note.factor for word in listed for note in notes_in(f"helped: {word}, at last")} == {lever}


def test_no_phrase_says_two_things() -> None:
    seen: dict[str, int] = {}
    for words in CASES.all().values():
        for place, (option, more) in enumerate(zip(words.options, words.levels, strict=True)):
            for phrase in (option, *more):
                assert seen.setdefault(phrase.casefold(), place) == place


@pytest.mark.parametrize(
    ("raw", "said", "is_clear"),
    [
        ("Yes, let us talk\nWith my name", {TALK: True, NAMED: True}, True),
        ("Yes, let us talk. You may ask my manager. Thank you", {TALK: True, MANAGER: True}, True),
        ("Yes", {TALK: True}, True),
        ("Oui, parlons-en ; sans mon nom", {TALK: True, NAMED: False}, True),
        ("No, I would rather not.", {TALK: False}, True),
        ("Yes, let us talk\nWithout my name\nWith my name", {TALK: True, NAMED: False}, True),
        ("Yes, let us talk, but not before Easter", {}, False),
        ("You may ask my manager\nif she is back by then", {}, False),
        ("Please do not ask my manager\nWhat would you ask?", {MANAGER: False}, False),
        ("Thank you for asking", {}, True),
    ],
)
def test_only_plain_words_allow_anything_and_a_refusal_always_counts(
    raw: str, said: dict[Allowed, bool], is_clear: bool
) -> None:
    found = consents_in(raw)
    assert (dict(found.said), found.is_clear) == (said, is_clear)


def test_what_an_lcm_entered_holds_but_for_a_no_that_the_person_wrote() -> None:
    assert allows({}, {"named": True, "by": "lea"}) == {NAMED: True}
    assert allows({"named": True}, {"named": False}) == {NAMED: False}
    assert allows({"named": False}, {"named": True}) == {NAMED: False}


@given(st.text(max_size=300))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    assert answer_in(text).used in (None, 0, 1, 2, 3)
    assert len(answer_in(text).words) <= 600
    assert set(consents_in(text).said) <= set(Allowed)
    assert all(note.text or note.factor for note in notes_in(text))
