"""`lcm sync`: what makes the forum agree with the roster, and doing it; its runs, taking one back, and drift."""

from __future__ import annotations

import shlex
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import click

from sync_worker import membership
from sync_worker.cli.options import refuse_pretended_time
from sync_worker.cli.plan_show import MANY, Show, examples_for, fail_in_part, kinds_in_words
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.errors import RefusedError, UsageError
from sync_worker.membership.planning.guard import check_rejected
from sync_worker.membership.planning.roster_guard import Acceptance
from sync_worker.store.pauses import hold, refuse_while_held
from sync_worker.wording import counted
from sync_worker.worker.start import find_out, refuse_renamed_cohorts, remember_forum

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from sync_worker.forum import Forum
    from sync_worker.membership import Drift, DriftKind, Prepared, PreparedUndo
    from sync_worker.model import Roster
    from sync_worker.worker.start import Found


SHOWN_REMARKS = 20


def plan(
    *,
    plan_file: Path | None,
    config_file: Path,
    cohort: str | None,
    do_apply: bool,
    out_file: Path | None,
    accept_roster: bool,
    accept_dates: bool,
    as_json: bool,
    everything: bool,
    now: datetime,
) -> None:
    """Show what would be done and why; with --apply, do it."""
    if plan_file and not do_apply:
        do = "Add --apply to carry it out, or use --out to save one."
        raise UsageError("a saved plan is for applying.", where=str(plan_file), do=do)
    if out_file and do_apply:
        raise UsageError("--out saves a plan, --apply carries one out.", do="Do one after the other.")
    with Workspace(config_file) as workspace:
        roster = workspace.read_roster(now)
        _show_remarks(roster.remarks)
        check_rejected(roster, workspace.settings.limits)
        options = Options(now, cohort, Acceptance(roster=accept_roster, dates=accept_dates))
        show = Show(
            as_json=as_json,
            everything=everything,
            every_line=everything,
            to_do=options.command(out_file),
            may_invite="invite" in workspace.settings.limits.allow,
        )
        if do_apply:
            _apply(workspace, roster, show, options, plan_file)
        else:
            _plan(workspace, roster, show, options, out_file)


@dataclass(frozen=True, slots=True)
class Options:
    """What is synced, as of when, and what a person accepts this once."""

    now: datetime
    cohort: str | None
    acceptance: Acceptance

    def command(self, saved: Path | None) -> str:
        """Return the command that carries out what these options showed, or exactly the plan that was saved."""
        parts = ["lcm sync --apply", *([shlex.quote(str(saved))] if saved else [])]
        parts += ["--cohort", shlex.quote(self.cohort)] if self.cohort else []
        parts += ["--accept-roster"] if self.acceptance.roster else []
        return " ".join([*parts, *(["--accept-dates"] if self.acceptance.dates else [])])


def _plan(workspace: Workspace, roster: Roster, show: Show, options: Options, out_file: Path | None) -> None:
    forum = workspace.connect(read_only=True)
    prepared = membership.prepare(
        workspace.settings,
        roster,
        forum,
        workspace.store,
        now=options.now,
        only=options.cohort,
        acceptance=options.acceptance,
    )
    if out_file:
        membership.write_plan(out_file, prepared.plan, forum.name)
    show.planned(prepared.plan, forum, saved=out_file)
    membership.check_limits(prepared)


def _apply(workspace: Workspace, roster: Roster, show: Show, options: Options, plan_file: Path | None) -> None:
    forum = workspace.connect()
    refuse_while_held(workspace.store.sessions, forum.name)
    reviewed = membership.read_plan(plan_file, forum.name) if plan_file else None

    seen: list[Found] = []

    def before(prepared: Prepared) -> None:
        refuse_pretended_time(forum)
        seen.append(refuse_another_forum(workspace, forum, options.cohort, roster))
        show.about_to_apply(prepared.plan)
        if reviewed:
            membership.refuse_other_plan(reviewed, prepared.plan)

    prepared, report = membership.sync(
        workspace.settings,
        roster,
        forum,
        workspace.store,
        now=options.now,
        only=options.cohort,
        acceptance=options.acceptance,
        before=before,
    )
    remember_forum(forum, workspace.store, workspace.settings, seen[0])
    show.applied(prepared.plan, report, forum)
    fail_in_part(report, forum)


def _show_remarks(remarks: Sequence[str]) -> None:
    for remark in remarks[:SHOWN_REMARKS]:
        click.echo(f"note: {remark}", err=True)
    if len(remarks) > SHOWN_REMARKS:
        click.echo(f"note: and {len(remarks) - SHOWN_REMARKS} more.", err=True)


# `lcm sync undo`, `runs` and `drift`: taking a run back, the runs so far, and what people did manually since.


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
    flows = " or ".join(f"'{name}'" for name in line.workflows)
    what = f"{line.what}; perhaps by the workflow {flows}" if flows else line.what
    return line.cohort, DRIFT_WORDS[line.kind], line.username or "-", line.target, at, line.by or "-", what


# Before a command writes: the forum is the one that the store knows, and its cohorts have the keys they had.


def refuse_another_forum(workspace: Workspace, forum: Forum, cohort: str | None, roster: Roster) -> Found:
    """Let no sync past that would start anew what was done under another name.

    Calls: those of `find_out`.

    Raises:
        RefusedError: the forum was moved, restored or exchanged, or a cohort has another key than before.

    """
    settings = workspace.settings
    found = find_out(forum, workspace.store)
    if found.why is not None:
        with workspace.store.begin() as session:
            hold(session, forum.name, found.why)
        raise RefusedError(found.why, where=forum.url)
    chosen = [declared for declared in settings.cohorts if cohort in (None, declared.key)]
    with workspace.store.begin() as session:
        keys = [declared.key for declared in settings.cohorts]
        refuse_renamed_cohorts(session, forum.name, chosen, keys, roster)
    return found
