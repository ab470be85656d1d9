"""Give a task with its due date, write to those who have not answered, twice at most, and tell the LCMs who is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import Field, model_validator

from sync_worker.content.markdown import Markdown, escape, link, person_name
from sync_worker.content.reasons import reasons_for
from sync_worker.model import UNTIL_ANSWERED, Citation, Draft, DraftKind, Use
from sync_worker.plays.context import Distance, DistanceField, Drafted, LaterField, Name, TopicOptions
from sync_worker.plays.frame import (
    LatePerson,
    called,
    cohort_words,
    days_in_words,
    fact_name,
    forms_of_moment,
    host_links,
    host_names,
    in_cohort,
    moment_in_words,
    note_to_lcms,
    of_this_date,
    topic_draft,
)
from sync_worker.timeline import FollowUp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.model import Topic
    from sync_worker.plays.context import ChosenPerson, PastDraft, PlayContext

ASSIGNMENT = "assignment"
REMIND = "remind-"
LATE = "late"
LATE_LIST = "desk:late"
CLOCK = "%Y-%m-%dT%H:%M"
DUE = "due:"  # before the due date that a task was given with, on the cohort's clock, among the refs of its topic
MOST_REMINDERS = 2


class Options(TopicOptions):
    """`with:` of an `assignment` step: the task's own template, when it is due, and when people are written to."""

    template: Name
    due: LaterField
    minutes: Annotated[int, Field(ge=1, le=600)] = 30
    remind: Annotated[tuple[DistanceField, ...], Field(max_length=MOST_REMINDERS)] = (Distance(-2), Distance(1))
    reminder_template: Name = "assignment-reminder"
    last_template: Name = "assignment-last-reminder"
    late: DistanceField = Distance(3)
    late_template: Name = "assignment-late"

    @model_validator(mode="after")
    def _in_order(self) -> Options:
        days = [one.days for one in (*self.remind, self.late)]
        if any(one.minutes for one in (*self.remind, self.late)):
            raise ValueError("an assignment counts in days: write 2d before, not hours")
        if days != sorted(set(days)):
            raise ValueError("write `remind` in order of time, each on a day of its own, and all before `late`")
        if self.late.days < 1:
            raise ValueError("`late` comes after the due date, like 2d after")
        if self.due.days + days[0] < 1:
            raise ValueError("the first reminder would come before the task itself, or with it; give more time")
        return self


def follow_ups(options: Options) -> tuple[FollowUp, ...]:
    """Return the reminders, and the list of those who are late; at the step's time of day."""
    days = options.due.days
    reminders = (FollowUp(f"{REMIND}{n}", days + one.days) for n, one in enumerate(options.remind, 1))
    return (*reminders, FollowUp(LATE, days + options.late.days))


@dataclass(frozen=True, slots=True)
class Given:
    """A task that was given: its topic as it is now, and when it is due on the cohort's clock."""

    topic: Topic
    due: datetime


def draft(context: PlayContext) -> Drafted:
    """Return the task as a topic; of a follow-up the messages to those who have not answered, or the list for LCMs."""
    if not context.follow_up:
        return give(context)
    given = _given(context)
    if isinstance(given, str):
        return Drafted((), given)
    return list_late(context, given) if context.follow_up == LATE else _reminders(context, given)


def due_at(context: PlayContext) -> datetime:
    """Return when the task is due, on the cohort's clock."""
    return cast("Options", context.options).due.after(context.occurrence.main_at)


def give(context: PlayContext) -> Drafted:
    """Return the task as a topic; nothing where its text does not say when it is due."""
    options, due = cast("Options", context.options), due_at(context)
    said = moment_in_words(context, due)
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        host_links=host_links(context),
        due=said,
        minutes=context.texts.language.count(options.minutes, "minute"),
    )
    if said not in text.body:
        return Drafted((), reasons_for(context.texts.locale).no_due_date(options.template))
    reason = reasons_for(context.texts.locale).assignment(said)
    topic = topic_draft(context, text, reason, (ASSIGNMENT, f"topic:{options.template}", f"{DUE}{due:{CLOCK}}"))
    return Drafted((topic,), reason)


def _given(context: PlayContext) -> Given | str:
    """Return the task that a follow-up is about, or why nobody is written to."""
    reasons, due = reasons_for(context.texts.locale), due_at(context)
    opened = next((one for one in of_this_date(context) if one.draft.kind is DraftKind.TOPIC), None)
    if opened is None or opened.topic_id is None:
        return reasons.not_given()
    topic = next((one for one in context.activity.topics(until=context.now) if one.id == opened.topic_id), None)
    if topic is None or topic.closed:
        return reasons.task_gone()
    if not any(says(topic, form) for form in forms_of_moment(due)):
        return reasons.due_date_changed(moment_in_words(context, due))
    return Given(topic, due)


def says(topic: Topic, words: str) -> bool:
    """Whether the first post of a topic of ours says something; where the forum does not tell its text, it does."""
    opening = topic.opening
    if opening is None or opening.raw is None:
        return True
    return " ".join(words.split()) in " ".join(opening.raw.split())


