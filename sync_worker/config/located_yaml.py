"""YAML that remembers where each value stands, so that an error can name file, line and column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sync_worker.config.problems import KeyPath, explain, tag_of
from sync_worker.config.text_file import read_text
from sync_worker.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

Model = TypeVar("Model", bound=BaseModel)
__all__ = ["KeyPath", "LocatedYaml", "parse_yaml", "read_yaml", "tag_of", "validate"]
MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_VALUES = 200_000
MERGE = "tag:yaml.org,2002:merge"
_KINDS = {"int": "a number", "float": "a number", "bool": "yes or no", "binary": "data in base 64"}


@dataclass(frozen=True, slots=True)
class LocatedYaml:
    """A parsed document: plain data, and (line, column) of each key and item, both from 1.

    `files` names the file of a part that stands in another one: of the path and all below it.
    """

    file: str
    data: Any
    places: dict[KeyPath, tuple[int, int]]
    files: dict[KeyPath, str] = field(default_factory=dict)

    def where(self, path: KeyPath = ()) -> str:
        """Return `file:line:column` of the value at `path`, or of its nearest parent."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (1, 1))
        while path and path not in self.files:
            path = path[:-1]
        return f"{self.files.get(path, self.file)}:{line}:{column}"


class _Loader(yaml.SafeLoader):
    """Composes nodes, as deep as people write and no deeper: every level costs a call."""

    def __init__(self, text: str, file: str) -> None:
        super().__init__(text)
        self._file = file
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self._depth >= MAX_DEPTH:
            mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]
            raise ConfigError(
                f"values stand within each other more than {MAX_DEPTH} deep.",
                where=f"{self._file}:{mark.line + 1}:{mark.column + 1}",
                do="Write it flatter.",
            )
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1


class _Constructor:
    """Turns yaml nodes into plain data; takes merge keys (`<<`), refuses duplicate keys, self-references and bombs."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[KeyPath, tuple[int, int]] = {}
        self._scalars = yaml.constructor.SafeConstructor()
        self._open: set[int] = set()
        self._count = 0

    def build(self, node: yaml.Node, path: KeyPath) -> Any:
        self.places.setdefault(path, self._place(node))
        self._count += 1
        if self._count > MAX_VALUES:
            raise ConfigError(
                f"there are more than {MAX_VALUES:,} values, those that aliases (*) repeat included.",
                where=self._where(node),
                do="Write it with fewer aliases, or split it.",
            )
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        if id(node) in self._open:
            raise ConfigError("an alias refers to itself.", where=self._where(node), do="Write it out.")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return [self.build(child, (*path, index)) for index, child in enumerate(node.value)]
            return self._mapping(node, path)
        finally:
            self._open.remove(id(node))

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        try:
            return self._scalars.construct_object(node)
        except (ValueError, ArithmeticError, LookupError, AttributeError):
            written = str(node.value)[:60]
            kind = node.tag.rpartition(":")[2]
            if kind == "timestamp":
                what, do = f"'{written}' is no day of the calendar.", "Correct it; a day is written like 2027-12-31."
            else:
                what, do = f"'{written}' cannot be read as {_KINDS.get(kind, kind)}.", "Put it in quotes if it is text."
            raise ConfigError(what, where=self._where(node), do=do) from None

    def _mapping(self, node: yaml.Node, path: KeyPath) -> dict[str, Any]:
        result: dict[str, Any] = {}
        merged: list[yaml.Node] = []
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise ConfigError("a key must be a plain word.", where=self._where(key_node), do="Put it in quotes.")
            if key_node.tag == MERGE:
                merged += self._merged(value_node)
                continue
            key = str(key_node.value)
            if key in result:
                raise ConfigError(
                    f"the key '{key}' appears twice.",
                    where=self._where(key_node),
                    do="Keep one of the two.",
                )
            self.places[(*path, key)] = self._place(key_node)
            result[key] = self.build(value_node, (*path, key))
        for other in merged:
            for key, value in self._of_merged(other, path).items():
                result.setdefault(key, value)
        return result

    def _merged(self, node: yaml.Node) -> list[yaml.Node]:
        """Return the mappings that a merge key names, the first with the last word."""
        nodes = node.value if isinstance(node, yaml.SequenceNode) else [node]
        for each in nodes:
            if not isinstance(each, yaml.MappingNode):
                raise ConfigError(
                    "the merge key '<<' takes keys and values from elsewhere, and this has none.",
                    where=self._where(each),
                    do="Name a mapping with an alias, as in '<<: *base'.",
                )
        return list(nodes)

    def _of_merged(self, node: yaml.Node, path: KeyPath) -> dict[str, Any]:
        """Return a merged mapping; its places count only where the mapping that takes it has none."""
        own = self.places
        self.places = {}
        try:
            found = self.build(node, path)
        finally:
            taken, self.places = self.places, own
        for place, where in taken.items():
            self.places.setdefault(place, where)
        return dict(found)

    @staticmethod
    def _place(node: yaml.Node) -> tuple[int, int]:
        return node.start_mark.line + 1, node.start_mark.column + 1

    def _where(self, node: yaml.Node) -> str:
        line, column = self._place(node)
        return f"{self.file}:{line}:{column}"


def parse_yaml(text: str, file: str, *, first_line: int = 1) -> LocatedYaml:
    """Parse one YAML document, whose first line is number `first_line` of the file.

    Raises:
        ConfigError: the text is not YAML, is too large or too deep, or repeats a key; names file, line and column.

    """
    if len(text) > MAX_BYTES:
        raise ConfigError(f"larger than {MAX_BYTES:,} characters.", where=f"{file}:1", do="Split it.")
    loader = _Loader("\n" * (first_line - 1) + text, file)
    try:
        node = loader.get_single_node()
        constructor = _Constructor(file)
        data = {} if node is None else constructor.build(node, ())
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else f"{file}:1"
        raise ConfigError(
            f"not valid YAML: {error.problem or error.context}.",
            where=where,
            do="Check indentation, quotes and colons near this place.",
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        do = "Check the file in an editor that shows special characters."
        raise ConfigError(f"not valid YAML: {error}.", where=f"{file}:1", do=do) from None
    finally:
        loader.dispose()
    return LocatedYaml(file, data, constructor.places)


def read_yaml(path: Path) -> LocatedYaml:
    """Read and parse a file (UTF-8).

    Raises:
        ConfigError: missing, unreadable, not UTF-8, or as `parse_yaml`.

    """
    return parse_yaml(read_text(path, MAX_BYTES), str(path))


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
        lines = explain(error.errors(include_url=False), document, path, model)
        raise ConfigError("\n".join(lines)) from None
