"""Discourse's own OpenAPI description: which operation a call belongs to, and where call and answer contradict it.

The description (OpenAPI 3.1, so its schemas are JSON Schema 2020-12) is generated from Discourse's tests; it is loose
in places and wrong in others, so what contradicts it is returned piece by piece for somebody else to judge.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import HTTP
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

METHODS = ("get", "post", "put", "delete", "patch")


@dataclass(frozen=True, order=True)
class Contradiction:
    """One way in which an answer differs from the description.

    Args:
        path: where, such as `$.members[*].timezone`.
        kind: `absent` and `undescribed` name a property, `type` the JSON type that is there, others are JSON
            Schema's own words.
        name: what the kind says.

    """

    path: str
    kind: str
    name: str


@dataclass(frozen=True)
class Operation:
    """One described operation."""

    method: str
    template: str
    definition: dict[str, Any]

    @property
    def name(self) -> str:
        """How it is called in tables."""
        return f"{self.method} {self.template}"

    def matches(self, method: str, path: str) -> bool:
        """Whether a call belongs to this operation."""
        pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(self.template))
        return method == self.method and re.fullmatch(pattern, path) is not None

    def describes(self, status: int) -> bool:
        """Whether the description speaks of answers with that status."""
        return str(status) in self.definition["responses"]

    def contradictions(self, status: int, answer: Any) -> set[Contradiction]:
        """Return how an answer of a described status contradicts the description."""
        content = self.definition["responses"][str(status)].get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is None:
            return set()
        return {found for error in Draft202012Validator(schema).iter_errors(answer) for found in _told(error)}

    def is_described_request(self, query: str, content_type: str, body: bytes | None) -> bool:
        """Whether a call's parameters and body are as described; forms stand for JSON, as the description says."""
        parameters = {item["name"]: item for item in self.definition.get("parameters", ()) if item["in"] == "query"}
        given = dict(parse_qsl(query, keep_blank_values=True))
        if any(item.get("required") and name not in given for name, item in parameters.items()):
            return False
        for name, text in given.items():
            if name not in parameters or not _fits(_read(text, parameters[name]["schema"]), parameters[name]["schema"]):
                return False
        content = self.definition.get("requestBody", {}).get("content", {})
        schema = next((item["schema"] for item in content.values()), None)
        if schema is None:
            return not body
        return _fits(_body(content_type, body, schema), schema)


def _told(error: ValidationError) -> Iterator[Contradiction]:
    path = "$" + "".join("[*]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    match error.validator:
        case "required":
            yield from (
                Contradiction(path, "absent", name) for name in error.validator_value if name not in error.instance
            )
        case "additionalProperties":
            unknown = error.instance.keys() - error.schema.get("properties", {}).keys()
            yield from (Contradiction(path, "undescribed", name) for name in unknown)
        case "type":
            yield Contradiction(path, "type", json_type(error.instance))
        case kind:
            yield Contradiction(path, str(kind), "")


def json_type(value: Any) -> str:
    """Return what JSON calls the type of a value."""
    for name, kinds in (("null", type(None)), ("boolean", bool), ("number", (int, float)), ("string", str)):
        if isinstance(value, kinds):  # type: ignore[arg-type]
            return name
    return "array" if isinstance(value, list) else "object"


def _fits(value: Any, schema: dict[str, Any]) -> bool:
    return bool(Draft202012Validator(schema).is_valid(value))


def _body(content_type: str, body: bytes | None, schema: dict[str, Any]) -> Any:
    kind = content_type.partition(";")[0]
    if kind == "application/json":
        return json.loads(body or b"null")
    if kind == "multipart/form-data":
        return _parts(content_type, body or b"")
    return _form((body or b"").decode(), schema)


def _parts(content_type: str, body: bytes) -> dict[str, str]:
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=HTTP)
    return {
        str(part.get_param("name", header="content-disposition")): _text(part.get_content())
        for part in message.iter_parts()
    }


def _text(content: str | bytes) -> str:
    return content if isinstance(content, str) else content.decode("latin-1")


def _form(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Read a form the way Rails does: `a[b]` is b in a, `a[]` one of a list; texts become what the schema says."""
    read: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        first, *inner = re.findall(r"[^\[\]]+", name)
        properties = schema.get("properties", {})
        if inner:
            inside = properties.get(first, {}).get("properties", {})
            read.setdefault(first, {})[inner[0]] = _read(value, inside.get(inner[0], {}))
        elif name.endswith("[]"):
            read.setdefault(first, []).append(_read(value, properties.get(first, {}).get("items", {})))
        else:
            read[name] = _read(value, properties.get(name, {}))
    return read


def _read(text: str, schema: dict[str, Any]) -> Any:
    wanted = schema.get("type")
    if wanted == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if wanted == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


@dataclass(frozen=True)
class Description:
    """All operations that the description names."""

    operations: tuple[Operation, ...]

    @classmethod
    def read(cls, file: Path) -> Description:
        """Read the description from its file."""
        paths = json.loads(file.read_text(encoding="utf-8"))["paths"]
        found = [
            Operation(method.upper(), template, definition)
            for template, methods in paths.items()
            for method, definition in methods.items()
            if method in METHODS
        ]
        return cls(tuple(sorted(found, key=lambda operation: operation.template.count("{"))))

    def operation(self, method: str, path: str) -> Operation | None:
        """Return the operation that a call belongs to, the one with the fewest parameters first."""
        bare = urlsplit(path).path
        bare = bare if bare.endswith(".json") else f"{bare}.json"
        return next((operation for operation in self.operations if operation.matches(method, bare)), None)
