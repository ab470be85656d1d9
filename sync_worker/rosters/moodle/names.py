"""Names that Moodle keeps in several languages -> one of them, where its filters did not do that already."""

from __future__ import annotations

import re

# {mlang en}Leading teams{mlang}{mlang fr}Diriger une équipe{mlang}: the filter "multi-language content (v2)".
BRACES = re.compile(r"\{mlang\s+([\w,-]+)\}([^{]*)\{mlang\}", re.IGNORECASE)
# <span lang="en" class="multilang">Leading teams</span><span ...>: Moodle's own filter.
SPANS = re.compile(r"<(span|lang)\b([^<>]*)>([^<]*)</\1>", re.IGNORECASE)
LEFT_OVER = re.compile(r"\{mlang[^{}]*\}|</?(?:span|lang)\b[^<>]*>", re.IGNORECASE)


def in_one_language(name: str) -> str:
    """Return a name with the first language of each run of translations, and without the marks around them."""
    if "mlang" not in name and "lang=" not in name:
        return name
    name = _first_of_runs(name, BRACES, 2)
    name = _first_of_runs(name, SPANS, 3)
    return " ".join(LEFT_OVER.sub("", name).split())


def _first_of_runs(name: str, block: re.Pattern[str], text: int) -> str:
    """Replace each run of neighbouring blocks by the text of its first one."""
    pieces: list[str] = []
    end = 0
    for number, found in enumerate(block.finditer(name)):
        between = name[end : found.start()]
        if number == 0 or between.strip():
            pieces += [between, found[text]]
        end = found.end()
    return "".join((*pieces, name[end:]))
