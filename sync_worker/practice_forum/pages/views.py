"""The pages' routes, also those of the plugin. Addresses are Discourse's, so that links in posts lead somewhere."""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect, request, send_from_directory
from markupsafe import Markup
from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.cook.inline import BY_NAME, excerpt
from sync_worker.practice_forum.pages import group_lists, lcm_reading, reading
from sync_worker.practice_forum.pages.reading import forbid_scripts, render_page, set_viewer
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.rules.settings import DEFAULTS, as_stored
from sync_worker.practice_forum.rules.writing import cook_post
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.server.requests import PAGES
from sync_worker.practice_forum.tables import Category, Group, Post, Tag, Topic, User

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any

    from werkzeug.wrappers import Response as AnyResponse

    from sync_worker.practice_forum.rules.rights import Guardian
    from sync_worker.practice_forum.rules.settings import SettingDefault


_EMOJI_NAME = re.compile(r":([a-z0-9_+-]+):")

blueprint = Blueprint("pages", __name__, url_prefix=PAGES, template_folder="templates", static_folder=None)
blueprint.before_request(set_viewer)
blueprint.after_request(forbid_scripts)

UNDONE = {"pinned": "unpinned", "pinned globally": "unpinned", "closed": "opened", "visible": "unlisted"}
"""What Discourse calls the end of a state of a topic."""


@blueprint.app_template_filter("moment")
def moment(value: datetime | None) -> Markup:
    """Show a time in UTC, for people and for machines."""
    if value is None:
        return Markup("")
    return Markup('<time datetime="{}">{}</time>').format(iso(value), f"{value:%-d %b %Y, %H:%M}")


@blueprint.app_template_filter("action")
def action(code: str | None) -> str:
    """Return what a small action did to its topic, in words: `pinned.enabled` is "pinned"."""
    what, _, switched = (code or "").replace("_", " ").partition(".")
    words = UNDONE.get(what, f"ended '{what}'") if switched == "disabled" else what
    return f"{words} by" if code else "changed by"


@blueprint.app_template_filter("avatar")
def avatar(user: User | None, size: int = 48) -> str:
    """Return the address of a user's picture."""
    return people.avatar_template(user).replace("{size}", str(size)) if user else ""


@blueprint.app_template_filter("with_emoji")
def with_emoji(title: str) -> str:
    """Return a title with characters instead of the names of emoji."""
    return _EMOJI_NAME.sub(lambda hit: BY_NAME.get(hit[1], hit[0]), title)


@blueprint.app_template_filter("beginning")
def beginning(cooked: str, length: int = 220) -> Markup:
    """Show the beginning of a cooked post as one line."""
    return Markup(excerpt(cooked, length))  # noqa: S704 - the excerpt is escaped text


@blueprint.app_template_filter("cooked")
def cooked(markup: str) -> Markup:
    """Show a cooked post: the forum sanitised it when it was written."""
    return Markup(markup)  # noqa: S704


def _page_number() -> int:
    return max(0, request.args.get("page", 0, type=int))


@blueprint.get("/", endpoint="categories/index")
@blueprint.get("/categories", endpoint="categories/index")
def home() -> str:
    """Show the categories and the latest topics."""
    guardian = context.guardian()
    return render_page("home", categories=reading.categories(guardian), listing=reading.topics(guardian, 0))


@blueprint.get("/latest", endpoint="list/latest")
def latest() -> str:
    """Show the latest topics of all categories."""
    return render_page("latest", listing=reading.topics(context.guardian(), _page_number()))


