"""The worker's work and what it says of itself; what administrators ask of it."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint
from sqlalchemy import func, select

from sync_worker.practice_forum import context, people, refusals
from sync_worker.practice_forum.clock import iso, parse_moment
from sync_worker.practice_forum.lcm.callers import find_cohort, note_decision, require_worker
from sync_worker.practice_forum.tables import LcmDecision, LcmReport

blueprint = Blueprint("lcm_work", __name__)

DEFAULT_LIMIT, LARGEST_LIMIT = 100, 500
RUN_KINDS = {
    "run_playbook": "playbook",
    "preview_playbook": "preview",
    "pause_cohort": "pause",
    "resume_cohort": "resume",
    "shift_cohort": "shift",
}
RUN_STATES = ("running", "done", "partial", "failed", "refused")
CLOCK_KINDS = ("pause_cohort", "resume_cohort", "shift_cohort")
MOST_DAYS = 365


@blueprint.get("/lcm/work", endpoint="discourse_lcm/work/index")
def work() -> dict[str, Any]:
    """List what people decided since an id."""
    require_worker()
    params = context.params()
    limit = params.integer("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= LARGEST_LIMIT or params.integer("after") < 0:
        raise refusals.invalid_parameters("limit")
    query = select(LcmDecision).where(LcmDecision.id > params.integer("after")).order_by(LcmDecision.id)
    rows = context.session().scalars(query.limit(limit + 1)).all()
    users = people.by_ids(context.session(), {row.user_id for row in rows})
    items = [
        {
            "id": row.id,
            "kind": row.kind,
            "cohort": row.cohort,
            "subject": row.subject,
            "data": row.data,
            "by": {"id": row.user_id, "username": users[row.user_id].username},
            "at": iso(row.created_at),
        }
        for row in rows[:limit]
    ]
    return {"work": items, "more": len(rows) > limit}


@blueprint.put("/lcm/playbooks", endpoint="discourse_lcm/playbooks/update")
def publish_playbooks() -> dict[str, Any]:
    """Take in the worker's playbooks."""
    require_worker()
    playbooks = context.params().raw("playbooks")
    if not isinstance(playbooks, list):
        raise refusals.invalid_parameters("playbooks")
    _keep("playbooks", "all", {"playbooks": playbooks})
    return {"success": "OK"}


@blueprint.put("/lcm/runs/<run_id>", endpoint="discourse_lcm/runs/update")
def report_run(run_id: str) -> dict[str, Any]:
    """Take in what a run did so far; its lines are kept once."""
    require_worker()
    body = dict(context.params().tree)
    if body.get("state") not in RUN_STATES or not body.get("kind") or not parse_moment(str(body.get("started_at"))):
        raise refusals.invalid_parameters("kind, state and started_at")
    known = context.session().get(LcmReport, ("run", run_id))
    lines = {line["number"]: line for line in (known.body.get("lines", []) if known else [])}
    for line in body.get("lines") or []:
        lines.setdefault(line["number"], line)
    body["lines"] = [lines[number] for number in sorted(lines)]
    _keep("run", run_id, body)
    return {"success": "OK"}


@blueprint.put("/lcm/heartbeat", endpoint="discourse_lcm/heartbeats/update")
def beat() -> dict[str, Any]:
    """Note that a worker is alive."""
    require_worker()
    params = context.params()
    params.require("version")
    _keep("worker", params.require("worker"), dict(params.tree))
    newest = context.session().scalar(select(func.max(LcmDecision.id)))
    return {"success": "OK", "last_work_id": newest or 0}


@blueprint.post("/admin/plugins/discourse-lcm/requests", endpoint="discourse_lcm/admin/requests/create")
def request_run() -> dict[str, Any]:
    """Ask the worker for a run, a preview, a pause, a resumption or a shift."""
    caller, params = context.require_admin(), context.params()
    kind, cohort = params.require("kind"), find_cohort(params.require("cohort"))
    if kind not in RUN_KINDS:
        raise refusals.invalid_parameters("kind")
    days = params.integer("days")
    if kind == "shift_cohort" and not 0 < abs(days) <= MOST_DAYS:
        raise refusals.invalid_parameters("days")
    run_id = secrets.token_hex(16)
    data = {"step": params.text("step"), "until": params.text("until"), "days": days}
    number = note_decision(kind, cohort.key, run_id, {name: value for name, value in data.items() if value})
    run = {
        "id": run_id,
        "kind": RUN_KINDS[kind],
        "cohort": cohort.key,
        "playbook": cohort.declaration.get("playbook"),
        "step": params.text("step"),
        "state": "requested",
        "requested_by": people.basic_user(caller),
        "asked": {"until": data["until"], "days": days or None} if kind in CLOCK_KINDS else None,
        "started_at": None,
        "finished_at": None,
        "summary": None,
    }
    return {"request_id": number, "run": run}


def _keep(kind: str, name: str, body: dict[str, Any]) -> None:
    context.session().merge(LcmReport(kind=kind, name=name, body=body, at=context.now()))
