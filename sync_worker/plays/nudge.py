"""An open door for those who fell silent (`nudge`), twice at most; then the LCM takes over (`hand_over`).

Automatic nudges move little: with 250,000 students of 247 courses the expected effects were not found (Kizilcec and
others 2020, PNAS 117(26), doi 10.1073/pnas.1921417117). So a person sends them: drafts wait for an LCM, there are two
of them at most, and what comes after is a conversation. Whether they help in a cohort, its LCMs can see: a step may
leave out a share of the people by chance (`holdout`), and `lcm nudges` compares who came back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Literal, cast
from urllib.parse import quote

from pydantic import Field

from sync_worker.config.base import Strict
from sync_worker.content.markdown import Markdown, display_name, escape, link, person_name
from sync_worker.content.reasons import reasons_for
from sync_worker.model import UNTIL_ANSWERED, UNTIL_BACK, Citation, Draft, DraftKind, Use
from sync_worker.plays.context import Days, Drafted, Name
from sync_worker.plays.frame import (
    called,
    cohort_words,
    days_in_words,
    host_links,
    host_names,
    in_cohort,
    note_to_lcms,
    staff,
)
from sync_worker.signals.effect import Trial, is_held_out
from sync_worker.signals.needs_hand import Sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sync_worker.model import Topic
    from sync_worker.plays.context import ChosenPerson, HeldOut, PastDraft, PlayContext

NUDGE, HAND_OVER = "nudge", "desk:hand-over"
MOST = 2
IN_PEACE = timedelta(days=30)
NAMES_SHOWN = 3
AtOnce = Annotated[int, Field(ge=1, le=50)]
# About a plan its author was asked, and told that nobody asks again.
WrittenAbout = Literal[Sign.QUIET, Sign.NEVER_WROTE, Sign.DROPPED, Sign.UNANSWERED, Sign.TASK]
Share = Annotated[float, Field(ge=0, le=0.5)]


class Options(Strict):
    """`with:` of a `nudge` step: its two texts, how long after the first the second comes, and how many at once.

    `holdout` is the share of people to whom the step does not write, drawn by lot; `back_within` so many days it is
    looked, of all of them, whether they wrote.
    """

    template: Name = "nudge"
    again_template: Name = "nudge-again"
    again_after: Days = 10
    signs: tuple[WrittenAbout, ...] = (Sign.QUIET, Sign.NEVER_WROTE, Sign.DROPPED)
    limit: AtOnce = 5
    holdout: Share = 0.0
    back_within: Days = 14


class HandOverOptions(Strict):
    """`with:` of a `hand_over` step: its text, and how long after the second message nothing came back."""

    template: Name = "hand-over"
    after: Days = 7


@dataclass(frozen=True, slots=True)
class Step:
    """The smallest next step: to answer those who answered, a task that is open, or the newest prompt."""

    topic: Topic
    names: tuple[str, ...] = ()
    is_task: bool = False


@dataclass(frozen=True, slots=True)
class SilentPerson:
    """Somebody handed over to the LCMs: their page, why, and when they were written to."""

    who: Markdown
    why: str
    told: str


def draft(context: PlayContext) -> Drafted:
    """Return a message to each who fell silent and may be written to, the longest silent first."""
    options, reasons = cast("Options", context.options), reasons_for(context.texts.locale)
    past = nudges_of(context.history.drafts())
    topics = context.activity.topics(until=context.now)
    drafts: list[Draft] = []
    trials: list[Trial] = []
    for person in _silent(context, options.signs):
        before = _in_this_silence(context, person, past.get(person.user_id, ()))
        if before is None or _held_out(context, person) or not _is_time(context, before, options):
            continue
        step = next_step(context, person, topics)
        if step is None or len(drafts) + sum(one.held_out for one in trials) >= options.limit:
            continue
        trial = _drawn(context, person) if options.holdout and not before else None
        trials += [trial] if trial is not None else []
        if trial is None or not trial.held_out:
            drafts.append(message(context, person, step, before))
    alone = sum(one.held_out for one in trials)
    reason = reasons.nudged(len(drafts)) if drafts else "" if alone else reasons.nobody_silent()
    return Drafted(tuple(drafts), " ".join(filter(None, (reason, reasons.held_out(alone)))), trials=tuple(trials))


def _drawn(context: PlayContext, person: ChosenPerson) -> Trial:
    """Return what chance decides about somebody, always the same for a step of a cohort."""
    options, occurrence = cast("Options", context.options), context.occurrence
    seed = "/".join((occurrence.cohort.key, occurrence.playbook, occurrence.step))
    until = occurrence.slot + timedelta(days=options.back_within)
    is_out = is_held_out(seed, person.user_id, options.holdout)
    return Trial(person.user_id, _part(person), is_out, options.holdout, until)


def _part(person: ChosenPerson) -> str:
    return f"to-{person.user_id}"


def hand_over(context: PlayContext) -> Drafted:
    """Return one message to the LCMs with those who did not react to two, each once in a silence.

    Those whom chance left out of the messages are handed over as well, once it is known whether they came back.
    """
    options, reasons = cast("HandOverOptions", context.options), reasons_for(context.texts.locale)
    past, told = nudges_of(context.history.drafts()), _handed_over(context)
    after = timedelta(days=options.after)
    people, alone = [], []
    for person in context.people:
        before = _in_this_silence(context, person, past.get(person.user_id, ())) or ()
        sent = [one for one in before if one.topic_id is not None]
        waited = bool(sent) and _days_since(context, sent[-1]) >= options.after
        if len(sent) >= MOST and waited and told.get(person.user_id, sent[0].slot) <= sent[0].slot:
            people.append((person, sent))
        out = _held_out(context, person) if not before else ()
        if out and context.now - out[-1].until >= after and told.get(person.user_id, out[0].slot) <= out[0].slot:
            alone.append(person)
    if not people and not alone:
        return Drafted((), reasons.nobody_to_hand_over())
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        silent=[_line(context, one, sent) for one, sent in people],
        held_out=[_page(context, one) for one in alone],
    )
    note = note_to_lcms(
        context,
        text,
        reasons.handed_over(len(people), len(alone)),
        about_users=tuple(one.user_id for one in (*(one for one, _ in people), *alone)),
        refs=(HAND_OVER,),
    )
    return Drafted((note,), note.reason)


def message(context: PlayContext, person: ChosenPerson, step: Step, before: Sequence[PastDraft]) -> Draft:
    """Return the message to one person: one open door, with its link; `before` is what they got in this silence."""
    again = bool(before)
    options, language = cast("Options", context.options), context.texts.language
    name = person_name(person.name, person.username)
    text = context.texts_for(person.user_id).render(
        options.again_template if again else options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        host_links=host_links(context),
        name=escape(called(context, person.user_id, person.name, person.username)),
        door=link(step.topic.title, f"{context.forum_url}/t/{step.topic.slug}/{step.topic.id}"),
        answered=Markdown(language.listing(step.names)),
        is_task=step.is_task,
    )
    return Draft(
        kind=DraftKind.MESSAGE,
        title=text.title,
        raw=text.body,
        reason=reasons_for(context.texts.locale).silent(name, again=again),
        part=_part(person),
        recipients=(person.username,),
        approval=context.approval,
        about_users=(person.user_id,),
        refs=(
            *(NUDGE, f"{UNTIL_BACK}{context.now.isoformat()}", in_cohort(context)),
            *(f"{UNTIL_ANSWERED}{one.topic_id}" for one in before if one.topic_id is not None),
        ),
        citations=(Citation(Use.LINK, step.topic.id),),
        to_learner=person.user_id,
    )


def next_step(context: PlayContext, person: ChosenPerson, topics: Sequence[Topic]) -> Step | None:
    """Return the smallest step that is open for somebody: an answer to answer, else a task, else the newest prompt."""
    answered = [step for topic in topics if not topic.closed and (step := _answered(topic, person)) is not None]
    if answered:
        return max(answered, key=lambda step: (step.topic.posts[-1].created_at, step.topic.id))
    by_id = {topic.id: topic for topic in topics if not topic.closed}
    history = context.history.drafts()
    for ref, is_task in (("assignment", True), ("prompt", False)):
        given = [by_id[one.topic_id] for one in history if ref in one.draft.refs and one.topic_id in by_id]
        left = [topic for topic in given if all(post.user_id != person.user_id for post in topic.posts)]
        if left:
            return Step(left[-1], is_task=is_task)
    return None


def _answered(topic: Topic, person: ChosenPerson) -> Step | None:
    """Return who wrote after somebody's last post in a topic, as far as they may be named."""
    own = [post.number for post in topic.posts if post.user_id == person.user_id]
    if not own:
        return None
    later = [post for post in topic.posts if post.number > own[-1] and post.by_a_person and post.quotable]
    names = tuple(dict.fromkeys(display_name(post) for post in later))
    return Step(topic, names[:NAMES_SHOWN]) if names else None


