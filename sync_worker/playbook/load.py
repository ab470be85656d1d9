"""Finding playbooks, shipped and own, and reading them, each with its texts and its steps' options."""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sync_worker.config.located_yaml import LocatedYaml, read_yaml, validate
from sync_worker.content.templates import PlaybookTexts
from sync_worker.errors import ConfigError, UsageError
from sync_worker.playbook.format import (
    NAME,
    PlaybookFile,
    read_options,
    rule_problems,
    text_problems,
    timeline_problems,
)
from sync_worker.playbook.includes import with_included
from sync_worker.playbook.schedule import tailored
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sync_worker.config.base import Strict
    from sync_worker.config.settings import Settings
    from sync_worker.model import Cohort
    from sync_worker.playbook.format import Remake
    from sync_worker.plays import Play
    from sync_worker.timeline import FollowUp


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
