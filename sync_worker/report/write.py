"""Write the report's files: one HTML page a cohort, an index, and CSV."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING

import markdown
import nh3
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from sync_worker.config.private_files import write_private
from sync_worker.languages.parts import REPORT, language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sync_worker.report.figures import CohortReport


def age(words: Mapping[str, str], days: int) -> str:
    """Return how long a question has been open, in words."""
    if days <= 0:
        return words["open_today"]
    return words["open_day"] if days == 1 else words["open_for"].format(days=days)


# Write the report's files: one HTML page a cohort, an index, and CSV.


BAR_WIDTH = 36
BAR_GAP = 12
CHART_HEIGHT = 120
_QUOTE = re.compile(r'\[quote="([^",\]]+)[^\]]*"\]\n(.*?)\n\[/quote\]', re.DOTALL)


def write_report(reports: Sequence[CohortReport], forum_url: str, out: Path, now: datetime) -> Path:
    """Write `index.html`, and a page and a CSV file a cohort, into `out`; return the index's path.

    Files of the same names are replaced, others in the folder stay. Only their owner may read them: they quote posts.
    """
    out.mkdir(parents=True, exist_ok=True)
    pages = page_environment()
    for report in reports:
        words = REPORT.of(report.cohort.locale).words
        page = pages.get_template("cohort.html").render(
            report=report,
            words=words,
            age=lambda days, words=words: age(words, days),
            language=language(report.cohort.locale),
            bars=_bars(report),
            chart_width=len(report.weeks) * (BAR_WIDTH + BAR_GAP) + BAR_GAP,
            chart_height=CHART_HEIGHT,
            forum_url=forum_url,
            now=now.astimezone(report.cohort.zone),
            rendered=rendered,
        )
        write_private(out / f"{report.cohort.key}.html", page)
        _write_csv(report, out / f"{report.cohort.key}.csv")
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
        reports=reports, now=local, locale=locale, words=REPORT.of(locale).words, language=language(locale)
    )


def rendered(raw: str, *, links: bool = True) -> Markup:
    """Return a published text as safe HTML: Discourse's quote blocks become quotations, everything else is cleaned.

    Without `links` only their texts are shown, where they would lead to a forum that is gone.
    """
    quoted = _QUOTE.sub(lambda match: "> " + match[2].replace("\n", "\n> ") + f"\n>\n> — {match[1]}\n", raw)
    html = markdown.markdown(quoted, extensions=["tables", "sane_lists"], output_format="html")
    return Markup(nh3.clean(html, tags=nh3.ALLOWED_TAGS - (set() if links else {"a"}), strip_comments=True))  # noqa: S704  (cleaned on this line)


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


def _bars(report: CohortReport) -> list[dict[str, int | str]]:
    most = max((week.posts for week in report.weeks), default=0) or 1
    bars: list[dict[str, int | str]] = []
    for index, week in enumerate(report.weeks):
        height = round((CHART_HEIGHT - 40) * week.posts / most)
        bars.append(
            {
                "x": BAR_GAP + index * (BAR_WIDTH + BAR_GAP),
                "y": CHART_HEIGHT - 20 - height,
                "width": BAR_WIDTH,
                "height": height,
                "label": str(week.posts),
                "week": str(week.number),
            }
        )
    return bars


def _write_csv(report: CohortReport, path: Path) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["cohort", "week", "first_day", "last_day", "posts", "people"])
    for week in report.weeks:
        people = "" if week.people is None else week.people
        writer.writerow([report.cohort.key, week.number, week.first, week.last, week.posts, people])
    write_private(path, text.getvalue())