def _silent(context: PlayContext, signs: Sequence[Sign]) -> list[ChosenPerson]:
    """Return who shows one of these signs and lets us write, those who have been silent longest first."""
    reachable = [one for one in context.people if one.user_id not in context.no_nudges]
    by_id = {one.user_id: one for one in reachable if one.username not in staff(context)}
    found = [
        (max(need.days for need in needs), by_id[number])
        for number, needs in context.needs.items()
        if number in by_id and any(need.sign in signs for need in needs)
    ]
    return [person for _, person in sorted(found, key=lambda one: (-one[0], one[1].user_id))]


def nudges_of(past: Iterable[PastDraft]) -> dict[int, list[PastDraft]]:
    """Return the nudges of each person by whichever step, oldest first; also those that wait."""
    found: dict[int, list[PastDraft]] = {}
    for one in past:
        if NUDGE in one.draft.refs and one.draft.to_learner is not None:
            found.setdefault(one.draft.to_learner, []).append(one)
    return found


def _handed_over(context: PlayContext) -> dict[int, datetime]:
    """Return when each person was handed over last."""
    done = (one for one in context.history.drafts() if HAND_OVER in one.draft.refs)
    return {number: one.slot for one in done for number in one.draft.about_users}


def _in_this_silence(
    context: PlayContext, person: ChosenPerson, nudges: Iterable[PastDraft]
) -> tuple[PastDraft, ...] | None:
    """Return the nudges since somebody wrote last, anywhere on the forum; None while they are left in peace."""
    wrote, sent = _wrote(context, person), tuple(nudges)
    if wrote is None:
        return sent
    decided = [one.slot for one in sent] + [one.slot for one in context.held_out.get(person.user_id, ())]
    if any(at < wrote for at in decided) and context.now - wrote < IN_PEACE:
        return None
    return tuple(one for one in sent if one.slot >= wrote)


