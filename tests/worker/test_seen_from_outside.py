"""Health, readiness, metrics and logs of a service, over real HTTP."""

from __future__ import annotations

import io
import json
import logging
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from sync_worker.cli import FORMAT, JsonFormatter, PrivateFormatter
from sync_worker.config.options import ServiceSettings
from sync_worker.config.settings import CohortSettings, ForumSettings, Settings
from sync_worker.errors import ConfigError
from sync_worker.store.database import Store, open_store
from sync_worker.store.pauses import hold, release, remember
from sync_worker.worker.metrics import HELP, MOST_COHORTS, OTHERS, Standing
from sync_worker.worker.run_report import RunReport
from sync_worker.worker.surroundings import COLLECTED
from sync_worker.worker.web_server import AT_ONCE, serving
from tests.worker.test_service import write_settings

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
FORUM = "forum.example.org"
MONITORING = Path(__file__).parents[2] / "docs" / "monitoring"
ALERTS, ALERT_TESTS = MONITORING / "alerts.yml", Path(__file__).with_name("alerts_test.yml")


def settings(*keys: str) -> Settings:
    cohorts = tuple(
        CohortSettings(key=key, name=key, start=NOON.date(), end=NOON.date(), timezone="UTC", steps={}) for key in keys
    )
    return Settings(forum=ForumSettings(url=f"https://{FORUM}"), cohorts=cohorts)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path / 'lcm.db'}")) as store:
        yield store


def standing_of(store: Store, *keys: str) -> Standing:
    return Standing(store, lambda: (settings(*keys), {}, 0), lambda: None, 60.0, NOON)


class Clock:
    """A clock to set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def served(store: Store, clock: Clock) -> Iterator[tuple[Standing, str]]:
    standing = standing_of(store, "spring")
    with serving(("127.0.0.1", 0), standing, now=clock) as server:
        assert server is not None
        yield standing, f"http://127.0.0.1:{server.server_address[1]}"


def get(url: str) -> requests.Response:
    return requests.get(url, timeout=30)


def test_a_service_is_ready_once_a_tick_has_done_its_work(served: tuple[Standing, str], clock: Clock) -> None:
    standing, url = served
    assert (get(f"{url}/healthz").status_code, get(f"{url}/readyz").status_code) == (200, 503)
    standing.ticked(RunReport(), NOON)
    assert get(f"{url}/readyz").json() == {"ready": True, "reasons": []}
    clock.now = NOON + timedelta(minutes=4)
    answer = get(f"{url}/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (503, ["no tick has done its work for 240 s"])
    assert get(f"{url}/healthz").status_code == 200
    clock.now = NOON + timedelta(minutes=31)
    assert get(f"{url}/healthz").status_code == 503


def test_a_held_forum_makes_a_service_not_ready_and_says_nothing_of_people(
    served: tuple[Standing, str], store: Store
) -> None:
    standing, url = served
    standing.ticked(RunReport(), NOON)
    with store.begin() as session:
        hold(session, FORUM, "ana.silva's topic is gone")
    answer = get(f"{url}/readyz")
    assert answer.status_code == 503
    assert "ana" not in answer.text
    with store.begin() as session:
        release(session, FORUM)
    assert get(f"{url}/readyz").status_code == 200


def test_a_store_that_does_not_answer_makes_a_service_not_ready(served: tuple[Standing, str], store: Store) -> None:
    standing, url = served
    standing.ticked(RunReport(), NOON)
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE cursors")
    assert "the store does not answer" in get(f"{url}/readyz").json()["reasons"][0]
    assert get(f"{url}/metrics").status_code == 503


def numbers(text: str) -> dict[str, float]:
    """Read Prometheus's text format; fails where a line is not of it."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP [a-z_]+ .+|TYPE [a-z_]+ (gauge|counter))", line), line
            continue
        match = re.fullmatch(r'([a-z_]+(?:\{[a-z_]+="(?:[^"\\]|\\.)*"(?:,[a-z_]+="(?:[^"\\]|\\.)*")*\})?) (\S+)', line)
        assert match, line
        found[match[1]] = float(match[2])
    return found


