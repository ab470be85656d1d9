"""Where the store holds something about a person: found, exported, taken out, and searched for afterwards.

Which columns are looked at follows from the tables themselves: a new column is covered unless it is named below as one
that never speaks of people.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Integer, String, delete, select, update
from sqlalchemy.exc import OperationalError

from sync_worker.languages.parts import READING
from sync_worker.model import MANAGER_EMAIL, MANAGER_NAME, Fact, fold, forms_of, managers_in
from sync_worker.store.naming import SHORTEST_NAME, parts_of, pattern_of, without_quote_boxes, without_quotes
from sync_worker.store.tables import ACTIVITY_COUNTS, WORDS, CursorRow, ForgottenRow, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Column
    from sqlalchemy import Table as SqlTable
    from sqlalchemy.engine import Engine
    from sqlalchemy.orm import Session

    from sync_worker.model import Person

GONE = "[forgotten]"
KEY = "forgotten-key"
KEY_BYTES, DIGEST_BYTES = 32, 16
ACCOUNTS = frozenset({"user_id", "author_id", "to_learner", "by_user", "to_user"})
"""Columns, and names inside JSON, that hold the number of an account."""
LISTS_OF_ACCOUNTS = frozenset({"about_users", "user_ids", "members", "owners"})
NOT_ABOUT_PEOPLE = frozenset(
    {
        "forum", "cohort", "cohort_name", "playbook", "step", "slot", "part", "action", "play", "follow_up", "key",
        "message_key", "external_id", "run", "group_name", "category", "kind", "type", "state", "slug", "tags", "of",
        "fingerprint", "evidence", "digests", "mark", "command", "refs", "digest", "event", "event_id", "groups",
        "asked_key", "guide_key", "later_key",
    }
)  # fmt: skip
"""Columns, and names inside JSON, that hold names of cohorts, steps and groups, keys of ours, digests: a person who is
called like a cohort must not make it nameless. Columns of words that are one of a few are none either."""
NAMES_OF_THINGS = frozenset({("created", "name"), ("facts", "name"), ("cursors", "name")})
"""Columns called `name`, by table, that never have a person's."""
OF_A_CACHE = frozenset({"seen", "proposals"})
"""Tables that are not needed for what was done: a row that names the person, or was made of posts of theirs, is deleted
as a whole."""
KEPT_EMPTY = frozenset({"ledger", "drafts"})
"""Tables whose rows stay, without their texts: by them the worker knows that a thing was done."""
NOT_SENT = frozenset({"intended", "pending", "approved"})
"""The states of their rows of which the texts are still to go out."""
OF_ACTIVITY = frozenset(
    {
        *("posts", "likes", "visits", "choices", "activity_days", "answer_weeks", "trials", "practices"),
        *("cases", "case_notes"),
    }
)
PART_WITH_ACCOUNTS = re.compile(r"(?:to|with)(?:-\d+)+")
"""What the parts of messages to individual people are called: by their accounts."""
TAKING_DOWN = "unpublish"
"""The action of an entry that takes something down, which goes on: it shows nothing of anybody."""
PART_TO_MANAGER = re.compile(r"to-manager-[0-9a-f]+")
"""The same of mails to managers, by digests of their addresses."""
TEXTS = ("raw", "title", "words", "text", "body")
WRITTEN_BY_PEOPLE = frozenset({"raw", "cooked", "title", "words", "note", "shown", "answer_words", "subject"})
SHORTEST_ID = 6
SMALL_WORDS = frozenset().union(*(words.empty for words in READING.all().values()))


