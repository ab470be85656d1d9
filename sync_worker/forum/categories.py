"""All categories of a site that loads them lazily: its /site.json names only those of the caller's sidebar.

Source: Discourse's category_list.rb and categories_controller.rb, 3.5: 20 categories of the first level a page, at most
five subcategories of each; the children of one category all on one page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.parse import Shape

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sync_worker.forum.transport import Transport

MAX_PAGES = 500
LIST = "/categories.json"


def every_category(http: Transport, known: Iterable[Shape]) -> list[Shape]:
    """Return every category that the API user may see, those that are known already included.

    Calls: 1 per 20 categories of the first level and 1 more, and 1 for each category with more than five children.

    Raises:
        ForumError: the list has no end.

    """
    found = {item.at("id").integer(): item for item in known}
    for page in range(1, MAX_PAGES + 1):
        rows = _with_children(_listed(http, page=page))
        fresh = {item.at("id").integer(): item for item in rows if item.at("id").integer() not in found}
        if not fresh and page > 1:
            break
        found.update(fresh)
        if not rows:
            break
    else:
        raise ForumError(f"the forum lists more than {MAX_PAGES} pages of categories.", url=f"{http.host}{LIST}")
    _add_children(http, found)
    return list(found.values())


def _add_children(http: Transport, found: dict[int, Shape]) -> None:
    """Read the children of those of which only the first few were listed, and of these in turn."""
    pending = list(found)
    while pending:
        parent = pending.pop()
        children = sum(1 for item in found.values() if item.get("parent_category_id").integer_or_none() == parent)
        if (found[parent].get("subcategory_count").integer_or_none() or 0) <= children:
            continue
        for item in _with_children(_listed(http, parent_category_id=parent)):
            number = item.at("id").integer()
            if number not in found:
                found[number] = item
                pending.append(number)


def _listed(http: Transport, **which: int) -> list[Shape]:
    params = {"include_subcategories": "true", **which}
    answer = Shape(http.ask("GET", LIST, params=params).json(), "answer")
    return answer.at("category_list").at("categories").items()


def _with_children(rows: Iterable[Shape]) -> list[Shape]:
    """Return categories and all that are nested in them."""
    flat: list[Shape] = []
    for row in rows:
        flat += [row, *_with_children(row.get("subcategory_list", []).items())]
    return flat
