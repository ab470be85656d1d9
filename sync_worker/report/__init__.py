"""What a cohort did, for people: an HTML page and CSV files from the store."""

from __future__ import annotations

from sync_worker.report.figures import CohortReport, cohort_report, gather
from sync_worker.report.write import write_report

__all__ = ["CohortReport", "cohort_report", "gather", "write_report"]
