"""A journey that uses every play: killed at each commit and call, raced by two workers, disturbed by moderators.

`STEPS` has an entry for each play there is; a new play without one fails. In the end the forum must show the same, row
for row. The usual run kills at one of `STRIDE` (48) moments, evenly spread; `make search` at each.
"""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from email import message_from_bytes, policy
from itertools import count
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest
import requests
from sqlalchemy import select

from sync_worker.config.mail import MailSettings
from sync_worker.config.options import ReachSettings
from sync_worker.playbook.load import shipped_folder
from sync_worker.plays import REGISTRY
from sync_worker.plays.session import attended_fact
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import Post, PostLocalization, Topic, TopicLocalization, TopicTag
from sync_worker.store import pauses
from sync_worker.store.facts import set_fact
from sync_worker.store.tables import LedgerRow
from tests.search import examples
from tests.worker.conftest import Reaper
from tests.worker.story_site import YES, add_user, day
from tests.worker.topics_site import TopicsSite, begin

if TYPE_CHECKING:
    from pathlib import Path

STEPS = {
    "topic": "{id: hello, at: start 09:00, play: topic, with: {template: welcome, pin: 9d, tags: [hello]}}",
    "prompt": "{id: ask, at: start 09:00, play: prompt, with: {deck: apply-it}}",
    "resource": "{id: read, at: start +1d 09:00, play: resource, with: {resources: reading}}",
    "assignment": "{id: task, at: start +1d 09:00, play: assignment, approval: none,"
    " with: {template: assignment, due: +7d 18:00, remind: [2d before, 1d after], late: 3d after}}",
    "commitment": "{id: plan, at: start 09:00, play: commitment, approval: none, with: {later: 12d}}",
    "session": "{id: meet, at: start +8d 16:00, play: session, approval: none,"
    " with: {template: session, announce: 7d, remind: [1d], missed: 1d}}",
    "consent": "{id: may-i, at: start +15d 10:00, play: consent, with: {look_back: 14d}}",
    "story": "{id: told, at: start +16d 10:00, play: story, with: {look_back: 14d, pin: 7d}}",
    "roundup": "{id: week, at: start +18d 09:00, play: roundup, with: {days: 7d}}",
    "relay": "{id: leave, at: start +19d 09:00, play: relay, with: {relay: ask}}",
    "introductions": "{id: meet-new, at: start +17d 10:00, play: introductions, approval: none,"
    " with: {question_deck: in-pairs}}",
    "pair": "{id: talk, at: start +3d 10:00, play: pair, approval: none, with: {question_deck: in-pairs}}",
    "brief_manager": "{id: tell-managers, at: start +2d 11:00, play: brief_manager, approval: none,"
    " with: {moment: during}}",
    "morning_note": "{id: morning, at: start +15d 10:00, play: morning_note}",
    "nudge": "{id: quiet, every: thursday 10:00, from: start +17d, play: nudge, approval: none,"
    " with: {again_after: 7d}}",
    "first_reply": "{id: alone, every: weekday 11:00, from: start +16d, play: first_reply, with: {loud_after: 2d}}",
    "blockers": "{id: hinders, every: weekday 12:00, from: start +21d, play: blockers,"
    " with: {unanswered: 2d, escalate: [{after: 1d, to: [moderators]}]}}",
    "hand_over": "{id: over, at: start +25d 10:00, play: hand_over, with: {after: 1d}}",
    "survey": "{id: taps, at: start +18d 09:00, play: survey, with: {questions_deck: last-session, results: 1d}}",
    "case_study": "{id: study, at: start +19d 10:00, play: case_study, approval: none,"
    " with: {choose: 5d, managers: 7d}}",
    "pin": "{id: hold, at: start +19d 10:00, play: pin, with: {topic: ask, until: 9d}}",
    "close": "{id: shut, at: start +25d 10:00, play: close, with: {topics: [hello, read, meet]}}",
    "archive": "{id: store, at: start +26d 10:00, play: archive}",
}
FOLLOWED = {  # and so did what follows them
    *("task/remind-1", "task/late", "plan/ask", "plan/later", "taps/results"),
    *("study/choose", "study/guide", "study/managers"),
}
END = date(2027, 3, 25)
MAILS = [
    ("bea@example.org", "Ana and Ben: five minutes that help now"),
    ("bea@example.org", "Ana: one question, one click"),
    ("jo@example.org", "Ana: five minutes that help now"),
    ("jo@example.org", "Ana: one question, one click"),
]
SWITCHED_ON = (
    "calendar_enabled", "discourse_post_event_enabled", "content_localization_enabled",
    "allow_duplicate_topic_titles",  # cohorts after one another tell the same story
)  # fmt: skip
STRIDE = examples(48, 1)
Act = Callable[["Everything"], None]


