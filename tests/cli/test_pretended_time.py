"""`--now` in commands that write is refused on anything but a practice forum, and a preview posts nothing."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from sync_worker.cli import main
from sync_worker.store.database import open_store
from sync_worker.store.tables import LedgerRow, OccurrenceRow, Table
from tests.cli import test_playbook_run

if TYPE_CHECKING:
    from pathlib import Path

BEFORE, NOW = "2027-02-20T09:00+00:00", "2027-03-08T09:30+00:00"  # before the cohorts begin, and in their second week


@pytest.fixture
def real_forum(practice_forum: Any) -> Any:
    """A forum that has not what only a practice forum has."""
    application = practice_forum.server._server.application

    def without_practice(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"].startswith("/practice"):
            environ = {**environ, "PATH_INFO": "/no-such-page.json"}
        return application(environ, start_response)

    practice_forum.server._server.application = without_practice
    return practice_forum


def lcm(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


folder = test_playbook_run.folder


def stored(place: Path) -> dict[str, int]:
    """How many rows each table has."""
    store = open_store(f"sqlite:///{place / 'lcm.db'}")
    with store.begin() as session:
        counts = {table.name: len(session.execute(select(table)).all()) for table in Table.metadata.sorted_tables}
    store.close()
    return counts


@pytest.mark.parametrize(
    "arguments",
    [
        ("playbook", "run", "first-steps", "--cohort", "spring-27"),
        ("playbook", "catch-up", "welcome", "--cohort", "spring-27"),
        ("playbook", "switch", "--cohort", "spring-27", "--apply"),
        ("sync", "undo", "sync-x", "--apply"),
        ("recover", "--apply"),
        ("desk",),
    ],
)
@pytest.mark.usefixtures("folder")
def test_another_time_is_refused_on_a_real_forum_and_nothing_is_written(
    real_forum: Any, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    result = lcm(*arguments, "--now", NOW)
    assert result.exit_code == 2, result.output
    assert "goes by the real time" in result.stderr
    assert "lcm playbook preview" in result.stderr
    counts = stored(tmp_path)
    assert (counts["ledger"], counts["occurrences"]) == (0, 0)


@pytest.mark.usefixtures("folder", "real_forum")
def test_a_sync_by_another_time_is_refused_on_a_real_forum(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("email,name,cohort,role\nana@x.org,Ana,spring-27,learner\n", encoding="utf-8")
    text = (tmp_path / "lcm.yaml").read_text(encoding="utf-8")
    (tmp_path / "lcm.yaml").write_text(f"roster: {{csv: r.csv}}\n{text}", encoding="utf-8")
    result = lcm("sync", "--apply", "--now", NOW)
    assert (result.exit_code, "goes by the real time" in result.stderr) == (2, True), result.output


@pytest.mark.usefixtures("folder")
def test_a_preview_shows_what_would_be_posted_and_leaves_nothing_behind(practice_forum: Any, tmp_path: Path) -> None:
    practice_forum.set_clock(datetime.fromisoformat(NOW))  # so that nothing on the forum changes by itself
    before = (stored(tmp_path), practice_forum.get("/latest.json"))
    result = lcm("playbook", "preview", "welcome", "--cohort", "spring-27", "--now", BEFORE, "--json")
    assert result.stderr == ""
    assert result.exit_code == 0, result.output
    shown = json.loads(result.stdout)
    (post,) = shown["posts"]
    assert (post["title"], post["pinned_until"]) == ("Spring: who we are", "2027-03-08")
    assert post["category"] == "Spring"
    assert "Welcome. For the next six weeks" in post["raw"]
    assert post["objections"] == []
    for step in ("weekly-prompt", "roundup", "story", "ask-for-a-story"):
        result = lcm("playbook", "preview", step, "--cohort", "spring-27", "--now", NOW)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
    counts = stored(tmp_path)
    for table in ("calls", "budgets", "call_waiters"):
        counts.pop(table), before[0].pop(table)
    assert (counts, practice_forum.get("/latest.json")) == before


@pytest.mark.usefixtures("folder")
def test_a_preview_of_a_day_without_the_step_names_the_nearest(practice_forum: Any) -> None:
    del practice_forum
    preview = ("playbook", "preview", "weekly-prompt", "--cohort", "spring-27", "--now", BEFORE)
    result = lcm(*preview, "--on", "2027-03-17")
    assert result.exit_code == 2
    assert "2027-03-15 and 2027-03-22" in result.stderr
    shown = lcm(*preview, "--on", "2027-03-15")
    assert "Monday 2027-03-15 09:00" in shown.stdout
    assert "Nothing was posted." in shown.stdout
    assert "Did you mean 'weekly-prompt'" in lcm("playbook", "preview", "weekly", "--cohort", "spring-27").stderr


@pytest.mark.usefixtures("folder", "practice_forum")
def test_a_preview_of_a_later_date_shows_the_prompt_and_the_state_that_the_calendar_has_for_it() -> None:
    calendar = lcm("playbook", "show", "first-steps", "--cohort", "spring-27", "--now", NOW, "--json")
    dates = [line for line in json.loads(calendar.stdout) if line["step"] == "weekly-prompt"]
    assert [line["state"] for line in dates][:3] == ["due", "to come", "to come"]
    preview = ("playbook", "preview", "weekly-prompt", "--cohort", "spring-27", "--now", NOW, "--json")
    for line in dates[:3]:
        shown = json.loads(lcm(*preview, "--on", line["when"][:10]).stdout)
        assert shown["state"] == line["state"]
        assert shown["posts"][0]["title"].endswith(line["prompt"])


@pytest.mark.usefixtures("folder")
def test_a_step_that_was_missed_is_said_to_be_and_can_be_done_now(practice_forum: Any, tmp_path: Path) -> None:
    run = ("playbook", "run", "first-steps", "--cohort", "spring-27", "--now", "2027-03-18T12:00+00:00")
    lcm(*run)
    result = lcm(*run, "--step", "welcome")
    assert result.exit_code == 4, result.output
    assert "'welcome' was to happen on 2027-03-01 at 09:00" in result.stderr
    assert "lcm playbook catch-up welcome --cohort spring-27" in result.stderr
    done = lcm("playbook", "catch-up", "welcome", "--cohort", "spring-27", "--now", "2027-03-18T12:01+00:00")
    assert done.exit_code == 0, done.output
    titles = [topic["title"] for topic in practice_forum.get("/latest.json")["topic_list"]["topics"]]
    assert titles.count("Spring: who we are") == 1
    again = lcm("playbook", "catch-up", "welcome", "--cohort", "spring-27", "--now", "2027-03-18T12:02+00:00")
    assert (again.exit_code, "missed no date" in again.stderr) == (2, True)


@pytest.mark.usefixtures("folder")
def test_catching_up_takes_the_date_that_is_named(practice_forum: Any, tmp_path: Path) -> None:
    del practice_forum
    now = ("--now", "2027-03-26T12:00+00:00")
    command = ("playbook", "catch-up", "weekly-prompt", "--cohort", "spring-27")
    assert "2027-03-08, 2027-03-15" in lcm(*command, "--slot", "2027-03-09", *now).stderr
    assert lcm(*command, "--slot", "2027-03-08", *now).exit_code == 0
    store = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    with store.begin() as session:
        done = [row.slot.date().isoformat() for row in session.scalars(select(OccurrenceRow)) if row.outcome == "done"]
        assert "2027-03-08" in done
        assert session.scalars(select(LedgerRow).where(LedgerRow.action == "topic")).all()
    store.close()


@pytest.mark.usefixtures("folder", "practice_forum")
def test_a_playbook_that_is_not_the_one_of_the_cohort_is_not_run(tmp_path: Path) -> None:
    text = (tmp_path / "lcm.yaml").read_text(encoding="utf-8")
    (tmp_path / "lcm.yaml").write_text(text.replace("playbook: first-steps", "playbook: other"), encoding="utf-8")
    result = lcm("playbook", "run", "first-steps", "--cohort", "spring-27")
    assert result.exit_code == 2
    assert "follows the playbook 'other', not 'first-steps'" in result.stderr
    assert "lcm playbook switch --cohort spring-27" in result.stderr
