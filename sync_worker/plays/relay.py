"""From one cohort of a programme to the next: leavers are asked, their words are handed on, answers are compared."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import Field, model_validator

from sync_worker.content.markdown import Markdown, display_name, escape, link, quote
from sync_worker.content.reasons import reasons_for
from sync_worker.languages.parts import RELAY
from sync_worker.model import Approval, Citation, Draft, DraftKind, Use, behind_mark
from sync_worker.plays.context import Drafted, Name, TopicOptions
from sync_worker.plays.frame import cohort_words, host_links, host_names, staff
from sync_worker.signals.handing_on import handed_on, promises
from sync_worker.signals.plain import CUT, sentences
from sync_worker.signals.single_sentences import trimmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.model import Post, Topic
    from sync_worker.plays.context import PastDraft, PlayContext, SharedTopic
    from sync_worker.signals.handing_on import HandedOn

RELAY_REF = "relay"  # its drafts are written anew where a part of what they show does not hold any more
ASKED = "relay-ask"
PROGRAMME = "programme:"
HOST = "host:"
LANGUAGE = "in:"
MOST_COHORTS = 12


class Options(TopicOptions):
    """`with:` of a `relay` step: `ask` the leavers, `pass_on` what they wrote, or `compare` answers to the same prompt.

    `topic` is the step whose prompt is compared, `limit` how many people are quoted at most.
    """

    relay: Literal["ask", "pass_on", "compare"]
    topic: Name | None = None
    limit: Annotated[int, Field(ge=1, le=20)] = 8
    ask_template: Name = "relay-ask"
    notes_template: Name = "relay-notes"
    compare_template: Name = "relay-compare"

    @model_validator(mode="after")
    def _topic(self) -> Options:
        if (self.relay == "compare") != (self.topic is not None):
            raise ValueError("`topic` names the step whose prompt is compared; it belongs to `relay: compare` alone")
        return self


@dataclass(frozen=True, slots=True)
class Note:
    """What a person hands on, as a quote, and whose it is."""

    words: Markdown
    credit: Markdown


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one cohort answered: its name, how many people did, the topic, and a passage where the reader may see it."""

    name: str
    people: str
    topic: Markdown
    quote: Markdown


def programme_refs(options: Options, past: Sequence[PastDraft]) -> tuple[str, ...]:
    """Return by which references of their drafts the topics of other cohorts are found that a step shows."""
    if options.relay == "pass_on":
        return (ASKED,)
    if options.relay == "compare":
        return tuple(ref for one in _own_topic(options, past) for ref in one.draft.refs if ref.startswith("prompt:"))
    return ()


def shared_refs(context: PlayContext) -> tuple[str, ...]:
    """Return what lets the other cohorts of the programme find a topic; nothing for a cohort of no programme."""
    cohort = context.occurrence.cohort
    if cohort.programme is None:
        return ()
    hosts = (f"{HOST}{host.username}" for host in context.hosts)
    return (f"{PROGRAMME}{cohort.programme}", f"{LANGUAGE}{cohort.locale}", *hosts)


def draft(context: PlayContext) -> Drafted:
    """Return the question to the leavers, the topic with what they wrote, or the comparison for the LCMs."""
    options = cast("Options", context.options)
    if context.programme is None:
        return Drafted((), reasons_for(context.texts.locale).no_programme())
    parts = {"ask": _ask, "pass_on": _pass_on, "compare": _compare}
    return parts[options.relay](context, options)


def _ask(context: PlayContext, options: Options) -> Drafted:
    promise = RELAY.of(context.texts.locale).promise
    text = context.texts.render(
        options.ask_template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        host_links=host_links(context),
        promise=Markdown(promise),
    )
    reasons = reasons_for(context.texts.locale)
    if not promises(f"<p>{text.body}</p>"):
        return Drafted((), reasons.no_promise(options.ask_template))
    reason = reasons.ask_leavers()
    refs = (RELAY_REF, ASKED, *shared_refs(context))
    return Drafted((_topic(context, options, (text.title, text.body), reason, refs),), reason)


def _pass_on(context: PlayContext, options: Options) -> Drafted:
    """Return the topic with what leavers wrote; an LCM reads it first, whatever the step says.

    The words that keep an answer back are known; a person may have said the same in other words.
    """
    reasons = reasons_for(context.texts.locale)
    before = _before(context)
    if before is None:
        return Drafted((), reasons.nobody_before())
    found = handed_on(before.topic, _others_staff(context, before))[: options.limit] if before.topic else []
    if not found:
        return Drafted((), reasons.nothing_handed_on(before.name))
    text = context.texts.render(
        options.notes_template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        host_links=host_links(context),
        before=before.name,
        notes=tuple(_note(context, one, _advice(one), before) for one in found if one.advice),
        unsolved=tuple(_note(context, one, escape(one.question), before) for one in found if one.question),
    )
    reason = reasons.hand_on(len(found), before.name)
    citations = tuple(_cited(one) for one in found)
    topic = _topic(context, options, (text.title, text.body), reason, (RELAY_REF,), citations)
    return Drafted((replace(topic, approval=Approval.LCM),), reason)


def _topic(  # noqa: PLR0917
    context: PlayContext,
    options: Options,
    text: tuple[str, str],
    reason: str,
    refs: tuple[str, ...],
    citations: tuple[Citation, ...] = (),
) -> Draft:
    return Draft(
        kind=DraftKind.TOPIC,
        title=text[0],
        raw=text[1],
        reason=reason,
        tags=options.tags,
        pin_days=options.pin,
        approval=context.approval,
        about_posts=tuple(one.post_id for one in citations if one.post_id),
        about_users=tuple(one.user_id for one in citations if one.user_id),
        refs=refs,
        citations=citations,
    )


