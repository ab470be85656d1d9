"""Plans of people's own: asked for, brought back on the morning after their day, and once more weeks later."""

from __future__ import annotations

import random
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import select

from sync_worker.cli import main
from sync_worker.config.options import ReachSettings
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.store.tables import CommitmentRow, DraftRow, FactRow, MembershipRow
from sync_worker.worker.run import run_due
from tests.worker.conftest import Reaper
from tests.worker.story_site import day
from tests.worker.test_by_message import answered
from tests.worker.topics_site import begin

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

STEPS = """\
  - {id: plan, at: start 09:00, play: commitment, approval: none, with: {later: 14d}}
"""
LAST = "  - {id: bye, at: end 09:00, play: topic, with: {template: welcome}}\n"
WAITING = STEPS.replace(", approval: none", "")
TOPIC = "one thing, one day, one witness"
THURSDAY = "When the late shift comes on Thursday, I will ask first. Ben will hear it."
NO_DAY = "When somebody brings me a problem, I will ask what they have tried. Ana will notice."
ASKED, NO_DAY_ASKED = day(5, 9), day(10, 9)  # the Friday after that Thursday; a Wednesday, seven days and a morning on
LATER = day(19, 9)  # two weeks after the Friday


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("commitments"), count(1)

    def make(steps: str = STEPS, **more: Any) -> TopicsSite:
        return begin(story_server, folder, f"plan{next(numbers):03}", steps, **more)

    return make


@pytest.fixture
def opened(new: Callable[..., TopicsSite]) -> TopicsSite:
    """People were asked for a plan."""
    site = new()
    site.run(day(1, 9))
    return site


def write(site: TopicsSite, name: str, raw: str, now: datetime) -> int:
    """Let a learner reply to the topic that asks for plans; return the post."""
    return site.say(f"{name}_{site.key}", raw, now, site.topic_id(TOPIC))


def talks(site: TopicsSite, name: str = "ana") -> list[list[str]]:
    """The posts of each message to a learner, oldest message first."""
    found = []
    for one in site.messages():
        shown = site.call("GET", f"/t/{one.id}.json")
        if any(user["username"].startswith(f"{name}_") for user in shown["details"]["allowed_users"]):
            found.append(site.texts(one))
    return found


def row(site: TopicsSite, name: str = "ana") -> CommitmentRow:
    with site.store() as store, store.begin() as session:
        found = session.scalars(select(CommitmentRow).where(CommitmentRow.username == f"{name}_{site.key}")).one()
        session.expunge_all()
        return found


def vote(site: TopicsSite, name: str, poll: str, option: int, now: datetime) -> None:
    """Let a learner vote in the message that asked."""
    site.set_clock(now)
    username = f"{name}_{site.key}"
    for one in site.messages():
        shown = site.call("GET", f"/t/{one.id}.json")
        reads = {user["username"] for user in shown["details"]["allowed_users"]}
        for post in shown["post_stream"]["posts"]:
            for found in post.get("polls", ()):
                if found["name"] == poll and username in reads:
                    chosen = {"post_id": post["id"], "poll_name": poll, "options": [found["options"][option]["id"]]}
                    site.call("PUT", "/polls/vote", username, json=chosen)
                    return
    raise AssertionError(f"no poll {poll}")


def quoted(text: str) -> str:
    """The words between the marks of a quote."""
    return text.partition("]\n")[2].partition("\n[/quote]")[0]


def test_a_plan_comes_back_on_the_morning_after_its_day_and_once_more_weeks_later(opened: TopicsSite) -> None:
    write(opened, "ana", THURSDAY, day(1, 15))
    for moment in (day(2, 9), day(4, 9), day(5, 8)):
        opened.run(moment)
    assert talks(opened) == []
    for moment in (ASKED, day(5, 10), day(6, 9), day(12, 9)):
        opened.run(moment)
    [[asked]] = talks(opened)
    assert quoted(asked) == THURSDAY
    assert "Thursday 4\u00a0March was the day that you chose" in asked
    assert (
        "[poll name=outcome type=regular results=always public=true]\n* Did it\n* Not yet\n* Changed\n[/poll]" in asked
    )
    for moment in (LATER, day(19, 10), day(40, 9), day(80, 9)):
        opened.run(moment)
    [[again, later]] = talks(opened)
    assert again == asked
    assert quoted(later) == THURSDAY
    assert "I will not ask about this plan again" in later


