"""How every page is made, and what it shows: read in a few queries, and only if the viewer may see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import g, make_response, redirect, render_template, request
from sqlalchemy import and_, case, func, or_, select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.rules.rights import automatic_members
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.database import ADMIN_ID
from sync_worker.practice_forum.server.requests import PAGES
from sync_worker.practice_forum.tables import (
    Category,
    Group,
    GroupUser,
    Like,
    Post,
    PostLocalization,
    Tag,
    Topic,
    TopicAllowedGroup,
    TopicAllowedUser,
    TopicLocalization,
    TopicTag,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy.orm import Session
    from werkzeug.wrappers import Response

    from sync_worker.practice_forum.rules.rights import Guardian


COOKIE = "practice_forum_as"
NOBODY = "-"


def set_viewer() -> Response | None:
    """Keep `?as=NAME` in a cookie and redirect to the page; else the viewer is the user of the key or cookie."""
    if "as" in request.args:
        return _switch(request.args["as"].strip())
    if context.user() is None:
        g.user = _of_cookie(request.cookies.get(COOKIE))
        g.pop("guardian", None)
    return None


def _of_cookie(value: str | None) -> User | None:
    if value == NOBODY:
        return None
    chosen = people.by_username(context.session(), value) if value else None
    return chosen or context.session().get(User, ADMIN_ID)


def _switch(name: str) -> Response:
    rest = [(key, value) for key, value in request.args.items(multi=True) if key != "as"]
    path = request.path.removeprefix(PAGES) or "/"
    answer = make_response(redirect(f"/{path.lstrip('/')}" + (f"?{urlencode(rest)}" if rest else "")))
    if name == NOBODY:
        answer.set_cookie(COOKIE, NOBODY, samesite="Lax", httponly=True)
    elif name and people.by_username(context.session(), name):
        answer.set_cookie(COOKIE, name, samesite="Lax", httponly=True)
    else:
        answer.delete_cookie(COOKIE)
    return answer


POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'self'; "
    "base-uri 'none'"
)
FORMS = "/practice/forms"
"""Where the pages' forms are sent to: an address that Discourse does not have."""


def forbid_scripts(answer: Response) -> Response:
    """Add the policy that keeps scripts, frames and foreign pictures out."""
    answer.headers["content-security-policy"] = POLICY
    return answer


def render_page(template: str, **values: Any) -> str:
    """Return a page."""
    forum = context.forum()
    return render_template(
        f"practice_forum/{template}.html",
        viewer=context.user(),
        nobody=NOBODY,
        now=context.now(),
        virtual=forum.clock.virtual is not None,
        plugin=forum.options.plugin,
        path=request.path.removeprefix(PAGES) or "/",
        forms=FORMS,
        **values,
    )


def require_own_form() -> None:
    """Refuse a form that another site's page sends: nobody logs in here, so only its origin distinguishes it.

    Raises:
        Refusal: 403.

    """
    if request.headers.get("Origin") != context.base_url():
        raise requests.invalid_access()


def way_back() -> str:
    """Return the page from which a form was sent, the home page where it names none of this forum."""
    path = context.params().text("back") or "/"
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


# What the pages show, read in a few queries each, and only if the viewer may see it.


TOPICS_A_PAGE = 50
POSTS_A_PAGE = 100
MESSAGE = "private_message"


@dataclass(frozen=True, slots=True)
class CategoryLine:
    """A category of the home page."""

    category: Category
    topics: int
    latest: datetime | None


@dataclass(frozen=True, slots=True)
class TopicLine:
    """A topic in a list."""

    topic: Topic
    category: Category | None
    tags: Sequence[str]
    author: User | None
    last: User | None
    pinned: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a list of topics."""

    lines: Sequence[TopicLine]
    page: int
    more: bool


@dataclass(frozen=True, slots=True)
class PostView:
    """A post as the topic's page shows it; `likers` may be fewer than its likes (imported ones have no names)."""

    post: Post
    author: User | None
    reply_to: User | None
    likers: Sequence[str]
    accepted: bool
    languages: Sequence[OtherLanguage] = ()


@dataclass(frozen=True, slots=True)
class OtherLanguage:
    """A post in a language that was added to it; of a first post with the topic's title there.

    Discourse shows each reader one of them; here all can be looked at.
    """

    locale: str
    cooked: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class MemberLine:
    """A member of a group."""

    user: User
    owner: bool
    added_at: datetime | None


def categories(guardian: Guardian) -> list[CategoryLine]:
    """Return the categories that the viewer may see, each with its number of topics and latest activity."""
    counted = (
        select(Topic.category_id, func.count(Topic.id), func.max(Topic.bumped_at))
        .where(Topic.deleted_at.is_(None), Topic.visible.is_(True), Topic.archetype != MESSAGE)
        .group_by(Topic.category_id)
    )
    counts = {row[0]: (row[1], row[2]) for row in guardian.session.execute(counted)}
    wanted = select(Category).where(guardian.visible_categories()).order_by(Category.position, Category.id)
    return [CategoryLine(found, *counts.get(found.id, (0, None))) for found in guardian.session.scalars(wanted)]


