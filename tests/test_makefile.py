"""The targets of the Makefile set themselves up, also on a machine where that failed at first."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def steps(folder: Path, target: str) -> list[str]:
    """Return what make would do for the target in a folder that has our Makefile."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    told = subprocess.run(
        ["make", "-n", target, "PYTHON=python3"],
        cwd=folder,
        env={"PATH": os.environ["PATH"]},  # without the flags of the `make test` that runs this
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.splitlines()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
@pytest.mark.parametrize("target", ["demo", "test"])
def test_an_environment_that_python_left_half_made_is_made_again(tmp_path: Path, target: str) -> None:
    """Debian's Python without python3-venv makes the folder and its `python`, and only then says what it lacks."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    assert "python3 -m venv .venv" in steps(tmp_path, target)

    (tmp_path / ".venv" / "bin" / "pip").touch()
    assert "python3 -m venv .venv" not in steps(tmp_path, target)
