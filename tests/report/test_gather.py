"""What a report reads from the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from sync_worker.report.published import published
from sync_worker.store.database import open_store
from sync_worker.store.tables import LedgerRow, TopicRow

if TYPE_CHECKING:
    from pathlib import Path

SLOT = datetime(2027, 3, 8, 9, tzinfo=UTC)


@pytest.mark.parametrize("known", [True, False], ids=["the forum's topic was read", "the topic was not read"])
@pytest.mark.parametrize("after", [timedelta(days=-2), timedelta(minutes=3)], ids=["ahead of its time", "on time"])
def test_a_topic_is_dated_by_when_it_was_posted(tmp_path: Path, after: timedelta, known: bool) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    at = SLOT + after
    with store.begin() as session:
        session.add(
            LedgerRow(
                key="lcm-x",
                forum="forum",
                cohort="spring-27",
                playbook="first-steps",
                step="weekly-prompt",
                slot=SLOT,
                action="topic",
                state="done",
                payload={"kind": "topic", "title": "A prompt", "raw": "Think.", "reason": "", "refs": ["prompt:x"]},
                result={"topic_id": 12},
                created_at=at,
                updated_at=at,
            )
        )
        if known:
            topic = TopicRow(forum="forum", id=12, category_id=5, title="A prompt", slug="a-prompt", created_at=at)
            topic.views, topic.tags, topic.closed, topic.posts_count, topic.like_count = 0, [], False, 1, 0
            session.add(topic)
        (found,) = published(session, "forum", "spring-27", "en")
        assert (found.topic_id, found.kind) == (12, "prompt")
        assert abs(found.at - at) <= timedelta(minutes=3)
        assert found.at < SLOT + timedelta(minutes=5)
    store.close()
