"""The steps of files that a playbook includes, put into their places; errors name the line in the step's own file."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync_worker.config.base import read_text
from sync_worker.config.located_yaml import MAX_BYTES, LocatedYaml, parse_yaml, read_yaml, validate
from sync_worker.errors import ConfigError
from sync_worker.playbook.format import Include

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_worker.config.located_yaml import KeyPath


INCLUDE = "include"
STEPS = "steps"
MOST_STEPS = 500
MOST_FILES = 50


@dataclass(frozen=True, slots=True)
class _Found:
    """A step as it is written, the file that has it, and where in that file it stands."""

    step: Any
    document: LocatedYaml
    path: KeyPath


def with_included(document: LocatedYaml, folder: Path) -> LocatedYaml:
    """Return a playbook with the steps of the files that it includes in their places.

    Args:
        document: `playbook.yml` as it was written.
        folder: the playbook's own; files that are included are in it.

    Raises:
        ConfigError: a file is missing, outside the folder, no list of steps, or includes itself; names the line that
            includes it. Or there are too many files or steps.

    """
    steps = document.data.get(STEPS) if isinstance(document.data, dict) else None
    if not isinstance(steps, list) or not any(_includes(step) for step in steps):
        return document
    reader = _Reader(folder.resolve())
    found = list(reader.steps(steps, document, (STEPS,), (Path(document.file).resolve(),)))
    places = {path: place for path, place in document.places.items() if path[:1] != (STEPS,) or len(path) == 1}
    files: dict[KeyPath, str] = {}
    for number, one in enumerate(found):
        files[STEPS, number] = one.document.file
        length = len(one.path)
        for path, place in one.document.places.items():
            if path[:length] == one.path:
                places[STEPS, number, *path[length:]] = place
    data = {**document.data, STEPS: [one.step for one in found]}
    return replace(document, data=data, places=places, files=files)


def included_files(file: Path, folder: Path) -> list[Path]:
    """Return the files from which the steps of `file` come beside itself, as far as they can be found and read.

    Each is named by its place below `folder`, the playbook's own: what is outside it is left out.
    """
    found: dict[Path, None] = {}
    left = [file]
    while left and len(found) <= MOST_FILES:
        one = left.pop()
        with suppress(ConfigError, OSError):
            for named in _named_in(one):
                other = Path(os.path.normpath(one.parent / named))
                if other not in found and other.is_relative_to(folder) and other.is_file():
                    found[other] = None
                    left.append(other)
    return list(found)


def _named_in(file: Path) -> Iterator[str]:
    """Yield what a playbook, or a list of steps, includes; asked at each tick: what includes nothing is not parsed."""
    text = read_text(file, MAX_BYTES)
    if INCLUDE not in text:
        return
    data = parse_yaml(text, str(file)).data
    steps = data.get(STEPS) if isinstance(data, dict) else data
    for step in steps if isinstance(steps, list) else ():
        if _includes(step) and isinstance(step[INCLUDE], str):
            yield step[INCLUDE]


def _includes(step: object) -> bool:
    return isinstance(step, dict) and INCLUDE in step


class _Reader:
    """Reads the files of one playbook, each once for each place that includes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = 0
        self._steps = 0

    def steps(
        self, steps: list[Any], document: LocatedYaml, base: KeyPath, within: tuple[Path, ...]
    ) -> Iterator[_Found]:
        """Yield the steps of a list, those of the files that it includes in their places.

        Args:
            steps: as they are written.
            document: the file that has them.
            base: where the list stands in it.
            within: the files that include each other down to this one.

        """
        for number, step in enumerate(steps):
            path = (*base, number)
            if _includes(step):
                yield from self._of_file(document, path, within)
                continue
            self._steps += 1
            if self._steps > MOST_STEPS:
                where = document.where(path)
                raise ConfigError(f"more than {MOST_STEPS} steps.", where=where, do="Split the playbook.")
            yield _Found(step, document, path)

    def _of_file(self, document: LocatedYaml, path: KeyPath, within: tuple[Path, ...]) -> Iterator[_Found]:
        where = document.where((*path, INCLUDE))
        named = validate(Include, document, path).include
        file = (Path(document.file).parent / named).resolve()
        if not file.is_relative_to(self._folder):
            raise ConfigError(
                f"'{named}' is outside the playbook's folder.", where=where, do="Put the file into the folder."
            )
        if file in within:
            round_trip = " -> ".join(one.name for one in (*within[within.index(file) :], file))
            raise ConfigError(f"the files include each other in a circle: {round_trip}.", where=where)
        if not file.is_file():
            raise ConfigError(f"there is no file '{named}'.", where=where, do=f"It would be {file}.")
        self._files += 1
        if self._files > MOST_FILES:
            raise ConfigError(f"more than {MOST_FILES} files are included.", where=where, do="Join some of them.")
        found = read_yaml(file)
        if not isinstance(found.data, list):
            do = "Write `- id: ...` for each, without `steps:` above them."
            raise ConfigError(f"'{named}' is no list of steps.", where=found.where(), do=do)
        yield from self.steps(found.data, found, (), (*within, file))
