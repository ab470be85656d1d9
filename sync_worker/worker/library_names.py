"""What the topics of the library's subjects are called, and by other words once those must not be shown any more.

Where no subjects are given, the first find of a topic gives it its name: the title of the topic that it stands in, or
its own first words. These are somebody's words. When that find has to go, or that person will not be quoted, and other
finds stand in the topic, it is named after one of these; where only replies of people are left, it gets a plain name.

A topic is found by its part in the ledger, which is a digest of its first name. An entry of a change of name says which
part the new name stands for, and for which the old one did: what is done twice is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, count
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.activity.choices import unquoted
from sync_worker.activity.practices import NOT_MARKED, may_stand
from sync_worker.activity.replies import digest_of
from sync_worker.content.library import shelf_name
from sync_worker.content.markdown import JOINER, escape
from sync_worker.model import DraftKind, fold
from sync_worker.publish.citations import Trouble
from sync_worker.publish.entries import key_beside
from sync_worker.signals.plain import letters
from sync_worker.store.ledger import REMOVING, REVISING, drafts, intended_entry
from sync_worker.store.personal import GONE
from sync_worker.store.tables import PostRow, PracticeRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.content.library import Texts
    from sync_worker.store.tables import LedgerRow

LIBRARY, OFFER = "library", "library-offer"
OF_THE_TOPIC = frozenset({Trouble.TOPIC_GONE.value, Trouble.UNLISTED.value, Trouble.PRIVATE.value})
"""Why a find went out that speak against the title of its topic as well, also where somebody else wrote that."""


def library_key(forum: str, cohort: str, mark: str) -> str:
    """Return the key of a new entry or draft of the library, at most 50 letters, digits and hyphens."""
    return key_beside(cohort or "all", LIBRARY, [forum, LIBRARY, cohort, mark])


def subject_part(subject: str) -> str:
    """Return which part of the library the first topic of a subject is."""
    return f"subject-{digest_of(fold(subject))[:16]}"


def topic_part(subject: str, ours: Sequence[LedgerRow]) -> str:
    """Return which part of the library a subject's topic is: the next one where the last was taken down.

    A topic that was called otherwise before keeps the part of its first name.
    """
    down = {row.payload["of"] for row in ours if row.action == REMOVING and row.state in ("intended", "done")}
    parts = {row.key: row.part for row in ours}
    parts_down = {parts[key] for key in down if key in parts}
    first = subject_part(subject)
    called = [parts.get(row.payload["of"]) for row in _changes(ours) if row.payload["stands_for"] == first]
    renamed = next((part for part in reversed(called) if part is not None and part not in parts_down), None)
    following = chain([first], (f"{first}-{number}" for number in count(1)))
    return renamed or next(part for part in following if part not in parts_down)


def named_by(session: Session, find: PracticeRow, subjects: Iterable[str], staff: Iterable[str]) -> tuple[int, ...]:
    """Return the account whose words the subject of a find are; none where the settings or an LCM gave them."""
    name = letters(find.subject)
    if not name or name in {letters(one) for one in subjects}:
        return ()
    if find.title and name == letters(shelf_name(find.title)):
        query = select(PostRow).where(
            PostRow.forum == find.forum, PostRow.topic_id == find.topic_id, PostRow.number == 1
        )
        opening = session.scalar(query)
        if opening is None:
            return (find.user_id,)
        return (opening.user_id,) if opening.user_id > 0 and opening.username not in set(staff) else ()
    return (find.user_id,) if name in letters(" ".join(find.words)) else ()


@dataclass(frozen=True, slots=True)
class Names:
    """Gives the topics of the library of a forum other names where they must not be called as they are."""

    forum: str
    own: str
    texts: Texts
    subjects: Sequence[str]
    now: datetime

    def changes(
        self, session: Session, ours: Sequence[LedgerRow], standing: Mapping[str, Sequence[PracticeRow]]
    ) -> list[LedgerRow]:
        """Return the entries that rename topics; `standing` are the finds that may be shown, by the topic's part."""
        silent = unquoted(session, self.forum)
        removals = {row.payload["of"]: row.state for row in ours if row.action == REMOVING and row.state != "failed"}
        found = []
        for topic in ours:
            is_topic = topic.action == DraftKind.TOPIC and topic.state == "done"
            if not is_topic or removals.get(topic.key) in ("intended", "done"):
                continue
            named = [row for row in _changes(ours) if row.payload["of"] == topic.key]
            if not self._is_over(session, topic, named[-1] if named else topic, ours, silent):
                continue
            others = standing.get(topic.part, ())
            if others or removals.get(topic.key) == "skipped":
                found.append(self._change(session, topic, named, others, ours))
        return found

    def _is_over(
        self,
        session: Session,
        topic: LedgerRow,
        named: LedgerRow,
        ours: Sequence[LedgerRow],
        silent: frozenset[int],
    ) -> bool:
        """Whether the words by which a topic is called must not be shown any more."""
        payload = named.payload
        if payload.get("subject") == "":
            return False  # a plain name
        numbers = payload.get("about_posts") or _first_under(topic, ours)
        find = session.get(PracticeRow, (self.forum, numbers[0])) if numbers else None
        is_noted = bool(payload.get("about_posts")) and payload.get("title") != GONE
        people = payload.get("about_users", []) if is_noted else self._guessed(session, find)
        if not people:
            return False
        if not silent.isdisjoint(people):
            return True
        if find is None:
            return True
        if may_stand(find) or find.state in ("new", "unplaced") or find.reason == NOT_MARKED:
            return False
        return find.user_id in people or find.reason in OF_THE_TOPIC

    def _guessed(self, session: Session, find: PracticeRow | None) -> Sequence[int]:
        """Return whose words a name is, where it was not noted, by an older version, or is forgotten."""
        if find is None:
            return (0,)
        people = named_by(session, find, self.subjects, (self.own,))
        is_given = fold(find.subject) in map(fold, self.subjects)
        return people or ((find.user_id,) if find.state == "out" and not is_given else ())

    def _change(
        self,
        session: Session,
        topic: LedgerRow,
        named: Sequence[LedgerRow],
        others: Sequence[PracticeRow],
        ours: Sequence[LedgerRow],
    ) -> LedgerRow:
        """Return the entry that calls a topic after the first find that has a name to give, or by a plain one."""
        old = named[-1].payload["title"] if named else topic.payload.get("title") or ""
        taken = {row.part for row in ours if row.action == DraftKind.TOPIC}
        taken |= {row.payload["stands_for"] for row in _changes(ours)}
        offers = ((find, name) for find in others for name in _names_from(find))
        find, subject = next(((one, name) for one, name in offers if subject_part(name) not in taken), (None, ""))
        if find is None:
            number = 1 + sum(not row.payload["subject"] for row in _changes(ours))
            plain = f"{self.texts.say.conversation} ({number})"
        payload: dict[str, Any] = {
            "of": topic.key,
            "title": self.texts.opening(subject or plain)[0],
            "instead_of": "" if old == GONE else old,
            "subject": subject,
            "stands_for": subject_part(subject) if subject else "",
            "stood_for": subject_part(others[0].subject) if others else "",
            "words": others[0].subject if others else "",
            "about_posts": [find.post_id] if find is not None else [],
            "about_users": [],
            "position": 0,
        }
        if find is not None:
            renamed = PracticeRow(**{**_plain(find), "subject": subject})
            payload["about_users"] = list(named_by(session, renamed, (), (self.own,)))
        return self._entry(topic, f"{topic.key}:name:{len(named) + 1}", payload)

    def settle(self, session: Session, ours: Sequence[LedgerRow]) -> list[LedgerRow]:
        """Call the finds, and offers that wait, as their topics are called by now; return the changes of posted offers.

        It follows from the entries of the changes, so that it is done again where it was not finished.
        """
        changes = [row for row in _changes(ours) if row.payload["subject"]]
        if not changes:
            return []
        finds = session.scalars(select(PracticeRow).where(PracticeRow.forum == self.forum)).all()
        waiting = [row for row in drafts(session, self.forum, None, ("pending", "approved")) if _offers(row.body)]
        found = []
        for change in changes:
            for find in finds:
                if find.subject and subject_part(find.subject) == change.payload["stood_for"]:
                    find.subject = change.payload["subject"]
            pair = [_as_link(change.payload["words"]), _as_link(change.payload["subject"])]
            if change.payload["words"] in ("", GONE):
                continue
            for draft in waiting:
                draft.body = {**draft.body, "raw": draft.body["raw"].replace(*pair)}
            for offer in (row for row in ours if _offers(row.payload) and row.state == "done"):
                if pair[0] in (offer.payload.get("raw") or ""):
                    payload = {"of": offer.key, "is_reply": True, "instead": [pair], "position": 0}
                    found.append(self._entry(offer, f"{offer.key}:{change.key}", payload))
        known = {row.key for row in ours}
        return [row for row in found if row.key not in known]

    def _entry(self, target: LedgerRow, mark: str, payload: dict[str, Any]) -> LedgerRow:
        return intended_entry(
            library_key(self.forum, target.cohort, mark),
            forum=self.forum,
            cohort=target.cohort,
            step=LIBRARY,
            slot=self.now,
            action=REVISING,
            payload=payload,
            now=self.now,
        )


def _changes(ours: Sequence[LedgerRow]) -> list[LedgerRow]:
    """Return the changes of names, the oldest first; one that the forum refused counts, so it is not tried again."""
    return [row for row in ours if row.action == REVISING and "stands_for" in row.payload]


def _offers(body: Mapping[str, Any]) -> bool:
    return OFFER in body.get("refs", ())


def _first_under(topic: LedgerRow, ours: Sequence[LedgerRow]) -> list[int]:
    """Return the finds of the first post under a topic: it was made for the first of them."""
    number = topic.result.get("topic_id")
    under = [row for row in ours if row.action == DraftKind.REPLY and row.payload.get("topic_id") == number]
    return list(under[0].payload.get("about_posts", ())) if under else []


def _names_from(find: PracticeRow) -> list[str]:
    """Return the names that a find can give its topic, the better one first."""
    return [shelf_name(said) for said in (find.title, *find.words[:1]) if said]


def _plain(find: PracticeRow) -> dict[str, Any]:
    return {column.name: getattr(find, column.name) for column in PracticeRow.__table__.columns}


def _as_link(subject: str) -> str:
    """Return a subject as it stands at the end of the link of an offer."""
    return f"{escape(subject).replace(JOINER, '')}]("
