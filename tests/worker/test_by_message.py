"""Without the plugin, LCMs decide on what waits by replying to a message, and learners choose in a word."""

from __future__ import annotations

import io
import random
import re
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from importlib.util import find_spec
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import requests
from click.testing import CliRunner
from sqlalchemy import select
from urllib3 import HTTPResponse

from sync_worker.activity.choices import Unheard, unheard, unread_in_words
from sync_worker.cli import main
from sync_worker.config.load import complete_cohort
from sync_worker.desk import letters
from sync_worker.desk.chart import Chart, WeekShown
from sync_worker.desk.loop import DeskLoop
from sync_worker.forum import Forum, Patience
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import Group, Topic, TopicAllowedGroup, TopicAllowedUser, User
from sync_worker.publish.publisher import Ear, NotHeard
from sync_worker.store.ledger import decide_draft
from sync_worker.store.moving import rename_cohort
from sync_worker.store.tables import ChoiceRow, DraftRow, ReplyRow, WaitingRow
from sync_worker.worker.run import run_due
from sync_worker.worker.service import Service
from sync_worker.worker.start import renewed_key
from tests.worker.conftest import Killed
from tests.worker.story_site import add_user, day
from tests.worker.test_clock_watch import Machine, with_clock
from tests.worker.topics_site import TopicsSite, begin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from sync_worker.practice_forum.app import ForumServer

STEPS = """\
  - {id: weekly, every: monday 09:00, play: prompt, with: {deck: apply-it}}
  - {id: quiet, every: thursday 10:00, play: nudge}
  - {id: morning, at: start +16d 09:30, play: morning_note}
"""
MESSAGES_A_PAGE = 30
QUIET = day(18, 10)  # a Thursday on which ana and ben have not written for long


class Site(TopicsSite):
    """The same, with the loop that looks at messages."""

    def look(self, now: datetime, **changes: Any) -> int:
        """Look once, as a worker that has just been started does; return how many calls it took."""
        self.set_clock(now)
        with (
            self.store() as store,
            Forum.connect(self.settings.forum, DEFAULT_KEY, patience=Patience(attempts=1)) as forum,
        ):
            playbooks = playbooks_of(self.settings, REGISTRY)
            DeskLoop(forum, store, self.settings.model_copy(update=changes), playbooks, "test").look(now)
            return forum.calls.total

    def ask_lcm(self, until: datetime = QUIET) -> Topic:
        """Let two drafts wait, and be shown; return the message that shows them."""
        self.begin()
        self.run(until)
        self.look(until)
        return self.asks()[-1]

    def begin(self) -> None:
        """Let three others talk for weeks, ana and ben be silent, and the worker look for the first time."""
        self.join("cleo", "dora", "eva")
        for number in (2, 9, 16):
            self.set_clock(day(number, 11))
            body = {"title": f"What day {number} was like {self.key}", "raw": "It was long, and we handed over late."}
            post = self.call("POST", "/posts.json", f"cleo_{self.key}", json={**body, "category": self.category})
            for name in ("dora", "eva"):
                self.say(
                    f"{name}_{self.key}", f"It was no shorter for us, says {name}.", day(number, 12), post["topic_id"]
                )
        self.run(day(17, 7))
        self.look(day(17, 8))

    def asks(self) -> list[Topic]:
        return [one for one in self.messages() if "your decision on" in one.title or "votre décision" in one.title]

    def desk(self) -> Topic:
        [topic] = [one for one in self.messages() if "your desk" in one.title or "votre bureau" in one.title]
        return topic

    def states(self) -> list[str]:
        """The states of all drafts by the account that they are for."""
        with self.store() as store, store.begin() as session:
            rows = session.scalars(select(DraftRow))
            return [row.state for row in sorted(rows, key=lambda row: row.body["to_learner"])]

    def nudged(self) -> list[str]:
        return [one.title.partition(",")[0] for one in self.messages() if ", one thing from" in one.title]

    def write_to_worker(self, username: str, raw: str, now: datetime) -> int:
        """Let somebody of trust level 1 open a conversation with the worker's account; return the topic."""
        account = self.call("GET", f"/u/{username}.json")["user"]["id"]
        self.call("PUT", f"/admin/users/{account}/trust_level.json", json={"level": 1})
        self.set_clock(now)
        body = {"title": "A word to you", "raw": raw, "archetype": "private_message"}
        body["target_recipients"] = "forumadmin"
        return int(self.call("POST", "/posts.json", username, json=body)["topic_id"])

    def lose_store(self) -> None:
        """Go on with an empty store."""
        self.settings = self.settings.model_copy(update={"store": f"{self.settings.store}-new"})

    def posts(self, topic_id: int) -> list[str]:
        with self.server.forum.database.session() as session:
            topic = session.get_one(Topic, topic_id)
            session.expunge_all()
        return self.texts(topic)

    def tick(self, now: datetime, **changes: Any) -> None:
        """Do what a service does first of all when it is started."""
        self.set_clock(now)
        with self.store() as store, self.forum() as forum:
            playbooks, settings = playbooks_of(self.settings, REGISTRY), self.settings.model_copy(update=changes)
            loop, machine = DeskLoop(forum, store, settings, playbooks, "test"), Machine(now, began=now)
            there = with_clock(forum, machine)
            wall = machine.wall
            Service(there, store, settings, playbooks, wall=wall, listen=loop.listen, hear=loop.hear).tick()

    @contextmanager
    def setting(self, name: str, value: str, *, after: str) -> Iterator[None]:
        """Let a setting of the forum be another one for a while."""
        path = f"/admin/site_settings/{name}.json"
        self.call("PUT", path, json={name: value})
        yield
        self.call("PUT", path, json={name: after})

    def invite(self, username: str, topic: Topic) -> None:
        """Let somebody else read a conversation, as an LCM can."""
        with self.server.forum.database.session() as session:
            user = session.scalars(select(User.id).where(User.username == username)).one()
            session.add(TopicAllowedUser(topic_id=topic.id, user_id=user))

    def choice(self, username: str) -> tuple[bool, bool, bool] | None:
        with self.store() as store, store.begin() as session:
            row = session.scalars(select(ChoiceRow).where(ChoiceRow.username == username)).first()
            return (row.nudges, row.quoting, row.pairing) if row is not None else None


