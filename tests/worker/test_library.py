"""What LCMs mark as practice is kept by subject for all cohorts, as its authors want it, and offered to later ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import count
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from sqlalchemy import select

from sync_worker.activity.practices import mark_seen, may_be_kept, unmark
from sync_worker.activity.replies import read_decisions
from sync_worker.config.load import complete_cohort
from sync_worker.config.options import LibrarySettings
from sync_worker.desk.answering import Deciding
from sync_worker.desk.waiting import keep_line, number_all, waiting
from sync_worker.errors import Outcome
from sync_worker.forum import Forum
from sync_worker.forum.patience import FailedCall
from sync_worker.practice_forum.tables import Post, Topic
from sync_worker.store.moving import rename_cohort
from sync_worker.store.personal import Subject, known_as
from sync_worker.store.tables import ChoiceRow, ConsentRow, DraftRow, LedgerRow, PostRow, PracticeRow
from sync_worker.worker.library_offers import Offers
from sync_worker.worker.library_posts import entry_of
from sync_worker.worker.personal_data import forget_person
from sync_worker.worker.start import renewed_key
from tests.worker.conftest import deadly_lives
from tests.worker.story_site import day
from tests.worker.topics_site import TopicsSite, follow

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sync_worker.forum.records import ForumPost
    from sync_worker.practice_forum.app import ForumServer

ROUNDUP = """\
  - {id: week, every: "friday 15:00", play: roundup}
"""
PROMPT = """\
  - {id: week, at: start +35d 09:00, play: prompt, with: {deck: apply-it}}
"""
DELEGATION = """\
  - {id: week, at: start +35d 09:00, play: prompt, with: {deck: of-work}}
"""
DECK = """\
prompts:
  - id: hand-over
    title: Handing over a report to a colleague
    text: Which report, or which other piece of your week, do you hand over to a colleague? Say what they decide alone.
    why: What is handed over halfway comes back.
