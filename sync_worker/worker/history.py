"""What a cohort already got, what the cohorts of its programme got, and what is still to come, line by line."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.activity.reader import as_seen
from sync_worker.content.decks import read_deck
from sync_worker.content.templates import PlaybookTexts
from sync_worker.errors import ConfigError
from sync_worker.model import behind_mark
from sync_worker.playbook.checks import decks_used, prompts_to_come
from sync_worker.plays import REGISTRY
from sync_worker.plays.context import PastDraft, SharedTopic
from sync_worker.plays.posting import LINKS_TO, RESOURCE, asked
from sync_worker.plays.relay import PROGRAMME
from sync_worker.publish.entries import day_of
from sync_worker.store.ledger import (
    DRAFT_STATES,
    WITHDRAWN,
    acted_on,
    draft_from_json,
    drafts,
    occurrences_over,
    published_rows,
)
from sync_worker.store.pauses import read_clock
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.due import plan, read_late

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.config.base import Strict
    from sync_worker.forum.client import Forum
    from sync_worker.forum.records import ForumTopic
    from sync_worker.model import ActionKind, Cohort, Occurrence, Topic
    from sync_worker.playbook.load import Playbook
    from sync_worker.plays import Play
    from sync_worker.publish.last_look import LastLook
    from sync_worker.store.database import Store
    from sync_worker.store.tables import DraftRow
    from sync_worker.worker.due import Planned


class LedgerHistory:
    """Reads the ledger and the drafts that wait, for the cohort of an occurrence, leaving the occurrence itself out.

    With `occurrence` None, for the cohort of that key, leaving nothing out.
    """

    def __init__(self, session: Session, forum: str, occurrence: Occurrence | None, cohort: str = "") -> None:
        self._session = session
        self._forum = forum
        self._occurrence = occurrence
        self._cohort = occurrence.cohort.key if occurrence else cohort

    def drafts(self) -> Sequence[PastDraft]:
        """Return every draft published, intended or waiting for an LCM, by slot, oldest first."""
        found: list[tuple[str, PastDraft]] = []
        for row in published_rows(self._session, self._forum, self._cohort):
            entered = _past(row.step, row.slot, row.key, row.payload)
            found.append((row.playbook, replace(entered, topic_id=row.result.get("topic_id"), sent_at=row.sent_at)))
        for waiting in drafts(self._session, self._forum, self._cohort, sorted(WAITING)):
            body, slot = waiting.body, datetime.fromisoformat(waiting.body["slot"])
            found.append((body["playbook"], _past(body["step"], slot, waiting.key, body)))
        past = [draft for playbook, draft in found if not self._is_itself(playbook, draft)]
        return sorted(past, key=lambda draft: (draft.slot, draft.step, draft.draft.part))

    def rejected(self) -> Sequence[PastDraft]:
        """Return every draft that an LCM rejected, by slot, oldest first."""
        rows = drafts(self._session, self._forum, self._cohort, ("rejected",))
        past = (_past(row.body["step"], datetime.fromisoformat(row.body["slot"]), row.key, row.body) for row in rows)
        return sorted(past, key=lambda one: (one.slot, one.step, one.draft.part))

    def left_out(self) -> Sequence[PastDraft]:
        """Return every draft that was entered and then left out, by slot, oldest first; the entry has the reason."""
        rows = published_rows(self._session, self._forum, self._cohort, ("skipped",))
        return [_past(row.step, row.slot, row.key, row.payload) for row in rows]

    def acted_on(self, kind: ActionKind) -> frozenset[int]:
        """Return the topics to which this was done before, or is about to be done, whatever people did since."""
        return frozenset(acted_on(self._session, self._forum, self._cohort, kind))

    def _is_itself(self, playbook: str, past: PastDraft) -> bool:
        if self._occurrence is None:
            return False
        one = self._occurrence
        itself = (one.playbook, one.step, one.slot, one.follow_up)
        return (playbook, past.step, past.slot, past.follow_up) == itself


def _past(step: str, slot: datetime, key: str, body: dict[str, Any]) -> PastDraft:
    follows = body.get("follows")
    followed = datetime.fromisoformat(follows) if follows else None
    follow_up = body.get("follow_up", "")
    return PastDraft(step, slot, draft_from_json(body), None, follow_up, followed, key, day_of(key))


# Which resources a cohort got, and how often each was opened, as far as the forum tells.


MOST = 60


@dataclass(frozen=True, slots=True)
class PostedResource:
    """A resource that a cohort got: when by its plan, where it links to, its topic, and how often it was opened.

    `opened` counts clicks of people, of each once within a day, without the topic's author; None where that is not
    known. `gone` says that the topic was deleted. Discourse does not tell who clicked.
    """

    slot: datetime
    title: str
    address: str
    topic_id: int
    opened: int | None
    gone: bool = False


def posted_resources(forum: Forum, store: Store, cohort: Cohort) -> list[PostedResource]:
    """Return a cohort's resources, newest first, at most `MOST`. Calls: those of `Forum.topic` for each of them."""
    with store.begin() as session:
        past = LedgerHistory(session, forum.name, None, cohort.key).drafts()
    found = [one for one in past if RESOURCE in one.draft.refs and one.topic_id is not None]
    return [_look(forum, one, one.topic_id or 0) for one in reversed(found[-MOST:])]


