"""Show a plan and what became of it, for a person or as JSON; and the exit code of work done in part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from sync_worker import membership
from sync_worker.cli.plan_table import counts, show_plan, show_report
from sync_worker.cli.workspace import print_json
from sync_worker.errors import ForumError, PartialError
from sync_worker.model import ChangeKind
from sync_worker.wording import counted

if TYPE_CHECKING:
    from pathlib import Path

    from sync_worker.forum import Forum
    from sync_worker.membership import ApplyReport
    from sync_worker.model import Plan


@dataclass(frozen=True, slots=True)
class Show:
    """How to print plans.

    Args:
        as_json: print JSON.
        everything: show who stays as they are as well.
        every_line: show each of many lines that are alike.
        to_do: the command that carries a plan out.
        may_invite: whether people without an account may be invited.

    """

    as_json: bool
    everything: bool
    every_line: bool
    to_do: str
    may_invite: bool = True

    def planned(self, plan: Plan, forum: Forum, saved: Path | None = None) -> None:
        """Print a plan that is not carried out, and where it was `saved`."""
        if self.as_json:
            print_json(self._summary(plan, forum))
            return
        self._show(plan)
        if saved:
            click.echo(f"Saved for review: {saved} ({counted(len(plan.effective), 'change')}, every line and reason).")
        if plan.effective:
            what = "carry out exactly this plan" if saved else "carry this out"
            looked = counted(forum.calls.total, "call")
            click.echo(f"Nothing was changed ({looked} to look). To {what}: {self.to_do}")
        else:
            click.echo(f"Nothing to do ({counted(forum.calls.total, 'call')} to look).")

    def about_to_apply(self, plan: Plan) -> None:
        """Print a plan before it is carried out."""
        if not self.as_json:
            self._show(plan)

    def applied(self, plan: Plan, report: ApplyReport, forum: Forum) -> None:
        """Print what became of a plan."""
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
            done = {"run": report.run, "done": len(report.done), "failed": failed}
            print_json({**self._summary(plan, forum), **done})
        elif plan.effective:
            show_report(report, forum.calls.total)
        else:
            click.echo(f"Nothing to do ({counted(forum.calls.total, 'call')} to look).")

    def _show(self, plan: Plan) -> None:
        show_plan(plan, everything=self.everything, every_line=self.every_line)
        unknown = len(plan.of(ChangeKind.UNKNOWN))
        if unknown and not self.may_invite:
            who = "1 person of the roster has" if unknown == 1 else f"{unknown:,} people of the roster have"
            click.echo(f"{who} no account that is certainly theirs. To invite them, allow 'invite' in limits.allow.")

    def _summary(self, plan: Plan, forum: Forum) -> dict[str, Any]:
        document = membership.plan_to_json(plan, forum.name, everything=self.everything)
        return {**document, "counts": counts(plan), "api_calls": forum.calls.total}


def fail_in_part(report: ApplyReport, forum: Forum) -> None:
    """Raise where something of a plan was not done.

    Raises:
        ForumError: the forum stopped answering before anything was done.
        PartialError: some lines were done, some not.

    """
    if report.failed and report.unreachable and not report.done:
        raise ForumError("the forum stopped answering; nothing was done.", url=forum.url, do="Run it again later.")
    if report.failed:
        raise PartialError(
            f"{len(report.done)} lines of the plan done, {len(report.failed)} not.",
            do="Fix the reasons above and run it again: what is done stays done.",
        )