"""
ANA = "Our night shift reads the open orders aloud at the door before anybody of the day shift leaves the ward."
BEN = "At our ward the night shift reads all open orders aloud at the door before the day shift leaves the ward."
CLEO = "I ask one question in each interview and then count to seven before I say anything else at all."
NOTHING: tuple[str, ...] = ()


@dataclass
class Library:
    """Two cohorts of one organisation, and the category in which it keeps practices."""

    first: TopicsSite
    second: TopicsSite
    category: int

    def run(self, now: datetime) -> None:
        """Do what is due in both cohorts."""
        self.first.run(now)

    def write(self, site: TopicsSite, author: str, title: str, raw: str, now: datetime) -> dict[str, Any]:
        """Let somebody open a topic; return its first post."""
        site.set_clock(now)
        body = {"title": f"{title}, {site.key}", "raw": raw, "category": site.category}
        post: dict[str, Any] = site.call("POST", "/posts.json", f"{author}_{site.key}", json=body)
        return {**post, "forum": site.server.url}

    def keep_ana(self) -> dict[str, Any]:
        """Let ana open a topic and an LCM mark it, and do what is due then; return its first post."""
        post = self.write(self.first, "ana", "One page at the door", ANA, day(3))
        self.mark(self.first, post, day(5))
        self.run(day(5))
        return post

    def mark(self, site: TopicsSite, post: dict[str, Any], now: datetime) -> None:
        """Let an LCM mark a post."""
        [cohort] = [one for one in self.first.settings.cohorts if one.key == site.key]
        with site.forum() as forum, self.first.store() as store:
            topic = forum.topic(post["topic_id"])
            assert topic is not None
            [found] = [one for one in topic.posts if one.id == post["id"]]
            with store.begin() as session:
                assert mark_seen(session, forum.name, topic, found, complete_cohort(cohort), now)

    def shelves(self) -> dict[str, list[str]]:
        """The topics of the library with what stands under each, without the intro."""
        with self.first.server.forum.database.session() as session:
            query = select(Topic).where(Topic.category_id == self.category, Topic.deleted_at.is_(None))
            topics = [
                one
                for one in session.scalars(query.order_by(Topic.id))
                if (one.external_id or "").startswith("lcm-all-library")
            ]
            session.expunge_all()
        return {topic.title: self.first.texts(topic)[1:] for topic in topics}

    def state(self, post: dict[str, Any]) -> tuple[str, str]:
        """How a find stands, and why."""
        with self.first.store() as store, store.begin() as session:
            row = session.get_one(PracticeRow, (self.first.settings.forum.name, post["id"]))
            return row.state, row.reason

    def decided(self) -> list[DraftRow]:
        """What waited for an LCM, and does no more."""
        with self.first.store() as store, store.begin() as session:
            rows = list(session.scalars(select(DraftRow).where(DraftRow.state != "pending")))
            session.expunge_all()
            return rows

    def drafts(self) -> list[DraftRow]:
        """What waits for an LCM."""
        with self.first.store() as store, store.begin() as session:
            rows = list(session.scalars(select(DraftRow).where(DraftRow.state == "pending")))
            session.expunge_all()
            return rows


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Library]:
    folder, numbers = tmp_path_factory.mktemp("library"), count(1)

    def make(*, is_closed: bool = False, subjects: tuple[str, ...] = NOTHING, steps: str = PROMPT) -> Library:
        number = next(numbers)
        sites = [follow(story_server, folder, f"{name}{number:03}", steps) for name in ("one", "two")]
        first, second = sites
        groups = {one.key: 1 for one in sites} | {f"{one.key}-lcm": 1 for one in sites}
        for site in sites:
            for language in ("en", "fr"):
                deck = site.settings.playbooks[0] / "decks" / f"of-work.{language}.yml"
                deck.write_text(DECK, encoding="utf-8")
            with site.forum() as forum:
                if not is_closed:  # all who read the library can read both cohorts' categories
                    forum.update_category(site.category, permissions=groups)
        with first.forum() as forum:
            category = forum.create_category(f"Practices {number}", f"practices-{number}", groups)
        earlier = first.settings.cohorts[0].model_copy(update={"start": date(2027, 3, 1), "name": "Spring"})
        later = second.settings.cohorts[0].model_copy(update={"start": date(2027, 3, 8), "name": "Summer"})
        first.settings = first.settings.model_copy(
            update={
                "cohorts": (earlier, later),
                "library": LibrarySettings(category=f"practices-{number}", subjects=subjects),
            }
        )
        return Library(first, second, category.id)

    return make


def found_by(name: str, title: str, post: dict[str, Any], words: str, when: str = "Spring, 3\u00a0March 2027") -> str:
    """A find as it stands in the library."""
    topic = f"[{title}, {post['username'].partition('_')[2]}]({post['forum']}/t/-/{post['topic_id']})"
    return f"**{name}**, in {topic} ({when}):\n\n> {words}"


def test_what_is_marked_is_kept_under_its_subject_in_the_authors_words_with_place_and_date(new: Any) -> None:
    library = new()
    ana = library.write(library.first, "ana", "One page at the door", ANA, day(3))
    cleo = library.write(library.second, "ben", "Silence in interviews", CLEO, day(4))
    library.mark(library.first, ana, day(5))
    library.mark(library.second, cleo, day(5))
    library.run(day(5))
    assert library.shelves() == {
        f"What worked: One page at the door, {library.first.key}": [found_by("Ana", "One page at the door", ana, ANA)],
        f"What worked: Silence in interviews, {library.second.key}": [
            found_by("Ben", "Silence in interviews", cleo, CLEO, "Summer, 4\u00a0March 2027")
        ],
    }
    assert library.drafts() == []


def test_a_post_that_the_forum_does_not_show_stops_no_other_and_is_tried_again_the_next_day(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = new()
    ana = library.write(library.first, "ana", "One page at the door", ANA, day(3))
    cleo = library.write(library.second, "ben", "Silence in interviews", CLEO, day(4))
    for site, post in ((library.first, ana), (library.second, cleo)):
        library.mark(site, post, day(5))
    read = Forum.topic

    def refuse(forum: Forum, number: int) -> Any:
        if number == ana["topic_id"]:
            raise FailedCall("it answered 403.", outcome=Outcome.REFUSED, status=403, url=f"/t/{number}.json")
        return read(forum, number)

    with monkeypatch.context() as patched:
        patched.setattr(Forum, "topic", refuse)
        library.run(day(5))
    assert [len(texts) for texts in library.shelves().values()] == [1]
    assert library.state(ana) == ("new", "it answered 403.")
    library.run(day(6, 13))
    assert [len(texts) for texts in library.shelves().values()] == [1, 1]


def test_an_author_whom_the_forum_does_not_let_us_ask_today_is_asked_tomorrow(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = new(is_closed=True)
    ana = library.write(library.first, "ana", "One page at the door", ANA, day(3))
    library.mark(library.first, ana, day(5))

    def refuse(*_: Any, **__: Any) -> Any:
        raise FailedCall("it answered 403.", outcome=Outcome.REFUSED, status=403, url="/groups")

    with monkeypatch.context() as patched:
        patched.setattr("sync_worker.worker.library.members_of", refuse)
        library.run(day(5))
        assert library.state(ana) == ("asking", "it answered 403.")
        patched.setattr("sync_worker.worker.library.members_of", lambda *_, **__: pytest.fail("asked again"))
        library.run(day(5, 14))
    library.run(day(6, 13))
    assert [one.state for one in library.drafts()] == ["pending"]


def test_a_run_that_changes_nothing_asks_the_forum_nothing_for_a_week(new: Any) -> None:
    library = new()
    library.keep_ana()
    before = library.shelves()
    assert library.first.run(day(6)).calls == 0
    assert library.first.run(day(12)).calls > 0
    assert library.shelves() == before


def versions(library: Library, number: int = 2) -> list[list[int]]:
    """The version of the post with a number in each topic of the library, as staff and as a member see it."""
    with library.first.server.forum.database.session() as session:
        ours = Topic.category_id == library.category, Topic.external_id.is_not(None)
        topics = list(session.scalars(select(Topic.id).where(*ours).order_by(Topic.id)))
    paths = [f"/posts/by_number/{topic}/{number}.json" for topic in topics]
    people = ("forumadmin", f"ben_{library.first.key}")
    return [[library.first.call("GET", path, name)["version"] for name in people] for path in paths]


def test_who_found_the_same_stands_below_the_first_and_takes_its_place_when_that_goes(new: Any) -> None:
    library = new()
    ana = library.keep_ana()
    ben = library.write(library.second, "ben", "Reading at the door", BEN, day(6))
    library.mark(library.second, ben, day(6))
    library.run(day(6))
    [[text]] = library.shelves().values()
    assert ANA in text
    line = f"- **Ben** ([Summer]({library.first.server.url}/t/-/{ben['topic_id']}), 6\u00a0March 2027)"
    assert text.endswith(f"The same, found elsewhere:\n\n{line}")
    assert versions(library) == [[2, 2]]  # nothing was taken out, so that nothing is hidden
    with library.first.store() as store, store.begin() as session:
        assert unmark(session, library.first.settings.forum.name, ana["id"])
    for hour in (1, 2):
        library.run(day(7, hour))
    [text] = [text for texts in library.shelves().values() for text in texts]
    assert text.startswith("**Ben**, in ")
    assert text.endswith(f"> {BEN}")
    assert ANA not in text


def test_who_found_the_same_and_must_not_be_shown_leaves_no_trace_below_the_first(new: Any) -> None:
    library = new()
    library.keep_ana()
    ben = library.write(library.second, "ben", "Reading at the door", BEN, day(6))
    library.mark(library.second, ben, day(6))
    library.run(day(6))
    delete(library, ben)
    for hour in (12, 13):
        library.run(day(13, hour))
    [[text]] = library.shelves().values()
    assert ANA in text
    assert "Ben" not in text
    assert versions(library) == [[3, 1]]


def test_what_an_lcm_wrote_into_a_find_stays_until_the_find_has_to_go(new: Any) -> None:
    library = new()
    ana = library.keep_ana()
    with library.first.server.forum.database.session() as session:
        query = select(Post).join(Topic, Topic.id == Post.topic_id).where(Topic.category_id == library.category)
        [post] = [one for one in session.scalars(query) if ANA in one.raw]
        number, raw = post.id, post.raw
    edit = {"post": {"raw": raw.replace(ANA, f"{ANA}\n\nOn our ward too. Lea")}}
    library.first.call("PUT", f"/posts/{number}.json", json=edit)
    ben = library.write(library.second, "ben", "Reading at the door", BEN, day(6))
    library.mark(library.second, ben, day(6))
    for hour in (12, 13):
        library.run(day(6, hour))
    [[text]] = library.shelves().values()
    assert text.endswith("On our ward too. Lea")
    with library.first.store() as store, store.begin() as session:
        for one in (ana, ben):
            assert unmark(session, library.first.settings.forum.name, one["id"])
    library.run(day(7))
    assert library.shelves() == {}


def delete(library: Library, post: dict[str, Any]) -> None:
    library.first.call("DELETE", f"/t/{post['topic_id']}.json")


def opt_out(library: Library, post: dict[str, Any]) -> None:
    site = library.first
    with site.store() as store, store.begin() as session:
        session.add(
            ChoiceRow(
                forum=site.settings.forum.name,
                user_id=post["user_id"],
                username=f"ana_{site.key}",
                quoting=False,
                at=day(6),
            )
        )


def say_no_to_a_story(library: Library, post: dict[str, Any]) -> None:
    site = library.first
    answer: dict[str, Any] = {"answer": "no", "asked_at": day(4), "answered_at": day(4), "message_key": "lcm-asked"}
    author = {"post_id": post["id"], "user_id": post["user_id"], "username": f"ana_{site.key}"}
    with site.store() as store, store.begin() as session:
        session.add(ConsentRow(forum=site.settings.forum.name, cohort=site.key, **author, **answer))


@pytest.mark.parametrize("is_kept", [False, True])
def test_what_its_author_did_not_want_to_be_shown_as_a_story_is_not_shown_unasked(new: Any, is_kept: bool) -> None:
    library = new()
    ana = library.write(library.first, "ana", "One page at the door", ANA, day(3))
    if is_kept:
        library.mark(library.first, ana, day(4))
        library.run(day(4))
        assert len(library.shelves()) == 1
    say_no_to_a_story(library, ana)
    if not is_kept:
        library.mark(library.first, ana, day(5))
    for hour in (12, 13):
        library.run(day(5, hour))
    assert library.shelves() == {}
    assert library.state(ana) == ("out", "the author's consent does not stand")


OF_BEN = "On our night shift Ben reads the open orders aloud at the door before anybody of the day shift leaves."
HANDED_BY_BEN = "Ben hands over the report to a colleague each week, and says what they decide alone about it."


def let_ben_answer(library: Library, post: dict[str, Any]) -> None:
    """Let ben write below a post, as the store knows where a step reads what people write."""
    site, raw = library.first, "Thank you for this, I will be there again on Monday."
    number = site.say(f"ben_{site.key}", raw, day(4), post["topic_id"])
    ben = {"user_id": site.join()["ben"], "username": f"ben_{site.key}", "name": "Ben"}
    place = {"forum": site.settings.forum.name, "id": number, "topic_id": post["topic_id"], "number": 2}
    with site.store() as store, store.begin() as session:
        session.add(PostRow(**place, **ben, created_at=day(4), cooked=f"<p>{raw}</p>"))


def let_ben_opt_out(library: Library) -> None:
    site = library.first
    with site.store() as store, store.begin() as session:
        ben = {"user_id": site.join()["ben"], "username": f"ben_{site.key}"}
        session.add(ChoiceRow(forum=site.settings.forum.name, quoting=False, at=day(6), **ben))


def test_words_that_name_somebody_who_asks_not_to_be_quoted_leave_the_library(new: Any) -> None:
    library = new()
    ana = library.write(library.first, "ana", "One page at the door", OF_BEN, day(3))
    let_ben_answer(library, ana)
    library.mark(library.first, ana, day(5))
    library.run(day(5, 16))
    [[text]] = library.shelves().values()
    assert OF_BEN in text
    let_ben_opt_out(library)
    for hour in (10, 11):
        library.run(day(6, hour))
    assert library.shelves() == {}
    assert library.state(ana) == ("out", "somebody who is named there asked not to be quoted")


def test_words_that_name_somebody_who_asks_not_to_be_quoted_are_not_kept_though_their_author_agrees(new: Any) -> None:
    library = new(is_closed=True)
    ana = asked(library, OF_BEN, before=let_ben_answer)
    library.run(day(5, 16))
    let_ben_opt_out(library)
    library.first.say(f"ana_{library.first.key}", "Yes, you may show it.", day(6), conversation(library).id)
    library.run(day(6, 13))
    assert library.shelves() == {}
    assert library.state(ana) == ("out", "somebody who is named there asked not to be quoted")


def test_an_offer_that_was_approved_is_not_sent_when_somebody_named_in_it_asked_not_to_be_quoted(new: Any) -> None:
    library = new(steps=DELEGATION)
    for site in (library.first, library.second):
        deck = site.settings.playbooks[0] / "decks" / "of-work.en.yml"
        deck.write_text(DECK.replace("to a colleague", f"on {site.key}"), encoding="utf-8")
    ana = library.write(library.first, "ana", "Handing over a report", HANDED_BY_BEN, day(3))
    let_ben_answer(library, ana)
    library.mark(library.first, ana, day(5))
    library.run(day(5, 16))
    library.run(day(43, 10))
    assert library.first.approve() == 1
    let_ben_opt_out(library)
    library.run(day(43, 12))
    [offer] = [draft for draft in library.decided() if draft.cohort == library.second.key]
    assert offer.state == "withdrawn"
    assert library.shelves() == {}


def open_to_all(library: Library) -> None:
    """Let all who read the library read the first cohort's category."""
    groups = {one.key: 1 for one in (library.first, library.second)} | {f"{library.first.key}-lcm": 1}
    with library.first.forum() as forum:
        forum.update_category(library.first.category, permissions=groups)


