"""Options that several commands have, how their values are read, and `--now` in commands that write."""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync_worker.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_worker.forum import Forum


CONFIG_FILE = Path("lcm.yaml")
SETTINGS_FILE = click.Path(dir_okay=False, readable=False, path_type=Path)
"""Whether it may be read is left to who reads it: `lcm check` goes on, and other commands say why."""

config_option = click.option(
    "--config",
    "config_file",
    type=SETTINGS_FILE,
    default=CONFIG_FILE,
    show_default=True,
    envvar="LCM_CONFIG",
    help="Settings.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
by_option = click.option("--by", metavar="NAME", default=getpass.getuser, help="Who decides.", show_default="you")
FILE = click.Path(dir_okay=False, path_type=Path)
cohort_option = click.option("--cohort", metavar="KEY", required=True, help="For this cohort.")


def read_now(context: click.Context, parameter: click.Parameter, value: str | None) -> datetime:
    """Read `--now`, an ISO time with its offset; the present where it is not given."""
    del parameter
    note_pretended(context, pretended=value is not None)
    if value is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a time like 2026-11-02T09:00+00:00.") from None
    if moment.tzinfo is None:
        value = value if len(value) > len("2026-11-02") else f"{value}T09:00"
        raise click.BadParameter(f"it has no offset; write {value}Z or {value}+01:00.")
    return moment.astimezone(UTC)


def now_option(help_text: str) -> Callable[[Any], Any]:
    """Return the option `--now`."""
    return click.option("--now", metavar="ISO", callback=read_now, help=help_text)


def read_day(context: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    """Read a day like 2026-11-02."""
    del context, parameter
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        raise click.BadParameter(f"'{value}' is not a day like 2026-11-02.") from None


# `--now` in commands that write: taken on a practice forum only, which is recognised by itself.


PRETENDED = "sync_worker.pretended_time"
DO = (
    "Leave --now out. `lcm playbook preview STEP --cohort C --on DATE` shows what a step will post without posting it; "
    "to play with time, use a practice forum (lcm practice-forum serve)."
)


def note_pretended(context: click.Context, *, pretended: bool) -> None:
    """Remember whether the command was given another time than the present."""
    context.meta[PRETENDED] = pretended


def is_pretended() -> bool:
    """Whether this command was given another time than the present."""
    context = click.get_current_context(silent=True)
    return bool(context and context.meta.get(PRETENDED))


def refuse_pretended_time(forum: Forum) -> None:
    """Let a command that writes on the forum go by another time only where nobody is misled by it.

    Calls: 1 where another time was given; else none.

    Raises:
        UsageError: another time was given, and this is no practice forum.

    """
    if is_pretended() and not forum.itself.is_practice():
        raise UsageError("this command writes, and goes by the real time on a real forum.", where=forum.url, do=DO)
