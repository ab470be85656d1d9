"""Several processes share the work of several forums: nothing is lost, nothing is doubled, whichever of them dies."""

from __future__ import annotations

import json
import os
import random
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from procrastinate.schema import SchemaManager
from sqlalchemy import create_engine, func, make_url, select, text

from sync_worker.cli import main
from sync_worker.errors import ConfigError
from sync_worker.store.database import SERVER_KEEPALIVES, Store, open_store
from sync_worker.store.jobs import LONGEST_QUEUE, SCHEMA, prepare_queue, queue_of, read_queue
from sync_worker.store.tables import BudgetRow, CallRow, CallWaiterRow, LedgerRow
from tests.worker.cluster_site import LONGEST, WANTED, Site, site_of

if TYPE_CHECKING:
    from tests.conftest import PracticeForum

FORUMS = 3
DEATHS = 6
LIMIT = 15  # calls a minute: fewer than the work of a forum needs
TABLES = "CREATE TABLE procrastinate_jobs (id integer, queue_name text, status text)"


@pytest.fixture
def make_site(
    tmp_path: Path, postgres_url: str, make_practice_forum: Callable[..., PracticeForum]
) -> Iterator[Callable[..., Site]]:
    sites = []

    def make(forums: int, **options: object) -> Site:
        sites.append(site_of(tmp_path, postgres_url, [make_practice_forum(**options) for _ in range(forums)]))
        return sites[-1].__enter__()

    yield make
    for site in sites:
        site.__exit__(None, None, None)


@pytest.fixture
def store(postgres_url: str) -> Iterator[Store]:
    with closing(open_store(postgres_url)) as store:
        yield store


@pytest.mark.slow
def test_processes_that_are_killed_lose_nothing_and_double_nothing(
    make_site: Callable[..., Site], store: Store
) -> None:
    site = make_site(FORUMS)
    site.write()
    chance = random.Random(16)
    site.start(), site.start()
    for _ in range(DEATHS):
        before = site.done()
        site.wait_for(lambda before=before: site.done() > before or site.titles() == [WANTED] * FORUMS)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.2))
        victim = chance.choice([process for process in site.processes if process.is_alive()])
        victim.kill()
        site.start()
    site.wait_for(site.all_at_work)
    end_all_connections(store)
    site.wait_for(lambda: site.titles() == [WANTED] * FORUMS)
    all_done = {"done": FORUMS * WANTED.total()}
    site.wait_for(lambda: states_of_topics(store) == all_done)  # a lost connection may have kept one from being noted
    time.sleep(1.5)  # another look of each job
    assert site.stop() == [0, 0], site.logged()
    assert site.titles() == [WANTED] * FORUMS
    assert states_of_topics(store) == all_done
    assert "IntegrityError" not in site.logged()


def states_of_topics(store: Store) -> Counter[str]:
    """How far the topics are, as the store has noted it."""
    with store.begin() as session:
        return Counter(session.scalars(select(LedgerRow.state).where(LedgerRow.action == "topic")))


def end_all_connections(store: Store) -> None:
    """What a restart of the database does to processes."""
    with store.engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    store.engine.dispose()


@pytest.mark.slow
def test_processes_never_make_more_calls_together_than_a_forum_allows(
    make_site: Callable[..., Site], store: Store
) -> None:
    site = make_site(2, admin_requests_per_minute=LIMIT + 2)  # two calls made the group and the category
    site.write(calls_a_minute=LIMIT)
    first, _ = site.start(), site.start()
    site.wait_for(lambda: calls_of(store) > LIMIT)
    first.kill()  # what it had asked for counts, though nobody tells what became of it
    site.start()
    site.wait_for(lambda: calls_of(store) == 2 * LIMIT and waiting_in(store) == 2)
    time.sleep(1.0)
    with store.begin() as session:
        assert set(session.scalars(select(BudgetRow.paused_until))) == {0.0}  # no forum ever sent us away
        assert session.scalar(select(func.count()).select_from(CallRow)) == 2 * LIMIT
    assert site.stop() == [0, 0], site.logged()  # in the middle of a wait


