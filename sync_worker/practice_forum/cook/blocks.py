"""Discourse's blocks as rules of markdown-it: `[quote="user, post:N, topic:T"]`, and `[poll]` of its poll plugin."""

from __future__ import annotations

import hashlib
import html
import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from markdown_it.token import Token

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.utils import OptionsDict


class Mentioned(StrEnum):
    """What an `@name` means."""

    USER = "user"
    GROUP = "group"
    MENTIONABLE_GROUP = "mentionable group"


@dataclass(frozen=True, slots=True)
class QuotedTopic:
    """A topic that a quote comes from: its address and its title as HTML-free text."""

    url: str
    title: str


@dataclass(frozen=True, slots=True)
class Hashtag:
    """The category that a `#slug` means."""

    id: int
    slug: str
    name: str
    url: str


def _no_mentions(_names: Collection[str]) -> Mapping[str, Mentioned]:
    return {}


def _nothing(_key: Any) -> None:
    return None


@dataclass(frozen=True, slots=True)
class CookContext:
    """What cooking asks of the forum around it.

    Every resolver may be left out. `mentions` gets the lower-case names of a post, all at once. Links of `trusted`
    authors carry no `rel`.
    """

    base_url: str = ""
    topic_id: int | None = None
    trusted: bool = True
    mentions: Callable[[Collection[str]], Mapping[str, Mentioned]] = _no_mentions
    avatar: Callable[[str], str | None] = _nothing
    primary_group: Callable[[str], str | None] = _nothing
    topic: Callable[[int], QuotedTopic | None] = _nothing
    hashtag: Callable[[str], Hashtag | None] = _nothing


# Discourse's `[quote="user, post:N, topic:T"]` blocks as a block rule of markdown-it.


