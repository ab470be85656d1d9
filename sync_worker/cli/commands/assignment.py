"""`lcm assignment` and its commands."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import config_option, json_option, read_day


@click.group()
def assignment() -> None:
    """Give single people more time for a task."""


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
