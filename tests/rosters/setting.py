"""A source that listens on loopback, and the settings that name it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.rosters.syncing import Desk
    from tests.rosters.web.loopback import Loopback


@dataclass
class Setting:
    """What the source holds, where it listens, its part of `lcm.yaml`, and the environment with its secret."""

    data: Any = field(repr=False)
    server: Loopback
    roster: dict[str, Any]
    environment: dict[str, str] = field(default_factory=dict)

    def open(self, desk: Desk, **more: Any) -> None:
        """Write the settings and put the secret in the environment."""
        desk.environment.update(self.environment)
        desk.write(self.roster | more)
