"""What the proofs that a refusal changes nothing rest on: they see every table, and would notice any change."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine

from sync_worker.forum import Patience
from sync_worker.practice_forum.server.options import Fault, FaultProfile
from sync_worker.store.tables import Table
from tests.cli.place import CSV_ROSTER, GOOD_CSV

if TYPE_CHECKING:
    from tests.cli.place import Place


@pytest.fixture
def own_store(place: Place, tmp_path: Path) -> Place:
    """The forum of all, with a copy of the store."""
    shutil.copy(place.world.store.removeprefix("sqlite:///"), tmp_path / "lcm.db")
    return place.beside(tmp_path)


def test_every_table_of_the_store_is_compared(own_store: Place) -> None:
    assert set(own_store.world.stored()) == {*Table.metadata.tables, "alembic_version"}


@pytest.mark.parametrize("table", ["memberships", "created", "changes", "cursors", "identities", "runs"])
def test_a_row_that_is_gone_or_changed_is_noticed(own_store: Place, table: str) -> None:
    before = own_store.world.stored()
    assert before[table]
    engine = create_engine(own_store.world.store)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DELETE FROM {table}")
    engine.dispose()
    assert own_store.world.stored() != before


def test_a_change_of_a_group_or_of_its_settings_is_noticed(own_store: Place) -> None:
    world, before = own_store.world, own_store.world.on_the_forum()
    number = next(g["id"] for g in own_store.forum.get("/groups.json")["groups"] if g["name"] == "spring")
    for bio in ("Hello", ""):
        change = {"group": {"bio_raw": bio}, "update_existing_users": "false"}
        answer = own_store.forum.call("PUT", f"/groups/{number}.json", json=change)
        assert answer.status_code == 200
        if bio:
            assert world.on_the_forum() != before


def test_reading_the_forum_is_noticed(own_store: Place, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(GOOD_CSV, encoding="utf-8")
    before = own_store.world.calls
    own_store.lcm(tmp_path, CSV_ROSTER, "sync")
    assert own_store.world.calls > before


def test_a_good_roster_is_not_taken_for_a_refused_one(own_store: Place, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(GOOD_CSV, encoding="utf-8")
    with pytest.raises(AssertionError):
        own_store.check_refused(tmp_path, CSV_ROSTER, code=2, says="", where="")


LIMITS = {
    "people out of groups": ("max_removals: 0", GOOD_CSV.replace("2,ben", "3,zoe")),
    "people to groups": ("max_additions: 0", GOOD_CSV + "3,zoe@x.org,Zoe,spring,learner\n"),
    "had 2 people in the roster": ("small_group: 0", GOOD_CSV.partition("2,ben")[0]),
}


@pytest.mark.parametrize("says", LIMITS)
def test_a_plan_or_a_roster_beyond_a_limit_changes_nothing(own_store: Place, tmp_path: Path, says: str) -> None:
    limits, roster = LIMITS[says]
    (tmp_path / "r.csv").write_text(roster, encoding="utf-8")
    own_store.check_refused(
        tmp_path, CSV_ROSTER, code=3, says=says, where="", limits=f", {limits}", reads="roster" not in says
    )


@pytest.mark.parametrize("fault", [Fault.LOGIN_PAGE, Fault.CUT_JSON])
def test_a_forum_that_cannot_be_read_leaves_everything_as_it_was(
    own_store: Place, tmp_path: Path, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Patience, "pause_after", lambda *_, **__: None)
    (tmp_path / "r.csv").write_text(GOOD_CSV + "3,zoe@x.org,Zoe,spring,learner\n", encoding="utf-8")
    faults = own_store.forum.faults
    faults.set(FaultProfile("always", 1.0, (fault,)), 0)
    try:
        own_store.check_refused(tmp_path, CSV_ROSTER, code=5, says="", where="http://127.0.0.1", reads=True)
    finally:
        faults.set(FaultProfile("none", 0.0, ()), 0)
