"""`lcm check` and the client before a real TLS server: certificates good and bad, closed ports, names, clocks."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme
from click.testing import CliRunner

from sync_worker.checks import Finding, Verdict
from sync_worker.cli import main
from sync_worker.config import ForumSettings
from sync_worker.errors import ForumError
from sync_worker.forum import Forum, Patience
from sync_worker.forum.checks import check_setup
from tests.forum.conftest import ScriptedForum

HERE, ELSEWHERE = "localhost", "127.0.0.1"
Serve = Callable[..., ScriptedForum]


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    """A certificate authority that the worker trusts."""
    made = trustme.CA()
    bundle = tmp_path / "authorities.pem"
    made.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    return made


@pytest.fixture
def serve(authority: trustme.CA) -> Iterator[Serve]:
    """Serve a sound forum over TLS, with a certificate for localhost (until `not_after`, by the authority or `by`)."""
    with ExitStack() as stack:

        def start(not_after: datetime | None = None, by: trustme.CA = authority, host: str = HERE) -> ScriptedForum:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            by.issue_cert(HERE, not_after=not_after).configure_cert(context)
            forum = ScriptedForum(context, host)
            stack.callback(forum.close)
            forum.on("GET", "/session/scopes.json", forum.reply({"scopes": []}))
            user = {"username": "system", "admin": True}
            forum.on("GET", "/session/current.json", forum.reply({"current_user": user}))
            forum.on("GET", "/admin/site_settings.json", forum.reply({"site_settings": []}))
            forum.on("GET", "/groups/search.json", forum.reply([]))
            forum.on("GET", "/admin/users/list/active.json", forum.reply([]))
            forum.on("GET", "/lcm/status.json", forum.reply({}, 404))
            return forum

        yield start


class Checker:
    """Checks a set-up whose forum is at a given address."""

    def __init__(self, folder: Path, key: str) -> None:
        self.file = folder / "lcm.yaml"
        self.environ = {"DISCOURSE_API_KEY": key}

    def write(self, url: str) -> None:
        self.file.write_text(json.dumps({"forum": {"url": url}, "cohorts": []}), encoding="utf-8")

    def findings(self, url: str, now: datetime | None = None) -> dict[str, Finding]:
        self.write(url)
        found = check_setup(self.file, self.environ, now or datetime.now(UTC))
        return {finding.area: finding for finding in found}

    def command(self, url: str) -> tuple[int, Any]:
        self.write(url)
        result = CliRunner(env=self.environ).invoke(main, ["check", "--json", "--config", str(self.file)])
        return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def checker(tmp_path: Path, key: str) -> Checker:
    return Checker(tmp_path, key)


def call_fails(url: str, key: str) -> ForumError:
    with (
        Forum.connect(ForumSettings(url=url), key, patience=Patience(attempts=1)) as forum,
        pytest.raises(ForumError) as raised,
    ):
        forum.groups()
    assert key not in str(raised.value)
    return raised.value


def test_a_good_certificate_is_ok_and_the_client_calls_through_it(serve: Serve, checker: Checker, key: str) -> None:
    forum = serve()
    found = checker.findings(forum.url)
    assert found["encryption"].verdict is Verdict.OK
    assert "TLSv1.3, certificate valid until" in found["encryption"].what
    assert found["API user"].verdict is Verdict.OK
    with Forum.connect(ForumSettings(url=forum.url), key) as client:
        assert client.groups() == []


def test_a_certificate_that_expires_soon_is_mentioned(serve: Serve, checker: Checker) -> None:
    soon = datetime.now(UTC) + timedelta(days=5)
    found = checker.findings(serve(not_after=soon).url)["encryption"]
    assert (found.verdict, found.what) == (Verdict.WARN, f"the certificate expires on {soon:%Y-%m-%d}.")
    assert "renewed" in found.do


def test_an_expired_certificate_is_named(serve: Serve, checker: Checker, key: str) -> None:
    url = serve(not_after=datetime.now(UTC) - timedelta(days=2)).url
    before = datetime.now(UTC)
    found = checker.findings(url)
    days = {f"{moment:%Y-%m-%d}" for moment in (before, datetime.now(UTC))}
    assert found["encryption"].verdict is Verdict.FAIL
    assert "expired" in found["encryption"].what
    assert "Renew it" in found["encryption"].do
    assert any(day in found["encryption"].do for day in days)
    assert "forum" not in found
    assert "certificate has expired" in call_fails(url, key).what


def test_a_certificate_for_another_name_is_named(serve: Serve, checker: Checker, key: str) -> None:
    url = serve(host=ELSEWHERE).url
    found = checker.findings(url)["encryption"]
    assert found.verdict is Verdict.FAIL
    assert "127.0.0.1" in found.what
    assert "forum.url in lcm.yaml" in found.do
    assert "certificate is not accepted" in call_fails(url, key).what


def test_an_unknown_authority_is_named(serve: Serve, checker: Checker, key: str) -> None:
    url = serve(by=trustme.CA()).url
    found = checker.findings(url)["encryption"]
    assert found.verdict is Verdict.FAIL
    assert "REQUESTS_CA_BUNDLE" in found.do
    assert "certificate is not accepted" in call_fails(url, key).what


def test_authorities_that_cannot_be_read_are_named(
    serve: Serve, checker: Checker, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    url = serve().url
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "none.pem"))
    found = checker.findings(url)["encryption"]
    assert (found.verdict, "none.pem" in found.what) == (Verdict.FAIL, True)


def test_a_port_that_speaks_no_tls_is_named(scripted: ScriptedForum, checker: Checker) -> None:
    found = checker.findings(scripted.url.replace("http:", "https:"))
    assert found["encryption"].verdict is Verdict.FAIL
    assert "speak https" in found["encryption"].do


def test_a_refused_connection_is_named(checker: Checker) -> None:
    with socket.socket() as closed:
        closed.bind((ELSEWHERE, 0))
        found = checker.findings(f"https://{ELSEWHERE}:{closed.getsockname()[1]}")
    assert found["encryption"].verdict is Verdict.WARN
    assert (found["forum"].verdict, "refuses connections" in found["forum"].what) == (Verdict.FAIL, True)
    assert "Is it running" in found["forum"].do


def test_an_unknown_host_is_named_and_nothing_else_is_asked(checker: Checker) -> None:
    found = checker.findings("https://forum.invalid")
    assert found["name"].verdict is Verdict.FAIL
    assert "forum.url in lcm.yaml" in found["name"].do
    assert "encryption" not in found


@pytest.mark.parametrize(
    ("ahead", "verdict"), [(timedelta(0), Verdict.OK), (timedelta(minutes=2), Verdict.WARN),
                           (timedelta(minutes=10), Verdict.FAIL), (timedelta(minutes=-10), Verdict.FAIL)]
)  # fmt: skip
def test_a_clock_that_is_wrong_is_named(serve: Serve, checker: Checker, ahead: timedelta, verdict: Verdict) -> None:
    found = checker.findings(serve().url, now=datetime.now(UTC) + ahead)["clock"]
    assert found.verdict is verdict
    assert verdict is Verdict.OK or "NTP" in found.do


def test_a_forum_that_wants_https_says_which_address_to_use(scripted: ScriptedForum, checker: Checker) -> None:
    headers = {"Location": "https://forum.example.org/session/scopes.json"}
    for path in ("/session/scopes.json", "/session/current.json"):
        scripted.on("GET", path, scripted.reply("", 301, headers=headers))
    found = checker.findings(scripted.url)["forum"]
    assert found.verdict is Verdict.FAIL
    assert "redirects (301) to https://forum.example.org" in found.what
    assert "https" in found.do
    assert "lcm.yaml" in found.do


def test_the_command_ends_with_0_over_good_tls_and_with_5_over_bad(serve: Serve, checker: Checker) -> None:
    code, told = checker.command(serve().url)
    assert (code, told["ok"]) == (0, True)
    code, told = checker.command(serve(host=ELSEWHERE).url)
    assert (code, told["ok"]) == (5, False)
    bad = next(finding for finding in told["findings"] if finding["verdict"] == "fail")
    assert set(bad) == {"area", "verdict", "what", "do", "fix"}
    assert bad["do"]
