"""A library of an extra that is not installed is named, with the command that installs it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from string import Template

import pytest

from sync_worker.errors import ConfigError
from sync_worker.extras import EXTRA_OF
from sync_worker.playbook.schedule import public_holidays, write_calendar
from sync_worker.signals.network import network_of
from sync_worker.timeline import Recurrence

CONFIG = Template("""
forum: {url: "http://127.0.0.1:9", key_env: NO_KEY}
store: $store
roster: $roster
cohorts: [{key: spring, name: Spring, start: 2027-03-01, end: 2027-05-31, timezone: UTC}]
""")
XLSX = "{xlsx: r.xlsx}"
LTI = (
    '{nrps: "https://lms.example.org", client_id: tool, token_url: "https://lms.example.org/token", key_file: key.pem,'
    ' key_id: one, contexts: [{url: "https://lms.example.org/c/1", cohort: spring}]}'
)
SQL = '{sql: ROSTER_DB, enrolments_query: "select 1"}'
SQLITE = "sqlite:///lcm.db"
POSTGRES = "postgresql+psycopg://lcm@127.0.0.1:9/lcm"


def lcm_without(
    folder: Path, library: str, *arguments: str, config: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `lcm` in a folder where a library cannot be imported, as if it were not installed."""
    (folder / "lcm.yaml").write_text(config, encoding="utf-8")
    (folder / "r.xlsx").touch()
    script = f"import sys; sys.modules[{library!r}] = None; from sync_worker.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=folder,
        env={"PYTHONPATH": str(Path(__file__).parents[1]), "PATH": "", "HOME": str(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("library", "extra", "roster", "store", "feature"),
    [
        ("openpyxl", "xlsx", XLSX, SQLITE, "a roster in Excel's format"),
        ("jwt", "lti", LTI, SQLITE, "a roster over LTI"),
        ("cryptography", "lti", LTI, SQLITE, "a roster over LTI"),
        ("psycopg", "postgres", SQL, SQLITE, "a roster in PostgreSQL"),
        ("psycopg", "postgres", "{csv: r.csv}", POSTGRES, "a store in PostgreSQL"),
    ],
)
def test_a_sync_without_the_library_names_it_and_the_command_that_installs_it(
    tmp_path: Path, library: str, extra: str, roster: str, store: str, feature: str
) -> None:
    config = CONFIG.substitute(roster=roster, store=store)
    ran = lcm_without(tmp_path, library, "sync", config=config, NO_KEY="k" * 64, ROSTER_DB=POSTGRES)
    assert f"{feature} needs the library '{library}', which is not installed." in ran.stderr
    assert f"Run: {sys.executable} -m pip install 'discourse-lcm[{extra}]'" in ran.stderr
    assert ran.returncode == 2


@pytest.mark.parametrize("library", [name for name, extra in EXTRA_OF.items() if extra == "cluster"])
def test_several_processes_without_a_library_name_it_and_the_command_that_installs_it(
    tmp_path: Path, library: str
) -> None:
    config = CONFIG.substitute(roster="{csv: r.csv}", store=POSTGRES)
    ran = lcm_without(tmp_path, library, "run", "--cluster", config=config)
    assert f"lcm run --cluster needs the library '{library}', which is not installed." in ran.stderr
    assert "pip install 'discourse-lcm[cluster]'" in ran.stderr
    assert ran.returncode == 2


@pytest.mark.parametrize("library", [name for name, extra in EXTRA_OF.items() if extra == "demo"])
@pytest.mark.parametrize("command", [["demo", "--no-serve", "--weeks", "2"], ["practice-forum", "import", "r.xlsx"]])
def test_the_practice_forum_without_a_library_names_it_and_the_command_that_installs_it(
    tmp_path: Path, library: str, command: list[str]
) -> None:
    ran = lcm_without(tmp_path, library, *command)
    assert f"needs the library '{library}', which is not installed." in ran.stderr
    assert "pip install 'discourse-lcm[demo]'" in ran.stderr
    assert ran.returncode == 2


@pytest.mark.parametrize(
    ("library", "feature", "use"),
    [
        ("holidays", "a calendar of public holidays", lambda: public_holidays.__wrapped__("FR")),
        ("icalendar", "a calendar file", lambda: write_calendar("Spring", (), datetime(2027, 3, 1, tzinfo=UTC))),
        ("dateutil", "a recurrence rule", lambda: next(Recurrence("FREQ=DAILY", time(9)).dates(date(2027, 3, 1)))),
    ],
)
def test_what_playbooks_need_of_calendars_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, library: str, feature: str, use: Callable[[], object]
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == library]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ConfigError) as caught:
        use()
    assert caught.value.what == f"{feature} needs the library '{library}', which is not installed."
    assert caught.value.do == f"Run: {sys.executable} -m pip install 'discourse-lcm[calendar]'"


def test_the_network_without_its_library_names_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "networkx", None)
    with pytest.raises(ConfigError) as caught:
        network_of([1, 2], ())
    assert caught.value.what == "the network of who answers whom needs the library 'networkx', which is not installed."
    assert caught.value.do == f"Run: {sys.executable} -m pip install 'discourse-lcm[network]'"


def test_all_that_needs_no_extra_can_be_imported_without_the_libraries_of_extras() -> None:
    """What the practice forum, the demo, workbooks and LTI are made of needs them, and nothing else."""
    needy = (
        "practice_forum",
        "demo",
        "rehearsal",
        "cli.practice",
        "rosters.tabular.xlsx_file",
        "rosters.tabular.xlsx_sheet",
        "rosters.tabular.xlsx_book",
        "rosters.nrps",
    )
    skipped = (*needy, "store.migrations")  # alembic runs those
    script = (
        f"import sys; sys.modules.update(dict.fromkeys({list(EXTRA_OF)}))\n"
        "import sync_worker; from importlib import import_module; from pkgutil import walk_packages\n"
        f"skipped = tuple('sync_worker.' + name + '.' for name in {skipped})\n"
        "for module in walk_packages(sync_worker.__path__, 'sync_worker.', onerror=lambda name: None):\n"
        "    if not (module.name + '.').startswith(skipped):\n"
        "        import_module(module.name); print(module.name)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert {"sync_worker.cli.sync", "sync_worker.membership", "sync_worker.worker.run"} <= set(ran.stdout.split())
