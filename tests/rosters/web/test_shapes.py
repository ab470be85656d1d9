"""Moments as services write them become days, whatever a service writes for none and for no end."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from sync_worker.rosters.row import RowError
from sync_worker.rosters.web_answers import day_of_moment, day_of_seconds

ZONES = [ZoneInfo(name) for name in ("Pacific/Kiritimati", "Europe/Lisbon", "Pacific/Midway", "UTC")]


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_the_first_and_the_last_day_of_the_calendar_are_none_and_no_end(zone: ZoneInfo) -> None:
    assert day_of_moment({"at": "0001-01-01T00:00:00Z"}, "at", zone) is None
    assert day_of_moment({"at": "9999-12-31T23:59:59.999Z"}, "at", zone) == date(9999, 12, 31)
    assert day_of_seconds(253_402_300_799, zone) == date(9999, 12, 31)
    assert day_of_seconds(10**30, zone) == date(9999, 12, 31)
    assert day_of_seconds(0, zone) is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -(10**30), "soon", [1]])
def test_what_is_no_moment_is_a_reason_and_no_crash(value: object) -> None:
    with pytest.raises(RowError, match="is not a time in seconds since 1970"):
        day_of_seconds(value, ZoneInfo("UTC"))
