from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from sync_worker import __version__
from sync_worker.cli import COMMANDS, Lcm, main
from sync_worker.cli.summaries import SUMMARIES
from sync_worker.errors import ConfigError, ForumError, LcmError, PartialError, RefusedError, UsageError


def group_that_raises(error: BaseException) -> click.Command:
    group = Lcm("lcm")

    @click.command()
    def fail() -> None:
        raise error

    group.get_command = lambda ctx, cmd_name: fail  # type: ignore[method-assign]
    return group


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("wrong."), 2),
        (ConfigError("wrong."), 2),
        (RefusedError("no."), 3),
        (PartialError("half."), 4),
        (ForumError("gone."), 5),
        (LcmError("odd."), 1),
        (ZeroDivisionError("ouch"), 1),
    ],
)
def test_every_failure_is_one_message_and_an_exit_code(error: Exception, code: int) -> None:
    result = CliRunner().invoke(group_that_raises(error), ["fail"])
    assert result.exit_code == code
    assert result.stdout == ""
    assert result.stderr.startswith("lcm: ")
    assert "Traceback" not in result.stderr


def test_an_unknown_command_or_option_exits_with_2() -> None:
    assert CliRunner().invoke(main, ["syncc"]).exit_code == 2
    assert CliRunner().invoke(main, ["playbook", "list", "--nope"]).exit_code == 2


def test_the_help_lists_every_command_with_a_whole_sentence() -> None:
    shown = " ".join(CliRunner().invoke(main, ["--help"]).stdout.split())
    assert list(SUMMARIES) == list(COMMANDS)
    for name, sentence in SUMMARIES.items():
        assert sentence.endswith(".")
        assert f"{name} {sentence}" in shown


HEAVY = ("alembic", "flask", "jinja2", "lxml", "openpyxl", "pydantic", "requests", "rich", "sqlalchemy", "yaml")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["-h"]])
def test_help_and_version_start_at_once_for_they_import_no_command_and_no_large_library(arguments: list[str]) -> None:
    script = (
        "import sys; from sync_worker.cli import main; main(sys.argv[1:], standalone_mode=False); "
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    imported = set(ran.stderr.split())
    assert {name for name in imported if name.startswith("sync_worker.")} == {
        "sync_worker.cli",
        "sync_worker.cli.log_format",
        "sync_worker.cli.summaries",
        "sync_worker.errors",
        "sync_worker.extras",
    }
    assert imported.isdisjoint(HEAVY)


def test_the_version_is_told() -> None:
    assert __version__ in CliRunner().invoke(main, ["--version"]).stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_and_has_help(name: str) -> None:
    module, attribute = COMMANDS[name].split(":")
    command = getattr(import_module(module), attribute)
    assert command.help
    assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0
