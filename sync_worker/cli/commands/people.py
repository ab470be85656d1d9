"""`lcm people`."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import config_option, json_option, now_option


@click.group()
def people() -> None:
    """Decide which account is whose, where roster and forum contradict each other."""


@people.command()
@click.argument("person", required=False)
@click.option("--cohort", metavar="KEY", help="Only this cohort; with PERSON, the cohort in which they are.")
@click.option("--account", "username", metavar="USERNAME", help="This account of the forum is theirs.")
@click.option("--nobody", is_flag=True, help="None of the accounts is theirs.")
@click.option("--undo", is_flag=True, help="Take back what was settled about them.")
@click.option("--by", metavar="NAME", help="Who settles it. Default: the user who runs this command.")
@click.option("--reason", default="", help="Why, for those who read it later.")
@config_option
@json_option
@now_option("Settle it as of this time.")
def settle(**given: Any) -> None:
    """List the people whose account is not clear; or settle it for PERSON.

    An account is not clear where the roster, the forum and what earlier syncs found contradict each other. PERSON is a
    name, an e-mail address, a username or an external id of the roster. A decision is kept, with who made it, until the
    roster changes what it says about the person. It changes nothing on the forum; the next sync does.
    """
    carry_out("people:settle", **given)