def _look(forum: Forum, past: PastDraft, topic_id: int) -> PostedResource:
    address = next(iter(behind_mark(past.draft.refs, LINKS_TO)), "")
    topic = forum.topic(topic_id)
    title = topic.title if topic is not None else past.draft.title or ""
    opened = None if topic is None else clicks_on(topic, address)
    return PostedResource(past.slot, title, address, topic_id, opened, gone=topic is None)


def clicks_on(topic: ForumTopic, address: str) -> int | None:
    """Return how often an address was opened from a topic's first post; None where the forum does not say."""
    opening = next((post for post in topic.posts if post.number == 1), None)
    return opening.clicks.get(address) if opening is not None else None


# What the cohorts of one programme got: from the ledger, with their topics as the forum shows them now.


MOST_TOPICS = 12  # of one prompt, or of one question to leavers: the latest


@dataclass(frozen=True, slots=True)
class LedgerProgramme:
    """Reads the ledger for all cohorts of a programme, those that are not in `lcm.yaml` any more among them.

    `seen` are topics as they were just read. Of one that is not among them, is gone, or is not in the category in which
    it was posted, the text is not known.
    """

    session: Session
    forum: str
    programme: str
    seen: Mapping[int, ForumTopic | None] = field(default_factory=dict)
    unnamed: frozenset[int] = frozenset()

    def shared(self, ref: str) -> Sequence[SharedTopic]:
        """Return the topics whose drafts have this reference, of all cohorts, by slot."""
        return [self._shared(row) for row in programme_rows(self.session, self.forum, self.programme, (ref,))]

    def _shared(self, row: LedgerRow) -> SharedTopic:
        number = row.result["topic_id"]
        return SharedTopic(
            row.cohort,
            row.payload.get("cohort_name", row.cohort),
            row.slot,
            draft_from_json(row.payload),
            number,
            self._topic(number, row.payload.get("category_id")),
        )

    def _topic(self, number: int, category: int | None) -> Topic | None:
        seen = self.seen.get(number)
        if seen is None or seen.category_id != category:
            return None
        return as_seen(self.session, self.forum, seen, self.unnamed)


def programme_rows(session: Session, forum: str, programme: str, refs: Iterable[str]) -> list[LedgerRow]:
    """Return the entries of topics that cohorts of a programme got and that have one of these references, by slot."""
    wanted, own = set(refs), f"{PROGRAMME}{programme}"
    rows = session.scalars(
        select(LedgerRow)
        .where(LedgerRow.forum == forum, LedgerRow.action == "topic", LedgerRow.state == "done")
        .order_by(LedgerRow.slot, LedgerRow.key)
    )
    found = [
        row
        for row in rows
        if own in row.payload.get("refs", ()) and wanted & set(row.payload["refs"]) and row.result.get("topic_id")
    ]
    return found[-MOST_TOPICS:]


