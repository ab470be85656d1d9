"""`lcm demo`: the whole journey of two cohorts on the practice forum."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sync_worker.cli.progress import progress_bar
from sync_worker.cli.workspace import print_json
from sync_worker.demo.driver import play
from sync_worker.demo.scenario import REPORT, Scenario, usual_or_free_port
from sync_worker.extras import require
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_worker.demo.driver import Played


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
) -> None:
    """Play the journey of two cohorts on a practice forum, then serve the forum to look around in."""
    require("demo", "the demo")
    scenario = Scenario(seed, weeks, learners, plugin=not no_plugin)
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
    """Give the folder to play in: the chosen one, else a temporary one of which at most the report is kept."""
    if chosen is not None:
        yield chosen
        return
    made = Path(tempfile.mkdtemp(prefix="lcm-demo-"))
    try:
        yield made
    finally:
        for path in made.iterdir():
            if path.is_dir() and not (keep_report and path.name == REPORT):
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
        f"{people}. The worker posted {posted} and "
        f"{counted(figures.roundups, 'roundup')} and sent {counted(figures.messages, 'message')} in "
        f"{counted(figures.api_calls, 'call')}; {figures.duplicates or 'nothing'} came twice. LCMs decided on "
        f"{counted(figures.drafts_decided, 'draft')}. {counted(figures.topics, 'topic')} in the cohorts' categories. "
        f"It took {figures.seconds:.0f} s."
    )
    for tick in played.log.ticks:
        for failure in tick.failures:
            click.echo(f"{tick.at:%Y-%m-%d %H:%M}: {failure}", err=True)
    if serves:
        _tell_addresses(played)
        click.echo("Ctrl-C stops the forum; the report stays.")


def _tell_addresses(played: Played) -> None:
    addresses = [("The forum", played.url), *(("An LCM's desk", desk) for desk in played.desks)]
    if played.console:
        addresses.append(("The admin's page", played.console))
    addresses.append(("The report", str(played.report)))
    for name, address in addresses:
        click.echo(f"{name + ':':<18}{address}")
