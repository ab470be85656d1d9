"""Finding accounts, by crawling lists that change while they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import quote

from sync_worker.errors import ForumError
from sync_worker.forum.parse import Shape, parse_user

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sync_worker.forum.records import ForumUser
    from sync_worker.forum.transport import Transport


Item = TypeVar("Item")
OVERLAP = 10
CRAWLS = 3


class Page(NamedTuple):
    """One page: its rows with their ids, and how many rows the forum says there are in all."""

    rows: list[tuple[int, object]]
    total: int


def crawl_by_offset(fetch: Callable[[int], Page], limit: int) -> dict[int, object]:
    """Return every row by id from a list read by offset, in an order where newcomers come last.

    Each page begins with a few rows already read: if the first of them is missing, rows before it have left and moved
    the rest up, so we step back until we meet a known row. Calls: 1 up to `limit` rows, then 1 for each `limit` - 10.

    Raises:
        ForumError: the forum counts more rows than it lists, or does not turn the pages.

    """
    for _ in range(CRAWLS):
        rows, total = _crawl_once(fetch, limit)
        if len(rows) >= total:
            return rows
    raise ForumError(f"the forum says there are {total} and lists {len(rows)}.", do="Try again when it is quieter.")


def _crawl_once(fetch: Callable[[int], Page], limit: int) -> tuple[dict[int, object], int]:
    seen: dict[int, object] = {}
    offset, step_back = 0, OVERLAP
    while True:
        page = fetch(offset)
        if page.rows and offset >= max(page.total, 1):
            raise _stuck(f"rows {offset:,} and on", page.total)
        known = bool(page.rows) and page.rows[0][0] in seen
        if offset and not known:
            offset = max(0, offset - step_back)
            step_back *= 2
            continue
        seen.update(page.rows)
        last = len(page.rows) < limit or offset + len(page.rows) >= page.total
        if last or len(page.rows) <= OVERLAP:
            return seen, page.total
        offset += len(page.rows) - OVERLAP
        step_back = OVERLAP


def crawl_by_number(fetch: Callable[[int], list[tuple[int, Item]]], *, first: int, per_page: int) -> Iterator[Item]:
    """Yield every row once from a list read by page number, until a page is not full.

    Raises:
        ForumError: a full page brings nothing new, so the forum does not turn the pages.

    """
    seen: set[int] = set()
    number = first
    while True:
        rows = fetch(number)
        fresh = {identity: row for identity, row in rows if identity not in seen}
        seen.update(fresh)
        yield from fresh.values()
        if len(rows) < per_page:
            return
        if not fresh:
            raise _stuck(f"page {number}", len(seen))
        number += 1


def _stuck(where: str, total: int) -> ForumError:
    return ForumError(
        f"the forum repeats a list instead of turning its pages ({where}, of {total:,}).",
        do="Is there a cache in front of it?",
    )


# Finding accounts: all of them, some of them by terms, one by whatever identifies it.


USERS_A_CALL = 100
TERMS_A_CALL = 100
LIST = "/admin/users/list/active.json"
DISCOURSE_CONNECT = "discourse_connect"


class AccountCalls:
    """The calls that read accounts."""

    _http: Transport

    def users(self) -> Iterator[ForumUser]:
        """Yield every account of a human, by username, with e-mail addresses. Calls: 1 per 100 accounts.

        Raises:
            ForumError: the API user may not see e-mail addresses.

        """
        return self._listed({})

    def users_like(self, terms: Sequence[str]) -> Iterator[ForumUser]:
        """Yield the accounts whose name or primary address contains one of up to 100 terms, or that own it as address.

        Calls: 1, and 1 more for each full hundred found. Only cores later than August 2025 split the text into terms;
        older ones take a single one (see `takes_many_terms`).

        Raises:
            ForumError: the API user may not see e-mail addresses.

        """
        if len(terms) > TERMS_A_CALL:
            raise ValueError(f"at most {TERMS_A_CALL} terms a call")
        return self._listed({"filter": ",".join(terms)})

    def takes_many_terms(self) -> bool:
        """Whether this core splits `filter` of the users list at commas. Calls: 1."""
        term = self._http.api_username
        rows = self._http.ask("GET", LIST, params={"filter": f"{term},{term}", "page": 1}).json()
        return bool(Shape(rows, "users").items())

    def _listed(self, params: dict[str, str]) -> Iterator[ForumUser]:
        def fetch(page: int) -> list[tuple[int, ForumUser]]:
            # By username, because Discourse breaks no ties: accounts of one moment could change places between pages.
            order = {"order": "username", "asc": "true"}
            asked = {**params, **order, "show_emails": "true", "page": str(page)}
            rows = Shape(self._http.ask("GET", LIST, params=asked).json(), "users").items()
            for row in rows:
                if "email" not in row.value and row.at("id").integer() > 0:
                    raise self._no_emails()
            return [(user.id, user) for user in map(parse_user, rows)]

        everybody = crawl_by_number(fetch, first=1, per_page=USERS_A_CALL)
        return (user for user in everybody if user.id > 0)

    def user(self, username: str) -> ForumUser | None:
        """Return one account (no e-mail address), or None. Calls: 1."""
        if "@" in username:
            return None  # no username has one, and addresses must not get into URLs, which others log
        return self._one(f"/u/{quote(username, safe='')}.json", "user")

    def user_by_id(self, user_id: int) -> ForumUser | None:
        """Return one account (no e-mail address), or None where it was deleted or merged. Calls: 1."""
        return self._one(f"/admin/users/{user_id}.json", None)

    def user_by_external_id(self, external_id: str, provider: str = DISCOURSE_CONNECT) -> ForumUser | None:
        """Return the account with this id at DiscourseConnect or another log-in provider, or None. Calls: 1."""
        of = "" if provider == DISCOURSE_CONNECT else f"{quote(provider, safe='')}/"
        return self._one(f"/u/by-external/{of}{quote(external_id, safe='')}.json", "user")

    def primary_email(self, username: str) -> str | None:
        """Return an account's main address; the forum writes a line into its log for staff. Calls: 1."""
        answer = self._http.ask("GET", f"/u/{quote(username, safe='')}/emails.json").json()
        return Shape(answer, "answer").get("email").text_or_none()

    def _one(self, path: str, root: str | None) -> ForumUser | None:
        try:
            shape = Shape(self._http.ask("GET", path).json(), "answer")
        except ForumError as error:
            if error.refused_with(404):
                return None
            raise
        return parse_user(shape.at(root) if root else shape)

    def _no_emails(self) -> ForumError:
        return ForumError(
            f"the forum does not show e-mail addresses to '{self._http.api_username}'.",
            url=f"{self._http.host}/admin/users/list/active.json",
            do="Make the API user an administrator.",
        )
