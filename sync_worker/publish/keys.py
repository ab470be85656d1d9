"""The key of an occurrence: what makes it the same one after any restart."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sync_worker.model.drafts import KEY_PREFIX

if TYPE_CHECKING:
    from datetime import date

    from sync_worker.model import Occurrence

MAX_LENGTH = 50  # Discourse's limit for an external id
COHORT_LENGTH = 10
STEP_LENGTH = 13
DIGEST_LENGTH = 12


def occurrence_key(forum: str, occurrence: Occurrence, part: str = "") -> str:
    """Return a key of at most 50 letters, digits and hyphens.

    It holds the day on the cohort's clock, not the instant: moving a step by an hour does not make it happen again. The
    key of a follow-up holds the day of what it follows: it happens once, also where its distance was changed.
    """
    step = StepOfCohort(forum, occurrence.cohort.key, occurrence.playbook, occurrence.step, occurrence.follow_up)
    return key_of(step, occurrence.own_day, part)


@dataclass(frozen=True, slots=True)
class StepOfCohort:
    """A step of a playbook, or a follow-up of it, for a cohort on a forum."""

    forum: str
    cohort: str
    playbook: str
    step: str
    follow_up: str = ""


def key_of(step: StepOfCohort, day: date, part: str = "") -> str:
    """Return the key of what a step does on a day of the cohort's clock."""
    identity = [step.forum, step.cohort, step.playbook, step.step, day.isoformat(), part]
    identity += [step.follow_up] if step.follow_up else []
    digest = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:DIGEST_LENGTH]
    cohort, name = step.cohort[:COHORT_LENGTH].strip("-"), step.step[:STEP_LENGTH].strip("-")
    return f"{KEY_PREFIX}{cohort}-{name}-{day:%Y%m%d}-{digest}"


def day_of(key: str) -> date | None:
    """Return the day that a key carries, None where it is none of ours."""
    found = re.fullmatch(rf"{KEY_PREFIX}.+-(\d{{8}})-[0-9a-f]{{12}}", key)
    return datetime.strptime(found[1], "%Y%m%d").date() if found else None  # noqa: DTZ007  (a day has no zone)


def marker(key: str) -> str:
    """Return the comment that carries the key in a reply's text."""
    return f"<!-- lcm:{key} -->"
