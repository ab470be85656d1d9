"""Every setting that `lcm.yaml` takes is named in a guide."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from sync_worker.config.cohorts_from import CohortsFromSettings
from sync_worker.config.http_rosters import NrpsContext
from sync_worker.config.settings import (
    CohortSettings,
    ForumSettings,
    InvitationSettings,
    LimitSettings,
    LookupSettings,
    Settings,
)
from sync_worker.config.sources import SOURCES

ROOT = Path(__file__).parents[2]
GUIDES = "\n".join(path.read_text("utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
MODELS: tuple[type[BaseModel], ...] = (
    Settings, ForumSettings, CohortSettings, CohortsFromSettings, LimitSettings, LookupSettings, InvitationSettings,
    NrpsContext, *SOURCES,
)  # fmt: skip
KEYS = sorted({(model.__name__, field.alias or name) for model in MODELS for name, field in model.model_fields.items()})


@pytest.mark.parametrize(("model", "key"), KEYS, ids=[f"{model}.{key}" for model, key in KEYS])
def test_a_guide_shows_the_setting_as_it_is_written(model: str, key: str) -> None:
    shown = rf"(^|[\s{{(,`.]){re.escape(key)}:|`([a-z_]+\.)*{re.escape(key)}`|, {re.escape(key)}`"
    assert re.search(shown, GUIDES, re.MULTILINE), f"no guide shows '{key}: ...' of {model}"
