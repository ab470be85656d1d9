"""`lcm roundup`, `stories`, `resources`, `commitments`, `survey`: what the worker sees in a cohort's posts, and why."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import click

from sync_worker.activity.commitments import commitment_of, is_open, rows_of
from sync_worker.cli.workspace import Workspace, print_json, print_rows, reading_topics
from sync_worker.content.pointing import address
from sync_worker.content.proposals import HEADING, SENTENCE
from sync_worker.content.story import story_candidates, write_story
from sync_worker.errors import UsageError
from sync_worker.forum.patience import Priority
from sync_worker.model import DraftKind, Occurrence
from sync_worker.playbook.load import load_named
from sync_worker.playbook.schedule import occurrences
from sync_worker.plays import REGISTRY, PlayContext
from sync_worker.plays.frame import staff
from sync_worker.plays.story import LOOK_BACK_DAYS
from sync_worker.plays.survey import Options as SurveyOptions
from sync_worker.plays.survey import questions_of, results_of
from sync_worker.publish.entries import occurrence_key
from sync_worker.publish.last_check import ROUNDS
from sync_worker.publish.last_look import LastLook
from sync_worker.store.database import scratch_copy
from sync_worker.wording import nearest
from sync_worker.worker.drafting import reader
from sync_worker.worker.history import LedgerHistory, posted_resources
from sync_worker.worker.proposing import Proposer, kept_proposals, last_asked
from sync_worker.worker.surroundings import look_around, refresh
from sync_worker.worker.writing import write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.content.story import Story, StoryCandidate
    from sync_worker.forum import Forum
    from sync_worker.model import Cohort, Commitment
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Drafted
    from sync_worker.store.database import Store
    from sync_worker.worker.surroundings import Surroundings


SHIPPED = "first-steps"
STORY_LOOK_BACK = timedelta(days=LOOK_BACK_DAYS)
SHOWN_STORIES = 10
NO_REACTION = "nobody has reacted to it so far; what it says, how long it is and that it is new count"


def roundup(cohort: str, now: datetime, config_file: Path, *, as_json: bool, show_why: bool, ask_model: bool) -> None:
    """Show a cohort's roundup and why: today's where one is due today, else of the last days, today included.

    A language model is asked only if that is wanted; what it proposed before for this very roundup is shown anyhow.
    """
    with Workspace(config_file) as workspace, _preview(workspace, cohort, "roundup", now) as preview:
        drafted = preview.drafted()
        model = workspace.settings.language_model
        if ask_model and model is None:
            do = "docs/language-model.md says how to connect one."
            raise UsageError("lcm.yaml names no language model.", where="language_model", do=do)
        if ask_model and model is not None:
            proposer = Proposer(preview.forum, preview.store, workspace.store, model, now)
            if proposer.propose(preview.key, preview.cohort, drafted.material):
                drafted = preview.drafted()
        with workspace.store.begin() as session:
            before, texts = last_asked(session, workspace.forum_name, cohort)
    if as_json:
        drafts = [{"title": one.title, "raw": one.raw, "posts": one.about_posts} for one in drafted.drafts]
        wording = [one.as_json() for one in drafted.wording]
        print_json({"cohort": preview.cohort.key, "reason": drafted.reason, "drafts": drafts, "wording": wording})
        return
    if not drafted.drafts:
        click.echo(f"No roundup: {drafted.reason}.")
    for draft in drafted.drafts:
        click.echo(f"{draft.title}\n\n{draft.raw}\nWhy: {drafted.reason}")
    if show_why:
        _print_why(drafted, has_model=model is not None)
        if before is not None and before.key != preview.key:
            click.echo(f"\nThe language model was asked last at {before.at:%Y-%m-%d %H:%M} UTC, for {before.key}:")
            for one in texts:
                click.echo(f"  {_called(one.part)}: {one.problem or f'proposed: {one.text}'}")


def _print_why(drafted: Drafted, *, has_model: bool) -> None:
    """Print for each item why it is there, and whose words its heading and the sentence before its quote are."""
    if not has_model:
        click.echo("Words: all are ours; lcm.yaml names no language model.")
    for one in drafted.wording:
        if one.part.startswith(HEADING):
            click.echo(f"\n{one.text}\n  why: {one.reason or NO_REACTION}")
        if has_model:
            ours = f"{'none' if one.part.startswith(SENTENCE) else 'ours'}; {one.why}"
            click.echo(f"  {_called(one.part)}: {f'the model’s: {one.text}' if one.by_model else ours}")


def _called(part: str) -> str:
    """Return what a text is called: "heading of post 17"."""
    kind, _, post = part.partition(":")
    return f"{kind} of post {post}" if post else kind


def stories(cohort: str, now: datetime, config_file: Path, *, as_json: bool) -> None:
    """Show the posts that could be told as a story, best first, with why and what their authors answered."""
    with Workspace(config_file) as workspace, _preview(workspace, cohort, "story", now) as preview:
        rows = preview.stories()
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


def resources(cohort: str, config_file: Path, *, as_json: bool) -> None:
    """Show the resources that a cohort got, newest first, and how often each was opened."""
    with Workspace(config_file) as workspace:
        found = workspace.cohort(cohort)
        forum = workspace.connect(Priority.PERSON, read_only=True)
        rows = posted_resources(forum, workspace.store, found)
        url = forum.url
    if as_json:
        print_json([asdict(row) for row in rows])
        return
    if not rows:
        click.echo(f"Cohort '{found.key}' got no resources so far.")
        return
    table = [
        (
            row.slot.astimezone(found.zone).date(),
            "topic deleted" if row.gone else "unknown" if row.opened is None else row.opened,
            row.title,
            f"{url}/t/{row.topic_id}",
        )
        for row in rows
    ]
    print_rows(("day", "opened", "title", "topic"), table)
    click.echo("\nOpened: how many times; who opened it is unknown, because Discourse does not tell.")


def commitments(cohort: str, config_file: Path, *, as_json: bool) -> None:
    """Show what the people of a cohort planned, and what became of it, by what was read last."""
    with Workspace(config_file) as workspace:
        found = workspace.cohort(cohort)
        forum = workspace.forum_name
        with workspace.store.begin() as session:
            rows = [(commitment_of(row), is_open(row)) for row in rows_of(session, forum, found.key)]
    if as_json:
        print_json([{**asdict(one), "state": _state(one), "open": still} for one, still in rows])
        return
    if not rows:
        click.echo(f"Nobody in cohort '{found.key}' has written a plan so far.")
        return
    table = [
        (
            one.day,
            f"@{one.username}",
            _state(one),
            one.step,
            one.words[0] if len(one.words) == 1 else f"{one.words[0]} …",
        )
        for one, _ in rows
    ]
    print_rows(("day", "who", "state", "step", "plan"), table)
    counted = ", ".join(f"{number} {state}" for state, number in Counter(_state(one) for one, _ in rows).items())
    click.echo(f"\n{counted}.")


def _state(one: Commitment) -> str:
    if one.withdrawn_at is not None:
        return "withdrawn"
    answer = one.later_answer or one.answer
    return answer.value if answer is not None else "asked" if one.asked_at is not None else "open"


def survey(cohort: str, step: str, config_file: Path, *, as_json: bool) -> None:
    """Show the totals of the latest survey of a step."""
    with Workspace(config_file) as workspace:
        found = workspace.cohort(cohort)
        playbook = load_named(found.playbook or SHIPPED, workspace.settings.playbooks, REGISTRY)
        options = playbook.options.get(step)
        if not isinstance(options, SurveyOptions):
            asking = [one.id for one in playbook.file.steps if one.play == "survey"]
            raise UsageError(f"playbook '{playbook.name}' has no survey called '{step}'.{nearest(step, asking)}")
        forum = workspace.connect(Priority.PERSON, read_only=True)
        with workspace.store.begin() as session:
            past = LedgerHistory(session, forum.name, None, found.key).drafts()
        own = [one for one in past if one.step == step and one.draft.kind is DraftKind.TOPIC and one.topic_id]
        topic = forum.topic(own[-1].topic_id or 0) if own else None
        polls = [poll for post in topic.posts for poll in post.polls] if topic is not None else []
        texts = playbook.texts(found.locale)
        results = results_of(polls, questions_of(texts, options.questions_deck), texts.language)
    if as_json:
        print_json([asdict(one) for one in results])
        return
    if not results:
        click.echo(f"Step '{step}' has asked nothing in cohort '{found.key}' so far.")
    for one in results:
        click.echo(f"{one.title} ({one.people})")
        for line in one.options or ("fewer than five people answered: no numbers",):
            click.echo(f"  {line}")


@contextmanager
def _preview(workspace: Workspace, key: str, play: str, now: datetime) -> Iterator[_Preview]:
    """Give what a cohort's texts would be made of now; what is read for them is kept in a copy of the store alone."""
    cohort = workspace.cohort(key)
    playbook = load_named(cohort.playbook or SHIPPED, workspace.settings.playbooks, REGISTRY)
    forum = workspace.connect(Priority.PERSON, read_only=True)
    with scratch_copy(workspace.store, forum.name) as copy:
        around = look_around(forum, copy, cohort)
        with reading_topics() as progress:
            refresh(forum, copy, cohort, around, [REGISTRY[play]], now, progress=progress)
        yield _Preview(copy, forum, cohort, playbook, around, LastLook(forum, copy, now), now)


