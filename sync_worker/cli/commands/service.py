"""The service: running it, what it is doing and did, and what to do after a fault."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import CONFIG_FILE, SETTINGS_FILE, config_option, json_option, now_option


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
    help="Check every so many seconds what LCMs decided; by message, no more than once a minute.",
)
@click.option("--cluster", is_flag=True, help="Share the work with other processes and hosts on the same store.")
@click.option(
    "--at-once",
    metavar="N",
    type=click.IntRange(1, 4),
    default=4,
    show_default=True,
    help="With --cluster: work on so many forums at the same time.",
)
@click.option(
    "--config",
    "config_files",
    type=SETTINGS_FILE,
    multiple=True,
    default=(CONFIG_FILE,),
    show_default="lcm.yaml",
    envvar="LCM_CONFIG",
    help="Settings; with --cluster several times, once for each forum.",
)
def run(**given: Any) -> None:
    """Look after all cohorts until stopped (Ctrl-C or SIGTERM).

    Killing it at any moment does no harm: the next start finds out what was done and does the rest.

    With --cluster several processes, on several hosts, share the work of one or more forums. The store must be in
    PostgreSQL, the same for all.
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
    carry_out("recover:retry", **given)


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
