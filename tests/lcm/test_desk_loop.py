"""The worker and the desks: decisions on the forum reach the store, and the desks show what the worker knows.

Every call that the worker makes to the plugin is held against `openapi.yaml`, and so is every answer it gets.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from sync_worker.activity.blockers import said_of_blockers, say
from sync_worker.activity.reader import ActivityReader
from sync_worker.cli import main
from sync_worker.cli.cluster import HandingOn
from sync_worker.config.load import complete_cohort
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings
from sync_worker.desk import decisions
from sync_worker.desk import requests as requests_made
from sync_worker.desk.loop import DeskLoop, worker_name
from sync_worker.desk.requests import Requests
from sync_worker.forum import Forum, Patience
from sync_worker.forum.plugin_records import PluginClock
from sync_worker.model import TOGETHER, BlockerWord, Draft, DraftKind
from sync_worker.playbook.load import playbooks_of
from sync_worker.plays import REGISTRY
from sync_worker.plays.nudge import HAND_OVER
from sync_worker.practice_forum.tables import LcmCohort, LcmItem, LcmReport, Post, Topic
from sync_worker.signals.blockers import Said
from sync_worker.store.database import Store, open_store
from sync_worker.store.facts import set_fact
from sync_worker.store.ledger import draft_to_json
from sync_worker.store.mails import Sealed, take
from sync_worker.store.pauses import pause, read_clock, resume, shift
from sync_worker.store.tables import (
    ChoiceRow,
    CommitmentRow,
    ConsentRow,
    DraftRow,
    LedgerRow,
    LikeRow,
    PostRow,
    TopicRow,
)
from sync_worker.worker.run import run_due
from sync_worker.worker.service import Stopping
from tests.lcm import contract
from tests.practice_forum.person import Person
from tests.untouched import rows_of
from tests.worker.conftest import Killed, Reaper, deadly_lives

if TYPE_CHECKING:
    from pathlib import Path

    import requests

    from tests.untouched import Rows

START = datetime(2027, 3, 10, 10, tzinfo=UTC)
TRIED = (
    "Our hand-over used to lose half of the questions. Last week I tried reading the list aloud before anybody left. "
    "It worked: we had two calls back instead of seven, and nobody stayed late."
)


@dataclass
class Worker:
    """A worker for the cohort of the site, with a store of its own."""

    site: Any
    folder: Path
    calls: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)
    playbook: str = "first-steps"

    @property
    def settings(self) -> Settings:
        cohort = CohortSettings(
            key="spring-27",
            name="Spring 2027",
            start=date(2027, 3, 1),
            end=date(2027, 4, 30),
            timezone="Europe/Lisbon",
            group="spring-27",
            lcm_group="spring-27-lcm",
            category_slug="spring-27",
            playbook=self.playbook,
            **self.more,
        )
        forum = ForumSettings(url=self.site.forum.url, api_username="forumadmin", calls_per_minute=1_000_000)
        return Settings(forum=forum, store=f"sqlite:///{self.folder / 'lcm.db'}", cohorts=(cohort,))

    @contextmanager
    def store(self) -> Iterator[Store]:
        store = open_store(self.settings.store)
        try:
            yield store
        finally:
            store.close()

    def look(self, now: datetime = START) -> None:
        """Look after the desks once, as a worker that was just started."""
        self.site.forum.set_clock(now)
        with self.store() as store, self.forum() as forum:
            playbooks = playbooks_of(self.settings, REGISTRY)
            DeskLoop(forum, store, self.settings, playbooks, "test-worker").look(now)

    def run(self, now: datetime) -> None:
        """Do what is due."""
        self.site.forum.set_clock(now)
        with self.store() as store, self.forum() as forum:
            run_due(forum, store, self.settings, playbooks_of(self.settings, REGISTRY), now)

    @contextmanager
    def forum(self) -> Iterator[Forum]:
        with Forum.connect(self.settings.forum, self.site.forum.key, patience=Patience(attempts=1)) as forum:
            forum._http._session.hooks["response"].append(self._hold_to_contract)
            yield forum

    def _hold_to_contract(self, answer: requests.Response, *_: Any, **__: Any) -> None:
        request = answer.request
        path = urlsplit(request.url or "").path
        self.calls.append(f"{request.method} {path}")
        if not path.startswith("/lcm/") or answer.status_code == 404:
            return
        body = json.loads(request.body) if request.body else None
        assert not contract.complaints_about_request(str(request.method), path, body)
        content = answer.json() if answer.content else None
        assert not contract.complaints_about_answer(str(request.method), path, answer.status_code, content)

    def items(self, section: str) -> dict[str, Any]:
        """What the forum keeps of a section of the desk, by subject."""
        with self.site.forum.session() as session:
            rows = session.scalars(select(LcmItem).where(LcmItem.section == section))
            return {row.subject: (row.state, row.body) for row in rows}

    def reports(self, kind: str) -> dict[str, Any]:
        """What the worker said of itself."""
        with self.site.forum.session() as session:
            return {row.name: row.body for row in session.scalars(select(LcmReport).where(LcmReport.kind == kind))}

    def stored(self) -> Rows:
        """Everything that the store holds, but for how many calls were made."""
        with self.store() as store, store.engine.connect() as connection:
            rows = rows_of(connection)
        return {name: found for name, found in rows.items() if name not in ("budgets", "calls", "call_waiters")}

    def lcm(self, *arguments: str) -> Result:
        """Run `lcm` on the worker's store."""
        written = self.settings.model_dump(mode="json", exclude_unset=True)
        forum = {"url": self.site.forum.url, "key_env": "PRACTICE_KEY", "api_username": "forumadmin"}
        path = self.folder / "lcm.yaml"
        path.write_text(json.dumps({**written, "forum": forum}), encoding="utf-8")
        return CliRunner().invoke(main, [*arguments, "--config", str(path)], env={"PRACTICE_KEY": self.site.forum.key})

    def titles(self) -> list[str]:
        """The titles of all topics and messages."""
        with self.site.forum.session() as session:
            return list(session.scalars(select(Topic.title).order_by(Topic.id)))

    def add_draft(self, key: str = "draft-1") -> None:
        """Write a draft that waits for the LCM."""
        body = {
            "kind": "message",
            "title": "A question from Spring 2027",
            "raw": "May we show your answer about hand-overs to the others?",
            "recipients": ["ana"],
            "reason": "a good answer",
            "play": "consent",
            "step": "ask",
            "playbook": "first-steps",
            "slot": START.isoformat(),
            "category_id": 1,
            "cohort_name": "Spring 2027",
            "position": 0,
        }
        with self.store() as store, store.begin() as session:
            session.add(
                DraftRow(
                    key=key,
                    forum=self.settings.forum.name,
                    cohort="spring-27",
                    state="pending",
                    body=body,
                    reason="a good answer",
                    created_at=START,
                )
            )


