"""Who the wanted people are, who is in the cohort's groups, and changing that in one call."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import select

from sync_worker.practice_forum.api import context
from sync_worker.practice_forum.lcm import cohorts
from sync_worker.practice_forum.lcm.cohorts import find_cohort, require_worker
from sync_worker.practice_forum.rules import people
from sync_worker.practice_forum.server import requests
from sync_worker.practice_forum.server.options import iso
from sync_worker.practice_forum.tables import (
    Category,
    Group,
    GroupUser,
    LcmChange,
    LcmCohort,
    SsoRecord,
    User,
    UserEmail,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

blueprint = Blueprint("lcm_members", __name__)

MOST_PEOPLE = 20_000
KINDS = ("external_id", "email", "username")


@blueprint.post("/lcm/cohorts/<key>/members", endpoint="discourse_lcm/members/look")
def look(key: str) -> dict[str, Any]:
    """Find the wanted people's accounts, and show the present members."""
    require_worker()
    params = context.params()
    cohort = _declared_or_named(key)
    digest = cohorts.digest(cohort)
    if params.text("digest") == digest:
        return {"unchanged": True, "digest": digest}
    wanted = _people(params.raw("people"))
    order = params.items("identity") or list(KINDS)
    if not set(order) <= set(KINDS):
        raise requests.invalid_parameters("identity")
    return {
        "unchanged": False,
        "digest": digest,
        "cohort": cohorts.state(cohort),
        **_identify(wanted, order),
        "members": _members(cohort.group_id),
        "lcm_members": _members(cohort.lcm_group_id),
    }


@blueprint.put("/lcm/cohorts/<key>/members", endpoint="discourse_lcm/members/update")
def change(key: str) -> dict[str, Any]:
    """Add and remove members and owners; the same change is carried out once, unless it was taken back since."""
    acting, started = require_worker(), time.perf_counter()
    cohort, params, session = find_cohort(key), context.params(), context.session()
    name, dry_run = params.require("change"), params.flag("dry_run")
    earlier, expected, present = session.get(LcmChange, (key, name)), params.text("expect"), cohorts.digest(cohort)
    if earlier is not None and expected != present:
        return dict(earlier.answer)
    if expected is not None and expected != present:
        raise requests.unprocessable("The cohort's members changed meanwhile.", status=409)
    outcomes: dict[str, dict[str, Any]] = {}
    for part, group_id in (("group", cohort.group_id), ("lcm_group", cohort.lcm_group_id)):
        group = session.get(Group, group_id) if group_id is not None else None
        if group is None:
            raise requests.unprocessable(f"The cohort's {part} is gone; declare the cohort again.")
        outcomes[part] = _GroupChange(group, acting, dry_run=dry_run).carry_out(params.section(part).tree)
    session.flush()
    answer = {
        "change": name,
        "dry_run": dry_run,
        "pending": 0,
        "digest": cohorts.digest(cohort),
        "seconds": round(time.perf_counter() - started, 3),
        **outcomes,
    }
    if not dry_run:
        session.merge(LcmChange(cohort=key, change=name, answer=answer))
    return answer


def _declared_or_named(key: str) -> LcmCohort:
    """Return the cohort, or an unsaved one made of what exists under the given names."""
    session, named = context.session(), context.params().section("named")
    if session.get(LcmCohort, key) is not None or not named.tree:
        return find_cohort(key)
    ids = {}
    for part in ("group", "lcm_group"):
        query = select(Group.id).where(Group.name_lower == named.require(part).lower())
        ids[f"{part}_id"] = session.scalar(query)
    category = session.scalar(select(Category.id).where(Category.slug == named.require("category_slug")))
    return LcmCohort(key=key, category_id=category, **ids)


def _people(rows: Any) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or len(rows) > MOST_PEOPLE:
        raise requests.invalid_parameters("people")
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("ref"), str):
            raise requests.invalid_parameters("people")
    return rows


def _identify(wanted: list[dict[str, Any]], order: list[str]) -> dict[str, Any]:
    """Return found, ambiguous and unknown people; of several accounts for one person none is chosen."""
    index = {kind: _index(kind, (row.get(kind) for row in wanted)) for kind in order}
    remembered = people.by_ids(context.session(), {row["user_id"] for row in wanted if row.get("user_id")})
    hits = {row["ref"]: _hits(row, remembered, index, order) for row in wanted}
    users = people.by_ids(context.session(), {number for found in hits.values() for number in found})
    found, ambiguous, unknown = [], [], []
    for ref, matches in hits.items():
        known = {number: by for number, by in matches.items() if number in users}
        if not known:
            unknown.append(ref)
        elif len(known) == 1:
            number, by = next(iter(known.items()))
            found.append({"ref": ref, "by": by, "account": _account(users[number])})
        else:
            accounts = [{"by": by, "account": _account(users[number])} for number, by in known.items()]
            ambiguous.append({"ref": ref, "accounts": accounts})
    return {"found": found, "ambiguous": ambiguous, "unknown": unknown}


