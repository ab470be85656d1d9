"""A live session: announced once, reminded of in its topic, and a word to those who missed it, where that is known."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import requests
from click.testing import CliRunner

from sync_worker.activity.collect import collect
from sync_worker.cli import main
from sync_worker.config.load import complete_cohort
from sync_worker.config.options import ReachSettings
from sync_worker.errors import Outcome
from sync_worker.forum.patience import FailedCall
from sync_worker.playbook.load import load_playbook
from sync_worker.playbook.schedule import occurrences
from sync_worker.plays import REGISTRY
from sync_worker.plays.session import attended_fact
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import Event, PostLocale
from sync_worker.rosters.tabular.people_files import Present
from sync_worker.store.facts import facts_of, set_fact
from sync_worker.worker.sessions import Attendance, Member, Place, attendance, keep_attendance
from sync_worker.worker.taking_part import Learner, taking_part
from tests.worker.story_site import day
from tests.worker.topics_site import begin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

SESSION = """\
  - {id: first-session, at: start +7d 16:00, play: session, approval: none,
     with: {template: session, minutes: 90, announce: 5d, remind: [1d, 2h], missed: 1d, link: 'https://meet.example.org/7'}}
"""
WAITING = SESSION.replace(", approval: none", "")
ANNOUNCED, A_DAY_BEFORE, TWO_HOURS_BEFORE, HELD, AFTERWARDS = (
    day(3, 16), day(7, 16), day(8, 14), day(8, 16), day(9, 16),
)  # fmt: skip
MOMENTS = (ANNOUNCED, A_DAY_BEFORE, TWO_HOURS_BEFORE, HELD, AFTERWARDS)
TITLE = "we meet on Monday 8 March"
ANY_HOUR = ReachSettings(weekend=True)


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("sessions"), count(1)

    def make(steps: str = SESSION, **more: Any) -> TopicsSite:
        return begin(story_server, folder, f"ses{next(numbers):03}", steps, **{"reach": ANY_HOUR, **more})

    return make


@pytest.fixture
def switched(story_server: ForumServer) -> Iterator[Callable[..., None]]:
    """Switches settings of the forum on, and off again in the end."""
    done: list[str] = []

    def change(*names: str, value: str = "true") -> None:
        for name in names:
            headers = {"Api-Key": DEFAULT_KEY, "Api-Username": "system"}
            url = f"{story_server.url}/admin/site_settings/{name}.json"
            requests.put(url, headers=headers, json={name: value}, timeout=30).raise_for_status()
            done.append(name)

    yield change
    for name in list(done):
        change(name, value="true" if name == "discourse_local_dates_enabled" else "false")


def replies(site: TopicsSite) -> list[str]:
    [topic] = [one for one in site._ours() if one.archetype == "regular"]
    return site.texts(topic)[1:]


def live(site: TopicsSite, *moments: Any) -> TopicsSite:
    for moment in moments or MOMENTS:
        site.run(moment)
    return site


def attended(site: TopicsSite, **there: bool) -> None:
    """Know who was there."""
    with site.store() as store, store.begin() as session, site.forum() as forum:
        for name, value in there.items():
            account = forum.user(f"{name}_{site.key}")
            assert account is not None
            fact = attended_fact("first-session")
            set_fact(session, forum.name, account.id, fact, value, "a list", HELD, cohort=site.key)


def test_a_session_is_announced_and_reminded_of_in_one_topic(new: Any) -> None:
    site = live(new())
    [(title, text)] = site.topics()
    assert TITLE in title
    assert '[date-range from=2027-03-08T16:00:00 to=2027-03-08T17:30:00 timezone="UTC"]' in text
    assert "https://meet.example.org/7" in text
    first, second = replies(site)
    assert first.startswith('We meet on [date=2027-03-08 time=16:00:00 timezone="UTC"].')
    assert second.startswith("We meet on")
    assert site.messages() == []


def test_a_store_that_was_lost_reminds_in_the_topic_that_is_there(new: Any, tmp_path: Path) -> None:
    site = live(new(), ANNOUNCED, A_DAY_BEFORE)
    site.settings = site.settings.model_copy(update={"store": f"sqlite:///{tmp_path / 'anew.db'}"})
    live(site, day(7, 17), TWO_HOURS_BEFORE)
    assert len(site.topics()) == 1
    assert len(replies(site)) == 2


def test_where_the_calendar_is_on_people_say_whether_they_come(new: Any, switched: Any) -> None:
    switched("calendar_enabled", "discourse_post_event_enabled")
    site = live(new(), ANNOUNCED)
    [(_, text)] = site.topics()
    assert '[event start="2027-03-08 16:00" end="2027-03-08 17:30" status="public" timezone="UTC"]\n[/event]' in text
    with site.server.forum.database.session() as session:
        assert [event.starts_at for event in session.query(Event)][-1] == HELD


def test_without_dates_the_moment_is_in_words(new: Any, switched: Any) -> None:
    switched("discourse_local_dates_enabled", value="false")
    site = live(new())
    [(_, text)] = site.topics()
    assert "Monday 8\u00a0March, 16:00–17:30 (UTC)" in text
    assert len(replies(site)) == 2


def test_who_missed_it_is_written_to_once_and_only_where_that_is_known(new: Any) -> None:
    site = live(new(), *MOMENTS[:4])
    attended(site, ana=False, ben=True)
    site.run(AFTERWARDS)
    site.run(day(12, 16))
    [message] = site.messages()
    assert site.texts(message)[0].startswith("Ana, the session is over, and you can still get something out of it")
    assert "those who were there, in [" in site.texts(message)[0]


def test_nobody_is_written_to_where_nobody_knows_who_was_there(new: Any) -> None:
    site = live(new(), *MOMENTS[:4])
    report = site.run(AFTERWARDS)
    assert site.messages() == []
    [reason] = [one.reason for one in report.happenings if one.step.endswith("/missed")]
    assert "lcm session attendance" in reason


def test_a_message_waits_for_the_lcm_and_is_void_once_the_list_was_corrected(new: Any) -> None:
    site = live(new(WAITING), *MOMENTS[:4])
    attended(site, ana=False, ben=False)
    site.run(AFTERWARDS)
    assert len(replies(site)) == 2
    attended(site, ana=True)
    assert site.approve() == 2
    site.run(day(9, 17))
    [message] = site.messages()
    assert site.texts(message)[0].startswith("Ben")


def test_a_reminder_opens_the_topic_where_the_announcement_was_missed(new: Any) -> None:
    site = live(new(), TWO_HOURS_BEFORE)
    assert [TITLE in title for title, _ in site.topics()] == [True]
    assert replies(site) == []
    assert live(new(), day(8, 17)).topics() == []


def test_a_session_that_was_moved_is_told_with_its_new_time_in_the_same_topic(new: Any) -> None:
    site = live(new(), ANNOUNCED)
    cohort = site.settings.cohorts[0]
    more = {**cohort.model_dump(), "steps": {"first-session": {"at": "start +8d 10:00"}}}
    steps = type(cohort).model_validate(more)
    site.settings = site.settings.model_copy(update={"cohorts": (cohort.model_copy(update={"steps": steps.steps}),)})
    live(site, day(8, 10))
    [text] = replies(site)
    assert text.startswith("The time above no longer holds: we meet on [date=2027-03-09 time=10:00:00")


@pytest.mark.parametrize(
    "changed", [{"steps": {"first-session": {"every": "monday 17:00"}}}, {"timezone": "America/New_York"}]
)
@pytest.mark.parametrize("dates", ["true", "false"])
def test_a_weekly_session_at_another_hour_is_told_of_in_the_same_topic(
    new: Any, switched: Any, changed: Any, dates: str
) -> None:
    switched("discourse_local_dates_enabled", value=dates)
    weekly = SESSION.replace("at: start +7d 16:00", "every: monday 16:00, from: start +7d")
    site = live(new(weekly), ANNOUNCED)
    site.change(**changed)
    live(site, day(7, 22))
    [text] = replies(site)
    assert text.startswith("The time above no longer holds")
    assert len(site.topics()) == 1


@pytest.mark.parametrize("manually", ["deleted", "closed", "another moment"])
def test_nothing_is_written_into_a_topic_that_people_changed(new: Any, manually: str) -> None:
    site = live(new(), ANNOUNCED)
    topic, moderator = site.topic_id("we meet"), "forumadmin"
    with site.forum() as forum, site.store() as store:  # as the desk does, every hour
        collect(forum, store, [site.category], day(30))
    if manually == "deleted":
        site.call("DELETE", f"/t/{topic}.json", moderator)
    elif manually == "closed":
        site.call("PUT", f"/t/{topic}/status.json", moderator, json={"status": "closed", "enabled": "true"})
    else:
        post = site.call("GET", f"/t/{topic}.json")["post_stream"]["posts"][0]
        raw = site.topics()[0][1].replace("2027-03-08", "2027-03-15")
        site.call("PUT", f"/posts/{post['id']}.json", moderator, json={"post": {"raw": raw}})
    live(site, *MOMENTS[1:])
    written = [one for one in site._ours() if one.archetype == "regular" and one.deleted_at is None]
    assert [len(site.texts(one)) for one in written] == ([] if manually == "deleted" else [1])


def test_an_announcement_that_is_approved_after_the_session_is_not_posted(new: Any) -> None:
    site = live(new(WAITING.replace("play: session", "play: session, approval: lcm")), ANNOUNCED)
    assert site.approve() == 1
    report = site.run(day(8, 17))
    assert [(deed.state, deed.reason) for deed in report.deeds] == [
        ("skipped", "the time for it has passed; nothing was posted")
    ]
    assert site.topics() == []


def test_the_moment_is_the_cohorts_own_clock_also_across_a_change_of_clocks(new: Any) -> None:
    site = new(SESSION, timezone="Europe/Paris", locale="fr")
    found = occurrences(
        load_playbook(site.settings.playbooks[0], REGISTRY).file, complete_cohort(site.settings.cohorts[0])
    )
    assert [(one.follow_up, one.local_at.isoformat(timespec="minutes")) for one in found] == [
        ("announce", "2027-03-03T16:00+01:00"),
        ("remind-1", "2027-03-07T16:00+01:00"),
        ("remind-2", "2027-03-08T14:00+01:00"),
        ("", "2027-03-08T16:00+01:00"),
        ("missed", "2027-03-09T16:00+01:00"),
    ]
    live(site, day(3, 15))
    [(title, text)] = site.topics()
    assert "rendez-vous lundi 8 mars" in title
    assert 'from=2027-03-08T16:00:00 to=2027-03-08T17:30:00 timezone="Europe/Paris"' in text


def localizations(site: TopicsSite) -> list[tuple[str, str, str]]:
    topic = site.topic_id("we meet")
    post = site.call("GET", f"/t/{topic}.json")["post_stream"]["posts"][0]["id"]
    found = site.call("GET", f"/post_localizations/{post}.json")["post_localizations"]
    return [(one["locale"], one["topic_localization"]["title"], one["raw"]) for one in found]


def test_each_reader_gets_one_language_where_the_forum_can_show_it_so(new: Any, switched: Any) -> None:
    switched("content_localization_enabled")
    site = live(new(languages=("en", "fr")), ANNOUNCED)
    [(title, text)] = site.topics()
    assert "rendez-vous" not in title + text
    [(locale, other, raw)] = localizations(site)
    assert locale == "fr"
    assert "rendez-vous lundi 8\u00a0mars" in other
    assert "[date-range from=2027-03-08T16:00:00" in raw
    with site.server.forum.database.session() as session:
        assert {row.locale for row in session.query(PostLocale)} == {"en"}


def test_where_an_lcm_approves_first_both_languages_are_in_one_text(new: Any, switched: Any) -> None:
    switched("content_localization_enabled")
    site = live(new(SESSION.replace("approval: none", "approval: lcm"), languages=("en", "fr")), ANNOUNCED)
    site.approve()
    site.run(day(3, 17))
    [(_, text)] = site.topics()
    assert "rendez-vous" in text


@pytest.mark.parametrize("edited", [True, False], ids=["edited meanwhile", "as it was"])
def test_a_language_that_could_not_be_added_is_added_later_unless_people_changed_the_topic(
    new: Any, switched: Any, edited: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    switched("content_localization_enabled")
    site = new(languages=("en", "fr"))
    with monkeypatch.context() as patched:
        patched.setattr("sync_worker.forum.client.Forum.translate", refuse)
        site.set_clock(ANNOUNCED)
        assert [deed.state for deed in super(type(site), site).run(ANNOUNCED).deeds] == ["done", "intended"]
    topic = site.topic_id("we meet")
    if edited:
        post = site.call("GET", f"/t/{topic}.json")["post_stream"]["posts"][0]["id"]
        raw = site.topics()[0][1].replace("90 minutes", "two hours").replace("We take", "It takes")
        site.call("PUT", f"/posts/{post}.json", json={"post": {"raw": raw}})
    site.run(day(3, 18))
    assert [locale for locale, *_ in localizations(site)] == ([] if edited else ["fr"])
    assert len(site.topics()) == 1


def refuse(*_: Any, **__: Any) -> None:
    raise FailedCall("the forum is away.", outcome=Outcome.POSTPONED, unreachable=True, url="http://forum/post")


def command(site: TopicsSite, folder: Path, *given: str, code: int = 0) -> str:
    """Run a command of `lcm session` or `lcm assignment` on this cohort; return what it says."""
    [playbook] = site.settings.playbooks
    config = folder / "lcm.yaml"
    config.write_text(
        f"forum: {{url: '{site.server.url}', api_username: forumadmin, key_env: PRACTICE_KEY}}\n"
        f"store: '{site.settings.store}'\nplaybooks: ['{playbook}']\n"
        f"cohorts:\n- {{key: {site.key}, name: C, timezone: UTC, start: 2027-03-01, end: 2027-05-30,"
        f" group: {site.key}, lcm_group: {site.key}-lcm, playbook: ours}}\n",
        encoding="utf-8",
    )
    result = CliRunner().invoke(main, [*given, "--config", str(config)], env={"PRACTICE_KEY": DEFAULT_KEY})
    assert result.exit_code == code, result.output
    return result.output


def facts_of_learners(site: TopicsSite) -> dict[str, dict[str, object]]:
    with site.store() as store, store.begin() as session, site.forum() as forum:
        known = facts_of(session, forum.name, site.key)
        named = {name: forum.user(f"{name}_{site.key}") for name in ("ana", "ben", "lea")}
        found = {name: known.get(user.id, {}) for name, user in named.items() if user}
        return {name: {fact: value.value for fact, value in facts.items()} for name, facts in found.items()}


def test_a_list_says_who_was_there_and_those_who_missed_it_are_written_to_after_all(new: Any, tmp_path: Path) -> None:
    site = live(new())
    assert site.messages() == []
    path = tmp_path / "zoom.csv"
    path.write_text(f"Username,Name,Duration (minutes)\nben_{site.key},Ben,80\nguest7,Somebody,5\n", encoding="utf-8")
    at = ("--key", "username", "--now", day(9, 18).isoformat())
    said = command(site, tmp_path, "session", "attendance", site.key, "first-session", str(path), *at)
    assert "Kept for first-session of 2027-03-08T16:00+00:00: 1 person was there, 1 missed it." in said
    assert "zoom.csv:3: nobody in the cohort" in said
    assert facts_of_learners(site) == {
        "ana": {"attended_first_session": False, "attendance": 0.0},
        "ben": {"attended_first_session": True, "attendance": 1.0},
        "lea": {},
    }
    site.run(day(9, 19))
    site.run(day(9, 20))
    [message] = site.messages()
    assert site.texts(message)[0].startswith("Ana")
    path.write_text(f"Username,Name\nben_{site.key},Ben\nana_{site.key},Ana\n", encoding="utf-8")
    command(site, tmp_path, "session", "attendance", site.key, "first-session", str(path), *at)
    assert facts_of_learners(site)["ana"] == {"attended_first_session": True, "attendance": 1.0}
    site.run(day(10, 20))
    assert len(site.messages()) == 1


def test_a_dry_run_keeps_nothing_and_a_session_to_come_has_no_list(new: Any, tmp_path: Path) -> None:
    site = live(new(), ANNOUNCED)
    path = tmp_path / "list.csv"
    path.write_text(f"username\nben_{site.key}\n", encoding="utf-8")
    given = ("session", "attendance", site.key, "first-session", str(path), "--key", "username")
    early = command(site, tmp_path, *given, "--now", day(7).isoformat(), code=2)
    assert "has not taken place" in early
    said = command(site, tmp_path, *given, "--dry-run", "--now", day(9).isoformat())
    assert said.startswith("Would keep")
    assert facts_of_learners(site)["ben"] == {}
    other = command(site, tmp_path, "session", "attendance", site.key, "firstsession", str(path), code=2)
    assert "first-session" in other


MEMBERS = (
    Member(1, "ana", "Ana Alves", None),
    Member(2, "ben", "Ben Costa", day(1)),
    Member(3, "cleo", "Cleo Dias", day(20)),
    Member(4, "dan", "Dan Ek", day(1)),
)


def listed(*rows: tuple[str, str, float | None], at_least: float = 0) -> dict[int, bool]:
    present = [Present(f"list:{number}", key, name, minutes) for number, (key, name, minutes) in enumerate(rows)]
    accounts = {"ana@x.org": 1, "ben@x.org": 2, "dan@x.org": 4}
    return dict(attendance(present, accounts, MEMBERS, HELD, at_least).there)


def test_who_is_on_no_row_was_not_there_unless_they_came_into_the_cohort_later() -> None:
    assert listed(("ana@x.org", "Ana", None)) == {1: True, 2: False, 4: False}


def test_a_row_without_an_address_but_with_a_name_leaves_that_person_unknown() -> None:
    assert listed(("ana@x.org", "Ana", None), ("", "DAN EK", None)) == {1: True, 2: False}


def test_all_rows_of_a_person_count_together_and_who_has_no_time_that_can_be_read_is_unknown() -> None:
    rows = (("ana@x.org", "Ana", 20.0), ("ana@x.org", "Ana", 25.0), ("ben@x.org", "Ben", 30.0))
    assert listed(*rows, ("dan@x.org", "Dan", None), at_least=45) == {1: True, 2: False}


def test_an_older_list_that_comes_later_counts_in_the_share_and_replaces_nothing(new: Any) -> None:
    site = new()
    with site.store() as store, store.begin() as session, site.forum() as forum:
        ana = forum.user(site.learner)
        assert ana is not None
        for number, there in ((16, True), (9, False)):
            place = Place(forum.name, site.key, "weekly", day(number).date(), once=False)
            keep_attendance(session, place, Attendance({ana.id: there}), day(number, 16), "list.csv")
    assert facts_of_learners(site)["ana"] == {
        "attended_weekly": True,
        "attended_weekly_20270309": False,
        "attended_weekly_20270316": True,
        "attendance": 0.5,
    }
    with site.store() as store, store.begin() as session:
        cohort = complete_cohort(site.settings.cohorts[0])
        part = taking_part(session, site.settings.forum.name, cohort, [], [Learner(ana.id)], None, day(20))
    assert part.attendance == {ana.id: (1, 2)}


def test_what_people_answered_to_the_invitation_is_known_before_the_reminder(new: Any, switched: Any) -> None:
    switched("calendar_enabled", "discourse_post_event_enabled")
    site = live(new(), ANNOUNCED)
    post = site.call("GET", f"/t/{site.topic_id('we meet')}.json")["post_stream"]["posts"][0]["id"]
    for name, status in (("ana", "not_going"), ("ben", "going")):
        path = f"/discourse-post-event/events/{post}/invitees.json"
        site.call("POST", path, f"{name}_{site.key}", json={"invitee": {"status": status}})
    live(site, A_DAY_BEFORE)
    known = facts_of_learners(site)
    assert {name: facts.get("rsvp_first_session") for name, facts in known.items()} == {
        "ana": "not_going",
        "ben": "going",
        "lea": None,
    }
    attended(site, ana=False)
    live(site, AFTERWARDS)
    [message] = site.messages()
    assert "you had said that you could not be at" in site.texts(message)[0]


def test_what_people_answered_about_the_next_session_says_nothing_about_this_one(new: Any, switched: Any) -> None:
    switched("calendar_enabled", "discourse_post_event_enabled")
    weekly = "{id: weekly, every: monday 16:00, from: start +7d, play: session, approval: none"
    site = live(new(f"  - {weekly}, with: {{template: session, missed: 1d}}}}\n"), day(1, 16), A_DAY_BEFORE, HELD)
    post = site.call("GET", f"/t/{site.topic_id('Monday 15 March')}.json")["post_stream"]["posts"][0]["id"]
    path = f"/discourse-post-event/events/{post}/invitees.json"
    site.call("POST", path, site.learner, json={"invitee": {"status": "not_going"}})
    with site.store() as store, store.begin() as session, site.forum() as forum:
        ana = forum.user(site.learner)
        assert ana is not None
        name = attended_fact("weekly", HELD.date())
        set_fact(session, forum.name, ana.id, name, value=False, source="a list", at=HELD, cohort=site.key)
    site.run(AFTERWARDS)
    [message] = site.messages()
    assert "you had said" not in site.texts(message)[0]
    live(site, day(14, 16))
    assert facts_of_learners(site)["ana"]["rsvp_weekly_20270315"] == "not_going"


def test_nothing_is_kept_of_a_forgotten_person_who_is_on_a_list(new: Any, tmp_path: Path) -> None:
    site = live(new())
    command(site, tmp_path, "forget", f"ben_{site.key}", "--apply")
    path = tmp_path / "list.csv"
    path.write_text(f"username\nben_{site.key}\nana_{site.key}\n", encoding="utf-8")
    given = ("session", "attendance", site.key, "first-session", str(path), "--key", "username")
    said = command(site, tmp_path, *given, "--now", day(9).isoformat())
    assert "1 person was there, 0 missed it" in said
    assert "list.csv:2: nobody in the cohort" in said
    assert facts_of_learners(site)["ben"] == {}
