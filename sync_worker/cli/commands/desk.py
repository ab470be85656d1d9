"""What LCMs look after and decide on: blockers, tasks, drafts, the desk."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import by_option, config_option, json_option, now_option, read_day

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
@click.argument("name", metavar="DRAFT")
@draft_cohort_option
@config_option
@json_option
def show(**given: Any) -> None:
    """Show a draft, by number or by name, as it would be sent, and why it exists."""
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
