"""A plan as JSON, and the checksum that says whether two plans would do the same."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sync_worker.errors import RefusedError, UsageError
from sync_worker.model import Change, ChangeKind, Plan, RejectedRow

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1


def checksum(plan: Plan) -> str:
    """Return the sha256 over what the plan would do; reasons and lines that do nothing do not count."""
    effective = [_essence(change) for change in plan.effective]
    return hashlib.sha256(json.dumps(effective, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def plan_to_json(plan: Plan, forum: str, *, everything: bool = False) -> dict[str, Any]:
    """Return the plan, the forum it is for and its checksum, ready for `json.dumps`.

    With `everything`, who stays as they are is listed as well as counted.
    """
    listed = plan.everything() if everything else plan.changes
    return {
        "format": FORMAT,
        "forum": forum,
        "checksum": checksum(plan),
        "changes": [asdict(change) for change in listed],
        "rejected": [asdict(row) for row in plan.rejected],
        "unchanged": plan.unchanged,
    }


def write_plan(path: Path, plan: Plan, forum: str) -> None:
    """Save a plan for review, readable by its owner only: it names people.

    Raises:
        UsageError: the file cannot be written.

    """
    try:
        path.touch(mode=0o600)
        path.write_text(json.dumps(plan_to_json(plan, forum), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"the plan cannot be written: {error.strerror}.", where=str(path)) from None


def read_plan(path: Path, forum: str) -> Plan:
    """Read a saved plan.

    Raises:
        UsageError: not a plan, for another forum, or changed since it was saved.

    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        plan = _plan(document)
        saved_for, saved_sum = document["forum"], document["checksum"]
    except OSError as error:
        raise UsageError(f"the plan cannot be read: {error.strerror}.", where=str(path)) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError("this is not a plan.", where=str(path), do="Make one with 'lcm sync --out FILE'.") from None
    if saved_for != forum:
        raise UsageError(f"the plan is for {saved_for}, not for {forum}.", where=str(path))
    if saved_sum != checksum(plan):
        raise UsageError(
            "the plan was changed after it was saved.", where=str(path), do="Make it again with 'lcm sync --out FILE'."
        )
    return plan


def refuse_other_plan(reviewed: Plan, current: Plan) -> None:
    """Refuse when the world no longer gives the plan that was reviewed.

    Raises:
        RefusedError: says what is new and what is gone.

    """
    if checksum(reviewed) == checksum(current):
        return
    before = {json.dumps(_essence(change), sort_keys=True): change for change in reviewed.effective}
    after = {json.dumps(_essence(change), sort_keys=True): change for change in current.effective}
    lines = [f"  new: {_words(after[line])}" for line in after if line not in before]
    lines += [f"  gone: {_words(before[line])}" for line in before if line not in after]
    listed = "\n".join(lines[:20] or ["  the same lines in another order"])
    raise RefusedError(
        f"the plan is no longer what was reviewed. Review it again with 'lcm sync --out FILE':\n{listed}"
    )


def _plan(document: dict[str, Any]) -> Plan:
    return Plan(
        changes=tuple(Change(**{**line, "kind": ChangeKind(line["kind"])}) for line in document["changes"]),
        rejected=tuple(RejectedRow(**line) for line in document["rejected"]),
    )


def _essence(change: Change) -> dict[str, Any]:
    return {name: getattr(change, name) for name in ("kind", "cohort", "target", "username", "user_id", "detail")}


def _words(change: Change) -> str:
    whom = f" {change.username}" if change.username else ""
    return f"{change.kind.value}{whom} in {change.target}"