@pytest.fixture
def worker(cohort: Any, tmp_path: Path) -> Worker:
    return Worker(cohort, tmp_path)


def story_of_ana(worker: Worker) -> dict[str, Any]:
    """A post of ana's that tells what she tried, liked and answered by ben."""
    post = worker.site.post("ana", "What worked at our hand-over", TRIED)
    forum = worker.site.forum
    forum.call("POST", "/post_actions.json", as_user="ben", json={"id": post["id"], "post_action_type_id": 2})
    raw = "I tried the same on my ward and it worked for us as well, thank you."
    forum.call("POST", "/posts.json", as_user="ben", json={"raw": raw, "topic_id": post["topic_id"]})
    return dict(post)


def test_a_forum_without_the_plugin_costs_one_call_and_a_first_look_at_messages_where_nothing_goes_by_message(
    practice_forum: Any, tmp_path: Path
) -> None:
    class Bare:
        forum = practice_forum

    worker = Worker(Bare(), tmp_path, more={"by_message": "never"})
    worker.look()
    first_look = "GET /topics/private-messages/forumadmin.json"  # of this store: what learners chose before it
    assert worker.calls == ["GET /lcm/status.json", first_look]


def test_with_the_plugin_nothing_goes_by_message_unless_the_cohort_asks_for_it(worker: Worker) -> None:
    worker.add_draft()
    worker.look(START + timedelta(days=3))
    reading = "GET /topics/private-messages/forumadmin.json"
    assert worker.calls.count(reading) == 1  # the first look of a store: what learners chose before it
    assert "POST /posts.json" not in worker.calls
    worker.more = {"by_message": "always"}
    worker.look(START + timedelta(days=3, hours=1))
    worker.look(START + timedelta(days=3, hours=2))
    assert worker.calls.count(reading) > 1
    assert worker.calls.count("POST /posts.json") == 2  # the desk, and what waits


def test_a_desk_shows_calendar_learners_drafts_and_open_questions(worker: Worker) -> None:
    question = worker.site.post(
        "ana", "How do I begin a hand-over?", "Does anybody know how to begin a hand-over well?"
    )
    worker.add_draft()
    worker.look(START + timedelta(days=3))
    assert worker.items("drafts")["draft-1"][0] == "pending"
    blocker = worker.items("blockers")[str(question["topic_id"])][1]
    assert blocker["evidence"][0]["text"] == "Nobody has answered."
    rows = {body["user_id"]: body for _, body in worker.items("learners").values()}
    ana = rows[worker.site.forum.get("/u/ana.json")["user"]["id"]]
    assert (ana["weeks"], ana["posts"]) == ([0, 0, 0, 1], 1)
    assert len(rows) == 2  # the LCM is no learner
    assert worker.reports("worker")["test-worker"]["version"]
    assert worker.reports("playbooks")["all"]["playbooks"][0]["name"] == "first-steps"


def test_the_calendar_of_a_desk_leads_to_what_was_posted_after_a_day_off(worker: Worker) -> None:
    worker.more = {"days_off": {"blackout": ["2027-03-08"]}}
    noon = datetime(2027, 3, 9, 12, tzinfo=UTC)
    worker.run(noon)
    worker.look(noon)
    with worker.site.forum.session() as session:
        entries = session.get_one(LcmCohort, "spring-27").calendar["entries"]
    prompt = next(one for one in entries if one["step"] == "weekly-prompt")
    assert (prompt["at"], prompt["state"]) == ("2027-03-09T09:00:00+00:00", "done")
    assert prompt["topic_id"]
    assert prompt["title"].startswith("Spring 2027, week 2: ")


def test_the_calendar_of_a_desk_leads_to_what_was_posted_also_where_dates_were_changed_since(worker: Worker) -> None:
    worker.run(datetime(2027, 3, 1, 12, tzinfo=UTC))
    worker.run(datetime(2027, 3, 8, 12, tzinfo=UTC))
    worker.more = {"steps": {"weekly-prompt": {"every": "monday 10:00"}}}
    with worker.store() as store, store.begin() as session:
        shift(session, worker.settings.forum.name, "spring-27", 3)
    worker.look(datetime(2027, 3, 9, 12, tzinfo=UTC))
    with worker.site.forum.session() as session:
        entries = session.get_one(LcmCohort, "spring-27").calendar["entries"]
    done = {one["step"]: one for one in entries if one["state"] == "done"}
    assert done["welcome"]["at"] == "2027-03-01T09:00:00+00:00"  # when it happened, and not three days later
    assert done["welcome"]["title"].startswith("Spring 2027: who we are")
    assert done["weekly-prompt"]["title"].startswith("Spring 2027, week 2: ")
    assert all(one["topic_id"] for one in done.values())


def test_a_beat_says_when_the_next_occurrence_is_due_and_how_many_calls_were_made(worker: Worker) -> None:
    playbooks = playbooks_of(worker.settings, REGISTRY)
    with worker.store() as store, worker.forum() as forum:
        loop = DeskLoop(forum, store, worker.settings, playbooks, worker_name("host", worker.settings.store))
        loop.look(START)
        first = worker.reports("worker")
        loop.look(START + timedelta(minutes=5))
        (beat,) = worker.reports("worker").values()
    assert "calls" not in next(iter(first.values()))
    assert beat["calls"] >= 1
    assert datetime.fromisoformat(beat["next_at"]) > START


