"""`lcm session` and its commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import config_option, json_option, now_option, read_day


@click.group()
def session() -> None:
    """Read who was at a live session."""


@session.command()
@click.argument("key", metavar="COHORT")
@click.argument("step", metavar="STEP")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    "by",
    type=click.Choice(["email", "username", "external_id"]),
    default="email",
    show_default=True,
    help="By what the list names people.",
)
@click.option("--date", "day", metavar="DAY", callback=read_day, help="Which date of a STEP that comes again.")
@click.option("--at-least", metavar="MINUTES", type=click.IntRange(0, 1440), default=0, help="How long counts.")
@click.option("--dry-run", is_flag=True, help="Only show what the list says.")
@now_option("Pretend that it is this time.")
@config_option
@json_option
def attendance(**given: Any) -> None:
    """Read who was at the session of a STEP from a FILE: what Zoom, Teams or Meet exports, or a table with addresses.

    Kept as facts about people: attended_STEP, and attendance, the share of the cohort's sessions. Learners who are not
    on the list were not there. With the next run, those who missed the session get the message that the step has for
    them, if its time has come.
    """
    carry_out("session:attendance", **given)
