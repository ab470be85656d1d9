"""A story's title from the author's own sentence: what they did, named with them, or nothing. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.languages.language import capital
from sync_worker.languages.parts import GRAMMAR, HEADINGS
from sync_worker.signals.plain import squeeze
from sync_worker.signals.single_sentences import alternatives

if TYPE_CHECKING:
    from sync_worker.languages.words import HeadingWords

LONGEST_TITLE = 72
SHORT = 25  # characters
_NAME = re.compile(r"(?<=[a-zà-ÿ,;:’ ][\s’(])[A-ZÀ-Þ][a-zà-ÿ]+\b")


def _capitalised_months() -> str:
    months = [month for grammar in GRAMMAR.all().values() for month in grammar.months]
    return "|".join(month for month in months if month[0].isupper())


_END = re.compile(
    rf"\.(?=\s|$)|[;!?…(]|:(?!:)(?<!::)|\s[-–—]\s|,\s(?!\w+(?:, \w+)*,? (?:{alternatives('joins')}) \w)|"
    rf"\s(?:{alternatives('ends')})(?=[\se’'])"
)
_OPEN_ENDS = frozenset(":(-–—…?")  # what stands before them is half of what is said
_SOFT_END = re.compile(rf"\s(?:{alternatives('soft_ends')})(?=[\s’'])")
_WEEKDAY = re.compile(alternatives("weekdays"), re.IGNORECASE)
_MONTH = re.compile(rf"\b(?:{_capitalised_months()})\b")
_DANGLING = re.compile(rf"\b(?:{alternatives('dangling')})[’']?$", re.IGNORECASE)


def names_somebody(text: str) -> bool:
    """Whether a sentence seems to name a person (or a firm): a capital within it, but for weekdays and months.

    A thing's name is taken for a person's: a heading less does less harm.
    """
    return bool(_NAME.search(_WEEKDAY.sub(" ", _MONTH.sub(" ", text)).replace("'", "’")))


def deed(sentence: str, name: str, locale: str, *, whole: bool = False) -> str:
    """Return what the author did, named with them ("Ana asked four people the same question"), or "".

    Only what needs no guess about gender, and nothing that was not said: the first clause, in the author's own tense;
    the `whole` clause where half of one will not do.
    """
    words = HEADINGS.of(locale)
    text = squeeze(sentence).replace("'", "’")
    match = re.match(words.did, text)
    if not match or not (match["verb"] in words.past or match["verb"].endswith(words.past_endings)):
        return ""
    rest = re.sub(words.second_deed, "", match["rest"]) if words.second_deed else match["rest"]
    told = _shortened(words.deed.format(verb=match["verb"], rest=_of_theirs(rest, words)), words, whole=whole)
    if names_somebody(told[:1].lower() + told[1:]):
        return ""
    return f"{name} {told[0].lower()}{told[1:]}" if told else ""


def tells_of_its_author(sentence: str, locale: str) -> bool:
    """Whether a sentence says what its author did or how they were, in words that a title can be made of or not."""
    return re.match(HEADINGS.of(locale).did, squeeze(sentence).replace("'", "’")) is not None


def _of_theirs(rest: str, words: HeadingWords) -> str:
    """Return the text with what is the author's own in the third person."""
    mine = "|".join(words.theirs)
    return re.sub(rf"\b(?:{mine})\b", lambda own: words.theirs[own[0].lower()], rest, flags=re.IGNORECASE)


def _shortened(raw: str, words: HeadingWords, *, whole: bool) -> str:
    """Return the first clause of `raw` if it fits a heading and says something on its own."""
    end = _END.search(raw)
    if whole and end and end[0].strip() in _OPEN_ENDS:
        return ""
    text = re.sub(r" (?:instead|too|as well)$", "", raw[: end.start()].strip() if end else raw.strip(" ."))
    if len(text) > LONGEST_TITLE:
        cuts = [match.start() for match in _SOFT_END.finditer(text) if SHORT <= match.start() <= LONGEST_TITLE]
        if whole or not cuts:
            return ""
        text = text[: cuts[-1]].strip()
    if (
        (words.no_deed and re.match(words.no_deed, text, re.IGNORECASE))
        or not len(text.split()) >= 3
        or len(text) < 14
        or re.search(rf"\b(?:{words.vague})\b", text, re.IGNORECASE)
        or _DANGLING.search(text)
    ):
        return ""
    if _unpaired(text) or re.search(r"[{}=<>\\@#*`|]|\w\(|\"", text):
        return ""
    return capital(text)


def _unpaired(text: str) -> bool:
    return any(
        text.count(opener) != text.count(closer) for opener, closer in ("“”", "«»", "‘’", "()") if opener in text
    )
