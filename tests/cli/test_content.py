"""`lcm roundup`, `stories` and `resources`: what the worker would write, and why; nothing is posted."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.forum import Forum
from sync_worker.store.database import open_store
from tests.accounts import account_ids
from tests.model_server import model_server
from tests.untouched import rows_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.untouched import Rows

THURSDAY = datetime(2027, 3, 4, 12, tzinfo=UTC)
STORY = (
    "Our hand-over depends on who is on. With some I know everything, with others I find out at ten in the morning.\n\n"
    "I asked everybody to write one page with five boxes, and no box may stay empty.\n\n"
    "The hand-over takes seven minutes instead of 15. Since then one thing was lost.\n\n"
    "The box with what I am unsure about is the one that matters."
)


@pytest.fixture
def lcm(practice_forum: Any, tmp_path: Path) -> Callable[..., Result]:
    """Run `lcm` on a forum where ana told a story that bob liked."""
    practice_forum.set_clock(THURSDAY)
    practice_forum.add_users("ana", "bob")
    with Forum.connect(practice_forum.settings, practice_forum.key) as forum:
        group = forum.create_group("spring", "Spring")
        forum.add_members(group.id, account_ids(forum, "ana", "bob"))
        category = forum.create_category("Spring 2027", "spring", {"spring": 1})
    body = {"title": "How we hand over now", "raw": STORY, "category": category.id}
    post = practice_forum.call("POST", "/posts.json", as_user="ana", json=body).json()
    like = {"id": post["id"], "post_action_type_id": 2}
    assert practice_forum.call("POST", "/post_actions.json", as_user="bob", json=like).ok
    (tmp_path / "lcm.yaml").write_text(
        f"forum: {{url: '{practice_forum.url}', key_env: PRACTICE_KEY, calls_per_minute: 100000}}\n"
        "cohorts:\n- {key: spring, name: Spring 2027, timezone: UTC, start: 2020-01-06, end: 2035-06-01}\n",
        encoding="utf-8",
    )

    def run(*arguments: str) -> Result:
        without = ("check",), ("practices", "list"), ("practices", "unmark")
        timeless = "--now" in arguments or not {arguments[:1], arguments[:2]}.isdisjoint(without)
        now = [] if timeless else ["--now", (THURSDAY + timedelta(minutes=1)).isoformat()]
        options = ["--config", str(tmp_path / "lcm.yaml"), *now]
        return CliRunner().invoke(main, [*arguments, *options], env={"PRACTICE_KEY": practice_forum.key})

    return run


@pytest.mark.parametrize(
    "arguments", [("roundup", "spring"), ("stories", "spring"), ("report", "spring", "--out", "r")]
)
def test_a_preview_and_a_report_write_nothing_into_the_store(
    lcm: Callable[..., Result], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert lcm("status").exit_code == 0
    before = store_rows(tmp_path)
    result = lcm(*arguments)
    assert result.exit_code == 0, result.output
    assert store_rows(tmp_path) == before
    if arguments[0] == "report":
        assert (tmp_path / "r" / "spring.csv").read_text(encoding="utf-8").count("\n") > 1


def store_rows(folder: Path) -> Rows:
    """Everything that the store holds, but for how many calls were made."""
    store = open_store(f"sqlite:///{folder / 'lcm.db'}")
    with store.engine.connect() as connection:
        rows = rows_of(connection)
    store.close()
    return {name: found for name, found in rows.items() if name not in ("budgets", "calls", "call_waiters")}


def test_the_roundup_is_shown_with_its_reasons_and_not_posted(lcm: Callable[..., Result], practice_forum: Any) -> None:
    before = practice_forum.get("/latest.json")["topic_list"]["topics"]
    result = lcm("roundup", "spring")
    assert result.exit_code == 0, result.output
    assert "Spring 2027: what we found out" in result.output
    assert "### On “How we hand over now”" in result.output
    assert "one page with five boxes" in result.output
    assert "liked it" not in result.output  # one like is no reason to read it
    assert "Why: One person wrote what others can use." in result.output
    after = practice_forum.get("/latest.json")["topic_list"]["topics"]
    assert len(after) == len(before)


def test_as_json_a_roundup_has_its_text_and_the_posts_it_quotes(lcm: Callable[..., Result]) -> None:
    found = json.loads(lcm("roundup", "spring", "--json").output)
    assert found["cohort"] == "spring"
    assert len(found["drafts"][0]["posts"]) == 1


def test_why_says_for_each_item_why_it_is_there_and_that_all_words_are_ours(lcm: Callable[..., Result]) -> None:
    output = lcm("roundup", "spring", "--why").output
    assert "Words: all are ours; lcm.yaml names no language model." in output
    assert "\nOn “How we hand over now”\n  why: One person liked it.\n" in output
    refused = lcm("roundup", "spring", "--ask-model")
    assert refused.exit_code == 2
    assert "lcm.yaml names no language model" in refused.output


def test_a_preview_asks_the_model_only_if_that_is_wanted_and_shows_what_became_of_each_text(
    lcm: Callable[..., Result], tmp_path: Path
) -> None:
    with model_server() as model:
        given = f"language_model: {{url: '{model.url}', model: small, private_categories_of: [spring]}}\n"
        with (tmp_path / "lcm.yaml").open("a", encoding="utf-8") as file:
            file.write(given)
        plain = lcm("roundup", "spring", "--why").output
        assert model.asked == []
        assert "heading of post" in plain
        assert "ours; the model was not asked about this roundup" in plain
        asked = lcm("roundup", "spring", "--why", "--ask-model").output
        assert "### I asked everybody to write one\n" in asked
        assert "One phrase was" not in asked
        assert "Three phrases were written by a language model and checked against the posts." in asked
        assert ": the model’s: It is about how we hand over now.\n" in asked
        found = json.loads(lcm("roundup", "spring", "--ask-model", "--json").output)
        assert [one["by_model"] for one in found["wording"]] == [True, True, True]
        assert len(model.asked) == 2
        assert "ours; the model was not asked" in lcm("roundup", "spring", "--why").output
        model.status = 500
        checked = lcm("check").output
    assert "language model" in checked
    assert "it answered 500. Texts are written without it." in checked


def test_without_anything_to_say_it_says_why(lcm: Callable[..., Result]) -> None:
    result = lcm("roundup", "spring", "--now", "2024-01-01T00:00Z")
    assert (result.exit_code, result.output) == (
        0,
        "No roundup: nobody wrote anything in this period (26 December – 1 January).\n".replace(
            " D", "\u00a0D"
        ).replace(" J", "\u00a0J"),
    )


def test_stories_are_listed_with_title_reason_and_consent(lcm: Callable[..., Result]) -> None:
    result = lcm("stories", "spring")
    assert result.exit_code == 0, result.output
    assert "asked everybody to write one page with five boxes: the hand-over takes seven minutes" in result.output
    assert "consent: not asked" in result.output
    found = json.loads(lcm("stories", "spring", "--json").output)
    assert [story["author"] for story in found] == ["ana"]


def test_an_unknown_cohort_is_a_usage_error_that_names_the_nearest(lcm: Callable[..., Result]) -> None:
    result = lcm("roundup", "sprint")
    assert result.exit_code == 2
    assert "Did you mean 'spring'?" in result.output


def test_what_was_read_before_an_account_was_anonymised_names_nobody_after_it(
    lcm: Callable[..., Result], practice_forum: Any, tmp_path: Path
) -> None:
    assert 'quote="ana' in lcm("roundup", "spring").output
    with Forum.connect(practice_forum.settings, practice_forum.key) as forum:
        (ana,) = account_ids(forum, "ana")
        forum.create_group("spring-lcm", "Spring's LCMs")
    assert practice_forum.call("PUT", f"/admin/users/{ana}/anonymize.json").ok
    later = ["--now", (THURSDAY + timedelta(hours=1)).isoformat()]
    assert "ana" not in lcm("roundup", "spring", *later).output.casefold().split()
    assert "quote=" not in lcm("roundup", "spring", *later).output
    written = lcm("report", "spring", "--out", str(tmp_path / "report"), *later)
    assert written.exit_code == 0, written.output
    for file in (tmp_path / "report").rglob("*.*"):
        assert not re.search(rb"\b[Aa]na\b", file.read_bytes()), file


def test_a_post_is_marked_as_practice_with_a_subject_and_words_that_stand_in_it_and_unmarked_again(
    lcm: Callable[..., Result], tmp_path: Path
) -> None:
    assert lcm("practices", "list").output == "No post is marked as practice.\n"
    with (tmp_path / "lcm.yaml").open("a", encoding="utf-8") as file:
        file.write("library: {category: practices}\n")
    [address] = [story["url"] for story in json.loads(lcm("stories", "spring", "--json").output)]
    topic = int(address.rpartition("/")[2])
    marked = lcm("practices", "mark", address, "--subject", "Hand-overs")
    assert marked.exit_code == 0, marked.output
    assert marked.output == (
        f"{topic}/1 (How we hand over now): is marked as practice. It comes into the library at the next run of the "
        "worker.\n"
    )
    wrong = lcm("practices", "mark", str(topic), "--words", "The hand-over takes three minutes instead of 15.")
    assert (wrong.exit_code, "do not stand in the post" in wrong.output) == (2, True)
    words = "The hand-over takes seven minutes instead of 15."
    again = lcm("practices", "mark", str(topic), "--words", words)
    assert "was marked before" in again.output
    [row] = json.loads(lcm("practices", "list", "spring", "--json").output)
    assert (row["username"], row["state"], row["words"], row["subject"]) == ("ana", "new", words, "")
    assert lcm("practices", "fits", "spring").output == "No topic was posted to it yet.\n"
    assert "is not marked any more" in lcm("practices", "unmark", f"/t/how-we-hand-over-now/{topic}").output
    assert lcm("practices", "unmark", str(topic)).exit_code == 2
    assert "out" in lcm("practices", "list", "--all").output
    assert lcm("forget", "ana", "--apply").exit_code == 0
    refused = lcm("practices", "mark", str(topic))
    assert (refused.exit_code, "asked to be forgotten" in refused.output) == (2, True)
    assert lcm("practices", "list", "--all").output == "No post is marked as practice.\n"
