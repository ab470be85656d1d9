"""Text from people can do nothing on the forum but be read."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sync_worker.content.markdown import escape, link, person_name, quote
from sync_worker.practice_forum.cook import cook
from sync_worker.practice_forum.cook.blocks import CookContext

HOSTILE = [
    "@admin look at this",
    "write to ana@example.org today",
    "# a heading",
    "see #general and #staff-only",
    "<script>alert(1)</script>",
    "<b>bold</b> & <img src=x onerror=alert(1)>",
    "<!-- lcm:somebody-elses-key -->",
    '[quote="bob, post:1, topic:2"]gotcha[/quote]',
    "[poll]\n* a\n* b\n[/poll]",
    "[click](https://evil.example) ![x](https://evil.example/x.png)",
    "https://evil.example and www.evil.example and evil.com/x",
    "```\ncode\n```",
    "    indented code",
    "`inline` **bold** _em_ ~~gone~~ ==mark==",
    "- a list",
    "1. a numbered list",
    "> a quote",
    "a | b\n--|--\n1 | 2",
    "===\n---",
    ":smile: :wolf: :) :-D",
    "$x^2$ and ^up^ and {braces}",
    "right\u202eleft and zero\u200bwidth",
    "{{ 7 * 7 }} {% for x in y %}",
    "[details=more]hidden[/details] [spoiler]x[/spoiler]",
    "&lt;b&gt; &amp;copy; &#64;bob",
    "ftp://evil.example //evil.example",
    "\\@bob \\[x\\](y)",
    "A @@@bob",
    "line\r\n\r\n# next",
    "a::fire::b and std::map::end and x:fire:y",
    "see :'( and :'-( and :-'( and ^_^ and ^__^ and :p",
]
ANYTHING = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=200),
    st.text(alphabet="@#[]()<>`*_~|!:/\\.-+=&;$^{}\n ab1", max_size=80),
    st.lists(st.sampled_from(HOSTILE), max_size=4).map("".join),
)
RENDERER = MarkdownIt("commonmark", {"html": True, "linkify": True, "breaks": True}).enable(
    ["linkify", "table", "strikethrough"]
)
PLAIN = {"paragraph_open", "paragraph_close", "inline"}


def assert_harmless(markdown: str) -> None:
    """Check with a renderer that lets everything through that nothing but plain text comes out."""
    assert "\n" not in markdown
    assert not set("@[]<>") & set(markdown)
    for token in RENDERER.parse(markdown):
        assert token.type in PLAIN, (token.type, markdown)
        assert all(child.type in {"text", "text_special"} for child in token.children or ()), markdown


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_only_text(text: str) -> None:
    assert_harmless(escape(text))


@given(ANYTHING)
def test_no_text_whatever_becomes_more_than_text(text: str) -> None:
    assert_harmless(escape(text))


@given(ANYTHING)
def test_the_forum_sees_no_mention_link_or_markup_in_it(text: str) -> None:
    cooked = cook(f"Before.\n\n{escape(text)}\n\nAfter.", context=CookContext())
    assert set(re.findall(r"<(\w+)", cooked)) <= {"p", "br"}, cooked
    assert "mention" not in re.sub(r">[^<]*<", "><", cooked)


@given(ANYTHING)
def test_a_quote_holds_one_line_and_names_nobody_else(text: str) -> None:
    block = quote(text, "ana", 3, 7)
    first, body, last = block.split("\n")
    assert first == '[quote="ana, post:3, topic:7"]'
    assert last == "[/quote]"
    assert not set("@[]<>") & set(body)


@given(ANYTHING)
def test_a_link_has_one_target_and_it_is_ours(text: str) -> None:
    markdown = link(text, "https://forum.example/t/1")
    tokens = [child for token in RENDERER.parse(markdown) for child in token.children or ()]
    targets = [child.attrs["href"] for child in tokens if child.type == "link_open"]
    assert targets == ["https://forum.example/t/1"]


def test_a_strange_username_gets_a_plain_quote() -> None:
    assert quote("Hello there", 'bob", post:1, topic:1"][poll', 1, 1) == "> Hello there"


def test_what_people_wrote_stays_readable() -> None:
    assert escape("Fifteen minutes that happen beat an hour that does not.") == (
        "Fifteen minutes that happen beat an hour that does not."
    )
    assert escape("« Bravo »\u00a0: c’est dit") == "« Bravo »\u00a0: c’est dit"
    assert escape("Thanks to @bob [twice]") == "Thanks to bob (twice)"


@pytest.mark.parametrize(
    "text",
    [
        "Run cmd.exe /C fix.txt, then build.ninja and main.cpp",
        "Urho3D::Component, WASM=0, x=y;z=1, a:b and //comment",
        "From 12:30:45 on forum.example.org/t/12",
        "Ask J.Smith or S.L.C; see Node::GetComponent(id)",
    ],
)
def test_what_people_copy_out_of_it_is_what_was_written(text: str) -> None:
    shown = [child.content for token in RENDERER.parse(escape(text)) for child in token.children or ()]
    assert "".join(shown) == text
    cooked = cook(escape(text), context=CookContext())
    assert re.sub(r"<[^>]+>", "", cooked).strip() == text


@pytest.mark.parametrize("text", ["Room 83 is free", "Person 83", "in 2D and 8D", "n = 3", "at 8 (or at 9)"])
def test_numbers_are_no_emoticons_and_stay(text: str) -> None:
    assert escape(text) == text


def test_emoticons_are_left_out_as_the_forum_would_draw_pictures() -> None:
    assert escape("Done :) and 8-) and ;-) again") == "Done and and again"


@pytest.mark.parametrize("name", ["\u3164", "\u115f\u1160", "\uffa0 \u3164", "\u2800", "\u202e", "\u034f", "🙂", ""])
def test_who_has_a_name_that_nobody_can_see_is_called_by_the_username(name: str) -> None:
    assert person_name(name, "ana") == "ana"
