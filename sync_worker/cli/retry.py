"""`lcm retry`: what was given up, and settling it: try it again, or leave it undone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.errors import PartialError, UsageError
from sync_worker.store.ledger import given_up
from sync_worker.worker.settling import drop, try_again

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sync_worker.store.tables import LedgerRow


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
