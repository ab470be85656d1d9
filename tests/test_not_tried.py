"""The line at the end of `make test` about what was not tried."""

from __future__ import annotations

from tests.not_tried import not_tried


def test_each_thing_that_is_absent_is_counted_and_says_how_to_get_it() -> None:
    line = not_tried([
        "Skipped: no PostgreSQL (set LCM_TEST_POSTGRES to postgresql+psycopg://user@host/database)",
        "Skipped: no PostgreSQL (set LCM_TEST_POSTGRES to postgresql+psycopg://user@host/database)",
        "Skipped: chromium or chromedriver is not installed",
        "Skipped: the plugin's packages are not installed: make lint-plugin installs them",
        "Skipped: hatchling is not installed",
        "Skipped: no recordings at /home/ana/shared (set LCM_SHARED)",
        "Skipped: SQLite has no writing common table expressions",
    ])  # fmt: skip
    assert line == (
        "Not tried, for something is absent: 6 tests."
        " PostgreSQL: 2 (set LCM_TEST_POSTGRES=postgresql+psycopg://USER@HOST/DATABASE);"
        " Chromium: 1 (install chromium and chromedriver (Debian: chromium chromium-driver));"
        " the plugin's node packages: 1 (make lint-plugin);"
        " the package's builder: 1 (pip install hatchling);"
        " recordings of a Discourse: 1 (not in this repository; set LCM_SHARED to the folder in which `recordings` is)."
    )


def test_nothing_is_said_where_nothing_is_absent() -> None:
    assert not_tried([]) == ""
    assert not_tried(["Skipped: the practice forum does not delete topics"]) == ""
