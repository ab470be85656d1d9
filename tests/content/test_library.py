"""What the practice library writes, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from sync_worker.activity.consents import shown_in
from sync_worker.content.library import ROOM, Entry, Texts, quoted_in
from sync_worker.content.markdown import Markdown
from sync_worker.model import Draft, DraftKind
from sync_worker.publish.entries import MAX_RAW, MIN_RAW, TITLE_LENGTHS, objections

ANA = Entry(
    1,
    "Ana",
    "Spring",
    date(2027, 3, 1),
    "One page",
    "https://forum.example/t/-/7",
    is_open=True,
    words=("We read it.",),
)
NASTY = replace(ANA, name="[b](x) @all", title="# <b> @here", words=("![x](y) @all <script>",))


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_the_question_shows_the_text_so_that_the_same_text_is_found_in_it(locale: str) -> None:
    texts = Texts(locale)
    for entry in (ANA, NASTY, replace(ANA, is_open=False, title="")):
        for shown in (texts.entry(entry), texts.also(entry)):
            title = texts.opening("One page at the door")[0]
            _, body = texts.question(entry, title, shown, texts.place("Library", 31, public=False), "Lea")
            found = shown_in(body)
            assert found is not None
            assert (found.title, found.raw.strip()) == (title, shown)


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_texts_of_people_can_do_nothing_and_every_text_may_be_posted(locale: str) -> None:
    texts = Texts(locale)
    title, opening = texts.opening("Hand-overs")
    assert objections(Draft(DraftKind.TOPIC, opening, "", title=title)) == []
    assert len(title) in TITLE_LENGTHS[DraftKind.TOPIC]
    for raw in (*texts.posts(NASTY, [NASTY] * 3), texts.offer(NASTY, "Hand-overs", "https://forum.example/p/1")):
        assert objections(Draft(DraftKind.REPLY, raw, "", topic_id=1)) == []
        assert not {"@", "<"} & set(raw)
        assert "![" not in raw
        assert len(raw) >= MIN_RAW


def test_where_a_post_is_full_a_further_one_goes_on_and_nobody_is_left_out() -> None:
    others = [replace(ANA, post_id=number, name=f"Person-{number}") for number in range(2, 900)]
    posts = Texts("en").posts(ANA, others)
    assert len(posts) > 1
    assert all(len(post) <= ROOM < MAX_RAW for post in posts)
    assert all(post.startswith("The same as Ana above, found elsewhere:") for post in posts[1:])
    assert sum(post.count("\n- **Person-") for post in posts) == len(others)
    unnamed = Texts("en").posts(replace(ANA, name="", agreed="Somebody:\n\n> We read it."), others)
    assert all(post.startswith("The same, found elsewhere:") for post in unnamed[1:])


def test_what_an_author_agreed_to_is_shown_word_for_word_and_says_what_it_quotes() -> None:
    agreed = "**Ana**, in [One page](https://x/7), with a word of mine:\n\n> We read it *twice*."
    entry = replace(ANA, agreed=agreed)
    assert Texts("en").entry(entry) == Markdown(agreed)
    assert quoted_in(agreed) == ("We read it *twice*.",)
    assert Texts("en").posts(entry, []) == [agreed]
