"""Every endpoint of the practice forum also satisfies Discourse's own OpenAPI description.

The description is not in this repository; it lies beside the recordings, and without them these tests are skipped.
Where real answers contradict it, `contradictions.py` says so, row by row.
"""

from __future__ import annotations

import base64
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.exceptions import HTTPException

from sync_worker.practice_forum.app import ForumServer, create_app
from sync_worker.practice_forum.server.options import ForumOptions
from tests.contract.conftest import Replayed
from tests.contract.contradictions import CONTRADICTIONS, OTHER_ANSWERS, WRONG_REQUESTS, Row
from tests.contract.description import Contradiction, Description, Operation, json_type
from tests.contract.facts import FACTS
from tests.contract.further_calls import FURTHER_CALLS
from tests.contract.recorded import Exchange, Recording
from tests.contract.stage import set_up

NOT_DESCRIBED = {"/admin/backups/readonly.json": "a switch, and no file of that name"}
"""Paths that look like those of a described operation and are not."""

ONE_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

UNANSWERED = {
    "GET /u/by-external/{provider}/{external_id}.json": "the practice forum has no login provider, so it is 404 always",
}
"""Implemented operations whose described answer a practice forum never gives, with the reason."""

Found = dict[str, set[Contradiction]]


@dataclass(frozen=True)
class Call:
    """A call of a described operation, and the answer to it."""

    operation: Operation
    exchange: Exchange

    @property
    def is_as_described(self) -> bool:
        """Whether its parameters and body are as described."""
        sent = self.exchange
        return self.operation.is_described_request(urlsplit(sent.path).query, sent.content_type, sent.body)

    @property
    def contradictions(self) -> set[Contradiction]:
        """How the answer contradicts the description."""
        answer = self.exchange.answer
        if _is_of_another_kind(self.operation, answer.json):
            return set()
        return self.operation.contradictions(answer.status, answer.json)


@pytest.fixture(scope="module")
def description(shared_folder: Path) -> Description:
    return Description.read(shared_folder / "discourse_openapi.json")


@pytest.fixture(scope="module")
def calls(description: Description, replayed: dict[int, Replayed]) -> list[Call]:
    """Recorded calls, facts and further calls, sent to practice forums, where operation and status are described."""
    exchanges = [each.exchange for each in replayed.values()]
    with ForumServer(":memory:", options=ForumOptions()) as server:
        stage = set_up(server.url, ForumOptions().api_key, "forumadmin")
        for fact in (*FACTS, *FURTHER_CALLS):
            stage.check(fact)
        assert stage.client.upload("forumadmin", "dot.png", ONE_PIXEL).status == 200
        exchanges += stage.client.exchanges
    return list(_described(description, exchanges))


def _described(description: Description, exchanges: Iterable[Exchange]) -> Iterator[Call]:
    for exchange in exchanges:
        operation = description.operation(exchange.method, exchange.path)
        if operation and operation.describes(exchange.answer.status) and exchange.path not in NOT_DESCRIBED:
            yield Call(operation, exchange)


def _is_of_another_kind(operation: Operation, answer: Any) -> bool:
    return any(name == operation.name and list(_at(answer, path)) for name, path in OTHER_ANSWERS)


def _at(value: Any, path: str) -> Iterator[Any]:
    """Every value that stands at a path such as `$.members[*].id`."""
    values = [value]
    for part in re.findall(r"\.\w+|\[\*\]", path):
        if part == "[*]":
            values = [item for each in values if isinstance(each, list) for item in each]
        else:
            values = [each[part[1:]] for each in values if isinstance(each, dict) and part[1:] in each]
    yield from values


def _listed(operation: str) -> set[Contradiction]:
    return {found for row in CONTRADICTIONS.get(operation, ()) for found in row.contradictions()}


def _unlisted(found: Mapping[str, set[Contradiction]]) -> list[str]:
    return [f"{name}: {one}" for name, each in found.items() for one in sorted(each - _listed(name))]


