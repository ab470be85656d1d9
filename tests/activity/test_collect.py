"""The forum's topics come into the store, cheaply where nothing changed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from sync_worker.activity.collect import cohort_categories, collect, keep_seen
from sync_worker.activity.reader import ActivityReader
from sync_worker.errors import Outcome, UsageError
from sync_worker.forum import Forum
from sync_worker.forum.patience import FailedCall
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.model import Cohort
from sync_worker.practice_forum.tables import Post, Topic, User
from sync_worker.signals.contributions import written_by_members
from sync_worker.store.database import open_store
from sync_worker.store.tables import TopicRow
from tests.accounts import account_ids
from tests.activity.rebuilt import assert_counts_hold

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
    with opened.begin() as session:
        for name in session.scalars(select(TopicRow.forum).distinct()).all():
            assert_counts_hold(session, name)
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
    assert collect(forum, store, [category], later()).topics_read >= 1
    calls = forum.calls.total
    again = collect(forum, store, [category], later())
    assert (again.topics_read, forum.calls.total - calls) == (0, 1)
    write(practice_forum, "bob", topic_id=first["topic_id"], raw="With one page and five boxes on it.")
    assert collect(forum, store, [category], later()).topics_read == 1
    with store.begin() as session:
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
    collect(forum, store, [category], later())
    like = {"id": post["id"], "post_action_type_id": 2}
    assert practice_forum.call("POST", "/post_actions.json", as_user="bob", json=like).ok
    collect(forum, store, [category], later())
    with store.begin() as session:
        topics = ActivityReader(session, forum.name, [category], category).topics()
    assert [one.likes for topic in topics for one in topic.posts if one.id == post["id"]] == [1]


def test_an_answer_that_is_accepted_alone_is_noticed(forum: Forum, practice_forum: Any, store: Store) -> None:
    category, now = cohort_categories(forum, COHORT, store.sessions).own, datetime(2027, 4, 1, tzinfo=UTC)
    (topic_id,) = open_topics(practice_forum, category, 1)
    answer = write(practice_forum, "bob", topic_id=topic_id, raw="With one page and five boxes on it.")["id"]
    collect(forum, store, [category], now)
    with practice_forum.session() as session:
        session.get(Topic, topic_id).accepted_post_id = answer
    collect(forum, store, [category], now)
    with store.begin() as session:
        [topic] = ActivityReader(session, forum.name, [category], category).some([topic_id])
    assert [post.id for post in topic.posts if post.accepted] == [answer]
    assert collect(forum, store, [category], now).topics_read == 0


def test_a_deleted_topic_is_forgotten(forum: Forum, practice_forum: Any, store: Store) -> None:
    category = cohort_categories(forum, COHORT, store.sessions).own
    post = write(
        practice_forum, "ana", title="This goes away again", raw="I will delete this one very soon.", category=category
    )
    collect(forum, store, [category], later())
    answer = practice_forum.call("DELETE", f"/t/{post['topic_id']}.json")
    if answer.status_code == 404:
        pytest.skip("the practice forum does not delete topics")
    collect(forum, store, [category], later())
    with store.begin() as session:
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
    collect(forum, store, [category], monday + timedelta(days=11))
    with store.begin() as session:
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


def open_topics(practice_forum: Any, category: int, count: int) -> list[int]:
    """Open topics, one a day, and return their ids, oldest first."""
    found = []
    for number in range(count):
        practice_forum.set_clock(datetime(2027, 3, 1 + number, 9, tzinfo=UTC))
        raw = f"How do you hand over at night, case {number}?"
        title = f"How do you hand over, part {number}?"
        found.append(write(practice_forum, "ana", title=title, raw=raw, category=category)["topic_id"])
    return found


def stored(store: Store, forum: Forum) -> set[int]:
    """Return the ids of the topics in the store."""
    with store.begin() as session:
        return set(session.scalars(select(TopicRow.id).where(TopicRow.forum == forum.name)))


def test_an_unlisted_topic_is_not_read_and_one_that_was_read_is_forgotten(
    forum: Forum, practice_forum: Any, store: Store
) -> None:
    category = cohort_categories(forum, COHORT, store.sessions).own
    first, second = open_topics(practice_forum, category, 2)
    collect(forum, store, [category], later() + timedelta(days=400))
    assert {first, second} <= stored(store, forum)
    body = {"status": "visible", "enabled": "false"}
    assert practice_forum.call("PUT", f"/t/{first}/status.json", data=body).ok
    collect(forum, store, [category], later() + timedelta(days=400))
    assert stored(store, forum) & {first, second} == {second}


def test_a_reading_that_is_stopped_keeps_the_oldest_and_goes_on(
    forum: Forum, practice_forum: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_worker.activity.collect.KEPT_AT_ONCE", 2)
    category = cohort_categories(forum, COHORT, store.sessions).own
    topics = open_topics(practice_forum, category, 5)
    now = datetime(2027, 4, 1, tzinfo=UTC)
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if total and done == total - 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(forum, store, [category], now, progress=stop)
    kept = stored(store, forum)
    assert kept >= set(topics[:2])
    assert topics[-1] not in kept
    calls = forum.calls.total
    assert collect(forum, store, [category], now).topics_read == len(told[-1:]) * told[-1][1] - len(kept)
    assert stored(store, forum) >= set(topics)
    assert forum.calls.total - calls <= 1 + told[-1][1] - len(kept)


def test_a_topic_that_is_not_shown_as_it_should_be_keeps_no_other_and_is_read_the_next_time(
    forum: Forum, practice_forum: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    category = cohort_categories(forum, COHORT, store.sessions).own
    first, second = open_topics(practice_forum, category, 2)
    read, now = Forum.topic, datetime(2027, 4, 1, tzinfo=UTC)

    def but_for_the_first(self: Forum, number: int) -> Any:
        if number == first:
            raise FailedCall("it answered 500.", outcome=Outcome.DOUBTFUL, status=500)
        return read(self, number)

    with monkeypatch.context() as patched:
        patched.setattr(Forum, "topic", but_for_the_first)
        collect(forum, store, [category], now)
    assert stored(store, forum) & {first, second} == {second}
    collect(forum, store, [category], now)
    assert stored(store, forum) & {first, second} == {first, second}


def move_post(practice_forum: Any, number: int, origin: int, target: int) -> None:
    """Move a reply to another topic as a moderator does: it keeps its id, and both topics say how many they hold."""
    with practice_forum.session() as session:
        post = session.get(Post, number)
        post.topic_id, post.post_number = target, 2
        for topic_id, posts in ((origin, 1), (target, 2)):
            topic = session.get(Topic, topic_id)
            topic.posts_count = topic.highest_post_number = posts


@pytest.mark.parametrize("to_the_older", [True, False], ids=["to an older topic", "to a younger topic"])
@pytest.mark.parametrize("at_a_last_look", [True, False], ids=["looked at before it is quoted", "collected"])
def test_a_reply_that_a_moderator_moves_to_another_topic_goes_with_it(
    forum: Forum, practice_forum: Any, store: Store, *, to_the_older: bool, at_a_last_look: bool
) -> None:
    category, now = cohort_categories(forum, COHORT, store.sessions).own, datetime(2027, 4, 1, tzinfo=UTC)
    older, younger = open_topics(practice_forum, category, 2)
    origin, target = (younger, older) if to_the_older else (older, younger)
    reply = write(practice_forum, "bob", topic_id=origin, raw="With one page and five boxes on it.")["id"]
    collect(forum, store, [category], now)
    move_post(practice_forum, reply, origin, target)
    if at_a_last_look:
        with store.begin() as session:
            keep_seen(session, forum.name, {target: forum.topic(target)})
    else:
        collect(forum, store, [category], now)
    with store.begin() as session:
        topics = {one.id: one for one in ActivityReader(session, forum.name, [category], category).topics()}
    assert reply not in {post.id for post in topics[origin].posts}
    assert [post.id for post in topics[target].posts][1:] == [reply]


def test_what_an_lcm_wrote_under_an_older_username_is_known_as_the_lcm_s(
    forum: Forum, practice_forum: Any, store: Store
) -> None:
    category, now = cohort_categories(forum, COHORT, store.sessions).own, datetime(2027, 4, 1, tzinfo=UTC)
    (topic_id,) = open_topics(practice_forum, category, 1)
    collect(forum, store, [category], now)
    [number] = account_ids(forum, "ana")
    with practice_forum.session() as session:
        account = session.get(User, number)
        account.username = account.username_lower = "ana-maria"
    assert collect(forum, store, [category], now, lcms={number: "ana-maria"}).topics_read == 0
    with store.begin() as session:
        [topic] = ActivityReader(session, forum.name, [category], category).some([topic_id])
    assert topic.opened_by({"ana-maria"})
    assert not list(written_by_members([topic], topic.created_at, now, frozenset({"ana-maria"})))


def test_a_topic_that_moves_to_a_page_that_was_turned_is_not_forgotten(
    forum: Forum, practice_forum: Any, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("sync_worker.forum.reading", "sync_worker.activity.collect"):
        monkeypatch.setattr(f"{module}.TOPICS_A_CALL", 2)
    category, now = cohort_categories(forum, COHORT, store.sessions).own, datetime(2027, 4, 1, tzinfo=UTC)
    *others, last = open_topics(practice_forum, category, 6)  # the newest are listed first
    collect(forum, store, [category], now)
    page_of = Forum._topic_page

    def turned(self: Forum, category_id: int, page: int) -> Any:
        found = page_of(self, category_id, page)
        if page == 1:
            practice_forum.call("DELETE", f"/t/{last}.json")
        return found

    monkeypatch.setattr(Forum, "_topic_page", turned)
    collect(forum, store, [category], now)
    assert stored(store, forum) >= set(others)
    monkeypatch.undo()
    collect(forum, store, [category], now)
    assert stored(store, forum) & {*others, last} == set(others)


def test_looking_at_another_day_throws_nothing_away(forum: Forum, practice_forum: Any, store: Store) -> None:
    category = cohort_categories(forum, COHORT, store.sessions).own
    topics = open_topics(practice_forum, category, 3)
    collect(forum, store, [category], datetime(2027, 4, 1, tzinfo=UTC))
    collect(forum, store, [category], datetime(2020, 1, 1, tzinfo=UTC))
    assert stored(store, forum) >= set(topics)


def test_hidden_posts_bots_and_anonymised_people_are_not_quotable(
    forum: Forum, practice_forum: Any, store: Store
) -> None:
    category = cohort_categories(forum, COHORT, store.sessions).own
    (topic_id,) = open_topics(practice_forum, category, 1)
    write(practice_forum, "bob", topic_id=topic_id, raw="With one page and five boxes on it.")
    ana = practice_forum.get("/u/ana.json")["user"]["id"]
    assert practice_forum.call("PUT", f"/admin/users/{ana}/anonymize.json").ok
    collect(forum, store, [category], datetime(2027, 4, 1, tzinfo=UTC))
    with store.begin() as session:
        topics = ActivityReader(session, forum.name, [category], category).topics()
    posts = next(topic.posts for topic in topics if topic.id == topic_id)
    assert [post.quotable for post in posts] == [False, True]
