"""JSON of unknown quality -> text for cells, with a reason where it is not what the protocol says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sync_worker.errors import SourceError
from sync_worker.rosters.days import NO_END, is_endless, is_no_day
from sync_worker.rosters.row import RowError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from zoneinfo import ZoneInfo

    from sync_worker.rosters.web.pages import Answer

JOINERS = "\u200c\u200d"
MAX_TEXT = 1_000
ENDLESS_SECONDS = 253_370_764_800  # the first second of the year 9999
UNEXPECTED = "Is this the right address, and does it speak this protocol?"


def record_of(answer: Answer, what: str) -> Mapping[str, Any]:
    """Return the object that an answer is.

    Raises:
        SourceError: it is something else.

    """
    if not isinstance(answer.json, dict):
        raise SourceError(f"the answer is not {what} but {kind_of(answer.json)}.", where=answer.where, do=UNEXPECTED)
    return answer.json


def records_of(value: Any, what: str, where: str) -> list[Mapping[str, Any]]:
    """Return the objects in a list.

    Raises:
        SourceError: it is no list, or holds something else: a part of the roster would be missing.

    """
    if not isinstance(value, list):
        raise SourceError(f"the answer has no list of {what} but {kind_of(value)}.", where=where, do=UNEXPECTED)
    for place, item in enumerate(value, start=1):
        if not isinstance(item, dict):
            raise SourceError(f"number {place} of the {what} is {kind_of(item)}.", where=where, do=UNEXPECTED)
    return value


def text(record: Mapping[str, Any], key: str) -> str:
    """Return the text or whole number under a key, without blanks around; "" for none.

    Raises:
        RowError: it is something else, too long, or holds invisible characters.

    """
    value = record.get(key)
    if value is None:
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise RowError(f"{key} is {kind_of(value)}, not text.", do="Correct it in the source.")
    written = " ".join(value.split()) if key != "externalId" else value.strip()
    if len(written) > MAX_TEXT:
        raise RowError(f"{key} has {len(written):,} characters.", do="Correct it in the source.")
    odd = next((sign for sign in written if not (sign.isprintable() or sign in JOINERS)), None)
    if odd:
        raise RowError(f"{key} holds the invisible character U+{ord(odd):04X}.", do="Type it again in the source.")
    return written


def identifier(record: Mapping[str, Any], key: str, what: str, where: str) -> str:
    """Return the id of a record, which distinguishes it from all others.

    Raises:
        SourceError: there is none.

    """
    try:
        found = text(record, key)
    except RowError as error:
        raise SourceError(f"{what}: {error.what}", where=where, do=UNEXPECTED) from None
    if not found:
        raise SourceError(f"{what} has no {key}.", where=where, do=UNEXPECTED)
    return found


def day_of_moment(record: Mapping[str, Any], key: str, zone: ZoneInfo) -> date | None:
    """Return the day of a moment such as 2027-03-01T08:00:00Z on the clocks of `zone`; None for none.

    Year 1 is none, and year 9999 an end that never comes, whatever the zone.

    Raises:
        RowError: it is no moment.

    """
    written = text(record, key)
    if not written:
        return None
    try:
        moment = datetime.fromisoformat(written)
        if is_no_day(moment) or is_endless(moment.date()):
            return None if is_no_day(moment) else NO_END
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return aware.astimezone(zone).date()
    except (ValueError, OverflowError):
        raise RowError(f"{key} '{written}' is not a moment.", do="Correct it in the source.") from None


def day_of_seconds(value: Any, zone: ZoneInfo) -> date | None:
    """Return the day of seconds since 1970 on the clocks of `zone`; None for 0 or none.

    Raises:
        RowError: it is no such number.

    """
    if value in (None, 0, "0", ""):
        return None
    try:
        if int(value) >= ENDLESS_SECONDS:
            return NO_END
        return datetime.fromtimestamp(int(value), zone).date()
    except (TypeError, ValueError, OverflowError, OSError):
        raise RowError(f"'{value}' is not a time in seconds since 1970.", do="Correct it in the source.") from None


YES_OR_NO = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def yes_or_no(value: Any, what: str) -> bool | None:
    """Return what a value of JSON says, None for nothing: true, 1, and both as text are yes.

    Raises:
        RowError: it says neither; that a person has left is never guessed.

    """
    if value is None or value == "":
        return None
    try:
        return YES_OR_NO[str(value).strip().lower()]
    except KeyError:
        raise RowError(f"{what} '{str(value)[:40]}' is neither yes nor no.", do="Correct it in the source.") from None


def kind_of(value: Any) -> str:
    """Return what a value of JSON is, in words."""
    if value is None:
        return "nothing"
    words = {bool: "a yes or no", int: "a number", float: "a number", str: "a text", list: "a list", dict: "an object"}
    return words.get(type(value), "something else")
