"""Ask the author of the best story in a message, which the LCMs share, whether it may be shown as it is there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import Field

from sync_worker.config.base import Strict
from sync_worker.content.markdown import escape, plain_name
from sync_worker.content.reasons import reasons_for
from sync_worker.content.story import story_candidates, write_story
from sync_worker.model import Approval, Draft, DraftKind
from sync_worker.plays.context import Days, Drafted, Name
from sync_worker.plays.frame import (
    STORY_CLOSED,
    as_shown,
    called,
    cohort_words,
    host_names,
    passages_shown,
    posts_shown,
    staff,
    story_text,
    words_ref,
)
from sync_worker.signals.cues import repeats

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync_worker.activity.reader import Consent
    from sync_worker.content.story import StoryCandidate
    from sync_worker.model import Citation, Post
    from sync_worker.plays.context import PastDraft, PlayContext


PICKED_LOOK_BACK = timedelta(days=365)
MOST_LCMS = 10
ASKED_AGAIN = "consent-again"


class Options(Strict):
    """`with:` of a `consent` step; `story` is the template of what would be shown."""

    template: Name = "consent"
    again_template: Name = "consent-again"
    story: Name = "story"
    look_back: Days = 21
    limit: Annotated[int, Field(ge=1, le=5)] = 1


def draft(context: PlayContext) -> Drafted:
    """Return a message to each author to be asked, and to those whose post changed since they agreed."""
    options = cast("Options", context.options)
    drafts = (*_again(context, options), *(_message(context, options, one) for one in _choose(context, options)))
    if not drafts:
        return Drafted((), reasons_for(context.texts.locale).nobody_to_ask(options.look_back))
    return Drafted(drafts, "; ".join(message.reason for message in drafts))


def draft_about(context: PlayContext, post_id: int) -> Drafted:
    """Return the message to the author of one post that an LCM picked; nothing where it has no words to show."""
    until = context.occurrence.slot
    if _questions(context.history.drafts(), post_id):
        return Drafted((), reasons_for(context.texts.locale).asked_before())
    topics = context.activity.topics(until=until)
    candidates = story_candidates(topics, until - PICKED_LOOK_BACK, until, staff(context), {post_id})
    for candidate in candidates:
        if candidate.contribution.post.id == post_id:
            message = _message(context, cast("Options", context.options), candidate)
            return Drafted((message,), message.reason)
    return Drafted((), reasons_for(context.texts.locale).not_tellable())


def holds(consent: Consent, candidate: StoryCandidate, past: Sequence[PastDraft]) -> bool:
    """Whether a yes is for this post as it reads now, and its author saw the whole text."""
    post = candidate.contribution.post
    sent = [one for one in _questions(past, post.id) if one.topic_id is not None]
    return consent.shown is not None and any(words_ref(post) in one.draft.refs for one in sent[-1:])


def _questions(past: Sequence[PastDraft], post_id: int) -> list[PastDraft]:
    """Return what its author was asked about a post, or is about to be, oldest first."""
    asked = [one for one in past if {"consent", ASKED_AGAIN} & set(one.draft.refs)]
    return [one for one in asked if post_id in one.draft.about_posts]


def _choose(context: PlayContext, options: Options) -> list[StoryCandidate]:
    """Return the best candidates, one an author, without people who were asked about it or are being asked.

    What a roundup has quoted comes last: its readers know it. What another post has told in the same words is left out.
    """
    until = context.occurrence.slot
    since = until - timedelta(days=options.look_back)
    consents = context.activity.consents(context.occurrence.cohort.key)
    past = context.history.drafts()
    quoted, said = posts_shown(past, "roundup"), passages_shown(past, "roundup", "story")
    asked_posts = posts_shown(past, "consent", "story") | {consent.post_id for consent in consents}
    waiting = {consent.user_id for consent in consents if consent.answer in ("asked", "unclear")}
    shown = {user for one in past if "story" in one.draft.refs for user in one.draft.about_users}
    topics = context.activity.topics(since=since, until=until)
    found: list[StoryCandidate] = []
    candidates = story_candidates(topics, since, until, staff(context))
    for candidate in sorted(candidates, key=lambda one: one.contribution.post.id in quoted):
        post = candidate.contribution.post
        spared = waiting | {one.contribution.post.user_id for one in found}
        if any(number != post.id and repeats(candidate.telling.text, text) for number, text in said):
            continue
        if post.id not in asked_posts and post.user_id not in spared | shown and context.is_for(post.user_id):
            found.append(candidate)
    return found[: options.limit]


def _again(context: PlayContext, options: Options) -> Iterator[Draft]:
    """Yield the question anew, in its conversation, where the post was edited or no whole text was shown before."""
    until = context.occurrence.slot
    since = until - timedelta(days=options.look_back)
    past = context.history.drafts()
    done = posts_shown(past, "story", STORY_CLOSED)
    agreed = {
        one.post_id: one
        for one in context.activity.consents(context.occurrence.cohort.key)
        if one.answer == "yes" and one.post_id not in done
    }
    topics = context.activity.topics(since=since, until=until)
    for candidate in story_candidates(topics, since, until, staff(context), agreed):
        post = candidate.contribution.post
        if post.id not in agreed or holds(agreed[post.id], candidate, past) or not context.is_for(post.user_id):
            continue
        asked = _questions(past, post.id)
        if asked and asked[0].topic_id and not any(_is_this(one, post) for one in asked):
            yield _reply(context, options, candidate, asked[0].topic_id)


def _is_this(question: PastDraft, post: Post) -> bool:
    """Whether the post as it reads now was asked about, or is about to be, in its own conversation."""
    return ASKED_AGAIN in question.draft.refs and words_ref(post) in question.draft.refs


def _message(context: PlayContext, options: Options, candidate: StoryCandidate) -> Draft:
    post = candidate.contribution.post
    title, body = _text(context, options, candidate, options.template)
    return Draft(
        kind=DraftKind.MESSAGE,
        title=title,
        raw=body,
        reason=f"{plain_name(post)}{context.texts.language.colon} {candidate.reason(context.texts.locale)}",
        part=f"ask-{post.id}",
        recipients=(post.username, *(host.username for host in context.hosts[:MOST_LCMS])),
        approval=context.approval,
        about_posts=(post.id,),
        about_users=(post.user_id,),
        refs=("consent", words_ref(post)),
        to_learner=post.user_id,
        citations=(_cited(context, candidate),),
        signed=tuple(host.name for host in context.hosts[:MOST_LCMS]),
    )


def _reply(context: PlayContext, options: Options, candidate: StoryCandidate, topic_id: int) -> Draft:
    post = candidate.contribution.post
    return Draft(
        kind=DraftKind.REPLY,
        raw=_text(context, options, candidate, options.again_template)[1],
        reason=reasons_for(context.texts.locale).not_seen(post.username),
        part=f"again-{post.id}",
        topic_id=topic_id,
        approval=context.approval,
        about_posts=(post.id,),
        about_users=(post.user_id,),
        refs=(ASKED_AGAIN, words_ref(post)),
        to_learner=post.user_id,
        citations=(_cited(context, candidate),),
    )


def _cited(context: PlayContext, candidate: StoryCandidate) -> Citation:
    return write_story(candidate, context.texts.locale, context.forum_url).citation


def _text(context: PlayContext, options: Options, candidate: StoryCandidate, template: str) -> tuple[str, str]:
    shown = story_text(context, candidate, options.story)
    readers, language = context.readers, context.texts.language
    author = candidate.contribution.post
    text = context.texts_for(author.user_id).render(
        template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        in_their_name=context.approval is Approval.LCM,
        name=escape(called(context, author.user_id, author.name, author.username)),
        story=as_shown(shown),
        category=readers.category,
        readers=language.count_digits(readers.people, "person") if readers.people else "",
        public=readers.public,
    )
    return text.title, text.body
