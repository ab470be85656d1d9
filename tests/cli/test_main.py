from __future__ import annotations

import inspect
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from sync_worker import __version__
from sync_worker.cli import COMMANDS, SUMMARIES, Lcm, main
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


HEAVY = ("alembic", "bs4", "flask", "jinja2", "openpyxl", "pydantic", "requests", "rich", "sqlalchemy", "yaml")
ALWAYS = frozenset(f"sync_worker.{name}" for name in ("cli", "errors"))
OF_A_COMMAND = ALWAYS | {f"sync_worker.{name}" for name in ("cli.commands", "cli.options")}
OF_PRACTICE = frozenset(
    f"sync_worker.{name}"
    for name in (
        "demo",
        "practice_forum",
        "practice_forum.dialects",
        "practice_forum.server",
        "practice_forum.server.options",
    )
)


def imported_by(*arguments: str) -> set[str]:
    """What `lcm` with these arguments has imported when it ends."""
    script = (
        "import sys; from sync_worker.cli import main; main(sys.argv[1:], standalone_mode=False); "
        "print(*sys.modules, sep='\\n', file=sys.stderr)"
    )
    ran = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=True)
    return set(ran.stderr.split())


def of_ours(modules: set[str]) -> set[str]:
    return {name for name in modules if name.startswith("sync_worker.")}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["-h"]])
def test_help_and_version_start_at_once_for_they_import_no_command_and_no_large_library(arguments: list[str]) -> None:
    imported = imported_by(*arguments)
    assert of_ours(imported) == ALWAYS
    assert imported.isdisjoint(HEAVY)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_imports_its_options_and_nothing_of_its_work(name: str) -> None:
    imported = imported_by(name, "--help")
    own = COMMANDS[name].split(":")[0]
    assert of_ours(imported) <= OF_A_COMMAND | {own} | (OF_PRACTICE if own.endswith(".practice") else frozenset())
    assert imported.isdisjoint(HEAVY)


def commands(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, with its whole name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, *path, name)
        else:
            yield (*path, name), command


assert isinstance(main, click.Group)
ALL = [(" ".join(path), command) for path, command in commands(main)]


@pytest.mark.parametrize("command", [command for _, command in ALL], ids=[name for name, _ in ALL])
def test_the_options_of_a_command_are_the_arguments_of_its_work(
    command: click.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setitem(command.callback.__globals__, "carry_out", lambda work, **_: asked.append(work))  # type: ignore[union-attr]
    given = {parameter.name for parameter in command.params if parameter.name is not None}
    with click.Context(command):
        assert command.callback is not None
        command.callback(**dict.fromkeys(given))
    module, function = asked[0].split(":")
    work = getattr(import_module(f"sync_worker.cli.{module}"), function)
    assert set(inspect.signature(work).parameters) == given


def test_the_version_is_told() -> None:
    assert __version__ in CliRunner().invoke(main, ["--version"]).stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_exists_and_has_help(name: str) -> None:
    module, attribute = COMMANDS[name].split(":")
    command = getattr(import_module(module), attribute)
    assert command.help
    assert CliRunner().invoke(main, [name, "--help"]).exit_code == 0