def test_the_health_page_knows_at_once_which_decisions_were_taken_in(worker: Worker) -> None:
    with worker.store() as store, worker.forum() as forum:
        loop = DeskLoop(forum, store, worker.settings, playbooks_of(worker.settings, REGISTRY), "test-worker")
        loop.look(START)
        worker.site.ask("PUT", "/lcm/preferences.json", {"quoting": False}, as_user="ana")
        (last,) = (item["id"] for item in worker.site.forum.get("/lcm/work.json")["work"])
        loop.look(START + timedelta(seconds=20))
        assert worker.reports("worker")["test-worker"]["work_taken"] == last
        worker.calls.clear()
        loop.look(START + timedelta(seconds=40))
        assert "PUT /lcm/heartbeat.json" not in worker.calls


def test_processes_that_take_turns_publish_as_one_would_and_begin_anew_after_a_death(worker: Worker) -> None:
    playbooks = playbooks_of(worker.settings, REGISTRY)

    def look(now: datetime, *, dies: bool = False) -> list[str]:
        """Look as a process that never looked before; it dies after its look, before it has handed on anything."""
        worker.calls.clear()
        with worker.store() as store, worker.forum() as forum:
            loop = DeskLoop(forum, store, worker.settings, playbooks, "cluster")
            handing_on = HandingOn(store, forum.name, loop, Stopping())

            def job() -> None:
                loop.look(now)
                if dies:
                    raise KeyboardInterrupt

            with pytest.raises(KeyboardInterrupt) if dies else nullcontext():
                handing_on.around(job)()
        return [call for call in worker.calls if call.startswith("PUT")]

    assert "PUT /lcm/playbooks.json" in look(START)
    assert look(START + timedelta(seconds=20)) == []
    assert look(START + timedelta(seconds=40), dies=True) == []
    assert "PUT /lcm/playbooks.json" in look(START + timedelta(seconds=60))


def test_a_worker_keeps_its_name_over_restarts_and_has_another_for_each_store() -> None:
    assert worker_name("host", "sqlite:///a.db") == worker_name("host", "sqlite:///a.db")
    assert worker_name("host", "sqlite:///a.db") != worker_name("host", "sqlite:///b.db")
    assert "secret" not in worker_name("host", "postgresql://lcm:secret@db/lcm")


def test_an_approved_draft_is_sent_with_the_words_of_the_lcm(worker: Worker) -> None:
    worker.add_draft()
    worker.look()
    body = {"decision": "approve", "raw": "Your answer about hand-overs is a good one. May we show it?"}
    worker.site.ask("PUT", "/lcm/desk/spring-27/drafts/draft-1.json", body, as_user="lea")
    worker.look(START + timedelta(minutes=1))
    assert "A question from Spring 2027" in worker.titles()
    with worker.store() as store, store.begin() as session:
        row = session.get_one(DraftRow, "draft-1")
        assert (row.state, row.decided_by) == ("sent", "lea")
        assert row.body["raw"].startswith("Your answer")
    assert worker.items("drafts")["draft-1"][0] == "sent"


def test_a_rejected_draft_is_never_sent(worker: Worker) -> None:
    worker.add_draft()
    worker.look()
    body = {"decision": "reject", "reason": "I asked her at lunch"}
    worker.site.ask("PUT", "/lcm/desk/spring-27/drafts/draft-1.json", body, as_user="lea")
    for minute in (1, 2):
        worker.look(START + timedelta(minutes=minute))
    assert "A question from Spring 2027" not in worker.titles()
    with worker.store() as store, store.begin() as session:
        assert session.get_one(DraftRow, "draft-1").decision_reason == "I asked her at lunch"


def test_a_decision_is_taken_in_once_and_a_look_without_news_costs_two_calls(worker: Worker) -> None:
    worker.site.ask("PUT", "/lcm/preferences.json", {"quoting": False}, as_user="ana")
    with worker.store() as store, worker.forum() as forum:
        loop = DeskLoop(forum, store, worker.settings, playbooks_of(worker.settings, REGISTRY), "test-worker")
        loop.look(START)
        with store.begin() as session:
            assert [row.quoting for row in session.scalars(select(ChoiceRow))] == [False]
        before = len(worker.calls)
        loop.look(START + timedelta(seconds=20))
    assert worker.calls[before:] == ["GET /lcm/work.json"]


def test_a_look_is_told_whether_to_bring_the_desks_up_to_date_and_the_first_one_always_does(worker: Worker) -> None:
    with worker.store() as store, worker.forum() as forum:
        loop = DeskLoop(forum, store, worker.settings, playbooks_of(worker.settings, REGISTRY), "test-worker")
        looks = []
        for hours in range(3):
            now = START + timedelta(hours=7 * hours)
            worker.site.forum.set_clock(now)
            worker.calls.clear()
            loop.look(now, publish=hours == 2)
            looks.append("PUT /lcm/cohorts/spring-27/desk.json" in worker.calls)
        assert not loop.silent
    assert looks == [True, False, True]


def test_who_asked_not_to_be_quoted_is_in_no_roundup(worker: Worker) -> None:
    story_of_ana(worker)
    worker.site.ask("PUT", "/lcm/preferences.json", {"quoting": False}, as_user="ana")
    worker.look()
    worker.run(START + timedelta(days=5, hours=2))
    with worker.site.forum.session() as session:
        ours = session.scalars(select(Topic).where(Topic.external_id.is_not(None))).all()
        assert ours
        posts = [topic.id for topic in ours]
    raws = [
        worker.site.forum.get(f"/t/{number}.json?include_raw=1")["post_stream"]["posts"][0]["raw"] for number in posts
    ]
    assert not [raw for raw in raws if "read" in raw and "aloud" in raw]


