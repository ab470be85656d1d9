"""`lcm drafts` and `desk`: what waits for an LCM; `roundup`, `stories`, `resources`: what would be written, and why."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import select

from sync_worker.activity.commitments import commitment_of, is_open, rows_of
from sync_worker.cli.options import refuse_pretended_time
from sync_worker.cli.run import desk_loop
from sync_worker.cli.workspace import Workspace, print_json, print_rows, reading_topics
from sync_worker.content.proposals import HEADING, SENTENCE
from sync_worker.content.roundup_items import address
from sync_worker.content.story import story_candidates, write_story
from sync_worker.desk.letters import cohorts_by_message
from sync_worker.desk.waiting import number_all, waiting
from sync_worker.errors import UsageError
from sync_worker.forum.patience import Priority
from sync_worker.model import DraftKind, Occurrence
from sync_worker.playbook.load import load_named, sound_playbooks
from sync_worker.playbook.schedule import occurrences
from sync_worker.plays import REGISTRY, PlayContext
from sync_worker.plays.frame import staff
from sync_worker.plays.story import LOOK_BACK_DAYS
from sync_worker.plays.survey import Options as SurveyOptions
from sync_worker.plays.survey import questions_of, results_of
from sync_worker.publish.entries import occurrence_key
from sync_worker.publish.last_look import ROUNDS, LastLook
from sync_worker.rosters.source_cohorts import known_cohorts
from sync_worker.store.database import scratch_copy
from sync_worker.store.ledger import DRAFT_STATES, decide_draft, text_digest
from sync_worker.store.ledger import drafts as stored_drafts
from sync_worker.store.tables import DraftRow, EvidenceRow, WaitingRow
from sync_worker.wording import counted, nearest
from sync_worker.worker.drafting import look_around, reader, refresh
from sync_worker.worker.history import LedgerHistory, posted_resources
from sync_worker.worker.proposing import Proposer, kept_proposals, last_asked
from sync_worker.worker.writing import write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.content.story import Story, StoryCandidate
    from sync_worker.forum import Forum
    from sync_worker.model import Cohort, Commitment
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Drafted
    from sync_worker.store.database import Store
    from sync_worker.worker.drafting import Surroundings


def list_drafts(cohort: str | None, state: str, config_file: Path, *, as_json: bool) -> None:
    """List drafts, oldest first; what waits gets the number by which it can be decided on, here and by message."""
    states = DRAFT_STATES if state == "all" else (state,)
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        if cohort is not None:
            workspace.cohort(cohort)
        rows = stored_drafts(session, workspace.forum_name, cohort, states)
        numbers = _numbers(session, rows)
    if as_json:
        print_json([{**_as_json(row), "number": numbers.get(row.key)} for row in rows])
    elif rows:
        print_rows(
            ("number", "draft", "state", "cohort", "to", "why"),
            [
                (
                    *(numbers.get(row.key, "-"), row.key, row.state, row.cohort),
                    *(", ".join(row.body["recipients"]) or "-", row.reason),
                )
                for row in rows
            ],
        )
    else:
        click.echo("No drafts wait." if state == "pending" else "No such drafts.")


def show(name: str, cohort: str | None, config_file: Path, *, as_json: bool) -> None:
    """Show a draft as it would be sent, and why it exists."""
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        if cohort is not None:
            workspace.cohort(cohort)
        (row,) = Chosen((name,), cohort, everything=False).find(session, workspace.forum_name)
        known = session.get(EvidenceRow, row.key)
    if as_json:
        print_json({**_as_json(row), "known": known.content if known is not None else None})
        return
    body = row.body
    click.echo(f"{body['kind']} for {row.cohort}, {row.state}, written {row.created_at:%Y-%m-%d %H:%M} UTC")
    if body["recipients"]:
        click.echo(f"To: {', '.join(body['recipients'])}")
    click.echo(f"Why: {row.reason}")
    if row.state == "withdrawn" and row.decision_reason:
        click.echo(f"Not sent: {row.decision_reason}")
    elif row.decided_by:
        click.echo(f"Decided by {row.decided_by}" + (f": {row.decision_reason}" if row.decision_reason else ""))
    if known is not None:
        _print_known(known)
    click.echo(f"\n{body['title'] or ''}\n\n{body['raw']}".rstrip())


def _print_known(known: EvidenceRow) -> None:
    """Print what was known when the text was written: what each rule found, and where its facts came from."""
    click.echo(f"Known when it was written ({known.at:%Y-%m-%d %H:%M} UTC):")
    for name, rule in known.content.get("rules", {}).items():
        click.echo(f"  {name}: {rule['said']}")
    for name, fact in known.content.get("facts", {}).items():
        click.echo(f"  fact {name}: {fact['value']} ({fact['source']}, {fact['at'][:10]})")


def _numbers(session: Session, rows: Sequence[DraftRow]) -> dict[str, int]:
    """Return the numbers of drafts that wait, by key; those that have none get one."""
    found: dict[str, int] = {}
    for forum, cohort in {(row.forum, row.cohort) for row in rows if row.state == "pending"}:
        number_all(session, forum, cohort, datetime.now(UTC))
        items = waiting(session, forum, cohort, datetime.now(UTC))
        found |= {item.row.subject: item.number for item in items if item.draft is not None}
    return found


def approve(names: tuple[str, ...], cohort: str | None, by: str, config_file: Path, *, everything: bool) -> None:
    """Approve drafts, all of them or none; the worker's next run sends them."""
    for key in _decide(config_file, Chosen(names, cohort, everything=everything), "approved", by, None):
        click.echo(f"{key}: approved. The next run sends it.")


