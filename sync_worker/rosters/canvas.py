"""Canvas's sections or courses -> a roster, page by page as its links lead."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sync_worker.errors import ConfigError, SourceError
from sync_worker.model import RejectedRow, Role, fold
from sync_worker.rosters.row import FoundCohort, RowError
from sync_worker.rosters.rows import build_roster
from sync_worker.rosters.web_answers import (
    NOBODY,
    UNEXPECTED,
    Place,
    Places,
    asked_for,
    day_of_moment,
    identifier,
    linked_pages,
    record_of,
    records_of,
    text,
)
from sync_worker.rosters.web_session import SourceSession, read_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date, datetime

    from sync_worker.config.sources import CanvasRosterSettings
    from sync_worker.model import Roster
    from sync_worker.rosters.row_reader import KnownCohorts, Meaning
    from sync_worker.rosters.web_answers import Answer, Params


MAKE_TOKEN = "Make one in Canvas under Account > Settings > New access token, and put it there."  # noqa: S105
STATES = ("active", "invited", "creation_pending", "completed", "inactive")
TYPES = ("student", "teacher", "ta", "observer", "designer")
ADVICE = {
    401: "The token is wrong, has expired, or its owner may not see this: make a new one, or enrol its owner in the "
    "course as a teacher or TA.",
    403: "Let the token's owner see the course's list of people.",
    404: "Is the number right, and may the token's owner see it? Canvas says the same in both cases.",
}


class CanvasClient:
    """Reads one Canvas."""

    def __init__(self, settings: CanvasRosterSettings, environment: Mapping[str, str]) -> None:
        self._base = f"{settings.canvas}/api/v1"
        self._page = ("per_page", str(settings.page_size))
        token = read_token(settings.token_env, settings.token_file, environment, MAKE_TOKEN)
        # Ids may be larger than JSON readers keep exactly; as strings they stay what they are.
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json+canvas-string-ids"}
        self._session = SourceSession(
            lambda: headers,
            secrets=[token],
            advice=ADVICE,
            timeouts=(settings.connect_timeout, settings.read_timeout),
            throttled="rate limit exceeded",
        )

    def __repr__(self) -> str:
        return f"<CanvasClient of {self._base}>"

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def course(self, course: str) -> Mapping[str, Any]:
        """Return a course with `total_students`. Calls: 1."""
        answer = self._session.get(self._url("courses", course), [("include[]", "total_students")])
        return _the_one(answer, "a course", course)

    def section(self, section: str) -> Mapping[str, Any]:
        """Return a section. Calls: 1."""
        return _the_one(self._session.get(self._url("sections", section)), "a section", section)

    def sections(self, course: str) -> list[Mapping[str, Any]]:
        """Return a course's sections. Calls: one a page."""
        return self._list("sections", f"{self._url('courses', course)}/sections", [])

    def term_courses(self, account: str, term: str) -> list[Mapping[str, Any]]:
        """Return the published courses of a term in an account and those below it. Calls: one a page."""
        params = [("enrollment_term_id", term), ("state[]", "available"), ("include[]", "total_students")]
        return self._list("courses", f"{self._url('accounts', account)}/courses", params)

    def people(self, course: str) -> list[Mapping[str, Any]]:
        """Return everybody with an enrolment in a course, with e-mail and enrolments. Calls: one a page.

        States and types are always sent: what Canvas takes without them depends on who asks.
        """
        params = [("include[]", "email"), ("include[]", "enrollments")]
        params += [("enrollment_state[]", state) for state in STATES]
        params += [("enrollment_type[]", kind) for kind in TYPES]
        return self._list("people", f"{self._url('courses', course)}/users", params)

    def _url(self, kind: str, number: str) -> str:
        return f"{self._base}/{kind}/{quote(number, safe=':')}"

    def _list(self, what: str, url: str, params: Params) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = []
        for answer in linked_pages(self._session.get, url, [*params, self._page]):
            found += records_of(answer.json, what, answer.where)
        return found


def _the_one(answer: Answer, what: str, asked: str) -> Mapping[str, Any]:
    """Return the record asked for by its number (or by a SIS id, which is looked up by Canvas).

    Raises:
        SourceError: Canvas gives another one.

    """
    record = record_of(answer, what)
    number = identifier(record, "id", what, answer.where)
    if asked.isdecimal() and number != asked:
        raise SourceError(f"Canvas gave {what} with the id {number} for {asked}.", where=answer.where, do=UNEXPECTED)
    return record


# Canvas's sections or courses -> a roster.
# Calls: for each course one for itself, one for every 100 sections (where sections are cohorts) and one for every 100
# people; one for each section named without its course; one for every 100 courses of a term, which then cost none each
# for themselves.


