"""However a source cuts the same people into pages and in whatever order, the roster is the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.rosters.canvas.school import CanvasUser, Enrollment
from tests.rosters.moodle.site import MoodleUser
from tests.rosters.nrps.platform import member

if TYPE_CHECKING:
    from collections.abc import Callable

    from werkzeug.wrappers import Request, Response

    from sync_worker.model import Roster
    from tests.rosters.setting import Setting
    from tests.rosters.syncing import Desk

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
MANY = range(1, 13)
SPLIT = {"size": st.integers(1, 15), "order": st.permutations(MANY)}
few = settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def said(roster: Roster) -> set[Any]:
    """Return what a roster says, whatever its order."""
    return {(e.person, e.cohort, e.role, e.start, e.end, e.withdrawn, e.where) for e in roster.enrolments}


def check_same(
    desk: Desk, source: Setting, whole: dict[str, Any], split: dict[str, Any], shuffle: Callable[[], None]
) -> None:
    """Read the people in one page, then shuffled and cut; they must be the same, and nobody is rejected."""
    source.open(desk, **whole)
    expected = desk.roster(NOW)
    shuffle()
    source.open(desk, **split)
    found = desk.roster(NOW)
    assert said(found) == said(expected)
    assert len(found.enrolments) == len(expected.enrolments)
    assert found.rejected == expected.rejected == ()


@few
@given(**SPLIT, largest=st.integers(1, 100))
def test_canvas(quiet_desk: Desk, canvas: Setting, size: int, order: list[int], largest: int) -> None:
    school = canvas.data
    school.users = {n: CanvasUser(n, f"Person {n}", f"p{n}@example.org", f"E{n}") for n in MANY}
    places = [Enrollment(n, n, 42 + n % 2, state="completed" if n % 5 == 0 else "active") for n in MANY]
    school.enrollments, school.largest_page = places, 100

    def shuffle() -> None:
        school.users = {n: school.users[n] for n in order}
        school.enrollments = [places[n - 1] for n in order]
        school.largest_page = largest

    check_same(quiet_desk, canvas, {}, {"page_size": size, "courses": [101]}, shuffle)


@few
@given(**SPLIT, shorter=st.integers(0, 5), again=st.lists(st.sampled_from(MANY), max_size=4))
def test_nrps(quiet_desk: Desk, lti: Setting, size: int, order: list[int], shorter: int, again: list[int]) -> None:
    platform = lti.data
    people = {n: member(n, f"P{n} Person", "Instructor" if n == 3 else "Learner") for n in MANY}
    platform.members = {"s27": list(people.values()), "a27": [people[4]]}
    platform.shorter_pages = 0

    def shuffle() -> None:
        platform.members["s27"] = [people[n] for n in [*order, *again]]
        platform.shorter_pages = shorter

    check_same(quiet_desk, lti, {}, {"page_size": size}, shuffle)


@few
@given(**SPLIT)
def test_moodle(quiet_desk: Desk, moodle: Setting, size: int, order: list[int]) -> None:
    site = moodle.data
    site.users = {n: MoodleUser(n, f"u{n}", f"Person {n}", f"E{n}", suspended=n % 5 == 0) for n in MANY}
    site.cohorts[12], site.enrolled[7] = ("Spring", list(MANY)), {n: ["student"] for n in MANY}

    def shuffle() -> None:
        site.cohorts[12] = ("Spring", list(order))
        site.enrolled[7] = {n: ["student"] for n in order}
        site.users = {n: site.users[n] for n in order}

    check_same(quiet_desk, moodle, {}, {"chunk": size}, shuffle)


@few
@given(size=st.integers(1, 9), most=st.integers(1, 9), seed=st.integers(0, 999))
def test_scim(quiet_desk: Desk, scim: Setting, size: int, most: int, seed: int) -> None:
    random = Random(seed)

    def capped_and_shuffled(request: Request, call: Callable[[], Response]) -> Response:
        if "count=" not in request.full_path:
            return call()
        wanted = int(request.args["count"])
        request.environ["QUERY_STRING"] = request.environ["QUERY_STRING"].replace(
            f"count={wanted}", f"count={min(wanted, most)}"
        )
        response = call()
        told = json.loads(response.get_data())
        random.shuffle(told.get("Resources", []))
        response.set_data(json.dumps(told))
        return response

    def shuffle() -> None:
        scim.server.fault = capped_and_shuffled

    scim.server.fault = None
    whole = {"all_groups": True, "other_cohorts": "ignore"}
    check_same(quiet_desk, scim, whole, whole | {"page_size": size}, shuffle)
