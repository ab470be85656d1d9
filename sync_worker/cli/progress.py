"""A bar on the terminal for what is played on a virtual clock."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime


@contextmanager
def progress_bar(*, quiet: bool) -> Iterator[Callable[[float, datetime], None] | None]:
    """Give what moves the bar, from 0 to 1, to a virtual time; None where `quiet`, or where nobody would see it."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task("The forum opens", total=1.0)

        def move(share: float, now: datetime) -> None:
            bars.update(task, completed=share, description=f"{now:%a %d %B %Y, %H:%M} UTC")

        yield move