def test_a_marked_practice_comes_first_in_the_next_roundup_until_the_mark_is_taken_away(worker: Worker) -> None:
    site = worker.site
    topic = site.post("ana", "How do you begin a hand-over?", "How do you begin a hand-over without losing questions?")
    advice = "You can ask everybody to write for two minutes, and only then let the first person speak."
    body = {"topic_id": topic["topic_id"], "raw": advice}
    answer = site.forum.call("POST", "/posts.json", as_user="ben", json=body).json()
    path, number = f"/lcm/topics/{topic['topic_id']}/practice.json", answer["post_number"]

    site.ask("PUT", path, {"post_number": number}, as_user="lea")
    worker.look()
    assert marked(worker) == {answer["id"]}

    site.ask("DELETE", path, as_user="lea")
    worker.look(START + timedelta(minutes=1))
    assert marked(worker) == set()


def marked(worker: Worker) -> set[int]:
    """The posts that whatever writes roundups takes for marked."""
    with worker.store() as store, store.begin() as session:
        category = session.scalars(select(TopicRow.category_id)).first() or 0
        topics = ActivityReader(session, worker.settings.forum.name, (category,), category).topics()
        return {post.id for topic in topics for post in topic.posts if post.marked}


def test_likes_are_known_with_their_giver_and_taken_into_account(worker: Worker) -> None:
    post = story_of_ana(worker)
    worker.look()
    with worker.store() as store, store.begin() as session:
        assert [(row.post_id, row.author_id) for row in session.scalars(select(LikeRow))] == [
            (post["id"], post["user_id"])
        ]
        assert session.get_one(PostRow, (worker.settings.forum.name, post["id"])).likes == 1


def test_likes_in_another_cohort_are_not_counted(worker: Worker) -> None:
    """The People page of a cohort shows what happened in that cohort."""
    site = worker.site
    other = site.forum.call("POST", "/categories.json", json={"name": "Elsewhere", "color": "0088CC"}).json()
    body = {"title": "A topic of another cohort", "raw": TRIED, "category": other["category"]["id"]}
    post = site.forum.call("POST", "/posts.json", as_user="ana", json=body).json()
    site.post("ana", "How do I begin a hand-over?", TRIED)
    worker.look()
    with worker.store() as store, store.begin() as session:
        ben = int(site.forum.get("/u/ben.json")["user"]["id"])
        like = {"user_id": ben, "author_id": post["user_id"], "created_at": START}
        session.add(LikeRow(forum=store_forum(session), post_id=post["id"], **like))
    site.post("lea", "What do you do on the first day?", TRIED)
    worker.look(START + timedelta(hours=1))
    given = {subject: body["likes_given"] for subject, (_, body) in worker.items("learners").items()}
    assert set(given.values()) == {0}


def store_forum(session: Any) -> str:
    return str(session.scalars(select(PostRow.forum)).first())


def test_a_deleted_topic_is_forgotten(worker: Worker) -> None:
    post = worker.site.post("ana", "A question that she takes back")
    worker.look()
    worker.site.forum.set_clock(START + timedelta(minutes=30))
    worker.site.forum.call("DELETE", f"/t/{post['topic_id']}.json")
    worker.look(START + timedelta(hours=1))
    with worker.store() as store, store.begin() as session:
        assert session.get(PostRow, (worker.settings.forum.name, post["id"])) is None


def test_a_story_is_asked_for_answered_with_one_click_and_told(worker: Worker) -> None:
    post = story_of_ana(worker)
    worker.look(START + timedelta(minutes=1))
    story = f"/lcm/desk/spring-27/stories/{post['id']}.json"
    assert worker.items("stories")[str(post["id"])][0] == "candidate"
    worker.site.ask("PUT", story, {"action": "ask_consent"}, as_user="lea")
    worker.look(START + timedelta(minutes=20))
    state, body = worker.items("stories")[str(post["id"])]
    assert (state, bool(body["message_topic_id"])) == ("asked", True)
    worker.site.ask("PUT", f"/lcm/stories/{post['id']}/consent.json", {"answer": "yes"}, as_user="ana")
    worker.look(START + timedelta(minutes=40))
    with worker.store() as store, store.begin() as session:
        assert [row.answer for row in session.scalars(select(ConsentRow))] == ["yes"]
    worker.site.ask("PUT", story, {"action": "spotlight"}, as_user="lea")
    worker.look(START + timedelta(minutes=60))
    state, body = worker.items("stories")[str(post["id"])]
    assert (state, bool(body["story_topic_id"])) == ("published", True)
    assert len([title for title in worker.titles() if "Ana" in title]) == 1


def test_a_preview_shows_what_would_be_posted_and_posts_nothing(worker: Worker) -> None:
    before = worker.titles()
    body = {"kind": "preview_playbook", "cohort": "spring-27", "step": _weekly_prompt(worker)}
    run = worker.site.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)["run"]["id"]
    worker.look()
    report = worker.reports("run")[run]
    assert report["state"] == "done"
    assert report["previews"][0]["raw"]
    assert worker.titles() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("playbook", "preview", "roundup", "--cohort", "spring-27"),
        ("playbook", "preview", "story", "--cohort", "spring-27"),
        ("roundup", "spring-27"),
        ("stories", "spring-27"),
        ("report", "spring-27", "--out", "report"),
    ],
)
def test_a_preview_reads_the_plugins_feed_and_leaves_the_store_where_it_was(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(worker.folder)
    worker.look()
    story_of_ana(worker)
    before = worker.stored()
    result = worker.lcm(*arguments, "--now", (START + timedelta(days=2)).isoformat())
    assert result.exit_code == 0, result.output
    assert worker.stored() == before
    if arguments[0] == "stories":
        assert "Ana" in result.output
    worker.look(START + timedelta(minutes=10))  # what the preview read as well is not lost
    assert worker.items("stories")


def test_a_preview_on_the_desk_stores_nothing_that_it_reads(worker: Worker) -> None:
    post = story_of_ana(worker)
    body = {"kind": "preview_playbook", "cohort": "spring-27", "step": "roundup"}
    run = worker.site.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)["run"]["id"]
    with worker.store() as store, worker.forum() as forum:
        assert forum.plugin is not None
        (item,) = forum.plugin.work(0)[0]
        settings, playbooks = worker.settings, playbooks_of(worker.settings, REGISTRY)
        cohorts = {one.key: complete_cohort(one) for one in settings.cohorts}
        before = worker.stored()
        Requests(forum, forum.plugin, store, settings, cohorts, playbooks).carry_out(item, START + timedelta(days=2))
        assert worker.stored() == before
    assert f"/{post['topic_id']}" in worker.reports("run")[run]["previews"][0]["raw"]


