"""Polls as Discourse's poll plugin cooks them: `[poll ...]`, a list, `[/poll]`; and read back from what was cooked."""

from __future__ import annotations

import hashlib
import html
import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from markdown_it.token import Token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.utils import OptionsDict

NAME = "poll"
MOST_NUMBERS = 20
_OPEN = re.compile(r"\[poll((?:\s[^\]]*)?)\][ \t]*$", re.IGNORECASE)
_CLOSE = re.compile(r"\[/poll\][ \t]*$", re.IGNORECASE)
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
    opening = _OPEN.match(_line(state, start_line)) if state.sCount[start_line] - state.blkIndent < 4 else None
    if opening is None:
        return False
    last = next((n for n in range(start_line + 1, end_line) if _CLOSE.match(_line(state, n))), None)
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