def test_a_conversation_that_cannot_be_read_keeps_no_other_answer_and_its_author_is_not_asked_meanwhile(
    opened: TopicsSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ana", "ben"):
        write(opened, name, THURSDAY, day(1, 15))
    opened.run(ASKED)
    opened.run(day(5, 10))
    talk = row(opened).talk
    for name in ("ana", "ben"):
        vote(opened, name, "outcome", 0, day(5, 12))
    send = requests.Session.send

    def but_for_anas(session: Any, request: Any, **more: Any) -> Any:
        odd = f"/t/{talk}.json" in request.url
        return answered(request, 200, '{"id": "odd"}') if odd else send(session, request, **more)

    with monkeypatch.context() as patched:
        patched.setattr(requests.Session, "send", but_for_anas)
        with pytest.raises(AssertionError, match=r"commitments .* unexpected shape"):
            opened.run(day(6, 9))
        assert (row(opened).answer, row(opened, "ben").answer) == ("", "done")
        with pytest.raises(AssertionError, match=r"commitments .* unexpected shape"):
            opened.run(LATER)
    assert [len(talks(opened, name)[0]) for name in ("ana", "ben")] == [1, 2]
    opened.run(day(22, 9))  # the Monday after that Friday
    assert (row(opened).answer, len(talks(opened)[0])) == ("done", 2)


def test_who_names_no_day_is_asked_a_week_after_writing(opened: TopicsSite) -> None:
    write(opened, "ben", NO_DAY, day(2, 15))
    opened.run(day(9, 9))
    assert talks(opened, "ben") == []
    opened.run(NO_DAY_ASKED)
    [[asked]] = talks(opened, "ben")
    assert quoted(asked) == NO_DAY
    assert "some days ago you wrote this plan" in asked


@pytest.mark.parametrize(("option", "answer"), [(0, "done"), (1, "not yet"), (2, "changed")])
def test_a_tap_is_an_answer_and_shapes_the_last_question(opened: TopicsSite, option: int, answer: str) -> None:
    write(opened, "ana", THURSDAY, day(1, 15))
    opened.run(ASKED)
    vote(opened, "ana", "outcome", option, day(5, 12))
    opened.run(day(6, 9))
    assert row(opened).answer == answer
    opened.run(LATER)
    [[_, later]] = talks(opened)
    assert ("[poll name=later" in later) is (answer != "done")
    said = {"done": "You did it", "not yet": "It had not happened", "changed": "The plan had changed"}
    assert said[answer] in later


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("Yes, I did it", "done"),
        ("No, not yet", "not yet"),
        ("My plan changed: the shift was cancelled.", "changed"),
        ("Not yet, I was ill the whole week", "not yet"),
        ("Oui, c’est fait", "done"),
        ("Yes, not yet in fact", ""),
        ("What do you mean by that?", ""),
    ],
)
def test_a_line_in_reply_is_an_answer_where_it_is_plain(opened: TopicsSite, reply: str, answer: str) -> None:
    write(opened, "ana", THURSDAY, day(1, 15))
    opened.run(ASKED)
    [talk] = opened.messages()
    opened.say(opened.learner, reply, day(5, 12), talk.id)
    opened.run(day(6, 9))
    assert row(opened).answer == answer