_MARKS = ['""', "''", "“”", "””", "‘’", "„“", "‚’", "«»", "‹›"]
_QUOTED = "|".join(f"{mark[0]}[^{mark[1]}]+{mark[1]}" for mark in _MARKS)
_QUOTE_OPEN = re.compile(rf"\[quote(?:=(?:({_QUOTED})|([^\]]+?)))?\]", re.IGNORECASE)
_QUOTE_CLOSE = re.compile(r"\[/quote\][ \t]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class QuoteHeader:
    """Who is quoted by a quote block, and from which post."""

    username: str = ""
    display_name: str = ""
    post: int | None = None
    topic: int | None = None
    full: bool = False


def read_header(text: str) -> QuoteHeader:
    """Read the text after `[quote=`, without its quotation marks."""
    if not text:
        return QuoteHeader()
    name, *rest = re.split(r",\s*", text)
    numbers: dict[str, int] = {}
    username, full = name, False
    for part in rest:
        key, _, value = part.partition(":")
        if key in ("post", "topic") and (digits := re.match(r"\s*(\d+)", value)):
            numbers[key] = int(digits[1])
        elif key == "username":
            username = value
        elif key == "full":
            full = value.strip() == "true"
    return QuoteHeader(username.strip(), name.strip(), numbers.get("post"), numbers.get("topic"), full)


def quote_rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Turn a quote block into tokens; an unclosed one stays text."""
    begin = state.bMarks[start_line] + state.tShift[start_line]
    line = state.src[begin : state.eMarks[start_line]]
    opening = _QUOTE_OPEN.match(line) if state.sCount[start_line] - state.blkIndent < 4 else None
    if opening is None:
        return False
    if silent:
        return True
    header = read_header((opening[1] or "")[1:-1] if opening[1] else (opening[2] or ""))
    inline = _QUOTE_CLOSE.search(line, opening.end())
    if inline:
        _open(state, header, start_line, start_line + 1)
        _paragraph(state, line[opening.end() : inline.start()], start_line)
        last = start_line
    else:
        closing = None if line[opening.end() :].strip() else _closing_line(state, start_line + 1, end_line)
        if closing is None:
            return False
        last = closing
        _open(state, header, start_line, last)
        _inner(state, start_line + 1, last)
    state.push("quote_close", "aside", -1)
    state.line = last + 1
    return True


def _inner(state: StateBlock, first: int, last: int) -> None:
    parent, line_max = state.parentType, state.lineMax
    state.lineMax = last
    state.md.block.tokenize(state, first, last)
    state.parentType, state.lineMax = parent, line_max


def _closing_line(state: StateBlock, first: int, end_line: int) -> int | None:
    depth = 0
    for line in range(first, end_line):
        begin = state.bMarks[line] + state.tShift[line]
        if begin < state.eMarks[line] and state.sCount[line] < state.blkIndent:
            return None
        text = state.src[begin : state.eMarks[line]]
        if _QUOTE_CLOSE.fullmatch(text):
            if depth == 0:
                return line
            depth -= 1
        elif (opening := _QUOTE_OPEN.match(text)) and not text[opening.end() :].strip():
            depth += 1
    return None


def _open(state: StateBlock, header: QuoteHeader, first: int, last: int) -> None:
    token = state.push("quote_open", "aside", 1)
    token.map = [first, last]
    token.meta = {"header": header}


def _paragraph(state: StateBlock, text: str, line: int) -> None:
    state.push("paragraph_open", "p", 1).map = [line, line + 1]
    token = state.push("inline", "", 0)
    token.content, token.map, token.children = text.strip(), [line, line + 1], []
    state.push("paragraph_close", "p", -1)


def render_open(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, env: dict[str, Any]
) -> str:
    """Return the head of a quote: the person quoted, with the picture, or the topic it comes from."""
    context: CookContext = env["context"]
    header: QuoteHeader = tokens[index].meta["header"]
    group = context.primary_group(header.username) if header.username else None
    values = [f'class="quote {"group-" + group if group else "no-group"}"']
    if header.username:
        values.append(f'data-username="{html.escape(header.username)}"')
    if header.post:
        values.append(f'data-post="{header.post}"')
    if header.topic:
        values.append(f'data-topic="{header.topic}"')
    if header.full:
        values.append('data-full="true"')
    title = _title(header, context) if header.username else ""
    return f"<aside {' '.join(values)}>\n{title}<blockquote>\n"


def _title(header: QuoteHeader, context: CookContext) -> str:
    template = context.avatar(header.username)
    picture = ""
    if template:
        source = html.escape(template.replace("{size}", "48"))
        picture = f'<img alt="" width="24" height="24" src="{source}" class="avatar">'
    elsewhere = header.post and header.topic and context.topic_id and header.topic != context.topic_id
    if elsewhere and header.topic is not None:
        found = context.topic(header.topic)
        said = f'<a href="{html.escape(found.url)}/{header.post}">{html.escape(found.title)}</a>' if found else ""
    else:
        said = f" {html.escape(header.display_name or header.username)}:"
    return f'<div class="title">\n<div class="quote-controls"></div>\n{picture}{said}</div>\n'


def render_close(
    _self: RendererHTML, _tokens: Sequence[Token], _index: int, _options: OptionsDict, _env: dict[str, Any]
) -> str:
    """Return the end of a quote."""
    return "</blockquote>\n</aside>\n"


def quotes_plugin(md: MarkdownIt) -> None:
    """Teach `md` quote blocks."""
    md.block.ruler.after(
        "fence", "discourse_quote", quote_rule, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.add_render_rule("quote_open", render_open)
    md.add_render_rule("quote_close", render_close)


# Polls as Discourse's poll plugin cooks them: `[poll ...]`, a list, `[/poll]`; and read back from what was cooked.


NAME = "poll"
MOST_NUMBERS = 20
_POLL_OPEN = re.compile(r"\[poll((?:\s[^\]]*)?)\][ \t]*$", re.IGNORECASE)
_POLL_CLOSE = re.compile(r"\[/poll\][ \t]*$", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|“([^”]*)”|(\S+))""")
_ALLOWED = (
    "chartType", "close", "groups", "max", "min", "name", "order", "public", "results", "status", "step", "type",
)  # fmt: skip
_QUOTES = re.compile(r"\[quote.+/quote\]", re.DOTALL)
CLASSES = "poll|poll-container|poll-title|poll-info|poll-info_counts|poll-info_counts-count"
SPANS = "info-number|info-label|info-text"


@dataclass(slots=True)
class WrittenPoll:
    """A poll as a post has it: its attributes, its options by id as HTML, its title as HTML."""

    attributes: dict[str, str] = field(default_factory=dict)
    options: list[tuple[str, str]] = field(default_factory=list)
    title: str | None = None

    @property
    def name(self) -> str:
        """The name that tells the polls of a post apart."""
        return self.attributes.get("name") or NAME


