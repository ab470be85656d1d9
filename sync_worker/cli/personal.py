"""`lcm forget` and `lcm export`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from sync_worker.cli.workspace import Workspace, print_json
from sync_worker.config.private_files import write_private
from sync_worker.errors import LcmError, UsageError
from sync_worker.wording import counted
from sync_worker.worker.personal_data import forget_person, held_of, identify, take_again

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sync_worker.model import Roster
    from sync_worker.store.personal import Subject

OUTSIDE = (
    "Not in the store, and therefore yours to do: take the person out of the roster; delete or anonymise the account "
    "on the forum, with which our plugin forgets it too; delete reports, plans and exports that were written to files, "
    "and backups of the store when their time comes."
)
IN_USE = "the database is in use; its files give up what was deleted when the worker is started again."


def forget(person: str, now: datetime, config_file: Path, *, do_apply: bool, undo: bool, as_json: bool) -> None:
    """Show what would be forgotten, or forget it."""
    with Workspace(config_file) as workspace:
        if undo:
            count = take_again(workspace.store, workspace.forum_name, person) if do_apply else 0
            _say_undone(person, count, do_apply=do_apply, as_json=as_json)
            return
        subject = _subject(workspace, person, now)
        held = held_of(workspace.store, workspace.forum_name, subject)
        present = [row for row in held.get("memberships", []) if row["state"] in ("adding", "added", "marked")]
        groups = sorted({row["group_name"] for row in present})
        counts, wiped = {name: len(rows) for name, rows in held.items()}, True
        if do_apply:
            counts, wiped = forget_person(workspace.store, workspace.forum_name, subject, now)
    if as_json:
        print_json({"forgotten": do_apply, "rows": counts, "groups": groups, "searched": do_apply, "wiped": wiped})
        return
    verb = "Forgot" if do_apply else "Would forget"
    click.echo(f"{verb} {counted(sum(counts.values()), 'row')}: {_by_table(counts)}.")
    if groups:
        click.echo(f"lcm added the person to {', '.join(groups)}; they stay there until staff removes them.")
    if do_apply:
        click.echo("A search over every text of every table finds the person no more.")
        if not wiped:
            click.echo(f"note: {IN_USE}", err=True)
    else:
        click.echo(f"With --apply it is done. {_known(subject)}")
    click.echo(OUTSIDE)


def export(person: str, file: Path | None, now: datetime, config_file: Path) -> None:
    """Write all that is held about a person."""
    with Workspace(config_file) as workspace:
        subject = _subject(workspace, person, now)
        held = held_of(workspace.store, workspace.forum_name, subject)
        told = {name: sorted(getattr(subject, name)) for name in subject.__slots__}
        data = {"forum": workspace.forum_name, "at": now.isoformat(), "known_as": told, "held": held}
    if file is None:
        print_json(data)
        return
    write_private(file, json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n")
    click.echo(
        f"Wrote {counted(sum(map(len, held.values())), 'row')} to {file}. It is personal data: delete it after use."
    )


def _subject(workspace: Workspace, person: str, now: datetime) -> Subject:
    """Return who is meant, by the roster and the store; a roster that cannot be read is said and does without."""
    roster: Roster | None = None
    if workspace.written.sources:
        try:
            roster = workspace.read_roster(now)
        except LcmError as error:
            click.echo(f"note: the roster could not be read, so only the store says who is meant: {error}", err=True)
    subject = identify(workspace.store, workspace.forum_name, person, roster)
    if subject.is_empty:
        raise UsageError(
            f"neither the store nor the roster knows '{person}'.",
            do="Give a username, an e-mail address, or an external id or name as the roster has it.",
        )
    return subject


def _known(subject: Subject) -> str:
    accounts = ", ".join(map(str, sorted(subject.accounts))) or "none"
    names = ", ".join(sorted(subject.usernames | subject.emails | subject.names | subject.ids)) or "nothing else"
    return f"The person is known as {names}; accounts: {accounts}."


def _by_table(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} of {name}" for name, count in sorted(counts.items())) or "nothing is held"


def _say_undone(person: str, count: int, *, do_apply: bool, as_json: bool) -> None:
    if as_json:
        print_json({"undone": do_apply, "digests": count})
    elif not do_apply:
        click.echo("With --apply the person is taken from the roster again. What was forgotten does not come back.")
    elif count:
        click.echo("The person is taken from the roster again, from the next sync on.")
    else:
        click.echo(f"'{person}' did not ask to be forgotten.")
