"""`lcm people`, `participation` and `network`: who they are, how they take part, who answers whom."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import by_option, config_option, json_option, now_option, read_day


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


@click.command()
@click.argument("cohort", metavar="COHORT")
@click.option("--user", metavar="USERNAME", help="All that is known of one learner, with their last posts.")
@click.option("--set-aside", "reason", metavar="WHY", help="With --user: put the sign that they may need a hand aside.")
@click.option(
    "--until", metavar="DAY", callback=read_day, help="The last day of that; else for the rest of the cohort."
)
@click.option("--show-again", is_flag=True, help="With --user: take that back.")
@by_option
@now_option("As of this time.")
@config_option
@json_option
def participation(**given: Any) -> None:
    """Show how each learner of COHORT takes part, and who may need a hand, with the reasons and their proof.

    The forum is read; nothing is changed there. In the store only --set-aside and --show-again change anything.
    """
    carry_out("participation:participation", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@now_option("As of this time.")
@config_option
@json_option
def network(**given: Any) -> None:
    """Show who answers whom in COHORT: density, reciprocity, isolates, bridges, and how they change by week.

    Learners only; answers to and by LCMs do not count. Nothing is changed.
    """
    carry_out("participation:network", **given)
