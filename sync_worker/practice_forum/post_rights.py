"""What a user may do with posts and topics, beyond seeing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync_worker.practice_forum.guardian import Guardian
    from sync_worker.practice_forum.tables import Post, Topic

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