@blueprint.get("/c/<int:category_id>", endpoint="list/category_default")
@blueprint.get("/c/<path:slug>/<int:category_id>", endpoint="list/category_default")
@blueprint.get("/c/<path:slug>/<int:category_id>/l/latest", endpoint="list/category_latest")
def category(category_id: int, slug: str = "") -> str:
    """Show a category's topics, pinned ones on top."""
    del slug
    guardian = context.guardian()
    found = context.session().get(Category, category_id)
    if found is None or not guardian.can_see_category(found):
        raise requests.not_found()
    return render_page(
        "category",
        category=found,
        listing=reading.topics(guardian, _page_number(), category=found),
        box=lcm_reading.box(found) if context.forum().options.plugin else None,
        may_write=guardian.can_create_topic_in(found),
    )


@blueprint.get("/t/<int:topic_id>", endpoint="topics/show")
@blueprint.get("/t/<slug>/<int:topic_id>", endpoint="topics/show")
@blueprint.get("/t/<slug>/<int:topic_id>/<int:number>", endpoint="topics/show")
@blueprint.get("/t/<int:topic_id>/<int:number>", endpoint="topics/show")
def topic(topic_id: int, slug: str = "", number: int | None = None) -> str | AnyResponse:
    """Show a topic or message with its posts."""
    del slug
    session, guardian = context.session(), context.guardian()
    found = session.get(Topic, topic_id)
    if found is None or not guardian.can_see_topic(found):
        raise requests.not_found()
    if number is not None:
        page = reading.page_of_post(session, found, number)
        query = f"?page={page}" if page else ""
        return redirect(f"/t/{found.slug}/{found.id}{query}#post_{number}")
    page = _page_number()
    users, groups = reading.recipients(session, found)
    return render_page(
        "topic",
        topic=found,
        category=session.get(Category, found.category_id) if found.category_id else None,
        tags=reading.tags_of(session, [found.id]).get(found.id, []),
        posts=reading.posts(session, found, page),
        page=page,
        pages=reading.post_pages(session, found),
        users=users,
        groups=groups,
        pinned=found.pinned_at is not None and (found.pinned_until is None or found.pinned_until > context.now()),
        questions=lcm_reading.questions(found) if context.forum().options.plugin else (),
        menu=lcm_reading.menu(found) if context.forum().options.plugin else None,
        may_reply=_may_reply(guardian, found),
    )


def _may_reply(guardian: Guardian, topic: Topic) -> bool:
    if context.user() is None or topic.closed or topic.archived:
        return False
    category = context.session().get(Category, topic.category_id) if topic.category_id else None
    return guardian.can_reply_in(category) if category else True


@blueprint.get("/t/external_id/<external_id>", endpoint="topics/show_by_external_id")
def topic_by_external_id(external_id: str) -> AnyResponse:
    """Lead to the topic with that external id."""
    found = context.session().scalar(select(Topic).where(Topic.external_id_lower == external_id.lower()))
    if found is None or not context.guardian().can_see_topic(found):
        raise requests.not_found()
    return redirect(f"/t/{found.slug}/{found.id}", 301)


@blueprint.get("/p/<int:post_id>", endpoint="posts/short_link")
def post(post_id: int) -> AnyResponse:
    """Lead to a post in its topic."""
    found = context.session().get(Post, post_id)
    parent = context.session().get(Topic, found.topic_id) if found else None
    if found is None or parent is None or not context.guardian().can_see_topic(parent):
        raise requests.not_found()
    return redirect(f"/t/{parent.slug}/{parent.id}/{found.post_number}")


@blueprint.get("/tags", endpoint="tags/index")
def tags() -> str:
    """Show all tags."""
    return render_page("tags", tags=reading.tags(context.session()))


@blueprint.get("/tag/<name>", endpoint="tags/show")
def tag(name: str) -> str:
    """Show the topics with a tag."""
    found = context.session().scalar(select(Tag).where(Tag.name_lower == name.lower()))
    if found is None:
        raise requests.not_found()
    return render_page("tag", tag=found, listing=reading.topics(context.guardian(), _page_number(), tag=found))


@blueprint.get("/groups", endpoint="groups/index")
def groups() -> str:
    """Show the groups."""
    return render_page("groups", groups=reading.groups(context.guardian()))


