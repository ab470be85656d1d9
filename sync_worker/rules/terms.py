"""The words that rules may use, each with the kind of its value and how it is computed: the one table of them.

A further signal is one line of `PERSON_TERMS` or `COHORT_TERMS`, and in each language one of `RULES` in `phrases.py`.
What cannot be known is None: then no rule that asks for it matches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sync_worker.languages.language import codes
from sync_worker.model import FactType, Role
from sync_worker.rules.rule import TODAY, UNKNOWN, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import date, datetime

    from sync_worker.model import Cohort
    from sync_worker.signals.participation import LearnerActivity

NO_END_YEAR = 9999


@dataclass(frozen=True, slots=True)
class CohortSeen:
    """What is known of a cohort at a moment.

    `learners` are accounts, None where the members were not read; `writers` those who wrote in the last seven days,
    None where the activity was not read. `done` are steps that happened, `answers` who replied in the topics of a step
    that opened some, by step.
    """

    cohort: Cohort
    now: datetime
    learners: Collection[int] | None = None
    lcms: int | None = None
    writers: Collection[int] | None = None
    done: frozenset[str] = frozenset()
    answers: Mapping[str, frozenset[int]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day on the cohort's clock."""
        return self.now.astimezone(self.cohort.zone).date()

    def days_since(self, moment: datetime | None) -> float | None:
        """Return how many whole days of the cohort's calendar went by since a moment."""
        return None if moment is None else (self.today - moment.astimezone(self.cohort.zone).date()).days


@dataclass(frozen=True, slots=True)
class PersonSeen:
    """What is known of somebody in a cohort at a moment.

    `activity` is None where the activity was not read, and `open_tasks` (how many tasks they have not answered) too.
    """

    seen: CohortSeen
    user_id: int
    username: str
    role: Role
    joined_at: datetime | None = None
    last_seen_at: datetime | None = None
    activity: LearnerActivity | None = None
    open_tasks: int | None = None

    @property
    def in_cohort_since(self) -> date | None:
        """The day since which they take part: when they joined, the cohort's first day at the earliest."""
        if self.joined_at is None:
            return None
        cohort = self.seen.cohort
        return max(self.joined_at.astimezone(cohort.zone).date(), cohort.start)

    @property
    def days_in_cohort(self) -> float | None:
        """How many days they have taken part; 0 before the first day."""
        since = self.in_cohort_since
        return None if since is None else max((self.seen.today - since).days, 0)

    @property
    def quiet_days(self) -> float | None:
        """How many days they have not written; of somebody who never did, since they have taken part."""
        if self.activity is None:
            return None
        if self.activity.last_posted_at is None:
            return self.days_in_cohort
        return self.seen.days_since(self.activity.last_posted_at)


@dataclass(frozen=True, slots=True)
class Term:
    """A word: the kind of its value, how it is computed, of a text all its values, and what must be read for it.

    `passes`: it counts days that pass, so that it has each value on one day only. `of` is None where the value needs
    more than the word: a fact, or a step.
    """

    kind: FactType
    of: Callable[[Any], Value | None] | None = None
    choices: tuple[str, ...] = ()
    people: bool = False
    activity: bool = False
    passes: bool = False


def _number(of: Callable[[CohortSeen], float | None], *, people: bool = False, activity: bool = False) -> Term:
    return Term(FactType.NUMBER, of, people=people, activity=activity)


def _counted(of: Callable[[LearnerActivity], float | None]) -> Term:
    """Return a word about what somebody did, from their activity."""

    def value(one: PersonSeen) -> float | None:
        return None if one.activity is None else of(one.activity)

    return Term(FactType.NUMBER, value, people=True, activity=True)


def _days(of: Callable[[PersonSeen], float | None], *, activity: bool = False) -> Term:
    """Return a word that counts days that pass."""
    return Term(FactType.NUMBER, of, people=True, activity=activity, passes=True)


