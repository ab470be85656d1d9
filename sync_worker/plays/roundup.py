"""Round up what a cohort found out in a week."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import Field

from sync_worker.content.reasons import reasons_for
from sync_worker.content.roundup import Period, build_roundup
from sync_worker.model import Draft, DraftKind, Use
from sync_worker.plays.context import Drafted
from sync_worker.plays.frame import cohort_words, host_names, staff
from sync_worker.plays.options import Days, Name, TopicOptions
from sync_worker.signals.choosing import tired_of

if TYPE_CHECKING:
    from sync_worker.plays.context import PlayContext

LOOK_BACK_FOR_QUESTIONS = timedelta(days=60)
CALLS_FOR_A_QUESTION = 2
SHOWN = "shown:"  # before a heading, among the refs of a roundup: the desk lists them


class Options(TopicOptions):
    """`with:` of a `roundup` step."""

    template: Name = "roundup"
    days: Days = 7
    practices: Annotated[int, Field(ge=1, le=5)] = 5


def draft(context: PlayContext) -> Drafted:
    """Return the roundup as a topic, or nothing after a week in which nobody said what others could use."""
    options = cast("Options", context.options)
    period = review_period(context, options)
    days = context.texts.language.period(period.since.date(), period.until.date() - timedelta(days=1))
    topics = context.activity.topics(since=period.since - LOOK_BACK_FOR_QUESTIONS, until=period.until)
    built = build_roundup(topics, period, context.texts.locale, context.forum_url, options.practices)
    if isinstance(built, str):
        return Drafted((), f"{built} ({days})")
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        period=days,
        opening=built.opening,
        practices=built.practices,
        questions=built.questions,
        voices=built.voices,
        numbers=built.numbers,
    )
    reason = reasons_for(context.texts.locale).roundup(len(built.practices), len(built.questions))
    topic = Draft(
        kind=DraftKind.TOPIC,
        title=text.title,
        raw=text.body,
        reason=reason,
        tags=options.tags,
        pin_days=options.pin,
        approval=context.approval,
        about_posts=tuple(item.post.id for item in built.practices),
        about_users=tuple(item.post.user_id for item in built.practices),
        refs=(
            "roundup",
            *(f"open:{question.topic_id}" for question in built.questions),
            *(f"{SHOWN}{item.heading}" for item in built.practices),
        ),
        citations=built.citations,
    )
    return Drafted((topic,), reason)


def review_period(context: PlayContext, options: Options) -> Period:
    """Return the whole days before the occurrence's own day, and what earlier roundups and answers leave out of them.

    Days are those of the cohort's zone, from midnight to midnight: the title names them, weekly roundups leave no gap
    and count nothing twice, and a change of the clocks takes no hour away.
    """
    today = context.occurrence.local.date()
    zone = context.occurrence.cohort.zone
    earlier = [past.draft for past in context.history.drafts() if "roundup" in past.draft.refs]
    calls = Counter(ref for one in earlier for ref in one.refs if ref.startswith("open:"))
    refused = {
        consent.post_id
        for consent in context.activity.consents(context.occurrence.cohort.key)
        if consent.answer == "no"
    }
    since, until = (
        datetime.combine(today - timedelta(days=options.days), time(), zone),
        datetime.combine(today, time(), zone),
    )
    return Period(
        since=since,
        until=until,
        new_authors=context.activity.new_authors(since, until),
        staff=staff(context),
        shown_posts=frozenset(refused | {post for one in earlier for post in one.about_posts}),
        tired=tired_of([one.about_users for one in earlier]),
        said=tuple(" ".join(cited.passages) for one in earlier for cited in one.citations if cited.use is Use.QUOTE),
        called_topics=frozenset(
            int(ref.removeprefix("open:")) for ref, count in calls.items() if count >= CALLS_FOR_A_QUESTION
        ),
    )
