"""Consent where the forum has the plugin: a click decides, what is written after it counts as well."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from sync_worker.practice_forum.tables import Topic
from sync_worker.store.tables import ConsentRow
from tests.lcm.test_desk_loop import START, Worker, story_of_ana

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@pytest.fixture
def worker(cohort: Any, tmp_path: Path) -> Worker:
    return Worker(cohort, tmp_path)


class Story:
    """Ana's post, about which the LCM had her asked."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.post = story_of_ana(worker)["id"]
        self.desk = f"/lcm/desk/spring-27/stories/{self.post}.json"
        worker.look(START + timedelta(minutes=1))
        worker.site.ask("PUT", self.desk, {"action": "ask_consent"}, as_user="lea")
        worker.look(START + timedelta(minutes=20))
        self.talk = worker.items("stories")[str(self.post)][1]["message_topic_id"]

    def click(self, answer: str, at: datetime) -> None:
        """Let Ana answer with a click."""
        self.worker.site.forum.set_clock(at)
        self.worker.site.ask("PUT", f"/lcm/stories/{self.post}/consent.json", {"answer": answer}, as_user="ana")

    def write(self, raw: str, at: datetime, username: str = "ana") -> None:
        """Let somebody write in the conversation."""
        self.worker.site.forum.set_clock(at)
        body = {"topic_id": self.talk, "raw": raw}
        assert self.worker.site.forum.call("POST", "/posts.json", as_user=username, json=body).ok

    def spotlight(self, at: datetime) -> None:
        """Let the LCM have it told."""
        self.worker.site.forum.set_clock(at)
        self.worker.site.ask("PUT", self.desk, {"action": "spotlight"}, as_user="lea")
        self.worker.look(at + timedelta(minutes=1))

    def answer(self) -> str:
        """The stored answer."""
        with self.worker.store() as store, store.begin() as session:
            return session.scalars(select(ConsentRow.answer).where(ConsentRow.post_id == self.post)).one()

    def told(self) -> int | None:
        """The topic of the story, as the desk knows it."""
        number = self.worker.items("stories")[str(self.post)][1].get("story_topic_id")
        return None if number is None else int(number)

    def stands(self) -> bool:
        """Whether a story stands on the forum."""
        with self.worker.site.forum.session() as session:
            own = select(Topic).where(Topic.external_id.is_not(None), Topic.deleted_at.is_(None))
            return any(topic.title.startswith("Ana") for topic in session.scalars(own))


@pytest.fixture
def story(worker: Worker) -> Story:
    return Story(worker)


def minutes(number: float) -> datetime:
    """Return so many minutes after the start."""
    return START + timedelta(minutes=number)


def test_a_click_wins_over_older_words(story: Story) -> None:
    story.write("No, I would rather not.", minutes(30))
    story.click("yes", minutes(40))
    story.spotlight(minutes(80))
    assert story.stands()
    assert story.answer() == "yes"


def test_words_written_after_a_click_count(story: Story) -> None:
    story.click("yes", minutes(30))
    story.write("No, please do not show it after all.", minutes(40))
    story.spotlight(minutes(80))
    assert not story.stands()
    assert story.answer() == "no"


def test_a_condition_written_after_a_click_goes_to_the_lcm(story: Story) -> None:
    story.click("yes", minutes(30))
    story.write("One thing: leave out how many calls we had.", minutes(40))
    story.spotlight(minutes(80))
    assert not story.stands()
    assert story.answer() == "unclear"
    assert any("please read" in title for title in story.worker.titles())


def test_a_click_on_no_takes_a_told_story_down_at_the_next_look(story: Story) -> None:
    story.click("yes", minutes(30))
    story.spotlight(minutes(80))
    assert story.stands()
    assert story.told()
    story.click("no", minutes(100))
    story.worker.look(minutes(101))
    assert not story.stands()
    assert any("takes the story back" in title for title in story.worker.titles())
    story.worker.look(minutes(140))
    assert sum("takes the story back" in title for title in story.worker.titles()) == 1


def test_a_click_on_no_is_heard_before_what_was_asked_for_earlier_is_done(story: Story) -> None:
    story.click("yes", minutes(30))
    story.worker.look(minutes(31))
    story.worker.site.ask("PUT", story.desk, {"action": "spotlight"}, as_user="lea")
    story.click("no", minutes(40))
    story.worker.look(minutes(41))
    assert story.answer() == "no"
    assert not any(title.startswith("Ana") for title in story.worker.titles())
    assert not any("takes the story back" in title for title in story.worker.titles())


def test_written_words_take_a_told_story_down_within_a_day(story: Story) -> None:
    story.click("yes", minutes(30))
    story.spotlight(minutes(80))
    story.write("Please take my story down.", minutes(100))
    story.worker.run(minutes(100) + timedelta(days=1))
    assert not story.stands()


def test_an_lcm_who_asks_from_the_desk_is_named_and_takes_part_in_the_conversation(story: Story) -> None:
    shown = story.worker.site.forum.get(f"/t/{story.talk}.json?include_raw=1", as_user="lea")
    assert "I am the assistant of Lea" in shown["post_stream"]["posts"][0]["raw"]
    assert {"ana", "lea"} <= {user["username"] for user in shown["details"]["allowed_users"]}


def test_a_click_before_the_question_was_sent_does_not_stand_for_a_text_that_nobody_saw(worker: Worker) -> None:
    post = story_of_ana(worker)["id"]
    worker.look(START + timedelta(minutes=1))
    desk = f"/lcm/desk/spring-27/stories/{post}.json"
    worker.site.ask("PUT", desk, {"action": "ask_consent"}, as_user="lea")
    worker.site.ask("PUT", f"/lcm/stories/{post}/consent.json", {"answer": "yes"}, as_user="ana")
    worker.look(START + timedelta(minutes=20))
    talk = worker.items("stories")[str(post)][1]["message_topic_id"]
    worker.run(START + timedelta(days=2))
    with worker.store() as store, store.begin() as session:
        assert session.scalars(select(ConsentRow.answer)).one() == "asked"
    body = {"topic_id": talk, "raw": "Yes, you may show it."}
    assert worker.site.forum.call("POST", "/posts.json", as_user="ana", json=body).ok
    worker.site.ask("PUT", desk, {"action": "spotlight"}, as_user="lea")
    worker.look(START + timedelta(days=2, minutes=40))
    assert worker.items("stories")[str(post)][1]["story_topic_id"]


def test_who_has_just_said_stop_is_not_asked_about_a_story(worker: Worker) -> None:
    post = story_of_ana(worker)["id"]
    worker.look(START + timedelta(minutes=1))
    forum = worker.site.forum
    forum.set_clock(START + timedelta(minutes=10))
    account = forum.get("/u/ana.json")["user"]["id"]
    assert forum.call("PUT", f"/admin/users/{account}/trust_level.json", json={"level": 1}).ok
    body = {"title": "A word to you", "raw": "Stop, please", "archetype": "private_message"}
    body["target_recipients"] = "forumadmin"
    assert forum.call("POST", "/posts.json", as_user="ana", json=body).ok
    worker.site.ask("PUT", f"/lcm/desk/spring-27/stories/{post}.json", {"action": "ask_consent"}, as_user="lea")
    worker.look(START + timedelta(minutes=20))
    assert not any("may I show your post" in title for title in worker.titles())
