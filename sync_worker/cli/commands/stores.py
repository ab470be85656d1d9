"""The store, and what it holds about a person: `lcm store`, `forget` and `export`."""

from __future__ import annotations

from typing import Any

import click

from sync_worker.cli.commands import carry_out
from sync_worker.cli.options import FILE, config_option, json_option, now_option


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
    carry_out("stores:forget", **given)


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
    carry_out("stores:export", **given)


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
    carry_out("stores:move", **given)


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
    carry_out("stores:downgrade", **given)
