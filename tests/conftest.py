"""Fixtures that every test may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The folder with recordings and a real forum's topics; tests that need it are skipped where it is absent."""
    folder = Path(os.environ.get("LCM_SHARED", Path(__file__).resolve().parents[2] / "shared"))
    if not (folder / "recordings").is_dir():
        pytest.skip(f"no recordings at {folder} (set LCM_SHARED)")
    return folder