def forget(library: Library, post: dict[str, Any]) -> None:
    with library.first.store() as store:
        with store.begin() as session:
            name = library.first.settings.forum.name
            subject = known_as(session, name, Subject(accounts=frozenset({post["user_id"]})))
        forget_person(store, library.first.settings.forum.name, subject, day(6))


@pytest.mark.parametrize("change", [delete, opt_out, forget])
def test_what_must_not_be_shown_any_more_is_deleted_from_the_library_and_all_else_stays(new: Any, change: Any) -> None:
    library = new()
    ana = library.write(library.first, "ana", "One page at the door", ANA, day(3))
    cleo = library.write(library.second, "ben", "Silence in interviews", CLEO, day(4))
    for site, post in ((library.first, ana), (library.second, cleo)):
        library.mark(site, post, day(5))
    library.run(day(5))
    change(library, ana)
    library.run(day(13))
    assert [len(texts) for texts in library.shelves().values()] == [1]  # the title was a person's as well
    with library.first.server.forum.database.session() as session:
        query = select(Post).join(Topic, Topic.id == Post.topic_id).where(Topic.category_id == library.category)
        [deleted] = [post for post in session.scalars(query) if ANA in post.raw]
        assert deleted.deleted_at is not None  # not edited: its history is gone with it
    library.run(day(21))
    assert [len(texts) for texts in library.shelves().values()] == [1]


