"""Moodle's cohorts and courses -> a roster, over its web services."""

from __future__ import annotations

import re
from contextlib import closing
from dataclasses import dataclass, field, replace
from html import unescape
from typing import TYPE_CHECKING, Any

from sync_worker.errors import ConfigError, SourceError
from sync_worker.model import Role
from sync_worker.rosters.row import FoundCohort, RowError
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.web_answers import (
    NOBODY,
    UNEXPECTED,
    Answer,
    Place,
    Places,
    asked_for,
    day_of_seconds,
    identifier,
    kind_of,
    records_of,
    text,
    yes_or_no,
)
from sync_worker.rosters.web_session import SourceSession, read_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from sync_worker.config.sources import MoodleRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.row_reader import KnownCohorts, Meaning


# {mlang en}Leading teams{mlang}{mlang fr}Diriger une équipe{mlang}: the filter "multi-language content (v2)".
BRACES = re.compile(r"\{mlang\s+([\w,-]+)\}([^{]*)\{mlang\}", re.IGNORECASE)
# <span lang="en" class="multilang">Leading teams</span><span ...>: Moodle's own filter.
SPANS = re.compile(r"<(span|lang)\b([^<>]*)>([^<]*)</\1>", re.IGNORECASE)
LEFT_OVER = re.compile(r"\{mlang[^{}]*\}|</?(?:span|lang)\b[^<>]*>", re.IGNORECASE)


def in_one_language(name: str) -> str:
    """Return a name with the first language of each run of translations, and without the marks around them."""
    if "mlang" not in name and "lang=" not in name:
        return name
    name = _first_of_runs(name, BRACES, 2)
    name = _first_of_runs(name, SPANS, 3)
    return " ".join(LEFT_OVER.sub("", name).split())


def _first_of_runs(name: str, block: re.Pattern[str], text: int) -> str:
    """Replace each run of neighbouring blocks by the text of its first one."""
    pieces: list[str] = []
    end = 0
    for number, found in enumerate(block.finditer(name)):
        between = name[end : found.start()]
        if number == 0 or between.strip():
            pieces += [between, found[text]]
        end = found.end()
    return "".join((*pieces, name[end:]))


# Calling Moodle's web services (the REST protocol): one function a call, in JSON.
# Every call is a POST, so that the token is in no URL and no log; the functions used here only read, so that a
# repeat does no harm. Moodle answers an error with HTTP 200 and an object that has `exception`.


PATH = "/webservice/rest/server.php"
MAKE_TOKEN = "Make one in Moodle under Site administration > Server > Web services > Manage tokens."  # noqa: S105
ADVICE = {
    403: "Turn on web services and the REST protocol in Moodle (Site administration > Server > Web services).",
    404: "Is the address the site's own, such as https://moodle.example.org?",
}
ERRORS = {
    "invalidtoken": MAKE_TOKEN,
    "invalidtimedtoken": "The token has expired: make a new one in Moodle under Manage tokens.",
    "accessexception": "Add the function to the token's service in Moodle, and the token's user to its users.",
    "servicenotavailable": "Turn the token's service on in Moodle under External services.",
    "enablewsdescription": "Turn on web services in Moodle under Advanced features.",
    "nopermissions": "Give the token's user a role with this right, in the right context.",
    "requireloginerror": "Give the token's user access to the course.",
    "errorcoursecontextnotvalid": "Give the token's user access to the course: enrol it there.",
    "invalidrecord": "A number in lcm.yaml refers to something that does not exist; correct it.",
    "invalidrecordunknown": "A number in lcm.yaml refers to something that does not exist; correct it.",
    "sitemaintenance": "Moodle is in maintenance mode; try again later.",
}