def read_programme(
    forum: Forum, store: Store, cohort: Cohort, steps: Iterable[tuple[Play, Strict]]
) -> dict[int, ForumTopic | None]:
    """Read the topics of the programme's cohorts that these steps show. Calls: 1 each, 24 at most; often none."""
    if cohort.programme is None:
        return {}
    with store.begin() as session:
        past = LedgerHistory(session, forum.name, None, cohort.key).drafts()
        refs = {ref for play, options in steps if play.programme_refs for ref in play.programme_refs(options, past)}
        rows = programme_rows(session, forum.name, cohort.programme, refs) if refs else []
        numbers = sorted({int(row.result["topic_id"]) for row in rows})
    return {number: forum.topic(number) for number in numbers}


def programme_of(
    session: Session, forum: str, cohort: Cohort, elsewhere: Mapping[int, ForumTopic | None], look: LastLook | None
) -> LedgerProgramme | None:
    """Return what is known of a cohort's programme; what `look` has seen counts more than what was read before it."""
    if cohort.programme is None:
        return None
    seen = {**elsewhere, **(look.seen if look is not None else {})}
    return LedgerProgramme(session, forum, cohort.programme, seen, look.unnamed if look is not None else frozenset())


# What a playbook has done and will do for a cohort, line by line.


CAME_TO_NOTHING = frozenset({"nothing", "missed", "skipped", "not now"})
STILL_TO_COME = frozenset({"due", "to come"})
WAITING = frozenset({"pending", "approved"})
OfDate = tuple[str, date | None, str]


@dataclass(frozen=True, slots=True)
class CalendarLine:
    """An occurrence: when on the cohort's clock, which step and play, what became of it.

    `prompt` is the title of the prompt that will come, of a step that takes prompts from a deck; `follow_up` the name
    of the step's follow-up that it is, "" for the step itself. `day` is that of the step itself, by which the ledger
    knows it, also where it was moved or the cohort's clock was changed since.
    """

    when: str
    step: str
    play: str
    state: str
    reason: str = ""
    prompt: str = ""
    follow_up: str = ""
    day: date | None = None

    @property
    def label(self) -> str:
        """The step, and which follow-up of it."""
        return f"{self.step}/{self.follow_up}" if self.follow_up else self.step


def calendar(session: Session, forum: str, playbook: Playbook, cohort: Cohort, now: datetime) -> list[CalendarLine]:
    """Return every occurrence of a cohort's playbook in order, by the cohort's own clock where it was shifted.

    An occurrence whose drafts wait for an LCM is, once all are decided, what came of them.
    """
    cohort = read_clock(session, forum, cohort.key).shifted(cohort)
    over = occurrences_over(session, forum, cohort.key, playbook.name)
    decided: dict[OfDate, list[DraftRow]] = {}
    for row in drafts(session, forum, cohort.key, DRAFT_STATES):
        if row.body["playbook"] == playbook.name:
            of_date = (row.body["step"], day_of(row.key), row.body.get("follow_up", ""))
            decided.setdefault(of_date, []).append(row)
    dates = plan(forum, playbook.file, cohort, over, read_late(session, forum, cohort.key))
    titles = _prompts(session, forum, playbook, cohort, dates, now)
    lines = [
        replace(
            _line(planned, decided, now),
            prompt="" if planned.occurrence.follow_up else titles.get((planned.step.id, planned.occurrence.slot), ""),
            follow_up=planned.occurrence.follow_up,
            day=day_of(planned.over.key if planned.over is not None else planned.key),
        )
        for planned in dates
    ]
    return _worth_a_line(sorted(lines, key=lambda line: datetime.fromisoformat(line.when)))


