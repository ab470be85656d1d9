"""Commands that only read: what a cohort got, what its people planned and answered, reports, status, history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import config_option, json_option, now_option


@click.command()
@click.argument("cohort", metavar="COHORT")
@now_option("Look at the days before this time.")
@config_option
@json_option
def roundup(**given: Any) -> None:
    """Show a cohort's roundup and why: today's if one is due today, or one of the last days including today.

    Posts nothing.
    """
    carry_out("content:roundup", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@now_option("Look at the weeks before this time.")
@config_option
@json_option
def stories(**given: Any) -> None:
    """Show the posts that could become a story, best first, with the reason and what their authors answered."""
    carry_out("content:stories", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@config_option
@json_option
def resources(**given: Any) -> None:
    """Show the resources that a cohort got, newest first, and how often each was opened, where the forum tells."""
    carry_out("content:resources", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@config_option
@json_option
def commitments(**given: Any) -> None:
    """Show what the people of a cohort planned to do, for which day, and what they said became of it.

    It shows what was read last; once a day `lcm run` looks.
    """
    carry_out("content:commitments", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@click.argument("step", metavar="STEP")
@config_option
@json_option
def survey(**given: Any) -> None:
    """Show the totals of the survey that a STEP posted in a cohort, where at least five people answered."""
    carry_out("content:survey", **given)


@click.command()
@click.argument("cohort", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every cohort of lcm.yaml.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write into."
)
@now_option("As of this time.")
@config_option
@json_option
def report(**given: Any) -> None:
    """Write a report on COHORT, or on all of them, into a folder: an HTML page and a CSV file each, and an index.

    The forum is read; neither on it nor in the store is anything changed. Numbers of fewer than three people are not
    shown.
    """
    carry_out("report:report", **given)


@click.command()
@click.option("--cohort", metavar="KEY", help="Only this cohort.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True, help="How many, newest first.")
@config_option
@json_option
def history(**given: Any) -> None:
    """Show the ledger: what the worker posted on the forum, or was about to post (people: lcm status)."""
    carry_out("history:history", **given)


@click.command()
@now_option("Show it as of this time.")
@config_option
@json_option
def status(**given: Any) -> None:
    """Show each cohort: its playbook, what was done, what waits, what comes next.

    It also shows the syncs of `lcm run` (the last one with its result, the next one, what waits for a person) and the
    budget of calls.
    """
    carry_out("history:status", **given)
