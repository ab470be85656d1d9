"""Reads the answer to "may I show your post?": yes, no, nothing to the matter, or unclear.

A yes is built, not found: the whole answer must be made of phrases of one language's closed list (see
`answer_words_en.py`) and the names of the people concerned, with nothing left over. A condition, a question, a doubt or
a word that we do not know is left over, and makes the answer unclear: for the LCM to read. No list of warning signs can
be too short, because there is none on the way to a yes.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, NavigableString, Tag

from sync_worker.activity.answer_words import AnswerWords, phrases
from sync_worker.activity.answer_words_en import ENGLISH_ANSWERS
from sync_worker.activity.answer_words_fr import FRENCH_ANSWERS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

LANGUAGES: Mapping[str, AnswerWords] = {"en": ENGLISH_ANSWERS, "fr": FRENCH_ANSWERS}
LONGEST = 400  # characters; a plain answer is shorter
WORDS_ONLY = frozenset({"html", "body", "p", "br", "strong", "b", "em", "i"})
ORNAMENTS = {"+1", "thumbsup", "slight_smile", "smile", "smiley", "grinning", "blush", "pray", "heart"}
ORNAMENT = "\U0001f642"
ORNAMENT_SIGNS = re.compile("[\U0001f44d\U0001f642\U0001f60a\U0001f600\U0001f603\U0001f604\U0001f64f\u2764\ufe0f]")
BREAK = re.compile(r"[.,;:!\n]+|(?<!\w)-+(?!\w)|[–—]")
WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*'?")


class Said(StrEnum):
    """What an answer says; `NOTHING` where it is thanks, a greeting, or empty."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    NOTHING = "nothing"


class _Kind(StrEnum):
    YES = "yes"
    ASSENT = "assent"
    COURTESY = "courtesy"
    NAME = "name"
    EITHER = "either"  # a yes, or the name of somebody who is called so


def read_post(cooked: str, names: Collection[str] = ()) -> Said:
    """Return what a post says; anything in it beside plain words (quotes, code, links, pictures, lists) is unclear.

    Args:
        cooked: the post's HTML, as Discourse gives it.
        names: of the author and of those who ask, as they may stand in a greeting or under the answer.

    """
    text = _words_of(cooked)
    return Said.UNCLEAR if text is None else read_answer(text, names)


def read_answer(text: str, names: Collection[str] = ()) -> Said:
    """Return what an answer says, given as plain text. Every language is tried; where two disagree it is unclear."""
    clauses = _clauses(text)
    if clauses is None:
        return Said.UNCLEAR
    if not clauses:
        return Said.NOTHING
    found = {_in_language(_grammar(code), clauses, names) for code in LANGUAGES} - {Said.UNCLEAR}
    return found.pop() if len(found) == 1 else Said.UNCLEAR


def _words_of(cooked: str) -> str | None:
    """Return a post's text, None where it holds more than words."""
    soup = BeautifulSoup(cooked, "lxml")
    pieces: list[str] = []
    for node in soup.descendants:
        if isinstance(node, Tag):
            if node.name == "img" and "emoji" in (node.get("class") or []):
                if str(node.get("title") or "").strip(":").split(":")[0] not in ORNAMENTS:
                    return None
                pieces.append(ORNAMENT)
            elif node.name not in WORDS_ONLY and not _is_mention(node):
                return None
            pieces.append("\n" if node.name in ("p", "br") else "")
        elif type(node) is NavigableString:
            pieces.append(node.lstrip("@") if node.parent is not None and _is_mention(node.parent) else str(node))
        else:
            return None  # a comment or the like
    return "".join(pieces)


def _is_mention(node: Tag) -> bool:
    return node.name in ("a", "span") and node.get("class") == ["mention"]


def _clauses(text: str) -> list[list[str]] | None:
    """Return the words clause by clause; None where there is anything but words and the marks between them."""
    bare = ORNAMENT_SIGNS.sub(" ", text)
    plain = _folded(bare)
    if len(plain) > LONGEST or ".." in plain or (not plain.strip() and text.strip()):
        return None
    clauses = []
    for piece in BREAK.split(plain):
        words = piece.split()
        if not all(WORD.fullmatch(word) for word in words):
            return None
        if words:
            clauses.append(words)
    return clauses


def _folded(text: str) -> str:
    """Return a text in small letters without accents, with plain apostrophes; line ends stay."""
    apostrophes = re.sub("[\u2019\u02bc\u2018\u00b4`]", "'", text)
    letters = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", apostrophes).casefold())
    return "".join(letter for letter in letters if unicodedata.category(letter) != "Mn")


@cache
def _grammar(code: str) -> _Grammar:
    return _Grammar(LANGUAGES[code])


