"""The practice forum's pages, as a browser gets them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest
import requests
from bs4 import BeautifulSoup

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    PracticeForum = Any

HOSTILE = "<script>alert('x')</script> <img src=x onerror=alert(1)> <b onmouseover=alert(2)>bold</b> & \"quotes\""


class Visitor:
    """Somebody with a browser that keeps cookies and sends no key."""

    def __init__(self, forum: PracticeForum) -> None:
        self.forum = forum
        self.http = requests.Session()

    def status(self, path: str) -> int:
        return self.http.get(urljoin(self.forum.url, path), timeout=60).status_code

    def open(self, path: str, status: int = 200) -> BeautifulSoup:
        answer = self.http.get(urljoin(self.forum.url, path), timeout=60)
        assert answer.status_code == status, f"{path}: {answer.status_code}"
        return BeautifulSoup(answer.text, "html.parser")


@pytest.fixture
def visitor(practice_forum: PracticeForum) -> Iterator[Visitor]:
    """A visitor, who is taken for the administrator until they say otherwise."""
    found = Visitor(practice_forum)
    yield found
    found.http.close()


def post(forum: PracticeForum, as_user: str = "forumadmin", **data: object) -> dict[str, Any]:
    answer = forum.call("POST", "/posts.json", as_user=as_user, json=data)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


@pytest.fixture
def topic(practice_forum: PracticeForum) -> dict[str, Any]:
    """A pinned topic with a tag in a category, with an answer that quotes and is liked."""
    practice_forum.add_users("alice", "bob")
    made = post(
        practice_forum,
        title="How we shortened the hand-over",
        raw="It took twenty minutes, now it takes seven.",
        category=4,
        tags=["hand-over"],
    )
    header = f'[quote="forumadmin, post:1, topic:{made["topic_id"]}"]'
    quote = f"{header}\nnow it takes seven\n[/quote]\n\nThat is what we need."
    answer = post(practice_forum, as_user="alice", topic_id=made["topic_id"], raw=quote)
    practice_forum.call(
        "POST", "/post_actions.json", as_user="bob", json={"id": answer["id"], "post_action_type_id": 2}
    )
    until = {"status": "pinned", "enabled": "true", "until": "2030-01-01T00:00:00Z"}
    assert practice_forum.call("PUT", f"/t/{made['topic_id']}/status.json", json=until).ok
    return made


def test_every_page_says_that_it_is_a_practice_forum(visitor: Visitor, topic: dict[str, Any]) -> None:
    paths = [
        "/",
        "/latest",
        "/c/general/4",
        f"/t/x/{topic['topic_id']}",
        "/groups",
        "/g/admins",
        "/u/alice",
        "/tags",
        "/tag/hand-over",
        "/u/alice/messages",
    ]
    for path in paths:
        assert "practice forum" in visitor.open(path).select_one(".practice").text, path
    assert "practice forum" in visitor.open("/t/no/999999", status=404).text


def test_every_link_on_the_pages_leads_somewhere(visitor: Visitor, topic: dict[str, Any]) -> None:
    post(
        visitor.forum,
        title="A message to one person",
        raw="Do you have a minute tomorrow?",
        target_recipients="alice",
        archetype="private_message",
    )
    seen: set[str] = set()
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        page = visitor.open(path)
        for element in page.select("a[href], img[src], link[href]"):
            address = str(element.get("href") or element.get("src"))
            if address.startswith(("data:", "mailto:")):
                continue
            target = urlsplit(urljoin(visitor.forum.url + path, address))
            assert f"{target.scheme}://{target.netloc}" == visitor.forum.url, address
            place = f"{target.path}?{target.query}" if target.query else target.path
            if place in seen or "as=" in target.query:
                continue
            seen.add(place)
            if element.name == "a":
                waiting.append(place)
            else:
                assert visitor.http.get(visitor.forum.url + place, timeout=60).ok, place
    assert f"/t/how-we-shortened-the-hand-over/{topic['topic_id']}" in seen
    assert len(seen) > 25


def test_a_pinned_topic_stands_on_top_of_its_category_until_the_pin_ends(
    visitor: Visitor, topic: dict[str, Any]
) -> None:
    post(visitor.forum, title="A newer topic that is not pinned", raw="Newer, and below all the same.", category=4)
    first = visitor.open("/c/general/4").select(".topics li")[0]
    assert "How we shortened" in first.text
    assert "Pinned" in first.text


def test_a_topic_shows_posts_quotes_tags_and_who_liked(visitor: Visitor, topic: dict[str, Any]) -> None:
    page = visitor.open(f"/t/any-slug/{topic['topic_id']}")
    first, second = page.select("article.post")
    assert "twenty minutes" in first.text
    assert second.select_one("aside.quote blockquote").text.strip() == "now it takes seven"
    assert "1 like" in second.text
    assert second.select_one(".likers").text == "bob"
    assert page.select_one("a.tag").text == "hand-over"


def test_what_people_write_cannot_become_part_of_the_page(practice_forum: PracticeForum, visitor: Visitor) -> None:
    practice_forum.add_user("mallory", name=HOSTILE)
    made = post(practice_forum, as_user="mallory", title=f"Hostile {HOSTILE}", raw=HOSTILE, category=4)
    for path in (
        "/",
        "/latest",
        "/c/general/4",
        f"/t/x/{made['topic_id']}",
        "/u/mallory",
        "/groups",
        "/g/trust_level_0",
    ):
        page = visitor.open(path)
        assert not page.select("script")
        handlers = [name for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]
        assert not handlers, path
    answer = visitor.http.get(f"{practice_forum.url}/", timeout=60)
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "script-src" not in answer.headers["content-security-policy"]


def test_somebody_else_sees_only_what_they_may_see(visitor: Visitor, topic: dict[str, Any]) -> None:
    assert "Staff" in visitor.open("/").select_one(".cards").text
    page = visitor.open("/?as=bob")
    assert page.select_one("#as")["value"] == "bob"
    assert "Staff" not in page.select_one(".cards").text
    assert visitor.status("/c/staff/3") == 404
    assert visitor.status("/u/alice/messages") == 404
    visitor.open("/u/bob/messages")
    assert visitor.open("/?as=-").select_one("#as")["value"] == "-"
    assert visitor.open("/?as=").select_one("#as")["value"] == "forumadmin"


def test_messages_are_shown_to_those_who_got_them(visitor: Visitor, topic: dict[str, Any]) -> None:
    made = post(
        visitor.forum,
        title="May I show your post",
        raw="Answer yes or no, one word is enough.",
        target_recipients="alice",
        archetype="private_message",
    )
    path = f"/t/x/{made['topic_id']}"
    assert "May I show your post" in visitor.open("/u/alice/messages").text
    visitor.open("/?as=alice")
    assert "alice" in visitor.open(path).select_one(".meta").text
    visitor.open("/?as=bob")
    assert visitor.status(path) == 404


def test_a_group_page_names_members_and_owners(practice_forum: PracticeForum, visitor: Visitor) -> None:
    practice_forum.add_users("alice", "bob")
    group = practice_forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring", "full_name": "Spring"}})
    number = group.json()["basic_group"]["id"]
    practice_forum.call("PUT", f"/groups/{number}/members.json", json={"usernames": "alice,bob"})
    practice_forum.call("PUT", f"/groups/{number}/owners.json", json={"usernames": "bob"})
    rows = [re.sub(r"\s+", " ", row.text).strip() for row in visitor.open("/g/spring").select("tbody tr")]
    assert "bob owner" in rows[0]
    assert "alice member" in rows[1]


def test_the_api_still_answers_json_at_the_same_addresses(practice_forum: PracticeForum, topic: dict[str, Any]) -> None:
    assert practice_forum.get(f"/t/{topic['topic_id']}.json")["id"] == topic["topic_id"]
    assert practice_forum.call("GET", "/latest").headers["content-type"].startswith("application/json")


def test_a_link_to_a_post_leads_to_its_place_in_the_topic(visitor: Visitor, topic: dict[str, Any]) -> None:
    answer = visitor.http.get(f"{visitor.forum.url}/t/x/{topic['topic_id']}/2", timeout=60, allow_redirects=False)
    assert answer.headers["location"].endswith(f"/{topic['topic_id']}#post_2")


def test_a_long_topic_is_cut_into_pages(practice_forum: PracticeForum, visitor: Visitor) -> None:
    made = post(practice_forum, title="A topic with many answers", raw="Who has one more to tell us about?", category=4)
    for number in range(2, 113):
        post(practice_forum, topic_id=made["topic_id"], raw=f"This is the answer that has the number {number}.")
    assert len(visitor.open(f"/t/x/{made['topic_id']}").select("article")) == 100
    second = visitor.open(f"/t/x/{made['topic_id']}?page=1")
    assert len(second.select("article")) == 12
    target = visitor.http.get(f"{practice_forum.url}/t/x/{made['topic_id']}/111", timeout=60, allow_redirects=False)
    assert target.headers["location"].endswith("?page=1#post_111")


def test_a_topic_in_two_languages_shows_the_other_one_below(
    practice_forum: PracticeForum, visitor: Visitor, topic: dict[str, Any]
) -> None:
    number, name = topic["topic_id"], "content_localization_enabled"
    added = (
        ("PUT", f"/admin/site_settings/{name}.json", {name: "true"}),
        ("POST", "/post_localizations/create_or_update.json", {"post_id": topic["id"], "raw": "De vingt à **sept**."}),
        ("POST", "/topic_localizations/create_or_update.json", {"topic_id": number, "title": "La relève en sept"}),
    )
    for method, path, data in added:
        answer = practice_forum.call(method, path, json={**data, "locale": "fr"})
        assert answer.status_code in {200, 201}, answer.text
    [other] = visitor.open(f"/t/{number}").select("details.language")
    assert (other["lang"], other.summary.text) == ("fr", "La relève en sept")  # type: ignore[union-attr]
    assert other.strong is not None
    assert other.strong.text == "sept"
