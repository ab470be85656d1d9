"""Tell the best story whose author agreed; where there is none, tell the LCM so, once."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from sync_worker.content.phrases import plain_name
from sync_worker.content.reasons import reasons_for
from sync_worker.content.story import story_candidates, write_story
from sync_worker.errors import RenderError
from sync_worker.model import Draft, DraftKind
from sync_worker.plays.context import Drafted
from sync_worker.plays.frame import cohort_words, host_names, staff
from sync_worker.plays.options import Days, Name, TopicOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sync_worker.content.story import StoryCandidate
    from sync_worker.plays.context import PastDraft, PlayContext

LOG = logging.getLogger(__name__)
NO_STORY = "desk:no-story"
PICKED_LOOK_BACK_DAYS = 365


class Options(TopicOptions):
    """`with:` of a `story` step."""

    template: Name = "story"
    desk_template: Name = "no-story"
    look_back: Days = 42


def draft(context: PlayContext) -> Drafted:
    """Return the story as a topic, or the desk note that there is none."""
    options = cast("Options", context.options)
    past = context.history.drafts()
    told = [one for one in past if "story" in one.draft.refs]
    agreed = _agreed(context, options, told)
    for place, candidate in enumerate(agreed, 1):
        try:
            return _told(context, options, candidate)
        except RenderError as error:  # what one person's post breaks must not stop the others' stories
            if place == len(agreed):
                raise
            LOG.warning("post %d is left out of the stories: %s", candidate.contribution.post.id, error.what)
    return _desk_note(context, options, past)


def draft_about(context: PlayContext, post_id: int) -> Drafted:
    """Return the story of one post that an LCM picked, where its author agreed and it was not told yet."""
    options = cast("Options", context.options)
    told = [one for one in context.history.drafts() if "story" in one.draft.refs]
    wide = options.model_copy(update={"look_back": PICKED_LOOK_BACK_DAYS})
    for candidate in _agreed(context, wide, told, same_author=True):
        if candidate.contribution.post.id == post_id:
            return _told(context, options, candidate)
    return Drafted((), reasons_for(context.texts.locale).not_agreed())


def _told(context: PlayContext, options: Options, candidate: StoryCandidate) -> Drafted:
    post = candidate.contribution.post
    story = write_story(candidate, context.texts.locale, context.forum_url, staff(context))
    text = context.texts.render(
        options.template,
        cohort=cohort_words(context),
        hosts=host_names(context),
        headline=story.headline,
        name=story.name,
        topic=story.topic,
        day=context.texts.language.day(post.created_at.astimezone(context.occurrence.cohort.zone).date()),
        quote=story.quote,
        taken=story.taken,
        why=story.why,
    )
    reason = reasons_for(context.texts.locale).agreed(plain_name(post), candidate.reason(context.texts.locale))
    topic = Draft(
        kind=DraftKind.TOPIC,
        title=text.title,
        raw=text.body,
        reason=reason,
        tags=options.tags,
        pin_days=options.pin,
        approval=context.approval,
        about_posts=(post.id,),
        about_users=(post.user_id,),
        refs=("story",),
        citations=(story.citation,),
    )
    return Drafted((topic,), reason)


def _agreed(
    context: PlayContext, options: Options, told: Sequence[PastDraft], *, same_author: bool = False
) -> list[StoryCandidate]:
    """Return consented stories not told yet, best first; not by the author of the last one unless told so."""
    until = context.occurrence.slot
    since = until - timedelta(days=options.look_back)
    yes = {
        consent.post_id
        for consent in context.activity.consents(context.occurrence.cohort.key)
        if consent.answer == "yes"
    }
    told_posts = {post for one in told for post in one.draft.about_posts}
    last_author = set(told[-1].draft.about_users) if told and not same_author else set()
    candidates = story_candidates(context.activity.topics(since=since, until=until), since, until, staff(context))
    return [
        candidate
        for candidate in candidates
        if candidate.contribution.post.id in yes - told_posts and candidate.contribution.post.user_id not in last_author
    ]


def _desk_note(context: PlayContext, options: Options, past: Sequence[PastDraft]) -> Drafted:
    """Return a note to the LCMs, unless the last thing said about stories was that note."""
    reasons = reasons_for(context.texts.locale)
    said = [ref for one in past for ref in one.draft.refs if ref in {"story", NO_STORY}]
    if said and said[-1] == NO_STORY:
        return Drafted((), reasons.lcms_know())
    waiting = [
        consent.username
        for consent in context.activity.consents(context.occurrence.cohort.key)
        if consent.answer == "asked"
    ]
    text = context.texts.render(
        options.desk_template,
        cohort=cohort_words(context),
        waiting=context.texts.language.listing(waiting),
        count=len(waiting),
    )
    note = Draft(
        kind=DraftKind.MESSAGE,
        title=text.title,
        raw=text.body,
        reason=reasons.no_story(),
        part="desk",
        recipients=(context.occurrence.cohort.lcm_group,),
        refs=(NO_STORY,),
    )
    return Drafted((note,), reasons.no_story())
