"""The facts the worker relies on hold on the practice forum, and, with `pytest -m live`, on a real Discourse.

For a real one set DISCOURSE_URL, DISCOURSE_API_KEY (a key for all users) and, if it is not `system`,
DISCOURSE_API_USERNAME. Use a forum made for the purpose: users, a group, a category and topics are made, and stay.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from sync_worker.practice_forum.options import ForumOptions
from sync_worker.practice_forum.server import ForumServer
from tests.contract.facts import BODY, FACTS, Fact
from tests.contract.recorded import Answer, Client, Keys


@dataclass(frozen=True)
class Stage:
    """A forum with what the facts are about, and the names of it all."""

    client: Client
    names: dict[str, str]

    def fill(self, text: str) -> str:
        """Put the names into the braces of a text."""
        for name, value in self.names.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def check(self, fact: Fact) -> Answer:
        """Make the call of a fact."""
        user = self.fill(fact.user) if fact.user else None
        form = {name: self.fill(value) for name, value in fact.form.items()}
        answer = self.client.call(fact.method, self.fill(fact.path), user=user, json_body=fact.json, **form)
        assert answer.status == fact.status, answer.text[:500]
        return answer


def _stage(url: str, key: str, admin: str) -> Stage:
    suffix = uuid.uuid4().hex[:6]
    client = Client(url.rstrip("/"), Keys(key, key))
    names = {"suffix": suffix, "admin": admin, "group": f"fact_{suffix}", "category": f"Facts {suffix}"}
    names |= {"GROUP": names["group"].upper(), "one": f"one_{suffix}", "two": f"two_{suffix}"}

    def call(method: str, path: str, **form: str) -> Any:
        answer = client.call(method, path, user=admin, **form)
        assert answer.status == 200, answer.text
        return answer.json

    for name in (names["one"], names["two"]):
        password = f"{uuid.uuid4()}"
        call("POST", "/users.json", username=name, email=f"{name}@example.org", password=password, active="true")
    group = call("POST", "/admin/groups.json", **{"group[name]": names["group"]})
    names["group_id"] = str(group["basic_group"]["id"])
    category = call("POST", "/categories.json", name=names["category"], color="0088CC", text_color="FFFFFF")
    names |= {"category_id": str(category["category"]["id"]), "category_slug": category["category"]["slug"]}
    title = f"The topic that the facts {suffix} are about"
    raw = f"{BODY} of the stage".replace("{suffix}", suffix)
    post = call(
        "POST", "/posts.json", title=title, raw=raw, category=names["category_id"], external_id=f"fact-{suffix}"
    )
    names |= {"topic_id": str(post["topic_id"]), "post_id": str(post["id"]), "TITLE": title.upper()}
    return Stage(client, names)


@pytest.fixture(scope="module")
def practice_stage() -> Iterator[Stage]:
    with ForumServer(":memory:", options=ForumOptions()) as server:
        yield _stage(server.url, ForumOptions().api_key, "forumadmin")


@pytest.fixture(scope="module")
def live_stage() -> Stage:
    url, key = os.environ.get("DISCOURSE_URL"), os.environ.get("DISCOURSE_API_KEY")
    if not url or not key:
        pytest.skip("DISCOURSE_URL and DISCOURSE_API_KEY name no Discourse")
    return _stage(url, key, os.environ.get("DISCOURSE_API_USERNAME", "system"))


def _at(value: Any, path: str) -> Any:
    for part in path.split("."):
        assert isinstance(value, dict), path
        assert part in value, f"{path} is missing"
        value = value[part]
    return value


def _holds(stage: Stage, fact: Fact) -> None:
    answer = stage.check(fact)
    if fact.errors:
        assert answer.json["errors"] == [stage.fill(text) for text in fact.errors]
    if fact.error_type:
        assert answer.json["error_type"] == fact.error_type
    for key in fact.keys:
        _at(answer.json, key)
    for path, value in fact.values.items():
        wanted = [stage.fill(item) for item in value] if isinstance(value, list) else value
        assert _at(answer.json, path) == wanted
    if fact.status == 301:
        assert answer.headers["location"].endswith(".json")


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.what)
def test_the_practice_forum_keeps_to_the_facts(fact: Fact, practice_stage: Stage) -> None:
    _holds(practice_stage, fact)


@pytest.mark.live
@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.what)
def test_a_real_discourse_keeps_to_the_facts(fact: Fact, live_stage: Stage) -> None:
    _holds(live_stage, fact)


def test_the_same_request_within_two_minutes_gets_the_first_answer_again(practice_stage: Stage) -> None:
    form = {"topic_id": practice_stage.names["topic_id"], "raw": "The very same reply, sent two times in a row."}
    first, second = (practice_stage.client.call("POST", "/posts.json", **form) for _ in range(2))
    assert first.json == second.json


def test_the_external_id_of_a_deleted_topic_stays_taken(practice_stage: Stage) -> None:
    client, names = practice_stage.client, practice_stage.names
    form = {"raw": f"{BODY} deleted", "category": names["category_id"], "external_id": "soon-gone"}
    topic = client.call("POST", "/posts.json", title="A topic that will be deleted soon", **form).json["topic_id"]
    assert client.call("DELETE", f"/t/{topic}.json").status == 200
    assert client.call("GET", "/t/external_id/soon-gone.json").status == 404
    again = client.call("POST", "/posts.json", title="A topic that comes after the deleted one", **form)
    assert again.json["errors"] == ["External has already been taken"]
