"""How the report says for how long a question has been open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def age(words: Mapping[str, str], days: int) -> str:
    """Return how long a question has been open, in words."""
    if days <= 0:
        return words["open_today"]
    return words["open_day"] if days == 1 else words["open_for"].format(days=days)