@dataclass
class Everything(TopicsSite):
    """A cohort of ana, ben and dora, who is silent, with the LCM lea, in two languages, on a forum with a calendar."""

    disturb: Callable[[Everything, int], None] | None = None
    disturbed: set[int] = field(default_factory=set)

    def live(self, reapers: Callable[[], Reaper], work: Callable[[datetime], None] | None = None) -> int:
        """Live through the journey, starting anew after each death; return the most moments that a run had."""
        most = 0
        for moment, before in JOURNEY:
            self.set_clock(moment)
            before(self)
            reaper = reapers()
            reaper.to_the_end(work or self.run, moment)
            most = max(most, reaper.count)
            self.be_disturbed()
        return most

    def be_disturbed(self) -> None:
        """Let a moderator change each topic of ours in the category that is new."""
        if self.disturb is None:
            return
        for topic in self._ours():
            if topic.archetype == "regular" and topic.id not in self.disturbed:
                self.disturbed.add(topic.id)
                self.disturb(self, topic.id)

    def rows(self) -> list[tuple[Any, ...]]:
        """Everything that the forum has of this cohort, without its numbers and this cohort's key."""
        with self.server.forum.database.session() as session:
            mine = Topic.external_id.startswith(f"lcm-{self.key[:10]}-")
            topics = session.scalars(select(Topic).where(mine).order_by(Topic.external_id)).all()
            return sorted(self._row(session, topic) for topic in topics)

    def _row(self, session: Any, topic: Topic) -> tuple[Any, ...]:
        posts = session.scalars(select(Post).where(Post.topic_id == topic.id).order_by(Post.post_number)).all()
        first = posts[0].id
        titles = select(TopicLocalization).where(TopicLocalization.topic_id == topic.id)
        texts = select(PostLocalization).where(PostLocalization.post_id == first)
        return (
            self._anonymous(topic.title),
            topic.archetype,
            topic.category_id == self.category,
            topic.closed,
            str(topic.pinned_until),
            topic.deleted_at is not None,
            len(session.scalars(select(TopicTag).where(TopicTag.topic_id == topic.id)).all()),
            tuple((post.post_type, post.action_code or "", self._plain(post.raw), post.version) for post in posts),
            tuple(sorted((one.locale, self._anonymous(one.title)) for one in session.scalars(titles))),
            tuple(sorted((one.locale, self._plain(one.raw)) for one in session.scalars(texts))),
        )

    def _plain(self, raw: str) -> str:
        return self._anonymous(re.sub(r"<!--.*?-->", "MARK", raw))

    def has_archived(self) -> bool:
        with self.store() as store, store.begin() as session:
            return self.key in pauses.archived_cohorts(session, self.settings.forum.name)

    def steps_done(self) -> set[str]:
        """The steps that came to something: posted, sent or done; and their follow-ups that did, like `plan/ask`."""
        with self.store() as store, store.begin() as session:
            rows = session.scalars(select(LedgerRow).where(LedgerRow.state == "done", LedgerRow.cohort == self.key))
            return {"/".join(filter(None, (row.step, row.payload.get("follow_up")))) for row in rows}

    def mails(self) -> list[tuple[str, str]]:
        """To whom each mail went, and its subject; a worker that was killed never wrote one twice."""
        assert self.settings.mail is not None
        assert self.settings.mail.folder is not None
        files = self.settings.mail.folder.glob("*.eml")
        read = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
        return sorted((str(mail["To"]), str(mail["Subject"])) for mail in read)

    def find_open(self, words: str) -> list[int]:
        """Return the topics of ours with these words in the title in which people can write: one, or none any more."""
        return [one.id for one in self._ours() if words in one.title and not one.closed]

    def forget_the_outcomes(self) -> None:
        """Have the store know only that everything was intended: as after a death between each call and its commit."""
        with self.store() as store, store.begin() as session:
            for row in session.scalars(select(LedgerRow).where(LedgerRow.state == "done")):
                row.state, row.reason, row.not_before = "intended", "", None


def nothing(_: Everything) -> None:
    """Nobody does anything."""


def ben_answers(site: Everything) -> None:
    """Ben answers the task, where its topic is there and open."""
    for topic in site.find_open("half a page on one conversation"):
        text = "I said that I need the list by four, and my colleague had not known that."
        site.call("POST", "/posts.json", f"ben_{site.key}", json={"topic_id": topic, "raw": text})


