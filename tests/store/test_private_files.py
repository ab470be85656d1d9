"""What holds people's data can be read by the worker's account alone, whatever the umask."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from sync_worker.config.load import load_settings
from sync_worker.forum.budget import open_budget
from sync_worker.forum.patience import Priority
from sync_worker.store.database import files_of, open_store, open_to_others
from sync_worker.worker.start import check_files
from tests.cli.place import NOBODY


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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files for others")
def test_what_root_makes_in_the_folder_of_the_service_belongs_to_the_service(tmp_path: Path) -> None:
    folder = tmp_path / "lcm"
    folder.mkdir(mode=0o700)
    os.chown(folder, NOBODY, NOBODY)
    use(folder)
    files = [path.stat() for path in folder.iterdir()]
    assert len(files) > 3
    assert {(file.st_uid, file.st_gid) for file in files} == {(NOBODY, NOBODY)}


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


def test_files_that_others_can_read_are_found_with_what_to_do(tmp_path: Path) -> None:
    store = tmp_path / "lcm.db"
    for name in ("lcm.db", "lcm.db-wal", "lcm.dbx"):
        (tmp_path / name).write_bytes(b"")
    store.chmod(0o640)
    (tmp_path / "lcm.db-wal").chmod(0o600)
    (tmp_path / "lcm.dbx").chmod(0o604)
    tmp_path.chmod(0o770)
    found = open_to_others(files_of(str(store)))
    assert found == [(tmp_path, "go-w"), (store, "600"), (tmp_path / "lcm.dbx", "600")]
    for path, mode in found:
        path.chmod(0o700 if mode == "go-w" else 0o600)
    assert open_to_others(files_of(str(store))) == []


def test_a_check_names_keys_rosters_and_outputs_that_others_can_read(tmp_path: Path) -> None:
    names = ("key", "people.csv", "plan.json", "ana.export.html", "facts.csv")
    for name in (*names, "lcm.yaml"):
        (tmp_path / name).write_text("x", encoding="utf-8")
        (tmp_path / name).chmod(0o644)
    tmp_path.chmod(0o700)
    (tmp_path / "lcm.yaml").write_text(
        "forum: {url: 'https://forum.example.org', key_file: key}\nroster: {csv: people.csv}\n", encoding="utf-8"
    )
    settings = load_settings(tmp_path / "lcm.yaml")
    lines = check_files(settings, tmp_path / "lcm.yaml")
    assert [line.do for line in lines] == [f"Run: chmod 600 {tmp_path / name}" for name in names]
    for name in names:
        (tmp_path / name).chmod(0o600)
    assert [line.verdict for line in check_files(settings, tmp_path / "lcm.yaml")] == ["ok"]
