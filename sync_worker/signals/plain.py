"""A post's HTML as plain sentences: what its author wrote, without code, quotes of others, images and previews."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, Tag

from sync_worker.signals.others_words import OwnWordsFilter

if TYPE_CHECKING:
    from collections.abc import Iterator

NOT_THE_AUTHORS_WORDS = (
    "pre, aside, blockquote, q, cite, table, .md-table, details, .poll, .lazyYT, .lightbox-wrapper, .onebox, .elided, "
    ".email-elided, .chat-transcript, .quote, .bbcode_quote, .quotetitle, .quotecontent, .gmail_quote, "
    ".moz-cite-prefix, .signature, .spoiler, .footnote-ref, .footnotes, img, svg, iframe, video, audio, script, style, "
    "s, del, hr, h1, h2, h3, h4, h5, h6"
)
RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
BLOCKS = ["p", "li", "dd"]
CODE = "\ue000"
LINK = "\ue001"
MENTION = "\ue002"
GAP = "\ue003"
TAKEN_OUT_OF_SENTENCES = "q, cite, span.spoiler, span.spoiled"
ADDRESS = re.compile(r"\b(?:https?:|ftp:|www\.)\S+|\S+@\S+\.\w+", re.IGNORECASE)
SPACES = re.compile(r"[^\S\u00a0\u202f]+")
SIGNATURE_LINE = re.compile(
    r"(?im)^[ \t\u00a0]*(?:--|—|__)[ \t\u00a0]*$"
    r"|^[ \t]*(?:sent from my|get outlook for|envoyé (?:de|depuis) mon|gesendet von mein|"
    r"enviado (?:desde|do) (?:mi|meu))\w*\b[^\n]{0,40}$"
    # a closing with a few short lines below it: name, position, telephone
    r"|^[ \t]*(?:(?:best|kind|warm|with kind) regards|regards|best wishes|(?:bien )?cordialement|bien à vous|cheers|"
    r"(?:mit freundlichen|viele|liebe|beste) grüße[n]?|saludos|atenciosamente)[ ,!.]*(?:\n[^\n]{0,60}){0,4}\s*\Z"
)
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f]")
BOUNDARY = re.compile(r"(?<=[.!?…])[\"”’»)]*(?:\s+|$)(?=[\"“‘«(\d]*\s*[A-ZÀ-ÖØ-Þ\d\"“«]|$)")
ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|approx|dr|mr|mrs|ms|prof|m|mme|mlle|p\. ?ex|env|av|art|no|n|st|inc|fig|ch|"
    r"min|max)\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a post; `code` is the share of its characters in code marks, `calls`: it mentions somebody."""

    text: str
    paragraph: int
    linked: bool = False
    listed: bool = False
    code: float = 0.0
    calls: bool = False

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.text.rstrip('"”’») ').endswith("?")


def squeeze(text: str) -> str:
    """Return the text with every run of spaces and line ends as one space; unbreakable spaces stay."""
    return SPACES.sub(" ", text).strip(" ")


@lru_cache(maxsize=8192)
def sentences(cooked: str) -> tuple[Sentence, ...]:
    """Return the author's own sentences in order."""
    found: list[Sentence] = []
    try:
        for number, (text, listed) in enumerate(_paragraphs(cooked)):
            found += [_sentence(piece, number, listed) for piece in _split(text)]
    except RecursionError:  # nested beyond what can be read: nothing of it is quoted, and the other posts are read
        return ()
    return tuple(sentence for sentence in found if GAP not in sentence.text and re.search(r"\w", sentence.text))


def plain_text(cooked: str) -> str:
    """Return the author's own words as one line."""
    return " ".join(sentence.text for sentence in sentences(cooked))


def _paragraphs(cooked: str) -> Iterator[tuple[str, bool]]:
    soup = BeautifulSoup(cooked, "html.parser")
    for part in soup.select(TAKEN_OUT_OF_SENTENCES):
        part.replace_with(GAP)  # a sentence without it might say something else
    for unwanted in soup.select(NOT_THE_AUTHORS_WORDS):
        unwanted.decompose()
    for raised in soup.find_all("sup"):
        raised.replace_with(_raised(raised))
    for line_break in soup.find_all("br"):
        line_break.replace_with("\n")
    for anchor in soup.select("a, span.mention, span.hashtag"):
        _flatten_link(anchor)
    for code in soup.find_all("code"):
        code.replace_with(f"{CODE}{code.get_text()}{CODE}")
    blocks = soup.find_all(BLOCKS) or ([soup])
    authors = OwnWordsFilter()
    for block in blocks:
        for inner in block.find_all(["ul", "ol", *BLOCKS]):
            inner.extract()
        text = authors.own(INVISIBLE.sub("", block.get_text()))
        signed_off = SIGNATURE_LINE.search(text)
        yield (text[: signed_off.start()] if signed_off else text), block.name not in {"p", soup.name}
        if signed_off:
            return


def _raised(sup: Tag) -> str:
    """Return a superscript as text: 10³ and not 103 or 10; the mark of a footnote says nothing."""
    text = sup.get_text().strip()
    if sup.find("a") or not text or text.startswith("["):
        return ""
    return text.translate(RAISED) if all(char in "0123456789+-n" for char in text) else text


def _flatten_link(anchor: Tag) -> None:
    text = anchor.get_text()
    classes = anchor.get("class") or []
    if "mention" in classes or "mention-group" in classes:
        anchor.replace_with(f"{MENTION}{text.lstrip('@')}")
    elif any(name.startswith("hashtag") for name in classes):
        anchor.replace_with(text.lstrip("#"))
    else:
        anchor.replace_with(f"{LINK}{text}" if text.strip() else LINK)


def _split(paragraph: str) -> Iterator[str]:
    for line in _joined_lines(paragraph):
        start = 0
        for match in BOUNDARY.finditer(line):
            piece = line[start : match.end()].strip()
            if ABBREVIATION.search(piece) and match.end() < len(line):
                continue
            if piece:
                yield piece
            start = match.end()
        if line[start:].strip():
            yield line[start:].strip()


def _joined_lines(paragraph: str) -> list[str]:
    """Return the lines as written, but join one that runs on to the next (a wrapped line, not a new thought)."""
    lines: list[str] = []
    for line in (squeeze(raw) for raw in paragraph.split("\n")):
        if not line:
            continue
        if lines and not re.search(r"[.!?…:;]$", lines[-1]) and re.match(r"[a-zà-öø-ÿ(,]", line):
            lines[-1] = f"{lines[-1]} {line}"
        else:
            lines.append(line)
    return lines


def _sentence(piece: str, paragraph: int, listed: bool) -> Sentence:
    parts = piece.split(CODE)
    coded = sum(len(part) for part in parts[1::2])
    calls = MENTION in piece or bool(re.search(r"(?<!\w)@\w", piece))
    bare = "".join(parts).replace(MENTION, "")
    text = squeeze(ADDRESS.sub("", bare.replace(LINK, "")))
    linked = LINK in bare or bool(ADDRESS.search(bare))
    return Sentence(text, paragraph, linked, listed, coded / max(len(bare), 1), calls)
