"""A small, honest Canvas: courses, sections, people with enrolments; tokens, permissions, opaque links to pages."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, jsonify, request

TOKEN = "7~canvas-token-a81b"
STRING_IDS = "application/json+canvas-string-ids"


@dataclass
class Enrollment:
    """An enrolment in a section."""

    id: int
    user_id: int
    section: int
    type: str = "StudentEnrollment"
    state: str = "active"
    role: str = ""
    start_at: str | None = None
    end_at: str | None = None


@dataclass
class CanvasUser:
    """A user; an invited one shows neither e-mail nor SIS id."""

    id: int
    name: str
    email: str | None
    sis: str | None = None
    fake: bool = False


@dataclass
class School:
    """The data, and what the token's owner may do."""

    courses: dict[int, dict[str, Any]] = field(default_factory=dict)
    sections: dict[int, dict[str, Any]] = field(default_factory=dict)
    users: dict[int, CanvasUser] = field(default_factory=dict)
    enrollments: list[Enrollment] = field(default_factory=list)
    forbidden: set[int] = field(default_factory=set)
    own_section_only: int | None = None
    sees_sis: bool = True
    largest_page: int = 100

    def app(self) -> Flask:
        """The school as a WSGI application."""
        app = Flask(__name__)

        @app.before_request
        def authenticate() -> Any:
            assert "access_token" not in request.args
            if request.headers.get("Authorization") != f"Bearer {TOKEN}":
                return jsonify({"errors": [{"message": "Invalid access token."}]}), 401
            return None

        @app.get("/api/v1/courses/<number>")
        def course(number: str) -> Any:
            return self.one(self.courses, number, "sis_course_id", self.course_json)

        @app.get("/api/v1/sections/<number>")
        def section(number: str) -> Any:
            return self.one(self.sections, number, "sis_section_id", self.section_json)

        @app.get("/api/v1/courses/<int:number>/sections")
        def sections(number: int) -> Any:
            listed = [self.section_json(n) for n, section in self.sections.items() if section["course_id"] == number]
            return self.refusal(number) or self.page(listed)

        @app.get("/api/v1/courses/<int:number>/users")
        def users(number: int) -> Any:
            return self.refusal(number) or self.page(self.people(number), hide_fake=True)

        @app.get("/api/v1/accounts/<int:account>/courses")
        def courses(account: int) -> Any:
            assert request.args.getlist("state[]") == ["available"]
            term = request.args["enrollment_term_id"]
            return self.page([self.course_json(n) for n, c in self.courses.items() if str(c.get("term")) == term])

        return app

    def one(self, records: dict[int, dict[str, Any]], number: str, sis_key: str, shown: Any) -> Any:
        """Return a record by its id or `sis_..._id:X`."""
        found = next((n for n, r in records.items() if number in (str(n), f"{sis_key}:{r.get(sis_key)}")), None)
        if found is None:
            return jsonify({"errors": [{"message": "The specified resource does not exist."}]}), 404
        return self.refusal(records[found].get("course_id", found)) or self.json(shown(found))

    def refusal(self, course: int) -> Any:
        """Return Canvas's 'unauthorized' (it says 401 for that as well), or None."""
        if course in self.forbidden:
            errors = [{"message": "user not authorized to perform that action"}]
            return jsonify({"status": "unauthorized", "errors": errors}), 401
        return None

    def course_json(self, number: int) -> dict[str, Any]:
        """A course, with `total_students` where asked for."""
        told = {"id": number, "start_at": None, "end_at": None, "sis_course_id": None} | self.courses[number]
        told.pop("term", None)
        if "total_students" in request.args.getlist("include[]"):
            places = [e for e in self.enrollments if self.sections[e.section]["course_id"] == number]
            counted = {"active", "invited", "creation_pending"}
            students = {e.user_id for e in places if e.type == "StudentEnrollment" and e.state in counted}
            told["total_students"] = len([user for user in students if not self.users[user].fake])
        return told

    def section_json(self, number: int) -> dict[str, Any]:
        """A section."""
        return {"id": number, "start_at": None, "end_at": None, "sis_section_id": None} | self.sections[number]

    def people(self, course: int) -> list[dict[str, Any]]:
        """The users of a course by the states and types asked for, with their enrolments in these states."""
        states, types = request.args.getlist("enrollment_state[]"), request.args.getlist("enrollment_type[]")
        assert states, "Canvas decides by who asks where no state is sent"
        assert set(request.args.getlist("include[]")) == {"email", "enrollments"}
        kinds = {f"{kind.title()}Enrollment" for kind in types}
        told = []
        for user in self.users.values():
            places = [
                e
                for e in self.enrollments
                if e.user_id == user.id and self.sections[e.section]["course_id"] == course and e.state in states
                and self.own_section_only in (None, e.section)
            ]  # fmt: skip
            if any(e.type in kinds for e in places):
                told.append(self.user_json(user, places) | ({"fake": True} if user.fake else {}))
        return told

    def user_json(self, user: CanvasUser, places: list[Enrollment]) -> dict[str, Any]:
        """A user as the list of a course shows it."""
        told: dict[str, Any] = {
            "id": user.id,
            "name": user.name,
            "sortable_name": user.name,
            "first_name": user.name.split()[0],
        }
        pending = all(place.state in ("invited", "creation_pending") for place in places)
        if not pending:
            told["email"] = user.email
            if self.sees_sis:
                told["sis_user_id"] = user.sis
        told["enrollments"] = [
            {
                "id": place.id, "user_id": user.id, "course_section_id": place.section, "type": place.type,
                "role": place.role or place.type, "enrollment_state": place.state, "start_at": place.start_at,
                "end_at": place.end_at,
            }
            for place in places
        ]  # fmt: skip
        return told

    def page(self, items: list[dict[str, Any]], *, hide_fake: bool = False) -> Response:
        """Return a page and, in the Link header, an opaque address of the next one; `last` is left out."""
        size = min(int(request.args.get("per_page", 10)), self.largest_page)
        bookmark = request.args.get("page", "")
        start = int(base64.urlsafe_b64decode(bookmark).decode()) if bookmark else 0
        shown = [item for item in items[start : start + size] if not (hide_fake and item.get("fake"))]
        response = self.json(shown)
        base = [(key, value) for key, value in request.args.items(multi=True) if key != "page"]
        links = [f'<{request.base_url}?{_query(base)}>; rel="current"']
        if start + size < len(items):
            following = base64.urlsafe_b64encode(str(start + size).encode()).decode()
            links.append(f'<{request.base_url}?{_query([*base, ("page", following)])}>; rel="next"')
        response.headers["Link"] = ",".join(links)
        return response

    def json(self, told: Any) -> Response:
        """Answer with numbers as ids, or as strings where the caller asks for that."""
        wants_strings = request.headers.get("Accept") == STRING_IDS
        return Response(json.dumps(_string_ids(told) if wants_strings else told), content_type="application/json")