@pytest.fixture(scope="module")
def new(story_server: ForumServer, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Site]:
    folder, numbers = tmp_path_factory.mktemp("by-message"), count(1)

    def make(locale: str = "en") -> Site:
        made = begin(story_server, folder, f"letter{next(numbers):03}", STEPS, locale=locale)
        return Site(made.server, made.settings, made.key, made.category)

    return make


def test_what_waits_is_shown_in_one_message_and_decided_by_one_reply(new: Any) -> None:
    site = new()
    ask = site.ask_lcm()
    [text] = site.texts(ask)
    assert "> yes 1, no 2: it is too early" in text
    assert "**1.** Message to ana" in text
    assert "**2.** Message to ben" in text
    assert "> Ana, the newest question is [" in text
    assert site.nudged() == []
    site.say(site.lcm, "yes 1, no 2: he is on leave", day(18, 11), ask.id)
    site.look(day(18, 11.1))
    assert site.states() == ["sent", "rejected"]
    assert site.nudged() == ["Ana"]
    assert site.texts(ask)[-1] == "Sent, as you decided: 1.\nNot sent, as you decided: 2."
    with site.store() as store, store.begin() as session:
        rejected = session.scalars(select(DraftRow).where(DraftRow.state == "rejected")).one()
        assert (rejected.decided_by, rejected.decision_reason) == (site.lcm, "he is on leave")
    before = site.seen()
    for minutes in (0.2, 0.4, 2, 30):
        site.look(day(18, 11 + minutes))
    assert site.seen() == before


def test_french_is_asked_and_answered_in_french(new: Any) -> None:
    site = new("fr")
    ask = site.ask_lcm()
    assert "> oui 1, non 2\u00a0: c’est trop tôt" in site.texts(ask)[0]
    site.say(site.lcm, "Bonjour,\n\noui tout, non 2 : en congé\n\nMerci", day(18, 11), ask.id)
    site.look(day(18, 11.1))
    assert site.states() == ["sent", "rejected"]
    assert site.texts(ask)[-1].startswith("Envoyé, comme vous l’avez décidé\u00a0: 1.")


def test_what_a_run_by_a_timer_took_in_is_answered_and_leaves_the_desk_at_the_next_look(new: Any) -> None:
    site = new()
    ask = site.ask_lcm()
    assert "Message to ana" in site.texts(site.desk())[0]
    site.say(site.lcm, "no all, thanks", day(18, 10.2), ask.id)
    site.set_clock(day(18, 10.3))
    with site.store() as store, site.forum() as forum:
        letters.hear(forum, store, site.settings, day(18, 10.3))
    assert site.states() == ["rejected", "rejected"]
    site.look(day(18, 10.4))
    assert site.texts(ask)[-1] == "Not sent, as you decided: 1 and 2."
    assert "Message to ana" not in site.texts(site.desk())[0]


def test_words_that_are_not_understood_are_answered_once_and_decide_nothing(new: Any) -> None:
    site = new()
    ask = site.ask_lcm()
    site.say(site.lcm, "yes 1, but 2 once he is back", day(18, 11), ask.id)
    site.look(day(18, 11.1))
    assert site.states() == ["pending", "pending"]
    answer = site.texts(ask)[-1]
    assert "What I could read: yes 1." in answer
    assert "> yes 1, no 2: it is too early" in answer
    number = site.say(site.lcm, "yes 7, thank you", day(18, 11.2), ask.id)
    site.look(day(18, 11.3))
    assert site.texts(ask)[-1].startswith("I have shown you no 7 here.")
    site.call("PUT", f"/posts/{number}.json", site.lcm, json={"post": {"raw": "yes 1, I am sure of it"}})
    site.say(site.lcm, "Thanks a lot!", day(18, 11.4), ask.id)
    site.look(day(18, 11.5))
    assert site.texts(ask)[-1].startswith("You changed your reply after I had acted on it.")
    assert len(site.texts(ask)) == 7
    assert site.states() == ["pending", "pending"]


