"""What the forum can do to tell us who is who: tried once a day, and remembered."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.errors import ForumError
from sync_worker.forum.accounts import DISCOURSE_CONNECT
from sync_worker.membership.matching.queries import NO_PROVIDER, OURS
from sync_worker.store.tables import CursorRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.forum.client import Forum

CURSOR = "abilities"
HOLDS = timedelta(days=1)
MODERATION_SETTING = "enable_category_group_moderation"
SETTINGS = ("data_explorer_enabled", "enable_discourse_connect", MODERATION_SETTING)


@dataclass(frozen=True, slots=True)
class Abilities:
    """What was found out at one moment.

    `plugin` is whether the forum has our plugin; nothing else was tried then. `queries` are the ids of our saved
    queries by name, empty where the Data Explorer is off or ours are not saved yet; `many_terms` is whether the users
    list takes a hundred terms at once, None where that was not tried yet; `connect` whether DiscourseConnect is on,
    `moderation` whether groups may moderate categories.
    """

    at: datetime
    queries: Mapping[str, int] = field(default_factory=dict)
    many_terms: bool | None = None
    connect: bool = False
    moderation: bool | None = None
    plugin: bool = False

    @property
    def explorer(self) -> bool:
        """Whether our queries can be run."""
        return bool(self.queries)

    def provider(self, wanted: str) -> str:
        """Return the log-in provider whose ids can be looked up; `none` for DiscourseConnect where it is off."""
        return wanted if wanted != DISCOURSE_CONNECT or self.connect else NO_PROVIDER


def probe(forum: Forum, now: datetime, *, explorer: bool = True) -> Abilities:
    """Find out what the forum can do; saves our queries in the Data Explorer unless the client only reads.

    Calls: 1; with a Data Explorer 2, and 1 for each of our 3 queries.

    Raises:
        ForumError: the forum cannot be read.

    """
    values = forum.site_settings(SETTINGS)
    connect = values.get("enable_discourse_connect") == "true"
    queries: dict[str, int] = {}
    if explorer and values.get("data_explorer_enabled") == "true":
        queries = _queries(forum)
    return Abilities(now, queries, None, connect, values.get(MODERATION_SETTING) == "true")


def _queries(forum: Forum) -> dict[str, int]:
    """Return our saved queries if they are all there and as we wrote them; save those that are not."""
    try:
        saved = forum.explorer.queries()
        found: dict[str, int] = {}
        for query in OURS:
            number = saved.get(query.name)
            if number is None or forum.explorer.sql(number) != query.sql:
                if forum.read_only:
                    return {}
                number = forum.explorer.save(query, number)
            found[query.name] = number
    except ForumError as error:
        if not error.refused:
            raise
        return {}
    return found


@dataclass(frozen=True, slots=True)
class AbilityStore:
    """Remembers what one forum can do."""

    sessions: sessionmaker[Session]
    forum: str

    def read(self, now: datetime) -> Abilities | None:
        """Return what was found out less than a day ago."""
        with self.sessions() as session:
            row = session.get(CursorRow, (self.forum, CURSOR))
            value = json.loads(row.value) if row else None
        if value is None:
            return None
        at = datetime.fromisoformat(value.pop("at")).astimezone(UTC)
        return Abilities(at=at, **value) if at <= now < at + HOLDS else None

    def write(self, abilities: Abilities) -> None:
        """Remember what was found out."""
        value = json.dumps({**asdict(abilities), "at": abilities.at.isoformat()})
        with self.sessions.begin() as session:
            session.merge(CursorRow(forum=self.forum, name=CURSOR, value=value))

    def forget(self) -> None:
        """Find out again next time."""
        with self.sessions.begin() as session:
            row = session.get(CursorRow, (self.forum, CURSOR))
            if row:
                session.delete(row)