def topics(
    guardian: Guardian,
    page: int,
    *,
    category: Category | None = None,
    tag: Tag | None = None,
    author: User | None = None,
) -> Listing:
    """Return one page of topics, pinned ones first, then the latest activity."""
    pin = Topic.pinned_until.is_(None) | (Topic.pinned_until > guardian.now)
    pinned = and_(Topic.pinned_at.is_not(None), pin)
    if category is None:
        pinned = and_(pinned, Topic.pinned_globally.is_(True))
    condition = [
        Topic.archetype != MESSAGE,
        Topic.deleted_at.is_(None),
        Topic.visible.is_(True),
        _in_visible_category(guardian),
    ]
    if category is not None:
        condition.append(Topic.category_id == category.id)
    if tag is not None:
        condition.append(Topic.id.in_(select(TopicTag.topic_id).where(TopicTag.tag_id == tag.id)))
    if author is not None:
        condition.append(Topic.user_id == author.id)
    return _listing(guardian.session, condition, pinned, page)


def _in_visible_category(guardian: Guardian) -> ColumnElement[bool]:
    visible = select(Category.id).where(guardian.visible_categories())
    return or_(Topic.category_id.is_(None), Topic.category_id.in_(visible))


def messages(session: Session, user: User, page: int) -> Listing:
    """Return one page of the messages that a person can read, the latest first."""
    by_name = select(TopicAllowedUser.topic_id).where(TopicAllowedUser.user_id == user.id)
    groups = select(GroupUser.group_id).where(GroupUser.user_id == user.id)
    by_group = select(TopicAllowedGroup.topic_id).where(TopicAllowedGroup.group_id.in_(groups))
    condition = [Topic.archetype == MESSAGE, Topic.deleted_at.is_(None), Topic.id.in_(by_name) | Topic.id.in_(by_group)]
    return _listing(session, condition, None, page)


def _listing(
    session: Session, condition: Iterable[ColumnElement[bool]], pinned: ColumnElement[bool] | None, page: int
) -> Listing:
    first = case((pinned, 0), else_=1) if pinned is not None else Topic.archetype
    query = (
        select(Topic, pinned if pinned is not None else Topic.archetype)
        .where(*condition)
        .order_by(first, Topic.bumped_at.desc(), Topic.id.desc())
        .offset(page * TOPICS_A_PAGE)
        .limit(TOPICS_A_PAGE + 1)
    )
    rows = [(topic, flag is True or flag == 1) for topic, flag in session.execute(query)]
    found = [topic for topic, _ in rows[:TOPICS_A_PAGE]]
    users = people.by_ids(session, {topic.user_id for topic in found} | {topic.last_post_user_id for topic in found})
    places = {category.id: category for category in session.scalars(select(Category))}
    tags = tags_of(session, [topic.id for topic in found])
    lines = [
        TopicLine(
            topic,
            places.get(topic.category_id or 0),
            tags.get(topic.id, ()),
            users.get(topic.user_id),
            users.get(topic.last_post_user_id),
            pinned is not None and flag,
        )
        for topic, flag in rows[:TOPICS_A_PAGE]
    ]
    return Listing(lines, page, more=len(rows) > TOPICS_A_PAGE)


