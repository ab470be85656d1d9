"""The site as a whole: what clients load first, figures, read-only mode; clock and faults of a practice forum.

The endpoints for clock and faults need no key: the server listens on loopback only.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from flask import Blueprint, Response, current_app
from sqlalchemy import func, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.json.categories import UNCATEGORIZED_ID, CategoryView
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import PROFILES, iso, parse_moment
from sync_worker.practice_forum.tables import Category, Group, Like, Post, Tag, Topic, TopicTag, User

if TYPE_CHECKING:
    from sync_worker.practice_forum.rules.rights import Guardian
    from sync_worker.practice_forum.server.forum import FaultLayer


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


blueprint = Blueprint("site", __name__)

VERSION = "3.5.0.beta9-dev"
_LOGO = "/images/discourse-logo-sketch.png"
_SMALL_LOGO = "/images/discourse-logo-sketch-small.png"


@blueprint.get("/srv/status", endpoint="forums/status")
def status() -> Response:
    """Say that the server lives."""
    return Response("ok", content_type="text/plain; charset=utf-8")


@blueprint.get("/site", endpoint="site/site")
def site() -> dict[str, Any]:
    """Everything a client needs to know first: groups, categories, and what can be done."""
    guardian, session = context.guardian(), context.session()
    lowest = 0 if guardian.is_staff else 1  # everyone is a group that only staff see
    groups = session.scalars(select(Group).where(Group.id >= lowest).order_by(Group.name))
    flag_groups = [group for group in groups if guardian.can_see_group(group)]
    tags = _top_tags(guardian)
    category_ids = list(session.scalars(select(Category.id).order_by(Category.id)))
    return {
        **CONSTANTS,
        "groups": [_group(group) for group in flag_groups],
        "uncategorized_category_id": UNCATEGORIZED_ID,
        "post_action_types": [*FLAGS, LIKE],
        "topic_flag_types": [flag for flag in FLAGS if "Topic" in flag["applies_to"]],
        "can_create_tag": guardian.in_any_group("create_tag_allowed_groups"),
        "can_tag_topics": guardian.in_any_group("tag_topic_allowed_groups"),
        "can_tag_pms": False,
        "top_tags": tags,
        "navigation_menu_site_top_tags": [{"name": tag, "description": None, "pm_only": False} for tag in tags],
        "topic_featured_link_allowed_category_ids": category_ids,
        "default_dark_color_scheme": DARK_COLORS,
        **_lazily(guardian),
        "full_name_required_for_signup": False,
        "full_name_visible_in_signup": False,
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "id": group.id,
        "name": group.name,
        "flair_url": group.flair_icon,
        "flair_bg_color": group.flair_bg_color,
        "flair_color": group.flair_color,
        "automatic": group.automatic,
    }


def _lazily(guardian: Guardian) -> dict[str, Any]:
    """All categories; for those who load them lazily only those of their sidebar, and nobody here has a sidebar."""
    if guardian.in_any_group("lazy_load_categories_groups"):
        return {"lazy_load_categories": True, "categories": []}
    return {"categories": _categories(guardian)}


def _categories(guardian: Guardian) -> list[dict[str, Any]]:
    """The categories that the caller sees, by position."""
    view = CategoryView(guardian)
    query = select(Category).where(guardian.visible_categories()).order_by(Category.position, Category.id)
    rows = [view.for_site(category) for category in guardian.session.scalars(query)]
    if not guardian.settings.flag("allow_uncategorized_topics"):
        for row in rows:
            row["permission"] = None if row["id"] == UNCATEGORIZED_ID else row["permission"]
    return rows


def _top_tags(guardian: Guardian) -> list[str]:
    query = (
        select(Tag.name)
        .join(TopicTag, TopicTag.tag_id == Tag.id)
        .join(Topic, Topic.id == TopicTag.topic_id)
        .join(Category, Category.id == Topic.category_id)
        .where(Topic.deleted_at.is_(None), guardian.visible_categories())
        .group_by(Tag.id)
        .order_by(func.count().desc(), Tag.name)
        .limit(50)
    )
    return list(guardian.session.scalars(query))


@blueprint.get("/site/basic-info", endpoint="site/basic_info")
def basic_info() -> dict[str, Any]:
    """What anybody may know about the site."""
    settings, base = context.settings(), context.base_url()
    return {
        "logo_url": f"{base}{_LOGO}",
        "logo_small_url": f"{base}{_SMALL_LOGO}",
        "apple_touch_icon_url": f"{base}{_SMALL_LOGO}",
        "favicon_url": f"{base}{_SMALL_LOGO}",
        "title": settings.text("title"),
        "description": settings.text("site_description"),
        "header_primary_color": "333",
        "header_background_color": "fff",
        "login_required": settings.flag("login_required"),
        "locale": settings.text("default_locale"),
        "include_in_discourse_discover": False,
        "mobile_logo_url": f"{base}{_LOGO}",
    }


@blueprint.get("/about", endpoint="about/index")
def about() -> dict[str, Any]:
    """Figures and staff."""
    session, settings = context.session(), context.settings()
    staff = session.scalars(select(User).where(User.id > 0, User.admin | User.moderator).order_by(User.id)).all()
    started = session.scalar(select(func.min(User.created_at)).where(User.id == -1))
    return {
        "users": [
            {**people.basic_user(user), "title": user.title, "last_seen_at": iso(user.last_seen_at)} for user in staff
        ],
        "about": {
            "stats": _figures(),
            "description": settings.text("site_description"),
            "extended_site_description": "",
            "banner_image": None,
            "site_creation_date": iso(started),
            "title": settings.text("title"),
            "locale": settings.text("default_locale"),
            "version": VERSION,
            "https": False,
            "can_see_about_stats": True,
            "contact_url": settings.text("contact_url"),
            "contact_email": settings.text("contact_email"),
            "moderator_ids": [user.id for user in staff if user.moderator],
            "admin_ids": [user.id for user in staff if user.admin],
            "category_moderators": [],
        },
    }


_PERIODS = (("last_day", 1), ("7_days", 7), ("30_days", 30))


def _figures() -> dict[str, int]:
    session, now = context.session(), context.now()
    regular = (Topic.archetype == "regular", Topic.deleted_at.is_(None))
    posts = select(func.count(Post.id)).join(Topic, Topic.id == Post.topic_id)
    posts = posts.where(*regular, Post.deleted_at.is_(None))
    counts: dict[str, tuple[Any, Any, bool]] = {
        "topics": (select(func.count(Topic.id)).where(*regular), Topic.created_at, True),
        "posts": (posts, Post.created_at, True),
        "users": (
            select(func.count(User.id)).where(User.id > 0, User.active.is_(True), User.staged.is_(False)),
            User.created_at,
            True,
        ),
        "active_users": (select(func.count(User.id)).where(User.id > 0), User.last_seen_at, False),
        "likes": (select(func.count()).select_from(Like), Like.created_at, True),
        "participating_users": (
            select(func.count(func.distinct(Post.user_id))).where(Post.user_id > 0),
            Post.created_at,
            False,
        ),
    }
    figures: dict[str, int] = {}
    for name, (query, moment, in_all) in counts.items():
        for period, days in _PERIODS:
            figures[f"{name}_{period}"] = session.scalar(query.where(moment > now - timedelta(days=days))) or 0
        if in_all:
            figures[f"{name}_count"] = session.scalar(query) or 0
    return figures


@blueprint.put("/admin/backups/readonly", endpoint="admin/backups/readonly")
def read_only() -> Response:
    """Switch read-only mode on or off."""
    context.remember_read_only()
    context.forum().set_read_only(context.session(), on=context.params().flag("enable"))
    return Response("", content_type="text/plain; charset=utf-8")


# Endpoints that only a practice forum has: its clock and its faults.


@blueprint.get("/practice/clock", endpoint="practice/show_clock")
def show_clock() -> dict[str, Any]:
    """Tell the forum's now, and whether it is a virtual one."""
    clock = context.forum().clock
    return {"now": iso(clock.now()), "virtual": clock.virtual is not None}


