"""Plays: one module per kind of thing that can be done; `REGISTRY` names them for playbooks."""

from __future__ import annotations

from sync_worker.model import Approval, Lever
from sync_worker.plays import consent, prompt, resource, roundup, story, topic
from sync_worker.plays.context import ChosenPerson, Drafted, History, Host, PastDraft, Play, PlayContext, Readers
from sync_worker.plays.template_values import (
    CONSENT_WORDS,
    NO_STORY_WORDS,
    PROMPT_WORDS,
    RESOURCE_WORDS,
    ROUNDUP_WORDS,
    STORY_WORDS,
    TOPIC_WORDS,
)

REGISTRY: dict[str, Play] = {
    "topic": Play("topic", topic.Options, topic.draft, texts={"template": TOPIC_WORDS}),
    "prompt": Play(
        "prompt",
        prompt.Options,
        prompt.draft,
        texts={"template": PROMPT_WORDS},
        levers=frozenset({Lever.RELEVANCE, Lever.PRACTICE}),
    ),
    "resource": Play(
        "resource",
        resource.Options,
        resource.draft,
        texts={"template": RESOURCE_WORDS},
        levers=frozenset({Lever.RELEVANCE}),
    ),
    "consent": Play(
        "consent",
        consent.Options,
        consent.draft,
        reads_activity=True,
        reads_answers=True,
        names_readers=True,
        default_approval=Approval.LCM,
        texts={"template": CONSENT_WORDS, "again_template": CONSENT_WORDS, "story": STORY_WORDS},
    ),
    "story": Play(
        "story",
        story.Options,
        story.draft,
        reads_activity=True,
        reads_answers=True,
        texts={"desk_template": NO_STORY_WORDS},
        levers=frozenset({Lever.MOTIVATION, Lever.SELF_BELIEF, Lever.PEERS}),
    ),
    "roundup": Play(
        "roundup",
        roundup.Options,
        roundup.draft,
        reads_activity=True,
        reads_answers=True,
        counts_days=True,
        texts={"template": ROUNDUP_WORDS},
        levers=frozenset({Lever.RELEVANCE, Lever.PEERS}),
    ),
}

__all__ = ["REGISTRY", "ChosenPerson", "Drafted", "History", "Host", "PastDraft", "Play", "PlayContext", "Readers"]
