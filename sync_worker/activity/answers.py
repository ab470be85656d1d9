"""Reads the answer to "may I show your post?": yes, no, unclear, or nothing about the question.

The whole answer must consist of phrases of one language's closed list (`ANSWERS` in `languages/*/phrases.py`) and of
the names of the people concerned. If any other word is left over (a condition, a question, a doubt, a word that we do
not know), the answer is unclear and the LCM reads it. A yes therefore does not depend on a list of warning signs, which
could be too short.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, NavigableString, Tag

from sync_worker.languages.parts import ANSWERS
from sync_worker.languages.words import phrases

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sync_worker.languages.words import AnswerWords

LANGUAGES: Mapping[str, AnswerWords] = ANSWERS.all()
LONGEST = 400  # characters; a plain answer is shorter
WORDS_ONLY = frozenset({"html", "body", "p", "br", "strong", "b", "em", "i"})
ORNAMENTS = {"+1", "thumbsup", "slight_smile", "smile", "smiley", "grinning", "blush", "pray", "heart"}
ORNAMENT = "\U0001f642"
ORNAMENT_SIGNS = re.compile("[\U0001f44d\U0001f642\U0001f60a\U0001f600\U0001f603\U0001f604\U0001f64f\u2764\ufe0f]")
BREAK = re.compile(r"[.,;:!\n]+|(?<!\w)-+(?!\w)|[–—]")
WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*'?")


class Said(StrEnum):
    """What an answer says; `NOTHING` where it is only thanks or a greeting, or empty.

    `FRIENDLY` is an answer such as "OK, thanks" or "No problem": it may be a yes, or only the reply to thanks.
    """

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    FRIENDLY = "friendly"
    NOTHING = "nothing"


class _Kind(StrEnum):
    YES = "yes"
    ASSENT = "assent"
    PRAISE = "praise"
    COURTESY = "courtesy"
    GREETING = "greeting"
    NAME = "name"
    EITHER = "either"  # a yes, or the name of a person


_AGREES = (_Kind.YES, _Kind.ASSENT)
_FRIENDLY = {_Kind.ASSENT, _Kind.PRAISE, _Kind.COURTESY, _Kind.GREETING, _Kind.NAME}
_Part = tuple[_Kind, tuple[str, ...]]  # a known phrase, word by word


def read_post(cooked: str, names: Collection[str] = ()) -> Said:
    """Return what a post says; it is unclear if it holds more than plain words: quotes, code, links, pictures, lists.

    Args:
        cooked: the post's HTML, as Discourse gives it.
        names: the names of the author and of the people who ask, as an answer may greet or sign with them.

    """
    text = _words_of(cooked)
    return Said.UNCLEAR if text is None else read_answer(text, names)


def read_answer(text: str, names: Collection[str] = ()) -> Said:
    """Return what an answer in plain text says. Every language is tried; if two languages disagree, it is unclear."""
    clauses = _clauses(text)
    if clauses is None:
        return Said.UNCLEAR
    if not clauses:
        return Said.NOTHING
    found = {_in_language(_grammar(code), clauses, names) for code in LANGUAGES} - {Said.UNCLEAR}
    return found.pop() if len(found) == 1 else Said.UNCLEAR


def _words_of(cooked: str) -> str | None:
    """Return a post's text, None where it holds more than words."""
    soup = BeautifulSoup(cooked, "html.parser")
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
    """Return the words clause by clause; None where the text holds more than words and the marks between them."""
    bare = ORNAMENT_SIGNS.sub(" ", text)
    plain = folded(bare)
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


def folded(text: str) -> str:
    """Return a text in small letters without accents, with plain apostrophes; line ends stay.

    A mark that no letter has as its accent stays as well: such marks can strike letters out.
    """
    apostrophes = re.sub("[\u2019\u02bc\u2018\u00b4`]", "'", text)
    letters = unicodedata.normalize("NFKC", apostrophes).casefold()
    return "".join(_without_accent(letter) for letter in unicodedata.normalize("NFC", letters))


def _without_accent(letter: str) -> str:
    parts = unicodedata.normalize("NFD", letter)
    return parts[0] + "".join(part for part in parts[1:] if unicodedata.category(part) != "Mn")


@cache
def _grammar(code: str) -> _Grammar:
    return _Grammar(LANGUAGES[code])


@dataclass(frozen=True)
class _Grammar:
    """A language's lists, ready to compare."""

    words: AnswerWords

    @cached_property
    def plain(self) -> Mapping[tuple[str, ...], _Kind]:
        """Every phrase that may stand in a yes; a phrase that is in two lists counts as in the later one."""
        kinds = (
            (_Kind.YES, self.words.yes),
            (_Kind.ASSENT, self.words.assent),
            (_Kind.PRAISE, self.words.praise),
            (_Kind.COURTESY, self.words.courtesy),
            (_Kind.GREETING, self.words.greetings),
        )
        return {tuple(folded(phrase).split()): kind for kind, lines in kinds for phrase in phrases(lines)}

    @cached_property
    def no(self) -> frozenset[tuple[str, ...]]:
        """Every clause that is a no."""
        return frozenset(tuple(folded(phrase).split()) for phrase in phrases(self.words.no))

    @cached_property
    def refusals(self) -> frozenset[tuple[str, ...]]:
        """Every beginning of a clause that is a no."""
        return frozenset(tuple(folded(phrase).split()) for phrase in phrases(self.words.refusals))

    @cached_property
    def hedges(self) -> frozenset[str]:
        """Words that make a no doubtful."""
        return frozenset(folded(self.words.hedges).split())

    @cached_property
    def never_names(self) -> frozenset[str]:
        """Words that are never read as a name, even if a person has that name."""
        return frozenset(folded(self.words.never_names).split())


