"""`discourse_plugin/openapi.yaml` as something that answers and requests can be held against."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

FILE = Path(__file__).resolve().parents[2] / "discourse_plugin" / "openapi.yaml"
ADDRESS = "urn:discourse-lcm"


@dataclass(frozen=True)
class Operation:
    """One operation of the contract."""

    verb: str
    path: str
    description: dict[str, Any]

    @property
    def name(self) -> str:
        """Its operationId."""
        return str(self.description["operationId"])

    @property
    def tag(self) -> str:
        """Who calls it."""
        return str(self.description["tags"][0])

    @property
    def pattern(self) -> re.Pattern[str]:
        """What the paths look like that it answers."""
        literal = re.split(r"\{\w+\}", self.path)
        return re.compile("[^/]+".join(map(re.escape, literal)))


@cache
def description() -> dict[str, Any]:
    """Return the whole contract."""
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


@cache
def operations() -> tuple[Operation, ...]:
    """Return every operation."""
    return tuple(
        Operation(verb.upper(), path, operation)
        for path, item in description()["paths"].items()
        for verb, operation in item.items()
        if verb in ("get", "put", "post", "delete")
    )


def operation_of(verb: str, path: str) -> Operation:
    """Return the operation that answers a call."""
    plain = path.partition("?")[0]
    return next(one for one in operations() if one.verb == verb and one.pattern.fullmatch(plain))


def complaints_about_answer(verb: str, path: str, status: int, body: Any) -> list[str]:
    """Return how an answer breaks the contract."""
    responses = operation_of(verb, path).description["responses"]
    response = responses.get(str(status))
    if response is None:
        return [f"{verb} {path} may not answer {status}"]
    schema = _resolved(response).get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return [] if body is None else [f"{verb} {path} answers {status} without a body"]
    return _complaints(schema, body)


def complaints_about_request(verb: str, path: str, body: Any) -> list[str]:
    """Return how a request's body breaks the contract."""
    wanted = operation_of(verb, path).description.get("requestBody")
    if wanted is None:
        return [] if body is None else [f"{verb} {path} takes no body"]
    if body is None:
        return [f"{verb} {path} needs a body"] if wanted.get("required") else []
    return _complaints(wanted["content"]["application/json"]["schema"], body)


def _resolved(item: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in item:
        return item
    target: Any = description()
    for part in item["$ref"].removeprefix("#/").split("/"):
        target = target[part]
    return dict(target)


def _complaints(schema: dict[str, Any], body: Any) -> list[str]:
    resource = Resource.from_contents(description(), default_specification=DRAFT202012)
    registry: Registry[Any] = Registry().with_resource(ADDRESS, resource)
    rooted = {"$schema": "https://json-schema.org/draft/2020-12/schema", **_absolute(schema)}
    validator = Draft202012Validator(rooted, registry=registry, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(body)]


def _absolute(schema: Any) -> Any:
    """Return a schema whose references name the whole contract, not itself."""
    if isinstance(schema, dict):
        return {
            key: f"{ADDRESS}{value}" if key == "$ref" and value.startswith("#") else _absolute(value)
            for key, value in schema.items()
        }
    return [_absolute(item) for item in schema] if isinstance(schema, list) else schema
