"""Make groups, members and categories agree with the roster: desired, observed, plan, guard, apply."""

from __future__ import annotations

from sync_worker.membership.apply import ApplyReport, Failure
from sync_worker.membership.plan_file import checksum, plan_to_json, read_plan, refuse_other_plan, write_plan
from sync_worker.membership.sync import Prepared, carry_out, prepare, sync

__all__ = [
    "ApplyReport",
    "Failure",
    "Prepared",
    "carry_out",
    "checksum",
    "plan_to_json",
    "prepare",
    "read_plan",
    "refuse_other_plan",
    "sync",
    "write_plan",
]