def _hedges() -> frozenset[str]:
    """Return the hedges of all languages: people mix them."""
    return frozenset().union(*(_grammar(code).hedges for code in LANGUAGES))


@cache
def _negative() -> frozenset[str]:
    """Return the words that are never read as a name, in any language."""
    grammars = [_grammar(code) for code in LANGUAGES]
    clauses = (clause for grammar in grammars for clause in (*grammar.no, *grammar.refusals))
    return _hedges().union(*(grammar.never_names for grammar in grammars), *clauses)


def _known(grammar: _Grammar, names: Collection[str]) -> dict[tuple[str, ...], _Kind]:
    """Return the phrases of which a clause may consist; a word that says yes and is also a name is uncertain."""
    known = {**dict.fromkeys(_name_phrases(names), _Kind.NAME), **grammar.plain}
    called = ((part,) for name in names for part in _parts_of(name))
    return known | {part: _Kind.EITHER for part in called if known.get(part) in _AGREES}


def _in_language(grammar: _Grammar, clauses: Sequence[Sequence[str]], names: Collection[str]) -> Said:
    known = _known(grammar, names)
    splits = [_split(tuple(clause), known) for clause in clauses]
    parts = [part for split in splits if split is not None for part in split]
    said = [(at, phrase) for at, (kind, phrase) in enumerate(parts) if kind in _AGREES]
    if None in splits:
        return Said.NO if not said and _is_no(grammar, clauses) else Said.UNCLEAR
    if _is_repeated([phrase for _, phrase in said]):
        return Said.UNCLEAR
    if said and any(kind is _Kind.GREETING for kind, _ in parts[said[0][0] :]):
        return Said.UNCLEAR
    return _together([kind for kind, _ in parts])


def _is_repeated(said: Sequence[tuple[str, ...]]) -> bool:
    """Whether a yes comes twice, alone or within another one ("yes, yes please"): that is often mockery."""
    texts = [f" {' '.join(phrase)} " for phrase in said]
    return any(one in other for at, one in enumerate(texts) for other in (*texts[:at], *texts[at + 1 :]))


def _together(kinds: Sequence[_Kind]) -> Said:
    """Return what known phrases say together; one assent may be a yes, but not beside thanks, nor "okay, fine"."""
    if _Kind.YES in kinds:
        return Said.YES
    found = set(kinds)
    if not found & {*_AGREES, _Kind.PRAISE, _Kind.EITHER} and found & {_Kind.COURTESY, _Kind.GREETING}:
        return Said.NOTHING
    if kinds.count(_Kind.ASSENT) == 1 and found <= {_Kind.ASSENT, _Kind.NAME}:
        return Said.YES
    return Said.FRIENDLY if found <= _FRIENDLY and found != {_Kind.NAME} else Said.UNCLEAR


def _is_no(grammar: _Grammar, clauses: Sequence[Sequence[str]]) -> bool:
    """Whether a clause says no, and no word of the answer makes it doubtful."""
    hedges = _hedges()
    if any(word in hedges for clause in clauses for word in clause):
        return False
    return any(
        tuple(clause) in grammar.no
        or any(tuple(clause[: len(beginning)]) == beginning for beginning in grammar.refusals)
        for clause in clauses
    )


def _split(words: tuple[str, ...], known: Mapping[tuple[str, ...], _Kind]) -> list[_Part] | None:
    """Return the words as a row of known phrases, at each word the longest that fits; None where a word is left over.

    The rows are found from the end, each once: time grows with the number of words, not with the ways to split them.
    """
    longest = max(map(len, known), default=0)
    lengths: dict[int, int] = {len(words): 0}  # where a row begins, and how long its first phrase is
    for start in range(len(words) - 1, -1, -1):
        for length in range(min(longest, len(words) - start), 0, -1):
            if start + length in lengths and words[start : start + length] in known:
                lengths[start] = length
                break
    if 0 not in lengths:
        return None
    row, start = [], 0
    while start < len(words):
        phrase = words[start : start + lengths[start]]
        row.append((known[phrase], phrase))
        start += len(phrase)
    return row


def _name_phrases(names: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Yield each name, whole and in parts, without the words that are never read as a name."""
    negative = _negative()
    for name in names:
        parts = _parts_of(name)
        usable = [part for part in parts if len(part) > 1 and part not in negative]
        yield from ((part,) for part in usable)
        if len(usable) == len(parts) and parts:
            yield tuple(parts)


def _parts_of(name: str) -> list[str]:
    return re.findall(r"[a-z]+(?:-[a-z]+)*", folded(name))