def test_a_run_asked_for_does_a_steps_next_occurrence_now_and_only_once(worker: Worker) -> None:
    body = {"kind": "run_playbook", "cohort": "spring-27", "step": _weekly_prompt(worker)}
    before = len(worker.titles())
    runs = []
    for minute in (0, 1):
        runs.append(worker.site.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)["run"]["id"])
        worker.look(START + timedelta(minutes=minute))
    reports = worker.reports("run")
    assert [reports[run]["state"] for run in runs] == ["done", "done"]
    assert [reports[run]["summary"].partition(".")[0] for run in runs] == [
        "One text was posted or sent"
    ] * 2  # the pin is no post
    assert len(worker.titles()) == before + 2  # two requests, two occurrences: the next, and the one after it
    with worker.site.forum.session() as session:
        entries = session.get_one(LcmCohort, "spring-27").calendar["entries"]
    done = [entry for entry in entries if entry["step"] == body["step"] and entry["state"] == "done"]
    assert [bool(entry["topic_id"]) for entry in done] == [True, True]  # so that the learner's box shows the question


def test_a_run_asked_for_is_neither_lost_nor_done_twice_whenever_the_worker_is_killed(worker: Worker) -> None:
    body = {"kind": "run_playbook", "cohort": "spring-27", "step": _weekly_prompt(worker)}
    worker.look()
    minute = itertools.count(1)

    def life(reaper: Reaper) -> int:
        """Ask for a run, and let the worker die at it; return how many topics came of that."""
        before = len(worker.titles())
        run = worker.site.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)["run"]["id"]
        reaper.to_the_end(lambda: worker.look(START + timedelta(minutes=next(minute))))
        assert worker.reports("run")[run]["state"] == "done"
        return len(worker.titles()) - before

    counted = Reaper()
    assert life(counted) == 1
    assert {life(reaper) for [reaper] in deadly_lives([counted], at_most=6)} == {1}


def test_a_store_that_begins_anew_does_not_do_again_what_was_asked_for_weeks_ago(worker: Worker) -> None:
    body = {"kind": "run_playbook", "cohort": "spring-27", "step": _weekly_prompt(worker)}
    for minute in (0, 1):
        worker.site.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)
        worker.look(START + timedelta(minutes=minute))
    weeks_later = START + timedelta(weeks=3)
    worker.site.forum.set_clock(weeks_later)
    worker.look(weeks_later)
    before = worker.titles()
    anew = replace(worker, folder=worker.folder / "anew")
    anew.folder.mkdir()
    anew.look(weeks_later + timedelta(hours=1))
    assert worker.titles() == before


def test_a_request_that_kills_every_worker_is_left_out_and_said_to_have_failed(worker: Worker) -> None:
    body = {"kind": "run_playbook", "cohort": "spring-27", "step": _weekly_prompt(worker)}
    run = worker.site.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)["run"]["id"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(requests_made, "run_due", lambda *_, **__: (_ for _ in ()).throw(Killed))
        for _ in range(decisions.MOST_ATTEMPTS):
            with pytest.raises(Killed):
                worker.look()
        worker.look()
    assert worker.reports("run")[run]["state"] == "failed"
    assert worker.reports("run")[run]["summary"].startswith("It was begun several times")


def test_a_run_whose_draft_waits_for_an_lcm_says_so(worker: Worker) -> None:
    story_of_ana(worker)
    body = {"kind": "run_playbook", "cohort": "spring-27", "step": "ask-for-a-story"}
    run = worker.site.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)["run"]["id"]
    worker.look(START + timedelta(days=2))
    assert worker.reports("run")[run]["summary"].partition(".")[0] == "One draft waits for an LCM"


def test_a_request_for_a_step_that_does_not_exist_is_refused_in_words(worker: Worker) -> None:
    body = {"kind": "run_playbook", "cohort": "spring-27", "step": "no-such-step"}
    run = worker.site.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)["run"]["id"]
    worker.look()
    report = worker.reports("run")[run]
    assert report["state"] == "refused"
    assert "no-such-step" in report["summary"]


def test_what_is_asked_of_another_worker_s_cohort_is_left_to_that_worker(worker: Worker) -> None:
    path = "/admin/plugins/discourse-lcm/requests.json"
    bodies = ({"kind": kind, "cohort": "spring-27"} for kind in ("pause_cohort", "preview_playbook"))
    asked = {worker.site.ask("POST", path, body)["run"]["id"] for body in bodies}
    elsewhere = f"sqlite:///{worker.folder / 'other.db'}"
    settings = worker.settings.model_copy(update={"cohorts": (), "store": elsewhere})
    with closing(open_store(elsewhere)) as store, worker.forum() as forum:
        DeskLoop(forum, store, settings, {}, "other-worker").look(START)
    assert not asked & set(worker.reports("run"))
    worker.look()
    assert {worker.reports("run")[run]["state"] for run in asked} == {"done"}


def test_a_paused_cohort_gets_nothing_until_it_goes_on(worker: Worker) -> None:
    requests = "/admin/plugins/discourse-lcm/requests.json"
    worker.site.ask("POST", requests, {"kind": "pause_cohort", "cohort": "spring-27"})
    worker.look()
    before = worker.titles()
    worker.run(START + timedelta(days=5, hours=1))
    assert worker.titles() == before
    worker.site.ask("POST", requests, {"kind": "resume_cohort", "cohort": "spring-27"})
    worker.look(START + timedelta(days=5, hours=2))
    worker.run(START + timedelta(days=5, hours=2))
    assert len(worker.titles()) > len(before)


