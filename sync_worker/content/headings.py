"""Headings that say what to do, derived from a sentence where that can be done honestly, else nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sync_worker.activity.plain import squeeze
from sync_worker.content.language import capital
from sync_worker.content.lexicon import BEFORE_CLAUSE, FRENCH_PAST, GERUNDS, IMPERATIVES, PAST

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 72
WHOLE = 5  # words
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

_ADVERB = r"(?:just |simply |also |always |only |probably |first |easily |then |really |definitely |instead )*"
_YOU = re.compile(
    rf"\byou(?:['’]d)? {_ADVERB}(?:can|could|should|need to|have to|must|might want to|may want to|will need to|"
    rf"would need to)"
    rf" {_ADVERB}(?P<rest>[a-z]+\b.*)",
    re.IGNORECASE,
)
_NEVER = re.compile(r"\byou should never (?P<rest>[a-z]+\b.*)", re.IGNORECASE)
_NO_COMMAND = re.compile(
    r"\w+ (?:is|are|was|were|has|have|be)\b|\w+ \w+s (?:use|need|work|do|can|will|get)\b|use to\b", re.IGNORECASE
)
_IS_TO = re.compile(
    rf"\b(?:trick|fix|solution|key|best way|easiest way|workaround|point|rule|idea|cure)\b[^.,;]{{0,30}} (?:is|"
    rf"was) {_ADVERB}to {_ADVERB}(?P<rest>[a-z]+\b.*)",
    re.IGNORECASE,
)
_GERUND = re.compile(
    r"\b(?:recomm?end|suggest|try|consider|start by|begin by|by|"
    r"helps?) (?P<verb>[a-z]+ing)\b(?P<rest>.*)",
    re.IGNORECASE,
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
_DOUBTED = re.compile(
    r"\b(?:doubt|don’t|not|(?<!should )never|can’t|cannot|won’t|doesn’t|didn’t|isn’t|aren’t|"
    r"wasn’t|wouldn’t|shouldn’t|unless|but how)\b",
    re.IGNORECASE,
)
_CONTRAST = re.compile(r",? (?:and|but) not \w.*")
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
_TWO_NAMES = re.compile(r"\b[A-ZÀ-Þ][a-zà-ÿ]+ (?:and|et) [A-ZÀ-Þ][a-zà-ÿ]+\b")
_DANGLING = re.compile(
    r"\b(?:the|a|an|of|to|for|in|on|at|by|with|and|or|as|your|from|into|that|if|when|is|are|be|some|any|how|what|"
    r"le|la|les|un|une|des|de|du|d|à|au|aux|en|et|ou|son|sa|ses|par|pour|sur|avec|que|qui|si)[’']?$",
    re.IGNORECASE,
)

_FR_FRAME = re.compile(
    r"\b(?:il suffit|il faut|il vaut mieux|mieux vaut|vous (?:pouvez|devriez|devez)|on peut|tu peux|pensez à|"
    r"essayez|évitez|"
    r"commencez par|(?:l[’']astuce|la clé|l[’']idée|le mieux|la solution) (?:est|c[’']est|,? ?c[’']est))(?: donc|"
    r" juste| aussi)?"
    r"(?: de | d[’']| à | )(?P<rest>\w+(?:er|ir|re|oir)\b.*)",
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


def imperative(sentence: str, locale: str, *, whole: bool = False) -> str:
    """Return what the sentence tells to do, as a heading without a full stop, or "" where none can be made.

    `whole` asks for more than a verb and its object ("Call the supplier" says little to those who were not there).
    """
    text = squeeze(sentence).replace("'", "’")
    told, did = _french(text) if locale == "fr" else _english(text)
    headings = [_shortened(raw, locale) for raw in told]
    headings += [heading for raw in did if len((heading := _shortened(raw, locale)).split()) >= WHOLE]
    fit = [heading for heading in headings if not _TWO_NAMES.search(_WEEKDAY.sub(" ", heading))]
    return next((heading for heading in fit if heading and not (whole and len(heading.split()) < WHOLE)), "")


def shorter(heading: str) -> str:
    """Return a heading cut before its last clause, where what is left still says something; else as it is."""
    cuts = [match.start() for match in _SOFT_END.finditer(heading) if match.start() >= SHORT]
    left = [heading[:cut].strip() for cut in reversed(cuts)]
    return next((text for text in left if len(text.split()) >= WHOLE and not _DANGLING.search(text)), heading)


def deed(sentence: str, name: str, locale: str) -> str:
    """Return what the author did, told of them by name ("Ana asked four people the same question"), or "".

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


def _english(text: str) -> tuple[list[str], list[str]]:
    """Return what a sentence advises, and what it says its author did, each as an imperative."""
    return ([], []) if _DOUBTED.search(_CONTRAST.sub("", text)) else (_english_advice(text), _english_deed(text))


def _english_advice(text: str) -> list[str]:
    found: list[str] = []
    first = re.split(r"[ ,]", text, maxsplit=1)[0].lower()
    if first in IMPERATIVES:
        found.append(text)
    for pattern in (_YOU, _IS_TO):
        match = pattern.search(text)
        if match and not _relative(text[: match.start()]) and match["rest"].split()[0].lower() in IMPERATIVES:
            found.append(match["rest"])
    match = _NEVER.search(text)
    if match and match["rest"].split()[0].lower() in IMPERATIVES:
        found.append(f"never {match['rest']}")
    match = _GERUND.search(text)
    if match and match["verb"].lower() in GERUNDS:
        found.append(GERUNDS[match["verb"].lower()] + match["rest"])
    return found


def _english_deed(text: str) -> list[str]:
    match = _I_DID.match(text)
    if not match or match["verb"] not in PAST:
        return []
    rest = re.sub(r"\b(?:my|our)\b", "your", _general(_SECOND_DEED.sub("", match["rest"])))
    return [f"{PAST[match['verb']]} {rest}"] if rest else []


def _general(rest: str) -> str:
    """Return what was done without its weekday; "" where it names somebody, as others cannot do it with them."""
    rest = re.sub(r"\s+", " ", _WEEKDAY.sub("", rest)).strip()
    clause = rest[: end.start()] if (end := _END.search(rest)) else rest
    return "" if re.search(r"(?<=[\s’])[A-ZÀ-Þ][a-zà-ÿ]|^[A-ZÀ-Þ][a-zà-ÿ]", clause) else rest


def _relative(before: str) -> bool:
    """Whether "you can" hangs on a noun ("a package you can use") and does not start a clause of its own."""
    head = before.rstrip()
    if not head or head[-1] in ",;:-–—" or head.rsplit(" ", 1)[-1].lower() in BEFORE_CLAUSE:
        return False
    return not re.match(r"(?:if|when|to|in order|for|in)\b", head, re.IGNORECASE) or head.endswith((" that", " which"))


def _french(text: str) -> tuple[list[str], list[str]]:
    """Return what a sentence advises, and what it says its author did, each as an infinitive."""
    advised, did = _FR_FRAME.search(text), _FR_DID.match(text)
    return [advised["rest"]] if advised else [], _french_deed(did["verb"].lower(), did["rest"]) if did else []


def _french_deed(verb: str, rest: str) -> list[str]:
    base = FRENCH_PAST.get(verb) or (f"{verb[:-1]}er" if verb.endswith("é") else "")
    rest = re.sub(r"\b(mon|ma|mes)\b", lambda own: _FR_OWN[own[1].lower()], _general(rest), flags=re.IGNORECASE)
    return [f"{base} {rest}"] if base and rest else []


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
