"""`lcm facts`: what is known of people; values are shown where somebody asks for a person's."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select

from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.config.base import write_private, writing
from sync_worker.config.rosters import parse_fact
from sync_worker.errors import PartialError, UsageError
from sync_worker.forum.patience import Priority
from sync_worker.membership.facts import enter_import, match_facts
from sync_worker.model import FactType, fold
from sync_worker.report.write import safe_cell
from sync_worker.rosters.row_reader import OWN_MANAGER
from sync_worker.rosters.tabular.people_files import FactFile, read_fact_file
from sync_worker.store.facts import ANY_COHORT, fact_of, forget_facts, list_facts, rows_of
from sync_worker.store.tables import IdentityRow, MembershipRow
from sync_worker.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.config.rosters import FactSettings


SHOWN = 20


def import_facts(
    *,
    file: Path,
    key: str,
    key_column: str | None,
    wanted: Sequence[str],
    cohort: str | None,
    sheet: str | None,
    date_format: str,
    dry_run: bool,
    config_file: Path,
    as_json: bool,
    now: datetime,
) -> None:
    """Keep the facts that a file states of people with an account; report the other rows."""
    with Workspace(config_file) as workspace:
        about = workspace.cohort(cohort).key if cohort else ANY_COHORT
        source = FactFile(file, key, key_column or key, sheet, date_format, _declared(wanted))
        read = read_fact_file(source, now)
        people = workspace.roster_people(now)
        with workspace.store.begin() as session:
            found = match_facts(session, workspace.forum_name, read.stated, read.facts, people, about)
            if not dry_run:
                enter_import(session, workspace.forum_name, found, f"file {file.name}", now)
    problems = (
        *read.problems,
        *(f"{where}: nobody with this {key} has an account that is known." for where in found.unmatched),
        *(f"{where}: {OWN_MANAGER}" for where in found.own_managers),
    )
    summary: dict[str, Any] = {
        "facts": {name: fact.type.value for name, fact in read.facts.items()},
        "people": found.people,
        "values": len(found.values),
        "unmatched": len(found.unmatched),
        "problems": list(problems),
        "kept": not dry_run,
    }
    if as_json:
        print_json(summary)
    else:
        _print_import(summary, dry_run=dry_run)
    if problems:
        raise PartialError(
            f"{counted(len(problems), 'problem')} in {file.name}; all else {'would be' if dry_run else 'was'} kept.",
            do="Correct the rows, or run `lcm sync --apply` first where people have no account yet.",
        )


def _declared(wanted: Sequence[str]) -> dict[str, FactSettings]:
    try:
        found = [parse_fact(written) for written in wanted]
    except ValueError as error:
        raise UsageError(f"--as: {error}.") from None
    names = [name for name, _ in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise UsageError(f"--as names the fact '{twice}' twice.")
    return dict(found)


def _print_import(summary: dict[str, Any], *, dry_run: bool) -> None:
    for problem in summary["problems"][:SHOWN]:
        click.echo(f"note: {problem}", err=True)
    if len(summary["problems"]) > SHOWN:
        click.echo(f"note: and {len(summary['problems']) - SHOWN:,} more.", err=True)
    named = ", ".join(f"{name} ({kind})" for name, kind in summary["facts"].items())
    verb = "Would keep" if dry_run else "Kept"
    people = counted(summary["people"], "person", "people")
    click.echo(f"{verb} {counted(summary['values'], 'value')} of {people}: {named}.")


def list_known(*, config_file: Path, as_json: bool) -> None:
    """List facts by name and source, without values."""
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        found = list_facts(session, workspace.forum_name)
    if as_json:
        keys = ("name", "source", "people", "observed")
        print_json([dict(zip(keys, one, strict=True)) for one in found])
    elif not found:
        click.echo(
            "No facts are known. lcm.yaml names columns of the roster (facts), or: lcm facts import FILE --key email"
        )
    else:
        rows = ((name, source, people, f"{at:%Y-%m-%d %H:%M}") for name, source, people, at in found)
        print_rows(("fact", "source", "people", "observed"), rows)


def show(*, username: str, config_file: Path, as_json: bool) -> None:
    """Show a person's facts."""
    with Workspace(config_file) as workspace:
        account = _account(workspace, username)
        with workspace.store.begin() as session:
            rows = rows_of(session, workspace.forum_name, account)
            found = [(row.name, row.cohort, row.value, fact_of(row)) for row in rows]
    if as_json:
        keys = ("name", "cohort", "value", "source", "observed")
        values = ((name, about, fact.value, fact.source, fact.at) for name, about, _, fact in found)
        print_json([dict(zip(keys, one, strict=True)) for one in values])
    elif not found:
        click.echo(f"Nothing is known of '{username}'.")
    else:
        lines = ((name, about or "-", kept, one.source, f"{one.at:%Y-%m-%d}") for name, about, kept, one in found)
        print_rows(("fact", "cohort", "value", "source", "observed"), lines)


