"""A task with its due date: who has not answered is written to, twice at most; then the LCMs hear who is late."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from sync_worker.activity.collect import collect
from sync_worker.cli import main
from sync_worker.config.load import complete_cohort
from sync_worker.config.options import ReachSettings
from sync_worker.errors import ConfigError, ForumError
from sync_worker.forum import Forum
from sync_worker.model import DaysOff
from sync_worker.playbook.load import load_playbook
from sync_worker.playbook.schedule import occurrences
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.publish.entries import occurrence_key
from sync_worker.store.moving import rename_cohort
from sync_worker.store.pauses import pause, shift
from sync_worker.store.tables import LedgerRow, MembershipRow
from sync_worker.worker.start import renewed_key
from sync_worker.worker.taking_part import open_tasks, taking_part
from tests.worker.conftest import deadly_lives
from tests.worker.story_site import StorySite, day
from tests.worker.topics_site import begin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

TASK = """\
  - {id: task, at: start 09:00, play: assignment, approval: none,
     with: {template: assignment, due: +7d 18:00, remind: [2d before, 1d after], late: 3d after}}
"""
WAITING = TASK.replace(", approval: none", "")
MOMENTS = [day(1, 9), day(6, 9), day(9, 9), day(11, 9)]  # the task, its two reminders, and the list
ON_WEEKENDS = ReachSettings(weekend=True)  # two days before a Monday is a Saturday
GIVEN = "half a page on one conversation"


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("assignments"), count(1)

    def make(steps: str = TASK, **more: Any) -> TopicsSite:
        more = {"reach": ON_WEEKENDS, **more}
        return begin(story_server, folder, f"task{next(numbers):03}", steps, **more)

    return make


def answer(site: TopicsSite, name: str, now: Any) -> int:
    """Let a learner answer the task; return the post."""
    text = f"I said that I need the list by four, and {name} had not known that."
    return site.say(f"{name}_{site.key}", text, now, site.topic_id(GIVEN))


def sent(site: TopicsSite) -> list[tuple[str, str]]:
    """Title and text of each message, oldest first."""
    return [(one.title.partition(": ")[2], site.texts(one)[0]) for one in site.messages()]


def titles(site: TopicsSite) -> list[str]:
    return [title for title, _ in sent(site)]


def test_a_task_says_when_it_is_due_and_who_is_silent_is_written_to_twice_at_most(new: Any) -> None:
    site = new()
    site.run(MOMENTS[0])
    assert "Before **Monday 8\u00a0March, 18:00**" in site.topics()[0][1]
    answer(site, "ben", day(2))
    for moment in [*MOMENTS[1:], day(12, 9), day(20, 9)]:
        site.run(moment)
    assert titles(site) == [
        "your answer, Monday 8 March, 18:00",
        "still open for you",
        "who has not answered, Monday 8 March, 18:00",
    ]
    first, second, late = (text for _, text in sent(site))
    assert first.startswith("Ana, [")
    assert "is due on Monday" in first
    assert "is still open for you" in second
    assert len(second) < len(first)
    assert "One person has answered." in late
    assert "written to on Saturday 6\u00a0March and Tuesday 9\u00a0March" in late
    assert "Ben" not in first + second + late


@pytest.mark.parametrize("at", ["at: start 09:00", "every: '4 weeks monday 09:00'"])
@pytest.mark.parametrize(
    "changed", [{"locale": "fr"}, {"timezone": "America/New_York"}, {"steps": {"task": {"catch_up": "1d"}}}, "hour"]
)
def test_a_task_that_was_given_is_followed_up_also_where_the_cohort_is_changed_meanwhile(
    new: Any, at: str, changed: Any
) -> None:
    site = new(TASK.replace("at: start 09:00", at))
    site.run(MOMENTS[0])
    another = at.partition(": ")
    if changed == "hour":
        changed = {"steps": {"task": {another[0]: another[2].strip("'").replace("09", "10")}}}
    site.change(**changed)
    for moment in (day(6, 15), day(9, 15), day(11, 15)):
        site.run(moment)
    assert len(sent(site)) == 2 + 2 + 1
    assert len(site.topics()) == 1


def test_a_reminder_of_a_saturday_goes_out_on_monday_morning(new: Any) -> None:
    site = new(reach=ReachSettings())
    site.run(MOMENTS[0])
    site.run(MOMENTS[1])
    site.run(day(8, 6))
    assert sent(site) == []
    answer(site, "ben", day(8, 6))
    site.run(day(8, 9))
    assert [text.partition(",")[0] for _, text in sent(site)] == ["Ana"]


def test_a_reminder_that_says_when_a_task_is_due_is_not_sent_after_that(new: Any) -> None:
    site = new(WAITING)
    site.run(MOMENTS[0])
    site.run(MOMENTS[1])
    assert site.approve() == 2
    report = site.run(day(8, 19))  # an hour after it was due
    assert sent(site) == []
    assert {deed.reason for deed in report.deeds} == {"the time for it has passed; nothing was posted"}
    site.run(MOMENTS[2])
    assert site.approve() == 2
    site.run(day(9, 10))
    assert [text.partition(" is still open")[0].partition(",")[0] for _, text in sent(site)] == ["Ana", "Ben"]


def test_what_waited_for_the_morning_is_not_sent_weeks_later_by_a_worker_that_was_off(new: Any) -> None:
    site = new(reach=ReachSettings())
    site.run(MOMENTS[0])
    site.run(MOMENTS[1])  # a Saturday, on which nobody is written to
    report = site.run(day(25, 9))
    assert sent(site) == []
    said = {deed.reason for deed in report.deeds if deed.state == "skipped"}
    assert said == {"It was to happen by Saturday 13\u00a0March, 09:00."}


def test_the_list_and_the_command_say_on_which_day_a_message_went_out(new: Any, tmp_path: Path) -> None:
    site = new(reach=ReachSettings())
    site.run(MOMENTS[0])
    answer(site, "ben", day(2))
    site.run(MOMENTS[1])  # a Saturday, on which nobody is written to
    for moment in (day(8, 9), *MOMENTS[2:]):
        site.run(moment)
    assert "written to on Monday 8\u00a0March and Tuesday 9\u00a0March" in sent(site)[-1][1]
    assert "written to on 2027-03-08, 2027-03-09" in late(site, tmp_path)


def test_nobody_is_written_to_once_all_have_answered(new: Any) -> None:
    site = new()
    site.run(MOMENTS[0])
    answer(site, "ana", day(2))
    answer(site, "ben", day(3))
    for moment in MOMENTS[1:]:
        site.run(moment)
    assert sent(site) == []


def test_a_reply_that_was_deleted_is_no_answer(new: Any) -> None:
    site = new()
    site.run(MOMENTS[0])
    answer(site, "ben", day(2))
    post = answer(site, "ana", day(2))
    site.call("DELETE", f"/posts/{post}.json")
    site.run(MOMENTS[1])
    assert [text.partition(",")[0] for _, text in sent(site)] == ["Ana"]


def test_messages_wait_for_the_lcm_and_are_void_once_the_answer_is_there(new: Any) -> None:
    site = new(WAITING)
    site.run(MOMENTS[0])
    site.run(MOMENTS[1])
    assert (len(site.topics()), sent(site)) == (1, [])
    answer(site, "ana", day(7))
    assert site.approve() == 2
    site.run(day(7, 13))
    assert [text.partition(",")[0] for _, text in sent(site)] == ["Ben"]


def test_who_left_the_cohort_before_the_approval_is_not_reminded(new: Any) -> None:
    site = new(WAITING)
    site.run(MOMENTS[0])
    site.run(MOMENTS[1])
    with site.store() as store, store.begin() as session:
        left = MembershipRow(
            forum=site.settings.forum.name, group_name=site.key, user_id=site.join()["ana"], username=site.learner
        )
        left.person, left.state, left.run, left.at = "ana", "removed", "r", day(6)
        session.add(left)
    assert site.approve() == 2
    site.run(day(7, 13))
    assert [text.partition(",")[0] for _, text in sent(site)] == ["Ben"]


def test_the_list_says_that_a_message_still_waits(new: Any) -> None:
    site = new(WAITING)
    for moment in (MOMENTS[0], MOMENTS[2], MOMENTS[3]):
        site.run(moment)
    [(_, text)] = sent(site)
    assert text.count("a message waits for you") == 2
    assert "Nobody has answered so far." in text


def test_a_person_with_more_time_is_not_written_to_and_stands_apart_on_the_list(new: Any, tmp_path: Path) -> None:
    site = new()
    site.run(MOMENTS[0])
    extend(site, tmp_path, site.learner)
    for moment in MOMENTS[1:]:
        site.run(moment)
    assert [text.partition(",")[0] for _, text in sent(site)[:2]] == ["Ben", "Ben"]
    apart = sent(site)[2][1].partition("more time")[2]
    assert "Saturday 20\u00a0March" in apart
    assert "[Ana]" in apart


def extend(site: TopicsSite, folder: Path, user: str, step: str = "task", code: int = 0) -> str:
    """Give a person more time with the command; return what it says."""
    config = written(site, folder)
    given = ["--cohort", site.key, "--user", user, "--until", "2027-03-20", "--config", str(config)]
    result = CliRunner().invoke(main, ["assignment", "extend", step, *given], env={"PRACTICE_KEY": DEFAULT_KEY})
    assert result.exit_code == code, result.output
    return result.output


def test_the_command_lists_who_is_late_as_the_forum_is_now(new: Any, tmp_path: Path) -> None:
    site = new()
    assert late(site, tmp_path) == "No task was given so far.\n"
    site.run(MOMENTS[0])
    answer(site, "ben", day(2))
    site.run(MOMENTS[1])
    said = late(site, tmp_path)
    assert "due 2027-03-08 18:00" in said
    assert "answered: 1; not: 1" in said
    assert f"@{site.learner} (Ana): written to on 2027-03-06" in said
    extend(site, tmp_path, site.learner)
    assert "has time until 2027-03-20" in late(site, tmp_path)
    answer(site, "ana", day(7))
    assert "answered: 2; not: 0" in late(site, tmp_path, "--step", "task")
    assert "no task in a step 'other'" in late(site, tmp_path, "--step", "other", code=2)
    site.call("DELETE", f"/t/{site.topic_id(GIVEN)}.json")
    assert "its topic was deleted" in late(site, tmp_path)


def test_a_store_that_was_lost_knows_the_tasks_that_were_given(new: Any, tmp_path: Path) -> None:
    site = new()
    site.run(MOMENTS[0])
    before = late(site, tmp_path)
    site.settings = site.settings.model_copy(update={"store": f"sqlite:///{tmp_path / 'anew.db'}"})
    site.run(day(2))
    assert late(site, tmp_path) == before


def late(site: TopicsSite, folder: Path, *more: str, code: int = 0) -> str:
    """Ask who is late with the command; return what it says."""
    config = written(site, folder)
    given = ["assignment", "late", site.key, *more, "--config", str(config)]
    result = CliRunner().invoke(main, given, env={"PRACTICE_KEY": DEFAULT_KEY})
    assert result.exit_code == code, result.output
    return result.output


def written(site: TopicsSite, folder: Path) -> Path:
    """Write the settings of a cohort for the commands."""
    [playbook] = site.settings.playbooks
    config = folder / "lcm.yaml"
    config.write_text(
        f"forum: {{url: '{site.server.url}', api_username: forumadmin, key_env: PRACTICE_KEY}}\n"
        f"store: '{site.settings.store}'\nplaybooks: ['{playbook}']\n"
        f"cohorts:\n- {{key: {site.key}, name: C, timezone: UTC, start: 2027-03-01, end: 2027-05-30,"
        f" group: {site.key}, lcm_group: {site.key}-lcm, playbook: ours}}\n",
        encoding="utf-8",
    )
    return config


def test_more_time_is_given_to_members_and_for_tasks_only(new: Any, tmp_path: Path) -> None:
    site = new()
    assert extend(site, tmp_path, site.learner) == f"@{site.learner} has time for 'task' until 2027-03-20.\n"
    assert "has the username 'stranger'" in extend(site, tmp_path, "stranger", code=2)
    assert "gives no task in a step 'tasks'. Did you mean 'task'" in extend(site, tmp_path, site.learner, "tasks", 2)


@pytest.mark.parametrize("what", ["deleted", "closed", "due date"])
def test_what_a_moderator_did_to_the_topic_is_respected(new: Any, what: str) -> None:
    site = new()
    site.run(MOMENTS[0])
    topic = site.topic_id(GIVEN)
    if what == "deleted":
        site.call("DELETE", f"/t/{topic}.json")
    elif what == "closed":
        site.call("PUT", f"/t/{topic}/status.json", json={"status": "closed", "enabled": "true"})
    else:
        post = site.call("GET", f"/t/{topic}.json")["post_stream"]["posts"][0]["id"]
        raw = "You have until the end of the month, all of you. Take your time."
        site.call("PUT", f"/posts/{post}.json", json={"post": {"raw": raw}})
    for moment in MOMENTS[1:]:
        site.run(moment)
    assert sent(site) == []
    assert len(site.topics()) == (what != "deleted")


A_WEEK_MORE = {"task": {"with": {"due": "+14d 18:00"}}}
LATER_MOMENTS = [day(13, 9), day(16, 9), day(18, 9)]  # two days before the new date, one and three days after it


def rewrite(site: TopicsSite, old: str, new: str) -> None:
    """Let a moderator write something else into the task's topic."""
    post = site.call("GET", f"/t/{site.topic_id(GIVEN)}.json")["post_stream"]["posts"][0]["id"]
    raw = site.topics()[0][1]
    assert old in raw
    site.call("PUT", f"/posts/{post}.json", json={"post": {"raw": raw.replace(old, new)}})


