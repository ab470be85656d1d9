"""Looks after texts that were published: what must not be shown any more is taken out of them.

Roundups follow all that happens to what they show. "Don't quote me" reaches further: stories in which a title of that
person stands, and what leavers left for the next cohort, of any age. Their own stories are for `aftercare`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.activity.choices import unquoted
from sync_worker.content.markdown import escape, person_name
from sync_worker.languages.parts import PHRASES, PRACTICES
from sync_worker.model import DraftKind, Use
from sync_worker.plays.relay import RELAY_REF
from sync_worker.publish.citations import reason_of
from sync_worker.publish.entries import key_beside
from sync_worker.publish.last_look import LastLook
from sync_worker.publish.revising import handed_parts, renamed
from sync_worker.publish.unshowable import TAKES_OUT, doubtful, naming, refused, unwished
from sync_worker.store.ledger import REVISING, draft_from_json, intended_entry, published_rows
from sync_worker.store.tables import LedgerRow, OccurrenceRow
from sync_worker.worker.recovery import READ_BACK

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.model import Citation, Cohort
    from sync_worker.publish.citations import Finding
    from sync_worker.publish.publisher import Deed, Publisher
    from sync_worker.store.database import Store

STEP = "roundup-care"
ROUNDUP, STORY = "roundup", "story"
LOOKED_AT = frozenset({ROUNDUP, STORY, RELAY_REF})
LOOKED_AFTER = timedelta(days=180)
READ_AGAIN = timedelta(days=35)  # so long, all that a roundup shows is read again whenever the next one is due


@dataclass(frozen=True, slots=True)
class PublishedCare:
    """Looks after what one cohort got, the roundups that `steps` post and more; hold the forum's lock meanwhile."""

    forum: Forum
    store: Store
    publisher: Publisher
    cohort: Cohort
    steps: frozenset[str]
    now: datetime

    def follow_up(self) -> Sequence[Deed]:
        """Take out of the roundups of half a year what may not be shown any more, each part once.

        Words that were edited are not in the store before their topic is read again: whenever a roundup is due, even
        if there is nothing to round up, all that those of the last five weeks show is read.

        Of all published texts, what shows words of somebody who asked not to be quoted is taken out.

        Calls: none where the store knows of no change and no roundup was due in this run; else those of
        `LastLook.stale` for what is read. 2 for each text that is changed.

        Raises:
            ForumError: the forum does not answer.

        """
        look = LastLook(self.forum, self.store, self.now)
        published = self._published()
        is_time = any(ROUNDUP in row.payload["refs"] for row in published) and self._is_roundup_time()
        rows = []
        for text in published:
            age = self.now - (text.slot if text.reason == READ_BACK else text.updated_at)
            row = self._revision(text, look, age, whole=is_time and timedelta(0) < age < READ_AGAIN)
            rows += [row] if row is not None else []
        return self.publisher.enter(rows)

    def _published(self) -> list[LedgerRow]:
        with self.store.begin() as session:
            return [
                row
                for row in published_rows(session, self.forum.name, self.cohort.key, ("done",), LOOKED_AT)
                if row.action == DraftKind.TOPIC
            ]

    def _is_roundup_time(self) -> bool:
        """Whether a roundup was due in this run."""
        with self.store.begin() as session:
            closed = session.scalars(
                select(OccurrenceRow.step).where(
                    OccurrenceRow.forum == self.forum.name,
                    OccurrenceRow.cohort == self.cohort.key,
                    OccurrenceRow.at == self.now,
                )
            )
            return not self.steps.isdisjoint(closed)

    def _revision(self, text: LedgerRow, look: LastLook, age: timedelta, *, whole: bool) -> LedgerRow | None:
        """Return the entry that takes out of a text what does not hold, None where there is nothing new."""
        refs = text.payload["refs"]
        shown = [one for one in draft_from_json(text.payload).citations if one.pieces or ROUNDUP not in refs]
        with self.store.begin() as session:
            unwanted = unwished(session, self.forum.name, shown)
        if STORY in refs:
            with self.store.begin() as session:
                unwanted += naming(session, self.forum.name, [replace(one, passages=()) for one in shown])
            return self._entry(text, (), unwanted, unwanted) if not self._is_silent(text) else None
        if ROUNDUP not in refs:
            raw = text.payload["raw"]
            return self._entry(text, [part for one in unwanted for part in handed_parts(raw, one.citation)], unwanted)
        names = [one for one in unwanted if _says_enough(one.citation) and not self._is_theirs(one)]
        findings = [one for one in unwanted if one not in names]
        with self.store.begin() as session:
            findings += naming(session, self.forum.name, shown)
        if age < LOOKED_AFTER:
            stale = self._stale(text, shown, look, whole=whole)
            findings += [one for one in stale if one.trouble in TAKES_OUT and one not in unwanted]
        return self._entry(text, [one.citation.pieces for one in findings], [*findings, *names], names)

    def _stale(
        self, roundup: LedgerRow, shown: Sequence[Citation], look: LastLook, *, whole: bool
    ) -> tuple[Finding, ...]:
        """Return what of a roundup does not hold any more, of what the store doubts or of the whole of it."""
        with self.store.begin() as session:
            suspected = shown if whole else doubtful(session, self.forum.name, shown)
            unwanted = refused(session, self.forum.name, shown)
            if not suspected and not unwanted:
                return ()
            rows = self._revisions(session, roundup)
        known = {tuple(part) for row in rows for part in row.payload.get("parts", ())}
        left = [one for one in suspected if one.pieces not in known]
        found = look.stale(left, roundup.payload["category_id"], self.cohort.key)
        return (*unwanted, *found)

    def _revisions(self, session: Session, text: LedgerRow) -> list[LedgerRow]:
        """Return what was changed in a text before, or is about to be."""
        of_cohort = (LedgerRow.forum == self.forum.name, LedgerRow.cohort == self.cohort.key)
        rows = session.scalars(select(LedgerRow).where(*of_cohort, LedgerRow.action == REVISING))
        return [row for row in rows if row.payload["of"] == text.key]

    def _is_silent(self, text: LedgerRow) -> bool:
        """Whether a text is about somebody who will not be quoted: such a story is taken down as a whole."""
        with self.store.begin() as session:
            return not unquoted(session, self.forum.name).isdisjoint(text.payload.get("about_users", ()))

    def _is_theirs(self, finding: Finding) -> bool:
        """Whether the post itself is by somebody who will not be quoted, and not only the title of its topic."""
        with self.store.begin() as session:
            return bool(unwished(session, self.forum.name, [replace(finding.citation, title="", titled=False)]))

    def _entry(
        self,
        text: LedgerRow,
        parts: Sequence[Sequence[str]],
        findings: Sequence[Finding],
        names: Sequence[Finding] = (),
    ) -> LedgerRow | None:
        """Return the entry that takes parts out of a text, and names of topics; None where that was entered before."""
        with self.store.begin() as session:
            done = [row.payload for row in self._revisions(session, text)]
        known = {tuple(part) for one in done for part in one.get("parts", ())}
        new = [part for part in dict.fromkeys(map(tuple, parts)) if part not in known]
        label = PRACTICES.of(self.cohort.locale).conversation
        unname = [[one.citation.topic_id, one.citation.title, label] for one in names]
        unname = [one for one in unname if all(one not in change.get("unname", ()) for change in done)]
        if not new and not unname:
            return None
        key = key_beside(self.cohort.key, "revision", [text.key, sorted(new), *([unname] if unname else ())])
        payload = {
            "of": text.key,
            "title": text.payload.get("title") or "",
            "parts": [list(part) for part in (*new, *_as_changed(new, done))],
            "why": reason_of(findings),
            "when_empty": PHRASES.of(self.cohort.locale).nothing_left(),
            "position": 0,
        }
        if unname:
            payload |= {"instead": self._headings(names), "unname": unname}
        return intended_entry(
            key,
            forum=self.forum.name,
            cohort=self.cohort.key,
            playbook=text.playbook,
            step=STEP,
            slot=self.now,
            action=REVISING,
            payload=payload,
            now=self.now,
        )

    def _headings(self, names: Sequence[Finding]) -> list[list[str]]:
        """Return the headings of a roundup's items whose topics are not named any more, each with another one."""
        phrases = PHRASES.of(self.cohort.locale)
        quotes = [one.citation for one in names if one.citation.use is Use.QUOTE and one.citation.pieces]
        called = [escape(person_name(one.name, one.username)) for one in quotes]
        return [[one.pieces[0], phrases.in_a_conversation(name)] for one, name in zip(quotes, called, strict=True)]


def _says_enough(citation: Citation) -> bool:
    """Whether a part of a roundup still says something without the title of its topic."""
    return bool(citation.passages) if citation.use is Use.QUOTE else citation.use is not Use.LINK


def _as_changed(parts: Sequence[Sequence[str]], changes: Sequence[Mapping[str, Any]]) -> list[tuple[str, ...]]:
    """Return the parts as they read after earlier changes, where they read otherwise: of names, and within a piece."""
    found = []
    for part in parts:
        now = tuple(part)
        for change in changes:
            taken_out = [one[0] for one in change.get("parts", ()) if len(one) == 1]
            now = tuple(renamed(_without(piece, taken_out), change) for piece in now)
        found += [now] if now != tuple(part) else []
    return found


def _without(piece: str, taken_out: Sequence[str]) -> str:
    for words in taken_out:
        piece = piece.replace(words, "") if words != piece else piece
    return piece
