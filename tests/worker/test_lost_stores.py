"""A store that was lost, or came back from a backup: what was done is found on the forum, and done no second time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from sync_worker.config.settings import CohortSettings, Settings
from sync_worker.content.decks import read_deck
from sync_worker.forum import Forum, Patience
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.publish.entries import StepOfCohort, key_of
from sync_worker.store.database import open_store
from sync_worker.store.tables import ConsentRow, CreatedRow
from sync_worker.worker.run import run_due
from tests.worker.conftest import plain_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.worker.conftest import Journey, World

START = datetime(2027, 3, 1, 9, 30, tzinfo=UTC)


def test_a_lost_store_posts_nothing_a_second_time(journey: Journey, at: Callable[[float], datetime]) -> None:
    journey.run(at(9))
    journey.run(at(11))
    seen = journey.seen_on_forum()
    journey.lose_store()
    report = journey.run(at(12), step="welcome")
    assert {deed.state for deed in report.deeds} <= {"done"}
    assert journey.run(at(12), step="digest").deeds == []
    titles = [title for _, title, *_ in journey.seen_on_forum()]
    assert titles == [title for _, title, *_ in seen]


def test_a_reply_is_not_posted_again_by_a_store_that_came_back_from_a_backup(
    world: World, at: Callable[[float], datetime]
) -> None:
    journey = world.add_cohort()
    journey.run(at(9))
    file = Path(journey.settings.store.removeprefix("sqlite:///"))
    yesterday = file.read_bytes()
    world.set_clock(at(10))
    journey.run(at(10))
    seen = journey.seen_on_forum()
    assert str(seen).count("One more thing: say where you work.") == 2
    file.write_bytes(yesterday)
    world.set_clock(at(10.5))  # the forum itself refuses the same words for five minutes only
    report = journey.run(at(10.5))
    assert [deed.state for deed in report.deeds] == ["done", "done"]
    assert journey.seen_on_forum() == seen


@pytest.fixture
def settings(practice_forum: Any, tmp_path: Path) -> Settings:
    """A cohort that follows the shipped playbook."""
    practice_forum.call("POST", "/categories.json", json={"name": "Spring", "slug": "spring", "color": "0088CC",
                        "text_color": "FFFFFF", "permissions": {"everyone": 1}})  # fmt: skip
    cohort = {"key": "spring", "name": "Spring", "start": "2027-03-01", "end": "2027-05-28", "timezone": "UTC"}
    return plain_settings(
        practice_forum.url, tmp_path / "one.db", CohortSettings.model_validate({**cohort, "playbook": "first-steps"})
    )


def adopt_category(store: Any, forum: Forum) -> None:
    """Note the category as adopted, as `lcm sync --apply` does where `adopt` is allowed."""
    number = next(found.id for found in forum.categories() if found.slug == "spring")
    with store.begin() as session:
        session.merge(CreatedRow(forum=forum.name, kind="category", name="spring", forum_id=number,
                                 state="adopted", run="by-hand", at=START))  # fmt: skip


def week_by_week(settings: Settings, practice_forum: Any, weeks: range) -> list[str]:
    """Run every Monday's prompt; return the titles of the topics there are."""
    playbook = load_named("first-steps", (), REGISTRY)
    store = open_store(settings.store)
    with Forum.connect(settings.forum, DEFAULT_KEY, patience=Patience(attempts=1)) as forum:
        adopt_category(store, forum)
        for week in weeks:
            now = START + timedelta(weeks=week)
            practice_forum.set_clock(now)
            run_due(forum, store, settings, {playbook.name: playbook}, now, step="weekly-prompt")
    store.close()
    listed = practice_forum.get("/latest.json?order=created")["topic_list"]["topics"]
    return [topic["title"] for topic in listed if "week" in topic["title"]]


def test_prompts_of_a_lost_store_are_not_asked_again(settings: Settings, practice_forum: Any, tmp_path: Path) -> None:
    week_by_week(settings, practice_forum, range(1, 6))
    lost = settings.model_copy(update={"store": f"sqlite:///{tmp_path / 'two.db'}"})
    titles = week_by_week(lost, practice_forum, range(6, 9))
    prompts = [title.partition(": ")[2] for title in titles]
    assert len(prompts) == len(set(prompts)) == 8
    deck = read_deck(load_named("first-steps", (), REGISTRY).folder / "decks" / "apply-it.en.yml")
    assert sorted(prompts) == sorted(prompt.title for prompt in deck.prompts[:8])


def test_a_cohort_connected_late_is_looked_up_once(settings: Settings, practice_forum: Any) -> None:
    playbook = load_named("first-steps", (), REGISTRY)
    store = open_store(settings.store)
    with Forum.connect(settings.forum, DEFAULT_KEY, patience=Patience(attempts=1)) as forum:
        adopt_category(store, forum)
        now = START + timedelta(weeks=4, days=6)
        first = run_due(forum, store, settings, {playbook.name: playbook}, now)
        assert [one.step for one in first.happenings if one.outcome == "skipped"].count("weekly-prompt") == 4
        again = run_due(forum, store, settings, {playbook.name: playbook}, now + timedelta(minutes=1))
        assert (again.is_empty, again.calls) == (True, 0)
    store.close()


def test_who_said_no_is_known_again_after_the_store_was_lost(settings: Settings, practice_forum: Any) -> None:
    practice_forum.add_user("ines")
    practice_forum.set_clock(START + timedelta(weeks=2))
    playbook = load_named("first-steps", (), REGISTRY)
    store = open_store(settings.store)
    with Forum.connect(settings.forum, DEFAULT_KEY, patience=Patience(attempts=1)) as forum:
        adopt_category(store, forum)
        category = next(found.id for found in forum.categories() if found.slug == "spring")
        told = {
            "title": "What came of the pause I made",
            "raw": "I paused for three seconds. It took ten minutes less.",
        }
        topic = practice_forum.call("POST", "/posts.json", as_user="ines", json=told | {"category": category}).json()
        tuesday = date(2027, 3, 16)
        key = key_of(
            StepOfCohort(forum.name, "spring", "first-steps", "ask-for-a-story"), tuesday, f"ask-{topic['id']}"
        )
        quote = f'[quote="ines, post:1, topic:{topic["topic_id"]}"]\nI paused for three seconds.\n[/quote]'
        message = forum.create_message("Spring: may I show your post?", f"May I?\n\n{quote}", ["ines"], key)
        practice_forum.set_clock(START + timedelta(weeks=2, days=1))
        answer = {"raw": "No, please do not show it.", "topic_id": message.topic_id}
        assert practice_forum.call("POST", "/posts.json", as_user="ines", json=answer).ok
        now = START + timedelta(weeks=4, days=2)
        run_due(forum, store, settings, {playbook.name: playbook}, now)
    with store.begin() as session:
        consent = session.scalars(select(ConsentRow)).one()
    assert (consent.post_id, consent.username, consent.answer) == (topic["id"], "ines", "no")
    store.close()
