"""What hinders people: the LCMs hear of each blocker once, and named people after so many days, until it is solved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Self, cast
from urllib.parse import quote

from pydantic import Field, StringConstraints, model_validator

from sync_worker.config.base import Strict
from sync_worker.content.markdown import Markdown, link, plain_name
from sync_worker.content.reasons import reasons_for
from sync_worker.model import UNTIL_REPLIED, UNTIL_SOLVED, WHILE_READS, Citation, Draft, DraftKind, Role, Use
from sync_worker.plays.context import Days, Drafted, Name
from sync_worker.plays.frame import cohort_words, days_in_words, host_links, note_to_lcms
from sync_worker.plays.topics_told import BLOCKED, told_of
from sync_worker.signals.blockers import Blocker, BlockerRule, Found, Heard, blockers, known_tags
from sync_worker.signals.waiting import WorkingTime

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from datetime import date, datetime

    from sync_worker.content.templates import Rendered
    from sync_worker.model import Cohort
    from sync_worker.plays.context import PastDraft, PlayContext

BLOCKERS = "blockers"
ESCALATED = "blocker-escalated:"
MOST = 10  # blockers in one message
Tag = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Recipient = Annotated[str, Field(pattern=r"^[\w.-]{1,60}$")]


class Escalation(Strict):
    """Who hears of a blocker, so many working days after the LCMs: usernames or groups of the forum."""

    after: Days
    to: Annotated[tuple[Recipient, ...], Field(min_length=1, max_length=5)]


class Options(Strict):
    """`with:` of a `blockers` step: what a blocker is, who hears of it when, and the texts.

    `outside_template` takes the place of `escalation_template` where one of those who are to hear may not read the
    cohort's category: it knows neither topics nor authors nor notes.
    """

    template: Name = "blockers"
    escalation_template: Name = "blocker-escalated"
    outside_template: Name = "blocker-outside"
    unanswered: Days | None = 5
    tags: Annotated[tuple[Tag, ...], Field(max_length=10)] = ()
    escalate: Annotated[tuple[Escalation, ...], Field(max_length=3)] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        days = [one.after for one in self.escalate]
        if days != sorted(set(days)):
            raise ValueError("each escalation must come later than the one before it")
        return self


@dataclass(frozen=True, slots=True)
class BlockerLine:
    """A blocker in a message: its topic, who opened it and who looks after it, since when, and what makes it one.

    `tag` is its tag, "" where nobody has answered; `note` what an LCM wrote about it; `next_to` who hears of it next.
    """

    topic: Markdown
    who: Markdown
    day: str
    tag: str = ""
    owner: Markdown | str = ""
    note: Markdown | str = ""
    next_to: str = ""
    next_after: str = ""


def draft(context: PlayContext) -> Drafted:
    """Return a message to the LCMs with what is new, and one to each who is to hear of what is still open.

    An escalation that an LCM rejected is over like one that was sent: the next one follows at its own time.
    """
    options, reasons = cast("Options", context.options), reasons_for(context.texts.locale)
    rule = rule_of(
        context.occurrence.cohort,
        options,
        context.activity.own_category_id,
        {one.user_id for one in context.people if one.role is Role.LEARNER},
        context.own_usernames,
        context.is_working_day,
    )
    topics = context.activity.topics(until=context.now)
    past = context.history.drafts()
    heard = heard_of((*past, *context.history.rejected()))
    standing = [one for one in blockers(topics, context.blocker_words, heard, rule, context.now) if one.is_open]
    told, _ = told_of(past)
    new = [one for one in standing if one.topic.id not in heard and _is_news(one, told, options)][:MOST]
    drafts = [_note(context, new)] if new else []
    for level, escalation in enumerate(options.escalate):
        due = [one for one in standing if _is_due(one, level, escalation, rule.clock, context.now)][:MOST]
        if due:
            drafts.append(_escalated(context, due, level, escalation))
    return Drafted(tuple(drafts), reasons.blocked(len(new)) if drafts else reasons.nothing_blocks())


def _is_news(one: Blocker, told: Collection[int], options: Options) -> bool:
    """Whether the LCMs hear of a blocker: not where they called it one, or know already that nobody answers it.

    Where others hear of it next, the LCMs hear who and when, whatever they know.
    """
    if one.found is Found.UNANSWERED:
        return one.topic.id not in told or bool(options.escalate)
    return one.found is not Found.LCM


def rule_of(  # noqa: PLR0917
    cohort: Cohort,
    options: Options,
    category_id: int,
    learners: Collection[int],
    ours: Collection[str],
    is_working_day: Callable[[date], bool],
) -> BlockerRule:
    """Return what makes a topic of a cohort a blocker."""
    return BlockerRule(
        category_id,
        timedelta(days=options.unanswered) if options.unanswered is not None else None,
        known_tags(options.tags),
        frozenset(learners),
        frozenset(ours),
        WorkingTime(cohort.zone, is_working_day),
    )


def heard_of(past: Iterable[PastDraft]) -> dict[int, Heard]:
    """Return when the LCMs, and others after them, heard of each blocker."""
    told: dict[int, list[datetime]] = {}
    escalated: dict[int, list[datetime]] = {}
    for one in past:
        for ref in one.draft.refs:
            if ref.startswith(BLOCKED):
                told.setdefault(int(ref.removeprefix(BLOCKED)), []).append(one.slot)
            elif ref.startswith(ESCALATED):
                escalated.setdefault(int(ref.removeprefix(ESCALATED).partition(":")[0]), []).append(one.slot)
    return {
        number: Heard(tuple(told.get(number, ())), tuple(escalated.get(number, ())))
        for number in told.keys() | escalated.keys()
    }


def _is_due(one: Blocker, level: int, escalation: Escalation, clock: WorkingTime, now: datetime) -> bool:
    """Whether it is time for a level: those before it are done, and the blocker has been known for long enough."""
    if one.base is None or one.escalations != level:
        return False
    return clock.between(one.base, now) >= timedelta(days=escalation.after)


def _note(context: PlayContext, new: Sequence[Blocker]) -> Draft:
    options = cast("Options", context.options)
    text = context.texts.render(
        options.template, cohort=cohort_words(context), blockers=[_line(context, one, level=0) for one in new]
    )
    return note_to_lcms(
        context,
        text,
        reasons_for(context.texts.locale).blocked(len(new)),
        about_posts=tuple(one.post.id for one in new),
        refs=(BLOCKERS, *(f"{BLOCKED}{one.topic.id}" for one in new), *_while_true(new)),
        citations=_links(new),
    )


def _escalated(context: PlayContext, due: Sequence[Blocker], level: int, escalation: Escalation) -> Draft:
    recipients = tuple(dict.fromkeys((*escalation.to, context.occurrence.cohort.lcm_group)))
    all_read = context.closed_to.isdisjoint(escalation.to)
    text = (_full_text if all_read else _outside_text)(context, due, level + 1)
    return Draft(
        kind=DraftKind.MESSAGE,
        title=text.title,
        raw=text.body,
        reason=reasons_for(context.texts.locale).escalated(len(due)),
        part=f"level-{level + 1}",
        recipients=recipients,
        about_posts=tuple(one.post.id for one in due),
        refs=(
            BLOCKERS,
            *(f"{ESCALATED}{one.topic.id}:{level + 1}" for one in due),
            *_while_true(due),
            *(f"{WHILE_READS}{name}" for name in escalation.to if all_read),
        ),
        citations=_links(due) if all_read else (),
        approval=context.approval,
    )


def _full_text(context: PlayContext, due: Sequence[Blocker], following: int) -> Rendered:
    """Return an escalation to people who all may read the topics; `following` is the level that comes next."""
    options = cast("Options", context.options)
    lines = [_line(context, one, level=following) for one in due]
    return context.texts.render(options.escalation_template, cohort=cohort_words(context), blockers=lines)


def _outside_text(context: PlayContext, due: Sequence[Blocker], following: int) -> Rendered:
    """Return an escalation that says nothing but since when something is in the way, and whom to ask about it."""
    options, language = cast("Options", context.options), context.texts.language
    oldest = min(one.topic.created_at for one in due).astimezone(context.occurrence.cohort.zone).date()
    after = options.escalate[following] if following < len(options.escalate) else None
    return context.texts.render(
        options.outside_template,
        cohort=cohort_words(context),
        more_than_one=len(due) > 1,
        since=days_in_words(context, [oldest]),
        host_links=host_links(context),
        next_to=language.listing(after.to) if after is not None else "",
    )


def _while_true(shown: Sequence[Blocker]) -> tuple[str, ...]:
    unanswered = (f"{UNTIL_REPLIED}{one.topic.id}" for one in shown if one.found is Found.UNANSWERED)
    tagged = (f":{one.tag}" if one.found is Found.TAG else "" for one in shown)
    return (*(f"{UNTIL_SOLVED}{one.topic.id}{tag}" for one, tag in zip(shown, tagged, strict=True)), *unanswered)


def _links(shown: Sequence[Blocker]) -> tuple[Citation, ...]:
    return tuple(Citation(Use.LINK, one.topic.id, one.topic.title) for one in shown)


def _line(context: PlayContext, one: Blocker, level: int) -> BlockerLine:
    """Return a blocker in words; `level` is that of the escalation which comes next."""
    options, language = cast("Options", context.options), context.texts.language
    following = options.escalate[level] if level < len(options.escalate) else None
    day = one.topic.created_at.astimezone(context.occurrence.cohort.zone).date()
    return BlockerLine(
        link(one.topic.title, f"{context.forum_url}/t/{one.topic.slug}/{one.topic.id}"),
        _page(context, plain_name(one.post), one.post.username),
        days_in_words(context, [day]),
        one.tag,
        _page(context, one.owner, one.owner) if one.owner else "",
        one.note,
        language.listing(following.to) if following is not None else "",
        language.count(following.after, "day") if following is not None else "",
    )


def _page(context: PlayContext, name: str, username: str) -> Markdown:
    return link(name, f"{context.forum_url}/u/{quote(username)}")
