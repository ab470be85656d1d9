"""The Data Explorer: saved queries, run on SQLite under Discourse's table names; 404 while it is switched off.

Only what clients of this project ask of it: SELECTs over accounts, addresses, groups and categories, in the SQL that
PostgreSQL and SQLite share. Parameters are bound, while Discourse writes their values into the text.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.tables import ExplorerQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session

blueprint = Blueprint("explorer", __name__, url_prefix="/admin/plugins/explorer")
DEFAULT_LIMIT = 1000


def _enter() -> None:
    """Let administrators in, while the plugin is on."""
    if not context.settings().flag("data_explorer_enabled"):
        raise requests.not_found()
    context.require_admin()


def _find(query_id: int) -> ExplorerQuery:
    found = context.session().get(ExplorerQuery, query_id)
    if found is None:
        raise requests.record_not_found()
    return found


@blueprint.get("/queries", endpoint="discourse_data_explorer/query/index")
def index() -> dict[str, Any]:
    """Every query that is not hidden, without its SQL."""
    _enter()
    query = select(ExplorerQuery).where(ExplorerQuery.hidden.is_(False))
    rows = context.session().scalars(query.order_by(ExplorerQuery.last_run_at, ExplorerQuery.name))
    return {"queries": [_listed(row) for row in rows]}


@blueprint.get("/queries/<int:query_id>", endpoint="discourse_data_explorer/query/show")
def show(query_id: int) -> dict[str, Any]:
    """One query with its SQL."""
    _enter()
    found = _find(query_id)
    if found.hidden:
        raise requests.not_found()
    return {"query": _detailed(found)}


@blueprint.post("/queries", endpoint="discourse_data_explorer/query/create")
def create() -> dict[str, Any]:
    """Save a new query."""
    _enter()
    fields = context.params().require_section("query")
    if not fields.text("name"):
        raise requests.record_invalid("Name can't be blank")
    made = ExplorerQuery(
        name=fields.text("name"),
        description=fields.text("description"),
        sql=fields.text("sql") or "SELECT 1",
        user_id=context.require_user().id,
        created_at=context.now(),
        last_run_at=context.now(),
    )
    context.session().add(made)
    context.session().flush()
    return {"query": _detailed(made)}


@blueprint.put("/queries/<int:query_id>", endpoint="discourse_data_explorer/query/update")
def update(query_id: int) -> dict[str, Any]:
    """Change a query; a hidden one is shown again."""
    _enter()
    found, fields = _find(query_id), context.params().require_section("query")
    for name in ("name", "description", "sql"):
        if (value := fields.text(name)) is not None:
            setattr(found, name, value)
    found.hidden = False
    return {"query": _detailed(found)}


@blueprint.delete("/queries/<int:query_id>", endpoint="discourse_data_explorer/query/destroy")
def destroy(query_id: int) -> dict[str, Any]:
    """Hide a query."""
    _enter()
    _find(query_id).hidden = True
    return {"success": True, "errors": []}


@blueprint.post("/queries/<int:query_id>/run", endpoint="discourse_data_explorer/query/run")
def run_query(query_id: int) -> dict[str, Any] | tuple[dict[str, Any], int]:
    """Run a query: `params` is JSON in a text, `limit` a number or ALL."""
    _enter()
    found, params = _find(query_id), context.params()
    found.last_run_at = context.now()
    given: Mapping[str, Any] = json.loads(params.text("params") or "{}")
    wanted = params.text("limit") or str(DEFAULT_LIMIT)
    limit = None if wanted == "ALL" else int(wanted) if wanted.isdecimal() else 0
    started = time.perf_counter()
    try:
        columns, rows, _ = run(context.session(), found.sql, given, limit)
    except QueryError as error:
        return {"success": False, "errors": [str(error)]}, 422
    return {
        "success": True,
        "errors": [],
        "duration": round((time.perf_counter() - started) * 1000, 1),
        "result_count": len(rows),
        "params": dict(given),
        "columns": columns,
        "default_limit": DEFAULT_LIMIT,
        "relations": {},
        "colrender": {},
        "rows": rows,
    }


def _listed(row: ExplorerQuery) -> dict[str, Any]:
    author = people.by_ids(context.session(), [row.user_id]).get(row.user_id)
    return {
        "id": row.id,
        "name": row.name,
        "description": row.description,
        "username": author.username if author else None,
        "group_ids": [],
        "last_run_at": iso(row.last_run_at),
        "user_id": row.user_id,
    }


def _detailed(row: ExplorerQuery) -> dict[str, Any]:
    info = [
        {"identifier": one.identifier, "type": one.type, "default": one.default, "nullable": one.nullable}
        for one in declared(row.sql)
    ]
    return {
        **_listed(row),
        "sql": row.sql,
        "param_info": info,
        "created_at": iso(row.created_at),
        "hidden": row.hidden,
    }


_DECLARATION = re.compile(r"^\s*--\s*([a-zA-Z_ ]+)\s*:([a-z_]+)\s*(?:=\s+(.*)\s*)?$")
_HEAD = re.compile(r"^\s*--\s*\[params\]\s*$")
_TYPES = ("int", "bigint", "boolean", "string", "double", "int_list", "string_list")
_NULL = "#null"


def _flag(column: str) -> str:
    return f"CASE {column} WHEN 1 THEN 't' ELSE 'f' END"


def _moment(column: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1000.0, 'unixepoch') AS {column}"


_DISCOURSES_TABLES = f"""
WITH users AS (
  SELECT id, username, username_lower, name, trust_level, {_flag("active")} AS active, {_flag("staged")} AS staged,
    {_flag("admin")} AS admin, {_moment("suspended_till")}, {_moment("silenced_till")}, {_moment("created_at")}
  FROM main.users),
