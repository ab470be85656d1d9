"""What no longer holds of a citation, from facts made manually."""

from __future__ import annotations

import html
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.content.markdown import quote
from sync_worker.forum.records import ForumPost, ForumTopic
from sync_worker.model import Citation, Draft, DraftKind, Use
from sync_worker.publish.citations import Facts, Trouble, called_now, citations_of, holds, judge
from sync_worker.signals.plain import sentences

NOW = datetime(2027, 3, 5, 12, tzinfo=UTC)
SAID = "You can ask everybody to write for two minutes before anybody speaks."
POST = ForumPost(
    7, 2, 1, 42, "ana", "Ana Reis", NOW, f"<p>Well. {SAID} It helps.</p>", None, 0, 0, None, accepted=False
)
TOPIC = ForumTopic(
    3, "Silent meetings", "silent", 5, NOW, (POST,), (), 0,
    closed=False, pinned=False, pinned_until=None, external_id=None,
)  # fmt: skip
CITED = Citation(Use.QUOTE, 3, "Silent meetings", 7, 2, 42, "ana", "Ana Reis", (SAID,))
FACTS = Facts({3: TOPIC}, frozenset({5}))


def troubles(citation: Citation = CITED, facts: Facts = FACTS) -> list[Trouble]:
    return [one.trouble for one in judge([citation], facts)]


def with_post(**changes: object) -> Facts:
    return replace(FACTS, topics={3: replace(TOPIC, posts=(replace(POST, **changes),))})  # type: ignore[arg-type]


def with_topic(**changes: object) -> Facts:
    return replace(FACTS, topics={3: replace(TOPIC, **changes)})  # type: ignore[arg-type]


def test_what_stands_as_it_was_holds() -> None:
    assert troubles() == []


@pytest.mark.parametrize(
    ("facts", "trouble"),
    [
        (replace(FACTS, topics={3: None}), Trouble.TOPIC_GONE),
        (replace(FACTS, topics={}), Trouble.TOPIC_GONE),
        (with_topic(visible=False), Trouble.UNLISTED),
        (with_topic(archetype="private_message", category_id=None), Trouble.UNLISTED),
        (with_topic(category_id=6), Trouble.PRIVATE),
        (with_topic(title="Silence"), Trouble.RETITLED),
        (with_topic(posts=()), Trouble.POST_GONE),
        (with_post(id=8), Trouble.POST_GONE),
        (with_post(hidden=True), Trouble.HIDDEN),
        (with_post(post_type=4), Trouble.WHISPERED),
        (with_post(user_id=43), Trouble.OTHER_AUTHOR),
        (with_post(username="anon123", name=""), Trouble.ANONYMISED),
        (with_post(username="anon123", name="anon123"), Trouble.ANONYMISED),
        (with_post(username="anastasia"), Trouble.RENAMED),
        (with_post(name="Ana Costa"), Trouble.RENAMED),
        (with_post(cooked="<p>I took it out.</p>"), Trouble.PASSAGE_GONE),
        (with_post(cooked=f"<blockquote><p>{SAID}</p></blockquote>"), Trouble.PASSAGE_GONE),
        (with_post(cooked=f"<p><s>{SAID}</s></p>"), Trouble.PASSAGE_GONE),
        (replace(FACTS, unquoted=frozenset({42})), Trouble.UNQUOTED),
        (replace(FACTS, barred=frozenset({42})), Trouble.NOT_IN_GOOD_STANDING),
    ],
)
def test_each_thing_that_can_happen_is_noticed(facts: Facts, trouble: Trouble) -> None:
    assert troubles(facts=facts) == [trouble]


def test_a_link_to_a_topic_asks_for_no_post_and_a_question_must_be_open() -> None:
    assert troubles(replace(CITED, use=Use.LINK), with_post(hidden=True)) == []
    assert troubles(replace(CITED, use=Use.QUESTION), with_topic(closed=True)) == [Trouble.CLOSED]
    assert troubles(replace(CITED, use=Use.QUESTION), with_post(accepted=True)) == [Trouble.CLOSED]


def test_an_edit_elsewhere_in_the_post_changes_nothing() -> None:
    assert troubles(facts=with_post(cooked=f"<p>Something new. {SAID}</p><p>And more.</p>")) == []


def test_passages_hold_though_they_were_shortened_capitalised_or_put_together() -> None:
    cooked = (
        "<p>And then we began: it was the list that made the difference to all of us. Nobody minded.</p><p>Try it.</p>"
    )
    assert holds("We began: it was the list that made the difference…", cooked)
    assert holds("Nobody minded. (…) Try it.", cooked)
    assert holds("Nobody minded. Try it.", cooked)
    assert not holds("Nobody minded the list.", cooked)
    assert not holds("It was not the list that made the difference.", cooked)


@given(st.lists(st.text("abcdeé ?!.'’&<>*_[]@#1²", min_size=3, max_size=60), min_size=1, max_size=6))
def test_what_is_quoted_of_a_post_holds_as_long_as_the_post_is_not_edited(texts: list[str]) -> None:
    cooked = "".join(f"<p>{html.escape(text)}</p>" for text in texts)
    for sentence in sentences(cooked):
        assert holds(sentence.text, cooked)


def roundup(raw: str, *citations: Citation) -> Draft:
    return Draft(DraftKind.TOPIC, raw, "because", title="What we found out", refs=("roundup",), citations=citations)


def test_what_a_person_took_out_of_a_roundup_is_not_looked_up() -> None:
    block = quote(SAID, "ana", 2, 3)
    other = replace(CITED, topic_id=4)
    assert citations_of(roundup(f"Read this.\n\n{block}", CITED, other)) == (CITED,)


def test_quotes_of_which_nothing_was_noted_are_read_from_the_text() -> None:
    (found,) = citations_of(roundup(f"Read this.\n\n{quote(SAID, 'ana', 2, 3)}"))
    assert (found.topic_id, found.number, found.username, found.passages) == (3, 2, "ana", (SAID,))
    assert troubles(found) == []
    assert troubles(found, with_post(username="anastasia")) == [Trouble.RENAMED]
    assert troubles(found, with_post(cooked="<p>Gone.</p>")) == [Trouble.PASSAGE_GONE]


def test_a_new_username_takes_the_place_of_the_old_one_and_nothing_else_changes() -> None:
    renamed = with_post(username="anastasia")
    draft = replace(roundup(f"**Ana Reis** wrote:\n\n{quote(SAID, 'ana', 2, 3)}", CITED), recipients=("ana", "lea"))
    called = called_now(draft, renamed.topics)
    assert called.raw == draft.raw.replace('"ana, post', '"anastasia, post')
    assert called.recipients == ("anastasia", "lea")
    assert troubles(called.citations[0], renamed) == []


def test_a_message_about_other_matters_is_not_searched_for_quotes() -> None:
    note = replace(roundup(quote(SAID, "ana", 2, 3)), refs=("story-care",), kind=DraftKind.MESSAGE)
    assert citations_of(note) == ()