def test_a_title_of_somebody_who_will_not_be_quoted_goes_and_the_find_below_it_stays(new: Any) -> None:
    library = new()
    first = library.first
    topic = library.write(first, "ana", "My manager Rita shouts", "How do you hand over when nobody listens?", day(3))
    first.set_clock(day(3, 13))
    reply = first.call("POST", "/posts.json", f"ben_{first.key}", json={"topic_id": topic["topic_id"], "raw": BEN})
    library.mark(first, reply, day(5))
    library.run(day(5))
    assert "Rita" in str(library.shelves())
    opt_out(library, topic)
    for hour in (14, 15):
        library.run(day(13, hour))
    shelves = library.shelves()
    assert "Rita" not in str(shelves)
    [[text]] = shelves.values()
    assert text.startswith("**Ben**, in [a conversation](")
    assert text.endswith(f"> {BEN}")


NEXT = (
    "The list of the night shift hangs beside the door of the ward, and each nurse signs one line when she takes over."
)


def two_under_one_subject(library: Library) -> tuple[dict[str, Any], dict[str, Any]]:
    """Keep a find of ana, and one of ben that is about the same; return their posts."""
    ana = library.keep_ana()
    ben = library.write(library.second, "ben", "The list of the night shift", NEXT, day(6))
    library.mark(library.second, ben, day(6))
    library.run(day(6))
    [texts] = library.shelves().values()
    assert len(texts) == 2, texts
    return ana, ben


