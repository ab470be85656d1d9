"""A mail to each learner's own manager: what the programme works on now, one thing to ask, to offer, and not to do.

Managers decide whether there is room to try things, and most of what they need is to be told once, at the right moment
(Blume and others 2010, "Transfer of training: a meta-analytic review", Journal of Management 36(4): support at work is
among the strongest predictors of transfer). What they get is about the programme. Nothing of it is about how a learner
takes part: no post, no figure, no sign. A plan is quoted only where its author wrote, in so many words and of their own
accord, that their manager may read it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from itertools import takewhile
from typing import TYPE_CHECKING, Literal, cast
from urllib.parse import quote

from pydantic import Field

from sync_worker.config.base import Strict
from sync_worker.content.markdown import Markdown, escape, link, person_name
from sync_worker.languages.language import capital, codes, shortened
from sync_worker.languages.parts import MAILS
from sync_worker.model import Citation, Draft, DraftKind, Use, managers_in
from sync_worker.model.drafts import MAIL_LINK
from sync_worker.plays.context import Drafted, Name
from sync_worker.plays.frame import cohort_words, host_names, in_cohort, note_to_lcms, staff
from sync_worker.signals.naming import parts_of
from sync_worker.signals.plain import letters, sentences
from sync_worker.store.mails import ASKS, TO_MANAGER
from sync_worker.store.personal import Needles, Subject

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sync_worker.model import Commitment, Manager, Post, Topic
    from sync_worker.plays.context import ChosenPerson, PlayContext

BRIEFING = "briefing"  # its drafts are written anew where a part of what they show does not hold any more
OF_USE = timedelta(days=10)
DONE = "yes"
LONGEST_ABOUT = 100
UNREACHABLE = "no-manager:"
"""Before an account, among the refs of the note that says that this person's manager cannot be written to."""
MOST_NAMED = 30
DIGITS = 12


class Options(Strict):
    """`with:` of a `brief_manager` step: the moment of the journey, which names its text, and whether it asks back.

    `unknown_template` is what the LCMs get about people of whom no manager's address is known.
    """

    moment: Literal["before", "during", "after"]
    template: Name = Field(default_factory=lambda given: f"{BRIEFING}-{given.get('moment', 'before')}")
    ask: bool = True
    unknown_template: Name = "no-manager"


@dataclass(frozen=True, slots=True)
class PlanWords:
    """A plan that its author lets their manager read: whose it is, and their own words."""

    name: Markdown
    words: Markdown


@dataclass(frozen=True, slots=True)
class Shown:
    """A plan with what a mail cites of it: the words, and the sentence that allows it, which must both still stand."""

    plan: PlanWords
    citation: Citation


@dataclass(frozen=True, slots=True)
class Allowed:
    """A plan that its author lets their managers read: its sentences, each with the learners whom it names.

    `post` is where it stands, and `sentence` what allows it there.
    """

    plan: Commitment
    post: Post
    passages: tuple[tuple[str, frozenset[int]], ...]
    sentence: str

    def shown(self, own: Collection[int]) -> Shown | None:
        """Return the plan up to where it names others than a manager's `own` learners; None where nothing is left."""
        told = tuple(words for words, _ in takewhile(lambda passage: passage[1] <= set(own), self.passages))
        if not told:
            return None
        cited = Citation(
            Use.QUOTE,
            self.plan.topic_id,
            post_id=self.plan.post_id,
            number=self.plan.number,
            user_id=self.plan.user_id,
            username=self.post.username,
            name=self.post.name,
            passages=(*told, self.sentence),
        )
        name = person_name(self.plan.name, self.plan.username)
        return Shown(PlanWords(escape(name), Markdown(f"> {escape(' '.join(told))}")), cited)


def draft(context: PlayContext) -> Drafted:
    """Return one mail for each manager, about all learners of theirs whom the step is for.

    The LCMs get one message about people of whom no manager is known, each of them once in the life of the cohort.
    """
    words = MAILS.of(context.texts.locale)
    of: dict[str, tuple[Manager, list[ChosenPerson]]] = {}
    learners = [one for one in context.people if one.username not in staff(context)]
    for person in learners:
        for manager in managers_in(context.facts.get(person.user_id, {})):
            of.setdefault(manager.key, (manager, []))[1].append(person)
    allowed = _plans(context)
    drafts = [
        _mail(context, manager, people, allowed)
        for key, (manager, people) in sorted(of.items())
        if key not in context.mails.stopped and context.mails.answers.get((context.occurrence.step, key)) != DONE
    ]
    notes = _unknown(context, learners)
    if not drafts:
        return Drafted(notes, words.nobody)
    counted = capital(context.texts.language.number(len(drafts)))
    return Drafted((*drafts, *notes), words.sent[len(drafts) == 1].format(managers=counted))


