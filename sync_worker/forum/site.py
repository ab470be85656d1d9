"""What the forum says about itself: its time, identity, topics and categories; and SQL through the Data Explorer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sync_worker.errors import ForumError
from sync_worker.forum.parse import Shape, is_deleted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sync_worker.forum.answers import Answer
    from sync_worker.forum.transport import Transport


NOT_FOUND = 404
MAX_TOPIC_PAGES = 50  # of 30 messages each


@dataclass(frozen=True, slots=True)
class TopicHead:
    """The identity of a topic or message; staff still see one that is `deleted`."""

    id: int
    external_id: str | None
    deleted: bool


class ForumItself:
    """Calls that ask the forum about itself."""

    def __init__(self, http: Transport) -> None:
        self._http = http

    def server_time(self) -> datetime | None:
        """Return the forum's own time, to the second or better; None where no answer has a time.

        The web server in front of Discourse usually adds a Date header; without it the time of our plugin is taken.

        Calls: 1; 2 where the answer has no date, or where the key opens only our plugin.

        Raises:
            ForumError: no answer.

        """
        try:
            answer = self._http.ask("GET", "/session/current.json")
        except ForumError as error:
            if not error.denied:
                raise
        else:
            if answer.date:
                return answer.date
        try:
            answer = self._http.ask("GET", "/lcm/status.json")
        except ForumError as error:
            if error.refused:
                return None
            raise
        return answer.date or _plugin_time(answer)

    def is_practice(self) -> bool:
        """Whether this is a practice forum: only a practice forum has a clock that can be read. Calls: 1."""
        try:
            answer = self._http.ask("GET", "/practice/clock.json").json()
        except ForumError as error:
            if error.refused or error.status == NOT_FOUND:  # Rails in development answers 404 with a page of its own
                return False
            raise
        return isinstance(answer, dict) and set(answer) == {"now", "virtual"} and isinstance(answer["virtual"], bool)

    def site_identity(self) -> str:
        """Return the time at which the site was created: it stays the same when the site moves. Calls: 1.

        A copy of the site has the same; "" where the site does not show it.
        """
        about = Shape(self._http.ask("GET", "/about.json").json(), "answer").get("about", {})
        created = about.get("site_creation_date").value
        return created if isinstance(created, str) else ""

    def topic_head(self, topic_id: int) -> TopicHead | None:
        """Return the identity of a topic or message, deleted or not; None where none has this id. Calls: 1."""
        try:
            answer = Shape(self._http.ask("GET", f"/t/{topic_id}.json").json(), "answer")
        except ForumError as error:
            if error.refused_with(404, 410):
                return None
            if error.denied:  # it exists, and our key may not read it
                return TopicHead(topic_id, None, deleted=False)
            raise
        external = answer.get("external_id").value
        return TopicHead(topic_id, external if isinstance(external, str) else None, is_deleted(answer))

    def newest_topic_id(self) -> int:
        """Return the highest id of a topic that can be seen, 0 where there is none. Calls: 1."""
        answer = Shape(self._http.ask("GET", "/latest.json", params={"order": "created"}).json(), "answer")
        return max((item.at("id").integer() for item in answer.at("topic_list").at("topics").items()), default=0)

    def own_message_ids(self) -> Iterator[int]:
        """Yield the ids of the private messages that the API user sent or got. Calls: 2, and 1 more per 30 messages."""
        name = quote(str(self._http.api_username).lower(), safe="")
        for kind in ("private-messages-sent", "private-messages"):
            for page in range(MAX_TOPIC_PAGES):
                path = f"/topics/{kind}/{name}.json"
                answer = Shape(self._http.ask("GET", path, params={"page": page}).json(), "answer").at("topic_list")
                listed = answer.at("topics").items()
                yield from (item.at("id").integer() for item in listed)
                if answer.get("more_topics_url").text_or_none() is None or not listed:
                    break


def _plugin_time(answer: Answer) -> datetime | None:
    text = Shape(answer.json(), "answer").get("server_time").value
    try:
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


# All categories of a site that loads them lazily: its /site.json names only those of the caller's sidebar.
# Source: Discourse's category_list.rb and categories_controller.rb, 3.5: 20 categories of the first level a page, at
# most five subcategories of each; the children of one category all on one page.


MAX_CATEGORY_PAGES = 500
CATEGORY_LIST = "/categories.json"


def every_category(http: Transport, known: Iterable[Shape]) -> list[Shape]:
    """Return every category that the API user may see, those that are known already included.

    Calls: 1 per 20 categories of the first level and 1 more, and 1 for each category with more than five children.

    Raises:
        ForumError: the list has no end.

    """
    found = {item.at("id").integer(): item for item in known}
    below: dict[int, int] = {}
    for page in range(1, MAX_CATEGORY_PAGES + 1):
        rows = _with_children(_listed(http, page=page))
        below.update(_said_below(rows))
        fresh = {item.at("id").integer(): item for item in rows if item.at("id").integer() not in found}
        if not fresh and page > 1:
            break
        found.update(fresh)
        if not rows:
            break
    else:
        raise ForumError(
            f"the forum lists more than {MAX_CATEGORY_PAGES} pages of categories.", url=f"{http.host}{CATEGORY_LIST}"
        )
    _add_children(http, found, below)
    return list(found.values())


def _said_below(rows: Iterable[Shape]) -> dict[int, int]:
    """Return how many categories the forum says to be below each; /site.json does not say it."""
    return {row.at("id").integer(): row.get("subcategory_count").integer_or_none() or 0 for row in rows}


def _add_children(http: Transport, found: dict[int, Shape], below: dict[int, int]) -> None:
    """Read the children of those of which only the first few were listed, and of these in turn.

    Raises:
        ForumError: the forum lists fewer than it says there are.

    """
    pending = list(found)
    while pending:
        parent = pending.pop()
        said = below.get(parent, 0)
        if said <= _children(found, parent):
            continue
        rows = _with_children(_listed(http, parent_category_id=parent))
        below.update(_said_below(rows))
        for item in rows:
            number = item.at("id").integer()
            if number not in found:
                found[number] = item
                pending.append(number)
        if (there := _children(found, parent)) < said:
            what = f"the forum says that category {parent} has {said} below it and lists {there}."
            raise ForumError(
                what, url=f"{http.host}{CATEGORY_LIST}", do="Try again; then check what is in front of it."
            )


def _children(found: Mapping[int, Shape], parent: int) -> int:
    return sum(1 for item in found.values() if item.get("parent_category_id").integer_or_none() == parent)


def _listed(http: Transport, **which: int) -> list[Shape]:
    params = {"include_subcategories": "true", **which}
    answer = Shape(http.ask("GET", CATEGORY_LIST, params=params).json(), "answer")
    return answer.at("category_list").at("categories").items()


def _with_children(rows: Iterable[Shape]) -> list[Shape]:
    """Return categories and all that are nested in them."""
    flat: list[Shape] = []
    for row in rows:
        flat += [row, *_with_children(row.get("subcategory_list", []).items())]
    return flat


# SQL on the forum through the Data Explorer: our saved queries, and running them.
# Source: the plugin discourse-data-explorer (query_controller.rb, parameter.rb), part of Discourse since July 2025.
# Discourse writes the values of parameters into the text of the query, one parameter after the other, also where the
# text is a comment. A value must therefore hold no line break, and nothing that looks like a parameter: see
# `sendable`.


PATH = "/admin/plugins/explorer/queries"
NOBODY = "#null"
OUR_PREFIX = ":lcm_"


@dataclass(frozen=True, slots=True)
class ExplorerQuery:
    """A query of ours; its name carries a version, as a changed query must not be run under the old name."""

    name: str
    description: str
    sql: str


def sendable(value: str) -> bool:
    """Whether a text can be an item of a list parameter and mean nothing but itself."""
    plain = bool(value.strip()) and value.isprintable() and value.lower() != NOBODY
    return plain and "," not in value and OUR_PREFIX not in value


def as_list(values: Iterable[object]) -> str:
    """Return values as a list parameter takes them; an empty list is one that matches nothing.

    Raises:
        ValueError: a value that is not `sendable`.

    """
    items = [str(value) for value in values]
    for item in items:
        if not sendable(item):
            raise ValueError("a value that the Data Explorer would take for something else")
    return ",".join(items) or NOBODY


class Explorer:
    """The calls to the Data Explorer; a 404 where it is off."""

    def __init__(self, http: Transport) -> None:
        self._http = http

    def queries(self) -> dict[str, int]:
        """Return the ids of the saved queries by name; the newest of a name. Calls: 1."""
        rows = Shape(self._http.ask("GET", f"{PATH}.json").json(), "answer").at("queries").items()
        found = {row.at("name").text(): row.at("id").integer() for row in rows}
        newest = sorted((row.at("id").integer(), row.at("name").text()) for row in rows)
        return {**found, **{name: number for number, name in newest}}

    def sql(self, query_id: int) -> str:
        """Return the SQL of a saved query. Calls: 1."""
        shown = self._http.ask("GET", f"{PATH}/{query_id}.json").json()
        return Shape(shown, "answer").at("query").at("sql").text()

    def save(self, query: ExplorerQuery, query_id: int | None = None) -> int:
        """Save a query of ours, over the one with this id if there is one; return its id. Calls: 1."""
        body = {"query": {"name": query.name, "description": query.description, "sql": query.sql}}
        if query_id is not None:
            self._http.ask("PUT", f"{PATH}/{query_id}.json", json=body, harmless=True, expects="query")
            return query_id
        made = self._http.ask("POST", f"{PATH}.json", json=body).json()
        return Shape(made, "answer").at("query").at("id").integer()

    def run(self, query_id: int, params: Mapping[str, str]) -> list[dict[str, Shape]]:
        """Run a saved query and return all its rows by column. Calls: 1; it only reads, also in a dry run.

        Raises:
            ForumError: with status 404 where the query is gone, 422 where the forum's database does not take it (an
                older version, more than 10 seconds).

        """
        data: dict[str, Any] = {"params": json.dumps(dict(params)), "limit": "ALL"}
        answer = self._http.ask("POST", f"{PATH}/{query_id}/run.json", data=data, only_reads=True)
        shape = Shape(answer.json(), "answer")
        columns = shape.at("columns").texts()
        return [dict(zip(columns, row.items(), strict=True)) for row in shape.at("rows").items()]
