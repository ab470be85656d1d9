"""`lcm playbook`: what playbooks there are, whether they are sound, what they will do, and doing it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

import click

from sync_worker.cli.workspace import (
    Workspace,
    print_json,
    print_rows,
)
from sync_worker.errors import ConfigError, LcmError, UsageError
from sync_worker.playbook.checks import deck_uses, lever_lines, levers_touched, text_problems
from sync_worker.playbook.format import playbook_schema
from sync_worker.playbook.load import find_playbooks, load_named, load_playbook
from sync_worker.playbook.schedule import LENGTH, Entry, write_calendar
from sync_worker.plays import REGISTRY
from sync_worker.plays.session import SESSION
from sync_worker.worker.calendar import CalendarLine, calendar
from sync_worker.worker.in_force import in_force

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sync_worker.model import Cohort, Lever
    from sync_worker.playbook.checks import Touch
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays.session import Options


NOT_IN_A_CALENDAR = ("missed", "not now", "skipped", "replaced")


def own_folders(config_file: Path) -> tuple[Path, ...]:
    """Return the folders of playbooks that the settings name; none where there are no settings yet."""
    return Workspace(config_file).written.playbooks if config_file.exists() else ()


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
                click.echo(f"{row['playbook']}: sound, {row['steps']} steps, {' and '.join(row['languages'])}")
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
    try:
        path.write_bytes(write_calendar(title, entries, now))
    except OSError as error:
        what = f"the calendar cannot be written: {error.strerror}."
        raise UsageError(what, where=str(path), do="Name a file in a folder that you may write to.") from None
    click.echo(f"{path}: {len(entries)} events.", err=True)


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
