"""`lcm sync` and its commands."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import FILE, config_option, json_option, now_option


class Sync(click.Group):
    """A group of commands of which `plan` is meant where none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `plan` before arguments that name no command."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["plan", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Sync)
def sync() -> None:
    """Compare the roster with the forum and make them agree; without a command: plan.

    `lcm sync` shows what would be done, `lcm sync --apply` does it; `lcm sync plan --help` lists the options.
    """


@sync.command("plan")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=FILE)
@config_option
@click.option("--cohort", metavar="KEY", help="Only this cohort.")
@click.option("--apply", "do_apply", is_flag=True, help="Carry the plan out. With PLAN: only if it is still the same.")
@click.option("--out", "out_file", metavar="PLAN", type=FILE, help="Save the plan for review.")
@click.option(
    "--accept-roster", is_flag=True, help="Accept, this once, a roster that differs too much from the last ones."
)
@click.option(
    "--accept-dates", is_flag=True, help="Accept, this once, end dates that moved into the past or moved far."
)
@json_option
@click.option(
    "--all", "everything", is_flag=True, help="Show every line, also those of people for whom nothing changes."
)
@now_option("Plan as of this time.")
def plan(**given: Any) -> None:
    """Show what would be done and why; with --apply, do it.

    Without --apply nothing is changed. `lcm sync --out plan.json` saves a plan, `lcm sync --apply plan.json` carries it
    out only if roster and forum still give the same one.
    """
    carry_out("sync:plan", **given)


@sync.command()
@click.argument("run", metavar="RUN")
@click.option("--apply", "do_apply", is_flag=True, help="Carry it out.")
@click.option("--all", "every_line", is_flag=True, help="Show every line, also where many are similar.")
@config_option
@json_option
@now_option("Undo as of this time.")
def undo(**given: Any) -> None:
    """Show what would take RUN back; with --apply, do it.

    People whom the run added are removed, people whom it removed are added again, and owners and permissions likewise,
    within the same limits as any sync. What was changed again since is not touched; each line says why. Correct the
    roster first: the next sync follows it.
    """
    carry_out("sync_runs:undo", **given)


@sync.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many, newest first.")
@config_option
@json_option
def runs(**given: Any) -> None:
    """List the runs that changed something, newest first."""
    carry_out("sync_runs:runs", **given)


@sync.command()
@click.option("--cohort", metavar="KEY", help="Only this cohort.")
@click.option("--all", "every_line", is_flag=True, help="Show every line, also where many are similar.")
@config_option
@json_option
@now_option("Look as of this time.")
def drift(**given: Any) -> None:
    """Show what people changed manually in the groups and categories since the last sync; changes nothing.

    Times are UTC; time and author are known where the log of the group has them. Of many similar lines a few are shown.
    """
    carry_out("sync_runs:drift", **given)
