"""Options that several commands have, and how their values are read."""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sync_worker.cli.pretending import note_pretended

if TYPE_CHECKING:
    from collections.abc import Callable

CONFIG_FILE = Path("lcm.yaml")

config_option = click.option(
    "--config",
    "config_file",
    type=click.Path(dir_okay=False, path_type=Path),
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
