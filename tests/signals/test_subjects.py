"""Which texts are about the same, on texts small enough to see why."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync_worker.signals.subjects import Shelf, Text, named_in, says_the_same, stems

DOOR = Text(1, "One page at the door", "The night shift reads the open orders aloud at the door before anybody leaves.")
SILENCE = Text(2, "Silence in interviews", "I ask one question in the interview and count to seven before I go on.")
WORDS = st.text(alphabet="abcdefgh éß😀", max_size=40)


def test_what_is_about_the_same_is_nearer_than_what_is_not_whatever_form_its_words_have() -> None:
    shelf = Shelf([DOOR, SILENCE])
    found = shelf.nearest(Text(3, "", "At the doors of our ward orders are read, which nobody had opened for a night."))
    assert [text.number for _, text in found] == [1, 2]
    assert found[0][0] > 2 * found[1][0]


def test_nothing_is_near_to_what_shares_no_word_with_it() -> None:
    assert Shelf([DOOR, SILENCE]).about_the_same(Text(3, "Budget", "Money for travel is short this year.")) is None
    assert Shelf([]).about_the_same(DOOR) is None


def test_nearly_the_same_words_say_the_same_and_a_shared_subject_alone_does_not() -> None:
    others = {1: [DOOR.body], 2: [SILENCE.body]}
    moved = "Before anybody leaves, the night shift reads all open orders aloud at the door."
    assert says_the_same([moved], others) == 1
    assert (
        says_the_same(["We put the open orders on a board, because nobody stays at six in the morning."], others)
        is None
    )


def test_a_text_goes_to_the_subject_of_whose_words_it_uses_half_and_the_most() -> None:
    assert named_in(DOOR, ("Interviews", "Shifts and orders", "Shift")) == "Shifts and orders"
    assert named_in(DOOR, ("Interviews", "Budget")) is None


def test_words_that_say_nothing_and_endings_do_not_count() -> None:
    assert set(stems("Delegating, delegated, delegation: and the with")) == {"delega"}


@given(st.lists(st.tuples(WORDS, WORDS), max_size=6), WORDS)
def test_likeness_lies_between_0_and_1_and_every_text_is_nearest_to_itself(
    texts: list[tuple[str, str]], other: str
) -> None:
    shelf = Shelf([Text(number, title, body) for number, (title, body) in enumerate(texts)])
    assert all(0 <= likeness <= 1 + 1e-9 for likeness, _ in shelf.nearest(Text(99, "", other)))
    for text in shelf.texts:
        best = shelf.nearest(text)[0][0]
        assert best >= 1 - 1e-9 or not stems(f"{text.title} {text.body}")
