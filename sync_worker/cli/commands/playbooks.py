"""`lcm playbook` and its commands, and `lcm rehearse`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import FILE, cohort_option, config_option, json_option, now_option, read_day, read_now

# `lcm playbook` and its commands.


@click.group()
def playbook() -> None:
    """List, check, show, preview and run playbooks: the written plans for a cohort's journey."""


@playbook.command("list")
@config_option
@json_option
def list_playbooks(**given: Any) -> None:
    """List the playbooks, shipped and your own."""
    carry_out("playbook:list_playbooks", **given)


@playbook.command("check")
@click.argument("names", nargs=-1, metavar="[PLAYBOOK]...")
@config_option
@json_option
def playbook_check(**given: Any) -> None:
    """Check playbooks and all their texts; without a name, all of them.

    Every template is filled in with every value that it may use, in every language; every deck is read. Of a sound
    playbook it says which of the twelve levers of transfer its steps touch, and which none does.
    """
    carry_out("playbook:check", **given)


@playbook.command()
def schema(**given: Any) -> None:
    """Print the JSON Schema of playbook.yml, for editors."""
    carry_out("playbook:schema", **given)


@playbook.command("show")
@click.argument("name", metavar="PLAYBOOK")
@cohort_option
@click.option("--ics", "ics_file", metavar="FILE", type=FILE, help="Write it as a calendar file (iCalendar) instead.")
@now_option("Show it as of this time.")
@config_option
@json_option
def playbook_show(**given: Any) -> None:
    """Show a cohort's calendar: what has happened and what will, with the prompts to come, on the cohort's clock."""
    carry_out("playbook:show", **given)


@playbook.command()
@click.argument("name", metavar="PLAYBOOK")
@click.argument("new_name", metavar="NEW_NAME")
@click.option(
    "--to",
    "parent",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("playbooks"),
    show_default=True,
    help="The folder for playbooks of your own.",
)
@config_option
@json_option
def copy(**given: Any) -> None:
    """Copy PLAYBOOK, or the folder of one, with all its texts to one of your own, switched off."""
    carry_out("playbook_run:copy", **given)


@playbook.command()
@click.argument("step", metavar="STEP")
@cohort_option
@click.option("--on", metavar="DAY", callback=read_day, help="The date of the step. Default: its next date.")
@click.option("--playbook", "name", metavar="PLAYBOOK", help="Use this playbook instead of the cohort's.")
@now_option("As of this time.")
@config_option
@json_option
def preview(**given: Any) -> None:
    """Show what STEP would post: title, text, tags, where, to whom, and why. Posts and stores nothing."""
    carry_out("playbook:preview", **given)


@playbook.command("try")
@click.argument("step", metavar="STEP")
@cohort_option
@click.option("--at", "now", metavar="ISO", callback=read_now, help="As of this moment. Default: now.")
@click.option("--playbook", "name", metavar="PLAYBOOK", help="Use this playbook instead of the cohort's.")
@config_option
@json_option
def try_step(**given: Any) -> None:
    """Show for whom STEP would be and for whom not, which clause said so, and what each would read.

    STEP/NAME is a follow-up of a step, such as task/remind-1. Posts and stores nothing.
    """
    carry_out("playbook:practice_run", **given)


@playbook.command("run")
@click.argument("name", metavar="PLAYBOOK")
@cohort_option
@click.option("--step", metavar="STEP", help="Only this step.")
@now_option("Pretend that it is this time; on a practice forum only.")
@config_option
@json_option
def playbook_run(**given: Any) -> None:
    """Do now what is due in a cohort's playbook; what was done is not done again."""
    carry_out("playbook_run:run", **given)


@playbook.command("catch-up")
@click.argument("step", metavar="STEP")
@cohort_option
@click.option("--slot", metavar="DAY", callback=read_day, help="The date of the step. Default: its last date.")
@now_option("Pretend that it is this time; on a practice forum only.")
@config_option
@json_option
def catch_up(**given: Any) -> None:
    """Do now a STEP of the cohort's playbook that came too late, or whose date was skipped."""
    carry_out("playbook_run:catch_up", **given)


@playbook.command()
@click.option("--cohort", metavar="KEY", required=True, help="This cohort.")
@click.option("--apply", "do_apply", is_flag=True, help="Make the cohort follow it from now on.")
@now_option("Pretend that it is this time; on a practice forum only.")
@config_option
@json_option
def switch(**given: Any) -> None:
    """Show what changes with the playbook that lcm.yaml now names for a cohort; with --apply, change it.

    Nothing is posted by this. A step that was done before, or whose text was posted, counts as done.
    """
    carry_out("playbook_run:switch", **given)


@click.command()
@click.argument("name", metavar="PLAYBOOK")
@cohort_option
@click.option("--out", type=FILE, default=Path("rehearsal.html"), show_default=True, help="The page to write.")
@config_option
@json_option
def rehearse(**given: Any) -> None:
    """Play the whole PLAYBOOK for a cohort on a practice forum, with the real roster, on a virtual clock.

    The page shows week by week everything that learners and LCMs would read, receive and be asked, and how many minutes
    a week it takes them. Your forum is not called, and nothing is kept but the page, which names people.
    """
    carry_out("practice:rehearse", **given)
