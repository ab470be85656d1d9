"""Finding accounts: all of them, some of them by terms, one by whatever identifies it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from sync_worker.errors import ForumError
from sync_worker.forum.paging import crawl_by_number
from sync_worker.forum.parse import Shape, parse_user

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sync_worker.forum.records import ForumUser
    from sync_worker.forum.transport import Transport

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
