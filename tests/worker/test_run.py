from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from sync_worker.config.base import Strict
from sync_worker.config.load import complete_cohort
from sync_worker.errors import ConfigError, ForumError, RenderError, UsageError
from sync_worker.forum import Forum, Patience
from sync_worker.model import Draft, DraftKind
from sync_worker.plays.context import Drafted, Play
from sync_worker.publish.acts import MAX_ATTEMPTS
from sync_worker.publish.entries import Place, build_entries
from sync_worker.publish.publisher import Publisher
from sync_worker.store.tables import DraftRow, LedgerRow, OccurrenceRow
from sync_worker.worker.due import plan
from sync_worker.worker.run import run_due


def rows(journey: Any, table: type[Any]) -> list[Any]:
    with journey.store() as store, store.begin() as session:
        return list(session.scalars(select(table).order_by(table.key)))


def one_draft(**more: Any) -> dict[str, Play]:
    """Plays of which `welcome` gives one topic."""
    changed = draft(**more)
    return {"welcome": Play("welcome", Strict, lambda context: Drafted((changed,), "because"))}


def draft(**more: Any) -> Draft:
    topic = Draft(DraftKind.TOPIC, "A text that is long enough.", "because", title="A title that is long enough")
    return replace(topic, **more)


def test_what_is_due_is_published_and_a_second_run_has_nothing_to_do(journey: Any, at: Any) -> None:
    report = journey.run(at(9))
    assert report.failures == []
    assert [(deed.action, deed.state) for deed in report.deeds] == [
        ("topic", "done"),
        ("pin", "done"),
        ("message", "done"),
    ]
    seen = journey.seen_on_forum()
    assert [(kind, title) for kind, title, *_ in seen] == [
        ("regular", "Welcome to you all in NAME"),
        ("private_message", "Welcome to NAME, Ines"),
    ]
    assert seen[0][2] == at(9) + timedelta(days=5)
    again = journey.run(at(9.1))
    assert again.is_empty
    assert again.calls == 0
    assert journey.seen_on_forum() == seen


def test_nothing_due_costs_no_call(journey: Any, at: Any) -> None:
    report = journey.run(at(8.9))
    assert (report.is_empty, report.calls) == (True, 0)


def test_replies_carry_their_mark_and_stand_in_the_topic_once_each(journey: Any, at: Any) -> None:
    journey.run(at(9))
    journey.run(at(10))
    texts = [raw for _, raw in journey.seen_on_forum()[0][3]]
    assert texts.count("One more thing: say where you work.") == 2


def test_a_message_waits_for_the_lcm_and_goes_once_approved(journey: Any, at: Any) -> None:
    journey.run(at(9))
    journey.run(at(10))
    assert [row.state for row in rows(journey, DraftRow)] == ["pending"]
    assert "A question from NAME" not in str(journey.seen_on_forum())
    journey.decide("approved")
    assert [deed.state for deed in journey.run(at(10.1)).deeds] == ["done"]
    assert str(journey.seen_on_forum()).count("'A question from NAME'") == 1
    assert journey.run(at(10.2)).is_empty


def test_a_rejected_draft_is_never_sent(journey: Any, at: Any) -> None:
    journey.run(at(10))
    journey.decide("rejected")
    assert journey.run(at(10.1)).is_empty
    assert "A question from NAME" not in str(journey.seen_on_forum())


def test_what_came_too_late_is_recorded_and_not_posted(journey: Any, at: Any) -> None:
    report = journey.run(at(24 * 7 + 9.5))
    outcomes = {happening.step: happening.outcome for happening in report.happenings}
    assert outcomes == {"welcome": "skipped", "answer": "later", "ask": "waiting", "digest": "skipped"}
    assert journey.seen_on_forum() == []


def test_a_topic_that_a_person_removed_is_not_posted_again(journey: Any, at: Any, world: Any) -> None:
    journey.run(at(9))
    first = next(row for row in rows(journey, LedgerRow) if row.action == "topic")
    delete_topic(world, first.result["topic_id"])
    with journey.store() as store, store.begin() as session:
        row = session.get_one(LedgerRow, first.key)
        row.state, row.result = "intended", {}
        row.payload = {**row.payload, "raw": "Other words, as Discourse answers the same ones from memory."}
    report = journey.run(at(9.1))
    assert [(deed.state, deed.reason) for deed in report.deeds] == [("done", "removed by a person; not posted again")]


def test_a_title_that_another_cohort_used_gets_the_name_of_the_cohort(world: Any, at: Any) -> None:
    first, second = world.add_cohort(), world.add_cohort()
    plays = one_draft(title="The same title for everybody here")
    steps = {"step": "welcome", "plays": plays}
    assert first.run(at(9), **steps).failures == []
    assert second.run(at(9), **steps).failures == []
    assert [title for _, title, *_ in second.seen_on_forum()] == ["The same title for everybody here · NAME"]


def test_what_the_guard_refuses_is_told_and_never_sent(journey: Any, at: Any) -> None:
    report = journey.run(at(9), step="welcome", plays=one_draft(raw="Look here @all of you, please."))
    assert report.failures == [f"{journey.key} welcome (topic): the text would notify everybody (@all)"]
    assert journey.run(at(9.1), step="welcome").is_empty
    assert journey.seen_on_forum() == []


