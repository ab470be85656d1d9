"""A forum that moved and a cohort with another key are recognised, and what was done counts as done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from sync_worker.errors import RefusedError, UsageError
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import ForumOptions
from sync_worker.report.case_study import note_report, reports_of
from sync_worker.store.facts import set_fact
from sync_worker.store.moving import move_forum, rename_cohort
from sync_worker.store.pauses import held, pause, read_clock, refuse_while_held, shift
from sync_worker.store.tables import CohortClockRow, ConsentRow, CursorRow, FactRow, MembershipRow, OccurrenceRow
from sync_worker.worker.start import look_at_the_forum, refuse_renamed_cohorts, renamed_from, renewed_key

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def moved(world: Any) -> Iterator[str]:
    """The same forum at another address."""
    server = ForumServer(":memory:", options=ForumOptions())
    server._server.application = world.app
    with server:
        yield server.url


def at_address(journey: Any, url: str) -> None:
    """Name another address in the settings."""
    forum = journey.settings.forum.model_copy(update={"url": url})
    journey.settings = journey.settings.model_copy(update={"forum": forum})


def look(journey: Any, world: Any, at: Any) -> str | None:
    from sync_worker.forum import Forum, Patience
    from sync_worker.practice_forum.server.options import DEFAULT_KEY

    with (
        journey.store() as store,
        Forum.connect(journey.settings.forum, DEFAULT_KEY, patience=Patience(attempts=1)) as forum,
    ):
        look_at_the_forum(forum, store, journey.settings)
        with store.begin() as session:
            return held(session, forum.name)


@pytest.mark.parametrize("knows_the_site", [True, False])
def test_a_forum_at_another_address_is_recognised_and_nothing_is_posted_twice(
    journey: Any, world: Any, at: Any, moved: str, knows_the_site: bool
) -> None:
    journey.run(at(9))
    if knows_the_site:
        assert look(journey, world, at) is None
    seen, old = journey.seen_on_forum(), journey.settings.forum.name
    at_address(journey, moved)
    assert f"the store knows as '{old}'" in str(look(journey, world, at))
    assert journey.run(at(10)).is_empty
    with journey.store() as store, pytest.raises(RefusedError, match="lcm recover --moved-from"):
        refuse_while_held(store.sessions, journey.settings.forum.name)
    with journey.store() as store, store.begin() as session:
        move_forum(session, old, journey.settings.forum.name, renewed_key)
    assert journey.run(at(9.5)).is_empty
    assert journey.seen_on_forum() == seen
    assert [happening.step for happening in journey.run(at(10)).happenings] == ["answer", "ask"]


def test_another_site_at_the_same_address_is_left_alone(journey: Any, world: Any, at: Any) -> None:
    journey.run(at(9))
    assert look(journey, world, at) is None
    with journey.store() as store, store.begin() as session:
        from sync_worker.store.pauses import remember

        remember(session, journey.settings.forum.name, "site", "2001-01-01T00:00:00.000Z")
    assert "another site" in str(look(journey, world, at))


def test_two_forums_of_one_store_are_two(journey: Any, world: Any, at: Any, practice_forum: Any) -> None:
    journey.run(at(9))
    assert look(journey, world, at) is None
    at_address(journey, practice_forum.url)
    practice_forum.set_clock(None)
    assert look(journey, world, at) is None


def rename(journey: Any, key: str) -> str:
    """Give the cohort another key; group and category stay. Returns the old key."""
    old = journey.settings.cohorts[0]
    names = {"group": old.group or old.key, "lcm_group": f"{old.key}-lcm", "category_slug": old.key}
    declared = old.model_copy(update={"key": key, **names})
    journey.settings = journey.settings.model_copy(update={"cohorts": (declared,)})
    return old.key


def test_a_cohort_with_another_key_is_noticed_and_carried_over(
    journey: Any, world: Any, at: Any, tmp_path: Path
) -> None:
    journey.run(at(9))
    page = tmp_path / "case-study.html"
    page.touch()
    seen, name = journey.seen_on_forum(), journey.settings.forum.name
    with journey.store() as store, store.begin() as session:
        session.add(CohortClockRow(forum=name, cohort=journey.key, paused=False, shift_days=0))
        session.add(ConsentRow(forum=name, post_id=1, user_id=2, username="ines", cohort=journey.key, message_key="k",
                               answer="no", asked_at=at(9)))  # fmt: skip
        session.add(MembershipRow(forum=name, group_name=journey.key, user_id=5, username="ines", person="id:1",
                                  cohort=journey.key, state="added", run="r", at=at(9)))  # fmt: skip
        note_report(session, name, journey.key, page)
    old = rename(journey, f"{journey.key}-b")
    report = journey.run(at(9.5))
    assert report.is_empty
    assert f"looks like '{old}'" in str(report.standing[0])
    assert "--was" in str(report.standing[0])
    with journey.store() as store, store.begin() as session:
        rename_cohort(session, name, old, journey.key, renewed_key)
    assert journey.run(at(9.6)).is_empty
    assert journey.seen_on_forum() == seen
    with journey.store() as store, store.begin() as session:
        for table in (OccurrenceRow, CohortClockRow, ConsentRow, MembershipRow):
            assert {row.cohort for row in session.scalars(select(table))} == {journey.key}
        assert reports_of(session, name, [journey.key]) == [(journey.key, page)]
        assert not [cursor for cursor in session.scalars(select(CursorRow.name)) if cursor.endswith(old)]


def test_what_was_said_of_the_new_key_of_a_cohort_before_it_was_carried_over_stands(journey: Any, at: Any) -> None:
    journey.run(at(9))
    name, old = journey.settings.forum.name, journey.key
    with journey.store() as store, store.begin() as session:
        shift(session, name, old, 7)
        pause(session, name, "another", None)
        for cohort, team in ((old, "north"), ("another", "south")):
            set_fact(session, name, 5, "team", team, "a person", at(9), cohort=cohort)
    with journey.store() as store, store.begin() as session:
        rename_cohort(session, name, old, "another", renewed_key)
    with journey.store() as store, store.begin() as session:
        clock = read_clock(session, name, "another")
        assert (clock.stands_still(at(9)), clock.shift_days) == (True, 7)
        assert [row.value for row in session.scalars(select(FactRow))] == ["south"]


def test_a_cohort_that_only_follows_another_one_is_new(journey: Any, world: Any, at: Any) -> None:
    journey.run(at(9))
    declared = journey.settings.cohorts[0]
    following = declared.model_copy(update={"key": "autumn-28", "name": "Autumn", "group": "autumn-28"})
    with journey.store() as store, store.begin() as session:
        name = journey.settings.forum.name
        assert renamed_from(session, name, following, ["autumn-28"]) is None
        refuse_renamed_cohorts(session, name, [following], ["autumn-28"])  # does not refuse it


def test_what_was_done_under_both_names_cannot_become_one(journey: Any, at: Any) -> None:
    journey.run(at(9))
    name = journey.settings.forum.name
    with journey.store() as store, store.begin() as session, pytest.raises(UsageError, match="as well"):
        move_forum(session, "old.example.org", name, renewed_key)