@pytest.mark.parametrize("change", [delete, opt_out, forget])
def test_a_subject_called_by_words_that_must_go_is_called_after_another_find_that_stands(new: Any, change: Any) -> None:
    library = new()
    ana, ben = two_under_one_subject(library)
    assert list(library.shelves()) == [f"What worked: One page at the door, {library.first.key}"]
    change(library, ana)
    library.run(day(13))
    [(title, [text])] = library.shelves().items()
    assert title == f"What worked: The list of the night shift, {library.second.key}"
    assert versions(library, number=1) == [[2, 1]]
    assert NEXT in text
    library.run(day(21))
    assert library.shelves() == {title: [text]}
    again = library.write(
        library.first, "ben", "The list once more", NEXT.replace("The list", "The long list"), day(21)
    )
    library.mark(library.first, again, day(21))
    library.run(day(21, 14))
    assert list(library.shelves()) == [title]
    assert library.state(ben) == ("kept", "")


def test_a_title_that_a_person_gave_a_subject_stays(new: Any) -> None:
    library = new()
    ana, _ = two_under_one_subject(library)
    with library.first.server.forum.database.session() as session:
        ours = Topic.category_id == library.category, Topic.external_id.is_not(None)
        [number] = session.scalars(select(Topic.id).where(*ours))
    title = "What worked: pages, lists and boards"
    library.first.call("PUT", f"/t/-/{number}.json", json={"title": title})
    delete(library, ana)
    for hour in (12, 13):
        library.run(day(13, hour))
    [(now, [text])] = library.shelves().items()
    assert now == title
    assert NEXT in text


def test_words_that_their_author_changed_are_corrected(new: Any) -> None:
    library = new()
    ana = library.keep_ana()
    changed = ANA.replace("open orders", "two riskiest orders")
    edit = {"post": {"raw": changed}}
    library.first.call("PUT", f"/posts/{ana['id']}.json", f"ana_{library.first.key}", json=edit)
    for hour in (12, 13):
        library.run(day(13, hour))
    [[text]] = library.shelves().values()
    assert text.endswith(f"> {changed}")


def asked(library: Library, raw: str = ANA, before: Callable[..., None] | None = None) -> dict[str, Any]:
    """Mark a post of a closed category, and let the LCM approve the question to its author."""
    ana = library.write(library.first, "ana", "One page at the door", raw, day(3))
    if before is not None:
        before(library, ana)
    library.mark(library.first, ana, day(5))
    library.run(day(5))
    assert library.first.approve() == 1
    library.run(day(5, 13))
    return ana


def conversation(library: Library) -> Topic:
    """The message to the author."""
    [topic] = [one for one in library.first.messages() if "may other cohorts read" in one.title]
    return topic


def test_nothing_of_a_closed_category_is_shown_before_its_author_said_yes_to_just_that(new: Any) -> None:
    library = new(is_closed=True)
    ana = asked(library)
    assert library.shelves() == {}
    assert library.state(ana) == ("asking", "")
    talk = conversation(library)
    [question] = library.first.texts(talk)
    shown = question.split("---")[1].strip().partition("\n\n")[2]
    assert f"> {ANA}" in shown
    library.first.say(f"ana_{library.first.key}", "Yes, you may show it.", day(6), talk.id)
    library.run(day(6, 13))
    [[text]] = library.shelves().values()
    assert text == shown
    assert "Your words are in the library now: " in library.first.texts(talk)[-1]
    library.first.say(f"ana_{library.first.key}", "No, please do not show it.", day(7), talk.id)
    library.run(day(8))
    assert library.shelves() == {}
    assert library.state(ana) == ("out", "its author does not want it to be shown")


def agreed(library: Library, shown: str | None = None) -> dict[str, Any]:
    """Let the author say yes, to the text of an LCM where there is one."""
    ana = asked(library)
    talk = conversation(library).id
    if shown is not None:
        library.first.say(library.first.lcm, f"---\n\n### What worked\n\n{shown}\n\n---", day(6, 9), talk)
    library.first.say(f"ana_{library.first.key}", "Yes, you may show it.", day(6, 10), talk)
    library.run(day(6, 13))
    return ana


def test_a_no_that_was_read_before_an_offer_takes_the_words_out_at_the_next_run(new: Any) -> None:
    library = new(is_closed=True)
    ana = agreed(library)
    library.run(day(8))
    library.first.say(f"ana_{library.first.key}", "No, please do not show it.", day(8, 13), conversation(library).id)
    with library.first.forum() as forum, library.first.store() as store:
        assert not may_be_kept(forum, store, ana["id"], day(8, 14))
    library.run(day(8, 15))
    assert library.shelves() == {}
    assert library.state(ana) == ("out", "its author does not want it to be shown")


