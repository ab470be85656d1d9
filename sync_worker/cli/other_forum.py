"""Before a command writes: the forum is the one that the store knows, and its cohorts have the keys they had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.store.hold import refuse_while_held
from sync_worker.worker.start import look_at_the_forum, refuse_renamed_cohorts

if TYPE_CHECKING:
    from sync_worker.cli.workspace import Workspace
    from sync_worker.forum import Forum


def refuse_another_forum(workspace: Workspace, forum: Forum, cohort: str | None) -> None:
    """Let no sync past that would start anew what was done under another name.

    Calls: those of `look_at_the_forum`.

    Raises:
        RefusedError: the forum was moved, restored or exchanged, or a cohort has another key than before.

    """
    settings = workspace.settings
    look_at_the_forum(forum, workspace.store, settings)
    refuse_while_held(workspace.store.sessions, forum.name)
    chosen = [declared for declared in settings.cohorts if cohort in (None, declared.key)]
    with workspace.store.begin() as session:
        refuse_renamed_cohorts(session, forum.name, chosen, [declared.key for declared in settings.cohorts])
