"""What readers of a cohort's category can no longer find there leaves the store, and comes back with them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
from sqlalchemy import func, select

from sync_worker.activity.feed import Feed
from sync_worker.config.settings import ForumSettings
from sync_worker.forum import Forum, Patience
from sync_worker.forum.plugin_records import ActiveLike, ActivityPage
from sync_worker.practice_forum.tables import Post, Topic, User
from sync_worker.store.database import Store, open_store
from sync_worker.store.tables import ActivityDayRow, PostRow, TopicRow
from tests.activity.rebuilt import assert_counts_hold
from tests.lcm.conftest import COHORT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.lcm.conftest import Site

START = datetime(2027, 3, 1, tzinfo=UTC)


@dataclass
class Reader:
    """A worker's store that reads the activity of cohorts."""

    site: Site
    store: Store
    categories: dict[str, int] = field(default_factory=dict)

    def read(self, cohort: str = "spring-27") -> dict[int, str]:
        """Read on; return the raw text of every stored post by its id."""
        with self._forum() as forum, self.store.begin() as session:
            assert forum.plugin is not None
            Feed(forum.plugin, forum.name, cohort, (self.categories.get(cohort, 0),)).collect(session)
        return self.posts()

    def posts(self) -> dict[int, str]:
        with self.store.begin() as session:
            for forum in session.scalars(select(PostRow.forum).distinct()).all():
                assert_counts_hold(session, forum)
            return {row.id: row.raw for row in session.scalars(select(PostRow))}

    def topics(self) -> dict[int, int | None]:
        with self.store.begin() as session:
            return {row.id: row.category_id for row in session.scalars(select(TopicRow))}

    def change(self, table: type[Any], number: int, **columns: Any) -> None:
        """Change a row of the forum past its web interface, as its database holds it afterwards."""
        with self.site.forum.session() as session:
            row = session.get(table, number)
            for name, value in columns.items():
                setattr(row, name, value)
            session.commit()

    @contextmanager
    def _forum(self) -> Iterator[Forum]:
        settings = ForumSettings(url=self.site.forum.url, api_username="forumadmin", calls_per_minute=1_000_000)
        with Forum.connect(settings, self.site.forum.key, patience=Patience(attempts=1)) as forum:
            yield forum


@pytest.fixture
def reader(cohort: Site, tmp_path: Path) -> Iterator[Reader]:
    store = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    yield Reader(cohort, store)
    store.close()


@pytest.fixture
def thread(reader: Reader) -> tuple[dict[str, Any], dict[str, Any]]:
    """A topic of ana's with an answer of ben's."""
    first = reader.site.post("ana", "How do I begin a hand-over?")
    body = {"topic_id": first["topic_id"], "raw": "Read the list aloud before anybody leaves the room."}
    return first, reader.site.forum.call("POST", "/posts.json", as_user="ben", json=body).json()


def elsewhere(reader: Reader) -> int:
    group = reader.site.forum.call("POST", "/admin/groups.json", json={"group": {"name": "board"}}).json()
    assert group["basic_group"]["id"]
    body = {"name": "Board", "color": "0088CC", "text_color": "FFFFFF", "permissions": {"board": 1}}
    return int(reader.site.forum.call("POST", "/categories.json", json=body).json()["category"]["id"])


def call(reader: Reader, verb: str, path: str, as_user: str = "forumadmin", **body: Any) -> None:
    answer = reader.site.forum.call(verb, path, as_user=as_user, json=body)
    assert answer.status_code in (200, 204), answer.text


LEAVES: dict[str, tuple[Callable[[Reader, Any, Any], None], Callable[[Reader, Any, Any], None] | None]] = {
    "the topic is moved": (
        lambda r, first, _: call(r, "PUT", f"/t/-/{first['topic_id']}.json", category_id=elsewhere(r)),
        lambda r, first, _: call(r, "PUT", f"/t/-/{first['topic_id']}.json", category_id=first["category_id"]),
    ),
    "the topic is unlisted": (
        lambda r, first, _: call(r, "PUT", f"/t/{first['topic_id']}/status.json", status="visible", enabled="false"),
        lambda r, first, _: call(r, "PUT", f"/t/{first['topic_id']}/status.json", status="visible", enabled="true"),
    ),
    "the topic is deleted": (
        lambda r, first, _: call(r, "DELETE", f"/t/{first['topic_id']}.json"),
        lambda r, first, _: call(r, "PUT", f"/t/{first['topic_id']}/recover.json"),
    ),
    "the post is deleted": (
        lambda r, _, answer: call(r, "DELETE", f"/posts/{answer['id']}.json"),
        lambda r, _, answer: call(r, "PUT", f"/posts/{answer['id']}/recover.json"),
    ),
    "the post is hidden by flags": (
        lambda r, _, answer: r.change(Post, answer["id"], hidden=True),
        lambda r, _, answer: r.change(Post, answer["id"], hidden=False),
    ),
    "the post is withdrawn by its author": (
        lambda r, _, answer: r.change(Post, answer["id"], user_deleted=True),
        lambda r, _, answer: r.change(Post, answer["id"], user_deleted=False),
    ),
    "the post is whispered": (
        lambda r, _, answer: r.change(Post, answer["id"], post_type=4),
        lambda r, _, answer: r.change(Post, answer["id"], post_type=1),
    ),
    "the topic becomes a message": (
        lambda r, first, _: r.change(Topic, first["topic_id"], archetype="private_message", category_id=None),
        None,
    ),
}


