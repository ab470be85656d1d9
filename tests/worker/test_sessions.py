"""A live session: announced once, reminded of in its topic, and a word to those who missed it, where that is known."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sync_worker.config.load import complete_cohort
from sync_worker.config.reach import ReachSettings
from sync_worker.errors import Outcome
from sync_worker.forum.failures import FailedCall
from sync_worker.playbook.load import load_playbook
from sync_worker.playbook.schedule import occurrences
from sync_worker.plays import REGISTRY
from sync_worker.plays.session import attended_fact
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import Event, PostLocale
from sync_worker.store.facts import set_fact
from tests.worker.story_site import day
from tests.worker.topics_site import follow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        began = {"now": day(0).isoformat()}
        requests.put(f"{story_server.url}/practice/clock.json", json=began, timeout=30).raise_for_status()
        return follow(story_server, folder, f"ses{next(numbers):03}", steps, **{"reach": ANY_HOUR, **more})

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
    assert site.texts(message)[0].startswith("Ana, [")
    assert "took place without you" in site.texts(message)[0]


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
    assert text.startswith("The session has another time than the one above: we meet on [date=2027-03-09 time=10:00:00")


@pytest.mark.parametrize("manually", ["deleted", "closed", "another moment"])
def test_nothing_is_written_into_a_topic_that_people_changed(new: Any, manually: str) -> None:
    site = live(new(), ANNOUNCED)
    topic, moderator = site.topic_id("we meet"), "forumadmin"
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
