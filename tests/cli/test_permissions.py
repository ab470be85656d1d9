"""Files and folders that the worker's account may not read or enter are named, with the reason."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from click.testing import CliRunner, Result

from sync_worker.cli import main
from sync_worker.plays import REGISTRY
from sync_worker.worker.in_force import Live
from tests.cli.place import as_nobody, keep_out

SETTINGS = """\
forum: {url: 'https://forum.invalid', api_username: lcm-bot}
playbooks: [playbooks]
cohorts:
  - {key: spring, name: Spring, start: 2027-03-01, end: 2027-04-09, timezone: Europe/Lisbon, playbook: ours}
"""
LISTED = ("playbook", "list")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Settings with a playbook of one's own, in a folder that everybody may enter."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        (folder / "lcm.yaml").write_text(SETTINGS, encoding="utf-8")
        result = lcm(folder, "playbook", "copy", "first-steps", "ours", "--to", str(folder / "playbooks"))
        assert result.exit_code == 0, result.output
        result = lcm(folder, *LISTED)  # everything is imported before permissions bind
        assert result.exit_code == 0, result.output
        yield folder
        folder.chmod(0o755)
        for within, folders, files in os.walk(folder):  # what is opened is walked next
            for name in (*folders, *files):
                (Path(within) / name).chmod(0o755)


def lcm(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, [*arguments, "--config", str(folder / "lcm.yaml")])


@pytest.mark.parametrize(
    ("closed", "mode", "told"),
    [
        (".", 0o700, "lcm.yaml: cannot be read: Permission denied."),
        ("lcm.yaml", 0o600, "lcm.yaml: cannot be read: Permission denied."),
        ("playbooks", 0o700, "playbooks: cannot be read: Permission denied."),
        ("playbooks", 0o744, "playbooks: cannot be read: Permission denied."),
        ("playbooks/ours", 0o700, "playbooks/ours: cannot be read: Permission denied."),
    ],
)
def test_what_may_not_be_read_is_named(folder: Path, closed: str, mode: int, told: str) -> None:
    keep_out(folder / closed, mode)
    with as_nobody():
        listed, checked = lcm(folder, *LISTED), lcm(folder, "check")
    for result in (listed, checked):
        assert "unexpected" not in result.output
        assert told in result.output.replace("\n", " ")
    assert (listed.exit_code, checked.exit_code) == (2, 5)


@pytest.mark.parametrize("mode", [0o700, 0o744])
def test_texts_that_may_not_be_read_are_not_replaced_by_shipped_ones(folder: Path, mode: int) -> None:
    templates, scratch = folder / "playbooks" / "ours" / "templates", folder / "scratch"
    told = f"{templates}: cannot be read: Permission denied."
    scratch.mkdir()
    scratch.chmod(0o777)
    live = Live.start(folder / "lcm.yaml", REGISTRY, scratch)
    followed = live.playbooks["ours"]
    keep_out(templates, mode)
    with as_nobody():
        result = lcm(folder, "playbook", "check", "ours")
        assert live.look()
    assert result.exit_code == 2, result.output
    assert told in result.output
    assert [told in problem for problem in live.problems] == [True]
    assert live.playbooks["ours"] is followed


@pytest.mark.parametrize("file", ["lcm.yaml", "playbooks/ours/playbook.yml", "playbooks/ours/templates/welcome.en.md"])
def test_an_edit_that_only_its_writer_could_read_is_followed_once_the_worker_may_read_it(
    folder: Path, file: str
) -> None:
    scratch, edited = folder / "scratch", folder / file
    scratch.mkdir()
    scratch.chmod(0o777)
    with as_nobody():
        live = Live.start(folder / "lcm.yaml", REGISTRY, scratch)
    edited.write_text(f"{edited.read_text(encoding='utf-8')}\n", encoding="utf-8")
    keep_out(edited, 0o600)
    with as_nobody():
        assert live.look()
    (problem,) = live.problems
    assert f"{edited}: cannot be read: Permission denied. Let the worker read it." in problem
    edited.chmod(0o644)
    with as_nobody():
        assert live.look()
        assert live.problems == ()
        assert not live.look()
