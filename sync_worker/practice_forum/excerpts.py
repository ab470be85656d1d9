"""The beginning of a cooked post as one line of HTML, the way Discourse cuts it."""

from __future__ import annotations

import html
from html.parser import HTMLParser


class _FullError(Exception):
    """The excerpt has reached its length."""


class _Excerpt(HTMLParser):
    def __init__(self, length: int, *, links: bool, images: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._length = length
        self._used = 0
        self._links = links
        self._images = images
        self._in_link = False
        self._asides = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "img":
            self._image(values)
        elif tag == "a" and self._links:
            inside = " ".join(f'{name}="{_attribute(value)}"' for name, value in values.items())
            self._markup(f"<a {inside}>")
            self._in_link = True
        elif tag == "aside":
            self._asides += 1
        elif tag == "br":
            self.handle_data(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._links:
            self._markup("</a>")
            self._in_link = False
        elif tag == "p":
            self.handle_data(" ")
        elif tag == "aside":
            self._asides = max(0, self._asides - 1)

    def handle_data(self, data: str) -> None:
        if self._asides:
            return
        if self._used + len(data) > self._length:
            room = max(0, self._length - self._used - 1)
            if not (data.startswith(":") and data.endswith(":") and " " not in data):
                self.parts.append(html.escape(data[: room + 1]).replace("&#x27;", "&#39;"))
            self.parts.append("&hellip;")
            if self._in_link:
                self.parts.append("</a>")
            raise _FullError
        self.parts.append(html.escape(data).replace("&#x27;", "&#39;"))
        self._used += len(data)

    def _image(self, values: dict[str, str]) -> None:
        if "emoji" in values.get("class", ""):
            self.handle_data(values.get("alt", ""))
        elif self._images:
            self.handle_data(f"[{values.get('alt') or values.get('title') or 'image'}]")

    def _markup(self, text: str) -> None:
        if not self._asides:
            self.parts.append(text)


def excerpt(cooked: str, length: int = 220, *, links: bool = False, images: bool = False) -> str:
    """Return at most `length` characters of the text of `cooked`, escaped, without quotes of others.

    `links` keeps links as links; `images` names pictures by their alternative text.
    """
    parser = _Excerpt(length, links=links, images=images)
    try:
        parser.feed(cooked)
        parser.close()
    except _FullError:
        pass
    return "".join(parser.parts).strip()


def _attribute(value: str) -> str:
    return value.replace("&", "&amp;").replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;")