@pytest.mark.parametrize("error", [RenderError("no such value.", where="welcome.en.md:3"), ZeroDivisionError("ouch")])
def test_a_failing_play_is_told_tried_again_and_does_not_stop_the_others(
    journey: Any, at: Any, plays: dict[str, Play], error: Exception
) -> None:
    def fail(context: Any) -> Drafted:
        raise error

    broken = {**plays, "answer": Play("answer", plays["answer"].options, fail)}
    report = journey.run(at(10), plays=broken)
    assert {h.step: h.outcome for h in report.happenings} == {"welcome": "done", "answer": "later", "ask": "waiting"}
    said = str(error) if isinstance(error, RenderError) else "unexpected ZeroDivisionError; the log says where"
    assert said in report.failures[0]
    assert journey.run(at(10), plays=broken).is_empty
    assert [h.outcome for h in journey.run(at(10.1), plays=plays).happenings] == ["done"]
    assert {row.state for row in rows(journey, LedgerRow)} == {"done"}


def test_a_step_whose_texts_cannot_be_read_does_not_stop_the_others_that_are_due(
    journey: Any, at: Any, plays: dict[str, Play]
) -> None:
    def unreadable(*_: object) -> bool:
        raise ConfigError("no such deck.")

    answer = plays["answer"]
    broken = {**plays, "answer": Play("answer", answer.options, answer.draft, may_poll=unreadable)}
    report = journey.run(at(10), plays=broken)
    assert {h.step: h.outcome for h in report.happenings} == {"welcome": "done", "answer": "later", "ask": "waiting"}
    assert [h.outcome for h in journey.run(at(10.1), plays=plays).happenings] == ["done"]


def test_an_occurrence_that_always_fails_is_given_up_with_its_reason(
    journey: Any, at: Any, plays: dict[str, Play]
) -> None:
    def fail(context: Any) -> Drafted:
        raise RenderError("no such value.")

    broken = {**plays, "welcome": Play("welcome", plays["welcome"].options, fail)}
    for hour in range(MAX_ATTEMPTS):
        journey.run(at(9 + hour), plays=broken, step="welcome")
    over = [row for row in rows(journey, OccurrenceRow) if row.step == "welcome"]
    assert [(row.outcome, row.reason) for row in over] == [("failed", "no such value.")]
    assert journey.run(at(9 + MAX_ATTEMPTS), plays=broken, step="welcome").is_empty


def test_a_forum_that_does_not_answer_stops_the_run_and_loses_nothing(
    journey: Any, at: Any, plays: dict[str, Play]
) -> None:
    good = journey.settings
    journey.settings = good.model_copy(update={"forum": good.forum.model_copy(update={"url": "http://127.0.0.1:1"})})
    forum = Forum.connect(journey.settings.forum, "key", patience=Patience(attempts=1))
    with journey.store() as store, pytest.raises(ForumError):
        run_due(forum, store, journey.settings, journey.playbooks, at(9), plays=plays)
    journey.settings = good
    assert len(journey.run(at(9.2)).deeds) == 3


def test_a_refused_draft_fails_for_good_and_an_unavailable_forum_is_tried_again(
    journey: Any, at: Any, plays: dict[str, Play]
) -> None:
    nobody = one_draft(kind=DraftKind.MESSAGE, recipients=("nobody-of-that-name",))
    report = journey.run(at(9), step="welcome", plays={**plays, **nobody})
    assert [deed.state for deed in report.deeds] == ["failed"]
    assert journey.run(at(9.5), step="welcome").is_empty


def test_another_worker_at_work_is_left_alone(journey: Any, at: Any) -> None:
    with journey.store() as store, store.exclusive(f"publish {journey.settings.forum.name}"):
        assert journey.run(at(9)).busy
    assert journey.seen_on_forum() == []


def test_two_workers_that_both_believe_in_an_occurrence_publish_it_once(journey: Any, at: Any, world: Any) -> None:
    with journey.store() as store, world.forum() as forum:
        found = plan(forum.name, journey.playbooks["journey"].file, complete_cohort(journey.settings.cohorts[0]), {})
        entries = [
            build_entries(Place(forum.name, journey.category_id, "topic"), found[0].occurrence, (draft(),), "", at(9))
            for _ in range(2)
        ]
        publisher = Publisher(forum, store, at(9))
        assert [publisher.claim(one) for one in entries] == [True, False]


def test_an_unknown_cohort_or_step_names_the_nearest(journey: Any, at: Any) -> None:
    with pytest.raises(UsageError, match=f"Did you mean '{journey.key}'"):
        journey.run(at(9), cohort=journey.key[:-1])
    with pytest.raises(UsageError, match="Did you mean 'welcome'"):
        journey.run(at(9), step="welcom")


def delete_topic(world: Any, topic_id: int) -> None:
    with world.forum() as forum:
        forum._http.ask("DELETE", f"/t/{topic_id}.json")
