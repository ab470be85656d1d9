"""One row -> an enrolment, or the reason why not."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal

from sync_worker.config.located_yaml import nearest
from sync_worker.model import Enrolment, Person, Role, fold
from sync_worker.rosters.row import RowError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.config.rosters import RosterSource
    from sync_worker.rosters.cohort_keys import CohortKeys
    from sync_worker.rosters.row import Row

EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[\w](?:[\w-]{0,61}[\w])?\.)+[\w-]{2,63}")
USERNAME = re.compile(r"[\w](?:[\w.-]{0,58}[\w])?")
MAX_EXTERNAL_ID = 200
EARLIEST, LATEST = 1990, 2100
STATUSES = {"": False, "active": False, "actif": False, "inactive": True, "inactif": True, "withdrawn": True}
Meaning = Role | Literal["ignore"]


@dataclass(slots=True)
class RowReader:
    """Turns a source's rows into enrolments; `words` are the source's standard names of roles."""

    settings: RosterSource
    keys: CohortKeys
    words: Mapping[str, Meaning]
    date_format: str
    _roles: dict[str, Meaning] = field(init=False)
    _days: dict[str, date] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        own: dict[str, Meaning] = {role.value: role for role in Role}
        own |= {fold(word): meaning for word, meaning in self.words.items()}
        self._roles = own | {fold(word): meaning for word, meaning in self.settings.roles.items()}

    def enrolment(self, row: Row, where: str) -> Enrolment | None:
        """Return the enrolment that a row states, None for one that is let be; `where` is how plans name the row.

        Raises:
            RowError: with the reason and what to do.

        """
        cells = row.cells
        if self._is_let_be(cells):
            return None
        start, end = self.day(cells, "start_date"), self.day(cells, "end_date")
        if start and end and end < start:
            raise RowError(f"the enrolment ends ({end}) before it starts ({start}).", do="Correct one of the two.")
        return Enrolment(
            person=read_person(cells),
            cohort=self._cohort(cells) or "",
            role=Role(self._role(cells)),
            start=start,
            end=end,
            where=where,
            withdrawn=_withdrawn(cells),
        )

    def _is_let_be(self, cells: Mapping[str, str]) -> bool:
        """Whether nobody asks for the row, so that it may hold whatever it likes."""
        try:
            return self._cohort(cells) is None or self._role(cells) == "ignore"
        except RowError:
            return False

    def _cohort(self, cells: Mapping[str, str]) -> str | None:
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

    def day(self, cells: Mapping[str, str], column: str) -> date | None:
        """Return the day in a cell, None if it is empty.

        Raises:
            RowError: it is no day, or lies far away.

        """
        written = cells.get(column, "")
        if not written:
            return None
        day = self._days.get(written)
        if day is None:
            day = self._days[written] = self._parse(written, column)
        return day

    def _parse(self, written: str, column: str) -> date:
        try:
            day = datetime.strptime(written, self.date_format).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            example = date(2027, 12, 31).strftime(self.date_format)
            raise RowError(
                f"{column} '{written}' is not a day written like {example}.",
                do="Correct it, or set the roster's date_format in lcm.yaml.",
            ) from None
        if not EARLIEST <= day.year <= LATEST:
            raise RowError(f"{column} '{written}' lies in the year {day.year}.", do="Write the year with four digits.")
        return day


def read_person(cells: Mapping[str, str]) -> Person:
    """Return the person that a row is about.

    Raises:
        RowError: nothing identifies the person, or an identifier cannot be one.

    """
    external_id, username = cells.get("external_id", ""), cells.get("username", "")
    email, manager_email = _email(cells, "email"), _email(cells, "manager_email")
    if not (external_id or email or username):
        raise RowError("nothing says who this is.", do="Fill in external_id, email or username.")
    if len(external_id) > MAX_EXTERNAL_ID:
        raise RowError(f"the external id has {len(external_id)} characters, more than {MAX_EXTERNAL_ID}.")
    if username and not USERNAME.fullmatch(username):
        raise RowError(
            f"'{username}' cannot be a username.", do="Forum usernames are letters, digits, '_', '-' and '.', up to 60."
        )
    full_name = cells.get("name") or f"{cells.get('first_name', '')} {cells.get('last_name', '')}"
    return Person(external_id or None, email, username or None, " ".join(full_name.split()), manager_email)


def _email(cells: Mapping[str, str], column: str) -> str | None:
    written = cells.get(column, "")
    if not written:
        return None
    if not EMAIL.fullmatch(written) or ".." in written:
        raise RowError(f"{column} '{written}' is not an e-mail address.", do="Correct it, or leave the cell empty.")
    return written


def _withdrawn(cells: Mapping[str, str]) -> bool:
    written = cells.get("status", "")
    try:
        return STATUSES[fold(written)]
    except KeyError:
        raise RowError(
            f"the status '{written}' is not known.{nearest(written, [s for s in STATUSES if s])}",
            do="Write active, inactive or withdrawn.",
        ) from None
