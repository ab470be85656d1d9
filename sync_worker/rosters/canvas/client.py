"""Reading Canvas: courses, sections, and people with their enrolments, page by page as the links lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sync_worker.errors import SourceError
from sync_worker.rosters.web.credentials import read_token
from sync_worker.rosters.web.pages import linked_pages
from sync_worker.rosters.web.session import SourceSession
from sync_worker.rosters.web.shapes import UNEXPECTED, identifier, record_of, records_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sync_worker.config.http_rosters import CanvasRosterSettings
    from sync_worker.rosters.web.pages import Answer, Params

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
