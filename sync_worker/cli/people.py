"""`lcm people settle`: whose an account is, where only a person can say so."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from sync_worker import membership
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.errors import RefusedError, UsageError
from sync_worker.forum.patience import Priority
from sync_worker.membership.matching.confirming import Settlement, SettlementStore, account_of, find_person, unsettled
from sync_worker.wording import counted

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sync_worker.membership.state import Account
    from sync_worker.model import Roster


def settle(
    *,
    person: str | None,
    cohort: str | None,
    username: str | None,
    nobody: bool,
    undo: bool,
    by: str | None,
    reason: str,
    config_file: Path,
    as_json: bool,
    now: datetime,
) -> None:
    """List whom roster, forum and memory contradict each other about; or settle it for PERSON."""
    with Workspace(config_file) as workspace:
        roster = workspace.read_roster(now)
        if person is None:
            if username or nobody or undo:
                raise UsageError(
                    "say whom it is about.", do="For example: lcm people settle 'Ana Silva' --cohort spring"
                )
            _list(workspace, roster, cohort, now=now, as_json=as_json)
            return
        if (username is not None) + nobody + undo != 1:
            raise UsageError("say what is settled.", do="Add one of --account USERNAME, --nobody, --undo.")
        if cohort is None:
            raise UsageError("say in which cohort.", do="Add --cohort KEY.")
        found = find_person(roster, workspace.cohort(cohort).key, person)
        with workspace.store.exclusive(f"sync:{workspace.forum_name}") as held:
            if not held:
                raise RefusedError("a sync of this forum is under way.", do="Try again when it is done.")
            store = SettlementStore(workspace.store.sessions, workspace.forum_name)
            who = by or getpass.getuser()
            if undo:
                settled = store.undo(found, by=who, now=now)
            else:
                account = _account(workspace, username) if username is not None else None
                present = {enrolment.person.key for enrolment in roster.enrolments}
                settled = store.settle(found, account, present=present, by=who, reason=reason, now=now)
    if as_json:
        print_json(asdict(settled))
    else:
        click.echo(f"{_words(settled)}. `lcm sync` shows what follows from it.")


def _account(workspace: Workspace, username: str) -> Account:
    """Return the account of that name, with the moment when it was made. Calls: 2."""
    forum = workspace.connect(Priority.PERSON, read_only=True)
    named = forum.user(username)
    user = forum.user_by_id(named.id) if named else None
    if user is None:
        raise UsageError(f"the forum has no account '{username}'.", where=forum.url)
    return account_of(user)


def _list(workspace: Workspace, roster: Roster, cohort: str | None, *, now: datetime, as_json: bool) -> None:
    forum = workspace.connect(Priority.PERSON, read_only=True)
    prepared = membership.prepare(workspace.settings, roster, forum, workspace.store, now=now, only=cohort)
    found = unsettled(roster, prepared.who, cohort)
    settled = SettlementStore(workspace.store.sessions, workspace.forum_name).read()
    if as_json:
        print_json({"unsettled": [asdict(one) for one in found], "settled": [asdict(one) for one in settled]})
        return
    for one in found:
        click.echo(f"{one.label} (cohort {one.cohort}, {one.where}): {one.reason}")
    if found:
        click.echo("\nSettle each: lcm people settle PERSON --cohort KEY --account USERNAME, or --nobody.")
    else:
        click.echo("Nothing is to be settled: roster, forum and memory agree about everybody.")
    if settled:
        click.echo()
        print_rows(("settled", "at", "by", "what", "reason"), map(_row, settled))
    click.echo(f"{counted(forum.calls.total, 'call')} to look.")


def _row(one: Settlement) -> tuple[str, ...]:
    what = f"is '{one.username}'" if one.user_id is not None else "has none of the accounts"
    taken_back = f", until {one.undone_at:%Y-%m-%d} ({one.undone_by})" if one.undone_at else ""
    return one.label, f"{one.at:%Y-%m-%d %H:%M}", one.by, f"{what}{taken_back}", one.reason or "-"


def _words(one: Settlement) -> str:
    if one.undone_at:
        return f"Taken back by {one.undone_by}: what was settled about {one.label}"
    what = f"is '{one.username}' (account {one.user_id})" if one.user_id is not None else "has none of the accounts"
    return f"Settled by {one.by}: {one.label} {what}"
