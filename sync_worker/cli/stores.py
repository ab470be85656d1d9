"""`lcm forget`, `export`, `store`: what the store holds of a person, taking it out; moving the store, older tables."""

from __future__ import annotations

import json
import shlex
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.config.base import write_private, writing
from sync_worker.config.load import complete_cohort
from sync_worker.errors import LcmError, UsageError
from sync_worker.forum.patience import Priority
from sync_worker.report.about_person import write_page
from sync_worker.report.case_study import reports_of
from sync_worker.store.moving import known_forums, move_store, nobody_at_work
from sync_worker.wording import counted
from sync_worker.worker.personal_data import forget_person, held_of, identify, take_again

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sync_worker.model import Cohort, Roster
    from sync_worker.store.personal import Subject
    from sync_worker.store.upgrade import Revision


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
