"""Site settings, figures, uploads, and how parameters are read."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from sync_worker.practice_forum.server.requests import parse


def change(forum: Any, name: str, value: str) -> Any:
    return forum.call("PUT", f"/admin/site_settings/{name}.json", data={name: value})


def test_settings_are_listed_filtered_and_changed(practice_forum: Any) -> None:
    assert len(practice_forum.get("/admin/site_settings.json?filter_names[]=title")["site_settings"]) > 50
    change(practice_forum, "title", "Spring forum")
    language, *rows = practice_forum.get("/admin/site_settings.json?names[]=title")["site_settings"]
    assert language["setting"] == "default_locale"
    assert [(row["setting"], row["value"], row["default"]) for row in rows] == [("title", "Spring forum", "Discourse")]


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("nosuch", "1", "No setting named 'nosuch' exists"),
        ("min_post_length", "abc", "min_post_length: Value must be between 1 and 2,000,000,000."),
        ("max_api_invites", "5", "You are not allowed to change hidden settings"),
        (
            "enable_discourse_connect",
            "true",
            "enable_discourse_connect: You must set a 'discourse connect url' before enabling this setting.",
        ),
    ],
)
def test_a_setting_that_cannot_be_changed_says_why(practice_forum: Any, name: str, value: str, text: str) -> None:
    answer = change(practice_forum, name, value)
    assert (answer.status_code, answer.json()["errors"]) == (422, [text])


def test_what_is_no_number_in_a_list_of_groups_counts_as_everyone_as_with_discourse(practice_forum: Any) -> None:
    practice_forum.add_user("ines", trust_level=0)
    write = {"title": "Hello", "archetype": "private_message", "target_recipients": "forumadmin"}
    for groups, text, status in (("1|2", "When do we meet this week?", 422), ("1|2|spring-27", "And the next?", 200)):
        assert change(practice_forum, "personal_message_enabled_groups", groups).ok
        sent = practice_forum.call("POST", "/posts.json", as_user="ines", data=write | {"raw": text})
        assert sent.status_code == status, sent.text


def test_the_site_names_its_groups_and_the_categories_one_may_see(practice_forum: Any) -> None:
    practice_forum.add_user("ana")
    assert "staff" in [row["slug"] for row in practice_forum.get("/site.json")["categories"]]
    seen = practice_forum.get("/site.json", as_user="ana")
    assert [row["slug"] for row in seen["categories"]] == ["uncategorized", "site-feedback", "general"]
    assert "admins" in [row["name"] for row in seen["groups"]]


def test_about_counts_people_and_posts(practice_forum: Any) -> None:
    practice_forum.add_users("ana", "ben")
    about = practice_forum.get("/about.json")["about"]
    assert (about["stats"]["users_count"], about["admin_ids"]) == (3, [1])


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"\x10\x20\x30" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def upload(forum: Any, name: str, content: bytes, **form: str) -> Any:
    return forum.call("POST", "/uploads.json", data=form, files={"file": (name, content)})


def test_an_image_is_stored_once_and_can_be_fetched(practice_forum: Any) -> None:
    first = upload(practice_forum, "a.png", png(64, 48), upload_type="composer").json()
    again = upload(practice_forum, "b.png", png(64, 48), upload_type="composer").json()
    assert (first["id"], first["width"], first["height"], first["extension"]) == (again["id"], 64, 48, "png")
    assert first["short_url"].startswith("upload://")
    image = practice_forum.client.get(f"http:{first['url']}", timeout=60)
    assert (image.headers["content-type"], image.content) == ("image/png", png(64, 48))


@pytest.mark.parametrize(
    ("name", "form", "status", "words"),
    [
        ("a.exe", {"upload_type": "composer"}, 422, "not authorized (authorized extensions: jpg, jpeg"),
        ("a.png", {"upload_type": "composer"}, 422, "couldn't determine the size of the image"),
        ("a.png", {}, 400, "param is missing or the value is empty or invalid: upload_type"),
    ],
)
def test_uploads_that_are_refused(practice_forum: Any, name: str, form: Any, status: int, words: str) -> None:
    answer = upload(practice_forum, name, b"this is text", **form)
    assert answer.status_code == status
    assert words in answer.json()["errors"][0]


def read(query: str = "", **builder: Any) -> dict[str, Any]:
    return parse(Request(EnvironBuilder(query_string=query, method="POST", **builder).get_environ())).tree  # type: ignore[arg-type]


def test_nested_names_become_hashes_and_lists() -> None:
    tree = read("group[name]=x&tags[]=a&tags[]=b&plain=1&rows[][name]=n&rows[][count]=2&rows[][name]=m")
    assert tree == {
        "group": {"name": "x"},
        "tags": ["a", "b"],
        "plain": "1",
        "rows": [{"name": "n", "count": "2"}, {"name": "m"}],
    }


def test_a_json_body_wins_over_the_query() -> None:
    assert read("a=1&b=2", json={"a": [1, True]}) == {"a": [1, True], "b": "2"}


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), st.text(max_size=5), max_size=5))
def test_flat_forms_come_back_as_they_were_sent(form: dict[str, str]) -> None:
    assert read(data=form) == form
