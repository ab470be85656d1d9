"""Posts are cooked, titles cleaned and excerpts cut as Discourse does it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.practice_forum.cook import cook
from sync_worker.practice_forum.cook.blocks import CookContext, Hashtag, Mentioned, QuotedTopic
from sync_worker.practice_forum.cook.inline import clean_title, excerpt, fancy_title, slugify

KNOWN = {"alice": Mentioned.USER, "helpers": Mentioned.MENTIONABLE_GROUP, "staff": Mentioned.GROUP}
CONTEXT = CookContext(
    base_url="http://forum.example.com",
    topic_id=5,
    mentions=lambda names: {name: kind for name, kind in KNOWN.items() if name in names},
    avatar=lambda name: f"/letter/{name[0]}/{{size}}.png",
    topic=lambda number: QuotedTopic(f"http://forum.example.com/t/other/{number}", "Another <topic>"),
    hashtag=lambda slug: Hashtag(2, "site-feedback", "Site Feedback", "/c/site-feedback/2") if "site" in slug else None,
)


def cooked(raw: str) -> str:
    return cook(raw, context=CONTEXT)


@pytest.mark.parametrize(
    ("raw", "html"),
    [
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>"),
        ("see example.com", '<p>see <a href="http://example.com">example.com</a></p>'),
        ('"quoted" -- and so on...', "<p>“quoted” – and so on…</p>"),
        ("a --> b (tm) +-1", "<p>a → b ™ ±1</p>"),
        ("```py\n<a> @alice\n```", '<pre data-code-wrap="py"><code class="lang-py">&lt;a&gt; @alice\n</code></pre>'),
        ("```\nplain\n```", '<pre><code class="lang-auto">plain\n</code></pre>'),
        ("`@alice`", "<p><code>@alice</code></p>"),
        ("## A Heading!", '<h2><a name="a-heading-1" class="anchor" href="#a-heading-1"></a>A Heading!</h2>'),
        ("#general", '<p><span class="hashtag-raw">#general</span></p>'),
        ("![a cat|20x10](/cat.png)", '<p><img src="/cat.png" alt="a cat" width="20" height="10"></p>'),
    ],
)  # fmt: skip
def test_markdown_becomes_the_html_that_discourse_makes(raw: str, html: str) -> None:
    assert cooked(raw) == html


def test_mentions_link_to_users_and_groups_that_exist_and_stay_text_otherwise() -> None:
    assert cooked("Hi @Alice, @helpers, @staff and @nobody!") == (
        '<p>Hi <a class="mention" href="/u/alice">@Alice</a>, <a class="mention-group notify" href="/groups/helpers">'
        '@helpers</a>, <a class="mention-group" href="/groups/staff">@staff</a> and '
        '<span class="mention">@nobody</span>!</p>'
    )


def test_an_address_is_not_a_mention() -> None:
    assert 'class="mention"' not in cooked("write to bob@alice.org")


def test_a_quote_names_whom_it_quotes_and_may_hold_another_quote() -> None:
    inner = '[quote="al, post:1, topic:9, full:true"]\ninner\n[/quote]'
    raw = f'[quote="bob, post:2, topic:5"]\nouter\n{inner}\n[/quote]\nMine'
    assert cooked(raw) == (
        '<aside class="quote no-group" data-username="bob" data-post="2" data-topic="5">\n<div class="title">\n'
        '<div class="quote-controls"></div>\n'
        '<img alt="" width="24" height="24" src="/letter/b/48.png" class="avatar"> bob:'
        "</div>\n<blockquote>\n<p>outer</p>\n"
        '<aside class="quote no-group" data-username="al" data-post="1" data-topic="9" data-full="true">\n'
        '<div class="title">\n<div class="quote-controls"></div>\n'
        '<img alt="" width="24" height="24" src="/letter/a/48.png" class="avatar">'
        '<a href="http://forum.example.com/t/other/9/1">Another &lt;topic&gt;</a></div>\n'
        "<blockquote>\n<p>inner</p>\n</blockquote>\n</aside>\n</blockquote>\n</aside>\n<p>Mine</p>"
    )


def test_a_quote_without_numbers_and_one_without_a_name() -> None:
    assert 'data-username="bob"' in cooked('[quote="bob"]\nhello\n[/quote]')
    assert cooked("[quote]\nhello\n[/quote]") == (
        '<aside class="quote no-group">\n<blockquote>\n<p>hello</p>\n</blockquote>\n</aside>'
    )


def test_an_unclosed_quote_and_an_unclosed_poll_stay_text() -> None:
    assert cooked('[quote="x"]\nnever closed').startswith("<p>[quote=")
    assert "[poll]" in cooked("[poll]\n* a")


def test_comments_vanish_and_scripts_do_not_survive() -> None:
    assert cooked("Text\n\n<!-- lcm:some-key -->") == "<p>Text</p>"
    html = cooked(
        '<script>alert(1)</script><img src="x" onerror="alert(1)"> [x](javascript:alert(1))<iframe src="//e"></iframe>'
    )
    assert "<script" not in html
    assert "onerror" not in html
    assert 'href="javascript' not in html
    assert "<iframe" not in html


def test_links_of_members_who_are_not_trusted_yet_are_marked() -> None:
    context = CookContext(base_url="http://forum.example.com", trusted=False)
    html = cook("[out](https://example.org/a) [in](http://forum.example.com/t/1)", context=context)
    assert html == (
        '<p><a href="https://example.org/a" rel="noopener nofollow ugc">out</a> '
        '<a href="http://forum.example.com/t/1">in</a></p>'
    )


def test_emoji_become_pictures_and_larger_ones_where_they_stand_alone() -> None:
    assert 'title=":tada:" class="emoji" ' in cooked("well done :tada:")
    assert 'class="emoji only-emoji"' in cooked(":tada: :tada:")
    assert cooked("no :such_emoji: here") == "<p>no :such_emoji: here</p>"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Opening hours of the workshop", "opening-hours-of-the-workshop"),
        ("A title with *stars* & <b>tags</b> :smile: …", "a-title-with-stars-b-tags-b"),
        ("Élève à l'œuvre: ça marche?", "eleve-a-loeuvre-ca-marche"),
        ("FAQ/Guidelines", "faq-guidelines"),
        ("42", "topic"),
        ("日本", "topic"),
        ("X", "x"),
    ],
)
def test_slugs_are_made_of_plain_letters(title: str, slug: str) -> None:
    assert slugify(title) == slug


@pytest.mark.parametrize(
    ("title", "clean"),
    [
        ("ALL OF THIS TITLE IS IN CAPITALS", "All of this title is in capitals"),
        ("a title   with  blanks", "A title with blanks"),
        ("really???!!!", "Really?!"),
        ("the end.", "The end"),
        ("x", "X"),
    ],
)
def test_titles_are_cleaned(title: str, clean: str) -> None:
    assert clean_title(title) == clean


def test_fancy_titles_have_entities() -> None:
    assert fancy_title('It\'s "1/2" <b> & more... -- done') == (
        "It&rsquo;s &ldquo;1/2&rdquo; &lt;b&gt; &amp; more&hellip; &ndash; done"
    )


def test_an_excerpt_is_cut_at_its_length_and_leaves_quotes_out() -> None:
    html = cooked('[quote="bob"]\nnot this\n[/quote]\nThis & that, <b>at length</b>')
    assert excerpt(html, 100) == "This &amp; that, at length"
    assert excerpt(html, 10) == "This &amp; th&hellip;"


@given(st.text(max_size=300))
def test_whatever_is_typed_can_be_cooked_and_cut(raw: str) -> None:
    html = cooked(raw)
    assert "<script" not in html
    assert isinstance(excerpt(html, 50), str)
    slug = slugify(raw)
    assert slug == slug.lower()
    assert slug


def _pairs(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from _pairs(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _pairs(inner)


def _recorded(folder: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(folder.glob("[0-9]*.json")):
        yield from _pairs(json.loads(path.read_text(encoding="utf-8")).get("response", {}).get("json"))


def test_every_recorded_post_is_cooked_as_recorded(shared_folder: Path) -> None:
    posts = {
        (item["raw"], item["cooked"]): item
        for item in _recorded(shared_folder / "recordings")
        if item.keys() >= {"raw", "cooked"}
    }
    # What a later job changes about links to the forum itself, and links to categories, needs the forum.
    plain = [pair for pair in posts if "//forum.example.com" not in pair[0] and "hashtag" not in pair[1]]
    assert len(plain) > 100
    assert [raw for raw, html in plain if cook(raw, context=CONTEXT) != html] == []


def test_every_recorded_title_gets_the_recorded_slug(shared_folder: Path) -> None:
    topics = [
        item for item in _recorded(shared_folder / "recordings") if item.keys() >= {"title", "fancy_title", "slug"}
    ]
    wrong = [item["title"] for item in topics if slugify(item["title"]) != item["slug"]]
    assert wrong == []
    assert [item["title"] for item in topics if fancy_title(item["title"]) != item["fancy_title"]] == []
