"""Leavers leave advice and questions; the next cohort reads what may be shown; LCMs compare answers to one prompt."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select

from sync_worker.config.settings import CohortSettings, ForumSettings, Settings
from sync_worker.forum import Forum, Patience
from sync_worker.membership.applying.making import GROUP_FIELDS
from sync_worker.membership.records.memberships import MembershipStore
from sync_worker.playbook.checks import check_playbooks
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from sync_worker.practice_forum.tables import Topic
from sync_worker.store.database import Store, open_store
from sync_worker.store.tables import ChoiceRow, DraftRow
from sync_worker.worker.run import run_due
from sync_worker.worker.run_report import RunReport
from tests.worker.conftest import deadly_lives

PLAYBOOK = """\
playbook: passing
title: {en: Passing on, fr: Transmettre}
version: 1
steps:
  - {id: notes, at: start +2d 09:00, play: relay, with: {relay: pass_on, pin: 7d}}
  - {id: same, at: start +7d 09:00, play: prompt, with: {deck: apply-it}}
  - {id: compare, at: start +12d 09:00, play: relay, with: {relay: compare, topic: same}}
  - {id: ask, at: end -5d 09:00, play: relay, with: {relay: ask}}
"""
SHIPPED = Path(__file__).resolve().parents[2] / "playbooks" / "first-steps"
EARLY, LATE = date(2027, 1, 4), date(2027, 4, 5)
LENGTH = timedelta(days=32)
ADA = "I booked half an hour every Friday for this and kept it. How do you keep it when the ward is short of people?"
BEA = "Begin with the smallest hand-over there is, and tell nobody that it is a test. Without my name, please."
CLEO = "My manager reads along, so let us be careful. Only for us: the meeting of March went badly wrong."
DAN = "Ask the night shift first, because they see what nobody tells you during the day."


@dataclass
class School:
    """Two cohorts of one programme on one practice forum, a worker, and their people."""

    server: ForumServer
    folder: Path
    number: int
    programme: str | None = "leadership"
    locale: str = "en"
    categories: dict[str, int] = field(default_factory=dict)

    @property
    def early(self) -> str:
        return f"early-{self.number}"

    @property
    def late(self) -> str:
        return f"late-{self.number}"

    @property
    def settings(self) -> Settings:
        def cohort(key: str, start: date) -> CohortSettings:
            return CohortSettings.model_validate({
                "key": key, "name": f"Cohort {key}", "start": start, "end": start + LENGTH, "timezone": "UTC",
                "locale": self.locale, "playbook": "passing",
                **({"programme": f"{self.programme}-{self.number}"} if self.programme else {}),
            })  # fmt: skip

        return Settings(
            forum=ForumSettings(url=self.server.url, calls_per_minute=1_000_000),
            store=f"sqlite:///{self.folder / str(self.number)}.db",
            playbooks=(self.folder / "passing",),
            cohorts=(cohort(self.early, EARLY), cohort(self.late, LATE)),
        )

    def found(self) -> None:
        """Make groups and private categories: nobody sees another cohort's."""
        self.set_clock(datetime(2027, 1, 2, tzinfo=UTC))
        with self.forum() as forum, self.store() as store:
            memory = MembershipStore(store.sessions, forum.name)
            for key in (self.early, self.late):
                made = [forum.create_group(name, key, **GROUP_FIELDS).id for name in (key, f"{key}-lcm")]
                for name, number in zip((key, f"{key}-lcm"), made, strict=True):
                    memory.write_created("group", name, number, "sync", datetime(2027, 1, 2, tzinfo=UTC))
                category = forum.create_category(f"Cohort {key}", key, {key: 1, f"{key}-lcm": 1})
                self.categories[key] = category.id
                memory.write_created("category", key, category.id, "sync", datetime(2027, 1, 2, tzinfo=UTC))
        for person in ("ada", "bea", "cleo", "dan", "lena"):
            self.add(person, self.early)
        self.put("lena", f"{self.early}-lcm")
        self.add("nils", self.late)
        self.put("nils", f"{self.late}-lcm")

    def username(self, person: str) -> str:
        return f"{person}_{self.number}"

    def add(self, person: str, group: str) -> None:
        name = self.username(person)
        self.call("POST", "/users.json", name=person.title(), username=name, email=f"{name}@example.org",
                  password="correct-horse-battery", active=True, approved=True)  # fmt: skip
        self.put(person, group)

    def put(self, person: str, group: str) -> None:
        number = self.call("GET", f"/groups/{group}.json")["group"]["id"]
        self.call("PUT", f"/groups/{number}/members.json", usernames=self.username(person))

    def user_id(self, person: str) -> int:
        return int(self.call("GET", f"/u/{self.username(person)}.json")["user"]["id"])

    def store(self) -> closing[Store]:
        return closing(open_store(self.settings.store))

    @contextmanager
    def forum(self) -> Iterator[Forum]:
        with Forum.connect(self.settings.forum, DEFAULT_KEY, patience=Patience(attempts=1)) as forum:
            yield forum

    def set_clock(self, now: datetime) -> None:
        self.call("PUT", "/practice/clock.json", now=now.isoformat())

    def call(self, method: str, path: str, as_user: str = "system", **data: Any) -> Any:
        headers = {"Api-Key": DEFAULT_KEY, "Api-Username": as_user}
        answer = requests.request(method, f"{self.server.url}{path}", headers=headers, json=data or None, timeout=60)
        assert answer.ok, answer.text
        return answer.json() if answer.text.strip() else None

    def run(self, now: datetime) -> RunReport:
        self.set_clock(now)
        with self.store() as store, self.forum() as forum:
            playbooks = playbooks_of(self.settings, REGISTRY)
            report = run_due(forum, store, self.settings, playbooks, now)
        assert report.failures == [], report.failures
        return report

    def topic_of(self, report: RunReport, step: str) -> int:
        return next(deed.topic_id or 0 for deed in report.deeds if deed.step == step)

    def say(self, person: str, topic: int, raw: str) -> int:
        return int(self.call("POST", "/posts.json", self.username(person), topic_id=topic, raw=raw)["id"])

    def text(self, topic: int) -> str:
        """A topic's first post as its readers see it, without marks."""
        cooked = self.call("GET", f"/t/{topic}.json")["post_stream"]["posts"][0]["cooked"]
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", cooked)).replace("\u2060", "").split())

    def leave(self) -> int:
        """Let the early cohort end: its people are asked, and four of them answer."""
        for number in (2, 7, 12):
            self.run(at(EARLY, number))
        asked = self.topic_of(self.run(at(EARLY, 27)), "ask")
        self.set_clock(at(EARLY, 28))
        for person, raw in (("ada", ADA), ("bea", BEA), ("cleo", CLEO), ("dan", DAN)):
            self.say(person, asked, raw)
        return asked

    def approve(self) -> list[str]:
        """Let the LCM approve every draft that waits; return their texts."""
        with self.store() as store, store.begin() as session:
            rows = session.scalars(select(DraftRow).where(DraftRow.state == "pending")).all()
            for row in rows:
                row.state, row.decided_by = "approved", self.username("nils")
            return [str(row.body["raw"]) for row in rows]

    def handed_on(self) -> str:
        """What the late cohort reads once its LCM has approved it."""
        reports = [self.run(at(LATE, 2))]
        self.approve()
        reports.append(self.run(at(LATE, 2, 10)))
        deeds = [deed for report in reports for deed in report.deeds]
        topics = [deed.topic_id for deed in deeds if deed.step == "notes" and deed.action == "topic" and deed.topic_id]
        assert len(topics) == 1, [report.to_json() for report in reports]
        return self.text(topics[0])


