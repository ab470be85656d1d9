"""One page for one person, in their language: all that is held about them, and what was sent to them because of it.

Made of what `lcm export` writes. Rows of the person's own are shown in full, but for keys and digests. Of what speaks
of several people, or is somebody else's, only the day and the title are shown: the rest is about others. Of what only
others got, not even the title: it may say of one of them who was silent, or who has which manager.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sync_worker.languages.parts import PERSONAL, REPORT, language
from sync_worker.model import DraftKind
from sync_worker.report.write import page_environment
from sync_worker.store.personal import is_of
from sync_worker.store.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from sync_worker.languages.language import Language
    from sync_worker.languages.sentences import PersonalSentences
    from sync_worker.store.personal import Subject

Row = dict[str, Any]
TECHNICAL = frozenset(
    {
        "answer_post", "asked_key", "attempts", "author_id", "before", "body", "by_user", "category_id",
        "clean_runs", "cooked", "detail", "digest", "digests", "evidence", "external_id", "fingerprint", "forum",
        "guide_key", "id", "invite_id", "invite_talk", "key", "last_post", "later_key", "looked_at", "mark",
        "message_key", "part", "payload", "person", "position", "post_id", "post_ids", "result", "run", "slug",
        "to_learner", "to_user", "topic_id", "unclear", "user_id", "words_post",
    }
)  # fmt: skip
"""Columns without a meaning for a person: keys of ours, numbers, digests, a second form of what is shown."""
ENTRIES = ("ledger", "drafts")
SENT, WAITING = "done", frozenset({"intended", "pending", "approved"})


@dataclass(frozen=True, slots=True)
class Message:
    """A text of ours about the person: when, what it was called, why it was written, what became of it.

    `text` is empty for one that speaks of others as well; `known` is what a rule knew when it was written.
    """

    at: str
    title: str
    why: str
    state: str
    text: str = ""
    known: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What is held of one kind: its name in plain words, and each row as labels with values."""

    heading: str
    rows: tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says is held: of the person alone, what reached them, and where else they are named."""

    known_as: tuple[str, ...]
    messages: tuple[Message, ...]
    with_others: tuple[Message, ...]
    sections: tuple[Section, ...]
    elsewhere: tuple[tuple[str, int], ...]


def page_of(held: Mapping[str, Sequence[Row]], subject: Subject, locale: str, zone: ZoneInfo) -> Page:
    """Return what is held about a person, sorted for reading; `held` is what `held_of` returns, by table."""
    say = Words(PERSONAL.of(locale), language(locale), zone)
    evidence = {row["key"]: row["content"] for row in held.get("evidence", ())}
    own, shared = _messages(held, subject, evidence, say)
    sections, elsewhere = [], []
    for name, rows in held.items():
        if name in (*ENTRIES, "evidence"):
            continue
        theirs = [row for row in rows if is_of(Table.metadata.tables[name], row, subject)]
        if theirs:
            lines = tuple(found for row in theirs if (found := say.row(row)))
            sections.append(Section(say.heading(name), lines))
        if len(rows) > len(theirs):
            elsewhere.append((say.heading(name), len(rows) - len(theirs)))
    names = (subject.names, subject.usernames, subject.emails, subject.ids)
    return Page(
        known_as=tuple(one for group in names for one in sorted(group)),
        messages=tuple(own),
        with_others=tuple(shared),
        sections=tuple(sorted(sections, key=lambda one: one.heading.casefold())),
        elsewhere=tuple(sorted(elsewhere)),
    )


def write_page(held: Mapping[str, Sequence[Row]], subject: Subject, locale: str, zone: ZoneInfo, now: datetime) -> str:
    """Return the page as HTML that needs nothing else."""
    return (
        page_environment()
        .get_template("person.html")
        .render(
            page=page_of(held, subject, locale, zone),
            words=PERSONAL.of(locale).words,
            of_reports=REPORT.of(locale).words,
            language=language(locale),
            locale=locale,
            now=now.astimezone(zone),
        )
    )


def _messages(
    held: Mapping[str, Sequence[Row]], subject: Subject, evidence: Mapping[str, Any], say: Words
) -> tuple[list[Message], list[Message]]:
    """Return the texts that were for this person alone, and those that speak of others as well, oldest first.

    A draft that went out is in the ledger too, and shown once.
    """
    sent = {row["key"] for row in held.get("ledger", ())}
    entries = [(row, row["payload"]) for row in held.get("ledger", ())]
    entries += [(row, row["body"]) for row in held.get("drafts", ()) if row["key"] not in sent]
    own, shared = list[Message](), list[Message]()
    for row, body in sorted(entries, key=lambda one: (one[0]["created_at"], one[0]["key"])):
        alone = body.get("to_learner") in subject.accounts and set(body.get("about_users") or ()) <= subject.accounts
        message = Message(
            at=say.day(row.get("sent_at") or row.get("updated_at") or row["created_at"]),
            title=_title(row.get("action") or body.get("kind"), body, subject, say.texts.words),
            why=(body.get("reason") or "") if alone else "",
            state=say.texts.words[_state(row["state"])],
            text=(body.get("raw") or "") if alone else "",
            known=say.value(evidence.get(row["key"]) or {}) if alone else "",
        )
        (own if alone else shared).append(message)
    return own, shared


def _title(kind: str | None, body: Mapping[str, Any], subject: Subject, words: Mapping[str, str]) -> str:
    """Return what a text is called, where the person may know that: it is public, theirs, or a list that has them."""
    about, to_learner = set(body.get("about_users") or ()), body.get("to_learner")
    if kind == DraftKind.MAIL:
        may_know = about <= subject.accounts
    elif kind == DraftKind.MESSAGE:
        may_know = not about.isdisjoint(subject.accounts) and (to_learner is None or to_learner in subject.accounts)
    else:
        may_know = True
    return body.get("title") or words["reply"] if may_know else words["to_others"]


def _state(state: str) -> str:
    return "sent" if state == SENT else "waiting" if state in WAITING else "not_sent"


@dataclass(frozen=True, slots=True)
class Words:
    """Says values and names of columns in a language."""

    texts: PersonalSentences
    language: Language
    zone: ZoneInfo

    def heading(self, table: str) -> str:
        """Return what a table holds, in words."""
        return self.texts.tables.get(table, table)

    def row(self, row: Row) -> tuple[tuple[str, str], ...]:
        """Return the columns that mean something, with their values."""
        shown = ((name, value) for name, value in row.items() if name not in TECHNICAL)
        return tuple((self.label(name), said) for name, value in shown if (said := self.value(value)))

    def label(self, name: str) -> str:
        """Return what a column is called."""
        return self.texts.columns.get(name, name.replace("_", " "))

    def value(self, value: Any) -> str:
        """Return a value in words; "" for nothing."""
        if value is None or value in ("", [], {}):
            return ""
        if isinstance(value, bool):
            return self.texts.words["yes" if value else "no"]
        if isinstance(value, dict):
            parts = ((self.label(str(name)), self.value(one)) for name, one in value.items())
            return "; ".join(f"{name}: {said}" for name, said in parts if said)
        if isinstance(value, list | tuple):
            return ", ".join(filter(None, map(self.value, value)))
        if isinstance(value, str):
            return self.day(value)
        return json.dumps(value)

    def day(self, text: str) -> str:
        """Return a date or moment in words, with the year; any other text as it is."""
        try:
            if "T" not in text:
                return self._date(date.fromisoformat(text))
            moment = datetime.fromisoformat(text).astimezone(self.zone)
        except ValueError:
            return text
        return f"{self._date(moment.date())}, {moment:%H:%M}"

    def _date(self, day: date) -> str:
        return f"{self.language.day_and_month(day)} {day.year}"
