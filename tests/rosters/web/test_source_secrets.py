"""No token, key or assertion is in a log, a message, a traceback or what an object says of itself."""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from typing import Any

import pytest

from sync_worker.config.load import load_settings
from sync_worker.errors import LcmError
from sync_worker.rosters.canvas import CanvasClient
from sync_worker.rosters.moodle import MoodleClient
from sync_worker.rosters.nrps import NrpsClient
from sync_worker.rosters.scim_client import ScimClient
from tests.rosters.setting import Setting
from tests.rosters.syncing import Desk
from tests.rosters.web.loopback import Failing, Fault, broken_off, content, status

NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
SOURCES = ("moodle", "canvas", "lti", "scim")


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest) -> Setting:
    """Each of the sources."""
    found: Setting = request.getfixturevalue(request.param)
    return found


def echo(request: Any, call: Any) -> Any:
    """Refuse a call in words that repeat all that it said."""
    said = f"{request.headers.get('Authorization')} {request.get_data(as_text=True)}"
    return status(400, said)(request, call)


def secrets_in(source: Setting) -> list[str]:
    """Return all that must stay secret: what stands in the environment, and tokens given meanwhile."""
    key_lines = [line for text in source.environment.values() for line in text.splitlines() if "-----" not in line]
    return [*key_lines, *getattr(source.data, "tokens", ())]


@pytest.mark.parametrize(
    "fault",
    [
        None,
        status(401),
        status(403, "no"),
        status(503),
        content("<html>"),
        broken_off(),
        echo,
        Failing(echo, "names_and_roles"),
    ],
    ids=["good", "401", "403", "503", "html", "broken", "echo", "echo of a token"],
)
def test_nothing_secret_is_logged_or_told(
    fault: Fault | None, source: Setting, quiet_desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    source.open(quiet_desk)
    source.server.fault = fault
    told = quiet_desk.lcm("sync").output + quiet_desk.lcm("check").output
    try:
        told += repr(quiet_desk.roster(NOW).source)
    except LcmError as error:
        told += "".join(traceback.format_exception(error)) + repr(error)
    told += caplog.text
    assert secrets_in(source)
    for secret in secrets_in(source):
        assert secret not in told
    assert "eyJ" not in told


def test_no_object_tells_its_secret(source: Setting, quiet_desk: Desk) -> None:
    source.open(quiet_desk)
    settings: Any = load_settings(quiet_desk.file).sources[0]
    made = {
        "moodle": lambda: MoodleClient(settings, source.environment),
        "canvas": lambda: CanvasClient(settings, source.environment),
        "nrps": lambda: NrpsClient(settings),
        "scim": lambda: ScimClient(settings, source.environment),
    }[settings.TELLING]()
    told = repr(made) + repr(settings) + "".join(map(repr, vars(made).values() if settings.TELLING == "nrps" else ()))
    made.close()
    for secret in secrets_in(source):
        assert secret not in told


def test_the_check_reads_the_source_and_says_what_it_found(source: Setting, quiet_desk: Desk) -> None:
    source.open(quiet_desk)
    assert "5 people in 2 cohorts, a snapshot" in quiet_desk.lcm("check").output


def test_the_check_says_that_a_source_does_not_answer(source: Setting, quiet_desk: Desk) -> None:
    source.open(quiet_desk)
    source.server.fault = status(503)
    result = quiet_desk.lcm("check")
    assert result.exit_code == 5
    assert "the source answered 503" in result.output


def test_a_token_in_lcm_yaml_itself_is_refused_without_repeating_it(source: Setting, quiet_desk: Desk) -> None:
    source.open(quiet_desk, token="pasted-secret")
    result = quiet_desk.lcm("sync")
    assert result.exit_code == 2
    assert "unknown key 'token'" in result.stderr
    assert "pasted-secret" not in result.output
