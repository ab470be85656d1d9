"""Reading and changing site settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.practice_forum.setting_defaults import DEFAULTS
from sync_worker.practice_forum.tables import SiteSetting

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

_ALL = select(SiteSetting.name, SiteSetting.value)


class Settings:
    """The site settings as one request sees them, read when first asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changed: dict[str, str] | None = None

    def text(self, name: str) -> str:
        """The value as Discourse stores it: booleans are `true` and `false`, lists are joined by `|`.

        Raises:
            KeyError: the practice forum does not know the setting.

        """
        if self._changed is None:
            self._changed = {row[0]: row[1] for row in self._session.execute(_ALL)}
        return self._changed[name] if name in self._changed else as_stored(DEFAULTS[name].default)

    def flag(self, name: str) -> bool:
        """The value of a boolean setting."""
        return self.text(name) == "true"

    def number(self, name: str) -> int:
        """The value of an integer setting."""
        return int(self.text(name))

    def group_ids(self, name: str) -> set[int]:
        """The groups of a group list setting."""
        return {int(part) for part in self.text(name).split("|") if part}

    def change(self, name: str, value: str) -> None:
        """Set a setting (unchecked)."""
        self._session.merge(SiteSetting(name=name, value=value))
        self._session.flush()
        self._changed = None


def as_stored(value: bool | int | str) -> str:
    """Return a default as the text in which settings are stored."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
