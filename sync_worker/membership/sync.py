"""A whole sync in one go, one at a time for each forum.

The way of a roster's people: `prepare` observes the forum, matches people with accounts, and plans what would make the
two agree; `Prepared.check` holds the plan to the limits; `carry_out` applies it and records what the next run has to
know. `preparing` and `carrying_out` have these steps, one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from sync_worker.membership.access import one_at_a_time
from sync_worker.membership.carrying_out import carry_out
from sync_worker.membership.facts import keep_roster_facts
from sync_worker.membership.preparing import prepare

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sync_worker.config.settings import Settings
    from sync_worker.forum.client import Forum
    from sync_worker.membership.planning.roster_guard import Acceptance
    from sync_worker.membership.preparing import Prepared
    from sync_worker.membership.records.journal import ApplyReport
    from sync_worker.model import Roster
    from sync_worker.store.database import Store


class Choices(TypedDict, total=False):
    """What `prepare` takes besides: the only cohort that is synced, and what a person allows for this run."""

    only: str | None
    acceptance: Acceptance


def sync(
    settings: Settings,
    roster: Roster,
    forum: Forum,
    store: Store,
    *,
    now: datetime,
    before: Callable[[Prepared], None] | None = None,
    **choices: Unpack[Choices],
) -> tuple[Prepared, ApplyReport]:
    """Make the forum agree with the roster, within the limits, in one go, and keep the facts that it states of people.

    `before` gets the plan before anything is written, and stops everything by raising; the other arguments are those
    of `prepare`.

    Raises:
        RefusedError: a limit would be passed, or, as BusyError, another sync of this forum is under way.
        ConfigError, UsageError: the settings do not fit the forum, or name no such cohort.
        ForumError: the forum could not be read; nothing was changed.

    """
    with one_at_a_time(forum, store):
        prepared = prepare(settings, roster, forum, store, now=now, **choices)
        if before:
            before(prepared)
        report = carry_out(prepared, forum, store, now=now)
        keep_roster_facts(store, forum.name, roster, prepared, now)
        return prepared, report
