"""`lcm check`: every line is ok, or says what to change and where."""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from sync_worker.checks import Finding, Fix, Verdict
from sync_worker.cli import main
from sync_worker.config import ForumSettings
from sync_worker.forum.checks import check_clock, check_connection, check_setup

NOT_FOUND = {"errors": ["The requested URL or resource could not be found."], "error_type": "not_found"}
DENIED = {"errors": ["The API username or key is invalid."], "error_type": "invalid_access"}
GOOD = {
    "enable_category_group_moderation": "true",
    "allow_duplicate_topic_titles": "true",
    "tagging_enabled": "true",
    "min_username_length": "3",
    "max_username_length": "20",
    "min_first_post_length": "20",
    "min_post_length": "20",
    "invite_allowed_groups": "1|2|12",
}


class Setup:
    """A configuration and the forum it points to, sound until a test breaks something."""

    def __init__(self, folder: Path, scripted: Any, key: str) -> None:
        self.scripted = scripted
        self.environ = {"DISCOURSE_API_KEY": key}
        self.file = folder / "lcm.yaml"
        self.write(url=scripted.url)
        self.user = {"username": "system", "admin": True}
        self.settings = dict(GOOD)
        scripted.on("GET", "/session/current.json", lambda _call: scripted.reply({"current_user": self.user}))
        scripted.on("GET", "/session/scopes.json", scripted.reply({"scopes": []}))
        scripted.on("GET", "/admin/site_settings.json", lambda _call: scripted.reply({"site_settings": self.rows()}))
        groups = [{"id": 10, "name": "trust_level_0", "automatic": True, "user_count": 2345}]
        scripted.on("GET", "/groups/search.json", scripted.reply(groups))
        scripted.on("GET", "/admin/users/list/active.json", scripted.reply([]))
        scripted.on("GET", "/site.json", scripted.reply({"groups": [], "categories": []}))

    def rows(self) -> list[dict[str, str]]:
        return [{"setting": name, "value": value} for name, value in self.settings.items()]

    def write(self, url: str, group: str = "bakers", **more: str) -> None:
        forum = {"url": url, **more}
        cohort = {"key": "spring", "name": "Spring bakers", "start": "2026-03-02", "end": "2026-05-29"}
        cohort |= {"timezone": "Europe/Lisbon", "group": group}
        self.file.write_text(json.dumps({"forum": forum, "cohorts": [cohort]}), encoding="utf-8")

    def check(self) -> dict[str, Finding]:
        findings = check_setup(self.file, self.environ, datetime.now(UTC))
        return {finding.area: finding for finding in findings}


@pytest.fixture
def setup(tmp_path: Path, scripted: Any, key: str) -> Setup:
    return Setup(tmp_path, scripted, key)


def test_a_sound_set_up_is_ok_in_every_line_and_costs_eight_calls(setup: Setup) -> None:
    found = setup.check()
    assert {finding.verdict for finding in found.values()} == {Verdict.OK}
    assert len(setup.scripted.calls) == 8
    assert {call.method for call in setup.scripted.calls} == {"GET"}
    assert "1 address a call, or all of 2,345 accounts in 24 calls." in found["finding people"].what
    assert "takes about 2 calls of the 55 a minute" in found["calls"].what


@pytest.mark.parametrize(
    ("name", "value", "area", "verdict", "do"),
    [
        ("enable_category_group_moderation", "false", "enable_category_group_moderation", Verdict.WARN, "Turn it on"),
        ("allow_duplicate_topic_titles", "false", "allow_duplicate_topic_titles", Verdict.WARN, "cohort's name"),
        ("tagging_enabled", "false", "tagging_enabled", Verdict.WARN, "use no tags"),
        ("max_username_length", "8", "group names", Verdict.FAIL, "`lcm_group`"),
        ("min_username_length", "8", "group names", Verdict.FAIL, "lcm.yaml"),
        ("min_post_length", "200", "post length", Verdict.WARN, "Lower Admin > Settings > min_post_length"),
        ("min_personal_message_post_length", "20", "replies", Verdict.WARN, "min_personal_message_post_length to 10"),
        ("invite_allowed_groups", "12", "invites", Verdict.WARN, "Add admins"),
        ("personal_message_enabled_groups", "1|11", "messages", Verdict.WARN, "Add the cohorts' groups"),
    ],
)
def test_a_setting_that_is_in_the_way_is_named_with_its_place(
    setup: Setup, name: str, value: str, area: str, verdict: Verdict, do: str
) -> None:
    setup.settings[name] = value
    finding = setup.check()[area]
    assert finding.verdict is verdict
    assert do in finding.do


@pytest.mark.parametrize("groups", ["10", "0", "1|11|52"])  # the last is a group of the site's own
def test_where_new_accounts_or_a_group_of_the_site_may_begin_messages_nothing_is_said(
    setup: Setup, groups: str
) -> None:
    setup.settings["personal_message_enabled_groups"] = groups
    assert "messages" not in setup.check()


