"""Who asks not to be quoted is not named in what is quoted of others either: before it is posted, and afterwards."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from sync_worker.activity.silent import silent_names
from sync_worker.store.tables import ChoiceRow, DraftRow, PostRow
from tests.worker.story_site import day
from tests.worker.topics_site import follow

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_worker.practice_forum.app import ForumServer
    from tests.worker.topics_site import TopicsSite

STEP = """\
  - {{id: week, every: "friday 15:00", play: roundup, approval: {approval}}}
"""
OF_BEN = "On our night shift Ben reads one page aloud at the door before anybody of the day shift leaves the ward."
CLEO = "Our surgery keeps a red folder at the front desk, so that nobody has to look for the forms of the night."
DORA = "My team writes the three open orders on the board, because nobody reads a mail at six in the morning."


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., TopicsSite]:
    folder, numbers = tmp_path_factory.mktemp("silent"), count(1)

    def make(said: str = OF_BEN, title: str = "One page at the door of the ward", approval: str = "none") -> TopicsSite:
        site = follow(story_server, folder, f"silent{next(numbers):02}", STEP.format(approval=approval))
        site.join("cleo", "dora")
        write(site, "ben", "Hello to all of you", "Hello to all of you, I am glad that we begin today.")
        topic = write(site, "ana", title, said.format(key=site.key))
        site.say(f"ben_{site.key}", "Thank you for this, I will be there again on Monday.", day(4), topic)
        write(site, "cleo", "A red folder at the desk", CLEO)
        write(site, "dora", "Three open orders on a board", DORA)
        return site

    return make


def write(site: TopicsSite, author: str, title: str, raw: str) -> int:
    """Let somebody open a topic that two others like; return its number."""
    site.set_clock(day(3))
    body = {"title": f"{title}, {site.key}", "raw": raw, "category": site.category}
    post = site.call("POST", "/posts.json", f"{author}_{site.key}", json=body)
    for other in {"ana", "cleo", "dora"} - {author} if author != "ben" else ():
        like = {"id": post["id"], "post_action_type_id": 2}
        site.call("POST", "/post_actions.json", f"{other}_{site.key}", json=like)
    number: int = post["topic_id"]
    return number


def ask_not_to_be_quoted(site: TopicsSite, name: str = "ben") -> None:
    with site.store() as store, store.begin() as session:
        chosen = {"user_id": site.join()[name], "username": f"{name}_{site.key}"}
        session.add(ChoiceRow(forum=site.settings.forum.name, quoting=False, at=day(3), **chosen))


@pytest.mark.parametrize(
    ("said", "title"),
    [
        (OF_BEN, "One page at the door"),
        ("With @ben_{key} I read one page aloud at the door of the ward before the day shift leaves.", "One page"),
        ("I read one page aloud at the door of the ward before anybody of the day shift leaves.", "What Ben and I do"),
    ],
)
def test_a_post_or_a_title_that_names_them_is_not_shown_and_all_else_is(new: Any, said: str, title: str) -> None:
    site = new(said, title)
    ask_not_to_be_quoted(site)
    site.run(day(5, 15))
    [(_, text)] = site.topics()
    assert "Ben" not in text
    assert "ben_" not in text
    assert CLEO in text


def test_what_names_them_leaves_a_roundup_that_was_published_and_all_else_stays(new: Any) -> None:
    site = new()
    site.run(day(5, 15))
    assert OF_BEN in site.topics()[0][1]
    ask_not_to_be_quoted(site)
    for hour in (10, 11):
        site.run(day(6, hour))
        text = site.topics()[0][1]
        assert "Ben" not in text
        assert "**Ana**" not in text
        assert CLEO in text


def test_a_roundup_that_waits_is_written_anew_without_it(new: Any) -> None:
    site = new(approval="lcm")
    site.run(day(5, 15))
    ask_not_to_be_quoted(site)
    assert site.approve() == 1
    site.run(day(5, 16))
    assert site.topics() == []  # it waits for the LCM again
    assert site.approve() == 1
    site.run(day(5, 17))
    [(_, text)] = site.topics()
    assert "Ben" not in text
    assert CLEO in text
    with site.store() as store, store.begin() as session:
        assert "asked not to be quoted" not in str([row.body["raw"] for row in session.scalars(select(DraftRow))])


def test_a_username_that_is_a_word_counts_only_where_it_is_mentioned(new: Any) -> None:
    site = new()
    with site.store() as store, store.begin() as session:
        session.add(ChoiceRow(forum="f", user_id=9, username="will", quoting=False, at=day(3)))
        session.flush()
        names = silent_names(session, "f")
        assert not names.in_post("<p>We will do it. The will of the team counts.</p>", {9})
        assert names.in_post('<p>Ask <a class="mention" href="/u/will">@Will</a> about it.</p>', ())
        assert not names.in_post('<p>Ask <a class="mention" href="/u/willow">@willow</a> about it.</p>', {9})
        session.rollback()


SPOKEN_OF = {  # a sentence: whether it names May Brown where she wrote, and elsewhere
    "May Brown showed us her list.": (True, True),
    "may  brown showed us her list.": (True, True),
    "<strong>May</strong> Brown showed us her list.": (True, True),
    "May showed us her list.": (True, False),
    "Ms Brown showed us her list.": (True, False),
    "The list was ready in May.": (True, False),
    "We may need a brown one.": (False, False),
    "Mayhem everywhere.": (False, False),
}


def test_a_name_that_others_have_as_well_counts_only_where_the_person_wrote(new: Any) -> None:
    site = new()
    with site.store() as store, store.begin() as session:
        her = {"forum": "f", "user_id": 9, "username": "mb"}
        session.add(ChoiceRow(**her, quoting=False, at=day(3)))
        session.add(
            PostRow(**her, id=1, topic_id=1, number=1, name="May Brown", created_at=day(3), cooked="<p>Hi.</p>")
        )
        session.flush()
        names = silent_names(session, "f")
        found = {
            said: (names.in_post(f"<p>{said}</p>", {7, 9}), names.in_post(f"<p>{said}</p>", {7})) for said in SPOKEN_OF
        }
        session.rollback()
    assert found == SPOKEN_OF
