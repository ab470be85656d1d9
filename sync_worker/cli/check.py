"""`lcm check`: is everything set up, and if not, what is to be changed where."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sync_worker.checks import Verdict
from sync_worker.cli.workspace import Workspace, print_json
from sync_worker.config import load_settings
from sync_worker.errors import LcmError
from sync_worker.forum.budget_rules import Priority
from sync_worker.forum.checks import check_setup
from sync_worker.playbook.setup_check import AREA as PLAYBOOKS
from sync_worker.playbook.setup_check import check_playbooks
from sync_worker.plays import REGISTRY
from sync_worker.rosters.source_cohorts import check_roster
from sync_worker.worker.safety_check import check_files, check_safety

if TYPE_CHECKING:
    from pathlib import Path

FAILED = 5
COLOURS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}


def check(config_file: Path, *, as_json: bool) -> None:
    """Look at configuration, connection, key, rights, the forum's settings, playbooks, and what was done so far."""
    findings = check_setup(config_file, os.environ, datetime.now(UTC), check_roster)
    with suppress(LcmError):  # the first line says so already
        settings = load_settings(config_file)
        findings += check_playbooks(settings, REGISTRY)
        findings[1:1] = check_files(settings, config_file)
    if not any(finding.verdict is Verdict.FAIL and finding.area != PLAYBOOKS for finding in findings):
        with Workspace(config_file) as workspace:
            forum = workspace.connect(Priority.PERSON, read_only=True)
            findings += check_safety(workspace.settings, forum, workspace.store)
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
        click.get_current_context().exit(FAILED)
