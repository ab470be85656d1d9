"""A broken workbook, export, database or set of sources is refused with its exit code, place and what to do.

The forum and the store, both filled by a good sync before, stay as they are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.config.settings import ForumSettings
from sync_worker.forum import Forum
from sync_worker.practice_forum.options import DEFAULT_KEY, ForumOptions
from sync_worker.practice_forum.server import ForumServer
from tests.cli.broken_sources import ALL, CSV, Broken

SETTINGS = """\
forum: {{url: "{url}", key_env: PRACTICE_KEY, calls_per_minute: 100000}}
{roster}
store: "sqlite:///{store}"
limits: {{allow: [add, remove, owners, create]}}
cohorts:
  - {{key: spring, name: Spring, start: 2027-03-01, end: 2027-05-31, timezone: Europe/Lisbon}}
  - {{key: autumn, name: Autumn, start: 2027-09-01, end: 2027-11-30, timezone: Europe/Paris}}
"""


@dataclass(frozen=True)
class Place:
    """A forum and a store that a good sync has filled."""

    forum: ForumServer
    store: Path

    def lcm(self, folder: Path, roster: str, *arguments: str) -> Result:
        """Run a command in a folder with this roster."""
        text = SETTINGS.format(url=self.forum.url, roster=roster, store=self.store)
        (folder / "lcm.yaml").write_text(text, encoding="utf-8")
        variables = {
            "PRACTICE_KEY": DEFAULT_KEY,
            "HR_URL": f"sqlite:///{folder / 'hr.db'}",
            "BAD_URL": "hr",
            "COBOL_URL": "cobol://u:s3cret@h/d",
            "FAR_URL": "postgresql+psycopg://u:s3cret@127.0.0.1:9/hr",
        }
        return CliRunner().invoke(main, [*arguments, "--config", str(folder / "lcm.yaml")], env=variables)

    def state(self) -> list[str]:
        """Return all that a sync could change, on the forum and in the store."""
        connection = sqlite3.connect(self.store)
        try:
            kept = list(connection.iterdump())
        finally:
            connection.close()
        settings = ForumSettings(url=self.forum.url, api_username="forumadmin", calls_per_minute=1_000_000)
        with Forum.connect(settings, DEFAULT_KEY) as forum:
            groups = [group for group in forum.groups() if not group.automatic]
            return [*kept, repr([(group, forum.members(group.name)) for group in groups]), repr(forum.categories())]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A forum where Ana and Ben are in the cohort `spring`."""
    folder = tmp_path_factory.mktemp("good")
    with ExitStack() as stack:
        server = stack.enter_context(ForumServer(":memory:", options=ForumOptions()))
        made = Place(server, folder / "lcm.db")
        (folder / "r.csv").write_text(CSV, encoding="utf-8")
        result = made.lcm(folder, "roster: {csv: r.csv}", "sync", "--apply", "--now", "2027-03-02T09:00+00:00")
        assert result.exit_code == 0, result.output
        yield made


@pytest.mark.parametrize("broken", ALL, ids=lambda broken: broken.name)
def test_it_is_refused_with_place_and_advice_and_nothing_is_changed(
    broken: Broken, place: Place, tmp_path: Path
) -> None:
    roster = broken.write(tmp_path)
    before = place.state()
    for arguments in (["sync"], ["sync", "--apply"]):
        result = place.lcm(tmp_path, roster, *arguments)
        assert result.exit_code == broken.code, result.output
        assert broken.says in result.stderr
        assert broken.place in result.stderr
        assert "s3cret" not in result.output
    assert place.state() == before


def test_there_are_enough_of_them_and_each_is_told_apart() -> None:
    assert len({broken.name for broken in ALL}) == len(ALL) >= 100
