"""Who belongs to which cohort: `lcm sync`, `cohort` and `people`."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import FILE, config_option, json_option, now_option, read_day


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
    carry_out("sync:undo", **given)


@sync.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many, newest first.")
@config_option
@json_option
def runs(**given: Any) -> None:
    """List the runs that changed something, newest first."""
    carry_out("sync:runs", **given)


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
    carry_out("sync:drift", **given)


# `lcm cohort` and its commands.


@click.group()
def cohort() -> None:
    """List the cohorts; pause, resume or shift the journey of one; archive it, or reopen it.

    Who may read and write follows the written dates; pausing and shifting move the steps of the playbook only.
    """


@cohort.command("list")
@config_option
@json_option
def list_cohorts(**given: Any) -> None:
    """List the cohorts with their dates, playbooks, and whether they are paused or shifted."""
    carry_out("cohort:list_cohorts", **given)


@cohort.command()
@click.argument("key", metavar="COHORT")
@click.option(
    "--until", metavar="DAY", callback=read_day, help="Go on at the start of this day. Default: when resumed."
)
@config_option
@json_option
def pause(**given: Any) -> None:
    """Stop the journey of a COHORT: no step happens until a day, or until it is resumed.

    What was approved before is still sent, and stories are still looked after.
    """
    carry_out("cohort:pause", **given)


@cohort.command()
@click.argument("key", metavar="COHORT")
@config_option
@json_option
def resume(**given: Any) -> None:
    """Let the journey of a COHORT go on. Steps that fell into the pause are done if they may be done so late."""
    carry_out("cohort:resume", **given)


@cohort.command()
@click.argument("key", metavar="COHORT")
@click.option("--later", metavar="DAYS", type=click.IntRange(1, 365), help="Move it so many days later.")
@click.option("--earlier", metavar="DAYS", type=click.IntRange(1, 365), help="Move it so many days earlier.")
@click.option("--apply", "do_apply", is_flag=True, help="Move it; without this, only show what would move.")
@config_option
@json_option
def shift(**given: Any) -> None:
    """Show what moves when the journey of a COHORT is shifted, on top of earlier shifts; with --apply, move it.

    Steps on dates of the calendar stay where they are. What happened does not happen again.
    """
    carry_out("cohort:shift", **given)


@cohort.command()
@click.argument("key", metavar="COHORT")
@config_option
@json_option
def archive(**given: Any) -> None:
    """Make a COHORT an archive, whatever its dates say. The next sync closes its category for writing."""
    carry_out("cohort:archive", **given)


@cohort.command()
@click.argument("key", metavar="COHORT")
@config_option
@json_option
def reopen(**given: Any) -> None:
    """Take back that a COHORT was made an archive, by a playbook or by a person. Its dates alone decide again."""
    carry_out("cohort:reopen", **given)


# `lcm people` and its commands.


@click.group()
def people() -> None:
    """Decide which account is whose, where roster and forum contradict each other."""


@people.command()
@click.argument("person", required=False)
@click.option("--cohort", metavar="KEY", help="Only this cohort; with PERSON, the cohort in which they are.")
@click.option("--account", "username", metavar="USERNAME", help="This account of the forum is theirs.")
@click.option("--nobody", is_flag=True, help="None of the accounts is theirs.")
@click.option("--undo", is_flag=True, help="Take back what was settled about them.")
@click.option("--by", metavar="NAME", help="Who settles it. Default: the user who runs this command.")
@click.option("--reason", default="", help="Why, for those who read it later.")
@config_option
@json_option
@now_option("Settle it as of this time.")
def settle(**given: Any) -> None:
    """List the people whose account is not clear; or settle it for PERSON.

    An account is not clear where the roster, the forum and what earlier syncs found contradict each other. PERSON is a
    name, an e-mail address, a username or an external id of the roster. A decision is kept, with who made it, until the
    roster changes what it says about the person. It changes nothing on the forum; the next sync does.
    """
    carry_out("people:settle", **given)
