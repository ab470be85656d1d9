"""Commands about the work: running, playbooks and tasks, drafts and desk, and all that only reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import (
    CONFIG_FILE,
    FILE,
    by_option,
    cohort_option,
    config_option,
    json_option,
    now_option,
    read_day,
    read_now,
)


@click.command()
@click.option(
    "--every",
    "seconds",
    type=click.FloatRange(1, 3600),
    default=60.0,
    show_default=True,
    help="Check every so many seconds what is due.",
)
@click.option(
    "--desk-every",
    "desk_seconds",
    type=click.FloatRange(1, 3600),
    default=20.0,
    show_default=True,
    help="Check every so many seconds what LCMs decided; by message, no more than once a minute.",
)
@click.option("--cluster", is_flag=True, help="Share the work with other processes and hosts on the same store.")
@click.option(
    "--at-once",
    metavar="N",
    type=click.IntRange(1, 4),
    default=4,
    show_default=True,
    help="With --cluster: work on so many forums at the same time.",
)
@click.option(
    "--config",
    "config_files",
    type=FILE,
    multiple=True,
    default=(CONFIG_FILE,),
    show_default="lcm.yaml",
    envvar="LCM_CONFIG",
    help="Settings; with --cluster several times, once for each forum.",
)
def run(**given: Any) -> None:
    """Look after all cohorts until stopped (Ctrl-C or SIGTERM).

    Killing it at any moment does no harm: the next start finds out what was done and does the rest.

    With --cluster several processes, on several hosts, share the work of one or more forums. The store must be in
    PostgreSQL, the same for all.
    """
    carry_out("run:run", **given)


@click.command()
@click.argument("key", metavar="[KEY]", required=False)
@click.option("--all", "everything", is_flag=True, help="All of them.")
@click.option("--cohort", metavar="COHORT", help="Only this cohort.")
@click.option("--drop", "do_drop", is_flag=True, help="Give them up for good instead of trying again.")
@config_option
@json_option
def retry(**given: Any) -> None:
    """List the posts that failed for good; with KEY or --all, try them again at the next run; with --drop, never.

    The exit code is 4 while any of them is not settled.
    """
    carry_out("run:retry", **given)


@click.command()
@click.option("--moved-from", metavar="OLD", help="The forum has a new address; OLD is its name in the store.")
@click.option("--cohort", metavar="KEY", help="The cohort that has a new key; with --was or --is-new.")
@click.option("--was", metavar="OLD", help="The key that the cohort had before.")
@click.option("--is-new", is_flag=True, help="It is another cohort, although it looks like the old one.")
@click.option("--not-restored", is_flag=True, help="The forum was not restored; go on with the work.")
@click.option("--apply", "do_apply", is_flag=True, help="Carry it out.")
@now_option("Pretend that it is this time; on a practice forum only.")
@config_option
@json_option
def recover(**given: Any) -> None:
    """Show what is missing on a forum that was restored, and what would be done about it; with --apply, do it.

    Also carries over what was done when the forum's address or a cohort's key has changed.
    """
    carry_out("run:recover", **given)


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


# `lcm blockers` and its commands.


@click.group()
def blockers() -> None:
    """Show what hinders people, say who looks after it, and that it is solved."""


def _topic_options(command: Any) -> Any:
    options = (
        click.argument("topic", metavar="TOPIC"),
        click.option("--cohort", metavar="KEY", help="Whose topic it is; else it is found by its category."),
        by_option,
        now_option("Said at this time."),
        config_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


note_option = click.option("--note", metavar="TEXT", default="", help="A word about it, for those who read the list.")


@blockers.command("list")
@click.argument("cohort", metavar="[COHORT]", required=False)
@click.option("--all", "everything", is_flag=True, help="Also those that are solved.")
@now_option("As of this time.")
@config_option
@json_option
def list_blockers(**given: Any) -> None:
    """Show the open blockers of COHORT, or of all, the oldest first: age, owner, state.

    Blockers are topics that nobody answers for too long, that have one of the tags of the playbook's `blockers` step,
    or that somebody called one. The forum is read; nothing is changed.
    """
    carry_out("blockers:list_blockers", **given)


@blockers.command("open")
@_topic_options
@note_option
def open_blocker(**given: Any) -> None:
    """Call TOPIC, a number or an address, a blocker."""
    carry_out("blockers:open_blocker", **given)


@blockers.command()
@_topic_options
@note_option
def solve(**given: Any) -> None:
    """Say that the blocker TOPIC is solved, whatever its tags say."""
    carry_out("blockers:solve", **given)


@blockers.command()
@_topic_options
@note_option
def reopen(**given: Any) -> None:
    """Take back that TOPIC is solved; its age counts anew."""
    carry_out("blockers:reopen", **given)


@blockers.command()
@_topic_options
@click.option("--to", metavar="USERNAME", help="Who looks after it: somebody of the cohort.")
@click.option("--nobody", is_flag=True, help="Nobody singly: its LCMs.")
def assign(**given: Any) -> None:
    """Say who looks after the blocker TOPIC."""
    carry_out("blockers:assign", **given)


# `lcm assignment` and its commands.


@click.group()
def assignment() -> None:
    """Show who has not answered a task, and give individual people more time for it."""


@assignment.command()
@click.argument("step", metavar="STEP")
@click.option("--cohort", metavar="KEY", required=True, help="Whose playbook has the step.")
@click.option("--user", metavar="USERNAME", required=True, help="Who gets more time.")
@click.option("--until", metavar="DAY", required=True, callback=read_day, help="The last day for the answer.")
@config_option
@json_option
def extend(**given: Any) -> None:
    """Give one person more time for the task of a STEP.

    The person gets no reminder of it, and is listed apart when the LCMs hear who is late. Another day takes the place
    of this one; a day that is not after the due date takes it back.
    """
    carry_out("cohort:extend", **given)


@assignment.command()
@click.argument("key", metavar="COHORT")
@click.option("--step", metavar="STEP", help="Only the task of this step.")
@config_option
@json_option
def late(**given: Any) -> None:
    """Show who has not answered the tasks of a COHORT, as the forum is now, and on which days each was written to.

    Nobody is written to by this.
    """
    carry_out("cohort:late", **given)


# `lcm drafts` and `lcm desk`: what LCMs decide on.


key_argument = click.argument("key", metavar="DRAFT")
keys_argument = click.argument("names", metavar="[DRAFT]...", nargs=-1)
all_option = click.option("--all", "everything", is_flag=True, help="All that wait.")
draft_cohort_option = click.option("--cohort", metavar="KEY", help="Of this cohort, where several have such a number.")


@click.group()
def drafts() -> None:
    """List texts that wait for an LCM's decision, and decide on them."""


