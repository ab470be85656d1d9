"""`lcm facts`, `forget` and `export`: what is known of people; values are shown where somebody asks for a person's."""

from __future__ import annotations

import csv
import io
import json
import shlex
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select

from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.config.base import write_private, writing
from sync_worker.config.load import complete_cohort
from sync_worker.config.rosters import parse_fact
from sync_worker.errors import LcmError, PartialError, UsageError
from sync_worker.forum.patience import Priority
from sync_worker.membership.facts import enter_import, match_facts
from sync_worker.model import FactType, fold
from sync_worker.report.about_person import write_page
from sync_worker.report.case_study import reports_of
from sync_worker.report.write import safe_cell
from sync_worker.rosters.row_reader import OWN_MANAGER
from sync_worker.rosters.tabular.people_files import FactFile, read_fact_file
from sync_worker.store.facts import ANY_COHORT, fact_of, forget_facts, list_facts, rows_of
from sync_worker.store.moving import known_forums, move_store, nobody_at_work
from sync_worker.store.tables import IdentityRow, MembershipRow
from sync_worker.wording import counted
from sync_worker.worker.personal_data import forget_person, held_of, identify, take_again

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.config.rosters import FactSettings
    from sync_worker.model import Cohort, Roster
    from sync_worker.store.personal import Subject
    from sync_worker.store.upgrade import Revision


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


# `lcm forget`, `lcm export` and `lcm store`.