def _held_out(context: PlayContext, person: ChosenPerson) -> tuple[HeldOut, ...]:
    """Return when chance left somebody out since they wrote last, by whichever step; no step writes to them then."""
    wrote = _wrote(context, person)
    return tuple(one for one in context.held_out.get(person.user_id, ()) if wrote is None or one.slot >= wrote)


def _wrote(context: PlayContext, person: ChosenPerson) -> datetime | None:
    known = context.last_posts.get(person.user_id)
    return max((at for at in (known, person.posted_at) if at is not None), default=None)


def _is_time(context: PlayContext, before: Sequence[PastDraft], options: Options) -> bool:
    if not before:
        return True
    waits = before[-1].topic_id is None
    return not waits and len(before) < MOST and _days_since(context, before[-1]) >= options.again_after


def _days_since(context: PlayContext, one: PastDraft) -> int:
    """Return how many days of the cohort's clock ago a message went out, whatever the hour at which it could."""
    zone = context.occurrence.cohort.zone
    return (context.now.astimezone(zone).date() - one.at.astimezone(zone).date()).days


def _line(context: PlayContext, person: ChosenPerson, sent: Sequence[PastDraft]) -> SilentPerson:
    zone = context.occurrence.cohort.zone
    days = days_in_words(context, [one.at.astimezone(zone).date() for one in sent])
    return SilentPerson(_page(context, person), sent[-1].draft.reason, days)


def _page(context: PlayContext, person: ChosenPerson) -> Markdown:
    return link(person_name(person.name, person.username), f"{context.forum_url}/u/{quote(person.username)}")
