"""Groups that did not change are not read again; nothing is changed on the ground of an old reading."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sync_worker.config.settings import Settings
from sync_worker.membership import sync
from sync_worker.membership.applying import unseen
from sync_worker.membership.observing import forum_view
from sync_worker.model import ChangeKind
from tests.accounts import account_ids

Site = Any
K = ChangeKind
NOW = datetime(2027, 3, 15, 9, tzinfo=UTC)


def run(site: Site, hours: float = 0, **lookup: object) -> Any:
    """Sync so many hours later; give the plan, the report and the calls."""
    limits = {
        "allow": ("add", "remove", "owners", "create"),
        "max_shrink_fraction": 1,
        "small_group_removals": 9,
        "grace_days": 0,
    }
    document = site.settings.model_dump() | {"lookup": lookup, "limits": limits}
    with site.forum() as forum:
        settings = Settings.model_validate(document)
        prepared, report = sync(settings, site.roster(), forum, site.store, now=NOW + timedelta(hours=hours))
        return prepared.plan, report, forum.calls.by_operation


@pytest.fixture
def every_group_is_large(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let reading any group cost two calls, as of more than a thousand members."""
    for module in (forum_view, unseen):
        monkeypatch.setattr(module, "calls_to_read", lambda _members: 2)
    return


def readings(calls: dict[str, int]) -> int:
    return calls.get("GET /groups/*/members", 0)


def test_with_check_count_groups_of_the_same_size_are_not_read(site: Site) -> None:
    site.enrol(site.keys[0], range(1, 11))
    run(site, check="count")
    plan, _, calls = run(site, 1, check="count")
    assert plan.effective == ()
    assert sum(calls.values()) == 2


def test_after_some_hours_everything_is_read_again(site: Site) -> None:
    site.enrol(site.keys[0], range(1, 11))
    run(site, check="count")
    assert readings(run(site, 23, check="count")[2]) == 0
    assert readings(run(site, 25, check="count")[2]) == 4
    assert readings(run(site, 26, check="count")[2]) == 0


def test_an_exchange_by_hand_is_overlooked_by_the_count_until_then(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 11))
    run(site, check="count")
    site.by_hand(a, add=["bulk0100"], remove=["bulk0003"])
    plan, _, _ = run(site, 1, check="count")
    assert plan.of(K.KEPT) == ()
    plan, _, _ = run(site, 25, check="count")
    assert {line.username for line in plan.of(K.KEPT)} == {"bulk0003", "bulk0100"}
    assert plan.effective == ()


@pytest.mark.usefixtures("every_group_is_large")
def test_the_log_gives_an_exchange_by_hand_away(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 11))
    run(site)
    run(site, 1)
    assert readings(run(site, 2)[2]) == 0
    site.by_hand(a, add=["bulk0100"], remove=["bulk0003"])
    plan, _, calls = run(site, 3)
    assert readings(calls) == 1
    assert {line.username for line in plan.of(K.KEPT)} == {"bulk0003", "bulk0100"}


def test_a_group_that_a_plan_changes_is_read_in_full_first(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 11))
    run(site, check="count")
    site.by_hand(a, add=["bulk0011"], remove=["bulk0004"])
    del site.rows[a, 5]
    site.enrol(a, (11,))
    plan, report, calls = run(site, 1, check="count")
    assert readings(calls) >= 1
    assert report.failed == ()
    assert [change.username for change in plan.of(K.REMOVE)] == ["bulk0005"]
    assert plan.of(K.ADD) == ()
    site.rows.clear()
    site.enrol(a, (1, 2, 3))
    plan, _, _ = run(site, 2, check="count")
    assert "bulk0011" in site.members(a)
    assert "bulk0011" not in {change.username for change in plan.of(K.REMOVE)}


def test_a_changed_number_is_reason_enough_to_read(site: Site) -> None:
    a, _ = site.keys
    site.enrol(a, range(1, 11))
    run(site, check="count")
    site.by_hand(a, remove=["bulk0003"])
    plan, _, calls = run(site, 1, check="count")
    assert readings(calls) == 1
    assert [line.username for line in plan.of(K.KEPT)] == ["bulk0003"]


def test_what_failed_is_read_again_by_the_next_run(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    from sync_worker.forum import FailedCall, Forum, Outcome

    a, _ = site.keys
    site.enrol(a, range(1, 11))
    run(site, check="count")

    def refuse(*_: object) -> Any:
        raise FailedCall("no.", outcome=Outcome.REFUSED, status=403)

    site.enrol(a, (12,))
    monkeypatch.setattr(Forum, "add_members", refuse)
    _, report, _ = run(site, 1, check="count")
    assert len(report.failed) == 1
    monkeypatch.undo()
    _, report, calls = run(site, 2, check="count")
    assert readings(calls) >= 1
    assert report.failed == ()
    assert "bulk0012" in site.members(a)


def test_a_group_made_anew_under_the_same_name_is_read(new_site: Callable[[], Site]) -> None:
    import requests

    from sync_worker.practice_forum.server.options import DEFAULT_KEY

    site = new_site()
    a, _ = site.keys
    site.enrol(a, range(1, 4))
    run(site, check="count")
    headers = {"Api-Key": DEFAULT_KEY, "Api-Username": "system"}
    with site.forum() as forum:
        old = next(group for group in forum.groups() if group.name == a)
        assert requests.delete(f"{site.url}/admin/groups/{old.id}.json", headers=headers, timeout=60).status_code == 200
        new = forum.create_group(a, "New")
        forum.add_members(new.id, account_ids(forum, "bulk0021", "bulk0022", "bulk0023"))
    _, _, calls = run(site, 1, check="count")
    assert readings(calls) >= 1
    assert {"bulk0021", "bulk0022", "bulk0023"} <= set(site.members(a))
