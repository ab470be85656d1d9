"""Play a simulated year and print what came of it: `make soak`."""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import ForumOptions
from tests.soak.play import Soak
from tests.soak.stage import Stage
from tests.soak.stores import Cluster, FileDatabase
from tests.soak.table import table, write_table
from tests.soak.year import Year

README = Path(__file__).parents[2] / "README.md"


def _show(at: datetime) -> None:
    logging.getLogger("tests.soak").info("TICK %s", at)
    print(f"\r{at:%Y-%m-%d}", end="", file=sys.stderr)


def main() -> int:
    """Play it; 1 where anything was lost, doubled or leaked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cohorts", type=int, default=50)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--learners", type=int, default=5)
    parser.add_argument("--weeks", type=int, default=3, help="how long each cohort lasts")
    parser.add_argument("--hours", default="6,10,16", help="of UTC at which the worker ticks")
    parser.add_argument("--density", type=float, default=1.0, help="how much more often things go wrong")
    parser.add_argument("--plugin", action="store_true", help="a forum with the plugin")
    parser.add_argument("--postgres", action="store_true", help="a store in a PostgreSQL server of its own")
    parser.add_argument("--write", action="store_true", help="put the table into README.md, if nothing was lost")
    parser.add_argument("--log", help="a file for what the worker logs")
    options = parser.parse_args()
    if options.log:
        logging.basicConfig(filename=options.log, filemode="w", level=logging.INFO)
    hours = tuple(int(one) for one in options.hours.split(","))
    year = Year(
        options.seed,
        options.cohorts,
        options.days,
        options.learners,
        options.weeks,
        hours,
        options.density,
        options.plugin,
    )
    begun, cpu = time.monotonic(), time.process_time()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lcm-soak-")))
        server = stack.enter_context(ForumServer(":memory:", options=ForumOptions(plugin=options.plugin)))
        database = stack.enter_context(closing(Cluster())) if options.postgres else FileDatabase(folder / "lcm.db")
        stage = Stage(server, folder, year, database.url)
        played = Soak(stage, database).play(_show)
    print(file=sys.stderr)
    print(table(year, played, stage))
    print(
        f"{time.process_time() - cpu:.0f} seconds of processor time, {time.monotonic() - begun:.0f} in all",
        file=sys.stderr,
    )
    print("\n".join(played.problems))
    if options.write and not played.problems:
        write_table(README, table(year, played, stage))
    return 1 if played.problems else 0


if __name__ == "__main__":
    sys.exit(main())
