"""What the texts after a question about a story are declared to use is what they are given."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from sync_worker.model import Cohort
from sync_worker.playbook.load import shipped_texts
from sync_worker.plays.template_values.stories import AFTERCARE_WORDS
from sync_worker.worker.aftercare import TEMPLATES, Aftercare, Care, Removal, StoryCase, Told

if TYPE_CHECKING:
    from sync_worker.forum.client import Forum
    from sync_worker.playbook.load import Playbook
    from sync_worker.publish.publisher import Publisher
    from sync_worker.store.database import Store

NOW = datetime(2027, 3, 5, 12, tzinfo=UTC)
SPRING = Cohort(
    "spring", "Spring", date(2027, 3, 1), date(2027, 5, 28), "Europe/Lisbon", "en", "spring", "lcm", "Spring", "spring"
)
CASE = StoryCase(
    post_id=9, user_id=2, answer="no", told=Told("key", 7, "Ana asked", NOW), removal=Removal("done", replies=2)
)


def test_every_text_that_is_sent_is_declared() -> None:
    assert set(TEMPLATES.values()) == AFTERCARE_WORDS.keys()


@pytest.mark.parametrize("care", TEMPLATES)
def test_a_text_may_use_what_it_is_given(care: Care) -> None:
    forum = cast("Forum", SimpleNamespace(url="https://forum.example.org"))
    unused = SimpleNamespace()
    store, publisher, playbook = cast("Store", unused), cast("Publisher", unused), cast("Playbook", unused)
    aftercare = Aftercare(forum, store, publisher, SPRING, playbook, NOW)
    values = aftercare._values(care, CASE, "Ana", shipped_texts("en"))
    assert values.keys() == {word.name for word in AFTERCARE_WORDS[TEMPLATES[care]]}
