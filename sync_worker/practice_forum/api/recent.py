"""Endpoints that only Discourses since 2026 have: upcoming changes, and the bundled workflows plugin.

Made from what was read about them (`dialects.toml`): what the worker asks of them, and making a workflow to be asked
about. No workflow is ever carried out here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.rules.settings import DEFAULTS
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.tables import SiteWorkflow

if TYPE_CHECKING:
    from sync_worker.practice_forum.rules.settings import SettingDefault


blueprint = Blueprint("recent", __name__)
_WORKFLOWS = "/admin/plugins/discourse-workflows/workflows"
_SWITCH = "discourse_workflows_enabled"


@blueprint.get("/admin/config/upcoming-changes", endpoint="admin/config/upcoming_changes/index")
def upcoming_changes() -> dict[str, Any]:
    """The changes that a site may switch on before they are everybody's."""
    _enter("upcoming_changes")
    dialect = context.forum().dialect
    changes = [setting for setting in DEFAULTS.values() if setting.upcoming and dialect.has(setting.fact)]
    return {"upcoming_changes": [_change(setting) for setting in changes]}


def _change(setting: SettingDefault) -> dict[str, Any]:
    human = setting.name.replace("_", " ").capitalize()
    return {
        "setting": setting.name,
        "humanized_name": human,
        "description": f"{human}.",
        "value": context.settings().flag(setting.name),
        "upcoming_change": {"status": setting.upcoming, "impact_type": "other", "impact_role": "admins"},
    }


@blueprint.get(_WORKFLOWS, endpoint="discourse_workflows/workflows/index")
def index() -> dict[str, Any]:
    """Every workflow, without its nodes."""
    _enter("workflows", _SWITCH)
    rows = context.session().scalars(select(SiteWorkflow).order_by(SiteWorkflow.id.desc())).all()
    return {"workflows": [_row(row) for row in rows], "meta": {"total_rows_workflows": len(rows)}}


@blueprint.get(f"{_WORKFLOWS}/<int:number>", endpoint="discourse_workflows/workflows/show")
def show(number: int) -> dict[str, Any]:
    """One workflow with its nodes."""
    _enter("workflows", _SWITCH)
    found = context.session().get(SiteWorkflow, number)
    if found is None:
        raise requests.not_found()
    return {"workflow": _row(found) | {"nodes": found.nodes, "connections": {}}}


@blueprint.post(_WORKFLOWS, endpoint="discourse_workflows/workflows/create")
def create() -> tuple[dict[str, Any], int]:
    """Make a workflow; `published` makes it one that would run."""
    _enter("workflows", _SWITCH)
    fields = context.params().require_section("workflow")
    nodes = fields.raw("nodes")
    made = SiteWorkflow(
        name=fields.require("name"),
        nodes=nodes if isinstance(nodes, list) else [],
        published=fields.text("published") == "true",
    )
    context.session().add(made)
    context.session().flush()
    return {"workflow": _row(made) | {"nodes": made.nodes, "connections": {}}}, 201


def _row(row: SiteWorkflow) -> dict[str, Any]:
    version = f"version-{row.id}"
    return {
        "id": str(row.id),
        "name": row.name,
        "version_id": version,
        "active_version_id": version if row.published else None,
        "last_execution_status": None,
    }


def _enter(fact: str, switch: str = "") -> None:
    """Let administrators in where the dialect has it, and the plugin is on."""
    if not context.forum().dialect.has(fact) or (switch and not context.settings().flag(switch)):
        raise requests.no_route()
    context.require_admin()
