"""Tables about content: categories, tags, topics, posts, and what people do to them."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - SQLAlchemy reads the annotations
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from sync_worker.practice_forum.tables.site import Base


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


class Topic(Base):
    """A topic (archetype `regular`) or a private message (`private_message`, no category)."""

    __tablename__ = "topics"
    __table_args__ = (
        Index("ix_topics_listing", "category_id", "bumped_at"),
        Index("ix_topics_archetype", "archetype", "bumped_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    slug: Mapped[str]
    user_id: Mapped[int] = mapped_column(index=True)
    category_id: Mapped[int | None]
    archetype: Mapped[str] = mapped_column(default="regular")
    subtype: Mapped[str | None]
    external_id: Mapped[str | None]
    external_id_lower: Mapped[str | None] = mapped_column(unique=True)
    excerpt: Mapped[str | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    bumped_at: Mapped[datetime]
    last_posted_at: Mapped[datetime | None]
    last_post_user_id: Mapped[int]
    posts_count: Mapped[int] = mapped_column(default=0)
    highest_post_number: Mapped[int] = mapped_column(default=0)
    reply_count: Mapped[int] = mapped_column(default=0)
    like_count: Mapped[int] = mapped_column(default=0)
    views: Mapped[int] = mapped_column(default=0)
    word_count: Mapped[int | None] = mapped_column(default=0)
    participant_count: Mapped[int] = mapped_column(default=1)
    visible: Mapped[bool] = mapped_column(default=True)
    visibility_reason_id: Mapped[int | None]
    closed: Mapped[bool] = mapped_column(default=False)
    archived: Mapped[bool] = mapped_column(default=False)
    pinned_at: Mapped[datetime | None]
    pinned_until: Mapped[datetime | None] = mapped_column(index=True)
    pinned_globally: Mapped[bool] = mapped_column(default=False)
    slow_mode_seconds: Mapped[int] = mapped_column(default=0)
    featured_link: Mapped[str | None]
    image_url: Mapped[str | None]
    accepted_post_id: Mapped[int | None]
    deleted_at: Mapped[datetime | None]
    deleted_by_id: Mapped[int | None]


class TopicAllowedUser(Base):
    """A person in a private message."""

    __tablename__ = "topic_allowed_users"
    __table_args__ = (Index("ix_topic_allowed_users_user", "user_id"),)

    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)


class TopicAllowedGroup(Base):
    """A group in a private message."""

    __tablename__ = "topic_allowed_groups"

    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id", ondelete="CASCADE"), primary_key=True)


class TopicTag(Base):
    """A tag on a topic."""

    __tablename__ = "topic_tags"
    __table_args__ = (Index("ix_topic_tags_tag", "tag_id"),)

    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
    tag_id: Mapped[int] = mapped_column(ForeignKey("tags.id", ondelete="CASCADE"), primary_key=True)


class TopicUser(Base):
    """What one user has to do with one topic."""

    __tablename__ = "topic_users"

    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    notification_level: Mapped[int] = mapped_column(default=1)
    last_read_post_number: Mapped[int | None]
    posted: Mapped[bool] = mapped_column(default=False)
    liked: Mapped[bool] = mapped_column(default=False)
    last_visited_at: Mapped[datetime | None]
    cleared_pinned_at: Mapped[datetime | None]


class TopicTimer(Base):
    """Something that is to happen to a topic later."""

    __tablename__ = "topic_timers"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int]
    status_type: Mapped[str]
    execute_at: Mapped[datetime] = mapped_column(index=True)
    duration_minutes: Mapped[int | None]
    based_on_last_post: Mapped[bool] = mapped_column(default=False)
    category_id: Mapped[int | None]
    created_at: Mapped[datetime]


class Post(Base):
    """A post. Types: 1 regular, 2 moderator's, 3 small action, 4 whisper."""

    __tablename__ = "posts"
    __table_args__ = (
        UniqueConstraint("topic_id", "post_number"),
        Index("ix_posts_user", "user_id", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))
    user_id: Mapped[int]
    post_number: Mapped[int]
    post_type: Mapped[int] = mapped_column(default=1)
    action_code: Mapped[str | None]
    raw: Mapped[str]
    cooked: Mapped[str]
    reply_to_post_number: Mapped[int | None]
    reply_to_user_id: Mapped[int | None]
    version: Mapped[int] = mapped_column(default=1)
    last_editor_id: Mapped[int | None]
    edit_reason: Mapped[str | None]
    reply_count: Mapped[int] = mapped_column(default=0)
    quote_count: Mapped[int] = mapped_column(default=0)
    incoming_link_count: Mapped[int] = mapped_column(default=0)
    like_count: Mapped[int] = mapped_column(default=0)
    reads: Mapped[int] = mapped_column(default=0)
    score: Mapped[float] = mapped_column(default=0.0)
    word_count: Mapped[int] = mapped_column(default=0)
    wiki: Mapped[bool] = mapped_column(default=False)
    hidden: Mapped[bool] = mapped_column(default=False)
    locked_by_id: Mapped[int | None]
    user_deleted: Mapped[bool] = mapped_column(default=False)
    deleted_at: Mapped[datetime | None]
    deleted_by_id: Mapped[int | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class PostRevision(Base):
    """An earlier state of a post."""

    __tablename__ = "post_revisions"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int]
    modifications: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class HiddenRevision(Base):
    """A revision that only staff sees; `times` is how often it was hidden, each of which Discourse counts."""

    __tablename__ = "hidden_revisions"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    times: Mapped[int] = mapped_column(default=1)