BASE_WORDS: dict[str, Meaning] = {
    "Student": Role.LEARNER,
    "Teacher": Role.LCM,
    "Ta": Role.FACILITATOR,
    "Observer": "ignore",
    "Designer": "ignore",
    "StudentView": "ignore",
}
WORDS = BASE_WORDS | {f"{word}Enrollment": meaning for word, meaning in BASE_WORDS.items()}
PENDING = {"invited", "creation_pending"}
GONE = {"deleted", "rejected"}
COUNTED = {"active", *PENDING}
Days = tuple["date | None", "date | None"]


def read_canvas_roster(
    settings: CanvasRosterSettings, known: KnownCohorts, now: datetime, environment: Mapping[str, str]
) -> Roster:
    """Return the roster of the sections or courses asked for.

    Raises:
        ConfigError: there is no token, or nothing is asked for.
        SourceError: Canvas did not answer in full.
        RosterError: no row can be used.

    """
    _refuse_nothing(settings)
    with closing(CanvasClient(settings, environment)) as client:
        school = _School(settings, client, asked_for(settings, known))
        school.take_courses()
        school.take_people()
    rows = [*school.rejected, *school.places.rows(school.found.values(), school.cells)]
    return build_roster(
        settings,
        settings.canvas,
        rows,
        known,
        now=now,
        found=school.found.values(),
        words=WORDS,
        empty=NOBODY,
    )


def _refuse_nothing(settings: CanvasRosterSettings) -> None:
    if not (settings.courses or settings.sections or settings.cohorts or settings.account):
        raise ConfigError(
            "no courses or sections of Canvas are selected.",
            where="roster",
            do="Map them under the roster's cohorts, or name them in courses or sections, or an account and a term.",
        )


