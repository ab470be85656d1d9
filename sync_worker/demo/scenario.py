"""What a demo plays: two cohorts, their dates and people, and how the roster changes on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sync_worker.demo.learners.calendar import Presence
from sync_worker.demo.learners.people import Lcm, Learner, lcm_of, make_learners

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

START = date(2027, 3, 15)  # a Monday; the clocks change two weeks later
DAYS_BEFORE, DAYS_AFTER = 4, 4
LATE_JOINERS, LEAVERS = 2, 1
JOIN_AFTER, LEAVE_AFTER = timedelta(days=9), timedelta(days=21)
UTC = ZoneInfo("UTC")
SYNC_HOUR = 5
LCM_HOUR = 11  # after the tick of that hour, Mondays to Fridays
HOURS = range(SYNC_HOUR, 17)  # in UTC; the worker looks at what is due at each full hour
# When the worker looks at the desks: before the day's first story, before and after the LCMs decide, in the evening.
DESK_HOURS = (7, LCM_HOUR, LCM_HOUR + 1, HOURS[-1])
SATURDAY = 5


@dataclass(frozen=True)
class DemoCohort:
    """A cohort of the demo and its people."""

    key: str
    name: str
    timezone: str
    locale: str
    seed: str
    weeks: int
    size: int

    @property
    def zone(self) -> ZoneInfo:
        """The cohort's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def end(self) -> date:
        """The cohort's last day, a Friday."""
        return START + timedelta(days=7 * self.weeks - 3)

    @cached_property
    def learners(self) -> tuple[Learner, ...]:
        """Everybody who belongs to the cohort at some time."""
        return make_learners(self.seed, self.key, self.locale, self.size)

    @property
    def lcm(self) -> Lcm:
        """The learning community manager."""
        return lcm_of(self.locale)

    def presence(self, learner: Learner) -> Presence:
        """Return from when until when a learner is in the roster: two come late, one leaves."""
        first, last = START - timedelta(days=DAYS_BEFORE), self.end + timedelta(days=DAYS_AFTER)
        if self.size > LATE_JOINERS + LEAVERS:
            if learner.number >= self.size - LATE_JOINERS:
                first = START + JOIN_AFTER
            elif learner.number < LEAVERS:
                last = min(last, START + LEAVE_AFTER)
        return Presence(first, last)


def is_working_hour(at: datetime, *hours: int) -> bool:
    """Whether it is one of these hours, in UTC, of a Monday to Friday."""
    return at.astimezone(UTC).hour in hours and at.astimezone(UTC).weekday() < SATURDAY


@dataclass(frozen=True)
class Scenario:
    """Everything that a demo is made from; the same scenario gives the same forum.

    Without `plugin` the forum has Discourse's own API only, as hosted ones do, and LCMs decide by `lcm drafts`.
    """

    seed: str = "7"
    weeks: int = 6
    learners: int = 40
    plugin: bool = True

    @cached_property
    def cohorts(self) -> tuple[DemoCohort, ...]:
        """The English and the French cohort."""
        same = (self.seed, self.weeks, self.learners)
        return (
            DemoCohort("lead-en", "Leading teams, spring", "Europe/Lisbon", "en", *same),
            DemoCohort("lead-fr", "Diriger une équipe, printemps", "Europe/Paris", "fr", *same),
        )

    @property
    def days(self) -> list[date]:
        """The days of the demo, from before the start until after the end."""
        first, last = START - timedelta(days=DAYS_BEFORE), self.cohorts[0].end + timedelta(days=DAYS_AFTER)
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def ticks(self) -> Iterator[datetime]:
        """Yield the moments at which the worker looks at what is due."""
        for day in self.days:
            for hour in HOURS:
                yield datetime.combine(day, time(hour), UTC)

    def roster(self, day: date) -> Sequence[tuple[str, str, str, str, str]]:
        """Return the roster's rows of a day: external id, e-mail, name, cohort, role."""
        rows = []
        for cohort in self.cohorts:
            rows.append((f"{cohort.key}-lcm", cohort.lcm.email, cohort.lcm.name, cohort.key, "lcm"))
            for learner in cohort.learners:
                presence = cohort.presence(learner)
                if presence.first <= day <= presence.last:
                    person = f"{cohort.key}-{learner.number + 1:03}"
                    rows.append((person, learner.email, learner.name, cohort.key, "learner"))
        return rows