@blueprint.get("/groups/<name>", endpoint="groups/show")
@blueprint.get("/groups/<name>/members", endpoint="groups/show")
def group(name: str) -> str:
    """Show a group with its members and owners."""
    guardian = context.guardian()
    found = context.session().scalar(select(Group).where(Group.name_lower == name.lower()))
    if found is None or not guardian.can_see_group(found):
        raise requests.not_found()
    may = guardian.can_see_members(found)
    members = reading.members(context.session(), found) if may else None
    return render_page("group", group=found, members=members, desk=_has_desk(found))


def _has_desk(group: Group) -> bool:
    cohort = lcm_reading.cohort_of_group(group.id) if context.forum().options.plugin else None
    return cohort is not None and lcm_reading.may_lead(cohort)


def _person(username: str) -> User:
    found = people.by_username(context.session(), username)
    if found is None:
        raise requests.not_found()
    return found


@blueprint.get("/u/<username>", endpoint="users/show")
@blueprint.get("/u/<username>/summary", endpoint="users/show")
@blueprint.get("/u/<username>/activity", endpoint="users/show")
def person(username: str) -> str:
    """Show a person's groups and latest posts."""
    guardian, found = context.guardian(), _person(username)
    return render_page(
        "person", person=found, groups=reading.groups_of(guardian, found), posts=reading.posts_of(guardian, found)
    )


@blueprint.get("/u/<username>/messages", endpoint="user_messages/show")
def messages(username: str) -> str:
    """Show a person's messages, to the person and to administrators."""
    found, viewer = _person(username), context.user()
    if viewer is None or (viewer.id != found.id and not viewer.admin):
        raise requests.not_found()
    return render_page("messages", person=found, listing=reading.messages(context.session(), found, _page_number()))


@blueprint.get("/letter_avatar_proxy/v4/letter/<letter>/<colour>/<_size>", endpoint="letter_avatars/show")
def letter_avatar_picture(letter: str, colour: str, _size: str) -> Response:
    """Draw a letter avatar."""
    return Response(letter_avatar(letter, colour), content_type="image/svg+xml")


@blueprint.get("/images/emoji/<_set>/<path:name>", endpoint="emoji/show")
def emoji(_set: str, name: str) -> Response:
    """Draw an emoji."""
    return Response(emoji_picture(name.removesuffix(".png")), content_type="image/svg+xml")


@blueprint.get("/images/discourse-logo-sketch-small.png", endpoint="images/system")
def system_picture() -> Response:
    """Draw the forum's own avatar."""
    return Response(letter_avatar("s", "4a6670"), content_type="image/svg+xml")


@blueprint.get("/stylesheets/practice-forum.css", endpoint="stylesheets/show")
def stylesheet() -> Response:
    """Send the pages' style."""
    return send_from_directory(f"{blueprint.root_path}/static", "practice-forum.css")


def letter_avatar(letter: str, colour: str) -> str:
    """Return a round picture with a letter; a colour that is none becomes grey."""
    fill = colour if re.fullmatch(r"[0-9a-f]{6}", colour) else "888888"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="24" cy="24" r="24" '
        f'fill="#{fill}"/><circle cx="24" cy="24" r="24" fill="#000" opacity=".28"/>'
        '<text x="24" y="33" font-size="26" font-family="sans-serif" fill="#fff" text-anchor="middle">'
        f"{escape(letter[:1].upper())}</text></svg>"
    )


def emoji_picture(name: str) -> str:
    """Return the emoji of that name, a question mark where it is not known."""
    character = BY_NAME.get(name.partition("/")[0], "?")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><text x="24" y="40" font-size="40" '
        f'text-anchor="middle">{escape(character)}</text></svg>'
    )


@blueprint.get("/signup", endpoint="static/signup")
def sign_up() -> str:
    """Show the form that makes an account."""
    return render_page("signup")


