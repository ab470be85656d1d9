"""The lines of `lcm check` about going on safely: is it the forum that was left, and is anything unsettled?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.checks import Finding, fail, ok, warn
from sync_worker.errors import ForumError, RefusedError
from sync_worker.store.hold import DO, held, remembered
from sync_worker.store.ledger import given_up
from sync_worker.wording import counted
from sync_worker.worker.clock_watch import DOUBT
from sync_worker.worker.in_force import in_force
from sync_worker.worker.start import find_out, refuse_renamed_cohorts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.store.database import Store

AREA = "what was done"


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
