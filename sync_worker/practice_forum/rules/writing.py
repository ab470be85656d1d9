"""Putting topics and posts into the database: cooked with what the forum knows, counters right, links counted."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import func, or_, select, text, update
from sqlalchemy.dialects.sqlite import insert

from sync_worker.practice_forum.cook import cook
from sync_worker.practice_forum.cook.blocks import CookContext, Hashtag, Mentioned, QuotedTopic
from sync_worker.practice_forum.cook.inline import excerpt, slugify
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.rules.text_rules import word_count
from sync_worker.practice_forum.tables import Category, Group, LinkClick, Post, Topic, TopicUser, User

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy.orm import Session


REGULAR, MODERATOR, SMALL_ACTION, WHISPER = 1, 2, 3, 4
WATCHING, TRACKING, NORMAL, MUTED = 3, 2, 1, 0
EXCERPT_LENGTH = 220


@dataclass(frozen=True, slots=True)
class NewPost:
    """A post about to be written; `at` is its date, `now` the moment of writing."""

    author_id: int
    raw: str
    cooked: str
    now: datetime
    at: datetime
    reply_to: int | None = None
    post_type: int = REGULAR
    action_code: str | None = None
    bump: bool = True
    read_by_author: bool = True


def add_topic(session: Session, topic: Topic) -> Topic:
    """Store a topic (with its title cleaned already) and give it its id and slug."""
    topic.slug = slugify(topic.title)
    session.add(topic)
    session.flush()
    return topic


def add_post(session: Session, topic: Topic, new: NewPost) -> Post:
    """Store a post at the end of `topic`, and count it."""
    highest = session.scalar(select(func.max(Post.post_number)).where(Post.topic_id == topic.id)) or 0
    post = Post(
        topic_id=topic.id,
        user_id=new.author_id,
        post_number=highest + 1,
        post_type=new.post_type,
        action_code=new.action_code,
        raw=new.raw,
        cooked=new.cooked,
        reply_to_post_number=new.reply_to,
        last_editor_id=new.author_id,
        word_count=word_count(new.raw),
        reads=1 if new.read_by_author else 0,
        created_at=new.at,
        updated_at=new.now,
    )
    replied_to = at_number(session, topic.id, new.reply_to) if new.reply_to else None
    if replied_to is not None:
        post.reply_to_user_id = replied_to.user_id
        replied_to.reply_count += 1
    session.add(post)
    session.flush()
    _count(topic, post, new)
    return post


def at_number(session: Session, topic_id: int, number: int) -> Post | None:
    """Return the post with a number of a topic."""
    return session.scalar(select(Post).where(Post.topic_id == topic_id, Post.post_number == number))


def _count(topic: Topic, post: Post, new: NewPost) -> None:
    topic.highest_post_number = post.post_number
    if topic.archetype != "private_message" or post.post_type != SMALL_ACTION:
        topic.posts_count += 1
    if new.reply_to:
        topic.reply_count += 1
    topic.last_posted_at = post.created_at
    topic.last_post_user_id = post.user_id
    topic.word_count = (topic.word_count or 0) + post.word_count
    if post.post_number == 1:
        topic.excerpt = excerpt(post.cooked, EXCERPT_LENGTH)
    else:
        topic.updated_at = new.now
    if new.bump:
        topic.bumped_at = post.created_at


def small_action(session: Session, topic: Topic, user_id: int, code: str, now: datetime, *, bump: bool) -> Post:
    """Add the line that says what a person did to a topic."""
    new = NewPost(user_id, "", "", now, now, post_type=SMALL_ACTION, action_code=code, bump=bump)
    post = add_post(session, topic, new)
    note_read(session, topic.id, user_id, post.post_number, now)
    return post


def recount(session: Session, topic: Topic) -> None:
    """Read a topic's counters off its posts again, after one of them went or came back."""
    unseen = (WHISPER, SMALL_ACTION) if topic.archetype == "private_message" else (WHISPER,)
    live = (Post.topic_id == topic.id, Post.deleted_at.is_(None), Post.post_type.not_in(unseen))
    totals = session.execute(
        select(
            func.count(),
            func.sum(Post.word_count),
            func.max(Post.post_number),
            func.sum(Post.like_count),
        ).where(*live)
    ).one()
    latest = session.scalar(select(Post).where(*live).order_by(Post.created_at.desc(), Post.id.desc()).limit(1))
    topic.posts_count, topic.word_count = totals[0], totals[1]
    topic.highest_post_number = totals[2] or topic.highest_post_number
    further = update(TopicUser).where(
        TopicUser.topic_id == topic.id, TopicUser.last_read_post_number > (totals[2] or 0)
    )
    session.execute(further.values(last_read_post_number=totals[2] or 0))
    topic.like_count = totals[3] or 0
    topic.last_posted_at = latest.created_at if latest else None
    if latest is not None:
        topic.last_post_user_id = latest.user_id


