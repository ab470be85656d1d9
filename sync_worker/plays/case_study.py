"""A success case study: two questions to everybody some weeks later, then a look at the best and the worst cases.

After Brinkerhoff (`signals.cases` says by which rule people are chosen). The step itself asks; `choose` days later the
LCMs hear who stands for the extremes, and an invitation to each waits for their approval. Who says yes is talked with,
by a guide that the LCMs get (`worker.case_studies`). Where the step says so, a manager is asked one question, if the
person allows it: nothing that a person said ever goes to a manager.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING, Annotated, Self, cast
from urllib.parse import quote as quoted_path

from pydantic import Field, model_validator

from sync_worker.activity.cases import ASKED, INVITED, KIND, OF, USE
from sync_worker.config.base import Strict
from sync_worker.content.markdown import Markdown, escape, link, person_name
from sync_worker.languages.parts import CASES, MAILS
from sync_worker.model import (
    WHILE_MAY_ASK,
    Allowed,
    Answer,
    Approval,
    CaseKind,
    Draft,
    DraftKind,
    managers_in,
)
from sync_worker.plays.context import Days, Drafted, Name
from sync_worker.plays.frame import called, cohort_words, host_names, in_cohort, note_to_lcms, staff
from sync_worker.signals.cases import choose
from sync_worker.signals.contributions import contributions
from sync_worker.signals.cues import read_beats
from sync_worker.store.mails import ASKS, CORROBORATES, TO_MANAGER
from sync_worker.timeline import FollowUp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.model import Case, Manager
    from sync_worker.plays.context import ChosenPerson, PlayContext
    from sync_worker.signals.cases import Choice, Selection

REF = "case-study"  # among the refs of all of it
CHOOSE, MANAGERS, GUIDE = "choose", "managers", "guide"
CHOSEN, GUIDED = "case-chosen", "case-guide"
MOST_LCMS, MOST_POSTS, DIGITS = 10, 5, 12


class Options(Strict):
    """`with:` of a `case_study` step: after how many days cases are chosen, and how many best and worst ones at most.

    So many days after the question as `managers` says, managers of people who allow it are asked; without it nobody is.
    """

    template: Name = "case-ask"
    choose: Annotated[Days, Field(ge=3, le=60)] = 14
    cases: Annotated[int, Field(ge=1, le=5)] = 2
    chosen_template: Name = "case-chosen"
    invite_template: Name = "case-invite"
    guide_template: Name = "case-guide"
    managers: Annotated[Days, Field(le=120)] | None = None
    manager_template: Name = "case-manager"

    @model_validator(mode="after")
    def _managers_come_later(self) -> Self:
        if self.managers is not None and self.managers <= self.choose:
            raise ValueError(f"`managers` comes after `choose`: more than {self.choose}d")
        return self


def follow_ups(options: Options) -> tuple[FollowUp, ...]:
    """Return the choice of cases and, where managers are asked, their mails."""
    mails = (FollowUp(MANAGERS, options.managers),) if options.managers is not None else ()
    return (FollowUp(CHOOSE, options.choose), *mails)


def may_poll(*_: object) -> bool:
    """Whether a step of it may post a poll: its questions have some."""
    return True


def draft(context: PlayContext) -> Drafted:
    """Return the questions; of the follow-ups the note with the invitations, or the mails to managers."""
    parts = {"": _ask, CHOOSE: _choose, MANAGERS: _managers}
    return parts[context.follow_up](context)


def _ask(context: PlayContext) -> Drafted:
    words = CASES.of(context.texts.locale)
    asked = [one for one in context.people if one.username not in staff(context)]
    if not asked:
        return Drafted((), words.reasons["nobody"])
    drafts = tuple(_question(context, one) for one in asked)
    return Drafted(drafts, words.reasons["ask"])


def _question(context: PlayContext, person: ChosenPerson) -> Draft:
    options, words = cast("Options", context.options), CASES.of(context.texts.locale)
    cohort = context.occurrence.cohort
    text = context.texts_for(person.user_id).render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        name=escape(called(context, person.user_id, person.name, person.username)),
        ended=context.now.astimezone(cohort.zone).date() > cohort.end,
        options=words.options,
        taps=context.site.polls,
    )
    return Draft(
        kind=DraftKind.MESSAGE,
        title=text.title,
        raw=text.body + _poll(context, USE, words.options),
        reason=words.reasons["ask"],
        part=f"to-{person.user_id}",
        recipients=(person.username,),
        approval=context.approval,
        about_users=(person.user_id,),
        refs=(REF, ASKED, in_cohort(context)),
        to_learner=person.user_id,
    )


def _poll(context: PlayContext, name: str, options: Sequence[str]) -> str:
    """Return a poll that shows us who chose what; "" where the forum has none, so that a word must do."""
    if not context.site.polls:
        return ""
    listed = "\n".join(f"* {option}" for option in options)
    return f"\n[poll name={name} type=regular results=always public=true]\n{listed}\n[/poll]\n"


# Who is chosen, what the LCMs hear of it, and the invitations.


@dataclass(frozen=True, slots=True)
class CaseWords:
    """Somebody who was chosen, as a text speaks of them; `words` is a quote and may be empty, `posts` are links."""

    who: Markdown
    best: bool
    answer: str
    words: Markdown
    why: str
    posts: tuple[Markdown, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines by which a person answers an invitation, as they have to be written."""

    talk_yes: str
    talk_no: str
    named_yes: str
    manager_yes: str