def tags_of(session: Session, topic_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the tags of topics, by topic, in alphabetical order."""
    found: dict[int, list[str]] = {}
    query = select(TopicTag.topic_id, Tag.name).join(Tag, Tag.id == TopicTag.tag_id).order_by(Tag.name)
    for topic_id, name in session.execute(query.where(TopicTag.topic_id.in_(topic_ids))):
        found.setdefault(topic_id, []).append(name)
    return found


def posts(session: Session, topic: Topic, page: int) -> list[PostView]:
    """Return one page of a topic's posts in order, without deleted and hidden ones."""
    query = (
        select(Post)
        .where(Post.topic_id == topic.id, Post.deleted_at.is_(None), Post.hidden.is_(False))
        .order_by(Post.post_number)
        .offset(page * POSTS_A_PAGE)
        .limit(POSTS_A_PAGE)
    )
    found = list(session.scalars(query))
    authors = people.by_ids(
        session, {post.user_id for post in found} | {post.reply_to_user_id for post in found if post.reply_to_user_id}
    )
    liked: dict[int, list[str]] = {}
    likes = select(Like.post_id, User.username).join(User, User.id == Like.user_id).order_by(Like.created_at, User.id)
    for post_id, username in session.execute(likes.where(Like.post_id.in_([post.id for post in found]))):
        liked.setdefault(post_id, []).append(username)
    added = _languages(session, topic, found)
    return [
        PostView(
            post,
            authors.get(post.user_id),
            authors.get(post.reply_to_user_id or 0),
            liked.get(post.id, ()),
            accepted=post.id == topic.accepted_post_id,
            languages=added.get(post.id, ()),
        )
        for post in found
    ]


def _languages(session: Session, topic: Topic, found: Sequence[Post]) -> dict[int, list[OtherLanguage]]:
    """Return the languages that were added to posts, by post."""
    of_topic = select(TopicLocalization).where(TopicLocalization.topic_id == topic.id)
    titles = {one.locale: one.title for one in session.scalars(of_topic)}
    opening = {post.id for post in found if post.post_number == 1}
    added: dict[int, list[OtherLanguage]] = {}
    wanted = PostLocalization.post_id.in_([post.id for post in found])
    for one in session.scalars(select(PostLocalization).where(wanted).order_by(PostLocalization.locale)):
        title = titles.get(one.locale) if one.post_id in opening else None
        added.setdefault(one.post_id, []).append(OtherLanguage(one.locale, one.cooked, title))
    return added


def post_pages(session: Session, topic: Topic) -> int:
    """Return how many pages the topic's posts fill."""
    shown = (Post.topic_id == topic.id, Post.deleted_at.is_(None), Post.hidden.is_(False))
    count = session.scalar(select(func.count(Post.id)).where(*shown)) or 0
    return max(1, -(-count // POSTS_A_PAGE))


def page_of_post(session: Session, topic: Topic, number: int) -> int:
    """Return the number of the page that shows a post of the topic."""
    before = (Post.topic_id == topic.id, Post.deleted_at.is_(None), Post.hidden.is_(False), Post.post_number < number)
    return (session.scalar(select(func.count(Post.id)).where(*before)) or 0) // POSTS_A_PAGE


def recipients(session: Session, topic: Topic) -> tuple[list[User], list[Group]]:
    """Return the people and groups of a private message."""
    users = select(User).join(TopicAllowedUser, TopicAllowedUser.user_id == User.id).order_by(User.username_lower)
    groups = select(Group).join(TopicAllowedGroup, TopicAllowedGroup.group_id == Group.id).order_by(Group.name_lower)
    return (
        list(session.scalars(users.where(TopicAllowedUser.topic_id == topic.id))),
        list(session.scalars(groups.where(TopicAllowedGroup.topic_id == topic.id))),
    )


def groups(guardian: Guardian) -> list[Group]:
    """Return the groups that the viewer may see, those that somebody made first."""
    query = select(Group).order_by(Group.automatic, Group.name_lower)
    return [group for group in guardian.session.scalars(query) if guardian.can_see_group(group)]


def members(session: Session, group: Group, limit: int = 1000) -> list[MemberLine]:
    """Return a group's members, owners first."""
    if group.automatic:
        query = select(User).where(automatic_members(group.id)).order_by(User.username_lower).limit(limit)
        return [MemberLine(user, owner=False, added_at=None) for user in session.scalars(query)]
    rows = (
        select(User, GroupUser.owner, GroupUser.added_at)
        .join(GroupUser, GroupUser.user_id == User.id)
        .where(GroupUser.group_id == group.id)
        .order_by(GroupUser.owner.desc(), User.username_lower)
        .limit(limit)
    )
    return [MemberLine(user, owner, added_at) for user, owner, added_at in session.execute(rows)]


def groups_of(guardian: Guardian, user: User) -> list[Group]:
    """Return the groups of a person that the viewer may see."""
    query = select(Group).join(GroupUser, GroupUser.group_id == Group.id).where(GroupUser.user_id == user.id)
    return [
        group for group in guardian.session.scalars(query.order_by(Group.name_lower)) if guardian.can_see_group(group)
    ]


def posts_of(guardian: Guardian, user: User, limit: int = 30) -> list[tuple[Post, Topic]]:
    """Return a person's latest posts that the viewer may see."""
    query = (
        select(Post, Topic)
        .join(Topic, Topic.id == Post.topic_id)
        .where(Post.user_id == user.id, Post.post_type == 1, Post.deleted_at.is_(None), Post.hidden.is_(False))
        .where(
            Topic.archetype != MESSAGE,
            Topic.deleted_at.is_(None),
            Topic.visible.is_(True),
            _in_visible_category(guardian),
        )
        .order_by(Post.created_at.desc(), Post.id.desc())
        .limit(limit)
    )
    return [(post, topic) for post, topic in guardian.session.execute(query)]


def tags(session: Session) -> list[tuple[str, int]]:
    """Return all tags with the number of their topics."""
    query = (
        select(Tag.name, func.count(TopicTag.topic_id))
        .join(TopicTag, TopicTag.tag_id == Tag.id, isouter=True)
        .group_by(Tag.id)
        .order_by(Tag.name)
    )
    return [(name, count) for name, count in session.execute(query)]