@pytest.mark.parametrize(
    ("site", "switch", "warned"),
    [("fr", "false", True), ("fr", "true", False), ("en_GB", "false", False)],
)
def test_a_cohort_in_another_language_than_the_forum_needs_people_to_choose_theirs(
    setup: Setup, site: str, switch: str, *, warned: bool
) -> None:
    setup.settings |= {"default_locale": site, "allow_user_locale": switch}
    found = setup.check()
    assert ("allow_user_locale" in found) is warned
    if warned:
        assert found["allow_user_locale"].fix == Fix("allow_user_locale", "false", "true")


def test_a_wrong_key_is_said_once_and_nothing_more_is_asked(setup: Setup) -> None:
    setup.scripted.on("GET", "/session/scopes.json", setup.scripted.reply(DENIED, 403))
    found = setup.check()
    assert found["key"].verdict is Verdict.FAIL
    assert "Admin > API" in found["key"].do
    assert len(setup.scripted.calls) == 1


@pytest.mark.parametrize(
    ("scopes", "verdict", "said"),
    [
        ([{"resource": "global", "action": "read"}], Verdict.WARN, "enough for plans"),
        ([{"resource": "topics", "action": "write"}, {"resource": "groups", "action": "manage_groups"}],
         Verdict.FAIL, "No set of scopes"),
    ],
)  # fmt: skip
def test_a_key_with_too_few_scopes_is_named(setup: Setup, scopes: list[Any], verdict: Verdict, said: str) -> None:
    setup.scripted.on("GET", "/session/scopes.json", setup.scripted.reply({"scopes": scopes}))
    finding = setup.check()["key"]
    assert finding.verdict is verdict
    assert said in finding.do
    assert all(f"{scope['resource']}:{scope['action']}" in finding.what for scope in scopes)


def test_a_forum_that_does_not_tell_scopes_is_checked_all_the_same(setup: Setup) -> None:
    setup.scripted.on("GET", "/session/scopes.json", setup.scripted.reply(NOT_FOUND, 404))
    found = setup.check()
    assert found["key"].verdict is Verdict.WARN
    assert found["tagging_enabled"].verdict is Verdict.OK


def test_an_api_user_who_is_no_administrator_is_a_failure(setup: Setup) -> None:
    setup.user = {"username": "ana", "admin": False}
    finding = setup.check()["API user"]
    assert finding.verdict is Verdict.FAIL
    assert "forum.api_username" in finding.do


def test_the_plugin_is_named_where_it_is_and_stands_before_the_data_explorer(setup: Setup) -> None:
    setup.settings["data_explorer_enabled"] = "true"
    status = {"version": "1.2.0", "contract": "1.0", "features": ["work", "desk"]}
    setup.scripted.on("GET", "/lcm/status.json", setup.scripted.reply(status))
    found = setup.check()
    assert found["plugin"].what == "discourse-lcm 1.2.0 is installed and used: desk, work."
    assert found["finding people"].what == "through our plugin, 20,000 in 1 call."
    assert "takes 1 call of the" in found["calls"].what


def test_what_keeps_syncs_from_using_the_plugin_is_said(setup: Setup) -> None:
    setup.settings["data_explorer_enabled"] = "true"
    status = {"version": "1.2.0", "contract": "1.0", "features": ["work", "desk"]}
    setup.scripted.on("GET", "/lcm/status.json", setup.scripted.reply(status))
    document = json.loads(setup.file.read_text("utf-8")) | {"lookup": {"ignore_plus": True}}
    setup.file.write_text(json.dumps(document), encoding="utf-8")
    found = setup.check()
    assert "keeps syncs from using it" in found["plugin"].what
    assert found["Data Explorer"].what.startswith("in use: 1 call")
    assert found["finding people"].what == "through the Data Explorer, 1 call for all."
    assert "takes about 4 calls" in found["calls"].what


def test_a_core_that_takes_many_terms_says_so(setup: Setup) -> None:
    rows = [{"id": -1, "username": "system", "name": "system"}]
    setup.scripted.on("GET", "/admin/users/list/active.json", setup.scripted.reply(rows))
    assert setup.check()["finding people"].what.startswith("100 addresses a call, or all of 2,345 accounts")


def test_a_plugin_of_another_contract_is_not_used_and_the_check_says_so(setup: Setup) -> None:
    status = {"version": "2.0.0", "contract": "2.0", "features": []}
    setup.scripted.on("GET", "/lcm/status.json", setup.scripted.reply(status))
    finding = setup.check()["plugin"]
    assert finding.verdict is Verdict.WARN
    assert "contract 2.0" in finding.what


def test_read_only_mode_is_mentioned(setup: Setup) -> None:
    reply = setup.scripted.reply({"current_user": setup.user}, headers={"Discourse-Readonly": "true"})
    setup.scripted.on("GET", "/session/current.json", reply)
    assert setup.check()["forum"].verdict is Verdict.WARN


