from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, insert, inspect, text
from sqlalchemy.engine import Engine, make_url
from sqlalchemy.exc import IntegrityError, OperationalError

from sync_worker.errors import ConfigError, StoreError
from sync_worker.store.database import Store, explain_failure, open_store
from sync_worker.store.migrations import NEWEST
from sync_worker.store.pauses import remember, remembered
from sync_worker.store.tables import CursorRow, LedgerRow, Table
from sync_worker.store.upgrade import migration_config

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_the_migrations_make_exactly_the_tables_of_the_models(url: str) -> None:
    store = open_store(url)
    with store.engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), Table.metadata)
    store.close()
    assert difference == []


def test_two_workers_that_remember_something_for_the_first_time_at_once_do_not_fail(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(url)
    with store.sessions() as late:
        with store.begin() as session:
            remember(session, "forum", "clock", "early")
        with monkeypatch.context() as patched:
            patched.setattr(late, "get", lambda *_, **__: None)  # as it looked before the other one had committed
            remember(late, "forum", "clock", "late")
            late.commit()
    with store.begin() as session:
        assert remembered(session, "forum", "clock") == "late"
        remember(session, "forum", "clock", "later")
        assert remembered(session, "forum", "clock") == "later"
    store.close()


def test_the_newest_migration_is_the_one_that_is_named_as_such() -> None:
    assert ScriptDirectory.from_config(migration_config()).get_current_head() == NEWEST


def test_a_store_whose_tables_are_up_to_date_opens_without_the_library_for_migrations(url: str) -> None:
    open_store(url).close()
    code = (
        "import sys; from sync_worker.store.database import open_store; open_store(sys.argv[1]).close(); "
        "sys.exit('alembic' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code, url], check=False).returncode == 0


def test_what_is_written_is_there_after_reopening_with_its_zone(url: str) -> None:
    store = open_store(url)
    with store.begin() as session:
        session.add(ledger_row("a", slot=NOON))
    store.close()
    store = open_store(url)
    with store.begin() as session:
        row = session.get_one(LedgerRow, "a")
        assert (row.slot, row.payload) == (NOON, {"raw": "é"})
    store.close()


def test_an_error_inside_a_transaction_leaves_nothing_behind(url: str) -> None:
    store = open_store(url)
    with pytest.raises(IntegrityError):
        write_a_cursor_twice(store)
    with store.begin() as session:
        assert session.get(CursorRow, ("f", "n")) is None
    store.close()


def test_a_lock_is_held_by_one_at_a_time_and_comes_free(url: str) -> None:
    store = open_store(url)
    with store.exclusive("publish") as first, store.exclusive("publish") as second, store.exclusive("other") as other:
        assert (first, second, other) == (True, False, True)
    with store.exclusive("publish") as again:
        assert again
    store.close()


def test_the_store_can_be_written_while_a_lock_is_held(url: str) -> None:
    store = open_store(url)
    with store.exclusive("publish"), store.begin() as session:
        session.add(CursorRow(forum="f", name="n", value="1"))
    with store.begin() as session:
        assert session.get_one(CursorRow, ("f", "n")).value == "1"
    store.close()


def test_processes_that_start_together_all_find_the_tables(url: str) -> None:
    code = "import sys; from sync_worker.store.database import open_store; open_store(sys.argv[1]).close()"
    processes = [subprocess.Popen([sys.executable, "-c", code, url], stderr=subprocess.PIPE) for _ in range(3)]
    errors = [process.communicate(timeout=600)[1].decode() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], errors


def test_a_lock_comes_free_when_its_process_is_killed(url: str) -> None:
    store = open_store(url)
    code = (
        "import sys; from sync_worker.store.database import open_store\n"
        "with open_store(sys.argv[1]).exclusive('publish'):\n    print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, url], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    with store.exclusive("publish") as got:
        assert not got
    holder.kill()
    holder.communicate()
    with store.exclusive("publish", wait=60.0) as got:
        assert got
    store.close()


def test_a_second_look_in_the_same_process_gives_up_no_lock(url: str) -> None:
    store = open_store(url)
    other = "import sys; from sync_worker.store.database import open_store; store = open_store(sys.argv[1])\n"
    code = f"{other}with store.exclusive('publish') as got:\n    print(got)"
    with store.exclusive("publish") as held:
        with store.exclusive("publish") as got_again:
            pass
        got = subprocess.run([sys.executable, "-c", code, url], capture_output=True, check=True).stdout
    store.close()
    assert (held, got_again, got) == (True, False, b"False\n")


def test_what_is_written_after_a_second_opening_in_the_same_process_is_kept(url: str) -> None:
    store = open_store(url)
    with store.begin() as session:
        remember(session, "f", "before", "1")
    open_store(url).close()
    code = "import sys; from sync_worker.store.database import open_store; open_store(sys.argv[1]).close()"
    subprocess.run([sys.executable, "-c", code, url], check=True)  # who thinks to be the last one deletes the WAL
    with store.begin() as session:
        remember(session, "f", "after", "2")
    fresh = open_store(url)
    with fresh.begin() as session:
        assert remembered(session, "f", "after") == "2"
    fresh.close()
    store.close()


def test_a_death_in_the_middle_of_making_the_tables_leaves_none_of_them(url: str) -> None:
    class Killed(BaseException):
        """The process ends here."""

    def die(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.lstrip().startswith("CREATE TABLE ledger"):
            raise Killed

    event.listen(Engine, "before_cursor_execute", die)
    try:
        with pytest.raises(Killed):
            open_store(url)
    finally:
        event.remove(Engine, "before_cursor_execute", die)
    store = open_store(url)
    with store.begin() as session:
        assert session.get(LedgerRow, "a") is None
    store.close()


def test_a_store_written_by_a_newer_version_is_refused(url: str) -> None:
    change(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(ConfigError, match="newer version of lcm") as caught:
        open_store(url)
    assert "lcm store downgrade" in str(caught.value)


@pytest.mark.parametrize(
    ("statements", "says"),
    [
        (("DELETE FROM alembic_version",), "does not say which version its tables are of"),
        (("DROP TABLE alembic_version",), "does not say which version its tables are of"),
        (("DROP TABLE occurrences", "DROP TABLE likes"), "lacks the tables 'likes' and 'occurrences'"),
    ],
)
def test_a_store_that_came_back_in_part_is_not_worked_with(url: str, statements: tuple[str, ...], says: str) -> None:
    change(url, *statements)
    with pytest.raises(ConfigError, match=says) as caught:
        open_store(url)
    assert "Restore the whole backup" in str(caught.value)


OF_OTHERS = ("CREATE TABLE topics (id INTEGER)", "CREATE TABLE posts (id INTEGER)")
WITH_ALEMBIC = ("CREATE TABLE alembic_version (version_num TEXT)", "INSERT INTO alembic_version VALUES ('ae1027a6acf')")


@pytest.mark.parametrize(
    ("statements", "says"),
    [(OF_OTHERS, "has tables of its own called 'posts' and 'topics'"), (WITH_ALEMBIC, "belongs to another program")],
)
def test_the_database_of_another_program_is_left_alone(url: str, statements: tuple[str, ...], says: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
        before = inspect(connection).get_table_names()
    with pytest.raises(ConfigError, match=says) as caught:
        open_store(url)
    assert "a database of its own" in str(caught.value)
    assert inspect(engine).get_table_names() == before
    engine.dispose()


def test_a_process_stops_working_once_another_version_has_changed_the_tables(url: str) -> None:
    store = open_store(url)
    change(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="are those of '9999' now") as caught, store.exclusive("publish"):
        pytest.fail("it went to work")
    assert "Stop this process" in str(caught.value)
    change(url, f"UPDATE alembic_version SET version_num = '{NEWEST}'")
    with store.exclusive("publish") as held:
        assert held
    store.close()


def change(url: str, *statements: str) -> None:
    """Make a store if there is none, and do something to it behind its back."""
    engine = create_engine(url)
    if not inspect(engine).get_table_names():
        open_store(url).close()
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize("broken", ["a folder", "no database"])
def test_a_lock_that_cannot_be_used_is_told_with_its_place_and_can_be_used_once_that_is_put_right(
    tmp_path: Path, broken: str
) -> None:
    with closing(open_store(f"sqlite:///{tmp_path / 'lcm.db'}")) as store:
        before = set(tmp_path.glob("*.lock.db"))
        with store.exclusive("publish"):
            [lock] = set(tmp_path.glob("*.lock.db")) - before
        lock.unlink()
        lock.mkdir() if broken == "a folder" else lock.write_bytes(b"no database" * 100)
        with (
            pytest.raises(StoreError, match="this lock of the store cannot be used: ") as raised,
            store.exclusive("publish"),
        ):
            pytest.fail("it is held")
        assert raised.value.where == str(lock)
        assert "does the worker's account own the file?" in str(raised.value)
        shutil.rmtree(lock) if broken == "a folder" else lock.unlink()
        with store.exclusive("publish") as held:
            assert held


@pytest.mark.parametrize("wrong", ["nonsense", "oracle99://x/y", "sqlite:////proc/nowhere/lcm.db"])
def test_an_address_that_cannot_be_used_says_so_without_a_traceback(wrong: str) -> None:
    with pytest.raises(ConfigError, match="store"):
        open_store(wrong)


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(ConfigError) as caught:
        open_store("postgresql+psycopg://lcm:secret@127.0.0.1:1/lcm")
    assert "secret" not in str(caught.value)
    assert "PGPASSWORD" in str(caught.value)
    assert "folder" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_keep_every_text_is_refused(postgres_url: str, encoding: str) -> None:
    address = make_url(postgres_url)
    name = f"{address.database}_{encoding.lower()}"
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"))
        try:
            with pytest.raises(ConfigError, match=f"keeps texts as {encoding}, and not as UTF-8") as caught:
                open_store(address.set(database=name).render_as_string(hide_password=False))
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()
    assert "ENCODING 'UTF8'" in str(caught.value)


def test_what_only_a_mistake_of_ours_brings_about_is_not_told_as_a_store_that_failed(url: str) -> None:
    store = open_store(url)
    with pytest.raises(IntegrityError) as caught:
        write_a_cursor_twice(store)
    store.close()
    assert explain_failure(caught.value, url) is None


def test_a_store_that_fails_is_told_with_its_place_and_without_its_password() -> None:
    error = OperationalError("SELECT 1", {}, Exception("the disk is full"))
    told = explain_failure(error, "postgresql+psycopg://lcm:secret@127.0.0.1:1/lcm")
    assert str(told).startswith(
        "store: postgresql+psycopg://lcm:***@127.0.0.1:1/lcm: the store failed: the disk is full."
    )


def ledger_row(key: str, slot: datetime) -> LedgerRow:
    return LedgerRow(
        key=key, forum="f", cohort="c", playbook="p", step="s", slot=slot, action="topic", state="intended",
        payload={"raw": "é"}, created_at=slot, updated_at=slot,
    )  # fmt: skip


def write_a_cursor_twice(store: Store) -> None:
    with store.begin() as session:
        for value in ("1", "2"):
            session.execute(insert(CursorRow).values(forum="f", name="n", value=value))
