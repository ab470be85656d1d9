"""What was taken back stays so: no matter what is deleted or restored afterwards, and who adds a word in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sync_worker.forum import Forum
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.worker.recovery import plan_recovery, recover
from tests.worker.backup import back_up, put_back
from tests.worker.story_site import YES, StorySite, day

if TYPE_CHECKING:
    from datetime import datetime


def recovered(site: StorySite, now: datetime) -> None:
    """Do what `lcm recover --apply` does."""
    ends = {site.key: site.settings.cohorts[0].end}
    with site.store() as store, Forum.connect(site.settings.forum, DEFAULT_KEY) as forum:
        recover(store, forum.name, plan_recovery(forum, store, ends, now), now)


def say_no_and_lose_it(asked: StorySite) -> None:
    """Let the author say no, and put the forum back to where it was before that."""
    backup = back_up(asked.server.app)
    asked.say(asked.learner, "No, please do not show it.", day(18, 12))
    asked.run(day(18, 15))
    assert asked.answer() == "no"
    put_back(asked.server.app, backup)
    recovered(asked, day(19, 9))
    asked.run(day(19, 10))


def test_a_no_that_the_forum_lost_with_a_backup_still_counts(asked: StorySite) -> None:
    asked.say(asked.learner, YES, day(16, 14))
    asked.run(day(17, 14))
    say_no_and_lose_it(asked)
    assert asked.stories() == []
    assert asked.answer() == "no"


def test_an_older_yes_does_not_count_again_where_a_no_is_deleted(asked: StorySite) -> None:
    asked.say(asked.learner, YES, day(16, 14))
    no = asked.say(asked.learner, "No, please do not show it.", day(16, 15))
    asked.run(day(17, 16))
    asked.call("DELETE", f"/posts/{no}.json", asked.learner)
    asked.run(day(19, 10))
    assert asked.stories() == []
    assert asked.answer() == "no"
    asked.say(asked.learner, "You may show it.", day(19, 11))
    asked.run(day(20, 12))
    assert asked.answer() == "yes"


@pytest.mark.parametrize("before", ["", "Let me think about it for a day."])
def test_a_no_that_nothing_plain_came_before_counts_though_the_forum_lost_it(asked: StorySite, before: str) -> None:
    if before:
        asked.say(asked.learner, before, day(16, 14))
    say_no_and_lose_it(asked)
    asked.run(day(20, 12))
    assert asked.answer() == "no"
    assert not any("please read" in topic.title for topic in asked.messages())


def test_a_changed_text_asks_anew_though_the_author_said_no_to_another(asked: StorySite) -> None:
    asked.say(asked.learner, "No, please do not show it.", day(16, 14))
    asked.run(day(17, 16))
    asked.say(asked.lcm, "Like this?\n\n---\n\n### Fewer calls back\n\nWe read it aloud.\n\n---", day(17, 17))
    asked.run(day(18, 18))
    assert asked.answer() == "asked"


def test_a_story_that_was_taken_down_is_taken_down_again_on_a_restored_forum(asked: StorySite) -> None:
    asked.say(asked.learner, YES, day(16, 14))
    asked.run(day(19, 10))
    backup = back_up(asked.server.app)
    asked.say(asked.learner, "Please take my story down.", day(20, 9))
    asked.run(day(20, 10.5))
    assert asked.stories() == []
    put_back(asked.server.app, backup)
    assert len(asked.stories()) == 1
    recovered(asked, day(20, 12))
    asked.run(day(20, 12.5))
    assert asked.stories() == []
    for number in (21, 22, 26):
        asked.run(day(number, 12))
    assert asked.stories() == []


@pytest.mark.parametrize("after", ["Wait, I have to ask her first.", "Sorry, that was meant for another message."])
def test_a_doubt_of_the_lcms_takes_back_her_yes_for_the_author(asked: StorySite, after: str) -> None:
    asked.say(asked.learner, "Sure, if it is of any use to you.", day(16, 14))
    asked.run(day(17, 12))
    note = next(topic for topic in asked.messages() if "please read" in topic.title)
    asked.say(asked.lcm, "Yes, show it", day(17, 14), note.id)
    asked.say(asked.lcm, after, day(17, 15), note.id)
    asked.run(day(18, 13))
    assert asked.answer() == "unclear"
    asked.run(day(19, 10))
    assert asked.stories() == []