def test_the_last_of_vote_and_word_counts_and_the_last_question_has_an_answer_of_its_own(opened: TopicsSite) -> None:
    write(opened, "ana", THURSDAY, day(1, 15))
    opened.run(ASKED)
    [talk] = opened.messages()
    vote(opened, "ana", "outcome", 1, day(5, 12))
    opened.run(day(6, 9))
    opened.say(opened.learner, "Yes, I did it", day(7, 12), talk.id)
    opened.run(LATER)
    assert row(opened).answer == "done"
    opened.say(opened.learner, "My plan changed afterwards", day(20, 12), talk.id)
    opened.run(day(20, 13))
    opened.run(day(21, 9))
    kept = row(opened)
    assert (kept.answer, kept.later_answer) == ("done", "")  # "my plan changed afterwards" is more than an answer
    opened.say(opened.learner, "My plan changed. We do it on Mondays now.", day(21, 12), talk.id)
    opened.run(day(22, 9))
    assert row(opened).later_answer == "changed"


def test_an_edit_counts_until_the_question_and_a_deletion_takes_the_plan_back(opened: TopicsSite) -> None:
    post = write(opened, "ana", THURSDAY, day(1, 15))
    gone = write(opened, "ben", THURSDAY, day(1, 16))
    opened.run(day(2, 9))
    changed = "When the late shift comes on Friday, I will listen first. Ben will see it."
    opened.set_clock(day(2, 12))
    opened.call("PUT", f"/posts/{post}.json", opened.learner, json={"post": {"raw": changed}})
    opened.call("DELETE", f"/posts/{gone}.json", f"ben_{opened.key}")
    for moment in (ASKED, day(8, 9), day(20, 9)):
        opened.run(moment)
    assert [quoted(texts[0]) for texts in talks(opened)] == [changed]
    assert talks(opened, "ben") == []


def test_words_are_looked_up_again_at_the_moment_of_sending(new: Callable[..., TopicsSite]) -> None:
    site = new(WAITING)
    site.run(day(1, 9))
    post = write(site, "ana", THURSDAY, day(1, 15))
    gone = write(site, "ben", THURSDAY, day(1, 16))
    site.run(ASKED)
    assert talks(site) == talks(site, "ben") == []
    site.set_clock(day(5, 10))
    changed = "When the late shift comes on Thursday, I will listen first. Ben will see it."
    site.call("PUT", f"/posts/{post}.json", site.learner, json={"post": {"raw": changed}})
    site.call("DELETE", f"/posts/{gone}.json", f"ben_{site.key}")
    assert site.approve() == 2
    site.run(day(5, 11))
    assert talks(site) == talks(site, "ben") == []  # written anew, it waits for the LCM again; the other one is held
    assert site.approve() == 1
    site.run(day(5, 12))
    assert [quoted(texts[0]) for texts in talks(site)] == [changed]
    assert talks(site, "ben") == []


def test_a_plan_put_off_while_its_question_waits_for_the_lcm_comes_back_after_its_new_day(
    new: Callable[..., TopicsSite],
) -> None:
    site = new(WAITING)
    site.run(day(1, 9))
    post = write(site, "ana", THURSDAY, day(1, 15))
    site.run(ASKED)
    site.set_clock(day(5, 10))
    moved = "When the late shift comes on 10 March, I will ask first. Ben will hear it."
    site.call("PUT", f"/posts/{post}.json", site.learner, json={"post": {"raw": moved}})
    site.run(day(8, 9))
    site.approve()
    site.run(day(8, 10))
    assert talks(site) == []
    site.run(day(11, 9))
    site.approve()
    site.run(day(11, 10))
    assert [quoted(texts[0]) for texts in talks(site)] == [moved]
    site.run(day(12, 10))
    assert site.approve() == 0