def _reminders(context: PlayContext, given: Given) -> Drafted:
    options, reasons = cast("Options", context.options), reasons_for(context.texts.locale)
    open_ones = [one for one in context.people if _owes(context, given, one)]
    if not open_ones:
        return Drafted((), reasons.all_answered())
    last = context.follow_up != f"{REMIND}1"
    template = options.last_template if last else options.reminder_template
    drafts = tuple(remind(context, given, one, template) for one in open_ones)
    return Drafted(drafts, reasons.not_answered(len(drafts), moment_in_words(context, given.due)))


def remind(context: PlayContext, given: Given, person: ChosenPerson, template: str) -> Draft:
    """Return the message to one person who has not answered."""
    options, due = cast("Options", context.options), moment_in_words(context, given.due)
    name = person_name(person.name, person.username)
    over = context.now >= given.due
    text = context.texts_for(person.user_id).render(
        template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        host_links=host_links(context),
        name=escape(called(context, person.user_id, person.name, person.username)),
        task=_link(context, given.topic),
        due=due,
        over=over,
        minutes=context.texts.language.count(options.minutes, "minute"),
    )
    return Draft(
        kind=DraftKind.MESSAGE,
        title=text.title,
        raw=text.body,
        reason=reasons_for(context.texts.locale).one_not_answered(name, due),
        part=f"to-{person.user_id}",
        recipients=(person.username,),
        approval=context.approval,
        about_users=(person.user_id,),
        refs=(f"{ASSIGNMENT}-reminder", f"{UNTIL_ANSWERED}{given.topic.id}", in_cohort(context)),
        citations=(Citation(Use.LINK, given.topic.id),),
        to_learner=person.user_id,
        not_after=None if over else given.due.astimezone(UTC),  # it says that the task is due
    )


def _owes(context: PlayContext, given: Given, person: ChosenPerson) -> bool:
    """Whether somebody has not answered, was there when the task was given, and has no later date of their own."""
    if person.user_id in answered_by(given.topic) or more_time(context, person.user_id, given.due) is not None:
        return False
    return person.joined_at is None or person.joined_at <= given.topic.created_at


def answered_by(topic: Topic) -> frozenset[int]:
    """Return the accounts that wrote a reply in a topic; a reply that was deleted or hidden is none."""
    return frozenset(post.user_id for post in topic.posts if post.number > 1)


def more_time(context: PlayContext, user_id: int, due: datetime) -> date | None:
    """Return the day until which somebody has more time than the others, None where they do not."""
    fact = context.facts.get(user_id, {}).get(due_fact(context.occurrence.step))
    value = fact.value if fact is not None else None
    return value if isinstance(value, date) and max(value, due.date()) != due.date() else None


def due_fact(step: str) -> str:
    """Return the name of the fact that says until when somebody has time for a step's task."""
    return fact_name("due", step)


def _link(context: PlayContext, topic: Topic) -> Markdown:
    return link(topic.title, f"{context.forum_url}/t/{topic.slug}/{topic.id}")


def list_late(context: PlayContext, given: Given) -> Drafted:
    """Return the message that tells the LCMs who has not answered, and what each was told; nothing where all have."""
    options, reasons = cast("Options", context.options), reasons_for(context.texts.locale)
    late = [one for one in context.people if _owes(context, given, one)]
    if not late:
        return Drafted((), reasons.all_answered())
    extended = [(one, until) for one in context.people if (until := _extended(context, given, one)) is not None]
    answered = answered_by(given.topic) & {one.user_id for one in context.people}
    messages = _messages(of_this_date(context))
    text = context.texts.render(
        options.late_template,
        cohort=cohort_words(context),
        task=_link(context, given.topic),
        due=moment_in_words(context, given.due),
        late=[LatePerson(_who(context, one), _told(context, messages.get(one.user_id, ()))) for one in late],
        extended=[LatePerson(_who(context, one), context.texts.language.day(until)) for one, until in extended],
        answered=context.texts.language.count(len(answered), "person") if answered else "",
        answers=len(answered),
    )
    note = note_to_lcms(
        context,
        text,
        reasons.not_answered(len(late), moment_in_words(context, given.due)),
        about_users=tuple(one.user_id for one in late),
        refs=(LATE_LIST,),
    )
    return Drafted((note,), note.reason)


def _extended(context: PlayContext, given: Given, person: ChosenPerson) -> date | None:
    return None if person.user_id in answered_by(given.topic) else more_time(context, person.user_id, given.due)


def _who(context: PlayContext, person: ChosenPerson) -> Markdown:
    return link(person_name(person.name, person.username), f"{context.forum_url}/u/{person.username}")


def _messages(past: Sequence[PastDraft]) -> Mapping[int, tuple[PastDraft, ...]]:
    """Return the reminders of a task by the person to whom they were written, oldest first."""
    found: dict[int, tuple[PastDraft, ...]] = {}
    for one in past:
        if one.draft.kind is DraftKind.MESSAGE and one.follow_up.startswith(REMIND):
            for number in one.draft.about_users:
                found[number] = (*found.get(number, ()), one)
    return found


def _told(context: PlayContext, messages: Sequence[PastDraft]) -> str:
    zone = context.occurrence.cohort.zone
    sent = [one.at.astimezone(zone).date() for one in messages if one.topic_id is not None]
    waits = any(one.topic_id is None for one in messages)
    return reasons_for(context.texts.locale).told(days_in_words(context, sent), waits=waits)
