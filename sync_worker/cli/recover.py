"""`lcm retry`: what was given up; `lcm recover`: after a restore or move of the forum, or a changed key of a cohort."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from sync_worker.activity.choices import CURSOR, DESK_CURSOR
from sync_worker.cli.options import refuse_pretended_time
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.config.load import complete_cohort
from sync_worker.errors import PartialError, RefusedError, UsageError
from sync_worker.rosters import read_roster
from sync_worker.store.ledger import given_up
from sync_worker.store.moving import known_forums, move_forum, nobody_at_work, rename_cohort
from sync_worker.store.pauses import held, release, remember, remembered
from sync_worker.wording import nearest
from sync_worker.worker.due import drop, try_again
from sync_worker.worker.recovery import LOOKED, plan_recovery, work_cursor_after
from sync_worker.worker.recovery import recover as carry_out
from sync_worker.worker.start import NEW_COHORT, SITE, cohorts_begun, renewed_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sync_worker.store.tables import LedgerRow
    from sync_worker.worker.recovery import Recovery


def retry(
    *, key: str | None, everything: bool, cohort: str | None, do_drop: bool, config_file: Path, as_json: bool
) -> None:
    """List what was given up; with KEY or --all, try it again at the next run, or with --drop leave it undone."""
    if key and everything:
        raise UsageError("say which one, or --all.", do="Not both.")
    if do_drop and not (key or everything):
        raise UsageError("say which one to leave undone, or --all.", do="`lcm retry` lists them.")
    with Workspace(config_file) as workspace:
        if cohort is not None:
            workspace.cohort(cohort)
        with workspace.store.begin() as session:
            rows = given_up(session, workspace.forum_name, cohort)
            chosen = _chosen(rows, key) if key or everything else []
            shown = [_as_json(row) for row in (chosen if key or everything else rows)]
            if chosen:
                (drop if do_drop else try_again)(session, chosen, datetime.now(UTC))
    settled = bool(key or everything)
    if as_json:
        print_json({"settled": ("dropped" if do_drop else "to be tried again") if settled else None, "entries": shown})
    elif shown:
        print_rows(("key", "cohort", "step", "action", "at", "why"), [list(row.values()) for row in shown])
    else:
        click.echo("Nothing was given up.")
    if settled and shown and not as_json:
        click.echo(f"\n{len(shown)} {'left undone.' if do_drop else 'to be tried again at the next run.'}")
    if shown and not settled:
        raise PartialError(f"{len(shown)} given up.", do="`lcm retry KEY`, `lcm retry --all`, or --drop with either.")


def _chosen(rows: Sequence[LedgerRow], key: str | None) -> Sequence[LedgerRow]:
    if key is None:
        return rows
    found = [row for row in rows if row.key == key]
    if not found:
        raise UsageError(f"nothing that was given up has the key '{key}'.", do="`lcm retry` lists the keys.")
    return found


def _as_json(row: LedgerRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "cohort": row.cohort,
        "step": row.step,
        "action": row.action,
        "at": row.updated_at.strftime("%Y-%m-%d %H:%M"),
        "reason": row.reason,
    }


# `lcm recover`: after a restore of the forum, a move to another address, or a changed key of a cohort.


def recover(
    *,
    moved_from: str | None,
    cohort: str | None,
    was: str | None,
    is_new: bool,
    not_restored: bool,
    do_apply: bool,
    now: datetime,
    config_file: Path,
    as_json: bool,
) -> None:
    """Show what is missing on a forum that was restored, and what would be done about it; with --apply, do it."""
    with Workspace(config_file) as workspace:
        if moved_from:
            said = _move(workspace, moved_from, do_apply=do_apply)
        elif cohort or was or is_new:
            said = _cohort(workspace, cohort, was, now, is_new=is_new, do_apply=do_apply)
        elif not_restored:
            said = _go_on(workspace, now, do_apply=do_apply)
        else:
            _restored(workspace, now, do_apply=do_apply, as_json=as_json)
            return
    if as_json:
        print_json({"applied": do_apply, "what": said})
    else:
        click.echo(said if do_apply else f"{said}\nNothing was changed yet; with --apply it is.")


def _move(workspace: Workspace, old: str, *, do_apply: bool) -> str:
    new = workspace.forum_name
    with workspace.store.begin() as session:
        names = [name for name in known_forums(session) if name != new]
        if old not in names:
            raise UsageError(f"the store knows no forum '{old}'.", do=f"It knows: {', '.join(names) or 'none'}.")
        before = remembered(session, old, SITE)
    here = workspace.connect(read_only=True).itself.site_identity()
    if before and here and before != here:
        raise RefusedError(
            f"the site at {new} was created {here}, that at {old} {before}: they are two sites.",
            do="Give this one a store of its own in lcm.yaml.",
        )
    if do_apply:
        with nobody_at_work(workspace.store, (old, new)), workspace.store.begin() as session:
            move_forum(session, old, new, renewed_key)
            if here:
                remember(session, new, SITE, here)
    return f"All that was done on {old} counts as done on {new}."


def _cohort(
    workspace: Workspace, key: str | None, was: str | None, now: datetime, *, is_new: bool, do_apply: bool
) -> str:
    if key is None or bool(was) == is_new:
        raise UsageError("say which cohort with --cohort, and either --was OLD or --is-new.")
    there = _cohorts_there(workspace, now)
    if key not in there:
        raise UsageError(f"no cohort has the key '{key}'.{nearest(key, there)}", where=str(workspace.config_file))
    if was in there:
        raise UsageError(f"'{was}' is a cohort of {there[was]} still; the two cannot become one.")
    name = workspace.forum_name
    with nobody_at_work(workspace.store, [name] if do_apply else ()), workspace.store.begin() as session:
        known = cohorts_begun(session, name)
        if was and was not in known:
            raise UsageError(f"the store knows no cohort '{was}'.", do=f"It knows: {', '.join(known) or 'none'}.")
        if was and key in known:
            raise UsageError(f"the store knows that things were done for '{key}' as well; the two cannot become one.")
        if do_apply and was:
            rename_cohort(session, name, was, key, renewed_key)
        elif do_apply:
            remember(session, name, f"{NEW_COHORT}{key}", "yes")
    return f"All that was done for '{was}' counts as done for '{key}'." if was else f"'{key}' is a new cohort."


def _cohorts_there(workspace: Workspace, now: datetime) -> dict[str, str]:
    """Return where each cohort stands, by key: not in the store, which remembers those that the roster had before.

    Raises:
        RosterError, SourceError: the roster cannot be read.

    """
    written = workspace.written
    found = {declared.key: "lcm.yaml" for declared in written.cohorts}
    if written.cohorts_from is None:
        return found
    return {**{cohort.key: "the roster" for cohort in read_roster(written, now=now).cohorts}, **found}


def _go_on(workspace: Workspace, now: datetime, *, do_apply: bool) -> str:
    with workspace.store.begin() as session:
        why = held(session, workspace.forum_name)
        if why is None:
            raise UsageError("nothing is held on this forum.", where=workspace.forum_name)
        if do_apply:
            release(session, workspace.forum_name)
            remember(session, workspace.forum_name, LOOKED, now.isoformat())
    return f"Go on in spite of this: {why}"


def _restored(workspace: Workspace, now: datetime, *, do_apply: bool, as_json: bool) -> None:
    forum = workspace.connect(read_only=True)
    if do_apply:
        refuse_pretended_time(forum)
    ends = {declared.key: complete_cohort(declared).end for declared in workspace.settings.cohorts}
    with workspace.store.exclusive(f"publish {forum.name}", 60.0) as is_ours:
        if not is_ours:
            raise RefusedError("another worker is looking after this forum.", do="Run it again in a minute.")
        found = plan_recovery(forum, workspace.store, ends, now)
        with workspace.store.begin() as session:
            why = held(session, workspace.forum_name)
        if do_apply:
            _take_back_decisions(workspace, found)
            carry_out(workspace.store, forum.name, found, now)
    data = _as_data(found, why)
    if as_json:
        print_json({**data, "applied": do_apply})
    else:
        _print(data, do_apply=do_apply)


def _take_back_decisions(workspace: Workspace, found: Recovery) -> None:
    """Let decisions that were made after the restore be taken in, though their numbers were used before.

    Both who acts on them and who reads ahead what people choose begin again behind what the forum still has.
    """
    forum = workspace.connect(read_only=True)
    with workspace.store.begin() as session:
        known = {name: remembered(session, forum.name, name) for name in (DESK_CURSOR, CURSOR)}
    cursors = {name: int(value) for name, value in known.items() if value is not None}
    if not cursors or forum.plugin is None:
        return
    upto = work_cursor_after(forum, found.since, max(cursors.values()))
    with workspace.store.begin() as session:
        for name, cursor in cursors.items():
            remember(session, forum.name, name, str(min(upto, cursor)))


def _as_data(found: Recovery, why: str | None) -> dict[str, Any]:
    return {
        "held": why,
        "as_of": found.since.isoformat() if found.since else None,
        "missing": [
            {
                "cohort": one.row.cohort,
                "step": one.row.step,
                "kind": one.row.action,
                "title": one.row.payload.get("title") or one.row.key,
                "made": one.row.updated_at.strftime("%Y-%m-%d %H:%M"),
                "what": one.what,
                "why": one.why,
            }
            for one in found.missing
        ],
        "people": [{"group": row.group_name, "username": row.username, "role": row.role} for row in found.people],
        "made": [{"kind": row.kind, "name": row.name} for row in found.made],
    }


def _print(data: dict[str, Any], *, do_apply: bool) -> None:
    if data["held"]:
        click.echo(f"{data['held']}\n")
    if not (data["missing"] or data["people"] or data["made"]):
        click.echo("Nothing of ours is missing on the forum." + (" It is looked after again." if do_apply else ""))
        return
    if data["missing"]:
        columns = ("cohort", "step", "kind", "title", "made", "what", "why")
        print_rows(columns, [[row[name] for name in columns] for row in data["missing"]])
    for row in data["made"]:
        click.echo(f"{row['kind']} '{row['name']}' is gone: the next sync makes it again, if it may create.")
    if data["people"]:
        names = ", ".join(f"{row['username']} ({row['group']})" for row in data["people"])
        click.echo(f"\nTo be added again by the next sync, where the roster still has them: {names}")
    click.echo("\nDone; the next run does what is to be posted." if do_apply else "\nTo do this: lcm recover --apply")
