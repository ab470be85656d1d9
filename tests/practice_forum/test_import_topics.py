"""Taking a real forum's topics into the practice forum."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from sync_worker.activity.collect import collect
from sync_worker.cli import main
from sync_worker.forum import Forum
from sync_worker.store.database import open_store
from sync_worker.store.tables import PostRow

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

    PracticeForum = Any


def a_post(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": 900 + number,
        "post_number": number,
        "post_type": 1,
        "user_id": 70 + number,
        "username": f"writer{number}",
        "name": "",
        "created_at": f"2019-05-0{number}T10:00:00.123Z",
        "cooked": f"<p>Text number {number}</p>",
        "actions_summary": [{"id": 2, "count": number}],
        "reply_to_post_number": None if number == 1 else 1,
        **more,
    }


def a_topic(**more: Any) -> dict[str, Any]:
    posts = more.pop("posts", None) or [a_post(1), a_post(2, accepted_answer=True)]
    return {
        "id": 500,
        "title": "How to bake light",
        "slug": "how-to-bake-light",
        "category_id": 10,
        "created_at": "2019-05-01T10:00:00.123Z",
        "posts_count": len(posts),
        "views": 33,
        "post_stream": {"posts": posts},
        **more,
    }


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where the forum is."""
    return tmp_path / "forum.db"


def import_file(path: Path, database: Path) -> Result:
    return CliRunner().invoke(main, ["practice-forum", "import", str(path), "--database", str(database), "--json"])


def write(path: Path, *lines: object) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def test_a_topic_keeps_its_ids_times_authors_likes_and_accepted_answer(
    tmp_path: Path, database: Path, make_practice_forum: Any
) -> None:
    result = import_file(write(tmp_path / "t.jsonl", a_topic(tags=["light", {"name": "Bake"}])), database)
    assert result.exit_code == 0, result.output
    forum: PracticeForum = make_practice_forum(database)
    topic = forum.get("/t/500.json?include_raw=1")
    first, second = topic["post_stream"]["posts"]
    assert (topic["title"], topic["category_id"], topic["views"]) == ("How to bake light", 10, 33)
    assert sorted(topic["tags"]) == ["Bake", "light"]
    assert (first["id"], first["created_at"], first["username"]) == (901, "2019-05-01T10:00:00.123Z", "writer1")
    assert first["cooked"] == "<p>Text number 1</p>"
    assert first["raw"] == "Text number 1"
    assert second["actions_summary"][0]["count"] == 2
    assert second["reply_to_post_number"] == 1
    names = {category["id"]: category["name"] for category in forum.get("/site.json")["categories"]}
    assert names[10] == "Category 10"


def test_a_second_import_changes_nothing(tmp_path: Path, database: Path) -> None:
    file = write(tmp_path / "t.jsonl", a_topic())
    import_file(file, database)
    again = import_file(file, database)
    figures = json.loads(again.stdout)
    assert again.exit_code == 0
    assert (figures["topics"], figures["posts"], figures["people"], figures["unchanged"]) == (0, 0, 0, 1)


def test_lines_that_cannot_be_read_are_named_and_the_rest_is_taken(tmp_path: Path, database: Path) -> None:
    twice = a_topic(id=501, posts=[a_post(1, id=1901), a_post(1, id=1902)])
    no_title = {key: value for key, value in a_topic(id=502).items() if key != "title"}
    file = write(tmp_path / "t.jsonl", "not json", "", a_topic(), twice, no_title, "[]")
    result = import_file(file, database)
    assert result.exit_code == 4
    assert json.loads(result.stdout)["topics"] == 1
    for line, why in ((1, "not JSON"), (4, "has a post twice"), (5, "title"), (6, "object")):
        assert f"{file}:{line}: " in result.stderr
        assert why in result.stderr


def test_html_is_cleaned_but_previews_stay_recognisable(
    tmp_path: Path, database: Path, make_practice_forum: Any
) -> None:
    cooked = (
        '<p onclick=\'x()\'>Hi<script>alert(1)</script></p><aside class="onebox"><a href="javascript:x">y</a></aside>'
        "<iframe src='https://example.org'></iframe><pre><code class=\"lang-c++\">int a;</code></pre>"
    )
    import_file(write(tmp_path / "t.jsonl", a_topic(posts=[a_post(1, cooked=cooked)])), database)
    shown = make_practice_forum(database).get("/t/500.json")["post_stream"]["posts"][0]["cooked"]
    assert "onclick" not in shown
    assert "script" not in shown
    assert "iframe" not in shown
    assert '<aside class="onebox">' in shown
    assert '<code class="lang-c++">int a;</code>' in shown


