"""Finding playbooks, shipped and own, and reading them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sync_worker.config.located_yaml import read_yaml, validate
from sync_worker.content.templates import PlaybookTexts
from sync_worker.errors import ConfigError, UsageError
from sync_worker.playbook.check import read_options, text_problems, timeline_problems
from sync_worker.playbook.format import PlaybookFile
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sync_worker.config.settings import Settings
    from sync_worker.config.strict import Strict
    from sync_worker.plays import Play

FILE_NAME = "playbook.yml"
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
        ConfigError: a folder is missing or holds no playbook, or two of our own have one name.

    """
    found: dict[str, Path] = {}
    for folder in own:
        inside = _playbooks_in(folder)
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
    shipped = {path.name: path for path in _playbooks_in(shipped_folder())}
    return dict(sorted({**shipped, **found}.items()))


def _playbooks_in(folder: Path) -> list[Path]:
    if (folder / FILE_NAME).is_file():
        return [folder.resolve()]
    return sorted(path.parent.resolve() for path in folder.glob(f"*/{FILE_NAME}"))


def load_playbook(folder: Path, plays: Mapping[str, Play]) -> Playbook:
    """Read and check one playbook.

    Raises:
        ConfigError: every problem found, one a line, with file, line and column.

    """
    document = read_yaml(folder / FILE_NAME)
    playbook = validate(PlaybookFile, document)
    options, problems = read_options(document, playbook, plays)
    problems = [
        *timeline_problems(document, playbook),
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
    steps = [step.with_follow_ups(plays[step.play].follow_ups(options[step.id])) for step in playbook.steps]
    return playbook.model_copy(update={"steps": tuple(steps)})


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
