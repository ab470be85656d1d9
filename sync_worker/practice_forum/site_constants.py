"""What /site.json tells every client and never changes here."""

from __future__ import annotations

from typing import Any

_NOTIFICATIONS = (
    *("mentioned", "replied", "quoted", "edited", "liked", "private_message"),
    *("invited_to_private_message", "invitee_accepted", "posted", "moved_post", "linked"),
    *("granted_badge", "invited_to_topic", "custom", "group_mentioned", "group_message_summary"),
    *("watching_first_post", "topic_reminder", "liked_consolidated", "post_approved"),
    *("code_review_commit_approved", "membership_request_accepted", "membership_request_consolidated"),
    *("bookmark_reminder", "reaction", "votes_released", "event_reminder", "event_invitation"),
    *("chat_mention", "chat_message", "chat_invitation", "chat_group_mention", "chat_quoted", "assigned"),
    *("question_answer_user_commented", "watching_category_or_tag", "new_features", "admin_problems"),
    *("linked_consolidated", "chat_watched_thread"),
)
_LISTS = ["latest", "unread", "new", "unseen", "top", "read", "posted", "bookmarks", "hot"]
_DARK = {
    "primary": "dddddd",
    "secondary": "222222",
    "tertiary": "099dd7",
    "header_background": "111111",
    "header_primary": "dddddd",
}


def _kind(
    number: int,
    key: str,
    about: str,
    *,
    topics: bool = True,
    message: bool = False,
    flag: bool = True,
) -> dict[str, Any]:
    name = key.replace("_", " ").capitalize()
    return {
        "id": number,
        "name": name,
        "name_key": key,
        "description": about,
        "short_description": about,
        "applies_to": ["Post", "Topic", "Chat::Message"] if topics else ["Post", "Chat::Message"],
        "position": 1,
        "require_message": message,
        "enabled": True,
        "is_flag": flag,
        "is_used": False,
        "auto_action_type": flag and not message,
        "system": True,
    }


FLAGS = [
    _kind(6, "notify_user", "Write to this person directly.", topics=False, message=True),
    _kind(3, "off_topic", "Belongs elsewhere.", topics=False),
    _kind(4, "inappropriate", "Not how people should treat each other here."),
    _kind(8, "spam", "Advertising."),
    _kind(10, "illegal", "Against the law.", message=True),
    _kind(7, "notify_moderators", "For another reason.", message=True),
]
LIKE = _kind(2, "like", "Like this post", topics=False, flag=False) | {"applies_to": ["Post"]}

DARK_COLORS: dict[str, Any] = {
    "id": 13,
    "name": "Dark",
    "is_base": None,
    "base_scheme_id": "Dark",
    "theme_id": None,
    "theme_name": None,
    "user_selectable": True,
    "colors": [
        {
            "name": name,
            "hex": value,
            "default_hex": value,
            "is_advanced": False,
            "dark_hex": value,
            "default_dark_hex": None,
        }
        for name, value in _DARK.items()
    ],
}

CONSTANTS: dict[str, Any] = {
    "default_archetype": "regular",
    "notification_types": {name: number for number, name in enumerate(_NOTIFICATIONS, 1)}
    | {"following": 800, "following_created_topic": 801, "following_replied": 802, "circles_activity": 900},
    "post_types": {"regular": 1, "moderator_action": 2, "small_action": 3, "whisper": 4},
    "user_tips": {
        "first_notification": 1,
        "topic_timeline": 2,
        "post_menu": 3,
        "topic_notification_levels": 4,
        "suggested_topics": 5,
    },
    "trust_levels": {"newuser": 0, "basic": 1, "member": 2, "regular": 3, "leader": 4},
    "filters": _LISTS,
    "periods": ["all", "yearly", "quarterly", "monthly", "weekly", "daily"],
    "top_menu_items": [*_LISTS, "categories"],
    "anonymous_top_menu_items": ["latest", "top", "categories", "hot", "categories", "top"],
    "user_field_max_length": 2048,
    "tags_filter_regexp": r"[/\?#\[\]@!\$&'\(\)\*\+,;=\.%\\`^\s|\{\}\"<>]+",
    "user_themes": [
        {"theme_id": -1, "name": "Foundation", "default": True, "color_scheme_id": None, "dark_color_scheme_id": 13},
    ],
    "user_color_schemes": [
        {name: DARK_COLORS[name] for name in ("id", "name", "theme_id", "colors")} | {"is_dark": True},
    ],
    "default_light_color_scheme": None,
    "censored_regexp": [],
    "custom_emoji_translation": {},
    "watched_words_replace": None,
    "watched_words_link": None,
    "markdown_additional_options": {},
    "hashtag_configurations": {"topic-composer": ["category", "tag"]},
    "hashtag_icons": {"category": "folder", "tag": "tag"},
    "archetypes": [
        {"id": "regular", "name": "Regular Topic", "options": []},
        {"id": "banner", "name": "Banner Topic", "options": []},
    ],
    "user_fields": [],
    "auth_providers": [],
}