class MoodleClient:
    """Calls functions of one site."""

    def __init__(self, settings: MoodleRosterSettings, environment: Mapping[str, str]) -> None:
        self._url = f"{settings.moodle}{PATH}"
        self._chunk = settings.chunk
        self._token = read_token(settings.token_env, settings.token_file, environment, MAKE_TOKEN)
        timeouts = (settings.connect_timeout, settings.read_timeout)
        self._session = SourceSession(dict, secrets=[self._token], advice=ADVICE, timeouts=timeouts)

    def __repr__(self) -> str:
        return f"<MoodleClient of {self._url}>"

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def call(self, function: str, arguments: Sequence[tuple[str, str]] = ()) -> Answer:
        """Call a function that only reads. Calls: 1.

        Raises:
            SourceError: Moodle refused or did not answer; says in Moodle's words why.

        """
        form = [("wstoken", self._token), ("wsfunction", function), ("moodlewsrestformat", "json")]
        # With the site's filters on names, one that is written in several languages comes in one.
        form += [("moodlewssettingfilter", "true"), *arguments]
        answer = self._session.ask("POST", self._url, harmless=True, data=form)
        if isinstance(answer.json, dict) and "exception" in answer.json:
            raise self._refusal(function, answer.json)
        return Answer(answer.json, f"{answer.where} ({function})", None)

    def _refusal(self, function: str, told: Mapping[str, Any]) -> SourceError:
        code, said = str(told.get("errorcode", "")), self._session.redacted(str(told.get("message", "")))
        return SourceError(
            f"Moodle refused: {said.rstrip('.') or 'no reason given'} ({self._session.redacted(code) or 'no code'}).",
            where=f"{self._session.shown(self._url)} ({function})",
            do=ERRORS.get(code, "See docs/roster-moodle.md for what the token's user must be allowed."),
        )

    def cohorts(self, ids: Sequence[int]) -> list[Mapping[str, Any]]:
        """Return the cohorts with these ids; all that there are where none is named. Calls: 1.

        Raises:
            SourceError: one of them is not among the answers.

        """
        answer = self.call("core_cohort_get_cohorts", _array("cohortids", ids))
        cohorts = records_of(answer.json, "cohorts", answer.where)
        came = {identifier(cohort, "id", "a cohort", answer.where) for cohort in cohorts}
        _refuse_missing("cohort", [str(number) for number in ids], came, answer.where)
        return cohorts

    def cohort_members(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """Return the ids of the users in each cohort. Calls: one for each chunk of cohorts.

        Raises:
            SourceError: a cohort is missing.

        """
        members: dict[str, list[str]] = {}
        for chunk in _chunks(ids, self._chunk):
            answer = self.call("core_cohort_get_cohort_members", _array("cohortids", chunk))
            for record in records_of(answer.json, "cohorts with members", answer.where):
                users = record.get("userids")
                if not isinstance(users, list) or not all(isinstance(user, int) for user in users):
                    raise SourceError(f"userids is {kind_of(users)}.", where=answer.where, do=UNEXPECTED)
                cohort = identifier(record, "cohortid", "a cohort", answer.where)
                members[cohort] = [str(user) for user in users]
            _refuse_missing("cohort", chunk, members, answer.where)
        return members

    def users(self, ids: Sequence[str]) -> dict[str, Mapping[str, Any]]:
        """Return the profiles of these users. Calls: one for each chunk of users.

        Raises:
            SourceError: Moodle leaves some out, as it does with those that the token's user may not see.

        """
        users: dict[str, Mapping[str, Any]] = {}
        for chunk in _chunks(ids, self._chunk):
            arguments = [("field", "id"), *_array("values", chunk)]
            answer = self.call("core_user_get_users_by_field", arguments)
            for user in records_of(answer.json, "users", answer.where):
                users[identifier(user, "id", "a user", answer.where)] = user
            missing = [number for number in chunk if number not in users]
            if missing:
                raise SourceError(
                    f"Moodle shows {len(chunk) - len(missing)} of {len(chunk)} people; "
                    f"these users are missing: {_some(missing)}.",
                    where=answer.where,
                    do="Allow the token's user moodle/user:viewdetails and moodle/user:viewalldetails for them.",
                )
        return users

    def courses(self, ids: Sequence[int]) -> list[Mapping[str, Any]]:
        """Return the courses with these ids. Calls: 1.

        Raises:
            SourceError: one of them is not shown.

        """
        arguments = [("field", "ids"), ("value", ",".join(map(str, ids)))]
        answer = self.call("core_course_get_courses_by_field", arguments)
        told = answer.json if isinstance(answer.json, dict) else {}
        courses = records_of(told.get("courses"), "courses", answer.where)
        came = {identifier(course, "id", "a course", answer.where) for course in courses}
        _refuse_missing("course", [str(number) for number in ids], came, answer.where)
        return courses

    def enrolled(self, course: str) -> list[Mapping[str, Any]]:
        """Return who takes part in a course now, with their roles in it. Calls: 1.

        It is one call whatever the number of people: pages would hide the people that Moodle leaves out of them.
        """
        options = [("options[0][name]", "onlyactive"), ("options[0][value]", "1")]
        answer = self.call("core_enrol_get_enrolled_users", [("courseid", course), *options])
        return records_of(answer.json, f"people in the course {course}", answer.where)


def _array(name: str, values: Iterable[object]) -> list[tuple[str, str]]:
    return [(f"{name}[{place}]", str(value)) for place, value in enumerate(values)]


def _chunks(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]


def _refuse_missing(what: str, wanted: Sequence[str], came: Iterable[str], where: str) -> None:
    missing = sorted(set(wanted) - set(came), key=int)
    if missing:
        raise SourceError(
            f"Moodle does not show the {what} {_some(missing)}.",
            where=where,
            do=f"Correct the number in lcm.yaml, or let the token's user see the {what}.",
        )


def _some(ids: Sequence[str], most: int = 5) -> str:
    return ", ".join(ids[:most]) + (f" and {len(ids) - most} more" if len(ids) > most else "")


# Moodle's cohorts and courses -> a roster, over its web services.
# Calls: one for the cohorts, one for every 100 of them for their members, one for the courses, one for each course, and
# one for every 100 people.


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
    rows = list(site.places.rows(site.found, site.cells))
    roster = build_roster(
        settings,
        settings.moodle,
        rows,
        known,
        now=now,
        found=site.found,
        words=WORDS,
        empty=NOBODY,
    )
    return replace(roster, remarks=(*roster.remarks, *site.remarks()))


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
    users: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    in_course: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    fields: set[str] = field(default_factory=set)
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
            self.places.reject(place.where, written, place.person, error)
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
            "first_name": in_one_language(unescape(text(user, "firstname"))),
            "last_name": in_one_language(unescape(text(user, "lastname"))),
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
            if isinstance(custom, dict):
                name = text(custom, "shortname").lower()
                self.fields.add(name)
                if name == wanted.lower():
                    return text(custom, "value")
        return ""

    def remarks(self) -> Iterator[str]:
        """Yield what should be known of the accounts as a whole."""
        wanted = self.settings.manager_field
        if wanted is not None and self.users and wanted.lower() not in self.fields:
            shown = ", ".join(sorted(self.fields)) or "none"
            yield (
                f"no account shows the profile field '{wanted}' (manager_field), so nobody's manager is known. "
                f"Fields that are shown: {shown}."
            )


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
    if not isinstance(roles, list) or not all(isinstance(role, dict) for role in roles):
        raise RowError(f"roles is {kind_of(roles)}, not a list of roles.", do="Report it; Moodle gives a list.")
    return tuple(word for role in roles if (word := text(role, "shortname")))
