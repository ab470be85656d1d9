"""Cohorts: declaring them, their groups and category, who is in them, and who may call what of the plugin."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response
from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.api import groups as group_fields
from sync_worker.practice_forum.rules import category_changes
from sync_worker.practice_forum.rules.rights import OWN_GROUPS
from sync_worker.practice_forum.rules.text_rules import RejectedError
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso, parse_moment
from sync_worker.practice_forum.server.requests import Params
from sync_worker.practice_forum.tables import (
    Category,
    CategoryGroup,
    CategoryModerator,
    CategoryTag,
    CategoryTagGroup,
    Group,
    GroupUser,
    LcmCohort,
    LcmDecision,
    Tag,
    Topic,
)

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
        raise requests.invalid_access()
    return caller


def find_cohort(key: str) -> LcmCohort:
    """Return a cohort.

    Raises:
        Refusal: 404 where it was never declared.

    """
    cohort = context.session().get(LcmCohort, key)
    if cohort is None:
        raise requests.not_found()
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
    raise requests.invalid_access() if cohort.group_id in context.guardian().group_ids else requests.not_found()


def require_lead_of_topic(topic_id: int) -> tuple[Topic, LcmCohort]:
    """Return a topic and the cohort whose category it is in, where the caller leads that cohort.

    Raises:
        Refusal: 404 where the topic is nowhere in a cohort or not for the caller's eyes, 403 for other readers.

    """
    caller = context.require_user()
    guardian = context.guardian()
    topic = guardian.topic(topic_id)
    if topic is None or topic.deleted_at is not None or not guardian.can_see_topic(topic):
        raise requests.not_found()
    cohort = cohort_of_category(topic.category_id)
    if cohort is None:
        raise requests.not_found()
    if not caller.staff and cohort.lcm_group_id not in guardian.group_ids:
        raise requests.invalid_access()
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


# Cohorts: declaring them, their groups and category, and the digest of who is in them.


blueprint = Blueprint("lcm_cohorts", __name__)

VERSION, CONTRACT = "1.0.0", "1.0"
FEATURES = (
    "cohorts",
    "members",
    "activity",
    "desk",
    "work",
    "runs",
    "playbooks",
    "blocker_words",
    "desk_notes",
)
FACTS = ("name", "start", "end", "timezone", "locale", "playbook", "clock")
ON_TIME = {"paused": False, "until": None, "shift_days": 0}
FULL, SEE = 1, 3
MOST_DAYS = 3650
STAFF, EVERYONE = "staff", "everyone"
GROUP_LEVELS = {
    "visibility_level": 2,
    "members_visibility_level": 2,
    "mentionable_level": 3,
    "messageable_level": 3,
}
NO_MODERATION = "the LCM group cannot moderate: enable_category_group_moderation is off"


@blueprint.get("/lcm/status", endpoint="discourse_lcm/status/show")
def show_status() -> dict[str, Any]:
    """Tell that the plugin is there."""
    require_worker()
    return _status()


@blueprint.get("/lcm/cohorts", endpoint="discourse_lcm/cohorts/index")
def index() -> dict[str, Any]:
    """List every cohort with its digest."""
    require_worker()
    cohorts = context.session().scalars(select(LcmCohort).order_by(LcmCohort.key))
    return {"status": _status(), "cohorts": [state(cohort) for cohort in cohorts]}


@blueprint.put("/lcm/cohorts/<key>", endpoint="discourse_lcm/cohorts/update")
def declare(key: str) -> dict[str, Any]:
    """Declare a cohort, making what is missing."""
    require_worker()
    params = context.params()
    declaration = _declaration(params)
    session = context.session()
    cohort = session.get(LcmCohort, key)
    if params.text("places") == "false":
        if cohort is None:
            raise requests.unprocessable(f"The cohort {key} was never declared.")
        cohort.declaration = _with_clock(declaration, cohort, params)
        return {"cohort": state(cohort), "changes": []}
    if cohort is None:
        cohort = LcmCohort(key=key, created_at=context.now())
        session.add(cohort)
    changes: list[str] = []
    create = params.text("create") != "false"
    learners = _group(params.require_section("group"), cohort.group_id, changes, create=create)
    lcms = _group(params.require_section("lcm_group"), cohort.lcm_group_id, changes, create=create)
    cohort.group_id, cohort.lcm_group_id = learners.id, lcms.id
    cohort.category_id = _category(cohort, learners, lcms, changes, create=create).id
    cohort.declaration = _with_clock(declaration, cohort, params)
    session.flush()
    return {"cohort": state(cohort), "changes": changes}


@blueprint.delete("/lcm/cohorts/<key>", endpoint="discourse_lcm/cohorts/destroy")
def forget(key: str) -> Response:
    """Forget a cohort; what belongs to it on the forum stays."""
    require_worker()
    cohort = context.session().get(LcmCohort, key)
    if cohort is not None:
        context.session().delete(cohort)
    return Response(status=204)


def state(cohort: LcmCohort) -> dict[str, Any]:
    """Return a cohort as the worker sees it."""
    session = context.session()
    category = session.get(Category, cohort.category_id) if cohort.category_id else None
    return {
        "key": cohort.key,
        "digest": digest(cohort),
        "pending": 0,
        "declared": {name: cohort.declaration.get(name) for name in FACTS} if cohort.declaration else None,
        "group": _group_state(cohort.group_id),
        "lcm_group": _group_state(cohort.lcm_group_id),
        "category": _category_state(category, cohort) if category else None,
    }


def digest(cohort: LcmCohort) -> str:
    """Return a text that changes with every change of the members or owners of the cohort's groups."""
    ids = [number for number in (cohort.group_id, cohort.lcm_group_id) if number is not None]
    query = select(GroupUser.group_id, GroupUser.user_id, GroupUser.owner).where(GroupUser.group_id.in_(ids))
    rows = context.session().execute(query.order_by(GroupUser.group_id, GroupUser.user_id)).all()
    text = ";".join(f"{group_id},{user_id},{int(owner)}" for group_id, user_id, owner in rows)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _status() -> dict[str, Any]:
    return {
        "name": "discourse-lcm",
        "version": VERSION,
        "contract": CONTRACT,
        "features": list(FEATURES),
        "server_time": iso(context.now()),
    }


