"""A cohort's calendar as iCalendar (RFC 5545), for the calendars of LCMs and admins."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sync_worker.extras import load

if TYPE_CHECKING:
    from collections.abc import Iterable

PRODUCT = "-//discourse-lcm//playbook calendar//EN"
LENGTH = timedelta(minutes=15)  # a post takes no time; shorter events are hard to see


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the calendar: what makes it the same one in the next export, when, what it says, and how long.

    `busy`: people are somewhere at that time, as in a session; else something is only posted.
    """

    key: str
    at: datetime
    title: str
    description: str
    length: timedelta = LENGTH
    busy: bool = False


def write_calendar(name: str, entries: Iterable[Entry], now: datetime) -> bytes:
    """Return a calendar file of the entries, in UTC; `now` is when it was written.

    An entry keeps its UID, so that a calendar that reads the file again moves the event instead of adding one.

    Raises:
        ConfigError: the library that writes calendars is not installed.

    """
    icalendar = load("icalendar", "a calendar file")
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        event = icalendar.Event()
        event.add("uid", f"{hashlib.sha256(entry.key.encode()).hexdigest()[:32]}@discourse-lcm")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", entry.at.astimezone(UTC))
        event.add("duration", entry.length)
        event.add("summary", entry.title)
        event.add("description", entry.description)
        event.add("transp", "OPAQUE" if entry.busy else "TRANSPARENT")
        calendar.add_component(event)
    written: bytes = calendar.to_ical()
    return written
