"""Plays: one module per kind of thing that can be done; `REGISTRY` names them for playbooks."""

from __future__ import annotations

from sync_worker.model import Approval, Lever
from sync_worker.plays import acting, assignment, consent, prompt, relay, resource, roundup, story, topic
from sync_worker.plays.context import ChosenPerson, Drafted, History, Host, PastDraft, Play, PlayContext, Readers
from sync_worker.plays.template_values import (
    ASSIGNMENT_WORDS,
    CONSENT_WORDS,
    LATE_WORDS,
    NO_STORY_WORDS,
    PROMPT_WORDS,
    RELAY_ASK_WORDS,
    RELAY_COMPARE_WORDS,
    RELAY_NOTES_WORDS,
    REMINDER_WORDS,
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
        may_poll=prompt.may_poll,
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
    "assignment": Play(
        "assignment",
        assignment.Options,
        assignment.draft,
        reads_activity=True,
        for_people=True,
        follow_up_approval=Approval.LCM,
        texts={
            "template": ASSIGNMENT_WORDS,
            "reminder_template": REMINDER_WORDS,
            "last_template": REMINDER_WORDS,
            "late_template": LATE_WORDS,
        },
        personal_texts=frozenset({"reminder_template", "last_template"}),
        levers=frozenset({Lever.PRACTICE, Lever.EXPECTATIONS}),
        follow_ups=assignment.follow_ups,
    ),
    "consent": Play(
        "consent",
        consent.Options,
        consent.draft,
        reads_activity=True,
        reads_answers=True,
        names_readers=True,
        to_people=True,
        default_approval=Approval.LCM,
        texts={"template": CONSENT_WORDS, "again_template": CONSENT_WORDS, "story": STORY_WORDS},
        personal_texts=frozenset({"template", "again_template"}),
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
    "relay": Play(
        "relay",
        relay.Options,
        relay.draft,
        reads_activity=True,
        programme_refs=relay.programme_refs,
        names_steps=("topic",),
        texts={
            "ask_template": RELAY_ASK_WORDS,
            "notes_template": RELAY_NOTES_WORDS,
            "compare_template": RELAY_COMPARE_WORDS,
        },
        levers=frozenset({Lever.RELEVANCE, Lever.PEERS}),
    ),
    "pin": Play("pin", acting.PinOptions, acting.pin, acts=True, names_steps=("topic",)),
    "close": Play("close", acting.CloseOptions, acting.close, reads_activity=True, acts=True, names_steps=("topics",)),
    "archive": Play("archive", acting.ArchiveOptions, acting.archive, acts=True),
}

__all__ = ["REGISTRY", "ChosenPerson", "Drafted", "History", "Host", "PastDraft", "Play", "PlayContext", "Readers"]