def test_what_keeps_us_from_the_forum_is_said(setup: Setup, tmp_path: Path, key: str) -> None:
    setup.write("http://forum.invalid")
    assert "forum.url" in setup.check()["name"].do
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        setup.write(f"http://127.0.0.1:{closed.getsockname()[1]}")
        assert "refuses connections" in setup.check()["forum"].what
    setup.write(setup.scripted.url.replace("http:", "https:"))
    assert setup.check()["encryption"].verdict is Verdict.FAIL
    setup.environ = {}
    assert "DISCOURSE_API_KEY" in setup.check()["key"].what
    secret = tmp_path / "key"
    secret.write_text(key)
    secret.chmod(0o644)
    setup.write(setup.scripted.url, key_file=str(secret), key_env="UNUSED")
    assert "chmod 600" in next(
        finding.do for finding in check_setup(setup.file, {}, datetime.now(UTC)) if finding.area == "key"
    )


def test_a_configuration_with_a_mistake_names_its_place(setup: Setup) -> None:
    setup.file.write_text("forum:\n  url: http://x.example\n  api_user: ana\n")
    finding = setup.check()["configuration"]
    assert finding.verdict is Verdict.FAIL
    assert "lcm.yaml:3:3" in finding.what
    assert "api_username" in finding.what


@pytest.mark.parametrize(
    ("seconds", "verdict", "side"),
    [(0, Verdict.OK, "agree"), (29, Verdict.OK, "agree"), (60, Verdict.WARN, "ahead"), (-400, Verdict.FAIL, "behind")],
)
def test_clocks_are_compared(seconds: int, verdict: Verdict, side: str) -> None:
    now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC) + timedelta(seconds=seconds)
    finding = check_clock("Tue, 24 Nov 2026 12:00:00 GMT", now)
    assert (finding.verdict, side in finding.what) == (verdict, True)


@pytest.mark.parametrize("header", [None, "", "noon"])
def test_a_forum_without_a_clock_is_mentioned(header: str | None) -> None:
    assert check_clock(header, datetime.now(UTC)).verdict is Verdict.WARN


def test_a_call_without_encryption_is_fine_on_this_machine_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(_host: str, port: int, **_: object) -> list[Any]:
        return [(2, 1, 6, "", ("203.0.113.9", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    findings = check_connection(ForumSettings(url="http://talk.example.org"), datetime.now(UTC))
    assert (findings[-1].verdict, findings[-1].do) == (
        Verdict.WARN,
        "Use https in forum.url; anybody on the way can read the API key.",
    )


def test_the_command_prints_lines_or_json_and_ends_with_0_or_5(setup: Setup) -> None:
    runner = CliRunner(env=setup.environ)
    good = runner.invoke(main, ["check", "--config", str(setup.file)])
    assert good.exit_code == 0, good.output
    assert "ok    API user" in good.output
    setup.user = {"username": "ana", "admin": False}
    bad = runner.invoke(main, ["check", "--config", str(setup.file), "--json"])
    assert bad.exit_code == 5
    body = json.loads(bad.stdout)
    assert body["ok"] is False
    assert {"area": "API user", "verdict": "fail"}.items() <= body["findings"][-1].items()
    missing = runner.invoke(main, ["check", "--config", str(setup.file.parent / "none.yaml")])
    assert missing.exit_code == 5


def test_the_check_shows_no_key(setup: Setup, key: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    output = CliRunner(env=setup.environ).invoke(main, ["check", "--config", str(setup.file), "--json"]).output
    assert key not in output
    assert key not in caplog.text


def test_no_line_says_twice_what_to_do(setup: Setup) -> None:
    setup.environ.clear()
    keyless = setup.check()["key"]
    assert (keyless.verdict, keyless.do) == (Verdict.FAIL, "Make one in Discourse under Admin > API and put it there.")
    assert keyless.do not in keyless.what
    setup.file.write_text("forum: {url: 'https://talk.example.org', wrong: 1}\n", encoding="utf-8")
    wrong = setup.check()["configuration"]
    assert wrong.verdict is Verdict.FAIL
    assert "lcm.yaml:1" in wrong.what
    assert "Correct it there." not in (wrong.what, wrong.do)
    setup.file.unlink()
    absent = setup.check()["configuration"]
    assert absent.verdict is Verdict.FAIL
    assert not absent.do or absent.do not in absent.what


def test_the_error_of_a_call_is_told_with_its_advice_apart(setup: Setup) -> None:
    setup.scripted.on("GET", "/session/scopes.json", setup.scripted.reply("<title>Wait</title>", 502,
                      content_type="text/html"))  # fmt: skip
    found = setup.check()["forum"]
    assert "502" in found.what
    assert found.do
    assert found.do not in found.what
