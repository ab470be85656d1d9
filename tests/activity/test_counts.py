"""Counts follow whatever becomes of posts: written late, edited, moved, liked, deleted."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, select, text
from sqlalchemy.orm import Session

from sync_worker.activity.counts import CURSOR, ensure_counts, recounting
from sync_worker.activity.participation import Counts, dismiss, dismissals, restore
from sync_worker.store.database import Store, open_store
from sync_worker.store.personal import Subject
from sync_worker.store.tables import (
    ActivityDayRow,
    AnswerWeekRow,
    CursorRow,
    LikeRow,
    PostRow,
    Table,
    TopicRow,
    VisitRow,
)
from sync_worker.store.taking_out import take_out
from tests.absent import NO_POSTGRES
from tests.activity.rebuilt import assert_counts_hold, counts_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FORUM = "forum.example.org"
MONDAY = datetime(2027, 3, 1, 9, tzinfo=UTC)
OWN, LIBRARY = 5, 6
POSTGRES = os.environ.get("LCM_TEST_POSTGRES")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    yield opened
    opened.close()


def topic(session: Session, number: int, category: int = OWN) -> None:
    session.merge(
        TopicRow(
            forum=FORUM,
            id=number,
            category_id=category,
            title="A topic",
            slug="a-topic",
            created_at=MONDAY,
            posts_count=0,
            like_count=0,
            views=0,
            tags=[],
            closed=False,
        )
    )


def post(
    session: Session, number: int, topic_id: int, place: int, author: int, at: datetime, reply_to: int | None = None
) -> None:
    known = {"forum": FORUM, "id": number, "topic_id": topic_id, "number": place, "user_id": author}
    session.merge(
        PostRow(**known, username=f"u{author}", name="", created_at=at, raw="x", cooked="<p>x</p>", reply_to=reply_to)
    )


def write(store: Store, *posts: tuple[int, int, int, datetime], topic_id: int = 1, category: int = OWN) -> None:
    """Add posts (id, number, author, time) to a topic."""
    with store.begin() as session, recounting(session, FORUM, [topic_id]):
        topic(session, topic_id, category)
        for number, place, author, at in posts:
            post(session, number, topic_id, place, author, at)


def read(store: Store, now: datetime, *members: int) -> dict[int, object]:
    with store.begin() as session:
        found = Counts(session, FORUM, "spring", (OWN, LIBRARY), now).learners(members)
    return dict(found)


def days(count: float) -> timedelta:
    return timedelta(days=count)


def test_a_learner_s_activity_is_what_they_did_in_the_cohort_s_categories(store: Store) -> None:
    write(store, (1, 1, 7, MONDAY), (2, 2, 8, MONDAY + days(1)), (3, 3, 7, MONDAY + days(9)))
    write(store, (4, 1, 7, MONDAY + days(10)), topic_id=2, category=99)
    with store.begin() as session:
        one = Counts(session, FORUM, "spring", (OWN, LIBRARY), MONDAY + days(13)).learners([7, 9])
    assert (one[7].weeks, one[7].posts, one[7].days_active) == ((0, 0, 1, 1), 2, 2)
    assert (one[7].replies_given, one[7].replies_received, one[7].wait) == (0, 1, days(1))
    assert (one[7].last_posted_at, one[7].last_post) == (MONDAY + days(9), 3)
    assert (one[7].likes_given, one[7].seen_on, one[7].posts_read) == (None, None, None)
    assert (one[9].posts, one[9].last_posted_at) == (0, None)


def test_where_the_plugin_tells_visits_and_likes_are_known(store: Store) -> None:
    write(store, (1, 1, 7, MONDAY))
    with store.begin() as session, recounting(session, FORUM, [1]):
        session.add(CursorRow(forum=FORUM, name="activity:spring", value="x"))
        session.add(LikeRow(forum=FORUM, post_id=1, user_id=8, author_id=7, created_at=MONDAY + days(2)))
        session.add(VisitRow(forum=FORUM, user_id=8, day=date(2027, 3, 3), posts_read=4, seconds_read=60))
    with store.begin() as session:
        found = Counts(session, FORUM, "spring", (OWN,), MONDAY + days(3)).learners([7, 8])
    assert (found[7].likes_received, found[7].likes_given, found[8].likes_given) == (1, 0, 1)
    assert (found[8].seen_on, found[8].posts_read, found[8].days_active) == (date(2027, 3, 3), 4, 1)
    assert (found[7].seen_on, found[7].posts_read) == (None, 0)


def test_who_answered_whom_is_known_by_week(store: Store) -> None:
    write(store, (1, 1, 7, MONDAY), (2, 2, 8, MONDAY + days(1)), (3, 3, 8, MONDAY + days(8)))
    with store.begin() as session:
        counts = Counts(session, FORUM, "spring", (OWN,), MONDAY + days(20))
        assert counts.answers() == {(8, 7, date(2027, 3, 1)): 1, (8, 7, date(2027, 3, 8)): 1}
        assert counts.answers(since=date(2027, 3, 10)) == {(8, 7, date(2027, 3, 8)): 1}


def test_a_deleted_post_is_counted_no_more_and_the_one_before_is_the_last(store: Store) -> None:
    write(store, (1, 1, 7, MONDAY), (2, 2, 7, MONDAY + timedelta(hours=1)), (3, 3, 8, MONDAY + days(1)))
    with store.begin() as session, recounting(session, FORUM, [1]):
        session.execute(delete(PostRow).where(PostRow.id == 2))
    with store.begin() as session:
        one = Counts(session, FORUM, "spring", (OWN,), MONDAY + days(3)).learners([7])[7]
        assert_counts_hold(session, FORUM)
    assert (one.posts, one.last_post, one.last_posted_at) == (1, 1, MONDAY)


def test_the_last_posts_of_a_person_are_the_proof(store: Store) -> None:
    write(store, *((number, number, 7, MONDAY + days(number)) for number in range(1, 8)))
    with store.begin() as session:
        proof = Counts(session, FORUM, "spring", (OWN,), MONDAY + days(6)).posts_of(7, most=2)
    assert [found[:3] for found in proof] == [(6, 1, 6), (5, 1, 5)]


def test_a_store_of_before_counts_its_posts_when_they_are_first_needed(store: Store) -> None:
    with store.begin() as session:
        topic(session, 1)
        post(session, 1, 1, 1, 7, MONDAY)
    write(store, (2, 2, 8, MONDAY + days(1)))
    with store.begin() as session:
        assert counts_of(session) == set()
        ensure_counts(session, FORUM)
        assert session.get_one(ActivityDayRow, (FORUM, OWN, 7, date(2027, 3, 1))).posts == 1
        assert session.scalars(select(AnswerWeekRow.by_user)).all() == [8]
    write(store, (3, 3, 7, MONDAY + days(2)))
    with store.begin() as session:
        assert session.get_one(ActivityDayRow, (FORUM, OWN, 7, date(2027, 3, 3))).posts == 1
        assert_counts_hold(session, FORUM)


def test_what_is_undone_with_its_transaction_is_not_counted(store: Store) -> None:
    write(store, (1, 1, 7, MONDAY))
    with store.begin() as session:
        before = counts_of(session)

    def die(store: Store) -> None:
        with store.begin() as session, recounting(session, FORUM, [1]):
            post(session, 2, 1, 2, 8, MONDAY)
            session.flush()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die(store)
    with store.begin() as session:
        assert counts_of(session) == before


def test_with_a_person_who_is_forgotten_go_their_answers_to_others(store: Store) -> None:
    write(store, (1, 1, 7, MONDAY), (2, 2, 8, MONDAY + days(1)))
    with store.begin() as session:
        take_out(session, FORUM, Subject(accounts=frozenset({8})))
    write(store, (3, 3, 7, MONDAY + days(2)))
    with store.begin() as session:
        assert_counts_hold(session, FORUM)
        assert Counts(session, FORUM, "spring", (OWN,), MONDAY + days(3)).learners([7])[7].replies_received == 0


def test_discourse_s_own_accounts_are_nobody(store: Store) -> None:
    write(store, (1, 1, -1, MONDAY), (2, 2, 7, MONDAY + days(1)), (3, 3, -2, MONDAY + days(2)))
    found = read(store, MONDAY + days(3), 7)
    assert (found[7].posts, found[7].replies_given, found[7].replies_received) == (1, 0, 0)  # type: ignore[attr-defined]


def test_a_sign_put_aside_counts_as_long_as_it_was_said(store: Store) -> None:
    with store.begin() as session:
        dismiss(session, FORUM, "spring", 7, "on a project until April", "lea", MONDAY, MONDAY + days(10))
        dismiss(session, FORUM, "spring", 8, "we speak every week", "lea", MONDAY, None)
        dismiss(session, FORUM, "spring", 8, "an older word", "jo", MONDAY - days(1), MONDAY + days(1))
    with store.begin() as session:
        assert dismissals(session, FORUM, "spring", MONDAY + days(9)).keys() == {7, 8}
        assert dismissals(session, FORUM, "spring", MONDAY + days(11)).keys() == {8}
        assert dismissals(session, FORUM, "autumn", MONDAY).keys() == set()
        assert dismissals(session, FORUM, "spring", MONDAY)[8].reason == "we speak every week"
        restore(session, FORUM, "spring", 8)
        assert dismissals(session, FORUM, "spring", MONDAY + days(11)) == {}


TOPICS, POSTS, PEOPLE = st.integers(1, 3), st.integers(1, 9), st.integers(-1, 4)
HOURS = st.integers(0, 24 * 40)
CHANGES = st.one_of(
    st.tuples(st.just("post"), POSTS, TOPICS, st.integers(1, 4), PEOPLE, HOURS, st.none() | st.integers(1, 4)),
    st.tuples(st.just("delete"), POSTS),
    st.tuples(st.just("move"), TOPICS, st.sampled_from([OWN, LIBRARY])),
    st.tuples(st.just("forget"), TOPICS),
    st.tuples(st.just("like"), POSTS, PEOPLE, PEOPLE, HOURS),
    st.tuples(st.just("unlike"), POSTS),
    st.tuples(st.just("likes"), POSTS, st.integers(0, 3)),
)


def change(session: Session, what: tuple) -> None:  # type: ignore[type-arg]  # noqa: C901
    """Make one change as the readers of a forum make it."""
    kind, number, *more = what
    concerned = {number} if kind in ("move", "forget") else set()
    if kind == "post":
        concerned.add(more[0])
    if kind not in ("move", "forget"):
        concerned.update(session.scalars(select(PostRow.topic_id).where(PostRow.id == number)))
    with recounting(session, FORUM, concerned):
        match kind:
            case "post":
                topic_id, place, author, hours, reply_to = more
                if session.get(TopicRow, (FORUM, topic_id)) is None:
                    topic(session, topic_id)
                clash = (PostRow.topic_id == topic_id, PostRow.number == place, PostRow.id != number)
                session.execute(delete(PostRow).where(*clash))
                post(session, number, topic_id, place, author, MONDAY + timedelta(hours=hours), reply_to)
            case "delete":
                session.execute(delete(PostRow).where(PostRow.id == number))
            case "move":
                row = session.get(TopicRow, (FORUM, number))
                if row is not None:
                    row.category_id = more[0]
            case "forget":
                session.execute(delete(PostRow).where(PostRow.topic_id == number))
                session.execute(delete(TopicRow).where(TopicRow.id == number))
            case "like":
                by, author, hours = more
                at = MONDAY + timedelta(hours=hours)
                session.merge(LikeRow(forum=FORUM, post_id=number, user_id=by, author_id=author, created_at=at))
            case "unlike":
                session.execute(delete(LikeRow).where(LikeRow.post_id == number))
            case "likes":
                row = session.get(PostRow, (FORUM, number))
                if row is not None:
                    row.likes = more[0]


@settings(deadline=None, max_examples=60)
@given(st.lists(CHANGES, max_size=25))
def test_after_any_changes_the_counts_are_what_all_posts_come_to(changes: list[tuple]) -> None:  # type: ignore[type-arg]
    engine = create_engine("sqlite://")
    Table.metadata.create_all(engine)
    with Session(engine) as session:
        for one in changes:
            change(session, one)
        assert session.get(CursorRow, (FORUM, CURSOR)) is not None or not changes
        assert_counts_hold(session, FORUM)
    engine.dispose()


@pytest.mark.skipif(POSTGRES is None, reason=NO_POSTGRES)
@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CHANGES, max_size=15))
def test_the_same_holds_in_postgresql(changes: list[tuple]) -> None:  # type: ignore[type-arg]
    engine = create_engine(POSTGRES or "")
    schema = f"counts_{uuid.uuid4().hex}"
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
        connection.execute(text(f"SET search_path TO {schema}"))
        Table.metadata.create_all(connection)
        with Session(connection) as session:
            for one in changes:
                change(session, one)
            assert_counts_hold(session, FORUM)
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()
