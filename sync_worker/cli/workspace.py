"""What most commands open first (settings, store, forum), and how they show columns and progress on a terminal."""

from __future__ import annotations

import json
import sys
import textwrap
import time
import unicodedata
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import click
from sqlalchemy.exc import DBAPIError

from sync_worker.config import load_settings
from sync_worker.config.load import api_key, complete_cohort
from sync_worker.errors import UsageError
from sync_worker.forum import Forum, Patience
from sync_worker.forum.budget import open_budget
from sync_worker.forum.patience import Priority
from sync_worker.forum.transport import StoppableBudget
from sync_worker.rosters.source_cohorts import known_cohorts, take_stock
from sync_worker.store.database import explain_failure, open_store
from sync_worker.wording import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from sync_worker.activity.collect import Progress
    from sync_worker.config import Settings
    from sync_worker.forum.budget import Budget, CallBudget
    from sync_worker.model import Cohort, Person, Roster
    from sync_worker.store.database import Store


@dataclass
class Workspace:
    """The things a command works with, opened when first used and closed at the end."""

    config_file: Path
    opened_store: Store | None = None
    """A store that is open already and that its owner closes; None where it is opened when it is first used."""

    def __post_init__(self) -> None:
        self._open = ExitStack()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        failure = explain_failure(error, self.written.store) if isinstance(error, DBAPIError) else None
        if failure:
            raise failure from error

    @cached_property
    def written(self) -> Settings:
        """The settings as they are written, without cohorts from the source."""
        return load_settings(self.config_file)

    @cached_property
    def settings(self) -> Settings:
        """The settings, with the cohorts that earlier syncs took from the source."""
        return known_cohorts(self.written, self.store) if self.written.cohorts_from else self.written

    def read_roster(self, now: datetime) -> Roster:
        """Read the roster; from then on the settings have the cohorts that it has."""
        self.settings, roster = take_stock(self.written, self.store, now=now)
        return roster

    def roster_people(self, now: datetime) -> list[Person]:
        """Return the roster's people, who say which identifiers are of one person; nobody where there is no roster."""
        return list(self.read_roster(now).everybody) if self.written.sources else []

    @cached_property
    def store(self) -> Store:
        """The store, with its tables up to date."""
        if self.opened_store is not None:
            return self.opened_store
        store = open_store(self.written.store)
        self._open.callback(store.close)
        return store

    @property
    def forum_name(self) -> str:
        """What the store calls the forum."""
        return self.settings.forum.name

    def connect(
        self,
        priority: Priority = Priority.NORMAL,
        *,
        read_only: bool = False,
        sleep: Callable[[float], None] = time.sleep,
        ends_between_calls: bool = False,
    ) -> Forum:
        """Return the forum, within the site's budget of calls; nothing is sent yet.

        `sleep` is for all its waits; with `ends_between_calls` it is asked before each call as well.
        """
        limits = self.settings.forum
        calls = self.budget(priority)
        budget: Budget | None = replace(calls, sleep=sleep) if calls else None
        forum = Forum.connect(
            limits,
            api_key(limits),
            read_only=read_only,
            budget=StoppableBudget(budget, sleep) if ends_between_calls else budget,
            patience=Patience(sleep=sleep),
        )
        return self._open.enter_context(forum)

    def budget(self, priority: Priority) -> CallBudget | None:
        """Return the site's budget of calls, None where it is practically unlimited."""
        limits = self.settings.forum
        return open_budget(self.store.engine, limits.name, limits.calls_per_minute, priority)

    def cohort(self, key: str) -> Cohort:
        """Return the cohort of that key.

        Raises:
            UsageError: there is none; names the nearest.

        """
        for declared in self.settings.cohorts:
            if declared.key == key:
                return complete_cohort(declared)
        known = [declared.key for declared in self.settings.cohorts]
        do = (
            "Cohorts from the source are known after a first 'lcm sync --apply'."
            if self.settings.cohorts_from
            else None
        )
        raise UsageError(f"no cohort has the key '{key}'.{nearest(key, known)}", where=str(self.config_file), do=do)


def print_json(data: object) -> None:
    """Print data as JSON."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=str))


def print_rows(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table in plain columns."""
    lines = [list(headings), *([str(cell) for cell in row] for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    for line in lines:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


# Rows of text as columns on a terminal: the last column is wrapped where the line ends.


GAP = "  "
NARROWEST = 20  # signs of the last column, however narrow the terminal is


def in_columns(rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """Yield each row as text of one or more lines.

    Args:
        rows: cells of one line, as many in each row.
        width: of the terminal, in signs.

    """
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)][:-1]
    begins = sum(widths) + len(GAP) * len(widths)
    rest = max(width - begins, NARROWEST)
    for *cells, last in rows:
        first, *more = textwrap.wrap(last, rest) or [""]
        line = "".join(f"{_padded(cell, wide)}{GAP}" for cell, wide in zip(cells, widths, strict=True))
        yield "\n".join([f"{line}{first}".rstrip(), *(f"{' ' * begins}{piece}" for piece in more)])


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    """Return how many places of a terminal a text takes: Chinese and the like take two a sign, marks above none."""
    signs = (sign for sign in text if not unicodedata.combining(sign))
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in signs)


# Shows on a terminal how far the reading of a forum's topics has come.


WIDTH = 60


@contextmanager
def reading_topics() -> Iterator[Progress | None]:
    """Give what to tell how many topics were listed and read; None where nobody looks at a terminal."""
    if not sys.stderr.isatty():
        yield None
        return

    def show(done: int, total: int) -> None:
        text = f"Reading topics: {done:,} of {total:,}" if total else f"Listing topics: {done:,}"
        click.echo(f"\r{text:<{WIDTH}}", nl=False, err=True)

    try:
        yield show
    finally:
        click.echo(f"\r{'':<{WIDTH}}\r", nl=False, err=True)
