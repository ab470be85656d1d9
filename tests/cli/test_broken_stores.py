"""A store that cannot be opened, read or written is reported with its place, and nothing is changed."""

from __future__ import annotations

import resource
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from sync_worker.store import database
from tests.cli.place import CSV_ROSTER, GOOD_CSV, Place, as_nobody
from tests.untouched import LOOK_AND_APPLY, World

if TYPE_CHECKING:
    from tests.conftest import PracticeForum

MORE_PEOPLE = GOOD_CSV + "3,zoe@x.org,Zoe,spring,learner\n"


@dataclass(frozen=True)
class Broken:
    """A store that is broken, made of a good one; and how that must be told."""

    name: str
    damage: Callable[[Path], None]
    says: str
    code: int = 2


def sql(statement: str) -> Callable[[Path], None]:
    """Change the store by SQL."""

    def change(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(statement)

    return change


def content(change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    """Change the store's bytes."""
    return lambda path: (path.write_bytes(change(path.read_bytes())), None)[1]


def zeros_after_the_first_page(data: bytes) -> bytes:
    return data[:4096] + bytes(len(data) - 4096)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


STORES = [
    Broken("a folder", a_folder, "unable to open database file"),
    Broken("no database", content(lambda data: b"Dear diary" * 500), "file is not a database"),
    Broken("cut off", content(lambda data: data[: len(data) // 2]), "malformed"),
    Broken("full of zeros", content(zeros_after_the_first_page), "malformed"),
    Broken("of a newer version", sql("UPDATE alembic_version SET version_num = '9999'"), "a newer version of lcm"),
    Broken("of no version", sql("DROP TABLE alembic_version"), "does not say which version"),
    Broken("without a table", sql("DROP TABLE memberships"), "lacks the table 'memberships'"),
    Broken("without a column", sql("ALTER TABLE memberships DROP COLUMN state"), "no such column", 5),
]


def bytes_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def check_told(place: Place, folder: Path, *, says: str, code: int, where: str = "store: sqlite:///") -> None:
    """Sync one person more with and without --apply: refused with that code and message, and nothing changed."""
    (folder / "r.csv").write_text(MORE_PEOPLE, encoding="utf-8")
    path, beside = folder / "lcm.db", place.beside(folder)
    held, kept = place.world.on_the_forum(), bytes_of(path)
    for arguments in LOOK_AND_APPLY:
        result = beside.lcm(folder, CSV_ROSTER, *arguments)
        assert result.exit_code == code, result.output
        assert f"lcm: {where}" in result.stderr, result.stderr
        assert says in result.stderr, result.stderr
    assert place.world.on_the_forum() == held
    assert bytes_of(path) == kept


@pytest.fixture
def copied(place: Place, tmp_path: Path) -> Path:
    """A copy of the good store in a folder of its own."""
    shutil.copy(place.world.store.removeprefix("sqlite:///"), tmp_path / "lcm.db")
    return tmp_path / "lcm.db"


@pytest.mark.parametrize("broken", STORES, ids=lambda broken: broken.name)
def test_a_broken_store_is_told(broken: Broken, place: Place, copied: Path) -> None:
    broken.damage(copied)
    check_told(place, copied.parent, says=broken.says, code=broken.code)


def test_a_store_in_a_folder_that_cannot_be_made_is_told(place: Place, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("a file", encoding="utf-8")
    (tmp_path / "r.csv").write_text(MORE_PEOPLE, encoding="utf-8")
    result = place.beside(tmp_path / "x").lcm(tmp_path, CSV_ROSTER, "sync")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"lcm: store: sqlite:///{tmp_path}")
    assert "the store's folder cannot be made or read: " in result.stderr


def test_a_store_that_another_program_keeps_locked_is_told(
    place: Place, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0)
    with closing(sqlite3.connect(copied, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN EXCLUSIVE")
        check_told(place, copied.parent, says="database is locked", code=2)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file grow beyond this many bytes, like a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def zoe(place: Place) -> tuple[bool, list[str]]:
    """Return whether Zoe is in the group, and in what states the store has that."""
    members = place.forum.get("/groups/spring/members.json")["members"]
    with closing(sqlite3.connect(place.world.store.removeprefix("sqlite:///"))) as connection:
        states = connection.execute("SELECT state FROM memberships WHERE username = 'zoe'").fetchall()
    return "zoe" in [member["username"] for member in members], [state for (state,) in states]


@pytest.mark.parametrize("size", [3_000, 36_000, 40_000, 44_000, 60_000])
def test_whenever_the_disk_is_full_whom_we_added_is_known_to_be_ours(
    practice_forum: PracticeForum, tmp_path: Path, size: int
) -> None:
    place = Place.filled(practice_forum, tmp_path)
    (tmp_path / "r.csv").write_text(MORE_PEOPLE, encoding="utf-8")
    with files_of_at_most(size):
        result = place.run(tmp_path, "sync", "--apply")
    assert (result.exit_code, "lcm: store: " in result.stderr) in ((0, False), (2, True), (5, True)), result.output
    joined, states = zoe(place)
    assert states or not joined
    result = place.run(tmp_path, "sync", "--apply")
    assert result.exit_code == 0, result.output
    assert zoe(place) == (True, ["added"])


def test_a_store_that_may_only_be_read_is_told(place: Place, copied: Path) -> None:
    with TemporaryDirectory() as made:
        folder = Path(made)
        shutil.copy(copied, folder)
        (folder / "r.csv").write_text(MORE_PEOPLE, encoding="utf-8")
        beside = place.beside(folder)
        beside.write(folder, CSV_ROSTER)
        beside.run(folder, "sync")  # everything is imported before permissions bind
        for file in folder.iterdir():
            file.chmod(0o444)
        folder.chmod(0o555)
        held, kept = place.world.on_the_forum(), bytes_of(folder / "lcm.db")
        with as_nobody():
            results = [beside.run(folder, *arguments) for arguments in LOOK_AND_APPLY]
        folder.chmod(0o755)
        for result in results:
            assert result.exit_code == 2, result.output
            assert result.stderr.startswith("lcm: store: sqlite:///")
            assert "attempt to write a readonly database" in result.stderr
        assert (place.world.on_the_forum(), bytes_of(folder / "lcm.db")) == (held, kept)


@pytest.fixture
def on_a_server(practice_forum: PracticeForum, postgres_url: str, tmp_path: Path) -> Place:
    """A forum of its own, and a good sync whose store is on a database server."""
    return Place.filled(practice_forum, tmp_path, store=postgres_url)


def test_a_refused_roster_and_a_refused_plan_change_nothing_in_a_store_on_a_server(
    on_a_server: Place, tmp_path: Path
) -> None:
    (tmp_path / "r.csv").write_text(GOOD_CSV + "3,zoe,Zoe,spring,learner\n", encoding="utf-8")
    on_a_server.check_refused(tmp_path, CSV_ROSTER, code=3, says="email 'zoe' is not an e-mail", where="r.csv:4: ")
    (tmp_path / "r.csv").write_text(GOOD_CSV.replace("2,ben", "3,zoe"), encoding="utf-8")
    on_a_server.check_refused(
        tmp_path, CSV_ROSTER, code=3, says="the plan", where="", limits=", max_removals: 0", reads=True
    )


def test_a_store_on_a_server_that_only_lets_read_is_told(on_a_server: Place, postgres_url: str, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(MORE_PEOPLE, encoding="utf-8")
    stored, held = on_a_server.world.stored(), on_a_server.world.on_the_forum()
    options = "?options=-c%20default_transaction_read_only%3Don"
    result = replace(on_a_server, world=World(on_a_server.forum.server, postgres_url + options)).lcm(
        tmp_path, CSV_ROSTER, "sync", "--apply"
    )
    assert result.exit_code == 5
    assert "lcm: store: postgresql+psycopg://" in result.stderr
    assert "cannot execute" in result.stderr
    assert (on_a_server.world.stored(), on_a_server.world.on_the_forum()) == (stored, held)
