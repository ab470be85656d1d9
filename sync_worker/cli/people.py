"""`lcm people settle`: whose an account is, where only a person can say so; `session`: who was at a session."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from sync_worker import membership
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.errors import RefusedError, UsageError
from sync_worker.forum.patience import Priority
from sync_worker.membership.facts import account_index
from sync_worker.membership.matching.confirming import Settlement, SettlementStore, account_of, find_person, unsettled
from sync_worker.membership.observing.observe import members_of
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.plays.session import SESSION
from sync_worker.rosters.tabular.people_files import read_attendance
from sync_worker.store.ledger import occurrences_over
from sync_worker.store.pauses import read_clock
from sync_worker.wording import counted, nearest
from sync_worker.worker.due import plan
from sync_worker.worker.sessions import Attendance, Member, Place, keep_attendance, write_after_all
from sync_worker.worker.sessions import attendance as judge

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from pathlib import Path

    from sync_worker.membership.state import Account
    from sync_worker.model import Cohort, Roster
    from sync_worker.playbook.load import Playbook
    from sync_worker.worker.due import Planned


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


# `lcm session`: who was at a live session, read from a list.


SHOWN = 20


def attendance(
    *,
    key: str,
    step: str,
    file: Path,
    by: str,
    day: date | None,
    at_least: int,
    dry_run: bool,
    now: datetime,
    config_file: Path,
    as_json: bool,
) -> None:
    """Keep as facts who was at a step's session. Calls: those of `members_of` for the cohort's two groups.

    Raises:
        UsageError: there is no such cohort or session, it is still to come, or it has several dates and none is named.
        RosterError: the list cannot be read.

    """
    with Workspace(config_file) as workspace:
        target = workspace.cohort(key)
        if not target.playbook:
            raise UsageError(f"cohort '{key}' follows no playbook.", do="Name one in lcm.yaml.")
        playbook = load_named(target.playbook, workspace.settings.playbooks, REGISTRY)
        once = _is_once(playbook, step)
        rows = read_attendance(file, by)
        dates = _dates(workspace, target, playbook, step)
        held = _chosen(dates, step, day, now)
        people = workspace.roster_people(now) if by != "username" else []
        members = _learners(workspace, target)
        with workspace.store.begin() as session:
            index = account_index(session, workspace.forum_name, people)
            known = {text: user for (kind, text), user in index.items() if kind == by}
            if by == "username":
                known |= {one.username.casefold(): one.user_id for one in members}
            moment = held.occurrence.at
            found = judge(rows, known, members, moment, at_least)
            written = False
            if not dry_run:
                place = Place(workspace.forum_name, target.key, step, held.occurrence.own_day, once)
                keep_attendance(session, place, found, moment, file.name)
                written = write_after_all(session, workspace.forum_name, dates, held.occurrence, now)
    summary = _summary(found, held, kept=not dry_run, follows=written)
    if as_json:
        print_json(summary)
    else:
        _show(summary)


def _is_once(playbook: Playbook, step: str) -> bool:
    sessions = [one.id for one in playbook.file.steps if one.play == SESSION]
    found = playbook.file.step(step)
    if found is None or step not in sessions:
        raise UsageError(f"playbook '{playbook.name}' has no session in a step '{step}'.{nearest(step, sessions)}")
    return found.every is None


def _dates(workspace: Workspace, target: Cohort, playbook: Playbook, step: str) -> list[Planned]:
    with workspace.store.begin() as session:
        over = occurrences_over(session, workspace.forum_name, target.key, playbook.name)
        cohort = read_clock(session, workspace.forum_name, target.key).shifted(target)
    return [one for one in plan(workspace.forum_name, playbook.file, cohort, over) if one.step.id == step]


def _chosen(dates: Sequence[Planned], step: str, day: date | None, now: datetime) -> Planned:
    """Return the session that is meant: the one of a day, or the latest that has begun."""
    sessions = [one for one in dates if not one.occurrence.follow_up]
    wanted = [one for one in sessions if day in (None, one.occurrence.local_at.date())]
    begun = [one for one in wanted if one.occurrence.at <= now]
    if begun:
        return begun[-1]
    days = ", ".join(one.occurrence.local_at.date().isoformat() for one in sessions)
    what = f"the session of step '{step}' has not taken place{f' on {day}' if day else ''}."
    raise UsageError(what, do=f"Its dates: {days}." if days else "`lcm playbook show` has the dates of the cohort.")


def _learners(workspace: Workspace, target: Cohort) -> list[Member]:
    forum = workspace.connect(Priority.PERSON, read_only=True)
    lcms = {one.id for one in members_of(forum, workspace.store.sessions, target, target.lcm_group)}
    members = members_of(forum, workspace.store.sessions, target, target.group)
    return [
        Member(one.id, one.username, one.name, one.added_at)
        for one in members
        if one.id not in lcms and one.username != forum.username
    ]


def _summary(found: Attendance, held: Planned, *, kept: bool, follows: bool) -> dict[str, Any]:
    return {
        "step": held.step.id,
        "session": held.occurrence.local_at.isoformat(timespec="minutes"),
        "there": sum(found.there.values()),
        "missed": sum(not one for one in found.there.values()),
        "unknown": list(found.doubtful),
        "unmatched": list(found.unmatched),
        "without_duration": list(found.unread),
        "kept": kept,
        "follow_up_due": follows,
    }


def _show(summary: dict[str, Any]) -> None:
    for where in summary["unmatched"][:SHOWN]:
        click.echo(f"note: {where}: nobody in the cohort.", err=True)
    if len(summary["unmatched"]) > SHOWN:
        click.echo(f"note: and {len(summary['unmatched']) - SHOWN:,} more.", err=True)
    for name in summary["unknown"]:
        click.echo(f"note: @{name} is on the list by name only; not known whether it is this person.", err=True)
    for where in summary["without_duration"]:
        click.echo(f"note: {where}: no duration that can be read; not known whether it was long enough.", err=True)
    verb = "Kept" if summary["kept"] else "Would keep"
    there = counted(summary["there"], "person was there", "people were there")
    click.echo(f"{verb} for {summary['step']} of {summary['session']}: {there}, {summary['missed']} missed it.")
    if summary["follow_up_due"]:
        click.echo("Those who missed it get the step's message with the next run.")