def export_facts(*, file: Path, name: str | None, config_file: Path, as_json: bool) -> None:
    """Write everybody's facts to a private file; a text that a spreadsheet would compute is kept from it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("username", "user_id", "cohort", "fact", "type", "value", "source", "observed"))
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        names = _usernames(session, workspace.forum_name)
        rows = [row for row in rows_of(session, workspace.forum_name) if name in (None, row.name)]
        for row in rows:
            value = safe_cell(row.value) if row.type == FactType.TEXT else row.value
            who = (names.get(row.user_id, ""), row.user_id, row.cohort)
            writer.writerow((*who, row.name, row.type, value, row.source, row.at.isoformat()))
    with writing("the facts", file):
        write_private(file, text.getvalue())
    if as_json:
        print_json({"facts": len(rows), "file": str(file)})
    else:
        click.echo(f"Wrote {counted(len(rows), 'fact')} to {file}. They are personal data: delete the file after use.")


def drop_facts(*, username: str | None, name: str | None, do_apply: bool, config_file: Path, as_json: bool) -> None:
    """Forget a person's facts, or one fact of everybody."""
    if username is None and name is None:
        raise UsageError("say of whom, or which fact.", do="For example: lcm facts forget ana --apply")
    with Workspace(config_file) as workspace:
        account = _account(workspace, username) if username is not None else None
        with workspace.store.begin() as session:
            rows = rows_of(session, workspace.forum_name, account)
            count = sum(name in (None, row.name) for row in rows)
            if do_apply:
                forget_facts(session, workspace.forum_name, [] if account is None else [account], name)
    if as_json:
        print_json({"facts": count, "forgotten": do_apply})
    else:
        click.echo(f"{'Forgot' if do_apply else 'Would forget'} {counted(count, 'fact')}.")


def _account(workspace: Workspace, username: str) -> int:
    """Return the account of that name: as the store knows it, else as the forum does. Calls: 0 or 1."""
    with workspace.store.begin() as session:
        known = _known_account(session, workspace.forum_name, username)
    if known is not None:
        return known
    forum = workspace.connect(Priority.PERSON, read_only=True)
    named = forum.user(username)
    if named is None:
        raise UsageError(f"the forum has no account '{username}'.", where=forum.url)
    return named.id


def _usernames(session: Session, forum: str) -> dict[int, str]:
    """Return the usernames that the store knows, by account."""
    found: dict[int, str] = {}
    for table in (MembershipRow, IdentityRow):
        rows = session.execute(select(table.user_id, table.username).where(table.forum == forum))
        found |= {row.user_id: row.username for row in rows}
    return found


def _known_account(session: Session, forum: str, username: str) -> int | None:
    """Return the one account that the store knows by that name; None where it knows none, or several."""
    found: set[int] = set()
    for table in (IdentityRow, MembershipRow):
        rows = session.execute(select(table.user_id, table.username).where(table.forum == forum))
        found |= {row.user_id for row in rows if fold(row.username) == fold(username)}
    return found.pop() if len(found) == 1 else None
