"""The key of an occurrence: what makes it the same one after any restart."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_worker.model import Occurrence

MAX_LENGTH = 50  # Discourse's limit for an external id
COHORT_LENGTH = 10
STEP_LENGTH = 13
DIGEST_LENGTH = 12


def occurrence_key(forum: str, occurrence: Occurrence, part: str = "") -> str:
    """Return a key of at most 50 letters, digits and hyphens.

    It holds the day on the cohort's clock, not the instant: moving a step by an hour does not make it happen again.
    """
    day = occurrence.local.date()
    identity = [forum, occurrence.cohort.key, occurrence.playbook, occurrence.step, day.isoformat(), part]
    digest = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:DIGEST_LENGTH]
    cohort = occurrence.cohort.key[:COHORT_LENGTH].strip("-")
    step = occurrence.step[:STEP_LENGTH].strip("-")
    return f"lcm-{cohort}-{step}-{day:%Y%m%d}-{digest}"


def marker(key: str) -> str:
    """Return the comment that carries the key in a reply's text."""
    return f"<!-- lcm:{key} -->"
