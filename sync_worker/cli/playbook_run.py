"""`lcm playbook run` and `catch-up`: do now what is due or came too late; `copy` and `switch` a playbook."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from sync_worker.cli.options import is_pretended, refuse_pretended_time
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.config.base import is_there
from sync_worker.desk.letters import hear
from sync_worker.errors import PartialError, RefusedError, UsageError
from sync_worker.playbook.copying import copy_playbook, given_folder
from sync_worker.playbook.load import FILE_NAME, find_playbooks, load_named, playbooks_in
from sync_worker.plays import REGISTRY
from sync_worker.store.ledger import occurrences_over
from sync_worker.store.pauses import read_clock
from sync_worker.wording import nearest
from sync_worker.worker.due import DID_NOT_HAPPEN, plan
from sync_worker.worker.due import catch_up as want
from sync_worker.worker.in_force import in_force, switch_plan
from sync_worker.worker.in_force import switch as follow
from sync_worker.worker.run import run_due
from sync_worker.worker.start import ClockWatch, look_at_the_forum

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from pathlib import Path

    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.worker.due import Planned
    from sync_worker.worker.run_report import RunReport


RUN_WAIT_SECONDS = 60.0


def run(name: str, cohort: str, step: str | None, now: datetime, config_file: Path, *, as_json: bool) -> None:
    """Do now what is due in a cohort's playbook; what was done is not done again."""
    with Workspace(config_file) as workspace:
        found = load_named(name, workspace.settings.playbooks, REGISTRY)
        target = workspace.cohort(cohort)
        _refuse_other_playbook(target, name, config_file)
        report, url = _run(workspace, target, found, step, now)
        missed = _missed(workspace, target, found, step, now) if step and report.is_empty else None
    show_run(report, url, as_json=as_json, missed=missed)


def catch_up(*, step: str, cohort: str, slot: date | None, now: datetime, config_file: Path, as_json: bool) -> None:
    """Do now a STEP of the cohort's playbook that came too late, or whose date was skipped."""
    with Workspace(config_file) as workspace:
        target = workspace.cohort(cohort)
        if target.playbook is None:
            raise UsageError(f"cohort '{cohort}' has no playbook.", where=str(config_file))
        found = load_named(target.playbook, workspace.settings.playbooks, REGISTRY)
        refuse_pretended_time(workspace.connect())
        planned = _late_date(_dates(workspace, target, found, step, now), step, slot, now)
        with workspace.store.begin() as session:
            want(session, workspace.forum_name, planned, now)
        report, url = _run(workspace, target, found, step, now)
    show_run(report, url, as_json=as_json)


def _run(
    workspace: Workspace, target: Cohort, playbook: Playbook, step: str | None, now: datetime
) -> tuple[RunReport, str]:
    forum = workspace.connect()
    refuse_pretended_time(forum)
    if not is_pretended():
        doubt = ClockWatch(workspace.store, forum).look()
        if doubt:
            raise RefusedError(doubt, where=forum.url, do="Correct whichever clock is wrong, then run it again.")
    look_at_the_forum(forum, workspace.store, workspace.settings)
    playbooks = {playbook.name: playbook}
    report = run_due(
        forum,
        workspace.store,
        workspace.settings,
        playbooks,
        now,
        target.key,
        step,
        wait=RUN_WAIT_SECONDS,
        hear=partial(hear, forum, workspace.store, workspace.settings, now),
    )
    return report, forum.url


def _refuse_other_playbook(target: Cohort, name: str, config_file: Path) -> None:
    if target.playbook == name:
        return
    key = target.key
    if target.playbook is None:
        what, do = f"cohort '{key}' has no playbook.", f"Write `playbook: {name}` under it."
    else:
        what = f"cohort '{key}' follows the playbook '{target.playbook}', not '{name}'."
        do = (
            f"`lcm playbook preview STEP --cohort {key} --playbook {name}` shows what it would post. To change to it, "
            f"write `playbook: {name}` under the cohort, then `lcm playbook switch --cohort {key}`."
        )
    raise UsageError(what, where=str(config_file), do=do)


def _dates(workspace: Workspace, target: Cohort, playbook: Playbook, step: str, now: datetime) -> list[Planned]:
    """Return the dates of a step up to now."""
    with workspace.store.begin() as session:
        over = occurrences_over(session, workspace.forum_name, target.key, playbook.name)
        cohort = read_clock(session, workspace.forum_name, target.key).shifted(target)
    found = plan(workspace.forum_name, playbook.file, cohort, over, until=now)
    dates = [one for one in found if one.step.id == step]
    if not dates and playbook.file.step(step) is None:
        raise UsageError(f"playbook '{playbook.name}' has no step '{step}'.")
    return dates


def _is_late(planned: Planned, now: datetime) -> bool:
    if planned.over is not None:
        return planned.over.outcome in DID_NOT_HAPPEN
    return planned.is_missed(now)


def _late_date(dates: Sequence[Planned], step: str, slot: date | None, now: datetime) -> Planned:
    late = [one for one in dates if _is_late(one, now) and slot in (None, one.occurrence.local_at.date())]
    if late:
        return late[-1]
    days = ", ".join(one.occurrence.local_at.date().isoformat() for one in dates if _is_late(one, now))
    do = f"Dates that did not happen: {days}." if days else "`lcm playbook show` has its dates and what came of them."
    raise UsageError(f"step '{step}' missed no date{f' on {slot}' if slot else ''}.", do=do)