def test_lcms_hear_once_that_a_task_was_given_with_another_date_than_its_playbook_has_now(new: Any) -> None:
    site = new()
    site.run(MOMENTS[0])
    site.change(steps=A_WEEK_MORE)
    for moment in (day(2, 10), day(2, 11), day(4), *LATER_MOMENTS):
        site.run(moment)
    [(title, text)] = sent(site)
    assert title == "one task, two dates"
    assert "gives **Monday 8\u00a0March, 18:00**" in text
    assert "says **Monday 15\u00a0March, 18:00**" in text
    assert f"/{site.topic_id(GIVEN)})" in text


def test_people_are_reminded_of_the_new_date_once_it_is_written_into_the_topic(new: Any) -> None:
    site = new()
    site.run(MOMENTS[0])
    site.change(steps=A_WEEK_MORE)
    site.run(day(2, 10))
    rewrite(site, "Monday 8\u00a0March, 18:00", "Monday 15 March, 18:00")
    for moment in LATER_MOMENTS:
        site.run(moment)
    assert titles(site) == [
        "one task, two dates",
        *["your answer, Monday 15 March, 18:00"] * 2,
        *["still open for you"] * 2,
        "who has not answered, Monday 15 March, 18:00",
    ]


def test_people_are_reminded_of_a_new_date_also_where_the_topic_was_read_before_it_was_changed(new: Any) -> None:
    site = new()
    site.run(MOMENTS[0])
    site.change(steps=A_WEEK_MORE)
    answer(site, "ben", day(2, 9))
    site.run(day(2, 10))
    with site.forum() as forum, site.store() as store:  # as the desk does, every hour
        collect(forum, store, [site.category], day(2, 11))
    rewrite(site, "Monday 8\u00a0March, 18:00", "Monday 15 March, 18:00")
    for moment in LATER_MOMENTS:
        site.run(moment)
    assert titles(site) == [
        "one task, two dates",
        "your answer, Monday 15 March, 18:00",
        "still open for you",
        "who has not answered, Monday 15 March, 18:00",
    ]


