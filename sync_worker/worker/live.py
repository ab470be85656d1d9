"""`lcm.yaml` and playbooks as a running worker follows them: an edit counts without a restart, a broken one never."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sync_worker.config.load import load_settings
from sync_worker.errors import ConfigError, LcmError
from sync_worker.playbook.load import FILE_NAME, Playbook, find_playbooks, load_playbook, playbook_names, shipped_folder
from sync_worker.playbook.texts import text_problems
from sync_worker.store.hold import remember, remembered
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from sync_worker.config.settings import Settings
    from sync_worker.plays import Play
    from sync_worker.store.database import Store

FOLLOWED = "followed"
"""The cursor under which the store keeps which edit a running worker follows, and which not."""
TEXT_FOLDERS = ("templates", "decks", "resources")
MAX_FILES = 5_000
MAX_BYTES = 2_000_000
"""A larger file is no text of a playbook: none of them may have more than 1 MB."""
OTHER_FORUM = ("url", "api_username", "key_env", "key_file")
"""Another forum or store with the cohorts of this one: the whole edit waits for a restart."""
KEPT = "Until this is corrected the settings before it hold."
AT_START = ("calls_per_minute", "connect_timeout", "read_timeout")


@dataclass(slots=True)
class Live:
    """What a worker follows, and which edit it does not follow because something in it is wrong.

    The texts of playbooks of one's own are read from copies in `scratch`: what is being written is used by nobody.

    Args:
        config_file: `lcm.yaml`.
        plays: the plays that playbooks may name.
        scratch: a private folder for the copies; the caller deletes it in the end.
        settings: those that are followed.
        playbooks: those that are followed, by name.
        problems: what is wrong with an edit that is not followed, one text for each.

    """

    config_file: Path
    plays: Mapping[str, Play]
    scratch: Path
    settings: Settings
    playbooks: dict[str, Playbook] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    _mark: str = ""
    _copies: int = 0

    @classmethod
    def start(cls, config_file: Path, plays: Mapping[str, Play], scratch: Path) -> Live:
        """Return what a worker follows that starts now; playbooks that cannot be read are among the problems.

        Raises:
            ConfigError: `lcm.yaml` is wrong, or its folders of playbooks are.

        """
        live = cls(config_file, plays, scratch, load_settings(config_file))
        live._mark = _mark(config_file, live.settings.playbooks)
        live.playbooks, problems = live._read_playbooks(live.settings)
        live.problems = tuple(problems)
        return live

    def look(self, *, again: bool = False) -> bool:
        """Look whether a file was changed, and follow what can be followed; return whether anything was read anew.

        A file that is changed while it is read is read again at the next look.

        Args:
            again: read the files also where none seems to be changed.

        """
        mark = _mark(self.config_file, self.settings.playbooks)
        if mark == self._mark and not again:
            return False
        settings, playbooks, problems = self._read()
        if _mark(self.config_file, self.settings.playbooks) != mark:
            return False
        self.settings, self.playbooks, self.problems = settings, playbooks, tuple(problems)
        self._mark = _mark(self.config_file, settings.playbooks)
        self._drop_old_copies()
        return True

    def note(self, store: Store, now: datetime) -> None:
        """Keep for `lcm status` when the files were read, and what of them is not followed."""
        value = json.dumps({"at": now.isoformat(), "problems": self.problems}, ensure_ascii=False)
        with store.begin() as session:
            remember(session, self.settings.forum.name, FOLLOWED, value)

    def _read(self) -> tuple[Settings, dict[str, Playbook], list[str]]:
        """Return what to follow from now on: where an edit is wrong, what was followed before."""
        try:
            written = load_settings(self.config_file)
            find_playbooks(written.playbooks)
        except ConfigError as error:
            playbooks, problems = self._read_playbooks_if_found(self.settings)
            return self.settings, playbooks, [f"{error} {KEPT}", *problems]
        other = [f"forum.{name}" for name in OTHER_FORUM if _differs(self.settings.forum, written.forum, name)]
        other += ["store"] if written.store != self.settings.store else []
        if other:
            playbooks, problems = self._read_playbooks_if_found(self.settings)
            what = f"{self.config_file}: {', '.join(other)} changed: nothing of it counts before the next start."
            return self.settings, playbooks, [what, *problems]
        late = [f"forum.{name}" for name in AT_START if _differs(self.settings.forum, written.forum, name)]
        settings = written.model_copy(update={"forum": self.settings.forum})
        playbooks, problems = self._read_playbooks(settings)
        if late:
            problems.append(f"{self.config_file}: {', '.join(late)} changed, which counts from the next start on.")
        return settings, playbooks, problems

    def _read_playbooks_if_found(self, settings: Settings) -> tuple[dict[str, Playbook], list[str]]:
        try:
            return self._read_playbooks(settings)
        except ConfigError:  # the folders themselves are gone
            return self.playbooks, []

    def _read_playbooks(self, settings: Settings) -> tuple[dict[str, Playbook], list[str]]:
        found = find_playbooks(settings.playbooks)
        self._copies += 1
        loaded: dict[str, Playbook] = {}
        problems: list[str] = []
        for name in playbook_names(settings):
            try:
                if name not in found:
                    raise ConfigError(f"it is not there.{nearest(name, found)}")
                loaded[name] = self._read_playbook(name, found[name])
            except (LcmError, OSError) as error:
                kept = " Until this is corrected the playbook before it is followed." if name in self.playbooks else ""
                problems.append(f"playbook '{name}': {error}{kept}")
                if name in self.playbooks:
                    loaded[name] = self.playbooks[name]
        return loaded, problems

    def _read_playbook(self, name: str, folder: Path) -> Playbook:
        if folder.parent == shipped_folder().resolve():
            return load_playbook(folder, self.plays)
        copy = self.scratch / str(self._copies) / name
        _copy_texts(folder, copy)
        try:
            playbook = replace(load_playbook(copy, self.plays), written_in=folder)
            if name in self.playbooks:
                _refuse_wrong_texts(playbook, self.plays)
        except ConfigError as error:
            raise ConfigError(str(error).replace(str(copy), str(folder))) from None
        return playbook

    def _drop_old_copies(self) -> None:
        used = {playbook.folder.parent.name for playbook in self.playbooks.values()}
        for folder in self.scratch.iterdir():
            if folder.name not in used:
                shutil.rmtree(folder, ignore_errors=True)


def not_followed(store: Store, forum: str) -> list[str]:
    """Return what a running worker does not follow, a text for each, for `lcm status`."""
    with store.begin() as session:
        value = remembered(session, forum, FOLLOWED)
    if value is None:
        return []
    kept = json.loads(value)
    return [f"lcm run, {kept['at'][:16].replace('T', ' ')} UTC: {problem}" for problem in kept["problems"]]


def _refuse_wrong_texts(playbook: Playbook, plays: Mapping[str, Play]) -> None:
    problems = text_problems(playbook, plays)
    if problems:
        raise ConfigError(problems[0])


def _differs(one: object, other: object, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def _copy_texts(folder: Path, copy: Path) -> None:
    """Copy what a playbook is made of; what cannot be a text of it stays behind."""
    for file in _texts(folder):
        if file.stat().st_size <= MAX_BYTES:
            target = copy / file.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())


def _texts(folder: Path) -> Iterator[Path]:
    files = [folder / FILE_NAME, *(file for name in TEXT_FOLDERS for file in sorted(folder.glob(f"{name}/*")))]
    yield from (file for file in files[:MAX_FILES] if file.is_file())


def _mark(config_file: Path, folders: Sequence[Path]) -> str:
    """Return what is another text as soon as one of the files is another: names, sizes, times of change."""
    digest = hashlib.sha256()
    for file in (config_file, *(file for folder in folders for file in _watched(folder))):
        try:
            shown = file.stat()
        except OSError as error:
            digest.update(f"{file}\0{error.errno}\n".encode())
            continue
        if stat.S_ISREG(shown.st_mode):
            digest.update(f"{file}\0{shown.st_mtime_ns}\0{shown.st_size}\0{shown.st_ino}\n".encode())
    return digest.hexdigest()


def _watched(folder: Path) -> Iterator[Path]:
    inside = [folder] if (folder / FILE_NAME).is_file() else [file.parent for file in folder.glob(f"*/{FILE_NAME}")]
    for playbook in sorted(inside):
        yield from _texts(playbook)