def at(start: date, days: int, hour: int = 9) -> datetime:
    """That hour of a cohort's day."""
    return datetime(start.year, start.month, start.day, hour, tzinfo=UTC) + timedelta(days=days)


@pytest.fixture(scope="module")
def new_school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., School]]:
    """Make two cohorts nobody else uses."""
    folder, numbers = tmp_path_factory.mktemp("relay"), count(1)
    (folder / "passing" / "decks").mkdir(parents=True)
    (folder / "passing" / "templates").mkdir()
    (folder / "passing" / "playbook.yml").write_text(PLAYBOOK, encoding="utf-8")
    for language in ("en", "fr"):
        for name in (f"decks/apply-it.{language}.yml", f"templates/prompt.{language}.md"):
            (folder / "passing" / name).write_bytes((SHIPPED / name).read_bytes())
    with ForumServer(":memory:") as server:

        def make(**more: Any) -> School:
            school = School(server, folder, next(numbers), **more)
            school.found()
            return school

        yield make


@pytest.fixture
def school(new_school: Callable[..., School]) -> School:
    return new_school()


def test_the_next_cohort_reads_what_leavers_left_with_their_names_or_without_as_each_chose(school: School) -> None:
    asked = school.text(school.leave())
    assert "the people of the next cohort read it in your own words, with your name" in asked
    read = school.handed_on()
    assert "I booked half an hour every Friday for this and kept it. Ada" in read
    assert "How do you keep it when the ward is short of people? Ada" in read
    assert f"tell nobody that it is a test. somebody in Cohort {school.early}" in read
    assert "Bea" not in read
    assert "Cleo" not in read
    assert "March" not in read
    assert "Ask the night shift first" in read
    assert school.run(at(LATE, 2, 11)).is_empty