def test_people_are_reminded_of_the_old_date_once_it_is_back_in_the_playbook(new: Any) -> None:
    site = new()
    site.run(MOMENTS[0])
    site.change(steps=A_WEEK_MORE)
    site.run(day(2, 10))
    site.change()
    for moment in MOMENTS[1:]:
        site.run(moment)
    assert titles(site)[:3] == ["one task, two dates", *["your answer, Monday 8 March, 18:00"] * 2]
    assert len(sent(site)) == 1 + 2 + 2 + 1


@pytest.mark.parametrize("what", ["said", "closed", "deleted", "paused", "over", "other zone"])
def test_lcms_hear_nothing_of_a_date_where_there_is_nothing_for_them_to_do(new: Any, what: str) -> None:
    site = new()
    site.run(MOMENTS[0])
    topic = site.topic_id(GIVEN)
    if what == "said":
        rewrite(site, "Monday 8\u00a0March, 18:00", "Monday 15 March, 18:00")
    elif what == "closed":
        site.call("PUT", f"/t/{topic}/status.json", json={"status": "closed", "enabled": "true"})
    elif what == "deleted":
        site.call("DELETE", f"/t/{topic}.json")
    elif what == "paused":
        with site.store() as store, store.begin() as session:
            pause(session, site.settings.forum.name, site.key, day(30))
    elif what == "over":
        for moment in MOMENTS[1:]:
            site.run(moment)
    before = sent(site)
    site.change(**({"timezone": "America/New_York"} if what == "other zone" else {"steps": A_WEEK_MORE}))
    report = site.run(day(11, 10) if what == "over" else day(2, 10))
    site.run(day(11, 11) if what == "over" else day(2, 11))
    assert sent(site) == before
    assert report.calls <= 3