@dataclass(slots=True)
class _Course:
    """A course to read: how many students Canvas says it has, and whether all of its sections were listed.

    `cohorts` are what its sections (or, by "", itself) are called as cohorts; `days` are its first and last one.
    """

    id: str
    students: int | None
    days: Days
    whole: bool = True
    cohorts: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class _School:
    """What was read of Canvas so far."""

    settings: CanvasRosterSettings
    client: CanvasClient
    is_asked_for: Callable[[str, str], bool]
    courses: dict[str, _Course] = field(default_factory=dict)
    found: dict[str, FoundCohort] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)
    users: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    places: Places = field(init=False)

    def __post_init__(self) -> None:
        self.places = Places(self.settings, WORDS)

    def take_courses(self) -> None:
        """Find the courses to read people from, and the cohorts in them."""
        settings = self.settings
        if settings.account and settings.term:
            for record in self.client.term_courses(settings.account, settings.term):
                self._take_course(record)
        named = list(settings.courses) + ([*settings.cohorts] if settings.cohorts_by == "course" else [])
        for number in dict.fromkeys(named):
            if number not in self.courses:
                self._take_course(self.client.course(number))
        if settings.cohorts_by == "section":
            for course in list(self.courses.values()):
                for section in self.client.sections(course.id):
                    self._take_section(section, course)
            for number in dict.fromkeys([*settings.sections, *settings.cohorts]):
                if fold(number) not in map(fold, self.found):
                    self._take_single_section(number)

    def _take_course(self, record: Mapping[str, Any]) -> None:
        number = identifier(record, "id", "a course", self.settings.canvas)
        if number in self.courses:
            return
        students = record.get("total_students")
        where = f"canvas course {number}"
        name = self._said(record, "name", where)
        days = self._days(record, where)
        course = self.courses[number] = _Course(number, students if isinstance(students, int) else None, days)
        if self.settings.cohorts_by == "course":
            course.cohorts[""] = self._take_cohort(record, "sis_course_id", where, name, days)

    def _take_section(self, record: Mapping[str, Any], course: _Course) -> None:
        """Take a section; one without days of its own has those of its course."""
        number = identifier(record, "id", "a section", self.settings.canvas)
        where = f"canvas section {number}"
        days = self._days(record, where)
        name = self._said(record, "name", where)
        course.cohorts[number] = self._take_cohort(
            record, "sis_section_id", where, name, days if any(days) else course.days
        )

    def _take_single_section(self, written: str) -> None:
        """Take a section whose course was not named; no one else of that course is wanted."""
        record = self.client.section(written)
        number = identifier(record, "course_id", f"the section {written}", self.settings.canvas)
        if number not in self.courses:
            course = self.client.course(number)
            self._take_course(course)
            self.courses[number].whole = False
        self._take_section(record, self.courses[number])

    def _take_cohort(self, record: Mapping[str, Any], sis_key: str, where: str, name: str, days: Days) -> str:
        """Note a cohort; it is called by its id, or by its SIS id where the settings do so."""
        sis = self._said(record, sis_key, where)
        named = {fold(written): written for written in self.settings.cohorts}
        number = self._said(record, "id", where)
        written = named.get(fold(f"{sis_key}:{sis}"), number) if sis else number
        self.found.setdefault(written, FoundCohort(written, name, *days, where))
        return written

    def _days(self, record: Mapping[str, Any], where: str) -> Days:
        try:
            start, end = (day_of_moment(record, key, self.settings.zone) for key in ("start_at", "end_at"))
        except RowError as error:
            raise SourceError(error.what, where=where, do=error.do) from None
        return start, end

    @staticmethod
    def _said(record: Mapping[str, Any], key: str, where: str) -> str:
        try:
            return text(record, key)
        except RowError as error:
            raise SourceError(error.what, where=where, do=error.do) from None

    def take_people(self) -> None:
        """Read the people of each course in which a cohort is asked for."""
        for course in self.courses.values():
            if not any(self._is_asked_for(written) for written in course.cohorts.values()):
                continue
            students: set[str] = set()
            for user in self.client.people(course.id):
                where = f"canvas course {course.id}"
                person = identifier(user, "id", f"a person in the course {course.id}", where)
                self.users[person] = {**self.users.get(person, {}), **user}
                for enrolment in records_of(user.get("enrollments"), f"enrolments of the user {person}", where):
                    if self._take_enrolment(course, person, enrolment):
                        students.add(person)
            if course.students is not None and len(students) < course.students:
                raise SourceError(
                    f"Canvas shows {len(students)} of the course's {course.students} students.",
                    where=f"canvas course {course.id}",
                    do="The token's owner sees only a part: remove 'interact only with their own section' from its "
                    "enrolment, or take another owner. If a person was enrolled just now, run it again.",
                )

    def _take_enrolment(self, course: _Course, person: str, enrolment: Mapping[str, Any]) -> bool:
        """Take one enrolment; return whether it makes the person one of the students that Canvas counts."""
        number = identifier(enrolment, "id", f"an enrolment of the user {person}", f"canvas course {course.id}")
        written = self._cohort_of(course, enrolment, number)
        section = enrolment.get("course_section_id")
        what = f"section {section}" if self.settings.cohorts_by == "section" else f"course {course.id}"
        where = f"canvas {what}, enrollment {number}"
        counted = False
        try:
            state, kind = text(enrolment, "enrollment_state"), text(enrolment, "type")
            counted = kind == "StudentEnrollment" and state in COUNTED
            place = self._place(where, written, person, enrolment) if written else None
        except RowError as error:
            if written:
                self.places.reject(where, written, person, error)
            else:
                self.rejected.append(RejectedRow(where, error.what, error.do or ""))
            return counted
        if place:
            self.places.add(place)
        return counted

    def _place(self, where: str, written: str, person: str, enrolment: Mapping[str, Any]) -> Place | None:
        """Return the place that an enrolment is; None for one that is pending, declined or deleted."""
        state = text(enrolment, "enrollment_state")
        active = state in self.settings.enrolled
        if state not in {*COUNTED, *GONE, "completed", "inactive"}:
            raise RowError(f"the state '{state}' is not known.", do="Report it.")
        if state in GONE or (state in PENDING and not active):
            return None
        start = day_of_moment(enrolment, "start_at", self.settings.zone)
        end = day_of_moment(enrolment, "end_at", self.settings.zone)
        days = (start.isoformat() if start else "", end.isoformat() if end else "")
        return Place(where, written, person, (self._role(enrolment),), active, *days)

    def _cohort_of(self, course: _Course, enrolment: Mapping[str, Any], number: str) -> str | None:
        """Return what the enrolment's cohort is called; None for one that is ignored."""
        where = f"canvas course {course.id}"
        if self.settings.cohorts_by == "course":
            return course.cohorts[""]
        section = identifier(enrolment, "course_section_id", f"the enrolment {number}", where)
        if section not in course.cohorts and course.whole:
            raise SourceError(
                f"the enrolment {number} is in the section {section}, which Canvas did not list.",
                where=where,
                do="The course changed while it was read; run it again.",
            )
        written = course.cohorts.get(section)
        return written if written and self._is_asked_for(written) else None

    def _is_asked_for(self, written: str) -> bool:
        return self.is_asked_for(written, self.found[written].name)

    def _role(self, enrolment: Mapping[str, Any]) -> str:
        """Return the word for a role: a role of the school's own where lcm.yaml gives its meaning, else the type."""
        kind = text(enrolment, "type")
        own = {fold(word) for word in self.settings.roles}
        named: Iterable[str] = (text(enrolment, "role"), kind)
        return next((word for word in named if word and fold(word) in own), kind.removesuffix("Enrollment"))

    def cells(self, person: str) -> dict[str, str]:
        """Return what identifies and names a user."""
        user = self.users[person]
        external_id = text(user, self.settings.external_id)
        if not external_id and self.settings.external_id == "sis_user_id":
            enrolments = user.get("enrollments") or []
            external_id = next((said for each in enrolments if (said := text(each, "sis_user_id"))), "")
        email = text(user, "email")
        if not (external_id or email):
            raise RowError(
                f"Canvas gives neither {self.settings.external_id} nor e-mail of the user {person}.",
                do="It gives them once the invitation is accepted, and only to teachers and admins; "
                "or set external_id: id.",
            )
        name, given = text(user, "name"), text(user, "first_name")
        return {"external_id": external_id, "email": email, "name": name, "first_name": given}
