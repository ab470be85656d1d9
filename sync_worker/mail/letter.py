"""What a mail says: our Markdown as HTML that needs no images, and the same as plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape as escape_html
from string import punctuation
from typing import TYPE_CHECKING

import markdown
import nh3
from bs4 import BeautifulSoup, NavigableString, Tag

from sync_worker.config.mail import NOT_IN_A_HEADER
from sync_worker.errors import MailError, Outcome
from sync_worker.model import mail_address
from sync_worker.model.drafts import MAIL_LINK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sync_worker.config.mail import MailSettings

TAGS = frozenset({"p", "br", "a", "strong", "em", "ul", "ol", "li", "blockquote", "h2", "h3", "hr", "code"})
SCHEMES = frozenset({"https", "http", "mailto"})
STYLE = "max-width:36em;margin:0 auto;padding:1em;font:16px/1.5 sans-serif;color:#222;background:#fff"
PAGE = """\
<!DOCTYPE html>
<html lang="{locale}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title></head>
<body style="{style}">
{body}
</body>
</html>
"""
LONGEST_SUBJECT = 200
POLICY = SMTP.clone(max_line_length=900)  # a folded address in a header is not read by every program; RFC 5322: 998
JOINER = "\u2060"  # keeps names of sites from becoming links on the forum; here it would only break what is copied
_LIST_BELOW = re.compile(r"(?m)^((?!- |> |\s).+)\n(?=- )")  # Discourse begins a list there, this library does not
_HEADER = re.compile(r"(?m)^([^ \t\r\n:]*):?")
_SPACES = re.compile(r"[ \t\n\r]+")
_BLOCKS = frozenset({"p", "h2", "h3", "blockquote", "ul", "ol", "hr"})


@dataclass(frozen=True, slots=True)
class Letter:
    """What one mail says, and to whom.

    `key` makes its Message-ID, so that it is the same however often the mail is written. `body` is Markdown; `links`
    are what the addresses in it that begin with `lcm:` stand for. `unsubscribe` are addresses (`mailto:`, `https:`) by
    which the reader ends such mails, none for a mail to somebody who looks after a cohort.
    """

    key: str
    to: str
    to_name: str
    subject: str
    body: str
    locale: str
    reply_to: str
    links: Mapping[str, str]
    unsubscribe: tuple[str, ...] = ()


def as_html(body: str, links: Mapping[str, str]) -> str:
    """Return Markdown as clean HTML, its `lcm:` links as what they stand for, or only as their texts."""
    text = _LIST_BELOW.sub(r"\1\n\n", body.replace(JOINER, ""))
    maker = markdown.Markdown(extensions=["sane_lists"], output_format="html")
    maker.ESCAPED_CHARS = [*maker.ESCAPED_CHARS, *punctuation]  # Discourse takes a backslash before all of them
    html = maker.convert(text)
    parsed = BeautifulSoup(html, "html.parser")
    for anchor in parsed.find_all("a"):
        address = str(anchor.get("href", ""))
        if address.startswith(MAIL_LINK):
            address = links.get(address, "")
        if not address:
            anchor.unwrap()
        else:
            anchor["href"] = address
    return nh3.clean(str(parsed), tags=set(TAGS), attributes={"a": {"href"}}, url_schemes=set(SCHEMES), link_rel=None)


def as_text(html: str) -> str:
    """Return clean HTML as plain text that says the same: each link's address stands behind its words."""
    blocks = "\n\n".join(block for block in _blocks(BeautifulSoup(html, "html.parser")) if block.strip())
    return f"{blocks}\n"


def _blocks(parent: Tag | BeautifulSoup) -> Iterator[str]:
    for child in parent.children:
        if not isinstance(child, Tag):
            yield _SPACES.sub(" ", str(child)).strip()
        elif child.name in ("ul", "ol"):
            numbered = child.name == "ol"
            items = child.find_all("li", recursive=False)
            yield "\n".join(f"{f'{number}.' if numbered else '-'} {_line(one)}" for number, one in enumerate(items, 1))
        elif child.name == "blockquote":
            quoted = "\n\n".join(block for block in _blocks(child) if block)
            yield "\n".join(f"> {line}" if line else ">" for line in quoted.split("\n"))
        elif child.name == "hr":
            yield "--------"
        else:
            yield _line(child)


def _line(element: Tag) -> str:
    return re.sub(r" *\n *", "\n", "".join(_inline(element))).strip()


def _inline(element: Tag) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, NavigableString):
            yield _SPACES.sub(" ", str(child))
        elif isinstance(child, Tag):
            words = "".join(_inline(child))
            if child.name == "br":
                yield "\n"
            elif child.name in _BLOCKS:
                yield f" {words.strip()} "
            elif child.name == "a":
                address = str(child.get("href", ""))
                yield words if words.strip() == address else f"{words} <{address}>"
            else:
                yield words


def write_mail(letter: Letter, mail: MailSettings, now: datetime) -> EmailMessage:
    """Return the whole mail. Nothing in it tells us whether it was opened.

    Raises:
        MailError: an address or a subject that no mail can have; it is of no use to try again.

    """
    sender, recipient = mail.from_address, mail_address(letter.to)
    subject, name = (text.replace("=?", "= ?") for text in (letter.subject.strip(), letter.to_name))  # RFC 2047
    if recipient is None or not subject or NOT_IN_A_HEADER.search(subject + name):
        raise _no_mail()
    html = as_html(letter.body, letter.links)
    message = EmailMessage(policy=POLICY)
    message["From"] = sender
    message["To"] = Address(display_name=name, addr_spec=recipient)
    if letter.reply_to != sender.addr_spec:
        message["Reply-To"] = Address(addr_spec=letter.reply_to)
    message["Subject"] = subject[:LONGEST_SUBJECT]
    message["Date"] = format_datetime(now)
    message["Message-ID"] = message_id(letter.key, mail)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    if letter.unsubscribe:
        message["List-Unsubscribe"] = ", ".join(f"<{address}>" for address in letter.unsubscribe)
        if any(address.startswith("https:") for address in letter.unsubscribe):
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(as_text(html), cte="quoted-printable")
    page = PAGE.format(locale=escape_html(letter.locale), title=escape_html(letter.subject), style=STYLE, body=html)
    message.add_alternative(page, subtype="html", cte="quoted-printable")
    message["Content-Language"] = letter.locale
    head = message.as_bytes().partition(b"\r\n\r\n")[0].decode("ascii", "replace")
    if _HEADER.findall(head) != message.keys():  # the library decodes what it is given when it writes it out
        raise _no_mail()
    return message


def _no_mail() -> MailError:
    return MailError("the address or the subject of the mail cannot be one.", outcome=Outcome.REFUSED)


def message_id(key: str, mail: MailSettings) -> str:
    """Return the Message-ID of the mail with a key."""
    return f"<{key}@{mail.from_address.domain}>"
