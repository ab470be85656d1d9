"""A message to staff that people could not be synced, where the forum has no desk to show it on."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

from sync_worker.languages.parts import language
from sync_worker.model import Draft, DraftKind
from sync_worker.publish.entries import ledger_rows
from sync_worker.store.payload import draft_to_json
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.sync_state import distinct

if TYPE_CHECKING:
    from datetime import datetime

    from sync_worker.config.cohorts_from import CohortsFromSettings
    from sync_worker.config.settings import CohortSettings
    from sync_worker.config.sync_settings import SyncSettings
    from sync_worker.store.database import Store
    from sync_worker.worker.sync_state import SyncState

_Reader: TypeAlias = "CohortSettings | CohortsFromSettings"
LONGEST = 4_000
TITLES = {
    "en": "The members of your cohorts were not synced",
    "fr": "Les membres de vos cohortes n’ont pas été synchronisés",
}
TEXTS = {
    "en": (
        "On {day} at {clock}, the groups of this forum could not be brought into step with the roster. {done}"
        " This is the reason:\n\n```text\n{problem}\n```\n\n"
        "The worker tries again {every} after each attempt, and does not write again about this problem. On its"
        " machine, `lcm status` shows how things stand and `lcm sync` shows what would change."
    ),
    "fr": (
        "Le {day} à {clock}, les groupes de ce forum n’ont pas pu être mis en accord avec la liste des inscrits. {done}"
        " En voici la raison (en anglais, comme l’ordinateur la donne)\u00a0:\n\n```text\n{problem}\n```\n\n"
        "Une nouvelle tentative a lieu {every} après chaque échec\u00a0; ce problème ne donnera pas lieu à un autre"
        " message. Sur la machine qui anime les cohortes, `lcm status` montre où l’on en est et `lcm sync` ce qui"
        " changerait."
    ),
}


DONE = {
    "en": {True: "Part of it was done.", False: "Nothing was changed."},
    "fr": {True: "Une partie a été faite.", False: "Rien n’a été modifié."},
}


def write_message(  # noqa: PLR0917
    store: Store, forum: str, options: SyncSettings, state: SyncState, reader: _Reader | None, now: datetime
) -> bool:
    """Put a message about a problem into the ledger, once; the next tick sends it. Returns whether it is new.

    It is in the language and by the clock of `reader`, a cohort of the forum; without one in English and by UTC.
    """
    locale, zone = (reader.locale, ZoneInfo(reader.timezone)) if reader else ("en", ZoneInfo("UTC"))
    local = now.astimezone(zone)
    problem = state.problem
    digest = hashlib.sha256(f"{forum}\n{distinct(problem)}\n{now.isoformat()}".encode()).hexdigest()[:12]
    key = f"lcm-people-{now:%Y%m%d}-{digest}"
    shown = problem.replace("```", "'''")[:LONGEST]
    draft = Draft(
        DraftKind.MESSAGE,
        TEXTS[locale].format(
            day=language(locale).day(local.date()),
            clock=f"{local:%H:%M}",
            done=DONE[locale][state.outcome == "partial"],
            problem=shown,
            every=_length(options.every, locale),
        ),
        "the roster could not be followed",
        title=TITLES[locale],
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
