"""Before a command writes: the forum is the one that the store knows, and its cohorts have the keys they had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.errors import RefusedError
from sync_worker.store.pauses import hold
from sync_worker.worker.start import find_out, refuse_renamed_cohorts

if TYPE_CHECKING:
    from sync_worker.cli.workspace import Workspace
    from sync_worker.forum import Forum
    from sync_worker.worker.start import Found


def refuse_another_forum(workspace: Workspace, forum: Forum, cohort: str | None) -> Found:
    """Let no sync past that would start anew what was done under another name.

    Calls: those of `find_out`.

    Raises:
        RefusedError: the forum was moved, restored or exchanged, or a cohort has another key than before.

    """
    settings = workspace.settings
    found = find_out(forum, workspace.store)
    if found.why is not None:
        with workspace.store.begin() as session:
            hold(session, forum.name, found.why)
        raise RefusedError(found.why, where=forum.url)
    chosen = [declared for declared in settings.cohorts if cohort in (None, declared.key)]
    with workspace.store.begin() as session:
        refuse_renamed_cohorts(session, forum.name, chosen, [declared.key for declared in settings.cohorts])
    return found
