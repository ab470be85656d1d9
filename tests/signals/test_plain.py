"""A post as the plain sentences of its author."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.signals.plain import plain_text, sentences


def texts(cooked: str) -> list[str]:
    """Return the sentences' texts."""
    return [sentence.text for sentence in sentences(cooked)]


def test_sentences_end_where_people_end_them() -> None:
    cooked = "<p>It took 1.5 hours, e.g. on Monday. “Why?” she asked. Then we stopped… Nobody minded.</p>"
    assert texts(cooked) == [
        "It took 1.5 hours, e.g. on Monday.",
        "“Why?” she asked.",
        "Then we stopped…",
        "Nobody minded.",
    ]


def test_a_wrapped_line_runs_on_and_a_new_line_is_a_new_thought() -> None:
    assert texts("<p>We moved the round<br>to the afternoon<br>Nobody minded</p>") == [
        "We moved the round to the afternoon",
        "Nobody minded",
    ]


def test_what_is_not_the_authors_own_text_is_left_out() -> None:
    cooked = (
        '<aside class="quote"><blockquote><p>Said by somebody else.</p></blockquote></aside><p>My own words.</p>'
        '<pre><code>code();</code></pre><p><img src="x" alt="a picture"></p><div class="poll"><p>Vote.</p></div>'
        "<blockquote><p>An old saying.</p></blockquote><table><tr><td>cell</td></tr></table>"
    )
    assert plain_text(cooked) == "My own words."


def test_a_signature_ends_the_post() -> None:
    assert texts("<p>The list works.<br>--<br>Ana, team lead</p><p>Sent from a phone.</p>") == ["The list works."]


def test_mentions_and_hashtags_become_words_and_addresses_go() -> None:
    cooked = (
        '<p><a class="mention" href="/u/bob">@bob</a> told <a class="hashtag" href="/c/x">#general</a> about '
        '<a href="https://example.org/a">https://example.org/a</a> and ana@example.org.</p>'
    )
    sentence = sentences(cooked)[0]
    assert "@" not in sentence.text
    assert "example.org" not in sentence.text
    assert sentence.text.startswith("bob told general about")
    assert sentence.linked
    assert sentence.calls
    assert not sentences("<p>Nobody is called here.</p>")[0].calls


def test_the_share_of_code_in_a_sentence_is_known() -> None:
    assert sentences("<p>Call <code>Renderer::GetShadowMap()</code> now.</p>")[0].code > 0.5
    assert sentences("<p>No code here at all.</p>")[0].code == 0


def test_list_items_are_sentences_of_their_own() -> None:
    found = sentences("<ul><li>One thing</li><li>Another thing<ul><li>inside</li></ul></li></ul>")
    assert [(sentence.text, sentence.listed) for sentence in found] == [
        ("One thing", True),
        ("Another thing", True),
        ("inside", True),
    ]


def test_unbreakable_spaces_stay() -> None:
    assert texts("<p>Une question\u00a0: laquelle\u202f?</p>") == ["Une question\u00a0: laquelle\u202f?"]


@given(st.text(max_size=300))
def test_any_text_gives_lines_without_control_marks(text: str) -> None:
    for sentence in sentences(f"<p>{text}</p>"):
        assert "\n" not in sentence.text
        assert sentence.text == sentence.text.strip(" ")
        assert not {"\ue000", "\ue001"} & set(sentence.text) or {"\ue000", "\ue001"} & set(text)


@pytest.mark.parametrize(
    "cooked",
    [
        '<p>Mine.</p><p>[quote="tom, post:3, topic:9"]Theirs.[/quote]</p><p>Mine too.</p>',
        "<p>Mine.<br>[quote=tom]Theirs.</p><p>Theirs as well.</p><p>And theirs.[/quote]<br>Mine too.</p>",
        "<p>Mine.</p><p>[quote]Theirs. [quote]Older.[/quote] Theirs.[/quote] Mine too.</p>",
        '<p>Mine.</p><div class="chat-transcript"><p>Theirs.</p></div><p>Mine too.</p>',
        '<p>Mine.</p><p>[chat quote="tom;3;2027-03-01T10:00:00Z"]</p><p>Theirs.</p><p>[/chat]</p><p>Mine too.</p>',
        "<p>Mine.<br>&gt; Theirs.<br>&gt;&gt; Older.<br>Mine too.</p>",
        "<p>Mine.</p><p>I wrote:</p><p>Mine too.</p>",
        "<p>Theirs, begun nobody knows where.[/quote]</p><p>Mine.</p><p>Mine too.</p>",
        '<p>Mine.</p><div class="gmail_quote"><p>Theirs.</p></div><p>Mine too.</p>',
    ],
)
def test_words_that_stand_between_marks_of_a_quote_are_not_the_authors(cooked: str) -> None:
    assert [text for text in texts(cooked) if text != "I wrote:"] == ["Mine.", "Mine too."]


