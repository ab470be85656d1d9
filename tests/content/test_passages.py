"""The passage of a post that stands on its own, word for word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sync_worker.signals.plain import sentences
from sync_worker.signals.quoting import MOST_OF_AN_OPENING, Passage, Reader
from tests.talk import Talk

if TYPE_CHECKING:
    from sync_worker.model import Topic


def shown(*paragraphs: str, locale: str = "en", title: str = "Night hand-over") -> str:
    """Return the passage of a post with these paragraphs, "" where there is none."""
    talk = Talk()
    talk.open(title, "ana", "\n\n".join(paragraphs))
    found = Reader(talk.all, locale).passage(talk.all[0].posts[0].cooked, title)
    return found.text if found else ""


def test_the_sentence_with_the_point_is_shown_and_the_greeting_is_not() -> None:
    text = shown(
        "Hello everybody. We read one page aloud at the door at every hand-over of the night shift. See you tomorrow."
    )
    assert text.startswith("We read one page aloud at the door")
    assert "Hello" not in text


def test_a_sentence_that_points_back_takes_the_one_before_it_along() -> None:
    text = shown("Our night nurse wrote one page with five boxes. It names the open orders, the beds and whom to ring.")
    assert text.startswith("Our night nurse wrote one page with five boxes. It names")


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "It works much better than what had been there before on the ward."),
        ("en", "She told everybody at the door that the orders had changed again."),
        ("en", "In this post I describe how our ward hands over between two shifts."),
        ("en", "As I said, the orders of the night belong on one page at the door."),
        ("en", "We use that technique at every hand-over of the ward before the lights go out."),
        ("en", "With this in place our ward can hand over in ten minutes instead of twenty."),
        ("en", "Since he’s done the hand-over for years, I asked for a page about the orders."),
        ("en", "If I leave that, then the hand-over takes no more than about ten minutes."),
        ("en", "Example for one such page is public and hangs at the door of every ward."),
        ("en", "I gained some insight into this by reading the pages of all other wards."),
        ("en", "As such, I would propose a page for each ward that hands over twice."),
        ("en", "From there every nurse reads the page aloud before the night shift begins."),
        ("fr", "Avec cette page sous les yeux, la relève ne dure plus que dix minutes."),
        ("fr", "Nous suivons ces consignes à chaque relève, avant que la lumière s’éteigne."),
        ("en", "This means that one page is enough for every ward, as it names the open orders."),
        ("en", "The best part is that they now ring us before something goes wrong.".replace("The best part", "Best")),
        ("fr", "Elle a dit à tout le monde que les consignes avaient encore changé."),
        ("fr", "Cela marche bien mieux que ce qui existait auparavant dans le service."),
        ("fr", "Comme je l’ai dit, les consignes tiennent sur une page, à la porte."),
        ("fr", "Dans ce cas, mieux vaut lire la page à voix haute devant la porte."),
    ],
)
def test_a_sentence_that_only_makes_sense_with_what_came_before_is_never_shown_alone(locale: str, text: str) -> None:
    assert shown(text, locale=locale) == ""


@pytest.mark.parametrize(
    "text",
    [
        "How do you hand over between two shifts that never meet at all?",
        "We always write the page; use std::vector<int> x = {1, 2} for it and go on.",
        "WE READ ONE PAGE ALOUD AT THE DOOR AT EVERY HAND-OVER OF THE NIGHT.",
        "We read one page aloud at the door (and at every hand-over of the night.",
        "We read one page aloud at the door at every hand-over of the night and then",
        "and we read one page aloud at the door at every hand-over of the night.",
    ],
)
def test_questions_code_shouting_and_fragments_are_not_shown(text: str) -> None:
    assert shown(text) == ""


def test_nothing_of_what_others_wrote_is_shown() -> None:
    cooked = (
        '<aside class="quote"><blockquote><p>We always read one page aloud at the door.</p></blockquote></aside>'
        "<p>Thanks!</p>"
    )
    assert Reader([], "en").passage(cooked, "Night") is None


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "Our ward has one page for the night. We read this page aloud at the door of every ward."),
        ("en", "This week our ward read the page aloud at the door at every hand-over."),
        ("fr", "Notre service a une page pour la nuit. Nous lisons cette page à voix haute devant la porte."),
        ("fr", "Cette semaine, notre service a lu la page à voix haute devant chaque porte."),
    ],
)
def test_what_is_shown_in_a_passage_was_named_in_it(locale: str, text: str) -> None:
    assert shown(text, locale=locale) == text


@pytest.mark.parametrize(
    "text",
    [
        "The repository at https://example.org/pages has several pages for wards that hand over twice.",
        "(But our ward does not read the page aloud, so I do not know how loud others read.)",
        "Let p be the page that hangs at the door of the ward before the night shift begins.",
    ],
)
def test_a_sentence_that_would_be_shown_with_a_hole_or_as_an_aside_is_not_shown(text: str) -> None:
    reader, opening = Reader([], "en"), "<p>How does your ward hand over?</p>"
    assert reader.passage(f"<p>{text}</p>", "The page", [opening], opens=False) is None


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "I was curious whether there is a page that a single nurse can read in a minute."),
        ("en", "You seem to have a very specific view of how the wards should hand over."),
        ("en", "I should probably write a page about the orders of the night as well."),
        ("en", "Could you send the page of your ward to everybody who asks for the orders."),
        ("en", "The main points of our hand-over page are below for a quick overview."),
        ("fr", "Je serais curieuse de lire la page de la relève que les autres services utilisent."),
        ("fr", "Les points de notre page sont ci-dessous pour un premier aperçu de la relève."),
    ],
)
def test_what_asks_the_readers_or_announces_something_is_not_shown_even_of_an_opening(locale: str, text: str) -> None:
    assert shown(text, locale=locale) == ""


@pytest.mark.parametrize(
    ("locale", "cooked", "withdrawn"),
    [
        ("en", "<h1>WITHDRAWN</h1><p>One page is enough for a ward.</p>", True),
        ("en", "<p><strong>EDIT:</strong> ignore this, the page is wrong.</p><p>One page is enough.</p>", True),
        ("en", "<blockquote><p>Withdrawn</p></blockquote><p>We still read the page aloud.</p>", False),
        ("en", "<p>Ignored at first, the page is now read aloud.</p>", False),
        ("fr", "<h2>Retiré</h2><p>Une page suffit.</p>", True),
        ("fr", "<p>Retirée de la porte, la page ne sert plus.</p>", False),
    ],
)
def test_a_post_is_withdrawn_by_how_its_author_begins_it(locale: str, cooked: str, withdrawn: bool) -> None:
    assert Reader([], locale).is_withdrawn(cooked) is withdrawn


@pytest.mark.parametrize(
    ("locale", "text", "taken_back"),
    [
        ("en", "I stand corrected: the page belongs inside.", True),
        ("en", "Scratch that, we went back to the board.", True),
        ("en", "I was wrong about the boxes.", True),
        ("en", "We still read the page aloud.", False),
        ("fr", "Je me suis trompée, la page reste à l’intérieur.", True),
        ("fr", "Nous lisons toujours la page à voix haute.", False),
    ],
)
def test_an_author_who_withdraws_what_they_wrote_is_heard(locale: str, text: str, taken_back: bool) -> None:
    assert Reader([], locale).takes_back(f"<p>{text}</p>") is taken_back


def test_on_a_real_forum_every_passage_is_neighbouring_sentences_of_one_post(real_topics: list[Topic]) -> None:
    reader = Reader(real_topics, "en")
    seen = 0
    for topic in real_topics:
        for post in topic.posts:
            found = reader.passage(post.cooked, topic.title)
            if found is None:
                continue
            seen += 1
            own = [sentence.text for sentence in sentences(post.cooked)]
            assert _stands_in(found, own)
            assert len(found.text.split()) <= MOST_OF_AN_OPENING
            assert found.key in found.sentences
            assert not found.text[0].islower()
    assert seen > 1500


def _stands_in(found: Passage, own: list[str]) -> bool:
    length = len(found.sentences)
    return any(tuple(own[at : at + length]) == found.sentences for at in range(len(own)))


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "I have no idea how other wards hand over, but ours takes twenty minutes."),
        ("en", "The original page from the other ward was far too long for our night shift."),
        ("en", "I was wondering if anyone could send me the page that your ward reads aloud."),
        ("en", "If you skip the hand-over page, do not cry to me about the missing orders."),
        ("en", "The process is just to read the page aloud before the night shift begins."),
        ("en", "Another ward did a similar thing as you with a page about the open orders."),
        ("en", "These two pages take most of the time of every hand-over on our ward."),
        ("fr", "Je ne sais pas comment font les autres services, le nôtre prend vingt minutes."),
        ("fr", "Une dernière chose : la page se lit à voix haute devant la porte, chaque soir."),
        ("fr", "Franchement, relire la page à chaque relève est une perte de temps pour nous."),
    ],
)
def test_of_a_reply_no_sentence_is_shown_that_hedges_jokes_or_points_at_something_not_shown(
    locale: str, text: str
) -> None:
    reader, opening = Reader([], locale), "<p>How does your ward hand over? Comment se passe la relève ?</p>"
    assert reader.passage(f"<p>{text}</p>", "The page", [opening], opens=False) is None


def test_of_two_sentences_the_one_about_the_conversation_is_shown() -> None:
    cooked = (
        "<p>The canteen sells warm bread with seeds and butter since Monday morning of last week.</p>"
        "<p>Our ward reads one page aloud at the door when the night shift hands over.</p>"
    )
    found = Reader([], "en").passage(cooked, "Night hand-over", ["<p>How does your ward hand over?</p>"], opens=False)
    assert found is not None
    assert found.key.startswith("Our ward reads one page")


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("en", "Our ward reads one page aloud at every hand-over. But nobody hears it on the stairs, so we stopped."),
        ("fr", "Notre service lit une page à chaque relève. Mais personne ne l’entend, et nous avons donc arrêté."),
    ],
)
def test_a_passage_does_not_stop_before_what_limits_it(locale: str, text: str) -> None:
    assert shown(text, locale=locale) == text


def test_a_passage_is_not_shown_where_what_limits_it_cannot_be_shown() -> None:
    assert shown("Our ward reads one page aloud at every hand-over of the night.", "But it {does} not help us.") == ""


REPLY = "Our ward reads one page aloud at every hand-over before the lights go out."
OPENING = "<p>How does your ward hand over?</p>"


@pytest.mark.parametrize(
    ("cooked", "is_shown"),
    [
        (f"<p>Thanks! {REPLY}</p>", True),
        (f"<p>I went there by train and slept the whole way. {REPLY}</p>", True),
        (f"<aside class='quote'><blockquote><p>Any idea?</p></blockquote></aside><p>{REPLY}</p>", False),
        (f"<p>The canteen has bread.</p><ul><li>{REPLY}</li></ul>", False),
    ],
)
def test_of_a_reply_that_is_shown_which_can_be_read_without_what_it_answers(cooked: str, is_shown: bool) -> None:
    found = Reader([], "en").passage(cooked, "The page of a ward", [OPENING], opens=False)
    assert (found is not None) is is_shown


def test_what_opens_a_conversation_may_speak_of_itself() -> None:
    text = "This guide explains how a ward hands over before the lights go out in the evening."
    assert shown(text) == text
    assert Reader([], "en").passage(f"<p>{text}</p>", "The page", [OPENING], opens=False) is None


def test_an_edit_that_withdraws_a_post_is_heard() -> None:
    assert Reader([], "en").is_withdrawn("<p>One page is enough.</p><p>Edit: or not, we need two.</p>")
    assert not Reader([], "en").is_withdrawn("<p>One page is enough.</p><p>Edit: it now has five boxes.</p>")


PAGE_AT_THE_DOOR = "The page at the door is one sheet on which each shift leaves three lines for the next one."


def shown_of_an_opening(*paragraphs: str) -> str:
    """Return what is quoted of a post that opens a topic about a page at the door."""
    cooked = "".join(f"<p>{text}</p>" for text in paragraphs)
    passage = Reader([], "en").passage(cooked, "The page at the door", [])
    return passage.text if passage else ""


@pytest.mark.parametrize(
    "before",
    [
        "Hi all, I was asked by several colleagues from other wards to write down what we do at the end of a night.",
        "As we explained in the first part, wards lose most time in the morning when nobody knows who is where.",
        "In this first part I will summarise what other hospitals have written about the end of a long night.",
    ],
)
def test_an_opening_is_quoted_from_where_it_says_what_its_subject_is(before: str) -> None:
    assert shown_of_an_opening(before, PAGE_AT_THE_DOOR).startswith(PAGE_AT_THE_DOOR)


def test_of_an_opening_two_sentences_are_quoted_and_none_that_only_hopes() -> None:
    more = "Since March it has replaced the talk in the corridor, which took us ten minutes."
    hope = "I hope that others will try this out on their wards as well."
    assert shown_of_an_opening(PAGE_AT_THE_DOOR, more, hope) == f"{PAGE_AT_THE_DOOR} {more}"
    assert shown_of_an_opening(PAGE_AT_THE_DOOR, hope) == PAGE_AT_THE_DOOR


def test_a_greeting_is_no_part_of_what_is_quoted() -> None:
    assert shown_of_an_opening(f"Hello everybody, {PAGE_AT_THE_DOOR}") == PAGE_AT_THE_DOOR


@pytest.mark.parametrize(
    "text",
    [
        "Version 2.1 and below of the page at the door had no room for the names of people who come late.",
        "With the page at the door, it is possible to begin on time, and nobody has to run after the others.",
        "With the page at the door our nurses go home ten minutes earlier, and nobody says the same thing twice.",
        "The page at the door makes it easy for nurses to begin on time, and to know whom they can ask.",
    ],
)
def test_words_that_look_like_pointers_and_are_none_do_no_harm(text: str) -> None:
    assert shown_of_an_opening(text) == text


def test_the_last_line_of_a_paragraph_needs_no_full_stop_unless_a_list_follows() -> None:
    bare = PAGE_AT_THE_DOOR.removesuffix(" one.") + " shift"
    assert shown_of_an_opening(bare) == bare
    cooked = f"<p>{bare}</p><ul><li>who is missing</li></ul>"
    assert Reader([], "en").passage(cooked, "The page at the door", []) is None
