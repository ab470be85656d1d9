"""The live forum of the tests of pages: DISCOURSE_URL and DISCOURSE_API_KEY name it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.plugin.browsing import SETTINGS, Cohort, Forum, Page, a_cohort, browser

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def cohort() -> Iterator[Cohort]:
    """A cohort on the forum that the environment names."""
    try:
        forum = Forum(os.environ["DISCOURSE_URL"].rstrip("/"), os.environ["DISCOURSE_API_KEY"])
    except KeyError as missing:
        pytest.skip(f"{missing} is not set")
    forum.call("GET", "/lcm/status.json")
    with forum.settings(SETTINGS):
        yield from a_cohort(forum)


@pytest.fixture
def page(cohort: Cohort) -> Iterator[Page]:
    """A browser in which nobody is logged in yet; the plugin's script may complain of nothing."""
    with browser(cohort.forum.url) as opened:
        yield opened
        assert opened.errors() == []


@pytest.fixture(scope="session")
def admin() -> tuple[str, str]:
    """Name and password of an administrator."""
    username, password = os.environ.get("DISCOURSE_ADMIN"), os.environ.get("DISCOURSE_ADMIN_PASSWORD")
    if not (username and password):
        pytest.skip("DISCOURSE_ADMIN and DISCOURSE_ADMIN_PASSWORD name nobody who may log in as an administrator")
    return username, password
