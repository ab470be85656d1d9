"""What lcm.yaml says of a running cohort reaches the desk, the console and the learner's box."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.lcm.test_desk_loop import START, Worker
from tests.lcm.test_sync_through_plugin import NOW, Place

if TYPE_CHECKING:
    from pathlib import Path

LATER: dict[str, Any] = {
    "start": date(2027, 3, 8),
    "end": date(2027, 5, 7),
    "name": "Spring cohort",
    "timezone": "Europe/Paris",
    "locale": "fr",
    "playbook": "my-own",
}


@pytest.fixture
def place(site: Any, tmp_path: Path) -> Place:
    return Place(site, tmp_path)


def shown(place: Any) -> dict[str, Any]:
    return dict(place.site.forum.get("/lcm/cohorts.json")["cohorts"][0]["declared"])


@pytest.mark.parametrize("name", LATER)
def test_a_sync_tells_each_fact_that_changed_once(place: Place, name: str) -> None:
    place.sync()
    before = shown(place)

    place.cohort = {name: LATER[name]}
    _, report = place.sync(NOW + timedelta(hours=1))

    assert report.failed == ()
    told = LATER[name].isoformat() if isinstance(LATER[name], date) else LATER[name]
    assert shown(place) == before | {name: told}
    place.sync(NOW + timedelta(hours=2))
    assert not [call for call in place.calls if call.startswith("PUT")]


def test_the_desks_tell_it_too_and_leave_groups_and_category_as_they_are(cohort: Any, tmp_path: Path) -> None:
    worker = Worker(cohort, tmp_path)
    categories = cohort.forum.get("/lcm/cohorts.json")["cohorts"][0]["category"]["id"]
    opened = {"name": "Open to all", "permissions": {"everyone": 1}}
    assert cohort.forum.call("PUT", f"/categories/{categories}.json", json=opened).status_code == 200
    moved = replace_dates(worker)

    moved.look(START)

    assert (shown(moved)["start"], shown(moved)["playbook"]) == ("2027-03-08", "first-steps")
    state = cohort.forum.get("/lcm/cohorts.json")["cohorts"][0]
    assert (state["category"]["name"], state["category"]["permissions"]) == ("Open to all", {"everyone": 1})
    moved.calls.clear()
    moved.look(START + timedelta(hours=1))
    assert not [call for call in moved.calls if call.startswith("PUT /lcm/cohorts/spring-27.json")]


def replace_dates(worker: Worker) -> Worker:
    class Later(Worker):
        @property
        def settings(self) -> Any:
            settings = super().settings
            cohort = settings.cohorts[0].model_copy(update={"start": date(2027, 3, 8)})
            return settings.model_copy(update={"cohorts": (cohort,)})

    return Later(worker.site, worker.folder)
