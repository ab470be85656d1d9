"""Ask the author of the best story by message whether it may be shown."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, cast

from pydantic import Field

from sync_worker.config.strict import Strict
from sync_worker.content.markdown import Markdown, escape
from sync_worker.content.story import excerpt, story_candidates, write_story
from sync_worker.model import Draft, DraftKind
from sync_worker.plays.context import Drafted
from sync_worker.plays.frame import cohort_words, host_names, staff
from sync_worker.plays.options import Days, Name

if TYPE_CHECKING:
    from sync_worker.content.story import StoryCandidate
    from sync_worker.plays.context import PlayContext


PICKED_LOOK_BACK = timedelta(days=365)


class Options(Strict):
    """`with:` of a `consent` step."""

    template: Name = "consent"
    look_back: Days = 21
    limit: Annotated[int, Field(ge=1, le=5)] = 1


def draft(context: PlayContext) -> Drafted:
    """Return a message to each author to be asked."""
    options = cast("Options", context.options)
    chosen = _choose(context, options)
    drafts = tuple(_message(context, options, candidate) for candidate in chosen)
    if not drafts:
        return Drafted((), f"no story in the last {options.look_back} days whose author has not been asked lately")
    return Drafted(drafts, "; ".join(message.reason for message in drafts))


def draft_about(context: PlayContext, post_id: int) -> Drafted:
    """Return the message to the author of one post that an LCM picked; nothing where it tells of nothing tried."""
    until = context.occurrence.slot
    topics = context.activity.topics(until=until)
    candidates = story_candidates(topics, until - PICKED_LOOK_BACK, until, staff(context))
    for candidate in candidates:
        if candidate.contribution.post.id == post_id:
            message = _message(context, cast("Options", context.options), candidate)
            return Drafted((message,), message.reason)
    return Drafted((), "the post does not tell of something that was tried and what came of it")


def _choose(context: PlayContext, options: Options) -> list[StoryCandidate]:
    """Return the best candidates, one an author, leaving out whoever was asked before about it or is being asked."""
    until = context.occurrence.slot
    since = until - timedelta(days=options.look_back)
    consents = context.activity.consents(context.occurrence.cohort.key)
    past = [past.draft for past in context.history.drafts() if {"consent", "story"} & set(past.draft.refs)]
    asked_posts = {consent.post_id for consent in consents} | {post for one in past for post in one.about_posts}
    waiting = {consent.username for consent in consents if consent.answer == "asked"}
    shown = {user for one in past if "story" in one.refs for user in one.about_users}
    topics = context.activity.topics(since=since, until=until)
    found: list[StoryCandidate] = []
    for candidate in story_candidates(topics, since, until, staff(context)):
        post = candidate.contribution.post
        spared = waiting | {one.contribution.post.username for one in found}
        if post.id not in asked_posts and post.username not in spared and post.user_id not in shown:
            found.append(candidate)
    return found[: options.limit]


def _message(context: PlayContext, options: Options, candidate: StoryCandidate) -> Draft:
    post = candidate.contribution.post
    story = write_story(candidate, context.texts.locale, context.forum_url, staff(context))
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        name=story.name,
        headline=Markdown(context.texts.language.quoted(escape(story.headline))),
        quote=story.quote,
        topic=story.topic,
    )
    return Draft(
        kind=DraftKind.MESSAGE,
        title=text.title,
        raw=text.body,
        reason=f"@{post.username}: {candidate.reason(context.texts.locale)} “{excerpt(candidate.beats)[:120]}…”",
        part=f"ask-{post.id}",
        recipients=(post.username,),
        approval=context.approval,
        about_posts=(post.id,),
        about_users=(post.user_id,),
        refs=("consent",),
        citations=(story.citation,),
    )