def reject(
    names: tuple[str, ...], cohort: str | None, reason: str, by: str, config_file: Path, *, everything: bool
) -> None:
    """Reject drafts, all of them or none; they are never sent."""
    for key in _decide(config_file, Chosen(names, cohort, everything=everything), "rejected", by, reason):
        click.echo(f"{key}: rejected.")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which drafts are meant: by their keys, by the numbers of `lcm drafts list`, or all that wait."""

    names: tuple[str, ...]
    cohort: str | None
    everything: bool

    def find(self, session: Session, forum: str) -> list[DraftRow]:
        """Return them, each once.

        Raises:
            UsageError: nothing is named, or something that is no draft, or is one in several cohorts.

        """
        if bool(self.names) == self.everything:
            raise UsageError("say which drafts, or --all.", do="`lcm drafts list` shows their numbers.")
        if self.everything:
            return list(stored_drafts(session, forum, self.cohort))
        found = [
            self._numbered(session, forum, int(name)) if name.isdecimal() else _find(session, name)
            for name in self.names
        ]
        return list({row.key: row for row in found}.values())

    def _numbered(self, session: Session, forum: str, number: int) -> DraftRow:
        query = select(WaitingRow).where(
            WaitingRow.forum == forum, WaitingRow.number == number, WaitingRow.kind == "draft"
        )
        rows = [row for row in session.scalars(query) if self.cohort in (None, row.cohort)]
        found = [(row, draft) for row in rows if (draft := session.get(DraftRow, row.subject)) is not None]
        waits = [one for one in found if one[1].state == "pending"] or found
        if not waits:
            raise UsageError(f"no draft has the number {number}.", do="`lcm drafts list` shows those that wait.")
        if len(waits) > 1:
            cohorts = ", ".join(sorted(row.cohort for row, _ in waits))
            raise UsageError(f"several cohorts have a draft {number}: {cohorts}.", do="Add --cohort KEY.")
        row, draft = waits[0]
        if draft.state == "pending" and row.digest != text_digest(draft.body):
            do = "`lcm drafts list` shows its new number."
            raise UsageError(f"the text of draft {number} has changed since it got this number.", do=do)
        return draft


def _decide(config_file: Path, chosen: Chosen, state: str, by: str, reason: str | None) -> list[str]:
    """Enter a decision about all that was chosen, in one transaction; return the keys."""
    with Workspace(config_file) as workspace, workspace.store.begin() as session:
        if chosen.cohort is not None:
            workspace.cohort(chosen.cohort)
        rows = chosen.find(session, workspace.forum_name)
        for row in rows:
            if row.state != "pending":
                do = "Only pending drafts can be decided on."
                raise UsageError(f"draft '{row.key}' is {row.state} already.", do=do)
            decide_draft(row, state, by, datetime.now(UTC), reason)
        keys = [row.key for row in rows]
    if not keys:
        click.echo("No drafts wait.")
    return keys


def _find(session: Session, key: str) -> DraftRow:
    row = session.get(DraftRow, key)
    if row is None:
        raise UsageError(f"no draft is called '{key}'.", do="`lcm drafts list` shows those that wait.")
    return row


def _as_json(row: DraftRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "cohort": row.cohort,
        "state": row.state,
        "why": row.reason,
        "created_at": row.created_at.isoformat(),
        "decided_by": row.decided_by,
        "decision_reason": row.decision_reason,
        **{name: row.body[name] for name in ("kind", "title", "raw", "recipients", "playbook", "step", "slot")},
    }


# `lcm desk`: once what `lcm run` does for the desks all the time, for those who start the worker by a timer.


def desk(*, now: datetime, config_file: Path, as_json: bool) -> None:
    """Take in what LCMs and administrators decided on the forum, act on it, and bring the desks up to date."""
    with Workspace(config_file) as workspace:
        playbooks, problems = sound_playbooks(workspace.settings, REGISTRY)
        for problem in problems:
            click.echo(f"note: {problem}", err=True)
        forum = workspace.connect(Priority.PERSON)
        refuse_pretended_time(forum)
        settings = known_cohorts(workspace.written, workspace.store)
        if forum.plugin is None and not cohorts_by_message(settings, now, has_plugin=False):
            raise UsageError(
                "the forum has no discourse-lcm plugin of this contract, and no cohort is looked after by message.",
                where=forum.url,
                do="See `lcm check`, and `by_message` in docs/desk.md; drafts are decided on with `lcm drafts`.",
            )
        desk_loop(workspace, forum, playbooks).look(now)
        if as_json:
            print_json({"calls": forum.calls.total, "problems": [str(problem) for problem in problems]})
            return
        click.echo(f"Done, {counted(forum.calls.total, 'call')} to the forum.")


# `lcm roundup`, `stories`, `resources`, `commitments`, `survey`: what the worker sees in a cohort's posts, and why.


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
