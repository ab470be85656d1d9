"""Lists in pages: where the next one is (RFC 8288), and no token is sent to another host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from sync_worker.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import requests

    Params = Sequence[tuple[str, str]]

MAX_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer: its JSON, where it came from (without query), and the address of the next page if it names one."""

    json: Any
    where: str
    next: str | None


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses have the same scheme, host and port."""
    return _origin(one) == _origin(other)


def _origin(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or default


def next_page(response: requests.Response, url: str, where: str) -> str | None:
    """Return the address under rel="next"; refuse one on another host, where the token must not go."""
    link = response.links.get("next", {}).get("url")
    if not link:
        return None
    try:
        following = urljoin(url, link)
        same = same_origin(following, url)
    except ValueError:
        raise SourceError(
            "the link to the next page is not a valid URL.",
            where=where,
            do="Report it to the people who run the source.",
        ) from None
    if not same:
        raise SourceError(
            f"the link to the next page leads to another host ({urlsplit(following).scheme}://"
            f"{urlsplit(following).netloc.rpartition('@')[2]}).",
            where=where,
            do="The token is not sent there; correct the source's own address in its settings.",
        )
    return following


def linked_pages(fetch: Callable[[str, Params], Answer], url: str, params: Params) -> Iterator[Answer]:
    """Yield a list's pages as their links lead (RFC 8288, rel="next"); a short page is not the last one.

    Raises:
        SourceError: a page is missing, or the links form a loop.

    """
    seen = {url}
    answer = fetch(url, params)
    yield answer
    while answer.next:
        if answer.next in seen or len(seen) >= MAX_PAGES:
            circle = answer.next in seen
            raise SourceError(
                "the links to the next page form a loop." if circle else f"there are over {MAX_PAGES} pages.",
                where=answer.where,
                do="Nothing was taken; report it to the people who run the source.",
            )
        seen.add(answer.next)
        answer = fetch(answer.next, ())
        yield answer
