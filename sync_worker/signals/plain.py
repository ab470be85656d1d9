"""A post's HTML as plain sentences: what its author wrote, without code, images, previews or words of others.

HTML that marks somebody else's words is taken out by `plain`; here are the marks that stand in the text itself. Where a
post does not say where the other's words end, all that follows is left out: words are never attributed by a guess.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from bs4 import BeautifulSoup, Tag

if TYPE_CHECKING:
    from collections.abc import Iterator


CUT = "(…)"  # stands where a quoted text was cut
_MARK = re.compile(r"\[(/?)(quote|chat)\b[^\]\n]*\]", re.IGNORECASE)
_QUOTED_LINE = re.compile(r"(?m)^[ \t\u00a0]*>.*$")
_WROTE = (
    r"\b(?:wrote|writes|a[ \u00a0]écrit|écrivait|schrieb|escribió|escreveu|ha scritto|schreef|skrev|"
    r"napisał(?:\(a\)|a)?)[ \u00a0]*:"
)
_NOT_ME = r"(?![^\n]*\b(?:I|j['’]ai)[ \u00a0])"
_MAIL_BELOW = re.compile(
    # "Vera wrote:" as a line of its own; "On Mon, 1 March 2027 at 9:30, Vera Lindt wrote:", also wrapped or run on
    rf"(?im)^{_NOT_ME}[^\n]{{0,200}}{_WROTE}[ \t]*$"
    rf"|^(?:on|le|am)\b[^\n]{{5,200}}\n[^\n]{{0,120}}{_WROTE}[ \t]*$"
    rf"|^(?:on|le|am)\b[^\n]{{0,200}}\d[^\n]{{0,200}}{_WROTE}"
    # languages that put the name behind the verb
    r"|^(?:am|op|den)\b[^\n]{0,80}\d[^\n]{0,80}\b(?:schrieb|schreef|skrev)\b[^\n]{1,120}:"
    # Outlook and its translations: a block of headers, or the line above it
    r"|^[ \t]*-{2,}[ \t]*(?:original message|message d['’]origine|forwarded message|message transféré|"
    r"ursprüngliche nachricht|mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht)\b"
    r"|^[ \t]*_{5,}[ \t]*$"
    r"|^[ \t]*(?:from|de|von|da|van|från|fra)[ \u00a0]*:[^\n]+\n[ \t]*(?:sent|date|envoyé|gesendet|enviado(?: el| em)?|"
    r"inviato|verzonden|skickat|sendt|to|à|an|para|aan|till)[ \u00a0]*:"
    r"|^[ \t]*begin forwarded message[ \u00a0]*:|^[ \t]*début du message (?:transféré|réexpédié)[ \u00a0]*:"
)
_CLOCK = r"\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:[ \u00a0\u202f]?[ap]m)?"
_CHAT_BELOW = re.compile(
    # WhatsApp: "[01/03/2027, 09:30:12] Vera: ...", "01/03/2027, 09:30 - Vera: ..."
    rf"(?im)^\[?\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{2,4}},? {_CLOCK}(?:\]| -) ?[^\n:]{{1,60}}:"
    # a line of Teams begins with "[09:30] Vera Lindt", one of Slack with "Vera Lindt  9:30 AM", of IRC with "<vera>"
    rf"|^\[{_CLOCK}\][ \t]*[^\n:]{{2,60}}(?::|$)"
    rf"|^[^\n:.!?]{{2,60}}[ \u00a0]{{2,}}{_CLOCK}[ \t]*$"
    r"|^<[\w\[\]|^-]{1,30}>[ \t]"
)


def letters(text: str) -> str:
    """Return the letters and digits of a text, without regard to case."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", text)).casefold()


@dataclass(slots=True)
class OwnWordsFilter:
    """Takes what somebody else wrote out of a post's paragraphs, given in order; a quote may span several of them."""

    _depth: int = 0
    _over: bool = False

    @property
    def over(self) -> bool:
        """Whether everything that follows is somebody else's."""
        return self._over

    def own(self, paragraph: str) -> str:
        """Return what of a paragraph is the author's own; lines are parted by line ends."""
        if self._over:
            return ""
        text = self._without_quotes(paragraph)
        for begins in (_MAIL_BELOW, _CHAT_BELOW):
            below = begins.search(text)
            if below:
                self._over = True
                text = text[: below.start()]
        return _QUOTED_LINE.sub("", text)

    def _without_quotes(self, text: str) -> str:
        kept: list[str] = []
        start = 0
        for mark in _MARK.finditer(text):
            if self._depth == 0:
                kept.append(text[start : mark.start()])
            if not mark[1]:
                self._depth += 1
            elif self._depth:
                self._depth -= 1
            else:
                kept.clear()  # it ends here what began nobody knows where
            start = mark.end()
        if self._depth == 0:
            kept.append(text[start:])
        return "\n".join(kept)


# A post's HTML as plain sentences: what its author wrote, without code, quotes of others, images and previews.


