"""YAML that remembers where each value stands, and what is wrong with it in sentences: where, what, what is allowed."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import yaml
from pydantic import BaseModel, Tag, ValidationError

from sync_worker.config.base import read_text
from sync_worker.errors import ConfigError
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path


KeyPath = tuple[str | int, ...]
SHOWN = 60
WORDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "date": "a day, such as 2027-12-31",
    "datetime": "a moment, such as 2027-12-31T09:00:00Z",
    "string": "text (put it in quotes)",
    "list": "a list, such as [one, two]",
    "tuple": "a list, such as [one, two]",
    "set": "a list, such as [one, two]",
    "dict": "keys and values, such as {one: two}",
    "model": "keys and values, such as {one: two}",
    "path": "the path of a file or folder",
    "time": "a time of day, such as 09:00",
}
BOUNDS = {
    "greater_than": ("more than", "gt"),
    "greater_than_equal": ("at least", "ge"),
    "less_than": ("less than", "lt"),
    "less_than_equal": ("at most", "le"),
}


class Located(Protocol):
    """A document that knows where each of its values stands."""

    @property
    def data(self) -> Any:
        """Plain data."""

    def where(self, path: KeyPath = ()) -> str:
        """Return `file:line:column`."""


def explain(
    problems: Iterable[Mapping[str, Any]], document: Located, base: KeyPath, model: type[BaseModel]
) -> list[str]:
    """Return a line for each value that is wrong, in the order of the file's parts: its place and a sentence."""
    together: dict[KeyPath, list[Mapping[str, Any]]] = {}
    for problem in problems:
        path = _path_in(document.data, (*base, *(step for step in problem["loc"] if not _is_tag(step))), problem)
        together.setdefault(path, []).append(problem)
    for path in [path for path, found in together.items() if _only_counts_what_is_right(path, found, together)]:
        del together[path]
    lines = [_line(path, found, document, model) for path, found in together.items()]
    return sorted(lines, key=_line_and_column)


def _only_counts_what_is_right(
    path: KeyPath, found: Sequence[Mapping[str, Any]], all_paths: Collection[KeyPath]
) -> bool:
    """Whether a list is called too short only because entries of it are wrong, and each of them is reported."""
    inside = any(len(other) > len(path) and other[: len(path)] == path for other in all_paths)
    return inside and all(problem["type"] == "too_short" for problem in found)


def _line_and_column(line: str) -> tuple[int, ...]:
    """Return where a problem stands, so that they are told in the order of the file."""
    found = re.search(r":([0-9]+):([0-9]+): ", line)
    return tuple(map(int, found.groups())) if found else ()


def _path_in(data: Any, path: KeyPath, problem: Mapping[str, Any]) -> KeyPath:
    """Return the part of a path that the document has; what follows names members of a union, nothing in the file."""
    if problem["type"] in ("missing", "extra_forbidden"):
        return path
    for length, step in enumerate(path):
        inside = (isinstance(data, dict) and step in data) or (
            isinstance(data, list) and isinstance(step, int) and step < len(data)
        )
        if not inside:
            return path[:length]
        data = data[step]
    return path


