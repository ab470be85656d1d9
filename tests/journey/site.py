"""A site for a journey, called as its administrator or as one of its people, and tidied up in the end."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.patient import patiently, without_cookies


@dataclass
class Site:
    """A Discourse, real or practised, and what was made on it manually."""

    url: str
    key: str
    admin: str
    calls_per_minute: int
    wait: Callable[[float], None] = time.sleep
    http: requests.Session = field(default_factory=without_cookies)
    accounts: dict[str, int] = field(default_factory=dict)

    def call(self, method: str, path: str, *, as_user: str | None = None, **more: Any) -> requests.Response:
        """Make a call; wait where the forum says that its limit of calls is reached."""
        headers = {"Api-Key": self.key, "Api-Username": as_user or self.admin, "Accept": "application/json"}
        return patiently(
            lambda: self.http.request(method, self.url + path, headers=headers, timeout=60, **more), self.wait
        )

    def done(self, method: str, path: str, *, as_user: str | None = None, **more: Any) -> Any:
        """Make a call that must succeed; return its JSON."""
        answer = self.call(method, path, as_user=as_user, **more)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text[:500]}"
        return answer.json() if answer.text.strip() else None

    def get(self, path: str, *, as_user: str | None = None) -> Any:
        """Read something that must be there."""
        return self.done("GET", path, as_user=as_user)

    def has(self, path: str, *, as_user: str | None = None) -> bool:
        """Whether somebody is shown something."""
        return self.call("GET", path, as_user=as_user).status_code == 200

    @contextmanager
    def settings(self, wanted: dict[str, str]) -> Iterator[None]:
        """Change settings of the site for a while. Calls: 1 and 2 a setting."""
        query = "&".join(f"names[]={name}" for name in wanted)
        listed = self.get(f"/admin/site_settings.json?{query}")["site_settings"]
        present = {row["setting"]: str(row["value"]) for row in listed}
        try:
            for name, value in wanted.items():
                self.done("PUT", f"/admin/site_settings/{name}.json", data={name: value})
            yield
        finally:
            for name in wanted:
                self.done("PUT", f"/admin/site_settings/{name}.json", data={name: present[name]})

    def add_account(self, username: str, name: str) -> None:
        """Make an active account whose address is USERNAME@example.org."""
        account = {"username": username, "name": name, "email": f"{username}@example.org", "active": "true"}
        made = self.done("POST", "/users.json", data={**account, "password": uuid.uuid4().hex, "approved": "true"})
        assert made["success"], made
        self.accounts[username] = self.get(f"/u/{username}.json")["user"]["id"]

    def post(self, username: str, raw: str, **more: Any) -> Any:
        """Write something as somebody."""
        return self.done("POST", "/posts.json", as_user=username, json={"raw": raw, **more})

    def like(self, username: str, post_id: int) -> None:
        """Like a post as somebody."""
        self.done("POST", "/post_actions.json", as_user=username, data={"id": post_id, "post_action_type_id": 2})

    def members(self, group: str) -> set[str]:
        """Who is in a group."""
        return {member["username"] for member in self.get(f"/groups/{group}/members.json?limit=1000")["members"]}

    def category(self, slug: str) -> Any:
        """The category of that slug with its permissions, None where there is none."""
        found = next((each for each in self.get("/site.json")["categories"] if each["slug"] == slug), None)
        return found and self.get(f"/c/{found['id']}/show.json")["category"]

    def topics(self, slug: str, category_id: int) -> list[Any]:
        """The topics of a category, without the one that describes it."""
        listed = self.get(f"/c/{slug}/{category_id}/l/latest.json?per_page=100")["topic_list"]["topics"]
        about = self.get(f"/c/{category_id}/show.json")["category"]["topic_url"]
        return [topic for topic in listed if topic["slug"] not in (about or "")]

    def tidy(self, slug: str, groups: tuple[str, ...]) -> None:
        """Delete the category with its topics, the groups and the accounts, and what a plugin has of the cohort."""
        self.call("DELETE", f"/lcm/cohorts/{slug}.json")
        if category := self.category(slug):
            for topic in self.topics(slug, category["id"]):
                self.done("DELETE", f"/t/{topic['id']}.json")
            self.done("DELETE", f"/categories/{category['id']}.json")
        for name in groups:
            if self.has(f"/groups/{name}.json"):
                self.done("DELETE", f"/admin/groups/{self.get(f'/groups/{name}.json')['group']['id']}.json")
        for identity in self.accounts.values():
            self.done("DELETE", f"/admin/users/{identity}.json", data={"delete_posts": "true"})