def ana_plans(site: Everything) -> None:
    for topic in site.find_open("one thing, one day, one witness"):
        raw = "When the late shift comes on Saturday, I will ask first. Ben will hear it."
        site.say(site.learner, raw, day(1, 15), topic)


def ana_did_it_not_yet(site: Everything) -> None:
    """Ana answers the question of the morning after her day, and ben the task."""
    for topic in site.find_open("what became of your plan"):
        site.say(site.learner, "Not yet, I was ill on Saturday.", day(7, 12), topic)
    site.set_clock(day(8, 16))
    ben_answers(site)


def managers_are_known(site: Everything) -> None:
    with site.store() as store, store.begin() as session, site.forum() as forum:
        for name in ("ana", "ben"):
            account = forum.user(f"{name}_{site.key}")
            assert account is not None
            written = "bea@example.org" if name == "ben" else "bea@example.org; jo@example.org"
            set_fact(session, forum.name, account.id, "manager_email", written, "roster", day(0), cohort=site.key)


def ana_misses_the_session(site: Everything) -> None:
    with site.store() as store, store.begin() as session, site.forum() as forum:
        account = forum.user(site.learner)
        assert account is not None
        name = attended_fact("meet")
        set_fact(session, forum.name, account.id, name, False, "a list", day(9, 17), cohort=site.key)


def ana_tells(site: Everything) -> None:
    site.tell()


def lea_approves(site: Everything) -> None:
    site.approve()


def ana_says_yes(site: Everything) -> None:
    """Ana agrees to her story, and ben writes what a roundup can quote beside it."""
    site.say(site.learner, YES, day(16, 12))
    site.set_clock(day(16, 13))
    raw = "My team writes the three open orders on the board, because nobody reads a mail at six in the morning."
    body = {"title": f"Three open orders on the board {site.key}", "raw": raw, "category": site.category}
    post = site.call("POST", "/posts.json", f"ben_{site.key}", json=body)
    site.call("POST", "/post_actions.json", site.learner, json={"id": post["id"], "post_action_type_id": 2})
    site.set_clock(day(17, 10))


def five_vote(site: Everything) -> None:
    """Two people more come, and five answer the first of the questions, where it is not gone."""
    site.join("eva", "finn")
    for topic in site.find_open("two questions, one tap each"):
        for name in ("ana", "ben", "cleo", "eva", "finn"):
            username = f"{name}_{site.key}"
            post = site.call("GET", f"/t/{topic}.json", username)["post_stream"]["posts"][0]
            for poll in post.get("polls", ())[:1]:
                chosen = {"post_id": post["id"], "poll_name": poll["name"], "options": [poll["options"][0]["id"]]}
                site.call("PUT", "/polls/vote", username, json=chosen)


def nobody_answers_cleo(site: Everything) -> None:
    """Cleo asks something, as two people more answer what they are asked."""
    five_vote(site)
    raw = "Which list do you use for the hand-over, and who reads it? Ours has forty lines."
    body = {"title": f"Which list is yours {site.key}", "raw": raw, "category": site.category}
    site.call("POST", "/posts.json", f"cleo_{site.key}", json=body)


def others_talk(site: Everything) -> None:
    """All but dora go on talking."""
    site.set_clock(day(23, 11))
    body = {"title": f"What this week was like {site.key}", "raw": "It was long, and we handed over late."}
    post = site.call("POST", "/posts.json", f"ben_{site.key}", json={**body, "category": site.category})
    for name in ("ana", "cleo"):
        site.say(f"{name}_{site.key}", f"It was no shorter for us, says {name}.", day(23, 12), post["topic_id"])
    site.set_clock(day(25, 10))


def tap(site: Everything, name: str, words: str, poll: str, place: int) -> None:
    """Let somebody vote in a message of ours with these words in its title."""
    for topic in site.find_open(words):
        shown = site.call("GET", f"/t/{topic}.json")
        if any(user["username"] == f"{name}_{site.key}" for user in shown["details"]["allowed_users"]):
            post = shown["post_stream"]["posts"][0]
            [found] = [one for one in post["polls"] if one["name"] == poll]
            chosen = {"post_id": post["id"], "poll_name": poll, "options": [found["options"][place]["id"]]}
            site.call("PUT", "/polls/vote", f"{name}_{site.key}", json=chosen)


def five_say_how_much_they_use_it(site: Everything) -> None:
    others_talk(site)
    for name, place in (("ana", 3), ("ben", 2), ("cleo", 1), ("eva", 1), ("finn", 0)):
        tap(site, name, "two questions, two minutes", "use", place)


def ana_allows_everything(site: Everything) -> None:
    for poll in ("conversation", "named", "manager"):
        tap(site, "ana", "twenty minutes", poll, 0)