class Poll(Base):
    """A poll in a post; its `options` are pairs of id and HTML, in order."""

    __tablename__ = "polls"
    __table_args__ = (UniqueConstraint("post_id", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    type: Mapped[str]
    status: Mapped[str]
    results: Mapped[str]
    public: Mapped[bool]
    chart_type: Mapped[str]
    min: Mapped[int | None]
    max: Mapped[int | None]
    step: Mapped[int | None]
    groups: Mapped[str | None]
    title: Mapped[str | None]
    close_at: Mapped[datetime | None]
    options: Mapped[list[list[str]]] = mapped_column(JSON)
    created_at: Mapped[datetime]


class PollVote(Base):
    """A user's vote for an option of a poll."""

    __tablename__ = "poll_votes"

    poll_id: Mapped[int] = mapped_column(ForeignKey("polls.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    option: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]


class Event(Base):
    """An event in the first post of a topic, as the calendar has it; `post_id` is its id there too."""

    __tablename__ = "events"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    timezone: Mapped[str]
    status: Mapped[str]


class Invitee(Base):
    """Whether somebody comes to an event: `going`, `interested` or `not_going`."""

    __tablename__ = "invitees"
    __table_args__ = (UniqueConstraint("post_id", "user_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("events.post_id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    status: Mapped[str]
    created_at: Mapped[datetime]


class PostLocale(Base):
    """The language in which a post was written, where its author said so."""

    __tablename__ = "post_locales"

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    locale: Mapped[str]


class PostLocalization(Base):
    """A post in a further language."""

    __tablename__ = "post_localizations"
    __table_args__ = (UniqueConstraint("post_id", "locale"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    post_version: Mapped[int]
    locale: Mapped[str]
    raw: Mapped[str]
    cooked: Mapped[str]
    localizer_user_id: Mapped[int]


class TopicLocalization(Base):
    """A topic's title in a further language."""

    __tablename__ = "topic_localizations"
    __table_args__ = (UniqueConstraint("topic_id", "locale"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))
    locale: Mapped[str]
    title: Mapped[str]
    localizer_user_id: Mapped[int]


class Like(Base):
    """Somebody likes a post."""

    __tablename__ = "likes"
    __table_args__ = (Index("ix_likes_user", "user_id", "created_at"),)

    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    created_at: Mapped[datetime]


class LinkClick(Base):
    """Somebody opened a link of a post."""

    __tablename__ = "topic_link_clicks"
    __table_args__ = (Index("ix_clicks_link", "post_id", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    url: Mapped[str]
    user_id: Mapped[int | None]
    created_at: Mapped[datetime]


class Bookmark(Base):
    """A post or topic that a user marked to find again."""

    __tablename__ = "bookmarks"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    bookmarkable_type: Mapped[str]
    bookmarkable_id: Mapped[int]
    name: Mapped[str | None]
    reminder_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
