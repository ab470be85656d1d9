"""What pydantic finds wrong with a part of a file -> sentences that say where, what, and what is allowed there."""

from __future__ import annotations

import difflib
import re
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from pydantic import BaseModel, Tag

from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

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
    lines = [_line(path, found, document, model) for path, found in together.items()]
    return sorted(lines, key=_line_and_column)


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