def lea_notes_and_approves(site: Everything) -> None:
    for topic in site.find_open("a guide for your conversation"):
        site.say(site.lcm, "helped: time, an hour on Fridays", day(28, 9), topic)
    site.approve()


def cleo_joins(site: Everything) -> None:
    account = add_user(site.server, f"cleo_{site.key}")
    with site.forum() as forum:
        group = next(one for one in forum.groups() if one.name == site.key)
        forum.add_members(group.id, [account])


JOURNEY: Sequence[tuple[datetime, Act]] = (
    (day(1, 9), managers_are_known),
    (day(2, 9), ana_plans),
    (day(2, 16), nothing),
    (day(4, 10), nothing),
    (day(7, 9), nothing),
    (day(8, 16), ana_did_it_not_yet),
    (day(10, 16), ana_misses_the_session),
    (day(12, 9), nothing),
    (day(16, 10), ana_tells),
    (day(16, 11), lea_approves),
    (day(17, 10), ana_says_yes),
    (day(18, 10), cleo_joins),
    (day(19, 9), nothing),
    (day(20, 10), nobody_answers_cleo),
    (day(25, 10), five_say_how_much_they_use_it),
    (day(26, 10), lea_approves),
    (day(27, 10), ana_allows_everything),
    (day(28, 10), lea_notes_and_approves),
)
NUMBERS = count(1)


@pytest.fixture(scope="module", autouse=True)
def _the_same_chance() -> Iterator[None]:
    """Let chance depend on the step alone: cohorts of other names then draw alike, and can be compared."""
    with patch("sync_worker.worker.drafting.chance_seed", lambda occurrence: f"{occurrence.label} {occurrence.slot}"):
        yield


@pytest.fixture(scope="module")
def server() -> Iterator[ForumServer]:
    with ForumServer(":memory:") as running:
        headers = {"Api-Key": DEFAULT_KEY, "Api-Username": "system"}
        for name in SWITCHED_ON:
            url = f"{running.url}/admin/site_settings/{name}.json"
            requests.put(url, headers=headers, json={name: "true"}, timeout=30).raise_for_status()
        yield running


@pytest.fixture(scope="module")
def new(server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Everything]:
    folder = tmp_path_factory.mktemp("everything")
    return lambda store=None: make(server, folder, f"all{next(NUMBERS):04}", store)


def make(server: ForumServer, folder: Path, key: str, store: str | None) -> Everything:
    """Make a cohort that nobody else uses, with the people in it before its first day."""
    steps = "".join(f"  - {line}\n" for line in STEPS.values())
    reach = ReachSettings(weekend=True, quiet=None, per_day=None, per_week=None)
    more = {"end": END, "languages": ("en", "fr"), "reach": reach, "programme": f"prog-{key}"}
    made = begin(server, folder, key, steps, **more)
    made.join("dora")
    for deck in (shipped_folder() / "leading-teams" / "decks").glob("last-session.*.yml"):
        shutil.copy(deck, folder / key / "ours" / "decks")
    mail = MailSettings.model_validate({"folder": folder / key / "mails", "from": "lcm@example.org"})
    more_settings = {"mail": mail, **({"store": store} if store else {})}
    settings = made.settings.model_copy(update=more_settings)
    return Everything(server, settings, key, made.category)


@pytest.fixture(scope="module")
def faultless(new: Callable[..., Everything]) -> tuple[list[tuple[Any, ...]], int]:
    """What the forum shows in the end where nothing goes wrong, and how many moments to die at the longest run has."""
    site = new()
    moments = site.live(Reaper)
    assert site.has_archived()
    assert site.mails() == MAILS
    assert FOLLOWED | set(re.findall(r"\{id: ([a-z-]+)", "\n".join(STEPS.values()))) <= site.steps_done()
    assert sum("a first reply is missing" in one.title for one in site.messages()) == 2
    assert site.note("still no reply")
    assert site.note("something is in the way")
    assert site.note("still in the way")
    assert sum(one.title.startswith("Dora, ") for one in site.messages()) == 2
    assert "Where it worked: [Ana]" in site.note("who could tell us most")
    assert "answered “Almost every week”" in site.note("a guide for your conversation")
    assert "I do something differently: 5" in site.note("what came back to the two questions")
    return site.rows(), moments


def test_the_journey_has_a_step_of_every_play() -> None:
    assert STEPS.keys() == REGISTRY.keys()
    for play, line in STEPS.items():
        assert f"play: {play}" in line