def test_a_yes_that_cannot_be_read_again_after_a_backup_of_the_forum_is_none(new: Any) -> None:
    library = new(is_closed=True)
    ana = agreed(library)
    with library.first.store() as store, store.begin() as session:
        row = session.get_one(PracticeRow, (library.first.settings.forum.name, ana["id"]))
        question = session.get_one(LedgerRow, row.asked_key)
        question.result = {"gone": question.result["topic_id"]}  # as a restore leaves it
    library.run(day(8))
    assert library.shelves() == {}
    assert library.state(ana) == ("asking", "")


def test_who_said_no_is_not_asked_again_when_an_lcm_marks_the_post_again_but_may_say_yes(new: Any) -> None:
    library = new(is_closed=True)
    ana = asked(library)
    talk = conversation(library)
    library.first.say(f"ana_{library.first.key}", "No, please do not show it.", day(6), talk.id)
    library.run(day(7))
    open_to_all(library)  # not even where everybody can read the post by now
    with library.first.store() as store, store.begin() as session:
        assert unmark(session, library.first.settings.forum.name, ana["id"])
    library.mark(library.first, ana, day(8))
    library.run(day(8, 12))
    assert library.state(ana) == ("out", "its author does not want it to be shown")
    assert library.drafts() == []
    library.first.say(library.first.lcm, library.first.texts(talk)[0], day(9), talk.id)
    library.first.say(f"ana_{library.first.key}", "Yes, you may show it.", day(9, 13), talk.id)
    library.mark(library.first, ana, day(10))
    library.run(day(10, 12))
    [[text]] = library.shelves().values()
    assert ANA in text


@pytest.mark.parametrize("yes_before", [True, False])
def test_a_no_that_is_gone_from_its_conversation_counts_when_an_lcm_marks_the_post_again(
    new: Any, yes_before: bool
) -> None:
    library = new(is_closed=True)
    ana = agreed(library) if yes_before else asked(library)
    talk, author = conversation(library).id, f"ana_{library.first.key}"
    no = library.first.say(author, "No, please do not show it.", day(7), talk)
    library.run(day(8))
    library.first.call("DELETE", f"/posts/{no}.json")  # or it is lost with a backup
    with library.first.store() as store, store.begin() as session:
        assert unmark(session, library.first.settings.forum.name, ana["id"])
    library.mark(library.first, ana, day(9))
    for number in (9, 11):
        library.run(day(number, 12))
    assert library.shelves() == {}
    assert library.state(ana) == ("out", "its author does not want it to be shown")
    library.first.say(author, "Yes, you may show it.", day(12), talk)
    library.mark(library.first, ana, day(12, 13))
    library.run(day(12, 14))
    assert library.state(ana) == ("kept", "")


def test_whose_name_is_left_out_of_the_text_they_agreed_to_is_named_nowhere(new: Any) -> None:
    library = new(is_closed=True)
    ana = agreed(library, f"Somebody on a ward:\n\n> {ANA}")
    ben = library.write(library.first, "ben", "Orders read aloud", BEN, day(7))
    library.mark(library.first, ben, day(7))
    library.run(day(7, 12))
    assert library.first.approve() == 1
    library.run(day(7, 13))
    [_, talk] = [one for one in library.first.messages() if "may other cohorts read" in one.title]
    library.first.say(f"ben_{library.first.key}", "Yes, you may show it.", day(8), talk.id)
    library.run(day(8, 12))
    assert library.state(ana) == ("kept", "")
    [[text]] = library.shelves().values()
    assert "Ana" not in text
    with library.first.store() as store, store.begin() as session:
        row = session.get_one(PracticeRow, (library.first.settings.forum.name, ana["id"]))
        assert entry_of(row, "https://forum.example").name == ""


def test_a_topic_in_which_people_have_written_stays_when_its_last_find_goes(new: Any) -> None:
    library = new()
    ana = library.keep_ana()
    with library.first.server.forum.database.session() as session:
        [topic] = session.scalars(
            select(Topic).where(Topic.category_id == library.category, Topic.external_id.is_not(None))
        )
        number = topic.id
    library.first.say(f"ben_{library.first.key}", "We tried it for a week, and it takes three minutes.", day(6), number)
    delete(library, ana)
    library.run(day(13))
    assert library.shelves() == {
        "What worked: a conversation (1)": ["We tried it for a week, and it takes three minutes."]
    }
    library.run(day(21))
    assert list(library.shelves()) == ["What worked: a conversation (1)"]


@pytest.mark.parametrize("answer", ["No, please do not show it.", "Hm, I have to ask my manager first."])
def test_whatever_is_not_a_plain_yes_shows_nothing(new: Any, answer: str) -> None:
    library = new(is_closed=True)
    asked(library)
    library.first.say(f"ana_{library.first.key}", answer, day(6), conversation(library).id)
    library.run(day(7))
    assert library.shelves() == {}


def test_an_lcm_who_rejects_the_question_leaves_the_author_in_peace(new: Any) -> None:
    library = new(is_closed=True)
    ana = library.keep_ana()
    with library.first.store() as store, store.begin() as session:
        [row] = session.scalars(select(DraftRow))
        row.state, row.decision_reason = "rejected", "she left"
    library.run(day(6))
    assert library.state(ana) == ("out", "she left")
    assert library.first.messages() == []


