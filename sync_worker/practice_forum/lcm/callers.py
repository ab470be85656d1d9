"""Who may call what of the plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.server import refusals
from sync_worker.practice_forum.tables import LcmCohort, LcmDecision, Topic

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.practice_forum.tables import User


def require_worker() -> User:
    """Return the administrator whose API key calls.

    Raises:
        Refusal: 403 for everybody else, a browser's session included.

    """
    caller = context.require_user()
    if context.api_key() is None or not caller.admin:
        raise refusals.invalid_access()
    return caller


def find_cohort(key: str) -> LcmCohort:
    """Return a cohort.

    Raises:
        Refusal: 404 where it was never declared.

    """
    cohort = context.session().get(LcmCohort, key)
    if cohort is None:
        raise refusals.not_found()
    return cohort


def require_lead(key: str) -> LcmCohort:
    """Return a cohort that the caller leads, as one of its LCMs or as staff.

    Raises:
        Refusal: 403 for its learners and for anonymous callers, 404 for callers who may not know of it.

    """
    caller = context.require_user()
    cohort = find_cohort(key)
    if caller.staff or cohort.lcm_group_id in context.guardian().group_ids:
        return cohort
    raise refusals.invalid_access() if cohort.group_id in context.guardian().group_ids else refusals.not_found()


def require_lead_of_topic(topic_id: int) -> tuple[Topic, LcmCohort]:
    """Return a topic and the cohort whose category it is in, where the caller leads that cohort.

    Raises:
        Refusal: 404 where the topic is nowhere in a cohort or not for the caller's eyes, 403 for other readers.

    """
    caller = context.require_user()
    guardian = context.guardian()
    topic = guardian.topic(topic_id)
    if topic is None or topic.deleted_at is not None or not guardian.can_see_topic(topic):
        raise refusals.not_found()
    cohort = cohort_of_category(topic.category_id)
    if cohort is None:
        raise refusals.not_found()
    if not caller.staff and cohort.lcm_group_id not in guardian.group_ids:
        raise refusals.invalid_access()
    return topic, cohort


def cohort_of_category(category_id: int | None) -> LcmCohort | None:
    """Return the cohort that owns a category, None where none does."""
    if category_id is None:
        return None
    return context.session().query(LcmCohort).filter_by(category_id=category_id).one_or_none()


def note_decision(kind: str, cohort: str | None, subject: str, data: Mapping[str, object]) -> int:
    """Write down what the caller decided, for the worker to read; return its id."""
    row = LcmDecision(
        kind=kind,
        cohort=cohort,
        subject=subject,
        data=dict(data),
        user_id=context.require_user().id,
        created_at=context.now(),
    )
    context.session().add(row)
    context.session().flush()
    return row.id
