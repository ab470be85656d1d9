"""Make groups, members and categories agree with the roster: desired, observed, plan, guard, apply; and look back."""

from __future__ import annotations

from sync_worker.membership.drift_lines import Drift, DriftKind
from sync_worker.membership.drift_look import drift
from sync_worker.membership.planning.file import checksum, plan_to_json, read_plan, refuse_other_plan, write_plan
from sync_worker.membership.prepared import Prepared
from sync_worker.membership.records.journal import ApplyReport, Failure, Journal, RunLine
from sync_worker.membership.sync import carry_out, check_limits, prepare, sync
from sync_worker.membership.undo_runs import PreparedUndo, prepare_undo, undo

__all__ = [
    "ApplyReport",
    "Drift",
    "DriftKind",
    "Failure",
    "Journal",
    "Prepared",
    "PreparedUndo",
    "RunLine",
    "carry_out",
    "check_limits",
    "checksum",
    "drift",
    "plan_to_json",
    "prepare",
    "prepare_undo",
    "read_plan",
    "refuse_other_plan",
    "sync",
    "undo",
    "write_plan",
]
