"""What the rosters of the last weeks had of each cohort, kept so that today's can be compared with them.

People are kept as keyed digests of their identifiers: enough to see who is missing or new, useless to who finds them.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sync_worker.model import Role, fold
from sync_worker.store.tables import AcceptedRosterRow, CursorRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session, sessionmaker

    from sync_worker.model import Enrolment, Person


A_DAY = timedelta(days=1)
MARK_BYTES = 6
"""Two of a million people share a mark of six bytes once in five hundred cohorts; one of them is then not missed."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the accepted rosters had of one cohort.

    Args:
        sizes: the most people of each day.
        people: everybody's marks with the last day on which a roster had them: first the one of all identifiers
            together, then those of each, joined by blanks.
        lcms: the marks of those who were LCMs in the last one.
        end: the cohort's last day as it was accepted last.
        earlier_ends: the last days that were replaced by earlier ones, by the moments when they were.
        strangers: how many people new to the cohort, then under way, were accepted at which moments.
        under_way: whether the cohort was under way, with people in it, when one of the rosters was accepted.

    """

    sizes: Mapping[date, int] = field(default_factory=dict)
    people: Mapping[str, date] = field(default_factory=dict)
    lcms: frozenset[str] = frozenset()
    end: date | None = None
    earlier_ends: Mapping[datetime, date] = field(default_factory=dict)
    strangers: Mapping[datetime, int] = field(default_factory=dict)
    under_way: bool = False

    def since(self, first: date) -> Accepted:
        """Return what is not older than a day."""
        sizes = {day: size for day, size in self.sizes.items() if day >= first}
        return replace(self, sizes=sizes, people={marks: day for marks, day in self.people.items() if day >= first})

    def recent_strangers(self, now: datetime) -> dict[datetime, int]:
        """Return the strangers of the 24 hours before `now`, by the moments of their acceptance."""
        return {at: count for at, count in self.strangers.items() if at > now - A_DAY}

    def recent_ends(self, now: datetime) -> dict[datetime, date]:
        """Return the last days that were replaced in the 24 hours before `now`."""
        return {at: end for at, end in self.earlier_ends.items() if at > now - A_DAY}

    @property
    def most(self) -> int:
        """The most people that one of the rosters had; 0 where none is remembered."""
        return max(self.sizes.values(), default=0)


@dataclass(frozen=True, slots=True)
class AcceptedRosters:
    """What is remembered of the rosters of all cohorts, and the key of the marks."""

    key: bytes = b""
    cohorts: Mapping[str, Accepted] = field(default_factory=dict)

    def whole(self, person: Person) -> str:
        """Return the mark of all identifiers of a person together."""
        return self._mark(f"i:{person.external_id or ''}|e:{person.email or ''}|u:{person.username or ''}|")

    def single(self, person: Person) -> list[str]:
        """Return the marks of a person's identifiers, one by one."""
        given = ("i", person.external_id), ("e", person.email), ("u", person.username)
        return [self._mark(f"{kind}:{value}") for kind, value in given if value]

    def mark(self, kind: str, value: str) -> str:
        """Return the mark of one identifier; `kind` is i(d), e(-mail) or u(sername)."""
        return self._mark(f"{kind}:{value}")

    def _mark(self, identifier: str) -> str:
        return hashlib.blake2b(fold(identifier).encode(), digest_size=MARK_BYTES, key=self.key).hexdigest()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Today's roster of one cohort beside those of the last weeks.

    Args:
        before: what was remembered of the last weeks.
        known: how many people were remembered, also from before that.
        size: how many people the roster has now.
        present: the marks of everybody in it, but for people whom no roster had before and who may not join.
        missing: the marks of those remembered whom it has no more.
        newcomers: the keys of the people whom no roster had before and who may join, now or later.
        lcms: the marks of those who are LCMs now.
        demoted, promoted: the enrolments of people who were LCMs and are not any more, or the other way round.

    """

    before: Accepted
    known: int
    size: int
    present: frozenset[str]
    missing: frozenset[str]
    newcomers: frozenset[str]
    lcms: frozenset[str]
    demoted: tuple[Enrolment, ...]
    promoted: tuple[Enrolment, ...]

    @property
    def gone(self) -> int:
        """How many of the remembered the roster has no more."""
        return len(self.missing)

    def after(self, day: date, *, counts: bool, afresh: bool) -> Accepted:
        """Return what is remembered once this roster was accepted.

        Args:
            day: the cohort's day.
            counts: whether absence from the roster means anything, so that its size is worth keeping.
            afresh: forget what was before, because a person said that this roster is right.

        """
        kept = Accepted() if afresh else self.before
        people = {} if afresh else {marks: kept.people[marks] for marks in self.missing}
        sizes = {**kept.sizes, day: max(kept.sizes.get(day, 0), self.size)} if counts else kept.sizes
        return replace(kept, sizes=sizes, people={**people, **dict.fromkeys(self.present, day)}, lcms=self.lcms)


def compare(
    rosters: AcceptedRosters, stored: Accepted, enrolments: Sequence[Enrolment], *, day: date, first: date
) -> Comparison:
    """Compare a cohort's enrolments with what is remembered.

    `day` is the day whose enrolments count. Who was remembered on a day before `first` is not missing now, and no
    newcomer either.

    A person is the same who shares an identifier of the same kind: ids that are given anew do not make strangers. Most
    people are as they were; their mark as a whole is found again, and no other is worked out.
    """
    before = stored.since(first)
    known = {marks.partition(" ")[0]: marks for marks in stored.people}
    now: dict[str, str] = {}
    changed: list[tuple[str, list[str]]] = []
    for enrolment in enrolments:
        whole = rosters.whole(enrolment.person)
        marks = known.get(whole)
        if marks is None:
            single = rosters.single(enrolment.person)
            marks = " ".join((whole, *single))
            changed.append((marks, single))
        now[enrolment.person.key] = marks
    present = frozenset(now.values())
    pasts = _pasts(stored.people.keys() - present, changed)
    past = {key: marks if marks in stored.people else pasts.get(marks) for key, marks in now.items()}
    new = {key for key, marks in past.items() if marks is None}
    away = {enrolment.person.key for enrolment in enrolments if enrolment.person.key in new and _left(enrolment, day)}
    return Comparison(
        before=before,
        known=len(stored.people),
        size=len(enrolments),
        present=present - {now[key] for key in away},
        missing=frozenset(before.people.keys() - present - set(pasts.values())),
        newcomers=frozenset(new - away),
        lcms=frozenset(now[enrolment.person.key] for enrolment in enrolments if _is_lcm(enrolment)),
        demoted=tuple(
            enrolment
            for enrolment in enrolments
            if enrolment.role is not Role.LCM and not enrolment.withdrawn and past[enrolment.person.key] in before.lcms
        ),
        promoted=tuple(
            enrolment
            for enrolment in enrolments
            if _is_lcm(enrolment) and (marks := past[enrolment.person.key]) is not None and marks not in before.lcms
        ),
    )


def _pasts(unseen: Iterable[str], changed: Iterable[tuple[str, list[str]]]) -> dict[str, str]:
    """Return, of people of whom something changed, the marks that they had before: they share a single one."""
    of_single = {mark: marks for marks in unseen for mark in marks.split(" ")[1:]}
    found: dict[str, str] = {}
    for marks, single in changed:
        earlier = next((of_single[mark] for mark in single if mark in of_single), None)
        if earlier is not None:
            found[marks] = earlier
    return found


def _is_lcm(enrolment: Enrolment) -> bool:
    return enrolment.role is Role.LCM and not enrolment.withdrawn


def _left(enrolment: Enrolment, day: date) -> bool:
    return enrolment.withdrawn or (enrolment.end is not None and enrolment.end < day)


# Keeps what the accepted rosters had; every write is committed when it returns.


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
