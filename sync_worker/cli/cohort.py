"""`lcm cohort` and `assignment`: the cohorts and their own clocks, archiving one; more time for one person."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.config.load import complete_cohort
from sync_worker.errors import UsageError
from sync_worker.forum.patience import Priority
from sync_worker.membership.observing.observe import members_of
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.plays.assignment import ASSIGNMENT, due_fact
from sync_worker.store import pauses
from sync_worker.store.facts import set_fact
from sync_worker.wording import nearest
from sync_worker.worker.due import Journey, MovedDate
from sync_worker.worker.taking_part import open_tasks

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.worker.taking_part import OpenTask


FURTHEST_SHIFT = 365
SHOWN = 20


def list_cohorts(config_file: Path, *, as_json: bool) -> None:
    """List the cohorts with their dates, playbooks, and whether they are paused or shifted."""
    now = datetime.now(UTC)
    rows = []
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        for declared in workspace.settings.cohorts:
            one = complete_cohort(declared)
            clock = pauses.read_clock(session, workspace.forum_name, one.key)
            dates = (str(one.start), str(one.end))
            rows.append((one.key, one.name, *dates, one.playbook or "-", clock.in_words(one, now)))
    if as_json:
        names = ("cohort", "name", "start", "end", "playbook", "clock")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    elif rows:
        print_rows(("cohort", "name", "start", "end", "playbook", ""), rows)
    else:
        click.echo("lcm.yaml declares no cohort.")


def pause(key: str, until: date | None, config_file: Path, *, as_json: bool) -> None:
    """Stop the journey of a COHORT: no step happens until a day, or until it is resumed."""
    now = datetime.now(UTC)
    with Workspace(config_file) as workspace:
        target, playbook = _journey(workspace, key)
        end = datetime.combine(until, time(), target.zone).astimezone(UTC) if until else None
        if end is not None and end <= now:
            raise UsageError(f"{until} is not in the future.", do="Give a later day, or none.")
        with workspace.store.begin() as session:
            lines = Journey(session, workspace.forum_name, playbook, target, now).paused(end)
            pauses.pause(session, workspace.forum_name, key, end)
            said = pauses.read_clock(session, workspace.forum_name, key).in_words(target, now)
    _show(key, said, lines, as_json=as_json, applied=True)


def resume(key: str, config_file: Path, *, as_json: bool) -> None:
    """Let the journey of a COHORT go on. What fell into the pause is done where its step allows it so late."""
    now = datetime.now(UTC)
    with Workspace(config_file) as workspace:
        target, _ = _journey(workspace, key)
        with workspace.store.begin() as session:
            was_paused = pauses.read_clock(session, workspace.forum_name, key).stands_still(now)
            pauses.resume(session, workspace.forum_name, key)
            clock = pauses.read_clock(session, workspace.forum_name, key).in_words(target, now)
    said = "the journey goes on" if was_paused else "it was not paused"
    _show(key, f"{said}, {clock}" if clock else said, [], as_json=as_json, applied=was_paused)


def shift(
    *, key: str, later: int | None, earlier: int | None, do_apply: bool, config_file: Path, as_json: bool
) -> None:
    """Show what moves when the journey of a COHORT is shifted, on top of earlier shifts; with --apply, move it."""
    if (later is None) == (earlier is None):
        raise UsageError("say by how many days, either --later or --earlier.")
    days = later if later is not None else -(earlier or 0)
    now = datetime.now(UTC)
    with Workspace(config_file) as workspace:
        target, playbook = _journey(workspace, key)
        with workspace.store.begin() as session:
            clock = pauses.read_clock(session, workspace.forum_name, key)
            if abs(clock.shift_days + days) > FURTHEST_SHIFT:
                what = f"the journey would be {abs(clock.shift_days + days)} days away from its written dates."
                raise UsageError(what, do=f"Change start and end in {config_file} instead.")
            lines = Journey(session, workspace.forum_name, playbook, target, now).shifted(days)
            if do_apply:
                pauses.shift(session, workspace.forum_name, key, days)
                clock = pauses.read_clock(session, workspace.forum_name, key)
            said = clock.in_words(target, now)
    _show(key, said or "as written", lines, as_json=as_json, applied=do_apply)
    if not do_apply and not as_json:
        click.echo("\nNothing was changed. To shift it, add --apply.")


def archive(key: str, config_file: Path, *, as_json: bool) -> None:
    """Make a COHORT an archive before its dates do: from the next sync on its learners read and no longer write."""
    now = datetime.now(UTC)
    with Workspace(config_file) as workspace:
        target = workspace.cohort(key)
        with workspace.store.begin() as session:
            is_new = pauses.archive(session, workspace.forum_name, key, now)
            said = pauses.read_clock(session, workspace.forum_name, key).in_words(target, now)
        allowed = "archive" in workspace.settings.limits.allow
    _show(key, said, [], as_json=as_json, applied=is_new)
    if not as_json:
        do = (
            "`lcm sync --apply` closes its category for writing."
            if allowed
            else "No sync closes its category for writing, because limits.allow in lcm.yaml has no `archive`."
        )
        click.echo(f"\n{do} `lcm cohort reopen {key}` takes this back.")


def reopen(key: str, config_file: Path, *, as_json: bool) -> None:
    """Take back that a COHORT was made an archive: its dates alone decide again, from the next sync on."""
    now = datetime.now(UTC)
    with Workspace(config_file) as workspace:
        target = workspace.cohort(key)
        with workspace.store.begin() as session:
            was_archived = pauses.reopen(session, workspace.forum_name, key)
        over = target.over_on(now.astimezone(target.zone).date())
    said = "it is no archive any more" if was_archived else "it was not made an archive"
    if over:
        said += f", but {target.why_over} and it is one by its dates"
    _show(key, said, [], as_json=as_json, applied=was_archived)


def _journey(workspace: Workspace, key: str) -> tuple[Cohort, Playbook]:
    target = workspace.cohort(key)
    if target.playbook is None:
        raise UsageError(
            f"cohort '{key}' has no playbook, so there is no journey.",
            where=str(workspace.config_file),
            do="Write `playbook:` under the cohort.",
        )
    return target, load_named(target.playbook, workspace.settings.playbooks, REGISTRY)


def _show(key: str, said: str, lines: Sequence[MovedDate], *, as_json: bool, applied: bool) -> None:
    rows = [(line.step, _moment(line.before), _moment(line.after), line.note) for line in lines]
    if as_json:
        dates = [dict(zip(("step", "before", "after", "note"), row, strict=True)) for row in rows]
        print_json({"cohort": key, "clock": said, "applied": applied, "dates": dates})
        return
    click.echo(f"{key}: {said}.")
    if rows:
        click.echo("")
        print_rows(("step", "planned for", "happens", ""), rows[:SHOWN])
        if len(rows) > SHOWN:
            click.echo(f"and {len(rows) - SHOWN} more; --json lists them all.")


def _moment(moment: datetime | None) -> str:
    return moment.strftime("%Y-%m-%d %H:%M") if moment else "-"


# `lcm assignment`: more time for one person, and who is late.


SOURCE = "lcm assignment extend"


def extend(*, step: str, cohort: str, user: str, until: date, config_file: Path, as_json: bool) -> None:
    """Give one person more time for a step's task: kept as a fact about the person in this cohort. Calls: 2 or more.

    Raises:
        UsageError: there is no such cohort, task or account, or the account is not in the cohort.

    """
    with Workspace(config_file) as workspace:
        target = workspace.cohort(cohort)
        if not target.playbook:
            raise UsageError(f"cohort '{cohort}' follows no playbook.", do="Name one in lcm.yaml.")
        _check_step(load_named(target.playbook, workspace.settings.playbooks, REGISTRY), step)
        forum = workspace.connect(Priority.PERSON, read_only=True)
        members = members_of(forum, workspace.store.sessions, target, target.group)
        known = {member.username.casefold(): member for member in members}
        found = known.get(user.removeprefix("@").casefold())
        if found is None:
            hint = nearest(user, [member.username for member in members])
            raise UsageError(f"nobody in cohort '{cohort}' has the username '{user}'.{hint}")
        with workspace.store.begin() as session:
            now = datetime.now(UTC)
            set_fact(session, forum.name, found.id, due_fact(step), until, SOURCE, now, cohort=target.key)
    if as_json:
        print_json({"cohort": target.key, "step": step, "user": found.username, "until": until})
        return
    click.echo(f"@{found.username} has time for '{step}' until {until}.")


def _check_step(playbook: Playbook, step: str) -> None:
    tasks = [found.id for found in playbook.file.steps if found.play == ASSIGNMENT]
    if step not in tasks:
        raise UsageError(f"playbook '{playbook.name}' gives no task in a step '{step}'.{nearest(step, tasks)}")


def late(*, key: str, step: str | None, config_file: Path, as_json: bool) -> None:
    """Show who has not answered the tasks of a cohort, as the forum is now.

    Raises:
        UsageError: there is no such cohort or task.

    """
    with Workspace(config_file) as workspace:
        target = workspace.cohort(key)
        if not target.playbook:
            raise UsageError(f"cohort '{key}' follows no playbook.", do="Name one in lcm.yaml.")
        playbook = load_named(target.playbook, workspace.settings.playbooks, REGISTRY)
        if step is not None:
            _check_step(playbook, step)
        forum = workspace.connect(Priority.PERSON, read_only=True)
        found = [one for one in open_tasks(forum, workspace.store, target, playbook) if step in (None, one.step)]
        url = forum.url
    if as_json:
        print_json([asdict(one) for one in found])
    elif not found:
        click.echo("No task was given so far.")
    for task in found if not as_json else ():
        _print_task(task, url)


def _print_task(task: OpenTask, url: str) -> None:
    due = f"due {task.due:%Y-%m-%d %H:%M}"
    if task.gone:
        click.echo(f"{task.step}: {task.title}, {due}: its topic was deleted.")
        return
    click.echo(f"{task.step}: {task.title}, {due}, {url}/t/{task.topic_id}")
    click.echo(f"  answered: {task.answered}; not: {len(task.owing)}")
    for one in task.owing:
        days = ", ".join(str(day) for day in one.written_to)
        told = f"written to on {days}" if days else "not written to"
        click.echo(f"  @{one.username} ({one.name}): {f'has time until {one.until}, ' if one.until else ''}{told}")
