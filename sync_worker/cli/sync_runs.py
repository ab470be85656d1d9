"""`lcm sync undo`, `runs` and `drift`: taking a run back, the runs so far, and what people did manually since."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sync_worker import membership
from sync_worker.cli.plan_digest import MANY, examples_for
from sync_worker.cli.plan_show import Show, fail_in_part
from sync_worker.cli.plan_table import kinds_in_words
from sync_worker.cli.pretending import refuse_pretended_time
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from sync_worker.membership import Drift, DriftKind, PreparedUndo

DRIFT_WORDS: dict[DriftKind, str] = {
    membership.DriftKind.ADDED: "added manually",
    membership.DriftKind.LEFT: "left",
    membership.DriftKind.LEFT_BEFORE: "left earlier",
    membership.DriftKind.MADE_OWNER: "made owner",
    membership.DriftKind.NOT_OWNER: "owner no more",
    membership.DriftKind.RENAMED: "renamed",
    membership.DriftKind.GONE: "deleted",
    membership.DriftKind.PERMISSIONS: "permissions",
    membership.DriftKind.MODERATION: "moderation",
    membership.DriftKind.TAGS: "tags",
    membership.DriftKind.PLACE: "place",
    membership.DriftKind.NOTIFICATIONS: "notifications",
}


def undo(*, run: str, do_apply: bool, every_line: bool, config_file: Path, as_json: bool, now: datetime) -> None:
    """Show what would take RUN back; with --apply, do it."""
    with Workspace(config_file) as workspace:
        show = Show(as_json=as_json, everything=True, every_line=every_line, to_do=f"lcm sync undo {run} --apply")
        if not do_apply:
            forum = workspace.connect(read_only=True)
            prepared = membership.prepare_undo(workspace.settings, forum, workspace.store, run, now=now)
            show.planned(prepared.plan, forum)
            prepared.check()
            return

        def before(prepared: PreparedUndo) -> None:
            show.about_to_apply(prepared.plan)

        forum = workspace.connect()
        refuse_pretended_time(forum)
        prepared, report = membership.undo(workspace.settings, forum, workspace.store, run, now=now, before=before)
        show.applied(prepared.plan, report, forum)
        fail_in_part(report, forum)


def runs(limit: int, config_file: Path, *, as_json: bool) -> None:
    """List the runs that changed something, newest first."""
    with Workspace(config_file) as workspace:
        lines = membership.Journal(workspace.store.sessions, workspace.forum_name).runs(limit)
    if as_json:
        print_json([asdict(line) for line in lines])
    elif lines:
        rows = [
            (
                line.id,
                line.started_at.strftime("%Y-%m-%d %H:%M"),
                line.command,
                line.outcome,
                kinds_in_words(line.counts),
            )
            for line in lines
        ]
        print_rows(("run", "at", "what", "outcome", "done"), rows)
    else:
        click.echo("No sync has changed anything yet.")


def drift(*, cohort: str | None, every_line: bool, config_file: Path, now: datetime, as_json: bool) -> None:
    """Show what people did manually to the groups and categories since the last sync; changes nothing."""
    with Workspace(config_file) as workspace:
        if cohort is not None:
            workspace.cohort(cohort)
        forum = workspace.connect(read_only=True)
        found = membership.drift(workspace.settings, forum, workspace.store, now=now, only=cohort)
    if as_json:
        print_json({"drift": [asdict(line) for line in found], "api_calls": forum.calls.total})
        return
    if found:
        print_rows(
            ("cohort", "what", "who", "where", "when", "by", "and now"), _drift_rows(found, every_line=every_line)
        )
        click.echo(f"{counted(len(found), 'line')}.{'' if every_line else ' Every line: --all or --json.'}")
    else:
        click.echo("Nothing was changed manually.")
    click.echo(f"{counted(forum.calls.total, 'call')} to look.")


def _drift_rows(found: Sequence[Drift], *, every_line: bool) -> Iterator[tuple[str, ...]]:
    """Yield the rows of the table: of more than `MANY` that are alike a few, and then how many more there are."""
    alike: dict[tuple[str, ...], list[Drift]] = {}
    for line in found:
        alike.setdefault((line.cohort, line.kind.value, line.target, line.what), []).append(line)
    examples = examples_for(len({line.cohort for line in found}))
    for some in alike.values():
        shown = some if every_line or len(some) <= MANY else some[:examples]
        yield from map(_drift_row, shown)
        if len(shown) < len(some):
            first = _drift_row(some[0])
            yield first[0], first[1], f"... and {len(some) - len(shown)} more", first[3], "-", "-", first[6]


def _drift_row(line: Drift) -> tuple[str, ...]:
    at = line.at.strftime("%Y-%m-%d %H:%M UTC") if line.at else "-"
    return line.cohort, DRIFT_WORDS[line.kind], line.username or "-", line.target, at, line.by or "-", line.what
