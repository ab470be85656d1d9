"""`make bench` works, and its counts of calls hold."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "run.py"
PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
OF_POSTGRES = {"three processes on one budget (PostgreSQL)", "# topics on each of # forums, # processes"}


def plain(name: str) -> str:
    """A name without its numbers."""
    return re.sub(r"\d[\d,.]*", "#", name)


@pytest.mark.slow
def test_the_benchmarks_run_and_a_sync_costs_far_less_than_a_call_a_person() -> None:
    command = [
        sys.executable,
        str(SCRIPT),
        "--people",
        "1000",
        "--occurrences",
        "2000",
        "--posts",
        "4000",
        "--paired",
        "200",
        "--rehearsed",
        "3",
        "--weeks",
        "2",
        "--forums",
        "2",
        "--week",
        "50",
        "--json",
    ]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    results = {result["name"]: result for result in json.loads(found.stdout)}
    assert results["first sync of 1,000 people"]["ours"] <= 26
    assert results["sync with nothing to do of 1,000 people"]["ours"] <= 10
    assert results["read a CSV roster of 1,000 rows: memory"]["ratio"] < 2
    assert results["a tick of 200 cohorts with nothing due: calls"]["ours"] == 0
    assert {
        "take 800 posts into the store",
        "write a roundup of 50 posts",
        "write a roundup of 50 posts out of 4,000 stored",
        "rehearse 2 weeks with 3 learners",
    } <= results.keys()
    assert results["start `lcm --help`: memory"]["ours"] < results["start the service: memory"]["ours"]
    rows = [line.split(" | ") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")][1:]
    written, measured = {plain(row[0].removeprefix("| ")) for row in rows}, {plain(name) for name in results}
    assert written - measured <= (set() if os.environ.get("LCM_TEST_POSTGRES") else OF_POSTGRES)
    assert [name for name, result in results.items() if not result["bound"]] == []
    weeks = "4 weeks of pairs of 200 people"
    assert results[f"{weeks}: met before"]["ours"] == 0
    assert results[f"{weeks}: within one team"]["ratio"] < 0.5
    assert results[f"{weeks}: isolates with isolates"]["ours"] == 0
    shared = results["three processes on one budget (SQLite)"]
    assert 0 < shared["ours"] <= shared["baseline"]
    if os.environ.get("LCM_TEST_POSTGRES"):
        assert "6 topics on each of 2 forums, 2 processes" in results
