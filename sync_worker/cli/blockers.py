"""`lcm blockers`: what hinders people, who looks after it, and that it is solved."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from sync_worker.activity.blockers import said_of_blockers, say
from sync_worker.activity.collect import cohort_categories
from sync_worker.activity.reader import ActivityReader
from sync_worker.cli.participation import looking_at
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.errors import UsageError
from sync_worker.forum.patience import Priority
from sync_worker.membership.observing.observe import members_of
from sync_worker.model import BlockerWord
from sync_worker.plays.blockers import Options
from sync_worker.signals.blockers import Said
from sync_worker.wording import nearest
from sync_worker.worker.blockers import options_in, standing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort
    from sync_worker.signals.blockers import Blocker

TOPIC = re.compile(r"(?:.*/t/(?:[^/\s]+/)?)?(?P<number>\d{1,15})(?:/\d*)?(?:\?.*)?")
TITLE_SHOWN = 50
LCMS = "LCMs"


def list_blockers(*, cohort: str | None, everything: bool, now: datetime, config_file: Path, as_json: bool) -> None:
    """Show the open blockers of a cohort, or of all, the oldest first; also those that are solved."""
    rows: list[dict[str, Any]] = []
    with Workspace(config_file) as workspace:
        keys = [cohort] if cohort else [one.key for one in workspace.settings.cohorts]
        for key in keys:
            rows += [row for row in _rows(workspace, key, now) if everything or row["state"] != "solved"]
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("Nothing is in the way, as far as the forum tells.")
    else:
        print_rows(
            ("cohort", "topic", "title", "opened by", "days", "why", "owner", "state", "note"),
            [
                (
                    *(row["cohort"], row["topic_id"], row["title"][:TITLE_SHOWN], row["opened_by"], row["days"]),
                    *(row["tag"] or row["found"], row["owner"] or LCMS, row["ended"] or row["state"], row["note"]),
                )
                for row in rows
            ],
        )


def _rows(workspace: Workspace, key: str, now: datetime) -> list[dict[str, Any]]:
    with looking_at(workspace, key, now) as seen, seen.store.begin() as session:
        reader = ActivityReader(session, seen.forum_name, seen.categories, seen.categories[0])
        found = standing(
            session,
            seen.forum_name,
            seen.cohort,
            options_in(seen.playbook, seen.cohort) or Options(),
            reader.topics(until=now),
            seen.categories[0],
            seen.people.keys(),
            workspace.settings.forum.api_username,
            now,
        )
        return [_row(one, seen.cohort, seen.forum_url, now) for one in found]


def _row(one: Blocker, cohort: Cohort, url: str, now: datetime) -> dict[str, Any]:
    return {
        "cohort": cohort.key,
        "topic_id": one.topic.id,
        "title": one.topic.title,
        "url": f"{url}/t/{one.topic.id}",
        "opened_by": one.post.username,
        "since": one.since,
        "days": one.days(now),
        "found": one.found.value,
        "tag": one.tag,
        "owner": one.owner,
        "state": one.state.value,
        "ended": one.end.value if one.end is not None else "",
        "escalations": one.escalations,
        "note": one.note,
        "said": [
            {"word": said.word.value, "by": said.by, "at": said.at, "owner": said.owner, "note": said.note}
            for said in one.said
        ],
    }


def mark(
    said: BlockerWord, *, topic: str, cohort: str | None, note: str, by: str, now: datetime, config_file: Path
) -> None:
    """Say that a topic is a blocker, is solved, or is open again."""
    with Workspace(config_file) as workspace:
        forum = workspace.connect(Priority.PERSON, read_only=True)
        number, title, found = _place(workspace, forum, topic, cohort)
        with workspace.store.begin() as session:
            before = said_of_blockers(session, forum.name, found.key).get(number, ())
            if said is BlockerWord.REOPEN and all(one.word is not BlockerWord.SOLVE for one in before):
                raise UsageError(
                    f"nobody said that topic {number} is solved.",
                    do=f"`lcm blockers open {number}` calls it a blocker.",
                )
            new = say(session, forum.name, found.key, number, Said(said, by, now, note=note.strip()))
    done = {BlockerWord.OPEN: "is a blocker", BlockerWord.SOLVE: "is solved", BlockerWord.REOPEN: "is open again"}
    click.echo(f"{number} ({title}): {done[said]}{'' if new else ', as it was'}.")


open_blocker = partial(mark, BlockerWord.OPEN)
solve = partial(mark, BlockerWord.SOLVE)
reopen = partial(mark, BlockerWord.REOPEN)


def assign(
    *, topic: str, to: str | None, nobody: bool, cohort: str | None, by: str, now: datetime, config_file: Path
) -> None:
    """Say who looks after a blocker: a member of the cohort, or (with --nobody) its LCMs again."""
    if (to is None) == (not nobody):
        raise UsageError("say who looks after it with --to, or --nobody for the LCMs.")
    with Workspace(config_file) as workspace:
        forum = workspace.connect(Priority.PERSON, read_only=True)
        number, title, found = _place(workspace, forum, topic, cohort)
        owner = _member(workspace, forum, found, to) if to is not None else ""
        with workspace.store.begin() as session:
            new = say(session, forum.name, found.key, number, Said(BlockerWord.ASSIGN, by, now, owner))
    who = f"@{owner} looks" if owner else "the LCMs look"
    click.echo(f"{number} ({title}): {who} after it{'' if new else ', as before'}.")


def _place(workspace: Workspace, forum: Forum, topic: str, key: str | None) -> tuple[int, str, Cohort]:
    """Return a topic's number and title, and the cohort in whose category it is.

    Calls: 1 for the topic, and those of `cohort_categories` for each cohort up to its own.

    Raises:
        UsageError: there is no such topic, or it is in no cohort's own category.

    """
    written = TOPIC.fullmatch(topic.strip())
    number = int(written["number"]) if written else 0
    seen = forum.topic(number) if number else None
    if seen is None:
        raise UsageError(f"the forum has no topic '{topic}'.", do="Give its number or its address.")
    for cohort in _cohorts(workspace, key):
        if cohort_categories(forum, cohort, workspace.store.sessions).own == seen.category_id:
            return number, seen.title, cohort
    where = f"cohort '{key}'" if key else "any cohort"
    raise UsageError(f"topic {number} is not in the category of {where}.", do="Only topics of a cohort are blockers.")


def _cohorts(workspace: Workspace, key: str | None) -> Sequence[Cohort]:
    return [workspace.cohort(one) for one in ([key] if key else [one.key for one in workspace.settings.cohorts])]


def _member(workspace: Workspace, forum: Forum, cohort: Cohort, username: str) -> str:
    """Return the username of a member, LCMs included, as the forum writes it.

    Raises:
        UsageError: nobody in the cohort has it.

    """
    sessions = workspace.store.sessions
    members = [
        *members_of(forum, sessions, cohort, cohort.group),
        *members_of(forum, sessions, cohort, cohort.lcm_group),
    ]
    known = {one.username.casefold(): one.username for one in members}
    wanted = username.removeprefix("@").casefold()
    if wanted not in known:
        raise UsageError(
            f"nobody in cohort '{cohort.key}' has the username '{username}'.{nearest(wanted, sorted(known))}"
        )
    return known[wanted]
