"""A source of one's own is looked up by its entry point, and its failures are told as what they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sync_worker.config.rosters import PluginRosterSettings
from sync_worker.errors import ConfigError, RosterError, SourceError
from sync_worker.model import Roster
from sync_worker.rosters.entry_point import read_plugin_roster
from sync_worker.rosters.row_reader import KnownCohorts

Read = Callable[..., Roster]
HEAD = "from sync_worker.model import RejectedRow\nfrom sync_worker.rosters.rows import Row\n"


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Read:
    """Installs a package whose entry point `mine` is the function `rows`, and reads it."""

    def read_it(body: str, name: str = "mine", **options: Any) -> Roster:
        module = f"mine_{abs(hash(request.node.name))}"
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[discourse_lcm.rosters]\nmine = {module}:rows\n", encoding="utf-8")
        (tmp_path / f"{module}.py").write_text(HEAD + body, encoding="utf-8")
        monkeypatch.syspath_prepend(tmp_path)
        settings = PluginRosterSettings(plugin=name, options=options)
        return read_plugin_roster(settings, KnownCohorts(("spring",)), datetime.now(UTC), {"TOKEN": "t"})

    return read_it


def test_it_gets_its_options_and_the_environment_and_yields_rows(read: Read) -> None:
    roster = read(
        "def rows(options, now, environment):\n"
        "    assert environment['TOKEN'] == 't' and now.tzinfo\n"
        "    yield Row('a', {'email': options['email'], 'cohort': 'spring'})\n"
        "    yield Row('b', {'email': 'ben', 'cohort': 'spring'})\n"
        "    yield RejectedRow('c', 'cannot be read.')\n",
        email="ana@x.org",
    )
    assert [enrolment.person.email for enrolment in roster.enrolments] == ["ana@x.org"]
    assert [(row.where, row.reason) for row in roster.rejected] == [
        ("b", "email 'ben' is not an e-mail address."),
        ("c", "cannot be read."),
    ]


def test_that_somebody_left_does_not_count_while_another_row_about_them_is_rejected(read: Read) -> None:
    roster = read(
        "def rows(options, now, environment):\n"
        "    ana = {'email': 'ana@x.org', 'cohort': 'spring'}\n"
        "    yield Row('a', ana | {'status': 'withdrawn'})\n"
        "    yield Row('b', ana | {'name': ['Ana']})\n"
        "    yield Row('c', {'email': 'ben@x.org', 'cohort': 'spring'})\n"
    )
    assert [enrolment.person.email for enrolment in roster.enrolments] == ["ben@x.org"]
    assert len(roster.rejected) == 1


def test_one_that_breaks_half_way_is_no_smaller_roster(read: Read) -> None:
    with pytest.raises(SourceError, match=r"plugin mine: the source broke: KeyError: 'x'"):
        read("def rows(o, n, e):\n    yield Row('a', {'email': 'ana@x.org', 'cohort': 'spring'})\n    {}['x']\n")


def test_one_that_yields_nobody_is_refused(read: Read) -> None:
    with pytest.raises(RosterError, match="plugin mine: the source yields nobody"):
        read("def rows(o, n, e):\n    return []\n")


def test_one_that_is_not_installed_is_a_configuration_error(read: Read) -> None:
    with pytest.raises(ConfigError, match=r"no installed package has an entry point 'mien' .* Did you mean 'mine'"):
        read("def rows(o, n, e): return []\n", name="mien")


def test_one_that_cannot_be_loaded_is_a_configuration_error(read: Read) -> None:
    with pytest.raises(ConfigError, match=r"'mine' \(mine_\d+:rows\) cannot be loaded: ZeroDivisionError"):
        read("1 / 0\n")
