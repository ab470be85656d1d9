"""Ask everybody for a plan of their own with a day and a witness; come back to it, in their own words, twice.

The step itself opens the topic. On the morning after the day that a plan names, its author gets one message that quotes
it and asks what became of it, to be answered with one tap or one line; weeks later one reply in the same conversation.
The worker finds out when that is (`worker.commitments`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import Field

from sync_worker.content.markdown import escape, person_name, quote
from sync_worker.content.reasons import reasons_for
from sync_worker.languages.parts import COMMITMENT
from sync_worker.model import Answer, Citation, Draft, DraftKind, Use
from sync_worker.plays.context import Days, Drafted, Name, TopicOptions
from sync_worker.plays.frame import (
    called,
    cohort_words,
    host_names,
    in_cohort,
    in_languages,
    of_this_date,
    topic_draft,
    usual_text,
)
from sync_worker.signals.plain import CUT

if TYPE_CHECKING:
    from sync_worker.content.markdown import Markdown
    from sync_worker.model import Commitment
    from sync_worker.plays.context import PlayContext

REF = "commitment"  # among the refs of all of it
ASK = "ask"
LATER = "later"
POLL_NAMES = {ASK: "outcome", LATER: "later"}
PRECEDENCE = 1  # the author chose the day: of several messages this one cannot wait as well as the others


@dataclass(frozen=True, slots=True)
class Replies:
    """The sentences that answer the question: done, not yet, and that the plan is another one now."""

    done: str
    not_yet: str
    changed: str


class Options(TopicOptions):
    """`with:` of a `commitment` step.

    Who names no day is asked about the plan `ask_after` so many days after writing it; `later` so many days after that
    question comes the last one.
    """

    template: Name = "commitment"
    ask_template: Name = "commitment-ask"
    later_template: Name = "commitment-later"
    ask_after: Annotated[Days, Field(le=60)] = 7
    later: Annotated[Days, Field(ge=7, le=180)] = 28


def draft(context: PlayContext) -> Drafted:
    """Return the topic; of the follow-ups the messages to those whose day is over, or weeks back."""
    parts = {"": _open, ASK: _ask, LATER: _later}
    return parts[context.follow_up](context)


def may_poll(*_: object) -> bool:
    """Whether a step of it may post a poll: the question has one."""
    return True


def _open(context: PlayContext) -> Drafted:
    options, reason = cast("Options", context.options), reasons_for(context.texts.locale).commitment()
    text = in_languages(context, lambda each: usual_text(each, options.template))
    topic = topic_draft(context, text, reason, (REF, f"topic:{options.template}"))
    return Drafted((topic,), reason)


def _of_this_topic(context: PlayContext) -> list[Commitment]:
    """Return the plans that stand in the topic of this date, of people who are still in the cohort."""
    opened = {one.topic_id for one in of_this_date(context) if one.draft.kind is DraftKind.TOPIC}
    people = {one.user_id for one in context.people}
    return [
        one
        for one in context.commitments
        if one.topic_id in opened and one.user_id in people and one.withdrawn_at is None
    ]


def _ask(context: PlayContext) -> Drafted:
    """Return the messages to those whose day is over; whom they reached before is for the ledger."""
    options, today = cast("Options", context.options), context.now.astimezone(context.occurrence.cohort.zone).date()
    reasons, drafts = reasons_for(context.texts.locale), []
    for one in _of_this_topic(context):
        if one.day >= today:
            continue
        name = person_name(one.name, one.username)
        text = context.texts_for(one.user_id).render(
            options.ask_template,
            cohort=cohort_words(context),
            hosts=host_names(context),
            name=escape(called(context, one.user_id, one.name, one.username)),
            words=_quoted(one),
            day=context.texts.language.day(one.day) if one.named else "",
            replies=replies(context),
            taps=context.site.polls,
        )
        drafts.append(
            replace(
                _about(context, one, ASK),
                title=text.title,
                raw=text.body + poll(context, ASK),
                reason=reasons.plan_due(name, one.day),
                recipients=(one.username,),
            )
        )
    return Drafted(tuple(drafts), "; ".join(one.reason for one in drafts) or reasons.no_plan_due())


def _later(context: PlayContext) -> Drafted:
    """Return the last question to those who were asked, in the conversation in which they were."""
    options, reasons, drafts = cast("Options", context.options), reasons_for(context.texts.locale), []
    for one in _of_this_topic(context):
        if one.talk is None:
            continue
        name, taps = person_name(one.name, one.username), one.answer is not Answer.DONE and context.site.polls
        text = context.texts_for(one.user_id).render(
            options.later_template,
            cohort=cohort_words(context),
            hosts=host_names(context),
            name=escape(called(context, one.user_id, one.name, one.username)),
            words=_quoted(one),
            said=one.answer.value if one.answer is not None else "",
            replies=replies(context),
            taps=taps,
        )
        drafts.append(
            replace(
                _about(context, one, LATER),
                raw=text.body + (poll(context, LATER) if taps else ""),
                reason=reasons.plan_later(name),
                topic_id=one.talk,
            )
        )
    return Drafted(tuple(drafts), "; ".join(one.reason for one in drafts) or reasons.no_plan_due())


def part_of(follow_up: str, one: Commitment) -> str:
    """Return what tells a question from all others of its step: the post of the plan, and the day that it is for."""
    return f"{follow_up}-{one.post_id}-{one.day:%y%m%d}"


def _about(context: PlayContext, one: Commitment, follow_up: str) -> Draft:
    """Return a question without its text: what it cites, and whom alone it reaches."""
    cited = Citation(
        Use.OWN,
        one.topic_id,
        post_id=one.post_id,
        number=one.number,
        user_id=one.user_id,
        username=one.username,
        name=one.name,
        passages=one.words,
    )
    return Draft(
        kind=DraftKind.MESSAGE if follow_up == ASK else DraftKind.REPLY,
        raw="",
        reason="",
        part=part_of(follow_up, one),
        approval=context.approval,
        about_posts=(one.post_id,),
        about_users=(one.user_id,),
        refs=(REF, f"{REF}-{follow_up}", in_cohort(context)),
        citations=(cited,),
        to_learner=one.user_id,
        precedence=PRECEDENCE,
    )


def _quoted(one: Commitment) -> Markdown:
    words = " ".join((*one.words, *((CUT,) if one.is_cut else ())))
    return quote(words, one.username, one.number, one.topic_id)


def replies(context: PlayContext) -> Replies:
    """Return the sentences that a person may reply with."""
    return Replies(*COMMITMENT.of(context.texts.locale).replies)


def poll(context: PlayContext, follow_up: str) -> str:
    """Return the poll with the three answers; "" where the forum has no polls, so that a word must do."""
    if not context.site.polls:
        return ""
    listed = "\n".join(f"* {option}" for option in COMMITMENT.of(context.texts.locale).options)
    return f"\n[poll name={POLL_NAMES[follow_up]} type=regular results=always public=true]\n{listed}\n[/poll]\n"
