"""Finds the languages, and in each what it has to hold. A language is a folder beside this file, named by its code."""

from __future__ import annotations

import pkgutil
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sync_worker import languages
from sync_worker.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

T = TypeVar("T")
OPTIONAL = {"optional": True}  # a field that a language may leave empty
TABLE = {"table": True}  # a field that maps words of the language, so that its keys are its own


def codes() -> tuple[str, ...]:
    """Return the codes of all languages that have a folder, in alphabetical order."""
    return tuple(sorted(found.name for found in pkgutil.iter_modules(languages.__path__) if found.ispkg))


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """What every language has to hold: a value called `name`, of the type `form`, in its file `module`."""

    module: str
    name: str
    form: type[T]

    def of(self, code: str) -> T:
        """Return the part of one language.

        Raises:
            ConfigError: there is no such language, or it lacks the part.

        """
        if code not in codes():
            raise ConfigError(f"no texts in '{code}'.", do=f"Use one of: {', '.join(codes())}.")
        value = getattr(self._import(code), self.name, None)
        if not isinstance(value, self.form):
            raise self._lacks(code, self.name, f"Write {self.name}, {_article(self.form.__name__)}.")
        return value

    def all(self) -> dict[str, T]:
        """Return the part of every language, by code."""
        return {code: self.of(code) for code in codes()}

    def _import(self, code: str) -> Any:
        path = f"{languages.__name__}.{code}.{self.module}"
        try:
            return import_module(path)
        except ModuleNotFoundError as error:
            if error.name != path:
                raise
            raise self._lacks(code, f"the file {self.module}.py", f"Write it, with {self.name} in it.") from None
        except TypeError as error:  # a list or sentence is missing: Python names it
            raise self._lacks(code, f"a part of {self.module}.py: {error}", "Write it.") from error

    def _lacks(self, code: str, what: str, advice: str) -> ConfigError:
        return ConfigError(f"the language '{code}' lacks {what}.", where=str(self.path(code)), do=advice)

    def path(self, code: str) -> Path:
        """Return the file of a language that holds this part."""
        folders = (Path(root) / code for root in languages.__path__)
        return next(folder for folder in folders if folder.is_dir()) / f"{self.module}.py"

    def problems(self) -> Iterator[str]:
        """Yield each list or sentence that a language lacks and another has, with its file."""
        found: dict[str, T] = {}
        for code in codes():
            try:
                found[code] = self.of(code)
            except ConfigError as error:
                yield str(error)
        names = [field.name for field in fields(self.form)] if is_dataclass(self.form) else []
        for name in names:
            values = {code: getattr(value, name) for code, value in found.items()}
            for code, missing in _missing(values, self._marks(name)):
                yield f"{self.path(code)}: the language '{code}' lacks {self.name}.{name}{missing}."

    def _marks(self, name: str) -> Mapping[Any, Any]:
        return next(field.metadata for field in fields(self.form) if field.name == name)  # type: ignore[arg-type]


def _missing(values: Mapping[str, Any], marks: Mapping[Any, Any]) -> Iterator[tuple[str, str]]:
    """Yield which language lacks what of one field: all of it, or with `['key']` the word of a key."""
    if not marks.get("optional") and any(_holds_something(value) for value in values.values()):
        yield from ((code, "") for code, value in values.items() if not _holds_something(value))
    if marks.get("table") or not all(isinstance(value, dict) for value in values.values()):
        return
    keys = {key for value in values.values() for key in value}
    for code, value in values.items():
        yield from ((code, f"[{key!r}]") for key in sorted(keys - value.keys(), key=str))


def _holds_something(value: Any) -> bool:
    return not isinstance(value, str | tuple | list | dict | frozenset) or bool(value)


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
