"""Commands that do the work that is due: `lcm run`, `retry` and `recover`."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import config_option, json_option, now_option


@click.command()
@click.option(
    "--every",
    "seconds",
    type=click.FloatRange(1, 3600),
    default=60.0,
    show_default=True,
    help="Check every so many seconds what is due.",
)
@click.option(
    "--desk-every",
    "desk_seconds",
    type=click.FloatRange(1, 3600),
    default=20.0,
    show_default=True,
    help="Check every so many seconds what LCMs decided on their desks, if the forum has the plugin.",
)
@config_option
def run(**given: Any) -> None:
    """Look after all cohorts until stopped (Ctrl-C or SIGTERM).

    Killing it at any moment does no harm: the next start finds out what was done and does the rest. Several workers can
    share one store.
    """
    carry_out("run:run", **given)


@click.command()
@click.argument("key", metavar="[KEY]", required=False)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--cohort", metavar="COHORT", help="Only this cohort.")
@click.option("--drop", "do_drop", is_flag=True, help="Give them up for good instead of trying again.")
@config_option
@json_option
def retry(**given: Any) -> None:
    """List the posts that failed for good; with KEY or --all, try them again at the next run; with --drop, never.

    The exit code is 4 while any of them is not settled.
    """
    carry_out("retry:retry", **given)


@click.command()
@click.option("--moved-from", metavar="OLD", help="The forum has a new address; OLD is its name in the store.")
@click.option("--cohort", metavar="KEY", help="The cohort that has a new key; with --was or --is-new.")
@click.option("--was", metavar="OLD", help="The key that the cohort had before.")
@click.option("--is-new", is_flag=True, help="It is another cohort, although it looks like the old one.")
@click.option("--not-restored", is_flag=True, help="The forum was not restored; go on with the work.")
@click.option("--apply", "do_apply", is_flag=True, help="Carry it out.")
@now_option("Pretend that it is this time; on a practice forum only.")
@config_option
@json_option
def recover(**given: Any) -> None:
    """Show what is missing on a forum that was restored, and what would be done about it; with --apply, do it.

    Also carries over what was done when the forum's address or a cohort's key has changed.
    """
    carry_out("recover:recover", **given)
