"""A source's reader, and the libraries it needs, are imported when that source is read, and no other's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

READ_CSV = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from sync_worker.config import load_settings
from sync_worker.rosters import READERS, read_roster

assert len(READERS) == 9
roster = read_roster(load_settings(Path("lcm.yaml")), now=datetime.now(UTC), environment={})
assert len(roster.enrolments) == 1
print(*sys.modules)
"""
SETTINGS = """
forum: {url: "http://127.0.0.1:9", key_env: KEY}
roster: {csv: r.csv}
cohorts: [{key: spring, name: Spring, start: 2027-03-01, end: 2027-05-31, timezone: UTC}]
"""


def test_reading_a_csv_roster_imports_neither_the_other_sources_nor_their_libraries(tmp_path: Path) -> None:
    (tmp_path / "lcm.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "r.csv").write_text("email,cohort,role\nana@x.org,spring,learner\n", encoding="utf-8")
    ran = subprocess.run([sys.executable, "-c", READ_CSV], cwd=tmp_path, capture_output=True, text=True, check=True)
    imported = set(ran.stdout.split())
    assert "sync_worker.rosters.tabular.csv_file" in imported
    others = ("tabular.xlsx_file", "canvas", "moodle", "nrps", "scim", "oneroster", "sql", "web_session", "entry_point")
    others += ("web_answers", "oneroster_tables", "scim_client")
    assert imported.isdisjoint(f"sync_worker.rosters.{room}" for room in others)
    assert imported.isdisjoint({"openpyxl", "jwt", "cryptography", "psycopg", "requests"})
