"""How people take part and what is known of them: participation, pairs, network, nudges, facts, sessions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import FILE, by_option, config_option, json_option, now_option, read_day


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
@config_option
@json_option
def pairs(**given: Any) -> None:
    """Show who was brought together in COHORT, newest first, which of it was sent, waits or was left out, and why.

    The forum is asked for the present usernames; nothing is changed.
    """
    carry_out("participation:pairs", **given)


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


@click.command()
@click.argument("cohort", metavar="COHORT")
@click.option("--programme", is_flag=True, help="All cohorts of its programme, put together.")
@now_option("As of this time.")
@config_option
@json_option
def nudges(**given: Any) -> None:
    """Show whether messages to silent people of COHORT helped: who came back with one, and who without.

    For steps with `holdout`, which leave out a share of the people by lot. The forum is read; nothing is changed.
    """
    carry_out("participation:nudges", **given)


# `lcm facts` and its commands.


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


@facts.command("export")
@click.argument("file", type=FILE)
@click.option("--fact", "name", metavar="NAME", help="Only this fact.")
@config_option
@json_option
def facts_export(**given: Any) -> None:
    """Write all that is known of everybody to FILE, as CSV that only its owner may read."""
    carry_out("facts:export_facts", **given)


@facts.command("forget")
@click.argument("username", required=False)
@click.option("--fact", "name", metavar="NAME", help="Only this fact; without USERNAME, of everybody.")
@click.option("--apply", "do_apply", is_flag=True, help="Forget it; without this, only show what would be forgotten.")
@config_option
@json_option
def facts_forget(**given: Any) -> None:
    """Forget what is known of USERNAME, or a fact of everybody.

    What the roster still states comes back with the next sync; take the column out of lcm.yaml to prevent it.
    """
    carry_out("facts:drop_facts", **given)


# `lcm session` and its commands.


@click.group()
def session() -> None:
    """Read who was at a live session."""


@session.command()
@click.argument("key", metavar="COHORT")
@click.argument("step", metavar="STEP")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--key",
    "by",
    type=click.Choice(["email", "username", "external_id"]),
    default="email",
    show_default=True,
    help="By what the list names people.",
)
@click.option("--date", "day", metavar="DAY", callback=read_day, help="Which date of a STEP that comes again.")
@click.option("--at-least", metavar="MINUTES", type=click.IntRange(0, 1440), default=0, help="How long counts.")
@click.option("--dry-run", is_flag=True, help="Only show what the list says.")
@now_option("Pretend that it is this time.")
@config_option
@json_option
def attendance(**given: Any) -> None:
    """Read who was at the session of a STEP from a FILE: what Zoom, Teams or Meet exports, or a table with addresses.

    Kept as facts about people: attended_STEP, and attendance, the share of the cohort's sessions. Learners who are not
    on the list were not there. With the next run, those who missed the session get the message that the step has for
    them, if its time has come.
    """
    carry_out("people:attendance", **given)
