"""The journey: one cohort, from an empty forum to its first roundup, by the worker's own commands."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.cli.workspace import Workspace
from sync_worker.playbook.load import load_named
from sync_worker.plays import REGISTRY
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import ForumOptions
from sync_worker.worker.run import run_due
from tests.journey.site import Site

FRIDAY = 4


@dataclass
class Journey:
    """A site, the folder of somebody who runs the worker for it, and one cohort's dates.

    The first roundup is due on the Friday after today, so that what is written today is in it.
    """

    site: Site
    folder: Path
    suffix: str
    is_real: bool

    def __post_init__(self) -> None:
        today = datetime.now(UTC).date()
        self.roundup_day = today + timedelta(days=(FRIDAY - today.weekday() - 1) % 7 + 1)
        self.start = self.roundup_day - timedelta(days=11)
        self.cohort = f"trip-{self.suffix}"
        self.lcm_group = f"{self.cohort}-lcm"
        self.lcm = f"lena_{self.suffix}"
        self.learners = [f"{name}_{self.suffix}" for name in ("ana", "ben", "cleo", "dan", "eva")]

    def write(self, learners: list[str]) -> None:
        """Write the roster and lcm.yaml."""
        rows = [f"{self.lcm}@example.org,Lena,{self.cohort},lcm"]
        rows += [f"{name}@example.org,{name.title()},{self.cohort},learner" for name in learners]
        (self.folder / "roster.csv").write_text("\n".join(("email,name,cohort,role", *rows)) + "\n", encoding="utf-8")
        settings = {
            "forum": {
                "url": self.site.url,
                "api_username": self.site.admin,
                "key_env": "JOURNEY_KEY",
                "calls_per_minute": self.site.calls_per_minute,
            },
            "roster": {"csv": "roster.csv"},
            "limits": {"allow": ["add", "remove", "owners", "create"], "grace_days": 0},
            "cohorts": [
                {
                    "key": self.cohort,
                    "name": f"The trip of {self.suffix}",
                    "start": self.start.isoformat(),
                    "end": (self.start + timedelta(days=60)).isoformat(),
                    "timezone": "UTC",
                    "lcm_group": self.lcm_group,
                    "playbook": "first-steps",
                }
            ],
        }
        (self.folder / "lcm.yaml").write_text(json.dumps(settings), encoding="utf-8")

    def command(self, *arguments: str) -> Result:
        """Run one of the worker's commands."""
        options = ["--config", str(self.folder / "lcm.yaml")]
        return CliRunner().invoke(main, [*arguments, *options], env={"JOURNEY_KEY": self.site.key})

    def json(self, *arguments: str) -> Any:
        """Run a command that must end well; return its JSON."""
        result = self.command(*arguments, "--json")
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    def run(self, day: date, hour: int) -> Any:
        """Run the playbook as of half past an hour of a day; on a real forum the library does, and no command."""
        now = datetime.combine(day, time(hour, 30), UTC)
        if not self.is_real:
            return self.json("playbook", "run", "first-steps", "--cohort", self.cohort, "--now", now.isoformat())
        with patch.dict(os.environ, JOURNEY_KEY=self.site.key), Workspace(self.folder / "lcm.yaml") as workspace:
            playbook = load_named("first-steps", workspace.settings.playbooks, REGISTRY)
            report = run_due(
                workspace.connect(), workspace.store, workspace.settings, {playbook.name: playbook}, now, self.cohort
            )
        return report.to_json()

    @property
    def prompt_day(self) -> date:
        """The Monday of the first prompt."""
        return self.start + timedelta(days=7)


@pytest.fixture(scope="module", params=["practice", pytest.param("live", marks=pytest.mark.live)])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    """A practice forum, and a real Discourse that the environment names."""
    if request.param == "practice":
        with ForumServer(":memory:", options=ForumOptions()) as server:

            def wait(seconds: float) -> None:
                clock = server.forum.clock
                clock.virtual = clock.now() + timedelta(seconds=seconds)

            yield Site(server.url, ForumOptions().api_key, "forumadmin", 1_000_000, wait)
        return
    url, key = os.environ.get("DISCOURSE_URL"), os.environ.get("DISCOURSE_API_KEY")
    if not url or not key:
        pytest.skip("DISCOURSE_URL and DISCOURSE_API_KEY name no Discourse")
    budget = int(os.environ.get("DISCOURSE_CALLS_PER_MINUTE", "55"))
    yield Site(url.rstrip("/"), key, os.environ.get("DISCOURSE_API_USERNAME", "system"), budget)


@pytest.fixture(scope="module")
def journey(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """A journey that has not begun; everything it leaves on the site is deleted in the end."""
    is_real = site.url == os.environ.get("DISCOURSE_URL", "").rstrip("/")
    trip = Journey(site, tmp_path_factory.mktemp("journey"), uuid.uuid4().hex[:6], is_real)
    try:
        for name in (trip.lcm, *trip.learners):
            site.add_account(name, name.partition("_")[0].title())
        yield trip
    finally:
        site.tidy(trip.cohort, (trip.cohort, trip.lcm_group))
    assert not site.has(f"/groups/{trip.cohort}.json")
    assert site.category(trip.cohort) is None
    assert not any(site.has(f"/u/{name}.json") for name in site.accounts)
