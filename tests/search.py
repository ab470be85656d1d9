"""How long tests search for what breaks: briefly with `make test`, for long with `make search`."""

from __future__ import annotations

import os

SEARCH = "LCM_SEARCH" in os.environ


def examples(usual: int, search: int) -> int:
    """Return how many random examples to try: `usual` with `make test`, `search` with `make search`."""
    return search if SEARCH else usual
