"""Finds of the practice library that fit the week of a later cohort, offered to its LCMs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.content.library import Texts
from sync_worker.errors import ForumError
from sync_worker.languages.parts import PRACTICES
from sync_worker.model import WHILE_KEPT, Approval, Citation, Draft, DraftKind, Use
from sync_worker.plays import commitment
from sync_worker.signals.subjects import NEAR, Shelf, Text
from sync_worker.store.ledger import published_rows
from sync_worker.store.pauses import read_clock, remember, remembered
from sync_worker.store.tables import DraftRow, LedgerRow
from sync_worker.worker.library_names import LIBRARY, OFFER, library_key
from sync_worker.worker.library_posts import (
    citation_of,
    draft_row,
    entry_of,
    is_named,
    part_of,
    posts_of_finds,
    standing_finds,
    text_of,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort
    from sync_worker.publish.last_look import LastLook
    from sync_worker.store.database import Store
    from sync_worker.store.tables import PracticeRow

TRIED_AFTER = timedelta(hours=1)  # where the forum refused to say whether a find may be shown
OFFERED_AFTER = timedelta(days=3)  # so long after a topic was posted, a find that fits it is offered
OF_USE = timedelta(days=7)
ABOUT_WORK = frozenset({"prompt", commitment.REF, "assignment"})
"""Refs of topics in which a cohort works on something."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A find of another cohort that fits a topic: how well (0 to 1), its post in the library, and whether offered."""

    row: PracticeRow
    address: str
    library_topic: int
    likeness: float
    was_offered: bool = False


def subject_in(topic: LedgerRow) -> str:
    """Return what a topic of a cohort is about: its title without the name and the week that stand before it."""
    return re.split(r"[\u00a0 ]?: ", topic.payload.get("title") or "", maxsplit=1)[-1]


@dataclass(frozen=True, slots=True)
class Offers:
    """Offers the finds of other cohorts to the LCMs of one, for the topic on which it works; each find once."""

    forum: Forum
    store: Store
    cohort: Cohort
    now: datetime

    def topic(self, session: Session) -> LedgerRow | None:
        """Return the latest topic in which the cohort works on something."""
        rows = published_rows(session, self.forum.name, self.cohort.key, ("done",), ABOUT_WORK)
        found = [row for row in rows if row.action == DraftKind.TOPIC and row.result.get("topic_id") is not None]
        return max(found, key=lambda row: (row.updated_at, row.key), default=None)

    def fits(self, session: Session, topic: LedgerRow) -> list[Fit]:
        """Return the finds of other cohorts by how well each fits a topic, the best first.

        An offer names the author: whose name is left out of the text that they agreed to is not offered.
        """
        there, offered = posts_of_finds(session, self.forum.name), self._offered(session)
        kept = [row for row in standing_finds(session, self.forum.name) if row.cohort != self.cohort.key]
        rows = {row.post_id: row for row in kept if row.joined is None and is_named(row)}
        asked = Text(0, subject_in(topic), topic.payload.get("raw") or "")
        found = []
        for likeness, text in Shelf([text_of(session, row) for row in rows.values()]).nearest(asked):
            row = rows[text.number]
            post = there.get(part_of(row))
            if post is not None:
                address = f"{self.forum.url}/p/{post.result['post_id']}"
                found.append(Fit(row, address, post.result["topic_id"], likeness, row.post_id in offered))
        return found

    def _offered(self, session: Session) -> set[int]:
        """Return the posts that were offered to the cohort before, whatever an LCM decided."""
        name, key = self.forum.name, self.cohort.key
        drafted = session.scalars(select(DraftRow.body).where(DraftRow.forum == name, DraftRow.cohort == key))
        entered = session.scalars(select(LedgerRow.payload).where(LedgerRow.forum == name, LedgerRow.cohort == key))
        offers = [body for body in chain(drafted, entered) if OFFER in body.get("refs", ())]
        return {number for body in offers for number in body["about_posts"]}

    def offer(self, look: LastLook) -> DraftRow | None:
        """Enter the draft of a reply with the find that fits best; None where nothing fits, or the topic had its offer.

        Calls: none where there is no topic of the last days that had no offer; else those of `LastLook.stale`.
        """
        considered = f"{OFFER}:{self.cohort.key}"
        with self.store.begin() as session:
            topic = self.topic(session)
            if topic is None or not timedelta(0) <= self.now - topic.updated_at < OFFERED_AFTER:
                return None
            if read_clock(session, self.forum.name, self.cohort.key).stands_still(self.now):
                return None
            known, _, refused_at = (remembered(session, self.forum.name, considered) or "").partition(" ")
            if known == topic.key and not (refused_at and self.now - datetime.fromisoformat(refused_at) >= TRIED_AFTER):
                return None
            fits = [one for one in self.fits(session, topic) if one.likeness >= NEAR and not one.was_offered]
        refused: list[Fit] = []
        fit = next((one for one in fits if self._is_readable(one, topic, look, refused)), None)
        with self.store.begin() as session:
            again = f" {self.now.isoformat()}" if refused and fit is None else ""
            remember(session, self.forum.name, considered, f"{topic.key}{again}")
            if fit is None or session.get(DraftRow, self._key(fit.row)) is not None:
                return None
            made = self._draft(fit, topic)
            session.add(made)
        return made

    def _key(self, row: PracticeRow) -> str:
        return library_key(self.forum.name, self.cohort.key, f"offer:{row.post_id}")

    def _cited(self, fit: Fit) -> tuple[Citation, ...]:
        """Return the find, and its topic in the library, which all who read the reply must be able to read."""
        shown = replace(citation_of(fit.row), use=Use.AGREED)  # who reads the library may read it
        return (Citation(Use.LINK, fit.library_topic), shown)

    def _is_readable(self, fit: Fit, topic: LedgerRow, look: LastLook, refused: list[Fit]) -> bool:
        """Whether a find may be shown there; one of which the forum refuses to say so now is entered in `refused`."""
        try:
            return not look.stale(self._cited(fit), topic.payload["category_id"], self.cohort.key)
        except ForumError as error:
            if error.unreachable:
                raise
            refused.append(fit)
            return False

    def _draft(self, fit: Fit, topic: LedgerRow) -> DraftRow:
        row, title = fit.row, subject_in(topic)
        entry = entry_of(row, self.forum.url)
        say = PRACTICES.of(self.cohort.locale)
        draft = Draft(
            DraftKind.REPLY,
            Texts(self.cohort.locale).offer(entry, row.subject, fit.address),
            say.offer_reason.format(cohort=row.cohort_name, title=title),
            part=f"offer-{row.post_id}",
            topic_id=topic.result["topic_id"],
            approval=Approval.LCM,
            about_posts=(row.post_id,),
            about_users=(row.user_id,),
            refs=(LIBRARY, OFFER, f"{WHILE_KEPT}{row.post_id}"),
            citations=self._cited(fit),
            not_after=self.now + OF_USE,
        )
        return draft_row(self._key(row), self.forum.name, self.cohort, draft, topic.payload["category_id"], self.now)
