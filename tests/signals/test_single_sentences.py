"""A sentence as a title or a note can show it."""

from __future__ import annotations

from sync_worker.signals.single_sentences import LONGEST_SENTENCE, trimmed


def test_a_long_sentence_is_cut_at_the_end_of_a_clause() -> None:
    long = (
        "We moved the briefing to the hall, "
        + "which took some getting used to for the people on the late shift, " * 4
        + "and it worked."
    )
    cut = trimmed(long)
    assert len(cut) <= LONGEST_SENTENCE
    assert cut.endswith("shift…")


def test_a_sentence_that_cannot_be_cut_is_left_alone() -> None:
    assert trimmed("word" * 200) == ""


def test_lead_ins_go_and_a_capital_comes() -> None:
    assert trimmed("Well, so you can ask first.") == "You can ask first."
    assert trimmed("So far it holds.") == "So far it holds."


def test_an_unpaired_bracket_is_dropped() -> None:
    assert (
        trimmed("We cut the list (the long one, and kept the rest.")
        == "We cut the list the long one, and kept the rest."
    )