@pytest.mark.parametrize(
    "below",
    [
        "<p>On Mon, 1 March 2027 at 9:30, Vera Lindt wrote:<br>Theirs.</p><p>And theirs.</p>",
        "<p>On Mon, 1 March 2027 at 9:30, Vera Lindt (a long address)<br>wrote:</p><p>Theirs.</p>",
        "<p>On 2027-03-01, Vera wrote: Theirs.</p>",
        "<p>Vera wrote:</p><p>Theirs.</p>",
        "<p>Le lun. 1 mars 2027 à 9:30, Vera Lindt a écrit\u00a0:</p><p>Theirs.</p>",
        "<p>Vera a écrit :<br>Theirs.</p>",
        "<p>-----Original Message-----<br>From: Vera<br>Theirs.</p>",
        "<p>-----Message d’origine-----<br>Theirs.</p>",
        "<p>From: Vera Lindt<br>Sent: Monday<br>To: Ana</p><p>Theirs.</p>",
        "<p>De : Vera Lindt<br>Envoyé : lundi<br>À : Ana</p><p>Theirs.</p>",
        "<p>Begin forwarded message:</p><p>Theirs.</p>",
        "<p>Am 01.03.2027 um 09:30 schrieb Vera Lindt:<br>Theirs.</p>",
        "<p>Op ma 1 mrt 2027 om 09:30 schreef Vera Lindt (vera):</p><p>Theirs.</p>",
        "<p>Den mån 1 mars 2027 kl 09:30 skrev Vera:</p><p>Theirs.</p>",
        "<p>El lun, 1 mar 2027 a las 9:30, Vera Lindt escribió:</p><p>Theirs.</p>",
        "<p>Em seg., 1 de mar. de 2027 às 09:30, Vera escreveu:</p><p>Theirs.</p>",
        "<p>Il giorno lun 1 mar 2027 alle ore 09:30 Vera ha scritto:</p><p>Theirs.</p>",
        "<p>De: Vera Lindt<br>Enviado el: lunes<br>Para: Ana</p><p>Theirs.</p>",
        "<p>Van: Vera Lindt<br>Verzonden: maandag<br>Aan: Ana</p><p>Theirs.</p>",
        "<p>-----Mensaje original-----<br>Theirs.</p>",
        "<p>________________________________<br>From: Vera<br>Theirs.</p>",
        "<p>[01/03/2027, 09:30:12] Vera: Theirs.</p><p>[01/03/2027, 09:31:00] Ana: Perhaps mine.</p>",
        "<p>01/03/2027, 09:31 - Vera: Theirs.</p>",
        "<p>3/1/27, 9:31 AM - Vera Lindt: Theirs.</p>",
        "<p>Vera Lindt  9:30 AM<br>Theirs.</p>",
        "<p>[09:30] Vera Lindt<br>Theirs.</p>",
        "<p>[9:30 AM] Vera: Theirs.</p>",
        "<p>&lt;vera&gt; Theirs.<br>&lt;tom&gt; And theirs.</p>",
        "<p>[quote=vera]Theirs, and the end is missing.</p><p>Perhaps mine, perhaps not.</p>",
    ],
)
def test_nothing_below_an_older_mail_is_taken_for_the_authors_words(below: str) -> None:
    assert texts(f"<p>Mine.</p>{below}") == ["Mine."]


@pytest.mark.parametrize(
    "text",
    [
        "We meet at 9:30 AM",
        "From 9:30 to 10:15 we only listen.",
        "On 1 March 2027 we wrote down: no meeting without an agenda.",
        "Am 1. März um 9:30 beginnt es: pünktlich.",
        "De: three letters, and nobody knew why.",
        "[1] is the first box.",
        "2027-03-01: the first day without a fault.",
    ],
)
def test_words_that_only_look_like_an_older_mail_or_a_chat_are_the_authors(text: str) -> None:
    assert " ".join(texts(f"<p>{text}</p><p>Mine.</p>")) == f"{text} Mine."


@pytest.mark.parametrize(
    "end",
    [
        "Sent from my iPhone", "Envoyé de mon iPhone", "Get Outlook for iOS", "Gesendet von meinem Handy",
        "Best regards,<br>Vera Lindt<br>Head of Sales, +351 912 345 678", "Cordialement,<br>Vera<br>06 12 34 56 78",
        "Kind regards", "Bien à vous,", "Viele Grüße<br>Vera",
    ],
)  # fmt: skip
def test_what_a_mail_ends_with_is_no_part_of_what_it_says(end: str) -> None:
    assert texts(f"<p>The list works.</p><p>{end}</p>") == ["The list works."]
    assert texts(f"<p>The list works.<br>{end}</p>") == ["The list works."]


def test_regards_in_the_middle_of_a_sentence_end_nothing() -> None:
    cooked = "<p>Kind regards<br>are what I write under each mail, and nobody reads them any more in our team.</p>"
    assert "nobody reads them" in plain_text(cooked)


@pytest.mark.parametrize(
    "hidden",
    [
        "<q>we stop right now</q>",
        '<span class="spoiler">we stop right now</span>',
        '<span class="spoiled">we stop right now</span>',
        "<cite>The book</cite>",
    ],
)
def test_a_sentence_that_would_read_otherwise_without_a_part_of_it_is_left_out(hidden: str) -> None:
    assert texts(f"<p>We met on Monday. Vera said that {hidden} and left. Nobody minded.</p>") == [
        "We met on Monday.",
        "Nobody minded.",
    ]


@pytest.mark.parametrize(
    ("cooked", "text"),
    [
        ("<p>We sped it up by 10<sup>3</sup> steps.</p>", "We sped it up by 10³ steps."),
        ("<p>It fell to 10<sup>-6</sup>, on the 1<sup>st</sup>.</p>", "It fell to 10⁻⁶, on the 1st."),
        ('<p>It works<sup class="footnote-ref"><a href="#fn1">[1]</a></sup>.</p>', "It works."),
    ],
)
def test_a_raised_number_stays_what_it_is_and_the_mark_of_a_footnote_goes(cooked: str, text: str) -> None:
    assert plain_text(cooked) == text
