"""Taking a person out of the store: their own rows go, and in all others nothing names or quotes them any more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import OperationalError

from sync_worker.signals.naming import without_quote_boxes, without_quotes
from sync_worker.store.personal import (
    GONE,
    KEPT_EMPTY,
    NOT_SENT,
    PART_WITH_ACCOUNTS,
    REF_WITH_ACCOUNT,
    Needles,
    Subject,
    is_about,
    is_of,
    rows_of,
    spoken_columns,
    text_columns,
)
from sync_worker.store.tables import ACTIVITY_COUNTS, CursorRow, Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Table as SqlTable
    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import Session


OF_A_CACHE = frozenset({"seen", "proposals"})
"""Tables that are not needed for what was done: a row that names the person, or was made of posts of theirs, is deleted
as a whole."""
TAKING_DOWN = "unpublish"
"""The action of an entry that takes something down, which goes on: it shows nothing of anybody."""
PART_TO_MANAGER = re.compile(r"to-manager-[0-9a-f]+")
"""What the parts of mails to managers are called: by digests of their addresses."""
TEXTS = ("raw", "title", "words", "text", "body")


@dataclass(frozen=True, slots=True)
class _Written:
    """What a person wrote: their `posts`, by id and by topic and number, the topics that they `opened`, with titles."""

    posts: frozenset[int]
    places: frozenset[tuple[int, int]]
    opened: Mapping[int, str]

    def shows(self, row: Mapping[str, Any]) -> bool:
        """Whether an entry shows one of the posts, whatever the name in it, or a title that the person wrote."""
        body = row.get("payload") or row.get("body") or {}
        cited = [one for one in body.get("citations") or () if isinstance(one, dict)]
        named = {one.get("topic_id") for one in cited if one.get("title") or one.get("titled")}
        return not self.posts.isdisjoint(body.get("about_posts") or ()) or not named.isdisjoint(self.opened)


def take_out(session: Session, forum: str, subject: Subject) -> dict[str, int]:
    """Take a person out of every table; return how many rows of each were deleted or changed.

    Their own rows are deleted, but for ledger and drafts: by those the worker knows what it did, so they stay without
    texts; what of them was still to be sent is not sent any more. Copies of topics in which these texts stand go too.
    In all other rows the person's names are replaced, and what others quote of them.
    """
    needles = Needles(subject)
    written = _written_by(session, forum, subject)
    ours, stories = _copies(session, forum, needles, written)
    counts: dict[str, int] = {}
    for table in Table.metadata.sorted_tables:
        keys = list(table.primary_key.columns)
        for row in rows_of(session, forum, table):
            own = is_of(table, row, subject) or (table.name == "posts" and (row["topic_id"], row["number"]) in ours)
            told = table.name in KEPT_EMPTY and written.shows(row)
            about = own or told or is_about(table, row, needles, sure=table.name in KEPT_EMPTY)
            texts = _cleaned(table, row, needles, written, stories)
            if not about and all(row[name] == text for name, text in texts.items()):
                continue
            here = [column == row[column.name] for column in keys]
            names_key = any(needles.in_value(row[column.name], column.name) for column in keys)
            if table.name in KEPT_EMPTY and about:
                session.execute(update(table).where(*here).values(_emptied(table, row, needles, written)))
            elif table.name not in KEPT_EMPTY and (
                own or names_key or row.get("post_id") in written.posts or (about and table.name in OF_A_CACHE)
            ):
                session.execute(delete(table).where(*here))
            else:
                session.execute(update(table).where(*here).values(texts))
            counts[table.name] = counts.get(table.name, 0) + 1
    if counts.keys() & {"posts", "likes"}:  # so what others got from them is counted anew as well
        session.execute(delete(CursorRow).where(CursorRow.forum == forum, CursorRow.name == ACTIVITY_COUNTS))
    session.expire_all()
    return counts


def _written_by(session: Session, forum: str, subject: Subject) -> _Written:
    posts, topics = Table.metadata.tables["posts"], Table.metadata.tables["topics"]
    theirs = select(posts.c.id, posts.c.topic_id, posts.c.number)
    rows = session.execute(theirs.where(posts.c.forum == forum, posts.c.user_id.in_(subject.accounts))).all()
    opened = {topic_id for _, topic_id, number in rows if number == 1}
    titles: dict[int, str] = dict.fromkeys(opened, "")
    named = select(topics.c.id, topics.c.title).where(topics.c.forum == forum, topics.c.id.in_(opened))
    titles.update({row.id: row.title for row in session.execute(named)})
    posts_of = frozenset(number for number, _, _ in rows)
    return _Written(posts_of, frozenset((topic_id, number) for _, topic_id, number in rows), titles)


def _copies(
    session: Session, forum: str, needles: Needles, written: _Written
) -> tuple[frozenset[tuple[int, int]], frozenset[int]]:
    """Return where on the forum texts of ours stand that are emptied, by topic and number; and the stories of them."""
    ledger, places, stories = Table.metadata.tables["ledger"], set[tuple[int, int]](), set[int]()
    posts = Table.metadata.tables["posts"]
    for row in rows_of(session, forum, ledger):
        topic_id, post_id = (row["result"].get(name) for name in ("topic_id", "post_id"))
        if row["action"] not in ("topic", "reply") or not isinstance(topic_id, int):
            continue
        if not (written.shows(row) or is_about(ledger, row, needles, sure=True)):
            continue
        if row["action"] == "topic":
            places.add((topic_id, 1))
            stories |= {topic_id} if "story" in (row["payload"].get("refs") or ()) else set()
        elif isinstance(post_id, int):
            found = session.execute(select(posts.c.number).where(posts.c.forum == forum, posts.c.id == post_id))
            places |= {(topic_id, number) for (number,) in found}
    return frozenset(places), frozenset(stories)


def _cleaned(
    table: SqlTable, row: Mapping[str, Any], needles: Needles, written: _Written, stories: frozenset[int]
) -> dict[str, Any]:
    """Return the texts of a row without the person's names, and without what it quotes of them."""
    if table.name in KEPT_EMPTY and row["state"] in NOT_SENT:
        return {}
    texts = {one.name: row[one.name] for one in text_columns(table)}
    if table.name == "posts":
        theirs = (needles.subject.usernames, written.places, GONE)
        texts["raw"] = without_quotes(row["raw"], *theirs) if row["raw"] else row["raw"]
        texts["cooked"] = without_quote_boxes(row["cooked"], *theirs)
    texts = {name: needles.cleaned(value, name) for name, value in texts.items()}
    texts |= {one.name: needles.unspoken(texts[one.name]) for one in spoken_columns(table)}
    if table.name == "topics":
        is_theirs = row["id"] in written.opened or row["id"] in stories
        texts["title"] = GONE if is_theirs else texts["title"]
        texts["slug"] = "-" if texts["title"] != row["title"] else row["slug"]  # it is made of the title
    return texts


