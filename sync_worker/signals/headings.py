"""A story's title from the author's own sentence: what they did, named with them, or nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.languages.language import capital
from sync_worker.signals.lexicon import FRENCH_PAST, PAST
from sync_worker.signals.plain import squeeze

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 72
SHORT = 25  # characters
_END = re.compile(
    r"\.(?=\s|$)|[;!?…(]|:(?!:)(?<!::)|\s[-–—]\s|,\s(?!\w+(?:, \w+)*,? (?:and|or|et|ou) \w)|"
    r"\s(?:because|since|so that|so|and then|but|which|or else|instead of|"
    r"rather than|"
    r"parce qu|car|mais|donc|afin d|ce qui|au lieu d|plutôt qu)(?=[\se’'])"
)
_SOFT_END = re.compile(
    r"\s(?:and|to|or|when|if|before|after|while|until|where|with|for|et|avant|après|quand|si|ou|pour|avec|jusqu)(?=[\s’'])"
)

_NO_COMMAND = re.compile(
    r"\w+ (?:is|are|was|were|has|have|be)\b|\w+ \w+s (?:use|need|work|do|can|will|get)\b|use to\b", re.IGNORECASE
)
_I_DID = re.compile(
    r"^(?:[^,.;:]{3,60}, )?(?:(?:On|Last|This|Every|The next|Yesterday) ?\w* )?I "
    r"(?:just |then |now |first |also |simply |finally )?(?P<verb>[a-z]+) (?P<rest>.*)"
)

_VAGUE = re.compile(
    r"\b(?:the number|it|you|similar|both|this|that|these|those|them|they|he|she|him|her|his|hers|i|me|my|myself|"
    r"himself|herself|themselves|we|us|our|"
    r"ones|"
    r"there|here|its|"
    r"(?<!the )same|above|below|following|"
    r"something|stuff|thing|things|said|like|maybe|probably|please)\b",
    re.IGNORECASE,
)
_SECOND_DEED = re.compile(
    r"(?:,| and| then) (?:\w+ed|{})\b.*".format(
        "|".join(
            sorted(
                (
                    "wrote",
                    "said",
                    "told",
                    "gave",
                    "made",
                    "took",
                    "kept",
                    "left",
                    "went",
                    "sent",
                    "let",
                    "put",
                    "cut",
                    "was",
                    "were",
                    "had",
                    "got",
                )
            )
        )
    )
)
_WEEKDAY = re.compile(
    r"\b(?:on )?(?:last |next )?(?:mon|tues|wednes|thurs|fri|satur|sun)days?(?: (?:morning|afternoon|evening))?\b|"
    r"\b(?:le )?(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)s?(?: (?:matin|soir|dernier|midi))?\b",
    re.IGNORECASE,
)
_MONTH = re.compile(r"\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b")
_NAME = re.compile(r"(?<=[a-zà-ÿ,;:’ ][\s’(])[A-ZÀ-Þ][a-zà-ÿ]+\b")
_DANGLING = re.compile(
    r"\b(?:the|a|an|of|to|for|in|on|at|by|with|and|or|as|your|from|into|that|if|when|is|are|be|some|any|how|what|"
    r"le|la|les|un|une|des|de|du|d|à|au|aux|en|et|ou|son|sa|ses|par|pour|sur|avec|que|qui|si)[’']?$",
    re.IGNORECASE,
)

_FR_DID = re.compile(
    r"^(?:[^,.;:]{3,60}, )?j[’']ai (?:donc |simplement |d[’']abord |alors |enfin )?(?P<verb>[\wé]+) (?P<rest>.*)",
    re.IGNORECASE,
)
_FR_VAGUE = re.compile(
    r"\b(?:le chiffre|je|j|me|m|moi|il|elle|ils|elles|lui|leur|leurs|eux|ça|cela|ceci|ce que|nous|notre|nos|on|"
    r"celui|celle|même|"
    r"que j)\b",
    re.IGNORECASE,
)
_FR_OWN = {"mon": "son", "ma": "sa", "mes": "ses"}


def names_somebody(text: str, known: frozenset[str] = frozenset()) -> bool:
    """Whether a sentence seems to name a person (or a firm): a capital within it, or a first word that is `known`.

    Weekdays and months do not count. A thing's name is taken for a person's: a heading less does less harm.
    """
    bare = _WEEKDAY.sub(" ", _MONTH.sub(" ", text)).replace("'", "’")
    first = re.split(r"[\s,’]", bare.strip(), maxsplit=1)[0]
    return first in known or bool(_NAME.search(bare))


def names_in(texts: Iterable[str]) -> frozenset[str]:
    """Return the words that stand with a capital within one of these sentences."""
    return frozenset(name for text in texts for name in _NAME.findall(_WEEKDAY.sub(" ", _MONTH.sub(" ", text))))


def deed(sentence: str, name: str, locale: str) -> str:
    """Return what the author did, named with them ("Ana asked four people the same question"), or "".

    Only what needs no guess about gender, and nothing that was not said: the first clause, in the author's own tense.
    """
    text = squeeze(sentence).replace("'", "’")
    match = (_FR_DID if locale == "fr" else _I_DID).match(text)
    if not match or (locale == "en" and match["verb"] not in PAST):
        return ""
    base = match["verb"]
    if locale == "fr":
        if not (base.endswith("é") or base in FRENCH_PAST):
            return ""
        rest = re.sub(r"\b(mon|ma|mes)\b", lambda own: _FR_OWN[own[1].lower()], match["rest"], flags=re.IGNORECASE)
        told = _shortened(f"a {base} {rest}", locale)
    else:
        rest = re.sub(r"\bmy\b", "their", _SECOND_DEED.sub("", match["rest"]))
        told = _shortened(f"{base} {rest}", locale)
    if names_somebody(told[:1].lower() + told[1:]):
        return ""
    return f"{name} {told[0].lower()}{told[1:]}" if told else ""


def _shortened(raw: str, locale: str) -> str:
    """Return the first clause of `raw` if it fits a heading and says something on its own."""
    end = _END.search(raw)
    text = re.sub(r" (?:instead|too|as well)$", "", raw[: end.start()].strip() if end else raw.strip(" ."))
    if len(text) > LONGEST:
        cuts = [match.start() for match in _SOFT_END.finditer(text) if SHORT <= match.start() <= LONGEST]
        if not cuts:
            return ""
        text = text[: cuts[-1]].strip()
    vague = _FR_VAGUE if locale == "fr" else _VAGUE
    if (
        _NO_COMMAND.match(text)
        or not len(text.split()) >= 3
        or len(text) < 14
        or vague.search(text)
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