def test_an_id_that_another_topic_has_is_not_overwritten(tmp_path: Path, database: Path) -> None:
    result = import_file(write(tmp_path / "t.jsonl", a_topic(id=1)), database)
    assert result.exit_code == 4
    assert "another topic 1" in result.stderr


def test_a_user_id_that_is_taken_does_not_merge_two_people(
    tmp_path: Path, database: Path, make_practice_forum: Any
) -> None:
    import_file(write(tmp_path / "t.jsonl", a_topic(posts=[a_post(1, user_id=1)])), database)
    author = make_practice_forum(database).get("/t/500.json")["post_stream"]["posts"][0]
    assert author["username"] == "writer1"
    assert author["user_id"] != 1


def test_an_empty_or_missing_file_is_a_usage_error(tmp_path: Path, database: Path) -> None:
    assert import_file(write(tmp_path / "empty.jsonl"), database).exit_code == 2
    missing = import_file(tmp_path / "missing.jsonl.gz", database)
    assert missing.exit_code == 2
    assert "missing.jsonl.gz" in missing.stderr


def test_a_gzip_file_that_was_cut_is_reported(tmp_path: Path, database: Path) -> None:
    whole = gzip.compress(("\n".join(json.dumps(a_topic(id=600 + n)) for n in range(50))).encode())
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    result = import_file(tmp_path / "cut.jsonl.gz", database)
    assert result.exit_code == 2
    assert "cut.jsonl.gz" in result.stderr


def test_a_real_forum_of_a_year_is_taken_in_whole(
    shared_folder: Path, database: Path, make_practice_forum: Any
) -> None:
    result = import_file(shared_folder / "real_forum" / "topics-2019.jsonl.gz", database)
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert (figures["topics"], figures["posts"], figures["people"]) == (477, 4411, 198)
    assert figures["problems"] == []
    listed = make_practice_forum(database).get("/latest.json")["topic_list"]["topics"]
    assert len(listed) == 30


@pytest.mark.parametrize("told_by", ["its posts", "the topic"])
def test_an_accepted_answer_is_served_as_solved_does_and_reaches_the_workers_store(
    tmp_path: Path, database: Path, make_practice_forum: Any, told_by: str
) -> None:
    posts = [a_post(1), a_post(2), a_post(3, accepted_answer=told_by == "its posts")]
    more = {} if told_by == "its posts" else {"accepted_answer": {"post_number": 3, "username": "writer3"}}
    plain = a_topic(posts=[a_post(1, id=801), a_post(2, id=802)], id=501, title="What to bake now", slug="now")
    assert import_file(write(tmp_path / "t.jsonl", a_topic(posts=posts, **more), plain), database).exit_code == 0
    forum: PracticeForum = make_practice_forum(database)
    topic = forum.get("/t/500.json")
    assert topic["accepted_answer"] == {
        "post_number": 3, "username": "writer3", "name": None, "excerpt": "Text number 3",
    }  # fmt: skip
    shown = [(post["accepted_answer"], post["topic_accepted_answer"]) for post in topic["post_stream"]["posts"]]
    assert shown == [(False, True), (False, True), (True, True)]
    without = forum.get("/t/501.json")
    assert "accepted_answer" not in without
    assert "accepted_answer" not in without["post_stream"]["posts"][0]
    lines = {line["id"]: line for line in forum.get("/latest.json")["topic_list"]["topics"]}
    assert lines[500]["has_accepted_answer"] is True

    store = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    with Forum.connect(forum.settings, forum.key) as worker:
        collect(worker, store, [topic["category_id"]], datetime.now(UTC))
    with store.begin() as session:
        accepted = session.scalars(select(PostRow).where(PostRow.accepted.is_(True))).all()
        assert [(row.topic_id, row.number) for row in accepted] == [(500, 3)]
    store.close()
