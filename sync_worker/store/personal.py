"""What in the store speaks of a person: all that they are known by, and the rows and columns that name them.

Which columns are looked at follows from the tables themselves: a new column is covered unless it is named below as one
that never speaks of people.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Integer, String, select

from sync_worker.languages.parts import READING
from sync_worker.model import MANAGER_EMAIL, MANAGER_NAME, Fact, fold, forms_of, managers_in
from sync_worker.signals.naming import SHORTEST_NAME, parts_of, pattern_of
from sync_worker.store.tables import WORDS, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sqlalchemy import Column
    from sqlalchemy import Table as SqlTable
    from sqlalchemy.orm import Session


GONE = "[forgotten]"
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
KEPT_EMPTY = frozenset({"ledger", "drafts"})
"""Tables whose rows stay, without their texts: by them the worker knows that a thing was done."""
NOT_SENT = frozenset({"intended", "pending", "approved"})
"""The states of their rows of which the texts are still to go out."""
PART_WITH_ACCOUNTS = re.compile(r"(?<!\w)(?:to|with)(?:-\d+)+")
"""What the parts of messages to individual people are called: by their accounts."""
REF_WITH_ACCOUNT = re.compile(r"no-manager:(\d+)")
"""What names an account among the refs of a note; numbers in other refs are of topics and posts."""
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
                for row in rows_of(session, forum, table)
                if is_about(table, row, needles) or (spoken and _is_spoken_of(table, row, needles))
            ]
        )
    }


def rows_of(session: Session, forum: str, table: SqlTable) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, those of a forum where it has several forums'."""
    query = select(table)
    if "forum" in table.columns:
        query = query.where(table.c.forum == forum)
    yield from (dict(row) for row in session.execute(query).mappings())


def is_about(table: SqlTable, row: Mapping[str, Any], needles: Needles, *, sure: bool = False) -> bool:
    """Whether a row is the person's own, or names them; with `sure`, so that nothing else can be meant."""
    sure = sure or (table.name in KEPT_EMPTY and row["state"] in NOT_SENT)  # a word too many would lose it
    return (
        is_of(table, row, needles.subject)
        or (table.name in KEPT_EMPTY and _has_account(row, needles.subject))
        or any(needles.in_value(row[column.name], column.name, sure=sure) for column in text_columns(table))
    )


def _has_account(row: Mapping[str, Any], subject: Subject) -> bool:
    """Whether the part or the refs of an entry, or of a draft, have the person's account."""
    body = row.get("payload") or row.get("body") or {}
    told = [ref for ref in body.get("refs") or () if REF_WITH_ACCOUNT.fullmatch(ref)]
    for part in (row.get("part"), body.get("part")):
        told += PART_WITH_ACCOUNTS.findall(part or "")
    return any(int(number) in subject.accounts for one in told for number in re.findall(r"\d+", one))


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