@pytest.mark.parametrize("how", LEAVES)
def test_what_left_is_dropped_and_comes_back_when_it_returns(reader: Reader, thread: Any, how: str) -> None:
    first, answer = thread
    kept = reader.site.post("lea", "What do you do on the first day?")
    assert {first["id"], answer["id"], kept["id"]} <= reader.read().keys()
    first["category_id"] = reader.topics()[first["topic_id"]]
    going, coming = LEAVES[how]

    going(reader, first, answer)
    after = reader.read()

    assert answer["id"] not in after
    assert kept["id"] in after
    assert (first["topic_id"] in reader.topics()) == ("the post" in how)
    if coming is not None:
        coming(reader, first, answer)
        assert reader.read()[answer["id"]].startswith("Read the list aloud")
        assert first["topic_id"] in reader.topics()


def test_an_edited_answer_in_the_middle_of_a_topic_is_read_again(reader: Reader, thread: Any) -> None:
    _, answer = thread
    reader.read()
    call(reader, "PUT", f"/posts/{answer['id']}.json", "ben", post={"raw": "I was wrong about this, forget my answer."})
    assert reader.read()[answer["id"]].startswith("I was wrong")


def test_an_author_under_a_new_name_is_stored_under_it(reader: Reader, thread: Any) -> None:
    _, answer = thread
    reader.read()
    ben = int(reader.site.forum.get("/u/ben.json")["user"]["id"])
    reader.change(User, ben, username="anon9182", username_lower="anon9182", name="")
    reader.read()
    with reader.store.begin() as session:
        row = session.scalars(select(PostRow).where(PostRow.id == answer["id"])).one()
        assert (row.username, row.name) == ("anon9182", "")


def test_likes_that_a_topic_got_before_it_came_into_the_category_go_on_counting(reader: Reader, thread: Any) -> None:
    first, answer = thread
    reader.read()
    first["category_id"] = reader.topics()[first["topic_id"]]
    going, coming = LEAVES["the topic is moved"]
    going(reader, first, answer)
    reader.read()
    reader.change(Post, answer["id"], like_count=5)  # there, where no cohort reads: nobody tells who gave them
    coming(reader, first, answer)

    def likes() -> list[int]:
        reader.read()
        with reader.store.begin() as session:
            kept = session.scalars(select(PostRow.likes).where(PostRow.id == answer["id"])).one()
            return [kept, session.scalars(select(func.sum(ActivityDayRow.likes_received))).one()]

    assert likes() == [5, 5]
    call(reader, "POST", "/post_actions.json", "ana", id=answer["id"], post_action_type_id=2)
    assert likes() == [5, 5]  # at least: of the one that is told nobody knows whether it is among them


def test_a_like_that_was_taken_back_counts_no_more(reader: Reader, thread: Any) -> None:
    _, answer = thread
    call(reader, "POST", "/post_actions.json", "ana", id=answer["id"], post_action_type_id=2)
    reader.read()
    ana, ben = (int(reader.site.forum.get(f"/u/{name}.json")["user"]["id"]) for name in ("ana", "ben"))
    back = ActiveLike(answer["id"], ana, ben, START, deleted=True)
    with reader._forum() as forum, reader.store.begin() as session:
        plugin = Mock(spec=["activity"])
        plugin.activity.return_value = ActivityPage("later", more=False, likes=(back,))
        Feed(plugin, forum.name, "spring-27", (0,)).collect(session)
        assert session.scalars(select(PostRow.likes).where(PostRow.id == answer["id"])).one() == 0
    reader.posts()  # the counts hold


def test_with_a_further_category_all_is_read_from_the_beginning(reader: Reader) -> None:
    """The plugin tells what was written there before at the moments at which it was written, and not as new."""
    reader.read()
    asked = []
    with reader._forum() as forum:
        plugin = Mock(spec=["activity"])
        plugin.activity.return_value = ActivityPage("later", more=False)
        for categories in ((0,), (0, 7), (0, 7), (7, 0), (0,), (0,)):
            with reader.store.begin() as session:
                Feed(plugin, forum.name, "spring-27", categories).collect(session)
            asked.append(plugin.activity.call_args.args[1])
    assert [after is None for after in asked] == [False, True, False, False, False, False]


@pytest.mark.parametrize("first_reader", ["spring-27", "autumn-27"])
def test_a_topic_that_moves_to_another_cohort_is_kept_whichever_reads_first(
    reader: Reader, thread: Any, first_reader: str
) -> None:
    first, answer = thread
    other = COHORT | {
        "name": "Autumn 2027",
        "group": {"name": "autumn-27", "full_name": "Autumn"},
        "lcm_group": {"name": "autumn-27-lcm", "full_name": "Autumn (LCM)"},
        "category": {"name": "Autumn 2027", "slug": "autumn-27"},
    }
    reader.site.ask("PUT", "/lcm/cohorts/autumn-27.json", other)
    cohorts = {row["key"]: row for row in reader.site.forum.get("/lcm/cohorts.json")["cohorts"]}
    autumn = cohorts["autumn-27"]["category"]["id"]
    reader.read("spring-27")
    reader.read("autumn-27")

    call(reader, "PUT", f"/t/-/{first['topic_id']}.json", category_id=autumn)
    for cohort in sorted(("spring-27", "autumn-27"), key=lambda key: key != first_reader):
        reader.read(cohort)

    assert {first["id"], answer["id"]} <= reader.posts().keys()
    assert reader.topics()[first["topic_id"]] == autumn
