"""`lcm history`, `status` and `report`: what the worker did, how each cohort and the syncs stand, what cohorts did."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from typing import TYPE_CHECKING, Any

import click

from sync_worker.activity.choices import take_in_choices, unread_in_words
from sync_worker.activity.collect import cohort_categories, collect
from sync_worker.activity.reader import ActivityReader
from sync_worker.cli.playbook_run import SETTLE, given_up_in_words
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.config.base import duration_in_words, writing
from sync_worker.config.load import complete_cohort
from sync_worker.config.options import hours_in_words
from sync_worker.desk.letters import hear
from sync_worker.errors import ConfigError, LcmError, PartialError, UsageError
from sync_worker.forum.patience import Priority
from sync_worker.membership.observing.observe import members_of
from sync_worker.playbook.load import find_playbooks, load_playbook, sound_playbooks
from sync_worker.plays import REGISTRY
from sync_worker.report import CohortReport, gather, write_report
from sync_worker.store.database import scratch_copy
from sync_worker.store.jobs import read_queue
from sync_worker.store.ledger import counts_by_state, drafts, given_up, recent
from sync_worker.store.pauses import held, read_clock, remembered
from sync_worker.wording import counted
from sync_worker.worker.blockers import known_open
from sync_worker.worker.history import calendar
from sync_worker.worker.in_force import in_force, not_followed
from sync_worker.worker.roster_sync import OUTCOMES, read_state, summary
from sync_worker.worker.start import DOUBT
from sync_worker.worker.surroundings import ROBOTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.config.options import SyncSettings
    from sync_worker.config.settings import CohortSettings
    from sync_worker.forum import Forum
    from sync_worker.forum.budget import Usage
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store
    from sync_worker.store.jobs import QueueState
    from sync_worker.store.tables import LedgerRow
    from sync_worker.worker.roster_sync import SyncState


def history(cohort: str | None, limit: int, config_file: Path, *, as_json: bool) -> None:
    """Show the ledger: what the worker posted on the forum, or was about to post (people: lcm status)."""
    with Workspace(config_file) as workspace:
        if cohort is not None:
            workspace.cohort(cohort)
        with workspace.store.begin() as session:
            rows = [_entry(row) for row in recent(session, workspace.forum_name, cohort, limit)]
            unsettled = [_given_up(row) for row in given_up(session, workspace.forum_name, cohort)]
    if as_json:
        print_json(rows)
    elif rows:
        headings = ("at", "cohort", "step", "action", "state", "topic", "title", "reason")
        print_rows(headings, [[row[heading] or "" for heading in headings] for row in rows])
    else:
        click.echo("Nothing was posted yet.")
    _fail_while_unsettled(unsettled)


def _given_up(row: LedgerRow) -> str:
    return f"{row.cohort} {row.step} ({row.action}): {row.reason}"


def _fail_while_unsettled(unsettled: list[str]) -> None:
    """End with exit code 4 while anything that was given up is not settled."""
    if unsettled:
        raise PartialError(given_up_in_words(unsettled), do=SETTLE)


def _entry(row: LedgerRow) -> dict[str, Any]:
    return {
        "at": row.updated_at.strftime("%Y-%m-%d %H:%M"),
        "key": row.key,
        "cohort": row.cohort,
        "playbook": row.playbook,
        "step": row.step,
        "slot": row.slot.isoformat(),
        "action": row.action,
        "state": row.state,
        "attempts": row.attempts,
        "topic": row.result.get("topic_id"),
        "title": row.payload.get("title"),
        "reason": row.reason,
    }


def status(now: datetime, config_file: Path, *, as_json: bool) -> None:
    """Show each cohort: its playbook, what was done, what waits, what comes next."""
    with Workspace(config_file) as workspace:
        forum = workspace.forum_name
        found, lines = find_playbooks(workspace.settings.playbooks), []
        _, problems = sound_playbooks(workspace.settings, REGISTRY)
        for declared in workspace.settings.cohorts:
            with workspace.store.begin() as session:
                own = workspace.settings.forum.api_username
                lines.append(_cohort_line(session, forum, declared, found, now, own))
        with workspace.store.begin() as session:
            notes = [note for note in (remembered(session, forum, DOUBT), held(session, forum)) if note] + problems
            notes += unread_in_words(session, forum, workspace.settings.forum.url)
            unsettled = [_given_up(row) for row in given_up(session, forum)]
        notes += not_followed(workspace.store, forum)
        queue = read_queue(workspace.store, forum)
        budget = workspace.budget(Priority.PERSON)
        calls = _calls(budget.usage()) if budget else None
        state = read_state(workspace.store, workspace.forum_name)
        people = people_json(state, workspace.written.sync, now)
    if as_json:
        cluster = asdict(queue) if queue is not None else None
        found_out = {"cohorts": lines, "calls": calls, "people": people, "cluster": cluster, "notes": notes}
        print_json({**found_out, "given_up": unsettled})
    else:
        if lines:
            shown = [{name: line[name] for name in line if name != "problem"} for line in lines]
            print_rows(list(shown[0]), [["-" if cell is None else cell for cell in line.values()] for line in shown])
        else:
            click.echo("lcm.yaml declares no cohort.")
        for line in people_lines(people):
            click.echo(line)
        click.echo(f"Calls: {_in_words(calls)}")
        if queue is not None:
            click.echo(f"Cluster: {_queue_in_words(queue)}")
        for note in [*notes, *(f"{line['cohort']}: {line['problem']}" for line in lines if line["problem"])]:
            click.echo(f"note: {note}")
    _fail_while_unsettled(unsettled)


def _cohort_line(  # noqa: PLR0917
    session: Session, forum: str, declared: CohortSettings, found: Mapping[str, Path], now: datetime, own: str
) -> dict[str, Any]:
    """Return how a cohort stands; what is wrong with its own plan is said in its own line."""
    counts = counts_by_state(session, forum, declared.key)
    coming, missed, problem, hindering = "-", 0, "", None
    try:
        if declared.playbook:
            if declared.playbook not in found:
                raise ConfigError(f"there is no playbook '{declared.playbook}'.", do="Run `lcm check`.")
            playbook = load_playbook(found[declared.playbook], REGISTRY)
            dates = calendar(session, forum, playbook, complete_cohort(declared), now)
            missed = sum(line.state in ("missed", "skipped") for line in dates)
            following = next((line for line in dates if line.state in ("due", "to come")), None)
            coming = f"{following.step} {following.when[:16].replace('T', ' ')}" if following else "-"
            hindering = known_open(session, forum, complete_cohort(declared), playbook, own, now)
            current = in_force(session, forum, declared.key, playbook.name)
            if current not in (None, playbook.name):
                problem = f"it follows '{current}' still: lcm playbook switch --cohort {declared.key}"
        cohort = complete_cohort(declared)
        problem = problem or read_clock(session, forum, cohort.key).in_words(cohort, now)
    except LcmError as error:
        problem = str(error)
    return {
        "cohort": declared.key,
        "playbook": declared.playbook or "-",
        "done": counts.get("done", 0),
        "intended": counts.get("intended", 0),
        "failed": counts.get("failed", 0),
        "missed": missed,
        "drafts": len(drafts(session, forum, declared.key)),
        "blockers": hindering,
        "next": coming,
        "problem": problem,
    }


def _queue_in_words(queue: QueueState) -> str:
    """Return how the queue stands that processes with `--cluster` share."""
    since = f", the oldest for {queue.oldest:.0f} s" if queue.waiting else ""
    processes = counted(queue.processes, "process", "processes")
    return f"{processes} on this store; jobs of this forum: {queue.running} running, {queue.waiting} waiting{since}."


def _calls(usage: Usage) -> dict[str, Any]:
    """Return what is used of the budget in the last minute, by whose work it was; times in seconds from now."""
    return {
        "limit": usage.limit,
        "used": {priority.name.lower(): number for priority, number in usage.used.items()},
        "waiting": {priority.name.lower(): number for priority, number in usage.waiting.items()},
        "paused": round(usage.paused, 1),
        "next_free": round(usage.next_free, 1),
    }


def _in_words(calls: dict[str, Any] | None) -> str:
    if calls is None:
        return "no limit."
    told = f"{sum(calls['used'].values())} of {calls['limit']} used in the last minute"
    if waiting := sum(calls["waiting"].values()):
        told += f", {waiting} waiting"
    if calls["paused"]:
        told += f", paused for {calls['paused']:.0f} s because the forum said so"
    return f"{told}."


# How the syncs of `lcm run` stand, for `lcm status`.


def people_json(state: SyncState, options: SyncSettings | None, now: datetime) -> dict[str, Any]:
    """Return how the syncs stand as plain data; `settings` is None where lcm.yaml has no `sync`."""
    settings = {
        "every": duration_in_words(options.every),
        "apply": options.apply,
        "between": hours_in_words(options.between) if options.between else None,
        "big_over": options.big_over,
        "timezone": options.timezone,
    } if options else None  # fmt: skip
    return {
        "settings": settings,
        "last": state.at.isoformat() if state.at else None,
        "outcome": state.outcome or None,
        "run": state.run or None,
        "counts": dict(state.counts),
        "calls": state.calls,
        "summary": summary(state) if state.at and not state.problem else None,
        "problem": state.problem or None,
        "since": state.since.isoformat() if state.since else None,
        "waits": list(state.waits),
        "next": state.next_at(options, now).astimezone(UTC).isoformat() if options else None,
    }


def people_lines(people: dict[str, Any]) -> Iterator[str]:
    """Yield the same in words; times in UTC."""
    options = people["settings"]
    if options is None:
        yield "People: `lcm run` does not sync them, because lcm.yaml has no `sync`."
        if people["last"] is None:
            return
    else:
        hours = f" between {options['between']} ({options['timezone']})" if options["between"] else ""
        if options["big_over"] is not None:
            hours = f", more than {options['big_over']:,} people at once only{hours}"
        planned = "" if options["apply"] else ", planned only"
        when = f"every {options['every']}{hours}{planned} while `lcm run` runs"
        yield f"People: synced {when}; next {_shown(people['next'])}."
    if people["last"]:
        what = people["summary"] or OUTCOMES[people["outcome"]]
        yield f"  last sync {_shown(people['last'])}: {what}"
    if people["problem"]:
        yield f"  waits for you since {_shown(people['since'])}: {people['problem']}"
    for line in people["waits"]:
        yield f"  waits for you: {line}"


def _shown(moment: str) -> str:
    return moment[:16].replace("T", " ")


# `lcm report`: what cohorts did, as HTML and CSV.


def report(*, cohort: str | None, everybody: bool, out: Path, now: datetime, config_file: Path, as_json: bool) -> None:
    """Write a report on COHORT, or on all of them, into a folder: an HTML page and CSV files each, and an index."""
    if (cohort is None) is not everybody:
        raise UsageError("say which cohort, or --all.", do="For example: lcm report --all --out report")
    with Workspace(config_file) as workspace:
        declared = workspace.settings.cohorts
        cohorts = [complete_cohort(each) for each in declared] if cohort is None else [workspace.cohort(cohort)]
        forum = workspace.connect(Priority.PERSON, read_only=True)
        with scratch_copy(workspace.store, forum.name) as copy:
            if forum.plugin is not None:
                take_in_choices(forum.plugin, copy, forum.name)
            hear(forum, copy, workspace.settings, now)
            reports = [_report(copy, forum, each, now) for each in cohorts]
        with writing("the report", out):
            index = write_report(reports, workspace.settings.forum.url, out, now)
    if as_json:
        print_json({"index": str(index), "cohorts": [each.cohort.key for each in reports]})
    else:
        click.echo(f"Written: {index}")


def _report(store: Store, forum: Forum, cohort: Cohort, now: datetime) -> CohortReport:
    """Return a cohort's report; what is read for it is kept in `store`, a copy."""
    categories = cohort_categories(forum, cohort, store.sessions)
    lcms = {member.id: member.username for member in members_of(forum, store.sessions, cohort, cohort.lcm_group)}
    own = {*lcms.values(), *ROBOTS, forum.username}
    members = members_of(forum, store.sessions, cohort, cohort.group)
    learners = [member for member in members if member.username not in own]
    collect(forum, store, categories.readable, now, lcms=lcms)
    with store.begin() as session:
        activity = ActivityReader(session, forum.name, categories.readable, categories.own)
        return gather(
            session, forum.name, cohort, activity, own=frozenset(own), now=now, learners=[one.id for one in learners]
        )