NOT_THE_AUTHORS_WORDS = (
    "pre, aside, blockquote, q, cite, table, .md-table, details, .poll, .lazyYT, .lightbox-wrapper, .onebox, .elided, "
    ".email-elided, .chat-transcript, .quote, .bbcode_quote, .quotetitle, .quotecontent, .gmail_quote, "
    ".moz-cite-prefix, .signature, .spoiler, .footnote-ref, .footnotes, img, svg, iframe, video, audio, script, style, "
    "s, del, hr, h1, h2, h3, h4, h5, h6"
)
RAISED = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
BLOCKS = ["p", "li", "dd"]
FIRST_LINES = "p, li, dd, summary, h1, h2, h3, h4, h5, h6"
CODE = "\ue000"
LINK = "\ue001"
MENTION = "\ue002"
PAGE = "\ue004"  # before the title of a page that Discourse shows in the place of its address
GAP = "\ue003"
OTHERS_WORDS = "aside.quote, blockquote, .bbcode_quote, .gmail_quote"
ANSWERS = "data-answers"
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
GREETING = re.compile(
    r"^(?:hi|hello|hey|hiya|dear|greetings|good (?:morning|day|afternoon|evening)|bonjour|bonsoir|salut)"
    r"(?: [\w’'-]+){0,3} ?[,!:–-] +(?=[A-ZÀ-ÖØ-Þ]\S* \S+ \S+)",
    re.IGNORECASE,
)
ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|approx|dr|mr|mrs|ms|prof|m|mme|mlle|p\. ?ex|env|av|art|no|n|st|inc|fig|ch|"
    r"min|max)\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a post.

    `code` is the share of its characters in code marks; `calls`: it mentions somebody; `cut`: an address was taken out
    of its middle, so that it does not read as it was written; `leads`: it begins its paragraph; `answers`: its
    paragraph stands right below words of somebody else; `titled`: a page's title stands in it for an address.
    """

    text: str
    paragraph: int
    linked: bool = False
    listed: bool = False
    code: float = 0.0
    calls: bool = False
    cut: bool = False
    leads: bool = False
    answers: bool = False
    titled: bool = False

    @property
    def asks(self) -> bool:
        """Whether it is a question."""
        return self.text.rstrip('"”’») ').endswith("?")


@dataclass(frozen=True, slots=True)
class Contents:
    """What there is in a post: how many words of its author's own, pictures, videos, pieces of code, and links."""

    words: int = 0
    pictures: int = 0
    videos: int = 0
    code: int = 0
    links: int = 0

    @property
    def shows(self) -> bool:
        """Whether it shows something beside words."""
        return bool(self.pictures or self.videos or self.code)


PREVIEWS = "aside.onebox:not(.youtube-onebox), .onebox:not(.youtube-onebox)"
PICTURES = "img:not(.emoji):not(.avatar):not(.site-icon):not(.thumbnail)"
VIDEOS = "iframe, video, .lazyYT, .lazy-video-container, .youtube-onebox"


@lru_cache(maxsize=8192)
def contents(cooked: str) -> Contents:
    """Return what there is in a post, beside what it quotes."""
    soup = BeautifulSoup(cooked, "html.parser")
    for others in soup.select(OTHERS_WORDS):
        others.decompose()
    previews = soup.select(PREVIEWS)
    for preview in previews:
        preview.decompose()
    links = len(previews) + len(soup.find_all("a", href=True))
    code = sum("\n" in piece.get_text().strip() for piece in soup.select("pre"))  # a title is set off like this as well
    found = (len(soup.select(PICTURES)), len(soup.select(VIDEOS)), code)
    return Contents(len(plain_text(cooked).split()), *found, links)


def squeeze(text: str) -> str:
    """Return the text with every run of spaces and line ends as one space; unbreakable spaces stay."""
    return SPACES.sub(" ", text).strip(" ")


@lru_cache(maxsize=8192)
def sentences(cooked: str) -> tuple[Sentence, ...]:
    """Return the author's own sentences in order."""
    found: list[Sentence] = []
    try:
        for number, block in enumerate(_paragraphs(cooked)):
            found += [_sentence(piece, number, block, leads=not at) for at, piece in enumerate(_split(block.text))]
    except RecursionError:  # nested beyond what can be read: nothing of it is quoted, and the other posts are read
        return ()
    return tuple(sentence for sentence in found if GAP not in sentence.text and re.search(r"\w", sentence.text))


def plain_text(cooked: str) -> str:
    """Return the author's own words as one line."""
    return " ".join(sentence.text for sentence in sentences(cooked))


