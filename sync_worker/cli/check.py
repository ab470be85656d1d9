"""`lcm check`: is everything set up, and if not, what is to be changed where."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sync_worker.checks import Verdict
from sync_worker.cli.workspace import Workspace, print_json
from sync_worker.config import load_settings
from sync_worker.errors import ForumError, LcmError, PartialError, UsageError
from sync_worker.forum.checks import check_setup
from sync_worker.forum.patience import Priority
from sync_worker.playbook.checks import AREA as PLAYBOOKS
from sync_worker.playbook.checks import check_playbooks
from sync_worker.plays import REGISTRY
from sync_worker.rosters.source_cohorts import check_roster
from sync_worker.store.pauses import remember
from sync_worker.worker.safety_check import check_files, check_safety

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sync_worker.checks import Fix

FAILED = 5
CHANGED = "settings changed"
COLOURS = {Verdict.OK: "green", Verdict.WARN: "yellow", Verdict.FAIL: "red"}


def check(config_file: Path, *, do_fix: bool, is_sure: bool, as_json: bool) -> None:
    """Look at configuration, connection, key, rights, the forum's settings, playbooks, and what was done so far."""
    if is_sure and not do_fix:
        raise UsageError("--yes is for --fix.", do="Run `lcm check --fix --yes`.")
    if do_fix and as_json and not is_sure:
        raise UsageError("--json cannot ask.", do="Run `lcm check --fix --yes --json`.")
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
    fixes = [finding.fix for finding in findings if finding.fix is not None]
    fixed = _fix(config_file, fixes, is_sure=is_sure, as_json=as_json) if do_fix and as_json else []
    if as_json:
        told = {"fixed": fixed} if do_fix else {}
        print_json({"ok": good, "findings": [asdict(finding) for finding in findings], **told})
    else:
        width = max(len(finding.area) for finding in findings)
        for finding in findings:
            mark = click.style(f"{finding.verdict:4}", fg=COLOURS[finding.verdict])
            click.echo(f"{mark}  {finding.area:{width}}  {finding.what}")
            if finding.do:
                click.echo(f"{'':4}  {'':{width}}  > {finding.do}")
        if do_fix:
            fixed = _fix(config_file, fixes, is_sure=is_sure, as_json=False)
    if any(one["problem"] for one in fixed):
        raise PartialError(
            "not every setting could be changed.", do="Change the others in Discourse, as the lines say."
        )
    if not good:
        click.get_current_context().exit(FAILED)


def _fix(config_file: Path, fixes: Sequence[Fix], *, is_sure: bool, as_json: bool) -> list[dict[str, str]]:
    """Change settings of the forum, each after a question; return each with its old value and its new one."""
    say = (lambda text: None) if as_json else click.echo
    if not fixes:
        say("Nothing is in the way that the API could change.")
        return []
    changed: list[dict[str, str]] = []
    with Workspace(config_file) as workspace:
        forum = workspace.connect(Priority.PERSON)
        for fix in fixes:
            if not is_sure and not click.confirm(f"Change {fix.setting} from '{fix.before}' to '{fix.value}'?"):
                continue
            entry = {"setting": fix.setting, "before": fix.before, "value": fix.value, "problem": ""}
            _note(workspace, [*changed, entry])
            try:
                entry["value"] = forum.change_site_setting(fix.setting, fix.value)
                say(f"{fix.setting} is '{entry['value']}' now; before it was '{fix.before}'.")
            except ForumError as error:
                entry["problem"] = error.what
                say(f"{fix.setting} was not changed: {error.what}")
            changed.append(entry)
            _note(workspace, changed)
    return changed


def _note(workspace: Workspace, changed: Sequence[dict[str, str]]) -> None:
    """Keep what was changed, or is about to be, with the old values, until the next time."""
    value = json.dumps({"at": datetime.now(UTC).isoformat(), "settings": list(changed)}, ensure_ascii=False)
    with workspace.store.begin() as session:
        remember(session, workspace.forum_name, CHANGED, value)
