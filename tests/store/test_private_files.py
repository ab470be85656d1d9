"""What holds people's data can be read by the worker's account alone, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_worker.forum.budget import open_budget
from sync_worker.forum.budget_rules import Priority
from sync_worker.store.database import open_store


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def use(folder: Path) -> dict[str, int]:
    """Open a store, write to it, take a lock and a call of the budget; return the rights of all files meanwhile."""
    store = open_store(f"sqlite:///{folder / 'lcm.db'}")
    budget = open_budget(store.engine, "talk.example.org", 55, Priority.NORMAL)
    assert budget is not None
    with store.engine.connect() as connection, store.exclusive("publish"), budget.slot():
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS t (x)")
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
        connection.commit()
        found = {path.name: rights(path) for path in folder.iterdir() if path.is_file()}
    budget.engine.dispose()
    store.close()
    return found


def test_new_files_and_the_folders_made_for_them_are_the_owners_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var" / "lcm"
    found = use(folder)
    assert {"lcm.db", "lcm.db-wal", "lcm.db-shm", "lcm.db.calls.db"} <= set(found)
    assert set(found.values()) == {0o600}, found
    assert (rights(folder), rights(folder.parent)) == (0o700, 0o700)


def test_files_that_everybody_could_read_are_closed(tmp_path: Path) -> None:
    use(tmp_path)
    left = [path for path in tmp_path.iterdir() if path.is_file()]
    for path in left:
        path.chmod(0o644)
    found = use(tmp_path)
    assert {path.name for path in left} <= set(found)
    assert set(found.values()) == {0o600}, found


def test_a_folder_that_was_there_stays_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    use(folder)
    assert rights(folder) == 0o755


def test_wal_files_that_were_left_behind_are_closed_with_the_store(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
    with store.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        for name in ("lcm.db", "lcm.db-wal", "lcm.db-shm"):
            (tmp_path / name).chmod(0o666)
        again = open_store(f"sqlite:///{tmp_path / 'lcm.db'}")
        assert {rights(tmp_path / name) for name in ("lcm.db", "lcm.db-wal", "lcm.db-shm")} == {0o600}
        again.close()
    store.close()