def test_a_title_that_somebody_else_wrote_in_a_closed_category_is_not_shown(new: Any) -> None:
    library = new(is_closed=True)
    first = library.first
    topic = library.write(first, "ben", "My manager Rita shouts", "How do you hand over when nobody listens?", day(3))
    first.set_clock(day(3, 13))
    body = {"topic_id": topic["topic_id"], "raw": ANA}
    reply = first.call("POST", "/posts.json", f"ana_{first.key}", json=body)
    library.mark(first, reply, day(5))
    library.run(day(5))
    [draft] = library.drafts()
    assert "Rita" not in draft.body["raw"]
    assert "### What worked: Our night shift reads the open orders aloud" in draft.body["raw"]


def test_where_subjects_are_given_a_find_goes_to_the_one_that_it_names_or_waits_for_one(new: Any) -> None:
    library = new(subjects=("The change of shifts", "Feedback"))
    ana = library.write(library.first, "ana", "One page at the door", ANA, day(3))
    cleo = library.write(library.second, "ben", "Silence in interviews", CLEO, day(4))
    for site, post in ((library.first, ana), (library.second, cleo)):
        library.mark(site, post, day(5))
    library.run(day(5))
    assert list(library.shelves()) == ["What worked: The change of shifts"]
    assert library.state(cleo) == ("unplaced", "")


HANDED_OVER = (
    "Last Monday I handed the weekly report over to a colleague, and told her what she decides alone and when I want "
    "to hear of it. The report was there on Thursday, and I had not asked once."
)


def refuse(*_: Any, **__: Any) -> Any:
    raise FailedCall("it answered 422.", outcome=Outcome.REFUSED, status=422, url="/t/1.json")


