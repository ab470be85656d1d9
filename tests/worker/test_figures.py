"""A roundup ends with a picture of the weeks: uploaded when it goes out, once, and never in the way of the roundup."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from sync_worker.content import figure
from sync_worker.content.figure import in_words, mark, weeks_of
from sync_worker.content.roundup_items import Period
from sync_worker.model import Bar, Draft, DraftKind, Figure
from sync_worker.practice_forum.tables import Upload
from sync_worker.publish.figures import with_picture
from sync_worker.store.tables import DraftRow
from tests.talk import NOON, Talk
from tests.worker.conftest import Reaper, deadly_lives
from tests.worker.story_site import day
from tests.worker.topics_site import follow

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

STEPS = """\
  - {id: week, at: start +25d 15:00, play: roundup}
"""
FRIDAY = day(26, 15)
SAID = (
    "Our night shift reads one page aloud at the door before anybody of the day shift leaves the ward.",
    "My team writes the three open orders on the board, because nobody reads a mail at six in the morning.",
    "We let the newest colleague chair the briefing on the last day of the week, and the others listen.",
    "Nobody answers the telephone while the list of open points is read, and that saves us ten minutes.",
    "The person who receives the work writes the list of open points, and reads it back to the other one.",
    "One report was stopped for two weeks, and only two people asked for it in all that time at our site.",
)
FIGURE = Figure("Posts week by week", (Bar("1 March", 9), Bar("8 March", 12)))
PICTURE = re.compile(
    r"!\[Posts week by week: 5\u00a0March: 6, 12\u00a0March: 6, 19\u00a0March: 7\|690x240\]\(upload://\w+\.png\)"
)


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    """Make a cohort of which six people wrote in each of the three weeks before the roundup."""
    folder, numbers = tmp_path_factory.mktemp("figures"), count(1)

    def make(steps: str = STEPS) -> TopicsSite:
        site = follow(story_server, folder, f"bars{next(numbers):02}", steps)
        site.join("carl", "dora", "emil", "fay")
        titles = ("How we hand over", "What the evening is like", "What the morning is like")
        for moment, title in zip((day(9), day(16), day(23)), titles, strict=True):
            site.set_clock(moment)
            body = {"title": f"{title}, {site.key}", "raw": SAID[0], "category": site.category}
            topic = site.call("POST", "/posts.json", f"ana_{site.key}", json=body)["topic_id"]
            for name, said in zip(("ben", "carl", "dora", "emil", "fay"), SAID[1:], strict=True):
                site.say(f"{name}_{site.key}", f"{said} ({title})", moment, topic)
        site.say(f"ben_{site.key}", "Thank you all for this, I take two of these with me.", day(23, 13), topic)
        return site

    return make


def uploads(site: TopicsSite) -> int:
    """How many files the forum has."""
    with site.server.forum.database.session() as session:
        return session.scalar(select(func.count()).select_from(Upload)) or 0


@pytest.fixture(autouse=True)
def _library() -> None:
    pytest.importorskip("matplotlib")


def test_the_picture_stands_in_the_roundup_and_its_numbers_in_words(new: Any) -> None:
    site = new()
    site.run(FRIDAY)
    [(_, text)] = site.topics()
    assert PICTURE.search(text)
    assert text.endswith(")")
    number = site.topic_id("what we found out")
    [opening, *_] = site.call("GET", f"/t/{number}.json")["post_stream"]["posts"]
    cooked = opening["cooked"].replace("&nbsp;", "\u00a0")
    assert re.search('<img src="[^"]+" alt="Posts week by week: 5\u00a0March: 6[^"]*" [^>]*width="690"', cooked)
    assert "In numbers: 7\u00a0posts" in text


@pytest.mark.parametrize("hindrance", ["refused", "no library"])
def test_without_a_picture_the_roundup_goes_out_without_its_place(
    new: Any, hindrance: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new()
    if hindrance == "no library":
        monkeypatch.setattr(figure, "LIBRARY", "a_library_that_is_not_there")
        site.run(FRIDAY)
    else:
        setting = "/admin/site_settings/authorized_extensions.json"
        site.call("PUT", setting, json={"authorized_extensions": "pdf"})
        site.run(FRIDAY)
        site.call("PUT", setting, json={"authorized_extensions": "jpg|jpeg|png|gif"})
    [(_, text)] = site.topics()
    assert "lcm-figure" not in text
    assert "![" not in text
    assert re.search(r"In numbers: .*\.$", text)


def test_a_draft_has_only_the_place_which_an_lcm_may_take_out_and_the_picture_comes_when_it_goes_out(new: Any) -> None:
    waiting = STEPS.replace("play: roundup", "play: roundup, approval: lcm")
    site, bare = new(waiting), new(waiting)
    before = uploads(site)
    for one in (site, bare):
        one.run(FRIDAY)
    with bare.store() as store, store.begin() as session:
        [row] = session.scalars(select(DraftRow))
        assert "(lcm-figure:weeks)" in row.body["raw"]
        raw = re.sub(r"!\[.*\]\(lcm-figure:weeks\)", "", row.body["raw"])
    assert uploads(site) == before
    site.approve()
    bare.approve(raw=raw)
    for one in (site, bare):
        one.run(day(26, 16))
    assert PICTURE.search(site.topics()[0][1])
    assert "![" not in bare.topics()[0][1]


def test_killed_at_any_moment_one_picture_is_uploaded_and_one_roundup_shows_it(new: Any) -> None:
    counted = Reaper()
    site = new()
    with counted.at_work():
        site.run(FRIDAY)
    for [reaper] in deadly_lives([counted], at_most=4):
        site = new()
        reaper.to_the_end(site.run, FRIDAY)
        site.run(FRIDAY)
        [(_, text)] = site.topics()
        assert len(PICTURE.findall(text)) == 1
    assert uploads(site) == 1  # all these cohorts have the same weeks, and the forum knows a picture by its content


def test_the_same_picture_is_not_uploaded_again_while_it_is_still_there(new: Any) -> None:
    site = new()
    draft = Draft(DraftKind.TOPIC, f"A week. {mark(FIGURE, 'en')}", "why", title="A roundup of a week", figure=FIGURE)
    with site.store() as store, site.forum() as forum:
        calls = []
        for now in (FRIDAY, FRIDAY + timedelta(hours=23), FRIDAY + timedelta(hours=25)):
            before = forum.calls.total
            shown = with_picture(forum, store.sessions, draft, site.key, now)
            assert "](upload://" in shown.raw
            calls.append(forum.calls.total - before)
        other = replace(draft, figure=replace(FIGURE, title="Posts"))
        assert with_picture(forum, store.sessions, other, site.key, now).raw != shown.raw
    assert calls == [1, 0, 1]


# Which weeks are shown, and which numbers.


def talk_of(weeks: dict[int, int]) -> Talk:
    """A topic in which so many people wrote one post each, by how many weeks ago."""
    talk = Talk()
    topic = talk.open("Hand-overs", "lea", "How do you hand over?", days_ago=70)
    for ago, people in weeks.items():
        for number in range(people):
            talk.say(topic, f"writer{number}", SAID[0], days_ago=7 * ago + 3, user_id=number + 1)
    return talk


def bars(weeks: dict[int, int], first_day: date = date(2026, 12, 1), locale: str = "en") -> tuple[Bar, ...]:
    zone = ZoneInfo("Europe/Lisbon")
    until = datetime.combine(NOON.astimezone(zone).date(), datetime.min.time(), zone)
    period = Period(until - timedelta(days=7), until, frozenset({"lea"}))
    found = weeks_of(talk_of(weeks).all, period, first_day, locale)
    return found.bars if found is not None else ()


def test_weeks_of_fewer_than_five_people_have_no_number_and_silent_ones_nought() -> None:
    assert bars({0: 6, 1: 4, 2: 0, 3: 5, 4: 7}) == (
        Bar("29\u00a0January", 7),
        Bar("5\u00a0February", 5),
        Bar("12\u00a0February", 0),
        Bar("19\u00a0February", None),
        Bar("26\u00a0February", 6),
    )


def test_where_the_last_week_has_fewer_than_those_before_on_average_there_is_no_figure() -> None:
    assert bars({0: 5, 1: 6, 2: 7, 3: 9}) == ()
    assert bars({0: 6, 1: 5, 2: 7, 3: 9}) == ()
    assert len(bars({0: 7, 1: 5, 2: 7, 3: 9})) == 4
    assert len(bars({0: 5, 1: 5, 2: 5})) == 3


@pytest.mark.parametrize("weeks", [{}, {0: 9}, {0: 4, 1: 4, 2: 4}, {0: 9, 1: 9, 2: 2}])
def test_where_fewer_than_three_weeks_have_a_number_there_is_no_figure(weeks: dict[int, int]) -> None:
    assert bars(weeks) == ()
    assert mark(None, "en") == ""


def test_weeks_before_the_cohort_and_more_than_eight_are_not_shown() -> None:
    every = dict.fromkeys(range(12), 5)
    assert len(bars(every)) == figure.MOST_WEEKS
    assert [one.label for one in bars(every, date(2027, 2, 8))] == [f"{first}\u00a0February" for first in (12, 19, 26)]


def test_the_numbers_in_words_in_both_languages() -> None:
    some = bars({0: 6, 1: 3, 2: 7, 3: 5})
    assert in_words(some, "en") == (
        "Posts week by week: 5\u00a0February: 5, 12\u00a0February: 7, "
        "19\u00a0February: fewer than five people wrote, 26\u00a0February: 6"
    )
    french = tuple(replace(one, label=one.label.replace("February", "février")) for one in some)
    assert in_words(french, "fr") == (
        "Messages par semaine\u00a0: 5\u00a0février\u00a0: 5, 12\u00a0février\u00a0: 7, "
        "19\u00a0février\u00a0: moins de cinq personnes ont écrit, 26\u00a0février\u00a0: 6"
    )


def test_a_picture_is_the_same_for_the_same_numbers() -> None:
    some = Figure("Posts", bars({0: 6, 1: 3, 2: 7, 3: 5}))
    assert figure.draw(some) == figure.draw(some)
    assert figure.draw(some).startswith(b"\x89PNG")