def _declaration(params: Params) -> dict[str, Any]:
    names = ("name", "start", "end", "timezone", "locale")
    values: dict[str, Any] = {name: params.require(name) for name in names}
    try:
        first, last = date.fromisoformat(values["start"]), date.fromisoformat(values["end"])
        ZoneInfo(values["timezone"])
    except (ValueError, KeyError, OSError):
        raise requests.invalid_parameters("start, end and timezone") from None
    if last < first:
        raise requests.invalid_parameters("end")
    if values["locale"] not in ("en", "fr"):
        raise requests.invalid_parameters("locale")
    return {**values, "playbook": params.text("playbook")}


def _with_clock(declaration: dict[str, Any], cohort: LcmCohort, params: Params) -> dict[str, Any]:
    """Return the declaration with the clock that it tells, or with the one that the cohort has."""
    told = params.section("clock")
    if not told.tree:
        return {**declaration, "clock": (cohort.declaration or {}).get("clock") or ON_TIME}
    until = parse_moment(told.text("until") or "")
    shift_days = told.integer("shift_days")
    if abs(shift_days) > MOST_DAYS:
        raise requests.invalid_parameters("clock")
    return {**declaration, "clock": {"paused": told.flag("paused"), "until": iso(until), "shift_days": shift_days}}


def change_clock(cohort: LcmCohort, kind: str, asked: dict[str, Any]) -> None:
    """Pause, resume or shift what is shown of a cohort, as a run says that the worker did."""
    clock = {**ON_TIME, **((cohort.declaration or {}).get("clock") or {})}
    if kind == "pause":
        clock |= {"paused": True, "until": asked.get("until")}
    elif kind == "resume":
        clock |= {"paused": False, "until": None}
    elif kind == "shift":
        clock["shift_days"] += int(asked.get("days") or 0)
    cohort.declaration = {**(cohort.declaration or {}), "clock": clock}


def _group(fields: Params, known: int | None, changes: list[str], *, create: bool) -> Group:
    session, name = context.session(), fields.require("name")
    found = session.scalar(select(Group).where(Group.name_lower == name.lower()))
    if found is not None:
        if found.automatic:
            raise requests.unprocessable(f"The group {found.name} is one of Discourse's own.")
        if found.id != known and not context.params().flag("adopt"):
            raise requests.unprocessable(f"The group {found.name} was there before; adopt it or take another name.")
        return found
    if not create:
        raise requests.unprocessable(f"There is no group {name}.")
    group = Group(name="", name_lower="", created_at=context.now())
    wanted = Params({"name": name, "full_name": fields.text("full_name"), **GROUP_LEVELS})
    values = group_fields.read(wanted, group, group_fields.OF_CREATION)
    group_fields.apply(group, values, has_owner=False)
    session.add(group)
    session.flush()
    changes.append(f"made the group {name}")
    return group


