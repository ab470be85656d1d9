"""`lcm drafts` and `lcm desk`: what LCMs decide on."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import by_option, config_option, json_option, now_option

key_argument = click.argument("key", metavar="DRAFT")


@click.group()
def drafts() -> None:
    """List texts that wait for an LCM's decision, and decide on them."""


@drafts.command("list")
@click.option("--cohort", metavar="KEY", help="Only this cohort.")
@click.option(
    "--state",
    type=click.Choice(["pending", "approved", "rejected", "sent", "withdrawn", "all"]),
    default="pending",
    show_default=True,
    help="Show drafts in this state.",
)
@config_option
@json_option
def list_drafts(**given: Any) -> None:
    """List drafts, oldest first."""
    carry_out("drafts:list_drafts", **given)


@drafts.command()
@key_argument
@config_option
@json_option
def show(**given: Any) -> None:
    """Show a draft as it would be sent, and why it exists."""
    carry_out("drafts:show", **given)


@drafts.command()
@key_argument
@by_option
@config_option
def approve(**given: Any) -> None:
    """Approve a draft; the worker's next run sends it."""
    carry_out("drafts:approve", **given)


@drafts.command()
@key_argument
@click.option("--reason", required=True, help="Why it is rejected; kept with the draft.")
@by_option
@config_option
def reject(**given: Any) -> None:
    """Reject a draft; it is never sent."""
    carry_out("drafts:reject", **given)


@click.command()
@now_option("Pretend that it is this time; on a practice forum only.")
@config_option
@json_option
def desk(**given: Any) -> None:
    """Read what LCMs and administrators decided on the forum, act on it, and bring the desks up to date.

    Needs the discourse-lcm plugin on the forum. `lcm run` does this every few seconds.
    """
    carry_out("desk:desk", **given)
