"""The worker's work, what it publishes for a cohort's desk, and the whole desk as its page reads it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import func, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.lcm.cohorts import (
    change_clock,
    find_cohort,
    note_decision,
    require_lead,
    require_worker,
)
from sync_worker.practice_forum.lcm.decisions import blocker_json, draft_json, learner_json, story_json
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso, parse_moment
from sync_worker.practice_forum.tables import (
    Category,
    Group,
    GroupUser,
    LcmCohort,
    LcmDecision,
    LcmItem,
    LcmReport,
    Post,
    Topic,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.practice_forum.tables import Base

blueprint = Blueprint("lcm_work", __name__)

DEFAULT_LIMIT, LARGEST_LIMIT = 100, 500
RUN_KINDS = {
    "run_playbook": "playbook",
    "preview_playbook": "preview",
    "pause_cohort": "pause",
    "resume_cohort": "resume",
    "shift_cohort": "shift",
}
FINISHED = ("done", "partial", "failed", "refused")
RUN_STATES = ("running", *FINISHED)
CLOCK_KINDS = ("pause_cohort", "resume_cohort", "shift_cohort")
MOST_DAYS = 365


@blueprint.get("/lcm/work", endpoint="discourse_lcm/work/index")
def work() -> dict[str, Any]:
    """List what people decided since an id."""
    require_worker()
    params = context.params()
    limit = params.integer("limit", DEFAULT_LIMIT)
    if not 1 <= limit <= LARGEST_LIMIT or params.integer("after") < 0:
        raise requests.invalid_parameters("limit")
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
        raise requests.invalid_parameters("playbooks")
    _keep("playbooks", "all", {"playbooks": playbooks})
    return {"success": "OK"}


@blueprint.put("/lcm/runs/<run_id>", endpoint="discourse_lcm/runs/update")
def report_run(run_id: str) -> dict[str, Any]:
    """Take in what a run did so far; its lines are kept once, and a finished one does not go back."""
    require_worker()
    body = dict(context.params().tree)
    if body.get("state") not in RUN_STATES or not body.get("kind") or not parse_moment(str(body.get("started_at"))):
        raise requests.invalid_parameters("kind, state and started_at")
    known = context.session().get(LcmReport, ("run", run_id))
    lines = {line["number"]: line for line in (known.body.get("lines", []) if known else [])}
    for line in body.get("lines") or []:
        lines.setdefault(line["number"], line)
    body["lines"] = [lines[number] for number in sorted(lines)]
    if body["state"] == "running" and known is not None and known.body.get("state") in FINISHED:
        stays = ("state", "finished_at", "summary", "previews")
        body |= {name: known.body[name] for name in stays if name in known.body}
    if body["state"] == "done" and (known is None or known.body.get("state") != "done"):
        _follow_clock(run_id, body)
    _keep("run", run_id, body)
    return {"success": "OK", "state": body["state"]}


def _follow_clock(run_id: str, body: dict[str, Any]) -> None:
    """Show a cohort as paused, resumed or shifted once the worker says that it is."""
    session = context.session()
    asked = session.scalar(select(LcmDecision).where(LcmDecision.subject == run_id, LcmDecision.kind.in_(CLOCK_KINDS)))
    cohort = session.get(LcmCohort, str(body.get("cohort")))
    if asked is not None and cohort is not None:
        change_clock(cohort, str(body["kind"]), asked.data)


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
        raise requests.invalid_parameters("kind")
    days = params.integer("days")
    if kind == "shift_cohort" and not 0 < abs(days) <= MOST_DAYS:
        raise requests.invalid_parameters("days")
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


@dataclass(frozen=True, slots=True)
class Section:
    """A section of rows: what names a row, what it must point at on the forum, and a new row's state."""

    subject: str
    points_at: type[Base] | None
    state: str


SECTIONS = {
    "learners": Section("user_id", User, ""),
    "drafts": Section("key", None, "pending"),
    "stories": Section("post_id", Post, "candidate"),
    "blockers": Section("topic_id", Topic, "open"),
    "practices": Section("post_id", Post, ""),
}
_OF_THE_WORKER = {"drafts": ("sent", "failed", "withdrawn"), "stories": ("asked", "published")}


@blueprint.put("/lcm/cohorts/<key>/desk", endpoint="discourse_lcm/desks/update")
def publish(key: str) -> dict[str, Any]:
    """Replace the sections given; say how many rows each holds now."""
    require_worker()
    cohort, params = find_cohort(key), context.params()
    as_of = parse_moment(params.require("as_of"))
    if as_of is None:
        raise requests.invalid_parameters("as_of")
    if cohort.as_of is not None and as_of < cohort.as_of:
        raise requests.unprocessable("The desk has been published as of a later moment.")
    cohort.as_of = as_of
    refused: list[dict[str, str]] = []
    if isinstance(calendar := params.raw("calendar"), list):
        cohort.calendar = {**cohort.calendar, "entries": calendar}
    if isinstance(notes := params.raw("notes"), list):
        cohort.calendar = {**cohort.calendar, "notes": notes}
    for name, section in SECTIONS.items():
        rows = params.raw(name)
        if isinstance(rows, list):
            _replace(cohort, name, section, rows, refused)
    context.session().flush()
    return {"counts": _counts(cohort), "refused": refused}


