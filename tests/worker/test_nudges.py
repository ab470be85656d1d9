"""Who falls silent gets a word, twice at most, while it is true; then the LCMs hear."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from sync_worker.errors import Outcome
from sync_worker.forum import Forum
from sync_worker.forum.patience import FailedCall
from sync_worker.playbook.checks import text_problems
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.signals.effect import is_held_out
from sync_worker.store.forgotten import remember_forgotten
from sync_worker.store.personal import Subject
from sync_worker.store.tables import ChoiceRow, DraftRow, TrialRow
from sync_worker.worker.trials import trials_of
from tests.worker.story_site import day
from tests.worker.topics_site import begin

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

STEPS = """\
  - {id: weekly, every: monday 09:00, play: prompt, with: {deck: apply-it}}
  - {id: quiet, every: thursday 10:00, play: nudge, approval: none}
  - {id: over, every: friday 10:00, play: hand_over}
"""
WAITING = STEPS.replace(", approval: none", "")
FIRST, SECOND, OVER = day(18, 10), day(32, 10), day(40, 10)  # Thursdays; a Friday
TALKERS = ("ben", "cleo", "dora")


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("nudges"), count(1)

    def make(steps: str = STEPS, locale: str = "en") -> TopicsSite:
        site = begin(story_server, folder, f"nudge{next(numbers):03}", steps, locale=locale)
        site.join("cleo", "dora")
        return site

    return make


def live(site: TopicsSite, first: int, last: int) -> None:
    """Let the weeks pass: the others talk on Tuesdays, the worker looks on Mondays, Thursdays and Fridays."""
    for number in range(first, last + 1):
        if number % 7 == 2:
            talk(site, number)
        if number % 7 in (1, 4, 5):
            site.run(day(number, 10))


def talk(site: TopicsSite, number: int) -> None:
    site.set_clock(day(number, 11))
    body = {"title": f"What day {number} was like {site.key}", "raw": "It was long, and we handed over late."}
    post = site.call("POST", "/posts.json", f"ben_{site.key}", json={**body, "category": site.category})
    for name in TALKERS[1:]:
        site.say(f"{name}_{site.key}", f"It was no shorter for us, says {name}.", day(number, 12), post["topic_id"])


def to_ana(site: TopicsSite) -> list[str]:
    return [site.texts(one)[0] for one in site.messages() if one.title.startswith("Ana, ")]


def to_lcms(site: TopicsSite) -> list[str]:
    return [site.texts(one)[0] for one in site.messages() if "over to you" in one.title]


def test_two_messages_then_the_lcms_hear_once_and_never_a_third(new: Any) -> None:
    site = new()
    live(site, 1, 17)
    assert to_ana(site) == []
    live(site, 18, 31)
    [first] = to_ana(site)
    assert first.startswith("Ana, the newest question is [")
    assert f"/u/lea_{site.key}" in first
    live(site, 32, 39)
    assert len(to_ana(site)) == 2
    assert to_lcms(site) == []
    live(site, 40, 60)
    assert len(to_ana(site)) == 2
    [handed] = to_lcms(site)
    assert "[Ana](" in handed
    assert "written to on Thursday 18\u00a0March and Thursday 1\u00a0April" in handed
    assert len(site.messages()) == 3  # nobody else was written to


def test_a_word_back_ends_it(new: Any) -> None:
    site = new()
    live(site, 1, 18)
    [message] = site.messages()
    site.say(f"ana_{site.key}", "Later, this month is full.", day(19, 9), message.id)
    live(site, 20, 45)
    assert len(to_ana(site)) == 1
    assert to_lcms(site) == []


def test_nobody_is_written_to_again_while_it_is_not_known_whether_they_answered(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new()
    live(site, 1, 18)
    [message] = site.messages()
    site.say(f"ana_{site.key}", "Later, this month is full.", day(19, 9), message.id)
    read = Forum.topic

    def but_for_the_message(forum: Forum, number: int) -> Any:
        if number == message.id:
            raise FailedCall("it answered 500.", outcome=Outcome.DOUBTFUL, status=500)
        return read(forum, number)

    monkeypatch.setattr(Forum, "topic", but_for_the_message)
    live(site, 20, 45)
    assert len(to_ana(site)) == 1
    assert to_lcms(site) == []


def test_who_writes_before_the_approval_is_not_written_to(new: Any) -> None:
    site = new(WAITING)
    live(site, 1, 18)
    assert to_ana(site) == []
    talk(site, 18)
    site.say(f"ana_{site.key}", "I was away, and am back now.", day(18, 13), newest(site))
    assert site.approve() == 1
    site.run(day(18, 14))
    assert to_ana(site) == []
    with site.store() as store, store.begin() as session:
        [draft] = session.scalars(select(DraftRow))
        assert (draft.state, draft.decision_reason) == ("withdrawn", "The learner has written meanwhile.")


def test_what_follows_a_message_counts_from_the_day_on_which_it_went_out(new: Any) -> None:
    site = new(WAITING)
    live(site, 1, 24)
    assert to_ana(site) == []
    assert site.approve() == 1
    site.run(day(24, 13))  # six days after it was drafted
    assert len(to_ana(site)) == 1
    live(site, 25, 33)
    with site.store() as store, store.begin() as session:
        assert [row.state for row in session.scalars(select(DraftRow))] == ["sent"]  # not yet ten days
    live(site, 34, 44)
    assert site.approve() == 1
    site.run(day(44, 13))
    live(site, 45, 50)
    assert to_lcms(site) == []  # not yet seven days
    live(site, 51, 54)
    [handed] = to_lcms(site)
    assert "written to on Wednesday 24\u00a0March and Tuesday 13\u00a0April" in handed


def newest(site: TopicsSite) -> int:
    return max(one.id for one in site._ours() if one.archetype == "regular")


def test_who_left_the_cohort_before_the_approval_is_not_written_to(new: Any) -> None:
    site = new(WAITING)
    live(site, 1, 18)
    group = site.call("GET", f"/groups/{site.key}.json")["group"]["id"]
    site.call("DELETE", f"/groups/{group}/members.json", json={"usernames": site.learner})
    assert site.approve() == 1
    site.run(day(19, 10))
    assert to_ana(site) == []


def test_somebody_s_answer_to_the_person_is_the_open_door(new: Any) -> None:
    site = new()
    site.set_clock(day(1, 9))
    body = {"title": f"Who hands over at night {site.key}", "raw": "Who of you hands over at night, and how?"}
    post = site.call("POST", "/posts.json", f"ana_{site.key}", json={**body, "category": site.category})
    site.say(f"cleo_{site.key}", "We do, with one page of five boxes.", day(1, 10), post["topic_id"])
    live(site, 1, 18)
    [first] = to_ana(site)
    assert first.startswith(f"Ana, Cleo wrote after you in [Who hands over at night {site.key}](")


def test_who_wants_no_nudges_gets_none(new: Any) -> None:
    site = new()
    with site.store() as store, store.begin() as session:
        known = {"forum": site.settings.forum.name, "user_id": site.join()["ana"], "username": "ana"}
        session.add(ChoiceRow(**known, nudges=False, at=day(0)))
    live(site, 1, 40)
    assert site.messages() == []


def test_the_french_word_is_french(new: Any) -> None:
    site = new(locale="fr")
    live(site, 1, 18)
    [message] = site.messages()
    assert message.title.startswith("Ana, un mot depuis")
    assert (
        "répondez «\u00a0plus tard, merci\u00a0», et je vous laisse en paix pendant un mois." in site.texts(message)[0]
    )


def test_all_texts_hold_with_every_value(new: Any) -> None:
    site = new()
    assert text_problems(playbooks_of(site.settings, REGISTRY)["ours"], REGISTRY) == []


# A share of people is left out by lot, so that it can be seen whether messages help.

HELD_OUT = STEPS.replace("play: nudge,", "play: nudge, with: {holdout: 0.5, back_within: 14d},")


def trials(site: TopicsSite) -> list[TrialRow]:
    with site.store() as store, store.begin() as session:
        found = list(session.scalars(select(TrialRow).order_by(TrialRow.slot, TrialRow.key)))
        session.expunge_all()
        return found


def look_in(site: TopicsSite, *days: int) -> None:
    """Let the weeks pass up to the last of these days: the others talk on Tuesdays, the worker runs on these days."""
    for number in range(days[0], days[-1] + 1):
        if number % 7 == 2:
            talk(site, number)
        if number in days:
            site.run(day(number, 10))


def drawn(site: TopicsSite) -> bool:
    """Whether the lot leaves ana out of the step."""
    return is_held_out(f"{site.key}/ours/quiet", site.join()["ana"], 0.5)


def sites(new: Callable[..., TopicsSite]) -> tuple[TopicsSite, TopicsSite]:
    """Two cohorts: in the first, chance leaves ana out; in the second, she is to be written to."""
    found: dict[bool, TopicsSite] = {}
    while len(found) < 2:
        site = new(HELD_OUT)
        found.setdefault(drawn(site), site)
    return found[True], found[False]


def test_whom_the_lot_leaves_out_is_written_down_gets_nothing_and_goes_to_the_lcms_in_the_end(new: Any) -> None:
    out, written_to = sites(new)
    look_in(out, 1, 18, 25, 39)
    look_in(written_to, 1, 18)
    [row] = trials(out)
    assert (row.held_out, row.share, row.slot, row.until) == (True, 0.5, FIRST, FIRST + timedelta(days=14))
    assert (to_ana(out), to_lcms(out)) == ([], [])
    [row] = trials(written_to)
    assert (row.held_out, row.slot, len(to_ana(written_to))) == (False, FIRST, 1)
    look_in(out, 40, 47)  # 14 days and 7 more: she is not left alone for good
    [handed] = to_lcms(out)
    assert handed.startswith(
        "This person got no message from me, though the silence has lasted for weeks. A draw decided that"
    )
    assert "[Ana](" in handed
    assert "I have written twice" not in handed
    assert (len(trials(out)), to_ana(out)) == (1, [])
    with out.store() as store, store.begin() as session:
        [found] = trials_of(session, out.settings.forum.name, out.key, day(47))
    assert (found.sides.nudged.people, found.sides.held_out) == (0, (0, 1))


def test_who_was_left_out_and_comes_back_counts_as_back_and_is_left_in_peace(new: Any) -> None:
    out, _ = sites(new)
    look_in(out, 1, 18)
    talk(out, 23)
    out.say(f"ana_{out.key}", "I was away, and am back now.", day(23, 13), newest(out))
    look_in(out, 25, 46)
    assert (len(trials(out)), out.messages()) == (1, [])
    with out.store() as store, store.begin() as session:
        name = out.settings.forum.name
        [before] = trials_of(session, name, out.key, day(31))
        [after] = trials_of(session, name, out.key, day(33))
    assert (before.running, before.sides.held_out.people) == (1, 0)
    assert (after.running, after.sides.held_out) == (0, (1, 1))


def test_no_draft_is_written_about_who_wants_no_nudges_or_was_forgotten(new: Any) -> None:
    site = new(WAITING)
    numbers = site.join("eve")
    with site.store() as store, store.begin() as session:
        name = site.settings.forum.name
        session.add(ChoiceRow(forum=name, user_id=numbers["ana"], username="ana", nudges=False, at=day(0)))
        remember_forgotten(session, name, Subject(accounts=frozenset({numbers["eve"]})), day(0))
    look_in(site, 1, 18)
    with site.store() as store, store.begin() as session:
        assert session.scalars(select(DraftRow)).all() == []