def test_a_find_that_fits_the_week_is_offered_to_the_lcms_of_another_cohort_and_goes_out_when_they_agree(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = new(steps=DELEGATION)
    first, second = library.first, library.second
    ana = library.write(first, "ana", "Handing over a report", HANDED_OVER, day(3))
    cleo = library.write(first, "ben", "Silence in interviews", CLEO, day(4))
    for post in (ana, cleo):
        library.mark(first, post, day(5))
    library.run(day(5))
    with monkeypatch.context() as patched:  # the forum does not say whether it may be shown
        patched.setattr(Offers, "_cited", refuse)
        library.run(day(43, 10))
    library.run(day(43, 10.5))
    assert library.drafts() == []
    library.run(day(43, 11))
    [offer] = library.drafts()
    assert (offer.cohort, offer.reason) == (
        second.key,
        "Spring found out something that fits “Handing over a report to a colleague”.",
    )
    first.approve()
    library.run(day(43, 12))
    with second.forum() as forum:
        topic = forum.topic(offer.body["topic_id"])
        assert topic is not None
        reply = topic.posts[-1].raw or ""
    assert reply.startswith(
        f"When Spring worked on this, Ana wrote:\n\n> {HANDED_OVER}\n\nWhat would have to be different"
    )
    for number in (44, 50):
        library.run(day(number))
    assert library.drafts() == []
    forget(library, ana)
    library.run(day(51))
    with second.forum() as forum:  # what was posted of a find goes with it
        topic = forum.topic(offer.body["topic_id"])
        assert topic is not None
        assert len(topic.posts) == 1


def test_an_offer_follows_where_the_subject_of_its_find_is_called_otherwise(new: Any) -> None:
    library = new(steps=DELEGATION)
    first, second = library.first, library.second
    for site in (first, second):
        deck = site.settings.playbooks[0] / "decks" / "of-work.en.yml"
        deck.write_text(DECK.replace("to a colleague", f"on {site.key}"), encoding="utf-8")
    rita = "I hand each weekly report over to a colleague of mine on Monday, and read it on Thursday, once."
    ana = library.write(first, "ana", "What Rita wants in the weekly report", rita, day(3))
    ben = library.write(first, "ben", "Handing over a report", HANDED_OVER, day(4))
    for number, post in ((5, ana), (6, ben)):
        library.mark(first, post, day(number))
        library.run(day(number))
    assert len(library.shelves()) == 1
    library.run(day(43, 10))
    [offer] = library.drafts()
    assert offer.body["about_posts"] == [ben["id"]]
    assert "[More of what worked: What Rita wants in the weekly report" in offer.body["raw"]
    first.approve()
    library.run(day(43, 12))
    opt_out(library, ana)
    library.run(day(43, 14))
    with second.forum() as forum:
        topic = forum.topic(offer.body["topic_id"])
    assert topic is not None
    [_, reply] = topic.posts
    assert f"[More of what worked: Handing over a report, {first.key}](" in (reply.raw or "")
    assert "Rita" not in (reply.raw or "")


def test_an_offer_that_was_approved_is_not_sent_when_its_author_has_taken_the_words_back(new: Any) -> None:
    library = new(steps=DELEGATION)
    ana = library.write(library.first, "ana", "Handing over a report", HANDED_OVER, day(3))
    library.mark(library.first, ana, day(5))
    library.run(day(5))
    library.run(day(43, 10))
    assert library.first.approve() == 1
    delete(library, ana)
    library.run(day(43, 12))
    [offer] = [draft for draft in library.decided() if draft.cohort == library.second.key]
    assert offer.state == "withdrawn"


def test_the_posts_of_a_roundup_are_put_to_the_lcms_who_keep_one_by_its_number_in_a_reply(new: Any) -> None:
    library = new(steps=ROUNDUP)
    first = library.first
    ana = library.write(first, "ana", "The open orders at the door", ANA, day(3))
    like = {"id": ana["id"], "post_action_type_id": 2}
    first.call("POST", "/post_actions.json", f"ben_{first.key}", json=like)
    library.run(day(5, 15))
    assert library.state(ana) == ("offered", "")
    cohort = complete_cohort(first.settings.cohorts[0])
    with first.store() as store, store.begin() as session:
        name = first.settings.forum.name
        number_all(session, name, cohort.key, day(5, 16))
        [item] = waiting(session, name, cohort.key, day(5, 16))
        assert keep_line(item.row, "https://forum", "en").startswith(r"**1.** The roundup showed what [ana\_")
        post = cast("ForumPost", SimpleNamespace(created_at=day(5, 16), username=first.lcm))
        deciding = Deciding(session, name, cohort, post, day(5, 16), {1: None})
        assert deciding.objection(read_decisions("done 1, thank you")) != ""
        assert deciding.enter(read_decisions("yes all, thank you")) == {}
        assert deciding.enter(read_decisions("yes 1, thank you")) == {"1": {"outcome": "kept"}}
        assert waiting(session, name, cohort.key, day(5, 16)) == []
    library.run(day(5, 17))
    assert [len(texts) for texts in library.shelves().values()] == [1]


def posts_in(library: Library) -> list[int]:
    """The posts of the library and of the messages to authors, those that were deleted among them."""
    talk = conversation(library).id
    with library.first.server.forum.database.session() as session:
        query = select(Post.id).join(Topic, Topic.id == Post.topic_id)
        where = (Topic.category_id == library.category) | (Topic.id == talk)
        return sorted(session.scalars(query.where(where)))


def test_a_forum_that_moved_keeps_the_posts_of_its_library_and_thanks_nobody_again(new: Any) -> None:
    library = new(is_closed=True)
    ana = agreed(library)
    before, [[text]] = posts_in(library), library.shelves().values()
    library.first.move()
    library.run(day(7))
    assert posts_in(library) == before
    assert list(library.shelves().values()) == [[text]]
    with library.first.store() as store, store.begin() as session:
        assert unmark(session, library.first.settings.forum.name, ana["id"])
    library.run(day(8))
    assert library.shelves() == {}


def test_a_cohort_with_another_key_is_not_offered_the_same_again(new: Any) -> None:
    library = new(steps=DELEGATION)
    first, second = library.first, library.second
    for site in (first, second):
        deck = site.settings.playbooks[0] / "decks" / "of-work.en.yml"
        deck.write_text(DECK.replace("to a colleague", f"in {site.key}"), encoding="utf-8")
    ana = library.write(first, "ana", "Handing over a report", HANDED_OVER, day(3))
    library.mark(first, ana, day(5))
    library.run(day(5))
    library.run(day(43, 10))
    [offer] = library.drafts()
    assert offer.cohort == second.key
    first_cohort, declared = first.settings.cohorts
    names = {"group": second.key, "lcm_group": f"{second.key}-lcm", "category_slug": second.key}
    renamed = declared.model_copy(update={"key": f"{second.key}-b", **names})
    first.settings = first.settings.model_copy(update={"cohorts": (first_cohort, renamed)})
    with first.store() as store, store.begin() as session:
        rename_cohort(session, first.settings.forum.name, second.key, renamed.key, renewed_key)
    library.run(day(43, 12))
    assert [draft.key for draft in library.drafts()] == [offer.key]
    with first.store() as store, first.forum() as forum, store.begin() as session:
        offers = Offers(forum, store, complete_cohort(renamed), day(43, 12))
        topic = offers.topic(session)
        assert topic is not None
        assert [one.was_offered for one in offers.fits(session, topic)] == [True]


@pytest.mark.slow
@pytest.mark.parametrize("of_ben", [BEN, NEXT])
def test_a_death_at_any_moment_changes_nothing(new: Any, reaper: Any, of_ben: str) -> None:
    def life(dying: Any) -> Any:
        library = new()
        ana = library.write(library.first, "ana", "One page at the door", ANA, day(3))
        ben = library.write(library.second, "ben", "Reading at the door", of_ben, day(3))
        library.mark(library.first, ana, day(5))
        for now, act in (
            (day(5), lambda: library.mark(library.second, ben, day(5, 14))),
            (day(6), lambda: delete(library, ana)),
            (day(13), lambda: None),
            (day(13, 14), lambda: None),
        ):
            dying.to_the_end(library.run, now)
            act()
        names = [title.partition(",")[0] for title in library.shelves()]
        return (
            [len(texts) for texts in library.shelves().values()],
            names,
            [
                library.first._anonymous(text).replace(library.second.key, "KEY")
                for texts in library.shelves().values()
                for text in texts
            ],
        )

    counting = reaper()
    expected = life(counting)
    assert sum(expected[0]) == 1
    assert [dying.moments for [dying] in deadly_lives([counting], 6) if life(dying) != expected] == []