def _worth_a_line(lines: Iterable[CalendarLine]) -> list[CalendarLine]:
    """Return the lines without those of a step that watches every day: what came to nothing, and all but the next."""
    kept: list[CalendarLine] = []
    coming: set[str] = set()
    for line in lines:
        if line.play in REGISTRY and REGISTRY[line.play].watches:
            if line.state in CAME_TO_NOTHING or (line.state in STILL_TO_COME and line.step in coming):
                continue
            coming |= {line.step} if line.state in STILL_TO_COME else set()
        kept.append(line)
    return kept


def _prompts(  # noqa: PLR0917
    session: Session, forum: str, playbook: Playbook, cohort: Cohort, dates: Sequence[Planned], now: datetime
) -> dict[tuple[str, datetime], str]:
    """Return the titles of the prompts to come, by step and slot."""
    if not decks_used(playbook):
        return {}
    past = LedgerHistory(session, forum, None, cohort.key).drafts()
    texts = PlaybookTexts(playbook.folder, cohort.locale)
    try:
        used = {name: asked(read_deck(texts.deck_path(name)), name, past) for name in decks_used(playbook)}
        over = {
            (one.step.id, one.occurrence.slot)
            for one in dates
            if (one.over is not None or one.is_missed(now)) and not one.occurrence.follow_up
        }
        return prompts_to_come(playbook, cohort, used, over)
    except ConfigError:  # `lcm playbook check` says what is wrong with a deck
        return {}


def next_moment(
    store: Store, forum: str, cohorts: Iterable[Cohort], playbooks: Mapping[str, Playbook], now: datetime
) -> datetime | None:
    """Return when the next occurrence of any cohort that is not paused will be due; None where nothing is to come."""
    moments: list[datetime] = []
    with store.begin() as session:
        for cohort in cohorts:
            playbook, clock = playbooks.get(cohort.playbook or ""), read_clock(session, forum, cohort.key)
            if playbook is None or clock.stands_still(now):
                continue
            over = occurrences_over(session, forum, cohort.key, playbook.name)
            moments += [
                max(planned.occurrence.at, now)
                for planned in plan(
                    forum, playbook.file, clock.shifted(cohort), over, read_late(session, forum, cohort.key)
                )
                if planned.over is None and not planned.is_missed(now)
            ]
    return min(moments, default=None)


def _line(planned: Planned, decided: Mapping[OfDate, Sequence[DraftRow]], now: datetime) -> CalendarLine:
    cohort, step = planned.occurrence.cohort, planned.step
    was_moved = planned.over is not None and planned.over.key != planned.key  # since it happened
    at = planned.over.slot if planned.over is not None and was_moved else planned.occurrence.at
    when = at.astimezone(cohort.zone).isoformat(timespec="minutes")
    if planned.over is not None:
        state, reason = planned.over.outcome, planned.over.reason
        rows = decided.get((step.id, day_of(planned.over.key), planned.occurrence.follow_up), ())
        if state == "waiting" or (state == "done" and any(row.state in WAITING for row in rows)):
            state, reason = _came_of(rows, reason)
        return CalendarLine(when, step.id, step.play, state, reason)
    reason = "too late to happen" if planned.is_missed(now) else ""
    return CalendarLine(when, step.id, step.play, state_of(planned, now), reason)


def state_of(planned: Planned, now: datetime) -> str:
    """Return what became of a date of a step by now, or what it waits for: missed, due, to come."""
    if planned.over is not None:
        return planned.over.outcome
    if planned.is_missed(now):
        return "missed"
    return "due" if planned.is_due(now) else "to come"


def _came_of(rows: Sequence[DraftRow], reason: str) -> tuple[str, str]:
    """Return state and reason of an occurrence by its drafts."""
    states = {row.state for row in rows}
    if not states or states & WAITING:
        return "waiting", reason
    if "sent" in states:
        return "done", reason
    last = rows[-1]
    if last.state == WITHDRAWN:
        return "skipped", last.decision_reason or reason
    return "skipped", f"rejected by {last.decided_by or 'an LCM'}: {last.decision_reason or 'no reason given'}"
