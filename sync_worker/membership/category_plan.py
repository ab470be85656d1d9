"""The lines of a plan about a cohort's category: its permissions, and moderation by the LCM group. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sync_worker.model import Change, ChangeKind, fold

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sync_worker.membership.desired import Desired
    from sync_worker.membership.provenance import Created
    from sync_worker.membership.state import CategoryState, Observed

MODERATION_OFF = (
    "its LCM group cannot moderate it: the site setting enable_category_group_moderation is off. "
    "Switch it on under Admin > Settings and run this again."
)


def category_lines(
    desired: Desired, observed: Observed, created: Mapping[tuple[str, str], Created], allow: Collection[str]
) -> Iterator[Change]:
    """Yield what happens to the cohort's category, and why."""
    wanted, there = desired.state.category, observed.cohorts[desired.cohort.key].category
    if wanted is None:
        return
    cohort = desired.cohort.key
    moderators = sorted(wanted.moderators) if observed.group_moderation is not False else []
    if there is None:
        yield _creation(cohort, wanted, moderators, allow)
    else:
        ours = ("category", wanted.slug) in created
        yield from _comparison(cohort, wanted, there, moderators, allow, ours=ours)
    unmoderated = there is None or not _lower(wanted.moderators) <= _lower(there.moderators)
    if observed.group_moderation is False and unmoderated:
        yield Change(ChangeKind.KEPT, cohort, wanted.name, MODERATION_OFF)


def _creation(cohort: str, wanted: CategoryState, moderators: list[str], allow: Collection[str]) -> Change:
    if "create" not in allow:
        reason = "the category does not exist; creating is not switched on (limits.allow)"
        return Change(ChangeKind.KEPT, cohort, wanted.name, reason)
    detail = {"slug": wanted.slug, "permissions": dict(wanted.permissions), "moderators": moderators}
    return Change(ChangeKind.CREATE_CATEGORY, cohort, wanted.name, "the forum has no such category", detail=detail)


def _comparison(
    cohort: str,
    wanted: CategoryState,
    there: CategoryState,
    moderators: list[str],
    allow: Collection[str],
    *,
    ours: bool,
) -> Iterator[Change]:
    lacking = {name: level for name, level in wanted.permissions.items() if _level(there, name) != level}
    unmoderated = [name for name in moderators if fold(name) not in _lower(there.moderators)]
    wider = sorted(name for name in there.permissions if fold(name) not in _lower(wanted.permissions))
    if ours and wider:
        reason = f"open to {', '.join(wider)} as well, by somebody's hand; left so"
        yield Change(ChangeKind.KEPT, cohort, there.name, reason)
    if not (lacking or unmoderated or (wider and not ours)):
        yield Change(ChangeKind.UNCHANGED, cohort, there.name, "the category has its permissions")
        return
    needed = "create" if ours else "adopt"
    differences = _differences(lacking, unmoderated, [] if ours else wider)
    if needed not in allow:
        reason = f"the category was there before us ({differences}); allow 'adopt' in limits.allow, or do it by hand"
        if ours:
            reason = f"changing categories is not switched on (limits.allow: create): {differences}"
        yield Change(ChangeKind.KEPT, cohort, there.name, reason)
        return
    detail: dict[str, Any] = {
        "id": there.id,
        "slug": wanted.slug,
        "permissions": _merged(there.permissions, wanted.permissions) if ours else dict(wanted.permissions),
        "moderators": sorted({*there.moderators, *unmoderated}),
    }
    yield Change(ChangeKind.UPDATE_CATEGORY, cohort, there.name, differences, detail=detail)


def _differences(lacking: Mapping[str, int], unmoderated: Collection[str], wider: Collection[str]) -> str:
    parts = []
    if lacking:
        parts.append(f"no full access for {', '.join(sorted(lacking))}")
    if unmoderated:
        parts.append(f"not moderated by {', '.join(sorted(unmoderated))}")
    if wider:
        parts.append(f"open to {', '.join(wider)} as well")
    return "; ".join(parts)


def _merged(there: Mapping[str, int], wanted: Mapping[str, int]) -> dict[str, int]:
    ours = _lower(wanted)
    return {**{name: level for name, level in there.items() if fold(name) not in ours}, **wanted}


def _level(category: CategoryState, group: str) -> int | None:
    return next((level for name, level in category.permissions.items() if fold(name) == fold(group)), None)


def _lower(names: Collection[str]) -> set[str]:
    return {fold(name) for name in names}
