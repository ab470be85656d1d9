"""An empty forum to write in."""

from __future__ import annotations

import pytest

from tests.talk import Talk


@pytest.fixture
def talk() -> Talk:
    """An empty forum to write in."""
    return Talk()
