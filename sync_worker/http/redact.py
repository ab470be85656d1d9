"""Takes keys and e-mail addresses out of what people and logs get to read."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_EMAIL = re.compile(r"[^\s@/<>\"'(),;:=&?]+(?:@|%40)[^\s@/<>\"'(),;:=&?]+", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,200}>")
LONGEST_TEXT = 300


def redact(text: str, secret: str = "") -> str:
    """Return `text` as one line of at most 300 characters, without markup, the secret, or e-mail addresses."""
    if secret:
        text = text.replace(secret, "[key]")
    text = _EMAIL.sub("[e-mail]", _TAG.sub("", text))
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}..."


def without_emails(text: str) -> str:
    """Return `text` with its lines, without e-mail addresses."""
    return _EMAIL.sub("[e-mail]", text)


def shown_url(base: str, path: str, secret: str = "") -> str:
    """Return the address of a call as errors show it: without its query, which may name people."""
    return redact(f"{base}{urlsplit(path).path}", secret)
