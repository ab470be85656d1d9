"""`lcm init` and `check`; `lcm webhooks`: the forum tells the worker when something happens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import config_option, json_option


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=Path())
def init(**given: Any) -> None:
    """Write a commented lcm.yaml and a small roster.csv; nothing is ever overwritten."""
    carry_out("setup:init", **given)


@click.command()
@click.option("--fix", "do_fix", is_flag=True, help="Change settings of the forum that are in the way, after asking.")
@click.option("--yes", "is_sure", is_flag=True, help="With --fix: change all of them without asking.")
@config_option
@json_option
def check(**given: Any) -> None:
    """Look at configuration, connection, key, rights, the forum's settings, playbooks, and what was done so far.

    Each line is ok, or says what to change and where. Exit code 5 if anything keeps the worker from its work.
    With --fix those settings of the forum that the API can change are changed, each with its old value reported;
    nothing else is changed.
    """
    carry_out("setup:check", **given)


# `lcm webhooks`: the forum tells the worker when something happens.


@click.group()
def webhooks() -> None:
    """Let the forum tell the worker when something happens, so that it looks sooner.

    Without webhooks nothing is missed: the worker looks by itself.
    """


@webhooks.command()
@config_option
@json_option
def install(**given: Any) -> None:
    """Let the forum send events to service.webhooks_at, signed with the secret that the worker has now.

    A webhook for that address stays if it has this secret and is active; else it is deleted and made anew.
    """
    carry_out("setup:install", **given)


@webhooks.command("list")
@config_option
@json_option
def list_(**given: Any) -> None:
    """List the forum's webhooks: where each sends, which events, and whether the last one arrived."""
    carry_out("setup:list_all", **given)


@webhooks.command()
@config_option
@json_option
def remove(**given: Any) -> None:
    """Delete the webhook for service.webhooks_at; those of others stay."""
    carry_out("setup:remove", **given)
