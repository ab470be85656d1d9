"""A forum that names only the sidebar's categories hides none from the worker."""

from __future__ import annotations

from typing import Any

import pytest

from sync_worker.forum import Forum


def make(practice_forum: Any, name: str, parent: int | None = None) -> int:
    body: dict[str, Any] = {"name": name, "color": "0088CC", "text_color": "FFFFFF", "permissions": {"admins": 1}}
    if parent:
        body["parent_category_id"] = parent
    return int(practice_forum.call("POST", "/categories.json", json=body).json()["category"]["id"])


@pytest.fixture
def filled(make_practice_forum: Any) -> Any:
    """45 categories of the first level; one of them has seven children, another three."""
    forum = make_practice_forum(settings={"allow_uncategorized_topics": "true"})
    top = [make(forum, f"Room {number}") for number in range(45)]
    for number in range(7):
        make(forum, f"Shelf {number}", top[40])
    for number in range(3):
        make(forum, f"Box {number}", top[3])
    return forum


def read(filled: Any) -> tuple[set[tuple[int, str, int | None, bool]], dict[str, int]]:
    with Forum.connect(filled.settings, filled.key) as forum:
        found = forum.categories()
        assert len(found) == len({category.id for category in found})
        return {(c.id, c.slug, c.parent_id, c.read_restricted) for c in found}, forum.calls.by_operation


def test_all_are_found_whether_the_site_names_them_or_not(filled: Any) -> None:
    plain, calls = read(filled)
    assert len(plain) >= 45 + 7 + 3
    assert sum(calls.values()) == 1
    body = {"lazy_load_categories_groups": "1"}
    assert filled.call("PUT", "/admin/site_settings/lazy_load_categories_groups", data=body).ok
    assert filled.get("/site.json")["categories"] == []
    lazily, calls = read(filled)
    assert lazily == plain
    assert calls["GET /categories"] == 3 + 1 + 1


def test_each_level_below_is_read_to_its_end(forum: Forum, scripted: Any) -> None:
    def row(number: int, parent: int | None, children: list[Any], count: int) -> dict[str, Any]:
        more = {"parent_category_id": parent, "subcategory_count": count, "subcategory_list": children}
        return {"id": number, "name": f"n{number}", "slug": f"s{number}", **more}

    def answer(call: Any) -> Any:
        parent = int(call.query.get("parent_category_id", ["0"])[0])
        page = int(call.query.get("page", ["1"])[0])
        nested = [row(10 + n, 1, [], 0) for n in range(5)]
        lists = {
            0: [row(1, None, nested, 7)] if page == 1 else [],
            1: [
                row(10 + n, 1, [row(20 + m, 16, [], 0) for m in range(5)] if n == 6 else [], 6 * (n == 6))
                for n in range(7)
            ],
            16: [row(20 + m, 16, [], 0) for m in range(6)],
        }
        return scripted.reply({"category_list": {"categories": lists[parent]}})

    scripted.on("GET", "/site.json", scripted.reply({"categories": [], "lazy_load_categories": True}))
    scripted.on("GET", "/categories.json", answer)
    assert sorted(category.id for category in forum.categories()) == [1, *range(10, 17), *range(20, 26)]
    assert len(scripted.calls) == 1 + 2 + 2


def test_a_site_that_says_so_and_has_no_category_is_empty_and_not_endless(forum: Forum, scripted: Any) -> None:
    scripted.on("GET", "/site.json", scripted.reply({"categories": [], "lazy_load_categories": True}))
    scripted.on("GET", "/categories.json", scripted.reply({"category_list": {"categories": []}}))
    assert forum.categories() == []
    assert len(scripted.calls) == 2


def test_a_list_that_turns_no_pages_is_read_once(forum: Forum, scripted: Any) -> None:
    row = {"id": 5, "name": "Spring", "slug": "spring", "subcategory_count": None}
    scripted.on("GET", "/site.json", scripted.reply({"categories": [], "lazy_load_categories": True}))
    scripted.on("GET", "/categories.json", scripted.reply({"category_list": {"categories": [row]}}))
    assert [category.id for category in forum.categories()] == [5]
    assert len(scripted.calls) == 3
