"""What the worker publishes for a cohort's desk; what people decided there outlasts it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import func, select

from sync_worker.practice_forum import context, refusals
from sync_worker.practice_forum.clock import parse_moment
from sync_worker.practice_forum.lcm.callers import find_cohort, require_worker
from sync_worker.practice_forum.tables import LcmItem, Post, Topic, User

if TYPE_CHECKING:
    from sync_worker.practice_forum.tables import Base, LcmCohort

blueprint = Blueprint("lcm_desk", __name__)


@dataclass(frozen=True, slots=True)
class Section:
    """A section of rows: what names a row, what it must point at on the forum, and a new row's state."""

    subject: str
    points_at: type[Base] | None
    state: str


SECTIONS = {
    "learners": Section("user_id", User, ""),
    "drafts": Section("key", None, "pending"),
    "stories": Section("post_id", Post, "candidate"),
    "blockers": Section("topic_id", Topic, "open"),
    "practices": Section("post_id", Post, ""),
}
_OF_THE_WORKER = {"drafts": ("sent", "failed", "withdrawn"), "stories": ("asked", "published")}


@blueprint.put("/lcm/cohorts/<key>/desk", endpoint="discourse_lcm/desks/update")
def publish(key: str) -> dict[str, Any]:
    """Replace the sections given; say how many rows each holds now."""
    require_worker()
    cohort, params = find_cohort(key), context.params()
    as_of = parse_moment(params.require("as_of"))
    if as_of is None:
        raise refusals.invalid_parameters("as_of")
    if cohort.as_of is not None and as_of < cohort.as_of:
        raise refusals.unprocessable("The desk has been published as of a later moment.")
    cohort.as_of = as_of
    refused: list[dict[str, str]] = []
    if isinstance(calendar := params.raw("calendar"), list):
        cohort.calendar = {"entries": calendar}
    for name, section in SECTIONS.items():
        rows = params.raw(name)
        if isinstance(rows, list):
            _replace(cohort, name, section, rows, refused)
    context.session().flush()
    return {"counts": _counts(cohort), "refused": refused}


def _replace(
    cohort: LcmCohort, name: str, section: Section, rows: list[dict[str, Any]], refused: list[dict[str, str]]
) -> None:
    session = context.session()
    mine = select(LcmItem).where(LcmItem.cohort == cohort.key, LcmItem.section == name)
    known = {item.subject: item for item in session.scalars(mine)}
    seen: set[str] = set()
    for row in rows:
        if not isinstance(row, dict) or row.get(section.subject) is None:
            raise refusals.invalid_parameters(f"{name}: {section.subject}")
        subject = str(row[section.subject])
        if section.points_at is not None and session.get(section.points_at, row[section.subject]) is None:
            refused.append({"section": name, "subject": subject, "reason": f"there is no such {section.subject[:-3]}"})
            continue
        seen.add(subject)
        item = known.get(subject)
        if item is None:
            item = LcmItem(cohort=cohort.key, section=name, subject=subject, state=section.state, consent="not_asked")
            session.add(item)
        item.body = row
        said = row.get("state")
        if said in _OF_THE_WORKER.get(name, ()):
            item.state = said
            if said in ("asked", "published") and item.consent == "not_asked":
                item.consent = "asked"
    for subject, item in known.items():
        if subject not in seen and not item.by_hand and not item.decided:
            session.delete(item)


def _counts(cohort: LcmCohort) -> dict[str, int]:
    query = select(LcmItem.section, func.count()).where(LcmItem.cohort == cohort.key).group_by(LcmItem.section)
    counted = dict(context.session().execute(query).all())
    entries = len(cohort.calendar.get("entries", []))
    return {"calendar": entries, **{name: counted.get(name, 0) for name in SECTIONS}}
