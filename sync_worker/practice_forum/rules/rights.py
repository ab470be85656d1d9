"""What a user may see, and do with posts and topics."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, and_, bindparam, false, func, or_, select, true

from sync_worker.practice_forum.dialects import ANONYMOUS_USERS, EVERYONE, LOGGED_IN_USERS
from sync_worker.practice_forum.tables import (
    Category,
    CategoryGroup,
    CategoryModerator,
    Group,
    GroupUser,
    Topic,
    TopicAllowedGroup,
    TopicAllowedUser,
    User,
)

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.practice_forum.rules.settings import Settings
    from sync_worker.practice_forum.tables import Post

ADMINS, MODERATORS, STAFF, TRUST_LEVEL_0 = 1, 2, 3, 10
# What the API calls Discourse's own groups, whatever a site in another language calls them.
OWN_GROUPS = {"everyone": EVERYONE, "admins": ADMINS, "moderators": MODERATORS, "staff": STAFF} | {
    f"trust_level_{level}": TRUST_LEVEL_0 + level for level in range(5)
}
# Only later Discourses have these two (see `dialects.toml`); permissions name a group that the forum has.
OWN_GROUPS |= {"anonymous_users": ANONYMOUS_USERS, "logged_in_users": LOGGED_IN_USERS}
OPEN_TO_ALL = frozenset({EVERYONE, ANONYMOUS_USERS, LOGGED_IN_USERS})
FULL, CREATE_POST, READ_ONLY = 1, 2, 3
_GROUPS_OF_USER = select(GroupUser.group_id).where(GroupUser.user_id == bindparam("user"))
_PERMISSIONS_OF_GROUPS = select(CategoryGroup.category_id, CategoryGroup.permission_type).where(
    CategoryGroup.group_id.in_(bindparam("groups", expanding=True))
)
_HAS_PERMISSIONS = select(CategoryGroup.category_id).where(CategoryGroup.category_id == bindparam("category")).limit(1)


def automatic_group_ids(user: User) -> set[int]:
    """Return the automatic groups a user belongs to (they follow from the account and have no membership rows)."""
    if user.staged:
        return set()
    ids = {TRUST_LEVEL_0 + level for level in range(user.trust_level + 1)}
    if user.admin:
        ids.add(ADMINS)
    if user.moderator:
        ids.add(MODERATORS)
    if user.staff:
        ids.add(STAFF)
    return ids


def automatic_members(group_id: int) -> ColumnElement[bool]:
    """Return the condition on `User` for belonging to an automatic group."""
    if group_id in OPEN_TO_ALL:
        return true() if group_id == EVERYONE else false()  # the other two list nobody
    if group_id in (ADMINS, MODERATORS, STAFF):
        admin, moderator = User.admin.is_(True), User.moderator.is_(True)
        role = {ADMINS: admin, MODERATORS: moderator, STAFF: or_(admin, moderator)}[group_id]
        return and_(role, User.staged.is_(False), User.id > 0)
    return and_(User.trust_level >= group_id - TRUST_LEVEL_0, User.staged.is_(False), User.id > 0)


class Guardian:
    """Rights of one user (None: an anonymous visitor), with memberships read once."""

    def __init__(self, session: Session, user: User | None, settings: Settings, now: datetime) -> None:
        self.session = session
        self.user = user
        self.settings = settings
        self.now = now
        self._held: set[Category | Topic] = set()

    @property
    def is_admin(self) -> bool:
        """Whether the user is an administrator."""
        return self.user is not None and self.user.admin

    @property
    def is_staff(self) -> bool:
        """Whether the user is an administrator or a moderator."""
        return self.user is not None and self.user.staff

    @cached_property
    def group_ids(self) -> set[int]:
        """Every group of the user, automatic ones and `everyone` (0) included."""
        if self.user is None:
            return {EVERYONE, ANONYMOUS_USERS}
        rows = self.session.scalars(_GROUPS_OF_USER, {"user": self.user.id})
        return {EVERYONE, LOGGED_IN_USERS, *automatic_group_ids(self.user), *rows}

    @cached_property
    def owned_group_ids(self) -> set[int]:
        """The groups that the user owns."""
        if self.user is None:
            return set()
        mine = GroupUser.user_id == self.user.id
        return set(self.session.scalars(select(GroupUser.group_id).where(mine, GroupUser.owner.is_(True))))

    @cached_property
    def automatic_counts(self) -> dict[int, int]:
        """How many users each automatic group has, read in one go."""
        counts = dict.fromkeys(range(TRUST_LEVEL_0, TRUST_LEVEL_0 + 5), 0) | dict.fromkeys(range(STAFF + 1), 0)
        kinds = (User.trust_level, User.admin, User.moderator)
        query = select(*kinds, func.count()).where(User.staged.is_(False), User.id > 0).group_by(*kinds)
        for level, admin, moderator, count in self.session.execute(query):
            kind = User(trust_level=level, admin=admin, moderator=moderator, staged=False)
            for group_id in {EVERYONE, *automatic_group_ids(kind)}:
                counts[group_id] += count
        return counts

    def in_any_group(self, setting: str) -> bool:
        """Whether the user is in a group that the setting (a group list) names."""
        return bool(self.settings.group_ids(setting) & self.group_ids)

    # groups

    def can_see_group(self, group: Group) -> bool:
        """Whether the user may see that the group exists."""
        return self._passes(group, group.visibility_level)

    def can_see_members(self, group: Group) -> bool:
        """Whether the user may see who is in the group."""
        return self.can_see_group(group) and self._passes(group, group.members_visibility_level)

    def _passes(self, group: Group, level: int) -> bool:
        if level == 0 or self.is_admin:
            return True
        owner = group.id in self.owned_group_ids
        return {
            1: self.user is not None,
            2: owner or group.id in self.group_ids,
            3: owner or self.is_staff,
            4: owner,
        }.get(level, False)

    def can_admin_group(self, group: Group) -> bool:
        """Whether the user may change everything about the group."""
        manager = self.is_staff and self.settings.flag("moderators_manage_categories_and_groups")
        return self.is_admin or (manager and group.id != ADMINS)

    def can_edit_group(self, group: Group) -> bool:
        """Whether the user may change the group's members."""
        return not group.automatic and (self.can_admin_group(group) or group.id in self.owned_group_ids)

    # categories

    def visible_categories(self) -> ColumnElement[bool]:
        """Return the condition on `Category` for being visible to the user."""
        if self.is_admin:
            return true()
        return or_(Category.read_restricted.is_(False), Category.id.in_(self._granted(READ_ONLY)))

    def _granted(self, level: int) -> set[int]:
        rows = self._permissions.items()
        return {category_id for category_id, best in rows if best <= level}

    @cached_property
    def _permissions(self) -> dict[int, int]:
        """The best permission per category that has permission rows for the user's groups."""
        best: dict[int, int] = {}
        rows = self.session.execute(_PERMISSIONS_OF_GROUPS, {"groups": list(self.group_ids)})
        for category_id, level in rows:
            best[category_id] = min(level, best.get(category_id, READ_ONLY))
        return best

    def topic(self, topic_id: int | None) -> Topic | None:
        """The topic with an id; held, or the session would forget it and read it again."""
        topic = self.session.get(Topic, topic_id) if topic_id is not None else None
        if topic is not None:
            self._held.add(topic)
        return topic

    def category_of(self, topic: Topic) -> Category | None:
        """The category that a topic is in; held, as topics are."""
        category = self.session.get(Category, topic.category_id) if topic.category_id else None
        if category is not None:
            self._held.add(category)
        return category

    def can_see_category(self, category: Category) -> bool:
        """Whether the user may see the category and what is in it."""
        return self.is_admin or not category.read_restricted or category.id in self._granted(READ_ONLY)

    def can_create_topic_in(self, category: Category) -> bool:
        """Whether the user may open topics in the category."""
        return self.can_create_topic and self._may(category, FULL)

    def can_reply_in(self, category: Category) -> bool:
        """Whether the user may reply to open topics of the category."""
        return self._may(category, CREATE_POST)

    def _may(self, category: Category, level: int) -> bool:
        if self.is_admin or self.user is None:
            return self.is_admin
        if category.id in self._granted(level):
            return True
        return self.session.scalar(_HAS_PERMISSIONS, {"category": category.id}) is None

    @property
    def can_create_topic(self) -> bool:
        """Whether the user may open topics anywhere at all."""
        if self.user is None or self.user.silenced(self.now):
            return False
        return self.is_staff or self.in_any_group("create_topic_allowed_groups")

    def can_moderate_category(self, category_id: int | None) -> bool:
        """Whether the user is staff, or in a group that moderates the category."""
        if self.is_staff:
            return True
        if category_id is None or not self.settings.flag("enable_category_group_moderation"):
            return False
        return category_id in self.moderated_category_ids

    @cached_property
    def moderated_category_ids(self) -> set[int]:
        """The categories that a group of the user moderates, whether or not the site allows it."""
        query = select(CategoryModerator.category_id).where(CategoryModerator.group_id.in_(self.group_ids))
        return set(self.session.scalars(query))

    # topics

    def can_see_topic(self, topic: Topic) -> bool:
        """Whether the user may read the topic or message."""
        if topic.archetype == "private_message":
            return self.can_see_message(topic)
        if topic.deleted_at is not None and not self.can_moderate_category(topic.category_id):
            return False
        category = self.category_of(topic)
        return category is None or self.can_see_category(category)

    def can_see_message(self, topic: Topic) -> bool:
        """Whether the user is among a private message's people (administrators are everywhere)."""
        if self.user is None:
            return False
        if self.is_admin:
            return True
        by_name = select(TopicAllowedUser.user_id).where(
            TopicAllowedUser.topic_id == topic.id,
            TopicAllowedUser.user_id == self.user.id,
        )
        by_group = select(TopicAllowedGroup.group_id).where(
            TopicAllowedGroup.topic_id == topic.id,
            TopicAllowedGroup.group_id.in_(self.group_ids),
        )
        return self.session.scalar(by_name) is not None or self.session.scalar(by_group) is not None

    @property
    def can_send_messages(self) -> bool:
        """Whether the user may open private messages."""
        if self.user is None or self.user.silenced(self.now):
            return False
        return self.is_staff or self.in_any_group("personal_message_enabled_groups")


