"""Finding playbooks, shipped and own, reading them with the files that they include, and copying them.

Each step keeps the place in its own file, so that an error names the line that must be changed.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sync_worker.config.base import read_text
from sync_worker.config.located_yaml import MAX_BYTES, LocatedYaml, parse_yaml, read_yaml, validate
from sync_worker.content.templates import PlaybookTexts
from sync_worker.errors import ConfigError, UsageError
from sync_worker.playbook.format import (
    NAME,
    Include,
    PlaybookFile,
    read_options,
    rule_problems,
    text_problems,
    timeline_problems,
)
from sync_worker.playbook.schedule import tailored
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sync_worker.config.base import Strict
    from sync_worker.config.located_yaml import KeyPath
    from sync_worker.config.settings import Settings
    from sync_worker.model import Cohort
    from sync_worker.playbook.format import Remake
    from sync_worker.plays import Play
    from sync_worker.timeline import FollowUp


INCLUDE = "include"
STEPS = "steps"
MOST_STEPS = 500
MOST_FILES = 50
MOST_GIVEN = 500  # files of a folder that is taken in


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


# Finding playbooks, shipped and own, reading them, and copying them to a folder of one's own.


FILE_NAME = "playbook.yml"
TEXT_FOLDERS = ("templates", "decks", "resources")
SHIPPED = "first-steps"  # its texts are used where a playbook has none of its own


@dataclass(frozen=True, slots=True)
class Playbook:
    """A playbook that was read and checked, with its folder and each step's options.

    `written_in` is where people edit it, where `folder` is a copy.
    """

    file: PlaybookFile
    folder: Path
    options: Mapping[str, Strict]
    written_in: Path | None = None

    @property
    def name(self) -> str:
        """The name that cohorts call it by."""
        return self.file.playbook

    @property
    def place(self) -> Path:
        """The file that people edit to change it."""
        return (self.written_in or self.folder) / FILE_NAME

    def options_for(self, cohort: Cohort) -> Mapping[str, Strict]:
        """Return each step's options as a cohort follows the playbook, those of steps that it switched off too.

        Raises:
            ConfigError: the cohort's changes of steps do not fit the playbook.

        """
        changed = {step.id: step.own_options for step in tailored(self.file, cohort).steps}
        return {**self.options, **{name: own for name, own in changed.items() if own is not None}}

    def options_of(self, step_id: str, cohort: Cohort) -> Strict:
        """Return a step's options as a cohort follows the playbook.

        Raises:
            ConfigError: as `options_for`.

        """
        return self.options_for(cohort)[step_id]

    def texts(self, locale: str) -> PlaybookTexts:
        """Return its texts in a language; a template that it does not have is that of first-steps."""
        return PlaybookTexts(self.folder, locale, shipped_folder() / SHIPPED)


def shipped_folder() -> Path:
    """Return where our own playbooks are: inside an installed package, or beside it in a source checkout."""
    package = Path(str(files("sync_worker")))
    installed = package / "_playbooks"
    return installed if installed.is_dir() else package.parent / "playbooks"


def shipped_texts(language: str) -> PlaybookTexts:
    """Return the texts that are used where a playbook has none of its own."""
    return PlaybookTexts(shipped_folder() / SHIPPED, language)


def find_playbooks(own: Iterable[Path] = ()) -> dict[str, Path]:
    """Return the folder of each playbook by name; one of our own replaces a shipped one of the same name.

    Args:
        own: playbook folders, or folders of playbook folders.

    Raises:
        ConfigError: a folder is missing, holds no playbook or may not be read, or two of our own have one name.

    """
    found: dict[str, Path] = {}
    for folder in own:
        inside = playbooks_in(folder)
        if not inside:
            raise ConfigError(
                f"no {FILE_NAME} in this folder nor one level below.",
                where=str(folder),
                do="Correct `playbooks` in lcm.yaml.",
            )
        for path in inside:
            if path.name in found:
                raise ConfigError(
                    f"two playbooks are called '{path.name}'; the other is {found[path.name]}.",
                    where=str(path),
                    do="Rename one of the folders.",
                )
            found[path.name] = path
    shipped = {path.name: path for path in playbooks_in(shipped_folder())}
    return dict(sorted({**shipped, **found}.items()))


def playbooks_in(folder: Path) -> list[Path]:
    """Return the playbook that a folder is, or those one level below it; none where it is missing.

    Raises:
        ConfigError: it, or what may be a playbook in it, may not be read.

    """
    if is_playbook(folder):
        return [folder.resolve()]
    try:
        below = list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise _unreadable(folder, error) from None
    return sorted(one.resolve() for one in below if _may_be_playbook(one))


def _may_be_playbook(folder: Path) -> bool:
    """Return whether a folder holds a playbook; what may not be read and has no name for one (`lost+found`) does not.

    Raises:
        ConfigError: it may not be read, and is called like a playbook.

    """
    try:
        return is_playbook(folder)
    except ConfigError:
        if re.fullmatch(NAME, folder.name):
            raise
        return False


def is_playbook(folder: Path) -> bool:
    """Return whether a folder holds a playbook.

    Raises:
        ConfigError: it may not be read.

    """
    try:
        return stat.S_ISREG((folder / FILE_NAME).stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise _unreadable(folder, error) from None


def refuse_closed_folders(playbook: Path) -> None:
    """Do nothing where all folders of a playbook may be read: what is not seen would count as not written.

    Raises:
        ConfigError: one of them may not be read.

    """
    for folder in (playbook, *(playbook / name for name in TEXT_FOLDERS)):
        try:
            next(folder.iterdir(), None)
            (folder / FILE_NAME).stat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            raise _unreadable(folder, error) from None


def _unreadable(folder: Path, error: OSError) -> ConfigError:
    do = "Let the worker read and enter it, and what is in it."
    return ConfigError(f"cannot be read: {error.strerror or error}.", where=str(folder), do=do)


def load_playbook(folder: Path, plays: Mapping[str, Play]) -> Playbook:
    """Read and check one playbook.

    Raises:
        ConfigError: every problem found, one a line, with file, line and column.

    """
    refuse_closed_folders(folder)
    document = with_included(read_yaml(folder / FILE_NAME), folder)
    playbook = validate(PlaybookFile, document)
    options, problems = read_options(document, playbook, plays)
    problems = [
        *timeline_problems(document, playbook),
        *rule_problems(document, playbook, plays),
        *problems,
        *text_problems(document, playbook, options, plays, (folder, shipped_folder() / SHIPPED)),
    ]
    if playbook.playbook != folder.name:
        where = document.where(("playbook",))
        problems.insert(0, f"{where}: the folder is called '{folder.name}'; call the playbook the same.")
    if problems:
        raise ConfigError("\n".join(problems))
    return Playbook(_with_follow_ups(playbook, options, plays), folder, options)


def _with_follow_ups(playbook: PlaybookFile, options: Mapping[str, Strict], plays: Mapping[str, Play]) -> PlaybookFile:
    """Return the playbook with what each step's play does again later."""
    steps = [
        step.with_follow_ups(play.follow_ups(options[step.id]), _remaking(play), to_people=play.addresses_people)
        for step in playbook.steps
        for play in (plays[step.play],)
    ]
    return playbook.model_copy(update={"steps": tuple(steps)})


