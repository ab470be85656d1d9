"""`--now` in commands that write: taken on a practice forum only, which is recognised by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sync_worker.errors import UsageError

if TYPE_CHECKING:
    from sync_worker.forum import Forum

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
