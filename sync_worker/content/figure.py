"""A small figure in a text: its place is marked while the text is a draft, and its numbers stand in words beside it.

The mark is a picture without an address. Right before the text goes out it becomes the picture itself, or nothing where
none can be drawn or uploaded. What the picture shows is in its alternative text: nobody needs to see it to know.
"""

from __future__ import annotations

import io
import re
from datetime import timedelta
from importlib.util import find_spec
from statistics import mean
from typing import TYPE_CHECKING

from sync_worker.extras import load
from sync_worker.languages.parts import LETTERS, language
from sync_worker.model import Bar, Figure
from sync_worker.signals.contributions import participation
from sync_worker.signals.participation import may_show
from sync_worker.wording import Markdown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sync_worker.content.roundup_items import Period
    from sync_worker.model import Topic

LIBRARY = "matplotlib"
INCHES, DOTS = (6.9, 2.4), 100  # as wide as Discourse shows a picture
BARS, PAPER, QUIET = "#2f6f9f", "white", "#5a5a5a"
HIDDEN = "–"
PLACE = "lcm-figure:weeks"
MARK = re.compile(rf"!\[(?P<alt>[^\]\n]*)\]\({PLACE}\)")
WEEK = timedelta(days=7)
MOST_WEEKS = 8
FEWEST_SHOWN = 3  # weeks with a number, without which a figure says nothing


def can_draw() -> bool:
    """Whether the library that draws is installed."""
    return find_spec(LIBRARY) is not None


def weeks_of(topics: Sequence[Topic], period: Period, first_day: date, locale: str) -> Figure | None:
    """Return how many posts the members wrote in each of the last weeks, up to the end of a period.

    A week begins on the weekday on which the period ends, so that the last one is over, and none before the cohort did.
    A week in which fewer than five people wrote has no number. None where fewer than three weeks have one, or where the
    last one has fewer posts than those before it on average: shown to members, that would rather keep them away.
    """
    words = language(locale)
    found: list[Bar] = []
    until = period.until
    for _ in range(MOST_WEEKS):
        since = until - WEEK
        if since.date() < first_day:
            break
        counts = participation(topics, since, until, period.staff)
        found.append(Bar(words.day_and_month(since.date()), counts.posts if may_show(counts.people) else None))
        until = since
    while found and not found[-1].value:
        found.pop()
    shown = [bar.value for bar in reversed(found) if bar.value]
    if len(shown) < FEWEST_SHOWN or shown[-1] < mean(shown[:-1]):
        return None
    return Figure(LETTERS.of(locale).desk["figure_title"], tuple(reversed(found)))


def mark(figure: Figure | None, locale: str) -> Markdown:
    """Return the place of a figure, with its numbers in words; "" where there is none."""
    return Markdown(f"![{in_words(figure.bars, locale)}|{size()}]({PLACE})") if figure else Markdown("")


def in_words(bars: Sequence[Bar], locale: str) -> str:
    """Return "Posts week by week: 1 March: 12, 8 March: fewer than five people wrote"."""
    say, colon = LETTERS.of(locale).desk, language(locale).colon
    values = (f"{bar.label}{colon} {say['few_people'] if bar.value is None else bar.value}" for bar in bars)
    return say["figure"].format(values=", ".join(values))


def size() -> str:
    """Return width and height of a picture as Discourse writes them: "690x240"."""
    width, height = (round(side * DOTS) for side in INCHES)
    return f"{width}x{height}"


def draw(shown: Figure) -> bytes:
    """Return a PNG with a bar for each week, its number above it and its label below.

    Raises:
        ConfigError: the library that draws is not installed.

    """
    figure = load("matplotlib.figure:Figure", "a figure in a text")(figsize=INCHES, dpi=DOTS, facecolor=PAPER)
    axes, bars = figure.add_subplot(), shown.bars
    axes.set_title(shown.title, loc="left", fontsize=8, color=QUIET)
    places = range(len(bars))
    drawn = axes.bar(places, [bar.value or 0 for bar in bars], color=BARS, width=0.7)
    axes.bar_label(drawn, [HIDDEN if bar.value is None else str(bar.value) for bar in bars], fontsize=8, color=QUIET)
    axes.set_xticks(places, [bar.label for bar in bars], fontsize=7)
    axes.set_yticks([])
    axes.margins(y=0.2)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    figure.tight_layout()
    content = io.BytesIO()
    figure.savefig(content, format="png", metadata={"Software": None})
    return content.getvalue()
