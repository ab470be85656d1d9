"""`lcm sync`: what it would take to make the forum agree with the roster, and doing it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from sync_worker import membership
from sync_worker.cli.other_forum import refuse_another_forum
from sync_worker.cli.plan_show import Show, fail_in_part
from sync_worker.cli.pretending import refuse_pretended_time
from sync_worker.cli.workspace import Workspace
from sync_worker.errors import UsageError
from sync_worker.membership.planning.guard import check_rejected
from sync_worker.membership.planning.roster_guard import Acceptance
from sync_worker.store.pauses import refuse_while_held
from sync_worker.worker.start import remember_forum

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sync_worker.membership import Prepared
    from sync_worker.model import Roster
    from sync_worker.worker.start import Found

SHOWN_REMARKS = 20


def plan(
    *,
    plan_file: Path | None,
    config_file: Path,
    cohort: str | None,
    do_apply: bool,
    out_file: Path | None,
    accept_roster: bool,
    accept_dates: bool,
    as_json: bool,
    everything: bool,
    now: datetime,
) -> None:
    """Show what would be done and why; with --apply, do it."""
    if plan_file and not do_apply:
        do = "Add --apply to carry it out, or use --out to save one."
        raise UsageError("a saved plan is for applying.", where=str(plan_file), do=do)
    if out_file and do_apply:
        raise UsageError("--out saves a plan, --apply carries one out.", do="Do one after the other.")
    with Workspace(config_file) as workspace:
        roster = workspace.read_roster(now)
        _show_remarks(roster.remarks)
        check_rejected(roster, workspace.settings.limits)
        options = Options(now, cohort, Acceptance(roster=accept_roster, dates=accept_dates))
        show = Show(
            as_json=as_json,
            everything=everything,
            every_line=everything,
            to_do=options.command(out_file),
            may_invite="invite" in workspace.settings.limits.allow,
        )
        if do_apply:
            _apply(workspace, roster, show, options, plan_file)
        else:
            _plan(workspace, roster, show, options, out_file)


@dataclass(frozen=True, slots=True)
class Options:
    """What is synced, as of when, and what a person accepts this once."""

    now: datetime
    cohort: str | None
    acceptance: Acceptance

    def command(self, saved: Path | None) -> str:
        """Return the command that carries out what these options showed, or exactly the plan that was saved."""
        parts = ["lcm sync --apply", *([shlex.quote(str(saved))] if saved else [])]
        parts += ["--cohort", shlex.quote(self.cohort)] if self.cohort else []
        parts += ["--accept-roster"] if self.acceptance.roster else []
        return " ".join([*parts, *(["--accept-dates"] if self.acceptance.dates else [])])


def _plan(workspace: Workspace, roster: Roster, show: Show, options: Options, out_file: Path | None) -> None:
    forum = workspace.connect(read_only=True)
    prepared = membership.prepare(
        workspace.settings,
        roster,
        forum,
        workspace.store,
        now=options.now,
        only=options.cohort,
        acceptance=options.acceptance,
    )
    if out_file:
        membership.write_plan(out_file, prepared.plan, forum.name)
    show.planned(prepared.plan, forum, saved=out_file)
    membership.check_limits(prepared)


def _apply(workspace: Workspace, roster: Roster, show: Show, options: Options, plan_file: Path | None) -> None:
    forum = workspace.connect()
    refuse_while_held(workspace.store.sessions, forum.name)
    reviewed = membership.read_plan(plan_file, forum.name) if plan_file else None

    seen: list[Found] = []

    def before(prepared: Prepared) -> None:
        refuse_pretended_time(forum)
        seen.append(refuse_another_forum(workspace, forum, options.cohort))
        show.about_to_apply(prepared.plan)
        if reviewed:
            membership.refuse_other_plan(reviewed, prepared.plan)

    prepared, report = membership.sync(
        workspace.settings,
        roster,
        forum,
        workspace.store,
        now=options.now,
        only=options.cohort,
        acceptance=options.acceptance,
        before=before,
    )
    remember_forum(forum, workspace.store, workspace.settings, seen[0])
    show.applied(prepared.plan, report, forum)
    fail_in_part(report, forum)


def _show_remarks(remarks: Sequence[str]) -> None:
    for remark in remarks[:SHOWN_REMARKS]:
        click.echo(f"note: {remark}", err=True)
    if len(remarks) > SHOWN_REMARKS:
        click.echo(f"note: and {len(remarks) - SHOWN_REMARKS} more.", err=True)
