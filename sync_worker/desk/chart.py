"""The figure of a desk without the plugin: posts week by week, uploaded as a picture where it can be drawn.

It shows weeks that are over and no others, so that it changes once a week. The numbers stand beside it as a table and
in the picture's alternative text: nobody needs the picture to know them.
"""

from __future__ import annotations

import hashlib
import io
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.extras import load
from sync_worker.languages.parts import LETTERS, language
from sync_worker.store.pauses import remember, remembered

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sync_worker.forum.client import Forum
    from sync_worker.model import Cohort
    from sync_worker.store.database import Store

LOG = logging.getLogger(__name__)
UPLOAD_EVERY = timedelta(days=7)
LIBRARY = "matplotlib"
INCHES, DOTS = (6.9, 2.4), 100  # as wide as Discourse shows a picture
BARS, PAPER = "#2f6f9f", "white"
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
        if len(over) < 2 or find_spec(LIBRARY) is None:
            return ""
        digest = hashlib.sha256(repr([(week.monday, week.posts) for week in over]).encode()).hexdigest()
        name = f"desk figure:{self.cohort.key}"
        with self.store.begin() as session:
            known = json.loads(remembered(session, self.forum.name, name) or "{}")
        is_recent = bool(known) and self.now - datetime.fromisoformat(known["at"]) < UPLOAD_EVERY
        if known.get("digest") == digest or is_recent:
            return str(known["shown"])
        try:
            address = self.forum.upload_image(f"{self.cohort.key}-weeks.png", draw(over, self.cohort.locale))
        except ForumError as error:
            if not error.refused:
                raise
            LOG.warning("the figure of the desk of %s was not uploaded: %s", self.cohort.key, error.what)
            return str(known.get("shown", ""))
        width, height = (round(side * DOTS) for side in INCHES)
        shown = f"![{self._in_words(over)}|{width}x{height}]({address})"
        with self.store.begin() as session:
            kept = {"digest": digest, "at": self.now.isoformat(), "shown": shown}
            remember(session, self.forum.name, name, json.dumps(kept))
        return shown

    def _in_words(self, weeks: Sequence[WeekShown]) -> str:
        words = language(self.cohort.locale)
        values = ", ".join(f"{words.period(one.monday, one.monday + WEEK)}{words.colon} {one.posts}" for one in weeks)
        return LETTERS.of(self.cohort.locale).desk["figure"].format(values=values)


def draw(weeks: Sequence[WeekShown], locale: str) -> bytes:
    """Return a PNG with a bar for each week, the number of posts above it and its first day below.

    Raises:
        ConfigError: the library that draws is not installed.

    """
    figure = load("matplotlib.figure:Figure", "a figure on the desk")(figsize=INCHES, dpi=DOTS, facecolor=PAPER)
    words, axes = language(locale), figure.add_subplot()
    places = range(len(weeks))
    bars = axes.bar(places, [week.posts for week in weeks], color=BARS, width=0.7)
    axes.bar_label(bars, fontsize=8)
    axes.set_xticks(places, [words.day_and_month(week.monday) for week in weeks], fontsize=7)
    axes.set_yticks([])
    axes.margins(y=0.2)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()
