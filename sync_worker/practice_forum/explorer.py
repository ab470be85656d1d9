"""The Data Explorer: saved queries, and running them; hidden (404) while `data_explorer_enabled` is off."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum import context, people, refusals
from sync_worker.practice_forum.clock import iso
from sync_worker.practice_forum.explorer_sql import QueryError, declared, run
from sync_worker.practice_forum.tables import ExplorerQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

blueprint = Blueprint("explorer", __name__, url_prefix="/admin/plugins/explorer")
DEFAULT_LIMIT = 1000


def _enter() -> None:
    """Let administrators in, while the plugin is on."""
    if not context.settings().flag("data_explorer_enabled"):
        raise refusals.not_found()
    context.require_admin()


def _find(query_id: int) -> ExplorerQuery:
    found = context.session().get(ExplorerQuery, query_id)
    if found is None:
        raise refusals.record_not_found()
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
        raise refusals.not_found()
    return {"query": _detailed(found)}


@blueprint.post("/queries", endpoint="discourse_data_explorer/query/create")
def create() -> dict[str, Any]:
    """Save a new query."""
    _enter()
    fields = context.params().require_section("query")
    if not fields.text("name"):
        raise refusals.record_invalid("Name can't be blank")
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
