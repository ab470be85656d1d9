"""Webhooks over real HTTP: verified, written down once, answered at once, worked later."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import requests
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from sync_worker.cli import main
from sync_worker.config.settings import ForumSettings, Settings
from sync_worker.errors import ConfigError
from sync_worker.store.database import Store, open_store
from sync_worker.store.tables import ConsentRow, LedgerRow, MembershipRow, WebhookEventRow
from sync_worker.worker.metrics import Standing
from sync_worker.worker.roster_sync import SyncState, read_state, write_state
from sync_worker.worker.service import Job, Waking, keep_doing
from sync_worker.worker.web_server import serving
from sync_worker.worker.webhooks import MAX_BYTES, MOST_WAITING, Receiver, checked_secret, signature_of, work_on

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
FORUM, SECRET = "forum.example.org", "a secret for these tests"
POST = {"post": {"id": 9, "topic_id": 7, "raw": "Only between us: my employer does not know."}}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path / 'lcm.db'}")) as store:
        yield store


class Listening:
    """A worker that takes in webhooks."""

    def __init__(self, store: Store, url: str, woken: threading.Event) -> None:
        self.store = store
        self.url = url
        self.woken = woken

    def send(self, body: bytes, **more: str) -> requests.Response:
        headers = {
            "X-Discourse-Event": "post_created",
            "X-Discourse-Event-Id": "1",
            "X-Discourse-Event-Signature": signature_of(SECRET, body),
        } | {name.replace("_", "-"): value for name, value in more.items()}
        return requests.post(f"{self.url}/webhooks", data=body, headers=headers, timeout=30)

    def rows(self) -> list[tuple[str, int | None, bool]]:
        with self.store.begin() as session:
            rows = session.scalars(select(WebhookEventRow).order_by(WebhookEventRow.event_id))
            return [(row.event, row.topic_id, row.worked) for row in rows]


@pytest.fixture
def listen(store: Store) -> Iterator[Callable[[str], Listening]]:
    from contextlib import ExitStack

    with ExitStack() as stack:

        def start(forum: str = FORUM) -> Listening:
            woken = threading.Event()
            settings = Settings(forum=ForumSettings(url=f"https://{FORUM}"))
            standing = Standing(store, lambda: (settings, {}, 0), lambda: None, 60.0, NOON)
            receiver = Receiver(store, forum, SECRET, woken.set)
            server = stack.enter_context(serving(("127.0.0.1", 0), standing, now=lambda: NOON, receiver=receiver))
            assert server is not None
            return Listening(store, f"http://127.0.0.1:{server.server_address[1]}", woken)

        yield start


@pytest.fixture
def listening(listen: Callable[..., Listening]) -> Listening:
    return listen()


def body_of(data: object) -> bytes:
    return json.dumps(data).encode()


def test_a_signed_event_is_written_down_and_wakes_the_worker_and_no_word_of_it_is_kept(
    listening: Listening, tmp_path: Path
) -> None:
    assert listening.send(body_of(POST)).status_code == 200
    assert listening.rows() == [("post_created", 7, False)]
    assert listening.woken.is_set()
    assert b"employer" not in b"".join(file.read_bytes() for file in tmp_path.iterdir())


@pytest.mark.parametrize(
    "signature",
    ["", "sha256=", "sha256=" + "0" * 64, signature_of("another secret", body_of(POST)),
     signature_of(SECRET, body_of(POST)).upper(), signature_of(SECRET, body_of(POST))[7:], "sha256=é"],
)  # fmt: skip
def test_nothing_without_our_signature_is_read(listening: Listening, signature: str) -> None:
    answer = listening.send(body_of(POST), X_Discourse_Event_Signature=signature.encode().decode("latin-1"))
    assert answer.status_code == 403
    assert listening.rows() == []
    assert not listening.woken.is_set()


def test_whoever_sends_without_our_signature_writes_one_line_a_minute_into_the_log(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = Receiver(store, FORUM, SECRET, lambda: None)
    for second in range(0, 150, 3):
        assert receiver.receive({}, b"{}", NOON + timedelta(seconds=second)) == 403
    refused = "a webhook without our signature was refused"
    more = f"{refused}, and 19 more since this was said last"
    assert [record.getMessage() for record in caplog.records] == [refused, more, more]


def test_the_bytes_count_and_not_what_they_mean(listening: Listening) -> None:
    spaced = json.dumps(POST, indent=3).encode()
    assert listening.send(spaced).status_code == 200
    changed = body_of(POST)
    assert listening.send(spaced, X_Discourse_Event_Signature=signature_of(SECRET, changed)).status_code == 403


def test_the_same_event_twice_is_one(listening: Listening) -> None:
    assert listening.send(body_of(POST)).status_code == 200
    listening.woken.clear()
    assert listening.send(body_of(POST)).status_code == 200
    assert len(listening.rows()) == 1
    assert not listening.woken.is_set()


def test_many_at_once_with_the_same_number_are_one(listening: Listening) -> None:
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(listening.send(body_of(POST)).status_code)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 6
    assert len(listening.rows()) == 1


def test_a_store_that_fails_is_said_in_words_and_the_forum_may_send_it_again(
    listening: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    failing = OperationalError("SELECT 1", {}, sqlite3.OperationalError("disk I/O error"))
    with patch.object(Store, "begin", side_effect=failing):
        assert listening.send(body_of(POST)).status_code == 503
        assert requests.get(f"{listening.url}/metrics", timeout=30).status_code == 503
    said = [record.getMessage().partition(". ")[0] for record in caplog.records if record.levelno >= logging.ERROR]
    assert said == [
        f"{what}: store: {listening.store.engine.url}: the store failed: disk I/O error"
        for what in ("a webhook could not be written down", "the metrics could not be gathered")
    ]
    assert not any(record.exc_info for record in caplog.records if record.levelno >= logging.ERROR)
    assert listening.send(body_of(POST)).status_code == 200
    assert listening.rows() == [("post_created", 7, False)]


def test_what_is_too_large_is_refused_before_it_is_read(listening: Listening) -> None:
    connection = http.client.HTTPConnection(listening.url.removeprefix("http://"), timeout=30)
    for length, status in ((str(MAX_BYTES + 1), 413), ("9" * 400, 413), ("-1", 411), ("", 411)):
        connection.putrequest("POST", "/webhooks")
        connection.putheader("Content-Length", length)
        connection.endheaders()
        assert connection.getresponse().status == status
        connection.close()
    assert listening.rows() == []


def test_who_sends_all_of_what_is_too_large_hears_that_it_is(listening: Listening) -> None:
    """A proxy does; an end of the connection with bytes that nobody has read would take the answer with it."""
    with socket.create_connection(("127.0.0.1", int(listening.url.rpartition(":")[2])), timeout=30) as connection:
        head = f"POST /webhooks HTTP/1.1\r\nHost: lcm\r\nContent-Length: {MAX_BYTES + 100}\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 100)
        for _ in range(10):
            time.sleep(0.05)
            connection.sendall(b"x" * (MAX_BYTES // 10))
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        assert answer.status == 413
        assert answer.read() == b'{"taken": false}\n'
    assert listening.rows() == []


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b"[" * 100_000, b'{"post": {"topic_id": 1e999}, "x": }'])
def test_a_signed_body_that_is_no_object_is_refused(listening: Listening, body: bytes) -> None:
    assert listening.send(body).status_code == 400
    assert listening.rows() == []


@pytest.mark.parametrize("topic", [True, -1, 0, 2**40, "7", None, [7], {"id": 7}])
def test_a_topic_that_cannot_be_one_is_none(listening: Listening, topic: object) -> None:
    assert listening.send(body_of({"post": {"topic_id": topic}})).status_code == 200
    assert listening.rows() == [("post_created", None, False)]


@pytest.mark.parametrize("number", ["", "x" * 65])
def test_an_event_without_a_number_is_refused(listening: Listening, number: str) -> None:
    assert listening.send(body_of(POST), X_Discourse_Event_Id=number).status_code == 400


def test_a_ping_and_events_that_nobody_wants_are_answered_and_not_kept(listening: Listening) -> None:
    assert listening.send(b'{"ping":"OK"}', X_Discourse_Event="").status_code == 200
    assert listening.send(b'{"user":{}}', X_Discourse_Event="user_created").status_code == 200
    assert listening.rows() == []


def test_a_worker_that_is_far_behind_writes_no_more_down(
    listening: Listening, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_WAITING > 1_000
    monkeypatch.setattr("sync_worker.worker.webhooks.MOST_WAITING", 2)
    for number in range(4):
        assert listening.send(body_of(POST), X_Discourse_Event_Id=str(number)).status_code == 200
    assert len(listening.rows()) == 2
    assert listening.woken.is_set()


def test_a_conversation_about_a_story_is_read_again_at_the_next_look(store: Store, listening: Listening) -> None:
    with store.begin() as session:
        for number, topic in ((1, 7), (2, 8)):
            session.add(
                LedgerRow(key=f"k{number}", forum=FORUM, cohort="c", playbook="p", step="s", slot=NOON,
                          action="message", state="done", payload={"about_posts": [number]}, result={"topic_id": topic},
                          attempts=1, created_at=NOON, updated_at=NOON)
            )  # fmt: skip
            session.add(
                ConsentRow(forum=FORUM, post_id=number, user_id=1, username="ana", cohort="c", message_key=f"k{number}",
                           answer="yes", asked_at=NOON, looked_at=NOON)
            )  # fmt: skip
    listening.send(body_of(POST))
    sooner = work_on(store, FORUM, NOON)
    assert (sooner.desks, sooner.people, sooner.conversations) == (True, False, 1)
    with store.begin() as session:
        looked = {row.post_id: row.looked_at for row in session.scalars(select(ConsentRow))}
    assert looked == {1: None, 2: NOON}
    assert not work_on(store, FORUM, NOON).desks  # once


def joined(listening: Listening, user: int, event: str = "user_added_to_group") -> None:
    listening.send(body_of({"group_user": {"user_id": user, "group_id": 4}}), X_Discourse_Event=event)


def test_a_change_of_a_group_brings_the_sync_forward_but_not_sooner_than_it_may_be(
    store: Store, listening: Listening
) -> None:
    write_state(store, FORUM, SyncState(at=NOON, outcome="done"))
    joined(listening, 5)
    assert not work_on(store, FORUM, NOON + timedelta(minutes=4)).people
    assert work_on(store, FORUM, NOON + timedelta(minutes=6)).people
    assert read_state(store, FORUM).at is None
    assert not work_on(store, FORUM, NOON + timedelta(minutes=7)).people


def test_a_change_that_we_made_ourselves_brings_nothing_forward(store: Store, listening: Listening) -> None:
    with store.begin() as session:
        session.add(
            MembershipRow(forum=FORUM, group_name="g", user_id=5, role="member", username="ana", person="id:1",
                          state="added", run="r", at=NOON - timedelta(minutes=2))
        )  # fmt: skip
    joined(listening, 5)
    assert listening.rows() == [("user_added_to_group", None, True)]
    assert not listening.woken.is_set()


def test_a_secret_is_long_enough_for_discourse() -> None:
    assert checked_secret("x" * 12, "S") == "x" * 12
    with pytest.raises(ConfigError, match="12 plain characters"):
        checked_secret("short", "S")
    with pytest.raises(ConfigError, match="environment variable S: there is no secret of webhooks"):
        checked_secret("", "S")


def test_a_service_that_is_woken_works_before_its_time() -> None:
    stop, wake = threading.Event(), threading.Event()
    done: list[int] = []

    def tick() -> None:
        done.append(1)
        if len(done) == 1:
            wake.set()
        else:
            stop.set()

    keep_doing([Job(tick, 3600.0)], stop, wake)
    assert len(done) == 2


def test_a_storm_of_webhooks_wakes_a_service_once_in_ten_seconds_and_the_last_is_not_forgotten() -> None:
    wake = threading.Event()
    waking, woken = Waking(wake), []
    for second in range(60):
        if second < 45:
            wake.set()
        if waking.is_time(float(second)):
            woken.append(second)
    assert woken == [0, 10, 20, 30, 40, 50]
    assert not wake.is_set()


def test_a_service_in_a_storm_of_webhooks_does_not_look_each_second() -> None:
    stop, wake = threading.Event(), threading.Event()
    done: list[int] = []

    def tick() -> None:
        done.append(1)
        wake.set()

    end = threading.Timer(4.0, stop.set)
    end.start()
    keep_doing([Job(tick, 3600.0)], stop, wake)
    assert len(done) <= 2


class OnTheForum:
    """A practice forum that sends to a worker, and `lcm` beside it."""

    def __init__(self, forum: Any, listening: Listening, folder: Path) -> None:
        self.forum = forum
        self.listening = listening
        self.file = folder / "lcm.yaml"
        self.file.write_text(
            f"forum: {{url: '{forum.url}', api_username: forumadmin, calls_per_minute: 1000000}}\n"
            f"service: {{listen: '127.0.0.1:8095', webhooks_at: '{listening.url}'}}\n",
            encoding="utf-8",
        )

    def lcm(self, *arguments: str, secret: str = SECRET) -> Result:
        environment = {"DISCOURSE_API_KEY": self.forum.key, "LCM_WEBHOOK_SECRET": secret}
        return CliRunner(env=environment).invoke(main, ["webhooks", *arguments, "--config", str(self.file)])

    def events(self, wanted: set[str]) -> set[str]:
        """Wait until these events have arrived; return all that did."""
        deadline = time.monotonic() + 120
        found: set[str] = set()
        while not wanted <= found and time.monotonic() < deadline:
            time.sleep(0.05)
            found = {event for event, _, _ in self.listening.rows()}
        return found


@pytest.fixture
def on_the_forum(practice_forum: Any, listening: Listening, tmp_path: Path) -> OnTheForum:
    return OnTheForum(practice_forum, listening, tmp_path)


def test_a_webhook_is_installed_once_listed_and_removed_and_those_of_others_stay(on_the_forum: OnTheForum) -> None:
    other = {"payload_url": "https://other.example.org/hook", "secret": "", "active": True, "wildcard_web_hook": True}
    assert on_the_forum.forum.call("POST", "/admin/api/web_hooks.json", json={"web_hook": other}).ok
    assert json.loads(on_the_forum.lcm("install", "--json").stdout)["made"] is True
    assert json.loads(on_the_forum.lcm("install", "--json").stdout)["made"] is False
    listed = json.loads(on_the_forum.lcm("list", "--json").stdout)
    assert [(hook["url"], hook["ours"]) for hook in listed] == [
        ("https://other.example.org/hook", False), (f"{on_the_forum.listening.url}/webhooks", True),
    ]  # fmt: skip
    assert "post_liked" in listed[1]["events"]
    assert "user_created" not in listed[1]["events"]
    assert on_the_forum.lcm("remove").exit_code == 0
    assert [hook["ours"] for hook in json.loads(on_the_forum.lcm("list", "--json").stdout)] == [False]


def test_a_webhook_with_another_secret_or_switched_off_is_made_anew(on_the_forum: OnTheForum) -> None:
    forum, url = on_the_forum.forum, f"{on_the_forum.listening.url}/webhooks"
    outdated = json.loads(on_the_forum.lcm("install", "--json", secret="the secret of last year").stdout)
    hook = {"payload_url": url, "secret": SECRET, "active": False, "wildcard_web_hook": True}
    off = forum.call("POST", "/admin/api/web_hooks.json", json={"web_hook": hook}).json()["web_hook"]["id"]
    listed = on_the_forum.lcm("list", "--json").stdout
    assert "secret" not in listed

    installed = on_the_forum.lcm("install")
    assert installed.exit_code == 0
    assert f"Deleted: {outdated['id']}, {off}" in installed.output
    [only] = json.loads(on_the_forum.lcm("list", "--json").stdout)
    assert (only["url"], only["active"], only["id"] in (outdated["id"], off)) == (url, True, False)
    forum.call("POST", "/posts.json", json={"title": "A topic that everybody reads", "category": 1,
               "raw": "A first post that is long enough."})  # fmt: skip
    assert "topic_created" in on_the_forum.events({"topic_created"})

    again = json.loads(on_the_forum.lcm("install", "--json").stdout)
    assert (again["id"], again["made"], again["deleted"]) == (only["id"], False, [])


def test_no_webhook_is_installed_without_a_secret_or_an_address(on_the_forum: OnTheForum) -> None:
    assert on_the_forum.lcm("install", secret="short").exit_code == 2
    written = on_the_forum.file.read_text(encoding="utf-8")
    on_the_forum.file.write_text(written.partition("service:")[0], encoding="utf-8")
    refused = on_the_forum.lcm("install")
    assert refused.exit_code == 2
    assert "service.webhooks_at" in refused.output
    assert json.loads(on_the_forum.lcm("list", "--json").stdout) == []


def test_what_happens_on_the_forum_arrives(on_the_forum: OnTheForum) -> None:
    assert on_the_forum.lcm("install").exit_code == 0
    forum = on_the_forum.forum
    user = forum.add_user("ana")
    made = forum.call("POST", "/posts.json", json={"title": "A topic that everybody reads", "category": 1,
                      "raw": "A first post that is long enough."}).json()  # fmt: skip
    forum.call("PUT", f"/posts/{made['id']}.json", json={"post": {"raw": "A first post that was changed."}})
    liked = forum.call("POST", "/post_actions.json", as_user="ana", json={"id": made["id"], "post_action_type_id": 2})
    assert liked.ok, liked.text
    group = forum.call("POST", "/admin/groups.json", json={"group": {"name": "spring"}}).json()["basic_group"]["id"]
    forum.call("PUT", f"/groups/{group}/members.json", json={"user_ids": str(user)})
    forum.call("DELETE", f"/groups/{group}/members.json", json={"user_ids": str(user)})
    of_group = {"user_added_to_group", "user_removed_from_group"}
    wanted = {"topic_created", "post_created", "post_edited", "post_liked", *of_group}
    assert on_the_forum.events(wanted) >= wanted
    topics = {topic for event, topic, _ in on_the_forum.listening.rows() if event not in of_group}
    assert made["topic_id"] in topics
    assert json.loads(on_the_forum.lcm("list", "--json").stdout)[0]["works"] is True
