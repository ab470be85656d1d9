"""The client against the practice forum, sound and failing: the forum ends up the same."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from sync_worker.errors import ForumError
from sync_worker.forum import FailedCall, Forum, Patience
from sync_worker.practice_forum.server.options import NONE, PROFILES

UNTIL = datetime(2031, 5, 1, 9, 0, tzinfo=UTC)
NAMES = [f"bulk{number:04}" for number in range(1, 131)]
NOBODY = 999_999  # an id that no account has
RAW = "A text that is long enough for a forum that asks for twenty characters."


def connect(practice_forum: Any, sleep: Any, **more: Any) -> Forum:
    patience = Patience(attempts=12, sleep=sleep)
    return Forum.connect(practice_forum.settings, practice_forum.key, patience=patience, **more)


def reply_once(forum: Forum, topic_id: int, marker: str) -> None:
    """What publishing does: look for the marker before every try."""
    while True:
        topic = forum.topic(topic_id)
        assert topic is not None
        if any(marker in (post.raw or "") for post in topic.posts):
            return
        try:
            forum.reply(topic_id, f"{RAW} {marker}", reply_to=1)
        except ForumError as error:
            if not error.doubtful:
                raise


def journey(forum: Forum) -> None:
    """Everything that the worker does to a forum."""
    group = forum.create_group("bakers", "The bakers", visibility_level=2)
    forum.update_group(group.id, title="Baker")
    ids = {user.username: user.id for user in forum.users()}
    everybody = [ids[name] for name in NAMES]
    added = forum.add_members(group.id, [*everybody, NOBODY])
    assert (set(added.done), added.skipped) == (set(everybody), (NOBODY,))
    assert set(forum.remove_members(group.id, everybody[:7]).done) == set(everybody[:7])
    forum.add_owners(group.id, [ids[NAMES[10]]])
    forum.add_owners(group.id, [ids[NAMES[11]]])
    forum.remove_owner(group.id, ids[NAMES[11]])
    category = forum.create_category("Bakers", "bakers", {"bakers": 1, "staff": 1})
    forum.update_category(category.id, color="00AA00")
    for week in range(1, 6):
        title = f"What will you bake in week {week} of this course?"
        topic = forum.create_topic(title, f"{RAW} {week}", category.id, f"prompt-{week}", ["weekly"])
        forum.pin(topic.topic_id, UNTIL)
        reply_once(forum, topic.topic_id, f"<!-- lcm:r{week} -->")
        forum.create_message(f"A word about week {week}", f"{RAW} m{week}", [NAMES[20], NAMES[21]], f"word-{week}")
        if week % 2:
            forum.unpin(topic.topic_id)


def state(forum: Forum) -> dict[str, Any]:
    """What a reader finds on the forum afterwards, without ids and times."""
    group = next(group for group in forum.groups() if group.name == "bakers")
    members = {(member.username, member.owner) for member in forum.members("bakers")}
    category_id = next(
        topic.category_id for topic in [forum.topic(forum.topic_id_of("prompt-1") or 0)] if topic and topic.category_id
    )
    category = forum.category(category_id)
    topics = sorted((forum.topic(line.id) for line in forum.category_topics(category_id)), key=lambda t: t.title)
    messages = [forum.topic(forum.topic_id_of(f"word-{week}") or 0) for week in range(1, 6)]
    return {
        "group": (group.full_name, group.user_count),
        "members": members,
        "category": (category.name, category.permissions),
        "topics": [
            (t.title, t.tags, t.pinned, t.pinned_until, [(p.number, p.post_type, p.raw) for p in t.posts])
            for t in topics
            if t
        ],
        "messages": [(m.title, m.archetype, len(m.posts)) for m in messages if m],
        "users": len(list(forum.users())),
    }


SOUND: dict[str, Any] = {}


@pytest.fixture
def expected(make_practice_forum: Any, naps: Any) -> dict[str, Any]:
    """The forum after a journey without a fault, made once."""
    if not SOUND:
        with connect(make_practice_forum(bulk_users=150), naps) as forum:
            journey(forum)
            assert naps == []
            SOUND.update(state(forum))
    return SOUND


def test_a_sound_forum_has_everything_after_the_journey(expected: dict[str, Any]) -> None:
    assert expected["group"] == ("The bakers", 123)
    assert len(expected["members"]) == 123
    assert [name for name, owner in expected["members"] if owner] == [NAMES[10]]
    assert expected["category"] == ("Bakers", {"bakers": 1, "staff": 1})
    assert [title for title, *_ in expected["topics"] if "week" in title] == [
        f"What will you bake in week {week} of this course?" for week in range(1, 6)
    ]
    assert [pinned for title, _, pinned, *_ in expected["topics"] if "week" in title] == [False, True] * 2 + [False]
    assert expected["messages"] == [(f"A word about week {week}", "private_message", 1) for week in range(1, 6)]
    assert expected["users"] == 151


@pytest.mark.parametrize("profile", [name for name, profile in PROFILES.items() if profile is not NONE])
def test_a_failing_forum_ends_up_exactly_like_a_sound_one(
    make_practice_forum: Any, naps: Any, expected: dict[str, Any], profile: str
) -> None:
    failing = make_practice_forum(bulk_users=150)
    failing.faults.set(PROFILES[profile], 2)
    with connect(failing, naps) as forum:
        journey(forum)
        happened = failing.faults.happened.total()
        failing.faults.set(NONE, 0)
        assert state(forum) == expected
    assert happened > 0


def test_a_plan_reads_and_writes_nothing(practice_forum: Any, naps: Any) -> None:
    with connect(practice_forum, naps, read_only=True) as forum:
        assert [user.username for user in forum.users()] == ["forumadmin"]
        with pytest.raises(Exception, match="was not sent"):
            forum.create_group("bakers", "The bakers")
        assert "bakers" not in [group.name for group in forum.groups()]


def test_1105_members_in_few_calls(make_practice_forum: Any, naps: Any) -> None:
    practice_forum = make_practice_forum(bulk_users=1105)
    with connect(practice_forum, naps) as forum:
        group = forum.create_group("bakers", "The bakers")
        everybody = list(forum.users())
        assert len(everybody) == 1106
        before = forum.calls.total
        forum.add_members(group.id, [user.id for user in everybody if user.username.startswith("bulk")])
        assert forum.calls.total - before <= 5
        assert len(forum.members("bakers")) == 1105
        assert forum.calls.by_operation["GET /groups/*/members"] == 2
        assert forum.calls.by_operation["GET /admin/users/list/active"] == 12


def test_nobody_is_lost_among_accounts_that_were_made_in_the_same_moment(make_practice_forum: Any, naps: Any) -> None:
    """Discourse breaks no ties: with an import's equal times each page may have another order."""
    site = make_practice_forum()
    site.add_many_users(730)
    with connect(site, naps) as forum:
        names = [user.username for user in forum.users()]
    assert len(names) == len(set(names))
    assert {f"bulk{number:04}" for number in range(1, 731)} <= set(names)


