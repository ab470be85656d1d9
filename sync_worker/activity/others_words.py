"""Words of somebody else inside a post: quotes that stayed literal, mails below an answer, chats that were pasted.

HTML that marks somebody else's words is taken out by `plain`; here are the marks that stand in the text itself. Where a
post does not say where the other's words end, all that follows is left out: words are never attributed by a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MARK = re.compile(r"\[(/?)(quote|chat)\b[^\]\n]*\]", re.IGNORECASE)
_QUOTED_LINE = re.compile(r"(?m)^[ \t\u00a0]*>.*$")
_WROTE = r"\b(?:wrote|writes|a[ \u00a0]écrit|écrivait|schrieb)[ \u00a0]*:"
_NOT_ME = r"(?![^\n]*\b(?:I|j['’]ai)[ \u00a0])"
_MAIL_BELOW = re.compile(
    # "Vera wrote:" as a line of its own; "On Mon, 1 March 2027 at 9:30, Vera Lindt wrote:", also wrapped or run on
    rf"(?im)^{_NOT_ME}[^\n]{{0,200}}{_WROTE}[ \t]*$"
    rf"|^(?:on|le|am)\b[^\n]{{5,200}}\n[^\n]{{0,120}}{_WROTE}[ \t]*$"
    rf"|^(?:on|le|am)\b[^\n]{{0,200}}\d[^\n]{{0,200}}{_WROTE}"
    # Outlook and its translations: a block of headers, or the line above it
    r"|^[ \t]*-{2,}[ \t]*(?:original message|message d['’]origine|forwarded message|message transféré|"
    r"ursprüngliche nachricht)\b"
    r"|^[ \t]*(?:from|de|von)[ \u00a0]*:[^\n]+\n[ \t]*(?:sent|date|envoyé|gesendet|to|à|an)[ \u00a0]*:"
    r"|^[ \t]*begin forwarded message[ \u00a0]*:|^[ \t]*début du message (?:transféré|réexpédié)[ \u00a0]*:"
)


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
        below = _MAIL_BELOW.search(text)
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