def can_address(group: Group, guardian: Guardian, level: int) -> bool:
    """Whether a level (0 nobody, 1 admins, 2 moderators too, 3 members, 4 owners, 99 everyone) lets the caller."""
    if guardian.is_admin:
        return level != 0
    if guardian.is_staff and level == 2:
        return True
    return {
        3: guardian.is_staff or group.id in guardian.group_ids,
        4: guardian.is_staff or group.id in guardian.owned_group_ids,
        99: True,
    }.get(level, False)


PRIVATE = "private_message"
_FLAGGERS = {1, 2, 11}


def moderates(guardian: Guardian, topic: Topic) -> bool:
    """Whether the user may close, archive, pin, edit and delete in the topic."""
    if guardian.user is None:
        return False
    return guardian.user.trust_level == 4 or guardian.can_moderate_category(topic.category_id)


def staff_or_leader(guardian: Guardian) -> bool:
    """Whether the user may pin globally, set timers and move dates: staff and trust level 4."""
    return guardian.is_staff or (guardian.user is not None and guardian.user.trust_level == 4)


def can_reply(guardian: Guardian, topic: Topic) -> bool:
    """Whether the user may add a post to the topic."""
    user = guardian.user
    if user is None or topic.deleted_at is not None or user.silenced(guardian.now):
        return False
    if user.admin:
        return True
    if (topic.closed or topic.archived) and not moderates(guardian, topic):
        return False
    if topic.archetype == PRIVATE:
        return guardian.can_see_message(topic)
    category = guardian.category_of(topic)
    return category is None or guardian.can_reply_in(category)


