"""Where Discourse's own description of its API is wrong about a 3.5, each with the recorded answer that shows it.

Every row is needed: a test fails where nothing contradicts the description in a row's way any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.contract.description import Contradiction

NEWER = "the description is of a newer Discourse, which always says this"
OLDER = "a newer Discourse no longer says this, or says it differently"
SOMETIMES = "said only where it applies, or only to those whom it concerns"
UNSAID = "left out of the description, which shows one state of the thing"
NOTHING = "nothing, where there is none"
TYPE = "the description has the type wrong"


@dataclass(frozen=True)
class Row:
    """Contradictions of one kind at one place, all shown by one recording.

    Args:
        path: where in the answer.
        kind: see `Contradiction`.
        names: properties or types, with blanks between them.
        recording: its number.
        why: the reason.
        seen: where in the recorded answer, if it is one of another operation that shows the same thing.

    """

    path: str
    kind: str
    names: str
    recording: int
    why: str
    seen: str = ""

    def contradictions(self) -> set[Contradiction]:
        """Return them one by one."""
        return {Contradiction(self.path, self.kind, name) for name in self.names.split() or [""]}


OTHER_ANSWERS: dict[tuple[str, str], tuple[int, str]] = {
    ("POST /users.json", "$.is_developer"): (23, "a refused account is answered with 200 as well"),
    ("POST /posts.json", "$.action"): (445, "nested_post wraps the post"),
    ("POST /posts.json", "$.pending_post"): (802, "a post that waits for approval"),
    ("GET /u/by-external/{external_id}.json", "$.user.profile_hidden"): (
        630,
        "a profile that is hidden from the caller",
    ),
    ("POST /invites.json", "$.max_redemptions_allowed"): (483, "an invitation by link and not by e-mail"),
}
"""Answers of a kind that the description does not have: by operation and what tells them, with a recording and why."""

WRONG_REQUESTS: dict[str, tuple[int, str]] = {
    "POST /invites/create-multiple.json": (491, "`email` is a list, as the description's own example shows"),
    "GET /t/{id}/posts.json": (320, "`post_ids[]` stand in the query; a GET has no body"),
}
"""Operations that nobody can call as described, with a recording of how it is done and why."""

CONTRADICTIONS: dict[str, tuple[Row, ...]] = {
    "GET /u/{username}.json": (
        Row("$.user", "absent", "topic_count", 29, NEWER),
        Row("$.user.featured_topic", "type", "null", 29, NOTHING),
        Row(
            "$.user.user_option",
            "absent",
            "automatically_translate enable_upcoming_change_available_notifications notify_on_linked_posts "
            "push_notification_level send_shortcut show_original_content understood_languages",
            29,
            NEWER,
        ),
        Row("$.user.user_option", "undescribed", "enable_defer", 29, OLDER),
        Row("$.user.user_option.watched_precedence_over_muted", "type", "null", 29, NOTHING),
    ),
    "GET /admin/users/list/{flag}.json": (Row("$", "minItems", "", 34, NOTHING),),
    "GET /groups/{name}.json": (
        Row(
            "$.group",
            "undescribed",
            "imap_enabled imap_last_error imap_mailbox_name imap_mailboxes imap_new_emails imap_old_emails "
            "imap_port imap_server imap_ssl imap_updated_at imap_updated_by",
            45,
            OLDER,
        ),
    ),
    "GET /groups/by-id/{id}.json": (
        Row(
            "$.group",
            "undescribed",
            "imap_enabled imap_last_error imap_mailbox_name imap_mailboxes imap_new_emails imap_old_emails "
            "imap_port imap_server imap_ssl imap_updated_at imap_updated_by",
            47,
            OLDER,
        ),
    ),
    "GET /groups/{name}/members.json": (
        Row("$.members[*]", "undescribed", "trust_level", 78, UNSAID),
        Row("$.members[*].last_posted_at", "type", "null", 78, NOTHING),
        Row("$.members[*].last_seen_at", "type", "null", 78, NOTHING),
        Row("$.members[*].timezone", "type", "null", 78, NOTHING),
        Row("$.owners[*]", "undescribed", "trust_level", 96, UNSAID),
        Row("$.owners[*].last_posted_at", "type", "null", 96, NOTHING),
        Row("$.owners[*].last_seen_at", "type", "null", 96, NOTHING),
        Row("$.owners[*].timezone", "type", "null", 96, NOTHING),
    ),
    "POST /categories.json": (
        Row(
            "$.category",
            "absent",
            "reply_posting_review_group_ids topic_posting_review_group_ids topic_title_placeholder",
            201,
            NEWER,
        ),
        Row("$.category", "undescribed", "parent_category_id", 210, UNSAID),
        Row("$.category.group_permissions[*]", "absent", "group_id", 201, NEWER),
    ),
    "GET /c/{id}/show.json": (
        Row(
            "$.category",
            "absent",
            "reply_posting_review_group_ids topic_posting_review_group_ids topic_title_placeholder",
            213,
            NEWER,
        ),
        Row("$.category", "absent", "can_delete", 213, SOMETIMES),
        Row("$.category", "undescribed", "cannot_delete_reason", 213, UNSAID),
        Row("$.category.group_permissions[*]", "absent", "group_id", 213, NEWER),
    ),
    "GET /categories.json": (
        Row("$.category_list.categories[*]", "absent", "topic_title_placeholder", 214, NEWER),
        Row("$.category_list.categories[*]", "undescribed", "topics", 214, UNSAID),
    ),
    "GET /site.json": (
        Row("$", "absent", "email_configured homepage_choices", 215, NEWER),
        Row("$.categories[*]", "absent", "topic_title_placeholder", 215, NEWER),
        Row("$.top_tags[*]", "type", "string", 326, OLDER, seen="$.topic_list.top_tags[*]"),
        Row("$.categories[*]", "undescribed", "allowed_tag_groups allowed_tags", 215, UNSAID),
        Row("$.categories[*].permission", "type", "null", 215, NOTHING),
    ),
    "PUT /categories/{id}.json": (
        Row(
            "$.category",
            "absent",
            "reply_posting_review_group_ids topic_posting_review_group_ids topic_title_placeholder",
            216,
            NEWER,
        ),
        Row("$.category", "absent", "can_delete", 216, SOMETIMES),
        Row("$.category", "undescribed", "cannot_delete_reason", 216, UNSAID),
        Row("$.category.group_permissions[*]", "absent", "group_id", 216, NEWER),
    ),
    "POST /posts.json": (
        Row("$", "absent", "reviewable_id reviewable_score_count reviewable_score_pending_count", 243, SOMETIMES),
        Row("$", "undescribed", "title_is_group", 243, UNSAID),
        Row("$", "undescribed", "reply_to_user", 251, UNSAID),
        Row("$.reply_to_post_number", "type", "number", 251, TYPE),
    ),
    "GET /t/{id}.json": (
        Row("$", "absent", "has_deleted", 314, SOMETIMES),
        Row("$", "absent", "suggested_topics", 457, SOMETIMES),
        Row("$", "undescribed", "last_read_post_id last_read_post_number posted visibility_reason_id", 298, UNSAID),
        Row("$", "undescribed", "external_id", 314, UNSAID),
        Row("$.deleted_by", "type", "object", 356, TYPE),
        Row(
            "$.details",
            "absent",
            "can_archive_topic can_close_topic can_convert_topic can_create_post can_delete can_edit_staff_notes "
            "can_moderate_category can_move_posts can_pin_unpin_topic can_remove_allowed_users can_remove_self_id "
            "can_reply_as_new_topic can_review_topic can_split_merge_topic can_toggle_topic_visibility",
            314,
            SOMETIMES,
        ),
        Row("$.details", "undescribed", "notifications_reason_id", 298, UNSAID),
        Row("$.details", "undescribed", "can_recover", 356, UNSAID),
        Row("$.details.participants[*]", "absent", "admin moderator", 298, SOMETIMES),
        Row("$.draft_sequence", "type", "null", 314, NOTHING),
        Row("$.post_stream", "undescribed", "gaps", 313, UNSAID),
        Row(
            "$.post_stream.posts[*].actions_summary[*]",
            "absent",
            "can_act",
            474,
            SOMETIMES,
            seen="$.actions_summary[*]",
        ),
        Row(
            "$.post_stream.posts[*].actions_summary[*]",
            "undescribed",
            "count",
            474,
            UNSAID,
            seen="$.actions_summary[*]",
        ),
        Row("$.post_stream.posts[*]", "absent", "link_counts", 298, SOMETIMES),
        Row(
            "$.post_stream.posts[*]",
            "absent",
            "reviewable_id reviewable_score_count reviewable_score_pending_count",
            314,
            SOMETIMES,
        ),
        Row(
            "$.post_stream.posts[*]",
            "undescribed",
            "action_code badges_granted flair_group_id notice post_url posts_count reply_to_user title_is_group",
            298,
            UNSAID,
        ),
        Row("$.post_stream.posts[*]", "undescribed", "raw", 315, UNSAID),
        Row("$.post_stream.posts[*]", "undescribed", "deleted_by", 356, UNSAID),
        Row("$.post_stream.posts[*].reply_to_post_number", "type", "number", 298, TYPE),
        Row("$.suggested_topics[*]", "absent", "excerpt", 298, SOMETIMES),
        Row(
            "$.suggested_topics[*]",
            "undescribed",
            "last_read_post_number new_posts notification_level unread unread_posts",
            298,
            UNSAID,
        ),
        Row("$.suggested_topics[*]", "undescribed", "unicode_title", 314, UNSAID),
        Row("$.suggested_topics[*]", "undescribed", "visibility_reason_id", 356, UNSAID),
        Row("$.suggested_topics[*].bookmarked", "type", "boolean", 298, TYPE),
        Row("$.suggested_topics[*].liked", "type", "boolean", 298, TYPE),
        Row("$.suggested_topics[*].posters[*].extras", "type", "null", 356, NOTHING),
        Row("$.suggested_topics[*].posters[*].user", "undescribed", "admin trust_level", 298, UNSAID),
        Row("$.suggested_topics[*].posters[*].user", "undescribed", "moderator", 315, UNSAID),
        Row("$.suggested_topics[*].tags[*]", "type", "string", 298, OLDER),
        Row("$.tags[*]", "type", "string", 298, OLDER),
    ),
    "GET /posts.json": (
        Row("$.latest_posts[*]", "undescribed", "notice reply_to_user static_doc title_is_group", 321, UNSAID),
        Row("$.latest_posts[*].reply_to_post_number", "type", "number", 321, TYPE),
    ),
    "GET /latest.json": (
        Row("$.topic_list.topics[*].bookmarked", "type", "null", 335, NOTHING),
        Row("$.topic_list.topics[*].image_url", "type", "null", 335, NOTHING),
        Row("$.topic_list.topics[*].liked", "type", "null", 335, NOTHING),
        Row("$.topic_list.topics[*].posters[*].extras", "type", "null", 335, NOTHING),
    ),
    "GET /search.json": (Row("$", "undescribed", "topics", 341, UNSAID),),
    "GET /tags.json": (Row("$.tags[*].id", "type", "string", 343, TYPE),),
    "GET /topics/private-messages/{username}.json": (
        Row("$.topic_list.topics[*].last_read_post_number", "type", "null", 351, NOTHING),
        Row("$.topic_list.topics[*].participants[*].extras", "type", "null", 351, NOTHING),
    ),
    "GET /user_actions.json": (
        Row("$.user_actions[*]", "undescribed", "reply_to_post_number truncated", 353, UNSAID),
        Row("$.user_actions[*].hidden", "type", "boolean", 353, TYPE),
        Row("$.user_actions[*].post_id", "type", "number", 353, TYPE),
        Row("$.user_actions[*].post_type", "type", "number", 353, TYPE),
    ),
    "POST /post_actions.json": (
        Row("$", "absent", "reviewable_id reviewable_score_count reviewable_score_pending_count", 474, SOMETIMES),
    ),
    "POST /invites.json": (Row("$", "absent", "grants_admin grants_moderator", 477, NEWER),),
    "GET /u/by-external/{external_id}.json": (
        Row("$.user", "absent", "topic_count", 628, NEWER),
        Row("$.user", "undescribed", "no_password", 628, UNSAID),
        Row("$.user.featured_topic", "type", "null", 628, NOTHING),
        Row(
            "$.user.user_option",
            "absent",
            "automatically_translate enable_upcoming_change_available_notifications notify_on_linked_posts "
            "push_notification_level send_shortcut show_original_content understood_languages",
            628,
            NEWER,
        ),
        Row("$.user.user_option", "undescribed", "enable_defer", 628, OLDER),
        Row("$.user.user_option.watched_precedence_over_muted", "type", "null", 628, NOTHING),
    ),
    "POST /tag_groups.json": (Row("$.tag_group", "absent", "parent_tag tags", 811, NEWER),),
    "PUT /admin/users/{id}/silence.json": (Row("$.silence", "absent", "full_silence_reason", 821, NEWER),),
    "GET /tag_groups.json": (
        Row("$.tag_groups[*]", "absent", "parent_tag tags", 837, NEWER),
        Row("$.tag_groups[*]", "undescribed", "parent_tag_name tag_names", 837, OLDER),
    ),
    "GET /groups.json": (Row("$.groups[*]", "absent", "display_name", 45, SOMETIMES, seen="$.group"),),
    "GET /c/{slug}/{id}.json": (
        Row("$", "undescribed", "flair_groups", 326, UNSAID),
        Row("$.topic_list.top_tags[*]", "type", "string", 326, OLDER),
        Row("$.topic_list.topics[*]", "absent", "excerpt", 326, SOMETIMES),
        Row(
            "$.topic_list.topics[*]",
            "undescribed",
            "last_read_post_number new_posts notification_level tags tags_descriptions unread unread_posts",
            326,
            UNSAID,
        ),
        Row("$.topic_list.topics[*].bookmarked", "type", "boolean", 326, TYPE),
        Row("$.topic_list.topics[*].excerpt", "type", "null", 326, NOTHING),
        Row("$.topic_list.topics[*].last_posted_at", "type", "null", 326, NOTHING),
        Row("$.topic_list.topics[*].liked", "type", "boolean", 326, TYPE),
        Row("$.topic_list.topics[*].posters[*]", "undescribed", "flair_group_id", 326, UNSAID),
        Row("$.users[*]", "undescribed", "admin trust_level", 326, UNSAID),
    ),
}
