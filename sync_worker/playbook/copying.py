"""Copying a playbook to a folder of one's own, under another name, switched off until somebody has read it."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from sync_worker.config.located_yaml import parse_yaml, read_yaml, validate
from sync_worker.errors import UsageError
from sync_worker.playbook.format import NAME, PlaybookFile
from sync_worker.playbook.includes import with_included
from sync_worker.playbook.load import FILE_NAME, is_playbook

MOST_GIVEN = 500  # files of a folder that is taken in
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
