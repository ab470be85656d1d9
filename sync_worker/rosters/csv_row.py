"""One row -> an enrolment, or the reason why not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sync_worker.config.located_yaml import nearest
from sync_worker.errors import LcmError
from sync_worker.model import Enrolment, Person, Role, fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sync_worker.config.settings import CsvRosterSettings

EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[\w](?:[\w-]{0,61}[\w])?\.)+[\w-]{2,63}")
USERNAME = re.compile(r"[\w](?:[\w.-]{0,58}[\w])?")
MAX_EXTERNAL_ID = 200
EARLIEST, LATEST = 1990, 2100
STATUSES = {"": False, "active": False, "actif": False, "inactive": True, "inactif": True, "withdrawn": True}


class RowError(LcmError):
    """A row cannot be taken."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Turns rows into enrolments by the roster's settings; `cohorts` are the declared keys."""

    settings: CsvRosterSettings
    cohorts: Sequence[str]

    def enrolment(self, cells: Mapping[str, str], where: str) -> Enrolment:
        """Return the enrolment that a row states.

        Raises:
            RowError: with the reason and what to do.

        """
        start, end = self._date(cells, "start_date"), self._date(cells, "end_date")
        if start and end and end < start:
            raise RowError(f"the enrolment ends ({end}) before it starts ({start}).", do="Correct one of the two.")
        return Enrolment(
            person=_person(cells),
            cohort=self._cohort(cells),
            role=self._role(cells),
            start=start,
            end=end,
            where=where,
            withdrawn=_withdrawn(cells),
        )

    def _cohort(self, cells: Mapping[str, str]) -> str:
        written = cells.get("cohort", self.settings.default_cohort or "")
        if not written:
            raise RowError("the cohort is missing.", do="Fill in the column 'cohort'.")
        for key in self.cohorts:
            if fold(key) == fold(written):
                return key
        raise RowError(
            f"the cohort '{written}' is not declared.{nearest(written, self.cohorts)}",
            do="Declare it in lcm.yaml under cohorts, or correct the row.",
        )

    def _role(self, cells: Mapping[str, str]) -> Role:
        written = cells.get("role", "")
        if not written:
            return self.settings.default_role or Role.LEARNER
        words = {role.value: role for role in Role} | {fold(word): role for word, role in self.settings.roles.items()}
        try:
            return words[fold(written)]
        except KeyError:
            raise RowError(
                f"the role '{written}' is not known.{nearest(written, words)}",
                do="Correct it, or give its meaning in lcm.yaml under roster.roles.",
            ) from None

    def _date(self, cells: Mapping[str, str], column: str) -> date | None:
        written = cells.get(column, "")
        if not written:
            return None
        form = self.settings.date_format
        try:
            day = datetime.strptime(written, form).date()  # noqa: DTZ007  (a day has no zone)
        except ValueError:
            example = date(2027, 12, 31).strftime(form)
            raise RowError(
                f"{column} '{written}' is not a day written like {example}.",
                do="Correct it, or set roster.date_format in lcm.yaml.",
            ) from None
        if not EARLIEST <= day.year <= LATEST:
            raise RowError(f"{column} '{written}' lies in the year {day.year}.", do="Write the year with four digits.")
        return day


def _person(cells: Mapping[str, str]) -> Person:
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
