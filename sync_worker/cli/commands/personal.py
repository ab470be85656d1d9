"""`lcm forget` and `lcm export`: what is held about a person."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import FILE, config_option, json_option, now_option


@click.command()
@click.argument("person")
@click.option("--apply", "do_apply", is_flag=True, help="Forget; without this, only show what would be forgotten.")
@click.option("--undo", is_flag=True, help="Take PERSON from the roster again; what was forgotten does not come back.")
@config_option
@json_option
@now_option("Forget as of this time.")
def forget(**given: Any) -> None:
    """Forget PERSON everywhere in the store, and prove it by a search over every text of every table.

    PERSON is a username, an e-mail address, or an external id or name of the roster. What is kept, and why, is in
    docs/privacy.md: digests by which the person is left out from now on, and without texts what was done.
    """
    carry_out("personal:forget", **given)


@click.command()
@click.argument("person")
@click.option("--out", "file", type=FILE, help="Write it to this file, which only its owner may read.")
@config_option
@now_option("Read the roster as of this time.")
def export(**given: Any) -> None:
    """Write all that is held about PERSON as JSON: each row of each table that is about them or names them."""
    carry_out("personal:export", **given)
