"""A live session: announced in a topic of its own, with a reminder there, and a message to those who missed it.

The step's own moment is that of the session. The announcement and the reminders are follow-ups before it. What happens
first of these opens the topic, so that a worker that was off for some days still tells people about the session.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from sync_worker.content.decks import WebAddress
from sync_worker.content.markdown import Markdown, escape, link, person_name
from sync_worker.content.reasons import reasons_for
from sync_worker.model import WHILE_FACT, Citation, Draft, DraftKind, Use, behind_mark
from sync_worker.plays.assignment import says
from sync_worker.plays.context import Days, Drafted, Name, TopicOptions
from sync_worker.plays.frame import (
    called,
    cohort_words,
    fact_name,
    forms_of_moment,
    host_links,
    host_names,
    in_cohort,
    in_languages,
    of_this_date,
    topic_draft,
)
from sync_worker.timeline import PERIOD, UNITS, FollowUp, text_schema

if TYPE_CHECKING:
    from datetime import date

    from sync_worker.content.templates import Rendered
    from sync_worker.model import Fact, Topic
    from sync_worker.plays.context import ChosenPerson, PastDraft, PlayContext

SESSION = "session"
ANNOUNCE = "announce"
REMIND = "remind-"
MISSED = "missed"
STARTS = "starts:"  # before the moment, among the refs of an announcement or a reminder
MOST_REMINDERS = 2
ZONE = re.compile(r'timezone="([^"]+)"|[(](UTC|[A-Z]\w*(?:/[\w+-]+)+)[)]')
FEWEST_COUNTED = 3  # of fewer people who come no number is said: it would rather keep others away


def _read_before(value: object) -> timedelta:
    """Read `1d`, `2h`, `1w`: how long before the session.

    Raises:
        ValueError: anything else.

    """
    match = PERIOD.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"expected how long before the session, like 1d or 2h, not '{value}'")
    return int(match["count"]) * UNITS[match["unit"]]


Before = Annotated[timedelta, PlainValidator(_read_before), WithJsonSchema(text_schema(PERIOD.pattern, "1d", "2h"))]


def _one_or_more(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Options(TopicOptions):
    """`with:` of a `session` step: the topic's own template, how long it takes, and what happens around it.

    `link` is where people meet. `announce` and `remind` count back from the session, `missed` from it on; `off` for no
    message to those who missed it.
    """

    template: Name
    minutes: Annotated[int, Field(ge=5, le=1440)] = 60
    link: WebAddress | None = None
    announce: Days = 7
    remind: Annotated[tuple[Before, ...], Field(max_length=MOST_REMINDERS), BeforeValidator(_one_or_more)] = (
        timedelta(days=1),
    )
    reminder_template: Name = "session-reminder"
    missed: Days | Literal[False] = 1
    missed_template: Name = "session-missed"

    @model_validator(mode="after")
    def _in_order(self) -> Options:
        moments = [timedelta(days=self.announce), *self.remind]
        if moments != sorted(set(moments), reverse=True):
            raise ValueError("write `remind` in order of time, and all of it after `announce`, like [2d, 2h]")
        return self


def follow_ups(options: Options) -> tuple[FollowUp, ...]:
    """Return the announcement, the reminders, and the message afterwards."""
    reminders = (FollowUp(f"{REMIND}{n}", -one.days, -(one.seconds // 60)) for n, one in enumerate(options.remind, 1))
    afterwards = (FollowUp(MISSED, options.missed),) if options.missed else ()
    return (FollowUp(ANNOUNCE, -options.announce), *reminders, *afterwards)


OPEN_FOLLOW_UPS = frozenset({ANNOUNCE, *(f"{REMIND}{n}" for n in range(1, MOST_REMINDERS + 1))})


@dataclass(frozen=True, slots=True)
class Times:
    """When a session starts and ends, on the cohort's clock."""

    start: datetime
    end: datetime


def times_of(context: PlayContext, start: datetime | None = None) -> Times:
    """Return when the session of an occurrence starts and ends, or one that starts at another moment."""
    options, zone = cast("Options", context.options), context.occurrence.cohort.zone
    begins = (start or context.occurrence.main_at).astimezone(zone)
    ends = (begins.astimezone(UTC) + timedelta(minutes=options.minutes)).astimezone(zone)
    return Times(begins, ends)


