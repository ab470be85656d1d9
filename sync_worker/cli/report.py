"""`lcm report`: what cohorts did, as HTML and CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sync_worker.activity.collect import cohort_categories, collect
from sync_worker.activity.reader import ActivityReader
from sync_worker.cli.workspace import Workspace, print_json
from sync_worker.config.load import complete_cohort
from sync_worker.errors import UsageError
from sync_worker.forum.patience import Priority
from sync_worker.membership.observing.observe import members_of
from sync_worker.report import CohortReport, gather, write_report
from sync_worker.store.database import scratch_copy
from sync_worker.worker.drafting import ROBOTS

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sync_worker.forum import Forum
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store


def report(*, cohort: str | None, everybody: bool, out: Path, now: datetime, config_file: Path, as_json: bool) -> None:
    """Write a report on COHORT, or on all of them, into a folder: an HTML page and a CSV file each, and an index."""
    if (cohort is None) is not everybody:
        raise UsageError("say which cohort, or --all.", do="For example: lcm report --all --out report")
    with Workspace(config_file) as workspace:
        declared = workspace.settings.cohorts
        cohorts = [complete_cohort(each) for each in declared] if cohort is None else [workspace.cohort(cohort)]
        forum = workspace.connect(Priority.PERSON, read_only=True)
        with scratch_copy(workspace.store, forum.name) as copy:
            reports = [_report(copy, forum, each, now) for each in cohorts]
        index = write_report(reports, workspace.settings.forum.url, out, now)
    if as_json:
        print_json({"index": str(index), "cohorts": [each.cohort.key for each in reports]})
    else:
        click.echo(f"Written: {index}")


def _report(store: Store, forum: Forum, cohort: Cohort, now: datetime) -> CohortReport:
    """Return a cohort's report; what is read for it is kept in `store`, a copy."""
    categories = cohort_categories(forum, cohort, store.sessions)
    lcms = {member.username for member in members_of(forum, store.sessions, cohort, cohort.lcm_group)}
    own = lcms | ROBOTS | {forum.username}
    members = members_of(forum, store.sessions, cohort, cohort.group)
    learners = [member for member in members if member.username not in own]
    collect(forum, store, categories.readable, now)
    with store.begin() as session:
        activity = ActivityReader(session, forum.name, categories.readable, categories.own)
        return gather(session, forum.name, cohort, activity, own=frozenset(own), now=now, members=len(learners))