def _category(cohort: LcmCohort, learners: Group, lcms: Group, changes: list[str], *, create: bool) -> Category:
    params = context.params()
    fields = params.require_section("category")
    slug, session = fields.require("slug"), context.session()
    archived = fields.flag("archived")
    permissions = {learners.name: SEE if archived else FULL, lcms.name: FULL, STAFF: FULL}
    moderating = context.settings().flag("enable_category_group_moderation")
    wanted: dict[str, Any] = {"name": fields.require("name"), "slug": slug, "permissions": permissions}
    if moderating:
        wanted["moderating_group_ids"] = [str(lcms.id)]
    parent = _parent(fields.text("parent_slug"))
    if parent is not None:
        wanted["parent_category_id"] = str(parent.id)
    found = session.get(Category, cohort.category_id) if cohort.category_id else None
    if found is None:
        above = Category.parent_category_id.is_(parent.id if parent else None)
        found = session.scalar(select(Category).where(Category.slug == slug, above))
    try:
        if found is None:
            return _make_category(wanted, changes, create=create)
        if cohort.category_id not in (None, found.id) or (cohort.category_id is None and not params.flag("adopt")):
            raise requests.unprocessable(f"The category {slug} was there before; adopt it or take another slug.")
        by_hand = {name: level for name, level in _permissions(found).items() if name != EVERYONE}
        wanted["permissions"] = permissions = {**by_hand, **permissions}
        moves = parent is not None and found.parent_category_id != parent.id
        if moves or _differs(found, cohort, permissions, moderating=moderating, lcm_group_id=lcms.id):
            category_changes.update(context.guardian(), found, Params(wanted))
            changes.append(f"changed the category {slug}")
    except RejectedError as error:
        raise requests.unprocessable(*error.args) from None
    if not moderating:
        changes.append(NO_MODERATION)
    return found


def _parent(slug: str | None) -> Category | None:
    """Return the category that the declared one is to be below."""
    if not slug:
        return None
    top = select(Category).where(Category.slug == slug, Category.parent_category_id.is_(None))
    parent = context.session().scalar(top)
    if parent is None:
        raise requests.unprocessable(f"There is no category {slug} to put the cohort's own into.")
    return parent


def _make_category(wanted: dict[str, Any], changes: list[str], *, create: bool) -> Category:
    if not create:
        raise requests.unprocessable(f"There is no category {wanted['slug']}.")
    if "moderating_group_ids" not in wanted:
        changes.append(NO_MODERATION)
    user = context.require_user()
    category = category_changes.create(context.guardian(), user, Params(wanted), context.base_url())
    changes.append(f"made the category {wanted['slug']}")
    return category


def _differs(
    category: Category, cohort: LcmCohort, wanted: dict[str, int], *, moderating: bool, lcm_group_id: int
) -> bool:
    seen = _category_state(category, cohort)
    unmoderated = moderating and not _moderated(category.id, lcm_group_id)
    return seen["permissions"] != wanted or unmoderated


def _group_state(group_id: int | None) -> dict[str, Any] | None:
    group = context.session().get(Group, group_id) if group_id is not None else None
    if group is None:
        return None
    return {
        "id": group.id,
        "name": group.name,
        "full_name": group.full_name,
        "user_count": group.user_count,
        "notifications": group.default_notification_level,
    }


def _category_state(category: Category, cohort: LcmCohort) -> dict[str, Any]:
    return {
        "id": category.id,
        "slug": category.slug,
        "name": category.name,
        "permissions": _permissions(category),
        "moderated": _moderated(category.id, cohort.lcm_group_id),
        "parent_slug": _slug(category.parent_category_id),
        "has_below": _has(Category.parent_category_id, category.id),
        "tags": _tag_rules(category),
    }


def _permissions(category: Category) -> dict[str, int]:
    """Return what groups may do, Discourse's own by the names that the API takes on every site."""
    query = (
        select(Group.id, Group.name, CategoryGroup.permission_type)
        .join(CategoryGroup, CategoryGroup.group_id == Group.id)
        .where(CategoryGroup.category_id == category.id)
        .order_by(Group.name)
    )
    own = {number: name for name, number in OWN_GROUPS.items()}
    found = {own.get(number, name): level for number, name, level in context.session().execute(query)}
    return found or ({} if category.read_restricted else {EVERYONE: FULL})


def _slug(category_id: int | None) -> str | None:
    category = context.session().get(Category, category_id) if category_id is not None else None
    return category.slug if category else None


def _tag_rules(category: Category) -> dict[str, Any]:
    query = select(Tag.name).join(CategoryTag, CategoryTag.tag_id == Tag.id)
    names = list(context.session().scalars(query.where(CategoryTag.category_id == category.id).order_by(Tag.name)))
    groups = _has(CategoryTagGroup.category_id, category.id)
    return {"names": names, "restricted": bool(names) or groups, "free": category.allow_global_tags}


def _has(column: Any, category_id: int) -> bool:
    """Whether some row has the category in this column."""
    return context.session().scalar(select(column).where(column == category_id).limit(1)) is not None


def _moderated(category_id: int, group_id: int | None) -> bool:
    return group_id is not None and context.session().get(CategoryModerator, (category_id, group_id)) is not None