@dataclass(frozen=True, slots=True)
class Subject:
    """A person by all that they are known by in the store.

    `persons` are keys as `Person.key` has them; all texts as they were written, to be compared whatever their case.
    """

    accounts: frozenset[int] = frozenset()
    usernames: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    def __or__(self, other: Subject) -> Subject:
        """Return all that both are known by."""
        return Subject(*(getattr(self, name) | getattr(other, name) for name in self.__slots__))

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known of anybody."""
        return not any(getattr(self, name) for name in self.__slots__)


class Needles:
    """Recognises what names a person in a text."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        long_ids = {one for one in subject.ids if len(one) >= SHORTEST_ID or not one.isdecimal()}
        words = {name for name in subject.usernames if name.isalpha()}  # it may be a word as well: "will", "mark"
        sure = {*subject.usernames, *subject.emails, *subject.persons, *long_ids} - words
        sure |= {name for name in subject.names if " " in name.strip()}
        exact = {name for name in subject.names if " " not in name.strip() and len(name) >= SHORTEST_NAME}
        self._sure = _any_of(sure, exact, words)
        self._pattern = _any_of(sure | {word for word in words if fold(word) not in SMALL_WORDS}, exact, words)
        self._part = _any_of((), parts_of(subject.names))

    def in_text(self, text: str, *, sure: bool = False) -> bool:
        """Whether a text names the person; with `sure`, so that nothing else can be meant.

        A username that may be a word is sure only where it is mentioned, quoted, linked to, or stands alone.
        """
        pattern = self._sure if sure else self._pattern
        return pattern is not None and pattern.search(text) is not None

    def without(self, text: str) -> str:
        """Return a text without the person."""
        return text if self._pattern is None else self._pattern.sub(GONE, text)

    def is_spoken_of(self, value: Any) -> bool:
        """Whether words of people, or JSON of them, call the person by a part of the full name."""
        if isinstance(value, dict | list | tuple):
            return any(self.is_spoken_of(one) for one in (value.values() if isinstance(value, dict) else value))
        return isinstance(value, str) and self._part is not None and self._part.search(value) is not None

    def unspoken(self, value: Any) -> Any:
        """Return words of people, or JSON of them, without parts of the person's full name."""
        if isinstance(value, dict):
            return {key: self.unspoken(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.unspoken(one) for one in value]
        return self._part.sub(GONE, value) if isinstance(value, str) and self._part is not None else value

    def in_value(self, value: Any, name: str = "", *, sure: bool = False) -> bool:
        """Whether a column's value, or any part of JSON, names the person; `sure` is that of `in_text`."""
        if isinstance(value, dict):
            return any(
                self.in_text(str(key), sure=sure) or self.in_value(one, str(key), sure=sure)
                for key, one in value.items()
            )
        if isinstance(value, list | tuple):
            return any(self.in_value(one, name, sure=sure) for one in value)
        if name in NOT_ABOUT_PEOPLE:
            return False
        if isinstance(value, str):
            return self.in_text(value, sure=sure)
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return is_number and name in ACCOUNTS | LISTS_OF_ACCOUNTS and value in self.subject.accounts

    def cleaned(self, value: Any, name: str = "") -> Any:
        """Return JSON without the person: names replaced, numbers of accounts and whole lists' entries left out."""
        if isinstance(value, dict):
            return {self.without(str(key)): self.cleaned(one, str(key)) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.cleaned(one, name) for one in value if not (isinstance(one, int) and self.in_value(one, name))]
        if name in NOT_ABOUT_PEOPLE:
            return value
        if isinstance(value, str):
            return self.without(value)
        return None if self.in_value(value, name) else value


def _any_of(loose: Iterable[str], exact: Iterable[str], marked: Iterable[str] = ()) -> re.Pattern[str] | None:
    """Return what finds these texts as whole words: `loose` whatever their case, `marked` where a username stands."""
    parts = [rf"(?i:{pattern_of(text)})" for text in sorted(loose, key=len, reverse=True) if text.strip()]
    parts += [pattern_of(text) for text in sorted(exact, key=len, reverse=True)]
    for name in sorted(marked):
        parts.append(rf"(?i:(?<=[@/]){name}|(?<=\"){name}(?=[\",])|\A{name}\Z)")
    return re.compile(rf"(?<![\w-])(?:{'|'.join(parts)})(?![\w-])") if parts else None


def text_columns(table: SqlTable) -> list[Column[Any]]:
    """Return the columns of a table that may speak of people: all texts and JSON but what is known never to."""
    return [
        column
        for column in table.columns
        if isinstance(column.type, String | JSON)
        and column.name not in NOT_ABOUT_PEOPLE
        and (table.name, column.name) not in NAMES_OF_THINGS
        and WORDS not in column.info
    ]


def spoken_columns(table: SqlTable) -> list[Column[Any]]:
    """Return the columns of a table that hold what people wrote, to each other or to us.

    There somebody may be called by a part of the name. A column with names does not count: somebody else may have that
    part as well; nor do texts of ours, which give the full name.
    """
    return [] if table.name in KEPT_EMPTY else [one for one in text_columns(table) if one.name in WRITTEN_BY_PEOPLE]


def account_columns(table: SqlTable) -> list[Column[Any]]:
    """Return the columns of a table that hold the number of an account."""
    return [column for column in table.columns if isinstance(column.type, Integer) and column.name in ACCOUNTS]


def known_as(session: Session, forum: str, subject: Subject) -> Subject:
    """Return a person by all that the store knows them by, whatever of it was given."""
    while True:
        found = subject
        for table in Table.metadata.sorted_tables:
            if "forum" in table.columns and {"person", "username", "user_id"} & set(table.columns.keys()):
                for row in session.execute(select(table).where(table.c.forum == forum)).mappings():
                    found |= _of_row(row, subject)
        found |= Subject(emails=frozenset(form for mail in found.emails for form in forms_of(mail)))
        found |= Subject(names=_names_of_manager(session, forum, found))
        if found == subject:
            return found
        subject = found


def _names_of_manager(session: Session, forum: str, subject: Subject) -> frozenset[str]:
    """Return what facts call somebody who is a manager of others by one of their addresses."""
    emails = {fold(one) for one in subject.emails}
    facts = Table.metadata.tables["facts"]
    query = select(facts).where(facts.c.forum == forum, facts.c.name.in_((MANAGER_EMAIL, MANAGER_NAME)))
    known: dict[tuple[int, str], dict[str, Fact]] = {}
    for row in session.execute(query).mappings() if emails else ():
        stated = Fact(row["value"], row["source"], row["at"])
        known.setdefault((row["user_id"], row["cohort"]), {})[row["name"]] = stated
    managers = (manager for stated in known.values() for manager in managers_in(stated))
    return frozenset(manager.name for manager in managers if manager.name and manager.key in emails)


def _of_row(row: Mapping[Any, Any], subject: Subject) -> Subject:
    """Return who a row is about, nobody where it is not about this person."""
    is_theirs = _is_theirs(row, subject) or row.get("user_id") in subject.accounts
    if not is_theirs:
        return Subject()
    account, key = row.get("user_id"), row.get("person") or ""
    name = (row.get("name") or "") if "topic_id" in row else ""  # of a post: its author's
    kind, _, written = key.partition(":")
    return Subject(
        accounts=frozenset({account} if account else ()),
        usernames=frozenset({row["username"]} if row.get("username") else ()) | _only(kind == "name", written),
        persons=_only(bool(key), key),
        emails=frozenset({row["email"]} if row.get("email") else ()) | _only(kind == "mail", written),
        ids=_only(kind == "id", written),
        names=_only(bool(name), name),
    )


def _only(condition: bool, text: str) -> frozenset[str]:
    return frozenset({text} if condition else ())


def held_about(
    session: Session, forum: str, subject: Subject, *, spoken: bool = False
) -> dict[str, list[dict[str, Any]]]:
    """Return every row that is about a person or names them, by table, as plain data.

    With `spoken`, also those in which people call somebody by a part of the person's full name.
    """
    needles = Needles(subject)
    return {
        table.name: rows
        for table in Table.metadata.sorted_tables
        if (
            rows := [
                _plain(row)
                for row in _rows(session, forum, table)
                if _is_about(table, row, needles) or (spoken and _is_spoken_of(table, row, needles))
            ]
        )
    }


def _rows(session: Session, forum: str, table: SqlTable) -> Iterator[dict[str, Any]]:
    query = select(table)
    if "forum" in table.columns:
        query = query.where(table.c.forum == forum)
    yield from (dict(row) for row in session.execute(query).mappings())


def _is_about(table: SqlTable, row: Mapping[str, Any], needles: Needles, *, sure: bool = False) -> bool:
    sure = sure or (table.name in KEPT_EMPTY and row["state"] in NOT_SENT)  # a word too many would lose it
    return is_of(table, row, needles.subject) or any(
        needles.in_value(row[column.name], column.name, sure=sure) for column in text_columns(table)
    )


def _is_spoken_of(table: SqlTable, row: Mapping[str, Any], needles: Needles) -> bool:
    return any(needles.is_spoken_of(row[column.name]) for column in spoken_columns(table))


def is_of(table: SqlTable, row: Mapping[str, Any], subject: Subject) -> bool:
    """Whether a row is the person's own: it has their account, key, username or address in a column of its own."""
    return any(
        row[column.name] in subject.accounts for column in account_columns(table) if row[column.name] is not None
    ) or _is_theirs(row, subject)


def _is_theirs(row: Mapping[str, Any], subject: Subject) -> bool:
    """Whether a row has the person's key, address or username; a username counts where no account says more.

    An account may have been given a name that another one had before.
    """
    named = fold(row.get("username") or "") in {fold(name) for name in subject.usernames}
    return (
        row.get("person") in subject.persons
        or fold(row.get("email") or "") in {fold(mail) for mail in subject.emails}
        or (named and (row.get("user_id") is None or not subject.accounts))
    )


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date | datetime) else value for name, value in row.items()}


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
        for row in _rows(session, forum, table):
            own = is_of(table, row, subject) or (table.name == "posts" and (row["topic_id"], row["number"]) in ours)
            told = table.name in KEPT_EMPTY and written.shows(row)
            about = own or told or _is_about(table, row, needles, sure=table.name in KEPT_EMPTY)
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
    for row in _rows(session, forum, ledger):
        topic_id, post_id = (row["result"].get(name) for name in ("topic_id", "post_id"))
        if row["action"] not in ("topic", "reply") or not isinstance(topic_id, int):
            continue
        if not (written.shows(row) or _is_about(ledger, row, needles, sure=True)):
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
        body["refs"] = [one for one in body["refs"] if not _says(one, needles, written)]
    body = needles.cleaned(body)
    values: dict[str, Any] = {
        column.name: needles.cleaned(row[column.name], column.name)
        for column in text_columns(table)
        if column.name != body_name
    }
    values[body_name] = {name: _blank(one) if name in TEXTS else one for name, one in body.items()}
    values["reason"] = GONE
    if table.name == "ledger":
        part = PART_WITH_ACCOUNTS.sub(lambda found: _nobody_in(found[0], needles.subject), row["part"])
        values["part"] = PART_TO_MANAGER.sub("to-manager", part)
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


