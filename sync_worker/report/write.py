"""Write the report's files: one HTML page a cohort, an index, and CSV."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import markdown
import nh3
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from sync_worker.config.base import write_private
from sync_worker.languages.parts import REPORT, language
from sync_worker.report.figures import groups
from sync_worker.report.small_groups import nudges_shown
from sync_worker.store.database import make_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sync_worker.report.figures import CohortReport


def age(words: Mapping[str, str], days: int) -> str:
    """Return how long a question has been open, in words."""
    if days <= 0:
        return words["open_today"]
    return words["open_day"] if days == 1 else words["open_for"].format(days=days)


def percent(share: float | None) -> str | None:
    """Return a share of 0 to 1 in per cent; None where it is not shown."""
    return None if share is None else f"{100 * share:.0f}\u00a0%"


# Write the report's files: one HTML page a cohort, an index, and CSV.


BAR_WIDTH = 36
BAR_GAP = 12
CHART_HEIGHT = 120
FORMULA = tuple("=+-@\uff1d\uff0b\uff0d\uff20")  # with those of full width
CONTROL = tuple("\t\r\n")
_PICTURE = re.compile(r"!\[([^\]|\n]*)(?:\|[^\]\n]*)?\]\([^)\n]*\)")
_QUOTE = re.compile(r'\[quote="([^",\]]+)[^\]]*"\]\n(.*?)\n\[/quote\]', re.DOTALL)


def write_report(reports: Sequence[CohortReport], forum_url: str, out: Path, now: datetime) -> Path:
    """Write `index.html`, and for each cohort a page and CSV files, into `out`; return the index.

    The CSV files are of weeks and of prompts; of the network and of messages to the silent where there are figures.

    Files of the same names are replaced, others in the folder stay. Only their owner may read them: they quote posts.
    """
    make_folder(out)
    pages = page_environment()
    for report in reports:
        words = REPORT.of(report.cohort.locale).words
        page = pages.get_template("cohort.html").render(
            report=report,
            words=words,
            age=lambda days, words=words: age(words, days),
            language=language(report.cohort.locale),
            charts=_charts(report, words),
            forum_url=forum_url,
            now=now.astimezone(report.cohort.zone),
            rendered=rendered,
            nudges=nudges_shown(report.trials),
            percent=percent,
        )
        write_private(out / f"{report.cohort.key}.html", page)
        _write_csv(report, out / f"{report.cohort.key}.csv")
        _write_prompts(report, out / f"{report.cohort.key}-prompts.csv")
        _write_network(report, out / f"{report.cohort.key}-network.csv")
        _write_nudges(report, out / f"{report.cohort.key}-nudges.csv")
    index = out / "index.html"
    write_private(index, _index(pages, reports, now))
    return index


def _index(pages: Environment, reports: Sequence[CohortReport], now: datetime) -> str:
    """Return the page that lists all cohorts: in their language and on their clock where they share one."""
    locales = {report.cohort.locale for report in reports}
    locale = locales.pop() if len(locales) == 1 else "en"
    zones = {report.cohort.timezone for report in reports}
    local = now.astimezone(reports[0].cohort.zone) if len(zones) == 1 else now
    return pages.get_template("index.html").render(
        groups=groups(reports), now=local, locale=locale, words=REPORT.of(locale).words, language=language(locale)
    )


def rendered(raw: str, *, links: bool = True) -> Markup:
    """Return a published text as safe HTML: Discourse's quote blocks become quotations, everything else is cleaned.

    Without `links` only their texts are shown, where they would lead to a forum that is gone. In the place of a picture
    stands what it is called: a page needs nothing else to be read, and tells nobody who reads it.
    """
    raw = _PICTURE.sub(r"\1", raw)
    quoted = _QUOTE.sub(lambda match: "> " + match[2].replace("\n", "\n> ") + f"\n>\n> — {match[1]}\n", raw)
    html = markdown.markdown(quoted, extensions=["tables", "sane_lists"], output_format="html")
    return Markup(nh3.clean(html, tags=nh3.ALLOWED_TAGS - ({"img"} if links else {"img", "a"}), strip_comments=True))  # noqa: S704  (cleaned on this line)


def page_environment(package: str = "sync_worker.report") -> Environment:
    """Return what fills in the page templates of a package; `base.html` of the report is there for all of them."""
    own, shared = PackageLoader(package, "templates"), PackageLoader("sync_worker.report", "templates")
    return Environment(
        loader=ChoiceLoader([own, shared]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart, in pixels; `label` is its number, or what is said in place of a number that is not shown."""

    x: int
    y: int
    height: int
    label: str
    week: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar a week; `text` says the same to who does not see it."""

    title: str
    text: str
    bars: tuple[Bar, ...]

    @property
    def width(self) -> int:
        """The width in pixels."""
        return len(self.bars) * (BAR_WIDTH + BAR_GAP) + BAR_GAP


def _charts(report: CohortReport, words: Mapping[str, str]) -> list[Chart]:
    """Return the posts and the people of each week; a number of people that is not shown has no bar either."""
    posts = [(week.number, week.posts) for week in report.weeks]
    people = [(week.number, week.people) for week in report.weeks]
    return (
        [
            _chart(words["chart"], posts, words["too_few"]),
            _chart(words["people_chart"], people, words["too_few"]),
        ]
        if report.weeks
        else []
    )


def _chart(title: str, values: Sequence[tuple[int, int | None]], hidden: str) -> Chart:
    most = max((value or 0 for _, value in values), default=0) or 1
    bars = []
    for index, (week, value) in enumerate(values):
        height = round((CHART_HEIGHT - 40) * (value or 0) / most)
        label = hidden if value is None else str(value)
        bars.append(Bar(BAR_GAP + index * (BAR_WIDTH + BAR_GAP), CHART_HEIGHT - 20 - height, height, label, str(week)))
    text = f"{title}: " + ", ".join(f"{bar.week}: {bar.label}" for bar in bars)
    return Chart(title, text, tuple(bars))


def _write_csv(report: CohortReport, path: Path) -> None:
    rows: list[list[object]] = [["cohort", "week", "first_day", "last_day", "posts", "people"]]
    for week in report.weeks:
        people = "" if week.people is None else week.people
        rows.append([report.cohort.key, week.number, week.first, week.last, week.posts, people])
    write_rows(path, rows)


def _write_prompts(report: CohortReport, path: Path) -> None:
    rows: list[list[object]] = [["cohort", "posted", "prompt", "answers", "people"]]
    for prompt in report.prompts:
        posted = prompt.published.at.astimezone(report.cohort.zone).date()
        people = "" if prompt.people is None else prompt.people
        rows.append([report.cohort.key, posted, prompt.published.title, prompt.answers, people])
    write_rows(path, rows)


def _write_network(report: CohortReport, path: Path) -> None:
    """Write a row a week; what must not be shown is empty."""
    if report.network is None or not report.network.weeks:
        path.unlink(missing_ok=True)
        return
    rows: list[list[object]] = [["cohort", "week", "pairs", "density", "reciprocity"]]
    for one in report.network.weeks:
        figures = (one.ties, *(None if value is None else f"{value:.2f}" for value in (one.density, one.reciprocity)))
        rows.append([report.cohort.key, one.week, *("" if value is None else value for value in figures)])
    write_rows(path, rows)


def _write_nudges(report: CohortReport, path: Path) -> None:
    """Write what messages to the silent did; numbers that must not be shown are empty."""
    found = nudges_shown(report.trials)
    if found is None:
        path.unlink(missing_ok=True)
        return
    names = ["nudged", "nudged_back", "held_out", "held_out_back", "difference", "low", "high"]
    figures: list[object] = [""] * len(names)
    if found.sides is not None and found.effect.difference is not None:
        nudged, held_out = found.sides
        shares = [f"{value:.3f}" for value in found.effect.difference]
        figures = [nudged.people, nudged.back, held_out.people, held_out.back, *shares]
    rows = [["cohort", "days", *names, "finding"]]
    days = " ".join(str(one) for one in sorted(found.days))
    write_rows(path, [*rows, [report.cohort.key, days, *figures, found.effect.finding.value]])


def write_rows(path: Path, rows: Iterable[Sequence[object]]) -> None:
    """Write rows as CSV whose cells no spreadsheet takes for formulas; only the owner may read the file."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([safe_cell(value) for value in row] for row in rows)
    write_private(path, text.getvalue())


def safe_cell(value: object) -> object:
    """Return a value as a cell that no spreadsheet takes for a formula: such a text gets an apostrophe before it."""
    if isinstance(value, str) and (value.startswith(CONTROL) or value.lstrip().startswith(FORMULA)):
        return f"'{value}"
    return value
