"""What the guides to LTI, SCIM, Moodle and Canvas show works as it is there, and says what the messages say."""

from __future__ import annotations

import json
import re
import runpy
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from sync_worker.config.load import load_settings
from tests.rosters.nrps.platform import key, pem

if TYPE_CHECKING:
    from tests.rosters.setting import Setting
    from tests.rosters.syncing import Desk

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2027, 3, 10, 9, tzinfo=UTC)
FIXTURES = {"moodle": "moodle", "canvas": "canvas", "nrps": "lti", "scim": "scim"}
ADDRESSES = {
    "moodle": "https://moodle.example.org",
    "canvas": "https://canvas.example.org",
    "nrps": "https://lms.example.org",
    "scim": "https://idp.example.org/scim/v2",
}


def guide(kind: str) -> str:
    """Return the text of a source's guide."""
    return (ROOT / "docs" / f"roster-{kind}.md").read_text(encoding="utf-8")


def parts(kind: str) -> list[str]:
    """Return the parts of `lcm.yaml` that a guide shows."""
    blocks = re.findall(r"((?:^ {4}.*\n)+)", guide(kind), re.MULTILINE)
    texts = [re.sub(r"^ {4}", "", block, flags=re.MULTILINE) for block in blocks]
    return [text for text in texts if text.startswith("roster:")]


@pytest.mark.parametrize("kind", FIXTURES)
def test_the_first_example_syncs(kind: str, desk: Desk, request: pytest.FixtureRequest) -> None:
    source: Setting = request.getfixturevalue(FIXTURES[kind])
    told = yaml.safe_load(parts(kind)[0].replace(ADDRESSES[kind], source.roster[kind]))
    desk.environment.update(source.environment)
    desk.write(told.pop("roster"), **told)
    result = desk.lcm("sync", "--apply")
    assert result.exit_code == 0, result.output
    assert {"marta", "ines", "tomas"} & set(desk.members("spring-27"))
    assert len(desk.roster(NOW).enrolments) == 5


@pytest.mark.parametrize("kind", FIXTURES)
def test_given_names_are_kept_as_a_fact_only_where_that_is_asked_for(
    kind: str, desk: Desk, request: pytest.FixtureRequest
) -> None:
    source: Setting = request.getfixturevalue(FIXTURES[kind])
    source.open(desk)
    (silent,) = desk.roster(NOW).facts.values()
    assert silent.stated == ()
    source.open(desk, first_names=True)
    (stated,) = desk.roster(NOW).facts.values()
    found = {one.person.email: one.values for one in stated.stated}
    assert found["ines@example.org"] == {"first_name": "Ines"}
    assert len(found) == 5


@pytest.mark.parametrize("kind", FIXTURES)
def test_every_example_is_understood(kind: str, tmp_path: Path) -> None:
    for part in parts(kind):
        (tmp_path / "lcm.yaml").write_text(f"forum: {{url: 'https://forum.example.org'}}\n{part}", encoding="utf-8")
        assert len(load_settings(tmp_path / "lcm.yaml").sources) == 1


@pytest.mark.parametrize("kind", ["moodle", "canvas"])
def test_the_example_without_a_map_takes_cohorts_as_they_are(
    kind: str, desk: Desk, request: pytest.FixtureRequest
) -> None:
    source: Setting = request.getfixturevalue(FIXTURES[kind])
    told = yaml.safe_load(parts(kind)[1].replace(ADDRESSES[kind], source.roster[kind]))
    if kind == "moodle":
        told["roster"]["courses"] = [7]
    told["cohorts_from"].pop("match", None)
    desk.environment.update(source.environment)
    desk.write(told.pop("roster"), cohorts=[], **told)
    assert desk.roster(NOW).cohorts


def test_the_key_becomes_a_jwk_as_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (block,) = re.findall(r"`jwk.py`:\n\n((?:(?: {4}.*)?\n)+)", guide("nrps"))
    (tmp_path / "jwk.py").write_text(re.sub(r"^ {4}", "", block, flags=re.MULTILINE), encoding="utf-8")
    (tmp_path / "lti-key.pem").write_bytes(pem(key()))
    monkeypatch.chdir(tmp_path)
    runpy.run_path("jwk.py")
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (told["kty"], told["kid"], told["alg"], told["use"]) == ("RSA", "lcm-2027", "RS256", "sig")
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(told)


@pytest.mark.parametrize("kind", FIXTURES)
def test_the_messages_in_the_guide_are_those_of_the_program(kind: str) -> None:
    """Each message that the guide explains stands in the code, or in the tests as the source's own words."""
    table = guide(kind).partition("## What it says when something is wrong")[2]
    messages = [text for row in table.splitlines()[4:] for text in re.findall(r"`([^`]+)`", row.split("|")[1])]
    code = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "sync_worker" / "rosters").rglob("*.py"))
    tests = " ".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.rglob("*.py"))
    assert len(messages) >= 6
    for message in messages:
        words = re.split(r"'[^']*'|\d+|\.\.\.", message)
        longest = max(words, key=len).strip()
        assert longest in f"{code} {tests}", message