def _nobody_in(part: str, subject: Subject) -> str:
    return re.sub(r"\d+", lambda found: "0" if int(found[0]) in subject.accounts else found[0], part)


def _blank(value: Any) -> Any:
    return GONE if isinstance(value, str) and value else value


@dataclass(frozen=True)
class Forgotten:
    """Who asked to be forgotten, as keyed digests: enough to leave them out, and to show nothing."""

    key: bytes = b""
    digests: frozenset[str] = frozenset()

    def has(self, person: Person) -> bool:
        """Whether a person of a roster is one of them; by the username alone where the roster has nothing else."""
        if not self.digests:
            return False
        given = [("i", person.external_id), ("e", person.email)]
        if not (person.external_id or person.email):
            given.append(("u", person.username))
        return any(value and self.digest(kind, value) in self.digests for kind, value in given)

    def has_account(self, number: int) -> bool:
        """Whether an account is one of theirs."""
        return bool(self.digests) and self.digest("a", str(number)) in self.digests

    def of(self, subject: Subject) -> set[str]:
        """Return the digests by which a person is recognised again."""
        given = [("a", str(number)) for number in subject.accounts]
        given += [("i", one) for one in subject.ids] + [("e", one) for one in subject.emails]
        if not (subject.ids or subject.emails):
            given += [("u", one) for one in subject.usernames]
        return {self.digest(kind, value) for kind, value in given}

    def digest(self, kind: str, value: str) -> str:
        """Return the digest of an identifier."""
        text = f"{kind}:{fold(value)}".encode()
        return hashlib.blake2b(text, digest_size=DIGEST_BYTES, key=self.key).hexdigest()

    @cached_property
    def is_empty(self) -> bool:
        """Whether nobody asked."""
        return not self.digests


