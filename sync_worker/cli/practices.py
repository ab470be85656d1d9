"""`lcm practices`: what is marked as practice, what stands in the library, what fits a cohort's week."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from sync_worker.activity.collect import cohort_categories
from sync_worker.activity.practices import ACTIVE, begin_anew, mark_seen, practices, unmark
from sync_worker.cli.workspace import Workspace, print_json, print_rows
from sync_worker.errors import UsageError
from sync_worker.forum.patience import Priority
from sync_worker.publish.citations import holds
from sync_worker.signals.subjects import NEAR
from sync_worker.store.forgotten import read_forgotten
from sync_worker.store.tables import LedgerRow, PracticeRow
from sync_worker.worker.library_offers import Offers, subject_in
from sync_worker.worker.library_posts import part_of, posts_of_finds

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumPost, ForumTopic
    from sync_worker.model import Cohort

POST = re.compile(r"(?:.*/t/(?:[^/\s]+/)?)?(?P<topic>\d{1,15})(?:/(?P<number>\d{1,9}))?(?:\?.*)?")
EVERY = (*ACTIVE, "offered", "declined", "out")
SHOWN = 60  # characters of a text in a table
SHORTEST = 20
NO_LIBRARY = "lcm.yaml names no library, so that a mark counts for roundups alone."


def list_practices(*, cohort: str | None, everything: bool, config_file: Path, as_json: bool) -> None:
    """Show the posts that LCMs marked, or are asked about, with how each stands."""
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        if cohort:
            workspace.cohort(cohort)
        url, name = workspace.settings.forum.url, workspace.settings.forum.name
        found = practices(session, name, EVERY if everything else (*ACTIVE, "offered"))
        posted = posts_of_finds(session, name)
        rows = [_row(session, row, posted, url) for row in found if cohort in (None, row.cohort)]
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("No post is marked as practice.")
    else:
        print_rows(
            ("cohort", "post", "author", "state", "subject", "words, or why not"),
            [
                (
                    *(row["cohort"], f"{row['topic_id']}/{row['number']}", row["username"]),
                    *(row["stands"], row["subject"][:SHOWN], (row["reason"] or row["words"])[:SHOWN]),
                )
                for row in rows
            ],
        )


def _row(session: Session, row: PracticeRow, posted: Mapping[str, LedgerRow], url: str) -> dict[str, Any]:
    main = session.get(PracticeRow, (row.forum, row.joined)) if row.joined is not None else row
    post = posted.get(part_of(main)) if main is not None else None
    asked = session.get(LedgerRow, row.asked_key) if row.asked_key else None
    talk = asked.result.get("topic_id") if asked is not None else None
    waits = row.state == "asking" and not row.answer
    return {
        "cohort": row.cohort,
        "post_id": row.post_id,
        "topic_id": row.topic_id,
        "number": row.number,
        "url": f"{url}/t/{row.topic_id}/{row.number}",
        "username": row.username,
        "day": row.day,
        "state": row.state,
        "stands": "waits for an LCM" if waits else f"asking: {row.answer}" if row.state == "asking" else row.state,
        "subject": row.subject,
        "joined": row.joined,
        "words": " ".join(row.words),
        "answer": row.answer,
        "answer_words": row.answer_words,
        "conversation": f"{url}/t/{talk}" if talk is not None else "",
        "library": f"{url}/p/{post.result['post_id']}" if post is not None else "",
        "reason": row.reason or row.answer_words,
    }


def mark(
    *, post: str, cohort: str | None, subject: str | None, words: str | None, now: datetime, config_file: Path
) -> None:
    """Mark a post as practice, perhaps with a subject, or with the author's words that are to be shown."""
    with Workspace(config_file) as workspace:
        forum = workspace.connect(Priority.PERSON, read_only=True)
        topic, found, whose = _place(workspace, forum, post, cohort)
        if words is not None and (len(words) < SHORTEST or not holds(words, found.cooked)):
            raise UsageError(
                "these words do not stand in the post.", do="Give whole sentences of its author, word for word."
            )
        with workspace.store.begin() as session:
            if read_forgotten(session, forum.name).has_account(found.user_id):
                raise UsageError("its author asked to be forgotten: nothing of them is kept.")
            is_new = mark_seen(session, forum.name, topic, found, whose, now)
            row = session.get_one(PracticeRow, (forum.name, found.id))
            if words is not None or subject is not None:
                if not is_new:
                    begin_anew(row, now)
                row.words = [" ".join(words.split())] if words is not None else []
                row.subject = " ".join(subject.split()) if subject is not None else ""
        library = workspace.settings.library
    done = "is marked as practice" if is_new else "was marked before"
    more = "It comes into the library at the next run of the worker." if library else NO_LIBRARY
    click.echo(f"{topic.id}/{found.number} ({topic.title}): {done}. {more}")


