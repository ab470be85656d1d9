"""Every setting that `lcm.yaml` takes is named in a guide."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, get_args

import pytest

from sync_worker.config.base import Strict
from sync_worker.config.settings import Settings
from sync_worker.config.sources import SOURCES

ROOT = Path(__file__).parents[2]
GUIDES = "\n".join(path.read_text("utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])


def models_in(annotation: Any) -> set[type[Strict]]:
    """Return the parts of a file that a type speaks of, and the parts of these."""
    if isinstance(annotation, type) and issubclass(annotation, Strict):
        inner = [field.annotation for field in annotation.model_fields.values()]
        return {annotation}.union(*map(models_in, inner))
    return set().union(*map(models_in, get_args(annotation)))


MODELS = models_in(Settings).union(*map(models_in, SOURCES))
KEYS = sorted({(model.__name__, field.alias or name) for model in MODELS for name, field in model.model_fields.items()})


@pytest.mark.parametrize(("model", "key"), KEYS, ids=[f"{model}.{key}" for model, key in KEYS])
def test_a_guide_shows_the_setting_as_it_is_written(model: str, key: str) -> None:
    shown = rf"(^|[\s{{(,`.]){re.escape(key)}:|`([a-z_]+\.)*{re.escape(key)}`|, {re.escape(key)}`"
    assert re.search(shown, GUIDES, re.MULTILINE), f"no guide shows '{key}: ...' of {model}"


def test_all_parts_of_the_settings_are_looked_at() -> None:
    names = {model.__name__ for model in MODELS}
    assert {"Settings", "ForumSettings", "CohortSettings", "LimitSettings", "NrpsContext", "CsvRosterSettings"} <= names
