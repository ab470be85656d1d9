"""`lcm cohort` and its commands."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import config_option, json_option, read_day


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
