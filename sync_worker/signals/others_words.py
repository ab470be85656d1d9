"""Words of somebody else inside a post: quotes that stayed literal, mails below an answer, chats that were pasted.

HTML that marks somebody else's words is taken out by `plain`; here are the marks that stand in the text itself. Where a
post does not say where the other's words end, all that follows is left out: words are never attributed by a guess.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

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
