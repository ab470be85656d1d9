"""Commands about people and their groups: `lcm sync`, `cohort`, `people`, `network`, `facts`, `session` and others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import FILE, by_option, config_option, json_option, now_option, read_day


class Sync(click.Group):
    """A group of commands of which `plan` is meant where none is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `plan` before arguments that name no command."""
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = ["plan", *args]
        return super().parse_args(ctx, args)


@click.group(cls=Sync)
def sync() -> None:
    """Compare the roster with the forum and make them agree; without a command: plan.

    `lcm sync` shows what would be done, `lcm sync --apply` does it; `lcm sync plan --help` lists the options.
    """


@sync.command("plan")
@click.argument("plan_file", metavar="[PLAN]", required=False, type=FILE)
@config_option
@click.option("--cohort", metavar="KEY", help="Only this cohort.")
@click.option("--apply", "do_apply", is_flag=True, help="Carry the plan out. With PLAN: only if it is still the same.")
@click.option("--out", "out_file", metavar="PLAN", type=FILE, help="Save the plan for review.")
@click.option(
    "--accept-roster", is_flag=True, help="Accept, this once, a roster that differs too much from the last ones."
)
@click.option(
    "--accept-dates", is_flag=True, help="Accept, this once, end dates that moved into the past or moved far."
)
@json_option
@click.option(
    "--all", "everything", is_flag=True, help="Show every line, also those of people for whom nothing changes."
)
@now_option("Plan as of this time.")
def plan(**given: Any) -> None:
    """Show what would be done and why; with --apply, do it.

    Without --apply nothing is changed. `lcm sync --out plan.json` saves a plan, `lcm sync --apply plan.json` carries it
    out only if roster and forum still give the same one.
    """
    carry_out("sync:plan", **given)


@sync.command()
@click.argument("run", metavar="RUN")
@click.option("--apply", "do_apply", is_flag=True, help="Carry it out.")
@click.option("--all", "every_line", is_flag=True, help="Show every line, also where many are similar.")
@config_option
@json_option
@now_option("Undo as of this time.")
def undo(**given: Any) -> None:
    """Show what would take RUN back; with --apply, do it.

    People whom the run added are removed, people whom it removed are added again, and owners and permissions likewise,
    within the same limits as any sync. What was changed again since is not touched; each line says why. Correct the
    roster first: the next sync follows it.
    """
    carry_out("sync:undo", **given)


@sync.command()
@click.option("--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, help="How many, newest first.")
@config_option
@json_option
def runs(**given: Any) -> None:
    """List the runs that changed something, newest first."""
    carry_out("sync:runs", **given)


@sync.command()
@click.option("--cohort", metavar="KEY", help="Only this cohort.")
@click.option("--all", "every_line", is_flag=True, help="Show every line, also where many are similar.")
@config_option
@json_option
@now_option("Look as of this time.")
def drift(**given: Any) -> None:
    """Show what people changed manually in the groups and categories since the last sync; changes nothing.

    Times are UTC; time and author are known where the log of the group has them. Of many similar lines a few are shown.
    """
    carry_out("sync:drift", **given)


# `lcm cohort` and its commands.


@click.group()
def cohort() -> None:
    """List the cohorts; pause, resume or shift the journey of one; archive it, or reopen it.

    Who may read and write follows the written dates; pausing and shifting move the steps of the playbook only.
    """


@cohort.command("list")
@config_option
@json_option
def list_cohorts(**given: Any) -> None:
    """List the cohorts with their dates, playbooks, and whether they are paused or shifted."""
    carry_out("cohort:list_cohorts", **given)


@cohort.command()
@click.argument("key", metavar="COHORT")
@click.option(
    "--until", metavar="DAY", callback=read_day, help="Go on at the start of this day. Default: when resumed."
)
@config_option
@json_option
def pause(**given: Any) -> None:
    """Stop the journey of a COHORT: no step happens until a day, or until it is resumed.

    What was approved before is still sent, and stories are still looked after.
    """
    carry_out("cohort:pause", **given)


@cohort.command()
@click.argument("key", metavar="COHORT")
@config_option
@json_option
def resume(**given: Any) -> None:
    """Let the journey of a COHORT go on. Steps that fell into the pause are done if they may be done so late."""
    carry_out("cohort:resume", **given)


@cohort.command()
@click.argument("key", metavar="COHORT")
@click.option("--later", metavar="DAYS", type=click.IntRange(1, 365), help="Move it so many days later.")
@click.option("--earlier", metavar="DAYS", type=click.IntRange(1, 365), help="Move it so many days earlier.")
@click.option("--apply", "do_apply", is_flag=True, help="Move it; without this, only show what would move.")
@config_option
@json_option
def shift(**given: Any) -> None:
    """Show what moves when the journey of a COHORT is shifted, on top of earlier shifts; with --apply, move it.

    Steps on dates of the calendar stay where they are. What happened does not happen again.
    """
    carry_out("cohort:shift", **given)


@cohort.command()
@click.argument("key", metavar="COHORT")
@config_option
@json_option
def archive(**given: Any) -> None:
    """Make a COHORT an archive, whatever its dates say. The next sync closes its category for writing."""
    carry_out("cohort:archive", **given)


@cohort.command()
@click.argument("key", metavar="COHORT")
@config_option
@json_option
def reopen(**given: Any) -> None:
    """Take back that a COHORT was made an archive, by a playbook or by a person. Its dates alone decide again."""
    carry_out("cohort:reopen", **given)


# `lcm people`, `participation` and `network`: who they are, how they take part, who answers whom.


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


# `lcm store`, and what is held about a person: `lcm forget` and `lcm export`.


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
    carry_out("facts:forget", **given)


@click.command()
@click.argument("person")
@click.option("--out", "file", type=FILE, help="Write it to this file, which only its owner may read.")
@click.option("--html", "as_page", is_flag=True, help="A page for the person to read, in their cohort's language.")
@click.option("--language", metavar="CODE", help="With --html: in this language.")
@config_option
@now_option("Read the roster as of this time.")
def export(**given: Any) -> None:
    """Write all that is held about PERSON as JSON: each row of each table that is about them or names them.

    With --html it is one page in plain words, also with what was sent to them and why. It shows no words of others, so
    that it can be given to the person.
    """
    carry_out("facts:export", **given)


@click.group()
def store() -> None:
    """Look after the database in which the worker remembers what it did."""


@store.command()
@click.argument("url")
@config_option
@json_option
def move(**given: Any) -> None:
    """Carry everything over to the empty database at URL, and compare it row for row.

    URL is sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME. The store so far is only read, and stays; nobody posts
    or syncs meanwhile. Then write the new address into lcm.yaml and start `lcm run` again.
    """
    carry_out("facts:move", **given)


@store.command()
@click.argument("revision", required=False)
@click.option("--apply", "do_apply", is_flag=True, help="Do it; without this, only show what would be lost.")
@config_option
@json_option
def downgrade(**given: Any) -> None:
    """Bring the tables back to REVISION, for an older version of lcm; without it, list all revisions.

    What came with later revisions is lost, and is shown before. Refused where the forum would be wrong without it, as
    with opt-outs. Nobody posts or syncs meanwhile. Make a backup first, and start the older version right after it:
    this version brings the tables up to date whenever it opens the store.
    """
    carry_out("facts:downgrade", **given)


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
