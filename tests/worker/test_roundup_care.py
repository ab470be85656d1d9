"""A roundup that was published follows what happens to what it shows: deleted, hidden or reworded words leave it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import requests
from sqlalchemy import select

from sync_worker.activity.choices import enter_word
from sync_worker.activity.replies import Choice
from sync_worker.errors import Outcome
from sync_worker.forum.patience import FailedCall
from sync_worker.forum.transport import Transport
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import User
from sync_worker.publish.revising import without
from sync_worker.store.ledger import REVISING
from sync_worker.store.tables import ChoiceRow, ConsentRow, LedgerRow, PracticeMarkRow
from tests.worker.conftest import deadly_lives
from tests.worker.story_site import day
from tests.worker.topics_site import begin, follow

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

STEPS = """\
  - {id: week, every: "friday 15:00", play: roundup}
"""
ANA = "Our night shift reads one page aloud at the door before anybody of the day shift leaves the ward."
CLEO = "Our surgery keeps a red folder at the front desk, so that nobody has to look for the forms of the night."
BEN = "My team writes the three open orders on the board, because nobody reads a mail at six in the morning."


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("care"), count(1)

    def make(**more: Any) -> TopicsSite:
        site = follow(story_server, folder, f"care{next(numbers):02}", STEPS, **more)
        write_two(site)
        return site

    return make


def write_two(site: TopicsSite, category_of_ben: int | None = None) -> None:
    """Let ana and ben each open a topic that is worth a roundup, ben perhaps in another category."""
    _write(site, "ana", "One page at the door of the ward", ANA, site.category)
    _write(site, "ben", "Three open orders on a board", BEN, category_of_ben or site.category)


def _write(site: TopicsSite, author: str, title: str, raw: str, category: int) -> None:
    """Let somebody open a topic that somebody else likes."""
    site.set_clock(day(3))
    other = {"ana": "ben", "ben": "ana"}[author]
    body = {"title": f"{title}, {site.key}", "raw": raw, "category": category}
    post = site.call("POST", "/posts.json", f"{author}_{site.key}", json=body)
    setattr(site, f"{author}_post", post)
    like = {"id": post["id"], "post_action_type_id": 2}
    site.call("POST", "/post_actions.json", f"{other}_{site.key}", json=like)


def roundup(site: TopicsSite) -> str:
    """The text of the first roundup as it stands."""
    return site.topics()[0][1]


def revisions(site: TopicsSite) -> list[LedgerRow]:
    with site.store() as store, store.begin() as session:
        rows = list(session.scalars(select(LedgerRow).where(LedgerRow.action == REVISING)))
        session.expunge_all()
        return rows


def history(site: TopicsSite, username: str = "") -> list[str]:
    """What somebody, ben if nobody is named, is shown of the earlier texts of the first roundup."""
    post, version = opening_of(site)["id"], opening_of(site)["version"]
    headers = {"Api-Key": DEFAULT_KEY, "Api-Username": username or f"ben_{site.key}"}
    paths = [f"{site.server.url}/posts/{post}/revisions/{number}.json" for number in range(2, version + 1)]
    answers = [requests.get(path, headers=headers, timeout=30) for path in paths]
    return [answer.text for answer in answers if answer.ok]


def opening_of(site: TopicsSite, username: str = "forumadmin") -> Any:
    """The first post of the first roundup, as somebody gets it."""
    topic = site.call("GET", f"/t/{site.topic_id('what we found out')}.json", username)
    return topic["post_stream"]["posts"][0]


def edit_as_lcm(site: TopicsSite) -> None:
    """Let the LCM add a line to the roundup, an hour after it was posted."""
    site.set_clock(day(5, 16))
    with site.forum() as forum:
        topic = forum.topic(site.topic_id("what we found out"))
        assert topic is not None
        opening = topic.posts[0]
        edit = {"post": {"raw": f"{opening.raw}\n\nSee you all on Monday. Lea", "edit_reason": "a word of mine"}}
        site.call("PUT", f"/posts/{opening.id}.json", json=edit)


def delete(site: TopicsSite) -> None:
    site.call("DELETE", f"/t/{site.ana_post['topic_id']}.json")  # type: ignore[attr-defined]


def reword(site: TopicsSite) -> None:
    edit = {"post": {"raw": "I took out what stood here, because my manager asked me to do so."}}
    site.call("PUT", f"/posts/{site.ana_post['id']}.json", f"ana_{site.key}", json=edit)  # type: ignore[attr-defined]


def opt_out(site: TopicsSite) -> None:
    with site.store() as store, store.begin() as session:
        user = site.ana_post["user_id"]  # type: ignore[attr-defined]
        session.add(
            ChoiceRow(
                forum=site.settings.forum.name,
                user_id=user,
                username=f"ana_{site.key}",
                quoting=False,
                at=day(6),
            )
        )


def refuse(site: TopicsSite) -> None:
    """Let ana answer, asked for a story, that the post is not to be shown."""
    with site.store() as store, store.begin() as session:
        session.add(
            ConsentRow(
                forum=site.settings.forum.name,
                post_id=site.ana_post["id"],  # type: ignore[attr-defined]
                user_id=site.ana_post["user_id"],  # type: ignore[attr-defined]
                username=f"ana_{site.key}",
                cohort=site.key,
                message_key="lcm-asked",
                answer="no",
                decided="no",
                decided_at=day(6),
                asked_at=day(4),
                answered_at=day(6),
            )
        )


def test_of_a_roundup_of_which_nothing_may_be_shown_any_more_a_sentence_stays(new: Any) -> None:
    site = new()
    site.run(day(5, 15))
    delete(site)
    site.call("DELETE", f"/t/{site.ben_post['topic_id']}.json")
    for friday in (12, 19):
        site.run(day(friday, 15))
        assert roundup(site) == "What stood here is not shown any more."
        assert {row.state for row in revisions(site)} == {"done"}


@pytest.mark.parametrize("change", [delete, reword, opt_out, refuse])
def test_what_must_not_be_shown_any_more_leaves_the_roundup_and_all_else_stays(new: Any, change: Any) -> None:
    site = new()
    site.run(day(5, 15))
    before = roundup(site)
    assert ANA in before
    assert BEN in before
    change(site)
    site.run(day(12, 15))
    after = roundup(site)
    assert ANA not in after
    assert "**Ana**" not in after
    assert BEN in after
    assert "\n### " in f"\n{after}"
    assert "\n###\n" not in after
    assert [row.state for row in revisions(site)] == ["done"]
    site.run(day(19, 15))
    assert roundup(site) == after
    assert len(revisions(site)) == 1


def test_a_roundup_of_which_all_still_holds_is_not_touched(new: Any) -> None:
    site = new()
    site.run(day(5, 15))
    before = roundup(site)
    for friday in (12, 19):
        site.run(day(friday, 15))
    assert roundup(site) == before
    assert revisions(site) == []


@pytest.mark.parametrize("change", [opt_out, refuse, delete])
def test_a_store_that_begins_anew_knows_what_a_roundup_shows_and_takes_out_what_must_go(
    new: Any, tmp_path: Path, change: Any
) -> None:
    site = new()
    site.join("cleo")
    site.say(f"cleo_{site.key}", CLEO, day(4), site.ana_post["topic_id"])
    site.run(day(5, 15))
    whole = roundup(site)
    site.settings = site.settings.model_copy(update={"store": f"sqlite:///{tmp_path / 'new.db'}"})
    site.run(day(5, 16))
    assert roundup(site) == whole
    change(site)
    for hour in (10, 11):
        site.run(day(6, hour))
    site.run(day(12, 15))
    text = roundup(site)
    assert BEN in text
    for words in (ANA, "Ana", "page at the door"):
        assert words in whole
        assert words not in text
    assert text.count("###") == 1


def test_who_replied_leaves_a_roundup_that_a_new_store_read_back_and_the_item_stays(new: Any, tmp_path: Path) -> None:
    site = new()
    accounts = site.join("cleo")
    site.say(f"cleo_{site.key}", CLEO, day(4), site.ana_post["topic_id"])
    site.run(day(5, 15))
    assert "Cleo" in roundup(site)
    site.settings = site.settings.model_copy(update={"store": f"sqlite:///{tmp_path / 'new.db'}"})
    site.run(day(5, 16))
    with site.store() as store, store.begin() as session:
        cleo = {"user_id": accounts["cleo"], "username": f"cleo_{site.key}"}
        session.add(ChoiceRow(forum=site.settings.forum.name, quoting=False, at=day(6), **cleo))
    for hour in (10, 11):
        site.run(day(6, hour))
    text = roundup(site)
    assert "Cleo" not in text
    assert ANA in text
    assert "**Ana**" in text


def test_what_an_lcm_wrote_into_the_roundup_stays(new: Any) -> None:
    site = new()
    site.run(day(5, 15))
    with site.forum() as forum:
        topic = forum.topic(site.topic_id("what we found out"))
        assert topic is not None
        opening = topic.posts[0]
        assert opening.raw is not None
        added = f"{opening.raw}\n\nSee you all on Monday. Lea"
        forum.edit_opening(opening.id, topic.title, added, instead_of=opening.raw)
    delete(site)
    site.run(day(12, 15))
    assert ANA not in roundup(site)
    assert roundup(site).endswith("See you all on Monday. Lea")


def test_a_title_of_somebody_who_will_not_be_quoted_leaves_the_roundup_and_the_words_below_it_stay(
    new: Any,
) -> None:
    site = new()
    site.join("cleo")
    site.set_clock(day(3, 13))
    body = {"topic_id": site.ana_post["topic_id"], "raw": CLEO}
    reply = site.call("POST", "/posts.json", f"cleo_{site.key}", json=body)
    site.call("POST", "/post_actions.json", f"ben_{site.key}", json={"id": reply["id"], "post_action_type_id": 2})
    with site.store() as store, store.begin() as session:
        session.add(PracticeMarkRow(forum=site.settings.forum.name, post_id=reply["id"], cohort=site.key, at=day(4)))
    site.run(day(5, 15))
    before = roundup(site)
    assert CLEO in before, before
    assert ANA not in before
    assert "One page at the door" in before
    opt_out(site)
    assert site.run(day(6, 16)).calls == 5  # the change and what it hides: what people choose is in the store
    after = roundup(site)
    assert "One page at the door" not in after
    assert "one-page-at-the-door" not in after
    assert f"### What Cleo wrote\n\n[**Cleo**]({site.server.url}/t/-/" in after
    assert f"\n> {CLEO}\n" in after
    assert BEN in after
    site.run(day(7, 16))
    assert len(revisions(site)) == 1
    with site.store() as store, store.begin() as session:
        enter_word(session, site.settings.forum.name, reply["user_id"], f"cleo_{site.key}", Choice.STOP, day(8))
    site.run(day(8, 16))
    assert "Cleo" not in roundup(site)
    assert CLEO not in roundup(site)
    assert BEN in roundup(site)


@pytest.mark.parametrize("change", [delete, reword, opt_out, refuse])
def test_what_left_a_roundup_is_not_in_its_history_either_though_an_lcm_changed_it_before(
    new: Any, change: Any
) -> None:
    site = new()
    site.run(day(5, 15))
    edit_as_lcm(site)
    assert any(ANA.split()[2] in shown for shown in history(site))
    change(site)
    site.run(day(12, 15))
    assert history(site) == []
    assert len(history(site, "forumadmin")) == 2
    assert [opening_of(site, name)["version"] for name in ("forumadmin", f"ben_{site.key}")] == [3, 1]
    site.run(day(19, 15))
    assert opening_of(site, f"ben_{site.key}")["version"] == 1


def test_who_dies_between_the_change_and_its_history_hides_it_in_the_next_run_and_once(new: Any, reaper: Any) -> None:
    def life(dying: Any) -> tuple[list[str], list[int], list[str]]:
        site = new()
        site.run(day(5, 15))
        edit_as_lcm(site)
        opt_out(site)
        dying.to_the_end(site.run, day(6, 16))
        versions = [opening_of(site, name)["version"] for name in ("forumadmin", f"ben_{site.key}")]
        return history(site), versions, [row.state for row in revisions(site)]

    counting = reaper()
    expected = life(counting)
    assert expected == ([], [3, 1], ["done"])
    assert [dying.moments for [dying] in deadly_lives([counting]) if life(dying) != expected] == []


@pytest.mark.parametrize("route", ["revisions/latest", "/hide"])
def test_where_the_forum_lets_nobody_hide_the_change_stands_and_a_warning_says_what_to_do(
    new: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, route: str
) -> None:
    site = new()
    site.run(day(5, 15))
    opt_out(site)
    asked = Transport.ask

    def refusing(self: Transport, verb: str, path: str, **more: Any) -> Any:
        if route in path:
            what = "the forum answered 403: You are not permitted to view the requested resource."
            raise FailedCall(what, outcome=Outcome.REFUSED, status=403, url=path)
        return asked(self, verb, path, **more)

    monkeypatch.setattr(Transport, "ask", refusing)
    site.run(day(6, 16))
    assert ANA not in roundup(site)
    assert [row.state for row in revisions(site)] == ["done"]
    [warning] = [one.getMessage() for one in caplog.records if "history of its edits" in one.getMessage()]
    assert f"{site.server.url}/p/{opening_of(site)['id']}" in warning


@pytest.mark.slow
def test_a_death_at_any_moment_takes_it_out_once_and_leaves_the_rest(new: Any, reaper: Any) -> None:
    def life(dying: Any) -> tuple[bool, bool, list[str]]:
        site = new()
        site.run(day(5, 15))
        delete(site)
        dying.to_the_end(site.run, day(12, 15))
        text = roundup(site)
        return ANA in text, BEN in text, [row.state for row in revisions(site)]

    counting = reaper()
    expected = life(counting)
    assert expected == (False, True, ["done"])
    assert [dying.moments for [dying] in deadly_lives([counting]) if life(dying) != expected] == []


RAW = (
    'Opening.\n\n### On “Door”\n\n**Ana**, [here](x/1):\n\n[quote="ana"]\nWe read.\n[/quote]\n\nTwo liked it.\n\n'
    "### On “B”\n\nBen.\n\n- a\n- [t](y)\n\nNumbers."
)
PART = ("On “Door”", "**Ana**, [here](x/1):", '[quote="ana"]\nWe read.\n[/quote]', "Two liked it.")


def test_a_part_goes_with_the_mark_before_it_and_what_was_rewritten_goes_as_far_as_it_is_found() -> None:
    assert without(RAW, [PART]) == "Opening.\n\n### On “B”\n\nBen.\n\n- a\n- [t](y)\n\nNumbers."
    assert without(RAW, [("[t](y)",)]) == RAW.replace("- [t](y)\n", "")
    rewritten = RAW.replace("On “Door”", "At the door")
    left = without(rewritten, [PART])
    assert "We read." not in left
    assert "Ana" not in left
    assert "### At the door" in left
    assert without(left, [PART]) == left


def test_an_lcm_with_a_new_username_is_no_learner_by_the_posts_of_before(
    story_server: ForumServer, tmp_path: Path
) -> None:
    site = begin(story_server, tmp_path, "lcmname", "  - {id: roundup, every: weekday 15:00, play: roundup}\n")
    site.set_clock(day(15, 8))
    body = {"title": "Who is there on Monday?", "raw": "Who of you is there on Monday?", "category": site.category}
    site.call("POST", "/posts.json", site.lcm, json=body)
    site.run(day(15, 15))
    with story_server.forum.database.session() as session:
        account = session.scalars(select(User).where(User.username == site.lcm)).one()
        account.username = account.username_lower = "lea.maria"
    report = site.run(day(16, 15))
    assert [one.reason.partition(" (")[0] for one in report.happenings] == ["nobody wrote anything in this period"]
