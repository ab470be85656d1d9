"""What the plugin's pages show: the desk, the box, a person's choices, the console. Only as the viewer may see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.lcm.cohorts import cohort_of_category
from sync_worker.practice_forum.lcm.decisions import blocker_json, draft_json, learner_json, story_json
from sync_worker.practice_forum.lcm.desk import items
from sync_worker.practice_forum.lcm.members import member_ids
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.server.options import parse_moment
from sync_worker.practice_forum.tables import LcmCohort, LcmDecision, LcmItem, LcmPreference, LcmReport, Post, Topic

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sync_worker.practice_forum.tables import Category, User

WEEK = timedelta(days=7)
SILENT_AFTER = timedelta(minutes=15)
RUNS_SHOWN = 50
IN_THE_BOX = {"prompt": False, "assignment": True, "commitment": False, "session": True}
"""The plays that a learner's box shows, and whether it shows what is due next, or else what was posted last."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a cohort's calendar, at its time on the cohort's clock."""

    at: datetime
    step: str
    play: str
    title: str
    state: str
    reason: str
    topic: Topic | None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """A cohort's desk; the rows of its sections are as the plugin's own pages get them."""

    cohort: LcmCohort
    week: Sequence[Entry]
    learners: Sequence[dict[str, Any]]
    drafts: Sequence[dict[str, Any]]
    blockers: Sequence[dict[str, Any]]
    stories: Sequence[dict[str, Any]]
    practices: Sequence[tuple[LcmItem, Post, Topic]]


@dataclass(frozen=True, slots=True)
class BoxItem:
    """Something that is on: which play it is, its topic, and whether the member who looks wrote there.

    `due` is until when an answer is wanted, or when a session begins, on the cohort's clock.
    """

    play: str
    topic: Topic
    answered: bool
    due: datetime | None


@dataclass(frozen=True, slots=True)
class Box:
    """What is on this week in a cohort, for the member who looks."""

    cohort: LcmCohort
    items: Sequence[BoxItem]
    partners: Sequence[User]


@dataclass(frozen=True, slots=True)
class Menu:
    """What a topic is to its cohort: whether it is a blocker, and the ids of posts that are practices and stories."""

    blocker: bool
    practices: frozenset[str]
    stories: frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """A post about which the author, who looks, was asked whether it may be shown; `answer` is asked, yes or no."""

    post: Post
    topic: Topic
    title: str
    answer: str


@dataclass(frozen=True, slots=True)
class Worker:
    """What a worker last said of itself, and when its next occurrence is due; `late` where that was too long ago."""

    name: str
    said: dict[str, Any]
    at: datetime
    next_at: datetime | None
    late: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class Console:
    """What administrators see: cohorts with their calendars, runs newest first, workers."""

    cohorts: Sequence[tuple[LcmCohort, Sequence[Entry]]]
    runs: Sequence[LcmReport]
    workers: Sequence[Worker]


def calendar(cohort: LcmCohort) -> list[Entry]:
    """Return the cohort's whole calendar in order."""
    session = context.session()
    zone = ZoneInfo(cohort.declaration.get("timezone", "UTC"))
    found = []
    for entry in cohort.calendar.get("entries", []):
        at = parse_moment(entry["at"])
        if at is None:
            continue
        topic = session.get(Topic, entry["topic_id"]) if entry.get("topic_id") else None
        if topic is not None and not context.guardian().can_see_topic(topic):
            topic = None
        due = parse_moment(entry.get("due") or "")
        found.append(
            Entry(
                at.astimezone(zone),
                entry["step"],
                entry["play"],
                entry["title"],
                entry["state"],
                entry.get("reason", ""),
                topic,
                due.astimezone(zone) if due is not None else None,
            )
        )
    return sorted(found, key=lambda entry: entry.at)


def desk(cohort: LcmCohort) -> Desk:
    """Return all that the desk of a cohort shows."""
    now = context.now()
    return Desk(
        cohort=cohort,
        week=[entry for entry in calendar(cohort) if abs(entry.at - now) <= WEEK],
        learners=sorted(map(learner_json, items(cohort, "learners")), key=lambda row: not row["needs_hand"]),
        drafts=sorted(map(draft_json, items(cohort, "drafts")), key=lambda row: row["state"] != "pending"),
        blockers=[blocker_json(item) for item in items(cohort, "blockers")],
        stories=[story_json(item) for item in items(cohort, "stories")],
        practices=list(_practices(cohort)),
    )


def cohort_of_group(group_id: int) -> LcmCohort | None:
    """Return the cohort whose group, or whose LCMs' group, this is."""
    either = (LcmCohort.group_id == group_id) | (LcmCohort.lcm_group_id == group_id)
    return context.session().scalar(select(LcmCohort).where(either).order_by(LcmCohort.key).limit(1))


def may_lead(cohort: LcmCohort) -> bool:
    """Whether the viewer is an LCM of the cohort, or of the forum's staff."""
    caller = context.user()
    return caller is not None and (caller.staff or cohort.lcm_group_id in context.guardian().group_ids)