def calls_of(store: Store) -> int:
    with store.begin() as session:
        return session.scalar(select(func.count()).select_from(CallRow)) or 0


def waiting_in(store: Store) -> int:
    """How many forums have a caller that waits for its budget."""
    with store.begin() as session:
        return session.scalar(select(func.count(CallWaiterRow.forum.distinct()))) or 0


@pytest.mark.slow
def test_processes_are_seen_from_outside_and_one_of_them_takes_in_what_changes(
    make_site: Callable[..., Site], store: Store
) -> None:
    site, port = make_site(1), free_port()
    site.write(more=f"service: {{listen: '{port}'}}\n")
    forum = site.forums[0].url.removeprefix("http://")
    leave_a_job_of_a_dead_process(store, forum)
    site.start(), site.start()
    url = f"http://127.0.0.1:{port}"

    site.wait_for(lambda: site.titles() == [WANTED] and processes_alive(store) == 2)
    site.wait_for(lambda: requests.get(f"{url}/readyz", timeout=60).ok)
    assert requests.get(f"{url}/readyz", timeout=60).json() == {"ready": True, "reasons": []}
    assert requests.get(f"{url}/healthz", timeout=60).ok
    metrics = requests.get(f"{url}/metrics", timeout=60).text
    assert f'lcm_jobs{{forum="{forum}",state="waiting"}}' in metrics
    assert "lcm_cluster_processes 2" in metrics
    shown = CliRunner().invoke(main, ["status", "--json", "--config", str(site.file(0))])
    assert json.loads(shown.stdout)["cluster"]["processes"] == 2
    assert "Cluster: 2 processes on this store; jobs of this forum:" in CliRunner().invoke(
        main, ["status", "--config", str(site.file(0))]
    ).stdout  # fmt: skip
    assert site.stop() == [0, 0], site.logged()
    assert site.logged().count("this one does not listen") == 1
    assert site.logged().count("a process ended in the middle of 'what is due'; it is done again") == 1
    state = read_queue(store, forum)
    assert state is not None
    assert (state.processes, state.running) == (0, 0)


@pytest.mark.slow
def test_a_process_whose_clock_is_wrong_takes_no_job_from_the_others(make_site: Callable[..., Site]) -> None:
    site = make_site(1)
    site.write()
    site.start(ahead=3600.0)
    site.wait_for(lambda: "3600 s ahead of that of the store's database" in site.logged())
    site.start()
    site.wait_for(lambda: site.titles() == [WANTED])
    assert site.stop() == [0, 0], site.logged()
    wrong = site.logs[0].read_text(encoding="utf-8")
    assert "topic done" not in wrong
    assert wrong.count("ahead of") == 1


@pytest.mark.slow
def test_a_process_ends_where_another_version_changes_the_tables(make_site: Callable[..., Site], store: Store) -> None:
    site = make_site(1)
    site.write()
    process = site.start()
    site.wait_for(site.all_at_work)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    process.join(LONGEST)
    assert process.exitcode == 5, site.logged()
    assert "the tables are those of '9999_later' now" in site.logged()


@pytest.mark.slow
def test_hosts_share_the_work_and_one_that_loses_its_network_leaves_it_to_the_other(
    make_site: Callable[..., Site], store: Store
) -> None:
    with network(2) as (address, hosts):
        site = make_site(2)
        with ExitStack() as stack:
            ports = [stack.enter_context(forwarded(address, urlsplit(forum.url).port or 0)) for forum in site.forums]
            database = stack.enter_context(forwarded(address, store.engine.url.port or 5432))
            site.write(
                read_timeout=5,  # so long a call waits that was under way when the network went
                addresses=[f"http://{address}:{port}" for port in ports],
                store=store.engine.url.set(host=address, port=database).render_as_string(hide_password=False),
            )
            for host in hosts:
                site.start(host)
            site.wait_for(lambda: site.done() > 2)
            ip("link", "set", hosts[0], "down")
            site.wait_for(lambda: site.titles() == [WANTED] * 2)
            site.wait_for(lambda: processes_alive(store) == 1)
            ip("link", "set", hosts[0], "up")
            site.wait_for(lambda: processes_alive(store) == 2)
            assert site.stop() == [0, 0], site.logged()
        assert site.titles() == [WANTED] * 2