def _size(found: Collection[int] | None) -> int | None:
    return None if found is None else len(found)


def _days_to_end(seen: CohortSeen) -> int | None:
    end = seen.cohort.end
    return None if end.year == NO_END_YEAR else (end - seen.today).days


COHORT_TERMS: Mapping[str, Term] = {
    "week": _number(lambda seen: (seen.today - seen.cohort.start).days // 7 + 1),
    "days_since_start": _number(lambda seen: (seen.today - seen.cohort.start).days),
    "days_to_end": _number(_days_to_end),
    "learners": _number(lambda seen: _size(seen.learners), people=True),
    "lcms": _number(lambda seen: seen.lcms),
    "writers_7_days": _number(lambda seen: _size(seen.writers), people=True, activity=True),
    "language": Term(FactType.TEXT, lambda seen: seen.cohort.locale, choices=codes()),
    TODAY: Term(FactType.DATE, lambda seen: seen.today),
    "start": Term(FactType.DATE, lambda seen: seen.cohort.start),
    "end": Term(FactType.DATE, lambda seen: None if seen.cohort.end.year == NO_END_YEAR else seen.cohort.end),
}
PERSON_TERMS: Mapping[str, Term] = {
    "role": Term(FactType.TEXT, lambda one: one.role.value, (Role.LEARNER.value, Role.LCM.value), people=True),
    "username": Term(FactType.TEXT, lambda one: one.username, people=True),
    "days_in_cohort": _days(lambda one: one.days_in_cohort),
    "unseen_days": _days(lambda one: one.seen.days_since(one.last_seen_at)),
    "quiet_days": _days(lambda one: one.quiet_days, activity=True),
    "posts": _counted(lambda did: did.posts),
    "posts_7_days": _counted(lambda did: did.weeks[-1]),
    "posts_28_days": _counted(lambda did: sum(did.weeks)),
    "days_active": _counted(lambda did: did.days_active),
    "posts_read": _counted(lambda did: did.posts_read),
    "replies_given": _counted(lambda did: did.replies_given),
    "replies_received": _counted(lambda did: did.replies_received),
    "likes_given": _counted(lambda did: did.likes_given),
    "likes_received": _counted(lambda did: did.likes_received),
    "open_tasks": Term(FactType.NUMBER, lambda one: one.open_tasks, people=True, activity=True),
}
COHORT_STEPS: Mapping[str, Term] = {  # words about a step: `done.welcome`
    "done": Term(FactType.YES_NO),
    "answers": Term(FactType.NUMBER, people=True, activity=True),
}
PERSON_STEPS: Mapping[str, Term] = {"answered": Term(FactType.YES_NO, people=True, activity=True)}
RESERVED = frozenset({*COHORT_TERMS, *PERSON_TERMS, *COHORT_STEPS, *PERSON_STEPS, "all", "any", "not"})


def cohort_values(seen: CohortSeen, steps: Collection[str]) -> dict[str, Value | Unknown]:
    """Return the value of every word about a cohort; `steps` are the ids of its playbook's steps."""
    values = {word: _known(term.of(seen)) for word, term in COHORT_TERMS.items() if term.of is not None}
    for step in steps:
        values[f"done.{step}"] = step in seen.done
        if step in seen.answers and seen.learners is not None:
            values[f"answers.{step}"] = len(seen.answers[step] & frozenset(seen.learners))
    return values


def person_values(one: PersonSeen, facts: Mapping[str, Value]) -> dict[str, Value | Unknown]:
    """Return the value of every word about one person alone, with the facts that a playbook says it reads."""
    values = {word: _known(term.of(one)) for word, term in PERSON_TERMS.items() if term.of is not None}
    answered = {f"answered.{step}": one.user_id in people for step, people in one.seen.answers.items()}
    return {**facts, **answered, **values}


def _known(value: Value | None) -> Value | Unknown:
    return UNKNOWN if value is None else value
