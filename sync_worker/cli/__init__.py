"""The command `lcm`: the only place that prints, reads arguments and sets exit codes."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO

import click

from sync_worker import __version__
from sync_worker.errors import LcmError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType


COMMANDS = {
    "init": "sync_worker.cli.commands.setup:init",
    "check": "sync_worker.cli.commands.setup:check",
    "sync": "sync_worker.cli.commands.membership:sync",
    "people": "sync_worker.cli.commands.membership:people",
    "facts": "sync_worker.cli.commands.people:facts",
    "cohort": "sync_worker.cli.commands.membership:cohort",
    "playbook": "sync_worker.cli.commands.playbooks:playbook",
    "rehearse": "sync_worker.cli.commands.playbooks:rehearse",
    "drafts": "sync_worker.cli.commands.desk:drafts",
    "desk": "sync_worker.cli.commands.desk:desk",
    "roundup": "sync_worker.cli.commands.outcomes:roundup",
    "stories": "sync_worker.cli.commands.outcomes:stories",
    "resources": "sync_worker.cli.commands.outcomes:resources",
    "commitments": "sync_worker.cli.commands.outcomes:commitments",
    "briefings": "sync_worker.cli.commands.outcomes:briefings",
    "briefing": "sync_worker.cli.commands.outcomes:briefing",
    "survey": "sync_worker.cli.commands.outcomes:survey",
    "case-study": "sync_worker.cli.commands.outcomes:case_study",
    "participation": "sync_worker.cli.commands.people:participation",
    "network": "sync_worker.cli.commands.people:network",
    "pairs": "sync_worker.cli.commands.people:pairs",
    "blockers": "sync_worker.cli.commands.desk:blockers",
    "practices": "sync_worker.cli.commands.practices:practices",
    "nudges": "sync_worker.cli.commands.people:nudges",
    "assignment": "sync_worker.cli.commands.desk:assignment",
    "session": "sync_worker.cli.commands.people:session",
    "report": "sync_worker.cli.commands.outcomes:report",
    "run": "sync_worker.cli.commands.service:run",
    "retry": "sync_worker.cli.commands.service:retry",
    "recover": "sync_worker.cli.commands.service:recover",
    "status": "sync_worker.cli.commands.service:status",
    "history": "sync_worker.cli.commands.service:history",
    "webhooks": "sync_worker.cli.commands.setup:webhooks",
    "store": "sync_worker.cli.commands.stores:store",
    "forget": "sync_worker.cli.commands.stores:forget",
    "export": "sync_worker.cli.commands.stores:export",
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


# What each command does, in a sentence: `lcm --help` shows these without importing a single command.


SUMMARIES = {
    "init": "Write a commented lcm.yaml and a small roster.csv.",
    "check": "Check configuration, connection, key, rights and the forum's settings.",
    "sync": "Compare the roster with the forum, and make them agree.",
    "people": "Settle whose an account is, where roster and forum contradict each other.",
    "facts": "Import, list, show and forget what is known of people beyond who they are.",
    "cohort": "List the cohorts; pause, resume or shift the journey of one.",
    "playbook": "List, check, show, preview and run the plans for a cohort's journey.",
    "rehearse": "Play a whole playbook with the real roster on a practice forum.",
    "drafts": "List and decide on texts that wait for an LCM's decision.",
    "desk": "Take in what was decided on the forum, and bring the desks up to date.",
    "roundup": "Show the roundup that would be written now, and why.",
    "stories": "Show the posts that could be told as a story, best first.",
    "resources": "Show which resources a cohort got, and how often each was opened.",
    "commitments": "Show what the people of a cohort planned, and what became of it.",
    "briefings": "Show the mails to managers, and what they answered.",
    "briefing": "Enter what a manager answered by mail; end their mails.",
    "survey": "Show what came back to the questions of a survey.",
    "case-study": "Look into what came of a programme: answers, guide, notes, report.",
    "participation": "Show how learners take part, and who may need a hand.",
    "network": "Show who answers whom, and who is connected to nobody.",
    "pairs": "Show who was brought together with whom.",
    "blockers": "Show what hinders people, who looks after it; say that it is solved.",
    "practices": "Mark posts as practice; show what the library keeps, and what fits a week.",
    "nudges": "Show whether messages to silent people helped.",
    "assignment": "Show who has not answered a task; give individual people more time.",
    "session": "Read who was at a live session.",
    "report": "Write a report on one cohort or all, as HTML and CSV.",
    "run": "Look after all cohorts and their people until stopped.",
    "retry": "List what was given up, and try it again or drop it.",
    "recover": "Show what a restored forum has lost, and bring it back.",
    "status": "Show each cohort: what was done, what waits, what comes next.",
    "history": "Show what the worker did on the forum, or was about to do.",
    "webhooks": "Let the forum tell the worker when something happens.",
    "store": "Move the store to another database, or back to an older version's tables.",
    "forget": "Forget a person everywhere, and prove it by a search.",
    "export": "Write all that is held about a person, as JSON.",
    "practice-forum": "Serve a small forum to try everything out on.",
    "demo": "Play six weeks of two cohorts on a practice forum.",
}


# The log: never an e-mail address, never what an unexpected error quotes, never the addresses of calls.


if TYPE_CHECKING:
    Caught = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# At the level of debugging it logs the address of every call, with what is searched for: names and e-mail addresses.
SPEAKS_OF_ADDRESSES = "urllib3"


def set_up_logging(stream: TextIO, level: str) -> None:
    """Log to a stream from a level (such as "info") on, unless logging was set up already."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(PrivateFormatter(FORMAT))
    logging.basicConfig(handlers=[handler], level=level.upper())
    logging.getLogger(SPEAKS_OF_ADDRESSES).setLevel(logging.CRITICAL)


