"""A forum and a store that a good sync has filled, and `lcm` beside them in any folder."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.practice_forum.server.options import DEFAULT_KEY
from tests.untouched import World, check_refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import PracticeForum

SETTINGS = """\
forum: {{url: "{url}", key_env: PRACTICE_KEY, calls_per_minute: 5000, connect_timeout: 60, read_timeout: 300}}
{roster}
store: "{store}"
limits: {{allow: [add, remove, owners, create], grace_days: 0{limits}}}
cohorts:
  - {{key: spring, name: Spring, start: 2027-03-01, end: 2027-05-31, timezone: Europe/Lisbon}}
  - {{key: autumn, name: Autumn, start: 2027-09-01, end: 2027-11-30, timezone: Europe/Paris}}
"""
GOOD_CSV = "external_id,email,name,cohort,role\n1,ana@x.org,Ana,spring,learner\n2,ben@x.org,Ben,spring,lcm\n"
CSV_ROSTER = "roster: {csv: r.csv}"
THEN, NOW = "2027-03-02T09:00+00:00", "2027-03-10T09:00+00:00"
NOBODY = 65534


@contextmanager
def as_nobody() -> Iterator[None]:
    """Be somebody whom permissions bind, where root runs the tests."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def keep_out(path: Path, mode: int) -> None:
    """Set permissions that keep `as_nobody` out; where that is who made the file, they bind the owner too."""
    path.chmod(mode if os.geteuid() == 0 else mode & 0o077 | (mode & 0o007) << 6)


@dataclass(frozen=True)
class Place:
    """A forum with a cohort that a sync has made, the store of that sync, and the commands."""

    forum: PracticeForum
    world: World

    @classmethod
    def filled(cls, forum: PracticeForum, folder: Path, store: str | None = None) -> Place:
        """Sync a good roster: Ana and Ben are in the cohort `spring`, Zoe and the boss have accounts."""
        names = ("ana", "ben", "zoe", "boss")
        forum.add_users(*names, emails=[f"{name}@x.org" for name in names])
        place = cls(forum, World(forum.server, store) if store else World.at(forum.server, folder))
        (folder / "r.csv").write_text(GOOD_CSV, encoding="utf-8")
        result = place.lcm(folder, CSV_ROSTER, "sync", "--apply", now=THEN)
        assert result.exit_code == 0, result.output
        return place

    def lcm(self, folder: Path, roster: str, *arguments: str, limits: str = "", now: str = NOW) -> Result:
        """Run a command in a folder with this roster."""
        self.write(folder, roster, limits)
        return self.run(folder, *arguments, now=now)

    def write(self, folder: Path, roster: str, limits: str = "") -> None:
        """Write `lcm.yaml`."""
        text = SETTINGS.format(url=self.forum.url, roster=roster, store=self.world.store, limits=limits)
        (folder / "lcm.yaml").write_text(text, encoding="utf-8")

    def run(self, folder: Path, *arguments: str, now: str = NOW) -> Result:
        """Run a command in a folder with settings."""
        variables = {
            "PRACTICE_KEY": DEFAULT_KEY,
            "HR_URL": f"sqlite:///{folder / 'hr.db'}",
            "BAD_URL": "hr",
            "COBOL_URL": "cobol://u:s3cret@h/d",
            "FAR_URL": "postgresql+psycopg://u:s3cret@127.0.0.1:9/hr",
        }
        config = ["--config", str(folder / "lcm.yaml"), "--now", now]
        return CliRunner().invoke(main, [*arguments, *config], env=variables)

    def beside(self, folder: Path) -> Place:
        """Return the same forum with the store that is in a folder."""
        return replace(self, world=World.at(self.forum.server, folder))

    def check_refused(
        self, folder: Path, roster: str, *, code: int, says: str, where: str, limits: str = "", reads: bool = False
    ) -> str:
        """Sync that roster with and without --apply: refused, and nothing changed; return the message."""
        message = check_refused(
            lambda *arguments: self.lcm(folder, roster, *arguments, limits=limits),
            self.world,
            code=code,
            says=says,
            where=where,
            reads_the_forum=reads,
        )
        assert "s3cret" not in message
        return message