def _found(calls: Iterable[Call]) -> Found:
    found: Found = defaultdict(set)
    for call in calls:
        found[call.operation.name] |= call.contradictions
    return found


def _found_in(description: Description, recordings: Iterable[Recording]) -> Found:
    found: Found = defaultdict(set)
    for recording in recordings:
        operation = description.operation(recording.method, recording.path)
        status, answer = recording.response["status"], recording.response.get("json")
        if operation and operation.describes(status) and not _is_of_another_kind(operation, answer):
            found[operation.name] |= operation.contradictions(status, answer)
    return found


def implemented(description: Description) -> set[str]:
    """The described operations that the practice forum has a route for."""
    app = create_app(":memory:")
    routes = app.url_map.bind("forum.example.com")
    found = set()
    for operation in description.operations:
        path = re.sub(r"\{(\w+)\}", lambda name: "1" if name[1] == "id" else "name", operation.template)
        path = re.sub(r"^/users(?=\.json$|/)", "/u", path).removesuffix(".json")
        try:
            routes.match(path, method=operation.method)
        except HTTPException:
            continue
        found.add(operation.name)
    app.extensions["forum"].close()
    return found


def test_no_answer_contradicts_the_description_but_where_real_ones_do(calls: list[Call]) -> None:
    assert not _unlisted(_found(calls))


def test_no_recorded_answer_contradicts_the_description_in_a_way_that_is_not_listed(
    description: Description, recordings: dict[int, Recording]
) -> None:
    assert not _unlisted(_found_in(description, recordings.values()))


def test_no_contradiction_is_listed_without_need(
    description: Description, recordings: dict[int, Recording], calls: list[Call]
) -> None:
    here, there = _found(calls), _found_in(description, recordings.values())
    idle = [
        f"{name}: {one}"
        for name in CONTRADICTIONS
        for one in sorted(_listed(name) - here.get(name, set()) - there.get(name, set()))
    ]
    assert not idle


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{name} {row.path}") for name, rows in CONTRADICTIONS.items() for row in rows]
)
def test_the_recording_named_shows_the_contradiction(row: Row, recordings: dict[int, Recording]) -> None:
    shown = list(_at(recordings[row.recording].response["json"], row.seen or row.path))
    for name in row.names.split():
        match row.kind:
            case "absent":
                assert any(isinstance(each, dict) and name not in each for each in shown), name
            case "undescribed":
                assert any(isinstance(each, dict) and name in each for each in shown), name
            case "type":
                assert any(json_type(each) == name for each in shown), name
    if row.kind == "minItems":
        assert [] in shown


@pytest.mark.parametrize(("operation", "path"), OTHER_ANSWERS)
def test_the_recording_named_is_an_answer_of_another_kind(
    operation: str, path: str, description: Description, recordings: dict[int, Recording]
) -> None:
    recording = recordings[OTHER_ANSWERS[operation, path][0]]
    found = description.operation(recording.method, recording.path)
    answer = recording.response["json"]
    assert found is not None
    assert found.name == operation
    assert list(_at(answer, path))
    assert found.contradictions(recording.response["status"], answer) - _listed(operation)


def test_every_implemented_operation_was_called_as_described(description: Description, calls: list[Call]) -> None:
    as_described = {call.operation.name for call in calls if call.is_as_described}
    assert implemented(description) - as_described == WRONG_REQUESTS.keys() | UNANSWERED.keys()
    assert WRONG_REQUESTS.keys() <= {call.operation.name for call in calls}


def test_how_much_of_the_description_is_implemented_and_validated(description: Description, calls: list[Call]) -> None:
    validated = Counter(call.operation.name for call in calls)
    assert len(description.operations) == 93
    assert len(implemented(description)) >= 66
    assert validated.keys() == implemented(description) - UNANSWERED.keys()
    assert validated.total() > 280