def set_up_service_log(form: str, secrets: Iterable[str]) -> None:
    """Log as `lcm.yaml` says, as `text` or `json`; what is secret is in no line, whatever it comes from."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler.formatter, PrivateFormatter):
            made = JsonFormatter() if form == "json" else PrivateFormatter(FORMAT)
            made.secrets = tuple(secret for secret in secrets if secret)
            handler.setFormatter(made)


class PrivateFormatter(logging.Formatter):
    """Shows where an unexpected error arose, but not its words, which may quote people.

    Takes e-mail addresses and the `secrets` out.
    """

    secrets: tuple[str, ...] = ()

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as text."""
        return self.private(super().format(record))

    def private(self, text: str) -> str:
        """Return a text without what no log may have."""
        # Only when something is logged: `lcm --help` logs nothing, and shall start at once.
        from sync_worker.http import without_emails  # noqa: PLC0415

        for secret in self.secrets:
            text = text.replace(secret, "[key]")
        return without_emails(text)

    def formatException(self, ei: Caught) -> str:  # noqa: N802  (logging's own name)
        """Return the traceback of an error and of those behind it."""
        lines: list[str] = []
        error = ei[1]
        while error is not None:
            words = str(error) if isinstance(error, LcmError) else "(its words are left out, as they may quote people)"
            of_error = [*traceback.format_tb(error.__traceback__), f"{type(error).__name__} {words}"]
            lines = [*of_error, *(["which led to:"] if lines else []), *lines]
            error = error.__cause__ or error.__context__
        return "\n".join(line.rstrip("\n") for line in lines)


class JsonFormatter(PrivateFormatter):
    """One JSON object a line: `at` (ISO 8601, UTC), `level`, `logger`, `message`, and `trace` of unexpected errors."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as one line of JSON."""
        shown = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self.private(record.getMessage()),
        }
        if record.exc_info:
            shown["trace"] = self.private(self.formatException(record.exc_info))
        return json.dumps(shown, ensure_ascii=False)
