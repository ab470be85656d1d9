"""Fixtures for sources that are asked over HTTP."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from sync_worker.practice_forum.app import ForumServer
from sync_worker.practice_forum.server.options import DEFAULT_KEY, ForumOptions
from sync_worker.rosters import web_session
from tests.conftest import PracticeForum
from tests.rosters.canvas import school as canvas_school
from tests.rosters.moodle import site as moodle_site
from tests.rosters.nrps import platform as lti_platform
from tests.rosters.scim import service as scim_service
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk
from tests.rosters.web.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GOOD_CSV = (
    "email,name,cohort,role\nmarta@example.org,Marta,spring,lcm\nines@example.org,Ines,spring,learner\n"
    "tomas@example.org,Tomas,spring,learner\nana@example.org,Ana,autumn,learner\n"
)
PEOPLE = ("marta", "ines", "tomas", "ana", "ben")


@pytest.fixture(scope="session")
def quiet_desk_of_a_good_sync(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk at a forum of Marta, Ines, Tomas, Ana and Ben, after a sync that put four of them into two cohorts."""
    with ForumServer(":memory:", options=ForumOptions()) as server:
        forum = PracticeForum(server, DEFAULT_KEY)
        forum.add_users(*PEOPLE)
        desk = Desk(tmp_path_factory.mktemp("good"), forum)
        (desk.folder / "r.csv").write_text(GOOD_CSV, encoding="utf-8")
        desk.write({"csv": "r.csv"})
        result = desk.lcm("sync", "--apply", "--now", "2027-03-02T09:00+00:00")
        assert result.exit_code == 0, result.output
        yield desk
        forum.client.close()


@pytest.fixture
def quiet_desk(quiet_desk_of_a_good_sync: Desk, tmp_path: Path) -> Desk:
    """A desk with that forum and that store; its syncs are refused, and leave the forum as it is."""
    shutil.copy(quiet_desk_of_a_good_sync.folder / "lcm.db", tmp_path)
    return Desk(tmp_path, quiet_desk_of_a_good_sync.forum)


@pytest.fixture
def desk(practice_forum: Any, tmp_path: Path) -> Desk:
    """A desk at a forum of its own."""
    practice_forum.add_users(*PEOPLE)
    return Desk(tmp_path, practice_forum)


@pytest.fixture(autouse=True)
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that sources asked for; nobody really sleeps."""
    slept: list[float] = []
    monkeypatch.setattr(web_session, "PACE", web_session.Pace(sleep=slept.append))
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
