"""The command `lcm`: the only place that prints, reads arguments and sets exit codes."""

from __future__ import annotations

import logging
import sys
from difflib import get_close_matches
from importlib import import_module
from typing import Any

import click

from sync_worker import __version__
from sync_worker.cli.log_format import set_up_logging
from sync_worker.cli.summaries import SUMMARIES
from sync_worker.errors import LcmError

COMMANDS = {
    "init": "sync_worker.cli.commands.setup:init",
    "check": "sync_worker.cli.commands.setup:check",
    "sync": "sync_worker.cli.commands.sync:sync",
    "people": "sync_worker.cli.commands.people:people",
    "facts": "sync_worker.cli.commands.facts:facts",
    "cohort": "sync_worker.cli.commands.cohort:cohort",
    "playbook": "sync_worker.cli.commands.playbook:playbook",
    "rehearse": "sync_worker.cli.commands.playbook:rehearse",
    "drafts": "sync_worker.cli.commands.drafts:drafts",
    "desk": "sync_worker.cli.commands.drafts:desk",
    "roundup": "sync_worker.cli.commands.reading:roundup",
    "stories": "sync_worker.cli.commands.reading:stories",
    "resources": "sync_worker.cli.commands.reading:resources",
    "commitments": "sync_worker.cli.commands.reading:commitments",
    "survey": "sync_worker.cli.commands.reading:survey",
    "participation": "sync_worker.cli.commands.people:participation",
    "network": "sync_worker.cli.commands.people:network",
    "pairs": "sync_worker.cli.commands.people:pairs",
    "assignment": "sync_worker.cli.commands.assignment:assignment",
    "session": "sync_worker.cli.commands.session:session",
    "report": "sync_worker.cli.commands.reading:report",
    "run": "sync_worker.cli.commands.work:run",
    "retry": "sync_worker.cli.commands.work:retry",
    "recover": "sync_worker.cli.commands.work:recover",
    "status": "sync_worker.cli.commands.reading:status",
    "history": "sync_worker.cli.commands.reading:history",
    "webhooks": "sync_worker.cli.commands.webhooks:webhooks",
    "store": "sync_worker.cli.commands.personal:store",
    "forget": "sync_worker.cli.commands.personal:forget",
    "export": "sync_worker.cli.commands.personal:export",
    "practice-forum": "sync_worker.cli.commands.practice:practice_forum",
    "demo": "sync_worker.cli.commands.practice:demo",
}
LOG = logging.getLogger(__name__)


def _missing_library(error: Exception) -> LcmError | None:
    """Return what to tell where a library of an extra is not installed; None for every other error."""
    if not isinstance(error, ModuleNotFoundError):
        return None
    from sync_worker.extras import missing  # noqa: PLC0415  (`lcm --help` shall start at once)

    return missing(error, "this command")


class Lcm(click.Group):
    """The group of all commands; loads each when it is wanted, and turns errors into one message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which people meet them."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing only its own module."""
        del ctx
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; name the nearest where there is none."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            near = get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else " `lcm --help` lists them."
            ctx.fail(f"No such command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, each with its sentence, without importing any."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, SUMMARIES[name]) for name in COMMANDS])

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; say what went wrong without a traceback."""
        try:
            return super().invoke(ctx)
        except LcmError as error:
            click.echo(f"lcm: {error}", err=True)
            ctx.exit(error.exit_code)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except BrokenPipeError:
            ctx.exit(1)
        except Exception as error:
            problem = _missing_library(error)
            if problem is not None:
                click.echo(f"lcm: {problem}", err=True)
                ctx.exit(problem.exit_code)
            LOG.debug("unexpected", exc_info=True)
            click.echo(
                f"lcm: unexpected {type(error).__name__}: {error}. This is a bug in lcm; "
                "`lcm --log-level debug ...` shows where.",
                err=True,
            )
            ctx.exit(1)


@click.command("lcm", cls=Lcm, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="lcm")
@click.option(
    "--log-level",
    type=click.Choice(["debug", "info", "warning", "error"]),
    default="warning",
    show_default=True,
    envvar="LCM_LOG_LEVEL",
    help="What to log on standard error; `lcm run` logs at info.",
)
def main(log_level: str) -> None:
    """Look after cohorts of learners on a Discourse forum."""
    set_up_logging(sys.stderr, log_level)
