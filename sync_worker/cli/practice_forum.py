"""`lcm practice-forum`: serve the small forum, and take a real forum's topics into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from sqlalchemy.exc import SQLAlchemyError

from sync_worker.cli.workspace import print_json
from sync_worker.errors import PartialError, UsageError
from sync_worker.extras import require
from sync_worker.practice_forum.app import serve as serve_forum
from sync_worker.practice_forum.import_topics import TopicImport, read_lines
from sync_worker.practice_forum.server.forum import Forum
from sync_worker.practice_forum.server.options import DEFAULT_KEY, LOOPBACK, PROFILES, ForumOptions, parse_moment

if TYPE_CHECKING:
    from pathlib import Path


def serve(
    *, host: str, port: int, now: str | None, rate_limit: int | None, plugin: bool, faults: str | None, database: Path
) -> None:
    """Serve the practice forum until Ctrl-C."""
    require("demo", "the practice forum")
    if host not in (LOOPBACK, "localhost"):
        raise UsageError(
            f"the practice forum has no passwords and is served on this machine only, not on {host}.",
            do=f"Use --host {LOOPBACK}.",
        )
    moment = parse_moment(now) if now else None
    if now and moment is None:
        raise UsageError(f"--now: '{now}' is not a time.", do="Write it like 2027-04-12T09:00:00Z.")
    forum = open_forum(database, ForumOptions())
    if moment is not None:
        with forum.database.session() as session:
            forum.set_clock(session, moment)
    forum.close()
    profile = PROFILES[faults] if faults else None
    options = ForumOptions(admin_requests_per_minute=rate_limit, plugin=plugin, faults=profile)
    try:
        serve_forum(host, port, database, options=options, ready=_tell)
    except OSError as error:
        do = "Choose another --port."
        raise UsageError(f"cannot listen: {error.strerror}.", where=f"{host}:{port}", do=do) from None
    except KeyboardInterrupt:
        click.echo("Stopped.")


def _tell(address: str) -> None:
    click.echo(f"The practice forum is at {address} (Ctrl-C stops it).")
    click.echo(f"API key for all users: {DEFAULT_KEY}")


def import_file(*, file: Path, as_json: bool, database: Path) -> None:
    """Take the topics of FILE into the practice forum: one topic a line, as GET /t/ID.json answers it; .gz too."""
    require("demo", "the practice forum")
    lines = read_lines(file)
    first = next(lines, None)
    if first is None:
        raise UsageError("the file is empty.", where=str(file))
    forum = open_forum(database, ForumOptions())
    try:
        with forum.database.session() as session:
            taking = TopicImport(session)
            for number, line in (first, *lines):
                taking.take(f"{file}:{number}", line)
    finally:
        forum.close()
    summary = taking.summary
    if as_json:
        print_json(
            {
                "topics": summary.topics,
                "posts": summary.posts,
                "people": summary.people,
                "categories": summary.categories,
                "unchanged": summary.unchanged,
                "problems": summary.problems,
            }
        )
    else:
        click.echo(
            f"Imported {summary.topics} topics, {summary.posts} posts, {summary.people} people, "
            f"{summary.categories} categories. There already: {summary.unchanged} topics."
        )
    for problem in summary.problems:
        click.echo(problem, err=True)
    if summary.left_out:
        raise PartialError(f"{summary.left_out} lines were left out.", where=str(file), do="See above.")


def open_forum(database: Path, options: ForumOptions) -> Forum:
    """Open a practice forum, without serving it.

    Raises:
        UsageError: the file cannot be opened, or is not one of ours.

    """
    try:
        return Forum(database, options)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error))
        do = "Name another --database."
        raise UsageError(f"cannot be opened as a practice forum: {reason}.", where=str(database), do=do) from error