def test_what_leavers_wrote_waits_for_an_lcm_who_reads_what_no_list_of_words_knows(school: School) -> None:
    asked = school.leave()
    school.set_clock(at(EARLY, 29))
    school.say("dan", asked, "And please keep what I said among the people who were there.")
    report = school.run(at(LATE, 2))
    assert [deed.action for deed in report.deeds if deed.step == "notes"] == []
    [waiting] = school.approve()
    assert "Ask the night shift first" in waiting


def _edit(school: School, asked: int, raw: str) -> None:
    posts = school.call("GET", f"/t/{asked}.json")["post_stream"]["posts"]
    post = next(one for one in posts if one["username"] == school.username("ada"))
    school.call("PUT", f"/posts/{post['id']}.json", school.username("ada"), post={"raw": raw})


def _remove(school: School, asked: int) -> None:
    posts = school.call("GET", f"/t/{asked}.json")["post_stream"]["posts"]
    post = next(one for one in posts if one["username"] == school.username("ada"))
    school.call("DELETE", f"/posts/{post['id']}.json")


def _ask_not_to_be_quoted(school: School, asked: int) -> None:
    del asked
    with school.store() as store, store.begin() as session:
        session.add(
            ChoiceRow(
                forum=school.settings.forum.name, user_id=school.user_id("ada"), username=school.username("ada"),
                at=at(LATE, 1), nudges=True, quoting=False, pairing=True,
            )
        )  # fmt: skip


