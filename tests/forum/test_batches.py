"""Many members in batches: everybody arrives, whatever fails on the way."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync_worker.errors import ForumError
from sync_worker.forum import FailedCall, Outcome
from sync_worker.forum.writing import BatchSize, Sent, change_members


class Group:
    """A group on a forum that fails in the ways Discourse does."""

    def __init__(self, members: Sequence[int] = (), unknown: Sequence[int] = (), *, seconds_each: float = 0.0) -> None:
        self.members = set(members)
        self.unknown = set(unknown)
        self.seconds_each = seconds_each
        self.sizes: list[int] = []
        self.looks = 0
        self.failures: list[str] = []

    def send(self, accounts: Sequence[int]) -> Sent:
        self.sizes.append(len(accounts))
        known = [account for account in accounts if account not in self.unknown]
        failure = self.failures.pop() if self.failures else ""
        if failure == "half":
            self.members |= set(known[: len(known) // 2])
        if failure == "after":
            self.members |= set(known)
        if failure:
            raise FailedCall("the connection broke.", outcome=Outcome.DOUBTFUL)
        if not known:
            raise FailedCall("user_ids", outcome=Outcome.REFUSED, status=400, error_type="invalid_parameters")
        if all(account in self.members for account in known):
            raise FailedCall("already members", outcome=Outcome.REFUSED, status=422)
        self.members |= set(known)
        return Sent(len(known), len(accounts) * self.seconds_each)

    def settled(self, accounts: Sequence[int]) -> frozenset[int]:
        self.looks += 1
        return frozenset(accounts) & self.members


IDS = st.lists(st.integers(1, 10_000), max_size=80, unique=True)


@settings(deadline=None)
@given(
    ids=IDS,
    start=st.integers(1, 40),
    failures=st.lists(st.sampled_from(["before", "half", "after", ""]), max_size=5),
    data=st.data(),
)
def test_everybody_known_arrives_once_whatever_fails(
    ids: list[int], start: int, failures: list[str], data: st.DataObject
) -> None:
    unknown = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
    already = data.draw(st.lists(st.sampled_from(ids), unique=True)) if ids else []
    group = Group([account for account in already if account not in unknown], unknown)
    group.failures = failures
    result = change_members(group, ids, BatchSize(start=start))
    assert sorted(result.done + result.skipped) == sorted(ids)
    assert set(result.skipped) == set(unknown)
    assert set(result.done) <= group.members


def test_a_group_that_is_left_in_peace_is_never_looked_at() -> None:
    group = Group()
    change_members(group, range(1, 501), BatchSize())
    assert group.looks == 0


def test_an_account_that_is_named_twice_goes_once() -> None:
    group = Group()
    result = change_members(group, [7, 7, 9], BatchSize())
    assert group.sizes == [2]
    assert result.done == (7, 9)


def test_batches_settle_near_five_seconds_on_the_measured_server() -> None:
    measured = {1: 0.11, 10: 0.16, 100: 1.5, 200: 3.3, 500: 7.0, 1000: 12.0}
    size = BatchSize()
    for _ in range(6):
        nearest = min(measured, key=lambda names: abs(names - size.names))
        size.measured(size.names, size.names * measured[nearest] / nearest)
    assert 300 <= size.names <= 420


def test_batches_grow_to_the_cap_on_a_fast_server_and_stay_there() -> None:
    group = Group(seconds_each=0.001)
    change_members(group, range(1, 5001), BatchSize())
    assert group.sizes == [100, 200, 400, 800, 1000, 1000, 1000, 500]


def test_batches_shrink_after_a_failure_and_on_a_slow_server() -> None:
    group = Group(seconds_each=0.2)
    group.failures = ["half"]
    change_members(group, range(1, 201), BatchSize())
    assert group.sizes[:4] == [100, 50, 25, 25]
    assert group.looks == 1


@given(st.lists(st.tuples(st.integers(1, 1000), st.floats(0, 40)), max_size=30), st.randoms())
def test_the_batch_size_stays_within_what_discourse_takes(
    measures: list[tuple[int, float]], rng: random.Random
) -> None:
    size = BatchSize()
    for names, seconds in measures:
        size.measured(names, seconds)
        if rng.random() < 0.3:
            size.failed()
        assert 1 <= size.names <= 1000


def test_a_forum_that_keeps_failing_is_given_up() -> None:
    group = Group()
    group.failures = ["before"] * 50
    with pytest.raises(FailedCall, match="connection broke"):
        change_members(group, ["ana", "bo"], BatchSize())
    assert len(group.sizes) == 6


@pytest.mark.parametrize("status", [403, 404, 422, 503])
def test_a_refusal_that_looking_does_not_clear_up_is_raised(status: int) -> None:
    class Refusing(Group):
        def send(self, names: Sequence[str]) -> Sent:
            self.sizes.append(len(names))
            raise FailedCall("no.", outcome=Outcome.REFUSED, status=status)

    group = Refusing()
    with pytest.raises(ForumError):
        change_members(group, ["ana", "bo"], BatchSize())
    assert len(group.sizes) == 1
