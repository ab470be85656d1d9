"""A practice forum with the plugin, and a client that holds every call and answer to the contract."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.lcm import contract

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.conftest import PracticeForum

COHORT = {
    "name": "Spring 2027",
    "start": "2027-03-01",
    "end": "2027-04-30",
    "timezone": "Europe/Lisbon",
    "locale": "en",
    "playbook": "first-steps",
    "group": {"name": "spring-27", "full_name": "Spring 2027"},
    "lcm_group": {"name": "spring-27-lcm", "full_name": "Spring 2027 (LCM)"},
    "category": {"name": "Spring 2027", "slug": "spring-27"},
}


@dataclass
class Site:
    """A practice forum with the plugin; remembers which operations were called."""

    forum: PracticeForum
    called: set[str] = field(default_factory=set)

    def call(self, verb: str, path: str, body: Any = None, *, as_user: str = "forumadmin") -> Any:
        """Call the plugin; request and answer must keep the contract. Return the answer."""
        assert not contract.complaints_about_request(verb, path, body)
        answer = self.send(verb, path, body, as_user=as_user)
        content = answer.json() if answer.content else None
        assert not contract.complaints_about_answer(verb, path, answer.status_code, content)
        return answer

    def send(self, verb: str, path: str, body: Any = None, *, as_user: str = "forumadmin") -> Any:
        """Call the plugin with whatever body; only remember it."""
        self.called.add(contract.operation_of(verb, path).name)
        more = {} if body is None else {"json": body}
        return self.forum.call(verb, path, as_user=as_user, **more)

    def ask(self, verb: str, path: str, body: Any = None, *, as_user: str = "forumadmin") -> Any:
        """Call the plugin, and return the JSON of an answer that must be a success."""
        answer = self.call(verb, path, body, as_user=as_user)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def declare(self, key: str = "spring-27", **changes: Any) -> Any:
        """Declare a cohort."""
        return self.ask("PUT", f"/lcm/cohorts/{key}.json", COHORT | changes)

    def join(self, *ids: int, key: str = "spring-27", lcms: tuple[int, ...] = ()) -> Any:
        """Put people into a cohort's groups."""
        change = {
            "change": f"join-{'-'.join(map(str, (*ids, *lcms)))}",
            "group": {"add": [*ids, *lcms]},
            "lcm_group": {"add": list(lcms)},
        }
        return self.ask("PUT", f"/lcm/cohorts/{key}/members.json", change)

    def post(self, username: str, title: str, raw: str = "A text that is long enough to be taken as a post.") -> Any:
        """Start a topic in the cohort's category as somebody; return the post."""
        category = self.forum.get("/lcm/cohorts.json")["cohorts"][0]["category"]["id"]
        body = {"title": title, "raw": raw, "category": category}
        return self.forum.call("POST", "/posts.json", as_user=username, json=body).json()


@pytest.fixture
def site(make_practice_forum: Callable[..., PracticeForum]) -> Site:
    """A forum with the plugin and nothing declared yet."""
    settings = {"enable_category_group_moderation": "true", "allow_uncategorized_topics": "true"}
    return Site(make_practice_forum(plugin=True, settings=settings, now=datetime(2027, 3, 10, 10, tzinfo=UTC)))


@pytest.fixture
def cohort(site: Site) -> Site:
    """A forum with one cohort: the learners ana and ben, the LCM lea; cai is a stranger."""
    site.declare()
    ana, ben, lea, _ = site.forum.add_users("ana", "ben", "lea", "cai")
    site.join(ana, ben, lcms=(lea,))
    return site
