"""A small, honest Moodle: the functions of its web services that the source calls, with its rules for who sees what."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask import Flask, jsonify, request

TOKEN = "moodle-token-4f1d9c"
FUNCTIONS = {
    "core_cohort_get_cohorts",
    "core_cohort_get_cohort_members",
    "core_user_get_users_by_field",
    "core_course_get_courses_by_field",
    "core_enrol_get_enrolled_users",
}


class MoodleError(Exception):
    """An exception as Moodle throws it; it is sent with HTTP 200."""

    def __init__(self, kind: str, code: str, message: str) -> None:
        super().__init__(message)
        self.body = {"exception": kind, "errorcode": code, "message": message}


@dataclass
class MoodleUser:
    """An account."""

    id: int
    username: str
    name: str
    idnumber: str = ""
    suspended: bool = False
    email: str | None = None
    fields: dict[str, str] = field(default_factory=dict)

    def profile(self, site: MoodleSite) -> dict[str, Any]:
        """What the web service tells of the account."""
        first, _, last = self.name.partition(" ")
        told: dict[str, Any] = {"id": self.id, "firstname": first, "lastname": last, "fullname": self.name}
        if site.shows_identity:
            told |= {"username": self.username, "suspended": self.suspended}
            told |= {"email": self.email if self.email is not None else f"{self.username}@example.org"}
            told |= {"idnumber": self.idnumber} if self.idnumber else {}
        if self.fields:
            told["customfields"] = [
                {"type": "text", "value": value, "name": name.title(), "shortname": name}
                for name, value in self.fields.items()
            ]
        return told


@dataclass
class MoodleSite:
    """The site's data; `hidden` users and courses exist, but the token's user may not see them."""

    users: dict[int, MoodleUser] = field(default_factory=dict)
    cohorts: dict[int, tuple[str, list[int]]] = field(default_factory=dict)
    courses: dict[int, dict[str, Any]] = field(default_factory=dict)
    enrolled: dict[int, dict[int, list[str]]] = field(default_factory=dict)
    hidden_users: set[int] = field(default_factory=set)
    forbidden_cohorts: set[int] = field(default_factory=set)
    functions: set[str] = field(default_factory=lambda: set(FUNCTIONS))
    shows_identity: bool = True
    calls: list[str] = field(default_factory=list)
    filtered: list[bool] = field(default_factory=list)

    def app(self) -> Flask:
        """The site as a WSGI application."""
        app = Flask(__name__)

        @app.post("/webservice/rest/server.php")
        def server() -> Any:
            try:
                return jsonify(self.run())
            except MoodleError as error:
                return jsonify(error.body)

        return app

    def run(self) -> Any:
        """Run the function asked for, after the checks that Moodle makes first."""
        assert "wstoken" not in request.args, "the token stands in an address"
        form = request.form
        if form["wstoken"] != TOKEN:
            raise MoodleError("core\\exception\\moodle_exception", "invalidtoken", "Invalid token - token not found")
        function = form["wsfunction"]
        assert form["moodlewsrestformat"] == "json"
        self.filtered.append(form.get("moodlewssettingfilter") == "true")
        self.calls.append(function)
        if function not in self.functions:
            message = "Access control exception (Access to the function is not allowed)"
            raise MoodleError("webservice_access_exception", "accessexception", message)
        return getattr(self, function.removeprefix("core_"))()

    def cohort_get_cohorts(self) -> list[dict[str, Any]]:
        """All cohorts, or those asked for; one without the right to see it spoils the whole answer."""
        wanted = _array("cohortids") or list(self.cohorts)
        if self.forbidden_cohorts & set(wanted):
            message = "Sorry, but you do not currently have permissions to do that (View site-wide cohorts)."
            raise MoodleError("required_capability_exception", "nopermissions", message)
        return [
            {"id": number, "name": self.cohorts[number][0], "idnumber": "", "description": "", "visible": True}
            for number in wanted
            if number in self.cohorts
        ]

    def cohort_get_cohort_members(self) -> list[dict[str, Any]]:
        """Members, all at once; an unknown id is an exception."""
        wanted = _array("cohortids")
        for number in wanted:
            if number not in self.cohorts:
                message = "Can't find data record in database table cohort."
                raise MoodleError("dml_missing_record_exception", "invalidrecord", message)
        return [{"cohortid": number, "userids": self.cohorts[number][1]} for number in wanted]

    def user_get_users_by_field(self) -> list[dict[str, Any]]:
        """Profiles; a person who may not be seen is left out without a word."""
        assert request.form["field"] == "id"
        wanted = [number for number in _array("values") if number in self.users and number not in self.hidden_users]
        return [self.users[number].profile(self) for number in wanted]

    def course_get_courses_by_field(self) -> dict[str, Any]:
        """Courses by their ids; one that may not be seen is left out."""
        assert request.form["field"] == "ids"
        wanted = [int(number) for number in request.form["value"].split(",")]
        listed = [{"id": number, **self.courses[number]} for number in wanted if number in self.courses]
        return {"courses": listed, "warnings": []}

    def enrol_get_enrolled_users(self) -> list[dict[str, Any]]:
        """Who takes part, with roles."""
        assert request.form["options[0][name]"] == "onlyactive"
        enrolled = self.enrolled.get(int(request.form["courseid"]), {})
        return [
            {
                **self.users[number].profile(self),
                "roles": [{"roleid": place, "shortname": role} for place, role in enumerate(roles, start=1)],
            }
            for number, roles in enrolled.items()
            if number not in self.hidden_users
        ]


def site() -> MoodleSite:
    """Return a site with a cohort, a course and the five people whose accounts the forum has."""
    users = [
        MoodleUser(1, "marta", "Marta Lopes", "E1", fields={"manager": "boss@example.org"}),
        MoodleUser(2, "ines", "Ines Duarte", "E2", fields={"manager": "chief@example.org"}),
        MoodleUser(3, "tomas", "Tomas Reis", "E3"),
        MoodleUser(4, "ana", "Ana O'Neill", "E4"),
        MoodleUser(5, "ben", "Ben Costa", "E5"),
    ]
    return MoodleSite(
        users={user.id: user for user in users},
        cohorts={12: ("Spring &amp; co", [2, 3]), 13: ("Autumn", [4])},
        courses={7: {"fullname": "Leading", "startdate": 1803859200, "enddate": 1811808000}},
        enrolled={7: {1: ["editingteacher"], 4: ["student"], 5: ["teacher", "student"]}},
    )


def _array(name: str) -> list[int]:
    values = []
    while (value := request.form.get(f"{name}[{len(values)}]")) is not None:
        values.append(int(value))
    return values
