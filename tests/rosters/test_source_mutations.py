"""An answer of a source that is damaged anywhere is read, rejected in part or refused: never anything else."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync_worker.errors import LcmError
from sync_worker.model import Roster

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request, Response

    from tests.rosters.setting import Setting
    from tests.rosters.syncing import Desk

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
Path = tuple[Any, ...]
DAMAGE = st.one_of(
    st.sampled_from(
        [
            None,
            True,
            False,
            0,
            -1,
            10**30,
            1.5,
            "",
            " ",
            "x",
            "\u0000",
            "\ud83d\ude00" * 400,
            [],
            {},
            [[]],
            [None],
            [{}],
        ]
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
    st.just("(taken away)"),
    st.just("(twice)"),
)


def places_in(told: Any, path: Path = ()) -> list[Path]:
    """Return the paths of all values of a JSON text."""
    items = told.items() if isinstance(told, dict) else enumerate(told) if isinstance(told, list) else ()
    return [path, *(found for key, value in items for found in places_in(value, (*path, key)))]


def damaged(told: Any, path: Path, damage: Any) -> Any:
    """Return the JSON with another value, or none, or the same one twice, at a place."""
    if not path:
        return damage
    whole = copy.deepcopy(told)
    parent = whole
    for step in path[:-1]:
        parent = parent[step]
    if damage == "(taken away)":
        del parent[path[-1]]
    elif damage == "(twice)" and isinstance(parent, list):
        parent.append(parent[path[-1]])
    else:
        parent[path[-1]] = damage
    return whole


@pytest.fixture(params=["moodle", "canvas", "lti", "scim"])
def source(request: pytest.FixtureRequest) -> Setting:
    """Each of the sources."""
    found: Setting = request.getfixturevalue(request.param)
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(which=st.integers(1, 7), place=st.integers(0, 10_000), damage=DAMAGE)
def test_it_is_told_or_taken(source: Setting, quiet_desk: Desk, which: int, place: int, damage: Any) -> None:
    answers = 0

    def fault(request: Request, call: Callable[[], Response]) -> Response:
        nonlocal answers
        response = call()
        answers += 1
        if answers == which and response.status_code == 200:
            told = json.loads(response.get_data())
            paths = places_in(told)
            response.set_data(json.dumps(damaged(told, paths[place % len(paths)], damage)))
        return response

    source.server.fault = fault
    manager = {"manager_field": "manager"} if "moodle" in source.roster else {}
    source.open(quiet_desk, **manager)
    try:
        outcome: Any = quiet_desk.roster(NOW)
    except LcmError as error:
        outcome = error
    if isinstance(outcome, Roster):
        assert all(row.reason and row.where for row in outcome.rejected)
    else:
        assert outcome.exit_code in (2, 5), outcome