def school() -> School:
    """Return a school with a course of two sections and the five people whose accounts the forum has."""
    names = ["Marta Lopes", "Ines Duarte", "Tomas Reis", "Ana Neves", "Ben Costa"]
    users = {
        number: CanvasUser(number, name, f"{name.split()[0].lower()}@example.org", f"E{number}")
        for number, name in enumerate(names, start=1)
    }
    course = {"name": "Leading", "start_at": "2027-03-01T08:00:00Z", "end_at": "2027-06-01T03:59:59Z", "term": 5}
    return School(
        courses={101: course | {"sis_course_id": "LEAD-27"}},
        sections={
            42: {"name": "Lisbon", "course_id": 101, "sis_section_id": "LIS"},
            43: {"name": "Paris", "course_id": 101, "start_at": "2027-09-01T00:00:00Z"},
        },
        users=users,
        enrollments=[
            Enrollment(1, 1, 42, "TeacherEnrollment"),
            Enrollment(2, 2, 42),
            Enrollment(3, 3, 42),
            Enrollment(4, 4, 43),
            Enrollment(5, 5, 43, "TaEnrollment"),
        ],
    )


def _query(pairs: list[tuple[str, str]]) -> str:
    from urllib.parse import urlencode

    return urlencode(pairs)


def _string_ids(told: Any) -> Any:
    if isinstance(told, list):
        return [_string_ids(item) for item in told]
    if not isinstance(told, dict):
        return told
    return {
        key: str(value) if (key == "id" or key.endswith("_id")) and isinstance(value, int) else _string_ids(value)
        for key, value in told.items()
    }