def test_only_lcms_and_staff_decide(new: Any) -> None:
    site = new()
    ask = site.ask_lcm()
    stranger = f"ben_{site.key}"
    site.invite(stranger, ask)
    site.say(stranger, "yes 1 2, thanks", day(18, 11), ask.id)
    site.look(day(18, 11.1))
    assert site.states() == ["pending", "pending"]
    assert len(site.texts(ask)) == 2
    moderator = f"mo_{site.key}"
    number = add_user(site.server, moderator)
    with site.server.forum.database.session() as session:
        session.get_one(User, number).moderator = True
    site.invite(moderator, ask)
    site.say(moderator, "yes 1 2, thanks", day(18, 11.2), ask.id)
    site.look(day(18, 11.3))
    assert site.states() == ["sent", "sent"]


def test_what_is_not_true_any_more_is_not_sent_and_the_lcm_hears_why(new: Any) -> None:
    site = new()
    ask = site.ask_lcm()
    site.say(site.learner, "I was away, and am back now.", day(18, 10.5), newest(site))
    site.say(site.lcm, "yes all, thanks", day(18, 11), ask.id)
    site.look(day(18, 11.1))
    assert site.nudged() == ["Ben"]
    assert site.texts(ask)[-1] == "Sent, as you decided: 2.\nI did not send 1. The learner has written meanwhile."


def newest(site: TopicsSite) -> int:
    return max(one.id for one in site._ours() if one.archetype == "regular")


def test_a_number_means_what_it_was_shown_as_and_what_was_decided_elsewhere_is_said(new: Any) -> None:
    site = new()
    ask = site.ask_lcm()
    with site.store() as store, store.begin() as session:
        first, second = sorted(session.scalars(select(DraftRow)), key=lambda row: row.body["to_learner"])
        decide_draft(first, "rejected", "kim", day(18, 10.2), "not now")
        second.body = {**second.body, "raw": f"{second.body['raw']}\n\nAnd one more thing."}
    site.say(site.lcm, "yes 1 2, thanks", day(18, 11), ask.id)
    site.look(day(18, 11.1))
    assert site.states() == ["rejected", "pending"]
    assert "The text has changed since I showed it to you: 2." in site.texts(ask)[-1]
    assert "Rejected by kim before you: 1." in site.texts(ask)[-1]
    again = site.asks()[-1]
    assert again.id != ask.id
    assert "And one more thing." in site.texts(again)[0]
    assert "**3.** Message to ben" in site.texts(again)[0]
    site.say(site.lcm, "yes 2, thank you", day(18, 11.2), again.id)
    site.look(day(18, 11.3))
    assert site.states() == ["rejected", "pending"]
    site.say(site.lcm, "yes 3, thank you", day(18, 11.4), ask.id)
    site.look(day(18, 11.5))
    assert site.states() == ["rejected", "sent"]


def test_a_word_of_a_learner_holds_at_once_and_is_confirmed_in_a_sentence(new: Any) -> None:
    site = new()
    site.begin()
    topic = site.write_to_worker(site.learner, "No nudges.", day(18, 8))
    site.look(day(18, 8.1))
    assert site.choice(site.learner) == (False, True, True)
    (said,) = site.posts(topic)[1:]
    assert said.startswith("I will not write to you personally any more: ")
    site.run(QUIET)
    site.look(QUIET)
    site.say(site.lcm, "yes all, thanks", day(18, 11), site.asks()[-1].id)
    site.look(day(18, 11.1))
    assert site.nudged() == ["Ben"]
    for hour, word, held in (
        (11.5, "ne me citez pas", (False, False, True)),
        (11.6, "Start again", (True, False, True)),
        (11.65, "you may quote me", (True, True, True)),
        (11.7, "stop, please", (False, False, False)),
    ):
        site.say(site.learner, word, day(18, hour), topic)
        site.look(day(18, hour))
        assert site.choice(site.learner) == held
    assert site.posts(topic)[3].startswith("Je ne vous citerai ni ne vous nommerai")
    assert len(site.posts(topic)) == 10


def test_a_lost_store_knows_again_what_learners_chose_by_message_and_does_nothing_else_with_old_words(
    new: Any,
) -> None:
    site = new()
    site.begin()
    topic = site.write_to_worker(site.learner, "No nudges.", day(18, 8))
    site.say(site.learner, "Where do I find the slides?", day(18, 8.2), topic)
    other = site.write_to_worker(f"ben_{site.key}", "stop, please", day(18, 8.3))
    site.say(f"ben_{site.key}", "start again", day(18, 8.4), other)
    site.say(site.learner, "ne me citez pas", day(18, 8.5), topic)
    site.look(day(18, 9))
    wrote = [site.posts(one) for one in (topic, other)]
    site.lose_store()
    site.look(day(18, 9.5))
    assert site.choice(site.learner) == (False, False, True)
    assert site.choice(f"ben_{site.key}") == (True, False, True)
    assert [site.posts(one) for one in (topic, other)] == wrote
    with site.store() as store, store.begin() as session:
        assert list(session.scalars(select(WaitingRow))) == []


