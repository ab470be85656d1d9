"""SQL on the forum through the Data Explorer: our saved queries, and running them.

Source: the plugin discourse-data-explorer (query_controller.rb, parameter.rb), part of Discourse since July 2025.
Discourse writes the values of parameters into the text of the query, one parameter after the other, also where the text
is a comment. A value must therefore hold no line break, and nothing that looks like a parameter: see `sendable`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sync_worker.forum.parse import Shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sync_worker.forum.transport import Transport

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
        found = {row.get("name", "").text(): row.at("id").integer() for row in rows}
        newest = sorted((row.at("id").integer(), row.get("name", "").text()) for row in rows)
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
