"""What is read from the store for a period is what reading everything would find."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session

from sync_worker.activity.reader import ActivityReader
from sync_worker.store.tables import PostRow, Table, TopicRow
from tests.absent import NO_POSTGRES

if TYPE_CHECKING:
    from collections.abc import Iterator

FORUM = "forum.example.org"
MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)
OWN, LIBRARY, FOREIGN = 5, 6, 7
POSTGRES = os.environ.get("LCM_TEST_POSTGRES")
HOURS = st.integers(0, 12)
WRITTEN = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 3), HOURS), max_size=14)
CATEGORIES = st.tuples(*[st.sampled_from((OWN, LIBRARY, FOREIGN))] * 4)
Written = list[tuple[int, int, int]]


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.skipif(not POSTGRES, reason=NO_POSTGRES))]
)
def session(request: pytest.FixtureRequest) -> Iterator[Session]:
    """A session that keeps nothing."""
    engine = create_engine("sqlite://" if request.param == "sqlite" else POSTGRES or "")
    with engine.connect() as connection, connection.begin() as transaction:
        if request.param != "sqlite":
            connection.exec_driver_sql("CREATE SCHEMA reading")
            connection.exec_driver_sql("SET search_path TO reading")
        Table.metadata.create_all(connection)
        with Session(connection, join_transaction_mode="create_savepoint") as opened:
            yield opened
        transaction.rollback()
    engine.dispose()


def write(session: Session, categories: tuple[int, ...], written: Written) -> None:
    """Store topics 1 to 4 in these categories, and a post for each (topic, author, hours after Monday)."""
    for number, category in enumerate(categories, 1):
        row = {"forum": FORUM, "id": number, "category_id": category, "title": "A topic", "slug": "a-topic", "tags": []}
        session.add(TopicRow(**row, created_at=MONDAY, posts_count=0, like_count=0, views=0, closed=False))
    for number, (topic, author, hours) in enumerate(written, 1):
        row = {"forum": FORUM, "id": number, "number": number, "username": f"u{author}", "cooked": "<p>One page.</p>"}
        session.add(PostRow(**row, topic_id=topic, user_id=author, created_at=MONDAY + timedelta(hours=hours)))
    session.flush()


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CATEGORIES, WRITTEN, HOURS, HOURS)
def test_of_a_period_those_topics_and_new_authors_are_read_that_reading_everything_would_find(
    session: Session, categories: tuple[int, ...], written: Written, first: int, last: int
) -> None:
    since, until = MONDAY + timedelta(hours=first), MONDAY + timedelta(hours=last)
    with session.begin_nested() as savepoint:
        write(session, categories, written)
        reader = ActivityReader(session, FORUM, (OWN, LIBRARY), OWN)
        everything = reader.topics()
        known = [[post.id for post in topic.posts if post.created_at < until] for topic in everything]
        recent = {post.id for topic in everything for post in topic.posts if since <= post.created_at < until}
        assert [[post.id for post in topic.posts] for topic in reader.topics(since, until)] == [
            posts for posts in known if recent.intersection(posts)
        ]
        began: dict[int, datetime] = {}
        for post in sorted((post for topic in everything for post in topic.posts), key=lambda one: one.created_at):
            began.setdefault(post.user_id, post.created_at)
        assert reader.new_authors(since, until) == {one for one, at in began.items() if since <= at < until}
        savepoint.rollback()
    session.expunge_all()


def test_of_a_long_past_only_the_topics_in_which_somebody_wrote_lately_are_loaded(session: Session) -> None:
    write(session, (OWN, OWN, OWN, LIBRARY), [(1, 1, 0), (1, 2, 1), (2, 1, 2), (3, 1, 3), (3, 2, 9), (4, 2, 4)])
    session.expunge_all()
    loaded: list[int] = []
    event.listen(session, "loaded_as_persistent", lambda _, row: loaded.append(getattr(row, "topic_id", row.id)))
    [topic] = ActivityReader(session, FORUM, (OWN, LIBRARY), OWN).topics(since=MONDAY + timedelta(hours=8))
    assert (topic.id, [post.user_id for post in topic.posts]) == (3, [1, 2])
    assert set(loaded) == {3}
