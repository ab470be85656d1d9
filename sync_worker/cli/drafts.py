"""`lcm drafts` and `lcm desk`: what waits for an LCM, and deciding on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select

from sync_worker.cli.options import refuse_pretended_time
from sync_worker.cli.run import desk_loop
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.desk.letters import cohorts_by_message
from sync_worker.desk.waiting import number_all, waiting
from sync_worker.errors import UsageError
from sync_worker.forum.patience import Priority
from sync_worker.playbook.load import sound_playbooks
from sync_worker.plays import REGISTRY
from sync_worker.rosters.source_cohorts import known_cohorts
from sync_worker.store.ledger import DRAFT_STATES, decide_draft, text_digest
from sync_worker.store.ledger import drafts as stored_drafts
from sync_worker.store.tables import DraftRow, EvidenceRow, WaitingRow
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session


def list_drafts(cohort: str | None, state: str, config_file: Path, *, as_json: bool) -> None:
    """List drafts, oldest first; what waits gets the number by which it can be decided on, here and by message."""
    states = DRAFT_STATES if state == "all" else (state,)
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        if cohort is not None:
            workspace.cohort(cohort)
        rows = stored_drafts(session, workspace.forum_name, cohort, states)
        numbers = _numbers(session, rows)
    if as_json:
        print_json([{**_as_json(row), "number": numbers.get(row.key)} for row in rows])
    elif rows:
        print_rows(
            ("number", "draft", "state", "cohort", "to", "why"),
            [
                (
                    *(numbers.get(row.key, "-"), row.key, row.state, row.cohort),
                    *(", ".join(row.body["recipients"]) or "-", row.reason),
                )
                for row in rows
            ],
        )
    else:
        click.echo("No drafts wait." if state == "pending" else "No such drafts.")


def show(name: str, cohort: str | None, config_file: Path, *, as_json: bool) -> None:
    """Show a draft as it would be sent, and why it exists."""
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        if cohort is not None:
            workspace.cohort(cohort)
        (row,) = Chosen((name,), cohort, everything=False).find(session, workspace.forum_name)
        known = session.get(EvidenceRow, row.key)
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


def _numbers(session: Session, rows: Sequence[DraftRow]) -> dict[str, int]:
    """Return the numbers of drafts that wait, by key; those that have none get one."""
    found: dict[str, int] = {}
    for forum, cohort in {(row.forum, row.cohort) for row in rows if row.state == "pending"}:
        number_all(session, forum, cohort, datetime.now(UTC))
        items = waiting(session, forum, cohort, datetime.now(UTC))
        found |= {item.row.subject: item.number for item in items if item.draft is not None}
    return found


def approve(names: tuple[str, ...], cohort: str | None, by: str, config_file: Path, *, everything: bool) -> None:
    """Approve drafts, all of them or none; the worker's next run sends them."""
    for key in _decide(config_file, Chosen(names, cohort, everything=everything), "approved", by, None):
        click.echo(f"{key}: approved. The next run sends it.")


def reject(
    names: tuple[str, ...], cohort: str | None, reason: str, by: str, config_file: Path, *, everything: bool
) -> None:
    """Reject drafts, all of them or none; they are never sent."""
    for key in _decide(config_file, Chosen(names, cohort, everything=everything), "rejected", by, reason):
        click.echo(f"{key}: rejected.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which drafts are meant: by their keys, by the numbers of `lcm drafts list`, or all that wait."""

    names: tuple[str, ...]
    cohort: str | None
    everything: bool

    def find(self, session: Session, forum: str) -> list[DraftRow]:
        """Return them, each once.

        Raises:
            UsageError: nothing is named, or something that is no draft, or is one in several cohorts.

        """
        if bool(self.names) == self.everything:
            raise UsageError("say which drafts, or --all.", do="`lcm drafts list` shows their numbers.")
        if self.everything:
            return list(stored_drafts(session, forum, self.cohort))
        found = [
            self._numbered(session, forum, int(name)) if name.isdecimal() else _find(session, name)
            for name in self.names
        ]
        return list({row.key: row for row in found}.values())

    def _numbered(self, session: Session, forum: str, number: int) -> DraftRow:
        query = select(WaitingRow).where(
            WaitingRow.forum == forum, WaitingRow.number == number, WaitingRow.kind == "draft"
        )
        rows = [row for row in session.scalars(query) if self.cohort in (None, row.cohort)]
        found = [(row, draft) for row in rows if (draft := session.get(DraftRow, row.subject)) is not None]
        waits = [one for one in found if one[1].state == "pending"] or found
        if not waits:
            raise UsageError(f"no draft has the number {number}.", do="`lcm drafts list` shows those that wait.")
        if len(waits) > 1:
            cohorts = ", ".join(sorted(row.cohort for row, _ in waits))
            raise UsageError(f"several cohorts have a draft {number}: {cohorts}.", do="Add --cohort KEY.")
        row, draft = waits[0]
        if draft.state == "pending" and row.digest != text_digest(draft.body):
            do = "`lcm drafts list` shows its new number."
            raise UsageError(f"the text of draft {number} has changed since it got this number.", do=do)
        return draft


def _decide(config_file: Path, chosen: Chosen, state: str, by: str, reason: str | None) -> list[str]:
    """Enter a decision about all that was chosen, in one transaction; return the keys."""
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        if chosen.cohort is not None:
            workspace.cohort(chosen.cohort)
        rows = chosen.find(session, workspace.forum_name)
        for row in rows:
            if row.state != "pending":
                do = "Only pending drafts can be decided on."
                raise UsageError(f"draft '{row.key}' is {row.state} already.", do=do)
            decide_draft(row, state, by, datetime.now(UTC), reason)
        keys = [row.key for row in rows]
    if not keys:
        click.echo("No drafts wait.")
    return keys


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


# `lcm desk`: once what `lcm run` does for the desks all the time, for those who start the worker by a timer.


def desk(*, now: datetime, config_file: Path, as_json: bool) -> None:
    """Take in what LCMs and administrators decided on the forum, act on it, and bring the desks up to date."""
    with Workspace(config_file) as workspace:
        playbooks, problems = sound_playbooks(workspace.settings, REGISTRY)
        for problem in problems:
            click.echo(f"note: {problem}", err=True)
        forum = workspace.connect(Priority.PERSON)
        refuse_pretended_time(forum)
        settings = known_cohorts(workspace.written, workspace.store)
        if forum.plugin is None and not cohorts_by_message(settings, now, has_plugin=False):
            raise UsageError(
                "the forum has no discourse-lcm plugin of this contract, and no cohort is looked after by message.",
                where=forum.url,
                do="See `lcm check`, and `by_message` in docs/desk.md; drafts are decided on with `lcm drafts`.",
            )
        desk_loop(workspace, forum, playbooks).look(now)
        if as_json:
            print_json({"calls": forum.calls.total, "problems": [str(problem) for problem in problems]})
            return
        click.echo(f"Done, {counted(forum.calls.total, 'call')} to the forum.")
