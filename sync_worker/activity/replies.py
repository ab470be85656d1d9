"""Reads what people write to the worker: an LCM's decisions by number, a learner's choice in one word. Pure.

Both are closed grammars over the words of `languages/*/messages.py`, nothing is guessed. A reply that holds anything
else decides nothing: not the part of it that could be read, either.

    reply    = line, {line}
    line     = clause, {separator, clause}
    clause   = verb, ("all" | number, {number}), [":", reason]
    (at the end of a line, "please" or "thank you": Discourse takes no message of less than ten characters)
    reason   = the rest of the line, after "no" alone

Numbers may be parted by blanks, commas and the language's "and"; clauses by commas, semicolons, full stops and
exclamation marks. The words of all languages count in every reply: people mix them. Quotation marks and emphasis around
a whole line are ignored, because our texts show these phrases so.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING

from sync_worker.activity.answers import Said, folded, read_answer
from sync_worker.languages.parts import CHOICES, DECISIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

LONGEST = 2_000  # characters of a reply that is read at all
REASON_LONGEST = 500
MOST_NUMBERS = 100
EVERYTHING = 0
QUOTED = re.compile(r"\[quote(?:=[^\]]*)?\](?:(?!\[quote)(?!\[/quote\]).)*\[/quote\]", re.DOTALL | re.IGNORECASE)
ELIDED = re.compile(r"<details\b.*?(?:</details>|\Z)", re.DOTALL | re.IGNORECASE)
RULE = re.compile(
    r"\s*(?:--|__|==|[—–]{1,2})[-_=—–\s]*"
)  # what parts a mail from its signature or from what it answers
TOKEN = re.compile(r"[^\s,;:.!]+|[,;:.!]")
AROUND = re.compile(r"[\s\"“”„«»‹›*_]+")  # what may stand around a phrase: it was copied as a text of ours shows it
NUMBER = re.compile(r"[0-9]{1,6}")
SEPARATORS = frozenset(",;.!")


class Verb(StrEnum):
    """What an LCM decides about a number."""

    YES = "yes"
    NO = "no"
    LATER = "later"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision about one number, None for all that the message shows; with a reason after "no"."""

    verb: Verb
    number: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reply says. Without `is_clear` its decisions are only what could be read, and count for nothing.

    Of a clear reply no number has two decisions, and a decision about a number goes before one about all.
    """

    decisions: tuple[Decision, ...] = ()
    is_clear: bool = True

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing at all: thanks, a greeting, a quotation."""
        return self.is_clear and not self.decisions

    def in_words(self, locale: str) -> str:
        """Return the decisions as they can be written in a language: `yes 1 3, no 2`."""
        words = DECISIONS.of(locale)
        by_verb: dict[Verb, list[str]] = {}
        for one in self.decisions:
            by_verb.setdefault(one.verb, []).append(words.everything[0] if one.number is None else str(one.number))
        return ", ".join(f"{getattr(words, verb.value)[0]} {' '.join(numbers)}" for verb, numbers in by_verb.items())


class Choice(StrEnum):
    """What a learner chooses by a message of one of a few words."""

    NO_NUDGES = "no_nudges"
    NO_QUOTES = "no_quotes"
    QUOTES = "quotes"
    NO_PAIRS = "no_pairs"
    STOP = "stop"
    START_AGAIN = "start_again"
    NOT_NOW = "not_now"


REFUSALS = frozenset({Choice.NO_NUDGES, Choice.NO_QUOTES, Choice.NO_PAIRS, Choice.STOP})


def read_decisions(raw: str, names: Collection[str] = ()) -> Reading:
    """Return what an LCM decides in a reply.

    Args:
        raw: its Markdown.
        names: of the person who wrote it, who may sign with them.

    """
    text = own_words(raw)
    if len(text) > LONGEST:
        return Reading(is_clear=False)
    found: list[Decision] = []
    is_clear = True
    for line in text.split("\n"):
        if is_courtesy(line, names):
            continue
        decisions, whole = _read_line(_bare(line))
        found += decisions
        is_clear = is_clear and whole
    numbers = [one.number for one in found]
    said = {(one.number, one.verb) for one in found}
    agrees = len({number for number, _ in said}) == len(said) and len(numbers) <= MOST_NUMBERS
    unique = {one.number: one for one in found}
    in_order = sorted(unique.values(), key=lambda one: one.number is None)
    return Reading(tuple(in_order), is_clear and agrees)


