"""`lcm cohort`: the cohorts, and their own clocks: pause, resume or shift the journey of one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from sync_worker.cli.playbook_run import read_day
from sync_worker.cli.workspace import Workspace, config_option, json_option, print_json, print_rows
from sync_worker.config.load import complete_cohort
from sync_worker.errors import UsageError
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.store import clocks
from sync_worker.worker.moved_dates import Journey, MovedDate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook

FURTHEST_SHIFT = 365
SHOWN = 20


@click.group()
def cohort() -> None:
    """List the cohorts; pause, resume or shift the journey of one.

    Who may read and write follows the written dates; pausing and shifting move the steps of the playbook only.
    """


@cohort.command("list")
@config_option
@json_option
def list_cohorts(config_file: Path, *, as_json: bool) -> None:
    """List the cohorts with their dates, playbooks, and whether they are paused or shifted."""
    now = datetime.now(UTC)
    rows = []
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        for declared in workspace.settings.cohorts:
            one = complete_cohort(declared)
            clock = clocks.read_clock(session, workspace.forum_name, one.key)
            dates = (str(one.start), str(one.end))
            rows.append((one.key, one.name, *dates, one.playbook or "-", clock.in_words(one, now)))
    if as_json:
        names = ("cohort", "name", "start", "end", "playbook", "clock")
        print_json([dict(zip(names, row, strict=True)) for row in rows])
    elif rows:
        print_rows(("cohort", "name", "start", "end", "playbook", ""), rows)
    else:
        click.echo("lcm.yaml declares no cohort.")


@cohort.command()
@click.argument("key", metavar="COHORT")
@click.option("--until", metavar="DAY", callback=read_day, help="Go on at the start of this day; else when resumed.")
@config_option
@json_option
def pause(key: str, until: date | None, config_file: Path, *, as_json: bool) -> None:
    """Stop the journey of a COHORT: no step happens until a day, or until it is resumed.

    What was approved before is still sent, and stories are still looked after.
    """
    now = datetime.now(UTC)
    with Workspace(config_file) as workspace:
        target, playbook = _journey(workspace, key)
        end = datetime.combine(until, time(), target.zone).astimezone(UTC) if until else None
        if end is not None and end <= now:
            raise UsageError(f"{until} is not in the future.", do="Give a later day, or none.")
        with workspace.store.begin() as session:
            lines = Journey(session, workspace.forum_name, playbook, target, now).paused(end)
            clocks.pause(session, workspace.forum_name, key, end)
            said = clocks.read_clock(session, workspace.forum_name, key).in_words(target, now)
    _show(key, said, lines, as_json=as_json, applied=True)


@cohort.command()
@click.argument("key", metavar="COHORT")
@config_option
@json_option
def resume(key: str, config_file: Path, *, as_json: bool) -> None:
    """Let the journey of a COHORT go on. What fell into the pause is done where its step allows it so late."""
    now = datetime.now(UTC)
    with Workspace(config_file) as workspace:
        target, _ = _journey(workspace, key)
        with workspace.store.begin() as session:
            was_paused = clocks.read_clock(session, workspace.forum_name, key).stands_still(now)
            clocks.resume(session, workspace.forum_name, key)
            clock = clocks.read_clock(session, workspace.forum_name, key).in_words(target, now)
    said = "the journey goes on" if was_paused else "it was not paused"
    _show(key, f"{said}, {clock}" if clock else said, [], as_json=as_json, applied=was_paused)


@cohort.command()
@click.argument("key", metavar="COHORT")
@click.option("--later", metavar="DAYS", type=click.IntRange(1, FURTHEST_SHIFT), help="Move it so many days later.")
@click.option("--earlier", metavar="DAYS", type=click.IntRange(1, FURTHEST_SHIFT), help="Move it so many days earlier.")
@click.option("--apply", "do_apply", is_flag=True, help="Move it; without this, only show what would move.")
@config_option
@json_option
def shift(
    *, key: str, later: int | None, earlier: int | None, do_apply: bool, config_file: Path, as_json: bool
) -> None:
    """Show what moves when the journey of a COHORT is shifted, on top of earlier shifts; with --apply, move it.

    Steps on dates of the calendar stay where they are. What happened does not happen again.
    """
    if (later is None) == (earlier is None):
        raise UsageError("say by how many days, either --later or --earlier.")
    days = later if later is not None else -(earlier or 0)
    now = datetime.now(UTC)
    with Workspace(config_file) as workspace:
        target, playbook = _journey(workspace, key)
        with workspace.store.begin() as session:
            clock = clocks.read_clock(session, workspace.forum_name, key)
            if abs(clock.shift_days + days) > FURTHEST_SHIFT:
                what = f"the journey would be {abs(clock.shift_days + days)} days away from its written dates."
                raise UsageError(what, do=f"Change start and end in {config_file} instead.")
            lines = Journey(session, workspace.forum_name, playbook, target, now).shifted(days)
            if do_apply:
                clocks.shift(session, workspace.forum_name, key, days)
                clock = clocks.read_clock(session, workspace.forum_name, key)
            said = clock.in_words(target, now)
    _show(key, said or "as written", lines, as_json=as_json, applied=do_apply)
    if not do_apply and not as_json:
        click.echo("\nNothing was changed. To shift it, add --apply.")


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
