"""Who may read a category: Discourse's own groups by id and by name, in any language; unknown counts as restricted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_worker.activity.collect import opens_to_all
from sync_worker.forum.parse import Shape, parse_category
from sync_worker.model.rights import (
    NAMES,
    OPEN_TO_ALL,
    Granted,
    allows,
    in_our_names,
    is_open_to_all,
    is_own_group,
    is_public,
    is_reserved,
    lets_in,
    names_on_site,
    permissions_of,
    reads_all_of,
)

if TYPE_CHECKING:
    from sync_worker.forum.records import Category

IN_FRENCH = ((0, "tous"), (3, "responsables"), (4, "utilisateurs_anonymes"), (5, "utilisateurs_connectés"))
levels = st.sampled_from([1, 2, 3])
permissions = st.dictionaries(st.sampled_from([*NAMES.values(), "spring", "spring-lcm"]), levels)


def category(**more: Any) -> Category:
    """A category as the forum shows it."""
    row = {"id": 5, "name": "Lounge", "slug": "lounge", "read_restricted": True}
    return parse_category(Shape(row | more, "answer"))


@pytest.mark.parametrize(("number", "name"), IN_FRENCH)
def test_a_group_of_discourse_is_known_by_its_id_whatever_it_is_called(number: int, name: str) -> None:
    assert is_own_group(number, name)
    assert names_on_site([(number, name)]) == {name: NAMES[number]}
    shown = category(group_permissions=[{"group_id": number, "group_name": name, "permission_type": 1}])
    assert shown.permissions == {NAMES[number]: 1}


@pytest.mark.parametrize("name", sorted(OPEN_TO_ALL))
def test_each_of_the_three_groups_of_everybody_opens_a_category_to_all(name: str) -> None:
    assert is_public({name: 3, "spring": 1})
    assert is_open_to_all({name.upper(): 3})
    assert reads_all_of({"spring": 1}, {name: 3})
    assert is_reserved(name.replace("_", "-"))


def test_permissions_in_the_sites_language_are_read_by_the_ids_of_its_groups() -> None:
    names = names_on_site(IN_FRENCH)
    assert in_our_names({"Tous": 3, "printemps": 1}, names) == {"everyone": 3, "printemps": 1}
    assert is_open_to_all(in_our_names({"utilisateurs_connectés": 1}, names))


@pytest.mark.parametrize(
    "rows",
    [
        None,
        [],
        "everyone",
        [{"group_name": "everyone"}],
        [{"permission_type": 1}],
        [{"group_name": "everyone", "permission_type": "1"}],
        [{"group_name": "everyone", "permission_type": 4}],
        [{"group_name": "spring", "permission_type": 1}, {"grantee": {"kind": "all"}, "actions": ["see"]}],
        [{"group_name": "spring", "permission_type": 1}, "everyone"],
        [{"group_name": {"en": "everyone"}, "permission_type": 1}],
    ],
)
def test_permissions_that_are_not_understood_are_unknown_and_open_nothing(rows: Any) -> None:
    shown = category(group_permissions=rows)
    assert shown.permissions is None
    assert not is_public(shown.permissions)
    assert not opens_to_all(shown, category(group_permissions=[{"group_name": "spring", "permission_type": 1}]))


def test_a_category_that_does_not_say_whether_it_is_restricted_counts_as_such() -> None:
    assert parse_category(Shape({"id": 5, "name": "Lounge", "slug": "lounge"}, "answer")).read_restricted


def test_full_access_for_everybody_with_an_account_leaves_no_other_permission_to_be_told() -> None:
    assert allows({"everyone": 1}, "spring", 1)
    assert allows({"logged_in_users": 1, "anonymous_users": 3}, "spring", 3)
    assert not allows({"anonymous_users": 1}, "spring", 1)
    assert not allows({"logged_in_users": 3}, "spring", 1)


def test_a_parent_lets_in_whom_it_names_and_all_where_everybody_with_an_account_may_read_it() -> None:
    assert lets_in({"Spring": 3}, ["spring"])
    assert lets_in({"logged_in_users": 3}, ["spring"])
    assert not lets_in({"anonymous_users": 3}, ["spring"])
    assert not lets_in({}, ["spring"])


@given(permissions, permissions)
def test_what_not_all_readers_of_one_may_read_is_never_taken_for_open_to_them(
    own: dict[str, int], other: dict[str, int]
) -> None:
    if reads_all_of(own, other):
        assert is_open_to_all(other) or set(own) <= set(other)
    assert not reads_all_of(own, None)
    assert not reads_all_of(None, other)


@given(
    st.lists(st.builds(Granted, st.none() | st.integers(0, 50), st.none() | st.sampled_from(["", "a", "b"]), levels))
)
def test_permissions_are_known_as_a_whole_or_not_at_all(granted: list[Granted]) -> None:
    named = [one.group_id in NAMES or bool(one.group) for one in granted]
    assert (permissions_of(granted) is not None) is (bool(granted) and all(named))
