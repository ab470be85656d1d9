"""Plans that people write for themselves: which of their replies is one, and which day it names. Pure.

A day is read only where it is sure: where a text names exactly one day to come. A text that says more than that ("since
Monday ... on Thursday", "next Friday", "every Tuesday", 3/4) names none: another day has to do then.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING

from sync_worker.languages.parts import DAYS, GRAMMAR
from sync_worker.signals.plain import CUT, sentences

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from zoneinfo import ZoneInfo

    from sync_worker.model import Post, Topic

FURTHEST = timedelta(days=120)  # a day beyond it is no plan for the weeks after a session
JUST_GONE = timedelta(days=183)  # a date without a year that lies further back is one of next year
LONGEST = 700  # characters of a plan that are quoted; of a longer one the first sentences are
ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
SLASHED = re.compile(r"(?<![\d/.])(\d{1,2})[/.](\d{1,2})(?:[/.](\d{4}))?(?![\d/.]*\d)")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person is going to do, in their own words: the post, its sentences as they are quoted, the day it names.

    `day` is None where the text does not name one surely. `is_cut` says that sentences were left out at the end.
    """

    post: Post
    passages: tuple[str, ...]
    day: date | None
    is_cut: bool = False

    @property
    def words(self) -> str:
        """The sentences as one line."""
        return " ".join((*self.passages, *((CUT,) if self.is_cut else ())))


def plans_in(topic: Topic, staff: Collection[str], zone: ZoneInfo) -> list[Plan]:
    """Return each person's plan among the replies to a topic: their first one that says something, oldest first.

    What answers somebody else's post is none, and neither is a reply that only asks.

    Args:
        topic: the one that asks for plans.
        staff: accounts whose replies are no plans: our own, and the LCMs'.
        zone: of the cohort, on whose clock days are read.

    """
    authors = {post.number: post.user_id for post in topic.posts}
    found: dict[int, Plan] = {}
    for post in topic.posts:
        if post.number == 1 or not post.by_a_person or post.username in staff or post.user_id in found:
            continue
        if post.reply_to not in (None, 1) and authors.get(post.reply_to) != post.user_id:
            continue
        plan = _plan(post, zone)
        if plan is not None:
            found[post.user_id] = plan
    return list(found.values())


def _plan(post: Post, zone: ZoneInfo) -> Plan | None:
    own = sentences(post.cooked)
    if all(one.asks for one in own):
        return None
    texts = [one.text for one in own]
    kept = _first(texts)
    day = named_day(" ".join(texts), post.created_at.astimezone(zone).date())
    return Plan(post, kept, day, len(kept) < len(texts))


