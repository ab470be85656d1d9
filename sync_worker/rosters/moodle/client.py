"""Calling Moodle's web services (the REST protocol): one function a call, in JSON.

Every call is a POST, so that the token is in no URL and no log; the functions used here only read, so that a
repeat does no harm. Moodle answers an error with HTTP 200 and an object that has `exception`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_worker.errors import SourceError
from sync_worker.rosters.web.credentials import read_token
from sync_worker.rosters.web.pages import Answer
from sync_worker.rosters.web.session import SourceSession
from sync_worker.rosters.web.shapes import UNEXPECTED, identifier, kind_of, records_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sync_worker.config.http_rosters import MoodleRosterSettings

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
