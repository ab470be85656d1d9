"""How categories appear in JSON."""

from __future__ import annotations

import html
import re
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import Executable, func, select

from sync_worker.practice_forum.dialects import EVERYONE
from sync_worker.practice_forum.rules.rights import FULL
from sync_worker.practice_forum.tables import (
    Category,
    CategoryGroup,
    CategoryModerator,
    CategoryRequiredTagGroup,
    CategoryTag,
    CategoryTagGroup,
    Group,
    Tag,
    TagGroup,
    Topic,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.practice_forum.rules.rights import Guardian

UNCATEGORIZED_ID = 1
_FOR_EDITORS = ("can_edit", "available_groups", "group_permissions", "email_in", "email_in_allow_strangers")
HAS_SUBCATEGORIES = "Can't delete this category because it has sub-categories."
_UNCATEGORIZED = (
    "This category is special. It is intended as a holding area for topics that have no category; it cannot be deleted."
)

_TAGS = select(CategoryTag.category_id, Tag.name).join(Tag, CategoryTag.tag_id == Tag.id)
_TAG_GROUPS = select(CategoryTagGroup.category_id, TagGroup.name).join(
    TagGroup, CategoryTagGroup.tag_group_id == TagGroup.id
)
_REQUIRED_TAG_GROUPS = select(
    CategoryRequiredTagGroup.category_id, TagGroup.name, CategoryRequiredTagGroup.min_count
).join(TagGroup, CategoryRequiredTagGroup.tag_group_id == TagGroup.id)


class CategoryView:
    """Categories as one user sees them, with counts and tags read once for all."""

    def __init__(self, guardian: Guardian) -> None:
        self.guardian = guardian
        self.session = guardian.session
        self._about = set(self.session.scalars(select(Category.topic_id).where(Category.topic_id.is_not(None))))
        self._slugs = self._about_slugs()
        self.counts, self.latest = self._topics()
        self.children = self._children()

    def _about_slugs(self) -> dict[int, str]:
        query = select(Topic.id, Topic.slug).where(Topic.id.in_(self._about))
        return {row[0]: row[1] for row in self.session.execute(query)}

    def _topics(self) -> tuple[dict[int, tuple[int, int]], dict[int, datetime]]:
        """Topics and replies per category, and when the latest topic was bumped."""
        query = (
            select(
                Topic.category_id,
                func.count(),
                func.sum(Topic.posts_count) - func.count(),
                func.max(Topic.bumped_at),
            )
            .where(
                Topic.deleted_at.is_(None),
                Topic.visible.is_(True),
                Topic.archetype == "regular",
                Topic.id.not_in(self._about),
            )
            .group_by(Topic.category_id)
        )
        counts: dict[int, tuple[int, int]] = {}
        latest: dict[int, datetime] = {}
        for category_id, topics, replies, bumped_at in self.session.execute(query):
            if category_id is None:
                continue
            counts[category_id] = topics, max(0, replies or 0)
            latest[category_id] = bumped_at
        return counts, latest

    def _children(self) -> dict[int, list[int]]:
        query = select(Category.parent_category_id, Category.id).where(Category.parent_category_id.is_not(None))
        found: dict[int, list[int]] = {}
        for parent_id, child_id in self.session.execute(query.order_by(Category.id)):
            if parent_id is not None:
                found.setdefault(parent_id, []).append(child_id)
        return found

    def base(self, category: Category) -> dict[str, Any]:
        """The keys that a category always has."""
        topics, posts = self.counts.get(category.id, (0, 0))
        text = _plain(category.description)
        options = category.options or {}
        about_slug = self._slugs.get(category.topic_id or 0)
        answer: dict[str, Any] = {
            "id": category.id,
            "name": category.name,
            "color": category.color,
            "text_color": category.text_color,
            "style_type": category.style_type,
            "icon": category.icon,
            "emoji": category.emoji,
            "slug": category.slug,
            "topic_count": topics,
            "post_count": posts,
            "position": category.position,
            "description": category.description,
            "description_text": text,
            "description_excerpt": text,
            "topic_url": f"/t/{about_slug}/{category.topic_id}" if about_slug else "/t/",
            "read_restricted": category.read_restricted,
            "permission": None,
            "notification_level": 1,
            "can_edit": self.guardian.is_admin,
            "topic_template": options.get("topic_template"),
            "has_children": None,
            "subcategory_count": None,
            "sort_order": options.get("sort_order"),
            "sort_ascending": options.get("sort_ascending"),
            "show_subcategory_list": options.get("show_subcategory_list", False),
            "num_featured_topics": options.get("num_featured_topics", 3),
            "default_view": options.get("default_view"),
            "subcategory_list_style": options.get("subcategory_list_style", "rows_with_featured_topics"),
            "default_top_period": options.get("default_top_period", "all"),
            "default_list_filter": options.get("default_list_filter", "all"),
            "minimum_required_tags": category.minimum_required_tags,
            "navigate_to_first_post_after_read": options.get("navigate_to_first_post_after_read", False),
            "uploaded_logo": None,
            "uploaded_logo_dark": None,
            "uploaded_background": None,
            "uploaded_background_dark": None,
        }
        if category.parent_category_id is not None:
            answer["parent_category_id"] = category.parent_category_id
        return answer

    def permission(self, category: Category) -> int | None:
        """1 where the user may open topics in the category."""
        return FULL if self.guardian.can_create_topic_in(category) else None

    def listed(self, category: Category) -> dict[str, Any]:
        """A category of the list of categories (topics by period are counted by a nightly job: none here)."""
        children = self.children.get(category.id, [])
        topics, _ = self.counts.get(category.id, (0, 0))
        return self._to_others(self.base(category)) | {
            "permission": self.permission(category),
            "has_children": bool(children),
            "subcategory_count": len(children) or None,
            **dict.fromkeys(("topics_day", "topics_week", "topics_month", "topics_year"), 0),
            "topics_all_time": topics,
            "subcategory_ids": children,
        }

    def for_site(self, category: Category) -> dict[str, Any]:
        """A category of /site.json."""
        return self.base(category) | {
            "permission": self.permission(category),
            "has_children": bool(self.children.get(category.id)),
            **self._tags(category),
        }

    def full(self, category: Category, *, written: bool = False, setting: bool = False) -> dict[str, Any]:
        """A category alone; `written` as the answer to a change of it; with what is kept apart as its `setting`."""
        options = category.options or {}
        answer = self.base(category) | self._tags(category)
        answer |= {
            "permission": None if written else self.permission(category),
            "custom_fields": category.custom_fields or {},
            "available_groups": [],
            "auto_close_hours": options.get("auto_close_hours"),
            "auto_close_based_on_last_post": options.get("auto_close_based_on_last_post", False),
            "group_permissions": [],
            "email_in": options.get("email_in"),
            "email_in_allow_strangers": False,
            "mailinglist_mirror": False,
            "all_topics_wiki": options.get("all_topics_wiki", False),
            "allow_unlimited_owner_edits_on_first_post": options.get(
                "allow_unlimited_owner_edits_on_first_post", False
            ),
            "allow_badges": options.get("allow_badges", True),
            "topic_featured_link_allowed": True,
            "search_priority": options.get("search_priority", 0),
            "default_slow_mode_seconds": options.get("default_slow_mode_seconds"),
        }
        if self.guardian.is_admin:
            answer |= self._groups(category) | self._deletable(category)
        answer = self._to_others(answer)
        if written or setting:
            answer |= {"category_setting": self._setting(category)}
        if self.guardian.settings.flag("enable_category_group_moderation"):
            query = select(CategoryModerator.group_id).where(CategoryModerator.category_id == category.id)
            answer["moderating_group_ids"] = sorted(self.session.scalars(query))
        return answer | {"category_localizations": []}

    def _to_others(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Leave out what is only for people who may edit the category."""
        return answer if self.guardian.is_admin else {name: answer[name] for name in answer if name not in _FOR_EDITORS}

    def _tags(self, category: Category) -> dict[str, Any]:
        options = category.options or {}
        return {
            "allowed_tags": [name for (name,) in self._allowed_tags.get(category.id, ())],
            "allowed_tag_groups": [name for (name,) in self._allowed_tag_groups.get(category.id, ())],
            "allow_global_tags": category.allow_global_tags,
            "read_only_banner": options.get("read_only_banner"),
            "form_template_ids": [],
            "required_tag_groups": [
                {"name": name, "min_count": count} for name, count in self._required_tag_groups.get(category.id, ())
            ],
        }

    @cached_property
    def _allowed_tags(self) -> dict[int, list[Any]]:
        return self._by_category(_TAGS)

    @cached_property
    def _allowed_tag_groups(self) -> dict[int, list[Any]]:
        return self._by_category(_TAG_GROUPS)

    @cached_property
    def _required_tag_groups(self) -> dict[int, list[Any]]:
        return self._by_category(_REQUIRED_TAG_GROUPS)

    def _by_category(self, query: Executable) -> dict[int, list[Any]]:
        found: dict[int, list[Any]] = {}
        for category_id, *rest in self.session.execute(query):
            found.setdefault(category_id, []).append(rest)
        return found

    def _groups(self, category: Category) -> dict[str, Any]:
        rows = select(Group.name, CategoryGroup.permission_type).join(CategoryGroup, CategoryGroup.group_id == Group.id)
        rows = rows.where(CategoryGroup.category_id == category.id).order_by(Group.name)
        permissions = [{"permission_type": level, "group_name": name} for name, level in self.session.execute(rows)]
        if not permissions and not category.read_restricted:
            everyone = self.session.get_one(Group, EVERYONE)
            permissions = [{"permission_type": FULL, "group_name": everyone.name}]
        used = {row["group_name"] for row in permissions}
        names = self.session.scalars(select(Group.name).order_by(Group.name))
        return {
            "group_permissions": permissions,
            "available_groups": [name for name in names if name not in used],
        }

    def cannot_delete_reason(self, category: Category) -> str | None:
        """Why the category cannot be deleted, None where it can."""
        if category.id == UNCATEGORIZED_ID:
            return _UNCATEGORIZED
        if self.children.get(category.id):
            return HAS_SUBCATEGORIES
        count, _ = self.counts.get(category.id, (0, 0))
        if not count:
            return None
        query = select(Topic).where(Topic.category_id == category.id, Topic.id.not_in(self._about))
        oldest = self.session.scalar(query.order_by(Topic.created_at).limit(1))
        noun = "topic" if count == 1 else "topics"
        if oldest is None:
            return f"Can't delete this category because topic count is {count}."
        link = f'<a href="/t/{oldest.slug}/{oldest.id}">{html.escape(oldest.title)}</a>'
        return f"Can't delete this category because it has {count} {noun}. Oldest topic is {link}."

    def _deletable(self, category: Category) -> dict[str, Any]:
        reason = self.cannot_delete_reason(category)
        return {"can_delete": True} if reason is None else {"cannot_delete_reason": reason}

    def _setting(self, category: Category) -> dict[str, Any]:
        options = category.options or {}
        return {
            "auto_bump_cooldown_days": options.get("auto_bump_cooldown_days", 1),
            "num_auto_bump_daily": options.get("num_auto_bump_daily", 0),
            "require_reply_approval": category.require_reply_approval,
            "require_topic_approval": category.require_topic_approval,
        }


def _plain(description: str | None) -> str | None:
    if description is None:
        return None
    return html.unescape(re.sub(r"<[^>]+>", "", description)).strip()
