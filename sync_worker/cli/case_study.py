"""`lcm case-study`: who answered what and was chosen, the guide for a conversation, notes of it, and the report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from sync_worker.activity.case_replies import notes_in
from sync_worker.activity.cases import add_notes, cases_of, enter_by_lcm, rows_of, take_over
from sync_worker.activity.choices import take_in_choices
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.config.base import writing
from sync_worker.desk.letters import hear
from sync_worker.errors import UsageError
from sync_worker.forum.patience import Priority
from sync_worker.languages.parts import CASES
from sync_worker.model import Allowed, Case, CaseNote, NoteKind
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.plays.case_study import Options, answer_of
from sync_worker.report.case_study import case_report, note_report, write_case_report
from sync_worker.store.database import scratch_copy
from sync_worker.store.mails import corroborations
from sync_worker.wording import nearest
from sync_worker.worker.case_studies import guide_text, read_consents, read_people

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.model import Cohort
    from sync_worker.store.tables import CaseRow

WORDS_SHOWN = 60


def status(cohort: str, config_file: Path, *, as_json: bool) -> None:
    """Show who answered what, who was chosen, what they allow, and what managers answered."""
    with Workspace(config_file) as workspace:
        found = workspace.cohort(cohort)
        with workspace.store.begin() as session:
            take_over(session, workspace.forum_name, found.key)
            session.flush()
            cases = cases_of(session, workspace.forum_name, found.key)
            managers = corroborations(session, workspace.forum_name, found.key)
            session.rollback()
    rows = [_row(one, managers.get(one.key, ())) for one in cases]
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(f"Nobody in cohort '{found.key}' has been asked so far.")
        return
    headings = ("learner", "used", "chosen", "talk", "named", "manager asked", "manager", "notes", "what came of it")
    print_rows(headings, [_line(row) for row in rows])
    answered = sum(row["used"] is not None for row in rows)
    click.echo(f"\n{answered} of {len(rows)} answered how much they used it.")
    for row in rows:
        if row["unclear"]:
            click.echo(f"@{row['username']} answered the invitation with neither yes nor no: read it, and use `note`.")


def _row(one: Case, managers: Sequence[str]) -> dict[str, Any]:
    return {
        "username": one.username,
        "step": one.step,
        "asked": one.slot.isoformat(),
        "used": one.used,
        "answer": answer_of(one, "en") or None,
        "words": one.words,
        "chosen": one.kind.value if one.kind else None,
        "invited": one.invited,
        "allows": {what.value: one.allows.get(what) for what in Allowed},
        "unclear": one.unclear,
        "manager_answers": sorted(managers),
        "notes": [{"kind": note.kind.value, "factor": note.factor, "note": note.text} for note in one.notes],
    }


def _line(row: Mapping[str, Any]) -> tuple[object, ...]:
    allows = [{True: "yes", False: "no"}.get(row["allows"][what.value], "-") for what in Allowed]
    words = row["words"] if len(row["words"]) <= WORDS_SHOWN else f"{row['words'][:WORDS_SHOWN]}…"
    return (
        *(f"@{row['username']}", row["answer"] or "-", row["chosen"] or "-", *allows),
        *(", ".join(row["manager_answers"]) or "-", len(row["notes"]) or "-", words or "-"),
    )


def guide(cohort: str, person: str, config_file: Path) -> None:
    """Show the guide for the conversation with somebody who was chosen and has said yes."""
    with Workspace(config_file) as workspace:
        found = workspace.cohort(cohort)
        with workspace.store.begin() as session:
            row, case = _chosen(session, workspace.forum_name, found, person)
            conversation, playbook = row.invite_talk, row.playbook
        if not case.allows.get(Allowed.TALK):
            do = "Where they told you so, enter it: lcm case-study note COHORT USERNAME --talk."
            raise UsageError(f"@{case.username} has not said yes to a conversation so far.", do=do)
        used = load_named(playbook, workspace.settings.playbooks, REGISTRY)
        options = used.options_for(found).get(case.step)
        template = (options if isinstance(options, Options) else Options()).guide_template
        url = workspace.settings.forum.url
        text = guide_text(used.texts(found.locale), template, found, case, conversation, url)
    click.echo(f"{text.title}\n\n{text.body.strip()}")


def note(
    *,
    cohort: str,
    person: str,
    lines: Sequence[str],
    talk: bool | None,
    named: bool | None,
    manager: bool | None,
    by: str,
    config_file: Path,
) -> None:
    """Enter what a conversation brought, and what the person told an LCM that they allow."""
    now = datetime.now(UTC)
    said = {Allowed.TALK: talk, Allowed.NAMED: named, Allowed.MANAGER: manager}
    allowed = {what: yes for what, yes in said.items() if yes is not None}
    notes = _notes(lines)
    if not notes and not allowed:
        raise UsageError("there is nothing to enter.", do='For example: lcm case-study note COHORT ana "helped: time".')
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        found = workspace.cohort(cohort)
        row, case = _chosen(session, workspace.forum_name, found, person)
        refused = [what for what, yes in allowed.items() if yes and row.said.get(what.value) is False]
        if refused:
            what = CASES.of(found.locale).consents[refused[0].value][1]
            do = "They can change it there themselves."
            raise UsageError(f"@{case.username} wrote or tapped “{what}” on the forum, and that stands.", do=do)
        enter_by_lcm(row, allowed, by, now)
        add_notes(session, row, notes, by, now)
    if notes:
        click.echo(f"@{case.username}: {len(notes)} {'line' if len(notes) == 1 else 'lines'} entered.")
    for one, yes in allowed.items():
        click.echo(f"@{case.username}: {one.value} {'allowed' if yes else 'not allowed'}.")


def _notes(lines: Sequence[str]) -> list[CaseNote]:
    found: list[CaseNote] = []
    for line in lines:
        notes = notes_in(line)
        if not notes:
            kinds = ", ".join(kind.value for kind in NoteKind)
            raise UsageError(
                f"'{line}' does not say what it is about.", do=f"Begin it with one of: {kinds}; and a colon."
            )
        found += notes
    return found


def report(*, cohort: str, out: Path, now: datetime, config_file: Path, as_json: bool) -> None:
    """Write the report of the latest study of a cohort into a folder.

    Calls: those of `hear`, `read_consents` and `read_people`; with the plugin 1 more for what people chose lately.
    """
    with Workspace(config_file) as workspace:
        found = workspace.cohort(cohort)
        forum = workspace.connect(Priority.PERSON, read_only=True)
        plugin = forum.plugin
        if plugin is not None:
            take_in_choices(plugin, workspace.store, forum.name)
        with scratch_copy(workspace.store, forum.name) as copy:
            hear(forum, copy, workspace.settings, now)
            with copy.begin() as session:
                take_over(session, forum.name, found.key)
                session.flush()
                read_consents(forum, session, found.key)
                session.flush()
                silent = read_people(forum, session, found.key)
                cases = cases_of(session, forum.name, found.key)
                managers = corroborations(session, forum.name, found.key)
        made = case_report(found, cases, managers, silent)
        with writing("the report", out):
            page = write_case_report(made, out, now)
        with workspace.store.begin() as session:
            note_report(session, forum.name, found.key, page)
    if as_json:
        print_json({"page": str(page), "asked": made.asked, "answered": made.answered, "cases": len(made.cases)})
    else:
        click.echo(f"Written: {page}")


def _chosen(session: Session, forum: str, cohort: Cohort, person: str) -> tuple[CaseRow, Case]:
    """Return somebody who was chosen, in the latest study.

    Raises:
        UsageError: nobody who was asked has that username, or they were not chosen.

    """
    take_over(session, forum, cohort.key)
    session.flush()
    name = person.removeprefix("@").casefold()
    cases = [one for one in cases_of(session, forum, cohort.key) if one.username.casefold() == name]
    if not cases:
        known = [one.username for one in cases_of(session, forum, cohort.key)]
        raise UsageError(f"nobody who was asked in cohort '{cohort.key}' is called '{person}'.{nearest(person, known)}")
    case = cases[-1]
    if case.kind is None:
        do = "`lcm case-study status` shows who was chosen, and docs/case-study.md by which rule."
        raise UsageError(f"@{case.username} was not chosen for a conversation.", do=do)
    row = next(one for one in rows_of(session, forum, cohort.key) if one.asked_key == case.key)
    return row, case