def test_killed_between_a_pause_and_its_report_the_next_look_reports_it(worker: Worker) -> None:
    worker.look()
    body = {"kind": "pause_cohort", "cohort": "spring-27"}
    run = worker.site.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)["run"]["id"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Requests, "report_clock", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            worker.look(START + timedelta(minutes=1))
    with worker.store() as store, store.begin() as session:
        assert read_clock(session, worker.settings.forum.name, "spring-27").paused
    assert run not in worker.reports("run")
    worker.look(START + timedelta(minutes=2))
    assert worker.reports("run")[run]["state"] == "done"
    worker.calls.clear()
    worker.look(START + timedelta(minutes=3))
    assert not [call for call in worker.calls if "/lcm/runs/" in call]


def test_a_shift_moves_what_is_still_to_come(worker: Worker) -> None:
    body = {"kind": "shift_cohort", "cohort": "spring-27", "days": 7}
    run = worker.site.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)["run"]["id"]
    worker.look()
    assert "seven days later" in worker.reports("run")[run]["summary"]
    with worker.store() as store, store.begin() as session:
        clock = read_clock(session, worker.settings.forum.name, "spring-27")
    shifted = clock.shifted(complete_cohort(worker.settings.cohorts[0]))
    assert (shifted.start, shifted.end) == (date(2027, 3, 8), date(2027, 5, 7))


def shown_clock(worker: Worker) -> Any:
    """What the forum shows of the cohort's clock."""
    with worker.forum() as forum:
        assert forum.plugin is not None
        return next(one.facts.clock for one in forum.plugin.cohorts() if one.key == "spring-27" and one.facts)


def test_the_console_shows_a_pause_and_a_shift_that_were_made_on_the_command_line(worker: Worker) -> None:
    until = START + timedelta(days=20, microseconds=1500)
    worker.look()
    assert shown_clock(worker) == PluginClock()
    name = worker.settings.forum.name
    with worker.store() as store, store.begin() as session:
        pause(session, name, "spring-27", until)
        shift(session, name, "spring-27", -3)
    worker.look(START + timedelta(minutes=16))
    assert shown_clock(worker) == PluginClock(True, START + timedelta(days=20, milliseconds=1), -3)
    admin = Person(worker.site.forum.url)
    admin.status("/?as=forumadmin")
    page = admin.http.get(f"{admin.url}/admin/plugins/discourse-lcm", timeout=30).text
    assert "Paused until 2027-03-30" in page
    assert "3 days earlier" in page
    worker.calls.clear()
    worker.look(START + timedelta(minutes=32))
    assert not [call for call in worker.calls if call.startswith("PUT /lcm/cohorts/spring-27.json")]
    with worker.store() as store, store.begin() as session:
        resume(session, name, "spring-27")
    worker.look(START + timedelta(minutes=48))
    assert shown_clock(worker) == PluginClock(shift_days=-3)


def test_the_console_shows_a_pause_that_was_asked_for_there_once(worker: Worker) -> None:
    body = {"kind": "shift_cohort", "cohort": "spring-27", "days": 7}
    worker.site.ask("POST", "/admin/plugins/discourse-lcm/requests.json", body)
    worker.look()
    assert shown_clock(worker) == PluginClock(shift_days=7)


def test_who_falls_silent_while_the_others_write_may_need_a_hand(worker: Worker) -> None:
    ids = worker.site.forum.add_users("dora", "emil", "fay")
    worker.site.join(*ids)
    worker.site.post("ana", "My first question of all", "Where do I find the list of all hand-overs of last month?")
    later = START + timedelta(days=20)
    worker.site.forum.set_clock(later - timedelta(days=1))
    for name in ("ben", "dora", "emil", "fay"):
        worker.site.post(name, f"What {name} found out this week", f"This is what {name} found out about the wards.")
    worker.look(later)
    rows = {body["user_id"]: body for _, body in worker.items("learners").values()}
    ana = rows[worker.site.forum.get("/u/ana.json")["user"]["id"]]
    assert ana["needs_hand"]
    assert [reason["text"] for reason in ana["reasons"]] == [
        "Last wrote 2 weeks ago.",
        "The others write about one post in four weeks.",
    ]
    assert sum(row["needs_hand"] for row in rows.values()) == 1


def test_a_plan_without_an_outcome_is_a_sign_with_its_words_and_witness_on_every_desk(worker: Worker) -> None:
    worker.more = {"by_message": "always"}
    ana = worker.site.forum.get("/u/ana.json")["user"]["id"]
    post = worker.site.post("ana", "What I am going to do", "When the shift ends, I read the list. Ben hears it.")
    what = {"cohort": "spring-27", "playbook": "p", "step": "plan", "slot": START, "username": "ana", "number": 1}
    plan = {"topic_id": post["topic_id"], "post_id": post["id"], "written_at": START, "day": date(2027, 3, 11)}
    words = ["When the shift ends, I read the list.", "Ben hears it."]
    with worker.store() as store, store.begin() as session:
        session.add(
            CommitmentRow(forum=worker.settings.forum.name, user_id=ana, words=words, **plan, **what,
                          asked_at=START + timedelta(days=2))
        )  # fmt: skip
    worker.look(START + timedelta(days=8))
    reasons = {number: body["reasons"] for number, (_, body) in worker.items("learners").items()}
    assert reasons[str(ana)] == []  # the question may still be answered
    worker.look(START + timedelta(days=9))
    row = next(body for _, body in worker.items("learners").values() if body["user_id"] == ana)
    said = (
        "A plan for Thursday 11\u00a0March is without an outcome; "
        "the question of Friday 12\u00a0March is not answered. "
        "“When the shift ends, I read the list. Ben hears it.”"
    )
    assert row["needs_hand"]
    assert row["reasons"] == [{"text": said, "post_id": post["id"], "url": f"/p/{post['id']}"}]
    assert said in Person(worker.site.forum.url).open("/groups/spring-27/lcm").text  # the practice forum's own page
    with worker.site.forum.session() as session:
        texts = list(session.scalars(select(Post.raw).where(Post.raw.contains("is without an outcome"))))
    assert len(texts) == 1  # the desk that is a message


