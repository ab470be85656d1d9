"""Shows on a terminal how far the reading of a forum's topics has come."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sync_worker.activity.collect import Progress

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