def poll_rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Turn a poll block into tokens; an unclosed one stays text."""
    opening = _POLL_OPEN.match(_line(state, start_line)) if state.sCount[start_line] - state.blkIndent < 4 else None
    if opening is None:
        return False
    last = next((n for n in range(start_line + 1, end_line) if _POLL_CLOSE.match(_line(state, n))), None)
    if last is None:
        return False
    if silent:
        return True
    attributes = {"name": NAME, "status": "open", **_attributes(opening[1])}
    opened = state.push("poll_open", "div", 1)
    opened.map, opened.meta = [start_line, last], {"attributes": attributes}
    first = len(state.tokens)
    parent, line_max = state.parentType, state.lineMax
    state.lineMax = last
    state.md.block.tokenize(state, start_line + 1, last)
    state.parentType, state.lineMax = parent, line_max
    inside = state.tokens[first:]
    del state.tokens[first:]
    state.tokens += _arranged(inside, attributes)
    state.push("poll_close", "div", -1)
    state.line = last + 1
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _attributes(text: str) -> dict[str, str]:
    known = {name.lower(): name for name in _ALLOWED}
    found = {}
    for match in _ATTRIBUTE.finditer(text or ""):
        value = next((one for one in match.groups()[1:] if one is not None), "")
        if (name := known.get(match[1].lower())) and value:
            found[name] = value
    return found


def _arranged(inside: list[Token], attributes: dict[str, str]) -> list[Token]:
    """Return the title and the options of a poll, each option with its id, in their containers."""
    title: list[Token] = []
    if inside and inside[0].type == "heading_open":
        end = next(index for index, token in enumerate(inside) if token.type == "heading_close")
        title, inside = inside[1:end], inside[end + 1 :]
    if attributes.get("type") == "number" and not inside:
        inside = _numbers(attributes)
    if not inside or not inside[0].type.endswith("_list_open"):
        inside = []
    for index, token in enumerate(inside):
        if token.type == "list_item_open":
            token.attrSet("data-poll-option-id", _option_id(inside[index:]))
    head = [_html('<div class="poll-title">'), *title, _html("</div>\n")] if title else []
    return [_html('<div class="poll-container">\n'), *head, *inside, _html(f"</div>\n{_INFO}")]


_INFO = (
    '<div class="poll-info">\n<div class="poll-info_counts">\n<div class="poll-info_counts-count">\n'
    '<span class="info-number">0</span>\n<span class="info-label">voters</span>\n</div>\n</div>\n</div>\n'
)


def _html(text: str) -> Token:
    return Token("html_block", "", 0, content=text)


def _option_id(tokens: Sequence[Token]) -> str:
    """Return the digest of an option's text, as the plugin's script computes it."""
    until = next(index for index, token in enumerate(tokens) if token.type == "list_item_close")
    text = " ".join(token.content for token in tokens[:until] if token.type in ("text", "inline"))
    packed = json.dumps([text], ensure_ascii=False, separators=(",", ":"))
    return hashlib.md5(packed.encode(), usedforsecurity=False).hexdigest()


def _numbers(attributes: dict[str, str]) -> list[Token]:
    low, high, step = (_number(attributes.get(key)) for key in ("min", "max", "step"))
    step = max(step or 1, 1)
    found = [Token("bullet_list_open", "ul", 1, block=True)]
    for number in range(1 if low is None else low, (MOST_NUMBERS if high is None else high) + 1, step):
        found.append(Token("list_item_open", "li", 1, block=True))
        found.append(Token("text", "", 0, content=str(number)))
        found.append(Token("list_item_close", "li", -1, block=True))
    return [*found, Token("bullet_list_close", "ul", -1, block=True)]


def _number(text: str | None) -> int | None:
    match = re.match(r"\s*([+-]?\d+)", text or "")
    return int(match[1]) if match else None


def _render_open(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: dict[str, Any]
) -> str:
    attributes = tokens[index].meta["attributes"]
    written = [f' data-poll-{name}="{html.escape(attributes[name])}"' for name in _ALLOWED if attributes.get(name)]
    return f'<div class="poll"{"".join(written)}>\n'


def _render_close(*_args: Any) -> str:
    return "</div>\n"


def polls_plugin(md: MarkdownIt) -> None:
    """Teach `md` polls."""
    md.block.ruler.after("fence", "discourse_poll", poll_rule, {"alt": ["paragraph", "reference", "blockquote"]})
    md.add_render_rule("poll_open", _render_open)
    md.add_render_rule("poll_close", _render_close)


def without_quotes(raw: str) -> str:
    """Return a text without its quotes: polls in them are shown, but are no polls."""
    return _QUOTES.sub("", raw, count=1)


def polls_in(cooked: str) -> list[WrittenPoll]:
    """Return the polls of a cooked text, in order."""
    reader = _Reader()
    reader.feed(cooked)
    return reader.found


class _Reader(HTMLParser):
    """Reads polls from cooked HTML, which is well-formed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[WrittenPoll] = []
        self._depth = 0  # of elements inside the poll that is read
        self._end: int | None = None  # the depth at which the option or title that is read ends
        self._text: list[str] = []
        self._option: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if not self._depth:
            if tag == "div" and values.get("class") == NAME:
                named = {k.removeprefix("data-poll-"): v for k, v in values.items() if k.startswith("data-poll-")}
                self.found.append(WrittenPoll(named))
                self._depth = 1
            return
        if self._end is not None:
            self._text.append(self.get_starttag_text() or "")
        elif "data-poll-option-id" in values or values.get("class") == "poll-title":
            self._option = values.get("data-poll-option-id")
            self._end, self._text = self._depth, []
        if tag not in _VOID:
            self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        if not self._depth or tag in _VOID:
            return
        self._depth -= 1
        if self._end is None:
            return
        if self._depth > self._end:
            self._text.append(f"</{tag}>")
            return
        text, self._end = "".join(self._text).strip(), None
        if self._option is None:
            self.found[-1].title = text
        else:
            self.found[-1].options.append((self._option, text))

    def handle_data(self, data: str) -> None:
        if self._end is not None:
            self._text.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


_VOID = frozenset({"br", "hr", "img", "source", "track"})
