"""`lcm playbook preview`: what a step would post, to whom and why; posts nothing, keeps nothing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from sync_worker.cli.workspace import Workspace, print_json
from sync_worker.errors import UsageError
from sync_worker.model import Approval, DraftKind
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.publish.guard import objections
from sync_worker.worker.preview import preview as draft_preview

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sync_worker.model import Draft
    from sync_worker.worker.preview import Preview


def preview(
    *, step: str, cohort: str, on: date | None, name: str | None, now: datetime, config_file: Path, as_json: bool
) -> None:
    """Show what STEP would post: title, text, tags, where, to whom, and why. Posts nothing, keeps nothing."""
    with Workspace(config_file) as workspace:
        target = workspace.cohort(cohort)
        wanted = name or target.playbook
        if wanted is None:
            raise UsageError(f"cohort '{cohort}' has no playbook.", do="Name one with --playbook.")
        found = load_named(wanted, workspace.settings.playbooks, REGISTRY)
        forum = workspace.connect(read_only=True)
        shown = draft_preview(forum, workspace.store, found, target, step, on, now)
    data = _as_data(shown, target.category)
    if as_json:
        print_json(data)
    else:
        _print(data)


def _as_data(shown: Preview, category: str) -> dict[str, Any]:
    occurrence = shown.planned.occurrence
    return {
        "step": occurrence.step,
        "follow_up": occurrence.follow_up,
        "when": occurrence.local_at.isoformat(timespec="minutes"),
        "playbook": occurrence.playbook,
        "cohort": occurrence.cohort.key,
        "state": shown.planned.over.outcome if shown.planned.over else "to come",
        "reason": shown.drafted.reason,
        "posts": [_draft(draft, shown, category) for draft in shown.drafted.drafts],
    }


def _draft(draft: Draft, shown: Preview, category: str) -> dict[str, Any]:
    pinned = shown.planned.occurrence.local_at + timedelta(days=draft.pin_days) if draft.pin_days else None
    is_topic = draft.kind is DraftKind.TOPIC
    return {
        "kind": draft.kind.value,
        "title": draft.title,
        "raw": draft.raw,
        "category": category if is_topic else None,
        "category_id": shown.category_id if is_topic else None,
        "tags": list(draft.tags),
        "pinned_until": pinned.date().isoformat() if pinned else None,
        "recipients": list(draft.recipients),
        "topic_id": draft.topic_id,
        "approval": draft.approval is Approval.LCM,
        "reason": draft.reason,
        "objections": objections(draft),
    }


def _print(data: dict[str, Any]) -> None:
    when = datetime.fromisoformat(data["when"])
    step = "/".join(filter(None, (data["step"], data["follow_up"])))
    click.echo(f"{step} of '{data['playbook']}' for {data['cohort']}, {when:%A %Y-%m-%d %H:%M}: {data['state']}")
    if not data["posts"]:
        click.echo(f"Nothing would be posted: {data['reason']}.")
    for post in data["posts"]:
        where = f"a topic in '{post['category']}'" if post["category"] else f"a {post['kind']}"
        parts = [where]
        parts += [f"to {', '.join(post['recipients'])}"] if post["recipients"] else []
        parts += [f"tagged {', '.join(post['tags'])}"] if post["tags"] else []
        parts += [f"pinned until {post['pinned_until']}"] if post["pinned_until"] else []
        parts += ["waits for an LCM's approval"] if post["approval"] else []
        click.echo(f"\n{', '.join(parts)}\nWhy: {post['reason']}")
        for objection in post["objections"]:
            click.echo(f"It would be refused: {objection}.")
        click.echo(f"\n{post['title'] or ''}\n\n{post['raw'].rstrip()}")
    click.echo("\nNothing was posted.")