CHANGES: dict[str, Callable[[School, int], object]] = {
    "deleted": _remove,
    "edited": lambda school, asked: _edit(school, asked, "I have thought better of it, and leave nothing here."),
    "said only for us later": lambda school, asked: school.say("ada", asked, "On reflection: that is only for us."),
    "asked not to be quoted": _ask_not_to_be_quoted,
    "suspended": lambda school, _: school.call(
        "PUT", f"/admin/users/{school.user_id('ada')}/suspend.json",
        suspend_until="2030-01-01", reason="a test of the worker",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_words_that_may_not_be_shown_any_more_are_left_out(school: School, change: str) -> None:
    asked = school.leave()
    school.set_clock(at(LATE, 1))
    CHANGES[change](school, asked)
    read = school.handed_on()
    assert "half an hour every Friday" not in read
    assert "Ask the night shift first" in read


def test_who_asks_later_not_to_be_quoted_leaves_what_was_handed_on(school: School) -> None:
    school.leave()
    reports = [school.run(at(LATE, 2))]
    school.approve()
    reports.append(school.run(at(LATE, 2, 10)))
    [topic] = {
        deed.topic_id for one in reports for deed in one.deeds if (deed.step, deed.action) == ("notes", "topic")
    } - {None}
    assert topic is not None
    assert "half an hour every Friday" in school.text(topic)
    _ask_not_to_be_quoted(school, topic)
    school.run(at(LATE, 3))
    read = school.text(topic)
    assert "half an hour every Friday" not in read
    assert "short of people" not in read
    assert "Ada" not in read
    assert "Ask the night shift first, because they see what nobody tells you during the day. Dan" in read
    assert school.run(at(LATE, 3, 10)).is_empty


def test_nothing_is_handed_on_once_the_promise_was_taken_out_of_the_topic(school: School) -> None:
    asked = school.leave()
    opening = school.call("GET", f"/t/{asked}.json")["post_stream"]["posts"][0]
    school.call("PUT", f"/posts/{opening['id']}.json", post={"raw": "Just tell us what you think about all of it."})
    report = school.run(at(LATE, 2))
    [happening] = [one for one in report.happenings if one.step == "notes"]
    assert (happening.outcome, happening.reason) == (
        "nothing",
        f"nobody in Cohort {school.early} left anything that may be shown",
    )


def test_words_taken_back_after_the_notes_were_drafted_are_left_out_of_what_is_sent(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = school.leave()
    create = Forum.create_topic

    def outage(self: Forum, *_: Any, **__: Any) -> Any:
        self.itself.server_time()
        raise KeyboardInterrupt

    school.run(at(LATE, 2))
    school.approve()
    monkeypatch.setattr(Forum, "create_topic", outage)
    with pytest.raises(KeyboardInterrupt):
        school.run(at(LATE, 2))
    monkeypatch.setattr(Forum, "create_topic", create)
    school.say("dan", asked, "Please keep what I wrote only for us.")
    read = school.handed_on()
    assert "Ask the night shift first" not in read
    assert "half an hour every Friday" in read


def test_a_cohort_of_no_programme_asks_nobody_and_says_why(new_school: Callable[..., School]) -> None:
    school = new_school(programme=None)
    report = school.run(at(EARLY, 27))
    [happening] = [one for one in report.happenings if one.step == "ask"]
    assert happening.outcome == "nothing"
    assert "belongs to no programme" in happening.reason


def test_the_check_says_which_cohorts_belong_to_no_programme(new_school: Callable[..., School]) -> None:
    school = new_school(programme=None)
    said = [str(finding) for finding in check_playbooks(school.settings, REGISTRY)]
    assert sum("belongs to no programme, so notes, compare, ask of 'passing' do nothing" in line for line in said) == 2
    school.programme = "leadership"
    assert not [one for one in check_playbooks(school.settings, REGISTRY) if "programme" in str(one)]


def test_a_french_cohort_is_asked_and_told_in_french(new_school: Callable[..., School]) -> None:
    school = new_school(locale="fr")
    school.run(at(EARLY, 2))
    asked = school.topic_of(school.run(at(EARLY, 27)), "ask")
    assert "la cohorte suivante le lira dans vos propres mots" in school.text(asked)
    school.say("ada", asked, "Commencez par la plus petite relève, sans en parler à personne. Sans mon nom, merci.")
    school.say("bea", asked, "Seulement pour nous : la réunion de mars s’est très mal passée pour tout le monde.")
    read = school.handed_on()
    assert f"sans en parler à personne. quelqu’un de Cohort {school.early}" in read
    assert "réunion de mars" not in read


def test_lcms_compare_how_the_cohorts_answered_and_are_quoted_only_what_they_can_read(school: School) -> None:
    school.run(at(EARLY, 2))
    early = school.topic_of(school.run(at(EARLY, 7)), "same")
    school.say("ada", early, "I said it in one sentence, and then I stopped talking at all for a whole minute.")
    school.say("bea", early, "I tried it with two people, and the second time it worked far better than before.")
    school.say("lena", early, "Thank you both, I will bring this to the session that we have on Thursday.")
    first = school.text(school.topic_of(school.run(at(EARLY, 12)), "compare"))
    assert "No other cohort of your programme has had this prompt yet" in first
    assert "Answered by two people" in first
    assert "I said it in one sentence" in first
    school.run(at(EARLY, 27))
    school.run(at(LATE, 2))
    school.run(at(LATE, 7))
    second = school.text(school.topic_of(school.run(at(LATE, 12)), "compare"))
    assert f"Cohort {school.early} Answered by two people" in second
    assert f"Cohort {school.late} Nobody has answered so far" in second
    assert "I said it in one sentence" not in second


@pytest.mark.slow
def test_a_death_at_any_moment_hands_on_everything_once(new_school: Callable[..., School], reaper: Any) -> None:
    def life(school: School, reapers: list[Any]) -> list[str]:
        school.leave()
        for hour, dying in zip((9, 10), reapers, strict=True):
            dying.to_the_end(school.run, at(LATE, 2, hour))
            school.approve()
        with school.server.app.extensions["forum"].database.session() as session:
            return sorted(
                topic.title.replace(str(school.number), "N")
                for topic in session.query(Topic).where(Topic.category_id == school.categories[school.late])
            )

    counting = [reaper(), reaper()]
    expected = life(new_school(), counting)
    assert sum("left here" in title for title in expected) == 1
    assert all(len(one.changes) > 2 for one in counting)
    lives = deadly_lives(counting)
    assert [[one.moments for one in dying] for dying in lives if life(new_school(), dying) != expected] == []
