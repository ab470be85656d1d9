"""The lives of cohorts go the same way on the Discourses that were read about and not recorded.

With `make test` a few lives, with `make search` every life that needs nothing but a site.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest
import requests

from sync_worker.membership import DriftKind, drift
from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.dialects import NAMES, RECORDED
from sync_worker.practice_forum.server.options import ForumOptions
from tests.accounts import account_ids
from tests.membership import test_drift, test_life_of_a_cohort, test_on_the_forum, test_upkeep
from tests.membership.conftest import SERIAL, STAFF, Site
from tests.search import SEARCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import ModuleType

Life = Any
MODULES = (test_on_the_forum, test_life_of_a_cohort, test_upkeep, test_drift)
CHOSEN = {
    "2026.1": (
        "test_the_first_sync_makes_groups_categories_moderation_and_members",
        "test_one_person_more_costs_a_call_for_the_change_and_one_to_find_them",
        "test_a_run_is_taken_back_to_the_state_before",
        "test_what_people_did_by_hand_is_told",
    ),
    "current": (
        "test_the_first_sync_makes_groups_categories_moderation_and_members",
        "test_a_second_sync_has_nothing_to_do_and_takes_eight_calls",
        "test_one_person_more_costs_a_call_for_the_change_and_one_to_find_them",
        "test_a_run_is_taken_back_to_the_state_before",
        "test_a_cohort_that_is_over_becomes_an_archive_and_its_learners_alumni",
        "test_a_programmes_category_is_made_and_opened_before_those_of_its_cohorts",
        "test_tags_that_somebody_allowed_by_hand_stay",
        "test_what_people_did_by_hand_is_told",
    ),
}
OTHERWISE = {
    (
        "current",
        "test_a_category_opened_to_everyone_is_told_in_one_line_and_a_sync_does_not_try_to_close_it",
    ): "there everyone is two groups, and so two lines",
}


def lives(module: ModuleType) -> Iterator[tuple[str, Life]]:
    """Yield the lives of a module that need nothing but a site."""
    for name, life in inspect.getmembers(module, inspect.isfunction):
        if name.startswith("test_") and list(inspect.signature(life).parameters) == ["site"]:
            yield name, life


ALL = dict(pair for module in MODULES for pair in lives(module))


def chosen() -> Iterator[Any]:
    """Yield the lives to be led, with the dialect of the forum."""
    for dialect in NAMES:
        for name in () if dialect == RECORDED else ALL if SEARCH else CHOSEN[dialect]:
            if (dialect, name) not in OTHERWISE:
                yield pytest.param(dialect, name, id=f"{dialect}-{name}")


@pytest.fixture(scope="module")
def forums() -> Iterator[Callable[[Any], ForumServer]]:
    """A practice forum with 120 accounts of each dialect, made when it is first asked for."""
    made: dict[str, ForumServer] = {}

    def of(dialect: Any) -> ForumServer:
        if dialect not in made:
            values = {"enable_category_group_moderation": "true"}
            made[dialect] = ForumServer(
                ":memory:", options=ForumOptions(bulk_users=120, settings=values, dialect=dialect)
            )
            made[dialect].start()
        return made[dialect]

    yield of
    for server in made.values():
        server.stop()


@pytest.mark.parametrize(("dialect", "name"), list(chosen()))
def test_a_life_goes_as_on_the_recorded_forum(
    forums: Callable[[Any], ForumServer], dialect: str, name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site = Site(forums(dialect).url, tmp_path_factory.mktemp("site"), f"d{next(SERIAL):04}")
    try:
        ALL[name](site)
    finally:
        site.store.close()


def test_every_life_that_was_chosen_is_there() -> None:
    assert {name for names in CHOSEN.values() for name in names} <= ALL.keys()
    assert len(ALL) > 50


def test_drift_names_the_workflows_that_may_have_done_it(
    forums: Callable[[Any], ForumServer], tmp_path_factory: pytest.TempPathFactory
) -> None:
    site = Site(forums("current").url, tmp_path_factory.mktemp("site"), f"d{next(SERIAL):04}")
    a, b = site.keys
    site.enrol(a, range(1, 4))
    site.enrol(b, range(1, 4))
    site.sync()
    with site.forum() as forum:
        groups = {group.name: group.id for group in forum.groups()}
        forum.add_members(groups[a], account_ids(forum, "bulk0020"))
        forum.remove_members(groups[b], account_ids(forum, "bulk0002"))
    switched = {"discourse_workflows_enabled": "true"}
    calls = [("PUT", "/admin/site_settings/discourse_workflows_enabled.json", switched)]
    for name, operation, group in (("Let in", "add", a), ("Let others in", "add", b), ("Send away", "remove", b)):
        step = {
            "type": "action:group",
            "name": "Group",
            "parameters": {"operation": operation, "group_id": groups[group]},
        }
        flow = {"name": name, "nodes": [{"type": "trigger:post_created", "name": "Post"}, step], "published": "true"}
        calls.append(("POST", "/admin/plugins/discourse-workflows/workflows.json", {"workflow": flow}))
    for method, path, body in calls:
        assert requests.request(method, site.url + path, json=body, headers=STAFF, timeout=60).ok
    with site.forum(read_only=True) as forum:
        found = drift(site.settings, forum, site.store, now=test_drift.NOW)
    site.store.close()
    assert [(line.kind, line.cohort, line.workflows) for line in found] == [
        (DriftKind.ADDED, a, ("Let in",)),
        (DriftKind.LEFT, b, ("Send away",)),
    ]
