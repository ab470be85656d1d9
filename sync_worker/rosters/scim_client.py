"""Reading a SCIM 2.0 service (RFC 7643, RFC 7644): lists page by page to their end, single resources."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from sync_worker.errors import SourceError
from sync_worker.rosters.web_answers import MAX_PAGES, identifier, kind_of, record_of, records_of
from sync_worker.rosters.web_session import RefusedCallError, SourceSession, read_token

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sync_worker.config.sources import ScimRosterSettings
    from sync_worker.rosters.web_answers import Answer

log = logging.getLogger(__name__)
Result = TypeVar("Result")
MAKE_TOKEN = "Make one in your identity provider, for reading, and put it there."  # noqa: S105  (no token)
CHANGED = "The directory changed while it was read; run it again."
ERROR_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"
ADVICE = {
    400: "The service does not take the filter; try without group_filter, or with all_groups and the map of cohorts.",
    401: "The token is wrong or has expired: make a new one in your identity provider.",
    403: "Give the token's owner the right to read users and groups.",
    404: "Is the address the one under which Users and Groups are (often ending in /v2)?",
    501: "The service does not filter: use all_groups: true with the map of cohorts and other_cohorts: ignore.",
}


class ChangedError(SourceError):
    """The directory changed while it was read, so that a person may be missing."""


class Folded(dict[str, Any]):
    """A resource whose attribute names are found in any case (RFC 7643, 2.1)."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        super().__init__(record)
        self._names = {name.lower(): name for name in record}

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of an attribute."""
        return super().get(self._names.get(key.lower(), key), default)


class ScimClient:
    """Reads users and groups."""

    def __init__(self, settings: ScimRosterSettings, environment: Mapping[str, str]) -> None:
        self._base = settings.scim
        self._size = settings.page_size
        token = read_token(settings.token_env, settings.token_file, environment, MAKE_TOKEN)
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/scim+json, application/json"}
        timeouts = (settings.connect_timeout, settings.read_timeout)
        self._session = SourceSession(lambda: headers, secrets=[token], advice=ADVICE, timeouts=timeouts)

    def __repr__(self) -> str:
        return f"<ScimClient of {self._base}>"

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def everything(self, kind: str, scim_filter: str = "") -> list[Folded]:
        """Return all resources of a kind (`Users`, `Groups`). Calls: one a page.

        Raises:
            SourceError: pages are missing: fewer came than the service said there are.

        """

        def read() -> list[Folded]:
            found: dict[str, Folded] = {}
            for page, _ in self.pages(kind, scim_filter):
                found |= {identifier(each, "id", f"one of the {kind}", self._where(kind)): each for each in page}
            return list(found.values())

        return twice_if_changed(read)

    def pages(self, kind: str, scim_filter: str = "") -> Iterator[tuple[list[Folded], int]]:
        """Yield each page with the total that the service tells; advances by the number that came.

        Raises:
            ChangedError: pages do not fit together.
            SourceError: no good answer, or a service that does not page.

        """
        start, seen, ids, before = 1, 0, set[str](), -1
        for _ in range(MAX_PAGES):
            params = [("startIndex", str(start)), ("count", str(self._size))]
            params += [("filter", scim_filter)] if scim_filter else []
            answer = self._session.get(f"{self._base}/{kind}", params)
            resources, total = _listed(answer, kind)
            if total != before >= 0:
                # A person at the border of two pages may have been skipped.
                raise ChangedError(f"there were {before} {kind}, now {total}.", where=answer.where, do=CHANGED)
            before = total
            new = {identifier(resource, "id", f"one of the {kind}", answer.where) for resource in resources} - ids
            if resources and not new:
                raise SourceError(
                    f"the service gives the same {kind} again instead of those from number {start} on.",
                    where=answer.where,
                    do="It does not page; set page_size above the number there are.",
                )
            ids |= new
            seen += len(resources)
            yield resources, total
            if seen >= total:
                self._check_count(len(ids), total, answer, kind)
                return
            if not resources:
                raise ChangedError(f"{seen} of {total} {kind} came, then none.", where=answer.where, do=CHANGED)
            start += len(resources)
        raise SourceError("there are too many pages.", where=self._where(kind), do="Raise page_size.")

    def one(self, kind: str, number: str) -> Folded | None:
        """Return a resource by its id; None where the service itself says that there is none. Calls: 1."""
        try:
            answer = self._session.get(f"{self._base}/{kind}/{quote(number, safe='')}")
        except RefusedCallError as error:
            if error.status == 404 and _is_scims_own(error):
                return None
            raise
        resource = Folded(record_of(answer, f"one of the {kind}"))
        # Some services give ids as numbers of JSON, in lists and alone.
        if identifier(resource, "id", f"one of the {kind}", answer.where) != number:
            raise SourceError(f"the service gave another one of the {kind} than was asked for.", where=answer.where)
        return resource

    def _where(self, kind: str) -> str:
        return self._session.shown(f"{self._base}/{kind}")

    @staticmethod
    def _check_count(came: int, total: int, answer: Answer, kind: str) -> None:
        """Refuse a list in which some came twice: others are then missing."""
        if came < total:
            raise ChangedError(f"{came} different {kind} came of {total}.", where=answer.where, do=CHANGED)


def twice_if_changed(read: Callable[[], Result]) -> Result:
    """Return what `read` does; once more from the start where the directory changed meanwhile.

    Raises:
        ChangedError: it changed the second time too.

    """
    try:
        return read()
    except ChangedError as error:
        log.warning("%s Reading it again.", error)
    return read()


def _listed(answer: Answer, kind: str) -> tuple[list[Folded], int]:
    told = Folded(record_of(answer, f"a list of {kind}"))
    total = told.get("totalResults")
    if isinstance(total, str) and total.isdigit():
        total = int(total)
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise SourceError(
            f"the list of {kind} does not say how many there are (totalResults is {kind_of(total)}).",
            where=answer.where,
            do="Is this a SCIM 2.0 service?",
        )
    listed = told.get("Resources")
    if listed is None:
        listed = []
    return [Folded(resource) for resource in records_of(listed, kind, answer.where)], total


def _is_scims_own(error: RefusedCallError) -> bool:
    """Whether the service itself refused, and not something before it (RFC 7644, 3.12)."""
    told = error.json()
    schemas = told.get("schemas") if isinstance(told, dict) else None
    return isinstance(schemas, list) and ERROR_SCHEMA in schemas
