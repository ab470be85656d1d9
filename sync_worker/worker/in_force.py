"""What a running worker follows: `lcm.yaml` and playbooks as they are edited, and which playbook a cohort has."""

from __future__ import annotations

import hashlib
import json
import shutil
import stat
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sqlalchemy import select

from sync_worker.config.load import load_settings
from sync_worker.errors import ConfigError, LcmError
from sync_worker.playbook.checks import text_problems
from sync_worker.playbook.includes import included_files
from sync_worker.playbook.load import (
    FILE_NAME,
    TEXT_FOLDERS,
    Playbook,
    find_playbooks,
    load_playbook,
    playbook_names,
    playbooks_in,
    refuse_closed_folders,
    shipped_folder,
)
from sync_worker.publish.entries import close_occurrence, day_of
from sync_worker.store.ledger import published_rows
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.tables import OccurrenceRow
from sync_worker.wording import nearest
from sync_worker.worker.due import DID_NOT_HAPPEN, REPLACED, plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date, datetime
    from pathlib import Path

    from sqlalchemy.orm import Session

    from sync_worker.config.settings import Settings
    from sync_worker.model import Cohort
    from sync_worker.plays import Play
    from sync_worker.store.database import Store
    from sync_worker.worker.due import Planned


DONE, TO_COME = "done", "to come"


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """What becomes of one occurrence of the new playbook: `done`, `replaced` or `to come`, and why."""

    planned: Planned
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Before:
    """What other playbooks did for the cohort, by step, by step and date, and by text; each with a reason in words.

    A step is its id and the name of its follow-up, "" for itself. A date is a day of the cohort's clock.
    """

    steps: Mapping[tuple[str, str], str]
    dates: Mapping[tuple[str, date | None, str], str]
    texts: Mapping[str, str]


def in_force(session: Session, forum: str, cohort: str, named: str) -> str | None:
    """Return the playbook that a cohort follows, None where it has begun none.

    Args:
        session: of the store.
        forum: its name.
        cohort: the cohort's key.
        named: the playbook that lcm.yaml names, which counts where it has done anything for the cohort before.

    """
    confirmed = remembered(session, forum, _name(cohort))
    if confirmed is not None:
        return confirmed
    query = (
        select(OccurrenceRow.playbook)
        .where(OccurrenceRow.forum == forum, OccurrenceRow.cohort == cohort)
        .order_by(OccurrenceRow.at.desc())
    )
    begun = list(session.scalars(query))
    return named if named in begun else next(iter(begun), None)


def _name(cohort: str) -> str:
    return f"playbook of {cohort}"


def switch_plan(session: Session, forum: str, playbook: Playbook, cohort: Cohort, now: datetime) -> list[SwitchLine]:
    """Return what becomes of every occurrence of the new playbook: what was done counts as done.

    A step that happens once is done where one of the same id, or one with the same text, was done before; a date of a
    weekly step where a step of the same id was done for that date ahead of its time. What was to come before now stays
    undone. Decks go on: a cohort gets no prompt twice, whatever playbook asks.
    """
    rows = session.scalars(
        select(OccurrenceRow).where(OccurrenceRow.forum == forum, OccurrenceRow.cohort == cohort.key)
    ).all()
    done: dict[tuple[str, str], str] = {}
    done_dates: dict[tuple[str, date | None, str], str] = {}
    for row in rows:
        if row.outcome not in DID_NOT_HAPPEN and row.playbook != playbook.name:
            said = f"'{row.playbook}' did it on {row.slot:%Y-%m-%d}"
            done[row.step, row.follow_up] = done_dates[row.step, day_of(row.key), row.follow_up] = said
    posted = {
        ref: f"'{row.playbook}' posted this text on {row.slot:%Y-%m-%d}"
        for row in published_rows(session, forum, cohort.key)
        for ref in row.payload.get("refs", ())
        if ref.startswith("topic:")
    }
    over = {row.key: row for row in rows if row.playbook == playbook.name}
    before = _Before(done, done_dates, posted)
    return [_switched(one, playbook, before, now) for one in plan(forum, playbook.file, cohort, over)]


def _switched(planned: Planned, playbook: Playbook, before: _Before, now: datetime) -> SwitchLine:
    if planned.over is not None:
        return SwitchLine(planned, planned.over.outcome, planned.over.reason)
    step = planned.step
    day, name = planned.occurrence.own_day, planned.occurrence.follow_up
    text = f"topic:{getattr(playbook.options_of(step.id, planned.occurrence.cohort), 'template', '')}"
    if step.at:
        reason = before.steps.get((step.id, name)) or (None if name else before.texts.get(text))
    else:
        reason = before.dates.get((step.id, day, name)) if planned.occurrence.at > now else None
    if reason:
        return SwitchLine(planned, DONE, reason)
    if planned.occurrence.at <= now:
        return SwitchLine(planned, REPLACED, "it was to happen before the change of playbook")
    return SwitchLine(planned, TO_COME, "")


def switch(  # noqa: PLR0917
    session: Session, forum: str, playbook: Playbook, cohort: Cohort, lines: Sequence[SwitchLine], now: datetime
) -> None:
    """Let a cohort follow a playbook from now on, as the lines of `switch_plan` say."""
    for line in lines:
        if line.planned.over is None and line.state != TO_COME:
            session.add(close_occurrence(forum, line.planned.occurrence, line.state, line.reason, now))
    remember(session, forum, _name(cohort.key), playbook.name)


# `lcm.yaml` and playbooks as a running worker follows them: an edit counts without a restart, a broken one never.