@blueprint.put("/practice/clock", endpoint="practice/set_clock")
def set_clock() -> dict[str, Any]:
    """Set the virtual now to `now` (ISO, UTC where zoneless); null goes back to real time."""
    text = context.params().text("now")
    moment = parse_moment(text) if text else None
    if text and moment is None:
        raise requests.invalid_parameters("now")
    context.forum().set_clock(context.session(), moment)
    return show_clock()


@blueprint.get("/practice/faults", endpoint="practice/show_faults")
def show_faults() -> dict[str, Any]:
    """Tell which calls fail, and how many did so far."""
    layer = _faults()
    return {
        "profile": layer.profile.name,
        "share": layer.profile.share,
        "seed": layer.seed,
        "calls": layer.calls,
        "happened": {str(fault): count for fault, count in sorted(layer.happened.items())},
        "profiles": sorted(PROFILES),
    }


@blueprint.put("/practice/faults", endpoint="practice/set_faults")
def set_faults() -> dict[str, Any]:
    """Let calls fail as `profile` says, from `seed`; `share` and `wait_seconds` differ from the profile's if given."""
    params = context.params()
    profile = PROFILES.get(params.text("profile") or "none")
    if profile is None:
        raise requests.invalid_parameters(f"profile (one of {', '.join(sorted(PROFILES))})")
    try:
        if share := params.text("share"):
            profile = replace(profile, share=float(share))
        if wait := params.text("wait_seconds"):
            profile = replace(profile, wait_seconds=int(wait))
    except ValueError:
        raise requests.invalid_parameters("share and wait_seconds are numbers") from None
    _faults().set(profile, params.integer("seed"))
    return show_faults()


def _faults() -> FaultLayer:
    return cast("FaultLayer", current_app.extensions["faults"])