def read_forgotten(session: Session, forum: str) -> Forgotten:
    """Return who asked to be forgotten."""
    kept = session.get(CursorRow, (forum, KEY))
    if kept is None:
        return Forgotten()
    digests = session.scalars(select(ForgottenRow.digest).where(ForgottenRow.forum == forum))
    return Forgotten(bytes.fromhex(kept.value), frozenset(digests))


def remember_forgotten(session: Session, forum: str, subject: Subject, now: datetime) -> None:
    """Keep by what a person is recognised who is to be left out from now on."""
    if session.get(CursorRow, (forum, KEY)) is None:
        session.add(CursorRow(forum=forum, name=KEY, value=secrets.token_hex(KEY_BYTES)))
        session.flush()
    for digest in read_forgotten(session, forum).of(subject):
        session.merge(ForgottenRow(forum=forum, digest=digest, at=now))


def no_longer_forgotten(session: Session, forum: str, words: str) -> int:
    """Forget that a person asked, by one of their identifiers; return how many digests there were.

    Those that were entered at one moment are of one person.
    """
    forgotten = read_forgotten(session, forum)
    asked = {forgotten.digest(kind, words) for kind in "ieu"}
    of_forum = ForgottenRow.forum == forum
    moments = session.scalars(select(ForgottenRow.at).where(of_forum, ForgottenRow.digest.in_(asked))).all()
    rows = session.scalars(select(ForgottenRow).where(of_forum, ForgottenRow.at.in_(moments))).all()
    for row in rows:
        session.delete(row)
    return len(rows)


def leave_out_forgotten(session: Session, *context: object) -> None:
    """Keep nothing new that forgotten people did on the forum: called before anything new is written."""
    del context
    of_people = [row for row in session.new if _accounts_of(row)]
    known: dict[str, Forgotten] = {}
    for row in of_people:
        if row.forum not in known:
            with session.no_autoflush:
                known[row.forum] = read_forgotten(session, row.forum)
        if any(known[row.forum].has_account(number) for number in _accounts_of(row)):
            session.expunge(row)


def _accounts_of(row: Any) -> Iterable[int]:
    if row.__tablename__ not in OF_ACTIVITY:
        return ()
    return [number for name in ACCOUNTS if (number := getattr(row, name, None)) is not None]


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