@pytest.mark.parametrize("at", ["at: start 09:00", "every: '4 weeks monday 09:00'"])
def test_a_date_is_moved_for_each_task_that_the_change_is_about(new: Any, at: str) -> None:
    site = new(TASK.replace("at: start 09:00", at), locale="fr")
    site.run(MOMENTS[0])
    site.change(steps=A_WEEK_MORE, locale="fr")
    site.run(day(2, 10))
    [message] = site.messages()
    [text] = site.texts(message)
    assert message.title.endswith("un travail, deux échéances")
    assert "lundi 8\u00a0mars, 18\u00a0h" in text
    assert "lundi 15\u00a0mars, 18\u00a0h" in text


def test_a_journey_that_was_shifted_moves_the_dates_of_its_tasks_too(new: Any) -> None:
    site = new()
    site.run(MOMENTS[0])
    with site.store() as store, store.begin() as session:
        shift(session, site.settings.forum.name, site.key, 7)
    site.run(day(2, 10))
    [(title, text)] = sent(site)
    assert title == "one task, two dates"
    assert "says **Monday 15\u00a0March, 18:00**" in text


def test_a_topic_that_the_forum_refuses_keeps_no_other_date_from_the_lcms_and_is_asked_for_once_a_day(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new(TASK + TASK.replace("id: task", "id: other"))
    site.run(MOMENTS[0])
    with site.store() as store, store.begin() as session:
        rows = session.scalars(select(LedgerRow).where(LedgerRow.action == "topic"))
        given = {row.step: row.result["topic_id"] for row in rows}
    site.change(steps={**A_WEEK_MORE, "other": A_WEEK_MORE["task"]})
    topic, asked = Forum.topic, []

    def refusing(self: Forum, number: int) -> Any:
        asked.append(number)
        if number == given["task"]:
            raise ForumError("the forum refuses this one.", status=403)
        return topic(self, number)

    monkeypatch.setattr(Forum, "topic", refusing)
    for moment in (day(2, 10), day(2, 11), day(2, 12), day(3, 12)):
        StorySite.run(site, moment)  # which may fail for the one
    assert titles(site) == ["one task, two dates"]
    assert asked.count(given["task"]) == 2
    monkeypatch.undo()
    site.run(day(4, 13))
    assert titles(site) == ["one task, two dates"] * 2


def test_lcms_do_not_hear_of_a_date_again_where_the_cohort_has_another_key(new: Any) -> None:
    site = new()
    site.run(MOMENTS[0])
    site.change(steps=A_WEEK_MORE)
    assert len(site.run(day(2, 10)).deeds) == 1
    declared = site.settings.cohorts[0]
    names = {"group": declared.group, "lcm_group": declared.lcm_group, "category_slug": declared.category_slug}
    site.change(key="another", steps=A_WEEK_MORE, **{name: value or site.key for name, value in names.items()})
    with site.store() as store, store.begin() as session:
        rename_cohort(session, site.settings.forum.name, site.key, "another", renewed_key)
    report = site.run(day(2, 11))
    assert (report.deeds, report.standing) == ([], [])


def test_a_death_at_any_moment_tells_the_lcms_of_a_date_once(new: Any, reaper: Any) -> None:
    def live(site: TopicsSite, death: Any) -> Any:
        site.run(MOMENTS[0])
        site.change(steps=A_WEEK_MORE)
        death.to_the_end(site.run, day(2, 10))
        return site.seen()

    [counting] = [reaper()]
    expected = live(new(), counting)
    assert len(expected) == 2
    lives = deadly_lives([counting], at_most=8)
    assert [dying.moments for [dying] in lives if live(new(), dying) != expected] == []


def test_after_an_outage_nobody_gets_a_pile_of_messages(new: Any) -> None:
    site = new()
    site.run(MOMENTS[0])
    site.run(day(11, 10))
    assert titles(site) == ["who has not answered, Monday 8 March, 18:00"]


def test_a_clock_change_moves_no_due_date(new: Any) -> None:
    site = new(start=date(2027, 3, 22), timezone="Europe/Lisbon")
    site.run(day(22, 9))
    assert "Before **Monday 29\u00a0March, 18:00**" in site.topics()[0][1]
    site.run(day(27, 9))
    site.run(day(30, 7.9))
    assert len(sent(site)) == 2
    site.run(day(30, 8))  # summer time began on the 28th: nine in Lisbon is eight in UTC
    assert len(sent(site)) == 4


def test_in_french_every_text_is_french(new: Any) -> None:
    site = new(locale="fr")
    for moment in MOMENTS:
        site.run(moment)
    assert "Avant le **lundi 8\u00a0mars, 18\u00a0h**" in site.topics()[0][1]
    assert [one.title.partition(" : ")[2].partition(",")[0] for one in site.messages()] == [
        *["votre réponse"] * 2,
        *["vous pouvez encore répondre"] * 2,
        "réponses manquantes",
    ]


@pytest.mark.slow
def test_a_death_at_any_moment_sends_each_message_once(new: Any, reaper: Any) -> None:
    def live(site: TopicsSite, reapers: list[Any]) -> Any:
        for moment, death in zip(MOMENTS, reapers, strict=True):
            death.to_the_end(site.run, moment)
        return site.seen()

    counting = [reaper() for _ in MOMENTS]
    expected = live(new(), counting)
    assert len(expected) == 6
    lives = deadly_lives(counting, at_most=8)
    assert [[one.moments for one in dying] for dying in lives if live(new(), dying) != expected] == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("due: 7d", "like '\\+7d 18:00'"),
        ("due: +7d 18:00, remind: [2h before]", "counts in days"),
        ("due: +7d 18:00, remind: [1d after, 2d before]", "in order of time"),
        ("due: +7d 18:00, remind: [3d before, 2d before, 1d before]", "at most 2"),
        ("due: +7d 18:00, remind: [1d after], late: 1d after", "all before `late`"),
        ("due: +7d 18:00, remind: [2d before], late: 1d before", "after the due date"),
        ("due: +1d 18:00, remind: [2d before]", "give more time"),
        ("due: +7d 18:00, remind: [soon]", "'2d before'"),
    ],
)
def test_a_plan_that_cannot_work_is_refused_with_its_place(tmp_path: Path, options: str, said: str) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "playbook.yml").write_text(
        "playbook: mine\ntitle: {en: Mine}\nversion: 1\nsteps:\n"
        f"  - {{id: task, at: start 09:00, play: assignment, with: {{template: assignment, {options}}}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError, match=rf"(?s)playbook\.yml:5.*{said}"):
        load_playbook(folder, REGISTRY)


def test_a_holiday_moves_the_task_with_its_due_date_and_reminders(new: Any) -> None:
    off = DaysOff(days=frozenset({day(1).date()}))
    step = TASK.replace("at: start 09:00", "at: start 09:00, on_holiday: after")
    site = new(step)
    cohort = complete_cohort(site.settings.cohorts[0])
    playbook = load_playbook(site.settings.playbooks[0], REGISTRY)
    found = occurrences(playbook.file, replace(cohort, days_off=off))
    assert [(one.label, one.local_at.day, one.main_at.day) for one in found] == [
        ("task", 2, 2),
        ("task/remind-1", 7, 2),
        ("task/remind-2", 10, 2),
        ("task/late", 12, 2),
    ]
    assert len({occurrence_key("forum", one) for one in found}) == 4


def test_the_command_and_the_signs_know_the_due_date_as_the_cohort_follows_the_step(new: Any) -> None:
    site = new(TASK.replace("at: start 09:00", "at: start 09:00, on_holiday: after"))
    [cohort] = site.settings.cohorts
    declared = {
        **cohort.model_dump(by_alias=True, exclude={"steps", "days_off"}),
        "steps": {"task": {"with": {"due": "+8d 18:00"}}},
        "days_off": {"days": [day(1).date()]},
    }
    site.settings = site.settings.model_copy(update={"cohorts": (type(cohort).model_validate(declared),)})
    site.run(day(2, 9))
    assert "Before **Wednesday 10\u00a0March, 18:00**" in site.topics()[0][1]
    followed = complete_cohort(site.settings.cohorts[0])
    playbook = load_playbook(site.settings.playbooks[0], REGISTRY)
    with site.store() as store, site.forum() as forum:
        assert [one.due for one in open_tasks(forum, store, followed, playbook)] == [day(10, 18)]
        with store.begin() as session:
            part = taking_part(session, forum.name, followed, [], [], playbook, day(3))
    assert [one.due for one in part.around.tasks] == [day(10, 18)]
