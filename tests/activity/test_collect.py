"""The forum's topics come into the store, cheaply where nothing changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.activity.collect import cohort_categories, collect
from sync_worker.activity.reader import ActivityReader
from sync_worker.errors import UsageError
from sync_worker.forum import Forum
from sync_worker.membership.provenance import MembershipStore
from sync_worker.model import Cohort
from sync_worker.store.database import open_store
from tests.accounts import account_ids

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sync_worker.store.database import Store

COHORT = Cohort(
    "spring", "Spring 2027", date(2027, 3, 1), date(2027, 4, 11), "Europe/Lisbon", "en", "spring", "spring-lcm",
    "Spring 2027", "spring", also_reads=("library", "secret"),
)  # fmt: skip


@pytest.fixture
def forum(practice_forum: Any) -> Iterator[Forum]:
    """A forum with a cohort's group and category, one that everybody reads, and one that the cohort cannot see."""
    practice_forum.add_users("ana", "bob")
    with Forum.connect(practice_forum.settings, practice_forum.key) as connected:
        spring = connected.create_group("spring", "Spring")
        connected.create_group("others", "Others")
        connected.add_members(spring.id, account_ids(connected, "ana", "bob"))
        connected.create_category("Spring 2027", "spring", {"spring": 1})
        connected.create_category("Library", "library", {"everyone": 1})
        connected.create_category("Secret", "secret", {"others": 1})
        yield connected


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    yield opened
    opened.close()


def later() -> datetime:
    """Return a moment after everything written in a test."""
    return datetime.now(UTC) + timedelta(hours=1)


def write(practice_forum: Any, username: str, **body: Any) -> dict[str, Any]:
    """Post as somebody."""
    answer = practice_forum.call("POST", "/posts.json", as_user=username, json=body)
    assert answer.ok, answer.text
    return dict(answer.json())


def test_a_cohort_reads_its_own_category_and_what_all_its_readers_can_see(forum: Forum, store: Store) -> None:
    found = cohort_categories(forum, COHORT, store.sessions)
    names = {category.id: category.slug for category in forum.categories()}
    assert names[found.own] == "spring"
    assert [names[one] for one in found.readable] == ["spring", "library"]


def test_a_missing_category_says_what_to_do(forum: Forum, store: Store) -> None:
    with pytest.raises(UsageError, match="lcm sync --cohort autumn --apply"):
        cohort_categories(
            forum,
            Cohort(**{**{f: getattr(COHORT, f) for f in COHORT.__slots__}, "key": "autumn", "category_slug": "autumn"}),
            store.sessions,
        )


def test_new_and_changed_topics_are_read_and_others_are_not(forum: Forum, practice_forum: Any, store: Store) -> None:
    category = cohort_categories(forum, COHORT, store.sessions).own
    first = write(
        practice_forum, "ana", title="How do you hand over?", raw="How do you hand over at night?", category=category
    )
    with store.begin() as session:
        assert collect(forum, session, [category], later()).topics_read >= 1
    calls = forum.calls.total
    with store.begin() as session:
        again = collect(forum, session, [category], later())
    assert (again.topics_read, forum.calls.total - calls) == (0, 1)
    write(practice_forum, "bob", topic_id=first["topic_id"], raw="With one page and five boxes on it.")
    with store.begin() as session:
        assert collect(forum, session, [category], later()).topics_read == 1
        topics = ActivityReader(session, forum.name, [category], category).topics()
    topic = next(topic for topic in topics if topic.id == first["topic_id"])
    assert [post.username for post in topic.posts] == ["ana", "bob"]
    assert topic.posts[1].raw == "With one page and five boxes on it."


def test_a_like_alone_is_noticed(forum: Forum, practice_forum: Any, store: Store) -> None:
    category = cohort_categories(forum, COHORT, store.sessions).own
    post = write(
        practice_forum,
        "ana",
        title="One page for the hand-over",
        raw="One page with five boxes is enough.",
        category=category,
    )
    with store.begin() as session:
        collect(forum, session, [category], later())
    like = {"id": post["id"], "post_action_type_id": 2}
    assert practice_forum.call("POST", "/post_actions.json", as_user="bob", json=like).ok
    with store.begin() as session:
        collect(forum, session, [category], later())
        topics = ActivityReader(session, forum.name, [category], category).topics()
    assert [one.likes for topic in topics for one in topic.posts if one.id == post["id"]] == [1]


def test_a_deleted_topic_is_forgotten(forum: Forum, practice_forum: Any, store: Store) -> None:
    category = cohort_categories(forum, COHORT, store.sessions).own
    post = write(
        practice_forum, "ana", title="This goes away again", raw="I will delete this one very soon.", category=category
    )
    with store.begin() as session:
        collect(forum, session, [category], later())
    answer = practice_forum.call("DELETE", f"/t/{post['topic_id']}.json")
    if answer.status_code == 404:
        pytest.skip("the practice forum does not delete topics")
    with store.begin() as session:
        collect(forum, session, [category], later())
        topics = ActivityReader(session, forum.name, [category], category).topics()
    assert post["topic_id"] not in {topic.id for topic in topics}


def test_the_reader_shows_the_forum_as_it_stood(forum: Forum, practice_forum: Any, store: Store) -> None:
    category = cohort_categories(forum, COHORT, store.sessions).own
    monday = datetime(2027, 3, 1, 9, tzinfo=UTC)
    practice_forum.set_clock(monday)
    post = write(
        practice_forum, "ana", title="How do you hand over?", raw="How do you hand over at night?", category=category
    )
    practice_forum.set_clock(monday + timedelta(days=10))
    write(practice_forum, "bob", topic_id=post["topic_id"], raw="With one page and five boxes on it.")
    with store.begin() as session:
        collect(forum, session, [category], monday + timedelta(days=11))
        reader = ActivityReader(session, forum.name, [category], category)
        early = reader.topics(until=monday + timedelta(days=5))
        recent = reader.topics(since=monday + timedelta(days=5))
    assert [len(topic.posts) for topic in early if topic.id == post["topic_id"]] == [1]
    assert [len(topic.posts) for topic in recent if topic.id == post["topic_id"]] == [2]


def test_the_category_that_a_sync_made_is_found_by_its_id_whatever_it_is_called(forum: Forum, store: Store) -> None:
    spring = next(category for category in forum.categories() if category.slug == "spring")
    MembershipStore(store.sessions, forum.name).write_created("category", "spring", spring.id, "run", later())
    forum.update_category(spring.id, name="Leaders of spring", slug="leaders-of-spring")
    forum.create_category("Spring cleaning", "spring", {"others": 1})
    assert cohort_categories(forum, COHORT, store.sessions).own == spring.id


def test_nothing_takes_the_place_of_a_category_of_ours_that_was_deleted(forum: Forum, store: Store) -> None:
    MembershipStore(store.sessions, forum.name).write_created("category", "spring", 9999, "run", later())
    with pytest.raises(UsageError, match="the category of cohort 'spring' was deleted"):
        cohort_categories(forum, COHORT, store.sessions)


@pytest.mark.parametrize("permissions", [{"everyone": 1}, {"everyone": 3}, {"others": 1}])
def test_a_category_that_was_there_before_and_is_not_the_cohorts_alone_is_not_its_own(
    forum: Forum, store: Store, permissions: dict[str, int]
) -> None:
    spring = next(category for category in forum.categories() if category.slug == "spring")
    forum.update_category(spring.id, name="Spring", permissions=permissions)
    with pytest.raises(UsageError, match="was there before cohort 'spring' and is not its own"):
        cohort_categories(forum, COHORT, store.sessions)
