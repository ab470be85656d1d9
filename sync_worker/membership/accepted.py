"""What the rosters of the last weeks had of each cohort, so that today's can be compared with them. Pure.

People are kept as keyed digests of their identifiers: enough to see who is missing or new, useless to who finds them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.model import Role, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date, timedelta

    from sync_worker.model import Enrolment, Person

MARK_BYTES = 6
"""Two of a million people share a mark of six bytes once in five hundred cohorts; one of them is then not missed."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the accepted rosters had of one cohort.

    Args:
        sizes: the most people of each day.
        people: everybody's marks, joined by blanks, with the last day on which a roster had them.
        lcms: the marks of those who were LCMs in the last one.
        end: the cohort's last day as it was accepted last.

    """

    sizes: Mapping[date, int] = field(default_factory=dict)
    people: Mapping[str, date] = field(default_factory=dict)
    lcms: frozenset[str] = frozenset()
    end: date | None = None

    def since(self, first: date) -> Accepted:
        """Return what is not older than a day."""
        sizes = {day: size for day, size in self.sizes.items() if day >= first}
        return replace(self, sizes=sizes, people={marks: day for marks, day in self.people.items() if day >= first})

    @property
    def most(self) -> int:
        """The most people that one of the rosters had; 0 where none is remembered."""
        return max(self.sizes.values(), default=0)


@dataclass(frozen=True, slots=True)
class AcceptedRosters:
    """What is remembered of the rosters of all cohorts, and the key of the marks."""

    key: bytes = b""
    cohorts: Mapping[str, Accepted] = field(default_factory=dict)

    def of(self, cohort: str, day: date, window: timedelta) -> Accepted:
        """Return what the last weeks had of a cohort."""
        return self.cohorts.get(cohort, Accepted()).since(day - window)

    def marks(self, person: Person) -> str:
        """Return the marks of a person's identifiers, joined by blanks."""
        given = ("i", person.external_id), ("e", person.email), ("u", person.username)
        return " ".join(self._mark(f"{kind}:{fold(value)}") for kind, value in given if value)

    def _mark(self, identifier: str) -> str:
        return hashlib.blake2b(identifier.encode(), digest_size=MARK_BYTES, key=self.key).hexdigest()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Today's roster of one cohort beside those of the last weeks.

    Args:
        before: what was remembered.
        size: how many people the roster has now.
        present: the marks of everybody in it.
        gone: how many of the remembered it has no more.
        newcomers: the keys of the people whom no roster had before.
        lcms: the marks of those who are LCMs now.
        demoted, promoted: the enrolments of people who were LCMs and are not any more, or the other way round.

    """

    before: Accepted
    size: int
    present: frozenset[str]
    gone: int
    newcomers: frozenset[str]
    lcms: frozenset[str]
    demoted: tuple[Enrolment, ...]
    promoted: tuple[Enrolment, ...]

    def after(self, day: date, *, counts: bool, end: date | None, afresh: bool) -> Accepted:
        """Return what is remembered once this roster was accepted.

        Args:
            day: the cohort's day.
            counts: whether absence from the roster means anything, so that its size is worth keeping.
            end: the cohort's accepted last day.
            afresh: forget what was before, because a person said that this roster is right.

        """
        kept = Accepted() if afresh else self.before
        here = _single(self.present)
        people = {marks: last for marks, last in kept.people.items() if here.isdisjoint(marks.split())}
        sizes = {**kept.sizes, day: max(kept.sizes.get(day, 0), self.size)} if counts else kept.sizes
        return Accepted(sizes, {**people, **dict.fromkeys(sorted(self.present), day)}, self.lcms, end)


def compare(rosters: AcceptedRosters, before: Accepted, enrolments: Sequence[Enrolment]) -> Comparison:
    """Compare a cohort's enrolments with what the rosters of the last weeks had.

    A person is the same who shares an identifier of the same kind: ids that are given anew do not make strangers.
    """
    marks = {enrolment.person.key: rosters.marks(enrolment.person) for enrolment in enrolments}
    present, known = frozenset(marks.values()), _single(before.people)
    here, were_lcms = _single(present), _single(before.lcms)
    lcms = frozenset(marks[enrolment.person.key] for enrolment in enrolments if _is_lcm(enrolment))
    return Comparison(
        before=before,
        size=len(enrolments),
        present=present,
        gone=sum(here.isdisjoint(each.split()) for each in before.people),
        newcomers=frozenset(key for key, each in marks.items() if known.isdisjoint(each.split())),
        lcms=lcms,
        demoted=tuple(
            enrolment
            for enrolment in enrolments
            if not (_is_lcm(enrolment) or enrolment.withdrawn)
            and not were_lcms.isdisjoint(marks[enrolment.person.key].split())
        ),
        promoted=tuple(
            enrolment
            for enrolment in enrolments
            if _is_lcm(enrolment)
            and not known.isdisjoint(marks[enrolment.person.key].split())
            and were_lcms.isdisjoint(marks[enrolment.person.key].split())
        ),
    )


def _is_lcm(enrolment: Enrolment) -> bool:
    return enrolment.role is Role.LCM and not enrolment.withdrawn


def _single(people: Iterable[str]) -> set[str]:
    return {mark for marks in people for mark in marks.split()}