def _emptied(table: SqlTable, row: Mapping[str, Any], needles: Needles, written: _Written) -> dict[str, Any]:
    """Return what stays of an entry of the ledger or of a draft; of what it shows of others, how to take that out."""
    body_name = "payload" if table.name == "ledger" else "body"
    body = dict(row[body_name])
    if "citations" in body:
        body["citations"] = [_without_words(one, needles.subject, written) for one in body["citations"]]
    if "translations" in body:
        body["translations"] = [one | {name: GONE for name in TEXTS if one.get(name)} for one in body["translations"]]
    for name in ("parts", "instead", "unname"):  # what was taken out of a text, or called otherwise, was theirs
        if name in body:
            body[name] = [one for one in body[name] if not _says(one, needles, written)]
    if "refs" in body:
        body["refs"] = [
            one for one in body["refs"] if not (_says(one, needles, written) or _is_account(one, needles.subject))
        ]
    if "part" in body:
        body["part"] = _part(body["part"], needles.subject)
    body = needles.cleaned(body)
    values: dict[str, Any] = {
        column.name: needles.cleaned(row[column.name], column.name)
        for column in text_columns(table)
        if column.name != body_name
    }
    values[body_name] = {name: _blank(one) if name in TEXTS else one for name, one in body.items()}
    values["reason"] = GONE
    if table.name == "ledger":
        values["part"] = _part(row["part"], needles.subject)
        values["to_learner"] = None if row["to_learner"] in needles.subject.accounts else row["to_learner"]
        if row["state"] == "intended" and row["action"] != TAKING_DOWN:
            values["state"] = "skipped"
    elif row["state"] in ("pending", "approved"):
        values["state"] = "withdrawn"
    return values


def _says(value: Any, needles: Needles, written: _Written) -> bool:
    """Whether a text, or one of several, names the person or holds a title that they wrote."""
    if isinstance(value, list | tuple):
        return any(_says(one, needles, written) for one in value)
    if not isinstance(value, str):
        return False
    return needles.in_text(value) or any(title in value for title in written.opened.values() if title)


def _without_words(citation: Mapping[str, Any], subject: Subject, written: _Written) -> Mapping[str, Any]:
    """Return what an entry shows of the forum, without the words where they are the person's."""
    is_theirs = citation.get("user_id") in subject.accounts or citation.get("post_id") in written.posts
    kept = {**citation, "passages": [], "pieces": []} if is_theirs else citation
    return {**kept, "title": ""} if kept.get("topic_id") in written.opened and kept.get("title") else kept


def _is_account(ref: str, subject: Subject) -> bool:
    found = REF_WITH_ACCOUNT.fullmatch(ref)
    return found is not None and int(found[1]) in subject.accounts


def _part(part: str, subject: Subject) -> str:
    """Return the part of an entry without the person's account, or the digest of a manager's address."""
    return PART_TO_MANAGER.sub("to-manager", PART_WITH_ACCOUNTS.sub(lambda found: _nobody_in(found[0], subject), part))


def _nobody_in(part: str, subject: Subject) -> str:
    return re.sub(r"\d+", lambda found: "0" if int(found[0]) in subject.accounts else found[0], part)


def _blank(value: Any) -> Any:
    return GONE if isinstance(value, str) and value else value


def wipe(engine: Engine) -> bool:
    """Let the database give up what was deleted: in its files it is there until then. Returns whether it could."""
    try:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    except OperationalError:  # somebody else is at it just now
        return False
    return True
