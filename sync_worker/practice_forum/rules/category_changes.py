"""Making and changing categories: names, slugs, permissions, moderators, tags, the topic that describes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, select

from sync_worker.practice_forum.cook.inline import slugify
from sync_worker.practice_forum.dialects import ANONYMOUS_USERS, EVERYONE, LOGGED_IN_USERS
from sync_worker.practice_forum.rules import writing
from sync_worker.practice_forum.rules.rights import FULL, OPEN_TO_ALL, OWN_GROUPS
from sync_worker.practice_forum.rules.text_rules import RejectedError, clean_name, known_or_new, word_count
from sync_worker.practice_forum.rules.writing import cook_post
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.requests import Params, to_bool, to_i
from sync_worker.practice_forum.tables import (
    Category,
    CategoryGroup,
    CategoryModerator,
    CategoryRequiredTagGroup,
    CategoryTag,
    CategoryTagGroup,
    Group,
    Post,
    TagGroup,
    Topic,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.rights import Guardian
    from sync_worker.practice_forum.tables import User

_CONFLICT = (
    "Any group that is allowed to access a subcategory must also be allowed to access the parent category. "
    "The following groups have access to one of the subcategories, but no access to parent category: {}."
)


class UnknownGroupError(RejectedError):
    """A permission names a group that does not exist."""

    def __init__(self) -> None:
        super().__init__("unknown group")


def apply_rows(guardian: Guardian, category: Category, params: Params) -> None:
    """Set those of a category's permissions, moderators and tags that `params` name.

    Raises:
        RejectedError: the permissions clash with those of a parent or a child, or name an unknown group.

    """
    session = guardian.session
    if "permissions" in params:
        _set_permissions(session, category, params.section("permissions"))
    if "moderating_group_ids" in params and guardian.settings.flag("enable_category_group_moderation"):
        session.execute(delete(CategoryModerator).where(CategoryModerator.category_id == category.id))
        ids = {to_i(item) for item in params.items("moderating_group_ids") if item}
        known = session.scalars(select(Group.id).where(Group.id.in_(ids)))
        session.add_all(CategoryModerator(category_id=category.id, group_id=group_id) for group_id in known)
    _set_tags(guardian, category, params)
    session.flush()


def _set_permissions(session: Session, category: Category, wanted: Params) -> None:
    """Replace the permissions; `everyone: 1` means none are needed."""
    levels = _joined({_group_id(session, name): to_i(wanted.text(name) or "") for name in wanted.tree})
    open_to_all = levels.get(EVERYONE) == FULL
    rows = {} if open_to_all else levels
    _check_against_parent(session, category, set(rows) or {EVERYONE})
    _check_against_children(session, category, set(rows) or {EVERYONE})
    session.execute(delete(CategoryGroup).where(CategoryGroup.category_id == category.id))
    session.add_all(
        CategoryGroup(category_id=category.id, group_id=group_id, permission_type=level)
        for group_id, level in rows.items()
    )
    category.read_restricted = not open_to_all and not {EVERYONE, ANONYMOUS_USERS} & set(levels)


def _joined(levels: dict[int, int]) -> dict[int, int]:
    """Keep both halves of `everyone` as `everyone`, as it was before it was split."""
    if not {ANONYMOUS_USERS, LOGGED_IN_USERS} <= set(levels):
        return levels
    return {EVERYONE: levels.pop(LOGGED_IN_USERS)} | {
        group: level for group, level in levels.items() if group != ANONYMOUS_USERS
    }


def _group_id(session: Session, name: str) -> int:
    if name.lstrip("-").isdigit():
        group = session.get(Group, int(name))
    elif name in OWN_GROUPS:
        group = session.get(Group, OWN_GROUPS[name])
    else:
        group = session.scalar(select(Group).where(Group.name_lower == name.lower()))
    if group is None:
        raise UnknownGroupError
    return group.id


def _groups_of(session: Session, category_id: int) -> set[int]:
    rows = set(session.scalars(select(CategoryGroup.group_id).where(CategoryGroup.category_id == category_id)))
    return rows or {EVERYONE}


def _check_against_parent(session: Session, category: Category, groups: set[int]) -> None:
    if category.parent_category_id is not None:
        _check_compatible(session, _groups_of(session, category.parent_category_id), groups)


def _check_against_children(session: Session, category: Category, groups: set[int]) -> None:
    children = session.scalars(select(Category.id).where(Category.parent_category_id == category.id))
    for child_id in children:
        _check_compatible(session, groups, _groups_of(session, child_id))


def _check_compatible(session: Session, parent: set[int], child: set[int]) -> None:
    if EVERYONE in parent or child <= parent or (LOGGED_IN_USERS in parent and not child & OPEN_TO_ALL - parent):
        return
    names = session.scalars(select(Group.name).where(Group.id.in_(child - parent)).order_by(Group.id))
    raise RejectedError(_CONFLICT.format(", ".join(names)))


def _set_tags(guardian: Guardian, category: Category, params: Params) -> None:
    session = guardian.session
    if "allowed_tags" in params:
        session.execute(delete(CategoryTag).where(CategoryTag.category_id == category.id))
        names = dict.fromkeys(clean_name(name, guardian) for name in params.items("allowed_tags"))
        tags = known_or_new(session, [name for name in names if name], guardian.now)
        session.add_all(CategoryTag(category_id=category.id, tag_id=tag.id) for tag in tags)
    if "allowed_tag_groups" in params:
        session.execute(delete(CategoryTagGroup).where(CategoryTagGroup.category_id == category.id))
        groups = session.scalars(select(TagGroup.id).where(TagGroup.name.in_(params.items("allowed_tag_groups"))))
        session.add_all(CategoryTagGroup(category_id=category.id, tag_group_id=group_id) for group_id in groups)
    if isinstance(rules := params.raw("required_tag_groups"), list):
        _require_tag_groups(session, category, rules)


def _require_tag_groups(session: Session, category: Category, rules: list[Any]) -> None:
    table = CategoryRequiredTagGroup
    session.execute(delete(table).where(table.category_id == category.id))
    for rule in rules:
        group = session.scalar(select(TagGroup).where(TagGroup.name == str(rule.get("name", ""))))
        if group is not None:
            count = to_i(str(rule.get("min_count", 1)))
            session.add(table(category_id=category.id, tag_group_id=group.id, min_count=count))


NAME_TAKEN = "Category Name has already been taken"
SLUG_TAKEN = "Slug is already in use"
LONGEST_NAME = 50
LONGEST_COLOR = 6
_ID_OF_A_CATEGORY = re.compile(r"\d+-category")
_ABOUT = (
    "What is this category for? Say it here, in a few words: they stand beside its name in the list of categories.\n\n"
    "Below, tell members what belongs here, what does not, and whom to ask."
)
_TEXTS = (
    "topic_template", "sort_order", "default_view", "subcategory_list_style", "default_top_period",
    "default_list_filter", "read_only_banner", "email_in",
)  # fmt: skip
_NUMBERS = ["num_featured_topics", "search_priority", "auto_close_hours", "default_slow_mode_seconds"]
_FLAGS = (
    "sort_ascending", "show_subcategory_list", "navigate_to_first_post_after_read", "auto_close_based_on_last_post",
    "all_topics_wiki", "allow_unlimited_owner_edits_on_first_post", "allow_badges",
)  # fmt: skip


def create(guardian: Guardian, user: User, params: Params, base_url: str) -> Category:
    """Make a category and the pinned topic that describes it.

    Raises:
        RejectedError: its name, slug, place or permissions do not hold up.

    """
    session = guardian.session
    highest = session.scalar(select(func.max(Category.position)))
    category = Category(
        name="",
        slug="",
        position=(highest if highest is not None else -1) + 1,
        user_id=user.id,
        options={},
        custom_fields={},
        created_at=guardian.now,
    )
    session.add(category)
    with session.no_autoflush:
        _apply(guardian, category, params)
    session.flush()
    if not category.slug:
        category.slug = f"{category.id}-category"
    apply_rows(guardian, category, params)
    _describe(session, category, user, base_url, guardian.now)
    return category


def update(guardian: Guardian, category: Category, params: Params) -> None:
    """Change what `params` name of a category.

    Raises:
        RejectedError: the new name, slug, place or permissions do not hold up.

    """
    old = category.name
    _apply(guardian, category, params)
    apply_rows(guardian, category, params)
    about = guardian.session.get(Topic, category.topic_id) if category.topic_id else None
    if about is not None and category.name != old:
        about.title = _about_title(category)
        about.slug = slugify(about.title)


def _apply(guardian: Guardian, category: Category, params: Params) -> None:
    session = guardian.session
    if "parent_category_id" in params:
        number = params.integer("parent_category_id")
        _check_parent(session, category, number)
        category.parent_category_id = number or None
    if "name" in params:
        category.name = (params.text("name") or "").strip()
        _check_name(session, category)
    _set_slug(session, category, params)
    category.color = _color(params.text("color") or category.color or "0088CC")
    category.text_color = _color(params.text("text_color") or category.text_color or "FFFFFF")
    _set_style(category, params)
    if "minimum_required_tags" in params:
        category.minimum_required_tags = params.integer("minimum_required_tags")
    if "allow_global_tags" in params:
        category.allow_global_tags = to_bool(params.raw("allow_global_tags"))
    if "position" in params:
        category.position = params.integer("position")
    if "custom_fields" in params:
        category.custom_fields = (category.custom_fields or {}) | params.section("custom_fields").tree
    setting = params.section("category_setting_attributes")
    _set_approval(category, setting)
    category.options = (category.options or {}) | _options(params, setting) | _review_options(params, setting)


def _color(text: str) -> str:
    """Return a colour without `#`; a text that does not fit into its column makes Discourse fail."""
    if len(text) > LONGEST_COLOR:
        raise requests.crash()
    return text


def _set_style(category: Category, params: Params) -> None:
    for name in ("style_type", "icon", "emoji"):
        if name in params:
            setattr(category, name, params.text(name))


def _set_approval(category: Category, setting: Params) -> None:
    for kind in ("topic", "reply"):
        before, mode = f"require_{kind}_approval", f"{kind}_posting_review_mode"
        if before in setting:
            setattr(category, before, to_bool(setting.raw(before)))
        if mode in setting:
            setattr(category, before, setting.text(mode) == "everyone")


def _review_options(params: Params, setting: Params) -> dict[str, Any]:
    """Return who waits for review, as later Discourses say it."""
    options: dict[str, Any] = {}
    for kind in ("topic", "reply"):
        mode, groups = f"{kind}_posting_review_mode", f"{kind}_posting_review_group_ids"
        if mode in setting:
            options[mode] = setting.text(mode)
        if groups in params:
            options[groups] = [to_i(item) for item in params.items(groups) if item]
    return options


def _options(params: Params, setting: Params) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name in _TEXTS:
        if name in params:
            options[name] = params.text(name) or None
    for name in _NUMBERS:
        if name in params:
            options[name] = to_i(params.text(name) or "0") or None
    for name in _FLAGS:
        if name in params:
            options[name] = to_bool(params.raw(name))
    for name in ("auto_bump_cooldown_days", "num_auto_bump_daily"):
        if name in setting:
            options[name] = setting.integer(name)
    return options


def _check_name(session: Session, category: Category) -> None:
    if not category.name:
        raise RejectedError("Category Name can't be blank", "Category Name is too short (minimum is 1 character)")
    if len(category.name) > LONGEST_NAME:
        raise RejectedError(f"Category Name is too long (maximum is {LONGEST_NAME} characters)")
    twin = select(Category.id).where(func.lower(Category.name) == category.name.lower())
    twin = twin.where(Category.parent_category_id.is_(category.parent_category_id))
    if category.id is not None:
        twin = twin.where(Category.id != category.id)
    if session.scalar(twin.limit(1)) is not None:
        raise RejectedError(NAME_TAKEN)


def _set_slug(session: Session, category: Category, params: Params) -> None:
    wanted = (params.text("slug") or "").strip()
    if not wanted and category.slug:
        return
    slug = wanted_slug(wanted) if wanted else slugify(category.name, default="")
    taken = select(Category.id).where(Category.slug == slug)
    taken = taken.where(Category.parent_category_id.is_(category.parent_category_id))
    if category.id is not None:
        taken = taken.where(Category.id != category.id)
    if slug and session.scalar(taken.limit(1)) is not None:
        if wanted:
            raise RejectedError(SLUG_TAKEN)
        slug = ""
    category.slug = slug or (f"{category.id}-category" if category.id is not None else "")


def wanted_slug(text: str) -> str:
    """Return the slug that somebody asked for.

    Raises:
        RejectedError: it is not ASCII, has no letter, or looks like the slug of a category without one.

    """
    if not text.isascii():
        raise RejectedError("Slug contains non-ascii characters")
    slug = slugify(text, default="")
    if not slug or slug.isdigit() or _ID_OF_A_CATEGORY.match(slug):
        raise RejectedError("Slug is invalid")
    return slug


def _check_parent(session: Session, category: Category, number: int) -> None:
    if not number:
        return
    parent = session.get(Category, number)
    if parent is None:
        raise requests.crash()
    if category.id == number:
        raise RejectedError("A subcategory's parent cannot be itself")
    below = select(Category.id).where(Category.parent_category_id == category.id).limit(1)
    if parent.parent_category_id is not None or (category.id is not None and session.scalar(below) is not None):
        raise RejectedError("You can't nest a subcategory under another")


def _about_title(category: Category) -> str:
    return f"About the {category.name} category"


def _describe(session: Session, category: Category, user: User, base_url: str, now: datetime) -> None:
    topic = writing.add_topic(
        session,
        Topic(
            title=_about_title(category),
            user_id=user.id,
            category_id=category.id,
            created_at=now,
            updated_at=now,
            bumped_at=now,
            pinned_at=now,
            last_post_user_id=user.id,
            posts_count=1,
            highest_post_number=1,
        ),
    )
    session.add(
        Post(
            topic_id=topic.id,
            user_id=user.id,
            post_number=1,
            raw=_ABOUT,
            cooked=cook_post(session, _ABOUT, user, topic.id, base_url),
            word_count=word_count(_ABOUT),
            last_editor_id=user.id,
            created_at=now,
            updated_at=now,
        )
    )
    category.topic_id = topic.id
    session.flush()


def remove(session: Session, category: Category, now: datetime, user: User) -> None:
    """Delete a category without topics; its description goes with it."""
    about = session.get(Topic, category.topic_id) if category.topic_id else None
    if about is not None:
        about.deleted_at, about.deleted_by_id = now, user.id
        about.category_id = None
    session.delete(category)
    session.flush()
