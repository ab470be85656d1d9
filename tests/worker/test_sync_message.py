"""The message about a roster that could not be followed is in the language and by the clock of a cohort."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Literal

import pytest
from sqlalchemy import select

from sync_worker.config.options import SyncSettings
from sync_worker.config.settings import CohortSettings
from sync_worker.store.database import open_store
from sync_worker.store.tables import LedgerRow
from sync_worker.worker.roster_sync import SyncState, write_message

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2027, 3, 15, 23, 30, tzinfo=UTC)


def cohort(locale: Literal["en", "fr"], zone: str) -> CohortSettings:
    return CohortSettings(
        key="spring", name="Spring", start=date(2027, 3, 1), end=date(2027, 5, 28), timezone=zone, locale=locale,
        group="spring", lcm_group="spring-lcm", category_slug="spring",
    )  # fmt: skip


AT_HALF_PAST = "Le mardi 16 mars à 0 h 30, "


@pytest.mark.parametrize(
    ("reader", "every", "begins", "again"),
    [
        (
            cohort("fr", "Europe/Paris"),
            "1h",
            AT_HALF_PAST,
            "a lieu une heure après chaque échec",
        ),
        (
            cohort("fr", "Europe/Paris"),
            "90m",
            AT_HALF_PAST,
            "a lieu 90 minutes après chaque échec",
        ),
        (cohort("en", "Europe/Lisbon"), "2d", "On Monday 15 March at 23:30, ", "again two days after each attempt"),
        (None, "1h", "On Monday 15 March at 23:30, ", "again one hour after each attempt"),
    ],
)
def test_it_names_the_moment_and_the_next_attempt_in_words(
    tmp_path: Path, reader: CohortSettings | None, every: str, begins: str, again: str
) -> None:
    options = SyncSettings.model_validate({"every": every})
    state = SyncState(outcome="refused", problem="the roster is empty.")
    store = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    assert write_message(store, "forum", options, state, reader, NOW)
    with store.begin() as session:
        raw = session.scalars(select(LedgerRow)).one().payload["raw"].replace("\u00a0", " ")
    store.close()
    assert raw.startswith(begins)
    assert again in raw
    assert "UTC" not in raw
