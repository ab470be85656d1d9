"""An answer of a source that is damaged anywhere is read, rejected in part or refused: never anything else."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sync_worker.errors import LcmError
from sync_worker.model import Roster
from tests.search import examples
from tests.untouched import check_refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result
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


@dataclass
class Damage:
    """Damages the n-th good answer since `answers` was last set to 0."""

    which: int
    place: int
    value: Any
    answers: int = 0

    def __call__(self, request: Request, call: Callable[[], Response]) -> Response:
        """Answer as the source does, but for that."""
        response = call()
        self.answers += 1
        if self.answers == self.which and response.status_code == 200:
            told = json.loads(response.get_data())
            paths = places_in(told)
            response.set_data(json.dumps(damaged(told, paths[self.place % len(paths)], self.value)))
        return response


def read(source: Setting, desk: Desk, damage: Damage) -> Roster | LcmError:
    """Read the roster of a source whose answers are damaged."""
    source.server.fault = damage
    manager = {"manager_field": "manager"} if "moodle" in source.roster else {}
    source.open(desk, **manager)
    try:
        return desk.roster(NOW)
    except LcmError as error:
        return error


DAMAGES = st.builds(Damage, which=st.integers(1, 7), place=st.integers(0, 10_000), value=DAMAGE)
ONE_DESK = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much]
)


@settings(ONE_DESK, max_examples=examples(20, 1000))
@given(damage=DAMAGES)
def test_it_is_told_or_taken(source: Setting, quiet_desk: Desk, damage: Damage) -> None:
    outcome = read(source, quiet_desk, damage)
    if isinstance(outcome, Roster):
        assert all(row.reason and row.where for row in outcome.rejected)
    else:
        assert outcome.exit_code in (2, 5), outcome


@settings(ONE_DESK, max_examples=examples(4, 200))
@given(damage=DAMAGES)
def test_what_is_refused_changes_nothing(source: Setting, quiet_desk: Desk, damage: Damage) -> None:
    outcome = read(source, quiet_desk, damage)
    assume(isinstance(outcome, LcmError) or outcome.rejected)
    if isinstance(outcome, LcmError):
        code, says, where = outcome.exit_code, outcome.what, outcome.where or ""
    else:
        code, says, where = 3, outcome.rejected[0].reason, outcome.rejected[0].where

    def lcm(*arguments: str) -> Result:
        damage.answers = 0
        return quiet_desk.lcm(*arguments)

    check_refused(lcm, quiet_desk.world, code=code, says=says, where=where)