def box(category: Category) -> Box | None:
    """Return what is on in the cohort whose category this is; None where it is none's, or for visitors.

    As in the plugin's own box: the last prompt that was posted, also if it was run ahead of its time, the assignment
    that is due next, the last topic that asks for plans, and the session that begins next.
    """
    cohort, viewer = cohort_of_category(category.id), context.user()
    if cohort is None or viewer is None:
        return None
    session = context.session()
    row = session.get(LcmItem, (cohort.key, "learners", str(viewer.id)))
    paired = set(row.body.get("partners", [])) if row else set()
    partners = people.by_ids(session, paired & member_ids(cohort))  # who left is nobody's partner any more
    return Box(cohort, list(_on_now(cohort, viewer)), list(partners.values()))


def _on_now(cohort: LcmCohort, viewer: User) -> Iterator[BoxItem]:
    posted = [entry for entry in calendar(cohort) if entry.state == "done" and entry.topic is not None]
    for play, comes in IN_THE_BOX.items():
        entries = [entry for entry in posted if entry.play == play]
        if comes:
            coming = [entry for entry in entries if entry.due is not None and entry.due > context.now()]
            entries = sorted(coming, key=lambda entry: entry.due or entry.at, reverse=True)
        for entry in entries[-1:]:
            topic = entry.topic
            assert topic is not None  # noqa: S101 - of what was posted
            mine = exists().where(
                Post.topic_id == topic.id, Post.user_id == viewer.id, Post.deleted_at.is_(None), Post.post_type == 1
            )
            yield BoxItem(play, topic, bool(context.session().scalar(select(mine))), entry.due)


def questions(topic: Topic | None = None) -> list[Question]:
    """Return the posts about which the viewer was asked; with a topic, only what that message asks."""
    session, viewer = context.session(), context.user()
    if viewer is None or (topic is not None and topic.archetype != "private_message"):
        return []
    found = []
    asked = select(LcmItem).where(LcmItem.section == "stories", LcmItem.consent != "not_asked")
    for item in session.scalars(asked.order_by(LcmItem.cohort, LcmItem.subject)):
        post = session.get(Post, int(item.subject))
        about = item.body.get("message_topic_id")
        if post is None or post.user_id != viewer.id or (topic is not None and about != topic.id):
            continue
        place = session.get_one(Topic, post.topic_id)
        found.append(Question(post, place, item.body.get("title", place.title), item.consent))
    return found


def menu(topic: Topic) -> Menu | None:
    """Return what an LCM who looks may do with a topic of a cohort's category; None for everybody else."""
    cohort = cohort_of_category(topic.category_id)
    if cohort is None or not may_lead(cohort):
        return None
    session = context.session()
    posts = {str(number) for number in session.scalars(select(Post.id).where(Post.topic_id == topic.id))}
    blocker = session.get(LcmItem, (cohort.key, "blockers", str(topic.id)))
    return Menu(
        blocker is not None and blocker.state == "open",
        frozenset(item.subject for item in items(cohort, "practices") if item.subject in posts),
        frozenset(item.subject for item in items(cohort, "stories") if item.subject in posts),
    )


def choices() -> LcmPreference:
    """Return what the viewer allows."""
    viewer = context.require_user()
    kept = context.session().get(LcmPreference, viewer.id)
    return kept or LcmPreference(user_id=viewer.id, nudges=True, quoting=True, pairing=True)


def console() -> Console:
    """Return what administrators see."""
    session = context.session()
    cohorts = session.scalars(select(LcmCohort).order_by(LcmCohort.key)).all()
    runs = select(LcmReport).where(LcmReport.kind == "run").order_by(LcmReport.at.desc(), LcmReport.name)
    return Console(
        cohorts=[(cohort, calendar(cohort)) for cohort in cohorts],
        runs=session.scalars(runs.limit(RUNS_SHOWN)).all(),
        workers=list(_workers()),
    )


def run(name: str) -> LcmReport | None:
    """Return what a run reported so far."""
    return context.session().get(LcmReport, ("run", name))


def _practices(cohort: LcmCohort) -> Iterator[tuple[LcmItem, Post, Topic]]:
    for item in items(cohort, "practices"):
        post = context.session().get(Post, int(item.subject))
        topic = context.session().get(Topic, post.topic_id) if post else None
        if post is not None and topic is not None and context.guardian().can_see_topic(topic):
            yield item, post, topic


def _workers() -> Iterator[Worker]:
    session = context.session()
    for row in session.scalars(select(LcmReport).where(LcmReport.kind == "worker").order_by(LcmReport.at.desc())):
        taken = int(row.body.get("work_taken") or 0)
        waiting = len(session.scalars(select(LcmDecision.id).where(LcmDecision.id > taken)).all())
        next_at = parse_moment(row.body.get("next_at") or "")
        yield Worker(row.name, row.body, row.at, next_at, context.now() - row.at > SILENT_AFTER, waiting)