def test_a_conversation_that_a_new_store_cannot_read_is_heard_once_it_can_be(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new()
    site.begin()
    site.write_to_worker(site.learner, "No nudges.", day(18, 8))
    site.look(day(18, 8.1))
    site.lose_store()
    with monkeypatch.context() as broken:
        broken.setattr(Forum, "topic", lambda self, number: None)
        site.look(day(18, 9))
    assert site.choice(site.learner) is None
    with site.store() as store, store.begin() as session:
        assert unheard(session, site.settings.forum.name).accounts
    site.look(day(18, 9.5))
    assert site.choice(site.learner) == (False, True, True)
    with site.store() as store, store.begin() as session:
        assert unheard(session, site.settings.forum.name) == Unheard()


def test_a_new_store_that_is_killed_while_it_reads_what_was_written_before_goes_on_where_it_was(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new()
    site.begin()
    other = f"ben_{site.key}"
    first = site.write_to_worker(site.learner, "No nudges.", day(18, 8))
    said = ((8.2, "Good morning to you!"), (8.3, "ne me citez pas"))
    last = [site.write_to_worker(other, words, day(18, hour)) for hour, words in said]
    site.lose_store()
    topic, read = Forum.topic, []

    def dying(self: Forum, number: int) -> Any:
        if read and read[-1] == last[0]:  # the newest are read first
            raise Killed
        read.append(number)
        return topic(self, number)

    with monkeypatch.context() as deadly:
        deadly.setattr(Forum, "topic", dying)
        with pytest.raises(Killed):
            site.look(day(18, 8.35))
    site.say(other, "stop, please", day(18, 8.4), last[0])
    monkeypatch.setattr(Forum, "topic", lambda self, number: read.append(number) or topic(self, number))
    site.look(day(18, 9))
    assert [number for number in read if number in (first, *last)] == [last[1], last[0], last[0], first]
    site.look(day(18, 9.1))
    assert site.choice(site.learner) == (False, True, True)
    assert site.choice(other) == (False, False, False)


@pytest.mark.parametrize("moment", ["topic", "_get"])
def test_a_conversation_that_is_written_to_while_a_new_store_reads_the_others_is_read_too(
    new: Any, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    site = new()
    site.begin()
    topic = site.write_to_worker(site.learner, "No nudges.", day(18, 8))
    others = f"mo_{site.key}"
    number = add_user(site.server, others)
    with site.server.forum.database.session() as session:
        session.get_one(User, number).moderator = True
    for place in range(MESSAGES_A_PAGE):  # so that the learner's is on the second page
        site.write_to_worker(others, f"A word to you, and it is number {place}.", day(18, 8.2 + place / 100))
    site.lose_store()
    real, bumped = getattr(Forum, moment), []

    def meanwhile(self: Forum, *given: Any, **more: Any) -> Any:
        answer = real(self, *given, **more)
        if not bumped and (moment == "topic" or "private-messages" in given[0]):
            bumped.append(site.say(site.learner, "And thank you for asking.", day(18, 9), topic))
        return answer

    monkeypatch.setattr(Forum, moment, meanwhile)
    site.look(day(18, 9))
    site.look(day(18, 9.1))
    assert bumped
    assert site.choice(site.learner) == (False, True, True)


def test_who_said_stop_while_the_worker_was_down_gets_nothing_when_it_is_back(new: Any) -> None:
    site = new()
    site.begin()
    site.write_to_worker(site.learner, "Stop, please", day(18, 9))
    site.tick(QUIET)
    assert site.states() == ["pending"]
    with site.store() as store, store.begin() as session:
        assert [row.body["recipients"] for row in session.scalars(select(DraftRow))] == [[f"ben_{site.key}"]]


def test_a_cohort_whose_key_was_changed_gets_no_message_until_somebody_says_whether_it_is_the_same(new: Any) -> None:
    site = new()
    site.begin()
    old, cohort = site.key, site.settings.cohorts[0]
    topics, messages = site.topics(), len(site.messages())
    names = {"group": cohort.group, "lcm_group": cohort.lcm_group, "category_slug": cohort.category_slug}
    site.change(key="another", **names)
    site.write_to_worker(site.learner, "No nudges.", day(18, 8.5))
    site.tick(QUIET)
    site.look(QUIET + timedelta(hours=2))
    assert site.choice(site.learner) == (False, True, True)
    assert f"looks like '{old}'" in str(site.run(day(18, 13)).standing)
    assert (site.topics(), len(site.messages())) == (topics, messages)
    with site.store() as store, store.begin() as session:
        rename_cohort(session, site.settings.forum.name, old, "another", renewed_key)
    assert site.run(day(18, 14)).standing == []
    assert site.topics() == topics


def test_a_run_by_a_timer_hears_who_said_stop_before_it_writes_to_anybody(new: Any, tmp_path: Path) -> None:
    site = new()
    site.begin()
    topic = site.write_to_worker(site.learner, "Stop, please", day(18, 9))
    site.set_clock(QUIET)
    config, cohort = tmp_path / "lcm.yaml", site.settings.cohorts[0]
    config.write_text(
        f"forum: {{url: '{site.server.url}', api_username: forumadmin, key_env: PRACTICE_KEY}}\n"
        f"store: '{site.settings.store}'\nplaybooks: ['{site.settings.playbooks[0]}']\n"
        f"cohorts:\n- {{key: {site.key}, name: C, timezone: UTC, start: 2027-03-01, end: {cohort.end},"
        f" group: {site.key}, lcm_group: {cohort.lcm_group}, playbook: ours}}\n",
        encoding="utf-8",
    )
    timer = ["playbook", "run", "ours", "--cohort", site.key, "--now", QUIET.isoformat(), "--config", str(config)]
    ran = CliRunner().invoke(main, timer, env={"PRACTICE_KEY": DEFAULT_KEY})
    assert ran.exit_code == 0, ran.output
    with site.store() as store, store.begin() as session:
        assert [row.body["recipients"] for row in session.scalars(select(DraftRow))] == [[f"ben_{site.key}"]]
    later = [*timer[:6], (QUIET + timedelta(minutes=5)).isoformat(), *timer[7:]]
    assert CliRunner().invoke(main, later, env={"PRACTICE_KEY": DEFAULT_KEY}).exit_code == 0
    assert site.posts(topic)[1].startswith("From now on I leave you in peace")


def test_nothing_is_written_to_anybody_while_what_people_wrote_cannot_be_read(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, send = new(), requests.Session.send
    site.begin()
    site.write_to_worker(site.learner, "Stop, please", day(18, 9))

    def but_for_messages(session: Any, request: Any, **more: Any) -> Any:
        if "/topics/private-messages" in request.url:
            raise requests.ConnectionError("connection reset")
        return send(session, request, **more)

    with monkeypatch.context() as patched:
        patched.setattr(requests.Session, "send", but_for_messages)
        site.tick(QUIET)
    assert site.states() == []
    site.tick(QUIET + timedelta(minutes=1))
    assert site.states() == ["pending"]


def test_what_was_read_before_reading_failed_is_acted_on_once_all_of_it_is_read(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, send = new(), requests.Session.send
    ask = site.ask_lcm()
    site.say(site.lcm, "yes all, thanks", day(18, 11), ask.id)
    talk = site.write_to_worker(site.learner, "Stop, please", day(18, 11.05))

    def but_for_the_talk(session: Any, request: Any, **more: Any) -> Any:
        if f"/t/{talk}" in request.url:
            raise requests.ConnectionError("connection reset")
        return send(session, request, **more)

    with monkeypatch.context() as patched:
        patched.setattr(requests.Session, "send", but_for_the_talk)
        site.look(day(18, 11.1))
    assert (site.states(), site.nudged()) == (["approved", "approved"], [])
    site.look(day(18, 11.2))
    assert site.nudged() == ["Ben"]
    assert site.texts(ask)[-1].startswith("Sent, as you decided: 2.")


def answered(request: Any, status: int, body: str) -> requests.Response:
    """An answer that the forum did not give."""
    response = requests.Response()
    response.status_code, response.url, response.request = status, request.url, request
    response.headers["Content-Type"] = "application/json"
    response.raw = HTTPResponse(io.BytesIO(body.encode()), status=status, preload_content=False)
    return response


REFUSED = '{"errors": ["You are not permitted to view the requested resource."], "error_type": "invalid_access"}'


REFUSALS = [(403, REFUSED), (404, REFUSED), (500, "{}"), (200, '{"id": "odd"}')]


def test_who_may_have_said_stop_where_the_forum_does_not_show_it_gets_nothing_and_others_do(
    new: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    site, send = new(), requests.Session.send
    ask = site.ask_lcm()
    site.say(site.lcm, "yes all, thanks", day(18, 11), ask.id)
    talk = site.write_to_worker(site.learner, "Stop, please", day(18, 11.05))

    def but_for_the_talk(session: Any, request: Any, **more: Any) -> Any:
        return answered(request, *refusal) if f"/t/{talk}" in request.url else send(session, request, **more)

    with monkeypatch.context() as patched:
        patched.setattr(requests.Session, "send", but_for_the_talk)
        for number, refusal in enumerate(REFUSALS, 1):  # noqa: B007  (the forum answers it)
            site.look(day(18, 11 + number / 10))
            assert site.nudged() == ["Ben"]
        [said] = unread_lines(site)
        assert said.startswith(f"{site.server.url}/t/{talk} cannot be read since 2027-03-18 11:06 UTC: ")
        assert "Nothing is sent to those who may have written there" in said
    assert [one.levelname for one in caplog.records if f"/t/{talk} cannot be read" in one.message] == ["WARNING"]
    site.look(day(18, 12))
    assert site.choice(site.learner) == (False, False, False)
    site.run(day(18, 14))
    assert (site.nudged(), unread_lines(site)) == (["Ben"], [])


def unread_lines(site: Site) -> list[str]:
    with site.store() as store, store.begin() as session:
        return unread_in_words(session, site.settings.forum.name, site.server.url)


def test_a_conversation_that_is_deleted_before_it_could_be_read_holds_nothing_back(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, send = new(), requests.Session.send
    ask = site.ask_lcm()
    site.say(site.lcm, "yes all, thanks", day(18, 11), ask.id)
    talk = site.write_to_worker(site.learner, "What is this about?", day(18, 11.05))

    def but_for_the_talk(session: Any, request: Any, **more: Any) -> Any:
        return answered(request, 500, "{}") if f"/t/{talk}" in request.url else send(session, request, **more)

    with monkeypatch.context() as patched:
        patched.setattr(requests.Session, "send", but_for_the_talk)
        site.look(day(18, 11.1))
    assert site.nudged() == ["Ben"]
    site.call("DELETE", f"/t/{talk}.json")
    site.look(day(18, 11.3))
    assert unread_lines(site) == []
    site.run(day(18, 12.5))
    assert sorted(site.nudged()) == ["Ana", "Ben"]


def test_nothing_is_written_to_anybody_while_another_worker_reads_what_people_wrote(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letters, "WAIT_SECONDS", 0.0)
    site = new()
    site.begin()
    site.write_to_worker(site.learner, "Stop, please", day(18, 9))
    site.set_clock(QUIET)
    playbooks = playbooks_of(site.settings, REGISTRY)
    with site.store() as store, site.forum() as forum:
        listen = partial(letters.hear, forum, store, site.settings, QUIET)
        with store.exclusive(f"messages {forum.name}"):
            assert run_due(forum, store, site.settings, playbooks, QUIET, hear=listen).busy
        assert site.states() == []
        assert not run_due(forum, store, site.settings, playbooks, QUIET, hear=listen).busy
    with site.store() as store, store.begin() as session:
        assert [row.body["recipients"] for row in session.scalars(select(DraftRow))] == [[f"ben_{site.key}"]]


def test_what_another_worker_was_reading_does_not_count_as_read_here(new: Any) -> None:
    site = new()
    site.begin()
    site.write_to_worker(site.learner, "Stop, please", day(18, 9))
    site.set_clock(QUIET)
    with site.store() as store, site.forum() as forum:
        loop = DeskLoop(forum, store, site.settings, playbooks_of(site.settings, REGISTRY), "test")
        with store.exclusive(f"messages {forum.name}"):
            assert loop.listen(QUIET)
        loop.hear(QUIET)
    assert site.choice(site.learner) == (False, False, False)


def test_what_could_not_be_heard_is_heard_before_the_next_thing_is_sent() -> None:
    tried: list[str] = []

    def listen() -> None:
        tried.append("read")
        if len(tried) == 1:
            raise NotHeard

    ear = Ear(listen)
    with pytest.raises(NotHeard):
        ear.hear()
    ear.hear()
    ear.hear()
    assert tried == ["read", "read"]


def test_words_that_are_no_choice_wait_for_the_lcm_and_are_not_answered(new: Any) -> None:
    site = new()
    site.begin()
    topic = site.write_to_worker(site.learner, "I cannot come on Tuesday, who could help me?", day(17, 8.5))
    site.look(day(17, 9))
    assert len(site.posts(topic)) == 1
    [ask] = site.asks()
    text = site.texts(ask)[0]
    assert "> I cannot come on Tuesday, who could help me?" in text
    assert "“done 1, thank you”" in text
    site.run(day(17, 9.5))
    note = site.note("waits for you this morning")
    assert f"/u/{site.learner}) wrote to me and needs an answer from a person" in note
    assert "“done 1, thank you”" in note
    assert "Tuesday, who could help" not in note
    site.say(site.lcm, "later 1, thank you", day(17, 10), ask.id)
    site.look(day(17, 10.1))
    assert site.texts(ask)[-1] == "I come back to 1 on Wednesday 24\u00a0March."
    site.look(day(24, 11))
    assert len(site.asks()) == 2
    site.say(site.lcm, "done 1, thank you", day(24, 12), site.asks()[-1].id)
    site.look(day(24, 12.1))
    with site.store() as store, store.begin() as session:
        assert session.scalars(select(WaitingRow.state)).all() == ["done"]
    site.look(day(24, 20))
    assert len(site.asks()) == 2


def test_a_look_at_which_nobody_wrote_is_one_call(new: Any) -> None:
    site = new()
    site.ask_lcm()
    assert site.look(day(18, 10.5)) == 2  # one of them looks for the plugin
    assert (
        site.look(
            day(18, 10.6),
            cohorts=tuple(one.model_copy(update={"by_message": "never"}) for one in site.settings.cohorts),
        )
        == 2  # learners are heard
    )


def test_a_no_in_answer_to_a_message_of_ours_counts_though_the_lcms_read_along(new: Any) -> None:
    site = new()
    ask = site.ask_lcm()
    site.say(site.lcm, "yes all, thanks", day(18, 11), ask.id)
    site.look(day(18, 11.1))
    [nudge] = [one for one in site.messages() if one.title.startswith("Ana, one thing from")]
    with site.server.forum.database.session() as session:
        group = session.scalars(select(Group.id).where(Group.name == f"{site.key}-lcm")).one()
        session.add(TopicAllowedGroup(topic_id=nudge.id, group_id=group))
    site.say(site.learner, "Please do not quote me, thank you", day(18, 12), nudge.id)
    site.look(day(18, 12.1))
    assert site.choice(site.learner) == (True, False, True)
    assert len(site.texts(nudge)) == 3


def test_a_no_counts_though_other_learners_read_it(new: Any) -> None:
    site = new()
    site.begin()
    topic = site.write_to_worker(site.learner, "Please do not quote me, thank you", day(18, 8))
    with site.server.forum.database.session() as session:
        conversation = session.get_one(Topic, topic)
        session.expunge_all()
    site.invite(f"ben_{site.key}", conversation)
    site.say(f"ben_{site.key}", "You may quote me.", day(18, 8.05), topic)
    site.look(day(18, 8.1))
    assert site.choice(site.learner) == (True, False, True)
    assert site.choice(f"ben_{site.key}") is None
    assert len(site.posts(topic)) == 3


@pytest.mark.parametrize("before", ["Thank you, that helped me.", "No nudges, please", "You may quote me."])
def test_a_no_that_is_written_into_an_older_message_counts_once_it_is_read(new: Any, before: str) -> None:
    site = new()
    site.begin()
    topic = site.write_to_worker(site.learner, "Thank you for your message.", day(18, 8))
    post = site.say(site.learner, before, day(18, 8.1), topic)
    site.look(day(18, 8.2))
    site.set_clock(day(18, 9))
    edit = {"post": {"raw": "Please do not quote me, thank you"}}
    site.call("PUT", f"/posts/{post}.json", site.learner, json=edit)
    if len(site.posts(topic)) > 2:  # an answer of ours stands below it: the list of messages says nothing of the edit
        site.say(site.learner, "Thank you for all of this.", day(18, 9.1), topic)
    for hour in (9.2, 9.3):
        site.look(day(18, hour))
        choice = site.choice(site.learner)
        assert choice is not None
        assert not choice[1]
    said = [text for text in site.posts(topic) if text.startswith("I will neither quote you nor")]
    assert len(said) == 1
    site.lose_store()
    site.look(day(18, 10))
    again = site.choice(site.learner)
    assert again is not None
    assert not again[1]
    assert [text for text in site.posts(topic) if text.startswith("I will neither quote you nor")] == said


def test_a_no_is_heard_before_anything_is_sent_though_lcms_decide_elsewhere(new: Any) -> None:
    site = new()
    never = tuple(one.model_copy(update={"by_message": "never"}) for one in site.settings.cohorts)
    site.begin()
    topic = site.write_to_worker(site.learner, "Stop, please", day(18, 9))
    site.tick(QUIET, cohorts=never)
    with site.store() as store, store.begin() as session:
        assert [row.body["recipients"] for row in session.scalars(select(DraftRow))] == [[f"ben_{site.key}"]]
    assert site.posts(topic)[1].startswith("From now on I leave you in peace")


def test_a_reply_for_a_cohort_that_is_no_more_starts_no_run(new: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    site = new()
    site.begin()
    site.look(day(18, 8))
    gone = {"cohort": "gone", "username": "lea", "digest": "", "outcome": "decided", "content": {}}
    with site.store() as store, store.begin() as session:
        session.add(
            ReplyRow(forum=site.settings.forum.name, post_id=1, topic_id=1, user_id=1, answered=False,
                     changed_said=False, at=day(18), **gone)
        )  # fmt: skip
    runs: list[object] = []
    monkeypatch.setattr("sync_worker.desk.letters.run_due", lambda *given, **_: runs.append(given))
    site.look(day(18, 9))
    assert runs == []


def test_the_desk_is_a_message_to_the_lcms_that_is_edited_where_something_changed(new: Any) -> None:
    site = new()
    site.ask_lcm()
    [text] = site.texts(site.desk())
    assert "**1.** Message to ana" in text
    assert f"[Ana]({site.server.url}/u/ana_{site.key}): " in text
    assert "Ana wrote" not in text
    assert "Three posts by three people since Monday." in text
    assert "| 1–7\u00a0March | 3 | 3 |" in text
    figure = "![Posts week by week: 1–7\u00a0March: 3, 8–14\u00a0March: 3|690x240](upload://"
    assert (figure in text) is (find_spec("matplotlib") is not None)
    before = site.desk()
    assert site.look(day(18, 11.5)) == 7  # to look for the plugin and messages; site, category, topics, two groups
    assert site.texts(site.desk()) == [text]  # nothing but the time is new
    site.say(site.lcm, "yes 1, no 2: he is on leave", day(18, 12), before.id)
    site.look(day(18, 12.1))
    after = site.desk()
    assert site.states() == ["sent", "rejected"]
    assert "Nothing." in site.texts(after)[0]
    assert site.texts(after)[-1].startswith("Sent, as you decided: 1.")
    assert len(site.texts(after)) == 3


def test_a_desk_at_whose_writing_the_worker_dies_is_written_at_the_next_look(
    new: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = new()
    site.run(day(17, 7))

    def die(_: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(letters.DeskTopic, "bring_up_to_date", die)
        with pytest.raises(Killed):
            site.look(day(17, 8))
    site.look(day(17, 8.1))
    assert site.desk()


def test_a_figure_is_uploaded_when_it_changed_and_once_a_week_at_most(new: Any) -> None:
    pytest.importorskip("matplotlib")
    site, first = new(), day(1).date()
    with site.store() as store, site.forum() as forum:

        def shown(weeks: int, today: int) -> tuple[str, int]:
            before = forum.calls.total
            some = [WeekShown(first + timedelta(weeks=number), 3 + number, 2) for number in range(weeks)]
            chart = Chart(forum, store, complete_cohort(site.settings.cohorts[0]), day(today))
            return chart.shown(some), forum.calls.total - before

        assert shown(2, 8) == ("", 0)  # one week is over
        two, calls = shown(3, 15)
        assert calls == 1
        assert two.startswith("![Posts week by week: 1–7\u00a0March: 3, 8–14\u00a0March: 4|690x240](upload://")
        assert shown(3, 16) == (two, 0)
        assert shown(4, 21) == (two, 0)
        three, calls = shown(4, 22)
        assert (three != two, calls) == (True, 1)
        with site.setting("authorized_extensions", "pdf", after="jpg|jpeg|png|gif"):
            assert shown(5, 29) == (three, 1)  # refused: the last one stays


def test_the_desk_is_not_written_while_somebody_else_can_read_it(new: Any) -> None:
    site = new()
    site.begin()
    [text] = site.texts(site.desk())
    site.invite(f"ben_{site.key}", site.desk())
    site.run(QUIET)
    for hours in (10, 12, 14):
        site.look(day(18, hours))
    assert site.texts(site.desk())[0] == text
    [warning] = site.texts(site.desk())[1:]
    assert warning.startswith("The desk is not kept up to date any more")
    assert f"ben\\_{site.key}" in warning


def test_all_on_the_desk_is_what_was_there_before_the_lcm_could_look(new: Any) -> None:
    site = new()
    site.begin()
    site.run(QUIET)
    site.look(QUIET)
    site.say(site.lcm, "yes all, thank you", day(18, 10.05), site.desk().id)
    site.look(day(18, 10.1))
    assert site.states() == ["pending", "pending"]
    assert "only minutes before you wrote" in site.texts(site.desk())[-1]
    site.say(site.lcm, "yes all, thanks", day(18, 11), site.desk().id)
    site.look(day(18, 11.1))
    assert site.states() == ["sent", "sent"]


def day_of_decisions(site: Site, look: Callable[[datetime], object]) -> tuple[Any, ...]:
    """Two drafts are shown and decided on, and a learner says a word and a sentence; return what came of it all."""
    site.begin()
    site.run(QUIET)
    look(QUIET)
    ask = site.asks()[-1]
    topic = site.write_to_worker(site.learner, "no pairs, please", day(18, 10.5))
    site.say(site.learner, "And who could help me on Tuesday?", day(18, 10.6), topic)
    site.say(site.lcm, "yes 1, no 2: he is on leave", day(18, 11), ask.id)
    site.say(site.lcm, "and what then?", day(18, 11.05), ask.id)
    look(day(18, 11.1))
    look(day(18, 12.2))
    seen = re.sub(r"As of [^.]*\.", "", repr(site.seen()))  # when the desk was written last
    return site.states(), site.choice(site.learner), seen, site.posts(topic)


def test_killed_at_any_moment_it_decides_and_answers_once(new: Any, reaper: Any) -> None:
    site = new()
    expected = day_of_decisions(site, site.look)
    assert expected[0] == ["sent", "rejected"]
    deaths = 0
    for seed in (1, 4):
        site, chance = new(), random.Random(seed)

        def look(now: datetime, site: Site = site, chance: random.Random = chance) -> None:
            nonlocal deaths
            for moment in (*(chance.randrange(1, 70) for _ in range(4)), 0):
                with reaper(moment).at_work():
                    try:
                        site.look(now)
                    except reaper.Killed:
                        deaths += 1
            site.look(now + timedelta(minutes=2))  # what was cut off is finished

        assert day_of_decisions(site, look) == expected, seed
    assert deaths > 8