def reset_bump(session: Session, topic: Topic) -> None:
    """Set the date by which lists are ordered to that of the latest regular post."""
    query = select(func.max(Post.created_at)).where(
        Post.topic_id == topic.id,
        Post.deleted_at.is_(None),
        Post.post_type == REGULAR,
        Post.hidden.is_(False),
    )
    topic.bumped_at = session.scalar(query) or topic.created_at


def track(session: Session, topic_id: int, user_id: int, level: int, *, keep: bool = True) -> None:
    """Set how a user follows a topic; `keep` leaves a stronger level alone."""
    row = session.get(TopicUser, (topic_id, user_id))
    if row is None:
        session.add(TopicUser(topic_id=topic_id, user_id=user_id, notification_level=level))
        session.flush()
    elif not keep or row.notification_level < level:
        row.notification_level = level


def note_read(
    session: Session,
    topic_id: int,
    user_id: int,
    number: int,
    now: datetime,
    *,
    posted: bool = False,
    level: int = NORMAL,
) -> None:
    """Note that a user has seen a topic up to post `number` and follows it at least at `level`."""
    row = insert(TopicUser).values(
        topic_id=topic_id,
        user_id=user_id,
        notification_level=level,
        last_read_post_number=number,
        posted=posted,
        liked=False,
        last_visited_at=now,
    )
    changes: dict[str, Any] = {
        "last_read_post_number": number,
        "last_visited_at": now,
        "notification_level": func.max(TopicUser.notification_level, level),
    }
    if posted:
        changes["posted"] = True
    session.execute(row.on_conflict_do_update(index_elements=["topic_id", "user_id"], set_=changes))


def burn_id(session: Session, table: str) -> None:
    """Use up the next id of a table, as PostgreSQL does for a row that was rolled back."""
    session.execute(text("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = :table"), {"table": table})


_MENTIONABLE_BY = {1: "admin", 2: "staff", 3: "staff", 4: "staff", 99: "anyone"}


def cook_post(session: Session, raw: str, author: User, topic_id: int | None, base_url: str) -> str:
    """Return the HTML of `raw`, written by `author` in the topic (None while it has no id yet)."""
    context = CookContext(
        base_url=base_url,
        topic_id=topic_id,
        trusted=author.trust_level >= 3 or author.staff,
        mentions=partial(mentions, session, author),
        avatar=partial(_avatar, session),
        primary_group=partial(_primary_group, session),
        topic=partial(_topic, session, base_url),
        hashtag=partial(_hashtag, session),
    )
    return cook(raw, context=context)


def mentions(session: Session, author: User, names: Collection[str]) -> Mapping[str, Mentioned]:
    """Return what the (lower-case) names mean: users first, then groups."""
    found: dict[str, Mentioned] = {}
    for group in session.scalars(select(Group).where(Group.name_lower.in_(names))):
        who = _MENTIONABLE_BY.get(group.mentionable_level)
        may = who == "anyone" or (who == "staff" and author.staff) or (who == "admin" and author.admin)
        found[group.name_lower] = Mentioned.MENTIONABLE_GROUP if may else Mentioned.GROUP
    users = select(User.username_lower).where(User.username_lower.in_(names), User.staged.is_(False))
    return found | dict.fromkeys(session.scalars(users), Mentioned.USER)