def test_a_text_that_cannot_be_written_anew_is_tried_again_and_stops_nothing_else(
    new: Callable[..., TopicsSite],
) -> None:
    site = new(WAITING)
    site.run(day(1, 9))
    post = write(site, "ana", THURSDAY, day(1, 15))
    write(site, "ben", THURSDAY, day(1, 16))
    site.run(ASKED)
    changed = "When the late shift comes on Thursday, I will listen first. Ben will hear it."
    site.call("PUT", f"/posts/{post}.json", site.learner, json={"post": {"raw": changed}})
    assert site.approve() == 2
    [folder] = site.settings.playbooks
    template = next(iter((folder / "templates").rglob("commitment-ask*en*")))
    written = template.read_text("utf-8")
    playbooks = playbooks_of(site.settings, REGISTRY)
    template.write_text(written + "{{ nobody.knows }}", "utf-8")
    with site.store() as store, site.forum() as forum:
        report = run_due(forum, store, site.settings, playbooks, day(5, 11))
    assert sorted(deed.state for deed in report.deeds) == ["done", "intended"]
    template.write_text(written, "utf-8")
    site.run(day(5, 12))
    assert site.approve() == 1  # written anew, it waits for the LCM again
    assert len(talks(site, "ben")) == 1


def test_a_topic_whose_question_cannot_be_written_stops_no_other_topic(new: Callable[..., TopicsSite]) -> None:
    first = STEPS.replace("id: plan", "id: first").replace("later: 14d", "later: 14d, ask_template: broken")
    site = new(first + STEPS)
    [folder] = site.settings.playbooks
    for written in list((folder / "templates").rglob("commitment-ask*")):
        copy = written.with_name(written.name.replace("commitment-ask", "broken"))
        copy.write_text(written.read_text("utf-8"), "utf-8")
    playbooks = playbooks_of(site.settings, REGISTRY)
    for copy in (folder / "templates").rglob("broken*"):
        copy.write_text(copy.read_text("utf-8") + "{{ nobody.knows }}", "utf-8")
    site.run(day(1, 9))
    for topic, name in zip([one.id for one in site._ours() if one.archetype == "regular"], ("ana", "ben"), strict=True):
        site.say(f"{name}_{site.key}", THURSDAY, day(1, 15), topic)
    with site.store() as store, site.forum() as forum:
        report = run_due(forum, store, site.settings, playbooks, ASKED)
    assert [one.outcome for one in report.happenings] == ["later"]
    assert len(talks(site, "ben")) == 1
    assert talks(site) == []


def test_what_waits_is_written_anew_also_once_the_cohort_follows_another_playbook(
    new: Callable[..., TopicsSite],
) -> None:
    site = new(WAITING)
    site.run(day(1, 9))
    post = write(site, "ana", THURSDAY, day(1, 15))
    site.run(ASKED)
    changed = "When the late shift comes on Thursday, I will listen first. Ben will hear it."
    site.call("PUT", f"/posts/{post}.json", site.learner, json={"post": {"raw": changed}})
    assert site.approve() == 1
    used_by_another = playbooks_of(site.settings, REGISTRY)
    [cohort] = site.settings.cohorts
    declared = {
        **cohort.model_dump(by_alias=True, exclude={"steps", "playbook"}),
        "playbook": "first-steps",
        "steps": {"welcome": False},
    }
    site.settings = site.settings.model_copy(update={"cohorts": (type(cohort).model_validate(declared),)})
    with site.store() as store, site.forum() as forum:
        playbooks = {**used_by_another, **playbooks_of(site.settings, REGISTRY)}
        report = run_due(forum, store, site.settings, playbooks, day(5, 11))
    assert [deed.state for deed in report.deeds] == ["waiting"]


def test_what_an_lcm_rejects_does_not_come_back(new: Callable[..., TopicsSite]) -> None:
    site = new(WAITING)
    site.run(day(1, 9))
    write(site, "ana", THURSDAY, day(1, 15))
    site.run(ASKED)
    with site.store() as store, store.begin() as session:
        [waiting] = session.scalars(select(DraftRow)).all()
        waiting.state = "rejected"
    for moment in (day(6, 9), day(9, 9), LATER):
        site.run(moment)
    assert talks(site) == []


