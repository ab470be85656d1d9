"""A real SCIM server (scim2-server) with a bearer token, and people and groups put into it over its own interface."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

import requests
from scim2_server.memory import InMemoryStorage
from scim2_server.testserver.application import BearerTokenApplication
from scim2_server.utils import load_default_provider

TOKEN = "scim-token-93be"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Storage(InMemoryStorage):
    """Resources in the order in which they were put in (the server sorts by id)."""

    numbers = count(1)

    def generate_id(self, resource_type: Any, resource: Any) -> str:
        """Return the id of a new resource."""
        del resource_type, resource
        return f"id-{next(self.numbers):08}"


@cache
def provider() -> Any:
    """Return the description of the standard's own schemas."""
    return load_default_provider()


def application() -> Any:
    """Return the server as a WSGI application, without anybody in it."""
    return BearerTokenApplication(Storage(), provider(), bearer_tokens=[TOKEN])


@dataclass
class Directory:
    """What was put into the server: names to ids."""

    url: str
    users: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Call the server as the identity provider's admin."""
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/scim+json"}
        answer = requests.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=60)
        assert answer.ok, answer.text
        told: dict[str, Any] = answer.json() if answer.content else {}
        return told

    def add_user(self, name: str, number: int, *, manager: str = "", department: str = "", **more: Any) -> str:
        """Put a user in."""
        given, _, family = name.partition(" ")
        word = given.lower()
        extension: dict[str, Any] = {"department": department} if department else {}
        if manager:
            extension["manager"] = {"value": self.users[manager]}
        body = {
            "schemas": [USER, ENTERPRISE],
            "userName": f"{word}@corp.example.org",
            "externalId": f"E{number}",
            "active": True,
            "displayName": name,
            "name": {"givenName": given, "familyName": family},
            "emails": [
                {"value": f"{word}@home.example.org", "type": "home"},
                {"value": f"{word}@example.org", "type": "work", "primary": True},
            ],
            ENTERPRISE: extension,
        }
        self.users[word] = self.call("POST", "/Users", body | more)["id"]
        return self.users[word]

    def add_group(self, name: str, *users: str, groups: tuple[str, ...] = ()) -> str:
        """Put a group in, with users and groups in it."""
        members = [
            {"value": self.users[user], "type": "User", "$ref": f"{self.url}/Users/{self.users[user]}"}
            for user in users
        ]
        members += [
            {"value": self.groups[g], "type": "Group", "$ref": f"{self.url}/Groups/{self.groups[g]}"} for g in groups
        ]
        body = {"schemas": [GROUP], "displayName": name, "members": members}
        self.groups[name] = self.call("POST", "/Groups", body)["id"]
        return self.groups[name]

    def put_group_into(self, outer: str, inner: str) -> None:
        """Put a group into another one that is there already."""
        patch = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [
                {"op": "add", "path": "members", "value": [{"value": self.groups[inner], "type": "Group"}]},
            ],
        }
        self.call("PATCH", f"/Groups/{self.groups[outer]}", patch)

    def change_user(self, word: str, **values: Any) -> None:
        """Replace attributes of a user."""
        patch = {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": path, "value": value} for path, value in values.items()],
        }
        self.call("PATCH", f"/Users/{self.users[word]}", patch)


NAMES = ("Boss Big", "Marta Lopes", "Ines Duarte", "Tomas Reis", "Ana Neves", "Ben Costa")


def fill(directory: Directory) -> None:
    """Put three groups in, with the five people whose accounts the forum has and their manager."""
    for number, name in enumerate(NAMES):
        directory.add_user(name, number, manager="boss" if number else "", department="Sales")
    directory.add_group("Spring learners", "ines", "tomas")
    directory.add_group("Spring leads", "marta")
    directory.add_group("Autumn", "ana", "ben")


def each_user(told: dict[str, Any], **values: Any) -> None:
    """Change all users of a list."""
    for user in told.get("Resources", [told]):
        user.update(values)
