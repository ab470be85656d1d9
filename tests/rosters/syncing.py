"""`lcm sync` with one source of people, on a practice forum that holds their accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.config.load import load_settings
from sync_worker.forum import Forum
from sync_worker.rosters import read_roster
from tests.untouched import World, check_refused

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from sync_worker.model import Roster

COHORTS = [
    {"key": "spring", "name": "Spring", "start": "2027-03-01", "end": "2027-05-31", "timezone": "Europe/Lisbon"},
    {"key": "autumn", "name": "Autumn", "start": "2027-09-01", "end": "2027-11-30", "timezone": "Europe/Paris"},
]


@dataclass
class Desk:
    """A folder with `lcm.yaml`, the forum it speaks of, and the secrets in the environment."""

    folder: Path
    forum: Any
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """Where the settings are."""
        return self.folder / "lcm.yaml"

    def write(self, roster: dict[str, Any], **more: Any) -> None:
        """Write `lcm.yaml` with this source; `cohorts` (among `more`) take the place of Spring and Autumn."""
        settings = {
            "forum": {"url": self.forum.url, "key_env": "PRACTICE_KEY", "calls_per_minute": 100_000},
            "roster": roster,
            "limits": {"allow": ["add", "remove", "owners", "create"], "grace_days": 0},
            "cohorts": COHORTS,
        } | more
        self.file.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")

    def lcm(self, *arguments: str) -> Result:
        """Run a command."""
        environment = {"PRACTICE_KEY": self.forum.key, **self.environment}
        return CliRunner().invoke(main, [*arguments, "--config", str(self.file)], env=environment)

    def roster(self, now: datetime) -> Roster:
        """Read the roster alone."""
        return read_roster(load_settings(self.file), now=now, environment=self.environment)

    def members(self, group: str) -> dict[str, bool]:
        """Return who is in a group: name -> whether owner."""
        with Forum.connect(self.forum.settings, self.forum.key) as forum:
            return {member.username: member.owner for member in forum.members(group)}

    @property
    def world(self) -> World:
        """The forum, and the store beside the settings."""
        return World.at(self.forum.server, self.folder)


def check_refusal(desk: Desk, says: str, code: int, *, where: str = "") -> str:
    """Sync with and without --apply: refused with that code and message, nothing changed; return the message."""
    return check_refused(desk.lcm, desk.world, code=code, says=says, where=where)
