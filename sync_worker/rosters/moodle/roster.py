"""Moodle's cohorts and courses -> a roster, over its web services.

Calls: one for the cohorts, one for every 100 of them for their members, one for the courses, one for each course, and
one for every 100 people.
"""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any

from sync_worker.errors import ConfigError, SourceError
from sync_worker.model import RejectedRow, Role
from sync_worker.rosters.moodle.client import MoodleClient
from sync_worker.rosters.moodle.names import in_one_language
from sync_worker.rosters.row import FoundCohort, RowError
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.web.places import NOBODY, Place, Places, asked_for
from sync_worker.rosters.web.shapes import day_of_seconds, identifier, kind_of, text, yes_or_no

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date, datetime

    from sync_worker.config.http_rosters import MoodleRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.row_reader import Meaning
    from sync_worker.rosters.rows import KnownCohorts

COURSE = re.compile(r"course-([0-9]{1,18})", re.IGNORECASE)
NUMBER = re.compile(r"[0-9]{1,18}")
WORDS: dict[str, Meaning] = {
    "student": Role.LEARNER,
    "editingteacher": Role.LCM,
    "teacher": Role.FACILITATOR,
    "manager": "ignore",
    "coursecreator": "ignore",
    "guest": "ignore",
    "user": "ignore",
}


def read_moodle_roster(
    settings: MoodleRosterSettings, known: KnownCohorts, now: datetime, environment: Mapping[str, str]
) -> Roster:
    """Return the roster of the cohorts and courses asked for.

    Raises:
        ConfigError: there is no token, or nothing is asked for.
        SourceError: Moodle did not answer in full.
        RosterError: no row can be used.

    """
    asked = _asked(settings)
    with closing(MoodleClient(settings, environment)) as client:
        site = _Site(settings, client, asked_for(settings, known))
        if asked.cohorts or settings.all_cohorts:
            site.take_cohorts([] if settings.all_cohorts else asked.cohorts)
        if asked.courses:
            site.take_courses(asked.courses)
        site.users = client.users(site.places.people)
    rows = [*site.rejected, *site.places.rows(site.found, site.cells)]
    return build_roster(
        settings,
        settings.moodle,
        rows,
        known,
        now=now,
        found=site.found,
        words=WORDS,
        empty=NOBODY,
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """The ids of the cohorts and courses to read."""

    cohorts: list[int]
    courses: list[int]


def _asked(settings: MoodleRosterSettings) -> _Asked:
    """Return what the settings name, in the lists or in the map of cohorts (`12`, `course-7`)."""
    cohorts, courses = list(settings.moodle_cohorts), list(settings.courses)
    for written in settings.cohorts:
        if found := COURSE.fullmatch(written):
            courses.append(int(found[1]))
        elif NUMBER.fullmatch(written):
            cohorts.append(int(written))
        else:
            raise ConfigError(
                f"'{written}' is neither a cohort's id nor a course.",
                where="roster.cohorts",
                do="Write the id that Moodle shows in the address of the cohort's page, or course-ID.",
            )
    if not (cohorts or courses or settings.all_cohorts):
        raise ConfigError(
            "no cohorts or courses of Moodle are selected.",
            where="roster",
            do="Map them under the roster's cohorts, or name them in moodle_cohorts or courses.",
        )
    return _Asked(sorted(set(cohorts)), sorted(set(courses)))


@dataclass(slots=True)
class _Site:
    """What was read of the site so far."""

    settings: MoodleRosterSettings
    client: MoodleClient
    is_asked_for: Callable[[str, str], bool]
    found: list[FoundCohort] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    users: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    in_course: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    places: Places = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(self.settings, WORDS)

    def take_cohorts(self, ids: list[int]) -> None:
        """Read the cohorts and who is in them."""
        cohorts = self.client.cohorts(ids)
        for cohort in cohorts:
            number = identifier(cohort, "id", "a cohort", self.settings.moodle)
            where = f"moodle cohort {number}"
            self.found.append(FoundCohort(number, _name(cohort, "name", where), where=where))
        asked = [cohort.written for cohort in self.found if self.is_asked_for(cohort.written, cohort.name)]
        for number, users in self.client.cohort_members(asked).items():
            for user in dict.fromkeys(users):
                self.places.add(Place(f"moodle cohort {number}, user {user}", number, user))

    def take_courses(self, ids: list[int]) -> None:
        """Read the courses, their days, and who takes part with which role."""
        for course in self.client.courses(ids):
            number = identifier(course, "id", "a course", self.settings.moodle)
            where = f"moodle course {number}"
            written, name = f"course-{number}", _name(course, "fullname", where)
            start, end = (_day(course, key, where, self.settings) for key in ("startdate", "enddate"))
            self.found.append(FoundCohort(written, name, start, end, where))
            if not self.is_asked_for(written, name):
                continue
            for user in self.client.enrolled(number):
                person = identifier(user, "id", f"a person in the course {number}", where)
                self.in_course[person] = user
                self._take_participant(user, written, Place(f"{where}, user {person}", written, person))

    def _take_participant(self, user: Mapping[str, Any], written: str, place: Place) -> None:
        try:
            roles = _role_words(user)
        except RowError as error:
            self.rejected.append(RejectedRow(place.where, error.what, error.do or ""))
            return
        self.places.add(Place(place.where, written, place.person, roles=roles))

    def cells(self, person: str) -> dict[str, str]:
        """Return what identifies and names a user; a course may show more of a person than the profile does."""
        user = {**self.in_course.get(person, {}), **self.users[person]}
        external_id = text(user, self.settings.external_id)
        email = text(user, "email")
        if not (external_id or email):
            raise RowError(
                f"Moodle shows neither {self.settings.external_id} nor e-mail of the user.",
                do="Fill it in there, or let the token's user see it (docs/roster-moodle.md).",
            )
        return {
            "external_id": external_id,
            "email": email,
            "name": in_one_language(unescape(text(user, "fullname"))),
            "first_name": text(user, "firstname"),
            "last_name": text(user, "lastname"),
            "manager_email": self._manager(user),
            "status": "withdrawn" if yes_or_no(user.get("suspended"), "suspended") else "",
        }

    def _manager(self, user: Mapping[str, Any]) -> str:
        wanted = self.settings.manager_field
        fields = user.get("customfields")
        if wanted is None or fields is None:
            return ""
        if not isinstance(fields, list):
            raise RowError(f"customfields is {kind_of(fields)}.", do="Report it; Moodle gives a list.")
        for custom in fields:
            if isinstance(custom, dict) and text(custom, "shortname").lower() == wanted.lower():
                return text(custom, "value")
        return ""


def _name(record: Mapping[str, Any], key: str, where: str) -> str:
    try:
        return in_one_language(unescape(text(record, key)))
    except RowError as error:
        raise SourceError(error.what, where=where, do=error.do) from None


def _day(record: Mapping[str, Any], key: str, where: str, settings: MoodleRosterSettings) -> date | None:
    try:
        return day_of_seconds(record.get(key), settings.zone)
    except RowError as error:
        raise SourceError(f"{key}: {error.what}", where=where, do=error.do) from None


def _role_words(user: Mapping[str, Any]) -> tuple[str, ...]:
    roles = user.get("roles")
    if roles is None:
        return ()
    if not isinstance(roles, list) or not all(isinstance(role, dict) for role in roles):
        raise RowError(f"roles is {kind_of(roles)}, not a list of roles.", do="Report it; Moodle gives a list.")
    return tuple(word for role in roles if (word := text(role, "shortname")))
