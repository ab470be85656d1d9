"""What a reply says about a success case study: the two answers, what somebody allows, what an LCM notes.

Three closed grammars, over the words of all languages; nothing is guessed:

    answer  = [option | digit], [the rest: what came of it]          the digit counts from 1 and has a mark behind it
    consent = line, {line}             each one of those that the invitation shows, or plain yes or no, or courtesy
    notes   = line, {line}           kind, ":", [factor, mark], text; a line without a kind goes on with the one above
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from sync_worker.activity.answers import Said, folded, read_answer
from sync_worker.activity.replies import is_courtesy, own_words, read_choice
from sync_worker.languages.language import shortened
from sync_worker.languages.parts import CASES
from sync_worker.model import Allowed, CaseNote, NoteKind

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

WORDS_LONGEST, NOTE_LONGEST, MOST_NOTES = 600, 500, 40
FIRST_CLAUSE = re.compile(r"[.,;:!?…\n(–—]|\s-\s")
DIGIT = re.compile(r"\s*([1-9])(?:[.,;:)](?=\s|$)|\s+[–—-](?=\s)|\s*$)")
AFTER_FACTOR = re.compile(r"\s*[,:;]\s*|\s+[–—-]\s+")
ENDS_A_LINE = re.compile(r"[\n;.]+")
LETTER = re.compile(r"[^\W_]")


# The two answers.


@dataclass(frozen=True, slots=True)
class Answered:
    """What a reply says: the place of the option, None for none, and what came of it, "" for nothing."""

    used: int | None
    words: str


def answer_in(raw: str, names: Collection[str] = ()) -> Answered:
    """Return what a reply says; a choice ("no nudges") and mere courtesy say neither.

    Args:
        raw: its Markdown.
        names: of its writer, who may sign with them.

    """
    text = own_words(raw)
    if read_choice(raw, tuple(names)) is not None:
        return Answered(None, "")
    used, rest = _level(text)
    lines = [line for line in rest.split("\n") if LETTER.search(line) and not is_courtesy(line, names)]
    return Answered(used, shortened(" ".join(line.strip() for line in lines).strip(), WORDS_LONGEST))


def _level(text: str) -> tuple[int | None, str]:
    """Return the option with which a reply begins, and the rest of it."""
    digit = DIGIT.match(text)
    if digit is not None:
        place = int(digit[1]) - 1
        return (place, text[digit.end() :]) if place < len(CASES.of("en").options) else (None, text)
    mark = FIRST_CLAUSE.search(text)
    first, rest = (text[: mark.start()], text[mark.end() :]) if mark else (text, "")
    used = _levels().get(_key(first))
    return (used, rest) if used is not None else (None, text)


@cache
def _levels() -> dict[str, int]:
    """Return the place of each phrase that says how much somebody used it, in any language."""
    return {
        _key(phrase): place
        for words in CASES.all().values()
        for place, (option, more) in enumerate(zip(words.options, words.levels, strict=True))
        for phrase in (option, *more)
    }


# What somebody allows who was chosen.


@dataclass(frozen=True, slots=True)
class Consents:
    """What a reply to the invitation allows or refuses; where it says anything else too, only its refusals count."""

    said: Mapping[Allowed, bool]
    is_clear: bool = True


def consents_in(raw: str, names: Collection[str] = ()) -> Consents:
    """Return what a reply to the invitation says; the arguments are those of `answer_in`."""
    found: dict[Allowed, bool] = {}
    rest = []
    for line in ENDS_A_LINE.split(own_words(raw)):
        known = _consents().get(_key(line))
        if known is not None:
            what, yes = known
            found[what] = yes and found.get(what, True)
        elif LETTER.search(line) and not is_courtesy(line, names):
            rest.append(line)
    plain = read_answer("\n".join(rest), tuple(names)) if rest else Said.NOTHING
    if plain is Said.NO:
        found[Allowed.TALK] = False
    elif plain is Said.YES:
        found.setdefault(Allowed.TALK, True)
    is_clear = plain in (Said.NOTHING, Said.YES, Said.NO)
    return Consents({what: yes for what, yes in found.items() if is_clear or not yes}, is_clear)


@cache
def _consents() -> dict[str, tuple[Allowed, bool]]:
    return {
        _key(phrase): (Allowed(name), place == 0)
        for words in CASES.all().values()
        for name, options in words.consents.items()
        for place, phrase in enumerate(options)
    }


def touched_in(raw: str) -> set[Allowed]:
    """Return what a text that is no plain answer may take back, by the words in it."""
    words = set(_key(own_words(raw)).split())
    found = {
        Allowed(name)
        for language in CASES.all().values()
        for name, listed in language.doubts.items()
        if words.intersection(map(_key, listed))
    }
    return set(Allowed) if Allowed.TALK in found else found


# What an LCM notes of a conversation.


def notes_in(raw: str) -> list[CaseNote]:
    """Return the notes in a text, in order; what stands before the first line with a kind is none."""
    found: list[CaseNote] = []
    for line in own_words(raw).split("\n"):
        kind, text = _kind(line)
        if kind is not None:
            factor, text = _factor(text) if kind in (NoteKind.HELPED, NoteKind.HINDERED) else ("", text)
            found.append(CaseNote(kind, text, factor))
        elif found and LETTER.search(line) and not is_courtesy(line):
            last = found[-1]
            found[-1] = CaseNote(last.kind, f"{last.text} {line.strip()}".strip(), last.factor)
    whole = [CaseNote(one.kind, shortened(one.text, NOTE_LONGEST), one.factor) for one in found]
    return [one for one in whole if one.text or one.factor][:MOST_NOTES]


def _kind(line: str) -> tuple[NoteKind | None, str]:
    head, colon, text = line.partition(":")
    kind = _kinds().get(_key(head)) if colon else None
    return kind, text.strip().strip("*_").strip()


def _factor(text: str) -> tuple[str, str]:
    """Return the lever with which a note begins, "" for none, and the rest; the whole text where there is no rest."""
    mark = AFTER_FACTOR.search(text)
    head = text[: mark.start()] if mark else text
    factor = _factors().get(_key(head), "")
    rest = text[mark.end() :] if mark else ""
    return (factor, rest.strip()) if factor else ("", text)


@cache
def _kinds() -> dict[str, NoteKind]:
    return {
        _key(word): NoteKind(kind)
        for words in CASES.all().values()
        for kind, listed in words.notes.items()
        for word in listed
    }


@cache
def _factors() -> dict[str, str]:
    return {
        _key(word): lever
        for words in CASES.all().values()
        for lever, listed in words.factors.items()
        for word in listed
    }


def _key(phrase: str) -> str:
    """Return what is compared of a phrase: its letters, without accents, whatever its case and marks."""
    return " ".join(re.findall(r"[^\W_]+", folded(phrase)))