def test_replies_of_lcms_to_others_and_bare_questions_are_no_plans(opened: TopicsSite) -> None:
    write(opened, "ben", "What counts as a witness here?", day(1, 12))
    post = write(opened, "ana", THURSDAY, day(1, 15))
    number = opened.call("GET", f"/posts/{post}.json")["post_number"]
    topic = opened.topic_id(TOPIC)
    opened.set_clock(day(1, 16))
    cheer = {"topic_id": topic, "raw": "I will gladly be your witness on Thursday.", "reply_to_post_number": number}
    opened.call("POST", "/posts.json", f"ben_{opened.key}", json=cheer)
    opened.say(opened.lcm, "On Thursday I will read all of your plans.", day(1, 17), topic)
    for moment in (ASKED, NO_DAY_ASKED):
        opened.run(moment)
    assert len(opened.messages()) == 1
    assert len(talks(opened)) == 1


def test_who_left_the_cohort_or_wants_no_nudges_is_not_asked(new: Callable[..., TopicsSite]) -> None:
    site = new(WAITING)
    site.run(day(1, 9))
    write(site, "ana", THURSDAY, day(1, 15))
    write(site, "ben", THURSDAY, day(1, 16))
    site.run(ASKED)
    with site.store() as store, store.begin() as session:
        session.add(
            MembershipRow(
                forum=site.settings.forum.name,
                group_name=site.settings.cohorts[0].group or site.key,
                user_id=row(site).user_id,
                username=site.learner,
                person="ana",
                state="removed",
                run="r",
                at=day(5),
            )
        )
    site.approve()
    site.run(day(5, 12))
    assert talks(site) == []
    assert len(talks(site, "ben")) == 1


def test_who_was_taken_out_of_the_group_is_not_even_drafted(opened: TopicsSite) -> None:
    write(opened, "ana", THURSDAY, day(1, 15))
    opened.run(day(2, 9))
    group = opened.call("GET", f"/groups/{opened.key}.json")["group"]["id"]
    opened.call("DELETE", f"/groups/{group}/members.json", json={"usernames": opened.learner})
    before = opened.run(ASKED).calls
    assert talks(opened) == []
    assert before > 0
    assert opened.run(day(5, 10)).calls == 0  # it is looked for again tomorrow


def test_who_left_between_the_questions_is_looked_for_once_a_day(opened: TopicsSite) -> None:
    write(opened, "ana", THURSDAY, day(1, 15))
    for moment in (day(2, 9), ASKED):
        opened.run(moment)
    group = opened.call("GET", f"/groups/{opened.key}.json")["group"]["id"]
    opened.call("DELETE", f"/groups/{group}/members.json", json={"usernames": opened.learner})
    assert opened.run(LATER).calls > 0
    assert opened.run(day(19, 10)).calls == 0
    [[_]] = talks(opened)


def test_who_is_left_out_of_the_step_is_not_asked_and_the_cohort_s_own_options_hold(
    new: Callable[..., TopicsSite],
) -> None:
    site = new()
    change_step(site, **{"except": [f"ben_{site.key}"], "with": {"ask_after": "3d", "later": "7d"}})
    site.run(day(1, 9))
    write(site, "ana", NO_DAY, day(1, 15))
    write(site, "ben", NO_DAY, day(1, 16))
    for moment in (day(4, 9), ASKED):
        site.run(moment)
    assert [len(texts) for texts in talks(site)] == [1]
    site.run(day(12, 9))
    assert [len(texts) for texts in talks(site)] == [2]
    assert talks(site, "ben") == []