def _unknown(context: PlayContext, learners: Sequence[ChosenPerson]) -> tuple[Draft, ...]:
    """Return a message to the LCMs about those of whom no manager's address is known, none where they heard of all."""
    unknown = [one for one in learners if not managers_in(context.facts.get(one.user_id, {}))]
    said = {ref for one in context.history.drafts() for ref in one.draft.refs if ref.startswith(UNREACHABLE)}
    new = [one for one in unknown if f"{UNREACHABLE}{one.user_id}" not in said]
    if not new:
        return ()
    language, more = context.texts.language, len(new) - MOST_NAMED
    pages = [link(person_name(one.name, one.username), f"{context.forum_url}/u/{quote(one.username)}") for one in new]
    text = context.texts.render(
        cast("Options", context.options).unknown_template,
        cohort=cohort_words(context),
        unknown=pages[:MOST_NAMED],
        others=language.number(more) if more > 0 else "",
        everybody=len(new) == len(learners),
    )
    reason = MAILS.of(context.texts.locale).unknown_managers
    note = note_to_lcms(
        context,
        text,
        reason[len(new) == 1].format(learners=language.number(len(new))),
        about_users=tuple(one.user_id for one in new),
        refs=tuple(f"{UNREACHABLE}{one.user_id}" for one in new),
    )
    return (note,)


def part_of(manager: Manager) -> str:
    """Return what tells the mail to a manager from all others of its step, without the address."""
    return f"{TO_MANAGER}-{hashlib.sha256(manager.key.encode()).hexdigest()[:DIGITS]}"


def _mail(
    context: PlayContext, manager: Manager, people: Sequence[ChosenPerson], allowed: Mapping[int, Allowed]
) -> Draft:
    options, words = cast("Options", context.options), MAILS.of(context.texts.locale)
    names = [person_name(one.name, one.username) for one in people]
    learners = context.texts.language.listing(names)
    own = {one.user_id for one in people}
    told = [allowed[one.user_id] for one in people if one.user_id in allowed] if options.moment != "before" else []
    plans = [shown for plan in told if (shown := plan.shown(own)) is not None]
    choices = (Markdown(f"[{label}]({MAIL_LINK}{word})") for word, label in words.answers.items())
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        manager=escape(manager.name) if manager.name else "",
        learners=Markdown(context.texts.language.listing([escape(name) for name in names])),
        about=shortened(learners, LONGEST_ABOUT),
        several=len(people) > 1,
        plans=tuple(one.plan for one in plans),
        answers=Markdown("\n".join(f"- {choice}" for choice in choices)) if options.ask else Markdown(""),
        stop=Markdown(f"[{words.stop}]({MAIL_LINK}stop)"),
    )
    known = words.reason.format(manager=manager.name, learners=learners)
    return Draft(
        kind=DraftKind.MAIL,
        title=text.title,
        raw=text.body,
        reason=known if manager.name else words.reason_unnamed.format(learners=learners),
        part=part_of(manager),
        recipients=(manager.recipient,),
        approval=context.approval,
        about_users=tuple(one.user_id for one in people),
        about_posts=tuple(one.citation.post_id for one in plans if one.citation.post_id is not None),
        refs=(
            *(BRIEFING, f"{BRIEFING}:{options.moment}", TO_MANAGER, in_cohort(context)),
            *((ASKS,) if options.ask else ()),
        ),
        citations=tuple(one.citation for one in plans),
        locale=context.texts.locale,
        not_after=context.occurrence.at + OF_USE,
    )


# The plans that a manager may read: those whose authors say so in their own post.


def _plans(context: PlayContext) -> dict[int, Allowed]:
    """Return by account the newest plan that its author lets their manager read."""
    mine = [one for one in context.commitments if one.withdrawn_at is None]
    if not mine:
        return {}
    topics = {topic.id: topic for topic in context.activity.topics(until=context.now)}
    called = _called(context)
    found = ((one.user_id, _allowed(one, topics.get(one.topic_id), called)) for one in mine)
    return {number: allowed for number, allowed in found if allowed is not None}


def _called(context: PlayContext) -> dict[int, Needles]:
    """Return by account what finds the names of a learner in a text, whole or in part."""
    learners = {one.user_id: one for one in (*context.members, *context.people) if one.username not in staff(context)}
    return {
        number: Needles(Subject(usernames=frozenset({one.username}), names=parts_of([one.name]) | {one.name}))
        for number, one in learners.items()
    }


def _allowed(one: Commitment, topic: Topic | None, called: Mapping[int, Needles]) -> Allowed | None:
    post = next((post for post in topic.posts if post.id == one.post_id), None) if topic is not None else None
    if post is None or not post.quotable or post.user_id != one.user_id:
        return None
    sentence = next((each.text for each in sentences(post.cooked) if letters(each.text) in _may_read()), None)
    passages = tuple(
        (words, frozenset(number for number, needles in called.items() if needles.in_text(words, sure=True)))
        for words in one.words
        if letters(words) not in _may_read()
    )
    return Allowed(one, post, passages, sentence) if sentence is not None else None


@cache
def _may_read() -> frozenset[str]:
    return frozenset(letters(phrase) for code in codes() for phrase in MAILS.of(code).may_read)