def take_mark(*, post: str, cohort: str | None, config_file: Path) -> None:
    """Take the mark away; the post goes out of the library at the next run."""
    with Workspace(config_file) as workspace:
        forum = workspace.connect(Priority.PERSON, read_only=True)
        topic, found, _ = _place(workspace, forum, post, cohort)
        with workspace.store.begin() as session:
            was_marked = unmark(session, forum.name, found.id)
    if not was_marked:
        raise UsageError(f"{topic.id}/{found.number} ({topic.title}) is not marked.")
    click.echo(f"{topic.id}/{found.number} ({topic.title}): is not marked any more.")


def fits(*, cohort: str, now: datetime, config_file: Path, as_json: bool) -> None:
    """Show which finds of other cohorts fit the topic on which a cohort works, the best first."""
    rows: list[dict[str, Any]] = []
    with Workspace(config_file) as workspace:
        _refuse_without_library(workspace)
        whose = workspace.cohort(cohort)
        forum = workspace.connect(Priority.PERSON, read_only=True)
        offers = Offers(forum, workspace.store, whose, now)
        with workspace.store.begin() as session:
            topic = offers.topic(session)
            found = offers.fits(session, topic) if topic is not None else []
            title = subject_in(topic) if topic is not None else ""
            rows = [
                {
                    "likeness": round(one.likeness, 2),
                    "fits": one.likeness >= NEAR,
                    "was_offered": one.was_offered,
                    "cohort": one.row.cohort,
                    "username": one.row.username,
                    "subject": one.row.subject,
                    "words": " ".join(one.row.words),
                    "url": one.address,
                }
                for one in found
            ]
    if as_json:
        print_json({"topic": title, "finds": rows})
    elif not rows:
        click.echo("The library has nothing of other cohorts yet." if title else "No topic was posted to it yet.")
    else:
        click.echo(f"For “{title}”:")
        print_rows(
            ("likeness", "fits", "offered", "cohort", "author", "subject", "address"),
            [
                (
                    *(f"{row['likeness']:.2f}", "yes" if row["fits"] else "no", "yes" if row["was_offered"] else ""),
                    *(row["cohort"], row["username"], row["subject"][:SHOWN], row["url"]),
                )
                for row in rows
            ],
        )


def _refuse_without_library(workspace: Workspace) -> None:
    if workspace.settings.library is None:
        raise UsageError(
            "there is no practice library.", where="lcm.yaml", do="Name its category there: `library: {category: ...}`."
        )


def _place(workspace: Workspace, forum: Forum, written: str, key: str | None) -> tuple[ForumTopic, ForumPost, Cohort]:
    """Return a post with its topic, and the cohort that can read it.

    Calls: 1 for the topic, and those of `cohort_categories` for each cohort up to its own.

    Raises:
        UsageError: there is no such post, or it is in no category of a cohort.

    """
    match = POST.fullmatch(written.strip())
    topic = forum.topic(int(match["topic"])) if match else None
    number = int(match["number"] or 1) if match else 1
    post = next((one for one in topic.posts if one.number == number), None) if topic is not None else None
    if topic is None or post is None:
        raise UsageError(
            f"the forum has no post '{written}'.", do="Give its address, or topic and number: 4711/3 is the third post."
        )
    keys = [key] if key else [one.key for one in workspace.settings.cohorts]
    for cohort in map(workspace.cohort, keys):
        if topic.category_id in cohort_categories(forum, cohort, workspace.store.sessions).readable:
            return topic, post, cohort
    where = f"cohort '{key}'" if key else "any cohort"
    raise UsageError(f"topic {topic.id} is in no category of {where}.", do="Only posts of a cohort are practices.")
