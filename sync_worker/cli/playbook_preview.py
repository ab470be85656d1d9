"""`lcm playbook preview` and `try`: what a step would post, for whom and why; nothing is posted, nothing is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.errors import UsageError
from sync_worker.model import Approval, DraftKind
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.publish.guard import objections
from sync_worker.rules.saying import sayings_for
from sync_worker.worker.preview import practise
from sync_worker.worker.preview import preview as draft_preview

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from sync_worker.model import Cohort, Draft
    from sync_worker.playbook.load import Playbook
    from sync_worker.worker.preview import Practice, Preview
    from sync_worker.worker.who_and_when import Choice


def preview(
    *, step: str, cohort: str, on: date | None, name: str | None, now: datetime, config_file: Path, as_json: bool
) -> None:
    """Show what STEP would post: title, text, tags, where, to whom, and why. Posts nothing, keeps nothing."""
    with Workspace(config_file) as workspace:
        target = workspace.cohort(cohort)
        found = _playbook(workspace, target, name)
        forum = workspace.connect(read_only=True)
        shown = draft_preview(forum, workspace.store, found, target, step, on, now)
    data = _as_data(shown, target.category)
    if as_json:
        print_json(data)
    else:
        _print(data)


def practice_run(*, step: str, cohort: str, name: str | None, now: datetime, config_file: Path, as_json: bool) -> None:
    """Show for whom STEP would be, for whom not and why, and what each would read. Posts nothing, keeps nothing."""
    wanted, _, follow_up = step.partition("/")
    with Workspace(config_file) as workspace:
        target = workspace.cohort(cohort)
        found = _playbook(workspace, target, name)
        forum = workspace.connect(read_only=True)
        practice = practise(forum, workspace.store, found, target, wanted, follow_up, now)
    data = _practice_data(practice, target, now)
    if as_json:
        print_json(data)
    else:
        _print_practice(data)


def _playbook(workspace: Workspace, target: Cohort, name: str | None) -> Playbook:
    wanted = name or target.playbook
    if wanted is None:
        raise UsageError(f"cohort '{target.key}' has no playbook.", do="Name one with --playbook.")
    return load_named(wanted, workspace.settings.playbooks, REGISTRY)


def _practice_data(practice: Practice, target: Cohort, now: datetime) -> dict[str, Any]:
    occurrence, decision = practice.planned.occurrence, practice.weighed.decision
    reads = {draft.to_learner: draft for draft in practice.drafted.drafts if draft.to_learner is not None}
    texts = [draft for draft in practice.drafted.drafts if draft.to_learner is None]
    chosen = {one.person.user_id for one in decision.choices}
    texts += [draft for number, draft in reads.items() if number not in chosen]
    when = practice.planned.step.when
    why = sayings_for(target.locale).verdict(decision.when) if when is not None else ""
    if not decision.is_time:
        why = decision.why_not(practice.planned.step, target.locale)
    return {
        "step": occurrence.label,
        "play": practice.planned.step.play,
        "playbook": occurrence.playbook,
        "cohort": target.key,
        "date": occurrence.local_at.isoformat(timespec="minutes"),
        "as_of": now.astimezone(target.zone).isoformat(timespec="minutes"),
        "happens": decision.is_time or bool(occurrence.follow_up),
        "why": why,
        "reason": practice.drafted.reason,
        "people": [_person(one, reads.get(one.person.user_id), target.locale) for one in decision.choices],
        "texts": [_text(draft) for draft in texts],
        "follow_ups": [f"{practice.planned.step.id}/{one}" for one in practice.follow_ups],
    }


def _person(choice: Choice, draft: Draft | None, locale: str) -> dict[str, Any]:
    sayings, words = sayings_for(locale), sayings_for(locale).words
    why = sayings.verdict(choice.verdict)
    if choice.excluded:
        why = words.excluded
    elif not choice.of_the_role:
        why = words.other_role
    elif choice.spent and choice.verdict.matches:
        why = words.spent
    return {
        "username": choice.person.username,
        "name": choice.person.name,
        "role": choice.person.role.value,
        "matches": choice.matches and not choice.spent,
        "why": why,
        "reads": _text(draft) if draft is not None else None,
    }


def _text(draft: Draft) -> dict[str, Any]:
    return {
        "kind": draft.kind.value,
        "title": draft.title,
        "raw": draft.raw,
        "recipients": list(draft.recipients),
        "approval": draft.approval is Approval.LCM,
        "reason": draft.reason,
        "objections": objections(draft),
    }


def _print_practice(data: dict[str, Any]) -> None:
    date, as_of = (datetime.fromisoformat(data[key]) for key in ("date", "as_of"))
    click.echo(
        f"{data['step']} ({data['play']}) of '{data['playbook']}' for {data['cohort']}, "
        f"its date of {date:%A %Y-%m-%d %H:%M}, as of {as_of:%Y-%m-%d %H:%M}."
    )
    if not data["happens"]:
        click.echo(f"It would not happen: {data['why']}")
    elif data["why"]:
        click.echo(f"It would happen: {data['why']}.")
    for title, matches in (("For", True), ("Not for", False)):
        people = [one for one in data["people"] if one["matches"] is matches]
        if people:
            click.echo(f"\n{title}:")
            print_rows(("person", "name", "why"), [(one["username"], one["name"], one["why"]) for one in people])
    if not any(one["reads"] for one in data["people"]) and not data["texts"]:
        click.echo(f"\nNobody would read anything: {data['reason'].rstrip('.')}.")
    for one in data["people"]:
        if one["reads"]:
            _print_text(f"{one['username']} would read", one["reads"])
    for text in data["texts"]:
        to = f" to {', '.join(text['recipients'])}" if text["recipients"] else ""
        _print_text(f"A {text['kind']}{to} would say", text)
    if data["follow_ups"] and "/" not in data["step"]:
        click.echo(f"\nIt writes again later; try these as well: {', '.join(data['follow_ups'])}.")
    click.echo("\nNothing was posted, and nothing was kept.")


def _print_text(who: str, text: dict[str, Any]) -> None:
    click.echo(f"\n--- {who}{', once an LCM has approved it' if text['approval'] else ''}:\n")
    for objection in text["objections"]:
        click.echo(f"It would be refused: {objection}.\n")
    click.echo(f"{text['title'] or ''}\n\n{text['raw'].rstrip()}".lstrip())


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