def _missed(workspace: Workspace, target: Cohort, playbook: Playbook, step: str, now: datetime) -> str | None:
    """Return a sentence about a step that was asked for and came too late, None where there is nothing to say."""
    late = [one for one in _dates(workspace, target, playbook, step, now) if _is_late(one, now)]
    if not late:
        return None
    one = replace(late[-1], latest=late[-1].occurrence.at + late[-1].step.patience)
    latest = one.latest.astimezone(target.zone) if one.latest else one.occurrence.local_at
    return (
        f"'{step}' was to happen on {one.occurrence.local_at:%Y-%m-%d at %H:%M}, until {latest:%Y-%m-%d %H:%M} at the "
        f"latest, and did not. To do it now: lcm playbook catch-up {step} --cohort {target.key}"
    )


def show_run(report: RunReport, forum_url: str, *, as_json: bool, missed: str | None = None) -> None:
    """Print what a run did.

    Raises:
        PartialError: something did not work, was given up and not settled, or another worker was at it.

    """
    if as_json:
        print_json(report.to_json())
    else:
        for happening in report.happenings:
            click.echo(
                f"{happening.slot[:16].replace('T', ' ')} {happening.step}: {happening.outcome}, {happening.reason}"
            )
        for deed in report.deeds:
            address = f" {forum_url}/t/{deed.topic_id}" if deed.topic_id else ""
            click.echo(f"  {deed.action} {deed.state}{address} {deed.reason}".rstrip())
        if report.is_empty and not report.busy and not report.standing:
            click.echo("Nothing is due.")
    if report.busy:
        raise PartialError("another worker is looking after this forum.", do="Run it again in a minute.")
    if report.standing:
        raise RefusedError("\n".join(str(one) for one in report.standing))
    if report.failures:
        raise PartialError(
            f"{len(report.failures)} did not work: {'; '.join(report.failures)}", do="What can be tried again will be."
        )
    if report.given_up:
        raise PartialError(given_up_in_words(report.given_up), do=SETTLE)
    if missed:
        raise PartialError(missed)


SETTLE = "`lcm retry` lists them; `lcm retry --all` tries them again, `lcm retry --drop --all` leaves them undone."


def given_up_in_words(lines: Sequence[str]) -> str:
    """Return what was given up, in a sentence for the end of a command."""
    return f"{len(lines)} given up and not settled: {'; '.join(lines)}"


# `lcm playbook copy`: a playbook of one's own to change, made from another one.


def copy(*, name: str, new_name: str, parent: Path, config_file: Path, as_json: bool) -> None:
    """Copy PLAYBOOK, or the folder of one, with all its texts to one of your own, switched off."""
    own = Workspace(config_file).written.playbooks if is_there(config_file) else ()
    known = find_playbooks(one for one in own if playbooks_in(one))  # a listed folder may wait for its first playbook
    source = known.get(name) or given_folder(name)
    if source is None:
        raise UsageError(f"no playbook is called '{name}'.{nearest(name, known)}")
    if new_name in known:
        raise UsageError(
            f"there is a playbook '{new_name}' already.", where=str(known[new_name]), do="Choose another name."
        )
    folder = copy_playbook(source, new_name, parent)
    listed = any(folder.resolve().is_relative_to(one.resolve()) for one in own)
    if as_json:
        print_json({"playbook": new_name, "folder": str(folder), "listed": listed})
        return
    click.echo(f"{folder}: a copy of '{name}', switched off.")
    if not listed:
        click.echo(f"Write `playbooks: [{parent}]` into {config_file}, so that it is found.")
    click.echo(
        f"Change it, look at it with `lcm playbook check {new_name}` and `lcm playbook preview STEP --cohort C "
        f"--playbook {new_name}`, then write `active: true` in {folder / FILE_NAME}."
    )


# `lcm playbook switch`: a cohort that is under way is given another playbook; what was done counts as done.


def switch(*, cohort: str, do_apply: bool, now: datetime, config_file: Path, as_json: bool) -> None:
    """Show what changes with the playbook that lcm.yaml now names for a cohort; with --apply, change it."""
    with Workspace(config_file) as workspace:
        target = workspace.cohort(cohort)
        if target.playbook is None:
            raise UsageError(f"cohort '{cohort}' has no playbook.", where=str(config_file))
        found = load_named(target.playbook, workspace.settings.playbooks, REGISTRY)
        if do_apply:
            refuse_pretended_time(workspace.connect())
        with workspace.store.begin() as session:
            current = in_force(session, workspace.forum_name, cohort, found.name)
            dates = read_clock(session, workspace.forum_name, cohort).shifted(target)
            changes = current != found.name
            lines = switch_plan(session, workspace.forum_name, found, dates, now) if changes else []
            if do_apply and changes:
                follow(session, workspace.forum_name, found, target, lines, now)
    rows = [
        (
            line.planned.occurrence.local_at.strftime("%Y-%m-%d %H:%M"),
            line.planned.occurrence.label,
            line.state,
            line.reason,
        )
        for line in lines
    ]
    if as_json:
        keys = ("when", "step", "state", "reason")
        shown = [dict(zip(keys, row, strict=True)) for row in rows]
        print_json(
            {"cohort": cohort, "from": current, "to": found.name, "applied": do_apply and changes, "steps": shown}
        )
        return
    if not changes:
        click.echo(f"{cohort} follows '{found.name}' already; nothing changes.")
        click.echo(f"To give it another playbook, write that one's name into {config_file} first.")
        return
    click.echo(f"{target.name}: from '{current or 'none'}' to '{found.name}'\n")
    print_rows(("when", "step", "state", ""), rows)
    if do_apply:
        click.echo(f"\n{cohort} follows '{found.name}' from now on.")
    else:
        click.echo(f"\nTo change to it: lcm playbook switch --cohort {cohort} --apply")