def can_edit_topic(guardian: Guardian, topic: Topic) -> bool:
    """Whether the user may change the topic's title, tags and category."""
    user = guardian.user
    if user is None or not guardian.can_see_topic(topic):
        return False
    if user.admin or guardian.can_moderate_category(topic.category_id):
        return True
    if topic.archived:
        return False
    category = guardian.category_of(topic)
    if category is not None and not guardian.can_create_topic_in(category):
        return False
    leader = user.trust_level >= 3 and topic.archetype != PRIVATE and can_reply(guardian, topic)
    return leader or topic.user_id == user.id


def can_delete_topic(guardian: Guardian, topic: Topic) -> bool:
    """Whether the user may delete the topic (no category's own description)."""
    user = guardian.user
    if user is None or topic.deleted_at is not None or is_about_topic(guardian, topic):
        return False
    if moderates(guardian, topic):
        return True
    return topic.user_id == user.id and topic.posts_count <= 1


def is_about_topic(guardian: Guardian, topic: Topic) -> bool:
    """Whether the topic is the description of its category."""
    category = guardian.category_of(topic)
    return category is not None and category.topic_id == topic.id


def can_edit_post(guardian: Guardian, post: Post, topic: Topic) -> bool:
    """Whether the user may change the post's text."""
    user = guardian.user
    if user is None:
        return False
    if user.admin:
        return True
    if post.locked_by_id is not None and not user.staff:
        return False
    if user.trust_level == 4 or guardian.can_moderate_category(topic.category_id):
        return can_reply(guardian, topic)
    if topic.archived or post.user_deleted or post.deleted_at is not None or user.silenced(guardian.now):
        return False
    return post.user_id == user.id or (post.wiki and user.trust_level >= 1)


def can_delete_post(guardian: Guardian, post: Post, topic: Topic) -> bool:
    """Whether the user may delete the post (nobody may delete a topic's first one, but only the topic)."""
    user = guardian.user
    if user is None or post.post_number == 1:
        return False
    if moderates(guardian, topic):
        return True
    return not topic.archived and post.user_id == user.id and not post.user_deleted


def can_recover_post(guardian: Guardian, post: Post, topic: Topic) -> bool:
    """Whether the user may bring a deleted post back."""
    user = guardian.user
    if user is None:
        return False
    if post.deleted_at is not None:
        return moderates(guardian, topic)
    return post.user_id == user.id and post.user_deleted


def can_like(guardian: Guardian, post: Post, topic: Topic) -> bool:
    """Whether the user may like the post, if they have not yet."""
    user = guardian.user
    return user is not None and post.user_id != user.id and not topic.archived and post.deleted_at is None


def can_flag(guardian: Guardian) -> bool:
    """Whether the user may report posts."""
    user = guardian.user
    return user is not None and not user.silenced(guardian.now) and bool(guardian.group_ids & _FLAGGERS)
