"""Learners are brought together in pairs: each pair once, nobody against their will, and each message exactly once."""

from __future__ import annotations

import json
from datetime import date
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from sync_worker.cli import main
from sync_worker.playbook.checks import text_problems
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.store.facts import set_fact
from sync_worker.store.tables import ChoiceRow, DraftRow, LedgerRow, MembershipRow
from tests.worker.conftest import deadly_lives
from tests.worker.story_site import day
from tests.worker.topics_site import begin

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

PAIRS = """\
  - {id: talk, every: tuesday 10:00, play: pair, approval: none, with: {question_deck: in-pairs, across: [site]}}
"""
WAITING = PAIRS.replace(", approval: none", "")
NEW = """\
  - {id: meet, every: wednesday 10:00, play: introductions, approval: none, with: {question_deck: in-pairs}}
"""
TUESDAYS = [day(2, 10), day(9, 10), day(16, 10), day(23, 10)]
SITES = {"ana": "Lisbon", "ben": "Lisbon", "cleo": "Porto", "dora": "Porto"}


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("pairs"), count(1)

    def make(steps: str = PAIRS, *more: str, locale: str = "en") -> TopicsSite:
        site = begin(story_server, folder, f"pair{next(numbers):03}", steps, locale=locale)
        site.join(*more)
        return site

    return make


def together(site: TopicsSite) -> list[set[str]]:
    """First names in each message that brings people together, oldest first."""
    with site.forum() as forum:
        found = []
        for message in site.messages():
            seen = site.call("GET", f"/t/{message.id}.json")
            names = {one["username"] for one in seen["details"]["allowed_users"]} - {forum.username}
            found.append({name.partition("_")[0] for name in names})
        return found


def test_four_learners_meet_each_of_the_others_once_and_then_nobody(new: Any) -> None:
    site = new(PAIRS, "cleo", "dora")
    for tuesday in TUESDAYS:
        site.run(tuesday)
    pairs = together(site)
    assert len(pairs) == 6
    assert len({frozenset(pair) for pair in pairs}) == 6
    assert all(len(pair) == 2 and "lea" not in pair for pair in pairs)


def test_who_left_the_cohort_before_the_approval_is_brought_together_with_nobody(new: Any) -> None:
    site = new(WAITING)
    site.run(TUESDAYS[0])
    with site.store() as store, store.begin() as session:
        left = MembershipRow(
            forum=site.settings.forum.name, group_name=site.key, user_id=site.join()["ana"], username=site.learner
        )
        left.person, left.state, left.run, left.at = "ana", "removed", "r", day(2)
        session.add(left)
    assert site.approve() == 1
    site.run(day(2, 11))
    assert together(site) == []
    with site.store() as store, store.begin() as session:
        [draft] = session.scalars(select(DraftRow))
        assert draft.decision_reason == "The person is not in the cohort any more."


@pytest.mark.parametrize(
    ("decided", "goes_out"),
    [(day(2, 21), day(3, 8)), (day(6, 10), day(8, 8))],  # in the evening; on a Saturday
    ids=["night", "weekend"],
)
def test_nobody_is_written_to_at_night_or_on_a_weekend(new: Any, decided: datetime, goes_out: datetime) -> None:
    later = "{question_deck: in-pairs, meet: +9d 12:30}"
    site = new(WAITING.replace("{question_deck: in-pairs, across: [site]}", f"{later}, catch_up: 9d"))
    site.run(TUESDAYS[0])
    site.set_clock(decided)
    assert site.approve() == 1
    site.run(decided)
    assert together(site) == []
    site.run(goes_out)
    assert len(together(site)) == 1


def test_the_message_says_who_asks_something_and_names_a_first_date(new: Any) -> None:
    site = new(PAIRS, "cleo", "dora")
    ids = site.join()
    with site.store() as store, store.begin() as session:
        for name, place in SITES.items():
            set_fact(session, site.settings.forum.name, ids[name], "site", place, "roster", day(0))
    site.run(TUESDAYS[0])
    assert all({SITES[name] for name in pair} == {"Lisbon", "Porto"} for pair in together(site))
    first = site.messages()[0]
    [text] = site.texts(first)
    names = first.title.partition(": ")[0]
    assert first.title == f"{names}: half an hour to talk"
    assert "So far you have hardly crossed paths here." in text
    assert "What did you do every week two years ago that you do not do any more?" in text
    assert "Friday 5\u00a0March, 12:30" in text
    assert "): Lisbon" in text
    assert f"/u/lea_{site.key}" in text
    site.run(TUESDAYS[1])
    assert "Which conversation at work did you put off longest" in site.texts(site.messages()[2])[0]


def test_the_odd_one_joins_a_pair(new: Any) -> None:
    site = new(PAIRS, "cleo", "dora", "emil")
    site.run(TUESDAYS[0])
    assert sorted(map(len, together(site))) == [2, 3]


def test_a_topic_that_both_wrote_in_is_what_they_share(new: Any) -> None:
    site = new(PAIRS)
    site.tell()
    site.run(day(16, 10))
    [text] = site.texts(site.messages()[0])
    assert f"[What worked at our hand-over {site.key}]" in text