def _hits(
    row: dict[str, Any], remembered: Mapping[int, User], index: dict[str, dict[str, int]], order: list[str]
) -> dict[int, str]:
    """Return the accounts that a person may be, with the first identifier that says so."""
    known = row.get("user_id")
    if isinstance(known, int) and known in remembered:
        return {known: "user_id"}
    found: dict[int, str] = {}
    for kind in order:
        value = row.get(kind)
        number = index[kind].get(_folded(kind, value)) if isinstance(value, str) else None
        if number is not None:
            found.setdefault(number, kind)
    return found


def _index(kind: str, values: Iterable[Any]) -> dict[str, int]:
    wanted = sorted({_folded(kind, value) for value in values if isinstance(value, str) and value})
    column, number = {
        "external_id": (SsoRecord.external_id, SsoRecord.user_id),
        "email": (UserEmail.email_lower, UserEmail.user_id),
        "username": (User.username_lower, User.id),
    }[kind]
    found: dict[str, int] = {}
    for part in people.in_parts(wanted):
        query = select(column, number).where(column.in_(part))
        found.update(context.session().execute(query).all())
    return found


def _folded(kind: str, value: Any) -> str:
    text = str(value).strip()
    return text if kind == "external_id" else text.lower()


def _account(user: User) -> dict[str, Any]:
    now = context.now()
    standing = (
        "staged" if user.staged else "suspended" if user.suspended(now) else "inactive" if not user.active else ""
    )
    silenced = "silenced" if user.silenced(now) else "active"
    record = context.session().get(SsoRecord, user.id)
    return {
        "id": user.id,
        "username": user.username,
        "name": user.name or "",
        "standing": standing or silenced,
        "created_at": iso(user.created_at),
        "external_id": record.external_id if record else None,
    }


def _members(group_id: int | None) -> list[dict[str, Any]]:
    columns = (User.id, User.username, User.name, GroupUser.owner, GroupUser.added_at)
    query = select(*columns).join(GroupUser, GroupUser.user_id == User.id)
    query = query.where(GroupUser.group_id == group_id, User.id > 0).order_by(User.id)
    rows = context.session().execute(query)
    return [
        {"id": number, "username": username, "name": name or "", "owner": owner, "joined_at": iso(added_at)}
        for number, username, name, owner, added_at in rows
    ]


@dataclass(slots=True)
class _GroupChange:
    """The wanted changes of one group, carried out or (in a dry run) only worked out."""

    group: Group
    acting: User
    dry_run: bool
    skipped: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))

    def carry_out(self, wanted: dict[str, Any]) -> dict[str, Any]:
        adding, removing = self._ids(wanted, "add"), self._ids(wanted, "remove")
        promoting, demoting = self._ids(wanted, "add_owners"), self._ids(wanted, "remove_owners")
        named = {*adding, *removing, *promoting, *demoting}
        known = people.by_ids(context.session(), named)
        self.skipped["unknown_user"] = sorted(named - set(known))
        rows = context.session().execute(
            select(GroupUser.user_id, GroupUser.owner).where(GroupUser.group_id == self.group.id)
        )
        before = dict(rows.all())
        added = self._kept(adding, known, lambda number: number not in before, "already_member")
        promoted = self._kept(promoting, known, lambda number: not before.get(number), "already_owner")
        removed = self._kept(removing, known, lambda number: number in before, "not_member")
        demoted = self._kept(demoting, known, lambda number: bool(before.get(number)), "not_owner")
        if not self.dry_run:
            self._write(added, removed, promoted, demoted)
        skipped = [{"user_id": number, "reason": why} for why, numbers in self.skipped.items() for number in numbers]
        return {
            "added": added,
            "removed": removed,
            "owners_added": promoted,
            "owners_removed": demoted,
            "skipped": skipped,
        }

    def _ids(self, wanted: dict[str, Any], name: str) -> list[int]:
        values = wanted.get(name) or []
        if not isinstance(values, list) or not all(isinstance(value, int) for value in values):
            raise requests.invalid_parameters(name)
        return list(dict.fromkeys(values))

    def _kept(self, numbers: list[int], known: Any, fits: Any, otherwise: str) -> list[int]:
        there = [number for number in numbers if number in known]
        self.skipped[otherwise] += [number for number in there if not fits(number)]
        return [number for number in there if fits(number)]

    def _write(self, added: list[int], removed: list[int], promoted: list[int], demoted: list[int]) -> None:
        session, group, now = context.session(), self.group, context.now()
        log = {
            "add_user_to_group": people.add(session, group, added, now),
            "remove_user_as_group_owner": demoted,
        }
        if promoted:
            people.add(session, group, promoted, now, owner=True)
            log["make_user_group_owner"] = promoted
        if demoted:
            people.make_owners(session, group, demoted, owner=False)
        log["remove_user_from_group"] = sorted(people.remove(session, group, removed))
        for action, numbers in log.items():
            if numbers:
                people.log(session, group, self.acting, action, numbers, now=now)


def member_ids(cohort: LcmCohort) -> set[int]:
    """Return the members of the cohort's group."""
    query = select(GroupUser.user_id).where(GroupUser.group_id == cohort.group_id)
    return set(context.session().scalars(query))
