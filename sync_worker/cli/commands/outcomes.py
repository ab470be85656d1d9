"""What came of it all: roundups, stories, plans, surveys, case studies, reports, briefings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import by_option, config_option, json_option, now_option


@click.command()
@click.argument("cohort", metavar="COHORT")
@now_option("Look at the days before this time.")
@click.option("--why", "show_why", is_flag=True, help="For each item, why it is there and whose words its texts are.")
@click.option("--ask-model", is_flag=True, help="Ask the language model now; this counts towards its limits.")
@config_option
@json_option
def roundup(**given: Any) -> None:
    """Show a cohort's roundup and why: today's if one is due today, or one of the last days including today.

    Posts nothing.
    """
    carry_out("outcomes:roundup", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@now_option("Look at the weeks before this time.")
@config_option
@json_option
def stories(**given: Any) -> None:
    """Show the posts that could become a story, best first, with the reason and what their authors answered."""
    carry_out("outcomes:stories", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@config_option
@json_option
def resources(**given: Any) -> None:
    """Show the resources that a cohort got, newest first, and how often each was opened, where the forum tells."""
    carry_out("outcomes:resources", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@config_option
@json_option
def commitments(**given: Any) -> None:
    """Show what the people of a cohort planned to do, for which day, and what they said became of it.

    It shows what was read last; once a day `lcm run` looks.
    """
    carry_out("outcomes:commitments", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@click.argument("step", metavar="STEP")
@config_option
@json_option
def survey(**given: Any) -> None:
    """Show the totals of the survey that a STEP posted in a cohort, where at least five people answered."""
    carry_out("outcomes:survey", **given)


@click.group()
def case_study() -> None:
    """Look into what came of a programme at work: who used it most, who least, and why (docs/case-study.md)."""


@case_study.command("status")
@click.argument("cohort", metavar="COHORT")
@config_option
@json_option
def case_study_status(**given: Any) -> None:
    """Show who answered what, who was chosen, what they allow, and what managers answered; by what was read last."""
    carry_out("case_study:status", **given)


@case_study.command("guide")
@click.argument("cohort", metavar="COHORT")
@click.argument("person", metavar="USERNAME")
@config_option
def case_study_guide(**given: Any) -> None:
    """Show the guide for the conversation with somebody who was chosen and has said yes."""
    carry_out("case_study:guide", **given)


@case_study.command("note")
@click.argument("cohort", metavar="COHORT")
@click.argument("person", metavar="USERNAME")
@click.argument("lines", metavar="[LINE]...", nargs=-1)
@click.option("--talk/--no-talk", default=None, help="They told you whether they agree to the conversation.")
@click.option("--named/--not-named", default=None, help="They told you whether the report may name and quote them.")
@click.option("--manager/--no-manager", default=None, help="They told you whether their manager may be asked.")
@by_option
@config_option
def case_study_note(**given: Any) -> None:
    """Enter what a conversation brought, a line for each point, and what the person told you that they allow.

    A line begins with used, result, helped, hindered or confirm, and a colon: "helped: time, an hour on Fridays".
    """
    carry_out("case_study:note", **given)


@case_study.command("report")
@click.argument("cohort", metavar="COHORT")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write into."
)
@now_option("As of this time.")
@config_option
@json_option
def case_study_report(**given: Any) -> None:
    """Write the report of the latest study of a cohort into a folder: an HTML page and two CSV files.

    The forum is read, to see what the people who were invited allow now; nothing is changed.
    """
    carry_out("case_study:report", **given)


@click.command()
@click.argument("cohort", required=False)
@click.option("--all", "everybody", is_flag=True, help="Every cohort of lcm.yaml.")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="The folder to write into."
)
@now_option("As of this time.")
@config_option
@json_option
def report(**given: Any) -> None:
    """Write a report on COHORT, or on all of them, into a folder: an HTML page and CSV files each, and an index.

    The forum is read; neither on it nor in the store is anything changed. Numbers of fewer than five people are not
    shown, nor words that were taken back since they were published.
    """
    carry_out("history:report", **given)


@click.command()
@click.argument("cohort", metavar="[COHORT]", required=False)
@config_option
@json_option
def briefings(**given: Any) -> None:
    """Show the mails to managers: to whom, about whom, what became of each, what was answered; and who gets no more."""
    carry_out("briefings:briefings", **given)


@click.group()
def briefing() -> None:
    """Enter what managers answered by mail, and end their mails."""


@briefing.command()
@click.argument("who", metavar="SUBJECT|ADDRESS")
@click.argument("word", metavar="[yes|not-yet|talk|stop]", required=False)
@config_option
def answer(**given: Any) -> None:
    """Enter an answer that came by mail.

    `lcm briefing answer "Yes, there is time (lcm-...)"` takes the subject of a mail that a link made. `lcm briefing
    answer bea@example.org talk` enters a word that somebody wrote in reply, to the last question that went there.
    """
    carry_out("briefings:answer", **given)


@briefing.command()
@click.argument("who", metavar="ADDRESS|KEY")
@config_option
def settle(**given: Any) -> None:
    """Say that you have seen to what a manager answered; the morning note does not show it any more."""
    carry_out("briefings:settle", **given)


@briefing.command()
@click.argument("address", metavar="ADDRESS")
@click.option("--undo", is_flag=True, help="Send mails there again.")
@config_option
def stop(**given: Any) -> None:
    """Send no more mails to an address, in any cohort."""
    carry_out("briefings:stop_mails", **given)