@lru_cache(maxsize=8192)
def beginning(cooked: str) -> str:
    """Return the first line of a post that its author wrote, be it a heading: where an edit says what has changed."""
    soup = BeautifulSoup(cooked, "html.parser")
    for unwanted in soup.select("aside, blockquote, .quote, .bbcode_quote, .gmail_quote"):
        unwanted.decompose()
    first = next((block for block in soup.select(FIRST_LINES) if block.get_text().strip()), soup)
    return squeeze(INVISIBLE.sub("", first.get_text()))


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph or an item of a list, and whether it stands right below words of somebody else."""

    text: str
    listed: bool
    answers: bool


def _paragraphs(cooked: str) -> Iterator[_Block]:
    soup = _own_words(cooked)
    blocks = soup.find_all(BLOCKS) or ([soup])
    authors = OwnWordsFilter()
    for block in blocks:
        for inner in block.find_all(["ul", "ol", *BLOCKS]):
            inner.extract()
        text = authors.own(INVISIBLE.sub("", block.get_text()))
        signed_off = SIGNATURE_LINE.search(text)
        own = text[: signed_off.start()] if signed_off else text
        yield _Block(own, block.name not in {"p", soup.name}, block.has_attr(ANSWERS))
        if signed_off:
            return


def _own_words(cooked: str) -> BeautifulSoup:
    """Return a post without what is not its author's text, with marks in the place of code, links and mentions."""
    soup = BeautifulSoup(cooked, "html.parser")
    for words in soup.select(OTHERS_WORDS):
        following = words.find_next_sibling()
        if isinstance(following, Tag):
            following[ANSWERS] = ""
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
    return soup


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
    elif "inline-onebox" in classes:
        anchor.replace_with(f"{LINK}{PAGE}{text}")
    elif any(name.startswith("hashtag") for name in classes):
        anchor.replace_with(text.lstrip("#"))
    else:
        anchor.replace_with(f"{LINK}{text}" if text.strip() else LINK)


def _split(paragraph: str) -> Iterator[str]:
    for line in _joined_lines(paragraph):
        greeting = GREETING.match(line)
        start = greeting.end() if greeting else 0
        if greeting:
            yield greeting[0].strip()
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


def _sentence(piece: str, paragraph: int, block: _Block, *, leads: bool) -> Sentence:
    parts = piece.split(CODE)
    coded = sum(len(part) for part in parts[1::2])
    calls = MENTION in piece or bool(re.search(r"(?<!\w)@\w", piece))
    bare = "".join(parts).replace(MENTION, "").replace(PAGE, "")
    text = squeeze(ADDRESS.sub("", bare.replace(LINK, "")))
    linked = LINK in bare or bool(ADDRESS.search(bare))
    cut = any(re.search(r"\w", bare[found.end() :]) for found in ADDRESS.finditer(bare)) or _hangs(bare)
    share = coded / max(len(bare), 1)
    return Sentence(text, paragraph, linked, block.listed, share, calls, cut, leads, block.answers, PAGE in piece)


def _hangs(bare: str) -> bool:
    """Whether an address was the last word of a sentence: without it the sentence stops short."""
    return any(not bare[found.end() :].strip() and bare[: found.start()].strip() for found in ADDRESS.finditer(bare))


# What of a post stands right behind what: between sentences that code or a picture parts, something is missing.


@dataclass(frozen=True, slots=True)
class Gaps:
    """The paragraphs, numbered as in `Sentence`, right `before` which something was taken out, or `within` which."""

    before: frozenset[int]
    within: frozenset[int]


@lru_cache(maxsize=2048)
def gaps(cooked: str) -> Gaps:
    """Return where code, pictures, tables, lists, headings or words of others were taken out of a post."""
    before: set[int] = set()
    within: set[int] = set()
    number, parted = 0, False
    try:
        for block in _with_marks(cooked).find_all([*BLOCKS, "hr"]):
            if block.name == "hr":
                parted = True
                continue
            before |= {number} if parted else set()
            within |= {number} if GAP in block.get_text() else set()
            parted = False
            number += 1
    except RecursionError:  # nothing of it is quoted
        return Gaps(frozenset(), frozenset())
    return Gaps(frozenset(before), frozenset(within))


def _with_marks(cooked: str) -> BeautifulSoup:
    """Return a post with a mark in the place of everything that is taken out: within a paragraph, or between two."""
    soup = BeautifulSoup(cooked, "html.parser")
    for unwanted in soup.select(f"{NOT_THE_AUTHORS_WORDS}, {TAKEN_OUT_OF_SENTENCES}"):
        harmless = unwanted.name == "img" and "emoji" in (unwanted.get("class") or [])
        if harmless or unwanted.decomposed or "footnote-ref" in (unwanted.get("class") or []):
            continue
        if unwanted.find_parent(BLOCKS) is not None:
            unwanted.replace_with(GAP)
        else:
            unwanted.replace_with(soup.new_tag("hr"))
    return soup


# A topic's title as it can stand in a running text.


NOISE = re.compile(
    r"[\[(](?:re)?(?:solved|résolu|rfc|wip|help|question|download|urgent|aide|bug)[^\])]*[\])]|:[a-z0-9_+-]+:|"
    r"^(?:help|urgent|question|re|rfc)\s*[!:]+\s*",
    re.IGNORECASE,
)


def clean_title(title: str) -> str:
    """Return a topic's title without tags like [Solved], emoji codes and final dots."""
    text = squeeze(NOISE.sub(" ", title)).strip(" -–—:.!…")
    if not text:
        return ""
    first = text.split(" ", 1)[0]
    return text[0].upper() + text[1:] if first.isalpha() and first.islower() else text
