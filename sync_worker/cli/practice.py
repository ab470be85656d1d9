"""`lcm practice-forum`, `demo` and `rehearse`: all that is played on the practice forum."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.exc import SQLAlchemyError

from sync_worker.cli.workspace import Workspace, print_json
from sync_worker.demo.driver import play
from sync_worker.demo.scenario import FEWEST_WEEKS_OF_A_LIBRARY, MAILS, REPORT, Scenario, usual_or_free_port
from sync_worker.errors import PartialError, UsageError
from sync_worker.extras import require
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.app import serve as serve_forum
from sync_worker.practice_forum.import_topics import TopicImport, read_lines
from sync_worker.practice_forum.server.forum import Forum
from sync_worker.practice_forum.server.options import DEFAULT_KEY, LOOPBACK, PROFILES, ForumOptions, parse_moment
from sync_worker.rehearsal import Rehearsed, write_page
from sync_worker.rehearsal import rehearse as play_through
from sync_worker.rehearsal.page import weeks_of
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sync_worker.demo.driver import Played
    from sync_worker.practice_forum.dialects import DialectName


def serve(
    *,
    host: str,
    port: int,
    now: str | None,
    rate_limit: int | None,
    plugin: bool,
    faults: str | None,
    dialect: DialectName,
    database: Path,
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
    options = ForumOptions(admin_requests_per_minute=rate_limit, plugin=plugin, faults=profile, dialect=dialect)
    try:
        serve_forum(host, port, database, options=options, ready=_tell_address)
    except OSError as error:
        do = "Choose another --port."
        raise UsageError(f"cannot listen: {error.strerror}.", where=f"{host}:{port}", do=do) from None
    except KeyboardInterrupt:
        click.echo("Stopped.")


def _tell_address(address: str) -> None:
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


# `lcm demo`: the whole journey of two cohorts on the practice forum.


def demo(
    *,
    seed: str,
    weeks: int,
    learners: int,
    no_plugin: bool,
    no_serve: bool,
    as_json: bool,
    folder: Path | None,
    port: int | None,
    faults: str,
    dialect: DialectName,
) -> None:
    """Play two cohorts, and a small third one, on a practice forum, then serve the forum to look around in."""
    require("demo", "the demo")
    library = weeks >= FEWEST_WEEKS_OF_A_LIBRARY
    scenario = Scenario(seed, weeks, learners, plugin=not no_plugin, dialect=dialect, library=library)
    with _folder(folder, keep_report=not no_serve) as place:
        with progress_bar(quiet=as_json) as progress:
            played = play(scenario, place, port=port or usual_or_free_port(), faults=faults, progress=progress)
        try:
            _tell(played, as_json=as_json, serves=not no_serve)
            if not no_serve:
                played.forum.wait()
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
        finally:
            played.stop()


@contextmanager
def _folder(chosen: Path | None, *, keep_report: bool) -> Iterator[Path]:
    """Give the folder to play in: the chosen one, else a temporary one of which at most report and mails are kept."""
    if chosen is not None:
        yield chosen
        return
    made = Path(tempfile.mkdtemp(prefix="lcm-demo-"))
    try:
        yield made
    finally:
        for path in made.iterdir():
            if path.is_dir() and not (keep_report and path.name in (REPORT, MAILS)):
                shutil.rmtree(path)
            elif not path.is_dir():
                path.unlink()
        if not any(made.iterdir()):
            made.rmdir()


def _tell(played: Played, *, as_json: bool, serves: bool) -> None:
    if as_json:
        print_json(played.outcome.to_json())
        return
    figures = played.outcome
    people = f"{counted(figures.cohorts, 'cohort')} with {counted(figures.members, 'member')}"
    posted = f"{counted(figures.prompts, 'prompt')}, {counted(figures.stories, 'story', 'stories')}"
    click.echo(
        f"{people}. The worker posted {posted} and {counted(figures.roundups, 'roundup')}, and sent "
        f"{counted(figures.messages, 'message')} and {counted(figures.mails, 'mail')}, in "
        f"{counted(figures.api_calls, 'call')}; {figures.duplicates or 'nothing'} came twice. LCMs decided on "
        f"{counted(figures.drafts_decided, 'draft')}. {counted(figures.practices, 'practice')} came into the library, "
        f"{counted(figures.offers, 'offer')} went to a later cohort. "
        f"{counted(figures.topics, 'topic')} in the cohorts' categories. "
        f"It took {figures.seconds:.0f} s."
    )
    for tick in played.log.ticks:
        for failure in tick.failures:
            click.echo(f"{tick.at:%Y-%m-%d %H:%M}: {failure}", err=True)
    if serves:
        _tell_addresses(played)
        click.echo("Ctrl-C stops the forum; the report and the mails stay.")


def _tell_addresses(played: Played) -> None:
    addresses = [("The forum", played.url), *(("An LCM's desk", desk) for desk in played.desks)]
    if played.console:
        addresses.append(("The admin's page", played.console))
    if played.library:
        addresses.append(("The library", played.library))
    addresses += [("The report", str(played.report)), ("Mails to managers", str(played.mails))]
    for name, address in addresses:
        click.echo(f"{name + ':':<19}{address}")


# `lcm rehearse`: a cohort's whole playbook on a practice forum, with the real roster, as a page to read.


def rehearse(*, name: str, cohort: str, out: Path, config_file: Path, as_json: bool) -> None:
    """Play the whole PLAYBOOK for a cohort on a practice forum, with the real roster, on a virtual clock."""
    require("demo", "a rehearsal")
    with Workspace(config_file) as workspace:
        roster = workspace.read_roster(datetime.now(UTC))
        workspace.cohort(cohort)
        declared = next(one for one in workspace.settings.cohorts if one.key == cohort)
        playbook = load_named(name, workspace.settings.playbooks, REGISTRY)
        with progress_bar(quiet=as_json) as progress:
            found = play_through(workspace.settings, roster, playbook, declared, progress)
    write_page(found, out)
    _show(found, out, as_json=as_json)
    if found.problems:
        raise PartialError("\n".join(dict.fromkeys(found.problems)))


def _show(found: Rehearsed, out: Path, *, as_json: bool) -> None:
    weeks = weeks_of(found)
    learner = max((week.reading_minutes + week.answering_minutes for week in weeks), default=0)
    lcm = max((week.lcm_minutes for week in weeks), default=0)
    if as_json:
        print_json(
            {
                "page": str(out),
                "people": len(found.people),
                "texts": len(found.shown),
                "quiet": len(found.quiet),
                "minutes_of_a_learner_at_most": learner,
                "minutes_of_an_lcm_at_most": lcm,
                "problems": list(found.problems),
            }
        )
        return
    click.echo(
        f"{found.playbook.name} for {found.cohort.name}: {counted(len(found.shown), 'text')} for "
        f"{counted(len(found.people), 'person', 'people')} in {counted(len(weeks), 'week')}; in the fullest week a "
        f"learner needs {counted(learner, 'minute')}, an LCM {counted(lcm, 'minute')}."
    )
    click.echo(f"{out} shows them week by week.")


# A bar on the terminal for what is played on a virtual clock.


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[float, datetime], None] | None]:
    """Give what moves the bar, from 0 to 1, to a virtual time; None where `quiet`, or where nobody would see it."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("The forum opens", total=1.0)

        def move(share: float, now: datetime) -> None:
            bars.update(task, completed=share, description=f"{now:%a %d %B %Y, %H:%M} UTC")

        yield move