def _remaking(play: Play) -> Remake:
    """Return what reads other options for a step of a play."""

    def remake(written: LocatedYaml) -> tuple[Strict, tuple[FollowUp, ...]]:
        options = validate(play.options, written)
        return options, play.follow_ups(options)

    return remake


def load_named(name: str, own: Iterable[Path], plays: Mapping[str, Play]) -> Playbook:
    """Read the playbook of that name.

    Raises:
        UsageError: there is none; names the nearest.
        ConfigError: as `find_playbooks` and `load_playbook`.

    """
    found = find_playbooks(own)
    if name not in found:
        raise UsageError(f"no playbook is called '{name}'.{nearest(name, found)}")
    return load_playbook(found[name], plays)


def playbooks_of(settings: Settings, plays: Mapping[str, Play]) -> dict[str, Playbook]:
    """Read the playbooks that the cohorts use.

    Raises:
        ConfigError: a cohort names a playbook that is not there, is wrong, or lacks the cohort's language.

    """
    found = find_playbooks(settings.playbooks)
    loaded: dict[str, Playbook] = {}
    for user, name, locale in _users(settings):
        if name not in found:
            raise ConfigError(f"{user} wants playbook '{name}', which is not there.{nearest(name, found)}")
        if name not in loaded:
            loaded[name] = load_playbook(found[name], plays)
        if locale not in loaded[name].file.languages:
            raise ConfigError(
                f"{user} speaks '{locale}', playbook '{name}' only {', '.join(loaded[name].file.languages)}.",
                where=str(found[name]),
                do="Choose another playbook, or write its texts in that language.",
            )
    return loaded