def test_who_is_unwilling_or_on_leave_is_not_brought_together_with_anybody(new: Any) -> None:
    site = new(PAIRS, "cleo", "dora", "emil", "fay")
    ids, forum = site.join(), site.settings.forum.name
    with site.store() as store, store.begin() as session:
        session.add(ChoiceRow(forum=forum, user_id=ids["cleo"], username="cleo", pairing=False, at=day(0)))
        set_fact(session, forum, ids["dora"], "pairing", False, "an LCM", day(0))
        set_fact(session, forum, ids["emil"], "away_until", date(2027, 3, 3), "roster", day(0))
    site.run(TUESDAYS[0])
    assert set().union(*together(site)) == {"ana", "ben", "fay"}
    site.run(TUESDAYS[1])
    assert "emil" in set().union(*together(site))


def test_an_opt_out_between_the_draft_and_its_approval_holds(new: Any, tmp_path: Path) -> None:
    site = new(WAITING)
    site.run(TUESDAYS[0])
    assert together(site) == []
    with site.store() as store, store.begin() as session:
        who = site.join()["ana"]
        session.add(
            ChoiceRow(forum=site.settings.forum.name, user_id=who, username="ana", pairing=False, at=day(2, 11))
        )
    assert site.approve() == 1
    site.run(day(2, 12))
    assert together(site) == []
    with site.store() as store, store.begin() as session:
        [draft] = session.scalars(select(DraftRow))
        assert draft.state == "withdrawn"
        assert draft.decision_reason == "One of the people does not want to be brought together with others."
    [row] = json.loads(lcm(site, tmp_path, "pairs", site.key, "--json"))
    assert (row["state"], row["reason"], row["url"]) == ("left out", draft.decision_reason, None)
    assert sorted(row["people"]) == [f"ana_{site.key}", f"ben_{site.key}"]


def test_an_approval_after_the_date_that_the_message_names_sends_nothing(new: Any) -> None:
    site = new(WAITING)
    site.run(TUESDAYS[0])
    assert site.approve() == 1
    site.run(day(5, 13))
    assert together(site) == []
    site.run(TUESDAYS[1])  # so they were not brought together, and may be now
    assert site.approve() == 1
    site.run(day(9, 11))
    assert together(site) == [{"ana", "ben"}]


def test_who_got_as_many_as_the_limit_allows_is_left_out_and_the_others_meet(new: Any) -> None:
    site = new(PAIRS.replace("play: pair", "play: pair, limit: {per_learner: 1}"))
    site.run(TUESDAYS[0])
    site.set_clock(day(9, 8))
    site.join("cleo", "dora", "emil")
    site.run(TUESDAYS[1])
    first, second = together(site)
    assert first == {"ana", "ben"}
    assert second == {"cleo", "dora", "emil"}
    [happening] = site.run(TUESDAYS[2]).happenings
    assert happening.reason == "Everybody whom this step is for got as many texts of it as its limit allows."
    assert len(together(site)) == 2


def test_a_message_that_is_no_longer_for_one_of_them_goes_to_neither_and_they_may_meet_others(new: Any) -> None:
    site = new(WAITING.replace("play: pair", "play: pair, for: {posts: {at_most: 0}}"), "cleo", "dora")
    site.run(TUESDAYS[0])
    site.set_clock(day(2, 11))
    body = {"title": f"What I tried today {site.key}", "raw": "I read the list aloud before anybody left."}
    site.call("POST", "/posts.json", f"ben_{site.key}", json={**body, "category": site.category})
    assert site.approve() == 2
    report = site.run(day(2, 12))
    [pair] = together(site)
    assert "ben" not in pair
    assert [deed.reason for deed in report.deeds if deed.state == "skipped"] == [
        "One of the people no longer meets the conditions of this step."
    ]
    site.run(TUESDAYS[1])
    assert site.approve() == 1
    site.run(day(9, 11))
    assert {"ana", "cleo", "dora"} - pair < together(site)[1]


def test_a_renamed_account_gets_its_message_and_a_suspended_one_keeps_it_back(new: Any) -> None:
    site = new(WAITING, "cleo", "dora")
    site.run(TUESDAYS[0])
    ids = site.join()
    site.call("PUT", f"/u/ana_{site.key}/preferences/username.json", json={"new_username": f"anna_{site.key}"})
    until = {"suspend_until": "2027-12-31", "reason": "a test"}
    with site.store() as store, store.begin() as session:
        drafts = session.scalars(select(DraftRow)).all()
        other = next(one.body["about_users"] for one in drafts if ids["ana"] not in one.body["about_users"])
    site.call("PUT", f"/admin/users/{other[0]}/suspend.json", json=until)
    site.approve()
    site.run(day(2, 12))
    [pair] = together(site)
    assert "anna" in pair


