"""The options and the help of every command. Nothing here imports what a command needs for its work.

So `lcm COMMAND --help` shows at once; the work is imported when the command runs.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any


def carry_out(work: str, **given: Any) -> None:
    """Import a command's work ("module:function" of `sync_worker.cli`) and do it with the arguments given."""
    module, name = work.split(":")
    getattr(import_module(f"sync_worker.cli.{module}"), name)(**given)