FOLLOWED = "followed"
"""The cursor under which the store keeps which edit a running worker follows, and which not."""
MAX_FILES = 5_000
MAX_BYTES = 2_000_000
"""A larger file is no text of a playbook: none of them may have more than 1 MB."""
OTHER_FORUM = ("url", "api_username", "key_env", "key_file")
"""Another forum or store with the cohorts of this one: the whole edit waits for a restart."""
KEPT = "Until this is corrected the settings before it hold."
AT_START = ("calls_per_minute", "connect_timeout", "read_timeout", "people_a_call")
"""What the connection to the forum is made with: these alone wait for a restart."""


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
    _copied: tuple[Path, ...] = ()
    _uncopied: bool = False
    _noted: bool = False

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
        live._drop_old_copies()
        return live

    def look(self, *, again: bool = False) -> bool:
        """Look whether a file was changed, and follow what can be followed; return whether anything was read anew.

        A file that is changed while it is read is read again at the next look. So is all where copies could not be
        made (the disk was full), or are gone (something tidies up in their folder).

        Args:
            again: read the files also where none seems to be changed.

        """
        mark = _mark(self.config_file, self.settings.playbooks)
        if mark == self._mark and not again and self._has_copies():
            return False
        settings, playbooks, problems = self._read()
        if _mark(self.config_file, self.settings.playbooks) != mark:
            return False
        self.settings, self.playbooks, self.problems = settings, playbooks, tuple(problems)
        self._mark = _mark(self.config_file, settings.playbooks)
        self._drop_old_copies()
        self._noted = False
        return True

    def _has_copies(self) -> bool:
        return not self._uncopied and all(file.exists() for file in self._copied)

    def note(self, store: Store, now: datetime) -> None:
        """Keep for `lcm status` when the files were read, and what of them is not followed; once."""
        if self._noted:
            return
        value = json.dumps({"at": now.isoformat(), "problems": self.problems}, ensure_ascii=False)
        with store.begin() as session:
            remember(session, self.settings.forum.name, FOLLOWED, value)
        self._noted = True

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
        late += ["service"] if written.service != self.settings.service else []
        settings = written.model_copy(update={"forum": self.settings.forum, "service": self.settings.service})
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
        self._uncopied = False
        loaded: dict[str, Playbook] = {}
        problems: list[str] = []
        for name in playbook_names(settings):
            try:
                if name not in found:
                    raise ConfigError(f"it is not there.{nearest(name, found)}")
                loaded[name] = self._read_playbook(name, found[name])
            except LcmError as error:
                kept = " Until this is corrected the playbook before it is followed." if name in self.playbooks else ""
                problems.append(f"playbook '{name}': {error}{kept}")
                if name in self.playbooks:
                    loaded[name] = self.playbooks[name]
        return loaded, problems

    def _read_playbook(self, name: str, folder: Path) -> Playbook:
        if folder.parent == shipped_folder().resolve():
            return load_playbook(folder, self.plays)
        copy = self.scratch / str(self._copies) / name
        try:
            _copy_texts(folder, copy)
        except OSError as error:
            self._uncopied = True
            what = f"its texts cannot be copied: {error.strerror or error}."
            do = "Make room there; it is tried again by itself."
            raise ConfigError(what, where=str(self.scratch), do=do) from None
        try:
            playbook = replace(load_playbook(copy, self.plays), written_in=folder)
            if name in self.playbooks:
                _refuse_wrong_texts(playbook, self.plays)
        except ConfigError as error:
            raise ConfigError(str(error).replace(str(copy), str(folder))) from None
        return playbook

    def _drop_old_copies(self) -> None:
        used = {playbook.folder.parent for playbook in self.playbooks.values()}
        for folder in self.scratch.glob("*"):
            if folder not in used:
                shutil.rmtree(folder, ignore_errors=True)
        self._copied = tuple(file for folder in used if folder.parent == self.scratch for file in folder.rglob("*"))


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
    """Copy what a playbook is made of; what cannot be a text of it stays behind.

    Raises:
        ConfigError: a folder or a file of it may not be read.
        OSError: the copy cannot be written.

    """
    refuse_closed_folders(folder)
    for file in _texts(folder):
        if (text := _bytes_of(file)) is not None:
            target = copy / file.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)


def _bytes_of(file: Path) -> bytes | None:
    try:
        return file.read_bytes() if file.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        what = f"cannot be read: {error.strerror or error}."
        raise ConfigError(what, where=str(file), do="Let the worker read it.") from None


def _texts(folder: Path) -> Iterator[Path]:
    steps = [folder / FILE_NAME, *included_files(folder / FILE_NAME, folder)]
    files = dict.fromkeys([*steps, *(file for name in TEXT_FOLDERS for file in sorted(folder.glob(f"{name}/*")))])
    yield from (file for file in list(files)[:MAX_FILES] if file.is_file())


def _mark(config_file: Path, folders: Sequence[Path]) -> str:
    """Return what is another text as soon as one of the files is another: names, sizes, times of change.

    Who may read a file is part of it: one that could not be read may be read now. That is in its time of change alone.
    """
    digest = hashlib.sha256()
    for file in (config_file, *(file for folder in folders for file in _watched(folder))):
        try:
            shown = file.stat()
        except OSError as error:
            digest.update(f"{file}\0{error.errno}\n".encode())
            continue
        if stat.S_ISREG(shown.st_mode):
            times = f"{shown.st_mtime_ns}\0{shown.st_ctime_ns}"
            digest.update(f"{file}\0{times}\0{shown.st_size}\0{shown.st_ino}\n".encode())
    return digest.hexdigest()


def _watched(folder: Path) -> Iterator[Path]:
    try:
        inside = playbooks_in(folder)
    except ConfigError:  # it may not be read; where it is followed, that is said
        return
    for playbook in inside:
        with suppress(PermissionError):  # the same
            yield from _texts(playbook)
