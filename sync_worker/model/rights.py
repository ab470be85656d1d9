"""Who may read a forum's categories: Discourse's own groups, and permissions by group.

The only place that knows them. What is not understood counts as restricted: it opens nothing to anybody, and nothing is
written over it. Permissions of another shape (Discourse has announced access control lists) are to be read here.

Source: `Group::AUTO_GROUPS`, `Group.refresh_automatic_group!`, `Group.group_id_from_param` and
`Category.resolve_permissions`, 3.5; pull requests 39516, 39517, 41498 and 43063 for `anonymous_users` and
`logged_in_users`, which were read and not run.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sync_worker.model.roster import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FULL, REPLY, SEE = 1, 2, 3
LEVELS = frozenset({FULL, REPLY, SEE})

EVERYONE, ANONYMOUS_USERS, LOGGED_IN_USERS = "everyone", "anonymous_users", "logged_in_users"
ADMINS = "admins"
TRUST_LEVELS = tuple(f"trust_level_{level}" for level in range(5))

# Every site calls these groups in its own language; the API takes them by these names in any. Where a site's
# `default_locale` is French it lists `staff` as `responsables`, and takes either name.
NAMES = {0: EVERYONE, 1: ADMINS, 2: "moderators", 3: "staff", 4: ANONYMOUS_USERS, 5: LOGGED_IN_USERS} | {
    10 + level: name for level, name in enumerate(TRUST_LEVELS)
}
OWN_GROUPS = frozenset(NAMES.values())

OPEN_TO_ALL = frozenset({EVERYONE, ANONYMOUS_USERS, LOGGED_IN_USERS})
"""Groups of everybody who comes; since 2026 the first gives way to the other two."""
OPEN_TO_MEMBERS = frozenset({EVERYONE, LOGGED_IN_USERS})
"""Of these, the groups in which everybody with an account is."""
PUBLIC = OPEN_TO_ALL | {TRUST_LEVELS[0], TRUST_LEVELS[1]}
"""Groups in which everybody with an account is, or soon is, or who come without one."""


@dataclass(frozen=True, slots=True)
class Granted:
    """A permission as the forum names it: a group by its id, its name or both, and what it may do.

    A part is None where the forum does not say it, or says it in a way that is not understood.
    """

    group_id: int | None
    group: str | None
    level: int | None


def permissions_of(granted: Iterable[Granted] | None) -> dict[str, int] | None:
    """Return what each group may do in a category, 1 (full), 2 (reply) or 3 (see); None where that is not understood.

    Discourse's own groups are named as everywhere where the forum gives their ids. No permission at all is not
    understood either: Discourse names `everyone` where a category is open to all.
    """
    found: dict[str, int] = {}
    for one in granted or ():
        own = NAMES.get(one.group_id) if one.group_id is not None else None
        name = own or one.group
        if not name or one.level not in LEVELS:
            return None
        found[name] = one.level
    return found or None


def is_own_group(number: int | None, name: str) -> bool:
    """Whether a group is one of Discourse's own: by its id, or by the name that the API takes on every site."""
    return number in NAMES or fold(name) in OWN_GROUPS


def is_reserved(name: str) -> bool:
    """Whether a cohort's group may not be called so: one of Discourse's own groups is, or reads as if it were."""
    return fold(name).replace("-", "_") in OWN_GROUPS


def names_on_site(groups: Iterable[tuple[int, str]]) -> dict[str, str]:
    """Return our names of Discourse's own groups by the site's, folded; `groups` are ids with the site's names."""
    return {fold(name): NAMES[number] for number, name in groups if number in NAMES}


def in_our_names(permissions: Mapping[str, int], names: Mapping[str, str]) -> dict[str, int]:
    """Return a category's permissions with our names of Discourse's own groups; `names` as `names_on_site` has them."""
    return {names.get(fold(group), group): level for group, level in permissions.items()}


def is_public(permissions: Mapping[str, int] | None) -> bool:
    """Whether everybody with an account, or without one, may read a category with these permissions."""
    return bool(permissions) and any(fold(name) in PUBLIC for name in permissions or ())


def is_open_to_all(permissions: Mapping[str, int] | None) -> bool:
    """Whether everybody who comes may read a category with these permissions."""
    return any(fold(name) in OPEN_TO_ALL for name in permissions or ())


def is_open_without_account(permissions: Mapping[str, int] | None) -> bool:
    """Whether people without an account may read such a category, where the site lets them in at all."""
    return any(fold(name) in (EVERYONE, ANONYMOUS_USERS) for name in permissions or ())


def reads_by_itself(permissions: Mapping[str, int], name: str) -> bool:
    """Whether an account or a group may read a category without a look at who is in which group.

    Everybody with an account may, or the group is named by the permissions, or it is that of the administrators.
    """
    inside = {fold(one) for one in permissions}
    return bool(inside & (OPEN_TO_ALL | {TRUST_LEVELS[0]})) or fold(name) in inside | {ADMINS}


def reads_all_of(own: Mapping[str, int] | None, other: Mapping[str, int] | None) -> bool:
    """Whether everybody who may read the category with the first permissions may read that with the second.

    Permissions that are not known open nothing.
    """
    if not own or not other:
        return False
    if any(fold(name) in OPEN_TO_ALL for name in own):
        return is_open_to_all(other)
    return is_open_to_all(other) or {fold(name) for name in own} <= {fold(name) for name in other}


def level_of(permissions: Mapping[str, int], group: str) -> int | None:
    """Return what a group itself may do, whatever the case of its name; None for nothing."""
    return next((level for name, level in permissions.items() if fold(name) == fold(group)), None)


def allows(permissions: Mapping[str, int], group: str, level: int) -> bool:
    """Whether a group may do this in a category, neither more nor less, as far as Discourse can be told.

    Where everybody with an account has full access it keeps no other permission (`Category.resolve_permissions`).
    """
    if any(level_of(permissions, name) == FULL for name in OPEN_TO_MEMBERS):
        return True
    return level_of(permissions, group) == level


def lets_in(permissions: Mapping[str, int], groups: Iterable[str]) -> bool:
    """Whether a parent category is open to groups, as Discourse wants before a category below it is."""
    inside = {fold(name) for name in permissions}
    return bool(inside & OPEN_TO_MEMBERS) or {fold(group) for group in groups} <= inside