def test_who_came_last_week_is_not_said_to_be_silent_though_no_sync_added_them(worker: Worker) -> None:
    ids = worker.site.forum.add_users("jan", "kim", "lou", "new")
    worker.site.join(*ids[:3])
    later = START + timedelta(days=20)
    worker.site.forum.set_clock(later - timedelta(days=1))
    worker.site.join(ids[3])
    for name in ("ana", "ben", "jan", "kim", "lou"):
        worker.site.post(name, f"What {name} found out this week", f"This is what {name} found out about the wards.")
    worker.look(later)
    assert needing_a_hand(worker) == set()
    worker.look(later + timedelta(days=15))
    assert ids[3] not in needing_a_hand(worker)  # the others are silent by then too


def test_a_sign_that_was_snoozed_on_the_desk_holds_for_the_worker_until_that_day(worker: Worker) -> None:
    ids = worker.site.forum.add_users("gil", "hal", "ida")
    worker.site.join(*ids)
    later = START + timedelta(days=20)
    worker.site.forum.set_clock(later - timedelta(days=1))
    for name in ("ben", "gil", "hal", "ida"):
        worker.site.post(name, f"What {name} found out this week", f"This is what {name} found out about the wards.")
    worker.look(later)
    ana = worker.site.forum.get("/u/ana.json")["user"]["id"]
    worker.site.forum.set_clock(later)
    until = (later + timedelta(days=5)).isoformat()
    path = f"/lcm/desk/spring-27/learners/{ana}.json"
    worker.site.ask("PUT", path, {"action": "snooze", "until": until}, as_user="lea")
    worker.look(later + timedelta(hours=1))
    assert needing_a_hand(worker) == set()
    worker.site.forum.set_clock(later + timedelta(days=5, hours=2))
    worker.look(later + timedelta(days=5, hours=2))
    assert needing_a_hand(worker) == {ana}
    worker.site.ask("PUT", path, {"action": "dismiss", "reason": "we speak every week"}, as_user="lea")
    worker.look(later + timedelta(days=5, hours=3))
    assert needing_a_hand(worker) == set()
    worker.site.ask("PUT", path, {"action": "restore"}, as_user="lea")
    worker.look(later + timedelta(days=5, hours=4))
    assert needing_a_hand(worker) == {ana}


def test_blockers_of_the_desk_and_of_the_worker_are_one_list(worker: Worker) -> None:
    worker.playbook = "leading-teams"
    site, later = worker.site, START + timedelta(days=8)
    raw = "Does anybody know how to begin a hand-over well?"
    asked = str(site.post("ana", "How do I begin a hand-over?", raw)["topic_id"])
    called = str(site.post("ben", "What the rota says", "It says nothing of nights, and nobody knows.")["topic_id"])
    site.forum.set_clock(START + timedelta(hours=1))
    reply = {"raw": "We ask the porter at nights.", "topic_id": called}
    assert site.forum.call("POST", "/posts.json", as_user="ana", json=reply).ok
    worker.look(START + timedelta(days=3))
    assert worker.items("blockers") == {}  # the step waits for five working days
    worker.look(later)
    state, body = worker.items("blockers")[asked]
    assert (state, body["evidence"][0]["text"]) == ("open", "Nobody has answered.")
    assert called not in worker.items("blockers")
    site.ask("PUT", f"/lcm/desk/spring-27/blockers/{asked}.json", {"owner": "ben"}, as_user="lea")
    site.ask("PUT", f"/lcm/desk/spring-27/blockers/{asked}.json", {"state": "solved"}, as_user="lea")
    site.ask("PUT", f"/lcm/topics/{called}/blocker.json", {"note": "waits for a key"}, as_user="lea")
    worker.look(later + timedelta(hours=1))
    with worker.store() as store, store.begin() as session:
        said = said_of_blockers(session, worker.settings.forum.name, "spring-27")
    assert {
        number: [(one.word.value, one.by, one.owner, one.note) for one in words] for number, words in said.items()
    } == {
        int(asked): [("assign", "lea", "ben", ""), ("solve", "lea", "", "")],
        int(called): [("open", "lea", "", "waits for a key")],
    }
    state, body = worker.items("blockers")[called]
    assert (state, body["question"], body["evidence"][0]["text"]) == (
        *("open", "waits for a key"),
        "lea called it a blocker.",
    )
    elsewhere = later + timedelta(hours=2)
    site.forum.set_clock(elsewhere)
    with worker.store() as store, store.begin() as session:
        for said_now in (
            Said(BlockerWord.ASSIGN, "lcm", elsewhere, owner="ben"),
            Said(BlockerWord.SOLVE, "lcm", elsewhere),
        ):
            say(session, worker.settings.forum.name, "spring-27", int(called), said_now)
    worker.look(elsewhere + timedelta(minutes=20))
    assert blocker_on_desk(worker, called) == ("solved", "ben", "lea")
    worker.look(elsewhere + timedelta(minutes=40))
    site.forum.set_clock(elsewhere + timedelta(minutes=41))
    path = f"/lcm/desk/spring-27/blockers/{called}.json"
    site.ask("PUT", path, {"state": "open", "owner": None}, as_user="lea")
    worker.look(elsewhere + timedelta(hours=1))
    assert blocker_on_desk(worker, called) == ("open", None, "lea")


def blocker_on_desk(worker: Worker, topic: str) -> tuple[str, str | None, str | None]:
    """How a blocker stands on the desk, who looks after it, and who marked it."""
    shown = worker.site.ask("GET", "/lcm/desk/spring-27.json", as_user="lea")["blockers"]
    [one] = [blocker for blocker in shown if str(blocker["topic"]["id"]) == topic]
    return one["state"], (one["owner"] or {}).get("username"), one["marked_by"]


def needing_a_hand(worker: Worker) -> set[int]:
    """Who needs a hand as the worker published it last."""
    return {body["user_id"] for _, body in worker.items("learners").values() if body["needs_hand"]}


