"""The lines of `lcm check` about going on safely: is it the forum that was left, and is anything unsettled?"""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import make_url

from sync_worker.checks import Finding, fail, ok, warn
from sync_worker.errors import ForumError, RefusedError
from sync_worker.store.database import files_of, open_to_others
from sync_worker.store.ledger import given_up
from sync_worker.store.pauses import DO, held, remembered
from sync_worker.wording import counted
from sync_worker.worker.in_force import in_force
from sync_worker.worker.start import DOUBT, find_out, refuse_renamed_cohorts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy.orm import Session

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.store.database import Store

AREA = "what was done"
FILES = "files"
WRITTEN = ("plan*.json", "report/*.html", "report/*.csv", "rehearsal*.html", "*.export.json")
SHOWN, MOST_FILES = 5, 200


def check_safety(settings: Settings, forum: Forum, store: Store) -> list[Finding]:
    """Return what must be known before anything is changed on the forum. Writes nothing. Calls: as `find_out`."""
    try:
        why = find_out(forum, store).why
    except ForumError as error:
        return [fail(AREA, error.what, error.do or "")]
    with store.begin() as session:
        why = held(session, forum.name) or why
        findings = [*_cohorts(session, settings, forum.name), *_unsettled(session, forum.name)]
    if why is not None:
        return [fail(AREA, why, DO), *findings]
    return findings or [ok(AREA, "store and forum agree; nothing waits to be settled.")]


def check_files(settings: Settings, config_file: Path, outputs: Iterable[Path] = ()) -> list[Finding]:
    """Return a line for each file that names people or is a key and that others can read. Calls: none.

    Args:
        settings: say where store and key are.
        config_file: `lcm.yaml`; what `lcm` wrote beside it is looked at too: plans, reports, exports.
        outputs: further files and folders.

    """
    key = [settings.forum.key_file] if settings.forum.key_file else []
    rosters = [path for one in settings.sources for path in one.model_dump().values() if isinstance(path, Path)]
    database = make_url(settings.store).database if settings.store.startswith("sqlite") else None
    paths = [*files_of(database), *key, *rosters, *outputs, *_written_beside(config_file.resolve().parent)]
    found = open_to_others(dict.fromkeys(paths))
    lines = [
        warn(FILES, f"{path} can be {'read' if path.is_file() else 'changed'} by other users of this machine.", do)
        for path, mode in found[:SHOWN]
        for do in (f"Run: chmod {mode} {path}",)
    ]
    if len(found) > SHOWN:
        lines.append(warn(FILES, f"and {len(found) - SHOWN} more.", "Run: chmod -R go-rwx on their folders."))
    return lines or [ok(FILES, "store, keys, rosters and what lcm wrote can be read by this account alone.")]


def _written_beside(folder: Path) -> Iterator[Path]:
    """Yield what commands write by default, or as the guides show it: plans, reports, exports."""
    for pattern in WRITTEN:
        yield from islice(sorted(folder.glob(pattern)), MOST_FILES)


def _cohorts(session: Session, settings: Settings, forum: str) -> Iterator[Finding]:
    keys = [declared.key for declared in settings.cohorts]
    for declared in settings.cohorts:
        try:
            refuse_renamed_cohorts(session, forum, [declared], keys)
        except RefusedError as error:
            yield fail(AREA, error.what, error.do or "")
        current = in_force(session, forum, declared.key, declared.playbook or "")
        if declared.playbook and current not in (None, declared.playbook):
            what = f"{declared.key} followed '{current}' and is to follow '{declared.playbook}'; nothing is posted yet."
            yield warn(AREA, what, f"lcm playbook switch --cohort {declared.key}")


def _unsettled(session: Session, forum: str) -> Iterator[Finding]:
    if doubt := remembered(session, forum, DOUBT):
        yield fail(AREA, doubt, "Set this machine's clock (timedatectl set-ntp true).")
    if rows := given_up(session, forum):
        yield warn(AREA, f"{counted(len(rows), 'thing was', 'things were')} given up: {rows[0].reason}", "lcm retry")