def draft(context: PlayContext) -> Drafted:
    """Return what belongs to a moment around the session; nothing at the moment of the session itself."""
    reasons = reasons_for(context.texts.locale)
    if not context.follow_up:
        return Drafted((), reasons.session_now())
    opened = _announced(context)
    if context.follow_up == MISSED:
        return _missed(context, opened)
    if context.now >= times_of(context).start:
        return Drafted((), reasons.session_over())
    if opened is None:
        return _announce(context)
    if context.follow_up == ANNOUNCE:
        return Drafted((), reasons.session_announced())
    return _remind(context, opened)


def _announced(context: PlayContext) -> PastDraft | None:
    """Return the topic of the session; of a step that happens once also where its day has been moved since."""
    topics = [one for one in of_this_date(context) if one.draft.kind is DraftKind.TOPIC and SESSION in one.draft.refs]
    return topics[-1] if topics else None


def _announce(context: PlayContext) -> Drafted:
    times = times_of(context)
    text = in_languages(context, lambda each: _announcement(each, times))
    reason = reasons_for(context.texts.locale).session(_in_words(context, times))
    topic = topic_draft(
        context,
        text,
        reason,
        (SESSION, f"{STARTS}{times.start.astimezone(UTC).isoformat()}"),
        not_after=times.start.astimezone(UTC),
    )
    return Drafted((topic,), reason)


def _announcement(context: PlayContext, times: Times) -> Rendered:
    options, language = cast("Options", context.options), context.texts.language
    return context.texts.render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        host_links=host_links(context),
        day=language.day(times.start.date()),
        when=when(context, times),
        minutes=language.count(options.minutes, "minute"),
        link=Markdown(options.link or ""),
    )


def when(context: PlayContext, times: Times) -> Markdown:
    """Return the moment as the forum shows it best.

    The calendar's event, where people say whether they come; else a date in each reader's own time, which a click adds
    to a calendar; else words.
    """
    zone, start, end = context.occurrence.cohort.zone.key, times.start, times.end
    if context.site.events:
        clock = "%Y-%m-%d %H:%M"
        given = f'start="{start:{clock}}" end="{end:{clock}}" status="public" timezone="{zone}"'
        return Markdown(f"[event {given}]\n[/event]")
    if context.site.local_dates:
        return Markdown(f'[date-range from={start:%Y-%m-%dT%H:%M:00} to={end:%Y-%m-%dT%H:%M:00} timezone="{zone}"]')
    return Markdown(escape(_in_words(context, times)))


def _in_words(context: PlayContext, times: Times) -> str:
    """Return "Thursday 4 March, 16:00–17:00 (Europe/Paris)", on the cohort's clock."""
    language = context.texts.language
    start, end = language.clock(times.start), language.clock(times.end)
    return f"{language.day(times.start.date())}, {start}–{end} ({context.occurrence.cohort.zone.key})"


def _says_when(topic: Topic, start: datetime) -> bool:
    """Whether a topic names a moment as its own clock shows it, in whichever form, also where people wrote more."""
    forms = (f'start="{start:%Y-%m-%d %H:%M}"', f"from={start:%Y-%m-%dT%H:%M:00}", *forms_of_moment(start))
    return any(says(topic, form) for form in forms)


def _remind(context: PlayContext, opened: PastDraft) -> Drafted:
    """Return the reminder in the topic; none where people closed the topic, or wrote another moment into it."""
    reasons, times = reasons_for(context.texts.locale), times_of(context)
    topic = _topic(context, opened)
    if topic is None:
        return Drafted((), reasons.session_gone())
    zone = context.occurrence.cohort.zone
    announced = (_starts(opened) or times.start).astimezone(_zone_of(opened) or zone)
    still = _says_when(topic, announced)
    names_zone = announced.tzinfo == zone or says(topic, zone.key) or says(topic, escape(zone.key))
    is_right = names_zone and _says_when(topic, times.start)
    moved = not is_right and not (still and announced == times.start)
    if moved and not still:
        return Drafted((), reasons.session_changed(_in_words(context, times)))
    options = cast("Options", context.options)
    text = context.texts.render(
        options.reminder_template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        host_links=host_links(context),
        moment=_short(context, times),
        link=Markdown(options.link or ""),
        moved=moved,
        going=_going(context),
    )
    reply = Draft(
        kind=DraftKind.REPLY,
        raw=text.body,
        reason=reasons.session(_in_words(context, times)),
        topic_id=topic.id,
        approval=context.approval,
        refs=(f"{SESSION}-reminder", f"{STARTS}{times.start.astimezone(UTC).isoformat()}"),
        citations=(Citation(Use.LINK, topic.id),),
        not_after=times.start.astimezone(UTC),
    )
    return Drafted((reply,), reply.reason)


