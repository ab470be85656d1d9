"""`lcm assignment` and its commands."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import config_option, json_option, read_day


@click.group()
def assignment() -> None:
    """Show who has not answered a task, and give single people more time for it."""


@assignment.command()
@click.argument("step", metavar="STEP")
@click.option("--cohort", metavar="KEY", required=True, help="Whose playbook has the step.")
@click.option("--user", metavar="USERNAME", required=True, help="Who gets more time.")
@click.option("--until", metavar="DAY", required=True, callback=read_day, help="The last day for the answer.")
@config_option
@json_option
def extend(**given: Any) -> None:
    """Give one person more time for the task of a STEP.

    The person gets no reminder of it, and is listed apart when the LCMs hear who is late. Another day takes the place
    of this one; a day that is not after the due date takes it back.
    """
    carry_out("assignment:extend", **given)


@assignment.command()
@click.argument("key", metavar="COHORT")
@click.option("--step", metavar="STEP", help="Only the task of this step.")
@config_option
@json_option
def late(**given: Any) -> None:
    """Show who has not answered the tasks of a COHORT, as the forum is now, and on which days each was written to.

    Nobody is written to by this.
    """
    carry_out("assignment:late", **given)
