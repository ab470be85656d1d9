"""One row -> who it is about and which place in which cohort it gives them, or the reason why not."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple
from zoneinfo import ZoneInfo

from sync_worker.config.load import slug
from sync_worker.config.rosters import STATUS_WORDS, WORKING_TIME, StatusSource
from sync_worker.config.sources import KEY
from sync_worker.model import Person, Role, fold, without_own
from sync_worker.rosters.row import (
    FIRST_DAYS,
    NO_DAY,
    NO_END,
    RowError,
    is_endless,
    open_end,
    open_start,
    or_nothing,
    refuse_changed_id,
)
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sync_worker.config.rosters import RosterSource
    from sync_worker.config.sources import CohortsFromSettings


MAX_KEY = 40
DIGEST = 8


@dataclass(frozen=True)
class KnownCohorts:
    """The keys declared in `lcm.yaml`, which others a source may bring along (None: none), and time zones by key."""

    declared: Sequence[str]
    taken: CohortsFromSettings | None = None
    zones: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def declared_keys(self) -> frozenset[str]:
        """The declared keys."""
        return frozenset(self.declared)

    def day_of(self, cohort: str, now: datetime) -> date:
        """Return the day that `now` (aware) is on the cohort's own clock."""
        zone = self.zones.get(cohort) or (self.taken.timezone if self.taken else "UTC")
        return now.astimezone(ZoneInfo(zone)).date()


@dataclass(slots=True)
class CohortKeys:
    """Finds our key for a cohort as one source writes it; remembers what it found."""

    settings: RosterSource
    known: KnownCohorts
    _named: dict[str, str] = field(init=False)
    _found: dict[tuple[str, str], str | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._named = {fold(key): key for key in self.known.declared}
        self._named |= {fold(written): key for written, key in self.settings.cohorts.items()}

    def key(self, written: str, name: str = "") -> str | None:
        """Return our key for the cohort that the source calls `written`; None for one that is ignored.

        Raises:
            RowError: it is neither declared nor taken from the source.

        """
        pair = (written, name)
        if pair not in self._found:
            self._found[pair] = self._find(written, name)
        return self._found[pair]

    def is_mapped(self, written: str) -> bool:
        """Whether `lcm.yaml` names the cohort, under `cohorts` or in the source's own map."""
        return fold(written) in self._named

    def _find(self, written: str, name: str) -> str | None:
        key = self._any(written, name)
        if key is None or not self.settings.feeds or key in self.settings.feeds:
            return key
        if self.settings.other_cohorts == "ignore":
            return None
        raise RowError(f"this source may not enrol into '{key}'.", do="Name it in lcm.yaml under the roster's feeds.")

    def _any(self, written: str, name: str) -> str | None:
        if (key := self._named.get(fold(written))) is not None:
            return key
        if self.known.taken and _is_taken(self.known.taken, written, name):
            return source_key(written, self.settings.cohort_prefix)
        if self.known.taken or self.settings.other_cohorts == "ignore":
            return None
        words = [*self.known.declared, *self.settings.cohorts]
        raise RowError(
            f"the cohort '{written}' is not declared.{nearest(written, words)}",
            do="Declare it in lcm.yaml under cohorts, or correct the row.",
        )


def _is_taken(taken: CohortsFromSettings, written: str, name: str) -> bool:
    texts = [fold(text) for text in (written, name) if text]

    def fits(patterns: Sequence[str]) -> bool:
        return any(fnmatchcase(text, fold(pattern)) for pattern in patterns for text in texts)

    return fits(taken.match) and not fits(taken.leave)


def source_key(written: str, prefix: str = "") -> str:
    """Return our key for a cohort that a source calls `written`: always the same one, whatever else is there.

    What is a key already stays as it is; anything else becomes one and ends in a digest, so that no two are the same.
    """
    text = f"{prefix}{fold(written)}"
    if text.isdecimal():
        text = f"c-{text}"
    if KEY.fullmatch(text):
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGEST]
    stem = re.sub(r"-+", "-", slug(text))[: MAX_KEY - DIGEST - 1].strip("-") or "c"
    return f"{stem}-{digest}"


# One row -> who it is about and which place it gives them, or the reason why not.


EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[\w](?:[\w-]{0,61}[\w])?\.)+[\w-]{2,63}")
MAX_EMAIL = 254
USERNAME = re.compile(r"[\w](?:[\w.-]{0,58}[\w])?")
MAX_EXTERNAL_ID = 200
EARLIEST, LATEST = 1990, 2100
REMEMBERED = 50_000
MIDNIGHT = re.compile(r"(?<=[0-9])[ T]0?0:00(?::00(?:\.0+)?)?$")
SERIAL = re.compile(r"[1-9][0-9]{4}(?:\.[0-9]+)?")
Meaning = Role | Literal["ignore"]
# external_id, email, username, name, manager_email; "" for what a row does not say.
Who = tuple[str, str, str, str, str]
PLACES_SHOWN = 5
OWN_MANAGER = "the manager's address is the person's own; it is ignored there. Correct it in the source."


