"""Roundups of a real forum read well, whatever the week."""

from __future__ import annotations

import random
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from sync_worker.content.roundup import MAX_WORDS, Roundup, build_roundup
from sync_worker.content.roundup_items import Period
from sync_worker.signals.plain import sentences
from tests.talk import as_of

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.model import Topic

URL = "https://forum.example"
LINK = re.compile(r"\]\((\S+?)\)")


def weeks(topics: list[Topic], count: int) -> list[datetime]:
    """Return the moments after posts chosen by chance."""
    posts = [post for topic in topics for post in topic.posts if post.created_at.year == 2019]
    return [post.created_at + timedelta(hours=1) for post in random.Random(2019).sample(posts, count)]


@pytest.fixture(scope="module")
def roundups(real_topics: list[Topic]) -> list[tuple[datetime, Roundup]]:
    """The roundups of forty weeks that end after any post."""
    found = []
    for now in weeks(real_topics, 40):
        period = Period(now - timedelta(days=7), now, frozenset({"system"}))
        built = build_roundup(as_of(real_topics, now), period, "en", URL)
        if isinstance(built, Roundup):
            found.append((now, built))
    return found


def test_nearly_every_week_has_one(roundups: list[tuple[datetime, Roundup]]) -> None:
    assert len(roundups) >= 36


def test_no_author_and_no_topic_comes_twice(roundups: list[tuple[datetime, Roundup]]) -> None:
    for _, roundup in roundups:
        posts = [practice.post for practice in roundup.practices]
        assert 1 <= len(posts) <= 5
        assert len({post.username for post in posts}) == len({post.topic_id for post in posts}) == len(posts)


def test_all_fit_into_two_minutes(roundups: list[tuple[datetime, Roundup]]) -> None:
    assert all(roundup.words <= MAX_WORDS for _, roundup in roundups)


def test_everything_shown_was_written_in_that_week(roundups: list[tuple[datetime, Roundup]]) -> None:
    for now, roundup in roundups:
        for practice in roundup.practices:
            assert now - timedelta(days=7) <= practice.post.created_at < now


def test_a_quote_is_whole_sentences_of_its_author(roundups: list[tuple[datetime, Roundup]]) -> None:
    for _, roundup in roundups:
        for practice in roundup.practices:
            own = [one.text for one in sentences(practice.post.cooked)]
            assert set(practice.citation.passages) <= set(own)
            assert len(practice.quote.split("\n")) == (3 if practice.citation.passages else 1)


def test_a_week_has_five_items_where_five_were_worth_opening_and_the_surest_are_quoted(
    roundups: list[tuple[datetime, Roundup]],
) -> None:
    items = [practice for _, roundup in roundups for practice in roundup.practices]
    assert len(items) >= 4.5 * len(roundups)
    assert sum(bool(practice.quote) for practice in items) >= 0.11 * len(items)


def test_no_quotation_leaves_out_what_its_post_asks(roundups: list[tuple[datetime, Roundup]]) -> None:
    quoted = [item for _, roundup in roundups for item in roundup.practices if item.citation.passages]
    surely = [item for item in quoted if not item.post.marked and item.post.likes > 0]
    for item in surely:
        asked = [one.text for one in sentences(item.post.cooked) if one.asks]
        assert set(asked) <= set(item.citation.passages), item.quote


def test_the_best_received_posts_are_among_what_is_shown(
    real_topics: list[Topic], roundups: list[tuple[datetime, Roundup]]
) -> None:
    """Three quarters of the likes that five posts, each of another author and topic, could have at most."""
    shown = sum(practice.post.likes for _, roundup in roundups for practice in roundup.practices)
    best = sum(_most_likes(as_of(real_topics, now), now - timedelta(days=7)) for now, _ in roundups)
    assert shown >= 0.75 * best


def _most_likes(topics: list[Topic], since: datetime) -> int:
    posts = [post for topic in topics for post in topic.posts if post.created_at >= since]
    topics_used: set[int] = set()
    authors: set[int] = set()
    likes = 0
    for post in sorted(posts, key=lambda post: -post.likes):
        if len(authors) < 5 and post.topic_id not in topics_used and post.user_id not in authors:
            topics_used.add(post.topic_id)
            authors.add(post.user_id)
            likes += post.likes
    return likes


def test_there_is_no_html_code_wall_or_mention(roundups: list[tuple[datetime, Roundup]]) -> None:
    for _, roundup in roundups:
        parts = [roundup.opening, roundup.numbers, *(question.line for question in roundup.questions)]
        for practice in roundup.practices:
            parts += [practice.heading, practice.credit, practice.quote, practice.why]
        text = "\n".join(parts)
        assert not re.search(r"[<>@`{]|\n    ", text.replace("\\`", "").replace("\\{", "")), text


def test_every_link_leads_to_a_post_that_exists(
    real_topics: list[Topic], roundups: list[tuple[datetime, Roundup]]
) -> None:
    known = {(topic.slug, topic.id, post.number) for topic in real_topics for post in topic.posts}
    for _, roundup in roundups:
        text = " ".join([roundup.opening, *(practice.credit for practice in roundup.practices)])
        text += " ".join(question.line for question in roundup.questions)
        links = LINK.findall(text)
        assert links
        for address in links:
            slug, topic_id, *number = address.removeprefix(f"{URL}/t/").split("/")
            assert (slug, int(topic_id), int(number[0]) if number else 1) in known


def test_not_only_the_longest_threads_are_shown(
    real_topics: list[Topic], roundups: list[tuple[datetime, Roundup]]
) -> None:
    lengths = []
    for now, roundup in roundups:
        sizes = {topic.id: len(topic.posts) for topic in as_of(real_topics, now)}
        lengths += [sizes[practice.post.topic_id] for practice in roundup.practices]
    assert sum(length <= 6 for length in lengths) > len(lengths) / 4


def test_a_year_of_weekly_roundups_never_repeats_a_post(real_topics: list[Topic]) -> None:
    shown: frozenset[int] = frozenset()
    start = min(topic.created_at for topic in real_topics)
    for week in range(4, 20):
        now = start + timedelta(weeks=week)
        built = build_roundup(
            as_of(real_topics, now),
            Period(now - timedelta(days=14), now, frozenset({"system"}), shown_posts=shown),
            "en",
            URL,
        )
        if isinstance(built, Roundup):
            ids = {practice.post.id for practice in built.practices}
            assert not ids & shown
            shown |= ids
    assert len(shown) > 40


def test_the_same_week_gives_the_same_words(real_topics: list[Topic]) -> None:
    now = weeks(real_topics, 1)[0]
    period = Period(now - timedelta(days=7), now)
    first, second = (build_roundup(as_of(real_topics, now), period, "en", URL) for _ in range(2))
    assert first == second
