"""Tell the best story whose author agreed, as the author saw it; where there is none, tell the LCM so, once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from sync_worker.activity.consents import as_copied
from sync_worker.content.markdown import Markdown, display_name, escape, link, plain_name
from sync_worker.content.reasons import reasons_for
from sync_worker.content.story import story_candidates, write_story
from sync_worker.model import Draft, DraftKind
from sync_worker.plays.consent import holds
from sync_worker.plays.context import Days, Drafted, Name, TopicOptions
from sync_worker.plays.frame import STORY_CLOSED, cohort_words, note_to_lcms, posts_shown, staff

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sync_worker.activity.consents import Shown
    from sync_worker.activity.reader import Consent
    from sync_worker.content.story import StoryCandidate
    from sync_worker.model import Citation
    from sync_worker.plays.context import PastDraft, PlayContext

NO_STORY = "desk:no-story"
LOOK_BACK_DAYS, PICKED_LOOK_BACK_DAYS = 42, 365


class Options(TopicOptions):
    """`with:` of a `story` step."""

    desk_template: Name = "no-story"
    look_back: Days = LOOK_BACK_DAYS


@dataclass(frozen=True, slots=True)
class _Agreed:
    """A story and the text of it that its author said yes to."""

    candidate: StoryCandidate
    shown: Shown


def draft(context: PlayContext) -> Drafted:
    """Return the story as a topic, or the desk note that there is none."""
    options = cast("Options", context.options)
    past = context.history.drafts()
    agreed = _agreed(context, options, past)
    if not agreed:
        return _desk_note(context, options, past)
    return _told(context, options, agreed[0])


def draft_about(context: PlayContext, post_id: int) -> Drafted:
    """Return the story of one post that an LCM picked, where its author agreed and it was not told yet."""
    options = cast("Options", context.options)
    wide = options.model_copy(update={"look_back": PICKED_LOOK_BACK_DAYS})
    for agreed in _agreed(context, wide, context.history.drafts(), same_author=True):
        if agreed.candidate.contribution.post.id == post_id:
            return _told(context, options, agreed)
    return Drafted((), reasons_for(context.texts.locale).not_agreed())


def _told(context: PlayContext, options: Options, agreed: _Agreed) -> Drafted:
    """Return the story, word for word as its author saw it."""
    post = agreed.candidate.contribution.post
    locale = context.texts.locale
    reason = reasons_for(locale).agreed(plain_name(post), agreed.candidate.reason(locale))
    topic = Draft(
        kind=DraftKind.TOPIC,
        title=agreed.shown.title,
        raw=agreed.shown.raw,
        reason=reason,
        tags=options.tags,
        pin_days=options.pin,
        approval=context.approval,
        about_posts=(post.id,),
        about_users=(post.user_id,),
        refs=("story",),
        citations=(_cited(context, agreed),),
    )
    return Drafted((topic,), reason)


def _cited(context: PlayContext, agreed: _Agreed) -> Citation:
    """Return what the story cites; a name that it does not say as the forum does now is noted as none."""
    post, shown = agreed.candidate.contribution.post, agreed.shown
    story = write_story(agreed.candidate, context.texts.locale, context.forum_url)
    named = plain_name(post) in shown.title or as_copied(display_name(post)) in as_copied(shown.raw)
    return story.citation if named else replace(story.citation, name="")


def _agreed(
    context: PlayContext, options: Options, past: Sequence[PastDraft], *, same_author: bool = False
) -> list[_Agreed]:
    """Return consented stories not told yet, best first; not by the author of the last one unless told so.

    What a roundup has quoted comes last: its readers know it.
    """
    until = context.occurrence.slot
    since = until - timedelta(days=options.look_back)
    yes = {
        consent.post_id: consent
        for consent in context.activity.consents(context.occurrence.cohort.key)
        if consent.answer == "yes"
    }
    told = [one for one in past if "story" in one.draft.refs]
    over = posts_shown(past, "story", STORY_CLOSED)
    last_author = set(told[-1].draft.about_users) if told and not same_author else set()
    found = []
    topics = context.activity.topics(since=since, until=until)
    for candidate in story_candidates(topics, since, until, staff(context), yes):
        post = candidate.contribution.post
        consent = yes.get(post.id)
        if consent is None or post.id in over or post.user_id in last_author:
            continue
        if consent.shown is not None and holds(consent, candidate, past):
            found.append(_Agreed(candidate, consent.shown))
    quoted = posts_shown(past, "roundup")
    return sorted(found, key=lambda one: one.candidate.contribution.post.id in quoted)


def _desk_note(context: PlayContext, options: Options, past: Sequence[PastDraft]) -> Drafted:
    """Return a note to the LCMs, unless the last thing said about stories was that note."""
    over = posts_shown(past, "story", STORY_CLOSED)
    consents = [one for one in context.activity.consents(context.occurrence.cohort.key) if one.post_id not in over]
    agreed = [one for one in consents if one.answer == "yes"]
    reasons = reasons_for(context.texts.locale)
    reason = reasons.none_told() if agreed else reasons.no_story()
    said = [ref for one in past for ref in one.draft.refs if ref in {"story", NO_STORY}]
    if said and said[-1] == NO_STORY:
        return Drafted((), reasons.lcms_know(reason))
    since = context.occurrence.slot - timedelta(days=options.look_back)
    lines = _Lines(context, past)
    asked = over | {one.post_id for one in consents}
    drafted = [
        post
        for one in past
        if "consent" in one.draft.refs and one.topic_id is None and one.slot >= since
        for post in one.draft.about_posts
        if post not in asked
    ]
    text = context.texts.render(
        options.desk_template,
        cohort=cohort_words(context),
        agreed=lines.of(agreed),
        waiting=lines.of(one for one in consents if one.answer == "asked" and one.asked_at >= since),
        unclear=lines.of(one for one in consents if one.answer == "unclear"),
        drafted=lines.of_posts(drafted),
    )
    note = note_to_lcms(context, text, reason, refs=(NO_STORY,))
    return Drafted((note,), reason)


class _Lines:
    """The people of a note as a list: each by name, with the conversation and the post."""

    def __init__(self, context: PlayContext, past: Sequence[PastDraft]) -> None:
        self._url = context.forum_url
        self._talks = {
            post: one.topic_id for one in past if "consent" in one.draft.refs for post in one.draft.about_posts
        }
        self._posts = {post.id: post for topic in context.activity.topics() for post in topic.posts}

    def of(self, consents: Iterable[Consent]) -> list[Markdown]:
        """Return a linked name for each."""
        return [self._line(one) for one in consents]

    def of_posts(self, posts: Iterable[int]) -> list[Markdown]:
        """Return each post's author, linked to the post."""
        found = (self._posts.get(post_id) for post_id in posts)
        return [link(display_name(post), f"{self._url}/p/{post.id}") for post in found if post]

    def _line(self, consent: Consent) -> Markdown:
        post, talk = self._posts.get(consent.post_id), self._talks.get(consent.post_id)
        name = display_name(post) if post else escape(consent.username)
        return link(name, f"{self._url}/t/{talk}" if talk else f"{self._url}/p/{consent.post_id}")
