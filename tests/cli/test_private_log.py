"""No log shows an e-mail address, the key, or what people wrote, at any level."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import StatementError

from sync_worker.cli import FORMAT, PrivateFormatter
from sync_worker.errors import ForumError
from sync_worker.store.database import open_store, upsert
from sync_worker.store.tables import PostRow
from sync_worker.worker.run_report import Happening, RunReport
from sync_worker.worker.service import Service

PRIVATE = "My employer does not know this yet."
EMAIL = "ana.silva@example.org"


def logged(error: BaseException, message: str = "this failed") -> str:
    """What the log shows of an error."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(PrivateFormatter(FORMAT))
    record = logging.LogRecord("x", logging.ERROR, __file__, 1, message, (), (type(error), error, error.__traceback__))
    handler.handle(record)
    return out.getvalue()


def test_an_unexpected_error_shows_its_place_and_not_its_words() -> None:
    try:
        try:
            int(PRIVATE)
        except ValueError as error:
            raise KeyError(f"{PRIVATE} {EMAIL}") from error
    except KeyError as error:
        shown = logged(error, f"play story failed for {EMAIL}")
    assert PRIVATE not in shown
    assert EMAIL not in shown
    assert "test_private_log.py" in shown
    assert "ValueError" in shown
    assert "KeyError" in shown
    assert "play story failed for [e-mail]" in shown


def test_an_error_of_ours_keeps_its_words() -> None:
    assert "the forum refuses connections." in logged(ForumError("the forum refuses connections."))


def test_an_error_of_the_store_carries_no_values(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    with pytest.raises(StatementError) as caught, store.begin() as session:
        upsert(session, PostRow, [{"forum": "f", "id": 1, "raw": PRIVATE, "username": EMAIL, "topic_id": None}])
    assert PRIVATE not in str(caught.value)
    assert EMAIL not in str(caught.value)
    store.close()


def test_the_services_log_says_what_was_done_and_not_whom_it_quotes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    why = f"@ana answered a question: “{PRIVATE[:20]}…”"
    happenings = [
        Happening("spring", "story", "2027-03-01T09:00", "done", why),
        Happening("spring", "story", "2027-03-02T09:00", "waiting", why),
        Happening("spring", "story", "2027-03-03T09:00", "nothing", why),
        Happening("spring", "story", "2027-03-04T09:00", "skipped", "it was to happen by noon"),
        Happening("spring", "story", "2027-03-05T09:00", "later", f"unexpected ValueError: {PRIVATE}"),
    ]
    nothing: Any = None  # what is logged of a report needs neither forum nor store
    Service(nothing, nothing, nothing, {})._tell(RunReport(happenings=happenings))
    assert PRIVATE[:20] not in caplog.text
    assert "spring story 2027-03-01T09:00: done" in caplog.text
    assert "skipped it was to happen by noon" in caplog.text
    assert "later unexpected ValueError" in caplog.text


def test_a_sync_that_is_debugged_logs_no_address(tmp_path: Path, practice_forum: Any) -> None:
    names = [f"person{number}" for number in range(5)]
    practice_forum.add_users(*names)
    rows = "".join(f"{name}@example.org,{name.title()},spring,learner\n" for name in (*names, "stranger"))
    (tmp_path / "roster.csv").write_text(f"email,name,cohort,role\n{rows}", encoding="utf-8")
    today, tomorrow = datetime.now(UTC).date(), datetime.now(UTC).date() + timedelta(days=1)
    (tmp_path / "lcm.yaml").write_text(
        f"forum: {{url: '{practice_forum.url}', api_username: forumadmin, calls_per_minute: 1000000}}\n"
        "roster: {csv: roster.csv}\nlookup: {rungs: [terms, singly]}\n"
        "limits: {allow: [add, create], grace_days: 0}\n"
        f"cohorts:\n  - {{key: spring, name: Spring, start: {today}, end: {tomorrow}, timezone: UTC}}\n",
        encoding="utf-8",
    )
    main = "from sync_worker.cli import main; main()"
    ran = subprocess.run(
        [sys.executable, "-c", main, "--log-level", "debug", "sync", "--apply"],
        cwd=tmp_path, env={**os.environ, "DISCOURSE_API_KEY": practice_forum.key}, capture_output=True, text=True,
        timeout=600, check=False,
    )  # fmt: skip
    assert "GET /admin/users/list/*" in ran.stderr or "GET /admin/users/list/active" in ran.stderr, ran.stderr[-2000:]
    assert "example.org" not in ran.stderr
    assert practice_forum.key not in ran.stderr
