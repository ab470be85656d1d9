"""`lcm practice-forum` and `lcm demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.demo import FEWEST_WEEKS
from sync_worker.practice_forum.dialects import NAMES, RECORDED
from sync_worker.practice_forum.server.options import LOOPBACK, PROFILES

database_option = click.option(
    "--database",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("practice-forum.db"),
    show_default=True,
    help="The forum's SQLite file, made where it is absent.",
)


dialect_option = click.option(
    "--dialect",
    type=click.Choice(NAMES),
    default=RECORDED,
    show_default=True,
    help="The Discourse to speak like; later ones than 3.5 as they were read about.",
)


@click.group("practice-forum")
def practice_forum() -> None:
    """A small forum that speaks Discourse's API, to try everything out on."""


@practice_forum.command()
@click.option("--host", default=LOOPBACK, show_default=True, help="Local addresses only, as there are no passwords.")
@click.option("--port", type=click.IntRange(0, 65535), default=4200, show_default=True, help="0 takes any free one.")
@click.option("--now", metavar="ISO", help="A virtual time that stands still. Default: the forum uses the real time.")
@click.option("--rate-limit", type=click.IntRange(1), help="Calls a minute for all admin keys (Discourse: 60).")
@click.option("--plugin", is_flag=True, help="With the discourse-lcm plugin.")
@click.option("--faults", type=click.Choice(list(PROFILES)), help="Make calls with a key fail in these ways.")
@dialect_option
@database_option
def serve(**given: Any) -> None:
    """Serve the practice forum until Ctrl-C."""
    carry_out("practice:serve", **given)


@practice_forum.command("import")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@database_option
def import_file(**given: Any) -> None:
    """Import the topics of FILE into the practice forum: one topic per line, as GET /t/ID.json returns it; .gz too.

    Topics that exist already are not changed. Lines that cannot be read are listed and skipped.
    """
    carry_out("practice:import_file", **given)


@click.command()
@click.option("--seed", default="7", show_default=True, help="Another seed gives other people and texts.")
@click.option(
    "--weeks", type=click.IntRange(FEWEST_WEEKS, 26), default=6, show_default=True, help="How long the cohorts learn."
)
@click.option("--learners", type=click.IntRange(2, 200), default=40, show_default=True, help="Learners per cohort.")
@click.option("--no-plugin", is_flag=True, help="Use a forum without our plugin; LCMs decide with 'lcm drafts'.")
@click.option("--no-serve", is_flag=True, help="Stop after the run instead of serving the forum.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep all files in this folder, which must be empty.",
)
@click.option("--port", type=click.IntRange(1, 65535), help="The forum's port.  [default: 4280, or a free one]")
@click.option(
    "--faults", type=click.Choice(list(PROFILES)), default="none", help="Make the worker's calls fail in these ways."
)
@dialect_option
def demo(**given: Any) -> None:
    """Play two cohorts, and a small third one, on a practice forum, then serve the forum to look around in.

    Eighty simulated learners write, like and answer on a virtual clock; the real worker looks after them over HTTP.
    The forum has our plugin: the LCMs approve drafts on their desks, and authors agree with a click or in words.
    The same seed gives the same forum.
    """
    carry_out("practice:demo", **given)
