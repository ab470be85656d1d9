"""`lcm rehearse`: a cohort's whole playbook on a practice forum, with the real roster, as a page to read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from sync_worker.cli.progress import progress_bar
from sync_worker.cli.workspace import Workspace, print_json
from sync_worker.errors import PartialError
from sync_worker.extras import require
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.rehearsal import Rehearsed, write_page
from sync_worker.rehearsal import rehearse as play_through
from sync_worker.rehearsal.page import weeks_of
from sync_worker.wording import counted

if TYPE_CHECKING:
    from pathlib import Path


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
