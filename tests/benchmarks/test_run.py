"""`make bench` works, and its counts of calls hold."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parent / "run.py"


def test_the_benchmarks_run_and_a_sync_costs_far_less_than_a_call_a_person() -> None:
    command = [sys.executable, str(SCRIPT), "--people", "1000", "--occurrences", "18000", "--posts", "20000", "--json"]
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    results = {result["name"]: result for result in json.loads(found.stdout)}
    assert results["first sync of 1,000 people"]["ours"] <= 26
    assert results["sync with nothing to do of 1,000 people"]["ours"] <= 10
    assert results["read a CSV roster of 1,000 rows: memory"]["ratio"] < 2
    assert results["a tick of 200 cohorts with nothing due: calls"]["ours"] == 0
    shared = results["three processes on one budget (SQLite)"]
    assert 0 < shared["ours"] <= shared["baseline"]