def asked_by(context: PlayContext) -> tuple[Case, ...]:
    """Return those whom this date of the step has asked and who are still in the cohort.

    The date of a step that happens once may have been moved since it asked.
    """
    own, people = context.occurrence.follows, {one.user_id for one in context.people}
    mine = [one for one in context.cases if one.step == context.occurrence.step and one.user_id in people]
    return tuple(one for one in mine if context.once or one.slot == own)


def _choose(context: PlayContext) -> Drafted:
    options, words = cast("Options", context.options), CASES.of(context.texts.locale)
    cases = asked_by(context)
    found = choose(cases, _posts(context), options.cases, context.rng)
    reason = _reason(context, found)
    if not cases:
        return Drafted((), words.reasons["nobody"])
    note = _note(context, found, reason)
    return Drafted((note, *(_invitation(context, one) for one in found.chosen)), reason)


def _reason(context: PlayContext, found: Selection) -> str:
    reasons, language = CASES.of(context.texts.locale).reasons, context.texts.language
    which = "few" if found.too_few else "chosen"
    return reasons[which].format(answered=language.digits(found.answered), number=language.number(len(found.chosen)))


def _posts(context: PlayContext) -> dict[int, tuple[int, ...]]:
    """Return by account the posts that speak of use: plans that were carried out, and reports of something tried."""
    cohort = context.occurrence.cohort
    found: dict[int, list[int]] = {}
    for plan in context.commitments:
        if plan.withdrawn_at is None and Answer.DONE in (plan.answer, plan.later_answer):
            found.setdefault(plan.user_id, []).append(plan.post_id)
    began = datetime.combine(cohort.start, time(), cohort.zone)
    topics = context.activity.topics(since=began, until=context.now)
    for one in contributions(topics, began, context.now, staff(context)):
        if read_beats(one.post.cooked):
            found.setdefault(one.post.user_id, []).append(one.post.id)
    return {number: tuple(dict.fromkeys(posts))[:MOST_POSTS] for number, posts in found.items()}


def _note(context: PlayContext, found: Selection, reason: str) -> Draft:
    options, language = cast("Options", context.options), context.texts.language
    text = context.texts.render(
        options.chosen_template,
        cohort=cohort_words(context),
        asked=language.count(found.asked, "person"),
        count=language.number(found.answered) if found.answered else "",
        few=found.too_few,
        cases=tuple(_words_about(context, one) for one in found.chosen),
    )
    return note_to_lcms(
        context, text, reason, about_users=tuple(one.case.user_id for one in found.chosen), refs=(REF, CHOSEN)
    )


def _words_about(context: PlayContext, one: Choice) -> CaseWords:
    name = _name(context, one.case)
    return CaseWords(
        who=link(name, f"{context.forum_url}/u/{quoted_path(one.case.username)}"),
        best=one.kind is CaseKind.BEST,
        answer=answer_of(one.case, context.texts.locale),
        words=quoted_words(one.case),
        why=_why(context, one, name),
        posts=post_links(one.posts, context.forum_url),
    )


def answer_of(case: Case, locale: str) -> str:
    """Return how much somebody used it, as the poll says it; "" where they have not answered."""
    return CASES.of(locale).options[case.used] if case.used is not None else ""


def quoted_words(case: Case) -> Markdown:
    """Return what somebody wrote that came of it, as a quotation; empty where they wrote nothing."""
    return Markdown(f"> {escape(case.words)}") if case.words else Markdown("")


def post_links(posts: Sequence[int], forum_url: str) -> tuple[Markdown, ...]:
    """Return the posts that speak of it, as addresses."""
    return tuple(Markdown(f"{forum_url}/p/{number}") for number in posts)


def _name(context: PlayContext, case: Case) -> str:
    there = next((one for one in context.people if one.user_id == case.user_id), None)
    return person_name(there.name, there.username) if there is not None else case.username


