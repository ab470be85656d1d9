"""The one page that the API itself can answer: something is not there, or not for you."""

from __future__ import annotations

from html import escape


def error_fragment(message: str) -> str:
    """Return what an error answer carries as `extras.html`, to be put into a page."""
    return f'<div class="page-not-found">\n  <h1 class="title">{escape(message)}</h1>\n</div>\n'


def error_page(message: str) -> str:
    """Return a whole HTML page with the message."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head><meta charset="utf-8"><title>Page Not Found</title></head>\n'
        f'<body><div class="page-not-found"><h1 class="title">{escape(message)}</h1>'
        "<p>This is a practice forum.</p></div></body>\n</html>\n"
    )
