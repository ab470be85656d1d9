"""A plan as JSON, sealed with all that its reader sees; and whether two plans would do the same."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, ValidationError

from sync_worker.config.base import write_private, writing
from sync_worker.errors import RefusedError, UsageError
from sync_worker.model import Change, ChangeKind, Plan, RejectedRow
from sync_worker.model.details import detail_of

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 2
MAX_BYTES = 200_000_000
SHOWN_LINES = 20
AGAIN = "Make it again with 'lcm sync --out FILE'."


class _Line(BaseModel):
    """A line of a saved plan."""

    model_config = ConfigDict(extra="forbid", strict=True)

    kind: ChangeKind
    cohort: str
    target: str
    reason: str
    username: str | None
    user_id: int | None
    person: str | None
    detail: dict[str, Any]

    def change(self) -> Change:
        """Return the line as a change."""
        return Change(**{**dict(self), "detail": detail_of(self.kind, self.detail)})


class _Rejected(BaseModel):
    """A row of the roster that was not taken."""

    model_config = ConfigDict(extra="forbid", strict=True)

    where: str
    reason: str
    do: str


class _SavedPlan(BaseModel):
    """A whole file; `checksum` is the `seal` over all the rest."""

    model_config = ConfigDict(extra="forbid", strict=True)

    format: int
    forum: str
    checksum: str
    changes: list[_Line]
    rejected: list[_Rejected]
    unchanged: int


def checksum(plan: Plan) -> str:
    """Return the sha256 over what the plan would do; reasons and lines that do nothing do not count."""
    return _digest([_essence(change) for change in plan.effective])


def seal(document: dict[str, Any]) -> str:
    """Return the sha256 over all that a saved plan says: whatever a reviewer reads, not only what would be done."""
    return _digest({name: value for name, value in document.items() if name != "checksum"})


def plan_to_json(plan: Plan, forum: str, *, everything: bool = False) -> dict[str, Any]:
    """Return the plan, the forum it is for and its seal, ready for `json.dumps`.

    With `everything`, who stays as they are is listed as well as counted.
    """
    listed = plan.everything() if everything else plan.changes
    document = {
        "format": FORMAT,
        "forum": forum,
        "changes": [change.to_json() for change in listed],
        "rejected": [{"where": row.where, "reason": row.reason, "do": row.do} for row in plan.rejected],
        "unchanged": plan.unchanged,
    }
    return {**document, "checksum": seal(document)}


def write_plan(path: Path, plan: Plan, forum: str) -> None:
    """Save a plan for review, readable by its owner only: it names people.

    Raises:
        UsageError: the file cannot be written.

    """
    with writing("the plan", path):
        write_private(path, json.dumps(plan_to_json(plan, forum), indent=2, ensure_ascii=False) + "\n")


def read_plan(path: Path, forum: str) -> Plan:
    """Read a saved plan.

    Raises:
        UsageError: not a plan, for another forum, or changed since it was saved.

    """
    text = _read(path)
    try:
        saved = _SavedPlan.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        what = f"this is not a plan: {f'{place}: ' if place else ''}{first['msg']}."
        raise UsageError(what, where=str(path), do="Make one with 'lcm sync --out FILE'.") from None
    if saved.format != FORMAT:
        raise UsageError("the plan was saved by another version of lcm.", where=str(path), do=AGAIN)
    if saved.forum != forum:
        raise UsageError(f"the plan is for {saved.forum}, not for {forum}.", where=str(path))
    if saved.checksum != seal(saved.model_dump(mode="json")):
        raise UsageError("the plan was changed after it was saved.", where=str(path), do=AGAIN)
    try:
        changes = tuple(line.change() for line in saved.changes)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"this is not a plan: a detail of it: {error}.", where=str(path), do=AGAIN) from None
    return Plan(
        changes=changes,
        rejected=tuple(RejectedRow(**dict(row)) for row in saved.rejected),
    )


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
    listed = "\n".join(lines[:SHOWN_LINES] or ["  the same lines in another order"])
    if len(lines) > SHOWN_LINES:
        listed += f"\n  and {len(lines) - SHOWN_LINES} more."
    raise RefusedError(
        f"the plan is no longer what was reviewed. Review it again with 'lcm sync --out FILE':\n{listed}"
    )


def _read(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():  # a pipe or a device may have no end
            raise UsageError("this is not a file.", where=str(path), do=AGAIN)
        size = path.stat().st_size
        if size > MAX_BYTES:
            what = f"the file has {size:,} bytes, more than the {MAX_BYTES:,} that a plan may have."
            raise UsageError(what, where=str(path), do="Plan cohort by cohort: lcm sync --cohort KEY --out FILE.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        do = "Make one with 'lcm sync --out FILE'."
        raise UsageError(f"the plan cannot be read: {error.strerror}.", where=str(path), do=do) from None
    except UnicodeDecodeError:
        raise UsageError("this is not a plan: it is not UTF-8 text.", where=str(path), do=AGAIN) from None


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _essence(change: Change) -> dict[str, Any]:
    """Return what makes a line the same: what is done, to whom, and whom its reader takes that to be."""
    return {name: value for name, value in change.to_json().items() if name != "reason"}


def _words(change: Change) -> str:
    whom = f" {change.username}" if change.username else ""
    return f"{change.kind.value}{whom} in {change.target}"
