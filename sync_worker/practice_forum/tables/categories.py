"""Tables about where content goes: categories, tags, and who may do what with them."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.practice_forum.tables.base import Base


class Category(Base):
    """A category. `options` holds the settings that nothing but its own JSON shows (sort order, template, ...)."""

    __tablename__ = "categories"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    slug: Mapped[str]
    color: Mapped[str] = mapped_column(default="0088CC")
    text_color: Mapped[str] = mapped_column(default="FFFFFF")
    style_type: Mapped[str] = mapped_column(default="square")
    icon: Mapped[str | None]
    emoji: Mapped[str | None]
    position: Mapped[int] = mapped_column(default=0)
    parent_category_id: Mapped[int | None] = mapped_column(index=True)
    description: Mapped[str | None]
    topic_id: Mapped[int | None]
    user_id: Mapped[int] = mapped_column(default=-1)
    read_restricted: Mapped[bool] = mapped_column(default=False)
    require_topic_approval: Mapped[bool] = mapped_column(default=False)
    require_reply_approval: Mapped[bool] = mapped_column(default=False)
    minimum_required_tags: Mapped[int] = mapped_column(default=0)
    allow_global_tags: Mapped[bool] = mapped_column(default=False)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    custom_fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime]


class CategoryGroup(Base):
    """What a group may do in a category: 1 create, reply and see; 2 reply and see; 3 see.

    No rows for a category mean: everyone may do everything.
    """

    __tablename__ = "category_groups"

    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)
    permission_type: Mapped[int]


class CategoryModerator(Base):
    """A group whose members moderate a category."""

    __tablename__ = "category_moderators"

    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)


class Tag(Base):
    """A tag."""

    __tablename__ = "tags"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    name_lower: Mapped[str] = mapped_column(unique=True)
    description: Mapped[str | None]
    created_at: Mapped[datetime]


class TagGroup(Base):
    """A named set of tags with rules of its own."""

    __tablename__ = "tag_groups"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    one_per_topic: Mapped[bool] = mapped_column(default=False)
    parent_tag_id: Mapped[int | None]


class TagGroupMember(Base):
    """A tag in a tag group."""

    __tablename__ = "tag_group_members"

    tag_group_id: Mapped[int] = mapped_column(ForeignKey("tag_groups.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)


class TagGroupPermission(Base):
    """Who may use the tags of a tag group: 1 use and see, 3 see."""

    __tablename__ = "tag_group_permissions"

    tag_group_id: Mapped[int] = mapped_column(ForeignKey("tag_groups.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(primary_key=True)
    permission_type: Mapped[int]


class CategoryTag(Base):
    """A tag that a category keeps for itself."""

    __tablename__ = "category_tags"

    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)


class CategoryTagGroup(Base):
    """A tag group that a category keeps for itself."""

    __tablename__ = "category_tag_groups"

    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True)
    tag_group_id: Mapped[int] = mapped_column(ForeignKey("tag_groups.id", ondelete="CASCADE"), primary_key=True)


class CategoryRequiredTagGroup(Base):
    """A tag group of which a topic of the category needs `min_count` tags."""

    __tablename__ = "category_required_tag_groups"

    category_id: Mapped[int] = mapped_column(ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True)
    tag_group_id: Mapped[int] = mapped_column(ForeignKey("tag_groups.id", ondelete="CASCADE"), primary_key=True)
    min_count: Mapped[int] = mapped_column(default=1)