@dataclass(frozen=True, slots=True)
class _Preview:
    """What a cohort's texts would be made of now; `store` is a copy."""

    store: Store
    forum: Forum
    cohort: Cohort
    playbook: Playbook
    around: Surroundings
    look: LastLook
    now: datetime

    def drafted(self) -> Drafted:
        """Return the roundup, of which all that it shows holds on the forum."""

        def once() -> Drafted:
            with self.store.begin() as session:
                return REGISTRY["roundup"].draft(self._context(session))

        return write(once, self.look, self.around.categories.own, self.cohort.key)

    @property
    def key(self) -> str:
        """The key of the occurrence whose roundup is shown."""
        return occurrence_key(self.forum.name, self._occurrence(self._step))

    @property
    def _step(self) -> str | None:
        return next((step.id for step in self.playbook.file.steps if step.play == "roundup"), None)

    def stories(self) -> list[dict[str, Any]]:
        for _ in range(ROUNDS):
            with self.store.begin() as session:
                context = self._context(session)
                answers = {one.post_id: one.answer for one in context.activity.consents(self.cohort.key)}
                told = self._told(context)
            cited = [story.citation for _, story in told]
            if not self.look.stale(cited, self.around.categories.own, self.cohort.key):
                break
        return [self._row(candidate, story, answers) for candidate, story in told]

    def _told(self, context: PlayContext) -> list[tuple[StoryCandidate, Story]]:
        since, own = self.now - STORY_LOOK_BACK, staff(context)
        found = story_candidates(context.activity.topics(since, self.now), since, self.now, own)[:SHOWN_STORIES]
        return [(one, write_story(one, self.cohort.locale, self.forum.url)) for one in found]

    def _row(self, candidate: StoryCandidate, story: Story, answers: Mapping[int, str]) -> dict[str, Any]:
        topic, post = candidate.contribution.topic, candidate.contribution.post
        return {
            "title": story.headline,
            "author": post.username,
            "post": post.id,
            "url": address(self.forum.url, topic, post.number),
            "reason": candidate.reason(self.cohort.locale),
            "consent": answers.get(post.id, "not asked"),
        }

    def _context(self, session: Session) -> PlayContext:
        cohort, playbook = self.cohort, self.playbook
        step = self._step
        occurrence = self._occurrence(step)
        return PlayContext(
            occurrence=occurrence,
            options=playbook.options_of(step, cohort) if step else REGISTRY["roundup"].options(),
            now=self.now,
            texts=playbook.texts(cohort.locale),
            activity=reader(session, self.forum.name, self.around.categories, self.look),
            history=LedgerHistory(session, self.forum.name, occurrence),
            forum_url=self.forum.url,
            rng=random.Random(cohort.key),  # noqa: S311  (not a secret)
            hosts=self.around.hosts,
            own_usernames=self.around.own_usernames,
            proposals=kept_proposals(session, self.key),
        )

    def _occurrence(self, step: str | None) -> Occurrence:
        """Return today's roundup; where none is due today, one of midnight, so that today is among its days."""
        today = self.now.astimezone(self.cohort.zone).date()
        for found in occurrences(self.playbook.file, self.cohort):
            if found.step == step and found.local_at.date() == today:
                return found
        midnight = datetime.combine(today + timedelta(days=1), time(), self.cohort.zone)
        return Occurrence(self.cohort, self.playbook.name, step or "roundup", midnight)