def leave_a_job_of_a_dead_process(store: Store, forum: str) -> None:
    """A job that a process had begun when it died, and that lets nobody work on the forum until it is taken back."""
    prepare_queue(store, SchemaManager.get_schema(), version("procrastinate"))
    with store.engine.begin() as connection:
        connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
        worker = connection.scalar(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id")
        )
        connection.execute(
            text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, worker_id) "
                "VALUES (:queue, 'look', :lock, :waiting, CAST(:args AS jsonb), 'doing', :worker)"
            ),
            {
                "queue": queue_of(forum),
                "lock": queue_of(forum),
                "waiting": f"{queue_of(forum)} what is due",
                "args": json.dumps({"forum": forum, "kind": "what is due", "timestamp": 1}),
                "worker": worker,
            },
        )


def processes_alive(store: Store) -> int:
    state = read_queue(store, "any", 1.5)
    return state.processes if state is not None else 0


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@contextmanager
def network(number: int) -> Iterator[tuple[str, list[str]]]:
    """Network namespaces as hosts, and an address of this machine that all of them reach, each by a line of its own."""
    name, address = f"l{os.getpid()}", "10.213.200.1"
    hosts = [f"{name}{place}" for place in range(number)]
    try:
        ip("netns", "add", hosts[0])
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no network namespaces on this machine, they need root and ip ({type(error).__name__})")
    with ExitStack() as stack:
        stack.callback(ip, "netns", "del", hosts[0])
        for host in hosts[1:]:
            ip("netns", "add", host)
            stack.callback(ip, "netns", "del", host)
        ip("address", "add", f"{address}/32", "dev", "lo")
        stack.callback(ip, "address", "del", f"{address}/32", "dev", "lo")
        for place, host in enumerate(hosts):
            ip("link", "add", host, "type", "veth", "peer", "name", "line", "netns", host)
            ip("address", "add", f"10.213.{place}.1/30", "dev", host)
            ip("link", "set", host, "up")
            ip("-n", host, "address", "add", f"10.213.{place}.2/30", "dev", "line")
            ip("-n", host, "link", "set", "line", "up")
            ip("-n", host, "route", "add", f"{address}/32", "via", f"10.213.{place}.1")
        yield address, hosts


@contextmanager
def forwarded(address: str, port: int) -> Iterator[int]:
    """Let a port of this machine's own address be reached from its namespaces; gives the port to call."""
    with socket.create_server((address, 0)) as server:
        threading.Thread(target=take_in, args=(server, port), daemon=True).start()
        yield server.getsockname()[1]


def take_in(server: socket.socket, port: int) -> None:
    with suppress(OSError):  # it was closed
        while True:
            caller, _ = server.accept()
            # As a store's server does it (a test below): who is gone for seconds is let go.
            for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1), (socket.TCP_KEEPCNT, 2)):
                caller.setsockopt(socket.IPPROTO_TCP, option, value)
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 2_000)
            threading.Thread(target=connect, args=(caller, port), daemon=True).start()


def connect(caller: socket.socket, port: int) -> None:
    with caller, suppress(OSError), socket.create_connection(("127.0.0.1", port)) as called:
        back = threading.Thread(target=hand_on, args=(called, caller), daemon=True)
        back.start()
        hand_on(caller, called)
        back.join()


def hand_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def test_the_server_lets_go_of_a_host_that_is_gone_within_half_a_minute(store: Store) -> None:
    with store.engine.connect() as connection:
        shown = [connection.scalar(text(f"SHOW {name}")) for name in SERVER_KEEPALIVES]
        mine = connection.connection.dbapi_connection.info  # type: ignore[union-attr]
    assert shown == ["15", "5", "3"]
    assert mine.get_parameters()["keepalives_idle"] == "15"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


# What is refused, and what is made.


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, ["run", *arguments], env={"DISCOURSE_API_KEY": "k" * 64})
    assert result.exit_code == 2, result.output
    return " ".join(result.stderr.split())


