"""Whether an account that an undo lets in again is still the person who was taken out. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync_worker.membership.matching.recognised import account_renamed, other_account
from sync_worker.model import Change, ChangeKind, fold

if TYPE_CHECKING:
    from sync_worker.membership.matching.directory import Directory
    from sync_worker.membership.matching.identity import Memory
    from sync_worker.membership.matching.recognised import Recognised
    from sync_worker.model import Plan


def keep_out_others(plan: Plan, directory: Directory, memory: Memory) -> Plan:
    """Return the plan without the lines that would let in somebody else, or nobody; they are kept, with the reason.

    `directory` has the accounts as they are now, as far as they were looked up.
    """
    known = {one.account.id: one for one in memory.recognised.values()}
    return replace(
        plan, changes=tuple(_checked(line, directory, known.get(line.user_id or 0)) for line in plan.changes)
    )


def _checked(line: Change, directory: Directory, known: Recognised | None) -> Change:
    if line.kind not in (ChangeKind.ADD, ChangeKind.ADD_OWNER) or line.user_id is None:
        return line
    reason = _why_not(line.user_id, directory, known)
    if reason:
        return replace(line, kind=ChangeKind.KEPT, reason=reason)
    if line.user_id in directory.by_id:
        return replace(line, username=directory.by_id[line.user_id].username)
    return line


def _why_not(number: int, directory: Directory, known: Recognised | None) -> str:
    if directory.is_gone(number):
        return "the account was deleted, merged or anonymised since"
    if number not in directory.by_id:
        return "the account could not be looked up, so that it might be somebody else's by now"
    if known is None:
        return ""
    account = directory.account(number)
    if other := other_account(account, known):
        return f"{other}: it is called '{account.username}' now, and was '{known.account.username}'"
    renamed = fold(account.username) != fold(known.account.username) and account_renamed(account, known)
    if renamed and (account.made_at is None or known.account.made_at is None):
        return f"the account is called '{account.username}' by another name now, and was '{known.account.username}'"
    return ""
