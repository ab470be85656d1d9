"""Discourse's `[quote="user, post:N, topic:T"]` blocks as a rule of markdown-it, and what cooking asks of the forum."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.token import Token
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
_OPEN = re.compile(rf"\[quote(?:=(?:({_QUOTED})|([^\]]+?)))?\]", re.IGNORECASE)
_CLOSE = re.compile(r"\[/quote\][ \t]*$", re.IGNORECASE)


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
    opening = _OPEN.match(line) if state.sCount[start_line] - state.blkIndent < 4 else None
    if opening is None:
        return False
    if silent:
        return True
    header = read_header((opening[1] or "")[1:-1] if opening[1] else (opening[2] or ""))
    inline = _CLOSE.search(line, opening.end())
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
        if _CLOSE.fullmatch(text):
            if depth == 0:
                return line
            depth -= 1
        elif (opening := _OPEN.match(text)) and not text[opening.end() :].strip():
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