def _avatar(session: Session, username: str) -> str | None:
    user = people.by_username(session, username)
    return people.avatar_template(user) if user else None


def _primary_group(session: Session, username: str) -> str | None:
    user = people.by_username(session, username)
    return people.primary_group_name(session, user) if user else None


def _topic(session: Session, base_url: str, topic_id: int) -> QuotedTopic | None:
    topic = session.get(Topic, topic_id)
    if topic is None:
        return None
    category = session.get(Category, topic.category_id) if topic.category_id else None
    if category is None or category.read_restricted:
        return QuotedTopic(f"/t/{topic_id}", "On another topic")
    return QuotedTopic(f"{base_url}/t/{topic.slug}/{topic_id}", topic.title)


def _hashtag(session: Session, slug: str) -> Hashtag | None:
    wanted = slug.rpartition(":")[2].lower()
    match = or_(Category.slug == wanted, Category.slug == slug.lower())
    category = session.scalar(select(Category).where(match, Category.read_restricted.is_(False)).limit(1))
    if category is None:
        return None
    return Hashtag(category.id, category.slug, category.name, f"/c/{category.slug}/{category.id}")


# The links of posts, and how often they were opened.


ONE_PERSON_AGAIN = timedelta(days=1)
_QUOTE = re.compile(r"<aside class=\"quote.*?</aside>", re.DOTALL)
_LINK = re.compile(r"<a ([^>]*)>", re.IGNORECASE)
_HREF = re.compile(r'href="(?P<url>(?:https?:)?//[^"]+|/t/[^"]+)"', re.IGNORECASE)
_OTHER = re.compile(r'class="(?:mention|anchor|hashtag)')


def links_in(cooked: str) -> list[str]:
    """Return the addresses that a post links to, each once, in order; without those that stand in quotes."""
    if "<a " not in cooked:
        return []
    found = (_HREF.search(link[1]) for link in _LINK.finditer(_QUOTE.sub("", cooked)) if not _OTHER.search(link[1]))
    return list(dict.fromkeys(html.unescape(one["url"]) for one in found if one))


def link_counts(session: Session, posts: Sequence[Post], host: str) -> dict[int, list[dict[str, Any]]]:
    """Return by post its links with how often each was opened, as Discourse shows them; posts without links are out."""
    linking = {post.id: links for post in posts if (links := links_in(post.cooked))}
    if not linking:
        return {}
    opened = select(LinkClick.post_id, LinkClick.url, func.count()).where(LinkClick.post_id.in_(linking))
    rows = session.execute(opened.group_by(LinkClick.post_id, LinkClick.url))
    clicks = {(post_id, url): count for post_id, url, count in rows}
    return {
        post_id: [
            {
                "url": url,
                "internal": (urlsplit(url).hostname or host) == host,
                "reflection": False,
                "clicks": clicks.get((post_id, url), 0),
            }
            for url in links
        ]
        for post_id, links in linking.items()
    }


def open_link(session: Session, post: Post, url: str, user_id: int | None, now: datetime) -> None:
    """Count that somebody opened a link: not its author, and nobody twice within a day."""
    if url not in links_in(post.cooked) or (user_id is not None and user_id == post.user_id):
        return
    recent = select(LinkClick.id).where(
        LinkClick.post_id == post.id,
        LinkClick.url == url,
        LinkClick.user_id.is_(None) if user_id is None else LinkClick.user_id == user_id,
        LinkClick.created_at > now - ONE_PERSON_AGAIN,
    )
    if session.scalar(recent.limit(1)) is None:
        session.add(LinkClick(post_id=post.id, url=url, user_id=user_id, created_at=now))
