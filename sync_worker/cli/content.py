"""`lcm roundup` and `lcm stories`: what the worker sees in a cohort's posts and would write, with its reasons."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from sync_worker.activity.reader import ActivityReader
from sync_worker.cli.workspace import Workspace, config_option, json_option, now_option, print_json
from sync_worker.content.roundup import address
from sync_worker.content.story import story_candidates, write_story
from sync_worker.content.templates import PlaybookTexts
from sync_worker.model import Occurrence
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY, PlayContext
from sync_worker.plays.frame import staff
from sync_worker.worker.drafting import look_around, refresh
from sync_worker.worker.history import LedgerHistory

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.forum import Forum
    from sync_worker.model import Cohort
    from sync_worker.playbook.load import Playbook
    from sync_worker.worker.drafting import Surroundings

SHIPPED = "first-steps"
STORY_LOOK_BACK = timedelta(days=42)
SHOWN_STORIES = 10


@click.command()
@click.argument("cohort", metavar="COHORT")
@now_option("Look at the days before then.")
@config_option
@json_option
def roundup(cohort: str, now: datetime, config_file: Path, *, as_json: bool) -> None:
    """Show the roundup that would be written now, and why each item is in it. Posts nothing."""
    with Workspace(config_file) as workspace:
        target, found = _cohort(workspace, cohort)
        forum = workspace.connect(read_only=True)
        around = look_around(forum, workspace.store, target)
        refresh(forum, workspace.store, target, around, [REGISTRY["roundup"]], now)
        with workspace.store.begin() as session:
            drafted = REGISTRY["roundup"].draft(_context(forum, session, target, found, around, now))
    if as_json:
        drafts = [{"title": one.title, "raw": one.raw, "posts": one.about_posts} for one in drafted.drafts]
        print_json({"cohort": target.key, "reason": drafted.reason, "drafts": drafts})
        return
    if not drafted.drafts:
        click.echo(f"No roundup: {drafted.reason}.")
    for draft in drafted.drafts:
        click.echo(f"{draft.title}\n\n{draft.raw}\nWhy: {drafted.reason}")


@click.command()
@click.argument("cohort", metavar="COHORT")
@now_option("Look at the weeks before then.")
@config_option
@json_option
def stories(cohort: str, now: datetime, config_file: Path, *, as_json: bool) -> None:
    """Show the posts that could be told as a story, best first, with why and what their authors answered."""
    with Workspace(config_file) as workspace:
        target, found = _cohort(workspace, cohort)
        forum = workspace.connect(read_only=True)
        around = look_around(forum, workspace.store, target)
        refresh(forum, workspace.store, target, around, [REGISTRY["story"]], now)
        with workspace.store.begin() as session:
            rows = _stories(_context(forum, session, target, found, around, now), target)
    if as_json:
        print_json(rows)
        return
    if not rows:
        click.echo(
            "No stories: no recent post tells both what was tried and what came of it, with an echo in the group."
        )
    for row in rows:
        click.echo(
            f"{row['title']}\n  {row['url']}\n  @{row['author']}: {row['reason']}\n  consent: {row['consent']}\n"
        )


def _cohort(workspace: Workspace, key: str) -> tuple[Cohort, Playbook]:
    cohort = workspace.cohort(key)
    return cohort, load_named(cohort.playbook or SHIPPED, workspace.settings.playbooks, REGISTRY)


def _context(  # noqa: PLR0917
    forum: Forum, session: Session, cohort: Cohort, playbook: Playbook, around: Surroundings, now: datetime
) -> PlayContext:
    """Return the context of a roundup that would be due now."""
    occurrence = Occurrence(cohort, playbook.name, "roundup", now)
    step = next((step.id for step in playbook.file.steps if step.play == "roundup"), None)
    return PlayContext(
        occurrence=replace(occurrence, step=step) if step else occurrence,
        options=playbook.options[step] if step else REGISTRY["roundup"].options(),
        now=now,
        texts=PlaybookTexts(playbook.folder, cohort.locale),
        activity=ActivityReader(session, forum.name, around.categories.readable, around.categories.own),
        history=LedgerHistory(session, forum.name, occurrence),
        forum_url=forum.url,
        rng=random.Random(cohort.key),  # noqa: S311  (not a secret)
        hosts=around.hosts,
        own_usernames=around.own_usernames,
    )


def _stories(context: PlayContext, cohort: Cohort) -> list[dict[str, Any]]:
    since, until = context.now - STORY_LOOK_BACK, context.now
    answers = {consent.post_id: consent.answer for consent in context.activity.consents(cohort.key)}
    hidden = staff(context)
    rows = []
    for candidate in story_candidates(context.activity.topics(since, until), since, until, hidden)[:SHOWN_STORIES]:
        topic, post = candidate.contribution.topic, candidate.contribution.post
        rows.append(
            {
                "title": write_story(candidate, cohort.locale, context.forum_url, hidden).headline,
                "author": post.username,
                "post": post.id,
                "url": address(context.forum_url, topic, post.number),
                "reason": candidate.reason,
                "consent": answers.get(post.id, "not asked"),
            }
        )
    return rows
