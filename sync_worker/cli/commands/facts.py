"""`lcm facts` and its commands."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import FILE, config_option, json_option, now_option


@click.group()
def facts() -> None:
    """Import, list, show and forget what is known of people beyond who they are: site, level, attendance.

    Columns of the roster become facts where lcm.yaml says so (facts, under the roster); further ones come from files.
    """


@facts.command("import")
@click.argument("file", type=FILE)
@click.option(
    "--key",
    type=click.Choice(["email", "external_id", "username"]),
    required=True,
    help="By what the file names people; its column is called so, or as --key-column says.",
)
@click.option("--key-column", metavar="TITLE", help="The title of that column, where it is another one.")
@click.option(
    "--as",
    "wanted",
    metavar="NAME=COLUMN:TYPE",
    multiple=True,
    help="A column to keep, and how to read it: text (the default), number, date, yes/no. May be given several times. "
    "Default: every other column, named after its title, of the type that all its cells fit.",
)
@click.option("--cohort", metavar="KEY", help="The facts are about people in this cohort only.")
@click.option("--sheet", metavar="NAME", help="The sheet of a workbook.")
@click.option("--date-format", default="%Y-%m-%d", show_default=True, help="How days are written (strptime).")
@click.option("--dry-run", is_flag=True, help="Only show what would be kept.")
@config_option
@json_option
@now_option("The facts were observed at this time.")
def import_facts(**given: Any) -> None:
    """Keep facts from FILE (CSV or XLSX), merged in by a key.

    A newer value replaces an older one. An empty cell, or "n/a", is unknown: it takes away what the same file said
    before. Rows about somebody who has no account yet are reported; import the file again later. Nothing is called on
    the forum.
    """
    carry_out("facts:import_facts", **given)


@facts.command("list")
@config_option
@json_option
def list_facts(**given: Any) -> None:
    """List which facts are known, from which source, of how many people. No values."""
    carry_out("facts:list_known", **given)


@facts.command()
@click.argument("username")
@config_option
@json_option
def show(**given: Any) -> None:
    """Show all that is known of USERNAME, with source and day."""
    carry_out("facts:show", **given)


@facts.command()
@click.argument("file", type=FILE)
@click.option("--fact", "name", metavar="NAME", help="Only this fact.")
@config_option
@json_option
def export(**given: Any) -> None:
    """Write all that is known of everybody to FILE, as CSV that only its owner may read."""
    carry_out("facts:export", **given)


@facts.command()
@click.argument("username", required=False)
@click.option("--fact", "name", metavar="NAME", help="Only this fact; without USERNAME, of everybody.")
@click.option("--apply", "do_apply", is_flag=True, help="Forget it; without this, only show what would be forgotten.")
@config_option
@json_option
def forget(**given: Any) -> None:
    """Forget what is known of USERNAME, or a fact of everybody.

    What the roster still states comes back with the next sync; take the column out of lcm.yaml to prevent it.
    """
    carry_out("facts:forget", **given)