def _why(context: PlayContext, one: Choice, name: str) -> str:
    """Return why somebody was chosen, sentence by sentence."""
    reasons, language = CASES.of(context.texts.locale).reasons, context.texts.language
    answer = answer_of(one.case, context.texts.locale)
    said = [reasons[one.kind.value].format(name=name, answer=answer)]
    said += [reasons["words"]] if one.case.words else []
    said += [reasons["signs"].format(number=language.number(len(one.posts)))] if one.posts else []
    said += [reasons["lot"].format(number=language.number(one.drawn_among))] if one.drawn_among > 1 else []
    return " ".join(said)


def _invitation(context: PlayContext, one: Choice) -> Draft:
    """Return the invitation to a conversation: it is always an LCM's, and always waits for her approval."""
    options, words, case = cast("Options", context.options), CASES.of(context.texts.locale), one.case
    asks_manager = options.managers is not None and one.kind is CaseKind.BEST and bool(_managers_of(context, case))
    text = context.texts_for(case.user_id).render(
        options.invite_template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        name=escape(called(context, case.user_id, _name(context, case), case.username)),
        best=one.kind is CaseKind.BEST,
        answer=answer_of(case, context.texts.locale),
        asks_manager=asks_manager,
        says=lines_of(context.texts.locale),
        taps=context.site.polls,
    )
    asked = (Allowed.TALK, Allowed.NAMED, *((Allowed.MANAGER,) if asks_manager else ()))
    polls = "".join(_poll(context, what.value, words.consents[what.value]) for what in asked)
    hosts = context.hosts[:MOST_LCMS]
    return Draft(
        kind=DraftKind.MESSAGE,
        title=text.title,
        raw=text.body + polls,
        reason=_why(context, one, _name(context, case)),
        part=f"to-{case.user_id}",
        recipients=(case.username, *(host.username for host in hosts)),
        approval=Approval.LCM,
        about_posts=one.posts,
        about_users=(case.user_id,),
        refs=(REF, INVITED, f"{OF}{case.key}", f"{KIND}{one.kind.value}", in_cohort(context)),
        signed=tuple(host.name for host in hosts),
        to_learner=case.user_id,
    )


def lines_of(locale: str) -> Lines:
    """Return the lines with which an invitation is answered."""
    said = CASES.of(locale).consents
    (talk_yes, talk_no), (named_yes, _), (manager_yes, _) = (said[what.value] for what in Allowed)
    return Lines(talk_yes, talk_no, named_yes, manager_yes)


# The one question to a manager, who hears nothing of what the person said.


def _managers_of(context: PlayContext, case: Case) -> list[Manager]:
    known = managers_in(context.facts.get(case.user_id, {}))
    return [one for one in known if one.key not in context.mails.stopped]


def _managers(context: PlayContext) -> Drafted:
    reasons, language = CASES.of(context.texts.locale).reasons, context.texts.language
    drafts = tuple(
        _mail(context, case, manager)
        for case in asked_by(context)
        if case.kind is CaseKind.BEST and case.allows.get(Allowed.MANAGER)
        for manager in _managers_of(context, case)
    )
    if not drafts:
        return Drafted((), reasons["no_mails"])
    return Drafted(drafts, reasons["mails"].format(number=language.number(len(drafts))))


def _mail(context: PlayContext, case: Case, manager: Manager) -> Draft:
    options, locale = cast("Options", context.options), context.texts.locale
    words, mails, name = CASES.of(locale), MAILS.of(locale), _name(context, case)
    text = context.texts.render(
        options.manager_template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        manager=escape(manager.name) if manager.name else "",
        learner=escape(name),
        about=name,
        answers=Markdown("\n".join(f"- [{label}](lcm:{word})" for word, label in words.seen.items())),
        stop=Markdown(f"[{mails.stop}](lcm:stop)"),
    )
    digest = hashlib.sha256(f"{manager.key} {case.key}".encode()).hexdigest()[:DIGITS]
    return Draft(
        kind=DraftKind.MAIL,
        title=text.title,
        raw=text.body,
        reason=words.reasons["manager"].format(name=name, manager=manager.name or manager.address),
        part=f"{TO_MANAGER}-{digest}",
        recipients=(manager.recipient,),
        approval=Approval.LCM,
        about_users=(case.user_id,),
        refs=(REF, TO_MANAGER, ASKS, CORROBORATES, f"{WHILE_MAY_ASK}{case.key}", in_cohort(context)),
        locale=locale,
    )


# The guide for the conversation, which the LCMs get once a person has said yes.


@dataclass(frozen=True, slots=True)
class GuideWords:
    """What a guide says of the person and how notes are written: the first words of lines, by kind, and the factors."""

    used: str
    result: str
    helped: str
    hindered: str
    confirm: str
    factors: str


def guide_words(locale: str) -> GuideWords:
    """Return the words with which notes begin in a language."""
    words = CASES.of(locale)
    factors = ", ".join(listed[0].lower() for listed in words.factors.values())
    return GuideWords(**{kind: listed[0] for kind, listed in words.notes.items()}, factors=factors)