OUTSIDE = (
    "Not in the store, and therefore yours to do: take the person out of the roster; delete or anonymise the account "
    "on the forum, with which our plugin forgets it too; delete there what quotes the person; delete reports, plans "
    "and exports that were written to files, and backups of the store when their time comes."
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
        shown = _topics_about(workspace, held)
        with workspace.store.begin() as session:
            reports = reports_of(session, workspace.forum_name, [row["cohort"] for row in held.get("cases", ())])
        counts, wiped = {name: len(rows) for name, rows in held.items()}, True
        if do_apply:
            counts, wiped = forget_person(workspace.store, workspace.forum_name, subject, now)
    if as_json:
        print_json(
            {
                "forgotten": do_apply,
                "rows": counts,
                "groups": groups,
                "topics": shown,
                "reports": [str(page) for _, page in reports],
                "searched": do_apply,
                "wiped": wiped,
            }
        )
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
    if shown:
        click.echo(f"Topics of the worker that name or quote the person stay on the forum: {', '.join(shown)}.")
    for cohort, page in reports:
        click.echo(
            f"The case-study report {page} was made with what the person said. Write it anew: "
            f"`lcm case-study report {cohort} --out {shlex.quote(str(page.parent))}`."
        )
    click.echo(OUTSIDE)


def _topics_about(workspace: Workspace, held: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[str]:
    """Return the addresses of topics that the worker opened and that speak of a person."""
    posted = [row for row in held.get("ledger", ()) if row["action"] == "topic" and row["state"] == "done"]
    numbers = sorted({row["result"]["topic_id"] for row in posted if "topic_id" in row["result"]})
    return [f"{workspace.written.forum.url}/t/{number}" for number in numbers]


def export(
    *, person: str, file: Path | None, as_page: bool, language: str | None, now: datetime, config_file: Path
) -> None:
    """Write all that is held about a person, as JSON or as a page for them.

    Raises:
        ConfigError: we do not write that language.
        UsageError: nobody is called so; or a language is named, and no page is asked for.

    """
    if language is not None and not as_page:
        raise UsageError("--language belongs to --html.")
    with Workspace(config_file) as workspace:
        subject = _subject(workspace, person, now)
        held = held_of(workspace.store, workspace.forum_name, subject)
        if as_page:
            cohort = _cohort_of(workspace, held)
            zone = cohort.zone if cohort is not None else ZoneInfo("UTC")
            text = write_page(held, subject, language or (cohort.locale if cohort is not None else "en"), zone, now)
        else:
            told = {name: sorted(getattr(subject, name)) for name in subject.__slots__}
            data = {"forum": workspace.forum_name, "at": now.isoformat(), "known_as": told, "held": held}
            text = json.dumps(data, ensure_ascii=False, indent=2, default=str) + "\n"
    if file is None:
        click.echo(text, nl=False)
        return
    with writing("the export", file):
        write_private(file, text)
    click.echo(
        f"Wrote {counted(sum(map(len, held.values())), 'row')} to {file}. It is personal data: delete it after use."
    )


def _cohort_of(workspace: Workspace, held: Mapping[str, Sequence[Mapping[str, Any]]]) -> Cohort | None:
    """Return the latest cohort of lcm.yaml that what is held speaks of; None where it is none of them."""
    keys = {row.get("cohort") for rows in held.values() for row in rows}
    groups = {row.get("group_name") for rows in held.values() for row in rows}
    cohorts = [complete_cohort(one) for one in workspace.settings.cohorts]
    theirs = [one for one in cohorts if one.key in keys or one.group in groups]
    return max(theirs, key=lambda one: one.start, default=None)


def _subject(workspace: Workspace, person: str, now: datetime) -> Subject:
    """Return who is meant, by the roster and the store; a roster that cannot be read is said and does without."""
    roster: Roster | None = None
    if workspace.written.sources:
        try:
            roster = workspace.read_roster(now)
        except LcmError as error:
            click.echo(f"note: the roster could not be read, so only the store says who is meant: {error}", err=True)
    subject = identify(workspace.store, workspace.forum_name, person, roster, partial(_account_on_forum, workspace))
    if subject.is_empty:
        raise UsageError(
            f"neither the store, the roster nor the forum knows '{person}'.",
            do="Give a username, an e-mail address, or an external id or name as the roster has it.",
        )
    return subject


def _account_on_forum(workspace: Workspace, username: str) -> int | None:
    """Return the account that has a username on the forum; a forum that cannot be asked is said. Calls: 1."""
    try:
        named = workspace.connect(Priority.PERSON, read_only=True).user(username)
    except LcmError as error:
        click.echo(f"note: the forum could not be asked which account '{username}' is: {error}", err=True)
        return None
    return named.id if named is not None else None


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


def move(url: str, config_file: Path, *, as_json: bool) -> None:
    """Carry the store over to another database."""
    if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
        url = f"sqlite:///{config_file.resolve().parent / url.removeprefix('sqlite:///')}"
    with Workspace(config_file) as workspace:
        with workspace.store.begin() as session:
            forums = {workspace.forum_name, *known_forums(session)}
        moved = move_store(workspace.store, url, sorted(forums))
    if as_json:
        print_json({"rows": moved.rows, "total": moved.total})
        return
    filled = {name: count for name, count in moved.rows.items() if count}
    click.echo(f"Moved {counted(moved.total, 'row')}, and read each back the same: {_by_table(filled)}.")
    click.echo(
        "Now write the new address into lcm.yaml under store, and start lcm run again. The old store is as it was."
    )


# `lcm store downgrade`: the tables of an older version.


def downgrade(revision: str | None, config_file: Path, *, do_apply: bool, as_json: bool) -> None:
    """List the revisions of the tables, or bring the tables back to one."""
    from sync_worker.store import upgrade  # noqa: PLC0415  (the library for migrations is large)

    with Workspace(config_file) as workspace:
        if revision is None:
            _print_revisions(upgrade.revisions(), as_json=as_json)
            return
        with workspace.store.begin() as session:
            forums = {workspace.forum_name, *known_forums(session)}
        with nobody_at_work(workspace.store, sorted(forums)):
            losses = upgrade.downgrade(workspace.store.engine, revision, do_apply=do_apply)
    if as_json:
        print_json({"revision": revision, "applied": do_apply, "lost": [asdict(loss) for loss in losses]})
        return
    for loss in losses:
        click.echo(f"{'lost' if do_apply else 'to be lost'}: {loss}")
    if not losses:
        click.echo("Nothing that the store holds came with a later revision, so nothing of it is lost.")
    if do_apply:
        click.echo(
            f"The tables are those of {revision}. Start the older version now: this one brings them up to date again."
        )
    else:
        click.echo(
            f"Nothing was changed yet. Make a backup (docs/operations.md); then: lcm store downgrade {revision} --apply"
        )


def _print_revisions(found: Sequence[Revision], *, as_json: bool) -> None:
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        print_rows(("revision", "what came with it"), [(one.id, one.text) for one in found])
