"""`lcm check --fix` changes settings that are in the way, after a question, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.practice_forum.api import staff

SETTINGS = {
    "enable_category_group_moderation": "false",
    "allow_duplicate_topic_titles": "false",
    "invite_allowed_groups": "10|11",
    "min_post_length": "90",
}


class Forum:
    """A practice forum with settings that are in the way, and `lcm` beside it."""

    def __init__(self, forum: Any, folder: Path) -> None:
        self.forum = forum
        self.file = folder / "lcm.yaml"
        self.file.write_text(
            f"forum: {{url: '{forum.url}', api_username: forumadmin, calls_per_minute: 1000000}}\n", encoding="utf-8"
        )
        for name, value in SETTINGS.items():
            assert forum.call("PUT", f"/admin/site_settings/{name}.json", json={name: value}).ok
        self.before = self.all_settings()

    def all_settings(self) -> dict[str, str]:
        found = self.forum.get("/admin/site_settings.json")["site_settings"]
        return {one["setting"]: str(one["value"]) for one in found}

    def changed(self) -> dict[str, tuple[str, str]]:
        after = self.all_settings()
        return {name: (self.before[name], after[name]) for name in after if after[name] != self.before[name]}

    def check(self, *arguments: str, answers: str = "") -> Result:
        command = ["check", *arguments, "--config", str(self.file)]
        return CliRunner(env={"DISCOURSE_API_KEY": self.forum.key}).invoke(main, command, input=answers)


@pytest.fixture
def forum(practice_forum: Any, tmp_path: Path) -> Forum:
    return Forum(practice_forum, tmp_path)


def test_a_check_alone_changes_nothing(forum: Forum) -> None:
    assert forum.check().exit_code == 0
    assert forum.changed() == {}


def test_where_nobody_answers_the_rest_stays_and_the_exit_code_says_that_the_call_was_wrong(forum: Forum) -> None:
    result = forum.check("--fix", answers="y\n")
    assert (result.exit_code, len(forum.changed())) == (2, 1)
    assert "nobody answered" in result.output
    assert "`--yes`" in result.output


def test_each_setting_is_changed_after_its_own_question_and_reported_with_its_old_value(forum: Forum) -> None:
    result = forum.check("--fix", answers="y\nn\ny\n")
    assert result.exit_code == 0, result.output
    assert "Change enable_category_group_moderation from 'false' to 'true'? [y/N]: y" in result.output
    assert "enable_category_group_moderation is 'true' now; before it was 'false'." in result.output
    assert forum.changed() == {
        "enable_category_group_moderation": ("false", "true"),
        "invite_allowed_groups": ("10|11", "10|11|1"),
    }


def test_with_yes_all_are_changed_without_a_question_and_a_second_time_nothing(forum: Forum) -> None:
    shown = json.loads(forum.check("--fix", "--yes", "--json").stdout)
    assert {one["setting"]: (one["before"], one["value"]) for one in shown["fixed"]} == forum.changed()
    assert set(forum.changed()) == {*SETTINGS} - {"min_post_length"}
    again = forum.check("--fix", "--yes")
    assert "Nothing is in the way that the API could change." in again.output


def test_nobody_is_asked_where_nobody_can_answer(forum: Forum) -> None:
    assert forum.check("--fix", "--json").exit_code == 2
    assert forum.check("--yes").exit_code == 2
    assert forum.check("--fix").exit_code == 2  # no answer is no yes
    assert forum.changed() == {}


def test_a_setting_that_the_forum_does_not_take_is_said_and_the_others_are_changed(
    forum: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = staff._checked

    def shadowed(name: str, value: str) -> str:
        if name == "allow_duplicate_topic_titles":
            raise staff._refused("You are not allowed to change shadowed settings")
        return checked(name, value)

    monkeypatch.setattr(staff, "_checked", shadowed)
    result = forum.check("--fix", "--yes")
    assert result.exit_code == 4, result.output
    assert "allow_duplicate_topic_titles was not changed:" in result.output
    assert set(forum.changed()) == {"enable_category_group_moderation", "invite_allowed_groups"}


def test_a_check_says_where_links_in_mails_lead_to_nobody(forum: Forum) -> None:
    written = forum.file.read_text("utf-8")
    mail = "mail: {folder: mails, from: lcm@example.org, answers_at: 'https://lcm.example.org'}\n"
    forum.file.write_text(f"{written}{mail}", encoding="utf-8")
    said = "lcm.yaml has no service.listen: nobody answers there."
    assert said in " ".join(forum.check().output.split())
    forum.file.write_text(f"{written}{mail}service: {{listen: '127.0.0.1:8765'}}\n", encoding="utf-8")
    assert said not in " ".join(forum.check().output.split())


@pytest.mark.parametrize(
    ("listen", "secret", "told"),
    [
        ("", "x" * 64, "lcm.yaml has no service.listen"),
        ("listen: '127.0.0.1:8095', ", None, "the environment variable LCM_WEBHOOK_SECRET is empty"),
        ("listen: '127.0.0.1:8095', ", "x" * 64, None),
    ],
)
def test_webhooks_that_nobody_takes_in_are_told(
    forum: Forum, monkeypatch: pytest.MonkeyPatch, listen: str, secret: str | None, told: str | None
) -> None:
    service = f"service: {{{listen}webhooks_at: 'https://lcm.example.org'}}\n"
    forum.file.write_text(forum.file.read_text("utf-8") + service, encoding="utf-8")
    if secret is not None:
        monkeypatch.setenv("LCM_WEBHOOK_SECRET", secret)
    findings = json.loads(forum.check("--json").stdout)["findings"]
    found = [one for one in findings if one["area"] == "webhooks"]
    assert [one["verdict"] for one in found] == (["warn"] if told else [])
    assert not told or told in found[0]["what"]
