"""A person is forgotten while the worker has to do with them: the work goes on, and nothing of them comes back."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from sync_worker.store.personal import Subject, held_about
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.personal_data import forget_person, identify
from tests.worker.story_site import YES, StorySite, day
from tests.worker.test_roundup_care import ANA, write_two
from tests.worker.topics_site import begin, follow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from sync_worker.worker.run_report import RunReport

PLAN = """\
  - {id: plan, at: start 09:00, play: commitment, approval: none, with: {later: 14d}}
"""


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    folder, numbers = tmp_path_factory.mktemp("forgotten"), count(1)

    def make(steps: str) -> Any:
        return begin(story_server, folder, f"gone{next(numbers):03}", steps)

    return make


def forget(site: Any, name: str, now: datetime) -> Subject:
    """Forget a learner, as `lcm forget` does; return who it was."""
    with site.store() as store:
        forum = site.settings.forum.name
        account = site.call("GET", f"/u/{name}.json")["user"]["id"]
        subject = identify(store, forum, name, None, lambda _: account)
        assert subject.accounts == {account}
        forget_person(store, forum, subject, now)
    return subject


def held(site: Any, subject: Subject) -> dict[str, Any]:
    """What the store has of somebody; the members of our groups are what the forum says, which is said in the docs."""
    with site.store() as store, store.begin() as session:
        found = held_about(session, site.settings.forum.name, subject)
        return {name: rows for name, rows in found.items() if name != "seen"}


def failures(report: RunReport) -> list[str]:
    return [str(one) for one in report.happenings if one.outcome == "failed"] + [str(one) for one in report.standing]


def test_an_author_who_was_asked_about_a_story_and_is_forgotten_is_shown_nowhere(asked: StorySite) -> None:
    asked.say(asked.learner, YES, day(16, 14))
    subject = forget(asked, asked.learner, day(16, 15))
    for number in (17, 18, 19, 22, 26):
        assert failures(asked.run(day(number, 12))) == []
    assert asked.stories() == []
    assert held(asked, subject) == {}


def test_an_author_whose_story_is_shown_and_who_is_forgotten_breaks_nothing(told: StorySite) -> None:
    subject = forget(told, told.learner, day(20, 15))
    for number in (21, 22, 26):
        assert failures(told.run(day(number, 12))) == []
    left = held(told, subject)
    # The story itself stays on the forum until somebody deletes it there, and is read there.
    assert {row["username"] for row in left.pop("posts")} == {"forumadmin"}
    assert len(left.pop("topics")) == 1
    assert left == {}


def test_a_plan_of_a_forgotten_person_is_not_read_again_and_nobody_asks_about_it(new: Any) -> None:
    site = new(PLAN)
    site.run(day(1, 9))
    topic = site.topic_id("one thing, one day, one witness")
    site.say(f"ana_{site.key}", "On Thursday I will ask first. Ben will hear it.", day(2, 9), topic)
    site.run(day(2, 12))
    subject = forget(site, f"ana_{site.key}", day(2, 15))
    for number in range(3, 30, 2):
        assert failures(site.run(day(number, 10))) == []
    assert site.messages() == []
    assert held(site, subject) == {}


def test_a_topic_that_a_forgotten_person_opened_is_not_named_where_somebody_else_is_quoted(
    story_server: ForumServer, tmp_path: Path
) -> None:
    site = follow(story_server, tmp_path, "unnamed", '  - {id: week, every: "friday 15:00", play: roundup}\n')
    write_two(site)
    site.run(day(5, 15))
    forget(site, f"ana_{site.key}", day(6))
    site.set_clock(day(8))
    tried = (
        "I tried the same in our ward this week, and it worked: nobody had to be called back, and the hand-over took "
        "four minutes instead of ten."
    )
    body = {"topic_id": site.ana_post["topic_id"], "raw": tried}  # type: ignore[attr-defined]
    post = site.call("POST", "/posts.json", f"ben_{site.key}", json=body)
    for name in ("ana", "lea"):
        like = {"id": post["id"], "post_action_type_id": 2}
        site.call("POST", "/post_actions.json", f"{name}_{site.key}", json=like)
    site.run(day(12, 15))
    title, text = site.topics()[-1]
    assert "5–11 March" in title
    assert tried in text
    assert "One page at the door" not in text
    assert "one-page-at-the-door" not in text
    with site.store() as store, store.begin() as session:
        assert ANA not in str([row.payload for row in session.scalars(select(LedgerRow))])
