"""A forum restored from a backup is recognised, and nothing is changed on it until a person has looked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from sync_worker.forum.site_checks import restored
from sync_worker.model import Approval
from sync_worker.store.pauses import hold, release
from sync_worker.store.tables import ConsentRow, DraftRow, LedgerRow
from sync_worker.worker.recovery import plan_recovery, recover
from tests.worker.backup import back_up, put_back

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sync_worker.plays.context import Drafted, Play, PlayContext
    from sync_worker.worker.recovery import Recovery
    from tests.worker.conftest import Journey, World


def recovered(journey: Any, world: Any, now: Any) -> Recovery:
    """Do what `lcm recover --apply` does."""
    ends = {journey.key: journey.settings.cohorts[0].end}
    with journey.store() as store, world.forum() as forum:
        found = plan_recovery(forum, store, ends, now)
        recover(store, forum.name, found, now)
    return found


def looks_restored(journey: Any, world: Any) -> str | None:
    with journey.store() as store, world.forum() as forum:
        return restored(forum, store.sessions)


def test_nothing_is_done_on_a_restored_forum_until_a_person_has_looked(journey: Any, world: Any, at: Any) -> None:
    backup = back_up(world.app)
    journey.run(at(9))
    before = journey.seen_on_forum()
    put_back(world.app, backup)
    for hour in (10, 11, 12):
        report = journey.run(at(hour))
        assert report.is_empty
        assert "restored from a backup" in str(report.standing[0])
    assert journey.seen_on_forum() == []
    found = recovered(journey, world, at(12))
    assert {one.row.action: one.what for one in found.missing} == {"topic": "write anew", "message": "leave"}
    assert journey.run(at(12.1)).standing == []
    assert journey.seen_on_forum()[0][3][0] == before[0][3][0]
    assert [title for _, title, *_ in journey.seen_on_forum()] == [
        "Welcome to you all in NAME",
        "What happened in NAME",
    ]


def approved_first(journey: Journey, *, parts: int = 1) -> dict[str, Play]:
    """Return the plays, with a digest in so many parts, each of which waits for the LCM."""

    def draft(context: PlayContext) -> Drafted:
        drafted = journey.plays["digest"].draft(context)
        text = replace(drafted.drafts[0], approval=Approval.LCM)
        drafts = (replace(text, part=f"{part}", title=f"{text.title}, part {part}") for part in range(parts))
        return replace(drafted, drafts=tuple(drafts))

    return {**journey.plays, "digest": replace(journey.plays["digest"], draft=draft)}


def test_a_text_that_an_lcm_had_approved_is_written_anew_and_waits_for_the_lcm_again(
    journey: Journey, world: World, at: Callable[[float], datetime]
) -> None:
    plays = approved_first(journey)
    backup = back_up(world.app)
    journey.run(at(11), plays=plays, step="digest")
    journey.decide("approved")
    assert [deed.state for deed in journey.run(at(11.1), plays=plays, step="digest").deeds] == ["done"]
    put_back(world.app, backup)
    found = recovered(journey, world, at(12))
    assert [one.what for one in found.missing] == ["write anew"]
    report = journey.run(at(12.1), plays=plays, step="digest")
    assert [happening.outcome for happening in report.happenings] == ["waiting"]
    assert journey.seen_on_forum() == []
    journey.decide("approved")
    journey.run(at(12.2), plays=plays, step="digest")
    assert [title for _, title, *_ in journey.seen_on_forum()] == ["What happened in NAME, part 0"]


def test_a_part_that_an_lcm_had_rejected_stays_rejected_when_the_other_is_written_anew(
    journey: Journey, world: World, at: Callable[[float], datetime]
) -> None:
    plays = approved_first(journey, parts=2)
    backup = back_up(world.app)
    journey.run(at(11), plays=plays, step="digest")
    with journey.store() as store, store.begin() as session:
        for row in session.scalars(select(DraftRow)):
            row.state = "approved" if row.body["part"] == "0" else "rejected"
    journey.run(at(11.1), plays=plays, step="digest")
    put_back(world.app, backup)
    recovered(journey, world, at(12))
    journey.run(at(12.1), plays=plays, step="digest")
    with journey.store() as store, store.begin() as session:
        states = {row.body["part"]: row.state for row in session.scalars(select(DraftRow))}
    assert states == {"0": "pending", "1": "rejected"}


def test_numbers_that_belong_to_others_after_a_restore_are_recognised(journey: Any, world: Any, at: Any) -> None:
    backup = back_up(world.app)
    journey.run(at(9))
    put_back(world.app, backup)
    with world.forum() as forum:
        for number in range(4):
            forum.create_topic(
                f"A topic made after the restore, {number}", "Words enough for a topic.", 1, f"x-{number}"
            )
    assert "belong to other topics now" in str(looks_restored(journey, world))


def test_a_topic_that_a_moderator_deleted_is_no_restore(journey: Any, world: Any, at: Any) -> None:
    journey.run(at(9))
    with journey.store() as store, store.begin() as session:
        made = session.scalars(select(LedgerRow).where(LedgerRow.action == "topic")).all()
    with world.forum() as forum:
        for row in made:
            forum._http.ask("DELETE", f"/t/{row.result['topic_id']}.json")
    assert looks_restored(journey, world) is None
    assert journey.run(at(10.5)).standing == []
    titles = [title for _, title, *_ in journey.seen_on_forum()]
    assert titles.count("Welcome to you all in NAME") == 1  # the deleted one, which staff still see


def test_looking_costs_one_call_an_hour_and_none_where_nothing_was_posted(journey: Any, world: Any, at: Any) -> None:
    with journey.store() as store, world.forum() as forum:
        assert restored(forum, store.sessions) is None
        assert forum.calls.total == 0
    journey.run(at(9))
    with journey.store() as store, world.forum() as forum:
        assert restored(forum, store.sessions) is None
        assert forum.calls.total == 1


def test_an_approved_draft_is_not_sent_to_a_restored_forum(journey: Any, world: Any, at: Any) -> None:
    backup = back_up(world.app)
    journey.run(at(9))
    journey.run(at(10))
    journey.decide("approved")
    put_back(world.app, backup)
    report = journey.run(at(11.5), step="digest")
    assert report.deeds == []
    assert journey.seen_on_forum() == []


def test_who_said_no_is_not_asked_again_and_a_yes_that_is_gone_is_none(journey: Any, world: Any, at: Any) -> None:
    backup = back_up(world.app)
    journey.run(at(9))
    with journey.store() as store, store.begin() as session:
        message = session.scalars(select(LedgerRow).where(LedgerRow.action == "message")).one()
        for post, answer in ((1, "yes"), (2, "no"), (3, "asked")):
            row = {"forum": message.forum, "post_id": post, "user_id": 5, "username": "ines", "cohort": journey.key}
            session.add(ConsentRow(**row, message_key=message.key, answer=answer, asked_at=at(9)))
    put_back(world.app, backup)
    recovered(journey, world, at(10))
    with journey.store() as store, store.begin() as session:
        assert [row.answer for row in session.scalars(select(ConsentRow))] == ["no"]


def test_a_person_may_say_that_it_was_no_restore(journey: Any, world: Any, at: Any) -> None:
    journey.run(at(9))
    with journey.store() as store:
        name = journey.settings.forum.name
        with store.begin() as session:
            hold(session, name, "because")
        assert journey.run(at(10)).standing[0].reason == "because"
        with store.begin() as session:
            release(session, name)
    assert journey.run(at(10)).standing == []


@pytest.mark.parametrize("moment", range(1, 12))
def test_a_death_while_recovering_leaves_all_of_it_or_nothing(
    journey: Any, world: Any, at: Any, reaper: Any, moment: int
) -> None:
    backup = back_up(world.app)
    journey.run(at(9))
    put_back(world.app, backup)
    dying = reaper(moment)
    try:
        with dying.at_work():
            recovered(journey, world, at(10))
    except dying.Killed:
        recovered(journey, world, at(10))
    journey.run(at(10) + timedelta(minutes=5))
    assert [title for _, title, *_ in journey.seen_on_forum()].count("Welcome to you all in NAME") == 1
