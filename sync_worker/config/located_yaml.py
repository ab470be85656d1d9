"""YAML that remembers where each value stands, so that an error can name file, line and column."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, Tag, ValidationError

from sync_worker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Model = TypeVar("Model", bound=BaseModel)
KeyPath = tuple[str | int, ...]
MAX_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class LocatedYaml:
    """A parsed document: plain data, and (line, column) of each key and item, both from 1."""

    file: str
    data: Any
    places: dict[KeyPath, tuple[int, int]]

    def where(self, path: KeyPath = ()) -> str:
        """Return `file:line:column` of the value at `path`, or of its nearest parent."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (1, 1))
        return f"{self.file}:{line}:{column}"


class _Constructor:
    """Turns yaml nodes into plain data; refuses duplicate keys and self-references."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[KeyPath, tuple[int, int]] = {}
        self._scalars = yaml.constructor.SafeConstructor()
        self._open: set[int] = set()

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        self.places.setdefault(path, self._place(node))
        if isinstance(node, yaml.ScalarNode):
            return self._scalars.construct_object(node)
        if id(node) in self._open:
            raise ConfigError("an alias refers to itself.", where=self._where(node), do="Write it out.")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._open.remove(id(node))

    def _mapping(self, node: yaml.Node, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigError("a key must be a plain word.", where=self._where(key_node))
            key = str(key_node.value)
            if key in result:
                raise ConfigError(
                    f"the key '{key}' stands here twice.",
                    where=self._where(key_node),
                    do="Keep one of the two.",
                )
            self.places[(*path, key)] = self._place(key_node)
            result[key] = self.build(value_node, (*path, key))
        return result

    @staticmethod
    def _place(node: yaml.Node) -> tuple[int, int]:
        return node.start_mark.line + 1, node.start_mark.column + 1

    def _where(self, node: yaml.Node) -> str:
        line, column = self._place(node)
        return f"{self.file}:{line}:{column}"


def parse_yaml(text: str, file: str) -> LocatedYaml:
    """Parse one YAML document.

    Raises:
        ConfigError: the text is not YAML, is too large, or repeats a key; names file, line and column.

    """
    if len(text) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES:,} characters.", where=file, do="Split it.")
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        constructor = _Constructor(file)
        data = {} if node is None else constructor.build(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        raise ConfigError(
            f"not valid YAML: {error.problem or error.context}.",
            where=where,
            do="Check indentation, quotes and colons near this place.",
        ) from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"not valid YAML: {error}.", where=file) from None
    return LocatedYaml(file, data, constructor.places)


def read_yaml(path: Path) -> LocatedYaml:
    """Read and parse a file (UTF-8).

    Raises:
        ConfigError: missing, unreadable, not UTF-8, or as `parse_yaml`.

    """
    try:
        return parse_yaml(path.read_text(encoding="utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        raise ConfigError(f"not UTF-8 (byte {error.start}).", where=str(path), do="Save it as UTF-8.") from None
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}.", where=str(path)) from None


def validate(model: type[Model], document: LocatedYaml, path: KeyPath = ()) -> Model:
    """Return the document (or the part at `path`) as `model`.

    Raises:
        ConfigError: every problem found, one a line, each with its place; an unknown key names the nearest known one.

    """
    data = document.data
    for step in path:
        data = data[step]
    if not isinstance(data, dict):
        raise ConfigError("expected keys and values here.", where=document.where(path))
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = [_explain(problem, document, path, model) for problem in error.errors()]
        raise ConfigError("\n".join(lines)) from None


def tag_of(word: str) -> str:
    """Return the tag of the model in a union that is told by the key `word`; no key of a file is like it."""
    return f"<{word}>"


def _is_tag(step: str | int) -> bool:
    return isinstance(step, str) and step.startswith("<")


def _explain(problem: Any, document: LocatedYaml, base: KeyPath, model: type[BaseModel]) -> str:
    path = (*base, *(step for step in problem["loc"] if not _is_tag(step)))
    where = document.where(path)
    key = str(path[-1]) if path else ""
    if problem["type"] == "extra_forbidden":
        return f"{where}: unknown key '{key}'.{nearest(key, _known_keys(model, problem['loc'][:-1]))}"
    if problem["type"] == "missing":
        return f"{where}: '{key}' is missing."
    message = str(problem["msg"]).removeprefix("Value error, ")
    return f"{where}: {key}: {message}"


def nearest(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean 'x'?` for the most similar known word, or what is known."""
    options = sorted(known)
    close = difflib.get_close_matches(word, options, n=1, cutoff=0.5)
    if close:
        return f" Did you mean '{close[0]}'?"
    return f" Known: {', '.join(options)}." if options else ""


def _known_keys(model: type[BaseModel], path: KeyPath) -> set[str]:
    """Return the keys that the (nested) model at `path` knows; empty where that cannot be told."""
    current: type[BaseModel] | None = model
    annotation: Any = model
    for step in path:
        if _is_tag(step):
            annotation = _tagged(annotation, str(step)) or annotation
        elif isinstance(step, str) and current is not None:
            field = next((f for name, f in current.model_fields.items() if step in (name, f.alias)), None)
            if field is None:
                continue
            annotation = (field.annotation, *field.metadata)
        current = _inner_model(annotation)
    return {f.alias or name for name, f in current.model_fields.items()} if current else set()


def _parts(annotation: Any) -> tuple[Any, ...]:
    return annotation if isinstance(annotation, tuple) else getattr(annotation, "__args__", ())


def _tagged(annotation: Any, tag: str) -> Any:
    """Return the member of a union that bears the tag."""
    if any(isinstance(mark, Tag) and mark.tag == tag for mark in getattr(annotation, "__metadata__", ())):
        return annotation
    return next((found for part in _parts(annotation) if (found := _tagged(part, tag)) is not None), None)


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in _parts(annotation) if (found := _inner_model(part)) is not None), None)
