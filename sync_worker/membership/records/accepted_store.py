"""Keeps what the accepted rosters had; every write is committed when it returns."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.membership.records.accepted import Accepted, AcceptedRosters
from sync_worker.store.tables import AcceptedRosterRow, CursorRow

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session, sessionmaker

KEY = "roster-key"
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class AcceptedStore:
    """Reads and writes what is remembered of the rosters for one forum; `random` gives a new key."""

    sessions: sessionmaker[Session]
    forum: str
    random: Callable[[int], bytes] = secrets.token_bytes

    def read(self) -> AcceptedRosters:
        """Return what is remembered; the key is a new one where none was kept yet."""
        with self.sessions() as session:
            kept = session.get(CursorRow, (self.forum, KEY))
            rows = session.scalars(select(AcceptedRosterRow).where(AcceptedRosterRow.forum == self.forum)).all()
            key = bytes.fromhex(kept.value) if kept else self.random(KEY_BYTES)
            return AcceptedRosters(key, {row.cohort: _accepted(row) for row in rows})

    def write(self, rosters: AcceptedRosters, accepted: Mapping[str, Accepted], now: datetime) -> None:
        """Keep the key of `rosters`, and what of `accepted` is another than in it."""
        with self.sessions.begin() as session:
            session.merge(CursorRow(forum=self.forum, name=KEY, value=rosters.key.hex()))
            for cohort, one in accepted.items():
                if rosters.cohorts.get(cohort) != one:
                    session.merge(self._row(cohort, one, now))

    def _row(self, cohort: str, one: Accepted, now: datetime) -> AcceptedRosterRow:
        by_day: dict[str, list[str]] = {}
        for marks, day in one.people.items():
            by_day.setdefault(day.isoformat(), []).append(marks)
        content: dict[str, Any] = {
            "sizes": {day.isoformat(): size for day, size in one.sizes.items()},
            "people": by_day,
            "lcms": sorted(one.lcms),
            "earlier_ends": {at.isoformat(): end.isoformat() for at, end in one.earlier_ends.items()},
            "strangers": {at.isoformat(): count for at, count in one.strangers.items()},
            "under_way": one.under_way,
        }
        return AcceptedRosterRow(forum=self.forum, cohort=cohort, end=one.end, content=content, at=now)


def _accepted(row: AcceptedRosterRow) -> Accepted:
    content = row.content
    people = {
        marks: day
        for written, everybody in content.get("people", {}).items()
        for day in (date.fromisoformat(written),)
        for marks in everybody
    }
    sizes = {date.fromisoformat(day): size for day, size in content.get("sizes", {}).items()}
    ends = {datetime.fromisoformat(at): date.fromisoformat(end) for at, end in content.get("earlier_ends", {}).items()}
    strangers = {datetime.fromisoformat(at): count for at, count in content.get("strangers", {}).items()}
    lcms, under_way = frozenset(content.get("lcms", ())), content.get("under_way", False)
    return Accepted(sizes, people, lcms, row.end, ends, strangers, under_way)
