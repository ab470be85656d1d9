"""What a test needs and does not find: it is skipped, or fails where nothing may be missing."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest

NO_POSTGRES = "no PostgreSQL (set LCM_TEST_POSTGRES to postgresql+psycopg://user@host/database)"


def absent(what: str) -> NoReturn:
    """Skip the test for what is absent, or fail it where LCM_REQUIRE_TOOLS is set, as `.ci/run` does."""
    if os.environ.get("LCM_REQUIRE_TOOLS"):
        pytest.fail(what)
    pytest.skip(what)
