"""Holidays, days off and blackout days of a cohort: on which day a step happens that falls on one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sync_worker.errors import ConfigError
from sync_worker.extras import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_worker.model import DaysOff
    from sync_worker.timeline import OnHoliday

FURTHEST = 31  # days that a step is moved at most; a longer time off leaves it out
SATURDAY_AND_SUNDAY = frozenset({5, 6})


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """The days of a cohort on which its steps may happen.

    `is_holiday` says which days a step may avoid, `blackout` are those on which nothing happens, `weekend` weekdays (0
    = Monday) to which no step is moved from a working day.
    """

    is_holiday: Callable[[date], bool]
    blackout: frozenset[date]
    weekend: frozenset[int]

    def day_of(self, day: date, on_holiday: OnHoliday | None) -> date | None:
        """Return the day on which a step happens that is planned for `day`; None where it is left out.

        A step that does not say what it does on holidays happens on them, and after blackout days.
        """
        blacked_out = day in self.blackout
        if not blacked_out and (on_holiday is None or not self.is_holiday(day)):
            return day
        if on_holiday == "skip":
            return None
        one_day = timedelta(days=-1 if on_holiday == "before" else 1)
        weekend = frozenset() if day.weekday() in self.weekend else self.weekend
        other = day
        for _ in range(FURTHEST):
            other += one_day
            if other not in self.blackout and not self.is_holiday(other) and other.weekday() not in weekend:
                return other
        return None


def working_days(days_off: DaysOff) -> WorkingDays:
    """Return a cohort's working days.

    Raises:
        ConfigError: its holidays are not known, or the library that knows them is not installed.

    """
    own = days_off.days
    if days_off.holidays is None:
        return WorkingDays(own.__contains__, days_off.blackout, SATURDAY_AND_SUNDAY)
    public = public_holidays(days_off.holidays)
    weekend = frozenset(public.weekend) or SATURDAY_AND_SUNDAY
    return WorkingDays(lambda day: day in own or day in public, days_off.blackout, weekend)


@lru_cache(maxsize=64)
def public_holidays(code: str) -> Any:
    """Return the public holidays of a country or a part of one, as the library `holidays` knows them.

    Args:
        code: as ISO 3166 writes it: `FR`, `DE-BY`.

    Raises:
        ConfigError: the library does not know it, or is not installed.

    """
    holidays = load("holidays", "a calendar of public holidays")
    country, _, part = code.partition("-")
    try:
        return holidays.country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        parts = holidays.list_supported_countries().get(country)
        if parts is None:
            do = "Give the country's two letters, like FR, or take them out and list the days under days_off.days."
            raise ConfigError(f"the public holidays of '{country}' are not known.", do=do) from None
        do = f"Known: {', '.join(parts)}." if parts else f"Write {country} alone: it has the same holidays everywhere."
        raise ConfigError(f"the holidays of '{part}' in {country} are not known.", do=do) from None
