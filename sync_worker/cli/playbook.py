"""`lcm playbook`: what playbooks there are, whether they are sound, what they will do and would post."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import click

from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.config.base import is_there, writing
from sync_worker.errors import ConfigError, LcmError, UsageError
from sync_worker.model import Approval, DraftKind
from sync_worker.playbook.checks import deck_uses, lever_lines, levers_touched, text_problems
from sync_worker.playbook.format import playbook_schema
from sync_worker.playbook.load import find_playbooks, load_named, load_playbook
from sync_worker.playbook.schedule import LENGTH, Entry, write_calendar
from sync_worker.plays import REGISTRY
from sync_worker.plays.session import SESSION
from sync_worker.publish.entries import objections
from sync_worker.rules.saying import sayings_for
from sync_worker.wording import counted
from sync_worker.worker.history import CalendarLine, calendar, state_of
from sync_worker.worker.in_force import in_force
from sync_worker.worker.writing import practise
from sync_worker.worker.writing import preview as draft_preview

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from sync_worker.model import Cohort, Draft, Lever
    from sync_worker.playbook.checks import Touch
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays.session import Options
    from sync_worker.worker.who_and_when import Choice
    from sync_worker.worker.writing import Practice, Preview


NOT_IN_A_CALENDAR = ("missed", "not now", "skipped", "replaced")


def own_folders(config_file: Path) -> tuple[Path, ...]:
    """Return the folders of playbooks that the settings name; none where there are no settings yet."""
    return Workspace(config_file).written.playbooks if is_there(config_file) else ()


def list_playbooks(config_file: Path, *, as_json: bool) -> None:
    """List the playbooks, shipped and your own."""
    rows = []
    for name, folder in find_playbooks(own_folders(config_file)).items():
        try:
            file = load_playbook(folder, REGISTRY).file
            title = " / ".join(file.title.in_language(x) for x in file.languages)
            rows.append((name, title if file.active else f"{title} (switched off)", len(file.steps), folder))
        except LcmError:
            rows.append((name, f"(not sound: lcm playbook check {name})", 0, folder))
    if as_json:
        print_json([dict(zip(("playbook", "title", "steps", "folder"), row, strict=True)) for row in rows])
    else:
        print_rows(("playbook", "title", "steps", "folder"), rows)


def check(names: tuple[str, ...], config_file: Path, *, as_json: bool) -> None:
    """Check playbooks and all their texts; without a name, all of them. Say which levers of transfer each touches."""
    own = own_folders(config_file)
    known = find_playbooks(own)
    rows = [_checked(name, own) for name in names or known]
    if as_json:
        print_json([{**row, "levers": _as_data(row["levers"])} for row in rows])
    else:
        for row in rows:
            if not row["problems"]:
                click.echo(
                    f"{row['playbook']}: sound, {counted(row['steps'], 'step')}, {' and '.join(row['languages'])}"
                )
                for line in lever_lines(row["levers"]):
                    click.echo(f"  {line}")
    problems = [problem for row in rows for problem in row["problems"]]
    if problems:
        raise ConfigError("\n".join(problems))


def _checked(name: str, own: tuple[Path, ...]) -> dict[str, Any]:
    """Return what is to be said about one playbook; its problems with file, line and column."""
    try:
        found = load_named(name, own, REGISTRY)
    except ConfigError as error:
        return {"playbook": name, "steps": 0, "languages": [], "levers": {}, "problems": str(error).splitlines()}
    problems = text_problems(found, REGISTRY)
    return {
        "playbook": name,
        "steps": len(found.file.steps),
        "languages": list(found.file.languages),
        "levers": {} if problems else levers_touched(found, REGISTRY),
        "problems": problems,
    }


def _as_data(levers: Mapping[Lever, Sequence[Touch]]) -> dict[str, list[dict[str, Any]]]:
    return {lever: [asdict(touch) for touch in found] for lever, found in levers.items()}


def schema() -> None:
    """Print the JSON Schema of playbook.yml, for editors."""
    print_json(playbook_schema(REGISTRY))


def show(*, name: str, cohort: str, ics_file: Path | None, now: datetime, config_file: Path, as_json: bool) -> None:
    """Show a cohort's calendar: what has happened and what will, with the prompts to come, on the cohort's clock."""
    with Workspace(config_file) as workspace:
        found = load_named(name, workspace.settings.playbooks, REGISTRY)
        target = workspace.cohort(cohort)
        with workspace.store.begin() as session:
            lines = calendar(session, workspace.forum_name, found, target, now)
            current = in_force(session, workspace.forum_name, target.key, found.name)
    if ics_file is not None:
        _write_ics(ics_file, found, target, lines, now)
    if as_json:
        print_json([asdict(line) for line in lines])
    if as_json or ics_file is not None:
        return
    click.echo(
        f"{found.file.title.in_language(target.locale)}, {target.name}: {target.start} to {target.end}, "
        f"times of {target.timezone}\n"
    )
    print_rows(("when", "", "step", "play", "state", ""), [_row(line) for line in lines])
    for use in deck_uses(found, target):
        if use.missing:
            click.echo(f"\nnote: {use.said}")
    if current not in (None, found.name) or target.playbook not in (None, found.name):
        click.echo(
            f"\nnote: {target.key} follows '{current or target.playbook}'. "
            f"`lcm playbook switch --cohort {target.key}` shows what changes with another playbook."
        )


def _write_ics(path: Path, found: Playbook, target: Cohort, lines: Sequence[CalendarLine], now: datetime) -> None:
    entries = [_entry(line, found, target) for line in lines if line.state not in NOT_IN_A_CALENDAR]
    title = f"{target.name}: {found.file.title.in_language(target.locale)}"
    with writing("the calendar", path):
        path.write_bytes(write_calendar(title, entries, now))
    click.echo(f"{path}: {counted(len(entries), 'event')}.", err=True)


def _entry(line: CalendarLine, found: Playbook, target: Cohort) -> Entry:
    at = datetime.fromisoformat(line.when)
    step = found.file.step(line.step)
    which = line.label if step and step.at else f"{line.label} {at.date()}"  # a step that happens once keeps its event
    is_session = line.play == SESSION and not line.follow_up
    minutes = cast("Options", found.options_of(line.step, target)).minutes if is_session else 0
    return Entry(
        key=f"{target.key}/{found.name}/{which}",
        at=at,
        title=f"{target.name}: {line.prompt or line.label}",
        description=f"{line.label} ({line.play}), {line.state}{f': {line.reason}' if line.reason else ''}",
        length=timedelta(minutes=minutes) if is_session else LENGTH,
        busy=is_session,
    )


def _row(line: CalendarLine) -> tuple[str, str, str, str, str, str]:
    weekday = datetime.fromisoformat(line.when).strftime("%a")
    return (line.when[:16].replace("T", " "), weekday, line.label, line.play, line.state, line.reason or line.prompt)


# `lcm playbook preview` and `try`: what a step would post, for whom and why; nothing is posted, nothing is kept.


def preview(
    *, step: str, cohort: str, on: date | None, name: str | None, now: datetime, config_file: Path, as_json: bool
) -> None:
    """Show what STEP would post: title, text, tags, where, to whom, and why. Posts nothing, keeps nothing."""
    with Workspace(config_file) as workspace:
        target = workspace.cohort(cohort)
        found = _playbook(workspace, target, name)
        forum = workspace.connect(read_only=True)
        shown = draft_preview(forum, workspace.store, found, target, step, on, now)
    data = _preview_as_data(shown, target.category, now)
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


def _preview_as_data(shown: Preview, category: str, now: datetime) -> dict[str, Any]:
    occurrence = shown.planned.occurrence
    return {
        "step": occurrence.step,
        "follow_up": occurrence.follow_up,
        "when": occurrence.local_at.isoformat(timespec="minutes"),
        "playbook": occurrence.playbook,
        "cohort": occurrence.cohort.key,
        "state": state_of(shown.planned, now),
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
        click.echo(f"Nothing would be posted: {data['reason'].rstrip('.')}.")
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