def _replace(
    cohort: LcmCohort, name: str, section: Section, rows: list[dict[str, Any]], refused: list[dict[str, str]]
) -> None:
    session = context.session()
    mine = select(LcmItem).where(LcmItem.cohort == cohort.key, LcmItem.section == name)
    known = {item.subject: item for item in session.scalars(mine)}
    seen: set[str] = set()
    for row in rows:
        if not isinstance(row, dict) or row.get(section.subject) is None:
            raise requests.invalid_parameters(f"{name}: {section.subject}")
        subject = str(row[section.subject])
        if section.points_at is not None and session.get(section.points_at, row[section.subject]) is None:
            refused.append({"section": name, "subject": subject, "reason": f"there is no such {section.subject[:-3]}"})
            continue
        seen.add(subject)
        item = known.get(subject)
        if item is None:
            item = LcmItem(cohort=cohort.key, section=name, subject=subject, state=section.state, consent="not_asked")
            session.add(item)
        item.body = row
        if name == "blockers":
            _hear_words(item, row)
        said = row.get("state")
        if said in _OF_THE_WORKER.get(name, ()):
            item.state = said
            if said in ("asked", "published") and item.consent == "not_asked":
                item.consent = "asked"
    for subject, item in known.items():
        is_kept = item.state == "solved" if name == "blockers" else bool(item.decided)
        if subject not in seen and not item.by_hand and not is_kept:
            session.delete(item)


def _hear_words(item: LcmItem, row: dict[str, Any]) -> None:
    """Take in how a blocker stands and who looks after it, where nobody said anything later on the desk."""
    decided = dict(item.decided or {})
    for name in ("state", "owner"):
        at, known = parse_moment(str(row.get(f"{name}_at") or "")), parse_moment(str(decided.get(f"{name}_at") or ""))
        if at is not None and (known is None or at > known):
            decided |= {name: row.get(name), f"{name}_at": iso(at)}
            item.state = row["state"] if name == "state" else item.state
    item.decided = decided


def _counts(cohort: LcmCohort) -> dict[str, int]:
    query = select(LcmItem.section, func.count()).where(LcmItem.cohort == cohort.key).group_by(LcmItem.section)
    counted = dict(context.session().execute(query).all())
    entries = len(cohort.calendar.get("entries", []))
    notes = len(cohort.calendar.get("notes", []))
    return {"calendar": entries, "notes": notes, **{name: counted.get(name, 0) for name in SECTIONS}}


@blueprint.get("/lcm/desk/<key>", endpoint="discourse_lcm/desks/show")
def show(key: str) -> dict[str, Any]:
    """Show a cohort's desk to its LCMs and to staff."""
    cohort = require_lead(key)
    learners = [learner_json(item) for item in items(cohort, "learners")]
    drafts = [draft_json(item) for item in items(cohort, "drafts")]
    blockers = [blocker_json(item) for item in items(cohort, "blockers")]
    stories = [story_json(item) for item in items(cohort, "stories")]
    return {
        "cohort": _heading(cohort),
        "as_of": iso(cohort.as_of),
        "counters": {
            "learners": len(learners),
            "active_this_week": sum(row["weeks"][-1] > 0 for row in learners),
            "posts_this_week": sum(row["weeks"][-1] for row in learners),
            "need_a_hand": sum(row["needs_hand"] for row in learners),
            "drafts_pending": sum(row["state"] == "pending" for row in drafts),
            "blockers_open": sum(row["state"] == "open" for row in blockers),
            "stories_waiting": sum(row["state"] in ("candidate", "agreed") for row in stories),
        },
        "calendar": cohort.calendar.get("entries", []),
        "learners": learners,
        "drafts": drafts,
        "blockers": blockers,
        "stories": stories,
        "practices": [_practice_json(item) for item in items(cohort, "practices")],
        "notes": cohort.calendar.get("notes", []),
        "lcms": _lcms(cohort),
    }


def items(cohort: LcmCohort, section: str) -> Sequence[LcmItem]:
    """Return the rows of a section, always in the same order."""
    wanted = select(LcmItem).where(LcmItem.cohort == cohort.key, LcmItem.section == section)
    return context.session().scalars(wanted.order_by(LcmItem.subject)).all()


def _heading(cohort: LcmCohort) -> dict[str, Any]:
    session = context.session()
    group = session.get_one(Group, cohort.group_id)
    category = session.get(Category, cohort.category_id) if cohort.category_id else None
    facts = {name: cohort.declaration[name] for name in ("name", "start", "end", "timezone")}
    place = f"/c/{category.slug}/{category.id}" if category else None
    return {"key": cohort.key, **facts, "group_name": group.name, "category_url": place}


def _practice_json(item: LcmItem) -> dict[str, Any]:
    session = context.session()
    post = session.get_one(Post, int(item.subject))
    topic, author = session.get_one(Topic, post.topic_id), session.get(User, post.user_id)
    return {
        "post_id": post.id,
        "url": f"/t/{topic.slug}/{topic.id}/{post.post_number}",
        "title": item.body.get("title", topic.title),
        "author": people.basic_user(author) if author else None,
        "evidence": item.body.get("evidence", []),
        "marked_by": item.decided.get("marked_by"),
    }


def _lcms(cohort: LcmCohort) -> list[dict[str, Any]]:
    members = select(User).join(GroupUser, GroupUser.user_id == User.id)
    lcms = members.where(GroupUser.group_id == cohort.lcm_group_id).order_by(User.username_lower)
    return [people.basic_user(user) for user in context.session().scalars(lcms)]