def _first(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the first sentences that fit; of one that is too long alone, its beginning up to the end of a word."""
    kept: list[str] = []
    for text in texts:
        if sum(map(len, kept)) + len(text) > LONGEST:
            return tuple(kept) or (text[:LONGEST].rsplit(" ", 1)[0],)
        kept.append(text)
    return tuple(kept)


def named_day(text: str, written: date) -> date | None:
    """Return the one day to come that a text names, None where it names none, several, or one that is not sure.

    Args:
        text: what a person wrote, in any of our languages.
        written: the day on which it was written.

    """
    folded = " ".join(text.casefold().replace("’", "'").split())
    found: set[date | None] = set()
    for form in (_dates, _weekdays, _near):
        folded, days = form(folded, written)
        found |= days
    if len(found) != 1:
        return None
    [day] = found
    return day if day is not None and written <= day <= written + FURTHEST else None


Found = tuple[str, set["date | None"]]


def _dates(text: str, written: date) -> Found:
    """Take dates of the calendar out of a text; None stands for one that is not sure."""
    days: set[date | None] = set()
    for form in (ISO, _day_and_month(), SLASHED):
        kept, at = [], 0
        for match in form.finditer(text):
            day = _date(form, match, written)
            weekday = match.groupdict().get("weekday")
            if day is not None and weekday and _weekday_numbers()[weekday] != day.weekday():
                day = None  # "Tuesday 4 March" of a year in which that is a Thursday
            if not _is_past(text, match, day, written):
                days.add(day)
            kept.append(text[at : match.start()])
            at = match.end()
        text = " ; ".join((*kept, text[at:]))
    return text, days


def _date(form: re.Pattern[str], match: re.Match[str], written: date) -> date | None:
    if form is ISO:
        return _day_of(int(match[1]), int(match[2]), int(match[3]))
    if form is SLASHED:
        first, second = int(match[1]), int(match[2])
        if first != second and max(first, second) <= 12:
            return None  # the day first, or the month
        day, month = (first, second) if second <= 12 else (second, first)
        return _next(day, month, int(match[3]) if match[3] else None, written)
    said = match["day"] or match["day_after"]
    month_name = match["month"] or match["month_before"]
    year = int(match["year"]) if match["year"] else None
    return _next(int(said), _month_numbers()[month_name], year, written)


def _next(day: int, month: int, year: int | None, written: date) -> date | None:
    """Return a day of the calendar; without a year, of that year in which it is to come or has just been."""
    if year is not None:
        return _day_of(year, month, day)
    found = _day_of(written.year, month, day)
    if found is not None and written - found > JUST_GONE:
        return _day_of(written.year + 1, month, day)
    return found


def _day_of(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _is_past(text: str, match: re.Match[str], day: date | None, written: date) -> bool:
    """Whether a date is one that was: what somebody tells of it is no plan."""
    return (day is not None and day < written) or bool(_before("past_before").search(text[: match.start()]))


def _weekdays(text: str, written: date) -> Found:
    """Take weekdays out of a text: each is the next one to come."""
    days: set[date | None] = set()
    for match in _weekday().finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if _before("past_before").search(before) or _after("past_after").match(after):
            continue
        if _before("vague_before").search(before) or _after("vague_after").match(after):
            days.add(None)
            continue
        ahead = (_weekday_numbers()[match[0]] - written.weekday()) % 7 or 7
        days.add(written + timedelta(days=ahead))
    return _weekday().sub(" ; ", text), days


def _near(text: str, written: date) -> Found:
    """Return whether a text says tomorrow, or today."""
    days: set[date | None] = set()
    for name, ahead in (("tomorrow", 1), ("today", 0)):
        if _anywhere(name).search(text):
            days.add(written + timedelta(days=ahead))
    return text, days


@cache
def _weekday_numbers() -> dict[str, int]:
    return {
        name.casefold(): number for grammar in GRAMMAR.all().values() for number, name in enumerate(grammar.weekdays)
    }


@cache
def _month_numbers() -> dict[str, int]:
    return {
        name.casefold(): number for grammar in GRAMMAR.all().values() for number, name in enumerate(grammar.months, 1)
    }


def _either(words: Collection[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


@cache
def _weekday() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_either(_weekday_numbers())})\b")


@cache
def _day_and_month() -> re.Pattern[str]:
    """Return the form of "Tuesday, 4 March 2027", "March 4th", « mardi 1er mars »."""
    weekday = rf"(?:(?P<weekday>{_either(_weekday_numbers())}),? (?:the |le )?)?"
    ordinal = rf"(?:{'|'.join(words.ordinals for words in DAYS.all().values())})?"
    months = _either(_month_numbers())
    day_first = rf"(?P<day>\d{{1,2}}){ordinal} (?:of )?(?P<month>{months})"
    others = {name for words in DAYS.all().values() for name in words.verbs}
    names = _either(_month_numbers().keys() - others)
    month_first = rf"(?P<month_before>{names}) (?P<day_after>\d{{1,2}}){ordinal}(?!\d)"
    return re.compile(rf"\b{weekday}(?:{day_first}|{month_first})\b(?:,? (?P<year>\d{{4}}))?")


def _phrases(name: str) -> Iterator[str]:
    for words in DAYS.all().values():
        yield from getattr(words, name)


@cache
def _before(name: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_either(list(_phrases(name)))})\s+$")


@cache
def _after(name: str) -> re.Pattern[str]:
    return re.compile(rf"\s+(?:{_either(list(_phrases(name)))})\b")


@cache
def _anywhere(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w'])(?:{_either(list(_phrases(name)))})(?![\w'])")