def _short(context: PlayContext, times: Times) -> Markdown:
    zone, start = context.occurrence.cohort.zone.key, times.start
    if context.site.local_dates:
        return Markdown(f'[date={start:%Y-%m-%d} time={start:%H:%M:00} timezone="{zone}"]')
    return Markdown(escape(_in_words(context, times)))


def _topic(context: PlayContext, opened: PastDraft) -> Topic | None:
    """Return the topic as it reads now; None where it is not there any more, or closed, or waits for an LCM."""
    topics = context.activity.topics(until=context.now)
    found = next((one for one in topics if one.id == opened.topic_id), None)
    return found if found is not None and not found.closed else None


def _starts(opened: PastDraft) -> datetime | None:
    """Return when the session was to start as it was announced."""
    return next((datetime.fromisoformat(one) for one in behind_mark(opened.draft.refs, STARTS)), None)


def _zone_of(opened: PastDraft) -> ZoneInfo | None:
    """Return the zone in whose time the session was announced; None where the text does not name one."""
    for key in ZONE.findall(opened.draft.raw.replace("\\", "")):
        with suppress(ZoneInfoNotFoundError, ValueError, OSError):
            return ZoneInfo("".join(key))
    return None


def _going(context: PlayContext) -> str:
    """Return how many have said that they come, in words; "" for few, or where that is not known."""
    name = rsvp_fact(context.occurrence.step, _day_of(context))
    number = sum(1 for one in context.people if _value(context, one, name) == "going")
    return context.texts.language.count(number, "person") if number >= FEWEST_COUNTED else ""


def _value(context: PlayContext, person: ChosenPerson, name: str) -> object:
    fact: Fact | None = context.facts.get(person.user_id, {}).get(name)
    return fact.value if fact is not None else None


def _missed(context: PlayContext, opened: PastDraft | None) -> Drafted:
    """Return a message to each who was not there; nothing where nobody knows who was."""
    reasons = reasons_for(context.texts.locale)
    name = attended_fact(context.occurrence.step, _day_of(context))
    known = {one.user_id: _value(context, one, name) for one in context.people}
    if not any(isinstance(value, bool) for value in known.values()):
        return Drafted((), reasons.attendance_unknown())
    topic = _topic(context, opened) if opened is not None else None
    if topic is None:
        return Drafted((), reasons.session_gone())
    absent = [one for one in context.people if known[one.user_id] is False]
    if not absent:
        return Drafted((), reasons.all_attended())
    drafts = tuple(_message(context, topic, one, name) for one in absent)
    return Drafted(drafts, reasons.absent(len(drafts)))


def _message(context: PlayContext, topic: Topic, person: ChosenPerson, fact: str) -> Draft:
    name = person_name(person.name, person.username)
    text = context.texts_for(person.user_id).render(
        cast("Options", context.options).missed_template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        host_links=host_links(context),
        name=escape(called(context, person.user_id, person.name, person.username)),
        session=link(topic.title, f"{context.forum_url}/t/{topic.slug}/{topic.id}"),
        declined=_value(context, person, rsvp_fact(context.occurrence.step, _day_of(context))) == "not_going",
    )
    return Draft(
        kind=DraftKind.MESSAGE,
        title=text.title,
        raw=text.body,
        reason=reasons_for(context.texts.locale).one_absent(name),
        part=f"to-{person.user_id}",
        recipients=(person.username,),
        approval=context.approval,
        about_users=(person.user_id,),
        refs=(f"{SESSION}-missed", f"{WHILE_FACT}{fact}=no", in_cohort(context)),
        citations=(Citation(Use.LINK, topic.id),),
        to_learner=person.user_id,
    )


def _day_of(context: PlayContext) -> date | None:
    """Return the day that tells a session from the others of its step; None for a step that happens once."""
    return None if context.once else context.occurrence.own_day


def attended_fact(step: str, day: date | None = None) -> str:
    """Return the name of the fact that says whether somebody was at a step's session, of one that recurs on a day."""
    return fact_name("attended", step, day)


def rsvp_fact(step: str, day: date | None) -> str:
    """Return the name of the fact that says what somebody answered to a step's invitation; see `attended_fact`."""
    return fact_name("rsvp", step, day)
