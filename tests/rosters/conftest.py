"""Fixtures for sources that are asked over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.practice_forum.options import DEFAULT_KEY, ForumOptions
from sync_worker.practice_forum.server import ForumServer
from sync_worker.rosters import http
from tests.conftest import PracticeForum
from tests.rosters import canvas_school, lti_platform, moodle_site, scim_service
from tests.rosters.loopback import Loopback
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEOPLE = ("marta", "ines", "tomas", "ana", "ben")


@pytest.fixture(scope="module")
def quiet_forum() -> Iterator[PracticeForum]:
    """A practice forum with the accounts of Marta, Ines, Tomas, Ana and Ben, which a module's refusals leave alone."""
    with ForumServer(":memory:", options=ForumOptions()) as server:
        forum = PracticeForum(server, DEFAULT_KEY)
        forum.add_users(*PEOPLE)
        yield forum
        forum.client.close()


@pytest.fixture
def quiet_desk(quiet_forum: PracticeForum, tmp_path: Path) -> Desk:
    """A desk whose syncs are refused: they leave the forum as it is."""
    return Desk(tmp_path, quiet_forum)


@pytest.fixture
def desk(practice_forum: Any, tmp_path: Path) -> Desk:
    """A desk at a forum of its own."""
    practice_forum.add_users(*PEOPLE)
    return Desk(tmp_path, practice_forum)


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that sources asked for; nobody really sleeps."""
    slept: list[float] = []
    monkeypatch.setattr(http, "PACE", http.Pace(sleep=slept.append))
    return slept


@pytest.fixture
def moodle() -> Iterator[Setting]:
    """A Moodle, and the settings that name it."""
    site = moodle_site.site()
    with Loopback(site.app()) as server:
        roster = {"moodle": server.url, "cohorts": {12: "spring", "course-7": "autumn"}}
        yield Setting(site, server, roster, {"MOODLE_TOKEN": moodle_site.TOKEN})


@pytest.fixture
def canvas() -> Iterator[Setting]:
    """A Canvas, and the settings that name it."""
    school = canvas_school.school()
    with Loopback(school.app()) as server:
        roster = {"canvas": server.url, "cohorts": {42: "spring", 43: "autumn"}}
        yield Setting(school, server, roster, {"CANVAS_TOKEN": canvas_school.TOKEN})


@pytest.fixture
def lti(tmp_path: Path) -> Iterator[Setting]:
    """An LTI Advantage platform, the tool's key in a file, and the settings that name them."""
    platform = lti_platform.platform()
    key = lti_platform.pem(lti_platform.key())
    (tmp_path / "lti-key.pem").write_bytes(key)
    with Loopback(platform.app()) as server:
        spring, autumn = lti_platform.context(server, "s27", "spring"), lti_platform.context(server, "a27", "autumn")
        roster = {
            "nrps": server.url,
            "client_id": lti_platform.CLIENT,
            "token_url": f"{server.url}{lti_platform.TOKEN_PATH}",
            "key_file": "lti-key.pem",
            "key_id": lti_platform.KEY_ID,
            "contexts": [spring, autumn],
        }
        yield Setting(platform, server, roster, {"KEY_IN_THE_FILE": key.decode()})


@pytest.fixture
def scim() -> Iterator[Setting]:
    """A SCIM service with three groups, and the settings that name it."""
    with Loopback(scim_service.application()) as server:
        directory = scim_service.Directory(f"{server.url}/v2")
        scim_service.fill(directory)
        server.seen.clear()
        roster = {
            "scim": directory.url,
            "cohorts": {"Spring learners": "spring", "Spring leads": "spring", "Autumn": "autumn"},
            "group_roles": {"Spring leads": "lcm"},
        }
        yield Setting(directory, server, roster, {"SCIM_TOKEN": scim_service.TOKEN})