def sound_playbooks(settings: Settings, plays: Mapping[str, Play]) -> tuple[dict[str, Playbook], list[str]]:
    """Read the playbooks that the cohorts use; return those that can be read, and what is wrong with the others.

    Raises:
        ConfigError: the folders of playbooks are wrong.

    """
    found = find_playbooks(settings.playbooks)
    loaded: dict[str, Playbook] = {}
    problems: list[str] = []
    for name in playbook_names(settings):
        try:
            if name not in found:
                problems.append(f"there is no playbook '{name}'.{nearest(name, found)}")
            else:
                loaded[name] = load_playbook(found[name], plays)
        except ConfigError as error:
            problems.append(f"playbook '{name}': {error}")
    return loaded, problems


def playbook_names(settings: Settings) -> list[str]:
    """Return the names of the playbooks that the cohorts use, each once."""
    return list(dict.fromkeys(name for _, name, _ in _users(settings)))


def _users(settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Yield who uses a playbook, its name, and the language wanted."""
    for cohort in settings.cohorts:
        if cohort.playbook:
            for locale in cohort.languages or (cohort.locale,):
                yield f"cohort '{cohort.key}'", cohort.playbook, locale
    others = settings.cohorts_from
    if others and others.playbook:
        for locale in others.languages or (others.locale,):
            yield "cohorts_from", others.playbook, locale


# Copy a playbook to a folder of one's own, under another name, switched off until somebody has read it.


SWITCHED_OFF = "active: false  # nothing is posted until this says true"


def given_folder(path: str) -> Path | None:
    """Return the folder of a playbook that is named by its path, as somebody gave it to us; None where there is none.

    Raises:
        UsageError: it has a link, which would make a file of this machine a text that is posted, or too many files.

    """
    folder = Path(path)
    if not is_playbook(folder):
        return None
    for number, found in enumerate((folder, *folder.rglob("*"))):
        if found.is_symlink():
            raise UsageError("is a link to another file.", where=str(found), do="Put the file itself there.")
        if number > MOST_GIVEN:
            raise UsageError(f"has more than {MOST_GIVEN} files.", where=path, do="A playbook is a small folder.")
    return folder


def copy_playbook(source: Path, name: str, parent: Path) -> Path:
    """Copy a playbook's folder with all its texts; return the new folder.

    Comments stay as they are; the lines `playbook:` and `active:` are written anew.

    Args:
        source: the folder of the playbook.
        name: what the copy is called.
        parent: the folder that the copy goes into; made where it is missing.

    Raises:
        UsageError: the name cannot be one, or the folder is there already, or cannot be written.
        ConfigError: the playbook is wrong, with line and column.

    """
    if not re.fullmatch(NAME, name):
        raise UsageError(
            f"'{name}' cannot be a playbook's name.", do="Use 2 to 60 lower-case letters, digits and hyphens."
        )
    target = parent / name
    if target.exists():
        raise UsageError("there is something of that name already.", where=str(target), do="Choose another name.")
    text = _renamed(source / FILE_NAME, name)
    try:
        shutil.copytree(source, target)
        (target / FILE_NAME).write_text(text, encoding="utf-8")
    except OSError as error:
        shutil.rmtree(target, ignore_errors=True)
        what = f"the playbook cannot be copied: {_why(error)}."
        raise UsageError(what, where=str(target), do="Name a folder that you may write to with --to.") from None
    return target


def _why(error: OSError) -> str:
    """Return why a copy failed, of the first file where several failed; each of those has a whole text of its own."""
    if isinstance(error, shutil.Error):
        first = str(error.args[0][0][2])
        return first.partition("] ")[2].partition(": '")[0] or first
    return error.strerror or str(error)


def _renamed(file: Path, name: str) -> str:
    """Return the text of `playbook.yml` with another name, and switched off."""
    document = read_yaml(file)
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    if ("active",) in document.places:
        lines[document.places["active",][0] - 1] = ""
    if ("playbook",) in document.places:
        lines[document.places["playbook",][0] - 1] = f"playbook: {name}\n{SWITCHED_OFF}\n"
    text = "".join(lines)
    copied = validate(PlaybookFile, with_included(parse_yaml(text, str(file)), file.parent))
    if copied.playbook != name or copied.active:
        raise UsageError("its name cannot be changed.", where=str(file), do="Write `playbook:` on a line of its own.")
    return text
