"""Moments as Discourse's plugins cook them: `[date=...]` and `[date-range ...]`, and the calendar's `[event ...]`.

Sources: discourse-local-dates and discourse-calendar (`lib/discourse-markdown`), 3.5. What a reader's browser makes of
a moment, its own time zone and a click that adds it to a calendar, is not here.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token
    from markdown_it.utils import OptionsDict

EVENT_CLASS = "discourse-post-event"
DATE_CLASS = "discourse-local-date"
EVENT_OPTIONS = (
    "start", "end", "status", "allowed-groups", "url", "location", "name", "reminders", "recurrence",
    "recurrence-until", "timezone", "show-local-time", "minimal", "closed", "chat-enabled", "max-attendees",
)  # fmt: skip
_OPEN = re.compile(r"\[event((?:\s[^\]]*)?)\][ \t]*$", re.IGNORECASE)
_CLOSE = re.compile(r"\[/event\][ \t]*$", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
_DATE = re.compile(r"\[date=([^\s\]]+)((?:\s[^\]]*)?)\]")
_RANGE = re.compile(r"\[date-range(\s[^\]]*)\]")


def attributes_of(text: str) -> dict[str, str]:
    """Return what stands in a tag as `name=value`."""
    found = {}
    for match in _ATTRIBUTE.finditer(text or ""):
        found[match[1].lower()] = next((one for one in match.groups()[1:] if one is not None), "")
    return found


def event_rule(state: StateBlock, start_line: int, end_line: int, silent: bool) -> bool:
    """Turn an event block into tokens; an unclosed one stays text."""
    opening = _OPEN.match(_line(state, start_line)) if state.sCount[start_line] - state.blkIndent < 4 else None
    if opening is None:
        return False
    last = next((n for n in range(start_line + 1, end_line) if _CLOSE.match(_line(state, n))), None)
    if last is None:
        return False
    if silent:
        return True
    given = attributes_of(opening[1])
    opened = state.push("event_open", "div", 1)
    opened.map = [start_line, last]
    opened.meta = {"attributes": {name: given[name] for name in EVENT_OPTIONS if given.get(name)}}
    parent, line_max = state.parentType, state.lineMax
    state.lineMax = last
    state.md.block.tokenize(state, start_line + 1, last)
    state.parentType, state.lineMax = parent, line_max
    state.push("event_close", "div", -1)
    state.line = last + 1
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def date_rule(state: StateInline, silent: bool) -> bool:
    """Turn a moment, or two with an arrow between them, into tokens."""
    found = _DATE.match(state.src, state.pos) or _RANGE.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        for number, one in enumerate(_moments(found)):
            if number:
                state.push("text", "", 0).content = "→"
            state.push("local_date", "span", 0).meta = {"attributes": one}
    state.pos = found.end()
    return True


def _moments(found: re.Match[str]) -> list[dict[str, str]]:
    if found.re is _DATE:
        return [{"date": found[1], **attributes_of(found[2])}]
    given = attributes_of(found[1])
    shared = {name: value for name, value in given.items() if name not in ("from", "to")}
    moments = []
    for side in ("from", "to"):
        if side in given:
            day, _, clock = given[side].partition("T")
            moments.append({"date": day, "range": side, "time": clock, **shared})
    return moments


def _render_event(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: dict[str, Any]
) -> str:
    return f'<div class="{EVENT_CLASS}"{_data(tokens[index].meta["attributes"])}>\n'


def _render_end(*_args: Any) -> str:
    return "</div>\n"


def _render_date(
    _self: RendererHTML, tokens: Sequence[Token], index: int, _options: OptionsDict, _env: dict[str, Any]
) -> str:
    attributes = tokens[index].meta["attributes"]
    clock, zone = attributes.get("time"), attributes.get("timezone")
    shown = f"{attributes['date']}{f'T{clock}' if clock else ''}{f' ({zone})' if zone else ''}"
    return f'<span class="{DATE_CLASS}"{_data(attributes)}>{html.escape(shown)}</span>'


def _data(attributes: dict[str, str]) -> str:
    return "".join(f' data-{name}="{html.escape(value)}"' for name, value in attributes.items() if value)


def dates_plugin(md: MarkdownIt) -> None:
    """Teach `md` moments and events."""
    md.block.ruler.after("fence", "discourse_event", event_rule, {"alt": ["paragraph", "reference", "blockquote"]})
    md.inline.ruler.before("link", "discourse_local_date", date_rule)
    md.add_render_rule("event_open", _render_event)
    md.add_render_rule("event_close", _render_end)
    md.add_render_rule("local_date", _render_date)


_WRITTEN_EVENT = re.compile(rf'<div class="{EVENT_CLASS}"([^>]*)>')


def events_in(cooked: str) -> list[dict[str, str]]:
    """Return the options of each event of a cooked text, in order."""
    found = []
    for match in _WRITTEN_EVENT.finditer(cooked):
        given = attributes_of(match[1])
        found.append({name.removeprefix("data-"): html.unescape(value) for name, value in given.items() if value})
    return found