def test_the_default_limit_of_a_forum_says_how_long_to_wait(make_practice_forum: Any) -> None:
    practice_forum = make_practice_forum(admin_requests_per_minute=5)
    forum = Forum.connect(practice_forum.settings, practice_forum.key, patience=Patience(attempts=1))
    for _ in range(5):
        forum.groups()
    with forum, pytest.raises(FailedCall) as caught:
        forum.groups()
    assert forum.calls.total == 6
    assert caught.value.status == 429
    assert caught.value.site_wide
    assert 50 < (caught.value.wait or 0) <= 60


def test_messages_to_our_account_come_newest_first_and_say_who_reads_them(practice_forum: Any) -> None:
    names = [f"writer{number}" for number in range(33)]
    practice_forum.add_users(*names)
    for number in range(33):
        body = {"title": f"Word {number}", "raw": f"This is word {number} to you.", "archetype": "private_message"}
        body["target_recipients"] = names[number]
        sent = practice_forum.call("POST", "/posts.json", json=body).json()
        if number != 5:  # a message that nobody answered is not in the list
            reply = {"topic_id": sent["topic_id"], "raw": f"And this is answer {number}."}
            assert practice_forum.call("POST", "/posts.json", as_user=names[number], json=reply).ok
    with Forum.connect(practice_forum.settings, practice_forum.key) as forum:
        found = list(forum.messages())
        assert len(found) == 32
        assert forum.calls.by_operation == {"GET /topics/private-messages/*": 2}
        assert [one.bumped_at for one in found] == sorted((one.bumped_at for one in found), reverse=True)
        assert (found[0].last_number, found[0].last_poster) == (2, "writer32")
        topic = forum.topic(found[0].id)
        assert topic is not None
        assert topic.readers is not None
        assert set(topic.readers.users.values()) == {"forumadmin", "writer32"}
        assert topic.readers.groups == frozenset()


def test_a_picture_is_uploaded_and_a_text_edited_without_a_place_in_the_list(practice_forum: Any) -> None:
    picture = base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    )
    with Forum.connect(practice_forum.settings, practice_forum.key) as forum:
        address = forum.upload_image("dot.png", picture)
        assert address.startswith("upload://")
        assert forum.upload_image("again.png", picture) == address
        with pytest.raises(ForumError, match="not authorized"):
            forum.upload_image("dot.exe", picture)
        category = practice_forum.get("/site.json")["categories"][0]["id"]
        made = forum.create_topic("A title that is long enough", "Before it was edited by us.", category, "key-9")
        before = forum.topic(made.topic_id)
        forum.edit_opening(
            made.post_id, "A title that is long enough", f"![a dot|1x1]({address})\n\nAfter it was edited by us.",
            instead_of="Before it was edited by us.", quietly=True,
        )  # fmt: skip
        after = forum.topic(made.topic_id)
        assert before is not None
        assert after is not None
        assert address in (after.posts[0].raw or "")