def _line(path: KeyPath, problems: Sequence[Mapping[str, Any]], document: Located, model: type[BaseModel]) -> str:
    where, name = document.where(path), _name(path)
    first = problems[0]
    kind = first["type"]
    if kind == "extra_forbidden":
        return f"{where}: unknown key '{path[-1]}'.{nearest(str(path[-1]), _known_keys(model, first['loc'][:-1]))}"
    if kind == "missing":
        return f"{where}: '{path[-1]}' is missing."
    if kind in ("value_error", "assertion_error", "source"):
        message = str(first["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
        return f"{where}: {name + ': ' if name else ''}{message}{'' if message.endswith(('.', '?')) else '.'}"
    return f"{where}: {name + ': ' if name else ''}{_sentence(problems)}"


def _name(path: KeyPath) -> str:
    """Return what to call a value: its key, or which one it is of the list of a key."""
    if path and isinstance(path[-1], int):
        of = next((step for step in reversed(path) if isinstance(step, str)), "")
        return f"number {path[-1] + 1} of {of}" if of else f"number {path[-1] + 1}"
    return str(path[-1]) if path else ""


def _sentence(problems: Sequence[Mapping[str, Any]]) -> str:
    first = problems[0]
    written = _written(first.get("input"))
    allowed = [word for problem in problems for word in _allowed(problem)]
    if allowed:
        close = difflib.get_close_matches(str(first.get("input")), allowed, n=1, cutoff=0.6)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        return f"{written} is not valid here; allowed: {', '.join(allowed)}.{hint}"
    kind, context = str(first["type"]), first.get("ctx") or {}
    wanted = _wanted(kind, context)
    if wanted:
        return f"{written} is not valid here; it must be {wanted}."
    message = str(first["msg"])
    return f"{written} is not valid here: {message[:1].lower()}{message[1:]}."


def _wanted(kind: str, context: Mapping[str, Any]) -> str:
    """Return what is expected there; "" for a kind of problem without words of its own."""
    if kind in BOUNDS:
        words, bound = BOUNDS[kind]
        return f"{words} {context.get(bound)}"
    if kind.endswith(("too_short", "too_long")):
        bound = "min_length" if kind.endswith("short") else "max_length"
        thing = ("character", "characters") if kind.startswith("string") else ("entry", "entries")
        number = context.get(bound)
        words = "at least" if kind.endswith("short") else "at most"
        return f"{words} {number} {thing[0] if number == 1 else thing[1]}"
    if kind == "string_pattern_mismatch":
        return f"text of the form {context.get('pattern')}"
    return WORDS.get(kind.partition("_")[0], "")


def _allowed(problem: Mapping[str, Any]) -> list[str]:
    """Return the words that are allowed there, of a value that is one of several."""
    if problem["type"] not in ("literal_error", "enum"):
        return []
    expected = str((problem.get("ctx") or {}).get("expected", ""))
    return [word.strip().strip("'") for word in expected.replace(" or ", ", ").split(",") if word.strip()]


def _written(value: Any) -> str:
    """Return a value as a message shows it."""
    if value is None:
        return "an empty value"
    if isinstance(value, bool):
        return f"'{str(value).lower()}' (YAML reads yes, no, on and off so)"
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, date):
        return f"the day {value}"
    text = str(value)
    return f"'{text[:SHOWN]}{'...' if len(text) > SHOWN else ''}'"


def tag_of(word: str) -> str:
    """Return the tag of the model in a union that is told by the key `word`; no key of a file is like it."""
    return f"<{word}>"


def _is_tag(step: str | int) -> bool:
    return isinstance(step, str) and step.startswith("<")


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
    """Return the member of a union that has this tag."""
    if any(isinstance(mark, Tag) and mark.tag == tag for mark in getattr(annotation, "__metadata__", ())):
        return annotation
    return next((found for part in _parts(annotation) if (found := _tagged(part, tag)) is not None), None)


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in _parts(annotation) if (found := _inner_model(part)) is not None), None)


# YAML that remembers where each value stands, so that an error can name file, line and column.


Model = TypeVar("Model", bound=BaseModel)
MAX_BYTES = 1_000_000
MAX_DEPTH = 50
MAX_VALUES = 200_000
MERGE = "tag:yaml.org,2002:merge"
_HALF = re.compile("[\ud800-\udfff]")
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
        if "\0" in node.value:  # as escapes write it; no file and no database takes it
            raise ConfigError("a text holds the character NUL.", where=self._where(node), do="Take it out.")
        if _HALF.search(node.value):  # as JSON writes what is beyond U+FFFF; nothing takes it either
            what = "a text holds one half of a character, as in JSON's '\\ud83d\\ude00'."
            raise ConfigError(what, where=self._where(node), do="Write the character itself.")
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
    text = "\n" * (first_line - 1) + text
    try:
        loader = _Loader(text, file)
    except yaml.reader.ReaderError as error:
        raise _no_character_of_yaml(text, error.position, file) from None
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


def _no_character_of_yaml(text: str, position: int, file: str) -> ConfigError:
    line, column = text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
    return ConfigError(
        f"not valid YAML: a character that cannot be shown (U+{ord(text[position]):04X}).",
        where=f"{file}:{line}:{column}",
        do="Take it out, in an editor that shows special characters.",
    )


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
