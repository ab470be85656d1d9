"""A message to staff that people could not be synced, where the forum has no desk to show it on."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

from sync_worker.languages.parts import SYNC, language
from sync_worker.model import Draft, DraftKind
from sync_worker.publish.entries import ledger_rows
from sync_worker.store.ledger import draft_to_json
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.sync_state import distinct

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.config.options import SyncSettings
    from sync_worker.config.settings import CohortSettings
    from sync_worker.config.sources import CohortsFromSettings
    from sync_worker.store.database import Store
    from sync_worker.worker.sync_state import SyncState

_Reader: TypeAlias = "CohortSettings | CohortsFromSettings"
LONGEST = 4_000


def write_message(  # noqa: PLR0917
    store: Store, forum: str, options: SyncSettings, state: SyncState, reader: _Reader | None, now: datetime
) -> bool:
    """Put a message about a problem into the ledger, once; the next tick sends it. Returns whether it is new.

    It is in the language and by the clock of `reader`, a cohort of the forum; without one in English and by UTC.
    """
    locale, zone = (reader.locale, ZoneInfo(reader.timezone)) if reader else ("en", ZoneInfo("UTC"))
    local, said = now.astimezone(zone), SYNC.of(locale)
    problem = state.problem
    digest = hashlib.sha256(f"{forum}\n{distinct(problem)}\n{now.isoformat()}".encode()).hexdigest()[:12]
    key = f"lcm-people-{now:%Y%m%d}-{digest}"
    shown = problem.replace("```", "'''")[:LONGEST]
    draft = Draft(
        DraftKind.MESSAGE,
        said.text.format(
            day=language(locale).day(local.date()),
            clock=f"{local:%H:%M}",
            done=said.part_done if state.outcome == "partial" else said.nothing_done,
            problem=shown,
            every=_length(options.every, locale),
        ),
        "the roster could not be followed",
        title=said.title,
        recipients=options.tell,
    )
    body = {
        **draft_to_json(draft),
        "cohort_name": "",
        "playbook": "lcm",
        "step": "people",
        "slot": now.isoformat(),
        "category_id": 0,
        "play": "people",
        "position": 0,
    }
    with store.begin() as session:
        if session.get(LedgerRow, key) is not None:
            return False
        session.add_all(ledger_rows(key, forum, "", body, now))
    return True


def _length(length: timedelta, locale: str) -> str:
    """Return a length of time in words, in the largest unit that is whole."""
    units = {"day": timedelta(days=1), "hour": timedelta(hours=1), "minute": timedelta(minutes=1)}
    unit = next((name for name, one in units.items() if length % one == timedelta(0)), "minute")
    return language(locale).count(length // units[unit], unit)