def test_the_rule_on_people_counts_when_a_question_is_written_and_when_it_is_sent(
    new: Callable[..., TopicsSite],
) -> None:
    site = new(WAITING.replace("with:", "for: {posts: {below: 2}}, with:"))
    site.run(day(1, 9))
    write(site, "ana", THURSDAY, day(1, 15))
    write(site, "ben", THURSDAY, day(1, 16))
    site.say(f"ben_{site.key}", "I have asked somebody to be my witness.", day(2, 12), site.topic_id(TOPIC))
    site.run(ASKED)
    assert site.approve() == 1
    site.say(f"ana_{site.key}", "So have I, this morning.", day(5, 10), site.topic_id(TOPIC))
    site.run(day(5, 11))
    assert talks(site) == talks(site, "ben") == []


def test_of_a_step_that_the_cohort_switched_off_nobody_is_asked(new: Callable[..., TopicsSite]) -> None:
    site = new(STEPS + LAST)
    site.run(day(1, 9))
    write(site, "ana", THURSDAY, day(1, 15))
    site.run(day(2, 9))
    change_step(site, off=True)
    site.run(ASKED)
    assert talks(site) == []


def change_step(site: TopicsSite, **change: Any) -> None:
    """Let the cohort follow the step in another way."""
    [cohort] = site.settings.cohorts
    declared = {**cohort.model_dump(by_alias=True, exclude={"steps"}), "steps": {"plan": change}}
    changed = type(cohort).model_validate(declared)
    site.settings = site.settings.model_copy(update={"cohorts": (changed,)})


def test_caps_and_quiet_hours_hold_and_a_later_day_takes_what_did_not_fit(new: Callable[..., TopicsSite]) -> None:
    site = new(reach=ReachSettings(per_day=0))
    site.run(day(1, 9))
    write(site, "ana", THURSDAY, day(1, 15))
    site.run(ASKED)
    assert talks(site) == []
    friday = "When the shift ends on Friday, I will ask what is open. Ben will hear it."
    weekend = new()
    weekend.run(day(1, 9))
    write(weekend, "ana", friday, day(1, 15))
    weekend.run(day(6, 9))
    assert talks(weekend) == []  # a Saturday
    weekend.run(day(8, 9))
    assert len(talks(weekend)) == 1


def test_after_a_long_outage_nobody_is_asked_about_a_day_long_gone(opened: TopicsSite) -> None:
    write(opened, "ana", THURSDAY, day(1, 15))
    opened.run(day(30, 9))
    assert talks(opened) == []
    opened.run(day(6, 9))  # the clock had run ahead
    opened.run(day(8, 9))
    assert len(talks(opened)) == 1


def test_whether_a_plan_is_open_is_a_fact_of_its_author(opened: TopicsSite) -> None:
    write(opened, "ana", THURSDAY, day(1, 15))

    def fact() -> list[str]:
        with opened.store() as store, store.begin() as session:
            return [one.value for one in session.scalars(select(FactRow).where(FactRow.name == "commitment_open"))]

    opened.run(day(2, 9))
    assert fact() == ["yes"]
    opened.run(ASKED)
    vote(opened, "ana", "outcome", 0, day(5, 12))
    opened.run(day(6, 9))
    assert fact() == ["no"]


def test_whether_a_plan_is_open_is_unknown_once_its_author_took_it_back(opened: TopicsSite) -> None:
    post = write(opened, "ana", THURSDAY, day(1, 15))
    opened.run(day(2, 9))
    opened.call("DELETE", f"/posts/{post}.json", opened.learner)
    opened.run(day(3, 9))
    with opened.store() as store, store.begin() as session:
        assert session.scalars(select(FactRow.value).where(FactRow.name == "commitment_open")).all() == []


def test_a_french_cohort_is_asked_in_french(new: Callable[..., TopicsSite]) -> None:
    site = new(locale="fr")
    site.run(day(1, 9))
    raw = "Jeudi, quand l’équipe du soir arrive, je demanderai d’abord. Ben l’entendra."
    site.say(site.learner, raw, day(1, 15), site.topic_id("un geste, un jour, un témoin"))
    site.run(ASKED)
    [[asked]] = talks(site)
    assert quoted(asked) == raw
    assert "vous aviez choisi le jeudi 4\u00a0mars" in asked
    assert "* C’est fait\n* Pas encore\n* Ça a changé" in asked