@blueprint.get("/admin/site_settings", endpoint="admin/site_settings/page")
@blueprint.get("/admin/site_settings/category/<_category>", endpoint="admin/site_settings/page")
def site_settings(_category: str = "") -> str:
    """Show every setting that the practice forum knows, or those whose name holds the filter's words.

    Raises:
        Refusal: 404 for everybody but administrators.

    """
    require_admin_viewer()
    wanted = (context.params().text("filter") or "").strip().lower().replace(" ", "_")
    values = context.settings()
    shown = [
        (setting, *_shown(setting, values.text(setting.name), as_stored(setting.default)))
        for setting in sorted(DEFAULTS.values(), key=lambda setting: setting.name)
        if not setting.hidden and wanted in setting.name
    ]
    return render_page("site_settings", settings=shown, filter=wanted)


def _shown(setting: SettingDefault, *values: str) -> Iterable[str]:
    if setting.type != "group_list":
        return values
    return [group_lists.in_names(context.session(), value) for value in values]


def require_admin_viewer() -> None:
    """Hide a page from everybody but administrators.

    Raises:
        Refusal: 404.

    """
    viewer = context.user()
    if viewer is None or not viewer.admin:
        raise requests.not_found()


# The plugin's pages, simple ones: the desk, a person's choices, the administrators' console.


lcm_blueprint = Blueprint("lcm_pages", __name__, url_prefix=PAGES)
lcm_blueprint.before_request(set_viewer)
lcm_blueprint.after_request(forbid_scripts)
CONSOLE = "/admin/plugins/discourse-lcm"


@lcm_blueprint.get("/groups/<name>/lcm", endpoint="discourse_lcm/desks/page")
def desk(name: str) -> str:
    """Show a cohort's desk to its LCMs and to staff."""
    group = context.session().scalar(select(Group).where(Group.name_lower == name.lower()))
    cohort = lcm_reading.cohort_of_group(group.id) if group is not None else None
    if cohort is None or not lcm_reading.may_lead(cohort):
        raise requests.not_found()
    return render_page("desk", group=group, desk=lcm_reading.desk(cohort))


@lcm_blueprint.get("/u/<username>/preferences/lcm", endpoint="discourse_lcm/preferences/page")
def preferences(username: str) -> str:
    """Show people what they allow, and about which posts they were asked."""
    found, viewer = people.by_username(context.session(), username), context.user()
    if found is None or viewer is None or viewer.id != found.id:
        raise requests.not_found()
    return render_page("preferences", choices=lcm_reading.choices(), questions=lcm_reading.questions())


@lcm_blueprint.get(CONSOLE, endpoint="discourse_lcm/admin/page")
@lcm_blueprint.get(f"{CONSOLE}/playbooks", endpoint="discourse_lcm/admin/page")
@lcm_blueprint.get(f"{CONSOLE}/runs", endpoint="discourse_lcm/admin/page")
@lcm_blueprint.get(f"{CONSOLE}/health", endpoint="discourse_lcm/admin/page")
def console() -> str:
    """Show administrators cohorts with their calendars, runs, and the workers."""
    require_admin_viewer()
    return render_page("console", console=lcm_reading.console(), console_path=CONSOLE)


@lcm_blueprint.get(f"{CONSOLE}/runs/<run_id>", endpoint="discourse_lcm/admin/run_page")
def run(run_id: str) -> str:
    """Show one run: its lines, and what would be posted where it is a preview."""
    require_admin_viewer()
    found = lcm_reading.run(run_id)
    if found is None:
        raise requests.not_found()
    previews = [{**one, "cooked": _cooked(one)} for one in found.body.get("previews") or []]
    return render_page("run", run=found, previews=previews, console_path=CONSOLE)


def _cooked(preview: dict[str, Any]) -> str:
    return cook_post(context.session(), preview["raw"], context.require_user(), None, context.base_url())
