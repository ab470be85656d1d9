"""`lcm check`: is everything set up, and if not, what is to be changed where."""

from __future__ import annotations

import os
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sync_worker.cli.workspace import config_option, json_option, print_json
from sync_worker.config import load_settings
from sync_worker.errors import LcmError
from sync_worker.forum.checks import Finding, Verdict, check_setup
from sync_worker.forum.checks.finding import counted, fail, ok, warn
from sync_worker.rosters import read_roster

if TYPE_CHECKING:
    from pathlib import Path

FAILED = 5
COLOURS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}


@click.command()
@config_option
@json_option
@click.pass_context
def check(context: click.Context, config_file: Path, *, as_json: bool) -> None:
    """Look at configuration, roster, connection, key, rights and the forum's settings.

    Each line is ok, or says what to change and where. Exit code 5 if anything keeps the worker from its work.
    """
    now = datetime.now(UTC)
    configuration, *others = check_setup(config_file, os.environ, now)
    findings = [configuration, *check_roster(config_file, now), *others]
    good = not any(finding.verdict is Verdict.FAIL for finding in findings)
    if as_json:
        print_json({"ok": good, "findings": [asdict(finding) for finding in findings]})
    else:
        width = max(len(finding.area) for finding in findings)
        for finding in findings:
            mark = click.style(f"{finding.verdict:4}", fg=COLOURS[finding.verdict])
            click.echo(f"{mark}  {finding.area:{width}}  {finding.what}")
            if finding.do:
                click.echo(f"{'':4}  {'':{width}}  > {finding.do}")
    if not good:
        context.exit(FAILED)


def check_roster(config: Path, now: datetime) -> list[Finding]:
    """Read the roster, and say what came of it; nothing where the configuration cannot be read."""
    try:
        settings = load_settings(config)
    except LcmError:
        return []
    if settings.roster is None:
        do = "Name one under roster in lcm.yaml; without it `lcm sync` cannot run."
        return [warn("roster", "none is configured.", do)]
    try:
        roster = read_roster(settings, now=now)
    except LcmError as error:
        return [fail("roster", str(error), error.do or "Correct it there.")]
    what = f"{roster.source}: {counted(len(roster.enrolments), 'enrolment')}."
    if not roster.rejected:
        return [ok("roster", what)]
    first = roster.rejected[0]
    what = f"{what} {counted(len(roster.rejected), 'row')} cannot be used. The first, {first.where}: {first.reason}"
    return [warn("roster", what, first.do)]
