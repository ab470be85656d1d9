"""A learner's topic that nobody has answered: the LCMs hear once, later once more and louder, and then never again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Self, cast
from urllib.parse import quote

from pydantic import Field, model_validator

from sync_worker.config.base import Strict
from sync_worker.content.markdown import Markdown, link, plain_name
from sync_worker.content.reasons import reasons_for
from sync_worker.model import UNTIL_REPLIED, Citation, Role, Use
from sync_worker.plays.context import Days, Drafted, Name
from sync_worker.plays.frame import cohort_words, days_in_words, note_to_lcms, staff
from sync_worker.plays.topics_told import UNANSWERED, UNANSWERED_STILL, told_of
from sync_worker.signals.contributions import Experts
from sync_worker.signals.needs_hand import leave_of
from sync_worker.signals.waiting import Waiting, WorkingTime, waiting_topics

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sync_worker.model import Post, Topic
    from sync_worker.plays.context import PlayContext
    from sync_worker.signals.contributions import Expert

FIRST_REPLY = "first-reply"
MOST = 10  # topics in one message


class Options(Strict):
    """`with:` of a `first_reply` step: after how many working days the LCMs hear, and hear loudly, and its text."""

    template: Name = "first-reply"
    after: Days = 1
    loud_after: Days = 3
    suggest: Annotated[int, Field(ge=0, le=3)] = 2

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.loud_after <= self.after:
            raise ValueError(f"loud_after must be more than after, which is {self.after}d")
        return self


@dataclass(frozen=True, slots=True)
class WhoCouldAnswer:
    """Somebody who could answer: their name and the topic that they wrote in, as links, and on which day.

    `outside` says that they are not in this cohort, so that they may not see its topics.
    """

    who: Markdown
    wrote_in: Markdown
    day: str
    outside: bool = False


@dataclass(frozen=True, slots=True)
class WaitingTopic:
    """A topic without a reply, as the LCMs read of it; `told` is the day on which they heard of it before, or ""."""

    topic: Markdown
    who: Markdown
    day: str
    is_first: bool = False
    people: tuple[WhoCouldAnswer, ...] = ()
    told: str = ""


def draft(context: PlayContext) -> Drafted:
    """Return one message to the LCMs with what waits for a first reply, each topic twice at most, the loud ones first.

    Nothing is said twice of a topic, whatever became of the message: the refs of all drafts tell. A topic of which the
    LCMs were told as of a blocker is not told as a new one, nor loudly where that came later than the first message.
    """
    options, reasons = cast("Options", context.options), reasons_for(context.texts.locale)
    told, again = told_of(context.history.drafts())
    clock = WorkingTime(context.occurrence.cohort.zone, context.is_working_day)
    topics = context.activity.topics(until=context.now)
    waiting = _waiting(context, topics, clock)
    loud = [one for one in waiting if _is_loud(one, told.get(one.topic.id), context, clock)]
    loud = [one for one in loud if one.topic.id not in again][:MOST]
    fresh = [one for one in waiting if one.topic.id not in told and one.waited >= timedelta(days=options.after)]
    fresh = fresh[: MOST - len(loud)]
    if not loud and not fresh:
        return Drafted((), reasons.nobody_waits())
    suggestions = _suggestions(context, topics, (*loud, *fresh), options.suggest)
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        loud=[_line(context, one, suggestions[one.topic.id], told[one.topic.id]) for one in loud],
        unanswered=[_line(context, one, suggestions[one.topic.id]) for one in fresh],
    )
    note = note_to_lcms(
        context,
        text,
        reasons.waits_for_reply(len(loud) + len(fresh)),
        about_posts=tuple(one.post.id for one in (*loud, *fresh)),
        refs=_refs(loud, fresh),
        citations=_citations((*loud, *fresh), suggestions),
    )
    return Drafted((note,), note.reason)


def _waiting(context: PlayContext, topics: Sequence[Topic], clock: WorkingTime) -> list[Waiting]:
    learners = {one.user_id for one in context.people if one.username not in staff(context)}
    own = context.activity.own_category_id
    return waiting_topics(topics, own, learners, context.own_usernames, context.now, clock)


def _is_loud(one: Waiting, told: datetime | None, context: PlayContext, clock: WorkingTime) -> bool:
    """Whether a topic of which the LCMs heard waits for too long; they have some days to do something first."""
    if told is None:
        return False
    options = cast("Options", context.options)
    between = timedelta(days=options.loud_after - options.after)
    return one.waited >= timedelta(days=options.loud_after) and clock.between(told, context.now) >= between


def _suggestions(
    context: PlayContext, topics: Sequence[Topic], waiting: Sequence[Waiting], most: int
) -> dict[int, tuple[Expert, ...]]:
    """Return who could answer each topic: people of the cohort first, each for one topic only.

    Left out are LCMs, our own accounts, who is not to be quoted or asked for anything, and who is on leave. Of people
    who are not in the cohort only what they wrote where all its readers see it counts.
    """
    members = {one.user_id for one in context.members if one.role is Role.LEARNER}
    barred = context.activity.left_in_peace(context.occurrence.cohort.key) | _on_leave(context)
    elsewhere = {
        post.user_id
        for topic in topics
        if topic.category_id != context.activity.own_category_id
        for post in topic.posts
    }
    experts = Experts(topics, staff(context), welcomed=False)
    free_members, free_others = members - barred, elsewhere - barred - {one.user_id for one in context.members}
    found: dict[int, tuple[Expert, ...]] = {}
    for one in waiting:
        chosen = experts.whose_posts_fit(one.topic, free_members, most)
        others = experts.whose_posts_fit(one.topic, free_others, most - len(chosen)) if len(chosen) < most else []
        found[one.topic.id] = (*chosen, *others)
        used = {expert.post.user_id for expert in found[one.topic.id]}
        free_members, free_others = free_members - used, free_others - used
    return found


def _on_leave(context: PlayContext) -> frozenset[int]:
    today = context.now.astimezone(context.occurrence.cohort.zone).date()
    away = (number for number, facts in context.facts.items() if any(today in leave for leave in leave_of(facts)))
    return frozenset(away)


def _line(
    context: PlayContext, one: Waiting, suggested: Sequence[Expert], told: datetime | None = None
) -> WaitingTopic:
    members = {person.user_id for person in context.members}
    people = tuple(
        WhoCouldAnswer(
            _person(context, expert.post),
            _place(context, expert.topic, expert.post.number),
            _day(context, expert.post.created_at),
            outside=expert.post.user_id not in members,
        )
        for expert in suggested
    )
    return WaitingTopic(
        _place(context, one.topic),
        _person(context, one.post),
        _day(context, one.post.created_at),
        one.is_first,
        people,
        _day(context, told) if told is not None else "",
    )


def _person(context: PlayContext, post: Post) -> Markdown:
    return link(plain_name(post), f"{context.forum_url}/u/{quote(post.username)}")


def _place(context: PlayContext, topic: Topic, number: int = 1) -> Markdown:
    address = f"{context.forum_url}/t/{topic.slug}/{topic.id}"
    return link(topic.title, f"{address}/{number}" if number > 1 else address)


def _day(context: PlayContext, moment: datetime) -> str:
    return days_in_words(context, [moment.astimezone(context.occurrence.cohort.zone).date()])


def _refs(loud: Sequence[Waiting], fresh: Sequence[Waiting]) -> tuple[str, ...]:
    return (
        FIRST_REPLY,
        *(f"{UNANSWERED_STILL}{one.topic.id}" for one in loud),
        *(f"{UNANSWERED}{one.topic.id}" for one in fresh),
        *(f"{UNTIL_REPLIED}{one.topic.id}" for one in (*loud, *fresh)),
    )


def _citations(waiting: Sequence[Waiting], suggestions: dict[int, tuple[Expert, ...]]) -> tuple[Citation, ...]:
    """Return what the message shows: the topics that wait, and the posts of those who could answer."""
    asked = (Citation(Use.LINK, one.topic.id, one.topic.title) for one in waiting)
    experts = [expert for one in waiting for expert in suggestions[one.topic.id]]
    return (*asked, *(_called(expert.post, expert.topic) for expert in experts))


def _called(post: Post, topic: Topic) -> Citation:
    return Citation(Use.CALL, topic.id, topic.title, post.id, post.number, post.user_id, post.username, post.name)