def test_a_death_at_any_moment_leaves_each_message_there_once(new: Any, reaper: Any) -> None:
    def live(deadly: Any) -> list[int]:
        site = new(PAIRS, "cleo", "dora")
        deadly.to_the_end(site.run, TUESDAYS[0])
        return sorted(len(pair) for pair in together(site))

    counting = reaper()
    assert live(counting) == [2, 2]
    assert counting.count > 20
    for [dying] in deadly_lives([counting]):
        assert live(dying) == [2, 2], dying.moments


def test_a_store_that_was_lost_brings_nobody_together_again(new: Any, tmp_path: Path) -> None:
    site = new(PAIRS, "cleo", "dora")
    for tuesday in TUESDAYS[:2]:
        site.run(tuesday)
    before = together(site)
    site.settings = site.settings.model_copy(update={"store": f"sqlite:///{tmp_path / 'anew.db'}"})
    site.run(day(9, 14))
    assert together(site) == before
    for tuesday in TUESDAYS[2:]:
        site.run(tuesday)
    assert len(together(site)) == len({frozenset(pair) for pair in together(site)}) == 6


def test_a_store_that_was_lost_knows_again_who_was_introduced_to_whom(new: Any, tmp_path: Path) -> None:
    site = new(NEW)
    site.tell()
    site.set_clock(day(16, 12))
    site.join("zoe")
    site.run(day(17, 10))
    with site.store() as store, store.begin() as session:
        [users] = [row.payload["about_users"] for row in session.scalars(select(LedgerRow))]
    site.settings = site.settings.model_copy(update={"store": f"sqlite:///{tmp_path / 'anew.db'}"})
    site.run(day(24, 10))
    with site.store() as store, store.begin() as session:
        assert [row.payload["about_users"] for row in session.scalars(select(LedgerRow))] == [users]
    assert len(together(site)) == 1


def test_a_newcomer_is_introduced_once_to_somebody_who_is_connected(new: Any) -> None:
    site = new(NEW)
    site.tell()
    site.set_clock(day(16, 12))
    site.join("zoe")
    site.run(day(17, 10))
    [pair] = together(site)
    assert "zoe" in pair
    assert len(pair) == 2
    [text] = site.texts(site.messages()[0])
    assert text.startswith("Zoe, welcome to Cohort")
    site.run(day(24, 10))
    assert len(together(site)) == 1


def test_the_french_message_is_french(new: Any) -> None:
    site = new(PAIRS, locale="fr")
    site.run(TUESDAYS[0])
    [message] = site.messages()
    [text] = site.texts(message)
    assert message.title.endswith(": une demi-heure pour se parler")
    assert "vendredi 5\u00a0mars, 12\u00a0h\u00a030" in text
    assert "Que faisiez-vous chaque semaine, il y a deux ans" in text


def test_all_texts_hold_with_every_value(new: Any) -> None:
    site = new(PAIRS + NEW)
    book = playbooks_of(site.settings, REGISTRY)["ours"]
    assert text_problems(book, REGISTRY) == []


def lcm(site: TopicsSite, folder: Path, *given: str) -> str:
    """Run a command about the site's one cohort; return what it prints."""
    settings = site.settings
    (folder / "lcm.yaml").write_text(
        f"forum: {{url: '{settings.forum.url}', api_username: forumadmin, key_env: PRACTICE_KEY,"
        f" calls_per_minute: 1000000}}\nstore: '{settings.store}'\n"
        f"cohorts:\n- {{key: {site.key}, name: C, timezone: UTC, start: 2027-03-01, end: 2027-05-30,"
        f" group: {site.key}, lcm_group: {site.key}-lcm}}\n",
        encoding="utf-8",
    )
    command = [*given, "--config", str(folder / "lcm.yaml")]
    shown = CliRunner().invoke(main, command, env={"PRACTICE_KEY": DEFAULT_KEY})
    assert shown.exit_code == 0, shown.output
    return shown.stdout


def test_lcm_pairs_shows_who_was_brought_together(new: Any, tmp_path: Path) -> None:
    site = new(PAIRS)
    site.run(TUESDAYS[0])
    [row] = json.loads(lcm(site, tmp_path, "pairs", site.key, "--json"))
    assert sorted(row["people"]) == [f"ana_{site.key}", f"ben_{site.key}"]
    assert (row["day"], row["state"]) == ("2027-03-02", "sent")


def test_a_forgotten_person_is_brought_together_with_nobody_and_shown_to_nobody(new: Any, tmp_path: Path) -> None:
    site = new(PAIRS, "cleo")
    site.run(TUESDAYS[0])
    lcm(site, tmp_path, "forget", f"ben_{site.key}", "--apply")
    rows = json.loads(lcm(site, tmp_path, "pairs", site.key, "--json"))
    assert [person for row in rows for person in row["people"] if "ben" in person] == []
    assert rows[0]["people"]
    sent = len(together(site))
    for at in TUESDAYS[1:]:
        site.run(at)
    assert {"Ben"} & set().union(*together(site)[sent:]) == set()
    known = json.loads(lcm(site, tmp_path, "participation", site.key, "--json"))
    assert [one["username"] for one in known if "ben" in one["username"]] == []
