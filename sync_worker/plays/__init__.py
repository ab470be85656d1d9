"""Plays: one module per kind of thing that can be done; `REGISTRY` names them for playbooks."""

from __future__ import annotations

from sync_worker.model import Approval
from sync_worker.plays import consent, prompt, roundup, story, topic
from sync_worker.plays.context import Drafted, History, Host, PastDraft, Play, PlayContext, Readers

REGISTRY: dict[str, Play] = {
    "topic": Play("topic", topic.Options, topic.draft),
    "prompt": Play("prompt", prompt.Options, prompt.draft),
    "consent": Play(
        "consent",
        consent.Options,
        consent.draft,
        reads_activity=True,
        reads_answers=True,
        names_readers=True,
        default_approval=Approval.LCM,
    ),
    "story": Play("story", story.Options, story.draft, reads_activity=True, reads_answers=True),
    "roundup": Play("roundup", roundup.Options, roundup.draft, reads_activity=True, reads_answers=True),
}

__all__ = ["REGISTRY", "Drafted", "History", "Host", "PastDraft", "Play", "PlayContext", "Readers"]
