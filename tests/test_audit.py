"""What .ci/audit makes of the reports of pip-audit and npm audit; those ask databases over the network, it does not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PIP = {
    "dependencies": [
        {"name": "discourse-lcm", "skip_reason": "Dependency not found on PyPI"},
        {"name": "click", "version": "8.1.0", "vulns": []},
        {"name": "jinja2", "version": "3.1.0", "vulns": [{"id": "PYSEC-2026-7", "aliases": ["GHSA-aaaa-bbbb-cccc"]}]},
    ]
}
ADVISORY = {"name": "brace-expansion", "url": "https://github.com/advisories/GHSA-dddd-eeee-ffff", "severity": "low"}
NPM = {"vulnerabilities": {"brace-expansion": {"via": [ADVISORY]}, "minimatch": {"via": ["brace-expansion"]}}}
REPORTS = {"pip": PIP, "npm": NPM}
IDS = {"pip": "GHSA-aaaa-bbbb-cccc", "npm": "GHSA-dddd-eeee-ffff"}


def audit(kind: str, report: object, folder: Path, accepted: str = "", today: str = "2026-11-29") -> tuple[int, str]:
    """Return the exit code and what was said."""
    (folder / "accepted").write_text(accepted, encoding="utf-8")
    call = [sys.executable, str(ROOT / ".ci/audit"), kind, "--accepted", str(folder / "accepted"), "--today", today]
    text = report if isinstance(report, str) else json.dumps(report)
    done = subprocess.run(call, input=text, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["pip", "npm"])
def test_an_advisory_fails_the_audit_until_it_is_accepted_and_again_after_its_last_day(
    kind: str, tmp_path: Path
) -> None:
    code, said = audit(kind, REPORTS[kind], tmp_path)
    assert code == 1
    assert {"pip": "jinja2 3.1.0", "npm": "brace-expansion"}[kind] in said
    line = f"# why it is none\n{IDS[kind]}  2026-11-30  we do not call that part\n"
    assert audit(kind, REPORTS[kind], tmp_path, line, "2026-11-30")[0] == 0
    assert audit(kind, REPORTS[kind], tmp_path, line, "2026-12-01")[0] == 1


@pytest.mark.parametrize(
    ("kind", "report"),
    [
        ("pip", ""),
        ("pip", {"dependencies": []}),
        ("pip", {"dependencies": [{"name": "click", "skip_reason": "the database does not answer"}]}),
        ("npm", {"error": {"code": "ENOAUDIT"}}),
        ("npm", {"vulnerabilities": {"minimatch": {"via": ["brace-expansion"]}}}),
    ],
)
def test_what_is_no_whole_report_is_never_taken_for_a_clean_one(kind: str, report: object, tmp_path: Path) -> None:
    assert audit(kind, report, tmp_path)[0] == 2


def test_an_advisory_is_accepted_with_a_day_and_a_reason_only(tmp_path: Path) -> None:
    assert audit("pip", PIP, tmp_path, f"{IDS['pip']}  forever  it is fine\n")[0] == 2
    assert audit("pip", PIP, tmp_path, f"{IDS['pip']}  2027-01-31\n")[0] == 2


def test_the_list_of_the_project_can_be_read_and_nothing_found_is_well(tmp_path: Path) -> None:
    ours = (ROOT / ".ci/accepted-advisories").read_text(encoding="utf-8")
    assert audit("npm", {"vulnerabilities": {}}, tmp_path, ours)[0] == 0
