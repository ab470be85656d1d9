"""A story's text as its author is shown it, word for word as it would appear."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown, escape
from sync_worker.content.story import write_story
from sync_worker.plays.frame import cohort_words, host_names, staff
from sync_worker.signals.plain import plain_text

if TYPE_CHECKING:
    from sync_worker.content.story import StoryCandidate
    from sync_worker.content.templates import Rendered
    from sync_worker.model import Post
    from sync_worker.plays.context import PlayContext

WORDS = "words:"
STORY_CLOSED = "story-closed"  # the author heard that the story will not be told any more


def story_text(context: PlayContext, candidate: StoryCandidate, template: str) -> Rendered:
    """Return the story of a post as the template tells it."""
    post = candidate.contribution.post
    story = write_story(candidate, context.texts.locale, context.forum_url, staff(context))
    return context.texts.render(
        template,
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


def as_shown(text: Rendered) -> Markdown:
    """Return a story between two lines, its title as a heading: the form in which `shown_in` finds it again."""
    return Markdown(f"---\n\n### {escape(text.title)}\n\n{text.body.strip()}\n\n---")


def words_ref(post: Post) -> str:
    """Return what tells the words of a post from other words: after an edit a consent to the old ones says nothing."""
    return f"{WORDS}{hashlib.sha256(plain_text(post.cooked).encode()).hexdigest()[:16]}"
