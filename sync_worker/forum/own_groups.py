"""Discourse's own groups, which every site calls in its own language, by the names that its API takes in any.

Source: `Group::AUTO_GROUPS`, `Group.refresh_automatic_group!` and `Group.group_id_from_param`, 3.5: where a site's
`default_locale` is French, it lists `staff` as `responsables`, and takes either name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sync_worker.model import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAMES = {0: "everyone", 1: "admins", 2: "moderators", 3: "staff"} | {
    10 + level: f"trust_level_{level}" for level in range(5)
}


def is_own_group(number: int | None, name: str) -> bool:
    """Whether a group is one of Discourse's own: by its id, or by the name that the API takes on every site."""
    return number in NAMES or fold(name) in NAMES.values()


def names_on_site(groups: Iterable[tuple[int, str]]) -> dict[str, str]:
    """Return our names of Discourse's own groups by the site's, folded; `groups` are ids with the site's names."""
    return {fold(name): NAMES[number] for number, name in groups if number in NAMES}


def in_our_names(permissions: Mapping[str, int], names: Mapping[str, str]) -> dict[str, int]:
    """Return a category's permissions with our names of Discourse's own groups; `names` as `names_on_site` has them."""
    return {names.get(fold(group), group): level for group, level in permissions.items()}
