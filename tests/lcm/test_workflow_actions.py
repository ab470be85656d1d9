"""What workflows of Discourse ask for in the name of an LCM: facts, questions, steps, blockers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from sync_worker.activity.blockers import said_of_blockers
from sync_worker.config.load import complete_cohort
from sync_worker.desk import decisions
from sync_worker.desk.requests import Requests
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.tables import LcmDecision, Post, Topic, TopicAllowedGroup, User
from sync_worker.publish.publisher import Publisher
from sync_worker.store.facts import facts_of
from sync_worker.store.pauses import pause
from sync_worker.store.tables import DraftRow
from tests.lcm.test_desk_loop import START, Worker, story_of_ana, worker

if TYPE_CHECKING:
    from sync_worker.model import FactValue
    from sync_worker.publish.publisher import Deed

__all__ = ["worker"]
LEA = "lea"


def asks(worker: Worker, kind: str, subject: object, by: str = LEA, **data: object) -> None:
    """Write down a decision as the plugin does for a workflow."""
    with worker.site.forum.session() as session:
        user = session.scalar(select(User.id).where(User.username == by))
        row = {"kind": kind, "cohort": "spring-27", "subject": str(subject), "user_id": user, "created_at": START}
        session.add(LcmDecision(**row, data={"workflow": "Weekly care", **data}))
        session.commit()


def id_of(worker: Worker, username: str) -> int:
    with worker.site.forum.session() as session:
        return session.scalars(select(User.id).where(User.username == username)).one()


def facts(worker: Worker, username: str) -> dict[str, FactValue]:
    with worker.store() as store, store.begin() as session:
        known = facts_of(session, worker.settings.forum.name, "spring-27").get(id_of(worker, username), {})
        return {name: fact.value for name, fact in known.items()}


def messages_to_lcms(worker: Worker) -> list[tuple[str, str]]:
    with worker.site.forum.session() as session:
        query = select(Topic.title, Post.raw).join(Post, Post.topic_id == Topic.id)
        sent = query.join(TopicAllowedGroup, TopicAllowedGroup.topic_id == Topic.id).order_by(Post.id)
        return [(title, raw) for title, raw in session.execute(sent)]


def test_facts_are_kept_with_their_types_and_taken_away_where_no_value_comes(worker: Worker) -> None:
    ana = id_of(worker, "ana")
    asks(worker, "set_fact", ana, name="attended_kick_off", type="yes/no", value=True)
    asks(worker, "set_fact", ana, name="score", type="number", value=7.5)
    asks(worker, "set_fact", ana, name="site", type="text", value="Lisbon")
    worker.look()
    assert facts(worker, "ana") == {"attended_kick_off": True, "score": 7.5, "site": "Lisbon"}
    asks(worker, "set_fact", ana, name="score", type="number")
    worker.look(START + timedelta(minutes=1))
    assert facts(worker, "ana") == {"attended_kick_off": True, "site": "Lisbon"}


def test_what_a_workflow_may_not_say_is_left_out_and_the_next_item_is_taken_in(worker: Worker) -> None:
    ana = id_of(worker, "ana")
    for name, kind, value in (
        ("manager_email", "text", "x@example.org"),
        ("Not a name", "text", "x"),
        ("score", "number", "much"),
        ("score", "number", True),
        ("since", "date", "soon"),
        ("site", "place", "Lisbon"),
        ("site", "text", 7),
    ):
        asks(worker, "set_fact", ana, name=name, type=kind, value=value)
    asks(worker, "set_fact", ana, name="team", type="text", value="red")
    worker.look()
    assert facts(worker, "ana") == {"team": "red"}


def test_a_question_reaches_the_lcms_once_and_says_who_asks_about_whom(worker: Worker) -> None:
    topic = story_of_ana(worker)["topic_id"]
    about = {"learner": id_of(worker, "ana"), "username": "ana", "topic": topic}
    asks(worker, "ask_lcm", "question-1", text="Has **anybody** heard of @ana?\n# Nine days", **about)
    worker.look(START + timedelta(minutes=20))
    worker.look(START + timedelta(minutes=40))
    ((title, raw),) = messages_to_lcms(worker)
    assert "Spring 2027" in title
    assert "“Weekly care”" in raw
    assert "> Has \\*\\*anybody\\*\\* heard of ana?" in raw
    assert "\n> \\# Nine days" in raw
    assert "@" not in raw
    assert f"/t/{topic})" in raw
    assert "/u/ana)" in raw
    assert "in the name of lea" in raw
    assert worker.reports("run")["work-1"]["state"] == "done"


def test_a_step_that_a_workflow_runs_waits_for_an_lcm_whatever_the_step_says(worker: Worker) -> None:
    before = worker.titles()
    asks(worker, "run_playbook", "request-1", step="weekly-prompt")
    worker.look()
    assert worker.reports("run")["request-1"]["summary"].partition(".")[0] == "One draft waits for an LCM"
    assert worker.titles() == before
    with worker.store() as store, store.begin() as session:
        (waiting,) = session.scalars(select(DraftRow)).all()
        key = waiting.key
    worker.site.ask("PUT", f"/lcm/desk/spring-27/drafts/{key}.json", {"decision": "approve"}, as_user=LEA)
    worker.look(START + timedelta(minutes=20))
    assert len(worker.titles()) == len(before) + 1


def test_a_workflow_runs_no_step_that_posts_nothing_and_none_that_is_not_there(worker: Worker) -> None:
    for run, step in (("request-1", "story"), ("request-2", "no-such-step"), ("request-3", None)):
        asks(worker, "run_playbook", run, step=step)
    with worker.store() as store, worker.forum() as forum:
        assert forum.plugin is not None
        cohorts = {one.key: complete_cohort(one) for one in worker.settings.cohorts}
        playbook = playbooks_of(worker.settings, REGISTRY)["first-steps"]
        acting = [one.model_copy(update={"play": "archive"}) for one in playbook.file.steps]
        playbook = replace(playbook, file=playbook.file.model_copy(update={"steps": tuple(acting)}))
        requests = Requests(forum, forum.plugin, store, worker.settings, cohorts, {"first-steps": playbook})
        assert [requests.carry_out(item, START) for item in forum.plugin.work(0)[0]] == ["refused"] * 3
    reports = worker.reports("run")
    assert "no text that could wait" in reports["request-1"]["summary"]
    assert "has no step" in reports["request-2"]["summary"]


def test_a_workflow_begins_nothing_in_a_paused_journey(worker: Worker) -> None:
    with worker.store() as store, store.begin() as session:
        pause(session, worker.settings.forum.name, "spring-27", None)
    asks(worker, "run_playbook", "request-1", step="weekly-prompt")
    worker.look()
    assert worker.reports("run")["request-1"]["state"] == "refused"


def test_what_blocks_is_kept_in_the_words_of_who_marked_it_by_older_plugins_too(worker: Worker) -> None:
    new = story_of_ana(worker)["topic_id"]
    text = "Where do I get a laptop from that has the tool?"
    old = worker.site.post("forumadmin", text, text)["topic_id"]
    asks(worker, "open_blocker", new, note="no access")
    asks(worker, "open_blocker", old, reason="no laptop")
    worker.look()
    with worker.store() as store, store.begin() as session:
        said = said_of_blockers(session, worker.settings.forum.name, "spring-27")
    noted = [(said[topic][0].by, said[topic][0].note) for topic in (new, old)]
    assert noted == [(LEA, "no access"), (LEA, "no laptop")]


def test_what_was_asked_for_is_done_once_though_the_worker_is_killed_at_it_and_decisions_wait_their_turn(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks(worker, "ask_lcm", "question-1", text="Who calls Ana?")
    asks(worker, "set_fact", id_of(worker, "ana"), name="team", type="text", value="red")
    send = Publisher.publish_all

    def die(*given: Any, **more: Any) -> list[Deed]:
        if len(killed) % 2:
            send(*given, **more)
        killed.append(1)
        raise KeyboardInterrupt

    killed: list[int] = []
    with monkeypatch.context() as patch:
        patch.setattr(Publisher, "publish_all", die)
        for _ in range(2):  # before the question is sent, and behind it
            with pytest.raises(KeyboardInterrupt):
                worker.look()
    assert facts(worker, "ana") == {}
    worker.look(START + timedelta(minutes=20))
    assert len(messages_to_lcms(worker)) == 1
    assert facts(worker, "ana") == {"team": "red"}


def test_a_request_that_never_comes_to_its_end_stops_nothing_for_ever(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asks(worker, "ask_lcm", "question-1", text="Who calls Ana?")
    asks(worker, "set_fact", id_of(worker, "ana"), name="team", type="text", value="red")

    def fail(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("sync_worker.desk.requests.question_of", fail)
    for _ in range(decisions.MOST_ATTEMPTS):
        with pytest.raises(RuntimeError):
            worker.look()
    worker.look()
    assert facts(worker, "ana") == {"team": "red"}
    assert "was begun 3 times" in caplog.text