def test_metrics_are_in_prometheus_format(served: tuple[Standing, str], store: Store) -> None:
    standing, url = served
    standing.ticked(RunReport(), NOON)
    standing.ticked(None, NOON)
    with store.begin() as session:
        remember(session, FORUM, f"{COLLECTED}spring", (NOON - timedelta(hours=2)).isoformat())
    answer = get(f"{url}/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    found = numbers(answer.text)
    assert found['lcm_ticks_total{forum="forum.example.org",result="done"}'] == 1
    assert found['lcm_activity_age_seconds{cohort="spring",forum="forum.example.org"}'] == 7200
    assert found['lcm_drafts_waiting{cohort="spring",forum="forum.example.org"}'] == 0
    assert found['lcm_held{forum="forum.example.org"}'] == 0


def test_a_service_that_has_never_done_its_work_is_seen_by_the_alert(served: tuple[Standing, str]) -> None:
    standing, url = served
    standing.ticked(None, NOON)
    of_good = numbers(get(f"{url}/metrics").text)[f'lcm_last_good_tick_timestamp_seconds{{forum="{FORUM}"}}']
    assert of_good == standing.started.timestamp()


def test_the_labels_are_bounded(store: Store) -> None:
    keys = [f"cohort-{number}" for number in range(MOST_COHORTS + 50)]
    found = numbers(standing_of(store, *keys).metrics(NOON))
    of_drafts = [name for name in found if name.startswith("lcm_drafts_waiting")]
    assert len(of_drafts) == MOST_COHORTS + 1
    assert sum(OTHERS in name for name in of_drafts) == 1


def test_nothing_else_is_served(served: tuple[Standing, str]) -> None:
    _, url = served
    assert get(f"{url}/").status_code == 404
    assert get(f"{url}/../lcm.yaml").status_code == 404
    assert requests.put(f"{url}/metrics", timeout=30).status_code == 501


def test_many_callers_at_once_are_sent_away_and_the_next_one_is_answered(served: tuple[Standing, str]) -> None:
    _, url = served
    place = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
    silent = [socket.create_connection(place, timeout=30) for _ in range(AT_ONCE + 4)]
    for one in silent:
        one.close()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if get(f"{url}/healthz").ok:
                break
        except requests.ConnectionError:
            time.sleep(0.1)
    assert get(f"{url}/healthz").ok


def send_slowly(connection: socket.socket, signs: bytes) -> None:
    for sign in signs:
        connection.sendall(bytes([sign]))
        time.sleep(0.1)


def test_a_caller_who_sends_a_byte_now_and_then_keeps_no_place(
    served: tuple[Standing, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync_worker.worker.web_server.WHOLE_REQUEST_SECONDS", 0.5)
    _, url = served
    place = ("127.0.0.1", int(url.rsplit(":", 1)[1]))
    with socket.create_connection(place, timeout=30) as slow, pytest.raises(ConnectionError):
        send_slowly(slow, b"GET /healthz HTTP/1.0\r\nX: " + b"x" * 600)  # a minute's worth
    assert get(f"{url}/healthz").ok


def test_a_place_that_is_taken_is_a_mistake_of_the_settings(store: Store) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        place = taken.getsockname()
        with pytest.raises(ConfigError, match="nothing can listen at"), serving(place, standing_of(store)):
            pass


@pytest.mark.parametrize(
    ("listen", "place", "local"),
    [
        (None, None, True),
        ("8095", ("127.0.0.1", 8095), True),
        (8095, ("127.0.0.1", 8095), True),
        ("0.0.0.0:80", ("0.0.0.0", 80), False),
        ("[::1]:8095", ("::1", 8095), True),
        ("lcm.example.org:1", ("lcm.example.org", 1), False),
    ],
)
def test_a_port_alone_is_for_this_machine_alone(listen: object, place: object, local: object) -> None:
    read = ServiceSettings.model_validate({"listen": listen})
    assert (read.place, read.is_local) == (place, local)


def expressions() -> list[str]:
    """Return what the alerts and the dashboard ask Prometheus for."""
    rules = [rule for group in yaml.safe_load(ALERTS.read_text("utf-8"))["groups"] for rule in group["rules"]]
    panels = json.loads((MONITORING / "grafana.json").read_text("utf-8"))["panels"]
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] for rule in rules)
    return [rule["expr"] for rule in rules] + [one["expr"] for panel in panels for one in panel["targets"]]


def test_alerts_and_dashboard_use_only_numbers_that_there_are() -> None:
    names = {name for expression in expressions() for name in re.findall(r"\blcm_[a-z_]+", expression)}
    assert names <= HELP.keys()


def test_alerts_and_dashboard_count_what_several_processes_export_once() -> None:
    of_its_own = {"lcm_info", "lcm_ticks_total", "lcm_edits_not_followed"}  # what each process has to say for itself
    once = re.compile(r"((?:\w+)(?: by \([a-z, ]+\) )?\((?:max_over_time\()?)?(lcm_[a-z_]+)")
    found = [(expression, before, name) for expression in expressions() for before, name in once.findall(expression)]
    others = [(expression, before) for expression, before, name in found if name not in of_its_own]
    assert [expression for expression, before in others if not before.startswith(("max", "min"))] == []
    assert len(others) > 20


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_every_alert_fires_when_it_should_and_not_before() -> None:
    command = ["promtool", "test", "rules", str(ALERT_TESTS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_a_test_and_a_line_that_says_what_to_do() -> None:
    named = re.findall(r"- alert: (\w+)", ALERTS.read_text("utf-8"))
    checks = [
        one for case in yaml.safe_load(ALERT_TESTS.read_text("utf-8"))["tests"] for one in case["alert_rule_test"]
    ]
    tried = {one["alertname"] for one in checks if one["exp_alerts"]}
    table = re.findall(r"^\| (Lcm[\w, ]+) \|", (MONITORING.parent / "operations.md").read_text("utf-8"), re.MULTILINE)
    assert tried == set(named) == {name for line in table for name in line.split(", ")}


def logged(formatter: PrivateFormatter, message: str, error: BaseException | None = None) -> str:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    formatter.secrets = ("s3cret-key",)
    handler.setFormatter(formatter)
    caught = (type(error), error, error.__traceback__) if error else None
    handler.handle(logging.LogRecord("x", logging.ERROR, __file__, 1, message, (), caught))
    return out.getvalue()


@pytest.mark.parametrize("formatter", [PrivateFormatter(FORMAT), JsonFormatter()], ids=["text", "json"])
def test_no_log_has_an_address_a_key_or_the_words_of_an_unexpected_error(formatter: PrivateFormatter) -> None:
    words = "My em" + "ployer does not know this yet."  # a traceback shows this line
    try:
        int(words)
    except ValueError as error:
        shown = logged(formatter, "a call with s3cret-key failed for ana@example.org:\nsecond line", error)
    assert "test_seen_from_outside" in shown
    for private in ("s3cret", "ana@", "employer"):
        assert private not in shown


def test_a_log_in_json_is_one_object_a_line() -> None:
    shown = logged(JsonFormatter(), 'two\nlines and a "quote"')
    assert shown.count("\n") == 1
    read = json.loads(shown)
    assert (read["level"], read["logger"], read["message"]) == ("error", "x", 'two\nlines and a "quote"')
    assert datetime.fromisoformat(read["at"]).tzinfo is not None


@pytest.mark.slow
def test_a_running_service_answers_and_logs_json(tmp_path: Path, practice_forum: Any) -> None:
    file = write_settings(tmp_path, practice_forum)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    file.write_text(
        file.read_text(encoding="utf-8") + f"service: {{listen: '127.0.0.1:{port}', log: json}}\n", encoding="utf-8"
    )
    log = (tmp_path / "log").open("w", encoding="utf-8")
    service = subprocess.Popen(
        [sys.executable, "-c", "from sync_worker.cli import main; main()", "run", "--every", "1", "--config", file],
        env={**os.environ, "DISCOURSE_API_KEY": practice_forum.key}, stderr=log, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 300
    done = f'lcm_entries{{cohort="spring",forum="{practice_forum.settings.name}",state="done"}} 1'
    while time.monotonic() < deadline:
        try:
            if done in get(f"http://127.0.0.1:{port}/metrics").text and get(f"http://127.0.0.1:{port}/readyz").ok:
                break
        except requests.ConnectionError:
            pass
        time.sleep(0.3)
    text = get(f"http://127.0.0.1:{port}/metrics").text
    service.send_signal(signal.SIGTERM)
    assert service.wait(timeout=300) == 0
    log.close()
    lines = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert done in text, "\n".join(lines)
    assert [json.loads(line)["message"] for line in lines][-1] == "stopped"
    assert "Welcome" not in text