user_emails AS (SELECT user_id, email_lower AS email, {_flag("is_primary")} AS "primary" FROM main.user_emails),
single_sign_on_records AS (SELECT user_id, external_id FROM main.sso_records),
user_associated_accounts AS (SELECT user_id, provider AS provider_name, uid AS provider_uid
  FROM main.associated_accounts),
group_users AS (SELECT group_id, user_id, {_flag("owner")} AS owner FROM main.group_users),
category_moderation_groups AS (SELECT category_id, group_id FROM main.category_moderators),
query AS (
"""  # noqa: S608 - no value of anybody's is in it


class QueryError(Exception):
    """What PostgreSQL or the plugin would complain about."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A declared parameter."""

    identifier: str
    type: str
    default: str | None
    nullable: bool

    def read(self, value: str | None) -> Any:
        """Return the value as the plugin casts it.

        Raises:
            QueryError: absent, or of another type.

        """
        given = self.default if value is None else value
        if not given or not given.strip():
            if self.nullable:
                return None
            raise QueryError(f"Missing parameter {self.identifier} of type {self.type}")
        if given.lower() == _NULL:
            return None
        if self.type.endswith("_list"):
            parts = [None if part.lower() == _NULL else part for part in given.split(",")]
            return [_leading_integer(part) for part in parts] if self.type == "int_list" else parts
        if self.type in ("int", "bigint"):
            if not re.search(r"^-?\d+$", given, re.MULTILINE):
                raise QueryError(f"'{given}' is an invalid {self.type} - Not an integer")
            return _leading_integer(given)
        return given


def _leading_integer(part: str | None) -> int | None:
    found = re.match(r"\s*(-?\d+)", part or "")
    return None if part is None else int(found[1]) if found else 0


def declared(sql: str) -> list[Parameter]:
    """Return the parameters that a query declares in the comment lines after `-- [params]`."""
    lines = sql.splitlines()
    start = next((number for number, line in enumerate(lines) if _HEAD.match(line)), len(lines))
    found = []
    for line in lines[start + 1 :]:
        declaration = _DECLARATION.match(line)
        if declaration:
            kind, identifier, default = declaration.groups()
            nullable = "null" in kind.lower()
            kind = re.sub("null", "", kind, flags=re.IGNORECASE).strip()
            if kind in _TYPES:
                found.append(Parameter(identifier, kind, default, nullable))
        elif line.strip():
            break
    return found


def run(
    session: Session, sql: str, params: Mapping[str, Any], limit: int | None
) -> tuple[list[str], list[list[Any]], dict[str, Any]]:
    """Return the columns, the rows, and the parameters as they were read; `limit` None means all rows.

    Raises:
        QueryError: with the words that the API answers.

    """
    if ";" in sql:
        raise QueryError("DiscourseDataExplorer::ValidationError: Queries should not contain semi-colons.")
    values = {
        one.identifier: one.read(str(params[one.identifier]) if one.identifier in params else None)
        for one in declared(sql)
    }
    body, bound = _bind(sql, values)
    everything = f"{_DISCOURSES_TABLES}{body}\n) SELECT * FROM query"  # noqa: S608 - running SQL is what it is for
    if limit is not None:
        everything += f" LIMIT {limit}"
    try:
        with session.begin_nested():
            result = session.execute(text(everything), bound)
            rows = [list(row) for row in result.all()]
    except SQLAlchemyError as error:
        raise QueryError(f"PG::Error: ERROR:  {getattr(error, 'orig', error)}") from None
    return list(result.keys()), rows, values


def _bind(sql: str, values: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Put a placeholder for each value in the place of each parameter; comments go, for they name parameters too."""
    bound: dict[str, Any] = {}
    body = "\n".join(line for line in sql.splitlines() if not line.lstrip().startswith("--"))
    for name in sorted(values, key=len, reverse=True):
        value = values[name]
        items = value if isinstance(value, list) else [value]
        names = [f"{name}__{number}" for number in range(len(items))]
        places = ", ".join(f":{each}" for each in names)
        body, uses = re.subn(rf"(?<!:):{name}\b", lambda _, places=places: places, body)  # type: ignore[misc]
        if uses:
            bound.update(zip(names, items, strict=True))
    return body, bound
