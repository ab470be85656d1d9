"""The shipped playbooks: found from a source checkout and from an installed wheel."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from sync_worker.config.settings import Settings
from sync_worker.errors import ConfigError
from sync_worker.playbook.load import find_playbooks, load_playbook, playbooks_of, shipped_folder
from sync_worker.plays import REGISTRY
from tests.absent import absent

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", find_playbooks())
def test_every_shipped_playbook_is_sound(name: str) -> None:
    playbook = load_playbook(find_playbooks()[name], REGISTRY)
    assert playbook.file.languages == ("en", "fr")


def test_a_source_checkout_finds_its_playbooks() -> None:
    assert shipped_folder() == ROOT / "playbooks"
    assert "first-steps" in find_playbooks()


@pytest.mark.slow
def test_an_installed_wheel_finds_its_playbooks(tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path, ROOT],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "No module named 'hatchling'" in built.stderr or "Cannot import 'hatchling" in built.stderr:
        absent("hatchling is not installed")
    assert built.returncode == 0, built.stderr
    site = tmp_path / "site"
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    code = (
        "import json, sync_worker\n"
        "from sync_worker.playbook.load import find_playbooks\n"
        "from sync_worker.store.database import open_store\n"
        "open_store('sqlite:///x.db').close()\n"
        "print(json.dumps([sync_worker.__file__, *map(str, find_playbooks().values())]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(site)}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert str(site / "sync_worker" / "__init__.py") in ran.stdout
    assert str(site / "sync_worker" / "_playbooks" / "first-steps") in ran.stdout


def settings(**cohort: Any) -> Settings:
    base = {"key": "spring", "name": "Spring", "start": "2027-03-01", "end": "2027-04-01", "timezone": "UTC"}
    return Settings.model_validate({"forum": {"url": "https://f.example.org"}, "cohorts": [{**base, **cohort}]})


def test_the_playbooks_of_the_cohorts_are_read_once_each() -> None:
    assert list(playbooks_of(settings(playbook="first-steps"), REGISTRY)) == ["first-steps"]
    assert playbooks_of(settings(), REGISTRY) == {}


def test_a_cohort_with_an_unknown_playbook_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="Did you mean 'first-steps'"):
        playbooks_of(settings(playbook="first-step"), REGISTRY)


def test_a_cohort_whose_language_the_playbook_lacks_is_refused(
    write_playbook: Any, playbook_text: str, plays: Any
) -> None:
    folder = write_playbook(playbook_text.replace(", fr: Premiers pas", ""))
    french = settings(playbook="first-steps", locale="fr").model_copy(update={"playbooks": (folder,)})
    with pytest.raises(ConfigError, match="speaks 'fr', playbook 'first-steps' only en"):
        playbooks_of(french, plays)