@dataclass(frozen=True)
class _Grammar:
    """A language's lists, ready to compare."""

    words: AnswerWords

    @cached_property
    def plain(self) -> Mapping[tuple[str, ...], _Kind]:
        """Every phrase that a yes may be made of; what is a yes and a courtesy both is a courtesy."""
        kinds = (
            (_Kind.YES, self.words.yes),
            (_Kind.ASSENT, self.words.assent),
            (_Kind.COURTESY, self.words.courtesy),
        )
        return {tuple(_folded(phrase).split()): kind for kind, lines in kinds for phrase in phrases(lines)}

    @cached_property
    def no(self) -> frozenset[tuple[str, ...]]:
        """Every clause that is a no."""
        return frozenset(tuple(_folded(phrase).split()) for phrase in phrases(self.words.no))

    @cached_property
    def refusals(self) -> frozenset[tuple[str, ...]]:
        """Every beginning of a clause that is a no."""
        return frozenset(tuple(_folded(phrase).split()) for phrase in phrases(self.words.refusals))

    @cached_property
    def hedges(self) -> frozenset[str]:
        """Words that make a no less than plain."""
        return frozenset(_folded(self.words.hedges).split())

    @cached_property
    def never_names(self) -> frozenset[str]:
        """Words that are never read as a name, even where a person is called so."""
        return frozenset(_folded(self.words.never_names).split())


def _hedges() -> frozenset[str]:
    """Return the hedges of all languages: people mix them."""
    return frozenset().union(*(_grammar(code).hedges for code in LANGUAGES))


@cache
def _negative() -> frozenset[str]:
    """Return the words that no name may be taken for."""
    grammars = [_grammar(code) for code in LANGUAGES]
    clauses = (clause for grammar in grammars for clause in (*grammar.no, *grammar.refusals))
    return _hedges().union(*(grammar.never_names for grammar in grammars), *clauses)


def _known(grammar: _Grammar, names: Collection[str]) -> dict[tuple[str, ...], _Kind]:
    """Return what a clause may be made of; a word that says yes says nothing sure where somebody is called so."""
    known = {**dict.fromkeys(_name_phrases(names), _Kind.NAME), **grammar.plain}
    called = ((part,) for name in names for part in _parts_of(name))
    return known | {part: _Kind.EITHER for part in called if known.get(part) in (_Kind.YES, _Kind.ASSENT)}


def _in_language(grammar: _Grammar, clauses: Sequence[Sequence[str]], names: Collection[str]) -> Said:
    known = _known(grammar, names)
    parts: list[tuple[_Kind, tuple[str, ...]]] = []
    for clause in clauses:
        split = _split(tuple(clause), known)
        if split is None:
            return Said.NO if _is_no(grammar, clauses) else Said.UNCLEAR
        parts += split
    said = [phrase for kind, phrase in parts if kind in (_Kind.YES, _Kind.ASSENT)]
    if len(set(said)) < len(said):
        return Said.UNCLEAR  # "yeah, yeah"
    return _together([kind for kind, _ in parts])


def _together(kinds: Sequence[_Kind]) -> Said:
    """Return what known phrases say together; one assent may be a yes, but not beside thanks, nor "okay, fine"."""
    if _Kind.YES in kinds:
        return Said.YES
    if kinds.count(_Kind.ASSENT) == 1 and not {_Kind.COURTESY, _Kind.EITHER} & set(kinds):
        return Said.YES
    return Said.NOTHING if _Kind.COURTESY in kinds and not {_Kind.ASSENT, _Kind.EITHER} & set(kinds) else Said.UNCLEAR


def _is_no(grammar: _Grammar, clauses: Sequence[Sequence[str]]) -> bool:
    """Whether some clause is a no, and no word anywhere takes anything of it back."""
    hedges = _hedges()
    if any(word in hedges for clause in clauses for word in clause):
        return False
    return any(
        tuple(clause) in grammar.no
        or any(tuple(clause[: len(beginning)]) == beginning for beginning in grammar.refusals)
        for clause in clauses
    )


def _split(
    words: tuple[str, ...], known: Mapping[tuple[str, ...], _Kind]
) -> list[tuple[_Kind, tuple[str, ...]]] | None:
    """Return the words as a row of known phrases, the longest first; None where a word is left over."""
    if not words:
        return []
    for length in range(len(words), 0, -1):
        kind = known.get(words[:length])
        if kind is not None and (rest := _split(words[length:], known)) is not None:
            return [(kind, words[:length]), *rest]
    return None


def _name_phrases(names: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Yield each name whole and in parts, unless it could be taken for a word that matters."""
    negative = _negative()
    for name in names:
        parts = _parts_of(name)
        usable = [part for part in parts if len(part) > 1 and part not in negative]
        yield from ((part,) for part in usable)
        if len(usable) == len(parts) and parts:
            yield tuple(parts)


def _parts_of(name: str) -> list[str]:
    return re.findall(r"[a-z]+(?:-[a-z]+)*", _folded(name))
