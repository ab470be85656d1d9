"""`lcm status` shows what is used of the site's budget of calls."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from sync_worker.cli import main
from sync_worker.cli.workspace import Workspace
from sync_worker.forum.patience import Priority

SETTINGS = """\
forum: {{url: "https://forum.example.org", calls_per_minute: {limit}}}
cohorts:
  - {{key: lead, name: Leading teams, start: 2027-03-01, end: 2027-04-30, timezone: UTC, playbook: first-steps}}
"""


def settings(tmp_path: Path, limit: int = 55) -> Path:
    path = tmp_path / "lcm.yaml"
    path.write_text(SETTINGS.format(limit=limit), encoding="utf-8")
    return path


def status(path: Path, *more: str) -> str:
    result = CliRunner().invoke(main, ["status", "--config", str(path), *more])
    assert result.exit_code == 0, result.output
    return result.output


def test_calls_of_the_last_minute_are_counted_by_whose_work_they_were(tmp_path: Path) -> None:
    path = settings(tmp_path)
    with Workspace(path) as workspace:
        budget = workspace.budget(Priority.BACKGROUND)
        assert budget is not None
        for lane in (budget, budget, budget.lane(Priority.PERSON)):
            with lane.slot():
                pass
    calls = json.loads(status(path, "--json"))["calls"]
    assert (calls["limit"], calls["used"]) == (55, {"background": 2, "person": 1})
    assert "Calls: 3 of 55 used in the last minute." in status(path)


def test_a_budget_without_a_limit_is_said_to_have_none(tmp_path: Path) -> None:
    assert "Calls: no limit." in status(settings(tmp_path, 1_000_000))


def test_each_cohort_shows_what_comes_next(tmp_path: Path) -> None:
    shown = json.loads(status(settings(tmp_path), "--json", "--now", "2027-02-20T09:00:00Z"))
    assert [cohort["next"] for cohort in shown["cohorts"]] == ["welcome 2027-03-01 09:00"]