class Seat(NamedTuple):
    """A place in a cohort, as many rows may give it: the cohort's key, the role, the days (None: open)."""

    cohort: str
    role: Role
    start: date | None
    end: date | None
    withdrawn: bool

    def holds_on(self, day: date) -> bool:
        """Whether the place is held on a day."""
        started = self.start is None or self.start <= day
        return started and (self.end is None or day <= self.end) and not self.withdrawn


@dataclass(slots=True)
class RowReader:
    """Turns a source's rows into people and seats; `words` are the source's standard names of roles."""

    settings: RosterSource
    keys: CohortKeys
    words: Mapping[str, Meaning]
    date_format: str
    _roles: dict[str, Meaning] = field(init=False)
    _statuses: dict[str, str] = field(init=False)
    _working_time: dict[str, str] = field(init=False, default_factory=dict)  # folded -> as it is written
    _days: dict[str, date | None] = field(init=False, default_factory=dict)
    _seats: dict[tuple[str | None, ...], Seat | None] = field(init=False, default_factory=dict)
    _managers: dict[str, str] = field(init=False, default_factory=dict)
    _own_managers: list[str] = field(init=False, default_factory=list)  # where somebody is named as their own

    def __post_init__(self) -> None:
        own: dict[str, Meaning] = {role.value: role for role in Role}
        own |= {fold(word): meaning for word, meaning in self.words.items()}
        self._roles = own | {fold(word): meaning for word, meaning in self.settings.roles.items()}
        told = self.settings.statuses if isinstance(self.settings, StatusSource) else {}
        self._statuses = {**STATUS_WORDS, **{fold(word): meaning for word, meaning in told.items()}}

    def seat(self, cells: Mapping[str, str]) -> Seat | None:
        """Return the place that a row gives, None for a row that is ignored. Rows that say the same share it.

        Raises:
            RowError: with the reason and what to do.

        """
        get = cells.get
        said = (
            get("cohort"), get("cohort_name"), get("role"), get("start_date"), get("end_date"), get("status"),
        )  # fmt: skip
        try:
            return self._seats[said]
        except KeyError:
            if len(self._seats) >= REMEMBERED:
                self._seats.clear()
            seat = self._seats[said] = self._read_seat(cells)
            return seat

    def _read_seat(self, cells: Mapping[str, str]) -> Seat | None:
        if self._is_ignored(cells):
            return None
        start, end = open_start(self.day(cells, "start_date")), open_end(self.day(cells, "end_date"))
        if start and end and end < start:
            raise RowError(f"the enrolment ends ({end}) before it starts ({start}).", do="Correct one of the two.")
        meaning = self._status(cells)
        seat = Seat(self.cohort(cells) or "", Role(self._role(cells)), start, end, meaning == "withdrawn")
        return None if meaning == "ignore" else seat

    def _is_ignored(self, cells: Mapping[str, str]) -> bool:
        """Whether the row is ignored, so that anything may be in it."""
        try:
            return self.cohort(cells) is None or self._role(cells) == "ignore"
        except RowError:
            return False

    def cohort(self, cells: Mapping[str, str]) -> str | None:
        """Return our key for the cohort that a row names, None for one that is ignored.

        Raises:
            RowError: it names none, or one that is neither declared nor taken from the source.

        """
        written = cells.get("cohort", self.settings.default_cohort or "")
        if not written:
            raise RowError("the cohort is missing.", do="Fill in the column 'cohort'.")
        return self.keys.key(written, cells.get("cohort_name", ""))

    def _role(self, cells: Mapping[str, str]) -> Meaning:
        written = cells.get("role", "")
        if not written:
            return self.settings.default_role or Role.LEARNER
        try:
            return self._roles[fold(written)]
        except KeyError:
            raise RowError(
                f"the role '{written}' is not known.{nearest(written, self._roles)}",
                do="Correct it, or give its meaning in lcm.yaml under the roster's roles.",
            ) from None

    def _status(self, cells: Mapping[str, str]) -> str:
        written = cells.get("status", "")
        try:
            return self._statuses[fold(written)]
        except KeyError:
            if fold(written) in WORKING_TIME:
                self._working_time.setdefault(fold(written), written)
                return "active"
            raise RowError(
                f"the status '{written}' is not known.{nearest(written, [s for s in self._statuses if s])}",
                do="Write active or withdrawn, give the word's meaning under the roster's statuses, or, if the column "
                "is about something else, set 'columns: {status: null}'.",
            ) from None

    def remarks(self) -> Iterator[str]:
        """Yield what should be known of how cells were read."""
        for written in self._working_time.values():
            yield (
                f"the status '{written}' says how much a person works, and is read as active. If the column is about "
                "something else, set 'columns: {status: null}' under the roster in lcm.yaml."
            )
        if self._own_managers:
            yield f"{places_of(self._own_managers)}: {OWN_MANAGER}"

    def day(self, cells: Mapping[str, str], column: str) -> date | None:
        """Return the day in a cell, None if it is empty or what systems write for none.

        Raises:
            RowError: it is not a day, or is in another century.

        """
        written = cells.get(column, "")
        if not written or written in NO_DAY:
            return None
        try:
            return self._days[written]
        except KeyError:
            day = self._parse(written, column)
            if len(self._days) >= REMEMBERED:
                self._days.clear()
            self._days[written] = day
            return day

    def _parse(self, written: str, column: str) -> date | None:
        try:
            day = datetime.strptime(MIDNIGHT.sub("", written), self.date_format).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            raise self._no_day(written, column) from None
        if open_start(day) is None or (column in ("start_date", "cohort_start") and day in FIRST_DAYS):
            return None
        if column in ("end_date", "cohort_end") and is_endless(day):
            return NO_END
        if not EARLIEST <= day.year <= LATEST:
            what = f"{column} '{written}' is in the year {day.year}."
            raise RowError(what, do="Write the year with four digits, or leave the cell empty if there is no such day.")
        return day

    def _no_day(self, written: str, column: str) -> RowError:
        example = date(2027, 12, 31).strftime(self.date_format)
        if SERIAL.fullmatch(written):
            what = f"{column} '{written}' is the number by which a spreadsheet stores a day."
            return RowError(what, do=f"Format the column as a date, written like {example}.")
        return RowError(
            f"{column} '{written}' is not a day written like {example}.",
            do="Correct it, or set the roster's date_format in lcm.yaml.",
        )

    def who(self, cells: Mapping[str, str], where: str = "") -> Who:
        """Return the person that a row at some place is about; nobody is their own manager.

        Raises:
            RowError: nothing identifies the person, or an identifier cannot be one.

        """
        get = cells.get
        external_id, username, email = (or_nothing(get(name, "")) for name in ("external_id", "username", "email"))
        if not (external_id or email or username):
            raise RowError("the row has no identifier.", do="Fill in external_id, email or username.")
        if external_id:
            _check_external_id(external_id)
            if not external_id.isascii():
                external_id = unicodedata.normalize("NFKC", external_id)  # full-width digits are digits
        if email:
            _check_email(email, "email")
        if username and not USERNAME.fullmatch(username):
            raise RowError(
                f"'{username[:80]}' cannot be a username.",
                do="Forum usernames are letters, digits, '_', '-' and '.', up to 60.",
            )
        full_name = get("name") or f"{get('first_name', '')} {get('last_name', '')}"
        manager = or_nothing(get("manager_email", ""))
        managers = manager and self._manager(manager)
        others = managers and without_own(managers, email)
        if others != managers:
            self._own_managers.append(where)
        return external_id, email, username, " ".join(full_name.split()), others

    def _manager(self, written: str) -> str:
        """Return the address of a manager, or several, parted by `;`; many rows have the same ones."""
        try:
            return self._managers[written]
        except KeyError:
            for address in written.split(";"):
                _check_email(address.strip(), "manager_email")
            if len(self._managers) >= REMEMBERED:
                self._managers.clear()
            self._managers[written] = written
            return written


def places_of(places: Sequence[str]) -> str:
    """Return the first few of many places in words, and how many more there are."""
    more = len(places) - PLACES_SHOWN
    return f"{', '.join(places[:PLACES_SHOWN])}{f' and {more:,} more' if more > 0 else ''}"


def person_of(who: Who) -> Person:
    """Return the person."""
    external_id, email, username, name, manager_email = who
    return Person(external_id or None, email or None, username or None, name, manager_email or None)


def _check_external_id(external_id: str) -> None:
    if len(external_id) > MAX_EXTERNAL_ID:
        raise RowError(
            f"the external id has {len(external_id)} characters, more than {MAX_EXTERNAL_ID}.", do="Correct it."
        )
    if not external_id.isalnum() or (external_id.isascii() and "e" in external_id[1:].lower()):
        refuse_changed_id(external_id)


def _check_email(written: str, column: str) -> None:
    if not EMAIL.fullmatch(written) or ".." in written or len(written) > MAX_EMAIL:
        raise RowError(
            f"{column} '{written[:MAX_EMAIL]}' is not an e-mail address.", do="Correct it, or leave the cell empty."
        )