def read_choice(raw: str, names: Collection[str] = ()) -> tuple[Choice, str] | None:
    """Return what a learner chooses with a message, and in which language; None where it is anything else.

    The whole message must be one of the phrases, whatever its case, accents and marks at its end. In a language of its
    own the phrase says which one; a phrase of several languages gives "".
    """
    lines = [line for line in own_words(raw).split("\n") if not is_courtesy(line, names)]
    if len(lines) != 1:
        return None
    phrase = _without_polite_end(_plain(_bare(lines[0])))
    found = _choices().get(phrase) or _choices().get(_without_polite_beginning(phrase))
    if not found or len({choice for choice, _ in found}) > 1:
        return None
    codes = [code for _, code in found]
    return found[0][0], codes[0] if len(codes) == 1 else ""


def read_solved(raw: str, names: Collection[str]) -> tuple[int, ...] | None:
    """Return which lines of a message of blockers a reply calls solved, by their numbers: () where it names none.

    `EVERYTHING` alone stands for all of them. None where the reply says anything else.
    """
    lines = [line for line in own_words(raw).split("\n") if not is_courtesy(line, names)]
    if len(lines) != 1:
        return None
    said = _without_polite_end(_plain(_bare(lines[0])))
    phrase = next((one for one in sorted(_words("solved"), key=len, reverse=True) if said.startswith(one)), None)
    if phrase is None:
        return None
    rest = list(TOKEN.finditer(said.removeprefix(phrase)))
    if not rest:
        return ()
    numbers, at = _targets_at(rest, 0)
    if not said.removeprefix(phrase).startswith(" ") or at < len(rest) or not numbers:
        return None
    return (EVERYTHING,) if None in numbers else tuple(number for number in numbers if number is not None)


def own_words(raw: str) -> str:
    """Return what a person wrote in a reply: without what it quotes, and without what mail programs put under it."""
    text = raw.replace("\r\n", "\n").replace("\u00a0", " ").replace("\u202f", " ")
    while (shorter := QUOTED.sub("\n", text)) != text:
        text = shorter
    kept = []
    for line in ELIDED.sub("\n", text).split("\n"):
        if _ends_the_mail(line):
            break
        if line.strip() and not line.lstrip().startswith(">"):
            kept.append(line.strip())
    return "\n".join(kept)


def is_courtesy(line: str, names: Collection[str] = ()) -> bool:
    """Whether a line is only thanks, a greeting, or the name of the person who wrote it."""
    own = {folded(name).strip() for name in names} | {folded(name).partition(" ")[0] for name in names}
    return _plain(line) in own or read_answer(line, names) is Said.NOTHING


def digest_of(raw: str) -> str:
    """Return what tells the text of a post from another one, whatever its line ends."""
    return hashlib.sha256(" ".join(raw.split()).encode()).hexdigest()


def _ends_the_mail(line: str) -> bool:
    plain = _plain(line)
    if RULE.fullmatch(line):
        return True
    words = DECISIONS.all().values()
    begins = any(plain.startswith(beginning) for one in words for beginning in one.signatures)
    quotes = line.rstrip().endswith(":") and any(plain.endswith(end) for one in words for end in one.wrote)
    return begins or quotes


def _without_polite_end(phrase: str) -> str:
    for polite in sorted(_words("polite"), key=len, reverse=True):
        if phrase.endswith(f" {polite}"):
            return _plain(phrase.removesuffix(polite))
    return phrase


