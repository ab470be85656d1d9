"""A topic is given up where Discourse itself refuses it, and for nothing that stands before Discourse."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sync_worker.config import ForumSettings
from sync_worker.forum import Forum, Patience
from sync_worker.model import Draft, DraftKind
from sync_worker.publish.entries import ledger_rows
from sync_worker.publish.publisher import Publisher
from sync_worker.store.database import Store, open_store
from sync_worker.store.ledger import draft_to_json
from tests.forum.conftest import ScriptedForum

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
KEY = "spring.first-steps.welcome.2027-03-01"
PAGE = {"body": "<html><title>Back soon</title></html>", "content_type": "text/html"}
GONE = {"errors": ["The requested URL or resource could not be found."], "error_type": "not_found"}
CREATED = {"id": 7, "topic_id": 5, "topic_slug": "welcome", "post_number": 1}


@pytest.fixture
def scripted() -> Iterator[ScriptedForum]:
    forum = ScriptedForum()
    forum.on("GET", f"/t/external_id/{KEY}.json", forum.reply(GONE, 404))
    yield forum
    forum.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    yield opened
    opened.close()


def publish(scripted: ScriptedForum, store: Store) -> tuple[str, str]:
    """Publish one topic; return its state now, and its state after another try an hour later."""
    settings = ForumSettings(url=scripted.url, read_timeout=60)
    draft = draft_to_json(
        Draft(DraftKind.TOPIC, "Hello, all of you who learn with us.", "welcome", title="Welcome to the cohort")
    )
    more = {"category_id": 9, "cohort_name": "Spring", "playbook": "p", "step": "welcome", "slot": NOW.isoformat()}
    rows = ledger_rows(KEY, settings.name, "spring", {**draft, **more, "position": 0}, NOW)
    with store.begin() as session:
        session.add_all(rows)
    with Forum.connect(settings, "k" * 64, patience=Patience(attempts=1)) as forum:
        first = Publisher(forum, store, NOW).publish_all(rows)
        scripted.on("POST", "/posts.json", scripted.reply(CREATED))
        again = Publisher(forum, store, NOW + timedelta(hours=1)).settle()
    return first[0].state, again[0].state if again else first[0].state


@pytest.mark.parametrize("status", [200, 400, 403, 404, 413, 422, 429, 502, 503])
def test_a_page_before_the_forum_only_delays_a_topic(scripted: ScriptedForum, store: Store, status: int) -> None:
    scripted.on("POST", "/posts.json", scripted.reply(status=status, **PAGE))
    assert publish(scripted, store) == ("intended", "done")


@pytest.mark.parametrize("body", [{"success": False}, {"message": "blocked"}, {"errors": [{"code": 1}]}])
@pytest.mark.parametrize("status", [200, 400, 413, 422])
def test_so_does_json_that_is_not_discourses(
    scripted: ScriptedForum, store: Store, status: int, body: dict[str, Any]
) -> None:
    scripted.on("POST", "/posts.json", scripted.reply(body, status))
    assert publish(scripted, store) == ("intended", "done")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_key_or_a_right_that_is_missing_can_be_given_back(scripted: ScriptedForum, store: Store, status: int) -> None:
    denied = {"errors": ["You are not permitted to view the requested resource."], "error_type": "invalid_access"}
    scripted.on("POST", "/posts.json", scripted.reply(denied, status))
    assert publish(scripted, store) == ("intended", "done")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "create_post", "errors": ["Body is too short"]}, 422),
        ({"errors": ["You supplied invalid parameters to the request: raw"], "error_type": "invalid_parameters"}, 400),
        ({"failed": "FAILED", "message": "No."}, 422),
        ({"action": "enqueued", "success": True}, 200),
    ],
)
def test_what_discourse_itself_refuses_is_given_up(
    scripted: ScriptedForum, store: Store, body: dict[str, Any], status: int
) -> None:
    scripted.on("POST", "/posts.json", scripted.reply(body, status))
    assert publish(scripted, store) == ("failed", "failed")
