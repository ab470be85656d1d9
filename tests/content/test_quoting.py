"""One sentence carries the point of a post."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync_worker.content.quoting import LONGEST, SHORTEST, best_sentence, quotables, trimmed


def said(cooked: str) -> str:
    """Return the sentence chosen, or ""."""
    best = best_sentence(cooked)
    return best.text if best else ""


def test_advice_is_quoted_and_greetings_are_not() -> None:
    cooked = (
        "<p>Hi all, thanks for the warm welcome. You can ask everybody to write for two minutes before anyone speaks. "
        "See you tomorrow.</p>"
    )
    assert said(cooked) == "You can ask everybody to write for two minutes before anyone speaks."


def test_code_quotes_of_others_images_and_previews_are_never_quoted() -> None:
    cooked = (
        '<aside class="quote"><blockquote><p>'
        "You should always set the margin of a shape to zero.</p></blockquote></aside>"
        "<pre><code>you should use this function to set the margin of shapes</code></pre>"
        '<aside class="onebox"><article>You could use the best library for that purpose today.</article></aside>'
        '<p><img src="x" alt="You can use this picture for everything you like"></p>'
    )
    assert said(cooked) == ""


def test_a_question_is_not_quoted() -> None:
    assert said("<p>Should we use a shorter meeting on Mondays instead of the long one?</p>") == ""


def test_a_long_sentence_is_cut_at_the_end_of_a_clause() -> None:
    long = (
        "We moved the briefing to the hall, "
        + "which took some getting used to for the people on the late shift, " * 4
        + "and it worked."
    )
    cut = trimmed(long)
    assert len(cut) <= LONGEST
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


def test_unbreakable_spaces_of_french_survive() -> None:
    cooked = "<p>Ce que je retiens\u00a0: deux dates et une conséquence suffisent, le reste est de trop.</p>"
    assert "\u00a0:" in said(cooked)


@given(
    st.text(max_size=600), st.sampled_from(["<p>{}</p>", "<ul><li>{}</li></ul>", "{}", "<p>a<br>{}</p><pre>{}</pre>"])
)
def test_quotes_keep_their_bounds_whatever_the_post(text: str, frame: str) -> None:
    for quotable in quotables(frame.format(text, text)):
        assert SHORTEST <= len(quotable.text) <= LONGEST
        assert "\n" not in quotable.text
