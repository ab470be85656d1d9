"""A learner's topic that nobody answers comes to the LCMs once, with people who could answer, and once more, loudly."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

from sync_worker.config.load import complete_cohort
from sync_worker.config.options import DaysOffSettings
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.store.facts import set_fact
from sync_worker.store.tables import ChoiceRow
from sync_worker.worker.history import calendar
from sync_worker.worker.surroundings import refresh
from tests.worker.story_site import day
from tests.worker.topics_site import begin

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

STEPS = "  - {id: alone, every: weekday 09:00, play: first_reply}\n"
TITLE = "Which list for the hand-over at night"
ASKED = "Which list do you use for the hand-over at night? Ours has forty lines and nobody reads it."
FITS = "Our hand-over at night has a list of five questions; the nurse reads it aloud before she leaves."
OTHER = "Budget talks went better since everybody saw the figures before the meeting."


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("first"), count(1)

    def make(steps: str = STEPS, locale: str = "en", **cohort: Any) -> TopicsSite:
        site = begin(story_server, folder, f"first{next(numbers):03}", steps, locale=locale, **cohort)
        site.join("cleo", "dora")
        return site

    return make


def opens(site: TopicsSite, name: str, title: str, raw: str, number: int, hour: float = 8) -> int:
    """Let somebody open a topic; return its id."""
    site.set_clock(day(number, hour))
    body = {"title": f"{title} {site.key}", "raw": raw, "category": site.category}
    return int(site.call("POST", "/posts.json", f"{name}_{site.key}", json=body)["topic_id"])


def talk(site: TopicsSite) -> int:
    """Let cleo and dora write about hand-overs, ben about something else, and ana ask; return her topic."""
    told = opens(site, "cleo", "What we do before we leave", FITS, 1)
    site.say(f"dora_{site.key}", f"{FITS} And at weekends it is the doctor.", day(1, 9), told)
    opens(site, "ben", "Figures before the talk", OTHER, 1, 9)
    site.say(f"dora_{site.key}", "The same here, with the figures in colour.", day(1, 10), told + 1)
    return opens(site, "ana", TITLE, ASKED, 2)  # a Tuesday


def live(site: TopicsSite, *numbers: int) -> None:
    for number in numbers:
        site.run(day(number, 9))


def notes(site: TopicsSite) -> list[str]:
    return [site.texts(one)[0] for one in site.messages()]


def test_the_lcms_hear_after_a_working_day_then_loudly_and_never_again(new: Any) -> None:
    site = new()
    topic = talk(site)
    live(site, 1, 2)
    assert notes(site) == []
    live(site, 3)
    [first] = notes(site)
    assert f"/{topic})" in first
    assert "Tuesday 2\u00a0March. It is the author’s first post here." in first
    assert "[Cleo](" in first
    assert "[Dora](" in first
    assert "[What we do before we leave" in first
    assert "[Ben](" not in first
    assert "on Monday 1\u00a0March" in first
    live(site, 4)
    assert len(notes(site)) == 1
    live(site, 5)
    _, loud = notes(site)
    assert loud.startswith("**Still without a reply.**")
    assert "I wrote to you on Wednesday 3\u00a0March." in loud
    live(site, 8, 9, 30)
    assert len(notes(site)) == 2


def test_a_reply_ends_it_and_an_lcms_reply_too(new: Any) -> None:
    site = new()
    topic = talk(site)
    other = opens(site, "ben", "Who keeps the keys at weekends", "Who keeps the keys at weekends, and where?", 2)
    live(site, 3)
    assert len(notes(site)) == 1
    site.say(site.learner, "I forgot to say that we are three.", day(3, 10), topic)
    site.say(f"lea_{site.key}", "Ask the porter, who has all of them.", day(3, 10), other)
    live(site, 4, 5)
    assert f"/{topic})" in notes(site)[1]
    assert f"/{other})" not in notes(site)[1]


def test_weekends_and_holidays_do_not_count(new: Any) -> None:
    site = new(days_off=DaysOffSettings(days=("2027-03-08",)))
    opens(site, "ana", TITLE, ASKED, 5, 8)  # a Friday; Monday is a day off
    live(site, 6, 7, 8)
    assert notes(site) == []
    live(site, 9)
    assert len(notes(site)) == 1


def test_what_informs_or_is_over_is_not_told(new: Any) -> None:
    site = new()
    for number, status in enumerate(("pinned", "archived", "closed", "visible")):
        topic = opens(site, "ana", f"{status} {TITLE}", f"{ASKED} This is number {number}.", 2, 6 + number / 4)
        wanted = {"status": status, "enabled": str(status != "visible").lower(), "until": day(60).isoformat()}
        site.call("PUT", f"/t/{topic}/status.json", json=wanted)
    gone = opens(site, "ana", f"gone {TITLE}", f"{ASKED} This one goes away.", 2)
    site.call("DELETE", f"/t/{gone}.json")
    live(site, 3, 4, 5)
    assert notes(site) == []


def test_who_is_away_or_wants_to_be_left_alone_is_not_named(new: Any) -> None:
    site = new()
    talk(site)
    ids = site.join()
    name = site.settings.forum.name
    with site.store() as store, store.begin() as session:
        for fact, number in (("away_from", 1), ("away_until", 9)):
            set_fact(session, name, ids["cleo"], fact, day(number).date(), "test", day(1), cohort=site.key)
        session.add(ChoiceRow(forum=name, user_id=ids["dora"], username="dora", quoting=False, at=day(1)))
    live(site, 3)
    [note] = notes(site)
    assert "Cleo" not in note
    assert "Dora" not in note
    assert "Worth asking" not in note


def test_a_reply_right_before_the_message_goes_out_keeps_it_back(new: Any) -> None:
    """The store was read, then somebody answered, and the last look sees it."""
    site = new()
    topic = talk(site)

    def read_then_answer(*given: Any, **more: Any) -> None:
        refresh(*given, **more)
        site.say(f"ben_{site.key}", "Five lines, read aloud.", day(3, 9), topic)

    with patch("sync_worker.worker.run.refresh", read_then_answer):
        live(site, 3)
    assert notes(site) == []


def test_calendars_leave_out_the_dates_on_which_nothing_waited(new: Any) -> None:
    site = new()
    talk(site)
    live(site, 1, 2, 3, 4)
    with site.store() as store, store.begin() as session:
        playbook = playbooks_of(site.settings, REGISTRY)["ours"]
        lines = calendar(
            session, site.settings.forum.name, playbook, complete_cohort(site.settings.cohorts[0]), day(4, 10)
        )
    assert [(line.when[:10], line.state) for line in lines] == [("2027-03-03", "done"), ("2027-03-05", "to come")]


def test_french(new: Any) -> None:
    site = new(locale="fr")
    talk(site)
    live(site, 3)
    [note] = notes(site)
    assert note.startswith("Personne n’a encore répondu à ce sujet\u00a0:")
    assert "C’est son premier message ici. À solliciter\u00a0: [Cleo](" in note
