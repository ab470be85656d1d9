"""A forum with what the facts are about, and checking a fact on it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from tests.contract.fact import BODY, Fact
from tests.contract.recorded import Answer, Client, Keys

_ABSENT = object()


@dataclass(frozen=True)
class Stage:
    """A forum, and the names of what was made on it."""

    client: Client
    names: dict[str, str]

    def is_for_developers(self) -> bool:
        """Whether the forum runs in development mode, with error pages of its own."""
        return "Action Controller" in self.client.call("GET", "/nothing/here.json").text[:1000]

    def has_settings(self, wanted: dict[str, str]) -> bool:
        """Whether the site's settings are these."""
        query = "&".join(f"names[]={name}" for name in wanted)
        listed = self.call("GET", f"/admin/site_settings.json?{query}").json["site_settings"] if wanted else []
        values = {each["setting"]: each["value"] for each in listed}
        return all(values[name] == value for name, value in wanted.items())

    def fill(self, value: Any) -> Any:
        """Put the names into the braces of a text, or of the texts in a list or object."""
        if isinstance(value, str):
            for name, text in self.names.items():
                value = value.replace(f"{{{name}}}", text)
        elif isinstance(value, list):
            return [self.fill(item) for item in value]
        elif isinstance(value, dict):
            return {self.fill(name): self.fill(item) for name, item in value.items()}
        return value

    def call(self, method: str, path: str, **form: str) -> Answer:
        """Make a call as the administrator."""
        return self.client.call(method, path, user=self.names["admin"], **form)

    def check(self, fact: Fact) -> None:
        """Make the call of a fact and hold the answer to it."""
        user = self.fill(fact.user)
        answer = self.client.call(
            fact.method, self.fill(fact.path), user=user, json_body=self.fill(fact.json), **self.fill(fact.form)
        )
        assert answer.status == fact.status, answer.text[:500]
        if fact.errors:
            assert answer.json["errors"] == self.fill(list(fact.errors))
        if fact.error_type:
            assert answer.json["error_type"] == fact.error_type
        for path in map(self.fill, fact.keys):
            assert _at(answer.json, path) is not _ABSENT, f"{path} is missing"
        for path in map(self.fill, fact.lacks):
            assert _at(answer.json, path) is _ABSENT, f"{path} is there"
        for path, value in self.fill(fact.values).items():
            found = _at(answer.json, path)
            if path.endswith("usernames"):  # in the order in which the database gives them
                found, value = sorted(found), sorted(value)  # noqa: PLW2901
            assert found == value, path
        for name, end in self.fill(fact.headers).items():
            assert answer.headers[name].endswith(end), name


def _at(value: Any, path: str) -> Any:
    """What stands at a path of an answer, `_ABSENT` where there is nothing."""
    for part in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(part, _ABSENT)
        elif isinstance(value, list):
            value = _item(value, part)
        else:
            return _ABSENT
    return value


def _item(items: list[Any], part: str) -> Any:
    key, equals, wanted = part.partition("=")
    if equals:
        return next((item for item in items if str(item.get(key)) == wanted), _ABSENT)
    return items[int(part)] if int(part) < len(items) else _ABSENT


def set_up(url: str, key: str, admin: str) -> Stage:
    """Make what the facts are about: two users, a group, a category, a topic, a tag group."""
    suffix = uuid.uuid4().hex[:6]
    names = {"suffix": suffix, "admin": admin, "group": f"fact_{suffix}", "category": f"Facts {suffix}"}
    names |= {"GROUP": names["group"].upper(), "one": f"one_{suffix}", "two": f"two_{suffix}"}
    stage = Stage(Client(url.rstrip("/"), Keys(key, key), is_patient=True), names)

    def call(method: str, path: str, **form: str) -> Any:
        answer = stage.call(method, path, **form)
        assert answer.status == 200, answer.text
        return answer.json

    for name in ("one", "two"):
        account = {
            "username": names[name],
            "name": f"{name.title()} of {suffix}",
            "email": f"{names[name]}@example.org",
            "password": f"{uuid.uuid4()}",
        }
        assert call("POST", "/users.json", active="true", **account)["success"]
        names[f"{name}_id"] = str(call("GET", f"/u/{names[name]}.json")["user"]["id"])
    group = call("POST", "/admin/groups.json", **{"group[name]": names["group"]})
    names["group_id"] = str(group["basic_group"]["id"])
    category = call("POST", "/categories.json", name=names["category"], color="0088CC", text_color="FFFFFF")
    names |= {"category_id": str(category["category"]["id"]), "category_slug": category["category"]["slug"]}
    title, raw = f"The topic that the facts {suffix} are about", stage.fill(f"{BODY} of the stage")
    post = call(
        "POST", "/posts.json", title=title, raw=raw, category=names["category_id"], external_id=f"fact-{suffix}"
    )
    tag_group = call("POST", "/tag_groups.json", name=stage.fill("Facts {suffix}"))
    names["tag_group_id"] = str(tag_group["tag_group"]["id"])
    names |= {"topic_id": str(post["topic_id"]), "post_id": str(post["id"]), "TITLE": title.upper()}
    return stage
