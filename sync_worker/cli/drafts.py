"""`lcm drafts`: what waits for an LCM, and the LCM's decision."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.errors import UsageError
from sync_worker.store.ledger import decide_draft
from sync_worker.store.ledger import drafts as stored_drafts
from sync_worker.store.tables import DraftRow, EvidenceRow

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy.orm import Session

STATES = ("pending", "approved", "rejected", "sent", "withdrawn")


def list_drafts(cohort: str | None, state: str, config_file: Path, *, as_json: bool) -> None:
    """List drafts, oldest first."""
    states = STATES if state == "all" else (state,)
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        if cohort is not None:
            workspace.cohort(cohort)
        rows = stored_drafts(session, workspace.forum_name, cohort, states)
    if as_json:
        print_json([_as_json(row) for row in rows])
    elif rows:
        print_rows(
            ("draft", "state", "cohort", "to", "why"),
            [(row.key, row.state, row.cohort, ", ".join(row.body["recipients"]) or "-", row.reason) for row in rows],
        )
    else:
        click.echo("No drafts wait." if state == "pending" else "No such drafts.")


def show(key: str, config_file: Path, *, as_json: bool) -> None:
    """Show a draft as it would be sent, and why it exists."""
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        row = _find(session, key)
        known = session.get(EvidenceRow, key)
    if as_json:
        print_json({**_as_json(row), "known": known.content if known is not None else None})
        return
    body = row.body
    click.echo(f"{body['kind']} for {row.cohort}, {row.state}, written {row.created_at:%Y-%m-%d %H:%M} UTC")
    if body["recipients"]:
        click.echo(f"To: {', '.join(body['recipients'])}")
    click.echo(f"Why: {row.reason}")
    if row.state == "withdrawn" and row.decision_reason:
        click.echo(f"Not sent: {row.decision_reason}")
    elif row.decided_by:
        click.echo(f"Decided by {row.decided_by}" + (f": {row.decision_reason}" if row.decision_reason else ""))
    if known is not None:
        _print_known(known)
    click.echo(f"\n{body['title'] or ''}\n\n{body['raw']}".rstrip())


def _print_known(known: EvidenceRow) -> None:
    """Print what was known when the text was written: what each rule found, and where its facts came from."""
    click.echo(f"Known when it was written ({known.at:%Y-%m-%d %H:%M} UTC):")
    for name, rule in known.content.get("rules", {}).items():
        click.echo(f"  {name}: {rule['said']}")
    for name, fact in known.content.get("facts", {}).items():
        click.echo(f"  fact {name}: {fact['value']} ({fact['source']}, {fact['at'][:10]})")


def approve(key: str, by: str, config_file: Path) -> None:
    """Approve a draft; the worker's next run sends it."""
    _decide(config_file, key, "approved", by, None)
    click.echo(f"{key}: approved. The next run sends it.")


def reject(key: str, reason: str, by: str, config_file: Path) -> None:
    """Reject a draft; it is never sent."""
    _decide(config_file, key, "rejected", by, reason)
    click.echo(f"{key}: rejected.")


def _decide(config_file: Path, key: str, state: str, by: str, reason: str | None) -> None:
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        row = _find(session, key)
        if row.state != "pending":
            raise UsageError(f"draft '{row.key}' is {row.state} already.", do="Only pending drafts can be decided on.")
        decide_draft(row, state, by, datetime.now(UTC), reason)


def _find(session: Session, key: str) -> DraftRow:
    row = session.get(DraftRow, key)
    if row is None:
        raise UsageError(f"no draft is called '{key}'.", do="`lcm drafts list` shows those that wait.")
    return row


def _as_json(row: DraftRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "cohort": row.cohort,
        "state": row.state,
        "why": row.reason,
        "created_at": row.created_at.isoformat(),
        "decided_by": row.decided_by,
        "decision_reason": row.decision_reason,
        **{name: row.body[name] for name in ("kind", "title", "raw", "recipients", "playbook", "step", "slot")},
    }