@drafts.command("list")
@click.option("--cohort", metavar="KEY", help="Only this cohort.")
@click.option(
    "--state",
    type=click.Choice(["pending", "approved", "rejected", "sent", "withdrawn", "all"]),
    default="pending",
    show_default=True,
    help="Show drafts in this state.",
)
@config_option
@json_option
def list_drafts(**given: Any) -> None:
    """List drafts, oldest first."""
    carry_out("drafts:list_drafts", **given)


@drafts.command()
@key_argument
@config_option
@json_option
def show(**given: Any) -> None:
    """Show a draft as it would be sent, and why it exists."""
    carry_out("drafts:show", **given)


@drafts.command()
@keys_argument
@all_option
@draft_cohort_option
@by_option
@config_option
def approve(**given: Any) -> None:
    """Approve drafts, by number or by name; the worker's next run sends them.

    Either all of them are approved or, where one cannot be, none.
    """
    carry_out("drafts:approve", **given)


@drafts.command()
@keys_argument
@all_option
@draft_cohort_option
@click.option("--reason", required=True, help="Why; kept with each draft.")
@by_option
@config_option
def reject(**given: Any) -> None:
    """Reject drafts, by number or by name; they are never sent."""
    carry_out("drafts:reject", **given)


@click.command()
@now_option("Pretend that it is this time; on a practice forum only.")
@config_option
@json_option
def desk(**given: Any) -> None:
    """Read what LCMs and administrators decided on the forum, act on it, and bring the desks up to date.

    Without the discourse-lcm plugin this goes by message. `lcm run` does it all the time.
    """
    carry_out("drafts:desk", **given)


# Commands that only read: what a cohort got, what its people planned and answered, reports, status, history.


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
    carry_out("drafts:roundup", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@now_option("Look at the weeks before this time.")
@config_option
@json_option
def stories(**given: Any) -> None:
    """Show the posts that could become a story, best first, with the reason and what their authors answered."""
    carry_out("drafts:stories", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@config_option
@json_option
def resources(**given: Any) -> None:
    """Show the resources that a cohort got, newest first, and how often each was opened, where the forum tells."""
    carry_out("drafts:resources", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@config_option
@json_option
def commitments(**given: Any) -> None:
    """Show what the people of a cohort planned to do, for which day, and what they said became of it.

    It shows what was read last; once a day `lcm run` looks.
    """
    carry_out("drafts:commitments", **given)


@click.command()
@click.argument("cohort", metavar="COHORT")
@click.argument("step", metavar="STEP")
@config_option
@json_option
def survey(**given: Any) -> None:
    """Show the totals of the survey that a STEP posted in a cohort, where at least five people answered."""
    carry_out("drafts:survey", **given)


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
    """Write a report on COHORT, or on all of them, into a folder: an HTML page and a CSV file each, and an index.

    The forum is read; neither on it nor in the store is anything changed. Numbers of fewer than three people are not
    shown.
    """
    carry_out("history:report", **given)


@click.command()
@click.option("--cohort", metavar="KEY", help="Only this cohort.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True, help="How many, newest first.")
@config_option
@json_option
def history(**given: Any) -> None:
    """Show the ledger: what the worker posted on the forum, or was about to post (people: lcm status)."""
    carry_out("history:history", **given)


@click.command()
@now_option("Show it as of this time.")
@config_option
@json_option
def status(**given: Any) -> None:
    """Show each cohort: its playbook, what was done, what waits, what comes next.

    It also shows the syncs of `lcm run` (the last one with its result, the next one, what waits for a person) and the
    budget of calls.
    """
    carry_out("history:status", **given)


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
