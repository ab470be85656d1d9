"""How people are called in a text, and why their words are shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.content.markdown import Markdown, escape, visible
from sync_worker.languages.language import capital, shortened
from sync_worker.signals.plain import squeeze

if TYPE_CHECKING:
    from sync_worker.languages.phrases import Phrases
    from sync_worker.model import Post
    from sync_worker.signals.contributions import Contribution

NAME_LONGEST = 60


def why(phrases: Phrases, contribution: Contribution) -> Markdown:
    """Return why a contribution is shown: one or two facts, "" where there is none."""
    evidence = contribution.evidence
    author = display_name(contribution.post)
    facts = []
    if evidence.accepted and evidence.own_question:
        facts.append(phrases.solved_own(author, evidence.open_days))
    elif evidence.accepted:
        facts.append(phrases.solved(evidence.open_days))
    if len(facts) < 2 and (evidence.likes or evidence.repliers):
        facts.append(phrases.received(evidence.likes, len(evidence.repliers)))
    return Markdown(" ".join(f"{fact if fact.startswith(author) else capital(fact)}." for fact in facts))


def display_name(post: Post) -> Markdown:
    """Return how a post's author is called in a text."""
    return escape(plain_name(post))


def plain_name(post: Post) -> str:
    """Return how a post's author is called, as plain text."""
    return person_name(post.name, post.username)


def person_name(name: str, username: str) -> str:
    """Return a name as it can stand in a title: at most 60 characters; the username where no letter is left of it."""
    shown = squeeze(visible(name))
    return shortened(shown, NAME_LONGEST) if re.search(r"[^\W_]", shown) else username
