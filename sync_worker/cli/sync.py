"""`lcm sync`: what it would take to make the forum agree with the roster, and doing it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync_worker import membership
from sync_worker.cli.plan_table import counts, show_plan, show_report
from sync_worker.cli.workspace import Workspace, config_option, json_option, now_option, print_json
from sync_worker.errors import ForumError, PartialError, UsageError
from sync_worker.membership.guard import check_rejected

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_worker.forum import Forum
    from sync_worker.membership import ApplyReport, Prepared
    from sync_worker.model import Roster

SHOWN_REMARKS = 20
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("sync")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=FILE)
@config_option
@click.option("--cohort", metavar="KEY", help="Only this cohort.")
@click.option("--apply", "do_apply", is_flag=True, help="Carry the plan out. With PLAN: only if it is still the same.")
@click.option("--out", "out_file", metavar="PLAN", type=FILE, help="Save the plan for review.")
@json_option
@click.option("--all", "everything", is_flag=True, help="Also show who stays as they are.")
@now_option("Plan as if it were this moment.")
def sync(
    *,
    plan_file: Path | None,
    config_file: Path,
    cohort: str | None,
    do_apply: bool,
    out_file: Path | None,
    as_json: bool,
    everything: bool,
    now: datetime,
) -> None:
    """Compare the roster with the forum and show the plan; with --apply, carry it out.

    Without --apply nothing is changed. `lcm sync --out plan.json` saves a plan, `lcm sync --apply plan.json` carries it
    out only if roster and forum still give the same one.
    """
    if plan_file and not do_apply:
        do = "Add --apply to carry it out, or use --out to save one."
        raise UsageError("a saved plan is for applying.", where=str(plan_file), do=do)
    if out_file and do_apply:
        raise UsageError("--out saves a plan, --apply carries one out.", do="Do one after the other.")
    with Workspace(config_file) as workspace:
        roster = workspace.read_roster(now)
        _show_remarks(roster.remarks)
        check_rejected(roster, workspace.settings.limits)
        show = _Show(as_json=as_json, everything=everything)
        if do_apply:
            _apply(workspace, roster, show, plan_file=plan_file, cohort=cohort, now=now)
        else:
            _plan(workspace, roster, show, out_file=out_file, cohort=cohort, now=now)


def _plan(
    workspace: Workspace, roster: Roster, show: _Show, *, out_file: Path | None, cohort: str | None, now: datetime
) -> None:
    forum = workspace.connect(read_only=True)
    prepared = membership.prepare(workspace.settings, roster, forum, workspace.store, now=now, only=cohort)
    show.planned(prepared, forum)
    if out_file:
        membership.write_plan(out_file, prepared.plan, forum.name)
    prepared.check()


def _apply(
    workspace: Workspace, roster: Roster, show: _Show, *, plan_file: Path | None, cohort: str | None, now: datetime
) -> None:
    forum = workspace.connect()
    reviewed = membership.read_plan(plan_file, forum.name) if plan_file else None

    def before(prepared: Prepared) -> None:
        show.about_to_apply(prepared)
        if reviewed:
            membership.refuse_other_plan(reviewed, prepared.plan)

    prepared, report = membership.sync(
        workspace.settings, roster, forum, workspace.store, now=now, only=cohort, before=before
    )
    show.applied(prepared, report, forum)
    if report.failed and report.unreachable and not report.done:
        raise ForumError("the forum stopped answering; nothing was done.", url=forum.url, do="Run it again later.")
    if report.failed:
        raise PartialError(
            f"{len(report.done)} lines of the plan done, {len(report.failed)} not.",
            do="Mend the reasons above and run it again: what is done stays done.",
        )


def _show_remarks(remarks: Sequence[str]) -> None:
    for remark in remarks[:SHOWN_REMARKS]:
        click.echo(f"note: {remark}", err=True)
    if len(remarks) > SHOWN_REMARKS:
        click.echo(f"note: and {len(remarks) - SHOWN_REMARKS} more.", err=True)


@dataclass(frozen=True, slots=True)
class _Show:
    """Prints plans and what became of them, for a person or as JSON."""

    as_json: bool
    everything: bool

    def planned(self, prepared: Prepared, forum: Forum) -> None:
        if self.as_json:
            print_json(_summary(prepared, forum))
            return
        show_plan(prepared.plan, everything=self.everything)
        if prepared.plan.effective:
            click.echo(f"Nothing was changed ({forum.calls.total} calls to look). To carry this out: lcm sync --apply")
        else:
            click.echo(f"Nothing to do ({forum.calls.total} calls to look).")

    def about_to_apply(self, prepared: Prepared) -> None:
        if not self.as_json:
            show_plan(prepared.plan, everything=self.everything)

    def applied(self, prepared: Prepared, report: ApplyReport, forum: Forum) -> None:
        if self.as_json:
            failed = [
                {
                    "kind": failure.change.kind,
                    "target": failure.change.target,
                    "username": failure.change.username,
                    "reason": failure.reason,
                }
                for failure in report.failed
            ]
            print_json({**_summary(prepared, forum), "done": len(report.done), "failed": failed})
        elif prepared.plan.effective:
            show_report(report, forum.calls.total)
        else:
            click.echo(f"Nothing to do ({forum.calls.total} calls to look).")


def _summary(prepared: Prepared, forum: Forum) -> dict[str, Any]:
    plan = membership.plan_to_json(prepared.plan, forum.name)
    return {**plan, "counts": counts(prepared.plan), "api_calls": forum.calls.total}
