"""The page that a link in a mail opens: it shows what was chosen, and a button; only the button enters it.

Programs that scan mails follow links, so opening a page changes nothing. A mail program's own "unsubscribe" (RFC 8058)
sends the same request as the button.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import TYPE_CHECKING

from sync_worker.languages.parts import MAILS
from sync_worker.publish.mailing import choices_of
from sync_worker.store.mails import STOP, is_former, mail_secret, take, unsealed
from sync_worker.store.tables import LedgerRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from sync_worker.languages.sentences import MailSentences
    from sync_worker.store.database import Store
    from sync_worker.store.mails import Sealed

LOG = logging.getLogger(__name__)
PATH = "/briefing/"
MOST_BYTES = 10_000
"""A form with nothing in it is some bytes long; a longer one is not ours."""
HTML_TYPE = "text/html; charset=utf-8"
ALLOWED = ("default-src 'none'", "style-src 'unsafe-inline'", "form-action 'self'", "frame-ancestors 'none'")
HEADERS = {
    "Content-Security-Policy": "; ".join(ALLOWED),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
    "X-Content-Type-Options": "nosniff",
}
PAGE = """\
<!DOCTYPE html>
<html lang="{locale}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>
<style>body{{max-width:36em;margin:2em auto;padding:0 1em;font:18px/1.5 sans-serif;color:#222;background:#fff}}
button{{font:inherit;padding:.5em 1em;color:#fff;background:#0a58ca;border:0;border-radius:.3em}}
button:focus{{outline:3px solid #222}}</style></head>
<body><main><h1>{title}</h1><p>{text}</p>{form}</main></body>
</html>
"""
FORM = '<form method="post"><button>{button}</button></form>'


@dataclass(frozen=True, slots=True)
class Page:
    """What is answered to one request."""

    status: HTTPStatus
    body: bytes


@dataclass(frozen=True, slots=True)
class AnswerPages:
    """Answers those who follow the links of mails of one forum; called by the web server's threads.

    `wanted` says whether mails have such links as the settings are now.
    """

    store: Store
    forum: str
    wanted: Callable[[], bool] = lambda: True

    def show(self, path: str) -> Page:
        """Return the page that asks whether that is meant; changes nothing."""
        with self.store.begin() as session:
            chosen, words, locale = self._chosen(session, path)
            refs = self._refs(session, chosen)
            former = chosen is not None and is_former(session, self.forum, chosen)
        if chosen is None:
            return _page(words, locale, words.page_void, status=HTTPStatus.NOT_FOUND)
        if former:
            return _page(words, locale, words.page_former, status=HTTPStatus.FORBIDDEN)
        if chosen.word == STOP:
            return _page(words, locale, words.page_stop_ask, words.page_stop_button)
        asked = words.page_ask.format(choice=choices_of(refs, locale)[chosen.word])
        return _page(words, locale, asked, words.page_button)

    def enter(self, path: str, now: datetime) -> Page:
        """Enter what was chosen, and say so; once more changes nothing."""
        with self.store.begin() as session:
            chosen, words, locale = self._chosen(session, path)
            taken = take(session, self.forum, chosen, "link", now) if chosen is not None else None
        if chosen is None or taken is None:
            return _page(words, locale, words.page_void, status=HTTPStatus.NOT_FOUND)
        if taken.former:
            return _page(words, locale, words.page_former, status=HTTPStatus.FORBIDDEN)
        LOG.info("%s: an answer to a mail came in", taken.cohort)
        return _page(words, locale, words.page_stopped if chosen.word == STOP else words.page_thanks)

    def _refs(self, session: Session, chosen: Sealed | None) -> Sequence[str]:
        row = session.get(LedgerRow, chosen.key) if chosen is not None else None
        return row.payload.get("refs", ()) if row is not None else ()

    def _chosen(self, session: Session, path: str) -> tuple[Sealed | None, MailSentences, str]:
        """Return what a path says, and the language of the mail that it is from."""
        code = path.partition("?")[0].removeprefix(PATH)
        chosen = unsealed(mail_secret(session, self.forum), code)
        row = session.get(LedgerRow, chosen.key) if chosen is not None else None
        if row is None or row.forum != self.forum:
            return None, MAILS.of("en"), "en"
        locale = row.payload.get("locale") or "en"
        return chosen, MAILS.of(locale), locale


def _page(
    words: MailSentences, locale: str, text: str, button: str = "", *, status: HTTPStatus = HTTPStatus.OK
) -> Page:
    form = FORM.format(button=escape(button)) if button else ""
    shown = PAGE.format(locale=escape(locale), title=escape(words.page_title), text=escape(text), form=form)
    return Page(status, shown.encode())
