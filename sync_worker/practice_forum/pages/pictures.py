"""The few pictures that posts refer to, drawn as SVG: letter avatars and emoji."""

from __future__ import annotations

import re
from html import escape

from sync_worker.practice_forum.emoji import BY_NAME


def letter_avatar(letter: str, colour: str) -> str:
    """Return a round picture with a letter; a colour that is none becomes grey."""
    fill = colour if re.fullmatch(r"[0-9a-f]{6}", colour) else "888888"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><circle cx="24" cy="24" r="24" '
        f'fill="#{fill}"/><circle cx="24" cy="24" r="24" fill="#000" opacity=".28"/>'
        '<text x="24" y="33" font-size="26" font-family="sans-serif" fill="#fff" text-anchor="middle">'
        f"{escape(letter[:1].upper())}</text></svg>"
    )


def emoji_picture(name: str) -> str:
    """Return the emoji of that name, a question mark where it is not known."""
    character = BY_NAME.get(name.partition("/")[0], "?")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48"><text x="24" y="40" font-size="40" '
        f'text-anchor="middle">{escape(character)}</text></svg>'
    )
