"""`lcm practices` and its commands."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import config_option, json_option, now_option


@click.group()
def practices() -> None:
    """Mark posts as practice, show what the library keeps, and what fits a cohort's week."""


whose_option = click.option("--cohort", metavar="KEY", help="Whose post it is; else it is found by its category.")


@practices.command("list")
@click.argument("cohort", metavar="[COHORT]", required=False)
@click.option("--all", "everything", is_flag=True, help="Also those that are out, or that LCMs did not want.")
@config_option
@json_option
def list_practices(**given: Any) -> None:
    """Show the posts of COHORT, or of all, that are marked as practice, and how each stands.

    `asking` waits for the author's yes, `unplaced` for a subject, `offered` for an LCM's word about what a roundup
    showed. The store is read; the forum is not asked.
    """
    carry_out("practices:list_practices", **given)


@practices.command()
@click.argument("post", metavar="POST")
@whose_option
@click.option("--subject", metavar="TEXT", help="The subject under which it is kept.")
@click.option("--words", metavar="TEXT", help="Which sentences of its author are shown, word for word.")
@now_option("Marked at this time.")
@config_option
def mark(**given: Any) -> None:
    """Mark POST as practice: its address, or topic and number (4711/3).

    It comes first in the next roundup of its period. With a `library` in lcm.yaml the next run also keeps it there; its
    author is asked first where not all who read the library can read the post.
    """
    carry_out("practices:mark", **given)


@practices.command()
@click.argument("post", metavar="POST")
@whose_option
@config_option
def unmark(**given: Any) -> None:
    """Take the mark of POST away; the next run takes it out of the library."""
    carry_out("practices:take_mark", **given)


@practices.command()
@click.argument("cohort", metavar="COHORT")
@now_option("As of this time.")
@config_option
@json_option
def fits(**given: Any) -> None:
    """Show what other cohorts found that fits the latest prompt, plan or task of COHORT, the best first."""
    carry_out("practices:fits", **given)
