"""The figure of a desk without the plugin: posts week by week, uploaded as a picture where it can be drawn.

It shows weeks that are over and no others, so that it changes once a week. The numbers stand beside it as a table and
in the picture's alternative text: nobody needs the picture to know them.
"""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.content.figure import can_draw, draw, size
from sync_worker.errors import ForumError
from sync_worker.languages.parts import LETTERS, language
from sync_worker.model import Bar, Figure
from sync_worker.store.pauses import remember, remembered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
UPLOAD_EVERY = timedelta(days=7)
WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class WeekShown:
    """A week, by its Monday, with how many posts the learners wrote and how many of them did."""

    monday: date
    posts: int
    people: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Keeps the figure of one cohort's desk.

    Calls: 1 where the figure is new and the last one is a week old; else none.
    """

    forum: Forum
    store: Store
    cohort: Cohort
    now: datetime

    def shown(self, weeks: Sequence[WeekShown]) -> str:
        """Return the figure of these weeks as Markdown; "" where it cannot be drawn or uploaded, or shows one week.

        A figure that has changed within a week of the last upload waits, and the last one is shown.
        """
        today = self.now.astimezone(self.cohort.zone).date()
        over = [week for week in weeks if week.monday + WEEK < today]
        if len(over) < 2 or not can_draw():
            return ""
        digest = hashlib.sha256(repr([(week.monday, week.posts) for week in over]).encode()).hexdigest()
        name = f"desk figure:{self.cohort.key}"
        with self.store.begin() as session:
            known = json.loads(remembered(session, self.forum.name, name) or "{}")
        is_recent = bool(known) and self.now - datetime.fromisoformat(known["at"]) < UPLOAD_EVERY
        if known.get("digest") == digest or is_recent:
            return str(known["shown"])
        try:
            address = self.forum.upload_image(f"{self.cohort.key}-weeks.png", self._drawn(over))
        except ForumError as error:
            if not error.refused:
                raise
            LOG.warning("the figure of the desk of %s was not uploaded: %s", self.cohort.key, error.what)
            return str(known.get("shown", ""))
        shown = f"![{self._in_words(over)}|{size()}]({address})"
        with self.store.begin() as session:
            kept = {"digest": digest, "at": self.now.isoformat(), "shown": shown}
            remember(session, self.forum.name, name, json.dumps(kept))
        return shown

    def _drawn(self, weeks: Sequence[WeekShown]) -> bytes:
        words = language(self.cohort.locale)
        bars = tuple(Bar(words.day_and_month(one.monday), one.posts) for one in weeks)
        return draw(Figure(LETTERS.of(self.cohort.locale).desk["figure_title"], bars))

    def _in_words(self, weeks: Sequence[WeekShown]) -> str:
        words = language(self.cohort.locale)
        values = ", ".join(f"{words.period(one.monday, one.monday + WEEK)}{words.colon} {one.posts}" for one in weeks)
        return LETTERS.of(self.cohort.locale).desk["figure"].format(values=values)
