"""The forum's SQLite database: opened, created where empty, and what a new forum starts with."""

from __future__ import annotations

import hashlib
import re
import threading
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import create_engine, event, insert, select, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import CreateIndex, CreateTable

from sync_worker.practice_forum.dialects import ANONYMOUS_USERS, LOGGED_IN_USERS, Dialect
from sync_worker.practice_forum.server.webhooks import WebHooks
from sync_worker.practice_forum.tables import (
    ApiKey,
    Base,
    Category,
    CategoryGroup,
    Group,
    Post,
    SiteSetting,
    Topic,
    User,
    UserEmail,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sqlalchemy.engine import Connection, Engine

    from sync_worker.practice_forum.server.options import ForumOptions


class Database:
    """Hands out sessions. Requests are served one after the other: SQLite has one writer, and order is then plain."""

    def __init__(self, path: Path | str) -> None:
        self.engine = _engine(str(path))
        with self.engine.begin() as connection:
            if connection.exec_driver_sql("SELECT 1 FROM sqlite_master").first() is None:
                for statement in _schema():
                    connection.exec_driver_sql(statement)
            else:
                Base.metadata.create_all(connection)  # a newer version has tables that an older file lacks
        self._lock = threading.RLock()
        self.webhooks = WebHooks()
        with self.session() as session:
            self.webhooks.reload(session)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """One transaction: committed at the end of the block, rolled back where it raises."""
        with self._lock, Session(self.engine, expire_on_commit=False) as session:
            self.webhooks.watch(session)
            try:
                yield session
                session.commit()
            except BaseException:
                session.rollback()
                raise

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


@cache
def _schema() -> tuple[str, ...]:
    """Return what makes all tables and indexes in an empty database; writing it takes longer than carrying it out."""
    tables = Base.metadata.sorted_tables
    make: list[CreateTable | CreateIndex] = [CreateTable(table) for table in tables]
    make += [CreateIndex(index) for table in tables for index in table.indexes]
    return tuple(str(one.compile(dialect=sqlite.dialect())) for one in make)


def _engine(path: str) -> Engine:
    in_memory = path == ":memory:"
    more: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {}
    engine = create_engine(
        "sqlite://" if in_memory else f"sqlite:///{path}",
        connect_args={"check_same_thread": False, "timeout": 30, "isolation_level": None},
        **more,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _matches(pattern: str, value: str | None) -> bool:
    return value is not None and re.search(pattern, value) is not None


def _prepare(connection: Any, _record: Any) -> None:
    connection.create_function("regexp", 2, _matches, deterministic=True)
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


SYSTEM_ID, ADMIN_ID = -1, 1
LAST_RESERVED_GROUP_ID, LAST_RESERVED_UPLOAD_ID = 40, 4

_GROUPS = (
    (0, "everyone", "Everybody who visits."),
    (1, "admins", "The administrators of this site"),
    (2, "moderators", "The moderators of this site"),
    (3, "staff", "Administrators and moderators"),
    (10, "trust_level_0", "People who have just arrived"),
    (11, "trust_level_1", "People who have looked around"),
    (12, "trust_level_2", "People who have been here for some time"),
    (13, "trust_level_3", "People who come back again and again"),
    (14, "trust_level_4", "People whom the administrators chose to lead"),
)
PSEUDOGROUPS = (
    (ANONYMOUS_USERS, "anonymous_users", "People who are not logged in."),
    (LOGGED_IN_USERS, "logged_in_users", "People who are logged in."),
)
_CATEGORIES: tuple[dict[str, Any], ...] = (
    {
        "id": 1,
        "name": "Uncategorized",
        "slug": "uncategorized",
        "color": "0088CC",
        "description": "Topics without a category of their own.",
    },
    {
        "id": 2,
        "name": "Site Feedback",
        "slug": "site-feedback",
        "color": "808281",
        "emoji": "thought_balloon",
        "topic_id": 1,
        "description": "<p>How this site works, and how it could work better.</p>",
    },
    {
        "id": 3,
        "name": "Staff",
        "slug": "staff",
        "color": "E45735",
        "emoji": "shield",
        "topic_id": 2,
        "read_restricted": True,
        "description": "<p>What administrators and moderators discuss among themselves.</p>",
    },
    {
        "id": 4,
        "name": "General",
        "slug": "general",
        "color": "25AAE2",
        "emoji": "blue_book",
        "topic_id": 3,
        "description": "<p>Everything that fits nowhere else.</p>",
    },
)
_TOPICS: tuple[dict[str, Any], ...] = (
    {"id": 1, "category_id": 2, "title": "About the Site Feedback category", "pinned": True},
    {"id": 2, "category_id": 3, "title": "About the Staff category", "pinned": True},
    {"id": 3, "category_id": 4, "title": "About the General category", "pinned": True},
    {"id": 4, "category_id": 3, "title": "FAQ/Guidelines", "slug": "faq-guidelines"},
    {
        "id": 5,
        "category_id": 4,
        "title": "Welcome to Discourse! :wave:",
        "slug": "welcome-to-discourse",
        "pinned": True,
        "pinned_globally": True,
    },
    {"id": 6, "category_id": 3, "title": "Admin Guide: Getting Started", "slug": "admin-guide-getting-started"},
)
_POSTS = (
    (1, 1, 1, "How this site works, and how it could work better."),
    (2, 2, 1, "What administrators and moderators discuss among themselves."),
    (3, 3, 1, "Everything that fits nowhere else."),
    (4, 4, 1, "Be kind, stay on topic, and write what you would like to read."),
    (5, 4, 2, "The first post of this topic is the text of the guidelines page."),
    (6, 5, 1, "Good that you are here. Say who you are, and look around."),
    (7, 6, 1, "A practice forum needs no administration: everything in it is for trying out."),
)


def seed(session: Session, options: ForumOptions, now: datetime) -> None:
    """Fill an empty database, and see to it that the keys of `options` are there."""
    if session.get(User, SYSTEM_ID) is None:
        _seed_people(session, options, now)
        _seed_groups(session, _GROUPS, now)
        _seed_content(session, now - timedelta(minutes=1))
        for name, value in options.settings.items():
            session.add(SiteSetting(name=name, value=value))
        _reserve_ids(session)
    _ensure_key(session, options.api_key, None, "all users key", now)
    if Dialect(options.dialect).has("pseudogroups") and session.get(Group, PSEUDOGROUPS[0][0]) is None:
        _seed_groups(session, PSEUDOGROUPS, now)
    if options.admin_key:
        _ensure_key(session, options.admin_key, ADMIN_ID, "single user key", now)


def _seed_people(session: Session, options: ForumOptions, now: datetime) -> None:
    system = {"id": SYSTEM_ID, "username": "system", "name": "system", "moderator": True}
    admin = {"id": ADMIN_ID, "username": "forumadmin", "name": "Forum Admin", "moderator": False}
    for row in (system, admin):
        session.add(User(**row, username_lower=row["username"], admin=True, trust_level=4, created_at=now))
    session.flush()
    for user_id, email in ((SYSTEM_ID, "no_email"), (ADMIN_ID, "admin@example.com")):
        session.add(UserEmail(user_id=user_id, email=email, email_lower=email))
    if options.bulk_users:
        add_bulk_users(session, options.bulk_users, now)


def add_bulk_users(session: Session, count: int, now: datetime, *, prefix: str = "bulk") -> None:
    """Insert `PREFIX0001`, `PREFIX0002`, ... (trust level 1, e-mail NAME@example.org) in one go."""
    first = (session.scalar(select(User.id).order_by(User.id.desc()).limit(1)) or 1) + 1
    names = [f"{prefix}{number:04d}" for number in range(1, count + 1)]
    session.execute(
        insert(User),
        [
            {
                "id": first + index,
                "username": name,
                "username_lower": name,
                "name": f"{prefix.capitalize()} {index + 1}",
                "trust_level": 1,
                "created_at": now,
            }
            for index, name in enumerate(names)
        ],
    )
    session.execute(
        insert(UserEmail),
        [
            {
                "user_id": first + index,
                "email": f"{name}@example.org",
                "email_lower": f"{name}@example.org",
                "primary": True,
            }
            for index, name in enumerate(names)
        ],
    )


def _seed_groups(session: Session, groups: Iterable[tuple[int, str, str]], now: datetime) -> None:
    for group_id, name, about in groups:
        session.add(
            Group(
                id=group_id,
                name=name,
                name_lower=name,
                automatic=True,
                bio_cooked=about,
                visibility_level=1,
                messageable_level=99 if name == "moderators" else 0,
                default_notification_level=2 if name == "moderators" else 3,
                created_at=now,
            ),
        )


def _reserve_ids(session: Session) -> None:
    """Let the first group and upload have the ids they have in a new Discourse."""
    session.flush()
    session.execute(
        text("UPDATE sqlite_sequence SET seq = :last WHERE name = 'groups'"),
        {"last": LAST_RESERVED_GROUP_ID},
    )
    session.execute(
        text("INSERT INTO sqlite_sequence (name, seq) VALUES ('uploads', :last)"),
        {"last": LAST_RESERVED_UPLOAD_ID},
    )


def _seed_content(session: Session, now: datetime) -> None:
    for position, row in enumerate(_CATEGORIES):
        style = "emoji" if "emoji" in row else "square"
        session.add(Category(**row, position=position, style_type=style, created_at=now))
    session.flush()
    session.add(CategoryGroup(category_id=3, group_id=3, permission_type=1))
    for row in _TOPICS:
        session.add(_topic(row, now))
    session.flush()
    for post_id, topic_id, number, raw in _POSTS:
        session.add(
            Post(
                id=post_id,
                topic_id=topic_id,
                user_id=SYSTEM_ID,
                post_number=number,
                raw=raw,
                cooked=f"<p>{raw}</p>",
                word_count=len(raw.split()),
                last_editor_id=SYSTEM_ID,
                created_at=now,
                updated_at=now,
            ),
        )


def _topic(row: dict[str, Any], now: datetime) -> Topic:
    count = sum(1 for _, topic_id, _, _ in _POSTS if topic_id == row["id"])
    return Topic(
        id=row["id"],
        title=row["title"],
        slug=row.get("slug", row["title"].lower().replace(" ", "-")),
        category_id=row["category_id"],
        user_id=SYSTEM_ID,
        last_post_user_id=SYSTEM_ID,
        excerpt=next(raw for _, topic_id, _, raw in _POSTS if topic_id == row["id"]),
        posts_count=count,
        highest_post_number=count,
        pinned_at=now if row.get("pinned") else None,
        pinned_globally=row.get("pinned_globally", False),
        created_at=now,
        updated_at=now,
        bumped_at=now,
        last_posted_at=now,
    )


def _ensure_key(session: Session, key: str, user_id: int | None, description: str, now: datetime) -> None:
    hashed = hashlib.sha256(key.encode()).hexdigest()
    if session.scalar(select(ApiKey.id).where(ApiKey.key_hash == hashed)) is None:
        session.add(
            ApiKey(
                key_hash=hashed,
                truncated_key=key[:4],
                user_id=user_id,
                created_by_id=ADMIN_ID,
                description=description,
                created_at=now,
            ),
        )
        session.flush()
