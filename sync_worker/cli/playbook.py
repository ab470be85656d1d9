"""`lcm playbook`: what playbooks there are, whether they are sound, what they will do, and doing it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sync_worker.cli.workspace import (
    Workspace,
    config_option,
    json_option,
    now_option,
    print_json,
    print_rows,
)
from sync_worker.content.templates import PlaybookTexts
from sync_worker.errors import ConfigError, LcmError, PartialError
from sync_worker.playbook.json_schema import playbook_schema
from sync_worker.playbook.load import find_playbooks, load_named, load_playbook
from sync_worker.plays import REGISTRY
from sync_worker.worker.calendar import CalendarLine, calendar
from sync_worker.worker.run import run_due

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sync_worker.worker.run_report import RunReport

RUN_WAIT_SECONDS = 60.0
cohort_option = click.option("--cohort", metavar="KEY", required=True, help="For this cohort.")


@click.group()
def playbook() -> None:
    """Written, reviewed plans for a cohort's journey."""


def own_folders(config_file: Path) -> tuple[Path, ...]:
    """Return the folders of playbooks that the settings name; none where there are no settings yet."""
    return Workspace(config_file).written.playbooks if config_file.exists() else ()


@playbook.command("list")
@config_option
@json_option
def list_playbooks(config_file: Path, *, as_json: bool) -> None:
    """List the playbooks, shipped and your own."""
    rows = []
    for name, folder in find_playbooks(own_folders(config_file)).items():
        try:
            file = load_playbook(folder, REGISTRY).file
            rows.append((name, " / ".join(file.title.in_language(x) for x in file.languages), len(file.steps), folder))
        except LcmError:
            rows.append((name, f"(not sound: lcm playbook check {name})", 0, folder))
    if as_json:
        print_json([dict(zip(("playbook", "title", "steps", "folder"), row, strict=True)) for row in rows])
    else:
        print_rows(("playbook", "title", "steps", "folder"), rows)


@playbook.command()
@click.argument("names", nargs=-1, metavar="[PLAYBOOK]...")
@config_option
def check(names: tuple[str, ...], config_file: Path) -> None:
    """Check playbooks and all their texts; without a name, all of them."""
    own = own_folders(config_file)
    problems = []
    for name in names or find_playbooks(own):
        try:
            found = load_named(name, own, REGISTRY)
            for language in found.file.languages:
                PlaybookTexts(found.folder, language).check()
        except ConfigError as error:
            problems.append(str(error))
        else:
            click.echo(f"{name}: sound, {len(found.file.steps)} steps, {' and '.join(found.file.languages)}")
    if problems:
        raise ConfigError("\n".join(problems))


@playbook.command()
def schema() -> None:
    """Print the JSON Schema of playbook.yml, for editors."""
    print_json(playbook_schema(REGISTRY))


@playbook.command()
@click.argument("name", metavar="PLAYBOOK")
@cohort_option
@now_option("Show it as of then.")
@config_option
@json_option
def show(name: str, cohort: str, now: datetime, config_file: Path, *, as_json: bool) -> None:
    """Show a cohort's calendar: what has happened and what will, on the cohort's clock."""
    with Workspace(config_file) as workspace:
        found = load_named(name, workspace.settings.playbooks, REGISTRY)
        target = workspace.cohort(cohort)
        with workspace.store.begin() as session:
            lines = calendar(session, workspace.forum_name, found, target, now)
    if as_json:
        print_json([asdict(line) for line in lines])
        return
    click.echo(
        f"{found.file.title.in_language(target.locale)}, {target.name}: {target.start} to {target.end}, "
        f"times of {target.timezone}\n"
    )
    print_rows(("when", "step", "play", "state", ""), [_row(line) for line in lines])


def _row(line: CalendarLine) -> tuple[str, str, str, str, str]:
    return (line.when[:16].replace("T", " "), line.step, line.play, line.state, line.reason)


@playbook.command()
@click.argument("name", metavar="PLAYBOOK")
@cohort_option
@click.option("--step", metavar="STEP", help="Only this step.")
@now_option("Take this for the present.")
@config_option
@json_option
def run(name: str, cohort: str, step: str | None, now: datetime, config_file: Path, *, as_json: bool) -> None:
    """Do now what is due in a cohort's playbook; what was done is not done again."""
    with Workspace(config_file) as workspace:
        found = load_named(name, workspace.settings.playbooks, REGISTRY)
        workspace.cohort(cohort)
        declared = tuple(
            one.model_copy(update={"playbook": name}) for one in workspace.settings.cohorts if one.key == cohort
        )
        settings = workspace.settings.model_copy(update={"cohorts": declared})
        forum = workspace.connect()
        report = run_due(forum, workspace.store, settings, {name: found}, now, cohort, step, wait=RUN_WAIT_SECONDS)
        show_run(report, forum.url, as_json=as_json)


def show_run(report: RunReport, forum_url: str, *, as_json: bool) -> None:
    """Print what a run did.

    Raises:
        PartialError: something did not work, or another worker was at it.

    """
    if as_json:
        print_json(report.to_json())
    else:
        for happening in report.happenings:
            click.echo(
                f"{happening.slot[:16].replace('T', ' ')} {happening.step}: {happening.outcome}, {happening.reason}"
            )
        for deed in report.deeds:
            address = f" {forum_url}/t/{deed.topic_id}" if deed.topic_id else ""
            click.echo(f"  {deed.action} {deed.state}{address} {deed.reason}".rstrip())
        if report.is_empty and not report.busy:
            click.echo("Nothing is due.")
    if report.busy:
        raise PartialError("another worker is looking after this forum.", do="Run it again in a minute.")
    if report.failures:
        raise PartialError(
            f"{len(report.failures)} did not work: {'; '.join(report.failures)}", do="What can be tried again will be."
        )