def settings_file(folder: Path, name: str, *, url: str = "", store: str = "", more: str = "") -> list[str]:
    today = datetime.now(UTC).date()
    dates = f"start: {today}, end: {today + timedelta(9)}, timezone: UTC"
    (folder / name).write_text(
        f"forum: {{url: '{url or f'https://{name}.example.org'}'}}\n{f'store: {store}' if store else ''}\n{more}\n"
        f"cohorts: [{{key: aa, name: A, {dates}, playbook: first-steps}}]\n",
        encoding="utf-8",
    )
    return ["--config", str(folder / name)]


def test_what_cannot_be_shared_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    one, two = settings_file(tmp_path, "one"), settings_file(tmp_path, "two")
    again = settings_file(tmp_path, "again", url="https://one.example.org")
    elsewhere = settings_file(tmp_path, "elsewhere", store="postgresql+psycopg://lcm@127.0.0.1:9/lcm")
    here = settings_file(tmp_path, "here", more="service: {listen: '8095'}")
    there = settings_file(tmp_path, "there", more="service: {listen: '8095'}")
    assert "one process looks after one forum" in run(*one, *two)
    assert "have the same forum" in run("--cluster", *one, *again)
    assert "have the same service.listen" in run("--cluster", *here, *there)
    assert "name different stores" in run("--cluster", *one, *elsewhere)
    refused = run("--cluster", *one)
    assert "needs a store in PostgreSQL; this one is in sqlite" in refused
    assert "lcm store move postgresql+psycopg://" in refused


def test_the_queue_is_made_once_and_anew_for_another_version(store: Store) -> None:
    prepare_queue(store, TABLES, "3.9")
    put_in(store)
    prepare_queue(store, TABLES, "3.9")
    assert jobs_in(store) == 1
    prepare_queue(store, TABLES, "3.10")
    assert jobs_in(store) == 0


def test_a_schema_with_tables_of_others_is_not_made_anew(store: Store) -> None:
    prepare_queue(store, TABLES, "3.9")
    with store.engine.begin() as connection:
        connection.execute(text(f"CREATE TABLE {SCHEMA}.savings (sum integer)"))
    with pytest.raises(ConfigError, match="tables that are not of the queue"):
        prepare_queue(store, TABLES, "3.10")


def put_in(store: Store) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(f"INSERT INTO {SCHEMA}.procrastinate_jobs VALUES (1, 'q', 'todo')"))


def jobs_in(store: Store) -> int:
    with store.engine.begin() as connection:
        return connection.scalar(text(f"SELECT count(*) FROM {SCHEMA}.procrastinate_jobs")) or 0


def test_an_account_that_may_make_no_schema_is_told_what_an_owner_has_to_run(store: Store) -> None:
    name = f"lcm_limited_{os.getpid()}"
    owner = create_engine(store.engine.url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text(f"CREATE ROLE {name} LOGIN"))
        try:
            limited = make_url(store.engine.url).set(username=name)
            engine = create_engine(limited)
            as_limited = Store(engine, store.sessions)
            with pytest.raises(ConfigError) as caught:
                prepare_queue(as_limited, TABLES, "3.10")
            assert caught.value.do is not None
            connection.execute(text(caught.value.do.partition(": ")[2].partition(";")[0]))
            prepare_queue(as_limited, TABLES, "3.10")
            assert read_mark(store) == "procrastinate 3.10"
            engine.dispose()
        finally:
            connection.execute(text(f"DROP OWNED BY {name} CASCADE"))
            connection.execute(text(f"DROP ROLE {name}"))
    owner.dispose()


def read_mark(store: Store) -> str:
    with store.engine.begin() as connection:
        found = connection.scalar(text(f"SELECT obj_description('{SCHEMA}'::regnamespace, 'pg_namespace')"))
        return str(found)


@settings(max_examples=30)
@given(st.lists(st.text(min_size=1, max_size=255), min_size=2, max_size=9, unique=True))
def test_every_forum_has_a_queue_of_its_own_whose_name_is_short_enough(names: list[str]) -> None:
    queues = [queue_of(name) for name in names]
    assert len(set(queues)) == len(names)
    assert all(len(queue.encode()) <= LONGEST_QUEUE for queue in queues)