def test_the_desk_shows_with_whom_a_learner_was_brought_together(worker: Worker) -> None:
    ana, ben = (worker.site.forum.get(f"/u/{name}.json")["user"]["id"] for name in ("ana", "ben"))
    draft = Draft(
        DraftKind.MESSAGE, "Half an hour to talk.", "why", recipients=("ana", "ben"), about_users=(ana, ben),
        refs=("pair", TOGETHER),
    )  # fmt: skip
    with worker.store() as store, store.begin() as session:
        session.add(
            LedgerRow(
                key="lcm-spring-27-pair", forum=worker.settings.forum.name, cohort="spring-27", playbook="first-steps",
                step="talk", slot=START, action="message", state="done", payload=draft_to_json(draft),
                result={"topic_id": 999}, created_at=START, updated_at=START,
            )
        )  # fmt: skip
    worker.look(START + timedelta(days=1))
    rows = {body["user_id"]: body for _, body in worker.items("learners").values()}
    assert (rows[ana]["partners"], rows[ben]["partners"]) == ([ben], [ana])


def test_the_desk_shows_what_was_done_for_people(worker: Worker) -> None:
    site, forum = worker.site, worker.settings.forum.name
    ana, ben = (site.forum.get(f"/u/{name}.json")["user"]["id"] for name in ("ana", "ben"))
    topic = site.post("ana", "How do I begin a hand-over?", "Does anybody know how to begin it well?")["topic_id"]
    site.forum.set_clock(START + timedelta(hours=1))
    assert site.forum.call(
        "POST", "/posts.json", as_user="ben", json={"raw": "Ask the night shift how it begins.", "topic_id": topic}
    ).ok
    message = Draft(DraftKind.MESSAGE, "x", "why", title="One thing", recipients=("ana",), about_users=(ana,))
    note = Draft(DraftKind.MESSAGE, "x", "why", title="Over to you", about_users=(ana, 4711), refs=(HAND_OVER,))
    mail = Draft(
        DraftKind.MAIL, "x", "why", title="Five minutes", recipients=("Bea <b> <bea@example.org>",), about_users=(ben,),
        refs=("to-manager", "asks"),
    )  # fmt: skip
    with worker.store() as store, store.begin() as session:
        for key, draft, result in (("to", message, 901), ("over", note, 902), ("mail", mail, None)):
            session.add(
                LedgerRow(
                    key=f"lcm-{key}", forum=forum, cohort="spring-27", playbook="first-steps", step="quiet",
                    slot=START, action=draft.kind.value, state="done", payload=draft_to_json(draft),
                    result={"topic_id": result} if result else {}, sent_at=START, created_at=START, updated_at=START,
                    to_learner=ana if key == "to" else None,
                )
            )  # fmt: skip
        set_fact(session, forum, ben, "manager_email", "bea@example.org", "managers", START, cohort="spring-27")
        assert take(session, forum, Sealed("lcm-mail", "talk"), "link", START) is not None
    worker.look(START + timedelta(days=1))
    shown = {one["title"]: one["lines"] for one in site.ask("GET", "/lcm/desk/spring-27.json", as_user="lea")["notes"]}
    day = "Wednesday 10\u00a0March"
    assert shown["Handed over to you"] == [{"text": f"Ana, on {day}", "url": "/t/902"}]
    assert shown["Mails to managers"] == [
        {"text": f"Bea <b>, about Ben, {day}: sent; answered “let us talk”"}  # text, never HTML
    ]
    assert shown["Messages to individual people in the last four weeks"] == [
        {"text": f"Ana, {day}: “One thing”", "url": "/t/901"}
    ]
    assert shown["Who answers whom"][0] == {"text": "Pairs that answered each other: 1"}


def test_killed_between_two_decisions_the_next_look_takes_in_the_rest(worker: Worker) -> None:
    for key in ("draft-1", "draft-2"):
        worker.add_draft(key)
    worker.look()
    for key in ("draft-1", "draft-2"):
        path = f"/lcm/desk/spring-27/drafts/{key}.json"
        worker.site.ask("PUT", path, {"decision": "reject", "reason": "no"}, as_user="lea")
    with worker.store() as store, worker.forum() as forum:
        plugin = forum.plugin
        assert plugin is not None
        entered = decisions._enter
        done: list[int] = []

        def die_at_the_second(session: Any, name: str, item: Any, taken: Any) -> None:
            if done:
                raise KeyboardInterrupt
            done.append(item.id)
            entered(session, name, item, taken)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(decisions, "_enter", die_at_the_second)
            with pytest.raises(KeyboardInterrupt):
                decisions.take_in(plugin, store, forum.name)
        taken = decisions.take_in(plugin, store, forum.name)
        assert taken.decided == 1
        with store.begin() as session:
            assert {row.state for row in session.scalars(select(DraftRow))} == {"rejected"}


def test_killed_with_a_decision_taken_in_the_first_look_acts_on_it_before_it_shows_the_desk(
    worker: Worker,
) -> None:
    worker.add_draft()
    worker.look()
    path = "/lcm/desk/spring-27/drafts/draft-1.json"
    worker.site.ask("PUT", path, {"decision": "approve"}, as_user="lea")
    with worker.store() as store, worker.forum() as forum:
        assert forum.plugin is not None
        assert decisions.take_in(forum.plugin, store, forum.name).decided == 1  # and here the worker is killed
    worker.look(START + timedelta(minutes=1))
    assert "A question from Spring 2027" in worker.titles()
    assert worker.items("drafts")["draft-1"][0] == "sent"


def _weekly_prompt(worker: Worker) -> str:
    playbook = playbooks_of(worker.settings, REGISTRY)["first-steps"]
    return next(step.id for step in playbook.file.steps if step.every and step.play == "prompt")


def test_a_look_from_the_command_line_is_reported_as_json(worker: Worker) -> None:
    result = worker.lcm("desk", "--json")
    assert result.exit_code == 0, result.output
    said = json.loads(result.stdout)
    assert (said["calls"] >= 2, said["problems"]) == (True, [])