def _before(context: PlayContext) -> SharedTopic | None:
    """Return the latest question to leavers of another cohort, of one in the same language where there is one."""
    assert context.programme is not None  # noqa: S101  (`draft` has looked)
    own, slot = context.occurrence.cohort, context.occurrence.slot
    asked = [one for one in context.programme.shared(ASKED) if one.cohort != own.key and one.slot < slot]
    alike = [one for one in asked if f"{LANGUAGE}{own.locale}" in one.draft.refs]
    return (alike or asked)[-1] if asked else None


def _others_staff(context: PlayContext, shared: SharedTopic) -> frozenset[str]:
    """Return the accounts whose posts in another cohort's topic are not counted: our own, and its LCMs'."""
    return context.own_usernames | set(behind_mark(shared.draft.refs, HOST))


def _advice(one: HandedOn) -> Markdown:
    text = escape(" ".join(one.advice))
    return Markdown(f"{text} {CUT}") if one.is_cut else text


def _note(context: PlayContext, one: HandedOn, words: Markdown, before: SharedTopic) -> Note:
    """Return a quote that leads nowhere: its readers do not see the other cohort's category."""
    someone = RELAY.of(context.texts.locale).someone.format(cohort=escape(before.name))
    credit = display_name(one.post) if one.named else Markdown(someone)
    return Note(Markdown(f"> {words}"), credit)


def _cited(one: HandedOn) -> Citation:
    post = one.post
    return Citation(
        Use.HAND_ON if one.named else Use.HAND_ON_UNNAMED,
        post.topic_id,
        post_id=post.id,
        number=post.number,
        user_id=post.user_id,
        username=post.username,
        name=post.name,
        passages=one.passages,
    )


def _own_topic(options: Options, past: Sequence[PastDraft]) -> list[PastDraft]:
    """Return the latest topic of the step whose prompt is compared."""
    return [one for one in past if one.step == options.topic and one.draft.kind is DraftKind.TOPIC and one.topic_id][
        -1:
    ]


def _compare(context: PlayContext, options: Options) -> Drafted:
    reasons = reasons_for(context.texts.locale)
    own = _own_topic(options, context.history.drafts())
    refs = programme_refs(options, own)
    if not own or not refs:
        return Drafted((), reasons.no_topic_of(options.topic or ""))
    assert context.programme is not None  # noqa: S101  (`draft` has looked)
    shared = [one for one in context.programme.shared(refs[0]) if one.slot <= context.occurrence.slot][-MOST_COHORTS:]
    answered = [(one, _answers(one.topic, _others_staff(context, one))) for one in shared if one.topic]
    shown = [_Quoted.of(context, topic.topic, posts) for topic, posts in answered if topic.topic]
    lines = [_line(context, topic, posts, quoted) for (topic, posts), quoted in zip(answered, shown, strict=True)]
    text = context.texts.render(
        options.compare_template,
        cohort=cohort_words(context),
        prompt=_title(own[0], answered),
        cohorts=tuple(lines),
        alone=len(lines) < 2,
    )
    reason = reasons.compare(len(lines))
    message = Draft(
        kind=DraftKind.MESSAGE,
        title=text.title,
        raw=text.body,
        reason=reason,
        recipients=(context.occurrence.cohort.lcm_group,),
        approval=context.approval,
        refs=(RELAY_REF,),
        citations=tuple(one.citation for one in shown if one.citation),
    )
    return Drafted((message,), reason)


def _title(own: PastDraft, answered: Sequence[tuple[SharedTopic, Sequence[Post]]]) -> str:
    here = next((one.topic for one, _ in answered if one.topic and one.topic.id == own.topic_id), None)
    return here.title if here is not None else own.draft.title or ""


def _answers(topic: Topic | None, others: frozenset[str]) -> list[Post]:
    """Return the answers of learners to a topic."""
    posts = topic.posts if topic is not None else ()
    return [post for post in posts if post.number > 1 and post.by_a_person and post.username not in others]


def _line(context: PlayContext, shared: SharedTopic, posts: Sequence[Post], quoted: _Quoted) -> Comparison:
    people = len({post.user_id for post in posts})
    return Comparison(
        name=shared.name,
        people=context.texts.language.count(people, "person") if people else "",
        topic=link(shared.draft.title or shared.name, f"{context.forum_url}/t/{shared.topic_id}"),
        quote=quoted.text,
    )


@dataclass(frozen=True, slots=True)
class _Quoted:
    """A passage of the best received answer, where the reader of the comparison sees that topic; else nothing."""

    text: Markdown
    citation: Citation | None = None

    @classmethod
    def of(cls, context: PlayContext, topic: Topic, posts: Sequence[Post]) -> _Quoted:
        """Choose the answer with the most likes that has a sentence to show."""
        readable = {one.id for one in context.activity.topics()}
        if topic.id not in readable:
            return cls(Markdown(""))
        for post in sorted(posts, key=lambda one: (-one.likes, one.created_at)):
            told = next((text for one in sentences(post.cooked) if (text := trimmed(one.text)) and not one.asks), "")
            if told and post.quotable and post.username not in staff(context):
                cited = Citation(
                    Use.QUOTE,
                    topic.id,
                    post_id=post.id,
                    number=post.number,
                    user_id=post.user_id,
                    username=post.username,
                    name=post.name,
                    passages=(told,),
                )
                return cls(quote(told, post.username, post.number, topic.id), cited)
        return cls(Markdown(""))
