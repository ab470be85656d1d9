"""Plays that post nothing: pin or unpin a topic of an earlier step, close topics, make the cohort an archive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema, model_validator

from sync_worker.config.base import Strict
from sync_worker.content.reasons import reasons_for
from sync_worker.model import Action, ActionKind, DraftKind
from sync_worker.model.drafts import KEY_PREFIX
from sync_worker.plays.context import Days, Drafted, Name, read_days
from sync_worker.timeline import FixedDay, RelativeDay, parse_day

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sync_worker.model import Cohort, Topic
    from sync_worker.plays.context import PastDraft, PlayContext

DEFAULT_PIN_DAYS = 7
MOST_TOPICS = 100


def _pin_end(value: object) -> int | RelativeDay | FixedDay:
    """Read `7d`, `2w`, `end -1w`, `2027-03-15`."""
    if isinstance(value, str) and value.strip()[-1:] in ("d", "w") and value.strip()[:-1].isdigit():
        return int(cast("int", read_days(value)))
    day = parse_day(value)
    if isinstance(day, RelativeDay) and day.anchor not in ("start", "end"):
        raise ValueError(f"expected days like 7d, or a day like 'end -1w' or '2027-03-15', not '{value}'")
    return day


PinEnd = Annotated[
    int | RelativeDay | FixedDay,
    PlainValidator(_pin_end),
    WithJsonSchema({"type": "string", "examples": ["7d", "2w", "end -1w", "2027-03-15"]}),
]
Names = Annotated[
    tuple[Name, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    WithJsonSchema({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class PinOptions(Strict):
    """`with:` of a `pin` step: the step whose latest topic is pinned, and until when; `off` takes its pin away."""

    topic: Name
    until: PinEnd = DEFAULT_PIN_DAYS
    off: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> PinOptions:
        if self.off and "until" in self.model_fields_set:
            raise ValueError("a pin that is taken away has no `until`")
        return self


class CloseOptions(Strict):
    """`with:` of a `close` step: topics of these steps, or all in the cohort's category, once nobody writes in them.

    `quiet` is for how long nobody has written; without it the topics of the steps are closed as they are. `limit` is
    how many are closed at most on one date, those that have been quiet longest first.
    """

    topics: Names = ()
    quiet: Days | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_TOPICS)] = 30

    @model_validator(mode="after")
    def _some(self) -> CloseOptions:
        if not self.topics and self.quiet is None:
            raise ValueError("say which: the `topics` of some steps, or how long they were `quiet`, like 60d")
        return self


class ArchiveOptions(Strict):
    """`with:` of an `archive` step: nothing."""


def pin(context: PlayContext) -> Drafted:
    """Return the pin of the latest topic of a step, or that it is taken away."""
    options = cast("PinOptions", context.options)
    reasons = reasons_for(context.texts.locale)
    posted = _topics_of(context.history.drafts(), (options.topic,))
    if not posted:
        return Drafted((), reasons.no_topic_of(options.topic))
    last = posted[-1]
    until = None if options.off else _moment(options.until, context)
    if until is not None and until <= context.now:
        return Drafted((), reasons.pin_over())
    kind = ActionKind.UNPIN if until is None else ActionKind.PIN
    reason = reasons.unpin() if until is None else reasons.pin(until.astimezone(context.occurrence.cohort.zone))
    action = Action(kind, reason, kind.value, last.topic_id, last.key, until)
    return Drafted((), reason, (action,))


def close(context: PlayContext) -> Drafted:
    """Return the topics to be closed, each once; those that somebody opened again are left open."""
    options = cast("CloseOptions", context.options)
    reasons = reasons_for(context.texts.locale)
    found = _of_steps(context, options) if options.topics else _quiet(context, options)
    chosen = found[: options.limit]
    if not chosen:
        return Drafted((), reasons.nothing_to_close())
    since = _since(context, options)
    why = reasons.close(len(chosen), len(found) - len(chosen))
    actions = (
        Action(ActionKind.CLOSE, why, f"close-{one.topic_id}", one.topic_id, one.key, quiet_since=since)
        for one in chosen
    )
    return Drafted((), why, tuple(actions))


def archive(context: PlayContext) -> Drafted:
    """Return that the cohort becomes an archive; one that has not ended does not."""
    cohort, today = context.occurrence.cohort, context.occurrence.local_at.date()
    reasons = reasons_for(context.texts.locale)
    if today <= cohort.end:
        return Drafted((), reasons.not_ended(cohort.end))
    reason = reasons.archive()
    return Drafted((), reason, (Action(ActionKind.ARCHIVE, reason, ActionKind.ARCHIVE.value),))


@dataclass(frozen=True, slots=True)
class _Closable:
    """A topic that may be closed; `key` is "" where it is none of ours."""

    topic_id: int
    key: str = ""


def _topics_of(past: Sequence[PastDraft], steps: Sequence[str]) -> list[PastDraft]:
    """Return the topics that these steps posted, oldest first."""
    return [one for one in past if one.step in steps and one.draft.kind is DraftKind.TOPIC and one.topic_id]


def _of_steps(context: PlayContext, options: CloseOptions) -> list[_Closable]:
    closed = context.history.acted_on(ActionKind.CLOSE)
    posted = _topics_of(context.history.drafts(), options.topics)
    found = [_Closable(one.topic_id, one.key) for one in posted if one.topic_id and one.topic_id not in closed]
    if options.quiet is None:
        return found
    quiet = {one.topic_id for one in _quiet(context, options)}
    return [one for one in found if one.topic_id in quiet]


def _quiet(context: PlayContext, options: CloseOptions) -> list[_Closable]:
    """Return open topics of the cohort's own category in which nobody has written for so long, the quietest first."""
    since = _since(context, options)
    closed = context.history.acted_on(ActionKind.CLOSE)
    own = context.activity.own_category_id
    topics = [one for one in context.activity.topics() if one.category_id == own and _may_be_closed(one, context)]
    quiet = [one for one in topics if one.id not in closed and since is not None and _last_post(one) <= since]
    return [_Closable(one.id) for one in sorted(quiet, key=lambda one: (_last_post(one), one.id))]


def _may_be_closed(topic: Topic, context: PlayContext) -> bool:
    """Whether a topic is open and not the one that describes the category, which our account opened without a key."""
    is_ours = (topic.external_id or "").startswith(KEY_PREFIX)
    return not topic.closed and (is_ours or not topic.opened_by(context.own_usernames))


def _last_post(topic: Topic) -> datetime:
    return max((post.created_at for post in topic.posts), default=topic.created_at)


def _since(context: PlayContext, options: CloseOptions) -> datetime | None:
    return None if options.quiet is None else context.occurrence.at - timedelta(days=options.quiet)


def _moment(until: int | RelativeDay | FixedDay, context: PlayContext) -> datetime:
    """Return when a pin ends: so many days after the step's date, or at the end of a day of the cohort's clock."""
    occurrence = context.occurrence
    if isinstance(until, int):
        return occurrence.at + timedelta(days=until)
    day = until.date if isinstance(until, FixedDay) else _anchor(until, occurrence.cohort) + timedelta(days=until.days)
    end = datetime.combine(day + timedelta(days=1), time(), occurrence.cohort.zone)
    return end.astimezone(UTC)


def _anchor(day: RelativeDay, cohort: Cohort) -> date:
    return cohort.start if day.anchor == "start" else cohort.end