def test_without_polls_on_the_forum_a_line_is_asked_for(opened: TopicsSite) -> None:
    write(opened, "ana", THURSDAY, day(1, 15))
    opened.call("PUT", "/admin/site_settings/poll_enabled.json", json={"poll_enabled": "false"})
    try:
        opened.run(ASKED)
    finally:
        opened.call("PUT", "/admin/site_settings/poll_enabled.json", json={"poll_enabled": "true"})
    [[asked]] = talks(opened)
    assert "[poll" not in asked
    assert "One line in reply is enough: **Yes, I did it**" in asked


APART = 7  # moments between two deaths of one life
MOMENTS = (day(1, 9), ASKED, day(6, 9), LATER)


def live(site: TopicsSite, reapers: list[Reaper]) -> list[Any]:
    """Let a plan be asked for, written, asked about and answered, starting anew after each death."""
    for moment, reaper in zip(MOMENTS, reapers, strict=True):
        reaper.to_the_end(site.run, moment)
        if moment == MOMENTS[0]:
            write(site, "ana", THURSDAY, day(1, 15))
            write(site, "ben", THURSDAY, day(1, 16))
        elif moment == ASKED:
            vote(site, "ana", "outcome", 1, day(5, 12))
    return [sorted(site.seen()), row(site).answer, [len(texts) for texts in (*talks(site), *talks(site, "ben"))]]


def test_deaths_at_every_moment_change_nothing(new: Callable[..., TopicsSite]) -> None:
    """Each life dies several times in each run, so that few lives reach every commit and call."""
    counting = [Reaper() for _ in MOMENTS]
    whole = live(new(), counting)
    assert whole[1:] == ["not yet", [2, 2]]
    moments = max(one.count for one in counting)
    assert moments > 30
    lives = [range(first, 2 * moments, APART) for first in range(1, APART + 1)]
    different = [one for one in lives if live(new(), [Reaper(*one) for _ in MOMENTS]) != whole]
    assert different == []


def test_many_deaths_change_nothing_with_a_store_on_postgresql(
    new: Callable[..., TopicsSite], postgres_url: str
) -> None:
    chance = random.Random(5)
    whole = live(new(), [Reaper() for _ in MOMENTS])
    site = new()
    site.settings = site.settings.model_copy(update={"store": postgres_url})
    assert live(site, [Reaper(*chance.sample(range(1, 60), 10)) for _ in MOMENTS]) == whole


def test_a_store_that_was_lost_asks_nothing_again(opened: TopicsSite) -> None:
    write(opened, "ana", THURSDAY, day(1, 15))
    opened.run(ASKED)
    lost = opened.settings.store.replace(".db", "-new.db")
    opened.settings = opened.settings.model_copy(update={"store": lost})
    for moment in (day(5, 10), day(6, 9), LATER, day(20, 9)):
        opened.run(moment)
    assert [len(texts) for texts in talks(opened)] == [2]


def test_the_command_shows_who_planned_what_and_what_became_of_it(
    opened: TopicsSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(opened, "ana", THURSDAY, day(1, 15))
    write(opened, "ben", NO_DAY, day(1, 16))
    opened.run(ASKED)
    vote(opened, "ana", "outcome", 0, day(5, 12))
    opened.run(day(6, 9))
    (tmp_path / "lcm.yaml").write_text(opened.settings.model_dump_json(exclude_defaults=True), encoding="utf-8")
    monkeypatch.setenv("DISCOURSE_API_KEY", DEFAULT_KEY)
    shown = CliRunner().invoke(main, ["commitments", opened.key, "--config", str(tmp_path / "lcm.yaml")])
    assert shown.exit_code == 0, shown.output
    assert f"2027-03-04  @ana_{opened.key}" in shown.output
    assert shown.output.endswith("1 done, 1 open.\n")