def test_the_journey_shows_every_play_at_work(faultless: Any) -> None:
    rows, moments = faultless
    assert moments > 150
    assert len(rows) == len({(row[0], row[7][0][2]) for row in rows})
    assert {row[1] for row in rows} == {"regular", "private_message"}
    assert sum(bool(row[8]) and bool(row[9]) for row in rows) == 4  # topic, prompt, plan and session, in French too
    assert any("[event start=" in row[7][0][2] for row in rows)


@pytest.mark.slow
def test_a_death_at_any_moment_of_a_run_changes_nothing_on_the_forum(
    new: Callable[..., Everything], faultless: Any
) -> None:
    expected, moments = faultless
    for first in range(STRIDE // 2 or 1, moments + 1, STRIDE):
        site = new()
        site.live(lambda first=first: Reaper(first))  # type: ignore[misc]
        assert site.rows() == expected, f"killed at moment {first} of each run"
        assert site.mails() == MAILS
        assert site.has_archived()


@pytest.mark.parametrize("start", range(examples(1, 12)))
def test_a_death_every_few_moments_changes_nothing_on_the_forum(
    new: Callable[..., Everything], faultless: Any, start: int
) -> None:
    """Reach the moments between: each run dies again and again, at other moments for each start."""
    expected, moments = faultless
    site = new()
    site.live(lambda: Reaper(*range(3 + 5 * start, 2 * moments, moments // 4 + start)))
    assert site.rows() == expected


def race(site: Everything) -> Callable[[datetime], None]:
    """Return work that two workers do at once on one store, and one of them once more."""

    def work(moment: datetime) -> None:
        failures: list[BaseException] = []

        def run() -> None:
            try:
                site.run(moment)
            except BaseException as error:
                failures.append(error)

        workers = [threading.Thread(target=run) for _ in range(2)]
        for one in workers:
            one.start()
        for one in workers:
            one.join(120)
        assert failures == []
        site.run(moment)

    return work


def test_two_workers_on_one_store_change_nothing_on_the_forum(new: Callable[..., Everything], faultless: Any) -> None:
    site = new()
    site.live(Reaper, race(site))
    assert site.rows() == faultless[0]


def test_two_workers_with_a_store_on_postgresql_change_nothing_on_the_forum(
    new: Callable[..., Everything], faultless: Any, postgres_url: str
) -> None:
    site = new(postgres_url)
    site.live(Reaper, race(site))
    assert site.rows() == faultless[0]


def test_deaths_with_a_store_on_postgresql_change_nothing_on_the_forum(
    new: Callable[..., Everything], faultless: Any, postgres_url: str
) -> None:
    expected, moments = faultless
    site = new(postgres_url)
    site.live(lambda: Reaper(*range(5, 2 * moments, moments // 4)))
    assert site.rows() == expected


def delete(site: Everything, topic: int) -> None:
    site.call("DELETE", f"/t/{topic}.json")


def move(site: Everything, topic: int) -> None:
    site.call("PUT", f"/t/-/{topic}.json", json={"category_id": 4})


def merge(site: Everything, topic: int) -> None:
    """Leave what Discourse's `TopicMover` leaves: the first post was copied elsewhere, the topic stays, closed."""
    site.call("PUT", f"/t/{topic}/status.json", json={"status": "closed", "enabled": "true"})


def edit(site: Everything, topic: int) -> None:
    post = site.call("GET", f"/t/{topic}.json")["post_stream"]["posts"][0]
    raw = "A moderator wrote this text anew, and this is how it has to stay from now on."
    site.call("PUT", f"/posts/{post['id']}.json", json={"post": {"raw": f"{raw} {topic}", "edit_reason": "clearer"}})


@pytest.mark.parametrize("disturb", [delete, move, merge, edit])
def test_what_a_moderator_did_to_a_topic_stays_whatever_the_play(
    new: Callable[..., Everything], faultless: Any, disturb: Callable[[Everything, int], None]
) -> None:
    site = new()
    site.disturb = disturb
    site.live(Reaper)
    before = site.rows()
    opened = sorted(row[0] for row in before if row[1] == "regular")
    assert len(opened) == len(set(opened))
    assert set(opened) <= {row[0] for row in faultless[0]}
    for row in before:
        if row[1] != "regular":
            continue
        _, _, in_category, closed, _, deleted, _, posts, *_ = row
        assert deleted is (disturb is delete)
        assert in_category is (disturb is not move)
        if disturb is edit:
            assert posts[0][2].startswith("A moderator wrote this")
        if disturb is merge:
            assert closed
            assert all(kind != 1 for kind, *_ in posts[1:])
    site.disturb = None
    site.forget_the_outcomes()
    site.run(day(28, 11))
    site.run(day(28, 12))
    assert site.rows() == before
