"""`lcm webhooks`: the forum tells the worker when something happens."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import config_option, json_option


@click.group()
def webhooks() -> None:
    """Let the forum tell the worker when something happens, so that it looks sooner.

    Without webhooks nothing is missed: the worker looks by itself.
    """


@webhooks.command()
@config_option
@json_option
def install(**given: Any) -> None:
    """Let the forum send events to service.webhooks_at; a webhook for that address that is there already stays."""
    carry_out("webhooks:install", **given)


@webhooks.command("list")
@config_option
@json_option
def list_(**given: Any) -> None:
    """List the forum's webhooks: where each sends, which events, and whether the last one arrived."""
    carry_out("webhooks:list_all", **given)


@webhooks.command()
@config_option
@json_option
def remove(**given: Any) -> None:
    """Delete the webhook for service.webhooks_at; those of others stay."""
    carry_out("webhooks:remove", **given)