def _without_polite_beginning(phrase: str) -> str:
    for polite in sorted(_words("polite"), key=len, reverse=True):
        if phrase.startswith((f"{polite} ", f"{polite}, ")):
            return phrase.removeprefix(polite).lstrip(", ")
    return phrase


def _bare(line: str) -> str:
    """Return a line without quotation marks and emphasis around the whole of it, and with its last marks."""
    whole = line.strip()
    end = len(whole.rstrip(".!, "))
    first, last = AROUND.match(whole), AROUND.search(whole[:end][::-1])
    return whole[first.end() : end - last.end()] if first and last and not last.start() else whole


def _plain(line: str) -> str:
    """Return a line in small letters, without accents, marks at its end and further blanks."""
    return " ".join(folded(line).split()).rstrip(".!:, ").strip()


def _read_line(line: str) -> tuple[list[Decision], bool]:
    """Return the decisions of a line, and whether there is nothing else in it."""
    tokens = list(TOKEN.finditer(line))
    found: list[Decision] = []
    at = 0
    while at < len(tokens):
        if tokens[at][0] in SEPARATORS:
            at += 1
            continue
        if found and _plain(line[tokens[at].start() :]) in _words("polite"):
            return found, True
        verb, at = _verb_at(tokens, at)
        if verb is None:
            return found, False
        numbers, at = _targets_at(tokens, at)
        if not numbers:
            return found, False
        if at < len(tokens) and tokens[at][0] == ":":
            reason = line[tokens[at].end() :].strip()[:REASON_LONGEST]
            if verb is not Verb.NO or not reason or _decides(reason):
                return [*found, *(Decision(verb, number) for number in numbers)], False
            return [*found, *(Decision(verb, number, reason) for number in numbers)], True
        found += [Decision(verb, number) for number in numbers]
    return found, True


def _verb_at(tokens: Sequence[re.Match[str]], at: int) -> tuple[Verb | None, int]:
    for length in (2, 1):
        words = tuple(folded(token[0]) for token in tokens[at : at + length])
        if len(words) == length and words in _verbs():
            return _verbs()[words], at + length
    return None, at


def _targets_at(tokens: Sequence[re.Match[str]], at: int) -> tuple[list[int | None], int]:
    """Return the numbers that follow a verb, [None] for all of them, and where they end."""
    if at < len(tokens) and folded(tokens[at][0]) in _words("everything"):
        return [None], at + 1
    found: list[int | None] = []
    end = at
    while at < len(tokens):
        word = folded(tokens[at][0])
        if NUMBER.fullmatch(word):
            found.append(int(word))
            end = at + 1
        elif not found or not (word == "," or word in _words("and_words")):
            break
        at += 1
    return found, end


def _decides(reason: str) -> bool:
    """Whether a reason holds what could be meant as another decision: then nobody knows where the reason ends."""
    tokens = list(TOKEN.finditer(reason))
    for at in range(len(tokens)):
        verb, after = _verb_at(tokens, at)
        if verb is not None and _targets_at(tokens, after)[0]:
            return True
    return False


@cache
def _verbs() -> Mapping[tuple[str, ...], Verb]:
    return {
        tuple(folded(phrase).split()): verb
        for words in DECISIONS.all().values()
        for verb, phrases in (
            (Verb.YES, words.yes),
            (Verb.NO, words.no),
            (Verb.LATER, words.later),
            (Verb.DONE, words.done),
        )
        for phrase in phrases
    }


@cache
def _words(name: str) -> frozenset[str]:
    return frozenset(folded(word) for words in DECISIONS.all().values() for word in getattr(words, name))


@cache
def _choices() -> Mapping[str, Sequence[tuple[Choice, str]]]:
    found: dict[str, list[tuple[Choice, str]]] = {}
    for phrase, choice, code in _phrases():
        found.setdefault(phrase, []).append((choice, code))
    return found


def _phrases() -> Iterator[tuple[str, Choice, str]]:
    for code, words in CHOICES.all().items():
        for choice in Choice:
            yield from ((_plain(phrase), choice, code) for phrase in getattr(words, choice.value))
