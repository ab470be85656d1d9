"""`lcm playbook run` with the shipped playbook on the practice forum."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.store.database import open_store
from sync_worker.store.tables import CreatedRow

if TYPE_CHECKING:
    from pathlib import Path

COHORTS = {"spring-27": ("Spring", "en", "Europe/Lisbon"), "printemps-27": ("Printemps", "fr", "Europe/Paris")}


def own_categories(place: Path, practice_forum: Any) -> None:
    """Write down that a sync made the cohorts' categories."""
    made = {row["slug"]: row["id"] for row in practice_forum.get("/categories.json")["category_list"]["categories"]}
    store = open_store(f"sqlite:///{place / 'lcm.db'}")
    with store.begin() as session:
        session.add_all(
            CreatedRow(
                forum=practice_forum.settings.name,
                kind="category",
                name=key,
                forum_id=made[key],
                state="made",
                run="sync-1",
                at=datetime(2027, 2, 1, tzinfo=UTC),
            )
            for key in COHORTS
        )
    store.close()


@pytest.fixture
def folder(tmp_path: Path, practice_forum: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings of two cohorts whose categories are on the forum."""
    lines = [
        f"forum: {{url: '{practice_forum.url}', api_username: forumadmin, calls_per_minute: 1000000,",
        "        connect_timeout: 60, read_timeout: 300}  # a slow machine is no reason to give up",
        "cohorts:",
    ]
    for key, (name, locale, zone) in COHORTS.items():
        practice_forum.call("POST", "/categories.json", json={"name": name, "slug": key, "color": "0088CC",
                            "text_color": "FFFFFF", "permissions": {"everyone": 1}})  # fmt: skip
        lines.append(
            f"  - {{key: {key}, name: {name}, start: {date(2027, 3, 1)}, end: {date(2027, 4, 9)}, "
            f"timezone: {zone}, locale: {locale}, playbook: first-steps}}"
        )
    (tmp_path / "lcm.yaml").write_text("\n".join(lines), encoding="utf-8")
    own_categories(tmp_path, practice_forum)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISCOURSE_API_KEY", practice_forum.key)
    return tmp_path


def run(cohort: str, now: str, *more: str) -> Result:
    return CliRunner().invoke(main, ["playbook", "run", "first-steps", "--cohort", cohort, "--now", now, *more])


@pytest.mark.parametrize(("cohort", "start"), [("spring-27", "Spring: who we are"), ("printemps-27", "Printemps")])
@pytest.mark.usefixtures("folder")
def test_the_shipped_playbook_starts_a_cohort_in_its_language(practice_forum: Any, cohort: str, start: str) -> None:
    practice_forum.set_clock(None)
    result = run(cohort, "2027-03-01T09:30+00:00", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert [(deed["action"], deed["state"]) for deed in report["deeds"]] == [("topic", "done"), ("pin", "done")]
    topic = practice_forum.get(f"/t/{report['deeds'][0]['topic_id']}.json")
    assert topic["title"].startswith(start)
    again = run(cohort, "2027-03-01T09:31+00:00")
    assert (again.exit_code, again.stdout) == (0, "Nothing is due.\n")


@pytest.mark.usefixtures("folder")
def test_a_step_is_run_alone_and_the_calendar_tells_what_happened(practice_forum: Any) -> None:
    result = run("spring-27", "2027-03-08T09:00+00:00", "--step", "weekly-prompt")
    assert result.exit_code == 0, result.output
    assert "topic done" in result.stdout
    arguments = [
        "playbook",
        "show",
        "first-steps",
        "--cohort",
        "spring-27",
        "--now",
        "2027-03-08T09:01+00:00",
        "--json",
    ]
    lines = json.loads(CliRunner().invoke(main, arguments).stdout)
    states = {(line["step"], line["when"][:10]): line["state"] for line in lines}
    assert states["weekly-prompt", "2027-03-08"] == "done"
    assert states["welcome", "2027-03-01"] == "missed"
    history = json.loads(CliRunner().invoke(main, ["history", "--json"]).stdout)
    assert {row["action"] for row in history} == {"topic", "pin"}


@pytest.mark.usefixtures("folder")
def test_a_category_that_somebody_renamed_is_posted_in(practice_forum: Any) -> None:
    made = practice_forum.get("/categories.json")["category_list"]["categories"]
    number = next(row["id"] for row in made if row["slug"] == "spring-27")
    new = {"name": "Leaders of spring", "slug": "leaders-of-spring"}
    assert practice_forum.call("PUT", f"/categories/{number}.json", json=new).ok
    result = run("spring-27", "2027-03-01T09:30+00:00", "--json")
    assert result.exit_code == 0, result.output
    topic = json.loads(result.stdout)["deeds"][0]["topic_id"]
    assert practice_forum.get(f"/t/{topic}.json")["category_id"] == number


def test_a_cohort_whose_end_never_comes_stops_no_other(folder: Path) -> None:
    file = folder / "lcm.yaml"
    text = file.read_text(encoding="utf-8")
    never_over = (
        "  - {key: always, name: Always, start: 2027-03-01, end: 9999-12-31, timezone: UTC, playbook: first-steps}"
    )
    file.write_text(text.replace("cohorts:\n", f"cohorts:\n{never_over}\n"), encoding="utf-8")
    result = run("spring-27", "2027-03-01T09:30+00:00")
    assert (result.exit_code, "topic done" in result.stdout) == (0, True), result.output
    shown = CliRunner().invoke(main, ["status", "--now", "2027-03-01T09:31+00:00"])
    assert shown.exit_code == 0, shown.output


@pytest.mark.usefixtures("folder")
def test_a_missing_category_is_told_with_what_to_do_and_exit_code_4(practice_forum: Any) -> None:
    practice_forum.call("DELETE", "/categories/5.json")
    result = run("spring-27", "2027-03-01T09:30+00:00")
    assert result.exit_code == 4
    assert "the category of cohort 'spring-27' was deleted" in result.stderr
    assert "lcm sync --cohort spring-27 --apply" in result.stderr


@pytest.mark.usefixtures("practice_forum")
def test_an_unreachable_forum_exits_with_5(folder: Path) -> None:
    text = (folder / "lcm.yaml").read_text(encoding="utf-8")
    (folder / "lcm.yaml").write_text(text.replace(text.split("'")[1], "http://127.0.0.1:1"), encoding="utf-8")
    result = run("spring-27", "2027-03-01T09:30+00:00")
    assert result.exit_code == 5
